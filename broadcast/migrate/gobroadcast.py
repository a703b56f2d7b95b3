"""Convert go-broadcast's sync.yaml: the groups of one source, with what they mean there (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import yaml

from broadcast.config.format import (
    WrittenConfig,
    WrittenDirectoryList,
    WrittenFileList,
    WrittenGroup,
    WrittenSettings,
    WrittenTarget,
)
from broadcast.config.format_entries import WrittenMapping
from broadcast.config.gobroadcast import TOOL, drop_empty, emptied, is_its_config, legal_id, not_a_group, resolved
from broadcast.config.gobroadcast_older import grouped, is_older
from broadcast.config.names import is_same
from broadcast.config.parse import parsed
from broadcast.config.yaml_reader import Place, Reader, Text, node_place
from broadcast.errors import UsageError
from broadcast.migrate import gobroadcast_layout, gobroadcast_model, gobroadcast_notes
from broadcast.migrate.comments import last_line
from broadcast.migrate.document import CONSEQUENCES, Document, nothing_left
from broadcast.migrate.gobroadcast_entries import Step, entries, entry, idle, texts_of, transform_of, usable
from broadcast.migrate.gobroadcast_layout import MigratedGroup, MigratedLists
from broadcast.migrate.model import Old, SourceList

__all__ = ["PREFIX", "TOOL", "is_its", "migrate"]

PREFIX = "chore/sync-files"  # of its branches, by default
_PERFORMANCE = ("enable_metrics", "report_threshold", "export_format", "dashboard_url")
_WARNING = re.compile(r"(\d+)( \(and \d+ more\))?: `([^`]+)` is ignored[:;] (.*)", re.DOTALL)


def is_its(doc: Document) -> bool:
    """Whether a document is its config, in any of its forms. Raises ConfigError for an item that is no group."""
    if is_older(doc.root) or is_its_config(grouped(doc.root)):
        return True
    if misplaced := not_a_group(doc.root):
        remedy = "indent it like what it belongs to, or give it a `name` and a `source` with `repo`"
        doc.problem(node_place(misplaced[0]), f"this item of `groups` {misplaced[1]}", remedy)
        doc.check()
    return False


def migrate(doc: Document, text: str, source: str, listing: SourceList, sync_id: str) -> tuple[dict[str, Any], Old]:
    """The config of the groups that send from `source`, as plain values; adds notes on what has another meaning.

    Raises ConfigError, UsageError.
    """
    for warning in parsed(_reader(text, doc.file), "").warnings:
        doc.note(*_ignored(doc.file, warning), "remove it")
    gobroadcast_notes.note_older(doc)
    reader = _reader(text, doc.file)
    drop_empty(reader.root)
    written: WrittenConfig = reader.read(WrittenConfig)
    mine = _of_source(doc, written, source)
    _anchor(doc, written, mine)
    kit = _Groups(doc, written, listing, frozenset(emptied(reader.root)))
    groups = [made for one in mine if (made := kit.group(one, {group.id for group in mine}))]
    gobroadcast_layout.drop_dependencies(groups)
    if not any(one.said.get("enabled", True) for one in groups):
        raise nothing_left(doc.file, doc.notes)
    gobroadcast_notes.note_targets(doc, mine)
    sent = gobroadcast_model.sent(written, source, listing, frozenset(emptied(reader.root)))
    gobroadcast_notes.note_modes(doc, {src for have in sent.values() for src in have.values()}, listing)
    prefixes = tuple(dict.fromkeys(f"{one.defaults.branch_prefix or PREFIX}-" for one in mine))
    head = {
        "version": 1,
        **({"name": str(written.name)} if written.name else {}),
        "id": str(legal_id(written.id) or sync_id),
    }
    if said := {key: value for key in _PERFORMANCE if (value := _plain(getattr(written.performance, key)))}:
        head["performance"] = said
    config = gobroadcast_layout.config(head, prefixes, groups, kit.lists)
    return config, Old(TOOL, (), prefixes, sent)


def _reader(text: str, file: str) -> Reader:
    reader = Reader(text, file)
    reader.root = grouped(reader.root)
    return reader


def _ignored(file: str, warning: str) -> tuple[Place, str, str]:
    """The place of a warning, the key that it names, and what it says of it."""
    found = _WARNING.fullmatch(warning.removeprefix(f"{file}:"))
    if not found:
        return Place(), "ignored", warning
    return Place(int(found[1])), found[3], f"has no effect{found[2] or ''}: {found[4]}"


def _of_source(doc: Document, written: WrittenConfig, source: str) -> list[WrittenGroup]:
    """The groups that send from `source`; a note names each other source."""
    mine = [one for one in written.groups if is_same(one.source.repo, source)]
    others: dict[str, WrittenGroup] = {}
    for one in (one for one in written.groups if not is_same(one.source.repo, source)):
        others.setdefault(one.source.repo.lower(), one)
    if not mine:
        names = ", ".join(one.source.repo for one in others.values())
        raise UsageError(
            f"no group of {doc.file} sends from {source}: it has {names}",
            "run `broadcast migrate` in a checkout of each of them, with a copy of this file",
        )
    for one in others.values():
        remedy = f"left out; run `broadcast migrate` in a checkout of {one.source.repo}, with a copy of this file"
        doc.note(_place(one.source.repo, one.place), "source", f"sent from {one.source.repo}, too", remedy)
    return mine


def _anchor(doc: Document, written: WrittenConfig, groups: Sequence[WrittenGroup]) -> None:
    """Say where the items stand, so that their comments go with them."""
    ends = {node_place(node): last_line(node) for node in _mappings(doc.root)}
    lists: list[tuple[WrittenFileList | WrittenDirectoryList, list[WrittenMapping]]] = [
        (one, one.files) for one in written.file_lists
    ]
    for one, items in [*lists, *((one, one.directories) for one in written.directory_lists)]:
        doc.anchor(one.place, one.place.line, "list", str(one.id))
        for item in items:
            src = "" if item.delete else item.src.strip("/")
            doc.anchor(item.place, ends.get(item.place, 0), "entry", src, item.dest.strip("/"))
    for group in groups:
        doc.anchor(group.place, group.place.line, "group", str(group.name))
        for target in group.targets:
            label = f"{target.repo}@{target.branch}" if target.branch else target.repo
            doc.anchor(target.place, target.place.line, "target", label.lower())
            for item in (*target.files, *target.directories):
                dest = item.dest.strip("/")
                key = ("remove", dest) if item.delete else ("entry", item.src.strip("/"), dest)
                doc.anchor(item.place, ends.get(item.place, 0), *key)


def _mappings(root: yaml.Node) -> Iterable[yaml.MappingNode]:
    left, seen = [root], set[int]()
    while left:
        node = left.pop()
        if id(node) not in seen and isinstance(node, yaml.MappingNode | yaml.SequenceNode):
            seen.add(id(node))
            left += [part for pair in node.value for part in pair] if isinstance(node, yaml.MappingNode) else node.value
            if isinstance(node, yaml.MappingNode):
                yield node


class _Groups:
    """Makes groups; knows the lists, and which targets can name them as they are."""

    def __init__(self, doc: Document, written: WrittenConfig, listing: SourceList, empty: frozenset[Place]) -> None:
        self._doc, self._listing, self._emptied = doc, listing, empty
        self._files: Mapping[str, Sequence[WrittenMapping]] = {str(one.id): one.files for one in written.file_lists}
        self._directories: Mapping[str, Sequence[WrittenMapping]] = {
            str(one.id): one.directories for one in written.directory_lists
        }
        changed = [one for group in written.groups for one in group.targets if gobroadcast_notes.changes_texts(one)]
        self._alone = {ref for one in changed for ref in one.directory_list_refs}
        self.lists = MigratedLists(written, self._listed(written))

    def group(self, group: WrittenGroup, ids: set[str]) -> MigratedGroup | None:
        """The group in our terms; None if nothing is left of it."""
        for one in (one for one in group.depends_on if one not in ids):
            place = _place(one, group.place)
            self._doc.note(
                place, "depends_on", f"waited for {one}, of another source", "left out: it is another config"
            )
        targets = [made for one in group.targets if (made := self._target(one, group))]
        if not targets:
            self._doc.note(group.place, group.name, "sent nothing to anybody", CONSEQUENCES[1])
            return None
        said = {
            "name": str(group.name),
            **{key: value for key in ("id", "description", "priority") if (value := _plain(getattr(group, key)))},
            **({"depends_on": waits} if (waits := [str(one) for one in group.depends_on if one in ids]) else {}),
            **({} if group.enabled else {"enabled": False}),
            **({"source": source} if (source := _source(group)) else {}),
            **({"global": found} if (found := _settings(group.global_)) else {}),
            **({"defaults": found} if (found := _settings(group.defaults)) else {}),
        }
        return MigratedGroup(said, targets)

    def _target(self, target: WrittenTarget, group: WrittenGroup) -> dict[str, Any] | None:
        label = f"{target.repo}@{target.branch}" if target.branch else str(target.repo)
        steps = self._steps(target)
        kept = usable(self._doc, steps, self._listing) if group.enabled else steps
        made = entries(self._doc, kept, self._listing, label)
        known = {id(step.written): one for step, one in zip(kept, made, strict=True) if one}
        if not known:
            instead = CONSEQUENCES[0] if steps else "left out: it names nothing to send"
            self._doc.note(target.place, label, "got nothing", instead)
            return None
        sent = self.lists.sharing(target, known, kept)
        transform = transform_of(target.transform)
        return {
            "repo": str(target.repo),
            **({"branch": str(target.branch)} if target.branch else {}),
            **_settings(target),
            **(_addresses(target) if transform else {}),
            **({"transform": transform} if transform else {}),
            **sent,
        }

    def _steps(self, target: WrittenTarget) -> list[Step]:
        files = resolved(target.file_list_refs, self._files, target.files) or ()
        directories = resolved(target.directory_list_refs, self._directories, target.directories) or ()
        own = {id(one) for one in target.directories}
        changes = gobroadcast_notes.changes_texts(target)
        listed = {id(one) for ref in self._alone for one in self._directories.get(ref, ())}
        steps = [Step(one, directory=False, own=False, alone=False, texts=texts_of(target.transform)) for one in files]
        return steps + [
            Step(
                one,
                directory=True,
                own=id(one) in own and one.place not in self._emptied,
                alone=changes or id(one) in listed,
                texts=texts_of(one.transform),
            )
            for one in directories
        ]

    def _listed(self, written: WrittenConfig) -> Mapping[int, dict[str, Any]]:
        """The entry of each item of a list, as it is where nothing overwrites it."""
        steps = [
            Step(one, directory=False, own=False, alone=False, texts=texts_of(one.transform))
            for listed in written.file_lists
            for one in listed.files
        ]
        steps += [
            Step(one, directory=True, own=False, alone=listed.id in self._alone, texts=texts_of(one.transform))
            for listed in written.directory_lists
            for one in listed.directories
        ]
        return {
            id(one.written): {"dest": one.dest, "delete": True} if one.written.delete else entry(one, self._listing)
            for one in steps
            if not idle(one, self._listing)
        }


def _source(group: WrittenGroup) -> dict[str, str]:
    keys = ("branch", "security_email", "support_email")
    return {key: str(value) for key in keys if (value := getattr(group.source, key))}


def _addresses(target: WrittenTarget) -> dict[str, str]:
    return {key: str(value) for key in ("security_email", "support_email") if (value := getattr(target, key))}


def _settings(level: WrittenSettings) -> dict[str, Any]:
    keys = ("branch_prefix", "pr_labels", "pr_assignees", "pr_reviewers", "pr_team_reviewers")
    return {key: _plain(value) for key in keys if (value := getattr(level, key))}


def _plain(value: Any) -> Any:
    if isinstance(value, list):
        return [str(one) for one in value]
    return str(value) if isinstance(value, str) else value


def _place(text: str, otherwise: Place) -> Place:
    return text.place if isinstance(text, Text) else otherwise
