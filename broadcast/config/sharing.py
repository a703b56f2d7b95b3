"""Validate what a mapping says of files that it shares with the target: `block`, `keys`, `merge`, `header` (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterable

from broadcast.compose.parts import Block, BlockRemoval, KeyPath, Keys, Lists, Merge, Part, Position
from broadcast.config.format_entries import Mode, WrittenIdentity, WrittenMapping, WrittenPosition, WrittenRemoval
from broadcast.config.yaml_reader import Place, Reader, Text

HEADER = "Managed by {source}: edit {path} there"

_BLOCK_ID = re.compile(r"[A-Za-z0-9._-][A-Za-z0-9._/-]{0,99}")
_KEY = re.compile(r'"((?:[^"\\]|\\.)*)"|([^."]+)')  # quoted, or bare
MEANINGFUL: dict[str, tuple[Mode, ...]] = {  # which modes a key has a meaning in
    "id": ("block",),
    "at": ("block",),
    "comment": ("block",),
    "lists": ("keys",),
    "remove_keys": ("keys",),
    "only_if_present": ("keys",),
    "on_conflict": ("merge",),
    "create": ("block", "keys", "merge"),
    "header": ("copy", "prune", "mirror", "seed", "merge"),
}


class Sharing:
    """Reads the keys of entries that share a file; reports problems to the reader."""

    def __init__(self, reader: Reader) -> None:
        self._reader = reader

    def part(self, entry: WrittenMapping, src: str) -> Part | None:
        """What the mapping does to its part of a file; None where it sends whole files, or something is wrong."""
        self._refuse_meaningless(entry)
        match entry.mode:
            case "block":
                return self._block(entry, src)
            case "keys":
                return self._keys(entry)
            case "merge":
                return Merge(entry.on_conflict, entry.create)
            case _:
                return None

    def header(self, entry: WrittenMapping) -> str:
        """The first line of the file, with its placeholders; empty where it has none."""
        if isinstance(entry.header, bool):
            return HEADER if entry.header else ""
        if not entry.header.strip():
            self._problem(entry.header, entry, "header: an empty text", "write a text, or `header: true`")
        return entry.header

    def removal(self, entry: WrittenRemoval) -> BlockRemoval | None:
        """The block that goes; None where the whole path does, or something is wrong."""
        comment = self._comment(entry)
        if comment and entry.block is None:
            self._problem(entry.comment, entry, "`comment` has no meaning without `block`", "name the block")
        is_named = entry.block is not None and self.block_id(entry.block, entry.place)
        return BlockRemoval(entry.block or "", comment) if is_named else None

    def block_id(self, text: str, place: Place) -> bool:
        """Whether `text` can be the id of a block; else reports it."""
        is_id = _BLOCK_ID.fullmatch(text) is not None
        if not is_id:
            remedy = "use letters, digits, - _ . /"
            self._reader.problem(_place(text, place), f"{text!r} can't be the id of a block", remedy)
        return is_id

    def _refuse_meaningless(self, entry: WrittenMapping) -> None:
        default = WrittenMapping()
        for key, modes in MEANINGFUL.items():
            value = getattr(entry, key)
            if value != getattr(default, key) and entry.mode not in modes:
                message = f"`{key}` has no meaning with `mode: {entry.mode}`"
                self._problem(value, entry, message, f"it is for `mode: {' or '.join(modes)}`; remove it")

    def _block(self, entry: WrittenMapping, src: str) -> Block | None:
        if entry.id and not self.block_id(entry.id, entry.place):
            return None
        return Block(entry.id or default_id(src), self._position(entry), self._comment(entry), entry.create)

    def _comment(self, entry: WrittenMapping | WrittenRemoval) -> tuple[str, str] | None:
        """What begins and ends a comment; None where the file's kind says it, or something is wrong."""
        comment = [entry.comment] if isinstance(entry.comment, str) else list(entry.comment)
        if len(comment) > 2 or any(not one.strip() or len(one) > 20 for one in comment):
            remedy = "write `comment: '#'`, or `comment: ['<!--', '-->']`"
            self._problem(comment[0], entry, "comment: this begins and ends no comment", remedy)
            return None
        begin, end = (one.strip() for one in (*comment, "", "")[:2])
        return (begin, end) if comment else None

    def _position(self, entry: WrittenMapping) -> Position:
        if not isinstance(entry.at, WrittenPosition):
            return Position(entry.at)
        after, before = entry.at.after, entry.at.before
        if bool(after) == bool(before):
            remedy = "keep one of the two" if after else "write `at: {after: words of a line}`"
            self._reader.problem(entry.at.place, "at: one of `after` and `before` is needed", remedy)
        return Position("after", after) if after else Position("before", before)

    def _keys(self, entry: WrittenMapping) -> Keys:
        lists = Lists(entry.lists) if isinstance(entry.lists, str) else self._identity(entry.lists)
        present = entry.only_if_present
        conditional = present if isinstance(present, bool) else self._key_paths("only_if_present", present, entry)
        return Keys(lists, self._key_paths("remove_keys", entry.remove_keys, entry), conditional, entry.create)

    def _identity(self, written: WrittenIdentity) -> Lists:
        names = [written.by] if isinstance(written.by, str) else written.by
        if not names or not all(names):
            self._reader.problem(written.place, "lists: `by` names no key", "write `lists: {by: name}`")
        return Lists("by", tuple(names))

    def _key_paths(self, key: str, texts: Iterable[str], entry: WrittenMapping) -> tuple[KeyPath, ...]:
        found = {text: key_path(text) for text in texts}
        for text in (text for text, path in found.items() if not path):
            remedy = "write the keys with dots between them, and in quotes where a key has dots itself"
            self._problem(text, entry, f"{key}: {text!r} names no key", remedy)
        return tuple(path for path in found.values() if path)

    def _problem(self, value: object, entry: WrittenMapping | WrittenRemoval, message: str, remedy: str) -> None:
        first = value[0] if isinstance(value, list) and value else value
        self._reader.problem(_place(first, entry.place), message, remedy)


def default_id(src: str) -> str:
    """The id of a block whose mapping gives none: the stem of the source's file name."""
    name = src.rpartition("/")[2]
    stem = name.rpartition(".")[0].strip(".") or name.strip(".")
    return re.sub(r"[^A-Za-z0-9._-]", "-", stem) or "block"


def key_path(text: str) -> KeyPath | None:
    """The keys of `a.b."c.d".*`; None where it is no such path."""
    keys, at = list[str](), 0
    while match := _KEY.match(text, at):
        keys.append(re.sub(r"\\(.)", r"\1", match[1]) if match[1] is not None else match[2].strip())
        at = match.end()
        if at == len(text):
            return tuple(keys) if all(keys) else None
        if text[at] != ".":
            return None
        at += 1
    return None


def shares_with(one: Part | None, other: Part | None) -> bool:
    """Whether two mappings can both have a part of one file: keys and blocks do, but for two blocks of one name."""
    if isinstance(one, Block) and isinstance(other, Block):
        return one.id != other.id
    return all(isinstance(part, Block | Keys) for part in (one, other))


def _place(value: object, otherwise: Place) -> Place:
    return value.place if isinstance(value, Text | WrittenPosition | WrittenIdentity) else otherwise
