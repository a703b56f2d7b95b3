"""Repositories that have another name than the config's (pure)."""

from __future__ import annotations

from collections.abc import Iterable

from broadcast.observe.state import Observation, Observations


def renamed(observations: Observations, file: str) -> Iterable[str]:
    """A warning for each target whose name in the config is an old one, with the line to correct."""
    for target, seen in observations.items():
        if not isinstance(seen, Observation) or target.dropped or target.selected:
            continue
        now = seen.state.full_name
        if now.lower() != target.full_name.lower():
            moved = now.partition("/")[0].lower() != target.owner.lower()
            what = "belongs to another owner now" if moved else "has another name now"
            yield f"{file}:{target.place.line}: {target.full_name} {what}: write {now} there"
