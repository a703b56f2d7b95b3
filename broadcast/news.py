"""What happened in the source since a target's last sync, for the text of its pull request; nice to know, no more."""

from __future__ import annotations

import logging
from collections.abc import Callable, Collection, Mapping, Sequence

from broadcast import answers
from broadcast.answers import Logged
from broadcast.api import batch, gitdata
from broadcast.api.client import GitHub, Scope
from broadcast.context import Context
from broadcast.description import News
from broadcast.errors import Failure

log = logging.getLogger(__name__)

MAX_PATHS = 20  # of the source that are told apart; where there are more, every commit counts


def ask(
    github: Callable[[], GitHub], context: Context, sent: Collection[str], since: Collection[str]
) -> Mapping[str, Sequence[News]]:
    """The commits after each of `since` that touch one of the paths `sent`; where GitHub doesn't tell, none."""
    paths = [] if "." in sent or len(sent) > MAX_PATHS else sorted(sent)
    owner, _, name = context.source.partition("/")
    try:
        (reply,) = batch.ask(github(), [gitdata.log(owner, name, context.commit, paths)], Scope("news"))
    except Failure as failure:
        log.info("what happened in %s can't be told: %s", context.source, failure.message)
        return {}
    found = answers.log(reply.data or {}, paths)
    return {one: newer(found, one) for one in since}


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
    return tuple(one.news for one in found if one.counts and one.news.commit not in old)
