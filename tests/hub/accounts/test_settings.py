"""What people set up in a repository and an organization: ways to merge, milestones, teams."""

from __future__ import annotations

from tests.hub.git.ids import node_id

MERGING = """{ repository(owner: "acme", name: "lib") {
  viewerDefaultMergeMethod mergeCommitAllowed squashMergeAllowed rebaseMergeAllowed deleteBranchOnMerge } }"""
MILESTONES = """query($query: String, $states: [MilestoneState!]) { repository(owner: "acme", name: "api") {
  milestones(first: 9, query: $query, states: $states) { nodes { title state closed } } } }"""
ENABLE = """mutation($id: ID!, $method: PullRequestMergeMethod) {
  enablePullRequestAutoMerge(input: {pullRequestId: $id, mergeMethod: $method}) { pullRequest { number } } }"""


def test_ways_to_merge(hub, client):
    hub.repository("acme/lib", files={}, merge_commit_allowed=False, delete_branch_on_merge=True)
    assert client.data(MERGING)["repository"] == {
        "viewerDefaultMergeMethod": "SQUASH",
        "mergeCommitAllowed": False,
        "squashMergeAllowed": True,
        "rebaseMergeAllowed": True,
        "deleteBranchOnMerge": True,
    }
    found = client.rest("GET", "/repos/acme/lib")[1]
    assert (found["allow_merge_commit"], found["allow_squash_merge"], found["delete_branch_on_merge"]) == (0, 1, 1)


def test_the_default_way_is_the_first_that_is_allowed_or_the_one_that_was_set(hub, client):
    hub.repository("acme/lib", files={}, default_merge_method="REBASE")
    assert client.data(MERGING)["repository"]["viewerDefaultMergeMethod"] == "REBASE"


def test_auto_merge_is_refused_by_a_way_that_is_not_allowed(hub, client):
    lib = hub.repository("acme/lib", files={}, allow_auto_merge=True, required_checks=True, squash_merge_allowed=False)
    lib.commit({"new": b"1"}, branch="topic")
    lib.open_pull("topic")
    words = "Merge method squash merging is not allowed on this repository"
    assert client.refused(ENABLE, id=node_id("PR", lib.id, 1), method="SQUASH") == ("UNPROCESSABLE", words)
    client.data(ENABLE, id=node_id("PR", lib.id, 1), method="REBASE")


def test_merged_branches_are_deleted_where_that_is_set(hub):
    lib = hub.repository("acme/lib", files={}, delete_branch_on_merge=True)
    lib.commit({"new": b"1"}, branch="topic")
    lib.open_pull("topic")
    lib.merge_pull(1)
    assert list(lib.branches()) == ["main"]


def test_milestones_are_found_by_title_and_state(client, api):
    api.add_milestone("v2")
    api.add_milestone("v0", closed=True)

    def titles(**given):
        return [each["title"] for each in client.data(MILESTONES, **given)["repository"]["milestones"]["nodes"]]

    assert titles() == ["v1", "v2", "v0"]
    assert titles(query="V2") == ["v2"]
    assert (titles(states=["OPEN"]), titles(states=["CLOSED"])) == (["v1", "v2"], ["v0"])


def test_a_team_that_is_not_there_is_null(hub, client, api):
    hub.team("acme", "platform")
    document = '{ organization(login: "acme") { a: team(slug: "platform") { slug name } b: team(slug: "x") { id } } }'
    assert client.data(document)["organization"] == {"a": {"slug": "platform", "name": "platform"}, "b": None}
