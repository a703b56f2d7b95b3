"""The waves of a rollout as JSON; a part of the results (pure)."""

from __future__ import annotations

from typing import Annotated, TypedDict

from msgspec import Meta

from broadcast.plan.waves import Standing, WaveState
from broadcast.report.waves import happened, iso

Moment = Annotated[str, Meta(description="ISO 8601; empty where there is none.")]


class WaveResult(TypedDict):
    """One wave of the rollout."""

    name: str
    standing: Standing
    targets: Annotated[int, Meta(description="That count: not archived, disabled or opted out.")]
    passed: int
    needed: int
    waits_for: Annotated[list[str], Meta(description="Targets that have yet to pass.")]
    troubles: Annotated[list[str], Meta(description="Targets that failed, declined or have a red check, with why.")]
    since: Moment
    until: Annotated[str, Meta(description="When it has soaked, ISO 8601; empty where it doesn't soak.")]
    let: Annotated[bool, Meta(description="Whether the input advance lets it pass.")]
    commit: Annotated[str, Meta(description="Of the source, which it gets; empty: the newest.")]


def wave_result(one: WaveState) -> WaveResult:
    """A wave as JSON."""
    return {
        "name": one.name, "standing": one.standing, "targets": one.targets, "passed": one.passed,
        "needed": one.needed, "waits_for": list(one.missing), "troubles": list(map(happened, one.troubles)),
        "since": iso(one.since), "until": iso(one.until), "let": one.by_hand, "commit": one.commit,
    }  # fmt: skip
