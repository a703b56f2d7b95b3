"""What a change of the source alone does: what sync would do from here, less what it would have done before (pure)."""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping
from typing import Literal, NamedTuple

from msgspec import Struct
from msgspec.structs import replace

from broadcast.plan.outcome import Name, Outcome

Kind = Literal["joined", "left", "changed"]

LEFT = "the config no longer names it"
_WITH_PULL: frozenset[Name] = frozenset({"created", "updated", "open", "edited", "paused"})
_KINDS = {"added": "addition", "changed": "change", "deleted": "deletion"}


class Effect(NamedTuple):
    """What the change does to one target; `outcome.changes` are those that it alone brings."""

    kind: Kind
    before: Name | None  # None: the config didn't name it
    outcome: Outcome
    withdrawn: tuple[str, ...] = ()  # paths that are no longer proposed

    @property
    def pulls(self) -> int:
        """1 for a pull request that wouldn't be there otherwise, -1 for one that goes."""
        return (self.outcome.name in _WITH_PULL) - (self.before in _WITH_PULL)


class Comparison(Struct, frozen=True):
    """The effects of a change on all targets that it touches, in the order of the config; what left comes last."""

    ref: str  # as it was given
    commit: str  # 40 hex digits
    effects: tuple[Effect, ...]

    @property
    def words(self) -> str:
        """In one line: +43 pull requests, 2 targets joined, 12 deletions."""
        parts = [
            *self._pulls(),
            *(
                _counted(sum(one.kind == kind for one in self.effects), "target", f" {kind}")
                for kind in ("joined", "left")
            ),
            *(_counted(sum(one.outcome.count(kind) for one in self.effects), noun) for kind, noun in _KINDS.items()),
            _counted(sum(len(one.withdrawn) for one in self.effects), "file", " no longer proposed"),
        ]
        told = ", ".join(filter(None, parts))
        return told or ("other outcomes" if self.effects else "nothing changes for any target")

    @property
    def lines(self) -> Iterable[str]:
        """What happens at each target, for a log."""
        for one in self.effects:
            yield f"{one.outcome.target}: {one.kind}; {(one.before or 'nothing')} → {one.outcome.name}".replace(
                "_", " "
            )
            for change in one.outcome.changes:
                yield f"  {change.kind:8} {change.path}"
            for path in one.withdrawn:
                yield f"  no longer {path}"

    def _pulls(self) -> Iterable[str]:
        for sign, step in (("+", 1), ("\N{MINUS SIGN}", -1)):
            if count := sum(one.pulls == step for one in self.effects):
                yield sign + _counted(count, "pull request")
        updated = sum(one.outcome.name == "updated" and one.before == "open" for one in self.effects)
        yield _counted(updated, "pull request", " updated")


def compare(
    ref: str, commit: str, before: Mapping[str, Outcome], after: Mapping[str, Outcome], named: Container[str]
) -> Comparison:
    """The comparison of two plans, by target; `named` are those that the config names now."""
    found = [_effect(before.get(target), outcome, target in named) for target, outcome in after.items()]
    gone = (one for target, one in before.items() if target not in after and target not in named)
    found += [Effect("left", one.name, replace(one, name="skipped", reason=LEFT, changes=())) for one in gone]
    return Comparison(ref, commit, tuple(one for one in found if one))


def _effect(before: Outcome | None, after: Outcome, is_named: bool) -> Effect | None:
    if before is None:
        return Effect("joined", None, after) if is_named else None  # else it was dropped by an earlier change
    known = {change.pair for change in before.changes}
    brought = tuple(change for change in after.changes if change.pair not in known)
    kept = {change.path for change in after.changes} | {error.path for error in after.file_errors}
    withdrawn = tuple(change.path for change in before.changes if change.path not in kept)
    if is_named and not brought and not withdrawn and (before.name, before.reason) == (after.name, after.reason):
        return None
    return Effect("changed" if is_named else "left", before.name, replace(after, changes=brought), withdrawn)


def _counted(count: int, noun: str, what: str = "") -> str:
    return f"{count:,} {noun}{'s' if count != 1 else ''}{what}" if count else ""
