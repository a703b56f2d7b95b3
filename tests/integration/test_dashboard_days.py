"""Two hundred targets, a run an hour for two days: the dashboard is written when something changed, and only then."""

from __future__ import annotations

import pytest

from tests.hub import Clock, Hub
from tests.integration.test_people import OURS, later, writes
from tests.world import SOURCE, World

HOUR, HOURS = 3600, 48
CANARIES = [f"acme/canary-{number}" for number in range(5)]
OTHERS = [f"acme/svc-{number:03}" for number in range(195)]
CONFIG = f"""version: 1
rollout:
  - {{name: canaries, targets: ["acme/canary-*"]}}
  - {{name: everyone}}
advance: {{soak: 3h}}
targets: [{", ".join(CANARIES + OTHERS)}]
files: [LICENSE]
"""


class Days:
    """The fleet, its clock and its dashboard."""

    def __init__(self, swift: World) -> None:
        self.swift, self.hub = swift, swift.hub
        self.hub.strangers.add("mallory")
        self.source = self.hub.repository(SOURCE, files={"a": b"x"})
        self.targets = {name: self.hub.repository(name, files={"a": b"x\n"}) for name in CANARIES + OTHERS}
        swift.write({"LICENSE": "1\n"}, CONFIG)

    def hour(self) -> int:
        """One hour later, a run; returns how often it wrote to issues."""
        self.hub.clock.advance(HOUR - 60)
        ran = later(self.swift, dashboard="true")
        assert ran.code == 0, ran.log
        return sum("/issues" in one.path for one in writes(self.swift))

    def pull(self, name: str):
        return next(one for one in self.targets[name].pulls if one.state == "OPEN")

    def merge(self, *names: str) -> None:
        for name in names:
            pull = self.pull(name)
            self.targets[name].merge_pull(pull.number)
            self.targets[name].delete_branch(pull.head)

    def close(self, name: str) -> None:
        self.targets[name].close_pull(self.pull(name).number, by="al")

    def red(self, name: str) -> None:
        self.targets[name].report(self.targets[name].head(OURS), "test", "FAILURE")

    def edit(self, before: str, after: str, by: str) -> None:
        (issue,) = self.source.issues
        assert before in issue.body
        self.source.edit_issue(issue, by, issue.body.replace(before, after, 1))

    def tick(self, box: str, by: str = "sam") -> None:
        self.edit(f"- [ ] <!-- broadcast:{box} -->", f"- [x] <!-- broadcast:{box} -->", by)

    def change(self) -> None:
        self.swift.write({"LICENSE": "2\n"})

    @property
    def body(self) -> str:
        return self.source.issues[0].body


def test_it_is_written_once_for_each_change_and_never_else(swift):
    days = Days(swift)
    events = {
        0: lambda: None,  # the first run makes it
        2: lambda: days.merge(*CANARIES),
        4: lambda: None,  # three hours after the merges the others get theirs
        8: lambda: days.merge(*OTHERS[:50]),
        10: lambda: days.red(OTHERS[60]),
        12: lambda: days.close(OTHERS[70]),
        14: lambda: days.tick(f"rebuild={OTHERS[80]}"),
        16: lambda: days.tick(f"rebuild={OTHERS[81]}", by="mallory"),
        18: lambda: days.tick(f"retry={OTHERS[70]}"),
        20: lambda: days.tick("freeze"),
        22: days.merge,  # nothing
        24: lambda: days.edit("- [x] <!-- broadcast:freeze", "- [ ] <!-- broadcast:freeze", "sam"),
        28: days.change,
        32: lambda: days.tick("wave=canaries"),
        36: lambda: days.merge(*CANARIES),
        44: lambda: days.merge(*OTHERS[:10]),
    }
    expected = events.keys() - {22} | {38}  # three hours after the merges the wave has passed, and its box goes
    wrote = {}
    for hour in range(HOURS):
        events.get(hour, lambda: None)()
        wrote[hour] = days.hour()
    assert {hour for hour, times in wrote.items() if times} == expected
    assert max(wrote.values()) == 1
    assert len(days.source.issues) == 1
    assert len(days.body) <= 60_000


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_no_storm_doubles_it(tmp_path, seed):
    with Hub(tmp_path / "hub", clock=Clock()) as hub:
        days = Days(World(tmp_path, hub))
        hub.storm(seed, rate=0.4)
        for _ in range(6):
            hub.clock.advance(HOUR)
            later(days.swift, dashboard="true")
        hub.calm()
        days.hour()
        assert days.hour() == 0
        assert [one.state for one in days.source.issues].count("OPEN") == 1
