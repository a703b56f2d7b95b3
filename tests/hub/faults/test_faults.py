"""Answers that are lost, cut, slow or wrong, and fields that are refused: before their effect or after it."""

from __future__ import annotations

import json
import socket
import time
from email.utils import parsedate_to_datetime

import pytest
import requests

from tests.hub import Clock, Hub, http_date

LABELS = "/repos/acme/api/labels"
OPEN = """mutation($pull: CreatePullRequestInput!) {
  label: createLabel(input: {repositoryId: "%s", name: "first", color: "ededed"}) {label {name}}
  pull: createPullRequest(input: $pull) {pullRequest {id number}}
  last: createLabel(input: {repositoryId: "%s", name: "last", color: "ededed"}) {label {name}}
}"""


def writes(request):
    return request.writes


def opens(request, path, kind, field, arguments):
    return (kind, field) == ("Mutation", "createPullRequest")


@pytest.fixture
def topic(hub, client, api):
    """The document that opens a pull request between two labels, and its variables."""
    api.commit({"new": b"new"}, branch="topic")
    identity = client.data('{repository(owner: "acme", name: "api") {id}}')["repository"]["id"]
    pull = {"repositoryId": identity, "headRefName": "topic", "baseRefName": "main", "title": "Topic"}
    return OPEN % (identity, identity), {"pull": pull}


@pytest.mark.parametrize("after", [False, True])
def test_a_cut_answer_says_how_long_it_would_have_been(hub, client, api, after):
    hub.fail(writes, cut=True, after_effect=after)
    with pytest.raises((requests.exceptions.ChunkedEncodingError, requests.exceptions.ConnectionError)):
        client.rest("POST", LABELS, {"name": "cut"})
    assert bool(api.label("cut")) == after
    assert client.rest("POST", LABELS, {"name": "next"})[0] == 201


def test_a_cut_answer_is_half_of_it_and_then_a_reset(hub, api):
    hub.fail(lambda request: True, cut=True, after_effect=True)
    host, port = hub.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(b"GET /repos/acme/api HTTP/1.1\r\nHost: hub\r\nAuthorization: Bearer secret\r\n\r\n")
        got, reset = b"", False
        while not reset:
            try:
                piece = connection.recv(65536)
            except ConnectionResetError:
                reset = True
            else:
                assert piece, "closed in good order"
                got += piece
    head, _, body = got.partition(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])
    assert head.startswith(b"HTTP/1.1 200")
    assert len(body) == length // 2 > 100


@pytest.mark.parametrize("after", [False, True])
@pytest.mark.parametrize("how", [True, "html"])
def test_a_malformed_answer_looks_like_a_success(hub, client, api, after, how):
    hub.fail(writes, malformed=how, after_effect=after)
    answer = client.session.post(hub.url + LABELS, json={"name": "odd"})
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/html" if how == "html" else "application/json")
    with pytest.raises(ValueError, match=r"."):
        answer.json()
    assert bool(api.label("odd")) == after


def test_an_answer_without_a_body_can_be_spoilt_too(hub, client, api):
    api.commit({"new": b"new"}, branch="topic")
    hub.fail(writes, malformed=True, after_effect=True)
    answer = client.session.delete(f"{hub.url}/repos/acme/api/git/refs/heads/topic")
    assert (answer.status_code, api.head("topic")) == (200, None)
    assert answer.text.startswith("{")


def test_a_slow_answer_is_the_true_one_unless_a_status_is_given(hub, client, api):
    hub.fail(writes, delay=0.3)
    start = time.perf_counter()
    assert client.rest("POST", LABELS, {"name": "slow"})[0] == 201
    assert time.perf_counter() - start >= 0.3
    hub.fail(writes, delay=0.01, status=504)
    assert client.rest("POST", LABELS, {"name": "never"})[0] == 504
    assert not api.label("never")


@pytest.mark.parametrize("after", [False, True])
def test_who_gives_up_on_a_slow_answer_has_its_effect_all_the_same(hub, client, api, after):
    hub.fail(writes, delay=0.4, after_effect=after)
    with pytest.raises(requests.exceptions.ReadTimeout):
        client.session.post(hub.url + LABELS, json={"name": "late"}, timeout=0.1)
    assert bool(api.label("late")) == after
    time.sleep(0.5)
    assert api.label("late")


def test_on_a_simulated_clock_a_slow_answer_takes_no_time(tmp_path):
    clock = Clock()
    with Hub(tmp_path / "slow", clock=clock) as hub, requests.Session() as session:
        hub.token("secret")
        hub.fail(lambda request: True, delay=3600)
        start = clock()
        assert session.get(f"{hub.url}/rate_limit", headers={"Authorization": "Bearer secret"}).status_code == 200
        assert clock() - start == clock.slept == 3600


def test_an_answer_lost_before_or_after_its_effect(hub, client, api):
    hub.fail(writes, status=0)
    hub.fail(writes, status=0, after_effect=True)
    for name in ("before", "after"):
        with pytest.raises(requests.exceptions.ConnectionError):
            client.rest("POST", LABELS, {"name": name})
    assert (bool(api.label("before")), bool(api.label("after"))) == (False, True)


@pytest.mark.parametrize("status", [403, 429])
def test_a_secondary_limit_in_githubs_words(hub, client, api, status):
    hub.fail(writes, status=status, retry_after=7)
    answer = client.session.post(hub.url + LABELS, json={"name": "l"})
    assert (answer.status_code, answer.headers["retry-after"]) == (status, "7")
    assert answer.json()["message"].startswith("You have exceeded a secondary rate limit. Please wait a few minutes")
    assert answer.headers["x-ratelimit-remaining"] != "0"
    assert not api.label("l")


