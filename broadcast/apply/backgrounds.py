"""Asks for what descriptions say besides plans: the source's commits, and who made overwritten changes.

Asked only for pull requests that are about to be written, and no run fails for lack of an answer.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Mapping, Sequence

from broadcast.apply.commits import Interest, SourceLog, may_read, news_of, read_source, select_source
from broadcast.apply.description import Background
from broadcast.apply.edits import Loss, select_losses
from broadcast.config.targets import Target
from broadcast.errors import Failure
from broadcast.github import batch
from broadcast.github.client import GitHub, Scope
from broadcast.github.questions import Question, Reply
from broadcast.github.validation import Malformed, reading
from broadcast.observe.edits import read_edits
from broadcast.observe.state import Edit
from broadcast.runner.context import Context

log = logging.getLogger(__name__)

_Asked = tuple[GitHub, Question]


def ask(
    source: Callable[[], GitHub], context: Context, interests: Mapping[Target, Interest], losses: Iterable[Loss]
) -> dict[Target, Background]:
    """The background of each description. Without an answer: no commits, no names, and the source counts as private.

    One call for each client that has something to ask; `source` makes the client that reads the source.
    """
    lost, about_source = list(losses), _about_source(source, context, interests)
    replies = _replies([*about_source, *((one.github, select_losses(one)) for one in lost)], Scope("news"))
    known = _source_log(context, interests, replies[: len(about_source)])
    edits = {one.target: _edits(one, reply) for one, reply in zip(lost, replies[len(about_source) :], strict=True)}
    return {target: _background(one, known, edits.get(target, {})) for target, one in interests.items()}


def ask_edits(loss: Loss, scope: Scope) -> Mapping[str, Edit]:
    """Who made the changes that one target loses, by path."""
    (reply,) = _replies([(loss.github, select_losses(loss))], scope)
    return _edits(loss, reply)


def unasked(visibility: str) -> Background:
    """The background without any answer, for a target of this visibility."""
    return Background(may_read(Interest("", frozenset(), visibility, None), ""))


def _about_source(source: Callable[[], GitHub], context: Context, interests: Mapping[Target, Interest]) -> list[_Asked]:
    questions = select_source(context, interests)
    try:
        client = source() if questions else None
    except Failure as failure:
        _log(failure)
        return []
    return [(client, one) for one in questions] if client else []


def _replies(asked: Sequence[_Asked], scope: Scope) -> list[Reply]:
    """One reply a question, in order; each client asks all of its own together."""
    replies: dict[int, Reply] = {}
    for client in dict.fromkeys(one for one, _ in asked):
        own = [at for at, (one, _) in enumerate(asked) if one is client]
        try:
            found = batch.ask(client, [asked[at][1] for at in own], scope)
        except Failure as failure:
            _log(failure)
            found = [Reply(None, failure)] * len(own)
        replies |= zip(own, found, strict=True)
    return [replies[at] for at in range(len(asked))]


def _source_log(context: Context, interests: Mapping[Target, Interest], replies: Sequence[Reply]) -> SourceLog:
    try:
        with reading():
            return read_source(context, interests, [reply.data or {} for reply in replies])
    except Malformed as failure:
        _log(failure)
        return SourceLog(context.visibility)


def _edits(loss: Loss, reply: Reply) -> Mapping[str, Edit]:
    try:
        with reading():
            return read_edits(reply.data or {}, loss.paths)
    except Malformed as failure:
        _log(failure)
        return {}


def _background(one: Interest, known: SourceLog, edits: Mapping[str, Edit]) -> Background:
    place = may_read(one, known.visibility)
    news = news_of(one, known) if place and one.has_news else None
    authors = None if news is None else tuple(dict.fromkeys(each.author for each in news))
    return Background(place, None if one.said is False else news, edits, authors)


def _log(failure: Failure) -> None:
    log.info("descriptions lack commits or names of people: %s", failure.message)
