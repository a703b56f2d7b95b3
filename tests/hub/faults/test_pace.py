"""Limits on a simulated clock, whatever GitHub documents switched on at once."""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from tests.hub import Clock, Hub
from tests.hub.conftest import FILES, Client


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def hub(tmp_path, clock):
    with Hub(tmp_path / "hub", clock=clock) as running:
        running.token("secret")
        running.repository("acme/api", files=FILES)
        yield running


def read(client):
    return client.session.get(f"{client.hub.url}/repos/acme/api")


def write(client, name=""):
    return client.session.post(
        f"{client.hub.url}/repos/acme/api/labels", json={"name": name or str(client.hub.next_id())}
    )


def until_refused(client, ask, pause=0.0):
    """How many went through before one was refused, and the refusal."""
    for count in range(10_000):
        answer = ask(client)
        if answer.status_code == 403:
            return count, answer
        client.hub.clock.advance(pause)
    raise AssertionError


def query(client, document="{viewer {login}}"):
    return client.session.post(f"{client.hub.url}/graphql", json={"query": document})


def test_a_clock_moves_only_when_somebody_sleeps():
    clock = Clock(100.0)
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda _: clock.sleep(0.5), range(200)))
    assert (clock(), clock.slept) == (200.0, 100.0)
    assert clock.advance(5) == clock() == 205.0


def test_everything_is_off_until_it_is_asked_for(hub, client):
    assert [write(client).status_code for _ in range(100)] == [201] * 100
    assert not hub.rejected


def test_eighty_writes_a_minute(hub, client, clock):
    hub.limits.documented()
    count, refusal = until_refused(client, write)
    assert (count, refusal.headers["retry-after"]) == (80, "60")
    assert "temporarily blocked from content creation" in refusal.json()["message"]
    assert read(client).status_code == 200
    clock.sleep(59)
    assert write(client).status_code == 403
    clock.sleep(1)
    assert write(client).status_code == 201
    assert [(each.limit, each.wait, each.request.kind) for each in hub.rejected] == [
        ("content_minute", 60, "rest write"),
        ("content_minute", 1, "rest write"),
    ]


def test_five_hundred_writes_an_hour_by_either_api(hub, client, clock):
    hub.limits.documented()
    identity = query(client, '{repository(owner: "acme", name: "api") {id}}').json()["data"]["repository"]["id"]
    label = 'mutation {createLabel(input: {repositoryId: "%s", name: "%d", color: "ededed"}) {clientMutationId}}'
    turns = itertools.cycle([lambda each: query(each, label % (identity, hub.next_id())), write])
    count, refusal = until_refused(client, lambda each: next(turns)(each), pause=1.0)  # noqa: PLW0108  another write at each turn
    assert count == 500
    assert refusal.headers["retry-after"] == str(3600 - 500)
    assert [each.limit for each in hub.rejected] == ["content_hour"]


def test_nine_hundred_points_a_minute_by_rest(hub, client, clock):
    hub.limits.documented()
    for _ in range(80):
        assert write(client).status_code == 201
    count, refusal = until_refused(client, read)
    assert count == 900 - 5 * 80
    assert "secondary rate limit. Please wait a few minutes" in refusal.json()["message"]
    assert query(client).status_code == 200
    clock.sleep(int(refusal.headers["retry-after"]))
    assert read(client).status_code == 200


def test_two_thousand_points_a_minute_by_graphql(hub, client, clock):
    hub.limits.documented()
    count, _ = until_refused(client, query)
    assert count == 2000
    assert hub.rejected[-1].limit == "graphql_points"
    assert read(client).status_code == 200


def test_a_hundred_requests_at_the_same_time(hub, client, tmp_path):
    hub.limits.documented()
    hub.limits.concurrent = 3
    together = Barrier(5)
    hub.before(lambda request: True, lambda hub, request: together.wait(10), times=5)
    clients = [Client(hub, "secret") for _ in range(5)]
    with ThreadPoolExecutor(5) as pool:
        statuses = list(pool.map(lambda each: read(each).status_code, clients))
    for each in clients:
        each.session.close()
    assert 403 in statuses
    assert {each.limit for each in hub.rejected} == {"concurrent"}
    assert read(client).status_code == 200


def test_the_primary_limit_is_a_window_that_begins_with_the_first_request(hub, client, clock):
    hub.limits.core = hub.limits.graphql = 3
    begun = int(clock())
    for pause in (0, 1000, 1000):
        clock.sleep(pause)
        assert int(read(client).headers["x-ratelimit-reset"]) == begun + 3600
    refusal = read(client)
    assert (refusal.status_code, refusal.headers["x-ratelimit-remaining"]) == (403, "0")
    assert refusal.json()["message"].startswith("API rate limit exceeded for user ID")
    assert query(client).status_code == 200
    clock.sleep(1600)
    later = read(client)
    assert (later.status_code, later.headers["x-ratelimit-reset"]) == (200, str(int(clock()) + 3600))
    assert [(each.limit, each.wait) for each in hub.rejected] == [("core", 1600)]


def test_looking_at_the_rate_limit_does_not_begin_the_hour(hub, client, clock):
    look = f"{hub.url}/rate_limit"
    assert client.session.get(look).json()["resources"]["core"]["reset"] == int(clock()) + 3600
    clock.sleep(1800)
    assert client.session.get(look).json()["resources"]["core"]["reset"] == int(clock()) + 3600
    begun = int(clock())
    read(client)
    clock.sleep(60)
    assert client.session.get(look).json()["resources"]["core"]["reset"] == begun + 3600


def test_points_run_out_in_graphql_too(hub, client, clock):
    hub.limits.graphql = 2
    answers = [query(client).json() for _ in range(3)]
    assert [each.get("errors", [{}])[0].get("type") for each in answers] == [None, None, "RATE_LIMITED"]
    assert [(each.limit, each.wait) for each in hub.rejected] == [("graphql", 3600)]
    clock.sleep(3600)
    assert "errors" not in query(client).json()


def test_a_limit_made_stricter_in_mid_run_counts_what_came_before(hub, client, clock):
    for _ in range(30):
        write(client)
    hub.limits.content_minute = 20
    assert write(client).status_code == 403
    clock.sleep(60)
    assert until_refused(client, write)[0] == 20


def test_an_undisclosed_limit_on_bursts(hub, client, clock):
    hub.limits.burst = 5
    assert until_refused(client, write)[0] == 5
    assert read(client).status_code == 200
    clock.sleep(10)
    assert until_refused(client, write, pause=1.9)[0] == 5
    clock.sleep(10)
    for _ in range(20):
        clock.advance(2.1)
        assert write(client).status_code == 201


def test_a_refusal_may_leave_out_how_long_to_wait(hub, client):
    hub.limits.content_minute, hub.limits.tells_wait = 1, False
    assert "retry-after" not in until_refused(client, write)[1].headers


def test_a_refused_request_has_no_effect_and_uses_nothing_up(hub, client, clock):
    hub.limits.content_minute, hub.limits.rest_points = 1, 1000
    write(client, "kept")
    for _ in range(300):
        assert write(client, "refused").status_code == 403
    assert read(client).status_code == 200
    assert hub.find("acme/api").label("refused") is None


def test_every_token_has_limits_of_its_own(hub, client, as_token):
    hub.limits.content_minute = 1
    assert [write(each).status_code for each in (client, as_token(login="other"), client)] == [201, 201, 403]


def test_a_client_that_keeps_the_pace_is_never_refused(hub, client, clock):
    hub.limits.documented()
    for _ in range(200):
        assert write(client).status_code == 201
        clock.sleep(7.3)
    assert not hub.rejected
