"""What a target means for its wave, how a wave stands, which plans wait, and which commit has passed."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from broadcast.config.rollout import Advance, Rollout, Wave
from broadcast.errors import Failure, FileError
from broadcast.github.rate_limiter import Throttled
from broadcast.observe.drift import Drift
from broadcast.observe.state import CheckResult, LogEntry, Observation, Pull
from broadcast.ownership import Marker
from broadcast.plan.passed import commits_of, held_since, is_ripe, newest
from broadcast.plan.reason import Closing, Reason
from broadcast.plan.rollout import (
    QUIET,
    Judgement,
    Members,
    blocking,
    gated,
    is_behind,
    judge,
    needed_of,
    seconds,
    states,
)
from tests.unit.plan.test_guards import EMPTY, change, opened, plan, pull, target
from tests.unit.plan.test_merging import CLEAN
from tests.unit.plan.test_plan import Model

HOUR, DAY = 3_600.0, 86_400.0
NOW = datetime(2026, 6, 10, tzinfo=UTC).timestamp()
HEAD = "1" * 40
WRITING = ("create", "propose", "rebuild", "describe", "merge", "enqueue")


def at(hours: float) -> str:
    """A moment so many hours before now."""
    return datetime.fromtimestamp(NOW - hours * HOUR, UTC).isoformat()


def merged(hours: float, commit: str = "c" * 40, back: str = "") -> Pull:
    marker = Marker("x", "x", "c.yml", commit, "t", frozenset(), "", back=back)
    return pull()._replace(state="MERGED", closed_at=at(hours), marker=marker)


def seen(*pulls: Pull, tip: float = 5.0, status=None, **state) -> Observation:
    """A target with these pull requests, whose branch got its last commit `tip` hours ago."""
    lineage = (LogEntry("0" * 40, "", (), frozenset(), amended=False, committed=at(tip)),)
    found = Model({}).state(pulls=pulls, lineage=lineage, merging=status, **state)
    return Observation(found, Drift(), None, EMPTY)


def status(rollup: str, hours: float = 2.0, **more):
    return CLEAN._replace(head="", rollup=rollup, checked=at(hours) if rollup else "", **more)


def verdict(made, observation=None, **advance) -> Judgement:
    return judge(made, observation or seen(), Advance(**advance), "acme/x", NOW)


IN_STEP = plan(step="nothing", outcome="in_sync", changes=())
OPEN = opened()


@pytest.mark.parametrize(
    ("made", "observation", "advance", "kind"),
    [
        (IN_STEP, seen(), {}, "passed"),
        (plan(step="close", outcome="closed"), seen(), {}, "passed"),
        (plan(step="nothing", outcome="skipped"), seen(), {}, "ignored"),
        (plan(), seen(), {"when": "opened"}, "pending"),
        (plan(step="rebuild", outcome="updated", pull=pull()), seen(), {"when": "opened"}, "pending"),
        (plan(step="describe", outcome="updated", pull=pull()), seen(), {"when": "opened"}, "passed"),
        (OPEN, seen(), {}, "pending"),
        (OPEN, seen(), {"when": "opened"}, "passed"),
        (OPEN, seen(), {"when": "green"}, "pending"),
        (OPEN, seen(status=status("SUCCESS")), {"when": "green"}, "passed"),
        (OPEN, seen(status=status("PENDING")), {"when": "green"}, "pending"),
        (OPEN, seen(status=status("EXPECTED")), {"when": "green"}, "pending"),
        (OPEN, seen(status=status("")), {"when": "green"}, "passed"),
        (OPEN, seen(tip=0.1, status=status("")), {"when": "green"}, "pending"),
        (OPEN, seen(status=status("", status="BLOCKED")), {"when": "green"}, "pending"),
        (OPEN, seen(status=status("", status="UNSTABLE")), {"when": "green"}, "pending"),
        (OPEN, seen(status=status("FAILURE")), {}, "failed"),
        (OPEN, seen(status=status("ERROR")), {"when": "opened"}, "failed"),
        (OPEN, seen(status=status("FAILURE", )._replace(head="older")), {"when": "opened"}, "passed"),
        (plan(step="rebuild", outcome="updated", pull=pull()), seen(status=status("FAILURE")), {}, "pending"),
        (opened(outcome="paused", reason=Reason("paused")), seen(), {"when": "opened"}, "pending"),
        (opened(outcome="edited", reason=Reason("edited")), seen(status=status("FAILURE")), {}, "failed"),
        (opened(reason=Reason("rollback_open")), seen(), {"when": "opened"}, "failed"),
        (plan(step="nothing", outcome="declined"), seen(), {}, "failed"),
        (plan(left_out=(("a", Reason("declined")),)), seen(), {}, "failed"),
        (plan(left_out=(("a", Reason("taken_out")),)), seen(), {}, "failed"),
        (plan(left_out=(("a", Reason("opted_out")),)), seen(), {}, "pending"),
        (plan(left_out=(("a", Reason("local_change")),)), seen(), {}, "pending"),
        (plan(step="nothing", outcome="declined", reason=Reason("rolled_back")), seen(), {}, "failed"),
        (plan(step="nothing", outcome="failed", reason=Reason("too_many_deletions")), seen(), {}, "failed"),
        (replace(IN_STEP, file_errors=(FileError("a", "x", "y"),)), seen(), {}, "failed"),
        (Failure("gone"), seen(), {}, "failed"),
        (Throttled("later"), seen(), {}, "pending"),
        (IN_STEP, Failure("gone"), {}, "failed"),
    ],
)  # fmt: skip
def test_what_a_target_means_for_its_wave(made, observation, advance, kind):
    assert verdict(made, observation, **advance).kind == kind


@pytest.mark.parametrize(
    ("made", "observation", "advance", "hours"),
    [
        (IN_STEP, seen(merged(30), merged(4), merged(50)), {}, 4),
        (OPEN, seen(tip=7), {"when": "opened"}, 7),
        (OPEN, seen(tip=7, status=status("SUCCESS", 3)), {"when": "green"}, 3),
        (OPEN, seen(tip=7, status=status("")), {"when": "green"}, 7 - QUIET / HOUR),
        (OPEN, seen(tip=7), {}, 7),
        (OPEN, seen(status=status("FAILURE", 6)), {}, 6),
    ],
)
def test_since_when_it_means_that(made, observation, advance, hours):
    assert verdict(made, observation, **advance).since == pytest.approx(NOW - hours * HOUR)


def test_a_target_that_never_got_anything_has_passed_since_ever():
    assert verdict(IN_STEP).since == 0
    assert is_ripe(verdict(IN_STEP), Advance(soak=DAY), NOW)


def test_a_trouble_says_what_it_is():
    red = seen(status=status("FAILURE", unpassed=(CheckResult("b", False, False), CheckResult("a", True, False))))
    assert verdict(OPEN, red).trouble.text == "b"
    closing = Reason("declined", closings=(Closing(3, "al", "2026-06-09"),))
    assert verdict(plan(left_out=(("a", closing),))).trouble.since == NOW - DAY
    assert verdict(Failure("gone")).trouble.text == "gone"


@pytest.mark.parametrize("text", ["", "no date", "2026-06-10", "2026-06-10T00:00:00Z"])
def test_moments_are_read_in_utc(text):
    assert seconds(text) == (NOW if text.startswith("2026") else 0)


@pytest.mark.parametrize(
    ("share", "targets", "failed", "most", "needed"),
    [(100, 3, 0, 0, 3), (80, 5, 0, 0, 4), (75, 5, 0, 0, 4), (50, 3, 1, 1, 1), (100, 3, 2, 1, 2), (100, 0, 0, 0, 0), (1, 9, 0, 0, 1)],
)  # fmt: skip
def test_how_many_must_have_passed(share, targets, failed, most, needed):
    assert needed_of(Advance(share=share, max_failed=most), targets, failed) == needed


# whole rollouts

KINDS = {
    "passed": (IN_STEP, seen(merged(30))),
    "fresh": (IN_STEP, seen(merged(3))),
    "new": (plan(), seen()),
    "open": (OPEN, seen()),
    "stale": (plan(step="rebuild", outcome="updated", pull=pull()), seen()),
    "red": (OPEN, seen(status=status("FAILURE"))),
    "declined": (plan(step="nothing", outcome="declined"), seen()),
    "broken": (Failure("gone"), Failure("gone")),
    "left": (plan(step="close", outcome="closed", pull=pull()), seen()),
    "skipped": (plan(step="nothing", outcome="skipped"), seen()),
}
WAVES = st.lists(st.lists(st.sampled_from(sorted(KINDS)), max_size=4), min_size=2, max_size=4)
ADVANCES = st.builds(
    Advance, when=st.sampled_from(["opened", "green", "merged"]), share=st.sampled_from([50, 100]),
    soak=st.sampled_from([0.0, DAY]), max_failed=st.integers(0, 2),
)  # fmt: skip


def rolled(waves, advance=None, let=()):
    """The states, the plans and what becomes of them, of waves of targets in these states."""
    rollout = Rollout(tuple(Wave(f"w{at}", advance or Advance()) for at in range(len(waves))), "x")
    found = {target(f"{at}-{number}"): (at, kind) for at, one in enumerate(waves) for number, kind in enumerate(one)}
    members = Members({one: at for one, (at, _) in found.items()})
    plans = {one: KINDS[kind][0] for one, (_, kind) in found.items()}
    observations = {one: KINDS[kind][1] for one, (_, kind) in found.items()}
    made = states(rollout, members, plans, observations, now=NOW, let=let)
    return made, plans, gated(plans, members, made), members


@given(WAVES, ADVANCES)
def test_nothing_is_written_before_all_earlier_waves_have_passed(waves, advance):
    made, plans, then, members = rolled(waves, advance)
    for one, number in members.waves.items():
        was, now = plans[one], then[one]
        if isinstance(now, Failure) or now.step not in WRITING:
            continue
        assert now == was
        for earlier in range(number):
            assert made[earlier].standing == "passed"
            kinds = waves[earlier]
            assert sum(kind in ("red", "declined", "broken") for kind in kinds) <= advance.max_failed


@given(WAVES, ADVANCES)
def test_only_writes_wait_and_they_say_for_whom(waves, advance):
    made, plans, then, members = rolled(waves, advance)
    for one, was in plans.items():
        if then[one] is was:
            continue
        assert was.step in WRITING
        assert (then[one].step, then[one].outcome, then[one].reason.kind) == ("nothing", "waiting", "waits")
        assert then[one].changes == was.changes
        wave = then[one].reason.wave
        assert wave.standing in ("open", "soaking", "held")
        assert made.index(wave) <= members.waves[one]


@given(WAVES, ADVANCES, st.integers(0, 3))
def test_a_wave_that_people_let_pass_is_waited_for_no_more(waves, advance, number):
    name = f"w{number}"
    made, _, then, _ = rolled(waves, advance, let=(name,))
    assert all(one.reason.wave.name != name for one in then.values() if getattr(one, "outcome", "") == "waiting")
    assert all(one.by_hand == (one.name == name and not is_passed(one, made)) for one in made)


def is_passed(one, made) -> bool:
    return one.standing == "passed" or (one.standing == "closed" and not one.by_hand)


@given(WAVES, ADVANCES)
def test_once_all_have_passed_nothing_waits(waves, advance):
    _, _, then, _ = rolled([["passed", "skipped"][: len(one)] for one in waves[:-1]] + [waves[-1]], advance)
    assert all(getattr(one, "outcome", "") != "waiting" for one in then.values())


def test_the_last_wave_holds_nothing_up():
    _, plans, then, _ = rolled([["passed"], ["red", "new", "broken"]])
    assert then == plans


def test_a_wave_that_was_chosen_and_has_no_target_holds_the_rest():
    rollout = Rollout((Wave("one", Advance(), groups=("g",)), Wave("rest", Advance())), "x")
    made = states(rollout, Members({target("a"): 1}), {target("a"): plan()}, {target("a"): seen()}, now=NOW, let=())
    assert made[0].standing == "held"
    assert blocking(made, 1) is made[0]
    assert not is_behind(made[0])


def test_a_selector_without_an_answer_holds_everything():
    rollout = Rollout((Wave("one", Advance(), percent=1), Wave("rest", Advance())), "x")
    members = Members({target("a"): 1}, ("acme/*",))
    made = states(rollout, members, {target("a"): plan()}, {target("a"): seen()}, now=NOW, let=())
    assert (made[0].standing, made[0].troubles[0].target) == ("held", "acme/*")


# the newest commit that has passed

HISTORY = [f"{number:040x}" for number in range(1, 30)]


def contains(commit: str, other: str) -> bool:
    """Whether one commit of a straight line is another one or came after it."""
    return commit in HISTORY and other in HISTORY and HISTORY.index(commit) >= HISTORY.index(other)


def test_what_a_target_held_at_a_moment_is_what_it_had_merged_last():
    pulls = [merged(1, "a"), merged(20, "b"), merged(30, "c")]
    assert held_since(pulls, NOW) == "a"
    assert held_since(pulls, NOW - 10 * HOUR) == "b"
    assert held_since(pulls, NOW - 40 * HOUR) == ""


def test_what_was_rolled_back_has_not_passed():
    pulls = [merged(1, "a"), merged(5, "b", back="z"), merged(30, "c")]
    assert held_since(pulls, NOW - 10 * HOUR) == ""
    assert held_since(pulls, NOW - 4 * HOUR) == "z"


@given(st.lists(st.integers(-1, 28), min_size=1, max_size=8), st.integers(0, 3), st.integers(1, 100), st.integers(0, 3))
def test_the_newest_commit_is_one_that_enough_targets_hold_or_are_beyond(held, failed, share, most):
    advance = Advance(share=share, max_failed=most)
    commits = {target(f"t{at}"): HISTORY[one] if one >= 0 else "" for at, one in enumerate(held)}
    judged = {one: Judgement("pending") for one in commits}
    judged |= {target(f"f{at}"): Judgement("failed") for at in range(failed)}
    commits |= {target(f"f{at}"): "" for at in range(failed)}
    needed = max(1, needed_of(advance, len(commits), failed))
    enough = [one for one in HISTORY if sum(contains(it, one) for it in commits.values() if it) >= needed]
    assert newest(commits, judged, advance, contains) == max(enough, default="", key=HISTORY.index)


def test_commits_that_are_no_part_of_the_history_count_for_nothing():
    commits = {target("a"): "f" * 40, target("b"): HISTORY[3]}
    judged = dict.fromkeys(commits, Judgement("pending"))
    assert newest(commits, judged, Advance(), contains) == ""


def test_a_target_in_step_for_long_enough_has_passed_the_newest_commit():
    judged = {target("a"): Judgement("passed", NOW - DAY), target("b"): Judgement("passed", NOW - HOUR)}
    judged[target("c")] = Judgement("ignored")
    found = commits_of(judged, {target("b"): [merged(1, "n"), merged(50, "o")]}, HEAD, Advance(soak=DAY), NOW)
    assert found == {target("a"): HEAD, target("b"): "o"}


def test_changes_of_waiting_plans_are_kept():
    _, _, then, _ = rolled([["new"], ["new"]])
    assert [one.changes for one in then.values()] == [(change(),), (change(),)]
