"""Check that a run that writes sends merged content: event, ref and commit (pure)."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from msgspec.structs import replace

from broadcast.errors import UsageError
from broadcast.git.globs import fits
from broadcast.runner.context import Context

if TYPE_CHECKING:
    from broadcast.source.repository import Repository

_USUAL = ("main", "master")  # default branches, where a clone doesn't say which one is
_SPACES = ("refs/", "heads/", "tags/", "pull/")  # what a name may begin with that isn't a branch's
_ELSEWHERE = "run it on the default branch, use `command: plan` here, or name the ref in allow-ref"


def refuse_ref(
    context: Context, allow_ref: str, trusted: Callable[[], frozenset[str]] = frozenset, remedy: str = _ELSEWHERE
) -> None:
    """Raise UsageError if the event or the ref may have unmerged content.

    `trusted` returns the branches from which the default branch's config sends: a branch can't allow itself.
    """
    if context.event == "pull_request_target":  # its ref is the base's, and a checkout of the head is usual there
        raise UsageError(
            "sync doesn't run on pull_request_target events: who knows what is checked out",
            "run it on push; allow-ref doesn't count here",
        )
    if allow_ref and allows(allow_ref, context.ref):
        return
    if context.terminal:
        _refuse_of_terminal(context)
        return
    if context.ref or context.event:  # else no runner of GitHub's, where every run has an event
        _refuse_of_event(context, trusted, remedy)


def _refuse_of_event(context: Context, trusted: Callable[[], frozenset[str]], remedy: str) -> None:
    if context.event.startswith("pull_request"):
        raise UsageError(f"sync doesn't run on {context.event} events: their content isn't merged", remedy)
    if context.ref.startswith("refs/pull/"):
        raise UsageError(f"sync doesn't run on {context.ref}: its content isn't merged", remedy)
    if not context.ref:  # docs: events that trigger workflows; a deployment of a commit has none
        raise UsageError(f"sync doesn't run on {context.event} events without a ref", remedy)
    default = context.default_branch
    if not default and context.branch in _USUAL:  # GitHub's events name it; `unnamed` warns of others
        return
    if not default:
        name = context.ref.removeprefix("refs/heads/")
        raise UsageError(
            "the event doesn't name the default branch", f"set `allow-ref: {name}` if that is the default branch"
        )
    if context.branch != default and (not context.branch or context.branch not in trusted()):
        there = f"; the config of {default} can name it, where the checkout has both (fetch-depth: 0)"
        raise UsageError(f"sync runs on the default branch {default}, not on {_short(context.ref)}", remedy + there)


def unnamed(context: Context) -> list[str]:
    """Warnings of values that GitHub's events have, but this one doesn't."""
    if context.terminal:
        return []
    branch = (
        []
        if context.default_branch or context.branch not in _USUAL
        else [f"the event doesn't name the default branch; {context.branch} was taken for it"]
    )
    return branch + ([] if context.commit else ["no event names a commit, so HEAD was held against none"])


def allows(pattern: str, ref: str) -> bool:
    """Whether `allow-ref` matches a ref: a branch, unless it begins with tags/, pull/ or refs/."""
    if not pattern.startswith(_SPACES):
        pattern = f"refs/heads/{pattern}"
    elif not pattern.startswith("refs/"):
        pattern = f"refs/{pattern}"
    return fits(ref, pattern)


def refuse_head(context: Context, commit: str, repositories: Iterable[Repository]) -> None:
    """Raise UsageError if HEAD is neither the event's `commit` nor an ancestor of it.

    What comes after the event's commit is not merged because of that: so does the head of every pull request.
    """
    for one in repositories if commit and not context.terminal else ():
        if one.head and not one.is_at_or_before(commit):
            why = f"is neither the event's commit {commit[:10]} nor before it"
            remedy = "let actions/checkout take no `ref:`; if this job makes the commit, say `allow-head: true`"
            if one.git.is_shallow:
                remedy += "; if it is an older commit, say `fetch-depth: 0`"
            where = f" of {one.below.decode(errors='replace').rstrip('/')}" if one.below else ""
            raise UsageError(f"HEAD{where} is {one.head[:10]}, which {why}", remedy)


def placed(context: Context, one: Repository | None) -> Context:
    """The context with the commit of the checkout, and in a terminal with its branch."""
    if one is None:
        return context
    context = replace(context, commit=one.head or context.commit)
    if not context.terminal:
        return context
    return replace(context, ref=one.git.ref or "HEAD", default_branch=one.default_branch)


def refuse_dirty(context: Context, differences: Iterable[str]) -> None:
    """Raise UsageError in a terminal with uncommitted changes."""
    if context.terminal and not context.dirty and (found := "; ".join(differences)):
        raise UsageError(found, "commit it, stash it, or send the files on disk with --allow-dirty")


def _refuse_of_terminal(context: Context) -> None:
    """Terminals: without git there is no ref to check."""
    defaults = (context.default_branch,) if context.default_branch else _USUAL
    if context.ref and context.branch not in defaults:
        here = _short(context.ref) if context.branch else "a commit without a branch"
        way = f"`git switch {defaults[0]}`" + (f", or give --allow-ref {_short(context.ref)}" if context.branch else "")
        raise UsageError(f"sync runs on the default branch {' or '.join(defaults)}, not on {here}", way)


def _short(ref: str) -> str:
    return ref.removeprefix("refs/heads/").removeprefix("refs/")
