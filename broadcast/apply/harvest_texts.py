"""Texts of the pull request that brings edits back to the source: where they come from, and who made them (pure)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from broadcast import ownership
from broadcast.apply.description import Background
from broadcast.apply.identity import co_authors
from broadcast.apply.task import Texts
from broadcast.config.model import Config
from broadcast.config.targets import Target
from broadcast.markdown import code, counted, plain, quoted
from broadcast.observe.state import State
from broadcast.ownership import Marker
from broadcast.plan.harvest import Group
from broadcast.plan.plan import Plan, Rules, pairs_of
from broadcast.runner.context import Context
from broadcast.snapshot import snapshot

MAX_NAMES, MAX_FILES, MAX_AUTHORS = 30, 100, 30  # that a description, or a commit, names
_CLOSING = "Nothing of these edits is left to bring here, so this pull request is closed and its branch deleted."


class HarvestWriter(NamedTuple):
    """Writes the texts for these edits, by their paths."""

    context: Context
    config: Config
    rules: Rules
    groups: Mapping[str, Group]

    def texts(self, _: Target, state: State, plan: Plan, __: Background) -> Texts:
        """The texts; what people have made of an open pull request's title and description stays."""
        chosen = {change.path: self.groups[change.path] for change in plan.changes if change.path in self.groups}
        title = ownership.cut_title(_title(chosen))
        marker = self._marker(plan, title, state.base.name if state.base else "")
        body = ownership.enclosed(self._body(chosen), marker)
        if plan.pull:
            body = ownership.replace_block(plan.pull.body, body)
            is_theirs = plan.pull.marker is None or plan.pull.marker.title != plan.pull.title
            title = plan.pull.title if is_theirs else title
        return Texts(title, body, self._message(chosen, marker), draft=False, closing=_CLOSING)

    def _marker(self, plan: Plan, title: str, base: str) -> Marker:
        pairs = pairs_of(plan.changes)
        return Marker(
            id=self.config.id, source=self.context.source, config=self.config.file, commit=self.context.commit,
            title=title, pairs=pairs, digest=snapshot.digest(pairs), base=base,
        )  # fmt: skip

    def _body(self, groups: Mapping[str, Group]) -> str:
        run = f" Written by [this run]({self.context.run_url})." if self.context.run_url else ""
        lines = [_entry(path, group) for path, group in list(groups.items())[:MAX_FILES]]
        more = [f"- … and {counted(len(groups) - MAX_FILES, 'file')} more"] if len(groups) > MAX_FILES else []
        return (
            "This brings back what people changed in repositories that get these files from here.\n\n"
            + "\n".join([*lines, *more])
            + "\n\nTo decline, close this pull request: the same edit isn't proposed again. "
            f"Commits that you push to its branch are never overwritten.{run}"
        )

    def _message(self, groups: Mapping[str, Group], marker: Marker) -> str:
        trailers = [self.rules.trailer, f"{ownership.PLAN_TRAILER}: {marker.digest}"]
        authors = (author for group in groups.values() for author in group.authors)
        return f"{_title(groups)}\n\n" + "\n".join([*co_authors(authors, MAX_AUTHORS), *trailers])


def _title(groups: Mapping[str, Group]) -> str:
    places = {place.target for group in groups.values() for place in group.places}
    (first, *others) = groups or [""]
    what = first if not others else counted(len(groups), "file")
    return plain(f"Bring back edits of {what} from {counted(len(places), 'repository')}")


def _entry(path: str, group: Group) -> str:
    names = list(dict.fromkeys(place.target for place in group.places))
    shown = ", ".join(map(code, names[:MAX_NAMES]))
    more = f" and {counted(len(names) - MAX_NAMES, 'repository')} more" if len(names) > MAX_NAMES else ""
    by = ", ".join(quoted(author.shown) for author in group.authors[:MAX_NAMES])
    return f"- {code(path)}, as in {shown}{more}" + (f"; by {by}" if by else "")
