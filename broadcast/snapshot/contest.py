"""Which mapping decides on a path of a target, where several reach it."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct
from msgspec.structs import replace

from broadcast.compose.parts import Block, BlockRemoval, Keys, Part
from broadcast.config.mappings import Mapping, Removal
from broadcast.config.model import Config, problem_at
from broadcast.config.sharing import default_id
from broadcast.config.yaml_reader import Place
from broadcast.errors import Problem
from broadcast.git import paths
from broadcast.snapshot.snapshot import Shared, Wanted


class Candidate(Struct, frozen=True):
    """A file of the source for a path of the target."""

    rank: tuple[int, bool]  # more specific wins: target over group over top, a file entry over a directory's
    file: Wanted
    mapping: Mapping

    @property
    def part(self) -> Part | None:
        """What it does to its part of the file; a block has the name of its own file, where the config gives none."""
        part = self.mapping.part
        if isinstance(part, Block) and not part.id:
            return replace(part, id=default_id(self.file.source))
        return part

    @property
    def sends(self) -> tuple[object, ...]:
        """What two of them agree on that don't contradict each other."""
        return self.file.mode, self.file.oid, self.mapping.rendering, self.part, self.mapping.header


class Contest:
    """Keeps the most specific of all that want a path, and every part of a file that goes with others."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self.problems: list[Problem] = []
        self.whole: dict[str, Candidate] = {}
        self.parts: dict[str, dict[object, Candidate]] = {}  # path → what is unique in it → who wants that
        self._taken_out: dict[str, dict[str, BlockRemoval]] = {}  # path → id → block

    def add(self, path: str, new: Candidate) -> None:
        """Let `new` take the path, or its part there, from what is less specific."""
        slot = _slot(new)
        taken: dict[object, Candidate] = self.parts.setdefault(path, {}) if slot else self.whole  # type: ignore[assignment]  # keys differ
        key = slot or path
        old = taken.setdefault(key, new)
        if old is new:
            return
        if new.rank > old.rank:
            taken[key] = new
        elif new.rank == old.rank and old.sends != new.sends:
            self._contradict(path, old, new)

    def settle(self) -> None:
        """Decide where whole files and parts want one path."""
        for path in self.whole.keys() & self.parts.keys():
            whole, parts = self.whole[path], self.parts[path].values()
            equal = next((one for one in parts if one.rank == whole.rank), None)
            if any(one.rank > whole.rank for one in parts):
                del self.whole[path]
            elif equal:
                self._contradict(path, whole, equal)
            else:
                del self.parts[path]

    def remove(self, removals: Iterable[Removal]) -> frozenset[str]:
        """Take the paths of `removals` away from what is less specific; returns those that are removed."""
        removed = frozenset(one.path for one in removals if one.block is None and self._is_removed(one))
        for one in removals:
            if one.block and one.path not in removed:
                self._take_out(one, one.block)
        return removed

    def shared(self) -> dict[str, tuple[Shared, ...]]:
        """The parts of each shared file, the more specific ones last."""
        found = {path: [Shared(file.part, file.file)] for path, file in self.whole.items() if file.part}
        for path, parts in self.parts.items():
            ranked = sorted(parts.values(), key=lambda one: one.rank)
            found[path] = [Shared(one.part, one.file) for one in ranked if one.part]
        for path, blocks in self._taken_out.items():
            found[path] = [*map(Shared, blocks.values()), *found.get(path, ())]
        return {path: tuple(parts) for path, parts in sorted(found.items())}

    def _is_removed(self, removal: Removal) -> bool:
        below = [(path, file) for path, file in self.whole.items() if paths.is_below(path, removal.path)]
        below += [
            (path, one)
            for path, parts in self.parts.items()
            if paths.is_below(path, removal.path)
            for one in parts.values()
        ]
        equal = [path for path, file in below if file.mapping.level == removal.level]
        if equal:
            file = next(one for path, one in below if path == equal[0])
            message = f"remove: names {removal.path}, and a mapping of the same level sends {equal[0]}"
            self._problem(removal.place, message, f"line {file.mapping.place.line} sends it; keep one of the two")
            return False
        is_kept = any(file.mapping.level > removal.level for _, file in below)
        if is_kept and not self._config.read_as:
            return False
        for path, file in below:  # go-broadcast deletes what it wrote before, and writes what comes after
            if file.mapping.level < removal.level:
                self.whole.pop(path, None)
                self.parts.pop(path, None)
        return not is_kept

    def _take_out(self, removal: Removal, block: BlockRemoval) -> None:
        """Take a block out of a file; the file itself stays."""
        parts = self.parts.get(removal.path, {})
        other = self.whole.get(removal.path) or parts.get(block.id)
        if other and (other.mapping.level == removal.level or removal.path in self.whole):
            message = f"remove: names the block {block.id} of {removal.path}, and a mapping sends it"
            self._problem(removal.place, message, f"line {other.mapping.place.line} sends it; keep one of the two")
        elif not other or other.mapping.level < removal.level:
            parts.pop(block.id, None)
            self._taken_out.setdefault(removal.path, {})[block.id] = block

    def _contradict(self, path: str, old: Candidate, new: Candidate) -> None:
        block = old.part.id if isinstance(old.part, Block) and isinstance(new.part, Block) else ""
        message = (
            f"{old.file.source} and {new.file.source} both go to {f'the block {block} of ' if block else ''}{path}"
        )
        remedy = f"line {old.mapping.place.line} sends the other; exclude one of them"
        if old.part or new.part:
            remedy += ", or give one another `id`" if block else "; only blocks and keys share a file with each other"
        self._problem(new.mapping.place, message, remedy)

    def _problem(self, place: Place, message: str, remedy: str) -> None:
        self.problems.append(problem_at(self._config, place, message, remedy))


def _slot(one: Candidate) -> object:
    """What only one mapping can have of a file: a block by its id, keys by their source; None: the whole file."""
    part = one.part
    if isinstance(part, Block):
        return part.id
    return (part, one.file.source) if isinstance(part, Keys) else None
