"""A fleet of fifty goes through three waves for four days, with a run an hour; a model says what each run may write."""

from __future__ import annotations

import pytest

from tests.integration.test_people import OURS, later, writes

HOUR, DAYS = 3600, 4
CANARIES = [f"acme/canary-{number}" for number in range(3)]
OTHERS = [f"acme/svc-{number:02}" for number in range(47)]
CONFIG = f"""version: 1
rollout:
  - {{{{name: canaries, targets: ["acme/canary-*"]}}}}
  - {{{{name: early, percent: 15}}}}
  - {{{{name: everyone}}}}
advance: {{{{soak: 6h, send: {{send}}}}}}
targets: [{", ".join(CANARIES + OTHERS)}]
files: [LICENSE]
"""
SOAK = 6 * HOUR


class Days:
    """The fleet, its clock, and what people did when."""

    def __init__(self, swift, send: str) -> None:
        self.swift, self.hub = swift, swift.hub
        self.targets = {name: swift.hub.repository(name, files={"a": b"x\n"}) for name in CANARIES + OTHERS}
        self.version = 0
        self.config = CONFIG.format(send=send)
        self.merged: dict[str, list[tuple[float, int]]] = {name: [] for name in self.targets}  # when, which version
        self.change()
        self.waves = self.members()

    def members(self) -> list[list[str]]:
        """The targets of each wave, as a run that only looks says it."""
        found = later(self.swift, command="plan").results["waves"]
        early = {name for name in OTHERS if self.is_early(name)}
        assert [one["targets"] for one in found] == [3, len(early), 47 - len(early)]
        return [CANARIES, sorted(early), sorted(set(OTHERS) - early)]

    def is_early(self, name: str) -> bool:
        """Whether a run of the wave alone works on a target."""
        if not hasattr(self, "_early"):
            self._early = set(later(self.swift, command="plan", only_waves="early").outcomes)
        return name in self._early

    def change(self) -> None:
        self.version += 1
        self.swift.write({"LICENSE": f"{self.version}\n"}, self.config)

    def hour(self) -> set[str]:
        """One hour later, a run; returns the targets that it wrote to."""
        self.hub.clock.advance(HOUR - 60)
        before = {name: self.proposed(name) for name in self.targets}
        ran = later(self.swift)
        assert ran.code == 0, ran.log
        found = {name for name in self.targets if self.proposed(name) != before[name]}
        assert bool(writes(self.swift)) == bool(found)
        return found

    def proposed(self, name: str) -> int:
        """The version that the open pull request of a target brings; 0: there is none."""
        api = self.targets[name]
        is_open = any(one.state == "OPEN" for one in api.pulls)
        return int(api.files(OURS)["LICENSE"][1]) if is_open else 0

    def held(self, name: str) -> int:
        files = self.targets[name].files()
        return int(files["LICENSE"][1]) if "LICENSE" in files else 0

    def merge(self, names) -> None:
        for name in names:
            if version := self.proposed(name):
                (pull,) = [one for one in self.targets[name].pulls if one.state == "OPEN"]
                self.targets[name].merge_pull(pull.number)
                self.targets[name].delete_branch(pull.head)
                self.merged[name].append((self.hub.clock(), version))

    def passed(self, names, version: int, ahead: int = 0) -> bool:
        """Whether these targets have all had this version, or a later one, for long enough, so many seconds from now."""
        until = self.hub.clock() + ahead - SOAK
        return all(any(when <= until and one >= version for when, one in self.merged[name]) for name in names)

    def check(self, state: str, name: str) -> None:
        self.targets[name].report(self.targets[name].head(OURS), "test", state)


def model(days: Days, *, is_red: bool) -> set[str]:
    """The targets that lack today's version and whose turn it is an hour from now."""
    found, is_open = set(), True
    for number, names in enumerate(days.waves):
        if is_open:
            found |= {name for name in names if days.version not in (days.held(name), days.proposed(name))}
        is_held = number == 0 and is_red
        has_all = all(days.held(name) == days.version for name in names)
        is_open = is_open and not is_held and has_all and days.passed(names, days.version, HOUR)
    return found


def test_every_write_happens_in_its_window_and_a_red_canary_holds_everybody(swift):
    days, red = Days(swift, "current"), set[int]()
    changes = {20, 46, 52}  # hours at which the source changes; 52 is the fix
    written = []
    for hour in range(DAYS * 24):
        if hour in changes:
            days.change()
        is_red = 48 <= hour < 52
        if hour == 48:
            days.check("FAILURE", CANARIES[1])
            red.add(days.version)
        expected = model(days, is_red=is_red)
        found = days.hour()
        assert found == expected, hour
        written.append(found)
        if hour % 3 == 2 and not is_red and not 46 <= hour < 52:
            days.merge(days.targets)
    assert {days.held(name) for name in days.targets} == {days.version}
    assert not any(written[-6:])
    assert red
    assert all(days.held(name) not in red for name in (*days.waves[1], *days.waves[2]))


def test_while_the_source_changes_every_hour_the_last_wave_gets_what_passed(swift):
    days = Days(swift, "passed")
    for hour in range(DAYS * 24):
        if hour:
            days.change()
        days.hour()
        for number, names in enumerate(days.waves[1:], 1):
            for name in names:
                version = days.proposed(name)
                assert not version or days.passed(days.waves[number - 1], version), (hour, name)
        days.merge(days.targets)
    held = {number: {days.held(name) for name in names} for number, names in enumerate(days.waves)}
    assert held[0] == {days.version}
    assert held[1] == {days.version - 6}
    assert held[2] == {days.version - 12}


@pytest.mark.parametrize("send", ["current", "passed"])
def test_hours_in_which_nothing_may_move_write_nothing(swift, send):
    days = Days(swift, send)
    assert days.hour() == set(CANARIES)
    days.merge(CANARIES)
    for _ in range(5):
        assert days.hour() == set()
    assert days.hour() == set(days.waves[1])
