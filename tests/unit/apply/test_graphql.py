"""The GraphQL way: which documents go out, and what each refusal in part leads to."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from broadcast.apply import graphql
from broadcast.apply.task import Interrupted, Opaque, Passing, Unsupported
from broadcast.errors import Failure
from broadcast.github.client import ApiError, GraphQLAnswer
from broadcast.observe.state import Scratch
from tests.unit.apply.fakes import BASE, DONE, NEW, OURS, PULL, GitHub, opened, refused, task
from tests.unit.plan.test_guards import change, deletion


@pytest.mark.parametrize(("answer", "error"), [
    (refused("pull", "FORBIDDEN"), ApiError),
    (refused("commit", "BRANCH_PROTECTION_RULE_VIOLATION"), ApiError),
    (refused("pull", "UNPROCESSABLE", "A pull request already exists"), Interrupted),
    (refused(message="Field 'x' doesn't exist on type 'Mutation'", data={}), Unsupported),
    (refused(message="Field 'x' doesn't exist on type 'Mutation'"), Interrupted),
    (refused(message="Something went wrong while executing your query", data={}), Opaque),
    (refused("refs", message="Something went wrong while executing your query"), Interrupted),
])  # fmt: skip
def test_an_error_is_raised_as_what_it_leaves_to_do(answer, error):
    with pytest.raises(error) as raised:
        graphql.check(answer)
    assert type(raised.value) is error


def test_an_answer_without_errors_is_fine():
    graphql.check(DONE)


def test_a_new_branch_its_commit_and_its_pull_request_go_in_one_document():
    github = GitHub(DONE)
    assert graphql.create(github, task("create", change("a"), deletion("b"))).number == 1
    ((name, sent),) = github.sent
    assert name == "Create"
    assert sent["ref"] == {"repositoryId": "R_1", "name": "refs/heads/ours", "oid": BASE}
    assert sent["commit"]["expectedHeadOid"] == BASE
    assert sent["commit"]["message"] == {"headline": "headline", "body": "rest"}
    assert sent["commit"]["fileChanges"]["deletions"] == [{"path": "b"}]


def test_a_pull_request_that_was_closed_meanwhile_interrupts():
    closed = GraphQLAnswer({"pull": {"pullRequest": {**PULL, "state": "CLOSED"}}}, [])
    with pytest.raises(Passing, match="was closed in the meantime"):
        graphql.propose(GitHub(closed), task("propose"))


def test_a_branch_at_the_base_gets_its_commit_in_place():
    github = GitHub(DONE)
    graphql.rebuild(github, task("rebuild", ours=BASE), plain=True)
    assert github.names == ["CommitAndOpen"]


def test_a_branch_with_commits_is_moved_from_where_it_was_seen_onto_a_new_commit():
    github = GitHub(DONE, DONE)
    graphql.rebuild(github, task("rebuild", pull=opened()), plain=True)
    assert github.names == ["CommitOnNewBranch", "MoveAndDescribe"]
    assert github.sent[1][1]["refs"]["refUpdates"] == [
        {"name": "refs/heads/ours", "beforeOid": OURS, "afterOid": NEW, "force": True},
        {"name": "refs/heads/scratch", "beforeOid": NEW, "afterOid": "0" * 40},
    ]


def test_a_branch_without_a_pull_request_gets_one_as_it_is_moved():
    github = GitHub(DONE, DONE)
    graphql.rebuild(github, task("rebuild"), plain=True)
    assert github.names == ["CommitOnNewBranch", "MoveAndOpen"]


def test_a_scratch_branch_of_ours_that_is_left_is_used_again():
    github = GitHub(DONE, DONE)
    graphql.rebuild(github, task("rebuild", leftovers=(("scratch", "e" * 40),)), plain=True)
    assert github.names == ["CommitOnResetBranch", "MoveAndOpen"]
    assert github.sent[0][1]["refs"]["refUpdates"][0]["beforeOid"] == "e" * 40


def test_nothing_is_sent_where_others_have_both_names_for_scratch_branches():
    theirs = {"scratch": Scratch("scratch", "1" * 40, ""), "spare": Scratch("scratch-1", "2" * 40, "")}
    work = task("rebuild")
    github = GitHub()
    with pytest.raises(Failure, match="scratch and scratch-1 have commits of others"):
        graphql.rebuild(github, work._replace(state=replace(work.state, **theirs)), plain=True)
    assert github.sent == []


def test_a_commit_that_is_refused_moves_nothing():
    github = GitHub(refused("commit", message="is at x but expected y"))
    with pytest.raises(Interrupted):
        graphql.rebuild(github, task("rebuild", pull=opened()), plain=True)
    assert github.names == ["CommitOnNewBranch"]


def test_a_description_keeps_the_base_unless_the_pull_request_has_another():
    github = GitHub(DONE, DONE)
    graphql.describe(github, task("describe", pull=opened()))
    graphql.describe(github, task("describe", pull=opened(base="old")))
    assert [sent["pull"].get("baseRefName") for _, sent in github.sent] == [None, "main"]


def test_the_label_for_a_rebuild_goes_with_the_description():
    github = GitHub(DONE)
    graphql.describe(github, task("describe", pull=opened(rebuild_label="LA_1")))
    assert github.names == ["DescribeAndUnlabel"]


def test_a_label_that_graphql_keeps_is_taken_by_rest_and_the_rest_counts():
    github = GitHub(refused("label", "FORBIDDEN"), None)
    assert graphql.describe(github, task("describe", pull=opened(rebuild_label="LA_1"))).number == 1
    assert github.names == ["DescribeAndUnlabel", "DELETE issues/1/labels/broadcast%3Arebuild"]


@pytest.mark.parametrize(("answers", "documents"), [
    ((DONE, DONE), ["Close", "Move"]),
    ((refused("comment"), DONE, DONE), ["Close", "Comment", "Move"]),
    ((refused("pull"), DONE, DONE), ["Close", "Describe", "Move"]),
])  # fmt: skip
def test_of_a_closing_only_the_missing_half_is_sent_again_and_the_branch_goes_last(answers, documents):
    github = GitHub(*answers)
    graphql.close(github, task("close", pull=opened()))
    assert github.names == documents
    assert github.sent[0][1]["pull"]["state"] == "CLOSED"


@pytest.mark.parametrize("answers", [
    (refused(message="no"),), (refused("pull"), refused("pull")), (DONE, refused("refs")),
])  # fmt: skip
def test_a_closing_that_is_not_whole_interrupts(answers):
    with pytest.raises(Interrupted):
        graphql.close(GitHub(*answers), task("close", pull=opened()))


def test_where_documents_gave_no_reason_the_branch_is_moved_by_rest():
    at_ours = {"object": {"sha": OURS}}
    github = GitHub(DONE, at_ours, None, {"object": {"sha": NEW}}, None, DONE)
    graphql.rebuild(github, task("rebuild", pull=opened(), refs_by_rest=True), plain=True)
    assert github.names[0] == "CommitOnNewBranch"
    assert [name.split()[0] for name in github.names[1:]] == ["GET", "PATCH", "GET", "DELETE", "Describe"]
