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
ONE = """query($path: String!) { repository(owner: "acme", name: "api") { object(expression: "main") {
  ... on Commit { file(path: $path) { type } } } } }"""
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


def test_a_path_that_is_not_there_is_null_with_an_error_however_deep(client, api):
    answer = client.ask(PATHS)
    found = answer["data"]["repository"]["defaultBranchRef"]["target"]
    absent = {"missing": "nowhere", "deep": "nowhere/at/all", "below": "dir0/file0.txt/more", "half": "dir0/nowhere/x"}
    assert {name for name, value in found.items() if value is None} == absent.keys()
    assert found["there"]["object"]["text"] == "line 0\n"
    for error in answer["errors"]:
        *above, alias = error["path"]
        assert (error["type"], above) == ("NOT_FOUND", ["repository", "defaultBranchRef", "target"])
        assert error["message"] == f"Could not resolve file for path '{absent.pop(alias)}'."
    assert absent == {}


def test_a_directory_is_a_file_too(client, api):
    assert client.data(ONE, path="dir0")["repository"]["object"]["file"] == {"type": "tree"}


def test_what_a_path_below_a_file_and_an_unusual_one_answer_is_a_setting(hub, client, api):
    words = "Could not resolve file for path '{}'."
    for path in ("dir0/file0.txt/more", "", ".", "dir0/"):
        assert client.refused(ONE, path=path) == ("NOT_FOUND", words.format(path))
    hub.unknowns.file_below_blob = hub.unknowns.file_unusual_path = "null"
    for path in ("dir0/file0.txt/more", "", ".", "dir0/"):
        assert client.data(ONE, path=path)["repository"]["object"]["file"] is None
    assert client.refused(ONE, path="dir0/nowhere")[0] == "NOT_FOUND"
    hub.unknowns.file_unusual_path = "resolves"
    assert client.data(ONE, path="dir0/")["repository"]["object"]["file"] == {"type": "tree"}
    assert client.refused(ONE, path="")[0] == "NOT_FOUND"


def test_history_says_who_wrote_and_who_committed(hub, client, api):
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
    answer = client.ask(COMPARE, head="nowhere")
    (error,) = answer["errors"]
    assert answer["data"]["repository"]["ref"]["compare"] is None
    assert (error["type"], error["path"]) == ("NOT_FOUND", ["repository", "ref", "compare"])
    assert error["message"] == "Could not resolve to a Ref with the name 'nowhere'."


def test_the_authors_of_a_commit_are_its_author_and_those_of_its_trailers(hub, client, api):
    hub.user("carol")
    message = f"by two\n\nCo-authored-by: Carol <{hub.user('carol').email}>"
    api.commit({"a": b"1"}, message=message, author=("Bob", "bob@example.com"))
    query = """{ repository(owner: "acme", name: "api") { object(expression: "main") { ... on Commit {
      authors(first: 5) { totalCount nodes { name email user { login } } } } } } }"""
    found = client.data(query)["repository"]["object"]["authors"]
    assert found == {
        "totalCount": 2,
        "nodes": [
            {"name": "Bob", "email": "bob@example.com", "user": None},
            {"name": "Carol", "email": hub.user("carol").email, "user": {"login": "carol"}},
        ],
    }
