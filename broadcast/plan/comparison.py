"""The effect of one change of the source: what sync would do now, less what it would have done before (pure)."""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import Literal, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from broadcast.plan.outcome import WITH_PULL, Name, Outcome
from broadcast.plan.plan import pairs_of
from broadcast.plan.reason import Reason

Kind = Literal["joined", "left", "changed"]


class Effect(NamedTuple):
    """The effect of a change on one target; `outcome.changes` are only those that the change brings."""

    kind: Kind
    before: Name | None  # None: the config didn't name it
    outcome: Outcome
    withdrawn: tuple[str, ...] = ()  # paths that are no longer proposed

    @property
    def pulls(self) -> int:
        """1 if the change adds a pull request, -1 if it takes one away, else 0."""
        return (self.outcome.name in WITH_PULL) - (self.before in WITH_PULL)


class Comparison(Struct, frozen=True):
    """The effects of a change on the targets that it touches, in the order of the config; those that left come last."""

    ref: str  # as it was given
    commit: str  # 40 hex digits
    effects: tuple[Effect, ...]


def compare(
    ref: str, commit: str, before: Mapping[str, Outcome], after: Mapping[str, Outcome], named: Container[str]
) -> Comparison:
    """Compare two plans by target; `named` are the targets that the config names now."""
    found = [_effect(before.get(target), outcome, target in named) for target, outcome in after.items()]
    gone = (one for target, one in before.items() if target not in after and target not in named)
    found += [Effect("left", one.name, _without(one)) for one in gone]
    return Comparison(ref, commit, tuple(one for one in found if one))


def _without(one: Outcome) -> Outcome:
    return replace(one, name="skipped", reason=Reason("unnamed"), changes=())


def _effect(before: Outcome | None, after: Outcome, is_named: bool) -> Effect | None:
    if before is None:
        return Effect("joined", None, after) if is_named else None  # else it was dropped by an earlier change
    known = pairs_of(before.changes)
    brought = tuple(change for change in after.changes if not known.issuperset(change.pairs))
    kept = {change.path for change in after.changes} | {error.path for error in after.file_errors}
    withdrawn = tuple(change.path for change in before.changes if change.path not in kept)
    if is_named and not brought and not withdrawn and (before.name, before.reason) == (after.name, after.reason):
        return None
    return Effect("changed" if is_named else "left", before.name, replace(after, changes=brought), withdrawn)
