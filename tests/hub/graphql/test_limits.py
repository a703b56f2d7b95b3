"""Queries that GitHub would refuse are refused here too."""

from __future__ import annotations

import requests

PULLS = '{repository(owner: "acme", name: "api") {pullRequests%s {%s}}}'


def test_connections_need_a_bound(client, api):
    words = "You must provide a `first` or `last` value to properly paginate the `pullRequests` connection."
    assert client.refused(PULLS % ("", "nodes {id}")) == ("MISSING_PAGINATION_BOUNDARIES", words)
    words = "Requesting 101 records on the `pullRequests` connection exceeds the `first` limit of 100 records."
    assert client.refused(PULLS % ("(first: 101)", "nodes {id}")) == ("EXCESSIVE_PAGINATION", words)
    assert client.data(PULLS % ("", "totalCount"))["repository"]["pullRequests"] == {"totalCount": 0}


def test_nodes_are_counted_before_anything_runs(client, api):
    inner = (
        "nodes {labels(first: 100) {nodes {id}} commits(first: 100) {nodes {commit {parents(first: %d) {nodes {id}}}}}}"
    )
    kind, words = client.refused(PULLS % ("(first: 100)", inner % 49))
    assert kind == "MAX_NODE_LIMIT_EXCEEDED"
    assert "requests up to 510,100 possible nodes which exceeds the maximum limit of 500,000" in words
    assert client.data(PULLS % ("(first: 100)", inner % 40))


def test_a_query_has_a_price(client, api):
    document = (
        '{rateLimit {cost remaining nodeCount} repository(owner: "acme", name: "api") {labels(first: 9) {totalCount}}}'
    )
    assert client.data(document)["rateLimit"] == {"cost": 1, "remaining": 4999, "nodeCount": 9}


def test_queries_are_at_most_25_levels_deep(client, api):
    assert "which exceeds max depth of 25" in client.refused(_ref_chain(26))[1]
    assert client.data(_ref_chain(25))


def test_work_beyond_the_time_limit_leaves_null_for_what_was_not_answered(hub, client, api):
    hub.limits.work = 60
    part = 'repository(owner: "acme", name: "api") {object(expression: "HEAD:") {... on Tree {entries {name oid}}}}'
    answer = client.ask("{" + " ".join(f"{name}: {part}" for name in "abcde") + "}")
    assert answer["data"]["a"]["object"]["entries"]
    lost = [name for name, value in answer["data"].items() if value is None]
    assert lost == list("abcde")[-len(lost) :]
    assert [error["path"][0] for error in answer["errors"]] == lost
    assert {error["type"] for error in answer["errors"]} == {"RESOURCE_LIMITS_EXCEEDED"}


def test_a_document_holds_a_limited_number_of_mutations(hub, client, api):
    hub.limits.mutations = 2
    part = 'm%d: createLabel(input: {repositoryId: $id, name: "l%d", color: "ededed"}) {label {name}}'
    identity = client.data('{repository(owner: "acme", name: "api") {id}}')["repository"]["id"]
    document = "mutation($id: ID!) {" + " ".join(part % (n, n) for n in range(4)) + "}"
    answer = client.ask(document, id=identity)
    assert [name for name, value in answer["data"].items() if value] == ["m0", "m1"]
    assert [error["type"] for error in answer["errors"]] == ["RESOURCE_LIMITS_EXCEEDED"] * 2
    assert api.label("l2") is None


def test_an_invalid_document_has_errors_and_no_data(client, api):
    assert client.ask("{nothing}").keys() == {"errors"}
    assert client.ask("{").keys() == {"errors"}
    answer = client.ask("query($x: ID!) {node(id: $x) {id}}")
    assert answer.keys() == {"errors"}


def test_points_are_a_budget_of_their_own(hub, client, api):
    hub.limits.graphql = 1
    client.data("{viewer {login}}")
    assert client.refused("{viewer {login}}")[0] == "RATE_LIMITED"
    assert client.rest("GET", "/repos/acme/api")[0] == 200


def test_a_body_beyond_the_limit_is_not_read(hub, client):
    hub.limits.graphql_body = 100
    answer = client.session.post(
        f"{hub.url}/graphql", json={"query": "{viewer {login}}", "variables": {"x": "y" * 100}}
    )
    assert answer.status_code == 413


def test_without_a_token_nothing_is_said(hub):
    answer = requests.post(f"{hub.url}/graphql", json={"query": "{viewer {login}}"})
    assert (answer.status_code, answer.json()["message"]) == (401, "Requires authentication")
    answer = requests.get(f"{hub.url}/user", headers={"Authorization": "Bearer wrong"})
    assert (answer.status_code, answer.json()["message"]) == (401, "Bad credentials")


def _ref_chain(levels: int) -> str:
    """repository, then its ref, then the ref's repository, and so on."""
    inner = "id"
    for level in range(levels - 1, 1, -1):
        inner = ("repository" if level % 2 else "defaultBranchRef") + f" {{{inner}}}"
    return f'{{repository(owner: "acme", name: "api") {{{inner}}}}}'


def test_content_is_created_within_the_documented_pace(hub, client, api):
    hub.limits.content_minute, hub.limits.rest_points = 2, 20
    now = [hub.clock()]
    hub.secondary.clock = lambda: now[0]
    path = f"{hub.url}/repos/acme/api/labels"
    answers = [client.session.post(path, json={"name": f"l{n}"}) for n in range(3)]
    assert [each.status_code for each in answers] == [201, 201, 403]
    assert "secondary rate limit" in answers[2].json()["message"]
    assert answers[2].headers["retry-after"] == "60"
    now[0] += 60
    assert client.session.post(path, json={"name": "l3"}).status_code == 201
    reads = [client.rest("GET", "/repos/acme/api")[0] for _ in range(16)]
    assert reads == [200] * 15 + [403]


def test_ids_have_githubs_shape(client, api):
    ref = 'mutation { createRef(input: {repositoryId: "x", name: "refs/heads/y", oid: "123"}) { ref { id } } }'
    assert "GitObjectID" in client.refused(ref)[1]
