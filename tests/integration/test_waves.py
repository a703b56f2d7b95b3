"""A rollout in waves: a change reaches a target once the wave before its own has passed."""

from __future__ import annotations

import pytest

from tests.integration.test_people import OURS, later, writes
from tests.markdown import page_of

CONFIG = """version: 1
rollout:
  - {{name: canaries, targets: ["acme/canary-*"]}}
  - {{name: early, targets: ["acme/early-*"]}}
  - {{name: everyone}}
advance: {advance}
targets: [{names}]
files: [LICENSE]
"""
CANARIES = ("acme/canary-1", "acme/canary-2")
NAMES = (*CANARIES, "acme/early-1", "acme/web")
HOUR = 3600


class Fleet:
    """Targets of three waves, and what people do there."""

    def __init__(self, swift, advance="{}", names=NAMES, config=CONFIG):
        self.swift = swift
        self.targets = {name: swift.hub.repository(name, files={"README.md": b"theirs\n"}) for name in names}
        self.first = swift.write({"LICENSE": "one\n"}, config.format(advance=advance, names=", ".join(names)))

    def open(self, name):
        """The open pull request of a target."""
        (pull,) = [one for one in self.targets[name].pulls if one.state == "OPEN"]
        return pull

    def merge(self, *names):
        for name in names:
            pull = self.open(name)
            self.targets[name].merge_pull(pull.number)
            self.targets[name].delete_branch(pull.head)

    def check(self, state, *names):
        """Let a check say something of the open pull requests."""
        for name in names:
            self.targets[name].report(self.targets[name].head(OURS), "test", state)

    def run(self, hours=0.0, **inputs):
        self.swift.hub.clock.advance(hours * HOUR)
        ran = later(self.swift, **inputs)
        page_of(ran.summary)
        return ran

    def expect(self, expected, hours=0.0, **inputs):
        """One run, of which the outcomes are, in short and in the order of the config, so many letters."""
        ran = self.run(hours, **inputs)
        found = "".join("W" if one == "waiting" else one[0] for one in ran.outcomes.values())
        assert found == expected, ran.log
        if not set(expected) & {"c", "u"}:
            assert not writes(self.swift)
        return ran


# c: created, u: updated, o: open, i: in_sync, d: declined, W: waiting


def test_each_wave_gets_the_change_when_the_one_before_has_merged_it(swift):
    fleet = Fleet(swift)
    fleet.expect("ccWW")
    fleet.expect("ooWW")
    fleet.merge("acme/canary-1")
    ran = fleet.expect("ioWW")
    assert "the wave canaries comes first: 1 of 2 still to be merged (acme/canary-2), since 2025-06-15" in ran.log
    fleet.merge("acme/canary-2")
    fleet.expect("iicW")
    fleet.merge("acme/early-1")
    fleet.expect("iiic")
    fleet.merge("acme/web")
    ran = fleet.expect("iiii")
    assert [one["standing"] for one in ran.results["waves"]] == ["passed"] * 3


def test_the_next_change_starts_at_the_first_wave_again(swift):
    fleet = Fleet(swift)
    fleet.run()
    fleet.merge(*CANARIES)
    fleet.expect("iicW")
    swift.write({"LICENSE": "two\n"})
    fleet.expect("ccWW")
    assert fleet.targets["acme/early-1"].files(OURS)["LICENSE"][1] == b"one\n"
    fleet.merge(*CANARIES)
    fleet.expect("iiuW")


def test_a_wave_soaks_before_the_next_one_begins(swift):
    fleet = Fleet(swift, "{soak: 24h}")
    fleet.run()
    fleet.merge(*CANARIES)
    ran = fleet.expect("iiWW", hours=23)
    assert "it soaks until 2025-06-16" in ran.log
    assert ran.results["waves"][0]["until"].startswith("2025-06-16T")
    fleet.expect("iicW", hours=1)


@pytest.mark.parametrize(
    ("when", "then"),
    [("opened", "oocW"), ("green", "ooWW"), ("merged", "ooWW")],
)
def test_a_wave_passes_once_its_pull_requests_are_what_the_config_asks(swift, when, then):
    fleet = Fleet(swift, f"{{when: {when}}}")
    fleet.run()
    fleet.check("PENDING", *CANARIES)
    fleet.expect(then)


