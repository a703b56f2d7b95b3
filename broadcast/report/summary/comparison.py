"""The effect of one change of the source on the fleet; equal effects share a row (pure)."""

from __future__ import annotations

from collections.abc import Sequence

from broadcast.markdown import code, counted, head, row
from broadcast.pipeline.run import Run
from broadcast.plan.comparison import Effect
from broadcast.report.outcomes import label, phrase
from broadcast.report.summary.changes import files
from broadcast.report.summary.grouping import by, named
from broadcast.report.summary.sections import Section, folded, listed

_INTRO = "This is the effect of the change alone. Everything that sync would do is listed below."


def effects(run: Run) -> Section | None:
    """The table of targets that the change touches."""
    if run.comparison is None or not run.comparison.effects:
        return None
    groups = by(run.comparison.effects, _key).values()
    lines = (f"### What this change does\n\n{_INTRO}\n", *head("", "repository", "files"))
    return Section(lines, lambda cap: [_row(run, group, cap) for group in groups])


def _key(one: Effect) -> tuple[object, ...]:
    changes = tuple((change.path, change.kind) for change in one.outcome.changes)
    return one.kind, one.before, one.outcome.name, changes, one.withdrawn


def _row(run: Run, group: Sequence[Effect], cap: int) -> str:
    first = group[0]
    names = [named(one.outcome, run.context.server_url) for one in group]
    return row(what(run, first), listed(names, "repositories", cap), changed_files(group, cap))


def what(run: Run, one: Effect) -> str:
    """What becomes of a target, and what would without the change."""
    after = phrase(one.outcome.name, run)
    if one.kind == "left":
        return f"**leaves**<br>{after if one.outcome.name == 'closed' else 'no longer kept in step'}"
    if one.kind == "joined":
        return f"**joins**<br>{after}"
    return after if one.before in (None, one.outcome.name) else f"{after}<br>without it: {label(one.before, run)}"


def changed_files(group: Sequence[Effect], cap: int) -> str:
    """The files that are proposed because of the change, and those that no longer are."""
    shown = files([one.outcome for one in group], cap)
    if not group[0].withdrawn:
        return shown
    paths = [code(path) for path in group[0].withdrawn]
    gone = folded(f"{counted(len(paths), 'file')} no longer proposed", paths, cap, "<br>")
    return "<br>".join(filter(None, (shown, gone)))
