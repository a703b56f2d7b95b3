"""One path that differs between a target and its snapshot (a value)."""

from __future__ import annotations

from collections.abc import Container, Mapping
from typing import NamedTuple

from msgspec.structs import replace

from broadcast.compose.composition import State, removal_identity
from broadcast.git.objects import EXECUTABLE, REGULAR, SYMLINK, Entry, blob_id
from broadcast.snapshot.snapshot import Wanted, pair

_MODES = {REGULAR: "an ordinary file", EXECUTABLE: "executable", SYMLINK: "a symlink"}


class Change(NamedTuple):
    """One path that differs: what the target has, what it should have; None is absence."""

    path: str
    before: Entry | None
    after: Wanted | None

    @property
    def kind(self) -> str:
        """added, changed or deleted."""
        if self.after is None:
            return "deleted"
        return "changed" if self.before else "added"

    @property
    def mode_words(self) -> str:
        """What it becomes, where that isn't an ordinary file, or where it was none."""
        before, after = (one.mode if one else REGULAR for one in (self.before, self.after))
        if self.after is None or before == after == REGULAR:
            return ""
        return _MODES[after] if after == before or self.before is None else f"now {_MODES[after]}"

    @property
    def pair(self) -> str:
        """The short hash of what is proposed here; of a shared file, of its first part that changes."""
        return next(iter(self.pairs))

    @property
    def present(self) -> str:
        """The short hash of what stands here now."""
        return self.pairs[self.pair]

    @property
    def parts(self) -> Mapping[str, State]:
        """The parts of a shared file that change, by the hash of what is proposed."""
        states = self.after.composition.states if self.after and self.after.composition else ()
        return {pair(self.path, 0, one.identity): one for one in states if one.is_changed}

    @property
    def pairs(self) -> Mapping[str, str]:
        """The short hashes of what is proposed here, each with that of what stands here now; several in a shared file.

        They tell nothing of what others have in a shared file.
        """
        if self.after and self.after.composition:
            return {key: pair(self.path, 0, one.present) for key, one in self.parts.items()}
        whole = pair(self.path, self.after.mode, self.after.oid) if self.after else pair(self.path, 0, "")
        return {whole: pair(self.path, self.before.mode, self.before.oid) if self.before else pair(self.path, 0, "")}

    def takes_out(self, path: str, block: str) -> bool:
        """Whether it takes this block out of the file at `path`."""
        gone = removal_identity(block)
        return self.path == path and any(one.identity == gone for one in self.parts.values())

    def without(self, withheld: Container[str]) -> Change | None:
        """What is left of it without these pairs; None for nothing."""
        kept = [one for one in self.pairs if one not in withheld]
        if len(kept) == len(self.pairs) or not kept or self.after is None or self.after.composition is None:
            return self if kept else None
        states = self.after.composition.states
        left_out = {one.identity for one in states if pair(self.path, 0, one.identity) in withheld}
        composition = self.after.composition.without(left_out)
        if composition.content in (None, composition.before):
            return None
        oid = blob_id(composition.content or b"")
        parts = zip(self.after.parts, states, strict=True)
        kept_parts = tuple(part for part, state in parts if state.identity not in left_out)
        return self._replace(after=replace(self.after, oid=oid, composition=composition, parts=kept_parts))

    @property
    def is_plain(self) -> bool:
        """Whether no mode has to be set: it goes, or is an ordinary file before (or absent) and after."""
        return self.after is None or all(one is None or one.mode == REGULAR for one in (self.before, self.after))

    @property
    def is_special_deletion(self) -> bool:
        """Whether an executable or a symlink goes; what createCommitOnBranch does then isn't documented."""
        return self.after is None and self.before is not None and self.before.mode != REGULAR
