"""Call budgets: scenarios run on the hub, with the calls that each may cost and did cost.

`tests/integration/test_budgets.py` asserts them, `make bench-calls` prints them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from tests.hub import Hub
from tests.hub.faults.clock import Clock
from tests.world import Ran, World

FLEET, FILES = 100, 149
DOCS = {f".github/docs/deep/er/{n}.md": f"page {n}\n".encode() for n in range(74)}
WORKFLOWS = {f".github/workflows/{n}.yml": f"name: {n}\n".encode() for n in range(74)}
HELD = {**DOCS, **WORKFLOWS, ".github/CODEOWNERS": b"* @acme/platform\n"}
LABEL = "sync"


class Cost(NamedTuple):
    """Calls of one run, counted by the hub."""

    reads: int
    writes: int

    def __str__(self) -> str:
        return f"{self.reads} reads, {self.writes} writes"


class Row(NamedTuple):
    """One line of the table."""

    scenario: str
    budget: str
    cost: Cost
    holds: bool


@dataclass
class Stage:
    """A world, and the rows played in it."""

    world: World

    @classmethod
    def build(cls, directory: Path, hub: Hub) -> Stage:
        return cls(World(directory, hub))

    def source(self, files: Mapping[str, bytes], targets: list[str], mapping: str, more: str = "") -> None:
        """Commit the files below `kit/` and a config that sends them."""
        config = f"version: 1\ntargets: [{', '.join(targets)}]\n{mapping}\n{more}"
        self.world.write({f"kit/{path}": content for path, content in files.items()}, config)

    def fleet(self, files: Mapping[str, bytes], count: int = FLEET, own: bool = False) -> list[str]:
        """Repositories with these files and, each, some of its own in the mapped directories."""
        names = [f"acme/t{n}" for n in range(count)]
        for name in names:
            extra = {f".github/{part}/{name[5:]}.own": name.encode() for part in ("workflows", "docs/deep/er")}
            self.world.hub.repository(name, files={**files, **(extra if own else {})}, labels=[LABEL])
        return names

    def run(self, outcomes: dict[str, int], **inputs: str) -> Cost:
        """Run once and check the outcomes."""
        ran = self.world.run(results_file="results.json", **inputs)
        assert counted(ran) == outcomes, ran.log
        calls = self.world.hub.calls()
        reads, writes = (sum(calls[f"{api} {kind}"] for api, kind in kinds) for kinds in (READS, WRITES))
        assert reads + writes == int(ran.outputs["api-calls"]) == sum(calls.values())
        return Cost(reads, writes)


READS = (("rest", "read"), ("graphql", "query"))
WRITES = (("rest", "write"), ("graphql", "mutation"))
GITHUB = "directories: [{src: kit/.github, dest: .github}]"


def counted(ran: Ran) -> dict[str, int]:
    """Number of targets by outcome."""
    found: dict[str, int] = {}
    for name in ran.outcomes.values():
        found[name] = found.get(name, 0) + 1
    return found


def in_step(stage: Stage) -> Iterator[Row]:
    stage.source(HELD, stage.fleet(HELD), GITHUB)
    cost = stage.run({"in_sync": FLEET})
    yield Row("100 targets x 149 files in step", "4 calls, 0 writes", cost, sum(cost) <= 4 and not cost.writes)


def with_own_files(stage: Stage) -> Iterator[Row]:
    stage.source(HELD, stage.fleet(HELD, own=True), GITHUB)
    cache = ".broadcast-cache"
    cost = stage.run({"in_sync": FLEET}, cache_dir=cache)
    yield Row("the same, each with files of its own, cold", "10 calls, 0 writes", cost, sum(cost) <= 10)
    cost = stage.run({"in_sync": FLEET}, cache_dir=cache)
    yield Row("the same, with a warm cache-dir", "5 calls, 0 writes", cost, sum(cost) <= 5)


def one_file_changed(stage: Stage) -> Iterator[Row]:
    names = stage.fleet(HELD)
    stage.source({**HELD, ".github/docs/deep/er/7.md": b"new\n"}, names, GITHUB, f"pr_labels: [{LABEL}]\n")
    cost = stage.run({"created": FLEET})
    holds = cost.reads <= 8 and cost.writes <= 1.2 * FLEET
    yield Row("100 targets, the same file changed, with a label", "8 reads, 1.2 writes a target", cost, holds)
    assert all(pull.labels == [LABEL] for repo in stage.world.hub.repositories.values() for pull in repo.pulls)
    cost = stage.run({"open": FLEET})
    yield Row("again, pull requests open", "8 calls, 0 writes", cost, sum(cost) <= 8 and not cost.writes)
    stage.world.write({"kit/.github/docs/deep/er/8.md": "new too\n"})
    cost = stage.run({"updated": FLEET})
    holds = cost.reads <= 12 and cost.writes <= 2.2 * FLEET
    yield Row("again, source changed once more", "12 reads, 2.2 writes a target", cost, holds)


def two_files_deep(stage: Stage) -> Iterator[Row]:
    names = stage.fleet(HELD, 1)
    changed = {f".github/docs/deep/er/{n}.md": b"new\n" for n in (3, 4)}
    stage.source({**HELD, **changed}, names, GITHUB, f"pr_labels: [{LABEL}]\n")
    cost = stage.run({"created": 1})
    yield Row("1 target x 149 files, 2 changed three levels deep, label", "4 calls", cost, sum(cost) <= 4)


def a_thousand_new_files(stage: Stage) -> Iterator[Row]:
    names = stage.fleet({"README.md": b"theirs\n"}, 2)
    new = {f"pages/{n // 50}/{n}.md": (f"{n}\n".encode() * 512)[:2048] for n in range(1000)}
    stage.source(new, names, "directories: [{src: kit/pages, dest: pages}]")
    cost = stage.run({"created": 1}, only_targets=names[0])
    yield Row("1 target x 1000 new files of 2 KB, one commit document", "6 calls", cost, sum(cost) <= 6)
    cost = stage.run({"created": 1}, only_targets=names[1], write_strategy="rest")
    yield Row("the same by REST", "20 calls", cost, sum(cost) <= 20)


def modes_and_binaries(stage: Stage) -> Iterator[Row]:
    names = stage.fleet({"README.md": b"theirs\n"}, 1)
    files = {f".github/{n}.sh": f"#!/bin/sh\n{n}\n".encode() for n in range(28)}
    files |= {f".github/{n}.png": bytes(range(256)) + bytes([n]) for n in range(2)}
    stage.source(files, names, GITHUB)
    for n in range(3):
        (stage.world.source / f"kit/.github/{n}.sh").chmod(0o755)
    stage.world.write({})
    cost = stage.run({"created": 1})
    yield Row("30 changed files, 3 executables and 2 binaries among them", "10 calls", cost, sum(cost) <= 10)


def a_thousand_targets(stage: Stage) -> Iterator[Row]:
    files = {".github/CODEOWNERS": b"* @acme/platform\n"}
    stage.source(files, stage.fleet(files, 1000), GITHUB)
    cost = stage.run({"in_sync": 1000})
    yield Row("1000 targets in step", "20 calls", cost, sum(cost) <= 20 and not cost.writes)


def a_huge_target(stage: Stage) -> Iterator[Row]:
    own = {f"src/part{n % 40}/{n}.py": f"{n}\n".encode() for n in range(19_000)}
    own |= {f"src/{n}.txt": b"own\n" for n in range(1_000)}
    stage.world.hub.repository("acme/huge", files=own)
    ours = {f"src/kit{n}.py": b"ours\n" for n in range(5)} | {f"kit{n}": b"ours\n" for n in range(5)}
    stage.source(ours, ["acme/huge"], "directories: [{src: kit, dest: .}]")
    cost = stage.run({"created": 1})
    whole = any(
        "entries { name mode" in (one.document or "") or "/trees/" in one.path for one in stage.world.hub.requests
    )
    yield Row(
        "dest: . into a target with 20,000 files, 10 of ours", "6 calls, never listed whole", cost,
        sum(cost) <= 6 and not whole,
    )  # fmt: skip


def merge(stage: Stage, names: Iterable[str]) -> None:
    """Merge what is open at these targets, a day before the next run."""
    for name in names:
        repository = stage.world.hub.find(name)
        for pull in [one for one in repository.pulls if one.state == "OPEN"]:
            repository.merge_pull(pull.number)
            repository.delete_branch(pull.head)
    stage.world.hub.clock.advance(86_400)


def three_waves(stage: Stage) -> Iterator[Row]:
    names = stage.fleet(HELD)
    waves = 'rollout: [{name: one, targets: ["acme/t?"]}, {name: two, targets: ["acme/t1?"]}, {name: rest}]\n'
    stage.source({**HELD, ".github/CODEOWNERS": b"new\n"}, names, GITHUB, f"{waves}advance: {{soak: 24h}}\n")
    cost = stage.run({"created": 10, "waiting": 90})
    holds = cost.reads <= 4 and cost.writes == 10
    yield Row("100 targets in three waves, the first begins", "4 reads, 1 write for each of its 10", cost, holds)
    cost = stage.run({"open": 10, "waiting": 90})
    yield Row("again, nothing may move", "5 calls, 0 writes", cost, sum(cost) <= 5 and not cost.writes)
    merge(stage, names[:10])
    cost = stage.run({"in_sync": 10, "created": 10, "waiting": 80})
    yield Row("a day after all of it merged", "4 reads, 1 write for each of the next 10", cost, cost == (4, 10))
    merge(stage, names[10:20])
    cost = stage.run({"in_sync": 20, "created": 80})
    yield Row("and the last wave", "4 reads, 1 write for each of its 80", cost, cost.reads <= 4 and cost.writes == 80)


def waves_of_a_busy_source(stage: Stage) -> Iterator[Row]:
    names = stage.fleet(HELD)
    waves = 'rollout: [{name: one, targets: ["acme/t?"]}, {name: two, targets: ["acme/t1?"]}, {name: rest}]\n'
    stage.source(HELD, names, GITHUB, f"{waves}advance: {{soak: 12h, send: passed}}\n")
    for version in (1, 2):
        stage.world.write({"kit/.github/CODEOWNERS": f"{version}\n"})
        stage.world.run()
        merge(stage, names)
    stage.world.write({"kit/.github/CODEOWNERS": "3\n"})
    cost = stage.run({"created": 100})
    yield Row(
        "each wave gets another commit of the source",
        "10 reads, 1 write a target",
        cost,
        cost.reads <= 10 and cost.writes == 100,
    )


def check_and_status(stage: Stage, sent: int, merged: int, changed_back: int) -> tuple[Cost, Cost]:
    """What both cost in a fleet of which so many got a pull request, merged it, and were changed by people since."""
    names, news = stage.fleet(HELD), {".github/docs/deep/er/7.md": b"new\n"}
    stage.source({**HELD, **news}, names, GITHUB)
    repositories = [stage.world.hub.find(name) for name in names]
    for one in repositories[sent:]:
        one.commit(news)
    stage.world.run(results_file="results.json")
    for one in repositories[:merged]:
        one.merge_pull(1, delete_branch=True)
    for one in repositories[:changed_back]:
        one.commit({".github/docs/deep/er/7.md": b"theirs\n"})
    for one in repositories[merged:sent]:
        one.report(one.pulls[0].head_oid, "ci", "FAILURE")
    outcomes = {"created": changed_back, "in_sync": FLEET - sent + merged - changed_back, "open": sent - merged}
    outcomes = {name: count for name, count in outcomes.items() if count}
    return stage.run(outcomes, command="check"), stage.run(outcomes, command="status")


def status(stage: Stage) -> Iterator[Row]:
    check, cost = check_and_status(stage, sent=60, merged=30, changed_back=10)
    holds = sum(cost) <= sum(check) + 2 and not cost.writes
    yield Row(
        "status of 100 targets, 60 in step, 30 with a pull request open", "check + 2 calls, 0 writes", cost, holds
    )


PLAYS: tuple[Callable[[Stage], Iterator[Row]], ...] = (
    in_step, with_own_files, one_file_changed, two_files_deep, a_thousand_new_files, modes_and_binaries,
    a_thousand_targets, a_huge_target, three_waves, waves_of_a_busy_source, status,
)  # fmt: skip


def play(scenario: Callable[[Stage], Iterator[Row]], directory: Path) -> list[Row]:
    """Run one scenario in a new world; returns its rows."""
    with Hub(directory / "hub", clock=Clock()) as hub:
        return list(scenario(Stage.build(directory, hub)))
