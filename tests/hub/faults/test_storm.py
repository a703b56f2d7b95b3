"""A storm is the same for the same seed, hits everything it knows, and lets a stubborn client through."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from email.utils import parsedate_to_datetime

import pytest
import requests

from tests.hub import Clock, Hub
from tests.hub.conftest import FILES, Client
from tests.hub.faults.storm import ALL, QUICK

LOST = (requests.exceptions.ConnectionError, requests.exceptions.ChunkedEncodingError)
IDENTITY = '{repository(owner: "acme", name: "api") {id}}'
OPEN = "mutation Open($pull: CreatePullRequestInput!) {pull: createPullRequest(input: $pull) {pullRequest {id}}}"
TITLE = "mutation($pull: UpdatePullRequestInput!) {pull: updatePullRequest(input: $pull) {clientMutationId}}"


@pytest.fixture
def hub(tmp_path):
    with Hub(tmp_path / "hub", clock=Clock()) as running:
        running.token("secret")
        yield running


@pytest.fixture
def topic(api):
    """A branch of ours without a pull request."""
    api.commit({"new": b"new"}, branch="broadcast/topic")
    return "broadcast/topic"


def outcome(client, method, path, body=None):
    """What a client can see of an answer."""
    try:
        answer = client.session.request(method, client.hub.url + path, json=body, allow_redirects=False)
        return answer.status_code, answer.headers.get("retry-after"), answer.headers["Content-Type"], answer.text[:60]
    except LOST:
        return 0, None, "", ""


def voyage(hub, name):
    """The outcomes of one repository's calls."""
    client = Client(hub, "secret")
    seen = []
    for n in range(12):
        query = f'query Look {{rateLimit {{cost}} repository(owner: "acme", name: "{name}") {{ref(qualifiedName: "x") {{id}} }} }}'
        seen.append(outcome(client, "GET", f"/repos/acme/{name}/labels"))
        seen.append(outcome(client, "POST", f"/repos/acme/{name}/labels", {"name": f"l{n}"})[:3])
        seen.append(outcome(client, "POST", "/graphql", {"query": query}))
    client.session.close()
    return seen


def fleet(directory, seed, threads):
    """Everything that five repositories meet, and the storm."""
    names = [f"r{n}" for n in range(5)]
    with Hub(directory, clock=Clock()) as hub, ThreadPoolExecutor(threads) as pool:
        hub.token("secret")
        for name in names:
            hub.repository(f"acme/{name}", files=FILES, labels=["sync"])
        storm = hub.storm(seed, rate=0.4)
        return list(pool.map(lambda name: voyage(hub, name), names)), storm.counts


def test_a_storm_is_the_same_for_the_same_seed_however_many_threads_sail_in_it(tmp_path):
    serial, counts = fleet(tmp_path / "serial", 7, 1)
    together, same_counts = fleet(tmp_path / "together", 7, 5)
    assert serial == together
    assert counts == same_counts
    assert len(counts) >= 8
    assert fleet(tmp_path / "other", 8, 5)[0] != serial


def test_after_three_faults_on_end_the_same_request_has_peace(hub, client, api):
    hub.storm(1, rate=1.0, kinds=["error"])
    path = "/repos/acme/api"
    assert [outcome(client, "GET", path)[0] >= 500 for _ in range(8)] == [True, True, True, False] * 2
    assert outcome(client, "POST", "/repos/acme/api/labels", {"name": "l"})[0] >= 500


def test_calm_ends_it(hub, client, api):
    storm = hub.storm(1, rate=1.0)
    outcome(client, "GET", "/repos/acme/api")
    hub.calm()
    assert [outcome(client, "GET", "/repos/acme/api")[0] for _ in range(5)] == [200] * 5
    assert storm.counts.total() == 1


def test_only_kinds_that_exist_can_be_asked_for(hub):
    with pytest.raises(ValueError, match="no such kinds of fault: hail"):
        hub.storm(1, kinds=["hail", "lost"])


