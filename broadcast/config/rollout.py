"""The waves of a rollout, which targets each has, and when the next one may begin (pure)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

from msgspec import Struct

from broadcast.config.format_rollout import Send, When, WrittenAdvance, WrittenWave
from broadcast.config.mappings import place_of
from broadcast.config.properties import Held, has_properties, wanted_properties
from broadcast.config.selectors import matches
from broadcast.config.yaml_reader import Place, Reader
from broadcast.errors import UsageError

if TYPE_CHECKING:
    from broadcast.config.targets import Target

REST = "everyone else"  # the wave of targets that no wave names

_CHOICES = ("targets", "groups", "percent")
_FACTS = ("repo", "topic", "property")
_SPAN = re.compile(r"(?:(\d{1,3})d)?\s*(?:(\d{1,4})h)?\s*(?:(\d{1,5})m)?")
_SHARE = re.compile(r"(\d{1,3})\s*%?")


class Advance(Struct, frozen=True):
    """When a wave has passed."""

    when: When = "merged"
    share: int = 100  # percent of its targets
    soak: float = 0.0  # seconds
    max_failed: int = 0
    send: Send = "current"


class Facts(NamedTuple):
    """What GitHub says of a target that decides on its wave."""

    topics: Collection[str] = ()
    properties: Mapping[str, Held] = {}


NOTHING = Facts()


class Member(Struct, frozen=True):
    """A condition for targets of a wave."""

    repo: str  # a pattern
    topics: tuple[str, ...]
    properties: tuple[tuple[str, tuple[str, ...]], ...]  # each with the values of which one will do
    place: Place  # in the config

    @property
    def needs_facts(self) -> bool:
        """Whether GitHub has to be asked."""
        return bool(self.topics or self.properties)

    def names(self, target: Target) -> bool:
        """Whether a target has such a name."""
        return not self.repo or any(matches(name, self.repo) for name in (target.full_name, target.label))

    def takes(self, target: Target, facts: Facts) -> bool:
        """Whether a target meets it."""
        has_topic = not self.topics or any(one.lower() in facts.topics for one in self.topics)
        return self.names(target) and has_topic and has_properties(dict(self.properties), facts.properties)


class Wave(Struct, frozen=True):
    """Targets that get a change at the same time."""

    name: str
    advance: Advance
    members: tuple[Member, ...] = ()
    groups: tuple[str, ...] = ()
    percent: int | None = None

    @property
    def is_rest(self) -> bool:
        """Whether it takes every target that no earlier wave has."""
        return not self.members and not self.groups and self.percent is None

    @property
    def is_chosen(self) -> bool:
        """Whether people chose its targets, so that it should have some."""
        return bool(self.members or self.groups)


class Rollout(Struct, frozen=True):
    """Waves in their order; the last one takes the rest."""

    waves: tuple[Wave, ...]
    salt: str  # so that the same repositories aren't the first everywhere

    @property
    def needs_topics(self) -> bool:
        """Whether the topics of targets decide on their wave."""
        return any(member.topics for wave in self.waves for member in wave.members)

    @property
    def sends_passed(self) -> bool:
        """Whether a wave may get an older commit of the source than the wave before it."""
        return any(wave.advance.send == "passed" for wave in self.waves)

    @property
    def needs_properties(self) -> bool:
        """Whether the custom properties of targets decide on their wave."""
        return any(member.properties for wave in self.waves for member in wave.members)

    def wave_of(self, target: Target, facts: Facts) -> int:
        """The number of a target's wave, from 0."""
        point = _point(self.salt, target.full_name)
        fits = (at for at, wave in enumerate(self.waves) if _takes(wave, target, facts, point))
        return next(fits, len(self.waves) - 1)

    def may_be_early(self, target: Target) -> bool:
        """Whether a target may be in another wave than the last one, before GitHub is asked."""
        if any(member.needs_facts for wave in self.waves[:-1] for member in wave.members):
            return True
        return self.wave_of(target, NOTHING) < len(self.waves) - 1


def check_names(rollout: Rollout | None, key: str, names: Iterable[str]) -> None:
    """Raise UsageError for a name that no wave has; `key` is the input that gives them."""
    known = [wave.name for wave in rollout.waves] if rollout else []
    for name in names:
        if name not in known:
            have = f"the config has: {', '.join(known)}" if known else "the config has no `rollout`"
            raise UsageError(f"{key}: there is no wave {name!r}", have)


def strays(rollout: Rollout, targets: Sequence[Target]) -> Iterable[tuple[Place, str]]:
    """The members that no target of the config meets by its name: their places and patterns."""
    for member in (member for wave in rollout.waves for member in wave.members):
        if member.repo and not any(member.names(target) for target in targets):
            yield member.place, member.repo


