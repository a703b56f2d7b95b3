"""Texts of one plan: title, description and commit message (pure)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple, Protocol

from broadcast import ownership
from broadcast.apply.description import Background, Cause, DescriptionFacts, description
from broadcast.apply.identity import author_named, co_authors, others, signed_off
from broadcast.apply.task import Texts
from broadcast.apply.words import Facts, Quotes, in_markdown, in_message, in_title
from broadcast.config.model import Config
from broadcast.config.settings import Settings
from broadcast.config.targets import Target
from broadcast.git import paths
from broadcast.git.commits import CommitWords
from broadcast.markdown import quoted
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
    words_of: Callable[[str], CommitWords | None] = lambda _: None  # of a commit of the source

    def texts(self, target: Target, state: State, plan: Plan, background: Background) -> Texts:
        """The texts of one pull request; what people have made of an open one's title and description stays."""
        settings, back = target.settings, _back(plan)
        facts = self._quotable(target, state, plan, background)
        title = ownership.cut_title(ownership.render(settings.pr_title, in_title(facts)), back)
        marker = self._marker(plan, title, state.base.name if state.base else "")
        own_words = ownership.render(settings.pr_body, in_markdown(facts))
        body = description(self._facts(target, state, plan, own_words, background), marker)
        if plan.pull:
            body = ownership.replace_block(plan.pull.body, body)
            theirs = plan.pull.marker is None or plan.pull.marker.title != plan.pull.title
            title = plan.pull.title if theirs else title
        message = self._message(ownership.render(settings.commit_message, in_message(facts)), background, back)
        trailers = "\n".join(self._trailers(settings, facts, background, marker))
        return Texts(
            title=title,
            body=body,
            message=f"{message}\n\n{trailers}",
            draft=settings.pr_draft,
            closing=self._farewell(target, plan),
            author=author_named(settings),
            signer=background.signer,
            notes=self._withheld(target, background),
        )

    def _quotable(self, target: Target, state: State, plan: Plan, background: Background) -> Facts:
        """What placeholders may say: of the source's commit nothing where the target's readers may not know it."""
        commit = plan.back.commit if plan.back else self.context.commit
        words = self.words_of(commit) if target.settings.quotes_source else None
        quotes = Quotes(commit, words, background.authors or ()) if background.place else None
        base = state.base.name if state.base else ""
        return Facts(self.context.source, target.full_name, base, plan.changes, quotes)

    def _withheld(self, target: Target, background: Background) -> tuple[str, ...]:
        if background.place or not target.settings.quotes_source:
            return ()
        source = self.context.source
        return (
            f"texts leave out what {source}'s commits say: more people can read this; `news: true` sends it anyway",
        )

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

    def _message(self, words: str, background: Background, back: str) -> str:
        """The commit message without its trailers."""
        subject, *more = words.split("\n", 1)
        words = "\n".join((ownership.cut_title(subject, back), *more)).rstrip()
        context = self.context
        url = f"{context.server_url}/{context.source}/commit/{context.commit}"
        source = f"\n\nSource: {url}" if context.commit and background.place else ""
        return f"{words}{source}"

    def _trailers(self, settings: Settings, facts: Facts, background: Background, marker: Marker) -> Iterable[str]:
        """All in the last paragraph, where git looks for them (git-interpret-trailers(1))."""
        if settings.co_authors and facts.quotes:
            own = background.signer or author_named(settings)
            known = background.authors if background.authors is not None else facts.quotes.own_author
            yield from co_authors(others(known, own))
        yield from signed_off(background.signer)
        yield self.rules.trailer
        yield f"{ownership.PLAN_TRAILER}: {marker.digest}"

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
