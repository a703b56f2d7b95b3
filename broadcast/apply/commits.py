"""Commits of the source since a target's last sync, for the description of its pull request.

A description lists commits that touch the files it brings, and only where its readers may read the source: a headline
may be about another target, and name a customer.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from broadcast.apply.description import News
from broadcast.config.targets import Target
from broadcast.git import paths
from broadcast.github.questions import Question, quote
from broadcast.observe.edits import read_author
from broadcast.observe.touches import read_actor
from broadcast.plan.plan import Plan
from broadcast.runner.context import VISIBILITIES, Context
from broadcast.snapshot.filters import Filter
from broadcast.snapshot.snapshot import relative

MAX_PATHS = 100  # files of the source that are asked for; above it no commit is listed
PATHS_A_QUESTION = 20
LOG = 100  # commits of the source that are looked at


class Interest(NamedTuple):
    """What the description of one pull request needs from the source."""

    since: str  # its commit at the sync before
    paths: frozenset[str]  # in it, of what the pull request brings
    visibility: str  # of the target; empty where that isn't known
    said: bool | None  # what the config's `news` says
    names_authors: bool = False

    @property
    def has_news(self) -> bool:
        """Whether there may be any."""
        return bool(self.since) and (self.said is not False or self.names_authors)


class SourceLog(NamedTuple):
    """The source's latest commits, and who may read it."""

    visibility: str = ""
    log: Sequence[Logged] = ()
    touching: Mapping[str, frozenset[str]] = {}  # path → commits


def interest(
    target: Target, plan: Plan, visibility: str, since: str, in_source: Callable[[str], str | None]
) -> Interest:
    """What the description of `plan` needs; `in_source` maps a path to the source's own name for it."""
    there = filter(None, map(in_source, _sources(target, plan)))
    settings = target.settings
    return Interest(since, frozenset(there), visibility, settings.news, settings.names_authors)


def paths_of(interests: Iterable[Interest]) -> list[list[str]]:
    """The paths of the source to ask for, in parts of one question each; none where they are too many."""
    wanted = sorted(frozenset().union(*(one.paths for one in interests if one.has_news)))
    parts = range(0, len(wanted) if len(wanted) <= MAX_PATHS else 0, PATHS_A_QUESTION)
    return [wanted[start:][:PATHS_A_QUESTION] for start in parts]


def select_source(context: Context, interests: Mapping[Target, Interest]) -> list[Question]:
    """The questions about the source; none where no target has merged before, and visibility is known or irrelevant."""
    owner, _, name = context.source.partition("/")
    if any(one.has_news for one in interests.values()):
        parts = paths_of(interests.values())
        touching = (select_touching(owner, name, context.commit, part) for part in parts)
        return [select_log(owner, name, context.commit), *touching]
    needed = not context.visibility and not all(may_read(one, "") for one in interests.values())
    return [Question(owner, name, "visibility")] if needed else []


def read_source(context: Context, interests: Mapping[Target, Interest], answers: Sequence[dict[str, Any]]) -> SourceLog:
    """Read the answers to `select_source`; without answers the source counts as private unless the event says more."""
    if not answers:
        return SourceLog(context.visibility)
    first, *others = answers
    touching = {
        path: commits
        for part, data in zip(paths_of(interests.values()), others, strict=False)
        for path, commits in read_touching(data, part).items()
    }
    return SourceLog(str(first.get("visibility") or context.visibility), read_log(first), touching)


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


def news_of(one: Interest, known: SourceLog) -> Sequence[News]:
    """The commits since the last sync that touch what a pull request brings, the latest first."""
    touching = frozenset().union(*(known.touching.get(path, frozenset()) for path in one.paths))
    return tuple(news for news in newer(known.log, one.since) if news.commit in touching)


def _sources(target: Target, plan: Plan) -> Iterable[str]:
    """The paths in the source of all that changes; of what is deleted, where it once may have been."""
    yield from (one.source for change in plan.changes if change.after for one in change.after.origins)
    gone = [change.path for change in plan.changes if not change.after]
    for one in target.mappings:
        if gone and one.mode in ("mirror", "prune") and not one.flat:
            chosen = Filter(one.exclude, one.include_only, hidden=one.hidden)
            below = (relative(path, one.dest) for path in gone if paths.is_below(path, one.dest) and path != one.dest)
            yield from (paths.join(one.src, path) for path in below if not chosen.match(path))


class Logged(NamedTuple):
    """A commit of the source in its log."""

    news: News
    parents: tuple[str, ...]


def read_log(data: dict[str, Any]) -> list[Logged]:
    """The answer to `select_log`, the latest commit first; empty where GitHub hasn't got the commit."""
    nodes = ((data.get("commit") or {}).get("history") or {}).get("nodes") or []
    return [
        Logged(
            News(node["oid"], node["messageHeadline"], read_author(node), read_actor(node.get("author") or {})),
            tuple(parent["oid"] for parent in node["parents"]["nodes"] if parent),
        )
        for node in filter(None, nodes)
    ]


def read_touching(data: dict[str, Any], paths: Sequence[str]) -> dict[str, frozenset[str]]:
    """The answer to `select_touching`: path → commits."""
    commit = data.get("commit") or {}
    found = {path: (commit.get(f"touch{at}") or {}).get("nodes") or [] for at, path in enumerate(paths)}
    return {path: frozenset(node["oid"] for node in nodes if node) for path, nodes in found.items()}


def select_log(owner: str, name: str, commit: str) -> Question:
    """The latest commits of a repository, and who may read them."""
    nodes = "nodes { oid messageHeadline author { name email user { login } } parents(first: 3) { nodes { oid } } }"
    history = f"... on Commit {{ history(first: {LOG}) {{ {nodes} }} }}"
    return Question(owner, name, f"visibility commit: object(oid: {quote(commit)}) {{ {history} }}")


def select_touching(owner: str, name: str, commit: str, paths: Sequence[str]) -> Question:
    """Which of the latest commits touch each of these paths."""
    fields = " ".join(
        f"touch{at}: history(first: {LOG}, path: {quote(path)}) {{ nodes {{ oid }} }}" for at, path in enumerate(paths)
    )
    return Question(owner, name, f"commit: object(oid: {quote(commit)}) {{ ... on Commit {{ {fields} }} }}")
