"""Waves of a rollout in words (pure)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from broadcast.config.format_rollout import When
from broadcast.plan.waves import Standing, Trouble, WaveState

NAMED = 3  # targets that are named

SIGNS: Mapping[Standing, str] = {"passed": "✅", "open": "🔷", "soaking": "⏳", "held": "🛑", "closed": "🌊"}
_LACKS: Mapping[When, str] = {"merged": "to be merged", "green": "to turn green", "opened": "to be opened"}
_HAPPENED = {
    "red": "a check failed at {target}{more}",
    "declined": "{target} declined the change",
    "rolled_back": "{target} was rolled back",
    "failed": "{target} failed{more}",
    "unknown": "{target} can't be read",
}
REMEDY = "Mend it in the source, and the next run goes on; or let the wave pass once with {advance}."


def heading(wave: WaveState) -> str:
    """The wave that holds the rollout, and why, as a sentence."""
    return f"The wave {wave.name} holds the rollout: {why_held(wave)}."


def stands(wave: WaveState) -> str:
    """How a wave stands, and what it lacks."""
    if wave.by_hand:
        return f"let pass by hand; {lacks(wave)}"
    if wave.standing == "closed":
        return "waits for the wave before it"
    return lacks(wave) or f"passed{f' since {moment(wave.since)}' if wave.since else ''}"


def in_one_line(wave: WaveState) -> str:
    """A wave in one line of the log."""
    return f"wave {wave.name}: {wave.passed} of {wave.needed} passed; {stands(wave)}"


def lacks(wave: WaveState) -> str:
    """What keeps a wave from passing; empty if nothing does."""
    if wave.standing == "passed":
        return ""
    if wave.standing == "held":
        return f"held: {why_held(wave)}"
    since = f", since {moment(wave.since)}" if wave.since else ""
    if wave.standing == "soaking":
        return f"it soaks until {moment(wave.until)}{since}"
    missing = max(wave.needed - wave.passed, 0)
    many = f"{missing} of {wave.targets} still {_LACKS[wave.advance.when]}"
    return f"{many} ({listed(wave.missing)}){since}"


def why_held(wave: WaveState) -> str:
    """Why a wave holds the rollout."""
    if not wave.troubles:
        return "it has no targets"
    since = f", since {moment(wave.since)}" if wave.since else ""
    found = [happened(one) for one in wave.troubles[:NAMED]]
    more = len(wave.troubles) - len(found)
    return f"{', '.join(found)}{f' and {more} more' if more > 0 else ''}{since}"


def happened(trouble: Trouble) -> str:
    """What came up at one target."""
    more = f" ({trouble.text})" if trouble.text else ""
    return _HAPPENED[trouble.kind].format(target=trouble.target, more=more)


def listed(names: Sequence[str]) -> str:
    """The first names, and how many more there are."""
    more = len(names) - NAMED
    return ", ".join(names[:NAMED]) + (f" and {more} more" if more > 0 else "")


def moment(seconds: float) -> str:
    """A moment in words, in UTC."""
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M} UTC"


def iso(seconds: float) -> str:
    """A moment in ISO 8601; empty for none."""
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%SZ}" if seconds else ""


def holding(waves: Sequence[WaveState]) -> WaveState | None:
    """The wave that holds the rollout."""
    return next((one for one in waves if one.standing == "held" and not one.by_hand), None)
