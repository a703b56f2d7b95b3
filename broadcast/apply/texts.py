"""Texts of one plan: title, description and commit message (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import NamedTuple, Protocol

from broadcast import ownership
from broadcast.apply.description import Background, Cause, DescriptionFacts, description
from broadcast.apply.task import Texts
from broadcast.config.model import Config
from broadcast.config.targets import Target
from broadcast.git import paths
from broadcast.markdown import plain, quoted
from broadcast.observe.state import State
from broadcast.ownership import Marker
from broadcast.plan.plan import Plan, Rules, pairs_of
from broadcast.plan.reason import said
from broadcast.runner.context import Context
from broadcast.snapshot import snapshot

CLOSING = "Nothing is left to change here, so this pull request is closed and its branch deleted."
CANCELLED = "{source} withdraws this for now: the pull request is closed and its branch deleted."
WITHDRAWN = "{source} goes back to {commit}: this came after it, so the pull request is closed and its branch deleted."
DROPPED = "The config no longer asks for this, so this pull request is closed and its branch deleted."


class TextWriter(Protocol):
    """Writes what people will read."""

    def texts(self, target: Target, state: State, plan: Plan, background: Background) -> Texts:
        """The texts of one pull request."""


class Writer(NamedTuple):
    """What the texts of all targets have in common."""

    context: Context
    config: Config
    rules: Rules

    def texts(self, target: Target, state: State, plan: Plan, background: Background) -> Texts:
        """The texts of one pull request; what people have made of an open one's title and description stays."""
        values = self._values(target, state, plan)
        inert = {name: plain(value) for name, value in values.items()}
        back = _back(plan)
        title = ownership.cut_title(ownership.render(target.settings.pr_title, inert), back)
        marker = self._marker(plan, title, state.base.name if state.base else "")
        words = ownership.render(target.settings.pr_body, {name: quoted(value) for name, value in values.items()})
        body = description(self._facts(target, state, plan, words, background), marker)
        if plan.pull:
            body = ownership.replace_block(plan.pull.body, body)
            theirs = plan.pull.marker is None or plan.pull.marker.title != plan.pull.title
            title = plan.pull.title if theirs else title
        message = self._message(ownership.render(target.settings.commit_message, inert), marker, background, back)
        return Texts(title, body, message, target.settings.pr_draft, self._farewell(target, plan))

    def _values(self, target: Target, state: State, plan: Plan) -> Mapping[str, str]:
        """The placeholders of `settings.PLACEHOLDERS`."""
        base = state.base.name if state.base else ""
        return {
            "source": self.context.source, "target": target.full_name, "base": base, "files": str(len(plan.changes)),
        }  # fmt: skip

    def _marker(self, plan: Plan, title: str, base: str) -> Marker:
        pairs = pairs_of(plan.changes)
        context, config = self.context, self.config
        return Marker(
            id=config.id,
            source=context.source,
            config=config.file,
            commit=context.commit,
            title=title,
            pairs=pairs,
            digest=snapshot.digest(pairs),
            base=base,
            back=plan.back.commit if plan.back else "",
            undone=plan.back.pairs if plan.back else frozenset(),
            undone_digest=snapshot.digest(plan.back.pairs) if plan.back else "",
        )

    def _message(self, words: str, marker: Marker, background: Background, back: str) -> str:
        subject, *more = words.split("\n", 1)
        words = "\n".join((f"{subject}{back}", *more))
        context = self.context
        url = f"{context.server_url}/{context.source}/commit/{context.commit}"
        source = f"\nSource: {url}" if context.commit and background.place else ""
        return f"{words}\n{source}\n\n{self.rules.trailer}\n{ownership.PLAN_TRAILER}: {marker.digest}"

    def _farewell(self, target: Target, plan: Plan) -> str:
        if plan.back and plan.reason and plan.reason.kind == "withdrawn":
            return WITHDRAWN.format(source=quoted(self.context.source), commit=plan.back.commit[:10])
        if self.rules.cancel:
            return CANCELLED.format(source=quoted(self.context.source))
        return DROPPED if target.dropped else CLOSING

    def _facts(self, target: Target, state: State, plan: Plan, words: str, background: Background) -> DescriptionFacts:
        left_out = {**dict(plan.left_out), **{error.path: said(error.reason) for error in plan.file_errors}}
        context, since = self.context, "" if background.history is None or plan.back else last_sync(state)
        return DescriptionFacts(
            source=context.source,
            target=target.full_name,
            commit=context.commit,
            server_url=context.server_url,
            run_url=context.run_url,
            config=context.config or self.config.file,
            config_line=target.place.line,
            chosen_by=target.chosen_by,
            required=len(plan.required),
            insists=[one.pull.number for one in plan.closed if one.required],
            reproposes=self.config.on_decline == "repropose",
            words=words,
            causes=[] if plan.back else sorted(_causes(target, plan)),
            changes=plan.changes,
            left_out=left_out,
            undoes={**dict.fromkeys(plan.overwrites, 0), **plan.undoes},
            edits=background.edits,
            since=since,
            news=background.history or (),
            has_place=background.place,
            back=plan.back.commit if plan.back else "",
        )


def _back(plan: Plan) -> str:
    """How a title says that it is a rollback, behind words of the config that may have to begin in a certain way."""
    return f" (roll back to {plan.back.commit[:10]})" if plan.back else ""


def last_sync(state: State) -> str:
    """The source's commit that the last merged pull request came from; empty where there is none."""
    return next((pull.marker.commit for pull in state.pulls if pull.state == "MERGED" and pull.marker), "")


def _causes(target: Target, plan: Plan) -> Iterable[Cause]:
    """The lines of the config that have a part in the changes, in their order."""
    sending = {one.mapping for change in plan.changes if change.after for one in change.after.origins}
    gone = [change.path for change in plan.changes if change.after is None]
    for one in target.mappings:
        clears = one.mode in ("mirror", "prune") and any(paths.is_below(path, one.dest) for path in gone)
        if one in sending or clears:
            yield Cause(one.place.line, one.src, one.dest, one.mode)
    for removal in target.removals:
        if removal.block and any(change.takes_out(removal.path, removal.block.id) for change in plan.changes):
            yield Cause(removal.place.line, "", removal.path, f"block {removal.block.id}")
        elif not removal.block and any(paths.is_below(path, removal.path) for path in gone):
            yield Cause(removal.place.line, "", removal.path, "")