def test_a_wave_passes_when_its_checks_are_green(swift):
    fleet = Fleet(swift, "{when: green, soak: 2h}")
    fleet.run()
    fleet.check("SUCCESS", "acme/canary-1")
    fleet.check("PENDING", "acme/canary-2")
    fleet.expect("ooWW", hours=3)
    fleet.check("SUCCESS", "acme/canary-2")
    fleet.expect("ooWW", hours=1)
    fleet.expect("oocW", hours=1)


def test_a_commit_that_gets_no_check_counts_as_green_after_ten_minutes(swift):
    fleet = Fleet(swift, "{when: green}")
    fleet.run()
    fleet.expect("ooWW", hours=0.1)
    fleet.expect("oocW", hours=0.1)


def test_without_the_right_to_read_checks_a_wave_does_not_pass_as_green(swift):
    fleet = Fleet(swift, "{when: green}")
    for api in fleet.targets.values():
        api.required_contexts = {"test"}
    fleet.run()
    fleet.expect("ooWW", hours=1)


# what holds a rollout


def test_a_red_check_holds_everybody_until_a_fix_passes(swift):
    fleet = Fleet(swift)
    fleet.run()
    fleet.merge("acme/canary-1")
    fleet.check("FAILURE", "acme/canary-2")
    ran = fleet.expect("ioWW")
    assert "The wave canaries holds the rollout: a check failed at acme/canary-2 (test)" in ran.summary
    assert ran.summary.startswith("## ⚠️ The wave canaries holds the rollout")
    assert (ran.code, ran.outputs["held-by"], ran.outputs["waiting"]) == (0, "canaries", "2")
    swift.write({"LICENSE": "fixed\n"})
    fleet.expect("cuWW")
    fleet.check("SUCCESS", *CANARIES)
    fleet.merge(*CANARIES)
    ran = fleet.expect("iicW")
    assert ran.outputs["held-by"] == ""


def test_a_decline_holds_the_rollout_until_the_source_changes(swift):
    fleet = Fleet(swift)
    fleet.run()
    fleet.targets["acme/canary-1"].close_pull(fleet.open("acme/canary-1").number)
    fleet.merge("acme/canary-2")
    ran = fleet.expect("diWW")
    assert "held: acme/canary-1 declined the change" in ran.log
    swift.write({"LICENSE": "better\n"})
    fleet.expect("ccWW")
    fleet.merge(*CANARIES)
    fleet.expect("iicW")


def test_so_many_may_fail(swift):
    fleet = Fleet(swift, "{max_failed: 1}")
    fleet.run()
    fleet.targets["acme/canary-1"].close_pull(fleet.open("acme/canary-1").number)
    fleet.expect("doWW")
    fleet.merge("acme/canary-2")
    fleet.expect("dicW")


def test_a_target_that_cannot_be_reached_holds_the_rollout(swift):
    fleet = Fleet(swift)
    fleet.run()
    fleet.merge(*CANARIES)
    swift.hub.remove(fleet.targets["acme/canary-1"])
    ran = fleet.run()
    assert list(ran.outcomes.values()) == ["failed", "in_sync", "waiting", "waiting"]
    assert "held: acme/canary-1 failed" in ran.summary


def test_a_part_of_a_wave_is_enough_where_the_config_says_so(swift):
    names = (*(f"acme/canary-{number}" for number in range(4)), "acme/early-1")
    fleet = Fleet(swift, "{share: 75%}", names)
    fleet.expect("ccccW")
    fleet.merge(*names[:2])
    fleet.expect("iiooW")
    fleet.merge(names[2])
    fleet.expect("iiioc")


def test_a_wave_without_targets_holds_the_rollout(swift):
    fleet = Fleet(swift, names=("acme/early-1", "acme/web"))
    ran = fleet.expect("WW")
    assert "rollout: acme/canary-* is no target of the config" in ran.log
    assert "held: it has no targets" in ran.summary


