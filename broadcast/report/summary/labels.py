"""What outcomes and phases are called, by what the run was for (pure)."""

from __future__ import annotations

from collections.abc import Mapping

from broadcast.pipeline.run import Run
from broadcast.plan.outcome import Name

SIGNS: Mapping[Name, str] = {
    "created": "🟢", "updated": "🔵", "open": "🔷", "in_sync": "✅", "closed": "⚫", "declined": "🚫", "edited": "✋",
    "paused": "💤", "skipped": "⚪", "deferred": "⏳", "failed": "❌",
}  # fmt: skip
OLD_SIGN = "⏰"
KINDS = {"added": "+", "changed": "~", "deleted": "\N{MINUS SIGN}"}

_DONE: Mapping[Name, str] = {"created": "opened", "in_sync": "in step"}
_WOULD: Mapping[Name, str] = {**_DONE, "created": "to open", "updated": "to update", "closed": "to close"}
_STANDS: Mapping[Name, str] = {
    **_DONE, "created": "behind", "updated": "behind, pull request open", "open": "pull request open",
    "closed": "in step, pull request still open",
}  # fmt: skip
_OF_PULLS: frozenset[Name] = frozenset({"created", "updated", "open", "closed"})


def stands(run: Run) -> bool:
    """Whether the run only asks where the fleet stands."""
    return run.inputs.command in ("check", "status")


def signed(numbers: Mapping[str, int]) -> str:
    """Files by kind of change, as +1 ~2 and so on."""
    return " ".join(f"{KINDS[kind]}{number:,}" for kind, number in numbers.items() if number)


def sign(name: Name, run: Run) -> str:
    """What stands for an outcome; what is behind is no success where only that is asked."""
    return "🟠" if stands(run) and name in ("created", "updated") else SIGNS[name]


def label(name: Name, run: Run) -> str:
    """An outcome in short, as what was done, would be done, or stands so."""
    words = _DONE if run.inputs.writes else _STANDS if stands(run) else _WOULD
    return words.get(name, plain(name))


def phrase(name: Name, run: Run) -> str:
    """The same with its sign, and what it is about."""
    about = "pull request " if name in _OF_PULLS and not stands(run) else ""
    return f"{sign(name, run)} {about}{label(name, run)}"


def plain(name: Name) -> str:
    """An outcome by its name."""
    return name.replace("_", " ")


def size(count: int) -> str:
    """Bytes as people read them; nothing for none."""
    if count < 1024:
        return f"{count} B" if count else ""
    return f"{count / 1024:.1f} KiB" if count < 1024**2 else f"{count / 1024**2:.1f} MiB"


def duration(seconds: float) -> str:
    """Seconds as people read them."""
    if seconds >= 100:
        return f"{seconds / 60:.0f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"
    return f"{seconds * 1000:.0f} ms" if seconds < 1 else f"{seconds:.1f} s"
