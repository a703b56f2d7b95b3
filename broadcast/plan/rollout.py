"""How far a rollout has come, from what was observed of its targets, and which plans have to wait for it (pure).

Nothing is remembered between runs: merged pull requests, the checks of open ones and the plans themselves say it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from math import ceil
from typing import Literal, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from broadcast.config.properties import Held
from broadcast.config.rollout import Advance, Facts, Rollout, Wave
from broadcast.config.targets import Target
from broadcast.errors import Failure
from broadcast.github.rate_limiter import Throttled
from broadcast.observe.state import MergeStatus, Observation, Observations, State
from broadcast.plan.guards import Plans
from broadcast.plan.merging import READY
from broadcast.plan.plan import MERGING, WITH_COMMIT, Plan, Step
from broadcast.plan.reason import Reason
from broadcast.plan.waves import Standing, Trouble, WaveState

QUIET = 600.0  # seconds after which a commit without any check is taken for one that gets none
_WAITING_STEPS: frozenset[Step] = WITH_COMMIT | MERGING
_RED = ("FAILURE", "ERROR")
_CONTENT = ("red", "declined", "rolled_back")  # troubles that what was sent has made
_DECLINES = ("declined", "taken_out", "reverted")

Properties = Mapping[str, Mapping[str, Held]]  # by owner/name in lower case


class Judgement(NamedTuple):
    """What one target means for its wave."""

    kind: Literal["ignored", "passed", "pending", "failed"]
    since: float = 0.0  # seconds since the epoch; 0: since ever, or it is not known
    trouble: Trouble | None = None


class Members(Struct, frozen=True):
    """The targets of a rollout: the number of each one's wave."""

    waves: Mapping[Target, int]
    unknown: tuple[str, ...] = ()  # what keeps it from being known who is in which

    def of(self, number: int) -> list[Target]:
        """The targets of a wave."""
        return [target for target, one in self.waves.items() if one == number]


def members_of(
    rollout: Rollout, observations: Observations, properties: Properties, unknown: Iterable[str] = ()
) -> Members:
    """The wave of each target that the config names.

    `properties` are by owner/name in lower case; `unknown` names what isn't known of the fleet.
    """
    found = {
        target: rollout.wave_of(target, _facts(target, observation, properties))
        for target, observation in observations.items()
        if not target.dropped
    }
    return Members(found, tuple(unknown))


def _facts(target: Target, observation: Observation | Failure, properties: Properties) -> Facts:
    topics = observation.state.topics if isinstance(observation, Observation) else ()
    return Facts(topics, properties.get(target.full_name.lower(), {}))


def states(
    rollout: Rollout, members: Members, plans: Plans, observations: Observations, *, now: float, let: Collection[str]
) -> tuple[WaveState, ...]:
    """How each wave stands at `now`, in seconds since the epoch; `let` names waves that people let pass."""
    found = list[WaveState]()
    is_open = True
    for number in range(len(rollout.waves)):
        state = state_of(number, rollout, members, plans, observations, now=now, let=let)
        found.append(state if is_open else replace(state, standing="closed"))
        is_open = is_open and is_behind(state)
    return tuple(found)


def state_of(
    number: int, rollout: Rollout, members: Members, plans: Plans, observations: Observations, *, now: float,
    let: Collection[str],
) -> WaveState:  # fmt: skip
    """How one wave stands, whatever the others do."""
    wave, unknown = rollout.waves[number], members.unknown if number == 0 else ()
    judged = judged_of(wave.advance, members.of(number), plans, observations, now)
    state = _state(wave, judged, unknown, now, is_last=number == len(rollout.waves) - 1)
    return replace(state, by_hand=wave.name in let and state.standing != "passed")


def judged_of(
    advance: Advance, targets: Iterable[Target], plans: Plans, observations: Observations, now: float
) -> dict[Target, Judgement]:
    """What each target means for its wave."""
    return {
        target: judge(plans[target], observations[target], advance, target.label, now)
        for target in targets
        if target in plans
    }


def is_behind(wave: WaveState) -> bool:
    """Whether later waves need not wait for it."""
    return wave.standing == "passed" or wave.by_hand