def test_archived_targets_hold_nothing_up(swift):
    fleet = Fleet(swift)
    fleet.targets["acme/canary-1"].archived = True
    fleet.expect("scWW")
    fleet.merge("acme/canary-2")
    fleet.expect("sicW")


def test_a_held_wave_opens_no_further_pull_requests(swift):
    fleet = Fleet(swift, "{when: merged}\nlimits: {max_pull_requests: 1}")
    assert list(fleet.run().outcomes.values()) == ["created", "deferred", "waiting", "waiting"]
    fleet.check("FAILURE", "acme/canary-1")
    fleet.expect("oWWW")


# what people may do


def test_a_person_can_let_a_wave_pass(swift):
    fleet = Fleet(swift)
    fleet.run()
    fleet.check("FAILURE", "acme/canary-2")
    fleet.expect("ooWW")
    ran = fleet.expect("oocW", advance="canaries")
    assert "let pass by hand" in ran.summary
    fleet.expect("ooWW".replace("WW", "oW"))


def test_a_wave_that_does_not_exist_cannot_pass(swift):
    fleet = Fleet(swift)
    ran = fleet.run(advance="cannaries")
    assert ran.code == 2
    assert "advance: there is no wave 'cannaries'" in ran.log
    assert "the config has: canaries, early, everyone" in ran.log


def test_only_some_waves_can_be_worked_on(swift):
    fleet = Fleet(swift)
    ran = fleet.run(only_waves="canaries")
    assert ran.outcomes == dict.fromkeys(CANARIES, "created")
    fleet.merge(*CANARIES)
    assert fleet.run(only_waves="early,everyone").outcomes == {"acme/early-1": "created", "acme/web": "waiting"}


# filters and other commands


def test_a_filter_makes_nothing_early(swift):
    fleet = Fleet(swift)
    ran = fleet.run(only_targets="acme/web")
    assert (ran.outcomes, writes(swift)) == ({"acme/web": "waiting"}, [])
    assert ran.results["waves"][0]["waits_for"] == [*CANARIES]
    fleet.run()
    fleet.merge(*CANARIES)
    assert fleet.run(only_targets="acme/early-1").outcomes == {"acme/early-1": "created"}


def test_each_shard_waits_for_the_waves_of_the_whole_fleet(swift):
    fleet = Fleet(swift)
    found = [fleet.run(shard=f"{number}/3").outcomes for number in (1, 2, 3)]
    assert {name: one for shard in found for name, one in shard.items()} == dict(
        zip(NAMES, ("created", "created", "waiting", "waiting"), strict=True)
    )
    fleet.merge(*CANARIES)
    found = [fleet.run(shard=f"{number}/3").outcomes for number in (1, 2, 3)]
    assert {name: one for shard in found for name, one in shard.items()}["acme/early-1"] == "created"


@pytest.mark.parametrize("command", ["plan", "check", "status"])
def test_commands_that_only_look_show_the_waves(swift, command):
    fleet = Fleet(swift)
    ran = fleet.run(command=command)
    assert list(ran.outcomes.values()) == ["created", "created", "waiting", "waiting"]
    assert writes(swift) == []
    assert "### Rollout" in ran.summary
    assert ran.code == (3 if command == "check" else 0)


def test_a_plan_that_was_reviewed_binds_the_waves(swift):
    fleet = Fleet(swift)
    digest = fleet.run(command="plan").outputs["plan-digest"]
    fleet.expect("ccWW", expect_plan=digest)
    digest = fleet.run(command="plan").outputs["plan-digest"]
    fleet.merge(*CANARIES)
    ran = fleet.run(expect_plan=digest)
    assert (ran.code, writes(swift)) == (1, [])


def test_merge_merges_no_later_wave_first(swift):
    fleet = Fleet(swift, "{when: opened}")
    fleet.run()
    fleet.expect("oocW")
    fleet.expect("oooc")
    fleet.check("FAILURE", "acme/canary-1")
    ran = fleet.run(command="merge", only_targets="*")
    assert list(ran.outcomes.values()) == ["open", "merged", "waiting", "waiting"], ran.log
    ran = fleet.run(command="merge", only_waves="early", advance="canaries")
    assert ran.outcomes == {"acme/early-1": "merged"}


