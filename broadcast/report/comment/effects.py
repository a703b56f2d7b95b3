"""The tables of a comment: what is deleted, and the effect by repository; hidden ones are counted (pure)."""

from __future__ import annotations

from collections.abc import Sequence

from broadcast.markdown import code, counted, head, row
from broadcast.pipeline.run import Run
from broadcast.plan.comparison import Effect
from broadcast.report.summary.comparison import changed_files, what
from broadcast.report.summary.grouping import by
from broadcast.report.summary.labels import KINDS, signed
from broadcast.report.summary.sections import Section, filed, listed


def touched(run: Run) -> Sequence[Effect]:
    """The effects, if they are known."""
    return run.comparison.effects if run.comparison else ()


def shows(run: Run, one: Effect) -> bool:
    """Whether its repository is named."""
    return run.audience is not None and run.audience.shows(one.outcome.target)


def hidden(run: Run) -> int:
    """The number of repositories with an effect that aren't named."""
    return sum(not shows(run, one) for one in touched(run))


def deletions(run: Run) -> Section | None:
    """The table of files that the change deletes."""
    gone: dict[str, list[str]] = {}
    for one in filter(lambda one: shows(run, one), touched(run)):
        for change in one.outcome.changes:
            if change.after is None:
                gone.setdefault(change.path, []).append(code(one.outcome.target))
    secret = sum(one.outcome.count("deleted") for one in touched(run) if not shows(run, one))
    if not gone and not secret:
        return None
    groups = list(by(gone, lambda path: tuple(gone[path])).values())

    def rows(cap: int) -> list[str]:
        found = [
            row(filed({path: code(path) for path in paths}, cap), listed(gone[paths[0]], "repositories", cap))
            for paths in groups
        ]
        return [*found, row(counted(secret, "file"), "private repositories")] if secret else found

    return Section(("#### Deletions\n", *head("file", "repository")), rows, where="the run has them all")


def effects(run: Run) -> Section:
    """The table of the effect on each repository; equal effects share a row."""
    groups = sorted(by(touched(run), lambda one: _key(run, one)).values(), key=lambda group: not _deletes(group))
    lines = ("#### Repositories\n", *head("", "repository", "files"))
    return Section(lines, lambda cap: [_row(run, group, cap) for group in groups], where="the run has them all")


def _deletes(group: Sequence[Effect]) -> bool:
    return any(one.outcome.count("deleted") for one in group)


def _key(run: Run, one: Effect) -> tuple[object, ...]:
    if not shows(run, one):
        return False, one.kind, one.before, one.outcome.name
    changes = tuple((change.path, change.kind) for change in one.outcome.changes)
    return True, one.kind, one.before, one.outcome.name, changes, one.withdrawn


def _row(run: Run, group: Sequence[Effect], cap: int) -> str:
    first = group[0]
    if not shows(run, first):
        kinds = {kind: sum(one.outcome.count(kind) for one in group) for kind in KINDS}
        changed = f"{signed(kinds)} files" if any(kinds.values()) else ""
        return row(what(run, first), f"**{len(group):,}** private {_noun(len(group))}", changed)
    names = [code(one.outcome.target) for one in group]
    return row(what(run, first), listed(names, "repositories", cap), changed_files(group, cap))


def _noun(count: int) -> str:
    return "repository" if count == 1 else "repositories"
