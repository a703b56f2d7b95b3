"""What `.gitattributes` files say of paths; dulwich is loaded when there is such a file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from io import BytesIO
from typing import TYPE_CHECKING

from broadcast.gitobject import REGULAR
from broadcast.nofollow import read

if TYPE_CHECKING:
    from dulwich.attrs import AttributeValue, Pattern

    _Rules = Sequence[tuple[Pattern, Mapping[bytes, AttributeValue]]]


class Attributes:
    """The attributes of one checkout, whose git directory is `common`; without one, nothing has any.

    Each file is read once.
    """

    def __init__(self, root: bytes, common: bytes | None) -> None:
        self._root = root
        self._common = common
        self._rules: dict[bytes, _Rules] = {}

    def of(self, path: bytes) -> Mapping[bytes, AttributeValue]:
        """gitattributes(5): deeper directories override higher ones, and info/attributes all."""
        if self._common is None:
            return {}
        rules = list(self._load(self._root + b"/.gitattributes", b""))
        for slash in (i for i, byte in enumerate(path) if byte == ord("/")):
            rules += self._load(self._root + b"/" + path[:slash] + b"/.gitattributes", path[:slash])
        rules += self._load(self._common + b"/info/attributes", b"")
        if not rules:
            return {}
        from dulwich.attrs import match_path

        return match_path(rules, path)

    def _load(self, file: bytes, base: bytes) -> _Rules:
        if file not in self._rules:
            content = b""
            with suppress(OSError):
                content = read(file, REGULAR)
            self._rules[file] = _attribute_rules(content, base) if content else ()
        return self._rules[file]


def _attribute_rules(content: bytes, base: bytes) -> _Rules:
    from dulwich.attrs import compile_gitattributes_patterns, parse_git_attributes

    said = parse_git_attributes(BytesIO(content))
    # git's only built-in macro: binary is -diff -merge -text.
    plain = ((glob, {**values, b"text": False} if values.get(b"binary") else values) for glob, values in said)
    return compile_gitattributes_patterns(plain, base=base)
