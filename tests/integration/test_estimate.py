"""What a run says that its writes will take is what they take, by the hub's own count and clock."""

from __future__ import annotations

import re

import pytest

from broadcast.pipeline.estimate import Estimate
from tests.hub import Hub
from tests.hub.faults.clock import Clock
from tests.scenarios import LABEL
from tests.world import World

EVERYTHING = """\
pr_labels: [sync]
pr_assignees: [sam]
pr_milestone: "1.0"
pr_reviewers: [alice]
pr_team_reviewers: [platform]
pr_auto_merge: true
"""
SPOKEN = re.compile(r"^about (\d+) writes?, .* within GitHub's limits$", re.MULTILINE)


@pytest.fixture
def world(tmp_path):
    with Hub(tmp_path / "hub", clock=Clock()) as hub:
        hub.team("acme", "platform")
        for login in ("sam", "alice"):
            hub.user(login)
        hub.limits.documented()
        yield World(tmp_path, hub)


def run(world, **inputs):
    world.hub.clock.advance(3_600)
    return world.run(results_file="results.json", **inputs)


def fleet(world, count=3, more="", files=None, labels=(LABEL,), **repository):
    """So many targets that lack these files."""
    names = [f"acme/t{n}" for n in range(count)]
    files = {"a.md": b"a\n", "b.md": b"b\n"} if files is None else files
    config = f"version: 1\ntargets: [{', '.join(names)}]\ndirectories: [{{src: kit, dest: .}}]\n{more}"
    world.write({f"kit/{path}": content for path, content in files.items()}, config)
    given = {"files": {"README.md": b"theirs\n"}, "labels": labels, **repository}
    return [world.hub.repository(name, **given) for name in names]


def plain(world):
    fleet(world, 30)


def labelled(world):
    fleet(world, 23, f"pr_labels: [{LABEL}]\n")


def lacking_labels(world):
    fleet(world, 60, f"pr_labels: [{LABEL}]\n", labels=())


def reviewed(world):
    fleet(world, 7, "pr_reviewers: [alice]\n")


def with_everything(world):
    fleet(world, 12, EVERYTHING, milestones=["1.0"], allow_auto_merge=True, required_checks=True)


def without_their_milestone(world):
    fleet(world, 2, 'pr_milestone: "1.0"\n')


def executables(world):
    fleet(world, 2, files={"run": b"#!/bin/sh\n", "same": b"#!/bin/sh\n", "p.png": b"\x89PNG\xff", "q.png": b"\xff\0"})
    (world.source / "kit/run").chmod(0o755)
    world.write({})


def many_files_by_rest(world):
    fleet(world, 2, files={f"{n}.md": f"{n}\n".encode() for n in range(230)} | {"x.bin": b"\xff\xfe"})
    return {"write_strategy": "rest"}


def large_files_by_rest(world):
    fleet(world, 1, files={f"{n}.md": f"{n}".encode() * 700_000 for n in range(4)})
    return {"write_strategy": "rest"}


def updates(world, strategy="auto"):
    fleet(world, 5, f"pr_labels: [{LABEL}]\n")
    run(world)
    world.write({"kit/a.md": "newer\n"})
    return {"write_strategy": strategy}


def updates_by_rest(world):
    return updates(world, "rest")


def updates_of_executables(world):
    executables(world)
    run(world)
    world.write({"kit/run": "#!/bin/bash\n"})


def closes(world, strategy="auto"):
    repositories = fleet(world, 4)
    run(world)
    for one in repositories:
        one.commit({"a.md": b"a\n", "b.md": b"b\n"})
    return {"write_strategy": strategy}


def closes_by_rest(world):
    return closes(world, "rest")


def cancelled(world):
    fleet(world, 4)
    run(world)
    return {"command": "cancel", "only_targets": "acme/*"}


def superseded(world):
    for one in fleet(world, 3, "supersedes: [sync-]\n"):
        for n in range(2):
            one.commit({"LICENSE": b"%d\n" % n}, branch=f"sync-{n}")
            one.open_pull(f"sync-{n}", "main", "Sync files", "by the older tool")


def left_undecorated(world):
    fleet(world, 4, f"pr_labels: [{LABEL}]\n")
    world.hub.fail(lambda request: "mutation Decorate" in (request.document or ""), status=502, times=3)
    run(world)


def left_without_pull_requests(world):
    fleet(world, 2)
    world.hub.fail_field(lambda *about: about[3] == "createPullRequest", "no", "FORBIDDEN", times=99)
    run(world)
    world.hub.field_faults.clear()


def few_at_once(world):
    fleet(world, 9, f"pr_labels: [{LABEL}]\n")
    return {"max_pull_requests": "4"}


def in_waves(world):
    fleet(world, 3)
    groups = (
        "  - {name: First, id: first, targets: [acme/t0, acme/t1]}\n"
        "  - {name: Second, id: second, depends_on: [first], targets: [acme/t2]}\n"
    )
    world.write({}, f"version: 1\npr_labels: [{LABEL}]\nfiles: [{{src: kit/a.md, dest: a.md}}]\ngroups:\n{groups}")


def in_step(world):
    world.write({"a.md": b"a\n"}, "version: 1\ntargets: [acme/t0]\nfiles: [a.md]\n")
    world.hub.repository("acme/t0", files={"a.md": b"a\n"})


SCENARIOS = (
    plain, labelled, lacking_labels, reviewed, with_everything, without_their_milestone, executables,
    many_files_by_rest, large_files_by_rest, updates, updates_by_rest, updates_of_executables, closes, closes_by_rest,
    cancelled, superseded, left_undecorated, left_without_pull_requests, few_at_once, in_waves, in_step,
)  # fmt: skip


def writes(world):
    """When the writes of the last run went out."""
    return [request.received_at for request in world.hub.requests if request.writes]


@pytest.mark.parametrize("scenario", SCENARIOS, ids=[one.__name__ for one in SCENARIOS])
def test_the_estimate_counts_every_write_and_how_long_they_take(world, scenario):
    inputs = scenario(world) or {}
    planned = run(world, **inputs, dry_run="true")
    assert not writes(world)
    assert "within GitHub's limits" not in planned.log
    ran = run(world, **inputs)
    went = writes(world)
    assert ran.results["estimate"] == planned.results["estimate"]
    assert (planned.results["estimate"]["calls"], SPOKEN.findall(ran.log)) == (len(went), [str(len(went))] * bool(went))
    took = went[-1] - went[0] if went else 0
    assert took == pytest.approx(ran.results["estimate"]["seconds"], abs=2.0)
    assert not world.hub.rejected


@pytest.mark.parametrize("command", ["check", "status"])
def test_a_command_that_never_writes_estimates_nothing(world, command):
    plain(world)
    ran = run(world, command=command)
    assert ran.results["estimate"] is None
    assert "within GitHub's limits" not in ran.log


def test_a_plan_says_in_its_summary_what_sync_would_write(world):
    plain(world)
    summary = run(world, command="plan").summary
    assert "`sync` would make about 30 writes, less than a minute within GitHub's limits." in summary


@pytest.mark.parametrize(
    ("estimate", "words"),
    [
        (Estimate(1, 0.0), "about 1 write, less than a minute within GitHub's limits"),
        (Estimate(12, 119.0), "about 12 writes, 2 min within GitHub's limits"),
    ],
)
def test_the_estimate_is_in_plain_words(estimate, words):
    assert estimate.words == words
