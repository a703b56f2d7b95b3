"""Writing by GraphQL: branches and commits."""

from __future__ import annotations

import pytest

from tests.live.documents import (
    COMMIT,
    CREATE_REF,
    OPEN,
    UPDATE_REFS,
    ZERO,
    commit,
    commit_input,
    listing,
    new_branch,
    pull_input,
    topic,
    tree,
    words_of,
)
from tests.live.marks import statement

ALL = """mutation($ref: CreateRefInput!, $commit: CreateCommitOnBranchInput!, $pull: CreatePullRequestInput!) {
  ref: createRef(input: $ref) { ref { name } } commit: createCommitOnBranch(input: $commit) { commit { oid } }
  pull: createPullRequest(input: $pull) { pullRequest { number state commits(first: 1) { totalCount } } } }"""
AND_THEN = """mutation($id: ID!, $oid: GitObjectID!, $updates: [RefUpdate!]!, $next: String!) {
  moved: updateRefs(input: {repositoryId: $id, refUpdates: $updates}) { clientMutationId }
  next: createRef(input: {repositoryId: $id, name: $next, oid: $oid}) { ref { name } } }"""
TWICE = """mutation($id: ID!, $oid: GitObjectID!, $one: String!, $two: String!) {
  one: createRef(input: {repositoryId: $id, name: $one, oid: $oid}) { ref { name } }
  again: createRef(input: {repositoryId: $id, name: $one, oid: $oid}) { ref { name } }
  two: createRef(input: {repositoryId: $id, name: $two, oid: $oid}) { ref { name } } }"""
TIMES = 50
LIMITED = ("rate limit", "too quickly", "abuse")


def tip(api, repository, branch):
    """The commit that a branch is at; None where there is none."""
    status, answer, _ = api.rest("GET", f"{repository.path}/git/ref/heads/{branch}")
    return answer["object"]["sha"] if status == 200 else None


def opened(api, repository, number):
    """One document that makes a branch, commits to it and opens its pull request."""
    name = f"many-{number}"
    ref = {"repositoryId": repository.id, "name": f"refs/heads/{name}", "oid": repository.head}
    given = commit_input(repository, repository.head, {f"{name}.txt": b"new\n"}, name)
    return api.post(ALL, {"ref": ref, "commit": given, "pull": pull_input(repository, name)})


def is_limited(reply):
    return any(word in str(reply.body).lower() for word in LIMITED)


@pytest.fixture(scope="session")
def refusals():
    """What limits have refused of many pull requests in a row, and how many there were."""
    return {}


@statement("one-document", last=True)
def test_one_document_makes_a_branch_a_commit_and_a_pull_request(api, repository, refusals):
    """As often as the budget allows; a limit in the way ends it, and is another statement."""
    for number in range(min(TIMES, api.budget.left)):
        reply = opened(api, repository, number)
        if is_limited(reply):
            refusals["first"] = reply
            break
        assert "errors" not in reply.body, reply.body["errors"]
        pull = reply.body["data"]["pull"]["pullRequest"]
        assert (pull["state"], pull["commits"]["totalCount"]) == ("OPEN", 1)
        refusals["opened"] = number + 1


@statement("refused-in-a-row", question="burst", last=True)
def test_how_many_pull_requests_in_a_row_are_refused(api, place, found, refusals, request):
    """On a real GitHub these are the ones of the statement before."""
    if not place.is_real:
        place.on_hub(lambda hub: setattr(hub.limits, "burst", 5))
        repository = request.getfixturevalue("repository")
        replies = [opened(api, repository, number) for number in range(6)]
        refusals["first"] = next(reply for reply in replies if is_limited(reply))
        place.on_hub(lambda hub: setattr(hub.limits, "burst", None))
    elif "opened" not in refusals:
        place.skip("no pull requests were opened")
    reply = refusals.pop("first", None)
    if reply is None:
        found(f"none of {refusals['opened']} at one a second")
        return
    quickly = "too quickly" in str(reply.body)
    found("too quickly" if quickly else "secondary limit", f"after {refusals.get('opened', 0)}, {reply.status}")


@statement("commit-signed", reads=True)
def test_a_commit_by_graphql_is_signed(api, repository):
    new_branch(api, repository, repository.topic)
    made = api.data(COMMIT, commit=commit_input(repository, repository.head, {"new": b"1"}, repository.topic))
    assert made["commit"]["commit"]["signature"] == {"isValid": True, "wasSignedByGitHub": True}


