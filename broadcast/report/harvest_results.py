"""What people improved, as JSON; a part of the results (pure)."""

from __future__ import annotations

from typing import Annotated, TypedDict, cast

from msgspec import Meta

from broadcast.plan.harvest import MAX_GROUPS, MAX_UNABLE, Harvest


class Spot(TypedDict):
    """Where an edit was found."""

    target: str
    path: str


class Harvested(TypedDict):
    """An edit of one file of the source that people made in targets."""

    path: Annotated[str, Meta(description="In the source.")]
    places: list[Spot]
    who: Annotated[list[str], Meta(description="Logins, or names in commits.")]
    added: Annotated[int, Meta(description="Lines.")]
    removed: int
    diff: Annotated[str, Meta(description="Unified, against the source's file; at most 200 lines.")]
    new: Annotated[bool, Meta(description="Whether the source has no such file.")]
    known: Annotated[bool, Meta(description="Whether a version of the source is known that it comes from.")]


class NotCarried(TypedDict):
    """An edit that can't be carried back."""

    path: Annotated[str, Meta(description="In the source.")]
    target: str
    reason: str


class Harvests(TypedDict):
    """What people improved (command: harvest)."""

    edits: Annotated[list[Harvested], Meta(description="At most 200, those of most repositories first.")]
    total: Annotated[int, Meta(description="Edits in all.")]
    unable: list[NotCarried]
    written: Annotated[list[str], Meta(description="Paths in the source's working tree.")]
    withheld: Annotated[list[str], Meta(description="Targets that fewer people can read than the source.")]


def harvested(found: Harvest) -> Harvests:
    """What people improved."""
    return {
        "edits": [
            {
                "path": group.source,
                "places": [cast(Spot, place._asdict()) for place in group.places],
                "who": list(dict.fromkeys(author.shown for author in group.authors)),
                "added": group.diff.added, "removed": group.diff.removed, "diff": "\n".join(group.diff.lines),
                "new": group.is_new,
                "known": not group.is_foreign,
            }
            for group in found.groups[:MAX_GROUPS]
        ],
        "total": len(found.groups),
        "unable": [
            {"path": one.source, "target": one.target, "reason": one.reason} for one in found.unable[:MAX_UNABLE]
        ],
        "written": list(found.written),
        "withheld": list(found.withheld),
    }  # fmt: skip
