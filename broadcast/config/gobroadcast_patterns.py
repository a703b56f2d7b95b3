"""Rewrite go-broadcast's patterns as those of a .gitignore (pure).

Its patterns match at any depth, and a match on a directory is a match on all below; one that begins with a slash is the
whole path. `**` is any text, `?` also stands for a slash, and brackets mean themselves. A directory that a pattern
excludes is not entered. docs/go-broadcast.md has the details.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import product
from typing import NamedTuple

ALWAYS = ("node_modules/**", ".DS_Store", "Thumbs.db", "*.tmp", "*.temp", ".env", ".env.*")
UNSAID = ("*.out", "*.test", "*.exe", "**/.DS_Store", "**/tmp/*", "**/.git")  # where a target's entry has no `exclude`

_MOST = 6  # wildcards of a pattern that are written out in both of their meanings
_TOKEN = re.compile(r"\*+|.", re.DOTALL)
_ANY_DIRECTORY, _NOTHING = "*/", "!*"
_SPECIAL = re.compile(r"[\\\[\]]")


class _Pattern(NamedTuple):
    """One pattern, taken apart."""

    negated: bool
    folders_only: bool
    anchored: bool
    open_ended: bool  # whether it ends in `**`
    bodies: tuple[str, ...]  # what it may be, each as a path of a .gitignore

    @property
    def goes_down(self) -> bool:
        """Whether what lies in a matching directory matches, too."""
        return not self.anchored or self.open_ended

    def at(self, body: str) -> str:
        """The body with what says at which depth."""
        if not self.anchored and "/" not in body.removesuffix("/"):
            return f"\\{body}" if body.startswith(("!", "#")) else body
        return self.below(body)

    def below(self, body: str) -> str:
        """The same, where something follows."""
        if self.anchored:
            return f"/{body}"
        return f"**/*/{body.removeprefix('*/**/')}" if body.startswith("*/**/") else f"**/{body}"

    def parts(self) -> Iterator[tuple[str, str]]:
        """The bodies, each with the directory that a last name of stars matches by itself: `x/*` is x, too."""
        for body in self.bodies:
            head, _, last = body.rpartition("/")
            yield body, head.removesuffix("/**") if last and not last.strip("*") else ""


def excludes(patterns: Iterable[str], *, brief: bool = False) -> list[str]:
    """Patterns for our `exclude` that leave out the same files; the defaults of go-broadcast are not among them.

    `brief` ones may not, where files are included again.
    """
    known = [_parsed(pattern) for pattern in patterns if pattern]
    last = max((at for at, one in enumerate(known) if one.negated), default=-1)
    forms = [
        ("!" if one.negated else "") + form
        for at, one in enumerate(known)
        for form in (_short(one) if brief or at > last else _full(one))
    ]
    return _distinct(forms)


def only(include: Sequence[str], exclude: Iterable[str]) -> tuple[list[str], list[str]]:
    """Patterns for our `include_only` and `exclude`: directories that no include matches are not entered."""
    wanted = [_parsed(pattern)._replace(negated=False) for pattern in include if pattern]
    entered = [f"!{form}" for one in wanted for form in _folders(one)]
    left_out = [one for pattern in exclude if pattern and not (one := _parsed(pattern)).negated]
    names = sorted((one for one in wanted if not one.folders_only), key=lambda one: not one.anchored)
    included = [form for one in names for form in _included(one)]
    excluded = [form for one in left_out for form in _short(one)]
    return _distinct(included) or [_NOTHING], _distinct([_ANY_DIRECTORY, *entered, *excluded])


def _parsed(pattern: str) -> _Pattern:
    negated, folders_only = pattern.startswith("!"), pattern.endswith("/")
    text = pattern.removeprefix("!") if negated else pattern
    text = text.removesuffix("/")
    if negated and not text:  # its expression is empty then, and matches before a directory's slash
        return _Pattern(negated, folders_only=True, anchored=False, open_ended=False, bodies=("*",))
    anchored = pattern.startswith("/")
    tokens = _TOKEN.findall(text.removeprefix("/") if anchored else text)
    wild = [at for at, token in enumerate(tokens) if _is_ambiguous(tokens, at)][:_MOST]
    bodies = []
    for choices in product((False, True), repeat=len(wild)):
        chosen = dict(zip(wild, choices, strict=True))
        bodies.append("".join(_written(tokens, at, spans=chosen.get(at, False)) for at in range(len(tokens))))
    legal = tuple(dict.fromkeys(body for body in bodies if all(body.removesuffix("/").split("/"))))
    return _Pattern(negated, folders_only, anchored, text.endswith("**"), legal)


def _is_ambiguous(tokens: Sequence[str], at: int) -> bool:
    """Whether it needs two patterns: a `?`, or `**` between two texts or before a last slash."""
    if len(tokens[at]) == 1:
        return tokens[at] == "?"
    ends = _at_edge(tokens, at, 1) and at != len(tokens) - 2
    return tokens[at][0] == "*" and not _at_edge(tokens, at, -1) and not ends


def _at_edge(tokens: Sequence[str], at: int, step: int) -> bool:
    beside = at + step
    return not 0 <= beside < len(tokens) or tokens[beside] == "/"


def _written(tokens: Sequence[str], at: int, *, spans: bool) -> str:
    """A token as text of a .gitignore; `spans`: where it takes in a slash."""
    piece = tokens[at]
    if piece == "?":
        return "/" if spans else "?"
    if len(piece) == 1 or at == len(tokens) - 1:
        return "*" if piece[0] == "*" else _SPECIAL.sub(r"\\\g<0>", piece)
    begins, ends = _at_edge(tokens, at, -1), _at_edge(tokens, at, 1)
    if begins:
        return "*/**" if ends else "**/*"
    if at == len(tokens) - 2 and ends:
        return "*/**" if spans else "*"
    return "*/**" if ends else "*/**/*" if spans else "*"


def _short(one: _Pattern) -> Iterator[str]:
    """What it excludes, where nothing is included again."""
    for body, head in one.parts():
        yield f"{one.at(head)}/" if head else _closed(one.at(body), folder=one.folders_only)


def _full(one: _Pattern) -> Iterator[str]:
    """What it matches, file by file and directory by directory."""
    if one.folders_only:
        yield from _folders(one)
        return
    for body, head in one.parts():
        if head:
            yield f"{one.at(head)}/"
            yield f"{one.below(head)}/**" if one.goes_down else one.at(body)
            continue
        yield _closed(one.at(body), folder=False)
        if one.goes_down and not body.endswith("/"):
            yield f"{one.below(body)}/**"


def _folders(one: _Pattern) -> Iterator[str]:
    """The directories that it matches."""
    for body, head in one.parts():
        yield _closed(one.at(head or body), folder=True)
        if head and not one.goes_down:
            yield f"{one.at(body)}/"
        elif one.goes_down and not body.endswith("/"):
            yield f"{one.below(head or body)}/**/"


def _included(one: _Pattern) -> Iterator[str]:
    for body in (body for body in one.bodies if not body.endswith("/")):
        yield _closed(one.at(body), folder=False)
        if not one.goes_down and "**" not in body:
            yield f"!{one.below(body)}/**"


def _closed(form: str, *, folder: bool) -> str:
    plain = form.rstrip(" ")
    return form.removesuffix("/") + "/" if folder else plain + "\\ " * (len(form) - len(plain))


def _distinct(forms: Iterable[str]) -> list[str]:
    """Each pattern once, at its last place: the last that matches decides."""
    return list(dict.fromkeys(reversed(list(forms))))[::-1]
