"""A finished run in a terminal: targets that are alike in one group, as in the summary; a pipe gets every name."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from broadcast.compose.patch import file_patch
from broadcast.errors import ConfigError, Failure
from broadcast.markdown import counted, many
from broadcast.observe.change import Change
from broadcast.observe.part_names import parts_in_words
from broadcast.pipeline.run import Run
from broadcast.plan.outcome import NAMES, WRITTEN, FileDiff, Name, Outcome
from broadcast.report import comparison, harvest, standing
from broadcast.report.by_directory import in_words
from broadcast.report.headline import headline
from broadcast.report.outcomes import stands, title
from broadcast.report.places import excerpt_of, place_of
from broadcast.report.reasons import remedy
from broadcast.report.summary.grouping import OutcomeGroup, alike, notes_alike, shown_changes, unsent
from broadcast.report.waves import in_one_line
from broadcast.runner.colours import Part, Style
from broadcast.runner.console import Terminal
from broadcast.runner.stop import EXIT_CODES
from broadcast.runner.wording import in_terminal

ROWS, FILES, FEW = 3, 12, 3  # of names, files, and names in a sentence, that a screen gets of one group
_STYLES: Mapping[Name, Style] = {
    "created": "good", "updated": "good", "pushed": "good", "merged": "good", "enqueued": "good", "open": "open",
    "in_sync": "dim", "incomplete": "bad", "closed": "warn", "declined": "warn", "edited": "warn", "paused": "warn",
    "skipped": "dim", "waiting": "dim", "deferred": "warn", "failed": "bad",
}  # fmt: skip
_KINDS: Mapping[str, tuple[str, Style]] = {"added": ("+", "good"), "changed": ("~", "open"), "deleted": ("-", "bad")}
_BUG = "please report this with the traceback"

Line = Sequence[Part]


def show(run: Run, console: Terminal, now: float) -> None:
    """Print what the run found; after Ctrl-C one line."""
    if run.stopped in EXIT_CODES and not run.failure:
        console.aside(Part(headline(run), "warn"))
        return
    _show_targets(run, console, now)
    for text in dict.fromkeys(run.warnings):
        console.warning(text)
    if run.failure:
        for line in failure_lines(run.failure):
            console.aside(*line)
    elif not run.explanation:
        is_aside = _is_patch(run) or run.stopped
        (console.aside if is_aside else console.shown)(Part(headline(run), "bold"))


def _show_targets(run: Run, console: Terminal, now: float) -> None:
    room = console.columns if console.is_screen else 0
    for one in run.outcomes if _is_patch(run) else ():
        console.patch(patch_of(one))
    for line in listing(run, room) if run.inputs.command != "status" else ():
        (console.aside if _is_patch(run) else console.shown)(*line)
    for text in standing.lines(run, now):
        console.show(text)
    for line in remarks(run.outcomes):
        console.aside(*line)
    harvested = harvest.lines(run.harvest) if run.harvest else ()
    for text in (*run.explanation, *_compared(run), *harvested, *map(in_one_line, run.waves)):
        console.show(text)


def _is_patch(run: Run) -> bool:
    """Whether a patch was asked for, so that nothing else may stand on stdout."""
    return run.inputs.diff and run.inputs.command == "plan"


def _compared(run: Run) -> Iterator[str]:
    if run.comparison and run.comparison.effects:
        yield f"Compared with {run.comparison.ref}"
        yield from (f"  {line}" for line in comparison.lines(run.comparison))


def failure_lines(failure: Failure) -> Iterator[Line]:
    """What ended the run: its place, its cause, and what to do."""
    problems = failure.problems if isinstance(failure, ConfigError) else ()
    for one in problems:
        yield Part(f"{one.place}: ", "bold"), Part("error: ", "bad"), Part(in_terminal(one.message))
        if one.excerpt:
            yield (Part("\n".join(f"    {line}" for line in one.excerpt.splitlines()), "dim"),)
        if one.remedy:
            yield (Part(f"    → {in_terminal(one.remedy)}"),)
    if len(problems) != 1:
        yield Part("error: ", "bad"), Part(in_terminal(failure.message))
    if failure.remedy:
        yield (Part(f"    → {in_terminal(failure.remedy)}"),)


def listing(run: Run, room: int) -> Iterator[Line]:
    """The groups, in lines of `room` characters; 0: of any length, with a line for each name."""
    is_check = run.inputs.command == "validate"  # of tokens alone
    asked = [one for one in run.outcomes if not is_check or one.name == "failed"]
    groups = alike(asked, lambda one: (one.name, _remedy(one), _shown(one)))
    for group in sorted(groups, key=lambda group: NAMES.index(group.outcomes[0].name)):
        yield from _group(group, run, room)


def _remedy(one: Outcome) -> str:
    return remedy(one.reason) or (_BUG if one.traceback else "")


def _shown(one: Outcome) -> tuple[tuple[str, str], ...]:
    return tuple((change.path, change.kind) for change in shown_changes(one))


def _group(group: OutcomeGroup, run: Run, room: int) -> Iterator[Line]:
    first, count = group.outcomes[0], len(group.outcomes)
    style = "warn" if stands(run) and first.name in WRITTEN else _STYLES[first.name]
    head = Part(title(first.name, run), style)
    what = _name(group, 0, whole=True) if count == 1 else counted(count, "repository")
    yield head, Part(f"  {what}", "bold")
    if group.reason:
        yield (Part(f"    {in_terminal(group.reason)}"),)
    if hint := _remedy(first):
        yield (Part(f"    → {in_terminal(hint)}"),)
    if count == 1:
        yield from ((Part(f"    {line}", "dim"),) for line in excerpt_of(run, first))
    if first.traceback:
        yield (Part(f"    {first.traceback}", "dim"),)
    if count > 1:
        yield from ((Part(f"    {row}"),) for row in _names(group, run, room))
    if _shown(first):
        yield from _files(group.outcomes, room)


def _names(group: OutcomeGroup, run: Run, room: int) -> Iterable[str]:
    places = [place_of(run, one) for one in group.outcomes]
    names = [f"{_name(group, at, whole=not room)}{place and f' at {place}'}" for at, place in enumerate(places)]
    if not room:
        return names
    rows, left = list[str](), names
    while left and len(rows) < ROWS:
        count = _fitting(left, max(room, 40) - 4)
        rows.append(", ".join(left[:count]) + ("," if len(left) > count else ""))
        left = left[count:]
    return [*rows, f"… and {many(len(left))} more (--json has them all)"] if left else rows


def _fitting(names: Sequence[str], room: int) -> int:
    """How many names stand in a line; one at least."""
    used = 0
    for count, name in enumerate(names):
        used += len(name) + 2
        if used > room + 1 and count:
            return count
    return len(names)


def _name(group: OutcomeGroup, at: int, *, whole: bool = False) -> str:
    """A target with its pull request, by URL or number, and what the reason leaves open."""
    one, note = group.outcomes[at], group.notes[at]
    number = one.pull_request.rpartition("/")[2]
    pull = f" {one.pull_request}" if whole and number else f" #{number}" if number else f" {one.pushed[:10]}".rstrip()
    return f"{one.target}{pull}{f' ({note})' if note else ''}"


def _files(outcomes: Sequence[Outcome], room: int) -> Iterator[Line]:
    changes = outcomes[0].changes
    most = FILES if room else len(changes)
    for change in changes[:most]:
        sign, style = _KINDS[change.kind]
        yield Part(f"    {sign} ", style), Part(f"{change.path}{_details(outcomes, change)}")
    if len(changes) > most:
        yield (Part(f"    … and {counted(len(changes) - most, 'file')} more (--json has them all)"),)


def _details(outcomes: Sequence[Outcome], change: Change) -> str:
    """The mode, the parts and the numbers of lines, where they are equal for all."""
    parts = parts_in_words(change) if len(outcomes) == 1 else ""
    found = {_lines(one.diffs.get(change.path)) for one in outcomes}
    words = ", ".join(filter(None, (change.mode_words, parts)))
    lines = found.pop() if len(found) == 1 else ""
    return (f" ({words})" if words else "") + (f"  {lines}" if lines else "")


def _lines(diff: FileDiff | None) -> str:
    return f"+{diff.added} -{diff.removed}" if diff and not diff.binary else ""


def remarks(outcomes: Sequence[Outcome]) -> Iterator[Line]:
    """Files that weren't sent, and notes on targets; those that are alike once."""
    for one in unsent(outcomes):
        names, where = in_words(one.paths), _few([outcome.target for outcome in one.outcomes])
        yield Part("left out: ", "warn"), Part(f"{names}: {in_terminal(one.reason)} ({where})")
        yield (Part(f"    → {in_terminal(one.remedy)}"),)
    for group in notes_alike(outcomes):
        yield Part("note: ", "warn"), Part(f"{in_terminal(group.words)} ({_few(group.targets)})")


def _few(names: Sequence[str]) -> str:
    more = f" and {many(len(names) - FEW)} more" if len(names) > FEW else ""
    return ", ".join(names[:FEW]) + more


def patch_of(one: Outcome) -> str:
    """What a target would get, as a patch that `git apply` takes in a clone of it, below a comment with its name."""
    changes = sorted(one.changes, key=lambda change: change.path)
    parts = [_patch(change, one.diffs.get(change.path)) for change in changes]
    return "".join((f"# {one.target}\n", *parts)) if parts else ""


def _patch(change: Change, diff: FileDiff | None) -> str:
    if diff is None:
        return f"# not in this patch, as it is too large or can't be read: {change.path!r}\n"
    after = change.after.entry if change.after else None
    return file_patch(change.path, change.before, after, diff.binary or diff.text)
