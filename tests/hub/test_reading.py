"""The ways to one file, to what a branch's history says, and to what sets two branches apart."""

from __future__ import annotations

FILE = """query($at: String!, $oid: GitObjectID!) { repository(owner: "acme", name: "api") {
  at: object(expression: $at) { ... on Blob { text oid } }
  by: object(oid: $oid) { __typename ... on Blob { text } ... on Commit { file(path: "dir0/file0.txt") {
    object { ... on Blob { text } } } } } } }"""
PATHS = """{ repository(owner: "acme", name: "api") { defaultBranchRef { target { ... on Commit {
  missing: file(path: "nowhere") { oid } deep: file(path: "nowhere/at/all") { oid }
  below: file(path: "dir0/file0.txt/more") { oid } half: file(path: "dir0/nowhere/x") { oid }
  there: file(path: "dir0/file0.txt") { object { ... on Blob { text } } } } } } } }"""
HISTORY = """{ repository(owner: "acme", name: "api") { ref(qualifiedName: "topic") { target { ... on Commit {
  history(first: 2) { nodes { message author { user { login } name email } committer { user { login } name email } } }
  } } } } }"""
COMPARE = """query($head: String!) { repository(owner: "acme", name: "api") { ref(qualifiedName: "main") {
  compare(headRef: $head) { aheadBy behindBy status commits(first: 9) { nodes { author { email } } } } } } }"""
ZERO = "0" * 40


def test_a_file_by_a_commits_id_and_by_its_own(client, api):
    head, blob = api.git("rev-parse", "main", "main:dir0/file0.txt").split()
    found = client.data(FILE, at=f"{head}:dir0/file0.txt", oid=blob)["repository"]
    assert found == {"at": {"text": "line 0\n", "oid": blob}, "by": {"__typename": "Blob", "text": "line 0\n"}}
    found = client.data(FILE, at=f"{ZERO}:dir0/file0.txt", oid=head)["repository"]
    assert (found["at"], found["by"]["file"]) == (None, {"object": {"text": "line 0\n"}})
    assert client.data(FILE, at="main:nowhere/x", oid=ZERO)["repository"] == {"at": None, "by": None}


def test_a_path_that_is_not_there_is_null_however_deep(client, api):
    found = client.data(PATHS)["repository"]["defaultBranchRef"]["target"]
    assert {name for name, value in found.items() if value is None} == {"missing", "deep", "below", "half"}
    assert found["there"]["object"]["text"] == "line 0\n"


def test_history_tells_who_wrote_and_who_committed(hub, client, api):
    api.commit({"a": b"1"}, branch="topic", message="by hand", author=("Bob", "bob@example.com"))
    api.open_pull("topic")
    api.commit({"dir0/file0.txt": b"on\n"})
    api.update_branch(1, by="carol")
    merged, by_hand = client.data(HISTORY)["repository"]["ref"]["target"]["history"]["nodes"]
    bob = {"user": None, "name": "Bob", "email": "bob@example.com"}
    assert (by_hand["author"], by_hand["committer"]) == (bob, bob)
    assert merged["author"] == {"user": {"login": "carol"}, "name": "carol", "email": hub.user("carol").email}
    assert merged["committer"] == {"user": {"login": "web-flow"}, "name": "GitHub", "email": "noreply@github.com"}


def test_branches_are_compared_by_any_of_their_names(client, api):
    api.commit({"new": b"1"}, branch="topic/x", author=("Bob", "bob@example.com"))
    for name in ("topic/x", "heads/topic/x", "refs/heads/topic/x", api.head("topic/x")):
        found = client.data(COMPARE, head=name)["repository"]["ref"]["compare"]
        assert (found["aheadBy"], found["behindBy"], found["status"]) == (1, 0, "AHEAD")
        assert [each["author"]["email"] for each in found["commits"]["nodes"]] == ["bob@example.com"]
    assert client.data(COMPARE, head="nowhere")["repository"]["ref"]["compare"] is None