def judge(
    plan: Plan | Failure, observation: Observation | Failure, advance: Advance, label: str, now: float
) -> Judgement:
    """What a target means for its wave, by the plan that sync has for it."""
    if isinstance(plan, Failure):
        return _unseen(plan, label)
    if isinstance(observation, Failure):
        return _unseen(observation, label)
    if plan.outcome == "skipped":
        return Judgement("ignored")
    if trouble := _trouble(plan, observation.state, label):
        return Judgement("failed", trouble.since, trouble)
    if plan.outcome == "in_sync" or plan.step == "close":
        return _arrived(observation.state, advance, label, now)
    began = _tip(observation.state)
    is_shown = plan.pull and (plan.step == "describe" or (plan.outcome == "open" and plan.reason is None))
    if not is_shown or advance.when == "merged":
        return Judgement("pending", began)
    if advance.when == "opened":
        return Judgement("passed", began)
    since = _green(observation.state.merging, began, now)
    return Judgement("pending", began) if since is None else Judgement("passed", since)


def _arrived(state: State, advance: Advance, label: str, now: float) -> Judgement:
    """What a target in step means: since its last merge or push, of which the base's head shows the checks."""
    since, checks = max(last_merge(state), state.sent.last), state.sent.checks
    if advance.when != "green" or since > state.sent.last or checks == "SUCCESS":
        return Judgement("passed", since)
    if checks in _RED:
        return Judgement("failed", since, Trouble(label, "red", since=since))
    return Judgement("passed" if not checks and since + QUIET <= now else "pending", since)


def _unseen(failure: Failure, label: str) -> Judgement:
    if isinstance(failure, Throttled):
        return Judgement("pending")
    return Judgement("failed", 0.0, Trouble(label, "failed", failure.message))


def _trouble(plan: Plan, state: State, label: str) -> Trouble | None:
    """Why people have to do something about a target first."""
    if plan.outcome == "failed" or plan.file_errors:
        first = plan.file_errors[0] if plan.file_errors else None
        text = f"{first.path}: {first.reason}" if first else ""
        return Trouble(label, "failed", text or (plan.reason.text if plan.reason else ""))
    kinds = {why.kind for _, why in plan.left_out} | ({plan.reason.kind} if plan.reason else set())
    if kinds & {"rolled_back", "rollback_open"}:
        return Trouble(label, "rolled_back")
    if plan.outcome == "declined" or not kinds.isdisjoint(_DECLINES):
        return Trouble(label, "declined", since=_declined(plan))
    return _red(plan, state, label)


def _declined(plan: Plan) -> float:
    """When people last closed a pull request with a change that is left out."""
    reasons = [*(why for _, why in plan.left_out), *filter(None, [plan.reason])]
    return max((seconds(one.on) for why in reasons for one in why.closings), default=0.0)


def _red(plan: Plan, state: State, label: str) -> Trouble | None:
    """A failed check of what the pull request proposes now; one that is about to be updated starts again."""
    status = state.merging
    is_current = plan.step in ("nothing", "describe", "merge", "enqueue", "sweep")
    if not plan.pull or not status or not is_current or status.head != plan.pull.head_oid:
        return None
    if status.rollup not in _RED:
        return None
    names = sorted({one.name for one in status.unpassed if not one.running})
    return Trouble(label, "red", ", ".join(filter(None, names)), seconds(status.checked))


def _green(status: MergeStatus | None, began: float, now: float) -> float | None:
    """Since when the checks of an open pull request are green; None: they aren't, or that isn't known.

    A commit that gets no check at all has none yet at first. A token that may not read checks sees none either, but
    then GitHub calls the pull request neither clean nor free of hooks where one is missing (docs/github.md).
    """
    if status is None or status.state != "OPEN":
        return None
    if status.rollup == "SUCCESS":
        return seconds(status.checked) or began
    is_without = status.rollup == "" and status.status in READY
    return began + QUIET if is_without and began + QUIET <= now else None


def last_merge(state: State) -> float:
    """When a pull request of ours was last merged here, in seconds since the epoch; 0: never."""
    return max((seconds(pull.closed_at) for pull in state.merged_here), default=0.0)


