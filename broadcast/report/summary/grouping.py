"""Targets with the same story, told once (pure).

Stories differ in what names each target: its own name, numbers of pull requests, ids of commits. What is the same but
for that is one story.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Sequence
from functools import lru_cache
from typing import NamedTuple, TypeVar

from msgspec import Struct

from broadcast.markdown import MAX_TEXT, code, numbered, text
from broadcast.plan.outcome import Outcome

_Item = TypeVar("_Item")
_Key = TypeVar("_Key", bound=Hashable)

_OWN = "\0"  # stands for the target's own name
_PULL = "its pull request"
_VARIABLE = re.compile(
    rf"((?<![\w./-]){_OWN}(?![\w/-]|\.\w)"
    r"|#\d+(?: \([^()]*\d{4}-\d\d-\d\d\))?"  # a number, with who closed it and when
    r"|\b[0-9a-f]{10}(?:[0-9a-f]{30})?\b)"  # a commit
)
_UNBROKEN = str.maketrans({" ": "\u00a0", "-": "\u2011"})  # a note stays in one line


class Shape(NamedTuple):
    """A text without what names one target."""

    fixed: tuple[str, ...]
    variables: tuple[str, ...]  # between the fixed parts


class OutcomeGroup(Struct, frozen=True):
    """Targets with one story."""

    outcomes: tuple[Outcome, ...]
    reason: str  # plain text
    notes: tuple[str, ...]  # of each outcome: what the story leaves open, plain text

    def names(self, server: str, more: Callable[[Outcome], str] = lambda _: "") -> list[str]:
        """Each target with its pull request at `server` and what is special about it, as Markdown."""
        both = zip(self.outcomes, self.notes, strict=True)
        return [named(one, server, ", ".join(filter(None, (note, more(one))))) for one, note in both]


def named(one: Outcome, server: str, note: str = "") -> str:
    """A target with its pull request, or the one that its reason tells of, and a note, as Markdown."""
    told_of = re.search(r"#(\d+)", one.reason)
    url = f"{server}/{one.target.partition('@')[0]}/pull/{told_of[1]}" if told_of and one.name == "declined" else ""
    name = " ".join(filter(None, (code(one.target), numbered(one.pull_request or url))))
    return f"{name}\u00a0({text(note).translate(_UNBROKEN)})" if note else name


def alike(outcomes: Iterable[Outcome], key: Callable[[Outcome], Hashable]) -> list[OutcomeGroup]:
    """The outcomes with equal keys and, but for what names each, equal reasons; large groups first."""
    found = by(outcomes, lambda one: (key(one), shape(one.reason, one.target).fixed))
    return sorted((_group(those) for those in found.values()), key=lambda group: -len(group.outcomes))


def by(items: Iterable[_Item], key: Callable[[_Item], _Key]) -> dict[_Key, list[_Item]]:
    """The items by their key, in the order in which they came."""
    found: dict[_Key, list[_Item]] = defaultdict(list)
    for item in items:
        found[key(item)].append(item)
    return found


@lru_cache(maxsize=16_384)
def shape(words: str, target: str) -> Shape:
    """`words` of one target, taken apart."""
    own = target.partition("@")[0]
    marked = words[: 2 * MAX_TEXT].replace(_OWN, " ").replace(own, _OWN)
    parts = _VARIABLE.split(marked)
    return Shape(tuple(part.replace(_OWN, own) for part in parts[::2]), tuple(parts[1::2]))


def told(shapes: Sequence[Shape], name: str) -> str:
    """The text that all these shapes of one kind have; `name` where each has its own name."""
    words = [shapes[0].fixed[0]]
    for at, rest in enumerate(shapes[0].fixed[1:]):
        (first, *others) = {one.variables[at] for one in shapes}
        words += [_open(first) if others else name if first == _OWN else first, rest]
    return "".join(words)


def _group(outcomes: Sequence[Outcome]) -> OutcomeGroup:
    shapes = [shape(one.reason, one.target) for one in outcomes]
    own = "the repository" if len(outcomes) > 1 else outcomes[0].target.partition("@")[0]
    differing = [at for at in range(len(shapes[0].variables)) if len({one.variables[at] for one in shapes}) > 1]
    notes = tuple(", ".join(filter(None, (_note(one.variables[at]) for at in differing))) for one in shapes)
    return OutcomeGroup(tuple(outcomes), told(shapes, own), notes)


def _open(variable: str) -> str:
    """For what differs from target to target."""
    return _PULL if variable.startswith("#") else "…"


def _note(variable: str) -> str:
    """What there is to tell of it: of a pull request, who closed it and when."""
    return re.sub(r"^#\d+ ?\(?|\)$", "", variable) if variable.startswith("#") else ""
