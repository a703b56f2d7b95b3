"""Select repositories by owner, name, topic, custom property, team and further facts (pure)."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from functools import cache
from typing import NamedTuple

from msgspec import Struct

from broadcast.config.format import WrittenTarget
from broadcast.config.format_entries import Names
from broadcast.config.properties import Held, has_properties, wanted_properties
from broadcast.config.spans import seconds_of
from broadcast.config.yaml_reader import Place, Reader, Text, did_you_mean
from broadcast.git.globs import fits

VISIBILITIES = ("public", "private", "internal")

_PATTERN = re.compile(r"[*?\[]")
_REGEX = re.compile(r"/(.*)/", re.DOTALL)
MAX_PATH = 4_096  # characters
MAX_REGEX = 200  # characters
_SLUG = re.compile(r"[\w.-]+")
_OWNER = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,38})")


class SelectedRepository(Struct, frozen=True):
    """A repository, with the properties that selectors test."""

    owner: str
    name: str
    id: str
    archived: bool
    fork: bool
    visibility: str  # in lower case
    language: str
    topics: frozenset[str]
    properties: Mapping[str, Held] | None = None  # None: not known, as in the next line
    teams: frozenset[str] | None = None  # of those that selectors name, in lower case
    template: bool = False
    idle: float = 0.0  # seconds since the last push

    @property
    def full_name(self) -> str:
        """owner/name."""
        return f"{self.owner}/{self.name}"


class FileFilter(NamedTuple):
    """Paths that decide on a repository, once its base branch is looked at."""

    has: tuple[str, ...] = ()  # all of them
    lacks: tuple[str, ...] = ()  # each of them

    def __str__(self) -> str:
        said = [f"has {' and '.join(self.has)}" if self.has else "", *(f"lacks {one}" for one in self.lacks)]
        return ", ".join(filter(None, said))

    @property
    def paths(self) -> tuple[str, ...]:
        """All of them."""
        return (*self.has, *self.lacks)

    def takes(self, present: Collection[str]) -> bool:
        """Whether a branch that has these of the paths fits."""
        return all(path in present for path in self.has) and not any(path in present for path in self.lacks)


class Selector(Struct, frozen=True):
    """The properties of repositories to select."""

    owners: tuple[str, ...]
    name: str  # a pattern
    topics: tuple[str, ...] = ()
    visibilities: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()  # patterns of owner/name, or of the name alone
    archived: bool = False
    forks: bool = False
    called: str = ""  # another pattern, or /regular expression/
    properties: tuple[tuple[str, tuple[str, ...]], ...] = ()
    teams: tuple[str, ...] = ()
    template: bool | None = None
    pushed_within: float | None = None  # seconds
    span: str = ""  # the same as it is written
    files: FileFilter = FileFilter()

    def __str__(self) -> str:
        said = [
            f"named {self.called}" if self.called else "",
            f"topic {' or '.join(self.topics)}" if self.topics else "",
            *(f"{name} {' or '.join(values)}" for name, values in self.properties),
            f"team {' or '.join(self.teams)}" if self.teams else "",
            " or ".join(self.visibilities),
            f"language {' or '.join(self.languages)}" if self.languages else "",
            "" if self.template is None else "templates" if self.template else "no templates",
            f"pushed within {self.span}" if self.span else "",
            str(self.files),
            f"but not {', '.join(self.exclude)}" if self.exclude else "",
        ]
        return ", ".join(filter(None, [" ".join(f"{owner}/{self.name}" for owner in self.owners), *said]))

    @property
    def label(self) -> str:
        """The name of the selector in reports: its owners and the pattern, `acme,acme-labs/svc-*`."""
        return f"{','.join(self.owners)}/{self.name}"

    @property
    def looks_further(self) -> bool:
        """Whether it tests what not every answer about a repository has."""
        return bool(self.properties or self.teams or self.files.paths)

    def may_mean(self, owner: str, name: str) -> bool:
        """Whether a repository may match, judged by its name alone."""
        is_owned = any(one.lower() == owner.lower() for one in self.owners)
        return is_owned and matches(name, self.name) and _is_called(name, self.called)

    def means(self, found: SelectedRepository) -> bool:
        """Whether `found` matches; what isn't known of it counts as fitting."""
        return (
            self.may_mean(found.owner, found.name)
            and (self.archived or not found.archived)
            and (self.forks or not found.fork)
            and (not self.topics or any(topic.lower() in found.topics for topic in self.topics))
            and (not self.visibilities or found.visibility in self.visibilities)
            and (not self.languages or found.language.lower() in {language.lower() for language in self.languages})
            and (self.template is None or self.template == found.template)
            and (self.pushed_within is None or found.idle <= self.pushed_within)
            and (found.properties is None or has_properties(dict(self.properties), found.properties))
            and (not self.teams or found.teams is None or not found.teams.isdisjoint(map(str.lower, self.teams)))
            and not any(matches(found.full_name if "/" in one else found.name, one) for one in self.exclude)
        )


