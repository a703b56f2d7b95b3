"""Markdown that stays what it is, whatever text stands in it (pure).

Everything made here is one line and means the same in a paragraph, a list and a table's cell. A character that Markdown
could take for markup becomes a character reference, which is text to Markdown and to HTML alike.
"""

from __future__ import annotations

import re
from functools import lru_cache

MAX_TEXT, MAX_CODE = 600, 300  # characters of one text, or one name; the rest is left out

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
    # Our own marks in a description are comments: none of them may stand in a name.
    if any(part in plain for part in ("`", "|", "<!--")) or plain != plain.strip():
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


def many(count: int) -> str:
    """A number as people read it."""
    return f"{count:,}"


def counted(count: int, noun: str) -> str:
    """1 file, 2 files, 3 repositories."""
    plural = f"{noun[:-1]}ies" if noun.endswith("ry") else f"{noun}s"
    return f"{many(count)} {noun if count == 1 else plural}"


def _inert(plain: str) -> str:
    """`plain` with every character that begins something as a reference; an @ that can't mention anybody."""
    spelled = _AT_ITS_PLACE.sub(_reference, plain.translate(_MARKUP))
    return _ADDRESS.sub(_reference, spelled).replace("@", "@\u2060")


def _reference(match: re.Match[str]) -> str:
    return f"{match[0][:-1]}&#{ord(match[0][-1])};"
