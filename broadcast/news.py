"""What happened in the source since a target's last sync, for the text of its pull request; nice to know, no more.

Told is what touches the files that this very pull request brings, and only to readers that could look it up in the
source: a commit's headline may be about another target, and that one about a customer.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from broadcast import answers, paths
from broadcast.answers import Logged
from broadcast.api import batch, gitdata
from broadcast.api.client import GitHub, Scope
from broadcast.api.shapes import reading
from broadcast.context import VISIBILITIES, Context
from broadcast.description import News, Told
from broadcast.errors import Failure
from broadcast.patterns import Filter
from broadcast.plan import Plan
from broadcast.snapshot import relative
from broadcast.targets import Target

log = logging.getLogger(__name__)

MAX_PATHS = 100  # files of the source that are told apart; where there are more, no commit is told
PATHS_A_QUESTION = 20


class Interest(NamedTuple):
    """What one pull request is to tell of the source."""

    since: str  # its commit at the sync before
    paths: frozenset[str]  # in it, of what the pull request brings
    visibility: str  # of the target; empty where that isn't known
    said: bool | None  # whether the config wants it told

    @property
    def has_news(self) -> bool:
        """Whether there may be any."""
        return bool(self.since) and self.said is not False


class _Known(NamedTuple):
    """What GitHub tells of the source."""

    visibility: str = ""
    log: Sequence[Logged] = ()
    touching: Mapping[str, frozenset[str]] = {}  # path → commits


def interest(
    target: Target, plan: Plan, visibility: str, since: str, in_source: Callable[[str], str | None]
) -> Interest:
    """What the pull request of `plan` is to tell; `in_source` names a path as the source does, if it is its own."""
    there = filter(None, map(in_source, _sources(target, plan)))
    return Interest(since, frozenset(there), visibility, target.settings.news)


def ask(github: Callable[[], GitHub], context: Context, interests: Mapping[Target, Interest]) -> Mapping[Target, Told]:
    """What each target may be told; where GitHub doesn't tell, there are no news, and the source counts as private.

    One call serves all; none is made where no target has merged anything before, and none has more readers than a
    private source, or the event says what the source is.
    """
    known = _Known(context.visibility)
    wanted = sorted(frozenset().union(*(one.paths for one in interests.values() if one.has_news)))
    try:
        if any(one.has_news for one in interests.values()):
            known = _known(github(), context, wanted if len(wanted) <= MAX_PATHS else [])
        elif not known.visibility and not all(may_read(one, "") for one in interests.values()):
            known = _known(github(), context, None)
    except Failure as failure:
        log.info("what happened in %s can't be told: %s", context.source, failure.message)
    return {target: _told(one, known) for target, one in interests.items()}


def unasked(visibility: str) -> Told:
    """What a target may be told for which nothing was asked."""
    return Told(may_read(Interest("", frozenset(), visibility, None), ""))


def may_read(one: Interest, source: str) -> bool:
    """Whether the target's readers may read of a source of this visibility; what isn't known counts as the worst."""
    readers = VISIBILITIES.index(one.visibility) if one.visibility in VISIBILITIES else len(VISIBILITIES) - 1
    secrets = VISIBILITIES.index(source) if source in VISIBILITIES else 0
    return readers <= secrets or one.said is True


def newer(found: Sequence[Logged], since: str) -> Sequence[News]:
    """The commits in a log that the commit `since` doesn't contain; none where the log doesn't reach back to it."""
    parents = {one.news.commit: one.parents for one in found}
    if since not in parents:
        return ()
    old, open_ = {since}, [since]
    while open_:
        new = set(parents.get(open_.pop(), ())) - old
        old |= new
        open_ += new
    return tuple(one.news for one in found if one.news.commit not in old)


def _told(one: Interest, known: _Known) -> Told:
    place = may_read(one, known.visibility)
    return Told(place, _of(one, known) if place and one.has_news else None)


def _of(one: Interest, known: _Known) -> Sequence[News]:
    touching = frozenset().union(*(known.touching.get(path, frozenset()) for path in one.paths))
    return tuple(news for news in newer(known.log, one.since) if news.commit in touching)


def _known(github: GitHub, context: Context, wanted: Sequence[str] | None) -> _Known:
    """What GitHub tells of the source; with None only who may read it."""
    owner, _, name = context.source.partition("/")
    named = wanted or ()
    chunks = [named[start:][:PATHS_A_QUESTION] for start in range(0, len(named), PATHS_A_QUESTION)]
    questions = [
        gitdata.log(owner, name, context.commit) if wanted is not None else batch.Question(owner, name, "visibility"),
        *(gitdata.touching(owner, name, context.commit, chunk) for chunk in chunks),
    ]
    first, *others = (reply.data or {} for reply in batch.ask(github, questions, Scope("news")))
    with reading():
        touching = {
            path: commits
            for chunk, data in zip(chunks, others, strict=True)
            for path, commits in answers.touching(data, chunk).items()
        }
        return _Known(str(first.get("visibility") or context.visibility), answers.log(first), touching)


def _sources(target: Target, plan: Plan) -> Iterable[str]:
    """The paths in the source of all that changes; of what is deleted, where it once may have been."""
    yield from (change.after.source for change in plan.changes if change.after)
    gone = [change.path for change in plan.changes if not change.after]
    for one in target.mappings:
        if gone and one.mode in ("mirror", "prune") and not one.flat:
            chosen = Filter(one.exclude, one.include_only, hidden=one.hidden)
            below = (relative(path, one.dest) for path in gone if paths.is_below(path, one.dest) and path != one.dest)
            yield from (paths.join(one.src, path) for path in below if not chosen.match(path))
