"""The table of where each target stands, for `command: status` (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from broadcast.markdown import code, head, link, many, numbered, row, text
from broadcast.pipeline.run import Run
from broadcast.plan.outcome import Outcome
from broadcast.plan.standing import Standing
from broadcast.report import standing
from broadcast.report.outcomes import phrase
from broadcast.report.reasons import words
from broadcast.report.standing import SHORT
from broadcast.report.summary.attention import needs_person
from broadcast.report.summary.grouping import UNBROKEN
from broadcast.report.summary.sections import Section, listed

MOST = 20  # rows that are shown at once; more are folded
_COLUMNS = ("repository", "state", "version, behind", "last merge", "wave", "pull request", "checks", "review")


def stands(run: Run, now: float) -> Section | None:
    """One row for each target; `now` in seconds since the epoch."""
    if run.inputs.command != "status" or not (run.outcomes or standing.disabled(run)):
        return None
    title, tail = ["### Where the fleet stands\n", *_notes(run)], list[str]()
    if len(run.outcomes) > MOST:
        title.append(f"<details><summary>Each of the {many(len(run.outcomes))} repositories</summary>\n")
        tail.append("\n</details>")
    rows = [_cells(one, run, now) for one in run.outcomes]
    kept = [at for at, name in enumerate(_COLUMNS) if name == "repository" or any(cells[at] for cells in rows)]
    shown = [row(*(cells[at] for at in kept)) for cells in rows]
    names = head(*(_COLUMNS[at] for at in kept)) if rows else ()
    return Section((*title, *names), lambda _: shown, tail, where="the output `results` has them all")


def _notes(run: Run) -> Iterable[str]:
    """What holds for the whole fleet: a freeze, and what is disabled."""
    if run.freeze:
        yield f"❄️ **Frozen** {text(run.freeze)}\n"
    if off := [code(name) for name in standing.disabled(run)]:
        yield f"Disabled in the config: {listed(off, 'targets', 65_536)}\n"


def _cells(one: Outcome, run: Run, now: float) -> Sequence[str]:
    found, home = one.standing or Standing(), f"{run.context.server_url}/{run.context.source}"
    pull = found.open_pull
    condition = standing.condition(pull) if pull else ()
    why = text(words(one.reason)) if not needs_person(one) else ""
    return (
        code(one.target),
        ": ".join(filter(None, (phrase(one.name, run).replace(" ", "\u00a0", 1), why))),
        _lines(_version(found, home), _behind(found, home, run.context.commit)),
        _merged(found),
        text(found.wave),
        _lines(numbered(one.pull_request), _whole(standing.age(one, now)), *map(text, condition)),
        text(standing.checks(pull)),
        text(standing.review(pull)),
    )


def _lines(*parts: str) -> str:
    return "<br>".join(filter(None, parts))


def _whole(words: str) -> str:
    """Plain text that stays in one line."""
    return text(words).translate(UNBROKEN)


def _merged(found: Standing) -> str:
    """The number of the last merge, when it was, and by whom."""
    if found.merged is None:
        return ""
    return _lines(f"{numbered(found.merged.url)}\u00a0{_whole(found.merged.at[:10])}".lstrip(), text(found.merged.by))


def _version(found: Standing, home: str) -> str:
    """The version, with a link where the source still has it."""
    short = standing.version(found)
    if found.version is None:
        return short
    return code(short) if found.version.distance.way == "elsewhere" else link(code(short), f"{home}/commit/{short}")


def _behind(found: Standing, home: str, commit: str) -> str:
    """How far it is behind, with a link to the commits that it lacks."""
    far = standing.behind(found.version)
    if found.version is None or not found.version.distance.commits:
        return _whole(far)
    return link(_whole(far), f"{home}/compare/{found.version.commit[:SHORT]}...{commit[:SHORT]}")
