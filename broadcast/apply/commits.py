"""What happened in the source since a target's last sync, for the text of its pull request; nice to know, no more.

Told is what touches the files that this very pull request brings, and only to readers that could look it up in the
source: a commit's headline may be about another target, and that one about a customer.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from msgspec.structs import replace

from broadcast.apply.description import News, Told
from broadcast.config.targets import Target
from broadcast.errors import Failure
from broadcast.git import paths
from broadcast.github import batch
from broadcast.github.client import GitHub, Scope
from broadcast.github.questions import Question, Reply, quote
from broadcast.github.validation import reading
from broadcast.observe.state import Edit, Observation, Observations
from broadcast.plan import people
from broadcast.plan.plan import Plan
from broadcast.runner.context import VISIBILITIES, Context
from broadcast.snapshot.filters import Filter
from broadcast.snapshot.snapshot import relative

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
        select_log(owner, name, context.commit) if wanted is not None else Question(owner, name, "visibility"),
        *(select_touching(owner, name, context.commit, chunk) for chunk in chunks),
    ]
    first, *others = (reply.data or {} for reply in batch.ask(github, questions, Scope("news")))
    with reading():
        touching = {
            path: commits
            for chunk, data in zip(chunks, others, strict=True)
            for path, commits in read_touching(data, chunk).items()
        }
        return _Known(str(first.get("visibility") or context.visibility), read_log(first), touching)


def _sources(target: Target, plan: Plan) -> Iterable[str]:
    """The paths in the source of all that changes; of what is deleted, where it once may have been."""
    yield from (change.after.source for change in plan.changes if change.after)
    gone = [change.path for change in plan.changes if not change.after]
    for one in target.mappings:
        if gone and one.mode in ("mirror", "prune") and not one.flat:
            chosen = Filter(one.exclude, one.include_only, hidden=one.hidden)
            below = (relative(path, one.dest) for path in gone if paths.is_below(path, one.dest) and path != one.dest)
            yield from (paths.join(one.src, path) for path in below if not chosen.match(path))


def with_edits(github: GitHub, observations: Observations, scope: Scope) -> Observations:
    """Add to each sight who changed last what would be lost; what GitHub doesn't say is left out."""
    asked: dict[Target, list[str]] = {}
    questions = []
    for target, observation in observations.items():
        if (
            isinstance(observation, Observation)
            and observation.state.base
            and (found := people.edited(observation.state, observation.drift))
        ):
            asked[target] = found[:PATHS_A_QUESTION]
            questions.append(select_last(target.owner, target.name, observation.state.base.head.oid, asked[target]))
    try:
        replies = batch.ask(github, questions, scope)
        with reading():
            both = zip(asked, replies, strict=True)
            return observations | {
                target: _edited(observations[target], reply, asked[target]) for target, reply in both
            }
    except Failure as failure:
        log.info("can't read who changed the files that would be overwritten: %s", failure.message)
        return observations


def _edited(observation: Observation | Failure, reply: Reply, paths: list[str]) -> Observation | Failure:
    if isinstance(observation, Failure) or reply.data is None:
        return observation
    return replace(observation, state=replace(observation.state, edits=read_edits(reply.data, paths)))


class Logged(NamedTuple):
    """A commit of the source in its log."""

    news: News
    parents: tuple[str, ...]


def read_edits(data: dict[str, Any], paths: Sequence[str]) -> dict[str, Edit]:
    """The answer to `select_last`, as far as GitHub tells."""
    commit = data.get("commit") or {}
    found = {path: (commit.get(f"last{at}") or {}).get("nodes") for at, path in enumerate(paths)}
    return {path: Edit(_who(nodes[0]), nodes[0]["oid"]) for path, nodes in found.items() if nodes and nodes[0]}


def read_log(data: dict[str, Any]) -> list[Logged]:
    """The answer to `select_log`, the latest commit first; empty where GitHub hasn't got the commit."""
    nodes = ((data.get("commit") or {}).get("history") or {}).get("nodes") or []
    return [
        Logged(
            News(node["oid"], node["messageHeadline"], _who(node)),
            tuple(parent["oid"] for parent in node["parents"]["nodes"] if parent),
        )
        for node in filter(None, nodes)
    ]


def read_touching(data: dict[str, Any], paths: Sequence[str]) -> dict[str, frozenset[str]]:
    """The answer to `select_touching`: path → commits."""
    commit = data.get("commit") or {}
    found = {path: (commit.get(f"touch{at}") or {}).get("nodes") or [] for at, path in enumerate(paths)}
    return {path: frozenset(node["oid"] for node in nodes if node) for path, nodes in found.items()}


def _who(node: dict[str, Any]) -> str:
    author = node.get("author") or {}
    return str((author.get("user") or {}).get("login") or author.get("name") or "somebody")


LOG = 100  # commits of the source that are looked at


def select_last(owner: str, name: str, commit: str, paths: Sequence[str]) -> Question:
    """Who changed these paths last, as a commit has them."""
    fields = " ".join(
        f"last{at}: history(first: 1, path: {quote(path)}) {{ nodes {{ oid author {{ name user {{ login }} }} }} }}"
        for at, path in enumerate(paths)
    )
    return Question(owner, name, f"commit: object(oid: {quote(commit)}) {{ ... on Commit {{ {fields} }} }}")


def select_log(owner: str, name: str, commit: str) -> Question:
    """The latest commits of a repository, and who may read them."""
    nodes = "nodes { oid messageHeadline author { name user { login } } parents(first: 3) { nodes { oid } } }"
    history = f"... on Commit {{ history(first: {LOG}) {{ {nodes} }} }}"
    return Question(owner, name, f"visibility commit: object(oid: {quote(commit)}) {{ {history} }}")


def select_touching(owner: str, name: str, commit: str, paths: Sequence[str]) -> Question:
    """Which of the latest commits touch each of these paths."""
    fields = " ".join(
        f"touch{at}: history(first: {LOG}, path: {quote(path)}) {{ nodes {{ oid }} }}" for at, path in enumerate(paths)
    )
    return Question(owner, name, f"commit: object(oid: {quote(commit)}) {{ ... on Commit {{ {fields} }} }}")
