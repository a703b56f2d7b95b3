"""GraphQL where it can, REST where it must, and what happens where a server can't do the one or the other."""

from __future__ import annotations

import pytest

from tests.hub import File, Request, Symlink
from tests.integration.test_main_job import FILES, behind, changed, config, in_step
from tests.world import git


def unknown(field: str, kind: str) -> dict:
    return {"errors": [{"message": f"Field '{field}' doesn't exist on type '{kind}'", "locations": []}]}


@pytest.mark.parametrize("strategy", ["graphql", "rest"])
def test_closing_leaves_a_comment_and_no_branch_whichever_way(world, strategy):
    world.write(FILES, config("acme/api"))
    api = world.hub.repository("acme/api", files=behind())
    world.run(write_strategy=strategy)
    api.commit({path: content for path, content in in_step().items() if path.startswith(".github/docs")})
    assert world.run(write_strategy=strategy).outcomes == {"acme/api": "closed"}
    assert (api.pulls[0].state, len(api.pulls[0].comments)) == ("CLOSED", 1)
    assert set(api.branches()) == {"main"}
    api.commit({".github/docs/deep/er/0.yml": b"drifted again\n"})
    assert world.run(write_strategy=strategy).outcomes == {"acme/api": "created"}


@pytest.mark.parametrize("strategy", ["graphql", "rest"])
@pytest.mark.parametrize("step", ["updated", "closed"])
def test_what_somebody_pushes_at_the_last_moment_is_neither_moved_over_nor_deleted(world, strategy, step):
    world.write(FILES, config("acme/api"))
    api = world.hub.repository("acme/api", files=behind())
    world.run(write_strategy=strategy)
    branch, pushed = api.pulls[0].head, []
    if step == "closed":
        api.commit({path: content for path, content in in_step().items() if path.startswith(".github/docs")})
    else:
        world.write({"templates/.github/CODEOWNERS": "* @acme/other\n"})
    world.hub.before(
        lambda request: moves(request, branch),
        lambda hub, request: pushed.append(api.commit({"theirs": b"theirs\n"}, branch=branch)),
        times=1,
    )
    ran = world.run(write_strategy=strategy)
    assert [api.head(branch)] == pushed
    assert ran.outcomes == {"acme/api": "edited" if step == "updated" else "closed"}


def moves(request: Request, branch: str) -> bool:
    """Whether it moves or deletes a branch."""
    refs = [one["name"] for one in (request.variables or {}).get("refs", {}).get("refUpdates", [])]
    by_rest = request.method in ("PATCH", "DELETE") and "/git/refs/" in request.path
    return by_rest or f"refs/heads/{branch}" in refs


def test_a_server_without_update_refs_is_written_to_by_rest(world):
    world.write(FILES, config("acme/api"))
    api = world.hub.repository("acme/api", files=behind())
    world.run()
    world.write({"templates/.github/CODEOWNERS": "* @acme/other\n"})
    world.hub.fail(
        lambda request: "updateRefs" in (request.document or ""),
        times=99, status=200, body=unknown("updateRefs", "Mutation"),
    )  # fmt: skip
    assert world.run().outcomes == {"acme/api": "updated"}
    assert ".github/CODEOWNERS" in changed(api, api.pulls[0].head)
    assert set(api.branches()) == {"main", api.pulls[0].head}


def test_a_server_without_merge_queues_is_asked_without_them(world):
    world.write(FILES, config("acme/api"))
    world.hub.repository("acme/api", files=behind())
    world.hub.fail(
        lambda request: "isInMergeQueue" in (request.document or ""),
        times=99, status=200, body=unknown("isInMergeQueue", "PullRequest"),
    )  # fmt: skip
    assert world.run().outcomes == {"acme/api": "created"}
    assert world.run().outcomes == {"acme/api": "open"}


def test_forced_graphql_refuses_what_it_would_spoil(world):
    world.write({"run.sh": "#!/bin/sh\n"})
    (world.source / "run.sh").chmod(0o755)
    world.write({}, "version: 1\ntargets: [acme/api]\nfiles: [run.sh]\n")
    api = world.hub.repository("acme/api", files={"a": b"a"})
    ran = world.run(write_strategy="graphql")
    assert ran.code == 1
    assert "can't set modes" in ran.target("acme/api")["reason"]
    assert not api.pulls


def test_a_thousand_new_files_fit_in_one_commit_document_and_in_few_rest_calls(world):
    world.write({f"kit/{n % 10}/{n}.txt": "x" * 2048 + str(n) for n in range(1000)})
    world.write({}, "version: 1\ntargets: [acme/one, acme/two]\ndirectories: [kit]\n")
    one, two = (world.hub.repository(name, files={"a": b"a"}) for name in ("acme/one", "acme/two"))
    assert world.run(only_targets="acme/one").code == 0
    assert sum(world.hub.calls().values()) == 3
    assert world.run(only_targets="acme/two", write_strategy="rest").code == 0
    assert sum(world.hub.calls().values()) == 20 - 5
    for repo in (one, two):
        assert git(repo.path, "rev-parse", f"{repo.pulls[0].head}:kit") == git(world.source, "rev-parse", "HEAD:kit")


