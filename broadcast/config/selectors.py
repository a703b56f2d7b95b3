"""Select repositories by owner, name, topic, visibility and language (pure)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from msgspec import Struct

from broadcast.config.format import WrittenTarget
from broadcast.config.format_entries import Names
from broadcast.config.yaml_reader import Reader, Text, did_you_mean
from broadcast.git.globs import fits

VISIBILITIES = ("public", "private", "internal")

_PATTERN = re.compile(r"[*?\[]")
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


class Selector(Struct, frozen=True):
    """The properties of repositories to select."""

    owners: tuple[str, ...]
    name: str  # a pattern
    topics: tuple[str, ...]
    visibilities: tuple[str, ...]
    languages: tuple[str, ...]
    exclude: tuple[str, ...]  # patterns of owner/name, or of the name alone
    archived: bool
    forks: bool

    def __str__(self) -> str:
        said = [
            f"topic {' or '.join(self.topics)}" if self.topics else "",
            " or ".join(self.visibilities),
            f"language {' or '.join(self.languages)}" if self.languages else "",
            f"but not {', '.join(self.exclude)}" if self.exclude else "",
        ]
        return ", ".join(filter(None, [" ".join(f"{owner}/{self.name}" for owner in self.owners), *said]))

    @property
    def label(self) -> str:
        """The name of the selector in reports: its owners and the pattern, `acme,acme-labs/svc-*`."""
        return f"{','.join(self.owners)}/{self.name}"

    def may_mean(self, owner: str, name: str) -> bool:
        """Whether a repository may match, judged by its name alone."""
        return any(one.lower() == owner.lower() for one in self.owners) and matches(name, self.name)

    def means(self, found: SelectedRepository) -> bool:
        """Whether `found` matches."""
        full_name = f"{found.owner}/{found.name}"
        return (
            self.may_mean(found.owner, found.name)
            and (self.archived or not found.archived)
            and (self.forks or not found.fork)
            and (not self.topics or any(topic.lower() in found.topics for topic in self.topics))
            and (not self.visibilities or found.visibility in self.visibilities)
            and (not self.languages or found.language.lower() in {language.lower() for language in self.languages})
            and not any(matches(full_name if "/" in one else found.name, one) for one in self.exclude)
        )


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
            place = one.place if isinstance(one, Text) else target.place
            reader.problem(place, f"{one!r} names no owner", "write an account's login; only names take wildcards")
    visibilities = tuple(several(target.visibility))
    for one in visibilities:
        if one not in VISIBILITIES:
            place = one.place if isinstance(one, Text) else target.place
            reader.problem(place, f"'visibility' can't be {one!r}", did_you_mean(one, list(VISIBILITIES)))
    return Selector(
        owners=tuple(owners or (owner,)),
        name=name or "*",
        topics=tuple(several(target.topic)),
        visibilities=visibilities,
        languages=tuple(several(target.language)),
        exclude=(*target.exclude, *excluded),
        archived=target.archived,
        forks=target.forks,
    )


def several(names: Names) -> list[str]:
    """A list; a single text becomes a list of one."""
    return [names] if isinstance(names, str) else names


def _refuse_filters(reader: Reader, target: WrittenTarget) -> None:
    for key in ("topic", "visibility", "language", "exclude", "archived", "forks"):
        if getattr(target, key) and target.repo:  # without one, that is what it lacks
            message = f"`{key}` chooses among an owner's repositories, and {target.repo} is one"
            reader.problem(target.place, message, "write `owner:` instead of `repo:`")