def _takes(wave: Wave, target: Target, facts: Facts, point: float) -> bool:
    if wave.is_rest or (wave.percent is not None and point < wave.percent):
        return True
    return not set(wave.groups).isdisjoint(target.groups) or any(member.takes(target, facts) for member in wave.members)


def _point(salt: str, name: str) -> float:
    """Where a repository lies between 0 and 100, whichever others there are."""
    mark = sha256(f"{salt}\0{name.lower()}".encode()).digest()[:8]
    return int.from_bytes(mark, "big") * 100 / 2**64


def rollout_of(
    reader: Reader, waves: Sequence[WrittenWave], advance: WrittenAdvance, groups: Mapping[str, str], salt: str
) -> Rollout | None:
    """The rollout in the config, or None; reports mistakes to the reader.

    `groups` are the ids and names of groups → how their targets call them.
    """
    if not waves:
        if advance != WrittenAdvance(place=advance.place):
            reader.problem(advance.place, "advance: there are no waves", "add `rollout:`, a list of waves")
        return None
    _check_names(reader, waves, groups)
    top = _advance(reader, advance, Advance())
    found = [_wave(reader, one, top, groups) for one in waves]
    if not found[-1].is_rest:
        found.append(Wave(REST, top))
    return Rollout(tuple(found), salt)


def _check_names(reader: Reader, waves: Sequence[WrittenWave], groups: Collection[str]) -> None:
    known = set[str]()
    for at, one in enumerate(waves):
        place = place_of(one.name, one.place)
        if not one.name.strip() or "," in one.name:
            reader.problem(place, f"rollout: {one.name!r} can't name a wave", "give it a name without commas")
        if one.name in known:
            reader.problem(place, f"rollout: two waves are called {one.name!r}", "give each wave its own name")
        known.add(one.name)
        for group in one.groups:
            if group not in groups:
                remedy = f"the config has: {', '.join(sorted(groups)) or 'none'}"
                reader.problem(place_of(group, one.place), f"rollout: there is no group {group!r}", remedy)
        takes_all = not (one.targets or one.groups or one.percent or reader.tried(one.place, *_CHOICES))
        if takes_all and at < len(waves) - 1:
            message = f"rollout: {one.name!r} takes every target, so that nothing is left for the waves after it"
            reader.problem(place, message, "give it `targets`, `groups` or `percent`, or make it the last wave")


def _wave(reader: Reader, one: WrittenWave, top: Advance, groups: Mapping[str, str]) -> Wave:
    for member in one.targets:
        if not (member.repo or member.topic or member.property or reader.tried(member.place, *_FACTS)):
            remedy = "write `owner/name`, a pattern, a `topic` or a `property`"
            reader.problem(member.place, "rollout: this names no target", remedy)
        elif member.repo and "/" not in member.repo:
            place = place_of(member.repo, member.place)
            reader.problem(place, f"rollout: {member.repo!r} names no repository", "write owner/name or owner/canary-*")
    members = tuple(
        Member(
            member.repo,
            _several(member.topic),
            tuple(wanted_properties(reader, member.property).items()),
            member.place,
        )
        for member in one.targets
    )
    own = tuple(groups.get(name, name) for name in one.groups)
    return Wave(one.name, _advance(reader, one.advance, top), members, own, one.percent)


def _several(names: str | Iterable[str]) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else tuple(names)


def _advance(reader: Reader, written: WrittenAdvance, top: Advance) -> Advance:
    """What is written, and for the rest what the top level says."""
    return Advance(
        when=written.when or top.when,
        share=top.share if written.share == "" else _share(reader, written),
        soak=top.soak if written.soak == "" else _soak(reader, written),
        max_failed=top.max_failed if written.max_failed is None else written.max_failed,
        send=written.send or top.send,
    )


def _share(reader: Reader, written: WrittenAdvance) -> int:
    match = _SHARE.fullmatch(str(written.share).strip())
    if match and 1 <= int(match[1]) <= 100:
        return int(match[1])
    place = getattr(written.share, "place", written.place)
    reader.problem(place, f"share: {written.share!r} is no share of targets", "write a percentage such as 80%")
    return 100


def _soak(reader: Reader, written: WrittenAdvance) -> float:
    text = str(written.soak).strip()
    match = _SPAN.fullmatch(text)
    if text == "0" or (match and any(match.groups())):
        days, hours, minutes = (int(group or 0) for group in match.groups()) if match else (0, 0, 0)
        return days * 86_400.0 + hours * 3_600.0 + minutes * 60.0
    place = getattr(written.soak, "place", written.place)
    reader.problem(place, f"soak: {written.soak!r} is no span of time", "write it like 24h, 1d12h or 90m")
    return 0.0
