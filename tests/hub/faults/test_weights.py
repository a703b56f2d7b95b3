"""Every repository of a document takes its time; a document that would take too long is cut."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from tests.hub import Clock, Hub
from tests.hub.conftest import Client


def document(count: int) -> str:
    return "{" + "".join(f'r{n}: repository(owner: "acme", name: "api") {{ name }}' for n in range(count)) + "}"


@pytest.fixture
def swift(tmp_path):
    """A hub on which waiting takes no time, and a client of it."""
    with Hub(tmp_path / "swift", clock=Clock()) as hub:
        hub.token("secret")
        hub.repository("acme/api", files={"a": b"a"})
        hub.weight = 0.125
        client = Client(hub, "secret")
        yield client
        client.session.close()


def test_each_repository_adds_to_the_time(swift):
    for count, seconds in ((1, 0.125), (40, 5.0), (80, 10.0)):
        before = swift.hub.clock.slept
        assert len(swift.data(document(count))) == count
        assert swift.hub.clock.slept - before == seconds
    before = swift.hub.clock.slept
    swift.data("{ viewer { login } }")
    swift.rest("GET", "/repos/acme/api")
    assert swift.hub.clock.slept == before


def test_a_document_of_more_than_ten_seconds_is_cut_when_they_are_over(swift):
    with pytest.raises((requests.exceptions.ChunkedEncodingError, requests.exceptions.ConnectionError)):
        swift.ask(document(81))
    assert swift.hub.clock.slept == 10
    swift.hub.limits.weight = 20
    assert len(swift.data(document(81))) == 81


def test_or_it_ends_as_a_bad_gateway(swift):
    swift.hub.unknowns.too_heavy = "502"
    answer = swift.session.post(f"{swift.hub.url}/graphql", json={"query": document(81)})
    assert (answer.status_code, answer.text[:9], swift.hub.clock.slept) == (502, "<!DOCTYPE", 10)


def test_documents_take_their_time_side_by_side(hub, api):
    hub.weight = 0.02
    with ThreadPoolExecutor(4) as pool:
        start = time.perf_counter()
        list(pool.map(lambda _: _asked(hub), range(4)))
        assert 0.4 <= time.perf_counter() - start < 1.2


def _asked(hub):
    client = Client(hub, "secret")
    assert len(client.data(document(20))) == 20
    client.session.close()
