"""Pull requests, their labels and people."""

from __future__ import annotations

import pytest

from tests.live.documents import OPEN, PULL, at, new_branch, open_pull, pull_input, topic, words_of
from tests.live.marks import statement

UPDATE = """mutation($pull: UpdatePullRequestInput!) { updatePullRequest(input: $pull) { clientMutationId } }"""
REVIEW = """mutation($id: ID!, $users: [ID!]) {
  requestReviews(input: {pullRequestId: $id, userIds: $users, union: true}) { clientMutationId } }"""
ENABLE = """mutation($id: ID!) { enablePullRequestAutoMerge(input: {pullRequestId: $id}) { clientMutationId } }"""
VIEWER = "query { viewer { id login } }"
SOMEBODY = """query($login: String!) { user(login: $login) { id } }"""
STRANGER = "octocat"
MERGING = """query($owner: String!, $name: String!, $number: Int!) { repository(owner: $owner, name: $name) {
  pullRequest(number: $number) { autoMergeRequest { mergeMethod } isInMergeQueue } } }"""
CLOSING = """query($owner: String!, $name: String!, $number: Int!) { repository(owner: $owner, name: $name) {
  pullRequest(number: $number) { timelineItems(itemTypes: [CLOSED_EVENT, BASE_REF_DELETED_EVENT], last: 2) {
    nodes { __typename } } } } }"""
READY = """query($owner: String!, $name: String!, $number: Int!) { repository(owner: $owner, name: $name) {
  pullRequest(number: $number) { mergeable } } }"""


def seen(api, repository, pull):
    return api.data(PULL, **at(repository, number=pull["number"]))["repository"]["pullRequest"]


def label(api, repository, name):
    body = {"name": name, "color": "ededed"}
    return api.rest("POST", f"{repository.path}/labels", body, keep=("node_id", "name")).body["node_id"]


def closes(api, repository, pull):
    return api.until(lambda: seen(api, repository, pull)["state"] == "CLOSED")


@statement("second-pull-request", reads=True)
def test_a_second_pull_request_of_the_same_branch_is_refused(api, repository):
    open_pull(api, repository)
    words = f"A pull request already exists for {repository.owner}:{repository.topic}."
    (error,) = api.errors(OPEN, pull=pull_input(repository))
    assert (error["type"], error["message"]) == ("UNPROCESSABLE", words)
    body = {"title": "Change", "head": repository.topic, "base": repository.branch}
    status, answer, _ = api.rest("POST", f"{repository.path}/pulls", body)
    assert (status, answer["errors"][0]["message"]) == (422, words)


@statement("branch-equals-base", reads=True)
def test_a_branch_that_comes_to_equal_its_base_closes_its_pull_request(api, repository):
    pull = open_pull(api, repository)
    body = {"sha": repository.head, "force": True}
    assert api.rest("PATCH", f"{repository.path}/git/refs/heads/{repository.topic}", body).status == 200
    assert closes(api, repository, pull)


@statement("deleted-branch", reads=True)
def test_a_branch_that_is_deleted_closes_its_pull_request(api, repository):
    pull = open_pull(api, repository)
    assert api.rest("DELETE", f"{repository.path}/git/refs/heads/{repository.topic}").status == 204
    assert closes(api, repository, pull)


@statement("deleted-base-told", question="base_deletion", reads=True)
def test_a_base_that_is_deleted_closes_its_pull_request_and_the_timeline_may_say_so(api, repository, found):
    base = f"{repository.topic}-base"
    new_branch(api, repository, base)
    topic(api, repository)
    pull = api.data(OPEN, pull=pull_input(repository) | {"baseRefName": base})["pull"]["pullRequest"]
    assert api.rest("DELETE", f"{repository.path}/git/refs/heads/{base}").status == 204
    assert closes(api, repository, pull)
    events = api.data(CLOSING, **at(repository, number=pull["number"]))["repository"]["pullRequest"]["timelineItems"]
    kinds = {event["__typename"] for event in events["nodes"]}
    assert "ClosedEvent" in kinds
    found("told" if "BaseRefDeletedEvent" in kinds else "untold")


@statement("title-limit", question="title_limit", reads=True)
def test_a_title_of_257_characters(api, repository, found):
    topic(api, repository)
    errors = api.errors(OPEN, pull=pull_input(repository, title="é" * 257))
    counted = "maximum is 256 characters" in words_of(errors)
    found("1024 bytes" if not errors else "256 characters" if counted else words_of(errors))


