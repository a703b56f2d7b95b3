"""The hub's repositories are real, and behave as GitHub's do."""

from __future__ import annotations

import subprocess
import time

import pytest
import requests

from tests.hub import File, Hub, Refused, Symlink


def test_repositories_are_real_and_clean(hub):
    files = {"a/b.txt": b"b\n", "a.txt": b"a\n", "run.sh": File(b"#!/bin/sh\n", 0o100755), "link": Symlink("a.txt")}
    repository = hub.repository("acme/real", files=files)
    repository.commit({"a/b.txt": None, "new/deep/file": b"x", "run.sh": b"plain now\n"}, branch="topic")
    assert repository.git("fsck", "--strict", "--full") == ""
    listing = [line.split(maxsplit=3)[::3] for line in repository.git("ls-tree", "-r", "main").splitlines()]
    assert listing == [["100644", "a.txt"], ["100644", "a/b.txt"], ["120000", "link"], ["100755", "run.sh"]]
    changed = [line.split()[-2:] for line in repository.git("diff-tree", "-r", "main", "topic").splitlines()]
    assert changed == [["D", "a/b.txt"], ["A", "new/deep/file"], ["M", "run.sh"]]
    assert repository.files("topic")["new/deep/file"] == (0o100644, b"x")


def test_git_reads_and_writes_what_the_hub_does(hub, api, tmp_path):
    oid = api.commit({"x": b"x"}, branch="topic")
    assert api.git("rev-parse", "topic").strip() == oid == api.head("topic")
    clone = tmp_path / "clone"
    api.git("clone", "-q", str(api.path), str(clone))
    assert (clone / "dir0/file0.txt").read_bytes() == b"line 0\n"
    api.git("update-ref", "refs/heads/made-by-git", oid)
    api.git("pack-refs", "--all")
    assert api.branches() == {"main": api.head(), "topic": oid, "made-by-git": oid}
    api.delete_branch("made-by-git")
    assert sorted(api.git("branch", "--format=%(refname:short)").split()) == ["main", "topic"]


def test_many_repositories_are_quickly_made(hub):
    files = {f"dir{n % 7}/file{n}": b"%d" % n * 1000 for n in range(149)}
    start = time.perf_counter()
    for number in range(100):
        hub.repository(f"acme/r{number}", files=files)
    assert time.perf_counter() - start < 3
    assert hub.find("acme/r99").git("fsck", "--full") == ""


def test_an_object_exists_only_in_the_repository_that_has_it(hub, client, api):
    other = hub.repository("acme/other", files={"only-here": b"only here\n"})
    blob = other.git("rev-parse", "main:only-here").strip()
    row = {"path": "x", "mode": "100644", "type": "blob", "sha": blob}
    assert client.rest("POST", "/repos/acme/api/git/trees", {"tree": [row]})[0] == 422
    assert client.rest("GET", f"/repos/acme/api/git/blobs/{blob}")[0] == 404
    assert client.rest("POST", "/repos/acme/other/git/trees", {"tree": [row]})[0] == 201


def test_a_pull_request_follows_its_branch(api):
    api.commit({"new": b"1"}, branch="topic")
    pull = api.open_pull("topic", title="Topic")
    oid = api.commit({"new": b"2"}, branch="topic")
    assert (pull.state, pull.head_oid) == ("OPEN", oid)


def test_resetting_the_branch_to_its_base_closes_the_pull_request(api):
    api.commit({"new": b"1"}, branch="topic")
    pull = api.open_pull("topic")
    api.set_branch("topic", api.head(), by="bob")
    assert (pull.state, pull.closed_by, pull.merged_at) == ("CLOSED", "bob", None)


def test_deleting_the_branch_closes_the_pull_request(api):
    api.commit({"new": b"1"}, branch="topic")
    pull = api.open_pull("topic")
    api.delete_branch("topic")
    assert pull.state == "CLOSED"
    with pytest.raises(Refused, match="Could not open"):
        api.reopen_pull(pull.number)


def test_pushing_the_branch_to_the_base_merges_the_pull_request(api):
    oid = api.commit({"new": b"1"}, branch="topic")
    pull = api.open_pull("topic")
    api.set_branch("main", oid)
    assert pull.state == "MERGED"