def test_a_rollback_waits_for_no_one(swift):
    fleet = Fleet(swift)
    good = fleet.first
    for step in ("ccWW", "iicW", "iiic"):
        fleet.expect(step)
        fleet.merge(*[name for name in NAMES if any(one.state == "OPEN" for one in fleet.targets[name].pulls)])
    swift.write({"LICENSE": "bad\n"})
    for step in ("ccWW", "iicW", "iiic"):
        fleet.expect(step)
        fleet.merge(*[name for name in NAMES if any(one.state == "OPEN" for one in fleet.targets[name].pulls)])
    fleet.expect("cccc", command="rollback", to=good)


def test_cancel_closes_in_every_wave(swift):
    fleet = Fleet(swift, "{when: opened}")
    fleet.run()
    fleet.run()
    ran = fleet.run(command="cancel", only_waves="early")
    assert ran.outcomes == {"acme/early-1": "closed"}


def test_what_is_left_of_an_older_change_is_closed_in_every_wave(swift):
    fleet = Fleet(swift, "{when: opened}")
    fleet.run()
    fleet.run()
    fleet.targets["acme/early-1"].commit({"LICENSE": b"two\n"})
    swift.write({"LICENSE": "two\n"})
    assert list(fleet.run().outcomes.values()) == ["updated", "updated", "closed", "waiting"]


def test_topics_can_choose_a_wave(swift):
    config = CONFIG.replace('["acme/canary-*"]', "[{{topic: canary}}]")
    fleet = Fleet(swift, config=config)
    fleet.targets["acme/web"].topics = ["canary"]
    fleet.expect("cccc".replace("cccc", "WWWc"))


# foul weather

WAVES = [[f"acme/{wave}-{number}" for number in range(4)] for wave in ("canary", "early", "svc")]


def with_pull(fleet) -> set[str]:
    """The targets that have a pull request, open or closed by people."""
    return {name for name, api in fleet.targets.items() if api.pulls}


@pytest.mark.parametrize("advance", ["{when: opened}", "{when: opened, send: passed}"])
@pytest.mark.parametrize("seed", range(2))
def test_no_storm_doubles_anything_or_makes_a_wave_early(swift, seed, advance):
    fleet = Fleet(swift, advance, names=[name for wave in WAVES for name in wave])
    for number in range(4):
        before = with_pull(fleet)
        swift.hub.storm(f"{seed} {number}", rate=0.3)
        fleet.run(1, results_file="results.json")
        swift.hub.calm()
        for place, wave in enumerate(WAVES):
            if (with_pull(fleet) - before) & set(wave):
                assert all(before >= set(earlier) for earlier in WAVES[:place])
        assert all(sum(one.state == "OPEN" for one in api.pulls) < 2 for api in fleet.targets.values())
    for _ in range(4):
        fleet.run(1)
    held = {name for name, api in fleet.targets.items() if any(one.state == "CLOSED" for one in api.pulls)}
    assert held or with_pull(fleet) == set(fleet.targets)
    fleet.run(1)
    assert not writes(swift)


def test_waiting_targets_can_fail_a_run_that_asks_for_it(swift):
    fleet = Fleet(swift)
    assert fleet.run(fail_on="waiting").code == 1


def test_custom_properties_choose_a_wave(swift):
    config = CONFIG.replace('["acme/canary-*"]', '[{{property: {{ring: "0"}}}}]')
    fleet = Fleet(swift, config=config)
    fleet.targets["acme/web"].properties = {"ring": "0"}
    fleet.expect("WWWc")


def test_where_custom_properties_cannot_be_read_nothing_moves(swift):
    config = CONFIG.replace('["acme/canary-*"]', '[{{property: {{ring: "0"}}}}]')
    fleet = Fleet(swift, config=config)
    swift.hub.fail(lambda request: "/properties/values" in request.path, status=403)
    ran = fleet.expect("WWWW")
    assert "the custom properties of acme can't be read" in ran.summary