@statement("labels-replaced", reads=True)
def test_labels_that_are_given_replace_what_was_there(api, repository):
    pull = open_pull(api, repository)
    names = [f"{repository.topic}-{number}" for number in (1, 2)]
    for name in names:
        api.data(UPDATE, pull={"pullRequestId": pull["id"], "labelIds": [label(api, repository, name)]})
    assert seen(api, repository, pull)["labels"]["nodes"] == [{"name": names[1]}]


@statement("empty-labels", question="empty_label_ids", reads=True)
def test_an_empty_list_of_labels(api, repository, found):
    pull = open_pull(api, repository)
    api.data(UPDATE, pull={"pullRequestId": pull["id"], "labelIds": [label(api, repository, repository.topic)]})
    api.data(UPDATE, pull={"pullRequestId": pull["id"], "labelIds": []})
    found("keeps" if seen(api, repository, pull)["labels"]["nodes"] else "clears")


@pytest.fixture
def author(api, place):
    """Who opens the pull requests, where that is a person."""
    if api.is_app:
        place.skip("needs the token of a person: an App can't be asked for a review at all")
    return api.data(VIEWER)["viewer"]


@statement("review-of-author", reads=True)
def test_the_author_cannot_be_asked_by_rest(api, repository, author):
    number = open_pull(api, repository)["number"]
    path = f"{repository.path}/pulls/{number}/requested_reviewers"
    assert api.rest("POST", path, {"reviewers": [author["login"]]}).status == 422


@statement("author-by-id", question="author_review", reads=True)
def test_the_author_asked_by_graphql(api, repository, author, found):
    errors = api.errors(REVIEW, id=open_pull(api, repository)["id"], users=[author["id"]])
    found("refused" if errors else "dropped", words_of(errors))


@statement("unassignable", question="unassignable", reads=True)
def test_somebody_who_can_not_be_assigned(api, place, repository, found):
    somebody = (api.ask(SOMEBODY, login=STRANGER)["data"] or {}).get("user")
    if somebody is None:
        place.skip(f"there is no user {STRANGER} here")
    pull = open_pull(api, repository)
    errors = api.errors(UPDATE, pull={"pullRequestId": pull["id"], "assigneeIds": [somebody["id"]]})
    assigned = seen(api, repository, pull)["assignees"]["totalCount"]
    found("refused" if errors else "assigned" if assigned else "dropped", words_of(errors))


def armed(api, repository, pull):
    """What became of auto-merge."""
    errors = api.errors(ENABLE, id=pull["id"])
    if not errors:
        return "merged" if seen(api, repository, pull)["state"] == "MERGED" else "armed"
    words = errors[0]["message"]
    if "is in clean status" in words:
        return "in brackets" if words.startswith("[") else "clean status"
    return "not configured" if "rules not configured" in words else words


@statement("auto-merge-clean", question="auto_merge_clean")
def test_auto_merge_where_nothing_is_left_to_wait_for(api, place, repository, found):
    setting = api.rest("PATCH", repository.path, {"allow_auto_merge": True}, keep=("allow_auto_merge",))
    if setting.status != 200 or not setting.body.get("allow_auto_merge"):
        place.skip("auto-merge can't be allowed in private repositories of this account's plan")
    pull = open_pull(api, repository)

    def ready():
        answer = api.data(READY, **at(repository, number=pull["number"]))
        return answer["repository"]["pullRequest"]["mergeable"] == "MERGEABLE"

    api.until(ready)
    found(armed(api, repository, pull))


@statement("pulls-off", question="pulls_off")
def test_a_pull_request_where_there_are_none(api, place, repository, found):
    topic(api, repository)
    api.rest("PATCH", repository.path, {"has_pull_requests": False}, keep=("name",))
    errors = api.errors(OPEN, pull=pull_input(repository))
    if not errors:
        place.skip("pull requests can't be turned off here")
    found(errors[0].get("type") or "none", words_of(errors))


@statement("merge-fields", question="merge_fields", reads=True)
def test_whether_an_app_reads_how_a_pull_request_is_merged(api, repository, found):
    number = open_pull(api, repository)["number"]
    errors = api.narrowed(contents="write", pull_requests="write").errors(MERGING, **at(repository, number=number))
    found("forbidden" if errors else "readable", words_of(errors))


@statement("same-branch-again", reads=True)
def test_a_closed_pull_request_makes_room_for_another(api, repository):
    pull = open_pull(api, repository)
    api.data(UPDATE, pull={"pullRequestId": pull["id"], "state": "CLOSED"})
    again = api.data(OPEN, pull=pull_input(repository))["pull"]["pullRequest"]
    assert again["number"] != pull["number"]