def _tip(state: State) -> float:
    """When the last commit on our branch was made; 0: there is none."""
    return seconds(state.lineage[0].committed) if state.lineage else 0.0


def seconds(moment: str) -> float:
    """A moment in ISO 8601, of a day its first one in UTC, as seconds since the epoch; 0 where there is none."""
    try:
        found = datetime.fromisoformat(moment) if moment else None
    except ValueError:
        return 0.0
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp() if found else 0.0


def _state(
    wave: Wave, judged: Mapping[Target, Judgement], unknown: Sequence[str], now: float, *, is_last: bool
) -> WaveState:
    """How a wave stands by itself."""
    advance = wave.advance
    counted = {target: one for target, one in judged.items() if one.kind != "ignored"}
    troubles = [one.trouble for one in counted.values() if one.trouble]
    passed = sorted(one.since for one in counted.values() if one.kind == "passed")
    needed = needed_of(advance, len(counted), len(troubles))
    held = len(troubles) > advance.max_failed or bool(unknown) or (wave.is_chosen and not counted and not is_last)
    ripe = sum(since + advance.soak <= now or not since for since in passed)
    standing, since, until = _standing(advance, counted, passed, held=held, needed=needed, ripe=ripe, now=now)
    return WaveState(
        wave.name, standing, advance, targets=len(counted), needed=needed, passed=len(passed),
        missing=tuple(target.label for target, one in counted.items() if one.kind == "pending"),
        troubles=(*troubles, *(Trouble(one, "unknown") for one in unknown)),
        since=since, until=until,
    )  # fmt: skip


def _standing(
    advance: Advance,
    counted: Mapping[Target, Judgement],
    passed: Sequence[float],
    *,
    held: bool,
    needed: int,
    ripe: int,
    now: float,
) -> tuple[Standing, float, float]:
    """How it stands, since when, and until when."""
    if held:
        return "held", max((one.since for one in counted.values() if one.trouble), default=0.0), 0.0
    if ripe >= needed:
        return "passed", passed[needed - 1] if needed else 0.0, 0.0
    if len(passed) >= needed:
        return "soaking", passed[needed - 1], passed[needed - 1] + advance.soak
    since = (one.since for one in counted.values() if one.kind == "pending" and one.since)
    return "open", min(since, default=now), 0.0


def needed_of(advance: Advance, targets: int, failed: int) -> int:
    """How many targets of a wave must have passed; those that may fail count as far as they do."""
    return ceil(advance.share * (targets - min(failed, advance.max_failed)) / 100)


def blocking(waves: Sequence[WaveState], number: int) -> WaveState | None:
    """The wave that this one waits for."""
    return next((one for one in waves[:number] if not is_behind(one)), None)


def gated(plans: Plans, members: Members, waves: Sequence[WaveState]) -> Plans:
    """The plans, of which those of later waves wait; what people merge, close or need cleaned up doesn't."""
    found = dict(plans)
    for target, number in members.waves.items():
        plan = plans.get(target)
        if not isinstance(plan, Plan) or not is_gated(plan):
            continue
        if wave := blocking(waves, number):
            found[target] = waiting(plan, wave)
        else:
            found[target] = held_back(plan, waves[number], is_last=number == len(waves) - 1)
    return found


def is_gated(plan: Plan | Failure | None) -> bool:
    """Whether it would write what waits for earlier waves."""
    return isinstance(plan, Plan) and plan.step in _WAITING_STEPS


def waiting(plan: Plan, wave: WaveState) -> Plan:
    """The plan of a target that waits for a wave."""
    return replace(plan, step="nothing", outcome="waiting", reason=Reason("waits", wave=wave))


def held_back(plan: Plan, own: WaveState, *, is_last: bool) -> Plan:
    """The plan, which waits if it opened one more pull request in a wave that is held by what was sent there."""
    is_held = own.standing == "held" and any(one.kind in _CONTENT for one in own.troubles)
    is_new = plan.pull is None and is_gated(plan)
    return waiting(plan, own) if is_held and is_new and not is_last and not own.by_hand else plan