@pytest.mark.parametrize(("method", "parents"), [("merge", 2), ("squash", 1)])
def test_merging_takes_over_the_changes(api, method, parents):
    api.commit({"new": b"1"}, branch="topic")
    api.commit({"dir0/file0.txt": b"moved on\n"})
    pull = api.open_pull("topic")
    api.merge_pull(pull.number, method=method, delete_branch=True)
    assert pull.state == "MERGED"
    assert api.files()["new"] == (0o100644, b"1")
    assert api.files()["dir0/file0.txt"][1] == b"moved on\n"
    assert len(api.git("log", "-1", "--format=%P", "main").split()) == parents
    assert "topic" not in api.branches()
    assert api.git("fsck", "--no-dangling") == ""


def test_update_branch_merges_the_base_into_the_head(api):
    api.commit({"new": b"1"}, branch="topic")
    pull = api.open_pull("topic")
    api.commit({"dir0/file0.txt": b"moved on\n"})
    oid = api.update_branch(pull.number)
    assert (pull.state, pull.head_oid) == ("OPEN", oid)
    assert {"new", "dir0/file0.txt"} <= api.files("topic").keys()
    assert api.git("log", "-1", "--format=%s", "topic") == "Merge branch 'main' into topic\n"


def test_update_branch_by_rebase_keeps_authors_and_messages(api):
    api.commit({"new": b"1"}, branch="topic", message="One")
    api.commit({"new": b"2"}, branch="topic", message="Two")
    pull = api.open_pull("topic")
    api.commit({"dir0/file0.txt": b"moved on\n"})
    old = api.objects.commit(pull.head_oid)
    oid = api.update_branch(pull.number, by="carol", method="rebase")
    new = api.objects.commit(oid)
    assert (pull.state, pull.head_oid, new.message, new.author) == ("OPEN", oid, "Two", old.author)
    assert new.committer.name == api.hub.person("carol").name != new.author.name
    assert api.objects.commit(new.parents[0]).parents == (api.head(),)
    assert api.files("topic")["dir0/file0.txt"][1] == b"moved on\n"


@pytest.mark.parametrize(
    ("base", "clean"),
    [
        ({"other": b"1"}, True),
        ({"dir0/file0.txt": b"ours\n"}, False),
        ({"dir0/file0.txt": b"theirs\n"}, True),
        ({"dir0/file0.txt": None}, False),
        ({"new": b"another\n"}, False),
    ],
)
def test_conflicts_are_gits_own(api, base, clean):
    api.commit({"dir0/file0.txt": b"theirs\n", "new": b"new\n"}, branch="topic")
    pull = api.open_pull("topic")
    api.commit(base)
    assert api.mergeable(pull) == clean
    merged = subprocess.run(
        ["git", "-C", api.path, "merge-tree", "--write-tree", "main", "topic"], capture_output=True, check=False
    )
    assert (merged.returncode == 0) == clean


def test_a_renamed_repository_is_found_by_both_names(hub, client, api):
    hub.rename("acme/api", "acme-labs/api")
    assert hub.find("acme/api") is api is hub.find("acme-labs/API")
    assert api.files()["dir0/file0.txt"][1] == b"line 0\n"
    assert client.rest("GET", "/repos/acme/api")[1]["full_name"] == "acme-labs/api"
    document = '{r: repository(owner: "acme", name: "api", followRenames: %s) { nameWithOwner }}'
    assert client.data(document % "true")["r"]["nameWithOwner"] == "acme-labs/api"
    assert client.refused(document % "false")[0] == "NOT_FOUND"


def test_a_renamed_repository_redirects_writes_without_doing_them(hub, client, api):
    hub.rename("acme/api", "acme/new")
    answer = client.session.post(f"{hub.url}/repos/acme/api/labels", json={"name": "x"}, allow_redirects=False)
    assert (answer.status_code, answer.headers["Location"]) == (307, f"{hub.url}/repositories/{api.id}/labels")
    assert api.label("x") is None


def test_what_the_hub_lacks_is_reported_loudly(hub, client):
    status, body = client.rest("GET", "/repos/acme/api/actions/runs")
    assert (status, hub.unimplemented) == (501, ["GET /repos/acme/api/actions/runs"])
    assert "does not implement" in body["message"]