@statement("commit-account", reads=True)
def test_a_commit_by_graphql_is_the_accounts(api, repository):
    """A person's name and address may be others than those that the API shows."""
    new_branch(api, repository, repository.topic)
    oid = commit(api, repository, {"new": b"1"}, repository.topic)
    viewer = api.data("{ viewer { login databaseId } }")["viewer"]
    found = api.rest("GET", f"{repository.path}/git/commits/{oid}", keep=("author",)).body["author"]
    assert found["name"]
    if api.is_app:
        assert (found["name"], found["email"].partition("@")[0]) == (
            viewer["login"], f"{viewer['databaseId']}+{viewer['login']}",
        )  # fmt: skip


def with_modes(api, repository):
    """A commit with an executable and a symlink; returns its id."""
    rows = [
        {"path": "tool", "mode": "100755", "type": "blob", "content": "#!/bin/sh\n"},
        {"path": "link", "mode": "120000", "type": "blob", "content": "README.md"},
    ]
    status, made = tree(api, repository, rows, repository.head)
    assert status == 201, made
    body = {"message": "m", "tree": made["sha"], "parents": [repository.head]}
    oid = api.rest("POST", f"{repository.path}/git/commits", body, keep=("sha",)).body["sha"]
    new_branch(api, repository, repository.topic, oid)
    return oid


@statement("commit-mode", reads=True)
def test_a_commit_by_graphql_makes_ordinary_files(api, repository):
    head = with_modes(api, repository)
    done = commit(api, repository, {"tool": b"#!/bin/bash\n", "link": b"LICENSE"}, repository.topic, head)
    assert {mode for mode, _ in listing(api, repository, done).values()} == {"100644"}


@statement("deletion-of-modes", question="commit_deletes_modes", reads=True)
def test_executables_and_symlinks_can_be_deleted_by_graphql(api, repository, found):
    head = with_modes(api, repository)
    errors = api.errors(COMMIT, commit=commit_input(repository, head, {"tool": None, "link": None}, repository.topic))
    found("refused" if errors else "deleted", words_of(errors))


@statement("file-for-directory", question="commit_over_directory", reads=True)
def test_a_file_where_a_directory_is(api, repository, found):
    head = topic(api, repository, files={"a/b": b"1"})

    def refused(files):
        return api.errors(COMMIT, commit=commit_input(repository, head, files, repository.topic))

    plain = refused({"a": b"1"})
    if plain:
        found("never" if refused({"a": b"1", "a/b": None}) else "if deleted", words_of(plain))
    else:
        found("always")


@statement("empty-headline", expects="accepted", reads=True)
def test_a_commit_without_a_headline(api, repository, found):
    new_branch(api, repository, repository.topic)
    given = commit_input(repository, repository.head, {"new": b"1"}, repository.topic, headline="")
    found(words_of(api.errors(COMMIT, commit=given)) or "accepted")


@statement("stale-head", reads=True)
def test_another_head_than_the_branchs_is_refused(api, repository):
    (error,) = api.errors(COMMIT, commit=commit_input(repository, "1" * 40, {"new": b"1"}))
    assert (error["type"], error["path"]) == ("STALE_DATA", ["commit"])


@statement("stale-head-words", question="commit_stale", reads=True)
def test_the_words_about_another_head(api, repository, found):
    (error,) = api.errors(COMMIT, commit=commit_input(repository, "1" * 40, {"new": b"1"}))
    ways = {"Expected branch to point to": "expected branch", " is at ": "is at"}
    found(next((word for words, word in ways.items() if words in error["message"]), error["message"]))


@statement("absent-deletion-type", question="commit_absent_type", reads=True)
def test_the_type_of_the_refusal_of_an_absent_paths_deletion(api, repository, found):
    head = topic(api, repository)
    (error,) = api.errors(COMMIT, commit=commit_input(repository, head, {"nowhere": None}, repository.topic))
    found(error.get("type") or "none", error["message"])


@statement("absent-deletion", reads=True)
def test_the_deletion_of_an_absent_path_is_refused(api, repository):
    head = topic(api, repository)
    given = commit_input(repository, head, {"nowhere": None, "new": b"1"}, repository.topic)
    answer = api.ask(COMMIT, commit=given)
    (error,) = answer["errors"]
    assert answer["data"]["commit"] is None
    assert error["message"].startswith("A path was requested for deletion which does not exist as of commit oid")
    assert tip(api, repository, repository.topic) == head


