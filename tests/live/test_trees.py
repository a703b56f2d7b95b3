"""Writing by REST: trees, commits, refs."""

from __future__ import annotations

from tests.live.documents import listing, topic, tree
from tests.live.marks import statement

TEXTS = {"100644": "file\n", "100755": "#!/bin/sh\n", "120000": "README.md"}


def row(path, content, mode="100644"):
    return {"path": path, "mode": mode, "type": "blob", "content": content}


def gone(path):
    return {"path": path, "mode": "100644", "type": "blob", "sha": None}


@statement("tree-content", reads=True)
def test_a_tree_takes_content_with_each_mode(api, repository):
    status, made = tree(api, repository, [row(f"f{mode}", text, mode) for mode, text in TEXTS.items()])
    assert status == 201, made
    found = listing(api, repository, made["sha"])
    assert {path: mode for path, (mode, _) in found.items()} == {f"f{mode}": mode for mode in TEXTS}
    for mode, text in TEXTS.items():
        blob = api.rest("POST", f"{repository.path}/git/blobs", {"content": text, "encoding": "utf-8"}).body
        assert found[f"f{mode}"][1] == blob["sha"]


@statement("tree-base-commit", reads=True)
def test_a_commit_may_be_the_base_of_a_tree(api, repository):
    status, made = tree(api, repository, [row("new", "1")], repository.head)
    assert status == 201, made
    assert listing(api, repository, made["sha"]).keys() == {"README.md", "new"}


@statement("tree-by-branch", reads=True)
def test_a_tree_by_its_branch_has_the_commits_id(api, repository):
    answer = api.rest("GET", f"{repository.path}/git/trees/{repository.branch}").body
    assert answer["sha"] == repository.head


@statement("tree-absent-deletion", reads=True)
def test_the_deletion_of_an_absent_path_is_refused(api, repository):
    status, answer = tree(api, repository, [gone("nowhere")], repository.head)
    assert status == 422, answer


@statement("tree-swap", expects="one request", reads=True)
def test_a_file_and_what_is_below_it_in_one_tree(api, repository, found):
    head = topic(api, repository, files={"a": b"1"})
    status, answer = tree(api, repository, [gone("a"), row("a/b", "2")], head)
    if status == 201:
        paths = listing(api, repository, answer["sha"]).keys()
        found("one request" if paths == {"README.md", "a/b"} else f"one request gives {sorted(paths)}")
        return
    first = tree(api, repository, [gone("a")], head)[1]
    status, _ = tree(api, repository, [row("a/b", "2")], first["sha"])
    found("two requests" if status == 201 else f"{status}", f"one: {answer['message']}")


@statement("last-file", expects="an empty tree", reads=True)
def test_the_deletion_of_the_last_file(api, repository, found):
    status, answer = tree(api, repository, [gone("README.md")], repository.head)
    found("an empty tree" if status == 201 and not answer["tree"] else f"{status}: {answer.get('message')}")


@statement("empty-tree-request")
def test_the_git_database_of_an_empty_repository_is_closed(api, repositories):
    empty = repositories.make(empty=True)
    status, answer = tree(api, empty, [row("new", "1")])
    assert (status, answer["message"]) == (409, "Git Repository is empty.")


@statement("rest-commit-signed", reads=True)
def test_a_commit_by_rest_is_signed_for_apps(api, place, repository):
    """A merge too: the product makes one where it brings a branch up to date."""
    other = topic(api, repository)
    base = api.rest("GET", f"{repository.path}/git/commits/{other}", keep=("tree",)).body["tree"]["sha"]
    ways = [(api, api.is_app)] + ([(api.narrowed(contents="write"), True)] if place.key and not api.is_app else [])
    for asking, signed in ways:
        for parents in ([other], [other, repository.head]):
            body = {"message": "m", "tree": base, "parents": parents}
            made = asking.rest("POST", f"{repository.path}/git/commits", body, keep=("verification",)).body
            assert made["verification"]["verified"] == signed


@statement("rest-commit-author", reads=True)
def test_a_commit_with_an_author_is_unsigned_and_the_author_committed_it(api, repository):
    base = api.rest("GET", f"{repository.path}/git/commits/{repository.head}", keep=("tree",)).body["tree"]["sha"]
    author = {"name": "Sync Bot", "email": "sync@example.com"}
    body = {"message": "m", "tree": base, "parents": [repository.head], "author": author}
    made = api.rest("POST", f"{repository.path}/git/commits", body, keep=("verification", "author", "committer")).body
    assert not made["verification"]["verified"]
    for role in ("author", "committer"):
        assert {name: made[role][name] for name in author} == author


@statement("rest-existing-ref", reads=True)
def test_a_ref_that_is_there_is_refused(api, repository):
    body = {"ref": f"refs/heads/{repository.branch}", "sha": repository.head}
    status, answer, _ = api.rest("POST", f"{repository.path}/git/refs", body)
    assert (status, answer["message"]) == (422, "Reference already exists")


@statement("rest-not-fast-forward", reads=True)
def test_what_is_no_fast_forward_is_refused_unless_forced(api, repository):
    topic(api, repository)
    path = f"{repository.path}/git/refs/heads/{repository.topic}"
    status, answer, _ = api.rest("PATCH", path, {"sha": repository.head})
    assert (status, answer["message"]) == (422, "Update is not a fast forward")
    assert api.rest("PATCH", path, {"sha": repository.head, "force": True}).status == 200


@statement("rest-moved")
def test_a_renamed_repository_redirects(api, repositories, repository):
    new = f"{repository.name}00"
    api.rest("PATCH", repository.path, {"name": new}, keep=("name",))
    repositories.renamed(repository.name, new)
    read = api.rest("GET", repository.path)
    written = api.rest("POST", f"{repository.path}/labels", {"name": "new"})
    assert (read.status, written.status) == (301, 307)
    assert "/repositories/" in read.headers["location"]
