"""What is asked, and of whom; what is sent again when a document was done in part; and what the report tells of it."""

from __future__ import annotations

import json
import re

import pytest

from broadcast.git.objects import blob_id
from broadcast.github.batch import FIRST
from tests.hub import Symlink
from tests.integration.test_main_job import changed
from tests.world import git

WIDE = {f"kit/d{n // 50}/{n}.md": f"{n}\n".encode() for n in range(1_000)}
FLAT = {f"kit/{n}.md": f"{n}\n".encode() for n in range(100)}
FEW = {f"kit/{n}.md": f"{n}\n".encode() for n in range(2)}
CACHE = ".broadcast-cache"


def config(*names: str, mode: str = "copy", more: str = "") -> str:
    return f"version: 1\ntargets: [{', '.join(names)}]\ndirectories: [{{src: kit, mode: {mode}}}]\n{more}"


def behind(files, *paths: str) -> dict[str, bytes]:
    """These files, but with old contents at these paths."""
    return files | dict.fromkeys(paths, b"old\n")


def target(world, ours, held, mode: str = "copy"):
    """A target that holds these files, to which ours are sent."""
    world.write(ours, config("acme/api", mode=mode))
    return world.hub.repository("acme/api", files={"README.md": b"theirs\n"} | held)


def documents(world, word: str = "", kind: str = "query") -> list[str]:
    """The documents of the last run in which this word stands."""
    sent = [request.document for request in world.hub.requests if request.kind == f"graphql {kind}"]
    return [document for document in sent if word in document]


def lists_entries(request) -> bool:
    return "entries {" in (request.document or "")


# Directories that differ


@pytest.mark.parametrize("mode", ["copy", "mirror"])
def test_a_wide_subtree_is_listed_by_one_rest_call(world, mode):
    api = target(world, WIDE, behind(WIDE, "kit/d3/150.md", "kit/d3/own.md"), mode)
    world.run()
    assert world.hub.calls() == {"graphql query": 2, "rest read": 1, "graphql mutation": 1}
    assert not documents(world, "entries {")
    gone = {"kit/d3/own.md": "D"} if mode == "mirror" else {}
    assert changed(api, api.pulls[0].head) == {"kit/d3/150.md": "M"} | gone


@pytest.mark.parametrize("when", ["before the run", "before the listing"])
def test_a_renamed_repository_is_listed_whole_though_a_redirect_loses_what_was_asked(world, when):
    api = target(world, WIDE, behind(WIDE, "kit/d3/150.md", "kit/d3/own.md"), "mirror")
    if when == "before the run":
        world.hub.rename("acme/api", "acme/service")
    else:
        world.hub.before(
            lambda request: "/git/trees/" in request.path, lambda hub, _: hub.rename("acme/api", "acme/service")
        )
    assert world.run().target("acme/api")["files"] == {"added": 0, "changed": 1, "deleted": 1}
    assert changed(api, api.pulls[0].head) == {"kit/d3/150.md": "M", "kit/d3/own.md": "D"}


@pytest.mark.parametrize("mode", ["copy", "mirror"])
def test_where_rest_cuts_a_subtree_off_the_directory_itself_is_listed_and_what_differs_below(world, mode):
    world.hub.limits.tree_listing = 500
    api = target(world, WIDE, behind(WIDE, "kit/d3/150.md", "kit/d7/350.md"), mode)
    world.run()
    assert world.hub.calls() == {"graphql query": 3, "rest read": 2, "graphql mutation": 1}
    assert len(documents(world, "entries {")) == 1
    assert changed(api, api.pulls[0].head) == {"kit/d3/150.md": "M", "kit/d7/350.md": "M"}


def test_what_neither_api_can_list_is_asked_by_path(swift):
    swift.hub.limits.tree_listing = 50
    swift.hub.fail(lists_entries, times=99)
    api = target(swift, FLAT, behind(FLAT, "kit/7.md"))
    assert swift.run().outcomes == {"acme/api": "created"}
    assert changed(api, api.pulls[0].head) == {"kit/7.md": "M"}
    assert swift.hub.calls()["rest read"] == 2