def test_a_wrong_token_meets_no_storm(hub, api):
    hub.storm(1, rate=1.0)
    answer = requests.get(f"{hub.url}/user", headers={"Authorization": "Bearer wrong"})
    assert answer.status_code == 401


@pytest.mark.parametrize("kind", ["error", "lost", "cut", "malformed"])
@pytest.mark.parametrize("after", ["", "_after"])
def test_answers_go_wrong_before_and_after_their_effect(hub, client, api, kind, after):
    storm = hub.storm(1, rate=1.0, kinds=[kind + after])
    status, _, content_type, text = outcome(client, "POST", "/repos/acme/api/labels", {"name": "l"})
    good = status in {200, 201} and content_type.startswith("application/json") and text.endswith("}")
    assert not good
    assert bool(api.label("l")) == bool(after)
    assert storm.counts == {kind + after: 1}


def test_limits_come_with_seconds_a_date_or_nothing(hub, client, api):
    hub.storm(3, rate=1.0, kinds=["limited"])
    seen = [outcome(client, "GET", f"/repos/acme/api/labels?page={n}") for n in range(40)]
    assert {status for status, *_ in seen} == {403, 429}
    told = {wait for _, wait, *_ in seen}
    assert {None, "1", "30", "60"} <= told
    assert any(wait and wait.endswith("GMT") for wait in told)


def test_on_a_real_clock_no_one_waits_long(tmp_path):
    with Hub(tmp_path / "real") as hub:
        hub.token("secret")
        api = hub.repository("acme/api", files=FILES)
        api.commit({"new": b"new"}, branch="topic")
        client = Client(hub, "secret")
        identity = client.data(IDENTITY)["repository"]["id"]
        storm = hub.storm(3, rate=1.0)
        pull = {"repositoryId": identity, "headRefName": "topic", "baseRefName": "main", "title": "T"}
        for n in range(60):
            body = {"query": OPEN.replace("Open", f"Open{n}"), "variables": {"pull": pull}}
            _, wait, _, text = outcome(client, "POST", "/graphql", body)
            assert wait is not None or "limit" not in text
            later = 0 if not wait else int(wait) if wait.isdigit() else _until(wait, hub)
            assert later <= 2
        client.session.close()
        assert "too_quickly" not in storm.counts
        assert set(storm.counts) <= set(QUICK)


def _until(date, hub):
    return parsedate_to_datetime(date).timestamp() - hub.clock()


@pytest.mark.parametrize(
    ("kind", "type_", "words"),
    [
        ("limited_graphql", "RATE_LIMITED", "API rate limit exceeded"),
        ("too_quickly", "UNPROCESSABLE", "was submitted too quickly"),
        ("field", None, "Something went wrong while executing your query."),
        ("field_after", None, "Something went wrong while executing your query."),
        (
            "blank_head",
            "UNPROCESSABLE",
            "Head sha can't be blank, Base sha can't be blank, No commits between main and",
        ),
    ],
)
def test_a_mutation_is_refused(hub, client, api, topic, kind, type_, words):
    identity = client.data(IDENTITY)["repository"]["id"]
    storm = hub.storm(1, rate=1.0, kinds=[kind])
    answer = client.ask(
        OPEN, pull={"repositoryId": identity, "headRefName": topic, "baseRefName": "main", "title": "T"}
    )
    (error,) = answer["errors"]
    assert error.get("type") == type_
    assert error["message"].startswith(words)
    assert (answer.get("data") or {"pull": None})["pull"] is None
    assert len(api.pulls) == (kind == "field_after")
    assert storm.counts == {kind: 1}


