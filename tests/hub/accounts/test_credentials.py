"""Sound tokens that are refused for a while: those made a moment ago, and any of them during an incident."""

from __future__ import annotations

from collections import Counter

import pytest
import requests

from tests.hub import Hub
from tests.hub.conftest import Client

API = "/repos/acme/api"
ASK = '{ repository(owner: "acme", name: "api") { name } open: repository(owner: "acme", name: "open") { name } }'
LIST = '{ repositoryOwner(login: "acme") { repositories(first: 9) { nodes { name } } } }'
SCOPED = "we found your scoped token, but its permissions aren't replicated yet"


@pytest.fixture
def now():
    return [1_750_000_000.0]


@pytest.fixture
def hub(tmp_path, now):
    with Hub(tmp_path / "hub", clock=lambda: now[0]) as running:
        running.repository("acme/api", files={"a": b"a"})
        running.repository("acme/open", files={"a": b"a"}, private=False)
        running.token_lag = 5.0
        yield running


@pytest.fixture
def fresh(hub, app, lend):
    """A client with an installation token that was made just now."""
    return lend(hub.install(app, "acme"))[0]


def post(client):
    return client.session.post(f"{client.hub.url}/graphql", json={"query": ASK})


@pytest.mark.parametrize(
    ("how", "status", "words"),
    [
        ("401", 401, "Bad credentials"),
        ("403", 403, SCOPED),
        ("not accessible", 403, "Resource not accessible by integration"),
    ],
)
def test_a_token_made_a_moment_ago_is_refused_for_some_seconds(hub, fresh, now, how, status, words):
    hub.unknowns.fresh_token = how
    answer = post(fresh)
    assert (answer.status_code, answer.json()["message"]) == (status, words)
    assert (fresh.rest("GET", API)[0], fresh.rest("GET", "/installation/repositories")[0]) == (status, status)
    now[0] += 4.9
    assert fresh.rest("GET", API)[0] == status
    now[0] += 0.1
    assert fresh.rest("GET", API)[0] == post(fresh).status_code == 200


def test_or_private_repositories_look_absent_to_it(hub, fresh, now):
    hub.unknowns.fresh_token = "not found"
    answer = fresh.ask(ASK)
    assert answer["data"] == {"repository": None, "open": {"name": "open"}}
    assert [(error["type"], error["path"]) for error in answer["errors"]] == [("NOT_FOUND", ["repository"])]
    assert (fresh.rest("GET", API)[0], fresh.rest("GET", "/repos/acme/open")[0]) == (404, 200)
    now[0] += 5
    assert fresh.rest("GET", API)[0] == 200


def test_or_its_listings_are_short(hub, fresh, now):
    hub.unknowns.fresh_token = "short"

    def listed():
        by_rest = fresh.rest("GET", "/installation/repositories")[1]["repositories"]
        by_graphql = fresh.data(LIST)["repositoryOwner"]["repositories"]["nodes"]
        return [each["name"] for each in by_rest], [each["name"] for each in by_graphql]

    assert listed() == (["open"], ["open"])
    assert fresh.rest("GET", API)[0] == 200
    now[0] += 5
    assert listed() == (["api", "open"], ["api", "open"])


def test_any_token_can_be_refused_until_a_moment_and_in_a_way_of_its_own(hub, now):
    token = hub.token("secret")
    token.refused_until, token.refused_how = now[0] + 1, "not found"
    client = Client(hub, "secret")
    assert client.rest("GET", API)[0] == 404
    token.refused_how = None
    assert client.rest("GET", API)[0] == 401
    now[0] += 1
    assert client.rest("GET", API)[0] == 200
    client.session.close()


@pytest.mark.parametrize(("answer", "limit"), [("60", "60"), ("the token's", "5000")])
def test_the_limit_beside_a_passing_401_is_a_setting(hub, fresh, answer, limit):
    hub.unknowns.transient_401_limit = answer
    assert post(fresh).headers["x-ratelimit-limit"] == limit


def refusals(hub, seed) -> list[int]:
    """Which of the requests an incident refuses."""
    incident = hub.bad_credentials(0.2, seed)
    with requests.Session() as session:
        session.headers["Authorization"] = "Bearer secret"
        found = [session.get(hub.url + API).status_code for _ in range(100)]
    assert incident.refused == found.count(401)
    return found


def test_during_an_incident_a_share_of_requests_is_refused_whatever_their_token(hub):
    hub.token("secret")
    first = refusals(hub, "seed")
    assert 8 <= Counter(first)[401] <= 35
    assert refusals(hub, "seed") == first != refusals(hub, "other")
    hub.calm()
    client = Client(hub, "secret")
    assert {client.rest("GET", API)[0] for _ in range(20)} == {200}
    client.session.close()
