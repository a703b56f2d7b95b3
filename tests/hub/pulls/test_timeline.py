"""Who labelled, assigned, asked, closed and reopened a pull request can be read from its timeline."""

from __future__ import annotations

import pytest

from tests.hub.git.ids import node_id

TIMELINE = """query($types: [PullRequestTimelineItemsItemType!], $first: Int, $last: Int) {
  repository(owner: "acme", name: "api") { pullRequest(number: 1) {
    timelineItems(itemTypes: $types, first: $first, last: $last) {
      totalCount filteredCount pageCount nodes { __typename
        ... on LabeledEvent { actor { login } createdAt label { name } }
        ... on UnlabeledEvent { actor { login } createdAt label { name } }
        ... on AssignedEvent { actor { login } assignee { ... on User { login } } }
        ... on UnassignedEvent { actor { login } assignee { ... on User { login } } }
        ... on MilestonedEvent { actor { login } milestoneTitle }
        ... on DemilestonedEvent { actor { login } milestoneTitle }
        ... on ReviewRequestedEvent { actor { login }
          requestedReviewer { ... on User { login } ... on Team { slug } } }
        ... on ClosedEvent { actor { login } createdAt }
        ... on BaseRefDeletedEvent { actor { login } baseRefName }
        ... on ReopenedEvent { actor { login } createdAt }
        ... on MergedEvent { commit { oid } }
      } } } } }"""
CHANGES = ("LABELED", "UNLABELED", "ASSIGNED", "UNASSIGNED", "MILESTONED", "DEMILESTONED", "REVIEW_REQUESTED")
SETS = [f"{name}_EVENT" for name in CHANGES]
ISSUE = "/repos/acme/api/issues/1"


@pytest.fixture
def pull(api):
    api.commit({"new": b"1"}, branch="topic")
    return api.open_pull("topic", author="alice")


def items(client, *types: str, first: int | None = 100, last: int | None = None) -> list[tuple[str, ...]]:
    """The type of each event, who it was and what it was about."""
    page = {"first": None if last else first, "last": last}
    found = client.data(TIMELINE, types=list(types) or SETS, **page)["repository"]["pullRequest"]["timelineItems"]
    return [tuple(_words(each)) for each in found["nodes"]]


def _words(node: dict) -> list[str]:
    words = [node["__typename"].removesuffix("Event"), node["actor"]["login"]]
    about = node.get("label") or node.get("assignee") or node.get("requestedReviewer")
    return words + (list(about.values()) if about else [node["milestoneTitle"]] if "milestoneTitle" in node else [])


def test_what_people_did_is_reported_in_its_order(client, api, pull):
    api.label_pull(1, "sync", "fresh", by="bob")
    api.label_pull(1, "sync", by="bob")  # it has it already
    api.unlabel_pull(1, "fresh")
    api.assign_pull(1, "carol")
    api.unassign_pull(1, "carol", by="bob")
    api.milestone_pull(1, "v1")
    api.milestone_pull(1, None)
    api.request_review(1, "dave", teams=["platform"])
    assert (pull.labels, pull.assignees, pull.reviewers, pull.team_reviewers) == (["sync"], [], ["dave"], ["platform"])
    assert items(client) == [
        ("Labeled", "bob", "sync"),
        ("Labeled", "bob", "fresh"),
        ("Unlabeled", "alice", "fresh"),
        ("Assigned", "alice", "carol"),
        ("Unassigned", "bob", "carol"),
        ("Milestoned", "alice", "v1"),
        ("Demilestoned", "alice", "v1"),
        ("ReviewRequested", "alice", "dave"),
        ("ReviewRequested", "alice", "platform"),
    ]
    assert items(client, "LABELED_EVENT", last=1) == [("Labeled", "bob", "fresh")]


def test_rest_records_what_it_does(hub, client, api, pull):
    hub.user("carol")
    hub.team("acme", "platform")
    client.rest("PATCH", ISSUE, {"labels": ["sync"], "assignees": ["carol"], "milestone": 1})
    client.rest("PATCH", ISSUE, {"labels": [], "assignees": [], "milestone": None})
    client.rest("POST", f"{ISSUE}/labels", {"labels": ["made"]})
    client.rest("POST", f"{ISSUE}/assignees", {"assignees": ["carol"]})
    asked = {"reviewers": ["carol"], "team_reviewers": ["platform"]}
    client.rest("POST", "/repos/acme/api/pulls/1/requested_reviewers", asked)
    me = "broadcast-bot"
    assert items(client) == [
        ("Labeled", me, "sync"),
        ("Assigned", me, "carol"),
        ("Milestoned", me, "v1"),
        ("Unlabeled", me, "sync"),
        ("Unassigned", me, "carol"),
        ("Demilestoned", me, "v1"),
        ("Labeled", me, "made"),
        ("Assigned", me, "carol"),
        ("ReviewRequested", me, "carol"),
        ("ReviewRequested", me, "platform"),
    ]


