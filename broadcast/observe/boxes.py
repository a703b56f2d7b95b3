"""The dashboard's text as far as it is read again: its marker and its boxes (pure).

The marker carries a digest of all that follows, so a text that people changed isn't taken for ours.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Literal, NamedTuple, get_args
from urllib.parse import quote, unquote

Kind = Literal["freeze", "wave", "rebuild", "retry"]
KINDS: tuple[Kind, ...] = get_args(Kind)
MAX_BOXES = 5_000  # of one text; others don't count

_MARKER = re.compile(r"<!-- broadcast-dashboard:([0-9a-f]{12}):([0-9a-f]{24}) -->\n?")
_BOX = re.compile(
    rf"^[ ]{{0,8}}[-*] \[([ xX])\] <!-- broadcast:({'|'.join(KINDS)})"
    r"(?:=([^\s<>]{1,2000}))?(?: by=([\w-]{1,60}))? -->",
    re.MULTILINE,
)


class Box(NamedTuple):
    """What a person may ask for."""

    kind: Kind
    name: str = ""  # of the wave, or of the target as the config names it


class Edit(NamedTuple):
    """One change of the text, or its beginning."""

    editor: str  # login of a person or an App; empty where it is not known
    is_person: bool
    text: str | None  # afterwards; None where it is not known


Ticks = Mapping[Box, str]  # who ticked each; empty where that isn't known


def spelled(box: Box, words: str, ticks: Ticks) -> str:
    """The box as an item of a list, with words in Markdown; one that is ticked keeps by whom."""
    by = f" by={login}" if re.fullmatch(r"[\w-]{1,60}", login := ticks.get(box, "")) else ""
    name = f"={quote(box.name, safe='/@').replace('--', '%2D%2D')}" if box.name else ""
    return f"- [{'x' if box in ticks else ' '}] <!-- broadcast:{box.kind}{name}{by} --> {words}"


def ticked(text: str) -> dict[Box, str]:
    """The boxes that are ticked, and who ticked them by what the text says, which only ours may."""
    found = list(islice(_BOX.finditer(_plain(text)), MAX_BOXES))
    return {Box(_kind(one[2]), unquote(one[3] or "")): one[4] or "" for one in found if one[1] != " "}


def marked(text: str, identity: str) -> str:
    """The text below its marker; `identity` is the config's id."""
    return f"<!-- broadcast-dashboard:{_key(identity)}:{_digest(text)} -->\n{text}"


def is_marked(text: str, identity: str) -> bool:
    """Whether it is a dashboard of this config, also where people wrote the rest."""
    match = _MARKER.match(_plain(text))
    return match is not None and match[1] == _key(identity)


def is_whole(text: str, identity: str) -> bool:
    """Whether nothing was changed since we wrote it."""
    plain = _plain(text)
    match = _MARKER.match(plain)
    return match is not None and match[1] == _key(identity) and match[2] == _digest(plain[match.end() :])


def is_same(text: str, other: str) -> bool:
    """Whether two texts differ in nothing but the ends of their lines."""
    return _plain(text) == _plain(other)


class Counted(NamedTuple):
    """The boxes that count."""

    ticks: Ticks
    ignored: frozenset[Box] = frozenset()  # ticked by people who may not
    doubted: bool = False  # whether earlier texts weren't to be had, so that only the last one counted


def counted(edits: Sequence[Edit], body: str, *, author: str, identity: str, may: Mapping[str, bool]) -> Counted:
    """The boxes of `body` that count, by its edits, the oldest first; `may` says who has write access.

    Each box counts by the edit that last ticked it. Where the texts in between aren't known, all who edited since our
    own last text must have write access, or nothing new counts.
    """
    start = next((at for at in reversed(range(len(edits))) if _is_ours(edits[at], author, identity)), -1)
    ours = edits[start].text if start >= 0 else None
    later, trusted = edits[start + 1 :], dict[Box, str]()
    known = all(one.text is not None for one in later) and is_same(later[-1].text or "" if later else ours or "", body)
    if not known or ours is None:
        return _doubted(body, later, may)
    before = ticked(ours).keys()
    trusted |= ticked(ours)
    for one in later:
        now = ticked(one.text or "").keys()
        if _may(one, may):
            trusted |= dict.fromkeys(now - before, one.editor)
            trusted = {box: by for box, by in trusted.items() if box not in before - now}
        before = now
    return Counted(trusted, frozenset(before - trusted.keys()))


def _doubted(body: str, later: Sequence[Edit], may: Mapping[str, bool]) -> Counted:
    found = ticked(body)
    if later and all(_may(one, may) for one in later):
        return Counted(dict.fromkeys(found, later[-1].editor), doubted=True)
    freeze = dict.fromkeys((box for box in found if box.kind == "freeze"), "")  # what writes nothing does no harm
    return Counted(freeze, frozenset(found.keys() - freeze.keys()), doubted=True)


def editors(edits: Sequence[Edit], *, author: str, identity: str) -> frozenset[str]:
    """The people who changed the text since we last wrote it."""
    start = next((at for at in reversed(range(len(edits))) if _is_ours(edits[at], author, identity)), -1)
    return frozenset(one.editor for one in edits[start + 1 :] if one.is_person)


def _may(edit: Edit, may: Mapping[str, bool]) -> bool:
    return edit.is_person and may.get(edit.editor, False)


def _is_ours(edit: Edit, author: str, identity: str) -> bool:
    return edit.editor == author and (edit.text is None or is_whole(edit.text, identity))


def _kind(text: str) -> Kind:
    return next(one for one in KINDS if one == text)


def _key(identity: str) -> str:
    return hashlib.sha256(identity.encode()).hexdigest()[:12]


def _digest(text: str) -> str:
    return hashlib.sha256(_plain(text).encode("utf-8", "replace")).hexdigest()[:24]


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").rstrip()