def test_a_commit_of_ours_that_somebody_amended_is_theirs(world):
    world.write(FILES, config("acme/api"))
    api = world.hub.repository("acme/api", files=behind())
    world.run()
    clone = world.directory / "clone"
    git(world.directory, "clone", "-q", "-b", api.pulls[0].head, str(api.path), str(clone))
    (clone / "CODE").write_text("by hand\n")
    git(clone, "add", "-A")
    git(clone, "-c", "user.name=Al", "commit", "-q", "--amend", "--no-edit", "--date=2020-01-01T00:00:00Z")
    git(clone, "push", "-q", "--force")
    api.pulls[0].head_oid = api.head(api.pulls[0].head)
    world.write({"templates/.github/CODEOWNERS": "* @acme/other\n"})
    assert world.run().outcomes == {"acme/api": "edited"}


def test_one_target_failing_stops_no_other(world):
    world.write(FILES, config("acme/one", "acme/two"))
    world.hub.repository("acme/one", files=behind())
    two = world.hub.repository("acme/two", files=behind())
    world.hub.fail(
        lambda request: request.kind.endswith("mutation") and "acme/one" in str(request.variables),
        times=99, status=403, body={"message": "Resource not accessible by personal access token"},
    )  # fmt: skip
    ran = world.run()
    assert ran.outcomes == {"acme/one": "failed", "acme/two": "created"}
    assert "Contents: write" in ran.target("acme/one")["remedy"]
    assert len(two.pulls) == 1


def test_a_change_too_large_for_its_marker_is_declined_all_the_same(world):
    world.write({f"kit/{n % 40}/{n}": f"{n}\n" for n in range(3_100)})
    world.write({}, "version: 1\ntargets: [acme/api]\ndirectories: [kit]\n")
    api = world.hub.repository("acme/api", files={"a": b"a"})
    assert world.run().outcomes == {"acme/api": "created"}
    assert world.run().outcomes == {"acme/api": "open"}
    api.close_pull(1, by="alice")
    assert world.run().outcomes == {"acme/api": "declined"}


def test_a_base_that_moves_under_a_write_is_planned_again_and_guarded_again(world):
    world.write({"agents/a.md": "a\n"}, "version: 1\ntargets: [acme/api]\ndirectories: [{src: agents, mode: mirror}]\n")
    api = world.hub.repository("acme/api", files={"agents/old": b"o"})
    moved = []

    def move(request) -> bool:
        if request.kind == "graphql mutation" and not moved:
            moved.append(api.commit({f"agents/{n}": b"new" for n in range(11)}))
            return True
        return False

    world.hub.fail(move, status=502)
    ran = world.run()
    assert moved
    assert "limits.max_deletions" in ran.target("acme/api")["reason"]
    assert not api.pulls


@pytest.mark.parametrize("answer", ["deleted", "refused"])
@pytest.mark.parametrize("strategy", ["auto", "graphql", "rest"])
def test_executables_and_symlinks_are_deleted_whichever_way_github_takes(world, answer, strategy):
    world.hub.unknowns.commit_deletes_modes = answer
    world.write({"kit/a": "a\n"}, "version: 1\ntargets: [acme/api]\ndirectories: [{src: kit, mode: mirror}]\n")
    held = {"kit/run": File(b"#!/bin/sh\n", 0o100755), "kit/link": Symlink("a"), "kit/a": b"old\n"}
    api = world.hub.repository("acme/api", files=held)
    ran = world.run(write_strategy=strategy)
    if (answer, strategy) == ("refused", "graphql"):
        assert ran.outcomes == {"acme/api": "failed"}
        assert set(api.branches()) == {"main"}
        return
    assert ran.outcomes == {"acme/api": "created"}
    (pull,) = api.pulls
    assert changed(api, pull.head) == {"kit/a": "M", "kit/run": "D", "kit/link": "D"}
    by_rest = sum(request.writes and "/graphql" not in request.path for request in world.hub.requests)
    assert bool(by_rest) == (strategy == "rest" or answer == "refused")
    assert ("isn't signed" in ran.log) == bool(by_rest)
    if answer == "deleted" and strategy != "rest":
        assert sum(request.writes for request in world.hub.requests) == 1
    world.write({"kit/a": "new\n"})
    assert world.run(write_strategy="auto").outcomes == {"acme/api": "updated"}
    assert changed(api, pull.head) == {"kit/a": "M", "kit/run": "D", "kit/link": "D"}
