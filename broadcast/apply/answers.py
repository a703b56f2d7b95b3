"""Answers people who closed a pull request: what isn't proposed again, and what is because the source requires it.

One comment for each closing. That it is there is seen with the closed pull requests themselves, so no call asks for it;
a comment that failed isn't repeated in the same run, for it may have arrived.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from broadcast.apply import mutations
from broadcast.errors import Failure
from broadcast.github.client import GitHub, Scope
from broadcast.markdown import code, counted, quoted
from broadcast.plan.outcome import WITH_PULL, Outcome
from broadcast.plan.plan import Closed
from broadcast.plan.reason import Reason

MARKER = "<!-- broadcast:answer -->"
MAX_FILES = 10
_DECLINED = "Noted: these changes won't be proposed again, unless {source} changes the files once more, {again}."
_REQUIRED = "{source} requires these files, so closing this pull request doesn't decline them: they are {done}."


class Voice(NamedTuple):
    """What answers say of the source."""

    source: str  # owner/name
    has_dashboard: bool = False


def answer(github: GitHub, closed: Iterable[Closed], voice: Voice, outcome: Outcome, scope: Scope) -> Iterable[Reason]:
    """Comment on each, after a run with this outcome. Yields a note on each."""
    done = _done(outcome)
    for one in closed:
        comment = {"subjectId": one.pull.id, "body": words(one, voice, done)}
        try:
            reply = github.mutate(mutations.COMMENT, {"comment": comment}, scope)
            refusal = "; ".join(str(error.get("message", "")) for error in reply.errors)
        except Failure as failure:
            refusal = failure.message
        if refusal:
            yield Reason("not_answered", pull=one.pull.number, text=refusal)
        else:
            yield Reason("answered", pull=one.pull.number)


def _done(outcome: Outcome) -> str:
    """What became of required files, in words; empty for nothing yet."""
    number = outcome.pull_request.rpartition("/")[2]
    if outcome.name == "pushed":
        return "pushed to the base branch"
    return f"proposed again in #{number}" if outcome.name in WITH_PULL and number else ""


def words(one: Closed, voice: Voice, done: str = "") -> str:
    """The comment on one closed pull request."""
    paragraphs = [*_declined(one, voice), *_required(one, voice, done), MARKER]
    return "\n\n".join(paragraphs)


def _declined(one: Closed, voice: Voice) -> Iterable[str]:
    if not one.declined:
        return
    ways = ["its config says `on_decline: repropose`", "this pull request is reopened"]
    ways[1:1] = ["its maintainers tick **retry** on the dashboard"] if voice.has_dashboard else []
    again = f"{', '.join(ways[:-1])}, or {ways[-1]}"
    yield _DECLINED.format(source=quoted(voice.source), again=again)
    yield _files(one.declined)


def _required(one: Closed, voice: Voice, done: str) -> Iterable[str]:
    if one.required:
        later = f"proposed again from {one.later} on" if one.later else "proposed again by a later run"
        yield _REQUIRED.format(source=quoted(voice.source), done=done or later)
        yield _files(one.required)


def _files(names: Sequence[str]) -> str:
    more = len(names) - MAX_FILES
    rows = [f"- {code(name)}" for name in names[:MAX_FILES]]
    return "\n".join([*rows, *([f"- … and {counted(more, 'file')} more"] if more > 0 else [])])
