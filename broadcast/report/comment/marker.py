"""The hidden first line of a comment on the source's pull request, and texts of strangers (pure).

It says which config the comment is of, which commit it was made for, and whether there is anything to say.
"""

from __future__ import annotations

import hashlib
import re
from typing import NamedTuple

from broadcast.errors import UsageError

MOST = 65_536  # characters of a comment

_LINE = re.compile(r"<!-- broadcast-comment ([0-9a-f]{12}) ([0-9a-f]{40}) (effect|none) -->")
_JOINER = "\u2060"
_KEPT = f"\n\t\u00a0{_JOINER}"  # of what can not be printed
# A character reference is text to Markdown, and a mention to GitHub.
_AT = re.compile(r"(?:@|&#0*64;?|&#x0*40;?|&commat;)(?![\s@\u2060]|$)", re.IGNORECASE)
_REFERRING = re.compile(
    r"(?:#|&#0*35;|&#x0*23;|&num;)(?=\d)(?<!&#)|\bGH-(?=\d)|/(?:issues|pulls?|discussions|commit)/(?=[0-9a-f])",
    re.IGNORECASE,
)


class Note(NamedTuple):
    """A comment's text with what its first line says."""

    key: str  # of the config
    head: str  # commit of the pull request
    has_effect: bool
    body: str  # without the first line

    @property
    def text(self) -> str:
        """With the first line."""
        return (
            f"<!-- broadcast-comment {self.key} {self.head} {'effect' if self.has_effect else 'none'} -->\n{self.body}"
        )


def key_of(config: str) -> str:
    """What stands for a config's path in the first line."""
    return hashlib.sha256(config.encode()).hexdigest()[:12]


def parsed(text: str) -> Note | None:
    """The comment in `text`; None if that isn't one of ours."""
    first, _, body = text.replace("\r\n", "\n").partition("\n")
    found = _LINE.fullmatch(first)
    return Note(found[1], found[2], found[3] == "effect", body) if found else None


def accepted(text: str, key: str, head: str) -> Note:
    """A comment that another job wrote, without mentions and references. Raises UsageError for what is none.

    The text may be a stranger's: a workflow on a fork's pull request runs what the fork wrote.
    """
    note = parsed(text)
    if note is None:
        raise UsageError("comment-file holds no comment of Broadcast", "write it by `plan` with the same input")
    if note.key != key:
        raise UsageError("comment-file is for another config", "give both jobs the same input config")
    if note.head != head:
        raise UsageError("comment-file was made for another commit than the finished workflow's", "run the plan again")
    note = note._replace(body=quiet(note.body))
    if len(note.text) > MOST:
        raise UsageError(f"comment-file has more than {MOST:,} characters", "GitHub takes no longer comment")
    return note


def quiet(text: str) -> str:
    """`text` in which GitHub finds neither people to mention nor issues to refer to."""
    text = "".join(char for char in text if char.isprintable() or char in _KEPT)
    return _REFERRING.sub(lambda match: f"{match[0]}{_JOINER}", _AT.sub(lambda match: f"{match[0]}{_JOINER}", text))
