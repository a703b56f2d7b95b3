"""The waves of a config: who is in which, and every mistake at its place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcast.config.parse import parse
from broadcast.config.rollout import REST, Advance, Facts, check_names, strays
from broadcast.config.targets import resolve
from broadcast.errors import ConfigError, UsageError

SOURCE = "acme/templates"
NAMES = st.from_regex(r"acme/[a-z][a-z0-9-]{0,20}", fullmatch=True)


def config(rollout: str, targets: str = "acme/api", more: str = ""):
    text = f"version: 1\nrollout: {rollout}\n{more}\ntargets: [{targets}]\nfiles: [a]\n"
    return parse(text, "c.yml", SOURCE)


def waves_of(
    rollout: str, targets: str, more: str = "", topics: tuple[str, ...] = (), properties=None
) -> dict[str, str]:
    """The wave of each target."""
    found = config(rollout, targets, more)
    resolved, _ = resolve(found, SOURCE, {})
    waves = found.rollout.waves
    return {one.label: waves[found.rollout.wave_of(one, Facts(topics, properties or {}))].name for one in resolved}


def test_a_target_is_in_the_first_wave_that_has_it():
    rollout = "[{name: one, targets: [acme/a*]}, {name: two, targets: [acme/api, acme/web]}, {name: rest}]"
    found = waves_of(rollout, "acme/api, acme/web, acme/zoo")
    assert found == {"acme/api": "one", "acme/web": "two", "acme/zoo": "rest"}


def test_what_no_wave_names_comes_last():
    assert waves_of("[{name: one, targets: [acme/api]}]", "acme/api, acme/web")["acme/web"] == REST


def test_a_name_can_have_a_branch_and_any_case():
    rollout = "[{name: one, targets: [ACME/Api@release]}, {name: rest}]"
    assert waves_of(rollout, "acme/api@release, acme/api") == {"acme/api@release": "one", "acme/api": "rest"}


def test_topics_and_names_of_one_entry_have_to_fit_both():
    rollout = "[{name: one, targets: [{repo: acme/a*, topic: [x, canary]}]}, {name: rest}]"
    assert waves_of(rollout, "acme/api, acme/web", topics=("canary",)) == {"acme/api": "one", "acme/web": "rest"}
    assert waves_of(rollout, "acme/api")["acme/api"] == "rest"


def test_custom_properties_can_choose_a_wave():
    rollout = "[{name: one, targets: [{property: {ring: 0}}]}, {name: two, targets: [{property: {tier: [a, b]}}]}]"
    assert waves_of(rollout, "acme/api", properties={"Ring": "0"})["acme/api"] == "one"
    assert waves_of(rollout, "acme/api", properties={"tier": ("b", "c")})["acme/api"] == "two"
    assert waves_of(rollout, "acme/api", properties={"ring": "1"})["acme/api"] == REST


def test_groups_are_known_by_id_and_by_name():
    more = "groups: [{name: In house, id: in, targets: [acme/in]}, {name: Out, targets: [acme/out]}]"
    rollout = "[{name: one, groups: [In house]}, {name: two, groups: [Out]}, {name: rest}]"
    assert waves_of(rollout, "acme/api", more) == {"acme/api": "rest", "acme/in": "one", "acme/out": "two"}


@given(st.lists(NAMES, min_size=1, max_size=30, unique=True), NAMES, st.integers(1, 100))
def test_a_new_target_moves_no_other(names, new, percent):
    rollout = f"[{{name: one, percent: {percent}}}, {{name: rest}}]"
    before, after = (waves_of(rollout, ", ".join(all_)) for all_ in (names, dict.fromkeys([*names, new])))
    assert {name: after[name] for name in before} == before


def test_a_percentage_takes_about_that_part_and_a_larger_one_all_of_it_as_well():
    names = ", ".join(f"acme/r{number}" for number in range(1_000))
    rollout = "[{name: one, percent: 10}, {name: two, percent: 50}, {name: rest}]"
    found = list(waves_of(rollout, names).values())
    assert 70 < found.count("one") < 130
    assert 350 < found.count("two") < 450
    ten = {name for name, wave in waves_of(rollout, names).items() if wave == "one"}
    assert ten <= {name for name, wave in waves_of("[{name: one, percent: 20}]", names).items() if wave == "one"}


def test_other_configs_have_other_repositories_first():
    names = ", ".join(f"acme/r{number}" for number in range(200))
    first, second = (waves_of("[{name: one, percent: 10}]", names, f"id: {id_}") for id_ in ("a", "b"))
    assert first != second


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("", Advance()),
        ("advance: {when: green, share: 80%, soak: 1d12h, max_failed: 2, send: passed}",
         Advance("green", 80, 36 * 3600.0, 2, "passed")),
        ("advance: {soak: 90m, share: 50}", Advance(soak=5400.0, share=50)),
        ("advance: {soak: 0}", Advance()),
    ],
)  # fmt: skip
def test_what_lets_a_wave_pass(written, expected):
    assert config("[{name: one}]", more=written).rollout.waves[0].advance == expected


def test_a_wave_can_differ_from_the_others():
    waves = config(
        "[{name: one, percent: 5, advance: {soak: 2h}}]", more="advance: {when: green, soak: 24h}"
    ).rollout.waves
    assert [one.advance for one in waves] == [Advance("green", soak=7200.0), Advance("green", soak=86_400.0)]


@pytest.mark.parametrize(
    ("rollout", "more", "expected"),
    [
        ("[{name: one}, {name: two}]", "", "2:18 rollout: 'one' takes every target"),
        ("[{name: one, percent: 5}, {name: one}]", "", "2:43 rollout: two waves are called 'one'"),
        ("[{name: 'a, b'}]", "", "2:18 rollout: 'a, b' can't name a wave"),
        ("[{name: one, targets: [canary]}]", "", "2:33 rollout: 'canary' names no repository"),
        ("[{name: one, targets: [{}]}]", "", "2:33 rollout: this names no target"),
        ("[{name: one, groups: [x]}]", "groups: [{name: g, targets: [acme/x]}]", "2:32 rollout: there is no group 'x'"),
        ("[{name: one, groups: [x]}]", "", "2:32 rollout: there is no group 'x'"),
        ("[{name: one, percent: 101}]", "", "'percent' must be at most 100"),
        ("[{name: one}]", "advance: {share: 101%}", "3:18 share: '101%' is no share of targets"),
        ("[{name: one}]", "advance: {soak: a day}", "3:17 soak: 'a day' is no span of time"),
        ("[]", "advance: {soak: 24h}", "3:10 advance: there are no waves"),
    ],
)  # fmt: skip
def test_each_mistake_is_found_at_its_place(rollout, more, expected):
    with pytest.raises(ConfigError) as caught:
        config(rollout, more=more)
    found = [f"{one.line}:{one.column} {one.message}" for one in caught.value.problems]
    assert any(expected in one for one in found), found
    assert all(one.remedy or "must be" in one.message for one in caught.value.problems)


def test_a_wave_that_does_not_exist_is_refused_with_those_that_do():
    with pytest.raises(UsageError, match="there is no wave 'x'"):
        check_names(config("[{name: one}]").rollout, "advance", ["x"])
    with pytest.raises(UsageError) as caught:
        check_names(None, "only-waves", ["x"])
    assert caught.value.remedy == "the config has no `rollout`"


def test_members_that_are_no_targets_are_found():
    found = config("[{name: one, targets: [acme/ap*, acme/typo, {topic: x}]}]")
    resolved, _ = resolve(found, SOURCE, {})
    assert [(at.line, name) for at, name in strays(found.rollout, resolved)] == [(2, "acme/typo")]