def test_a_mirrored_directory_that_nothing_can_list_fails_and_says_what_to_do(swift):
    swift.hub.limits.tree_listing = 10
    swift.write(WIDE, config("acme/wide", "acme/fine", mode="mirror"))
    wide = swift.hub.repository("acme/wide", files=behind(WIDE, "kit/d3/150.md"))
    swift.hub.repository("acme/fine", files=WIDE)
    ran = swift.run()
    assert ran.outcomes == {"acme/wide": "failed", "acme/fine": "in_sync"}
    assert (wide.pulls, swift.hub.calls()["rest read"]) == ([], 2)
    assert ran.target("acme/wide")["reason"] == "GitHub can't list the directory kit of the target"
    assert ran.target("acme/wide")["remedy"] == "mirror or remove a smaller directory"


@pytest.mark.parametrize("trouble", ["resources", "time"])
def test_a_listing_for_which_graphql_always_runs_out_comes_by_rest(swift, trouble):
    if trouble == "resources":
        swift.hub.limits.work = 200
    else:
        swift.hub.fail(lists_entries, times=99, status=504)
    api = target(swift, FLAT, behind(FLAT, "kit/7.md"), "mirror")
    assert swift.run().outcomes == {"acme/api": "created"}
    assert changed(api, api.pulls[0].head) == {"kit/7.md": "M"}
    assert swift.hub.calls()["rest read"] == 1


def test_asking_by_path_sees_obstacles_between_and_modes(world):
    ours = {"kit/a.md": b"a\n", "kit/sub/b.md": b"b\n", "kit/mod/c.md": b"c\n", "kit/run.sh": b"#!/bin/sh\n"}
    held = {"kit/a.md": b"a\n", "kit/sub": Symlink("../elsewhere"), "kit/run.sh": b"#!/bin/sh\n"}
    api = target(world, ours, held)
    (world.source / "kit/run.sh").chmod(0o755)
    world.write({})
    clone = world.directory / "clone"
    git(world.directory, "clone", "-q", str(api.path), str(clone))
    git(clone, "update-index", "--add", "--cacheinfo", f"160000,{api.head()},kit/mod")
    git(clone, "commit", "-q", "-m", "a submodule")
    git(clone, "push", "-q", "origin", "HEAD:main")
    ran = world.run()
    assert not documents(world, "entries { name mode")
    assert changed(api, api.pulls[0].head) == {"kit/run.sh": "M"}
    assert api.files(api.pulls[0].head)["kit/run.sh"] == (0o100755, b"#!/bin/sh\n")
    assert {error["path"]: error["reason"] for error in ran.target("acme/api")["file_errors"]} == {
        "kit/sub/b.md": "the target has a symlink at kit/sub",
        "kit/mod/c.md": "the target has a submodule at kit/mod",
    }


def test_a_poisoned_cache_changes_nothing_but_the_cost(world):
    api = target(world, FLAT, behind(FLAT, "kit/7.md", "kit/own.md"))
    world.run(command="plan", cache_dir=CACHE)
    assert world.run(command="plan", cache_dir=CACHE).results["totals"]["cache_hits"] == 1
    (file,) = (world.source / CACHE).iterdir()
    as_if_in_step = bytes.fromhex(blob_id(b"old\n")), bytes.fromhex(blob_id(b"7\n"))
    file.write_bytes(file.read_bytes().replace(*as_if_in_step))
    ran = world.run(cache_dir=CACHE)
    assert "has a corrupt entry, which is ignored" in ran.summary
    assert changed(api, api.pulls[0].head) == {"kit/7.md": "M"}
    assert world.run(cache_dir=CACHE).results["totals"]["cache_hits"] == 1


# Documents that are too much


def fleet(world, count: int, more: str = "", held=FEW) -> list[str]:
    names = [f"t{n}" for n in range(count)]
    world.write(FEW, config(*(f"acme/{name}" for name in names), more=more))
    for name in names:
        world.hub.repository(f"acme/{name}", files=held)
    return names


