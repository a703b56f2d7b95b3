"""The values of placeholders in titles, descriptions and commit messages (pure).

What comes from the source's commits was written by others: it is made inert, so that it mentions no one, closes no
issue, stops no checks, and adds no trailer or mark that GitHub, git or we would obey.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

from broadcast.git.commits import CommitWords
from broadcast.markdown import block, code, counted, plain, quoted, spoken, spoken_line
from broadcast.observe.change import Change
from broadcast.observe.touches import Author

MAX_CHANGES, MAX_NAMES = 50, 10  # that are listed; the rest is counted
MAX_LINES, MAX_MESSAGE = 100, 8_000  # lines, and characters, of a message
COMMIT_DIGITS = 10
_VERBS = {"deleted": "delete", "changed": "update", "added": "add"}
_TRAILER = re.compile(r"[A-Za-z][A-Za-z0-9-]*: \S.*|\(cherry picked from commit [0-9a-f]+\)|[ \t]+\S.*")


class Quotes(NamedTuple):
    """What a pull request quotes of the source's commit."""

    commit: str  # 40 hex digits; empty where there is none
    words: CommitWords | None  # None where the checkout lacks it
    authors: Sequence[Author] = ()  # of all commits that the pull request brings

    @property
    def own_author(self) -> list[Author]:
        """The author of this commit."""
        return [Author(self.words.name, self.words.email)] if self.words else []


class Facts(NamedTuple):
    """What placeholders are filled with."""

    source: str
    target: str
    base: str
    changes: Sequence[Change]
    quotes: Quotes | None  # None where the target's readers may not know it


class _Spelling(NamedTuple):
    """How one kind of text spells the words of others."""

    name: Callable[[str], str]  # of repositories and branches
    words: Callable[[str], str]
    line: Callable[[str], str]
    path: Callable[[str], str]


_TITLE = _Spelling(plain, spoken, spoken, plain)
_MESSAGE = _Spelling(plain, spoken, spoken_line, plain)
_MARKDOWN = _Spelling(quoted, partial(block, spell=quoted), partial(block, spell=quoted), code)


def in_title(facts: Facts) -> dict[str, str]:
    """The values for a title."""
    return _values(facts, _TITLE)


def in_message(facts: Facts) -> dict[str, str]:
    """The values for a commit message."""
    return _values(facts, _MESSAGE)


def in_markdown(facts: Facts) -> dict[str, str]:
    """The values for a description."""
    return _values(facts, _MARKDOWN)


def _values(facts: Facts, spell: _Spelling) -> dict[str, str]:
    """The placeholders of `settings.PLACEHOLDERS`; for what is unknown or withheld, words that say nothing of it."""
    quotes, unknown = facts.quotes or Quotes("", None), f"files of {spell.name(facts.source)}"
    title, lines = _parts(quotes.words.message) if quotes.words else ("", [])
    said = spell.words(title)
    return {
        "source": spell.name(facts.source), "target": spell.name(facts.target), "base": spell.name(facts.base),
        "files": str(len(facts.changes)),
        "source_title": said or unknown,
        "source_message": _message(said, lines, spell) if said else unknown,
        "source_commit": quotes.commit[:COMMIT_DIGITS] or "HEAD",
        "source_authors": _authors(facts, quotes, spell),
        "change_list": _changes(facts.changes, spell),
    }  # fmt: skip


def _parts(message: str) -> tuple[str, list[str]]:
    """The subject and the lines below it, without the trailers: they are about the commit in the source."""
    subject, _, rest = message.strip().partition("\n")
    *paragraphs, last = re.split(r"\n[ \t\r]*\n", rest.strip())
    if not all(_TRAILER.fullmatch(line.rstrip()) for line in last.split("\n")):
        paragraphs.append(last)
    return subject, "\n\n".join(paragraphs).splitlines()


def _message(subject: str, lines: Sequence[str], spell: _Spelling) -> str:
    room, kept = MAX_MESSAGE, list[str]()
    for line in lines[:MAX_LINES]:
        spelled = spell.line(line)
        room -= len(spelled) + 1
        if room < 0:
            break
        kept.append(spelled)
    more = ["…"] if len(kept) < len(lines) else []
    return "\n".join([subject, "", *kept, *more]).rstrip()


def _authors(facts: Facts, quotes: Quotes, spell: _Spelling) -> str:
    found = [one.name or one.login for one in quotes.authors or quotes.own_author]
    names = list(dict.fromkeys(filter(None, map(spell.words, found))))
    more = f" and {len(names) - MAX_NAMES} more" if len(names) > MAX_NAMES else ""
    return ", ".join(names[:MAX_NAMES]) + more or f"the authors of {spell.name(facts.source)}"


def _changes(changes: Sequence[Change], spell: _Spelling) -> str:
    lines = [f"- {verb} {spell.path(one.path)}" for kind, verb in _VERBS.items() for one in changes if one.kind == kind]
    more = len(lines) - MAX_CHANGES
    return "\n".join([*lines[:MAX_CHANGES], *([f"- … and {counted(more, 'file')} more"] if more > 0 else ())])