def test_only_a_new_pull_request_is_unknown(hub, client, api, topic):
    pull = api.open_pull(topic)
    identity = client.data('{repository(owner: "acme", name: "api") {pullRequest(number: 1) {id}}}')
    identity = identity["repository"]["pullRequest"]["id"]
    storm = hub.storm(1, rate=1.0, kinds=["unresolved_node"])
    words = f"Could not resolve to a node with the global id of '{identity}'."
    assert client.refused(TITLE, pull={"pullRequestId": identity, "title": "New"}) == ("NOT_FOUND", words)
    status, body = client.rest("POST", "/repos/acme/api/issues/1/labels", {"labels": ["sync"]})
    assert (status, body["message"], body["errors"]) == (422, "Validation Failed", [words])
    assert client.rest("POST", "/repos/acme/api/pulls/1/requested_reviewers", {"reviewers": ["alice"]})[0] == 422
    hub.clock.advance(60)
    client.data(TITLE, pull={"pullRequestId": identity, "title": "New"})
    assert (pull.title, storm.counts["unresolved_node"]) == ("New", 3)


def test_rest_does_not_know_the_new_branch(hub, client, api, topic):
    hub.storm(1, rate=1.0, kinds=["blank_head"])
    body = {"title": "T", "head": topic, "base": "main"}
    status, answer = client.rest("POST", "/repos/acme/api/pulls", body)
    assert (status, answer["errors"]) == (422, [{"resource": "PullRequest", "code": "invalid", "field": "head"}])


def test_the_base_moves_before_a_write_and_outside_of_what_we_map(hub, client, api):
    before = api.head()
    storm = hub.storm(1, rate=1.0, kinds=["base_moved"])
    client.rest("GET", "/repos/acme/api")
    assert api.head() == before
    for name in ("one", "two"):
        assert client.rest("POST", "/repos/acme/api/labels", {"name": name})[0] == 201
    assert set(api.files()) - set(FILES) == {"storm/1.txt", "storm/2.txt"}
    assert storm.counts == {"base_moved": 2}


def test_the_base_that_moves_is_the_one_of_our_pull_request(hub, client, api, topic):
    api.commit({"dev": b"dev"}, branch="develop")
    api.open_pull(topic, "develop")
    hub.storm(1, rate=1.0, kinds=["base_moved"])
    client.rest("POST", "/repos/acme/api/labels", {"name": "l"})
    assert "storm/1.txt" in api.files("develop")
    assert "storm/1.txt" not in api.files("main")


def test_somebody_deletes_our_branch_and_no_one_elses(hub, client, api, topic):
    api.commit({"other": b"other"}, branch="theirs")
    pull = api.open_pull(topic)
    storm = hub.storm(1, rate=1.0, kinds=["branch_deleted"])
    for name in ("one", "two"):
        assert client.rest("POST", "/repos/acme/api/labels", {"name": name})[0] == 201
    assert set(api.branches()) == {"main", "theirs"}
    assert (pull.state, storm.counts) == ("CLOSED", {"branch_deleted": 1})


def test_mutations_of_any_input_are_counted_by_repository(hub, client, api):
    hub.repository("acme/web", files=FILES)
    storm = hub.storm(1, rate=1.0, kinds=["base_moved"])
    commit = "mutation($c: CreateCommitOnBranchInput!) {createCommitOnBranch(input: $c) {clientMutationId}}"
    for name in ("acme/api", "acme/web"):
        branch = {"repositoryNameWithOwner": name, "branchName": "main"}
        client.ask(commit, c={"branch": branch, "expectedHeadOid": api.head(), "message": {"headline": "h"}})
    assert storm.moves == {"acme/api": 1, "acme/web": 1}


def test_whatever_blows_a_stubborn_client_gets_through(hub, client, api, topic):
    """Four tries at each step, looking before doing again what may have been done."""
    identity = client.data(IDENTITY)["repository"]["id"]
    kinds = [kind for kind in ALL if kind != "branch_deleted"]
    for seed in range(30):
        branch = f"broadcast/{seed}"
        api.commit({"new": str(seed).encode()}, branch=branch)
        storm = hub.storm(seed, rate=0.7, kinds=kinds)
        pull = {"repositoryId": identity, "headRefName": branch, "baseRefName": "main", "title": branch}
        body = {"query": OPEN, "variables": {"pull": pull}}
        for _ in range(4):
            outcome(client, "POST", "/graphql", body)
        hub.calm()
        assert [each.head for each in api.pulls].count(branch) == 1, storm.counts