def test_a_secondary_limit_may_give_a_date_or_nothing(hub, client):
    hub.fail(lambda request: True, retry_after=http_date(1_750_000_060))
    hub.fail(lambda request: True, retry_after=None)
    dated, silent = (client.session.get(f"{hub.url}/repos/acme/api") for _ in range(2))
    assert parsedate_to_datetime(dated.headers["retry-after"]).timestamp() == 1_750_000_060
    assert (silent.status_code, "retry-after" in silent.headers) == (403, False)


def test_graphql_reports_a_limit_with_status_200(hub, client):
    hub.fail(lambda request: True, status=200, retry_after=60)
    answer = client.session.post(f"{hub.url}/graphql", json={"query": "{viewer {login}}"})
    assert (answer.status_code, answer.headers["retry-after"]) == (200, "60")
    assert answer.json()["errors"][0]["type"] == "RATE_LIMITED"


@pytest.mark.parametrize("after", [False, True])
def test_one_mutation_fails_and_the_others_run(hub, client, api, topic, after):
    words = "was submitted too quickly"
    hub.fail_field(opens, words, after_effect=after)
    answer = client.ask(topic[0], **topic[1])
    assert answer["data"]["pull"] is None
    assert (answer["data"]["label"], answer["data"]["last"]) == (
        {"label": {"name": "first"}},
        {"label": {"name": "last"}},
    )
    (error,) = answer["errors"]
    assert (error["type"], error["path"], error["message"]) == ("UNPROCESSABLE", ["pull"], words)
    assert error["locations"][0]["line"] == 3
    assert len(api.pulls) == after


def test_a_branch_made_a_moment_ago_is_not_known_yet(hub, client, api):
    words = "Head sha can't be blank, Base sha can't be blank, No commits between main and x, Head ref must be a branch"
    identity = client.data('{repository(owner: "acme", name: "api") {id}}')["repository"]["id"]
    document = """mutation($ref: CreateRefInput!, $pull: CreatePullRequestInput!) {
      ref: createRef(input: $ref) {ref {name}}
      pull: createPullRequest(input: $pull) {pullRequest {number}}}"""
    hub.fail_field(opens, words)
    oid = api.commit({"new": b"new"}, branch="other")
    ref = {"repositoryId": identity, "name": "refs/heads/x", "oid": oid}
    pull = {"repositoryId": identity, "headRefName": "x", "baseRefName": "main", "title": "X"}
    answer = client.ask(document, ref=ref, pull=pull)
    assert (api.head("x"), answer["data"]["pull"], answer["errors"][0]["message"]) == (oid, None, words)
    again = client.data(
        "mutation($pull: CreatePullRequestInput!) {createPullRequest(input: $pull) {pullRequest {number}}}", pull=pull
    )
    assert again["createPullRequest"]["pullRequest"]["number"] == 1


def test_a_pull_request_made_a_moment_ago_is_not_known_yet(hub, client, api, topic):
    pull = client.data(topic[0], **topic[1])["pull"]["pullRequest"]
    words = "Could not resolve to a node with the global id of '%s'"
    hub.fail_field(
        lambda *asked: asked[3] == "updatePullRequest",
        lambda arguments: words % arguments["input"]["pullRequestId"],
        type="NOT_FOUND",
        times=2,
    )
    document = 'mutation($i: ID!) {updatePullRequest(input: {pullRequestId: $i, title: "New"}) {clientMutationId}}'
    for _ in range(2):
        assert client.refused(document, i=pull["id"]) == ("NOT_FOUND", words % pull["id"])
    client.data(document, i=pull["id"])
    assert api.pulls[0].title == "New"


def test_rest_does_not_know_the_new_pull_request_either(hub, client, api):
    api.commit({"new": b"new"}, branch="topic")
    api.open_pull("topic")
    body = {"message": "Validation Failed", "errors": ["Could not resolve to a node with the global id of 'PR_x'."]}
    hub.fail(lambda request: request.path.endswith("/labels"), status=422, body=body)
    path = "/repos/acme/api/issues/1/labels"
    assert client.rest("POST", path, {"labels": ["sync"]}) == (422, body)
    assert client.rest("POST", path, {"labels": ["sync"]})[0] == 200


def test_a_field_deep_in_a_query_is_null_and_the_rest_is_there(hub, client, api):
    hub.fail_field(lambda request, path, *_: path == ["a", "ref", "target"], "Something went wrong", type=None)
    part = 'repository(owner: "acme", name: "api") {id ref(qualifiedName: "refs/heads/main") {name target {oid}}}'
    answer = client.ask(f"{{a: {part} b: {part}}}")
    assert answer["data"]["a"]["ref"] == {"name": "main", "target": None}
    assert answer["data"]["b"]["ref"]["target"] == {"oid": api.head()}
    (error,) = answer["errors"]
    assert (error["path"], "type" in error) == (["a", "ref", "target"], False)


def test_a_body_given_to_a_spoilt_answer_is_what_gets_spoilt(hub, client, api):
    hub.fail(writes, malformed=True, body={"data": "x" * 100})
    text = client.session.post(hub.url + LABELS, json={"name": "l"}).text
    assert json.dumps({"data": "x" * 100}).startswith(text)
    assert len(text) > 50