@statement("existing-ref", reads=True)
def test_a_branch_that_is_there_is_refused(api, repository):
    ref = f"refs/heads/{repository.branch}"
    (error,) = api.errors(CREATE_REF, id=repository.id, ref=ref, oid=repository.head)
    assert (error["type"], error["path"]) == ("UNPROCESSABLE", ["made"])
    assert error["message"] == f'A ref named "{ref}" already exists in the repository.'


@statement("ref-below-ref", reads=True)
def test_a_branch_below_a_branch_is_refused(api, repository):
    ref = f"refs/heads/{repository.branch}/below"
    (error,) = api.errors(CREATE_REF, id=repository.id, ref=ref, oid=repository.head)
    assert (error["type"], error["message"]) == ("UNPROCESSABLE", "Ref cannot be created.")


@statement("failed-mutation", reads=True)
def test_a_mutation_that_fails_stops_no_other(api, repository):
    names = {name: f"refs/heads/{repository.topic}-{name}" for name in ("one", "two")}
    answer = api.ask(TWICE, id=repository.id, oid=repository.head, **names)
    assert [answer["data"][name] is None for name in ("one", "again", "two")] == [False, True, False]
    assert [error["path"] for error in answer["errors"]] == [["again"]]


@statement("update-refs", reads=True)
def test_update_refs_makes_moves_and_deletes_at_once(api, repository):
    topic(api, repository)
    made = f"{repository.topic}-made"
    updates = [
        {"name": f"refs/heads/{made}", "beforeOid": ZERO, "afterOid": repository.head},
        {"name": f"refs/heads/{repository.topic}", "afterOid": repository.head, "force": True},
    ]
    api.data(UPDATE_REFS, id=repository.id, updates=updates)
    assert {tip(api, repository, name) for name in (made, repository.topic)} == {repository.head}
    api.data(UPDATE_REFS, id=repository.id, updates=[{"name": f"refs/heads/{made}", "afterOid": ZERO}])
    assert tip(api, repository, made) is None


def and_then(api, repository, update):
    """One change by updateRefs, and a field behind it: the answer, and whether that field has run."""
    name = f"{repository.topic}-next-{update['name'].rpartition('/')[2]}-{update['afterOid'][:1]}"
    given = {"id": repository.id, "oid": repository.head, "updates": [update], "next": f"refs/heads/{name}"}
    return api.ask(AND_THEN, **given), tip(api, repository, name) is not None


@statement("update-refs-stale", reads=True)
def test_update_refs_breaks_the_document_off_where_a_ref_is_elsewhere(api, repository):
    update = {"name": f"refs/heads/{repository.branch}", "beforeOid": ZERO, "afterOid": repository.head}
    answer, ran = and_then(api, repository, update)
    (error,) = answer["errors"]
    assert (answer.get("data"), error.get("type"), error.get("path")) == (None, None, None)
    assert error["message"].startswith("Something went wrong while executing your query")
    assert not ran


@statement("update-refs-impossible", question="update_refs_impossible", reads=True)
def test_how_update_refs_refuses_what_is_no_fast_forward(api, repository, found):
    topic(api, repository)
    update = {"name": f"refs/heads/{repository.topic}", "afterOid": repository.head}
    answer, ran = and_then(api, repository, update)
    (error,) = answer["errors"]
    details = f"the next field {'runs' if ran else 'does not run'}; {words_of([error])}"
    found("typed" if error.get("type") else "opaque", details)


@statement("update-refs-tag", reads=True)
def test_update_refs_takes_commits_only(api, repository):
    blob = api.rest("POST", f"{repository.path}/git/blobs", {"content": "a"}).body["sha"]
    (error,) = api.errors(UPDATE_REFS, id=repository.id, updates=[{"name": "refs/heads/made", "afterOid": blob}])
    assert (error["type"], error["path"]) == ("UNPROCESSABLE", ["moved"])
    assert error["message"] == "Invalid object type blob, expected commit"


@statement("undefined-field", reads=True)
def test_a_field_that_the_server_lacks_refuses_the_whole_document(api, repository):
    document = "query { viewer { login } rateLimit { cost nothingOfThisName } }"
    answer = api.ask(document)
    (error,) = answer["errors"]
    assert "data" not in answer
    assert (error["extensions"]["code"], error.get("type")) == ("undefinedField", None)
    assert "doesn't exist on type 'RateLimit'" in error["message"]


@statement("no-commits-between", reads=True)
def test_a_pull_request_without_commits_is_refused(api, repository):
    new_branch(api, repository, repository.topic)
    (error,) = api.errors(OPEN, pull=pull_input(repository))
    assert error["type"] == "UNPROCESSABLE"
    assert error["message"] == f"No commits between {repository.branch} and {repository.topic}"