def asked(world) -> list[list[str]]:
    """The targets that each document of the last run asked about."""
    return [re.findall(r'\nq\d+: repository\(owner: "acme", name: "(\w+)"', text) for text in documents(world)]


ROOM = FIRST - 2  # for targets in the first document, beside the two searches for what was dropped


@pytest.mark.parametrize("how", [{"status": 504}, {"cut": True}, {"status": 0}, {"malformed": True}])
def test_a_document_whose_answer_breaks_is_halved_until_it_does_not(world, how):
    names = fleet(world, ROOM)
    world.hub.fail(lambda request: request.number <= 2, times=2, **how)
    assert set(world.run().outcomes.values()) == {"in_sync"}
    whole, *rest = asked(world)
    assert whole == names
    assert max(len(one) for one in rest) <= FIRST // 2
    assert {name for one in rest for name in one} == set(names)
    assert len(rest) <= 4


def test_only_what_was_not_answered_is_asked_again(world):
    names = fleet(world, ROOM)
    world.hub.fail_field(
        lambda request, path, kind, field, _: request.number == 1 and path in (["q3"], ["q7"]),
        "Resource limits for this query exceeded.", type="RESOURCE_LIMITS_EXCEEDED", times=2,
    )  # fmt: skip
    assert set(world.run().outcomes.values()) == {"in_sync"}
    assert asked(world) == [names, ["t1", "t5"]]


def test_a_fleet_that_exceeds_the_resources_of_a_query_is_split_into_smaller_ones(world):
    names = fleet(world, ROOM)
    world.hub.limits.work = 40
    assert set(world.run().outcomes.values()) == {"in_sync"}
    first, *later = asked(world)
    again = {name for one in later for name in one}
    assert first == names
    assert max(len(one) for one in later) <= FIRST // 2
    assert 0 < len(again) < len(names)  # the hub answers in order: some of the first document were answered at once
    assert again == set(names[-len(again) :])


def test_documents_stay_as_large_as_they_have_become_in_the_same_run(world):
    fleet(world, 60, held={"README.md": b"theirs\n"})
    world.run(command="plan")
    sizes = [len(one) for one in asked(world)]
    assert sizes == [ROOM, 60 - ROOM, 60]  # the look in two documents, then the pull requests in one


def test_one_target_that_is_always_too_much_fails_alone(world):
    fleet(world, 4)
    world.hub.fail_field(
        lambda request, path, kind, field, arguments: field == "repository" and arguments["name"] == "t2",
        "Resource limits for this query exceeded.", type="RESOURCE_LIMITS_EXCEEDED", times=99,
    )  # fmt: skip
    ran = world.run()
    assert ran.outcomes == {"acme/t0": "in_sync", "acme/t1": "in_sync", "acme/t2": "failed", "acme/t3": "in_sync"}
    assert "could not answer in time" in ran.target("acme/t2")["reason"]


# Documents that were done in part


def names_of(world) -> list[str]:
    """The documents that the last run wrote with, by name."""
    return [re.search(r"mutation (\w+)", text)[1] for text in documents(world, kind="mutation")]


@pytest.mark.parametrize(("field", "then"), [("createCommitOnBranch", "CommitAndOpen"), ("createPullRequest", "Open")])
def test_a_document_refused_in_its_middle_is_completed_by_one_that_does_the_rest(world, field, then):
    api = target(world, FEW, {})
    world.hub.fail_field(lambda request, path, kind, name, _: name == field, "A conflict occurred")
    assert world.run().outcomes == {"acme/api": "created"}
    assert names_of(world) == ["Create", then]
    assert set(api.branches()) == {"main", "broadcast/acme/templates"}
    assert (len(api.pulls), set(changed(api, api.pulls[0].head))) == (1, set(FEW))


