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
from broadcast.context import Context
from broadcast.description import News
from broadcast.errors import Failure
from broadcast.patterns import Filter
from broadcast.plan import Plan
from broadcast.snapshot import relative
from broadcast.targets import Target

log = logging.getLogger(__name__)

MAX_PATHS = 100  # files of the source that are told apart; where there are more, no commit is told
PATHS_A_QUESTION = 20
_OPEN_TO = {"PRIVATE": 0, "INTERNAL": 1, "PUBLIC": 2}  # how many may read it


class Interest(NamedTuple):
    """What one pull request is to tell of the source."""

    since: str  # its commit at the sync before
    paths: frozenset[str]  # in it, of what the pull request brings
    visibility: str  # of the target; empty where that isn't known
    said: bool | None  # whether the config wants it told


class _Known(NamedTuple):
    """What GitHub tells of the source."""

    visibility: str = ""
    log: Sequence[Logged] = ()
    touching: Mapping[str, frozenset[str]] = {}  # path → commits


def interest(target: Target, plan: Plan, visibility: str, since: str) -> Interest:
    """What the pull request of `plan` is to tell."""
    return Interest(since, frozenset(_sources(target, plan)), visibility, target.settings.news)


def ask(
    github: Callable[[], GitHub], context: Context, interests: Mapping[Target, Interest]
) -> Mapping[Target, Sequence[News]]:
    """The news of each target that may be told any; where GitHub doesn't tell, there are none."""
    wanted = sorted(frozenset().union(*(one.paths for one in interests.values())))
    try:
        known = _known(github(), context, wanted if len(wanted) <= MAX_PATHS else [])
    except Failure as failure:
        log.info("what happened in %s can't be told: %s", context.source, failure.message)
        known = _Known()
    return {target: _of(one, known) for target, one in interests.items() if is_told(one, known.visibility)}


def is_told(one: Interest, source: str) -> bool:
    """Whether the target's readers may read of a source of this visibility; what isn't known counts as the worst."""
    readers, secrets = _OPEN_TO.get(one.visibility, _OPEN_TO["PUBLIC"]), _OPEN_TO.get(source, _OPEN_TO["PRIVATE"])
    return readers <= secrets if one.said is None else one.said


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


def _of(one: Interest, known: _Known) -> Sequence[News]:
    touching = frozenset().union(*(known.touching.get(path, frozenset()) for path in one.paths))
    return tuple(news for news in newer(known.log, one.since) if news.commit in touching)


def _known(github: GitHub, context: Context, wanted: Sequence[str]) -> _Known:
    owner, _, name = context.source.partition("/")
    chunks = [wanted[start:][:PATHS_A_QUESTION] for start in range(0, len(wanted), PATHS_A_QUESTION)]
    questions = [
        gitdata.log(owner, name, context.commit),
        *(gitdata.touching(owner, name, context.commit, chunk) for chunk in chunks),
    ]
    first, *others = (reply.data or {} for reply in batch.ask(github, questions, Scope("news")))
    with reading():
        touching = {
            path: commits
            for chunk, data in zip(chunks, others, strict=True)
            for path, commits in answers.touching(data, chunk).items()
        }
        return _Known(str(first.get("visibility") or ""), answers.log(first), touching)


def _sources(target: Target, plan: Plan) -> Iterable[str]:
    """The paths in the source of all that changes; of what is deleted, where it once may have been."""
    yield from (change.after.source for change in plan.changes if change.after)
    gone = [change.path for change in plan.changes if not change.after]
    for one in target.mappings:
        if gone and one.mode in ("mirror", "prune") and not one.flat:
            chosen = Filter(one.exclude, one.include_only, hidden=one.hidden)
            below = (relative(path, one.dest) for path in gone if paths.is_below(path, one.dest) and path != one.dest)
            yield from (paths.join(one.src, path) for path in below if not chosen.match(path))
