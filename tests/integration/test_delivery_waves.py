"""Waves of targets that changes are pushed to: a push counts as a merge, and a revert as a decline."""

from __future__ import annotations

import pytest

from tests.integration.test_waves import CANARIES, CONFIG, NAMES, Fleet

PUSHED = CONFIG + "delivery: push\n"


def fleet(swift, advance="{}"):
    return Fleet(swift, advance, NAMES, PUSHED)


def expect(fleet, expected, hours=0.0, **inputs):
    """One run and its outcomes; p: pushed."""
    ran = fleet.run(hours, **inputs)
    found = "".join("W" if one == "waiting" else one[0] for one in ran.outcomes.values())
    assert found == expected, ran.log
    return ran


def test_each_wave_is_pushed_to_once_the_one_before_has_it(swift):
    waves = fleet(swift)
    expect(waves, "ppWW")
    expect(waves, "iipW")
    expect(waves, "iiip")
    ran = expect(waves, "iiii")
    assert [one["standing"] for one in ran.results["waves"]] == ["passed"] * 3
    swift.write({"LICENSE": "two\n"})
    expect(waves, "ppWW")


def test_a_wave_soaks_from_its_last_push(swift):
    waves = fleet(swift, "{soak: 24h}")
    expect(waves, "ppWW")
    assert "it soaks until" in expect(waves, "iiWW", hours=23).log
    expect(waves, "iipW", hours=1)


def test_a_soak_is_not_over_sooner_where_people_push_much(swift):
    waves = fleet(swift, "{soak: 24h}")
    expect(waves, "ppWW")
    for number in range(101):
        waves.targets["acme/canary-1"].commit({f"src/{number}": b"theirs\n"})
    expect(waves, "iiWW", hours=23)


def test_a_revert_holds_the_waves_behind(swift):
    waves = fleet(swift)
    expect(waves, "ppWW")
    waves.targets["acme/canary-1"].commit({"LICENSE": None})
    expect(waves, "diWW")
    expect(waves, "diWW", hours=100)


@pytest.mark.parametrize(("state", "then"), [("SUCCESS", "iipW"), ("PENDING", "iiWW"), ("FAILURE", "iiWW")])
def test_green_is_what_the_head_of_the_base_shows(swift, state, then):
    waves = fleet(swift, "{when: green}")
    expect(waves, "ppWW")
    for name in CANARIES:
        api = waves.targets[name]
        api.report(api.head("main"), "test", state)
    ran = expect(waves, then, hours=1)
    assert ("a check failed" in str(ran.results["waves"][0])) == (state == "FAILURE")


def test_a_base_without_checks_is_green_after_a_while(swift):
    waves = fleet(swift, "{when: green}")
    expect(waves, "ppWW")
    expect(waves, "iiWW")
    expect(waves, "iipW", hours=1)


def test_pull_requests_that_stand_in_for_pushes_count_against_their_limit(swift):
    waves = Fleet(swift, "{}", NAMES, CONFIG + "delivery: push_or_pull_request\n")
    for api in waves.targets.values():
        api.protected.append("main")
    expect(waves, "cdWW", max_pull_requests="1")
    expect(waves, "ocWW", max_pull_requests="1")
    waves.merge(*CANARIES)
    expect(waves, "iicW")
