"""Escape text for Markdown, titles and commit messages, without links or mentions (pure).

Everything made here is one line and means the same in a paragraph, a list and a table's cell. A character that Markdown
could take for markup becomes a character reference, which is text to Markdown and to HTML alike. What GitHub looks for
in the finished text is broken by an invisible character: @names and references to issues, pull requests and
commits (docs: autolinked references and URLs), which after words like "fixes" close an issue (docs: linking a pull
request to an issue). It reads descriptions as Markdown, and squashed into a commit message as they are written: so both
are safe. That is also why the character references are hexadecimal: `&#35;` itself would refer to number 35.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

MAX_TEXT, MAX_CODE = 600, 300  # characters of one text, or one name; the rest is left out

_JOINER = "\u2060"  # word joiner: takes no room, and no reference goes on behind it
_MARKUP = str.maketrans({char: f"&#x{ord(char):x};" for char in "\\`*[]<>&~|$"})
_IN_CODE = _MARKUP | str.maketrans({char: f"&#x{ord(char):x};" for char in "#@_:"})
_AT_ITS_PLACE = re.compile(r"#$|(?<![^\W_])_|_(?![^\W_])")  # a _ inside of a word is none
_OPENING = re.compile(r"^(?:[#+=-]|\d+[.)])")  # what makes a heading, a list or a rule where a block begins
_ADDRESS = re.compile(r":(?=//)|(?<=www)\.", re.IGNORECASE)  # what GitHub would make a link of
# `#1`, owner/repo#1, GH-1, and the end of an address of an issue, a pull request, a discussion or a commit
_REFERRING = re.compile(r"#(?=\d)|\bGH-(?=\d)|/(?:issues|pulls?|discussions|commit)/(?=[0-9a-f])", re.IGNORECASE)
# JIRA-1, JIRA-a1, JIRA1: what a repository's own autolinks may look for
_TICKET = re.compile(r"\b(?:(?=\d*[A-Za-z])\w*[-+=:_](?=\d)|[A-Z][A-Z\d]+-(?=[A-Za-z])|[A-Z]{2,}(?=\d))")
_HASH = re.compile(r"\b[0-9a-f]{7,64}\b", re.IGNORECASE)
# [skip ci], [no ci], [ci skip], ***NO_CI***: what CI looks for in messages (docs: skipping workflow runs)
_SKIPPING = re.compile(r"\[(?=[^\[\]]{0,30}(?:skip|no[ _-]))|\bNO(?=[ _-]?CI\b)", re.IGNORECASE)
# In messages of others, also the trailers that act, and commands to a tracker such as `JIRA-1 #close`.
_ACTING = re.compile(
    r"^(?=---)|^(?:signed-off-by|co-authored-by|skip-checks|broadcast-\w+)(?=\s*:)|#(?=\w)", re.IGNORECASE
)
_TRAILING = re.compile(r"^[\w-]+(?=\s*:)", re.ASCII)
_URL = re.compile(r"https?://[\w.:/%#?=&+,~-]+")
_NUMBER = re.compile(r"https?://[\w.:/%-]+/(\d+)")


@lru_cache(maxsize=16_384)
def text(words: str) -> str:
    """`words` as plain text on one line: no markup, links, mentions, HTML or bidirectional marks."""
    spelled = _AT_ITS_PLACE.sub(_reference, _flat(words).translate(_MARKUP))
    return _unread(_ADDRESS.sub(_reference, spelled))


def quoted(words: str) -> str:
    """The same for pull requests, where commit ids and the repository's autolinks become links, too.

    Those are the repository's own (docs: configuring autolinks to reference external resources): a prefix, and letters
    and digits. What looks like a tracker's ticket is broken up; any two words with a hyphen could be one.
    """
    return _TICKET.sub(_joined, _HASH.sub(_apart, text(words)))


def plain(words: str) -> str:
    """`words` on one line where there is no Markdown: titles and commit messages, in which GitHub links and closes."""
    inert = _SKIPPING.sub(_joined, _ADDRESS.sub(_joined, _flat(words)))
    return _HASH.sub(_apart, _unread(inert))


def spoken(words: str) -> str:
    """The same for what others wrote in a commit message, wherever it stands: `---` would end the message for git."""
    return _ACTING.sub(_joined, plain(words))


def spoken_line(words: str) -> str:
    """The same for a line below the subject: it is no trailer (git-interpret-trailers(1))."""
    return _TRAILING.sub(_joined, spoken(words))


def block(words: str, spell: Callable[[str], str] = text) -> str:
    """The text of `spell` at the start of a block, such as an item of a list."""
    return _OPENING.sub(_reference, spell(words))


@lru_cache(maxsize=16_384)
def code(name: str) -> str:
    """A file, branch or repository as code; invisible characters are spelled out, such as \\u202e."""
    short = name if len(name) <= MAX_CODE else f"{name[: MAX_CODE // 2]}…{name[-MAX_CODE // 2 :]}"
    seen = "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in short)
    # Our own marks in a description are comments: none of them may stand in a name. GitHub leaves references in code
    # alone, but not in a commit message that was squashed of it.
    if any(part in seen for part in ("`", "|", "<!--")) or seen != seen.strip() or _REFERRING.search(seen):
        spelled = seen.translate(_IN_CODE)
        return f"<code>{_REFERRING.sub(_reference, spelled)}</code>"
    return f"`{seen}`" if seen else ""


def link(label: str, url: str) -> str:
    """`label` (Markdown) as a link; the bare label if `url` isn't safe in Markdown."""
    return f"[{label}]({url})" if _URL.fullmatch(url) else label


def numbered(url: str) -> str:
    """A linked pull request number; empty if `url` is no pull request."""
    match = _NUMBER.fullmatch(url)
    return f"[#{match[1]}]({url})" if match else ""


def row(*cells: str) -> str:
    """A row of a table."""
    return f"| {' | '.join(cells)} |"


def head(*names: str) -> tuple[str, str]:
    """The header of a table; a leading `>` aligns a column to the right."""
    return row(*(name.removeprefix(">") for name in names)), row(
        *("--:" if name.startswith(">") else "---" for name in names)
    )


def many(count: int) -> str:
    """A number with thousands separators."""
    return f"{count:,}"


def counted(count: int, noun: str) -> str:
    """1 file, 2 files, 3 repositories."""
    plural = f"{noun[:-1]}ies" if noun.endswith("ry") else f"{noun}s"
    return f"{many(count)} {noun if count == 1 else plural}"


def _flat(words: str) -> str:
    """One line of limited length without invisible characters."""
    flat = " ".join("".join(char if char.isprintable() else " " for char in words[: 2 * MAX_TEXT]).split())
    return flat if len(flat) <= MAX_TEXT else f"{flat[: MAX_TEXT - 1]}…"


def _unread(words: str) -> str:
    """`words` without mentions and references that GitHub would link."""
    return _REFERRING.sub(_joined, words).replace("@", f"@{_JOINER}")


def _joined(match: re.Match[str]) -> str:
    return f"{match[0]}{_JOINER}"


def _apart(match: re.Match[str]) -> str:
    return re.sub(r"\w{6}(?=\w)", lambda part: f"{part[0]}{_JOINER}", match[0])


def _reference(match: re.Match[str]) -> str:
    return f"{match[0][:-1]}&#x{ord(match[0][-1]):x};"
