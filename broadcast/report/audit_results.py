"""What an audit asks of a target, as JSON: what changed, who merged what; a part of the results (pure)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal, TypedDict

from msgspec import Meta

from broadcast.observe.change import Change
from broadcast.plan.outcome import Outcome

MOST = 200_000  # changes of all targets together; a thousand targets with 150 files have fewer


class Changed(TypedDict):
    """One path that its pull request changes, or would change."""

    path: str
    kind: Literal["added", "changed", "deleted"]
    old: Annotated[str | None, Meta(description="The blob that the base has; null where it has none.")]
    new: Annotated[str | None, Meta(description="The blob that is sent; null where the path is deleted.")]
    mode: Annotated[str | None, Meta(description="The mode that is sent, as git writes it; null where it is deleted.")]


class MergedPull(TypedDict):
    """A pull request from here that was merged."""

    number: int
    url: str
    by: Annotated[str, Meta(description="Login; empty where GitHub doesn't say.")]
    at: Annotated[str, Meta(description="ISO 8601.")]
    commit: Annotated[str, Meta(description="Of the source, that it brought or went back to; empty where not known.")]


def changes_of(outcomes: Sequence[Outcome]) -> list[list[Changed]]:
    """The changes of each outcome; of very many, the first."""
    room, found = MOST, list[list[Changed]]()
    for one in outcomes:
        found.append([_changed(change) for change in one.changes[:room]])
        room -= len(found[-1])
    return found


def _changed(change: Change) -> Changed:
    kind: Literal["added", "changed", "deleted"] = (
        "deleted" if change.after is None else "changed" if change.before else "added"
    )
    return {
        "path": change.path, "kind": kind,
        "old": change.before.oid if change.before else None,
        "new": change.after.oid if change.after else None,
        "mode": f"{change.after.mode:o}" if change.after else None,
    }  # fmt: skip


def merged(one: Outcome) -> list[MergedPull]:
    """The merged pull requests that were seen, newest first."""
    return [{"number": it.number, "url": it.url, "by": it.by, "at": it.at, "commit": it.commit} for it in one.merged]
