"""`make storm`: run on fleets in every state under random faults, and check the invariants.

`tests/integration/test_storms.py` plays a sample; `test_kills.py` shares the fleet and its checks.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from broadcast.apply.answers import MARKER
from broadcast.ownership import scratch_name
from tests.hub import Clock, File, Hub, PullRequest, Repository
from tests.hub.git import history
from tests.scenarios import LABEL, counted
from tests.world import SOURCE, TOKEN, Ran, World

BRANCH = f"broadcast/{SOURCE}"
SCRATCH = scratch_name(BRANCH)
BOT = "broadcast-bot"
STORMY = "storm/"  # where a storm's own commits to a base go
HOUR = 3600

STATES = (
    "new",  # nothing of ours is there
    "behind",  # one file is another
    "in-step",
    "stale",  # a pull request is open, of what the source held before
    "open",  # a pull request is open and right
    "done",  # a pull request is open, and its base has got all of it by another way
)
RIGHT = ("in-step", "done")  # nothing is left to propose
PROPOSED = ("created", "updated", "open")
AT_REST = ("open", "in_sync", "declined")
WRITES = ("rest write", "graphql mutation")
HARM = ("duplicates", "lost", "scratch", "left over", "answered twice", "rejected")
COUNTS = ("faults", "calls", *HARM)

KIT = {f".github/docs/{n}.md": f"page {n}\n".encode() for n in range(5)} | {".github/CODEOWNERS": b"* @acme/platform\n"}
TOOL = {"bin/check": b"#!/bin/sh\nexit 0\n"}
BEFORE = {".github/CODEOWNERS": b"* @acme/founders\n", "bin/check": b"#!/bin/sh\nexit 1\n"}
THEIRS = {"README.md": b"theirs\n", "src/main.py": b"print()\n"}
EXECUTABLE = 0o100755
LINES = "".join(f"line {number}\n" for number in range(9)).encode()
PARTS = {"ignored": b"*.pyc\n", "keys.json": b'{"lint": "eslint"}\n', "conf.txt": LINES.replace(b"line 7", b"ours")}
PARTS_BEFORE = {"ignored": b"*.pyo\n", "keys.json": b'{"lint": "jshint"}\n', "conf.txt": LINES}
OWN = {".gitignore": b"own/\n", "package.json": b'{\n  "name": "api"\n}\n'}
SHARED = {  # what targets are to hold of these and of the source's parts
    ".gitignore": b"own/\n\n# broadcast:begin kit managed by acme/templates\n*.pyc\n# broadcast:end kit\n",
    "package.json": b'{\n  "name": "api",\n  "lint": "eslint"\n}\n',
    "conf.txt": PARTS["conf.txt"],
}
CONFIG = f"""\
version: 1
pr_labels: [{LABEL}]
directories: [.github/docs]
files:
  - .github/CODEOWNERS
  - {{src: ignored, dest: .gitignore, mode: block, id: kit}}
  - {{src: keys.json, dest: package.json, mode: keys}}
  - {{src: conf.txt, mode: merge}}
targets:
"""

Files = dict[str, tuple[int, bytes]]


class Target(NamedTuple):
    """One repository of the fleet."""

    name: str
    state: str
    has_tool: bool = False  # an executable, which only REST can write
    has_label: bool = True

    @property
    def wanted(self) -> dict[str, File]:
        tools = {path: File(content, EXECUTABLE) for path, content in TOOL.items()} if self.has_tool else {}
        shared = {path: self.edited(content) for path, content in SHARED.items()}
        return {path: File(content) for path, content in {**KIT, **shared}.items()} | tools

    def edited(self, content: bytes) -> bytes:
        """A file with a change of people's, where they have changed it."""
        return content.replace(b"line 1\n", b"theirs\n") if self.state == "behind" else content

    @property
    def entry(self) -> str:
        """The target's entry in the config."""
        return f"  - {{repo: {self.name}, files: [{', '.join(TOOL) if self.has_tool else ''}]}}"


