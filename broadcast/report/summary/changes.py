"""The changes of each target; targets with equal changes share a row (pure)."""

from __future__ import annotations

from collections.abc import Sequence

from broadcast.github.usage import Sum, Usage
from broadcast.markdown import block, code, counted, head, many, numbered, row, text
from broadcast.observe.part_names import parts_in_words
from broadcast.pipeline.run import Run
from broadcast.plan.outcome import NAMES, WRITTEN, Outcome
from broadcast.report.costs import saved
from broadcast.report.outcomes import phrase, plain, sign, stands
from broadcast.report.summary.attention import needs_person
from broadcast.report.summary.grouping import (
    LOSSES,
    NoteGroup,
    OutcomeGroup,
    alike,
    by,
    named,
    notes_alike,
    pushed,
    shown_changes,
)
from broadcast.report.summary.labels import KINDS, duration, signed
from broadcast.report.summary.sections import Section, filed, folded, listed

_RESULTS = "the output `results` has them all"


def changes(run: Run) -> Section | None:
    """The table of groups: equal outcome, equal paths and kinds of change."""
    calm = [one for one in run.outcomes if not needs_person(one) and not _left(one)]
    if run.inputs.command == "status":  # where each stands is said in a table of its own
        calm = [one for one in calm if one.changes]
    if not calm or run.inputs.command == "validate":
        return None
    lines = (f"### {_title(run, calm)}\n", *head("", "repository", "files"))
    groups = alike(calm, lambda one: (one.name, tuple((change.path, change.kind) for change in shown_changes(one))))
    groups.sort(key=lambda group: NAMES.index(group.outcomes[0].name))
    return Section(lines, lambda cap: [_row(run, group, cap) for group in groups], where=_RESULTS)


def deletions(run: Run) -> Section | None:
    """The table of files that are deleted."""
    gone: dict[str, list[Outcome]] = {}
    for one in run.outcomes:
        for change in one.changes:
            if change.after is None:
                gone.setdefault(change.path, []).append(one)
    if not gone:
        return None
    groups = by(gone, lambda path: tuple(one.target for one in gone[path])).values()
    verb = "Merging the pull requests deletes" if run.inputs.writes else "Merging the pull requests would delete"
    lines = (f"### Deletions\n\n{verb} these files.\n", *head("file", "repository"))
    return Section(lines, lambda cap: [_gone(paths, gone[paths[0]], run.context.server_url, cap) for paths in groups])


def arrivals(run: Run) -> Section | None:
    """Repositories that get their first pull request from here; None if all of them do."""
    new = [one for one in run.outcomes if one.joined]
    if not new or len(new) == len(run.outcomes):
        return None
    names, verb = [named(one, run.context.server_url) for one in new], "is" if run.inputs.writes else "would be"
    lines = ("### Repositories that joined\n",)
    lead = f"This {verb} their first pull request from here: "
    return Section(lines, lambda cap: [lead + listed(names, "repositories", cap)], where=_RESULTS)


def departures(run: Run) -> Section | None:
    """Pull requests that are closed because the config no longer names their repositories."""
    left = [one for one in run.outcomes if _left(one)]
    if not left:
        return None
    names, verb = [named(one, run.context.server_url) for one in left], "was" if run.inputs.writes else "would be"
    lead = f"The config no longer asks for these. Each pull request {verb} closed and its branch deleted: "
    lines = ("### Repositories that left\n",)
    return Section(lines, lambda cap: [lead + listed(names, "repositories", cap)], where=_RESULTS)


def warnings(run: Run) -> Section | None:
    """Warnings of the run, and notes on targets; equal notes in one line."""
    groups = notes_alike(run.outcomes, known=LOSSES)
    if not groups and not run.warnings:
        return None
    general = [f"- {block(words)}" for words in dict.fromkeys(run.warnings)]
    return Section(("### Warnings\n",), lambda cap: [*general, *(_warning(group, cap) for group in groups)])


