"""Read go-broadcast's sync.yaml: recognise it, and say in our terms what it says in its own (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

import yaml
from msgspec.structs import replace

from broadcast.config import gobroadcast_patterns as patterns
from broadcast.config.format import WrittenConfig, WrittenTarget
from broadcast.config.format_entries import WrittenMapping
from broadcast.config.gobroadcast_older import member
from broadcast.config.yaml_reader import Place, Reader, Text, node_place

TOOL = "mrz1836/go-broadcast"

_ILLEGAL = re.compile(r"[^A-Za-z0-9._/-]+")

_PEOPLE = ("pr_labels", "pr_assignees", "pr_reviewers", "pr_team_reviewers")
_TRANSFORM = {"repo_name": None, "variables": None}
_FILE = {"src": None, "dest": None, "delete": None}
_DIRECTORY = {
    **_FILE, "exclude": None, "include_only": None, "transform": _TRANSFORM, "preserve_structure": None,
    "include_hidden": None, "module": None,
}  # fmt: skip
_LIST = {"id": None, "name": None, "description": None}
_TARGET = {
    "repo": None, "branch": None, "blob_size_limit": None, "files": _FILE, "directories": _DIRECTORY,
    "file_list_refs": None, "directory_list_refs": None, "transform": _TRANSFORM, "security_email": None,
    "support_email": None, **dict.fromkeys(_PEOPLE),
}  # fmt: skip
_SOURCE = dict.fromkeys(("repo", "branch", "blob_size_limit", "security_email", "support_email"))
_GROUP = {
    **_LIST, "priority": None, "depends_on": None, "enabled": None, "source": _SOURCE,
    "global": dict.fromkeys(_PEOPLE), "defaults": dict.fromkeys(("branch_prefix", *_PEOPLE)), "targets": _TARGET,
}  # fmt: skip
_ROOT: Mapping[str, Any] = {
    "version": None, "name": None, "id": None, "groups": _GROUP, "file_lists": {**_LIST, "files": _FILE},
    "directory_lists": {**_LIST, "directories": _DIRECTORY}, "settings_presets": None, "rate_limit_preflight": None,
    "performance": None,
}  # fmt: skip


def is_its_config(root: yaml.Node | None) -> bool:
    """Whether a document is go-broadcast's: all keys are its own, and each group names its source."""
    groups = _groups(root)
    return bool(groups) and all(map(_names_source, groups)) and _has_only(root, _ROOT, set())


def not_a_group(root: yaml.Node | None) -> tuple[yaml.Node, str] | None:
    """The first item of `groups` that is none, and why, where others name their source."""
    groups = _groups(root)
    if not any(map(_names_source, groups)):
        return None
    for one in groups:
        if not isinstance(one, yaml.MappingNode):
            return one, "is no mapping"
        lacks = [key for key in ("name", "source") if not member(one, key)]
        if "name" in lacks or (lacks and _has_only(root, _ROOT, set())):
            return one, f"has no `{'` and no `'.join(lacks)}`"
    return None


def _groups(root: yaml.Node | None) -> list[yaml.Node]:
    found = member(root, "groups")
    return found.value if isinstance(found, yaml.SequenceNode) else []


def _names_source(group: yaml.Node) -> bool:
    repo = member(member(group, "source"), "repo")
    return repo is not None and bool(repo.value)


def drop_empty(root: yaml.Node | None) -> None:
    """Take keys without a value out of the document: they say nothing there."""
    left, seen = [root] if root else [], set[int]()
    while left:
        node = left.pop()
        if id(node) in seen:
            continue
        seen.add(id(node))
        if isinstance(node, yaml.MappingNode):
            node.value[:] = [pair for pair in node.value if not pair[1].tag.endswith(":null")]
            left += [value for _, value in node.value]
        elif isinstance(node, yaml.SequenceNode):
            left += node.value


def legal_id(text: str) -> str:
    """An id that can name a branch; there it is any text."""
    legal = _ILLEGAL.sub("-", text)[:100].strip("-._/")
    return Text.at(legal, text.place) if isinstance(text, Text) else legal


def in_our_terms(reader: Reader, written: WrittenConfig) -> WrittenConfig:
    """The config as ours: lists where they are named, deletions without a source, and its patterns as ours.

    The files and directories of a target are in its order; a later one takes what an earlier one sends.
    """
    lists = _Lists(
        {one.id: one.files for one in written.file_lists},
        {one.id: one.directories for one in written.directory_lists},
        frozenset(emptied(reader.root)),
    )
    return replace(
        written,
        id=legal_id(written.id),
        file_lists=[replace(one, files=[_file(entry) for entry in one.files]) for one in written.file_lists],
        directory_lists=[
            replace(one, directories=[_directory(entry, own=False) for entry in one.directories])
            for one in written.directory_lists
        ],
        groups=[replace(group, targets=[lists.target(one) for one in group.targets]) for group in written.groups],
    )


