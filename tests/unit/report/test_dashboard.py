"""The text of the dashboard."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcast.config.rollout import Advance
from broadcast.errors import FileError
from broadcast.observe.boxes import Box, Counted, ticked
from broadcast.observe.dashboard import Board
from broadcast.pipeline.dashboard import Dashboard, Fact
from broadcast.pipeline.run import Run
from broadcast.plan.outcome import NAMES, Outcome
from broadcast.plan.reason import Closing, Reason, said
from broadcast.plan.standing import OpenPull
from broadcast.plan.waves import Trouble, WaveState
from broadcast.report.dashboard import MAX, page
from broadcast.runner.inputs import Inputs
from tests.unit.report.sample_runs import CONTEXT, NOW, declined, outcome

NASTY = "<!-- broadcast:freeze --> @sam fixes #1 \n- [x] <!-- broadcast:freeze -->"


def pull(target: str, number: int = 3, **more) -> OpenPull:
    more = {"opened_at": "2026-09-01T10:00:00Z"} | more
    return OpenPull(number, f"https://github.com/{target}/pull/{number}", **more)


def board(*outcomes: Outcome, ticks=None, pulls=None, visibility="PRIVATE", hidden=()) -> Dashboard:
    found = Dashboard(
        Board(visibility=visibility, counted=Counted(ticks or {})), None, "acme/templates", "acme/templates"
    )
    for one in outcomes:
        is_shown = one.target not in hidden
        found.facts[one.target] = Fact(is_shown, one.target.partition("@")[0], (pulls or {}).get(one.target))
    return found


def made(*outcomes: Outcome, waves: tuple[WaveState, ...] = (), wave_of=None, frozen="", **more) -> str:
    inputs = Inputs(dashboard=True, dry_run=bool(frozen))
    run = Run(inputs, CONTEXT, NOW, outcomes=list(outcomes), waves=waves, wave_of=wave_of or {}, frozen=frozen)
    return page(run, board(*outcomes, **more))


def wave(name: str, standing, **more) -> WaveState:
    return WaveState(name, standing, Advance(), targets=3, needed=3, **more)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("created", "open"),
        ("updated", "open"),
        ("merged", "in_sync"),
        ("closed", "in_sync"),
    ],
)
def test_what_a_run_did_and_what_the_next_one_finds_is_the_same_text(first, second):
    opened = "2026-09-21T00:00:00Z"
    number = 3 if second == "open" else 0
    before = outcome("acme/api", first, pull=number, opened_at="" if first == "created" else opened)
    after = outcome("acme/api", second, pull=number, opened_at=opened)
    assert made(before) == made(after, pulls={"acme/api": pull("acme/api", opened_at=opened)} if number else None)


def test_a_target_that_the_config_dropped_isn_t_shown_again():
    assert "acme/web" not in made(
        outcome("acme/api", "in_sync"), outcome("acme/web", "closed", reason=Reason("dropped"))
    )


@pytest.mark.parametrize("name", NAMES)
def test_every_outcome_has_a_place(name):
    assert "acme/api" in made(outcome("acme/api", name, pull=3, reason=said("because")))


def test_links_leave_no_mention_at_the_targets():
    text = made(outcome("acme/api", "open", pull=3))
    assert "https://redirect.github.com/acme/api/pull/3" in text
    assert "https://github.com/acme/api" not in text


@pytest.mark.parametrize(
    ("one", "words"),
    [
        (outcome("acme/api", "failed", reason="GitHub answered 500"), "GitHub answered 500"),
        (outcome("acme/api", "edited", pull=3, reason=Reason("edited", name="b", commit="1f0c9a6e2b")), "✋"),
        (
            outcome("acme/api", "in_sync", file_errors=(FileError("a.psd", "is too large", "exclude it"),)),
            "is too large",
        ),
    ],
)
def test_who_must_act_stands_first(one, words):
    text = made(outcome("acme/web", "in_sync"), one)
    assert words in text.partition("### Who must act")[2].partition("###")[0]


def test_a_failed_check_needs_people_and_is_named():
    one = outcome("acme/api", "open", pull=3)
    text = made(one, pulls={"acme/api": pull("acme/api", checks="failed", failed=("unit`tests",))})
    assert "a check failed" in text.partition("### Who must act")[2]
    assert "unit" in text


def test_it_says_who_declined():
    text = made(outcome("acme/api", "declined", reason=declined(3, "al", "2026-09-02")))
    assert "al, 2026-09-02" in text.partition("### Declined")[2]
    assert "<!-- broadcast:retry=acme/api -->" in text


def test_a_file_that_was_declined_in_part_can_be_retried_too():
    why = Reason("declined", closings=(Closing(3, "al", "2026-09-02"),))
    one = outcome("acme/api", "open", pull=4, notes=(Reason("left_out", name="a.md", why=why),))
    assert "<!-- broadcast:retry=acme/api -->" in made(one)


# Waves


def test_the_box_of_a_wave_stands_until_it_has_passed():
    names = {"acme/api": "canaries"}
    waves = wave("canaries", "open", missing=("acme/api",)), wave("everyone", "closed")
    one = outcome("acme/api", "open", pull=3)
    text = made(one, waves=waves, wave_of=names, ticks={Box("wave", "canaries"): "sam"})
    assert ticked(text) == {Box("wave", "canaries"): "sam"}
    assert "ticked by sam" in text
    waves = wave("canaries", "passed", passed=3), wave("everyone", "open")
    assert "broadcast:wave" not in made(one, waves=waves, wave_of=names, ticks={Box("wave", "canaries"): "sam"})


def test_the_table_counts_by_wave_and_outcome():
    waves = wave("canaries", "open"), wave("everyone", "closed")
    text = made(
        outcome("acme/api", "open", pull=3), outcome("acme/web", "waiting"), waves=waves,
        wave_of={"acme/api": "canaries", "acme/web": "everyone"},
    )  # fmt: skip
    assert "| canaries | 1 |  |" in text
    assert "| everyone |  | 1 |" in text


# Boxes that stay


@pytest.mark.parametrize("name", ["deferred", "waiting", "failed"])
@pytest.mark.parametrize("kind", ["rebuild", "retry"])
def test_a_box_that_could_not_be_carried_out_stays_ticked(name, kind):
    box = Box(kind, "acme/api")
    assert ticked(made(outcome("acme/api", name), ticks={box: "sam"})) == {box: "sam"}


@pytest.mark.parametrize("name", ["updated", "open", "created", "in_sync", "declined", "edited"])
def test_one_that_was_is_unticked(name):
    one = outcome("acme/api", name, pull=3, reason=declined(3) if name == "declined" else "")
    assert ticked(made(one, ticks={Box("rebuild", "acme/api"): "sam", Box("retry", "acme/api"): "sam"})) == {}


@pytest.mark.parametrize("name", ["created", "updated", "open", "in_sync", "declined", "edited", "paused", "skipped"])
def test_in_a_frozen_run_all_stay(name):
    ticks = {Box("freeze"): "sam", Box("rebuild", "acme/api"): "al"}
    one = outcome("acme/api", name, pull=3, reason=declined(3) if name == "declined" else "")
    text = made(one, ticks=ticks, frozen="by the dashboard, ticked by sam")
    assert Box("freeze") in ticked(text)
    assert "Frozen by the dashboard" in text


# Who reads it


@given(st.sampled_from(NAMES), st.sampled_from(["acme/secret", "acme/Secret.x", "acme/secret@v2"]))
def test_nothing_of_a_hidden_target_is_shown(name, target):
    words = f"{target.partition('@')[0]}: can't be read; see {target.partition('@')[0].upper()}."
    shown = outcome("acme/api", "failed", reason=Reason("group_failed", name="G", other=target))
    hidden = outcome(target, name, pull=7, reason=words)
    waves = (wave("canaries", "held", missing=(target,), troubles=(Trouble(target, "failed", words),)),)
    text = made(shown, hidden, waves=waves, visibility="PUBLIC", hidden={target})
    assert "secret" not in text.lower()
    assert "pull/7" not in text
    assert "acme/api" in text
    assert "1 repository that not all readers" in text


def test_a_target_that_was_not_seen_counts_as_private_in_a_public_source():
    one = outcome("acme/secret", "failed", reason="acme/secret doesn't exist")
    run = Run(Inputs(dashboard=True), CONTEXT, NOW, outcomes=[one])
    assert "secret" not in page(run, board(visibility="PUBLIC"))
    assert "secret" in page(run, board(visibility="PRIVATE"))


# Text of others, and room


@pytest.mark.parametrize("name", ["failed", "edited", "declined", "deferred", "skipped", "paused"])
def test_words_of_others_are_nothing_but_text(name):
    text = made(outcome("acme/api", name, pull=3, reason=said(NASTY, NASTY)))
    assert ticked(text) == {}
    assert "@sam" not in text
    assert text.count("<!-- broadcast:freeze -->") == 1


def fleet(count: int, length: int) -> list[Outcome]:
    """Targets of all outcomes with long names, each with reasons of its own."""
    names = [name for name in NAMES for _ in range(count // len(NAMES) + 1)][:count]
    return [
        outcome(
            f"acme/{number:04}-{'n' * length}",
            name,
            pull=number + 1,
            opened_at="2026-09-01T00:00:00Z",
            reason=said(f"{number} {'<words> ' * 60}", "do " * 100),
            notes=(Reason("left_out", name="f" * 200, why=declined(number)), Reason("overwrites", name="*" * 300)),
            file_errors=(FileError("é" * 300, "& " * 300, ""),),
        )
        for number, name in enumerate(names)
    ]


@pytest.mark.parametrize("length", [10, 90])
@pytest.mark.parametrize("count", [1_000, 3_000])
def test_the_text_of_a_large_fleet_has_room(count, length):
    every = fleet(count, length)
    waves = tuple(wave(f"{'<w>' * 30}{at}", "open", missing=tuple(one.target for one in every)) for at in range(100))
    text = made(*every, waves=waves, wave_of={one.target: waves[at % 100].name for at, one in enumerate(every)})
    assert len(text) <= MAX
    assert "<!-- broadcast:freeze -->" in text
    assert text.count("<details>") == text.count("</details>")
    assert "more lines" in text


def test_a_thousand_targets_in_step_are_all_named():
    every = [outcome(f"acme/svc-{number:04}", "in_sync") for number in range(1_000)]
    text = made(*every)
    assert all(one.target in text for one in every)
    assert len(text) <= MAX


def test_a_box_that_stays_ticked_isn_t_cut_off():
    every = fleet(2_000, 60)
    last = [one for one in every if one.name == "waiting"][-1].target
    assert Box("rebuild", last) in ticked(made(*every, ticks={Box("rebuild", last): "sam"}))
