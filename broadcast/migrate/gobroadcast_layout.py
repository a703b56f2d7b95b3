"""Write groups of go-broadcast's config as ours: lists where a target takes all of one, shared entries once (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from broadcast.config.format import WrittenConfig, WrittenDirectoryList, WrittenFileList, WrittenTarget
from broadcast.config.format_entries import WrittenMapping
from broadcast.migrate.gobroadcast_entries import Step

Made = Mapping[int, dict[str, Any]]  # the identity of an entry there → ours
_SENDING = ("file_list_refs", "directory_list_refs", "files", "directories", "remove")


class MigratedGroup(NamedTuple):
    """A group: what it says of itself, and its targets."""

    said: dict[str, Any]
    targets: list[dict[str, Any]]


class MigratedLists:
    """The lists of a config; a target names those that it takes as they are."""

    def __init__(self, written: WrittenConfig, made: Made) -> None:
        self._lists: dict[str, dict[str, WrittenFileList | WrittenDirectoryList]] = {
            "file_list_refs": {str(one.id): one for one in written.file_lists},
            "directory_list_refs": {str(one.id): one for one in written.directory_lists},
        }
        self._made, self._used = made, set[tuple[str, str]]()

    def sharing(self, target: WrittenTarget, known: Made, steps: Sequence[Step]) -> dict[str, Any]:
        """What a target sends: the lists that it takes as they are, and the rest entry by entry."""
        named = {key: [str(ref) for ref in getattr(target, key)] for key in self._lists}
        refs = {key: [ref for ref in named[key] if self._is_whole(key, ref, known)] for key in self._lists}
        self._used |= {(key, ref) for key, found in refs.items() for ref in found}
        taken = {id(one) for key, found in refs.items() for ref in found for one in _entries(self._lists[key][ref])}
        rest = [(one, known[id(one.written)]) for one in steps if id(one.written) in known.keys() - taken]
        found: dict[str, list[Any]] = {
            **refs,
            "files": [_short(made) for one, made in rest if not one.directory and not one.written.delete],
            "directories": [_short(made) for one, made in rest if one.directory and not one.written.delete],
            "remove": [made["dest"] for one, made in rest if one.written.delete],
        }
        return {key: value for key, value in found.items() if value}

    def values(self) -> dict[str, Any]:
        """The lists that are in use."""
        found: dict[str, Any] = {}
        for key, lists in self._lists.items():
            used = [self._values(one) for ref, one in lists.items() if (key, ref) in self._used]
            found |= {key.removesuffix("_refs") + "s": used} if used else {}
        return found

    def _values(self, one: WrittenFileList | WrittenDirectoryList) -> dict[str, Any]:
        of = "files" if isinstance(one, WrittenFileList) else "directories"
        entries = [_short(self._made[id(entry)]) for entry in _entries(one) if id(entry) in self._made]
        said = {key: str(value) for key in ("id", "name", "description") if (value := getattr(one, key))}
        return {**said, of: entries}

    def _is_whole(self, key: str, ref: str, known: Made) -> bool:
        """Whether the target takes each entry as the list has it."""
        kept = [id(one) for one in _entries(self._lists[key][ref]) if id(one) in self._made]
        return bool(kept) and all(known.get(one) == self._made[one] for one in kept)


def config(
    head: dict[str, Any], prefixes: Sequence[str], groups: Iterable[MigratedGroup], lists: MigratedLists
) -> dict[str, Any]:
    """The whole config as plain values."""
    return {**head, "supersedes": list(prefixes), **lists.values(), "groups": [_group(one) for one in groups]}


def drop_dependencies(groups: Sequence[MigratedGroup]) -> None:
    """Take out of `depends_on` what is no group: one of which nothing is left."""
    ids = {one.said.get("id") for one in groups}
    for one in groups:
        if waits := [name for name in one.said.pop("depends_on", []) if name in ids]:
            one.said["depends_on"] = waits


def _group(group: MigratedGroup) -> dict[str, Any]:
    """The group; what all of its targets send is said once."""
    if len(group.targets) == 1:
        return {**group.said, "targets": [_target(one) for one in group.targets]}
    first, *others = group.targets
    shared = {
        key: common
        for key in _SENDING
        if (common := [one for one in first.get(key, []) if all(one in other.get(key, []) for other in others)])
    }
    return {**group.said, **shared, "targets": [_target(_less(one, shared)) for one in group.targets]}


def _less(target: dict[str, Any], shared: Mapping[str, list[Any]]) -> dict[str, Any]:
    own = {key: [one for one in target.get(key, []) if one not in shared.get(key, [])] for key in _SENDING}
    return {key: value for key, value in {**target, **own}.items() if value or key not in _SENDING}


def _target(said: dict[str, Any]) -> Any:
    if not said.keys() - {"repo", "branch"}:
        return "@".join(said.values())
    return said


def _short(entry: dict[str, Any]) -> Any:
    return entry["src"] if entry.keys() == {"src"} else entry


def _entries(one: WrittenFileList | WrittenDirectoryList) -> Sequence[WrittenMapping]:
    return one.files if isinstance(one, WrittenFileList) else one.directories
