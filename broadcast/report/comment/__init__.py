"""What a pull request on the source does to other repositories, as a comment there (pure).

A repository that not all readers of the source can read is counted, and neither named nor quoted. No repository and no
pull request is linked: each link would leave a line in the conversation at its other end.
"""

from __future__ import annotations

from collections.abc import Iterable

from broadcast.errors import ConfigError
from broadcast.markdown import code, counted, link, text
from broadcast.pipeline.run import Run
from broadcast.report.comment.diffs import diffs
from broadcast.report.comment.effects import deletions, effects, hidden
from broadcast.report.comment.marker import Note, key_of
from broadcast.report.comparison import in_short
from broadcast.report.summary.header import problems
from broadcast.report.summary.sections import fitted, size

MAX_COMMENT = 60_000  # bytes, and so at most as many characters; GitHub takes 65,536
_ROOM = 20_000  # bytes of each table
_NONE = "This pull request has no effect on other repositories any more.\n"
_UNKNOWN = "The plan ended before the effect of this pull request was known. The log of the run says why.\n"
_UNCOMPARED = "There is nothing to compare with: no sync can run from the base. The log of the run says why.\n"
_INTRO = "This is the effect of this pull request on other repositories, once it is merged and `sync` has run.\n"


def comment(run: Run, head: str) -> Note:
    """The comment on a finished run for this commit of a pull request."""
    has_effect = run.failure is not None or run.comparison is None or bool(run.comparison.effects)
    body = "\n".join(filter(None, _parts(run))) if has_effect else _NONE
    return Note(key_of(run.inputs.config), head, has_effect, body)


def title(run: Run) -> str:
    """The effect in one line."""
    if run.failure:
        return run.failure.message if isinstance(run.failure, ConfigError) else "the plan failed"
    return in_short(run.comparison) if run.comparison else "nothing to compare with"


def _parts(run: Run) -> Iterable[str]:
    failing = run.failure or any(one.name == "failed" for one in run.outcomes)
    yield f"### {'❌' if failing else '📋'} Broadcast: {text(title(run))}\n"
    if run.failure or run.comparison is None:
        yield from _without_plan(run)
        return
    tables = [fitted(one, _ROOM) for one in (deletions(run), effects(run)) if one]
    last = "\n".join(_last(run))
    yield _INTRO
    yield from tables
    yield diffs(run, MAX_COMMENT - size((*tables, last, _INTRO)) - 1_000)
    yield last


def _without_plan(run: Run) -> Iterable[str]:
    table = problems(run)
    yield fitted(table, _ROOM) if table else _UNKNOWN if run.failure else _UNCOMPARED
    yield f"{_run(run)}\n"


def _last(run: Run) -> Iterable[str]:
    """What a reviewer may ask next."""
    if failed := sum(one.name == "failed" for one in run.outcomes):  # unnamed: not all readers may know of them
        yield f"- ❌ {counted(failed, 'repository')} failed: the effect there isn't known."
    if run.audience and len(run.audience.waves) > 1:
        first, *later = map(code, run.audience.waves)
        yield f"- It goes first to the wave {first}, then to {', '.join(later)}."
    if run.estimate and run.estimate.calls:
        yield f"- All that `sync` has to do then takes {run.estimate.words}."
    if run.plan_digest:
        yield f"- Plan `{run.plan_digest}`"
    if count := hidden(run):
        who, what = counted(count, "private repository"), "it" if count == 1 else "them"
        yield f"- {who} {_are(count)} not named: not all readers of this page can read {what}."
    yield f"- {_run(run)}"


def _run(run: Run) -> str:
    return f"{link('The run', run.context.run_url)} has the whole report."


def _are(count: int) -> str:
    return "is" if count == 1 else "are"


__all__ = ["MAX_COMMENT", "comment", "title"]
