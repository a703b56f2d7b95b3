"""Random actions of people on a target between runs, and the invariants that every run must keep.

`tests/integration/test_user_actions.py` runs it; a seed stands for one sequence of actions and runs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random

from broadcast.ownership import read_marker
from tests.hub import PullRequest, Repository
from tests.hub.errors import Refused
from tests.hub.git import history
from tests.hub.git.objects import Person
from tests.storms import BRANCH
from tests.world import Ran, World

CONFIG = "version: 1\ntargets: [acme/api]\ndirectories: [kit]\n"
PATHS = ("kit/a.md", "kit/deep/b.md")
MINE = b"theirs "  # how every content begins that people make
TRUE = ("created", "updated", "open", "in_sync", "closed", "declined", "edited", "paused")
Files = dict[str, bytes]


class Simulation:
    """One target, the people who work on it, and a source that changes."""

    def __init__(self, world: World, seed: int) -> None:
        self.world, self.dice = world, Random(seed)
        self.source: Files = dict.fromkeys(PATHS, b"1\n")
        world.write(dict(self.source), CONFIG)
        self.api: Repository = world.hub.repository("acme/api", files={"README.md": b"x\n"}, allow_auto_merge=True)
        self.count = 0
        self.changed_back = False  # whether people ever changed what we send
        self.declined: set[int] = set()  # numbers of pull requests that people closed
        self.seen: dict[str, set[tuple[str, bytes]]] = {}  # by tree
        self.log: list[str] = []  # actions and runs, shown with a failure

    # What people do

    def act(self) -> None:
        """Perform a random action; the log has those that GitHub refuses too."""
        act: Callable[[], object] = self.dice.choice(ACTS).__get__(self)
        try:
            act()
        except Refused as refusal:
            self.log.append(f"{act.__name__}: refused, {refusal}")
        else:
            self.log.append(act.__name__)

    def new(self) -> bytes:
        self.count += 1
        return MINE + f"{self.count}\n".encode()

    def pull(self) -> PullRequest | None:
        return next((pull for pull in self.api.pulls if pull.state == "OPEN" and pull.head == BRANCH), None)

    def push(self) -> None:
        if self.api.head(BRANCH):
            self.api.commit({f"more/{self.count}": self.new()}, branch=BRANCH)

    def push_ours(self) -> None:
        if self.api.head(BRANCH):
            self.api.commit({self.dice.choice(PATHS): self.new()}, branch=BRANCH)

    def work(self) -> None:
        self.api.commit({f"src/{self.count}": self.new()})

    def change_back(self) -> None:
        self.changed_back = True
        self.api.commit({self.dice.choice(PATHS): self.new()})

    def catch_up(self) -> None:
        self.changed_back = True
        self.api.commit(dict(self.source))

    def rename_default(self) -> None:
        self.count += 1
        self.api.rename_branch(self.api.default_branch, f"trunk{self.count}")

    def change_default(self) -> None:
        others = sorted(self.api.branches().keys() - {BRANCH})
        if len(others) < 3:
            self.count += 1
            others.append(f"line{self.count}")
            self.api.commit({f"line/{self.count}": self.new()}, branch=others[-1])
        self.api.set_default(self.dice.choice(others))

    def delete_base(self) -> None:
        for branch in self.api.branches().keys() - {BRANCH, self.api.default_branch}:
            self.api.delete_branch(branch)

    def retarget(self) -> None:
        others = sorted(self.api.branches().keys() - {BRANCH})
        if pull := self.pull():
            self.api.edit_pull(pull, "sam", base=self.dice.choice(others))

    def update(self) -> None:
        if (pull := self.pull()) and self.api.mergeable(pull):
            self.api.update_branch(pull.number)

    def rebase(self) -> None:
        if pull := self.pull():
            self.api.update_branch(pull.number, method="rebase")

    def merge_by_hand(self) -> None:
        if not (pull := self.pull()) or not self.api.mergeable(pull):
            return
        ours, base = self.api.head(BRANCH), self.api.head(pull.base)
        al = Person("Al", "al@example.com", int(self.world.hub.clock()), "+0000")
        clean = self.api.write_commit(self.api._merge_tree(ours, base), [ours, base], "Tidy up\n", al)
        self.api.set_branch(BRANCH, clean)
        if self.dice.random() < 0.5:
            edited = self.api.commit({self.dice.choice([*PATHS, "fix"]): self.new()}, branch="x", parents=[clean])
            self.api.delete_branch("x")
            tree = self.api.objects.commit(edited).tree
            self.api.set_branch(BRANCH, self.api.write_commit(tree, [ours, base], "Tidy up\n", al))

    def close(self) -> None:
        if pull := self.pull():
            self.declined.add(pull.number)
            self.api.close_pull(pull.number, by="sam")

    def delete_ours(self) -> None:
        if self.api.head(BRANCH):
            self.declined |= {pull.number for pull in self.api.pulls if pull.state == "OPEN"}
            self.api.delete_branch(BRANCH, by="sam")

    def reopen(self) -> None:
        closed = [pull for pull in self.api.pulls if pull.state == "CLOSED" and pull.head == BRANCH]
        if closed and not self.pull():
            self.api.reopen_pull(closed[-1].number)

    def merge(self) -> None:
        pull = self.pull()
        if pull and self.api.mergeable(pull):
            self.changed_back |= any(content.startswith(MINE) for content in held(self.api, BRANCH).values())
            self.api.merge_pull(pull.number, "sam", self.dice.choice(["merge", "squash"]), self.dice.random() < 0.5)

    def pause(self) -> None:
        if pull := self.pull():
            self.api.label_pull(pull.number, "broadcast:pause")

    def unpause(self) -> None:
        if pull := self.pull():
            self.api.unlabel_pull(pull.number, "broadcast:pause")

    def ask_for_rebuild(self) -> None:
        if pull := self.pull():
            self.api.label_pull(pull.number, "broadcast:rebuild")

    def rename_repository(self) -> None:
        self.count += 1
        self.world.hub.rename(self.api.full_name, f"acme/api{self.count}")

    def change_source(self) -> None:
        self.source[self.dice.choice(PATHS)] = f"{self.dice.randint(1, 3)}\n".encode()
        self.world.write(dict(self.source))

    # What runs do

    def run(self, **inputs: str) -> Ran:
        self.world.hub.clock.advance(60)
        ran = self.world.run(write_strategy=self.dice.choice(["auto", "auto", "rest"]), **inputs)
        self.log.append(f"run: {ran.outcomes}, {ran.target('acme/api')['reason']}")
        return ran

    def problems(self, *, quiet: bool = False) -> list[str]:
        """Run once, sometimes after a cancelled run unless `quiet`, and describe everything that is wrong after it."""
        before, pull = self.works(), self.pull()
        asked = pull is not None and "broadcast:rebuild" in pull.labels
        if not quiet and self.dice.random() < 0.1:
            self.run(command="cancel", only_targets="acme/api")
        ran = self.run()
        lost = set() if asked else before - self.works()
        return [*(f"{path} is gone" for path, _ in sorted(lost)), *self._untrue(ran)]

    def works(self) -> set[tuple[str, bytes]]:
        """Everything that people committed, on any branch or in a merged pull request, as (path, content)."""
        heads = {*self.api.branches().values(), *(one.head_oid for one in self.api.pulls if one.state == "MERGED")}
        commits = set().union(*(history.ancestors(self.api.objects, head) for head in heads))
        for tree in {self.api.objects.commit(oid).tree for oid in commits} - self.seen.keys():
            files = ((path, content) for path, (_, content) in self.api.files(tree).items())
            self.seen[tree] = {(path, content) for path, content in files if content.startswith(MINE)}
        return set().union(*(self.seen[self.api.objects.commit(oid).tree] for oid in commits))

    def _untrue(self, ran: Ran) -> Iterator[str]:
        opened = [pull for pull in self.api.pulls if pull.state == "OPEN" and read_marker(pull.body)]
        outcome, log = ran.outcomes["acme/api"], ran.log
        if len(opened) > 1:
            yield f"{len(opened)} pull requests are open"
        if outcome not in TRUE:
            yield f"{outcome}: {ran.target('acme/api')['reason']}"
        if "undoes" in log and not self.changed_back:
            yield "nobody changed anything back"
        if (outcome == "declined" or "declined in" in log) and not self.declined:
            yield "nobody declined anything"
        yield from self._unlike(outcome, opened, log)

    def _unlike(self, outcome: str, opened: list[PullRequest], log: str) -> Iterator[str]:
        """Describe where outcome and repository differ."""
        if outcome in ("created", "updated", "open"):
            if [pull.base for pull in opened] != [self.api.default_branch]:
                yield f"{outcome}, and open are {[(pull.number, pull.base) for pull in opened]}"
            yield from (f"{outcome}, and {path} isn't there" for path in self._lacking(BRANCH, log))
        if outcome in ("in_sync", "closed", "declined") and opened:
            yield f"{outcome}, and #{opened[0].number} is open"
        if outcome == "in_sync":
            yield from (f"in step, and {path} isn't there" for path in self._lacking(self.api.default_branch, log))
        if outcome == "edited" and not (self._touched() or any(self._is_elsewhere(pull) for pull in opened)):
            yield "edited, and no one did that"
        if outcome == "paused" and not any("broadcast:pause" in pull.labels for pull in opened):
            yield "paused, and no one did that"

    def _lacking(self, branch: str, log: str) -> list[str]:
        files = held(self.api, branch)
        return [
            path for path, want in self.source.items() if files.get(path) != want and f"left out: {path}" not in log
        ]

    def _is_elsewhere(self, pull: PullRequest) -> bool:
        return pull.base != self.api.default_branch

    def _touched(self) -> bool:
        """Whether our branch has commits of people that the base lacks."""
        base = set(held(self.api, self.api.default_branch).values())
        return any(one.startswith(MINE) and one not in base for one in held(self.api, BRANCH).values())


def held(api: Repository, branch: str) -> Files:
    """Path → content on a branch; empty if the branch is missing."""
    return {path: content for path, (_, content) in api.files(branch).items()} if api.head(branch) else {}


ACTS = [
    act for name, act in vars(Simulation).items()
    if callable(act) and name[0] != "_" and name not in ("act", "new", "pull", "run", "problems", "works")
]  # fmt: skip
