"""The marks of a template: around its values, blocks and comments (pure)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from msgspec import Struct

from broadcast.config.format_entries import WrittenMapping
from broadcast.config.yaml_reader import Place, Reader, Text

MAX_MARK = 10  # characters
_FORBIDDEN = re.compile(r"[\s\x00-\x1f\x7f-\x9f\ue000-\uf8ff]")
GITHUBS = "${{"  # its expressions stay as they are

Pair = tuple[str, str]


class Delimiters(Struct, frozen=True):
    """What opens and closes each kind of tag."""

    variable: Pair = ("[[", "]]")
    block: Pair = ("[%", "%]")
    comment: Pair = ("[%#", "#%]")

    @property
    def pairs(self) -> tuple[Pair, Pair, Pair]:
        """All three."""
        return self.variable, self.block, self.comment

    @property
    def marks(self) -> frozenset[str]:
        """All six texts."""
        return frozenset(mark for pair in self.pairs for mark in pair)

    @property
    def takes_githubs(self) -> bool:
        """Whether a tag could begin where an expression of GitHub's does."""
        return any(opening in GITHUBS for opening, _ in self.pairs)

    @property
    def literal(self) -> str:
        """How to write what opens a value as a text."""
        opening, closing = self.variable
        quote = '"' if "'" in opening else "'"
        return f"{opening} {quote}{opening}{quote} {closing}"

    @property
    def own_code(self) -> str:
        """The remedy for a file whose own code looks like a template."""
        opening, closing = self.block
        raw = f"{opening} raw {closing}…{opening} endraw {closing}"
        return f"if this is the file's own code, set other `delimiters` for the mapping, or put it into {raw}"


DEFAULT = Delimiters()
NUNJUCKS = Delimiters(("{{", "}}"), ("{%", "%}"), ("{#", "#}"))


def delimiters_of(reader: Reader, entry: WrittenMapping) -> Delimiters:
    """The delimiters of a mapping, validated."""
    given = entry.delimiters
    if given is None:
        return DEFAULT
    pairs = [given] if isinstance(given, list) else [given.variable, given.block, given.comment]
    place = next((one.place for pair in pairs for one in pair if isinstance(one, Text)), entry.place)
    if any(len(pair) not in (0, 2) for pair in pairs) or not any(pairs):
        return _refused(reader, place, "delimiters must be two texts", 'write `delimiters: ["<%", "%>"]`')
    made = _made(pairs)
    if mistake := mistake_in(made):
        return _refused(reader, place, f"delimiters: {mistake}", "give each kind of tag texts of its own")
    if not entry.template and not reader.tried(entry.place, "template"):
        return _refused(reader, place, "delimiters have no effect without a template", "add `template: true`")
    return made


def _refused(reader: Reader, place: Place, message: str, remedy: str) -> Delimiters:
    reader.problem(place, message, remedy)
    return DEFAULT


def _made(pairs: Sequence[list[str]]) -> Delimiters:
    """What is given; blocks and comments follow the values only for `{{ }}`."""
    given: list[Pair | None] = [(str(pair[0]), str(pair[1])) if pair else None for pair in pairs]
    variable, block, comment = (*given, None, None)[:3]
    base = NUNJUCKS if variable == NUNJUCKS.variable else DEFAULT
    return Delimiters(variable or base.variable, block or base.block, comment or base.comment)


def mistake_in(delimiters: Delimiters) -> str:
    """Why these can't be used; empty if they can."""
    for mark in (mark for pair in delimiters.pairs for mark in pair):
        if not mark or len(mark) > MAX_MARK:
            return f"{mark[:MAX_MARK]!r} must have 1 to {MAX_MARK} characters"
        if _FORBIDDEN.search(mark):
            return f"{mark!r} can't hold spaces or control characters"
    for opening, closing in delimiters.pairs:
        if opening.startswith(closing) or closing.startswith(opening):
            return f"{opening!r} and {closing!r} can't be distinguished"
        if opening == GITHUBS:
            return f"{opening!r} begins GitHub's own expressions"
    return _confused(delimiters)


def _confused(delimiters: Delimiters) -> str:
    """A message if one kind of tag could be another; others may go on where a block's mark ends: the longest counts."""
    variable, block, comment = (opening for opening, _ in delimiters.pairs)
    for one, other in ((variable, block), (comment, block), (variable, comment)):
        is_longer = other == block and one != block and one.startswith(block)
        if not is_longer and (one.startswith(other) or other.startswith(one)):
            return f"{one!r} and {other!r} both open a tag and can't be distinguished"
    return ""