class _Lists(NamedTuple):
    """The lists of a config by their ids, and the places of entries with an empty `exclude`."""

    files: Mapping[str, Sequence[WrittenMapping]]
    directories: Mapping[str, Sequence[WrittenMapping]]
    emptied: frozenset[Place]

    def target(self, target: WrittenTarget) -> WrittenTarget:
        """A target with what its lists send; a later entry replaces the earlier one with its `dest`."""
        changes_texts = bool(target.transform.repo_name or target.transform.variables)
        files = resolved(target.file_list_refs, self.files, target.files)
        directories = resolved(target.directory_list_refs, self.directories, target.directories)
        own = {id(one) for one in target.directories if one.place not in self.emptied}
        return replace(
            target,
            files=target.files if files is None else [_file(one) for one in files],
            file_list_refs=[] if files is not None else target.file_list_refs,
            directories=[
                _directory(one, own=id(one) in own, alone=changes_texts)
                for one in (target.directories if directories is None else directories)
            ],
            directory_list_refs=[] if directories is not None else target.directory_list_refs,
            security_email=target.security_email if changes_texts else "",
            support_email=target.support_email if changes_texts else "",
        )


def resolved(
    refs: Sequence[str], lists: Mapping[str, Sequence[WrittenMapping]], own: Sequence[WrittenMapping]
) -> Sequence[WrittenMapping] | None:
    """What a target sends by its lists and by itself; None where there is no such list."""
    if not refs:
        return own
    if any(ref not in lists for ref in refs):
        return None
    known = {entry.dest: entry for entry in (*(entry for ref in refs for entry in lists[ref]), *own)}
    return [entry for _, entry in sorted(known.items(), key=lambda item: item[0].encode("utf-8", "surrogatepass"))]


def excluding(entry: WrittenMapping, *, own: bool) -> list[str]:
    """The patterns by which a directory's files are left out, in go-broadcast's terms."""
    return [*patterns.ALWAYS, *(entry.exclude or (patterns.UNSAID if own else ()))]


def _file(entry: WrittenMapping) -> WrittenMapping:
    if entry.delete:
        return _deletion(entry)
    if entry.src.startswith("/") or entry.dest.startswith("/"):
        return entry  # it refuses them, too
    return replace(entry, src=_without(entry.src, "/"), dest=_without(entry.dest, "/"))


def _directory(entry: WrittenMapping, *, own: bool, alone: bool = False) -> WrittenMapping:
    """An entry of `directories`.

    `own`: a target has it, not a list; then `exclude` has a default. `alone`: its `transform` is all that changes it.
    """
    if entry.delete:
        return _deletion(entry)
    exclude = excluding(entry, own=own)
    filters = patterns.only(entry.include_only, exclude) if entry.include_only else ([], patterns.excludes(exclude))
    return replace(
        entry,
        src=_without(entry.src, "/"),
        dest=_without(entry.dest, "/"),
        include_only=filters[0],
        exclude=filters[1],
        default_excludes=False,
        transform=replace(entry.transform, inherit=False) if alone else entry.transform,
    )


def _deletion(entry: WrittenMapping) -> WrittenMapping:
    """An entry that deletes; its `src` names nothing."""
    return replace(entry, src="") if entry.dest else entry


def _without(path: str, end: str) -> str:
    """The path without what it ends in, at its place."""
    plain = path.strip(end)
    return Text.at(plain, path.place) if isinstance(path, Text) and plain and plain != path else path


def _has_only(node: yaml.Node | None, keys: Mapping[str, Any], seen: set[tuple[int, int]]) -> bool:
    """Whether a mapping, or each one of a list, has no other keys; and so on below. Aliases are looked at once."""
    if node is None or (id(node), id(keys)) in seen:
        return node is not None
    seen.add((id(node), id(keys)))
    if isinstance(node, yaml.SequenceNode):
        return all(_has_only(item, keys, seen) for item in node.value)
    if not isinstance(node, yaml.MappingNode):
        return node.tag.endswith(":null")
    return all(
        (name.value in keys and (keys[name.value] is None or _has_only(value, keys[name.value], seen)))
        or (name.value == "<<" and _has_only(value, keys, seen))
        for name, value in node.value
        if isinstance(name, yaml.ScalarNode)
    )


def emptied(root: yaml.Node | None) -> Iterable[Place]:
    """The places of targets' directories that say `exclude: []`, which go-broadcast takes for no default either."""
    for directory in _below(_below(_below([root], "groups"), "targets"), "directories"):
        exclude = member(directory, "exclude")
        if isinstance(exclude, yaml.SequenceNode) and not exclude.value:
            yield node_place(directory)


def _below(nodes: Iterable[yaml.Node | None], key: str) -> Iterable[yaml.Node]:
    found = (member(node, key) for node in nodes)
    known = {id(item): item for one in found if isinstance(one, yaml.SequenceNode) for item in one.value}
    return known.values()
