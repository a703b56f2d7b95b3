"""What happens between two calls, and tokens that stop working."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
import requests

from tests.hub import Hub

REFS = "/repos/acme/api/git/refs"
UPDATE = """mutation($input: UpdateRefsInput!) {updateRefs(input: $input) {clientMutationId}}"""


def always(request):
    return True


def writes(request):
    return request.writes


def test_the_base_moves_just_before_a_write(hub, client, api):
    seen = api.head()
    hub.before(writes, lambda hub, request: hub.find("acme/api").commit({"moved": b"on"}))
    identity = client.data('{repository(owner: "acme", name: "api") {id}}')["repository"]["id"]
    update = {"name": "refs/heads/main", "beforeOid": seen, "afterOid": seen, "force": True}
    kind, words = client.refused(UPDATE, input={"repositoryId": identity, "refUpdates": [update]})
    assert (kind, words.partition(" while")[0]) == ("", "Something went wrong")
    assert "moved" in api.files()


def test_an_action_after_the_effect_sees_the_effect(hub, client, api):
    seen = []
    hub.after(lambda request: request.status == 201, lambda hub, request: seen.append((api.head("x"), request.path)))
    assert client.rest("GET", "/repos/acme/api")[0] == 200
    assert client.rest("POST", REFS, {"ref": "refs/heads/x", "sha": api.head()})[0] == 201
    assert seen == [(api.head(), REFS)]


def test_somebody_closes_opens_deletes_renames_and_archives_between_two_calls(hub, client, api):
    api.commit({"new": b"new"}, branch="topic")
    api.open_pull("topic")
    reads = [
        lambda hub, request: api.close_pull(1),
        lambda hub, request: api.reopen_pull(1),
        lambda hub, request: api.delete_branch("topic"),
        lambda hub, request: hub.rename("acme/api", "acme/moved"),
        lambda hub, request: setattr(api, "archived", True),
    ]
    for number, action in enumerate(reads, 2):
        hub.on_request(number, action)
    assert [client.rest("GET", "/repos/acme/api/pulls/1")[1]["state"] for _ in range(3)] == ["open", "closed", "open"]
    assert client.rest("GET", "/repos/acme/api/git/ref/heads/topic")[0] == 404
    assert client.rest("GET", "/repos/acme/api")[1]["full_name"] == "acme/moved"
    assert client.rest("POST", "/repos/acme/moved/labels", {"name": "l"})[0] == 403


def test_a_hook_runs_as_often_as_asked(hub, client, api):
    seen = []
    hub.before(lambda request: True, lambda hub, request: seen.append(request.number), times=2)
    for _ in range(4):
        client.rest("GET", "/repos/acme/api")
    assert seen == [1, 2]


@pytest.mark.parametrize("after", [False, True])
def test_the_nth_request_of_a_run_can_be_waited_for(hub, client, api, after):
    made = []
    hub.on_request(2, lambda hub, request: made.append(bool(api.label("two"))), after_effect=after)
    client.rest("GET", "/repos/acme/api")
    hub.requests.clear()  # as a new run does
    for name in ("one", "two", "three"):
        client.rest("POST", "/repos/acme/api/labels", {"name": name})
    assert made == [after]


def test_an_action_may_call_the_hub_itself(hub, client, as_token, api):
    other = as_token(login="other")
    answers = []
    hub.before(writes, lambda hub, request: answers.append(other.rest("POST", "/repos/acme/api/labels", {"name": "x"})))
    assert client.rest("POST", "/repos/acme/api/labels", {"name": "x"})[0] == 422
    assert answers[0][0] == 201


@pytest.mark.parametrize(
    "put", [lambda hub, stumble: hub.before(always, stumble), lambda hub, stumble: hub.fail(stumble)]
)
def test_an_action_or_matcher_that_fails_is_reported_in_the_end(tmp_path, put):
    def stumble(*_):
        raise RuntimeError("stumbled")

    hub = Hub(tmp_path / "hub")
    put(hub, stumble)
    hub.__enter__()
    assert requests.get(f"{hub.url}/user").status_code in {401, 500}
    with pytest.raises(AssertionError, match="stumbled"):
        hub.__exit__(None)


def test_requests_are_numbered_even_side_by_side(hub, client, as_token, api):
    clients = [as_token() for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda one: [one.rest("GET", "/repos/acme/api") for _ in range(10)], clients))
    assert [request.number for request in hub.requests] == list(range(1, 81))


def test_a_token_expires_in_the_middle(hub, client, api):
    assert client.rest("GET", "/repos/acme/api")[0] == 200
    hub.expire("secret")
    status, body = client.rest("GET", "/repos/acme/api")
    assert (status, body["message"]) == (401, "Bad credentials")
    assert client.session.post(f"{hub.url}/graphql", json={"query": "{viewer {login}}"}).status_code == 401


def test_a_token_is_good_for_so_many_requests(hub, client, api):
    hub.tokens["secret"].uses_left = 3
    path = "/repos/acme/api/labels"
    assert [client.rest("POST", path, {"name": f"l{n}"})[0] for n in range(5)] == [201, 201, 201, 401, 401]
    assert not api.label("l3")