def test_graphql_records_what_it_does(hub, client, api, pull):
    document = """mutation($id: ID!, $label: ID!, $more: ID!, $person: ID!, $milestone: ID!) {
      updatePullRequest(input: {pullRequestId: $id, labelIds: [$label], milestoneId: $milestone})
        { clientMutationId }
      addLabelsToLabelable(input: {labelableId: $id, labelIds: [$label, $more]}) { clientMutationId }
      removeLabelsFromLabelable(input: {labelableId: $id, labelIds: [$label]}) { clientMutationId }
      addAssigneesToAssignable(input: {assignableId: $id, assigneeIds: [$person]}) { clientMutationId }
      requestReviews(input: {pullRequestId: $id, userIds: [$person], union: true}) { clientMutationId } }"""
    ids = {"label": node_id("LA", api.id, api.label("sync").id), "more": node_id("LA", api.id, api.add_label("x").id)}
    ids |= {"person": node_id("U", hub.user("carol").id), "milestone": node_id("MI", api.id, 1)}
    client.data(document, id=node_id("PR", api.id, 1), **ids)
    me = "broadcast-bot"
    assert items(client) == [
        ("Labeled", me, "sync"),
        ("Milestoned", me, "v1"),
        ("Labeled", me, "x"),
        ("Unlabeled", me, "sync"),
        ("Assigned", me, "carol"),
        ("ReviewRequested", me, "carol"),
    ]


def test_closing_and_reopening_say_who_it_was(client, api, pull):
    document = "mutation($id: ID!) { %sPullRequest(input: {pullRequestId: $id}) { pullRequest { state } } }"
    api.close_pull(1, by="bob")
    client.rest("PATCH", "/repos/acme/api/pulls/1", {"state": "open"})
    client.data(document % "close", id=node_id("PR", api.id, 1))
    api.reopen_pull(1, by="bob")
    api.delete_branch("topic", by="carol")
    assert items(client, "CLOSED_EVENT", "REOPENED_EVENT") == [
        ("Closed", "bob"),
        ("Reopened", "broadcast-bot"),
        ("Closed", "broadcast-bot"),
        ("Reopened", "bob"),
        ("Closed", "carol"),
    ]


def test_a_merge_also_closes(client, api, pull):
    oid = api.merge_pull(1, by="bob")
    found = client.data(TIMELINE, types=["MERGED_EVENT", "CLOSED_EVENT"], first=9)["repository"]["pullRequest"]
    merged, closed = found["timelineItems"]["nodes"]
    assert (merged["commit"]["oid"], closed["actor"]["login"]) == (oid, "bob")


def test_the_total_counts_the_whole_timeline_whatever_types_are_asked_for(client, api, pull):
    api.comment(pull, "hello", "alice")
    api.label_pull(1, "sync", "fresh")
    api.close_pull(1)
    found = client.data(TIMELINE, types=["LABELED_EVENT"], first=1)["repository"]["pullRequest"]["timelineItems"]
    counts = (found["totalCount"], found["filteredCount"], found["pageCount"])
    assert counts == (5, 2, 1)  # one commit, one comment, two labels, one closing
    found = client.data(TIMELINE, first=9)["repository"]["pullRequest"]["timelineItems"]
    kinds = {"PullRequestCommit", "IssueComment", "LabeledEvent", "ClosedEvent"}
    assert {each["__typename"] for each in found["nodes"]} == kinds


@pytest.mark.parametrize("method", ["MERGE", "SQUASH", "REBASE"])
def test_auto_merge_that_is_set_and_taken_away_stays_in_the_timeline(client, api, pull, method):
    api.allow_auto_merge = api.required_checks = True
    api.enable_auto_merge(pull, method, "bob")
    api.disable_auto_merge(pull)
    types = [f"AUTO_{method}_ENABLED_EVENT", "AUTO_MERGE_DISABLED_EVENT"]
    document = TIMELINE.replace(
        "... on ClosedEvent { actor { login } createdAt }",
        f"... on Auto{method.title()}EnabledEvent {{ actor {{ login }} }} ... on AutoMergeDisabledEvent {{ actor {{ login }} }}",
    )
    found = client.data(document, types=types, first=9)["repository"]["pullRequest"]["timelineItems"]["nodes"]
    assert [(each["__typename"], each["actor"]["login"]) for each in found] == [
        (f"Auto{method.title()}EnabledEvent", "bob"),
        ("AutoMergeDisabledEvent", "alice"),
    ]


@pytest.mark.parametrize("answer", ["told", "untold"])
def test_the_deletion_of_a_base_closes_its_pull_request_and_is_reported_unless_set_otherwise(api, client, answer):
    api.hub.unknowns.base_deletion = answer
    api.commit({"new": b"1"}, branch="topic")
    api.set_branch("release", api.head())
    pull = api.open_pull("topic", "release")
    api.delete_branch("release")
    told = [("BaseRefDeleted",)] if answer == "told" else []
    found = items(client, "CLOSED_EVENT", "BASE_REF_DELETED_EVENT")
    assert pull.state == "CLOSED"
    assert [each[:1] for each in found] == [*told, ("Closed",)]
