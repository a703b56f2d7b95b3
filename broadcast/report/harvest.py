"""What people improved, as lines of text (pure)."""

from __future__ import annotations

from collections.abc import Iterable

from broadcast.markdown import counted, many
from broadcast.pipeline.run import Run
from broadcast.plan.harvest import MAX_GROUPS, MAX_UNABLE, Group, Harvest, named

_FOREIGN = "no version of the source is known that it comes from"
PRIVATE = "harvest-private: true shows them"


def in_short(run: Run, found: Harvest) -> str:
    """All of it in one line."""
    files, edits = len({group.source for group in found.groups}), len(found.groups)
    places = {place.target for group in found.groups for place in group.places}
    where = f" for {run.inputs.path}" if run.inputs.path else ""
    if not edits:
        return f"Nothing to harvest{where}: no repository has an edit of people's that can be carried back"
    done = "" if not found.written else f"; {counted(len(found.written), 'file')} written to the working tree"
    own = (one for one in run.outcomes if run.inputs.proposes and one.target == run.context.source)
    done += "".join(f"; pull request on the source: {one.name.replace('_', ' ')}" for one in own)
    return f"{counted(edits, 'edit')} of {counted(files, 'file')} in {counted(len(places), 'repository')}{done}"


def lines(found: Harvest) -> Iterable[str]:
    """Every edit with its repositories, its people and its diff."""
    for group in found.groups[:MAX_GROUPS]:
        yield title(group)
        yield from (f"  {note}" for note in notes(group))
        yield from (f"    {line}" for line in group.diff.lines)
        yield from ["    …"] * group.diff.is_cut
    if len(found.groups) > MAX_GROUPS:
        yield f"and {many(len(found.groups) - MAX_GROUPS)} more edits"
    for one in found.unable[:MAX_UNABLE]:
        yield f"{one.source}: the edit in {one.target} can't be carried back: {one.reason}"
    if len(found.unable) > MAX_UNABLE:
        yield f"and {many(len(found.unable) - MAX_UNABLE)} more that can't be carried back"
    yield from (f"wrote {path}" for path in found.written)
    if found.withheld:
        yield f"{withheld(found)}: {', '.join(found.withheld[:20])}"


def title(group: Group) -> str:
    """The file, and the repositories that have this edit."""
    count = len({place.target for place in group.places})
    if group.is_new:
        return f"{group.source}: a new file, as in {named(group)} (+{group.diff.added} lines)"
    lead = "an edit in" if count == 1 else f"the same edit in {counted(count, 'repository')}:"
    return f"{group.source}: {lead} {named(group)} (+{group.diff.added} -{group.diff.removed} lines)"


def notes(group: Group) -> Iterable[str]:
    """Who made it, where it stands under another path, and what is uncertain."""
    if group.authors:
        yield f"by {', '.join(dict.fromkeys(author.shown for author in group.authors[:10]))}"
    elsewhere = sorted({place.path for place in group.places} - {group.source})
    if elsewhere:
        yield f"there as {', '.join(elsewhere[:3])}" + (f" and {len(elsewhere) - 3} more" if elsewhere[3:] else "")
    if group.is_foreign:
        yield _FOREIGN


def withheld(found: Harvest) -> str:
    """How many repositories are left out, and how to see them."""
    count = counted(len(found.withheld), "repository")
    return f"edits in {count} that fewer people can read than the source are left out; {PRIVATE}"