def test_a_branch_that_lacks_nothing_but_its_pull_request_gets_just_that(world):
    api = target(world, FEW, {})
    world.run()
    head = api.head(api._pulls.pop().head)
    assert world.run().outcomes == {"acme/api": "created"}
    assert names_of(world) == ["Open"]
    assert (len(api.pulls), api.pulls[0].head_oid) == (1, head)


def test_a_description_that_no_longer_says_what_is_proposed_is_written_again_and_nothing_else(world):
    api = target(world, FEW, {})
    world.run()
    body = api.pulls[0].body
    api.pulls[0].body = re.sub(r'"pairs":\[[^]]*\]', '"pairs":[]', body)
    assert world.run().outcomes == {"acme/api": "updated"}
    assert names_of(world) == ["Describe"]
    assert api.pulls[0].body == body


def test_what_drifts_on_the_base_after_our_commit_is_proposed_too(world):
    api = target(world, FEW, {"kit/1.md": b"1\n"})
    world.run()
    api.commit({"kit/1.md": b"drifted\n"})
    world.run()
    api.merge_pull(1)
    assert api.files()["kit/1.md"][1] == b"1\n"


def test_the_same_binary_at_two_paths_is_sent_once_by_rest(world):
    api = target(world, {f"kit/{name}.bin": bytes(range(256)) for name in "ab"}, {})
    world.run(write_strategy="rest")
    assert [request.path for request in world.hub.requests].count("/repos/acme/api/git/blobs") == 1
    assert changed(api, api.pulls[0].head) == {"kit/a.bin": "A", "kit/b.bin": "A"}


# What is written how, and what is told of it


def test_plain_files_go_by_graphql_alone_and_an_executable_makes_the_commit_go_by_rest(world):
    target(world, FEW, {})
    world.run()
    assert set(world.hub.calls()) == {"graphql query", "graphql mutation"}
    (world.source / "kit/0.md").chmod(0o755)
    world.write({})
    world.run()
    assert {"/repos/acme/api/git/trees", "/repos/acme/api/git/commits"} <= {one.path for one in world.hub.requests}
    assert "createCommitOnBranch" not in "".join(documents(world, kind="mutation"))


def test_the_debug_log_has_one_line_of_vital_signs(world):
    world.write({"kit/left.out": "x"}, None)
    target(world, FEW, {})
    ran = world.run(log_level="debug")
    (line,) = [line for line in ran.log.splitlines() if line.startswith("{") and "processing_time_ms" in line]
    told = json.loads(line)
    calls = sum(world.hub.calls().values())
    assert told["processing_time_ms"] > 0
    assert (told["files_synced"], told["files_excluded"], told["cache_hits"]) == (2, 1, 0)
    assert (told["api_calls"], told["api_calls_saved"]) == (calls, max(0, 2 + 1 - calls))
    assert "processing_time_ms" not in world.run().log


def test_results_and_summary_count_every_call_and_byte_once(world):
    fleet(world, 2, "pr_labels: [new]\n", {})
    ran = world.run()
    totals, requests = ran.results["totals"], world.hub.requests
    assert totals["api_calls"] == len(requests) == int(ran.outputs["api-calls"])
    assert totals["bytes_sent"] == sum(request.size for request in requests)
    assert [one["api_calls"] for one in ran.results["targets"]] == [2, 2]
    phases = ran.results["phases"]
    for name, total in (("calls", "api_calls"), ("points", "api_points"), ("sent", "bytes_sent")):
        assert sum(phase[name] for phase in phases.values()) == totals[total]
    assert sum(phase["received"] for phase in phases.values()) == totals["bytes_received"] > 0
    rows = {row[1]: row[2:-1] for line in ran.summary.splitlines() if (row := re.split(r" ?\| ?", line))[1:]}
    for name in ("observe", "apply"):
        told = dict(zip(rows["phase"], rows[name], strict=True))
        assert (told["calls"], told["points"]) == (str(phases[name]["calls"]), str(phases[name]["points"]))
        assert all(re.fullmatch(r"[\d.]+ (B|KiB)", told[what]) for what in ("sent", "received"))