def mixed(count: int) -> list[Target]:
    """`count` targets, evenly over all states; half get an executable, and half of either kind lack the label."""
    return [
        Target(f"acme/{STATES[n % 6]}{n}", STATES[n % 6], n // 6 % 2 == 1, n // 12 % 2 == 0) for n in range(count)
    ]  # fmt: skip


@dataclass
class Fleet:
    """Repositories in their states, and checks of them."""

    world: World
    targets: list[Target]
    bases: dict[str, Files] = field(default_factory=dict)  # what each default branch held at first

    @classmethod
    def build(cls, world: World, targets: list[Target]) -> Fleet:
        fleet = cls(world, targets)
        for target in targets:
            labels = [LABEL] if target.has_label else []
            files = {**THEIRS, **OWN, **fleet._at_first(target)}
            repository = world.hub.repository(target.name, files, labels=labels)
            if target.state == "behind":
                repository.commit({"conf.txt": target.edited(LINES)})
        fleet._commit_source({**KIT, **TOOL, **BEFORE, **PARTS_BEFORE})
        fleet._prepare("stale")
        fleet._commit_source({**KIT, **TOOL, **PARTS})
        fleet._prepare("open", "done")
        for target in targets:
            if target.state == "done":
                fleet.repository(target).commit(target.wanted)
        fleet.bases = {target.name: fleet.repository(target).files() for target in targets}
        return fleet

    def repository(self, target: Target) -> Repository:
        return next(one for one in self.world.hub.repositories.values() if one.full_name == target.name)

    def _at_first(self, target: Target) -> dict[str, File]:
        old = {".github/docs/3.md": File(b"old\n"), "conf.txt": File(LINES)}
        other = old if target.state == "behind" else {}
        return target.wanted | other if target.state in {"in-step", "behind"} else {}

    def _commit_source(self, files: dict[str, bytes]) -> None:
        entries = "\n".join(target.entry for target in self.targets)
        self.world.write(dict(files))
        (self.world.source / "bin/check").chmod(0o755)
        self.world.write({}, f"{CONFIG}{entries}\n")
        self.world.publish()

    def _prepare(self, *states: str) -> None:
        names = [target.name for target in self.targets if target.state in states]
        if names:
            ran = self.run(only_targets=" ".join(names))
            assert counted(ran) == {"created": len(names)}, ran.log

    def run(self, **inputs: str) -> Ran:
        """Run once: in this process if the clock is simulated, else as a process of its own."""
        play = self.world.run if isinstance(self.world.hub.clock, Clock) else self.world.run_process
        return play(results_file="results.json", **inputs)

    # What no weather may bring about

    def problems(self, ran: Ran) -> list[str]:
        """Describe everything that is wrong after a run."""
        told = [one["target"] for one in ran.results["targets"]]
        names = [target.name for target in self.targets]
        found = [] if sorted(told) == sorted(names) else [f"not one outcome a target: {sorted(told)}"]
        if TOKEN in str(ran.results):
            found.append("the results tell the token")
        for target in self.targets:
            name, outcome = target.name, ran.outcomes.get(target.name, "")
            found += [f"{name} is {outcome}: {text}" for text in _untrue(target, self.repository(target), outcome)]
        return found + self.misplaced()

    def misplaced(self) -> list[str]:
        """Describe what must never be there."""
        every = ((one, _misplaced(one, self.repository(one), self.bases[one.name])) for one in self.targets)
        return [f"{target.name}: {text}" for target, texts in every for text in texts]

    def unsettled(self) -> list[str]:
        """Describe what a run without faults should have repaired."""
        return [f"{one.name}: {text}" for one in self.targets for text in _unsettled(one, self.repository(one))]

    def settle(self, **inputs: str) -> list[str]:
        """Run twice without faults, an hour apart: the first run repairs everything, the second has nothing to do."""
        hub = self.world.hub
        hub.clock.advance(HOUR)
        second = self.run(**inputs)
        found = self.problems(second)
        if second.code or set(second.outcomes.values()) - {*PROPOSED, *AT_REST, "closed"}:
            found.append(f"in fair weather: exit code {second.code}, {counted(second)}")
        hub.clock.advance(HOUR)
        third = self.run(**inputs)
        if sum(hub.calls()[kind] for kind in WRITES) or set(third.outcomes.values()) - {*AT_REST}:
            found.append(f"nothing was left to do, yet: {hub.calls()}, {counted(third)}")
        return found + self.problems(third) + self.unsettled()

    def harm(self) -> Counter[str]:
        """Count violations: more than one pull request a target (people who close one may get another), targets that
        lack files, leftover branches."""
        repos = {target: self.repository(target) for target in self.targets}
        return +Counter({
            "duplicates": sum(max(0, len(repo.pulls) - 1 - len(closed_by_people(repo))) for repo in repos.values()),
            "lost": len(self.unsettled()),
            "scratch": sum(SCRATCH in repo.branches() for repo in repos.values()),
            "answered twice": sum(_answered_twice(pull) for repo in repos.values() for pull in repo.pulls),
            "left over": sum(BRANCH in repo.branches() for target, repo in repos.items() if target.state in RIGHT),
        })  # fmt: skip


def _answered_twice(pull: PullRequest) -> bool:
    """Whether people who closed it were answered more than once."""
    return sum(MARKER in comment.body for comment in pull.comments) > 1


def open_pulls(repo: Repository) -> list[PullRequest]:
    return [pull for pull in repo.pulls if pull.state == "OPEN"]


def closed_by_people(repo: Repository) -> list[PullRequest]:
    """Pull requests that people closed, also by deleting the branch."""
    return [pull for pull in repo.pulls if pull.state == "CLOSED" and pull.closed_by != BOT]


def _lacking(target: Target, repo: Repository, ref: str) -> set[str]:
    """Wanted files that a branch lacks, without those that people may have declined."""
    enough = [ref, *(pull.head_oid for pull in closed_by_people(repo))]
    held = [repo.files(each) for each in enough if repo.resolve(each)]
    wanted = {path: (file.mode, file.content) for path, file in target.wanted.items()}
    return {path for path, file in wanted.items() if not any(files.get(path) == file for files in held)}


def _misplaced(target: Target, repo: Repository, at_first: Files) -> Iterator[str]:
    """Describe surplus pull requests, branches and commits, and changes of foreign paths."""
    if len(open_pulls(repo)) > 1:
        yield f"{len(open_pulls(repo))} pull requests are open"
    if more := repo.branches().keys() - {"main", BRANCH, SCRATCH}:
        yield f"branches {sorted(more)}"
    if _without_storms(repo.files()) != at_first:
        yield "its default branch was written to"
    head, base = repo.head(BRANCH), repo.head()
    if head and base:
        if len(commits := history.missing(repo.objects, base, head)) > 1:
            yield f"{len(commits)} commits on our branch"
        held = _without_storms(repo.files(BRANCH))
        changed = {path for path in held.keys() | at_first if held.get(path) != at_first.get(path)}
        if strange := changed - target.wanted.keys():
            yield f"changes {sorted(strange)}"


def _without_storms(files: Files) -> Files:
    return {path: content for path, content in files.items() if not path.startswith(STORMY)}


def _untrue(target: Target, repo: Repository, outcome: str) -> Iterator[str]:
    """Describe where outcome and repository differ; a storm may have deleted the branch since."""
    pulls, declined = open_pulls(repo), closed_by_people(repo)
    if outcome in PROPOSED and not pulls and not declined:
        yield "no pull request is open"
    if outcome in PROPOSED and pulls and (lacking := _lacking(target, repo, BRANCH)):
        yield f"the pull request lacks {sorted(lacking)}"
    if outcome == "in_sync" and (lacking := _lacking(target, repo, "main")):
        yield f"the base lacks {sorted(lacking)}"
    if outcome in {"closed", "declined", "in_sync"} and pulls:
        yield "a pull request is open"
    if outcome == "declined" and not declined:
        yield "nobody declined anything"
    if outcome in {"edited", "paused", "skipped"}:
        yield "nobody asked for that"


def _unsettled(target: Target, repo: Repository) -> Iterator[str]:
    pulls, declined = open_pulls(repo), closed_by_people(repo)
    if target.state in RIGHT and pulls:
        yield "nothing is left to propose, yet a pull request is open"
    if target.state not in RIGHT and not pulls and not declined:
        yield "no pull request is open"
    if pulls and (lacking := _lacking(target, repo, BRANCH)):
        yield f"the pull request lacks {sorted(lacking)}"
    if any(pull.labels != [LABEL] for pull in pulls):
        yield f"labelled {[pull.labels for pull in pulls]}"


class StormResult(NamedTuple):
    """Faults, outcomes and problems of one fleet under one seed."""

    seed: int
    faults: Counter[str]
    outcomes: dict[str, int]
    minutes: float
    counts: Counter[str]
    problems: list[str]

    def __str__(self) -> str:
        summed = sum((Counter({kind.removesuffix("_after"): n}) for kind, n in self.faults.items()), Counter())
        told = f"| {self.seed} | {_listed(summed)} | {self.counts['calls']} | {_listed(self.outcomes)} | {self.minutes:.0f} |"
        return "\n".join([told, *(f"  WRONG {text}" for text in self.problems)])


def _listed(counts: dict[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in sorted(counts.items()))


def run_storm(seed: int, count: int, directory: Path, rate: float = 0.15, **inputs: str) -> StormResult:
    """Run on `count` targets under the faults of this seed, then without faults."""
    with Hub(directory / "hub", clock=Clock()) as hub:
        fleet = Fleet.build(World(directory, hub), mixed(count))
        hub.clock.advance(HOUR)
        hub.limits.documented()
        storm, began = hub.storm(seed, rate=rate), hub.clock()
        ran = fleet.run(**inputs)
        hub.calm()
        minutes, problems = (hub.clock() - began) / 60, fleet.problems(ran)
        counts = Counter(faults=storm.counts.total(), calls=hub.calls().total(), rejected=len(hub.rejected))
        problems += fleet.settle(**inputs)
        return StormResult(seed, storm.counts, counted(ran), minutes, counts + fleet.harm(), problems)


def main(arguments: list[str]) -> int:
    """Run every seed and print the table; returns 1 if anything was wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.storms", description=__doc__)
    parser.add_argument("--seeds", type=int, default=20, help="how many storms")
    parser.add_argument("--first", type=int, default=1, help="the first seed")
    parser.add_argument("--targets", type=int, default=100, help="how many targets in each")
    parser.add_argument("--rate", type=float, default=0.15, help="how many of the requests meet a fault")
    parser.add_argument("--write-strategy", default="auto", choices=["auto", "rest"])
    chosen = parser.parse_args(arguments)
    print("| seed | faults | calls | outcomes | simulated minutes |\n|---|---|---|---|---|")
    total, problems = Counter(dict.fromkeys(COUNTS, 0)), 0
    for seed in range(chosen.first, chosen.first + chosen.seeds):
        with tempfile.TemporaryDirectory() as directory:
            result = run_storm(seed, chosen.targets, Path(directory), chosen.rate, write_strategy=chosen.write_strategy)
        print(result, flush=True)
        total.update(result.counts)
        problems += len(result.problems)
    print(f"\n{chosen.seeds} storms:", ", ".join(f"{name} = {total[name]}" for name in COUNTS))
    return 1 if problems or any(total[name] for name in HARM) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