def each(run: Run, usage: Usage) -> Section | None:
    """A folded table with one row per target."""
    if len(run.outcomes) < 2 or run.inputs.command == "status":
        return None
    calls, columns = usage.by_target(), (*KINDS.values(), "calls", "saved", "time")
    lines = (
        f"<details><summary>Each of the {many(len(run.outcomes))} repositories, with its calls and time</summary>\n",
        *head("repository", "outcome", "pull request", *(f">{name}" for name in columns)),
    )
    rows = [_each(run, one, calls.get(one.target, Sum()).calls) for one in run.outcomes]
    shared = calls.get("", Sum()).calls
    note = f"\n{counted(shared, 'call')} served many repositories at once and {_are(shared)} not in these rows.\n"
    return Section(lines, lambda _: rows, (note if shared else "", "</details>"), _RESULTS)


def _title(run: Run, outcomes: Sequence[Outcome]) -> str:
    if run.inputs.command == "status":
        return "What they lack"
    if stands(run) or not any(one.name in WRITTEN for one in outcomes):
        return "Where the fleet stands"
    return "What changed" if run.inputs.writes else "What would change"


def _row(run: Run, group: OutcomeGroup, cap: int) -> str:
    first = group.outcomes[0]
    why = f": {text(group.reason)}" if group.reason else ""
    return row(
        f"{phrase(first.name, run)}{why}",
        listed(group.names(run.context.server_url), "repositories", cap),
        files(group.outcomes, cap) if shown_changes(first) else "",
    )


def files(outcomes: Sequence[Outcome], cap: int) -> str:
    """The paths that these outcomes share, by kind of change, deletions first; many by directory."""
    first = outcomes[0]
    ordered = [
        change
        for kind in reversed(KINDS)
        for change in sorted(first.changes, key=lambda change: change.path)
        if change.kind == kind
    ]
    parts = _parts(outcomes)
    items = {
        one.path: f"{KINDS[one.kind]}\u00a0{code(one.path)}{parts.get(one.path, '')}{_lines(outcomes, one.path)}"
        for one in ordered
    }
    kinds = {one.path: one.kind for one in ordered}
    return filed(items, cap, lambda paths: f"{_counts([kinds[path] for path in paths])} files")


def _counts(found: Sequence[str]) -> str:
    return signed({kind: found.count(kind) for kind in KINDS})


def _parts(outcomes: Sequence[Outcome]) -> dict[str, str]:
    """What changes of each shared file, where it is the same for all targets."""
    found: dict[str, set[str]] = {}
    for change in (change for one in outcomes for change in one.changes):
        if change.after and change.after.composition:
            found.setdefault(change.path, set()).add(parts_in_words(change, code))
    return {path: f" {words.pop()}" for path, words in found.items() if len(words) == 1}


def _lines(outcomes: Sequence[Outcome], path: str) -> str:
    """The numbers of added and removed lines, if they are known and equal for all targets."""
    found = {(diff.added, diff.removed) if (diff := one.diffs.get(path)) else None for one in outcomes}
    (first, *others) = found
    lines = first and signed({"added": first[0], "deleted": first[1]})
    return f" ({lines} {'line' if first and sum(first) == 1 else 'lines'})" if lines and not others else ""


def _gone(paths: Sequence[str], outcomes: Sequence[Outcome], server: str, cap: int) -> str:
    files = filed({path: code(path) for path in paths}, cap)
    return row(files, listed([named(one, server) for one in outcomes], "repositories", cap))


def _warning(group: NoteGroup, cap: int) -> str:
    names, paths = group.targets, [code(path) for path in group.paths]
    fold = f" {folded('which', paths, cap // 2, '<br>')}" if paths and cap else ""
    if len(names) == 1:
        return f"- {block(names[0])}: {text(group.words)}{fold}"
    return f"- {block(group.words)} — {listed([code(name) for name in names], 'repositories', cap)}{fold}"


def _each(run: Run, one: Outcome, calls: int) -> str:
    numbers = [str(one.count(kind) or "") for kind in ("added", "changed", "deleted")]
    time = duration(one.seconds) if one.seconds >= 0.001 else ""
    own = (str(calls or ""), str(saved(one, calls) or ""), time)
    pull = numbered(one.pull_request) or pushed(one, run.context.server_url)
    return row(code(one.target), f"{sign(one.name, run)} {plain(one.name)}", pull, *numbers, *own)


def _left(one: Outcome) -> bool:
    return one.reason is not None and one.reason.kind == "dropped"


def _are(count: int) -> str:
    return "is" if count == 1 else "are"