def test_requests_are_recorded_and_counted(hub, client, api):
    client.rest("GET", "/repos/acme/api")
    client.rest("POST", "/repos/acme/api/labels", {"name": "new"})
    client.data("query Me($x: Boolean = true) { viewer @include(if: $x) { login } }", x=True)
    client.refused('mutation { createLabel(input: {repositoryId: "x", name: "l", color: "0"}) { label { id } } }')
    assert hub.calls() == {"rest read": 1, "rest write": 1, "graphql query": 1, "graphql mutation": 1}
    first, third = hub.requests[0], hub.requests[2]
    assert (first.method, first.path, first.status, first.login) == ("GET", "/repos/acme/api", 200, "broadcast-bot")
    assert third.variables == {"x": True}
    assert third.document.startswith("query Me")


def test_a_fault_can_strike_before_the_effect_or_after_it(hub, client, api):
    hub.fail(lambda request: request.kind == "rest write", status=502, headers={"retry-after": "3"})
    assert client.rest("POST", "/repos/acme/api/labels", {"name": "one"})[0] == 502
    assert api.label("one") is None
    hub.fail(lambda request: request.kind == "rest write", after_effect=True)
    assert client.rest("POST", "/repos/acme/api/labels", {"name": "one"})[0] == 502
    assert api.label("one") is not None
    hub.fail(lambda request: True, status=0)
    with pytest.raises(requests.ConnectionError):
        client.session.post(f"{hub.url}/repos/acme/api/labels", json={"name": "two"})
    assert client.rest("POST", "/repos/acme/api/labels", {"name": "two"})[0] == 201


def test_a_token_has_an_hourly_budget(tmp_path):
    now = [1_750_000_000.0]
    with Hub(tmp_path, clock=lambda: now[0]) as hub, requests.Session() as session:
        hub.token("secret")
        hub.limits.core = 2
        hub.repository("acme/api", files={})
        session.headers["Authorization"] = "token secret"
        left = [session.get(f"{hub.url}/repos/acme/api") for _ in range(3)]
        assert [each.headers["x-ratelimit-remaining"] for each in left] == ["1", "0", "0"]
        assert (left[-1].status_code, left[-1].json()["message"][:24]) == (403, "API rate limit exceeded ")
        assert int(left[-1].headers["x-ratelimit-reset"]) == now[0] + 3600
        now[0] += 3600
        assert session.get(f"{hub.url}/repos/acme/api").status_code == 200


def test_permissions_decide_what_a_token_sees_and_does(hub, api, as_token):
    reader, stranger = as_token(permission="read"), as_token(repositories=["acme/other"])
    app = as_token(kind="app", permission="read")
    assert reader.rest("GET", "/repos/acme/api")[0] == 200
    message = reader.rest("POST", "/repos/acme/api/labels", {"name": "x"})[1]["message"]
    assert message == "Resource not accessible by personal access token"
    message = app.rest("POST", "/repos/acme/api/labels", {"name": "x"})[1]["message"]
    assert message == "Resource not accessible by integration"
    assert stranger.rest("GET", "/repos/acme/api") == (
        404,
        {"message": "Not Found", "documentation_url": "https://docs.github.com/rest", "status": "404"},
    )
    api.archived = True
    assert reader.rest("GET", "/repos/acme/api")[0] == 200


def test_trees_that_are_too_large_time_out(hub, client, api):
    rows = [{"path": f"f{n}", "mode": "100644", "type": "blob", "content": ""} for n in range(1001)]
    status, body = client.rest("POST", "/repos/acme/api/git/trees", {"tree": rows})
    assert (status, body["message"][:36]) == (422, "Sorry, your request timed out. It's ")
    assert client.rest("POST", "/repos/acme/api/git/trees", {"tree": rows[:1000]})[0] == 201


def test_a_pull_request_from_a_fork_is_none_of_ours(client, api):
    pull = api.open_pull("sync/x", cross_repository=True, author="mallory")
    api.commit({"new": b"1"}, branch="sync/x")
    ours = api.open_pull("sync/x")
    assert client.rest("GET", "/repos/acme/api/pulls?head=acme:sync/x")[1][0]["number"] == ours.number
    api.delete_branch("sync/x")
    assert (pull.state, ours.state) == ("OPEN", "CLOSED")
