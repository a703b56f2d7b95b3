"""Markdown that stays what it is, whatever text stands in it (pure).

Everything made here is one line and means the same in a paragraph, a list and a table's cell. A character that Markdown
could take for markup becomes a character reference, which is text to Markdown and to HTML alike.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

MAX_TEXT, MAX_CODE = 600, 300  # characters of one text, or one name; the rest is left out
FEW, SHOWN, SHOWN_FILES = 5, 3, 3  # so many names are told openly; of more than FEW the first SHOWN
CAPS = (65_536, 16_384, 4_096, 512, 0)  # bytes that one cell may fold away; fewer where the whole gets too long

_MARKUP = str.maketrans({char: f"&#{ord(char)};" for char in "\\`*[]<>&~|$"})
_AT_ITS_PLACE = re.compile(r"#$|(?<![^\W_])_|_(?![^\W_])")  # a _ inside of a word is none
_OPENING = re.compile(r"^(?:[#+=-]|\d+[.)])")  # what makes a heading, a list or a rule where a block begins
_ADDRESS = re.compile(r":(?=//)|(?<=www)\.", re.IGNORECASE)  # what GitHub would make a link of
_URL = re.compile(r"https?://[\w.:/%#-]+")
_NUMBER = re.compile(r"https?://[\w.:/%-]+/(\d+)")


@lru_cache(maxsize=16_384)
def text(words: str) -> str:
    """`words` as plain text on one line: no markup, links, mentions, HTML or marks that turn the writing around."""
    flat = " ".join("".join(char if char.isprintable() else " " for char in words[: 2 * MAX_TEXT]).split())
    return _inert(flat if len(flat) <= MAX_TEXT else f"{flat[: MAX_TEXT - 1]}…")


def block(words: str) -> str:
    """The same where a block begins, such as an item of a list."""
    return _OPENING.sub(_reference, text(words))


@lru_cache(maxsize=16_384)
def code(name: str) -> str:
    """A file, branch or repository as code; what can't be seen is spelled out, such as \\u202e."""
    short = name if len(name) <= MAX_CODE else f"{name[: MAX_CODE // 2]}…{name[-MAX_CODE // 2 :]}"
    plain = "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in short)
    if "`" in plain or "|" in plain or plain != plain.strip():
        return f"<code>{_inert(plain)}</code>"
    return f"`{plain}`" if plain else ""


def link(label: str, url: str) -> str:
    """`label` (Markdown) as a link; without one where `url` is none that can stand in Markdown."""
    return f"[{label}]({url})" if _URL.fullmatch(url) else label


def numbered(url: str) -> str:
    """A pull request as its linked number; empty where `url` is none."""
    match = _NUMBER.fullmatch(url)
    return f"[#{match[1]}]({url})" if match else ""


def row(*cells: str) -> str:
    """A line of a table."""
    return f"| {' | '.join(cells)} |"


def head(*names: str) -> tuple[str, str]:
    """The first two lines of a table; names with a leading `>` have their column at the right."""
    return row(*(name.removeprefix(">") for name in names)), row(
        *("--:" if name.startswith(">") else "---" for name in names)
    )


def folded(label: str, items: Sequence[str], cap: int, between: str = ", ") -> str:
    """`label` that unfolds to the items, or to as many of them as `cap` bytes hold."""
    kept = list(_within(items, cap, len(between)))
    if not kept:
        return label
    more = f"{between}… and {many(len(items) - len(kept))} more" if len(kept) < len(items) else ""
    return f"<details><summary>{label}</summary>{between.join(kept)}{more}</details>"


def listed(items: Sequence[str], noun: str, cap: int, between: str = ", ") -> str:
    """All of a few items; how many they are, the first ones, and the rest folded away."""
    if len(items) <= FEW:
        return between.join(items)
    rest = folded(f"and {many(len(items) - SHOWN)} more", items[SHOWN:], cap, between)
    colon = ": " if between == ", " else f":{between}"
    return f"**{many(len(items))}** {noun}{colon}{between.join(items[:SHOWN])} {rest}"


def many(count: int) -> str:
    """A number as people read it."""
    return f"{count:,}"


def counted(count: int, noun: str) -> str:
    """1 file, 2 files, 3 repositories."""
    plural = f"{noun[:-1]}ies" if noun.endswith("ry") else f"{noun}s"
    return f"{many(count)} {noun if count == 1 else plural}"


@dataclass(frozen=True)
class Section:
    """A part whose rows can be left out: it says how many, and is whole all the same."""

    head: Sequence[str]  # lines
    rows: Callable[[int], Sequence[str]]  # one line each, with as many bytes in each cell's fold
    tail: Sequence[str] = ()  # lines
    where: str = "the log has them all"


def fitted(section: Section, room: int) -> str:
    """The section in at most `room` bytes (if its head fits); whole rows are left out for it, and counted."""
    room -= size(section.head) + size(section.tail) + 100
    rows: Sequence[str] = ()
    for cap in CAPS:
        rows = section.rows(cap)
        if size(rows) <= room:
            return "\n".join((*section.head, *rows, *section.tail, ""))
    kept = list(_within(rows, room, 1))
    told = f"… and {many(len(rows) - len(kept))} more; {section.where}."
    return "\n".join((*section.head, *kept, "", told, *section.tail, ""))


def size(lines: Iterable[str]) -> int:
    """Bytes of these lines, with their ends."""
    return sum(len(line.encode()) + 1 for line in lines)


def _within(items: Iterable[str], room: int, between: int) -> Iterable[str]:
    for item in items:
        room -= len(item.encode()) + between
        if room < 0:
            return
        yield item


def _inert(plain: str) -> str:
    """`plain` with every character that begins something as a reference; an @ that can't mention anybody."""
    spelled = _AT_ITS_PLACE.sub(_reference, plain.translate(_MARKUP))
    return _ADDRESS.sub(_reference, spelled).replace("@", "@\u2060")


def _reference(match: re.Match[str]) -> str:
    return f"{match[0][:-1]}&#{ord(match[0][-1])};"
