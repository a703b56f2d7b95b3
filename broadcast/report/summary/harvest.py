"""What people improved, with diffs as preformatted text (pure)."""

from __future__ import annotations

from collections.abc import Sequence

from broadcast.markdown import block, code, counted, text
from broadcast.pipeline.run import Run
from broadcast.plan.harvest import MAX_GROUPS, MAX_UNABLE, Group
from broadcast.report.harvest import notes, withheld
from broadcast.report.summary.sections import Section, listed


def improvements(run: Run) -> Section | None:
    """One entry for each edit; those that most repositories have come first."""
    if run.harvest is None or not run.harvest.groups:
        return None
    groups = run.harvest.groups[:MAX_GROUPS]
    return Section(("### What people improved\n",), lambda cap: [_entry(group, cap) for group in groups])


def unable(run: Run) -> Section | None:
    """Edits that can't be carried back, and repositories that are left out."""
    if run.harvest is None or not (run.harvest.unable or run.harvest.withheld):
        return None
    found = [f"- {code(one.source)} in {code(one.target)}: {text(one.reason)}" for one in run.harvest.unable]
    hidden = [f"- {block(withheld(run.harvest))}"] if run.harvest.withheld else []
    return Section(("### What can't be carried back\n",), lambda _: [*hidden, *found[:MAX_UNABLE]])


def _entry(group: Group, cap: int) -> str:
    """A paragraph, and the diff below it if there is room."""
    names = [code(name) for name in dict.fromkeys(place.target for place in group.places)]
    same = "the same edit in " if len(names) > 1 else "an edit in "
    same = "a new file, as in " if group.is_new else same
    size = f"+{group.diff.added} -{group.diff.removed} lines"
    lines = [f"{code(group.source)}: {same}{listed(names, 'repositories', cap)} ({size})", *map(text, notes(group))]
    return "\n".join(["<br>".join(lines), "", *_diff(group, cap)])


def _diff(group: Group, cap: int) -> Sequence[str]:
    shown = [_plain(line) for line in group.diff.lines] + ["…"] * group.diff.is_cut
    if sum(len(line.encode()) + 5 for line in shown) > cap:
        return [f"The log has the diff of {counted(len(shown), 'line')}.", ""]
    return [*(f"    {line}" for line in shown), ""]


def _plain(line: str) -> str:
    """A line of preformatted text without control characters."""
    return "".join(char if char.isprintable() else "\t" if char == "\t" else "�" for char in line)
