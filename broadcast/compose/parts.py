"""What a mapping says of its part of a shared file, and why that part can't be put in (values)."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

KeyPath = tuple[str, ...]  # the keys from the top of the document; `*` stands for any key, or for every item of a list


class Position(Struct, frozen=True):
    """Where a new block goes: at one end of the file, or beside the first line that contains `text`."""

    where: Literal["end", "start", "after", "before"] = "end"
    text: str = ""  # of `after` and `before`


class Block(Struct, frozen=True):
    """The source is a block of lines between two marked ones."""

    id: str  # empty: of the source's file
    at: Position = Position()
    comment: tuple[str, str] | None = None  # what begins and ends a comment; None: the file's kind says
    create: bool = True  # the file, where the target has none


class BlockRemoval(Struct, frozen=True):
    """A block that goes, with its two marked lines."""

    id: str
    comment: tuple[str, str] | None = None


class Lists(Struct, frozen=True):
    """How a list of the source and one of the target become one."""

    how: Literal["replace", "unite", "by"] = "replace"
    by: tuple[str, ...] = ()  # the keys that identify an item


class Keys(Struct, frozen=True):
    """The source holds some keys of a JSON, YAML or TOML document."""

    lists: Lists = Lists()
    remove: tuple[KeyPath, ...] = ()
    only_if_present: bool | tuple[KeyPath, ...] = False  # which keys are never added; True: none is
    create: bool = True


class Merge(Struct, frozen=True):
    """The source's changes are carried over the target's own."""

    on_conflict: Literal["leave", "ours", "fail"] = "leave"
    create: bool = True


Fault = Literal["target", "source", "config"]

Part = Block | BlockRemoval | Keys | Merge


class Unmergeable(Exception):
    """A part can't be put into a file: why, where, what to do, and what has to be mended for that."""

    def __init__(
        self, reason: str, remedy: str = "", *, line: int = 0, column: int = 0, fault: Fault = "target"
    ) -> None:
        super().__init__(reason)
        self.reason, self.remedy, self.fault = reason, remedy, fault
        self.line, self.column = line, column  # in the file of the target or the source, from 1; 0: the file as a whole
