"""The config as values, for the rest of the program (pure)."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from broadcast.config.format import OnDecline
from broadcast.config.freezes import Freeze
from broadcast.config.mappings import Mapping, Removal, Transform
from broadcast.config.performance import Performance
from broadcast.config.rollout import Rollout
from broadcast.config.selectors import Selector
from broadcast.config.settings import Said
from broadcast.config.values import Value
from broadcast.config.yaml_reader import Place
from broadcast.errors import Problem, excerpt

DEFAULT_PATH = ".github/broadcast.yml"


class Group(Struct, frozen=True):
    """A group: name, id, dependencies and branch."""

    number: int  # in the order of the file
    name: str
    id: str
    depends_on: tuple[str, ...]
    branch: str  # of the source; "" sends from any


class TargetSpec(Struct, frozen=True):
    """A target or a selector in one group."""

    owner: str
    name: str
    base: str | None
    selector: Selector | None  # finds owners and names
    mappings: tuple[Mapping, ...]
    removals: tuple[Removal, ...]
    said: Said
    vars: tuple[tuple[str, Value], ...]  # what the top says of them is the config's
    transform: Transform
    emails: tuple[tuple[str, str], ...]  # the source's address → the target's
    group: Group
    place: Place
    enabled: bool = True  # False: nothing is sent, and what is open is left alone
    adds: bool = False  # sends nothing by itself, and says more about a repository that another one means

    def concerns(self, owner: str, name: str, base: str | None) -> bool:
        """Whether it adds to the target of another one."""
        is_same = (self.owner.lower(), self.name.lower()) == (owner.lower(), name.lower())
        return self.adds and is_same and self.base in (None, base)

    def may_mean(self, owner: str, name: str) -> bool:
        """Whether it sends to a repository, as far as that is known before GitHub is asked."""
        if self.selector:
            return self.selector.may_mean(owner, name)
        return not self.adds and (self.owner.lower(), self.name.lower()) == (owner.lower(), name.lower())

    @property
    def owners(self) -> tuple[str, ...]:
        """The owners of its repositories."""
        return self.selector.owners if self.selector else (self.owner,)


class Config(Struct, frozen=True):
    """A valid config, as far as the file alone shows."""

    file: str
    id: str
    targets: tuple[TargetSpec, ...]
    max_targets: int | None
    max_deletions: int
    max_total_deletions: int
    max_pull_requests: int | None  # new ones, in one run
    max_open_pull_requests: int | None
    ignored_authors: frozenset[str]
    supersedes: tuple[str, ...]  # branch prefixes of an older tool
    on_decline: OnDecline
    vars: tuple[tuple[str, Value], ...]  # of the top level
    sources: tuple[Mapping, ...]  # every mapping once, for checks against the checkout
    warnings: tuple[str, ...]
    freezes: tuple[Freeze, ...] = ()
    rollout: Rollout | None = None  # None: every target at once
    enabled: bool = True
    lines: tuple[str, ...] = ()  # of the file, for excerpts
    performance: Performance = Performance()
    read_as: str = ""  # the other tool whose config it is; empty: Broadcast's own

    @property
    def branches(self) -> frozenset[str]:
        """The source branches that the config names."""
        return frozenset(spec.group.branch for spec in self.targets if spec.group.branch)


def sources_of(specs: Iterable[TargetSpec]) -> tuple[Mapping, ...]:
    """The mappings of enabled targets, without duplicates."""
    return tuple(dict.fromkeys(mapping for spec in specs if spec.enabled for mapping in spec.mappings))


def problem_at(config: Config, place: Place, message: str, remedy: str) -> Problem:
    """A problem at a place of the config."""
    line = config.lines[place.line - 1] if 0 < place.line <= len(config.lines) else ""
    return Problem(
        file=config.file,
        line=place.line,
        column=place.column,
        message=message,
        remedy=remedy,
        excerpt=excerpt(line, place.column),
    )
