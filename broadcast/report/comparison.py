"""What a change of the source does to the fleet, in one line and target by target (pure)."""

from __future__ import annotations

from collections.abc import Iterable

from broadcast.plan.comparison import Comparison
from broadcast.report.outcomes import plain

_KINDS = {"added": "addition", "changed": "change", "deleted": "deletion"}


def in_short(found: Comparison) -> str:
    """All effects in one line: +43 pull requests, 2 targets joined, 12 deletions."""
    effects = found.effects
    parts = [
        *_pulls(found),
        *(_counted(sum(one.kind == kind for one in effects), "target", f" {kind}") for kind in ("joined", "left")),
        *(_counted(sum(one.outcome.count(kind) for one in effects), noun) for kind, noun in _KINDS.items()),
        _counted(sum(len(one.withdrawn) for one in effects), "file", " no longer proposed"),
    ]
    joined = ", ".join(filter(None, parts))
    return joined or ("other outcomes" if effects else "nothing changes for any target")


def lines(found: Comparison) -> Iterable[str]:
    """The effect on each target, for a log."""
    for one in found.effects:
        before = plain(one.before) if one.before else "nothing"
        yield f"{one.outcome.target}: {one.kind}; {before} → {plain(one.outcome.name)}"
        for change in one.outcome.changes:
            yield f"  {change.kind:8} {change.path}"
        for path in one.withdrawn:
            yield f"  no longer {path}"


def _pulls(found: Comparison) -> Iterable[str]:
    for sign, step in (("+", 1), ("\N{MINUS SIGN}", -1)):
        if count := sum(one.pulls == step for one in found.effects):
            yield sign + _counted(count, "pull request")
    updated = sum(one.outcome.name == "updated" and one.before == "open" for one in found.effects)
    yield _counted(updated, "pull request", " updated")


def _counted(count: int, noun: str, what: str = "") -> str:
    return f"{count:,} {noun}{'s' if count != 1 else ''}{what}" if count else ""