@cache
def _regex(text: str) -> re.Pattern[str] | None:
    """The expression between slashes; None where there are none. Raises ValueError."""
    match = _REGEX.fullmatch(text)
    if match is None:
        return None
    if len(match[1]) > MAX_REGEX:
        raise ValueError(f"it is longer than {MAX_REGEX} characters")
    try:
        return re.compile(match[1], re.IGNORECASE)
    except (re.error, RecursionError, OverflowError) as error:
        raise ValueError(str(error)) from error


def _is_called(name: str, wanted: str) -> bool:
    regex = _regex(wanted)
    return bool(regex.search(name)) if regex else not wanted or matches(name, wanted)


def matches(text: str, pattern: str) -> bool:
    """Whether a name at GitHub matches a pattern, in any letter case."""
    return fits(text.lower(), pattern.lower())


def is_pattern(text: str) -> bool:
    """Whether a name contains a wildcard."""
    return _PATTERN.search(text) is not None


def is_selector(target: WrittenTarget) -> bool:
    """Whether a target is a selector, not one named repository."""
    return bool(several(target.owner)) or is_pattern(target.repo)


def selector(reader: Reader, target: WrittenTarget, excluded: Sequence[str]) -> Selector | None:
    """The selector of a target; None if it names one repository. Reports problems to the reader."""
    owners = several(target.owner)
    if not is_selector(target):
        _refuse_filters(reader, target)
        return None
    owner, slash, name = target.repo.partition("/")
    if target.repo and owners:
        reader.problem(target.place, "both `repo` and `owner` are set", "keep one; `repo: owner/svc-*` selects too")
    for one in () if target.repo and owners else owners or (owner,):
        if not _OWNER.fullmatch(one) or (target.repo and not slash):
            reader.problem(
                _place(one, target), f"{one!r} names no owner", "write an account's login; only names take wildcards"
            )
    visibilities = tuple(several(target.visibility))
    for one in visibilities:
        if one not in VISIBILITIES:
            reader.problem(_place(one, target), f"'visibility' can't be {one!r}", did_you_mean(one, list(VISIBILITIES)))
    return Selector(
        owners=tuple(owners or (owner,)),
        name=name or "*",
        topics=tuple(several(target.topic)),
        visibilities=visibilities,
        languages=tuple(several(target.language)),
        exclude=(*target.exclude, *excluded),
        archived=target.archived,
        forks=target.forks,
        called=_called(reader, target),
        properties=tuple(wanted_properties(reader, target.property).items()),
        teams=_teams(reader, target),
        template=target.template,
        pushed_within=_pushed_within(reader, target),
        span=target.pushed_within,
        files=FileFilter(_paths(reader, target, "has_file"), _paths(reader, target, "lacks_file")),
    )


def _paths(reader: Reader, target: WrittenTarget, key: str) -> tuple[str, ...]:
    paths = several(getattr(target, key))
    for one in paths:
        if not one.strip("/") or {"", ".", ".."} & set(one.split("/")) or len(one) > MAX_PATH or is_pattern(one):
            message, remedy = (
                f"{key}: {one[:80]!r} is no path of a file",
                "write a path such as src/setup.py, no pattern",
            )
            reader.problem(_place(one, target), message, remedy)
    return tuple(dict.fromkeys(paths))


def _called(reader: Reader, target: WrittenTarget) -> str:
    try:
        _regex(target.name)
    except ValueError as error:
        remedy = "write a pattern such as svc-*, or a regular expression such as /^svc-/"
        reader.problem(_place(target.name, target), f"name: this is no regular expression: {error}", remedy)
        return ""
    if target.name.startswith("/") and not _REGEX.fullmatch(target.name):
        reader.problem(_place(target.name, target), "name: the second slash is missing", "write it like /^svc-/")
        return ""
    return target.name


def _teams(reader: Reader, target: WrittenTarget) -> tuple[str, ...]:
    teams = several(target.team)
    for one in teams:
        if not _SLUG.fullmatch(one):
            message = f"team: {one!r} is no slug of a team"
            reader.problem(_place(one, target), message, "write the team's slug, without its organization")
    return tuple(teams)


def _pushed_within(reader: Reader, target: WrittenTarget) -> float | None:
    found = seconds_of(target.pushed_within)
    if target.pushed_within and found is None:
        message = f"pushed_within: {target.pushed_within!r} is no span of time"
        reader.problem(_place(target.pushed_within, target), message, "write it like 90d, 2w or 36h")
    return found


def _place(text: str, target: WrittenTarget) -> Place:
    return text.place if isinstance(text, Text) else target.place


def several(names: Names) -> list[str]:
    """A list; a single text becomes a list of one."""
    return [names] if isinstance(names, str) else names


_FILTERS = (
    "has_file",
    "lacks_file",
    "name",
    "topic",
    "property",
    "team",
    "visibility",
    "language",
    "pushed_within",
    "exclude",
    "archived",
    "forks",
)


def _refuse_filters(reader: Reader, target: WrittenTarget) -> None:
    given = [key for key in _FILTERS if getattr(target, key)] + (["template"] if target.template is not None else [])
    for key in given:
        if target.repo:  # without one, that is what it lacks
            message = f"`{key}` chooses among an owner's repositories, and {target.repo} is one"
            reader.problem(target.place, message, "write `owner:` instead of `repo:`")
