"""Open questions about what git keeps: comparisons, commits that don't fit, long texts, names that aren't UTF-8."""

from __future__ import annotations

import pytest

from tests.hub.git.objects import Person
from tests.hub.graphql.test_graphql import COMMIT, ZERO, addition

COMPARE = """{ repository(owner: "acme", name: "api") { ref(qualifiedName: "main") {
  compare(headRef: "alone") { status } } } }"""
TEXT = """{ repository(owner: "acme", name: "api") { object(expression: "main:long") {
  ... on Blob { text isTruncated } } } }"""
NAMES = """{ repository(owner: "acme", name: "api") { object(expression: "main:") {
  ... on Tree { entries { name path nameRaw } } } } }"""


@pytest.mark.parametrize("answer", ["null", "not found", "diverged"])
def test_branches_without_a_common_ancestor(hub, client, api, answer):
    hub.unknowns.compare_unrelated = answer
    who = Person("Alice", "alice@example.com", 1_750_000_000, "+0000")
    tree = api.objects.commit(api.head()).tree
    api.set_branch("alone", api.write_commit(tree, [], "alone\n", who))
    found = client.ask(COMPARE)
    assert found["data"]["repository"]["ref"]["compare"] == ({"status": "DIVERGED"} if answer == "diverged" else None)
    assert [error["type"] for error in found.get("errors", ())] == (["NOT_FOUND"] if answer == "not found" else [])


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("expected branch", f'Expected branch to point to "{ZERO}" but it did not.  Pull and try again.'),
        ("is at", f"Ref refs/heads/main is at %s but expected {ZERO}"),
    ],
)
def test_the_words_for_a_branch_that_moved(hub, client, api, answer, words):
    hub.unknowns.commit_stale = answer
    words = words.replace("%s", api.head())
    assert client.refused(COMMIT, name="acme/api", branch="main", head=ZERO, changes={}) == ("STALE_DATA", words)


@pytest.mark.parametrize("kind", ["UNPROCESSABLE", "NOT_FOUND"])
def test_the_type_for_a_deletion_of_what_is_not_there(hub, client, api, kind):
    hub.unknowns.commit_absent_type = kind
    changes = {"deletions": [{"path": "nowhere"}]}
    assert client.refused(COMMIT, name="acme/api", branch="main", head=api.head(), changes=changes)[0] == kind


@pytest.mark.parametrize(
    ("path", "deletions"),
    [("dir0/file0.txt/below", ["dir0/file0.txt"]), ("dir0", [f"dir0/file{n}.txt" for n in (0, 3, 6)])],
)
@pytest.mark.parametrize(
    ("answer", "plain", "swapped"), [("if deleted", False, True), ("always", True, True), ("never", False, False)]
)
def test_a_file_where_a_directory_is_or_the_reverse(hub, client, api, path, deletions, answer, plain, swapped):
    hub.unknowns.commit_over_directory = answer
    added, start = {"additions": [addition(path, b"1")]}, api.head()

    def written(changes) -> bool:
        api.set_branch("topic", start)
        return "errors" not in client.ask(COMMIT, name="acme/api", branch="topic", head=start, changes=changes)

    assert written(added) == plain
    assert written(added | {"deletions": [{"path": each} for each in deletions]}) == swapped
    assert written({"additions": [addition("dir0/other", b"1"), addition("dir0/file0.txt", b"2")]})


@pytest.mark.parametrize("limit", [512_000, 524_288, 1_048_576])
@pytest.mark.parametrize("beyond", ["cut", "null"])
def test_a_long_text(hub, client, api, limit, beyond):
    hub.unknowns.text_limit, hub.unknowns.text_beyond = limit, beyond
    for size in (limit, limit + 1):
        api.commit({"long": b"x" * size})
        found = client.data(TEXT)["repository"]["object"]
        assert found["isTruncated"] == (size > limit)
        assert found["text"] == (None if size > limit and beyond == "null" else "x" * limit)


@pytest.mark.parametrize(("answer", "name"), [("replacement", "\ufffd"), ("surrogates", "\udcff")])
def test_a_name_that_is_not_utf_8(hub, client, api, answer, name):
    hub.unknowns.name_of_bytes = answer
    api.commit({"\udcff": b"1"})
    entries = client.data(NAMES)["repository"]["object"]["entries"]
    (found,) = [each for each in entries if not each["name"].startswith("dir")]
    assert found == {"name": name, "path": name, "nameRaw": "/w=="}
