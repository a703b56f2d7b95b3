"""Note what has another meaning here in go-broadcast's sync.yaml, which our format reads unchanged (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import yaml

from broadcast.config.yaml_reader import Place, Text, node_place
from broadcast.migrate.document import Document, plain
from broadcast.migrate.yamltext import flow

TOOL = "mrz1836/go-broadcast"
PREFIX = "chore/sync-files"  # of its branches, by default
KEYS = frozenset(
    ("version", "name", "id", "groups", "file_lists", "directory_lists", "settings_presets", "rate_limit_preflight")
)


class _GroupLevel(NamedTuple):
    """A group or one of its targets."""

    said: dict[Text, yaml.Node]
    place: Place


def looks_like_it(root: yaml.MappingNode) -> bool:
    """Return whether all keys are go-broadcast's and every group has its required source."""
    found: Any = plain(root)
    groups = found.get("groups")
    return (
        set(found) <= KEYS
        and isinstance(groups, list)
        and bool(groups)
        and all(isinstance(one, dict) and isinstance(one.get("source"), dict) for one in groups)
        and all(one["source"].get("repo") for one in groups)
    )


def migrate(doc: Document, text: str, sync_id: str) -> str:
    """Return the text with `id` and `supersedes` added; add notes on what has another meaning here."""
    top = [_level(doc, doc.root)]
    groups = _below(doc, top, "groups")
    targets = _below(doc, groups, "targets")
    levels = [*groups, *targets, *_below(doc, top, "file_lists"), *_below(doc, top, "directory_lists")]
    directories, files = _below(doc, levels, "directories"), _below(doc, levels, "files")
    _note_directories(doc, directories)
    _tell_of_targets(doc, groups, targets)
    _tell_of_texts(doc, [*targets, *directories, *files])
    doc.check()
    return _completed(doc, text, sync_id, [_prefix(group) for group in groups])


def _note_directories(doc: Document, directories: Sequence[_GroupLevel]) -> None:
    _note(doc, directories, "exclude", "took the place of the default excludes",
          "they add to them now; `default_excludes: false` drops those")  # fmt: skip
    deep = [one for one in directories if any(str(item).startswith("**/") for item in _plain(one, "exclude"))]
    _note(doc, deep, "exclude", "`**/x` didn't match at the root of the directory",
          "it does now, as in a .gitignore; write `/*/**/x` for the old meaning")  # fmt: skip
    _note(doc, directories, "include_only", "looked at the directory itself only",
          "patterns without a slash match at any depth now; `/name` is the old meaning")  # fmt: skip
    deleted = [one for one in directories if _plain(one, "delete") is True and _plain(one, "src")]
    _note(doc, deleted, "delete", "deleted the directory",
          "beside a `src` this is an error; use `mode: mirror`, or `remove:`")  # fmt: skip


def _tell_of_targets(doc: Document, groups: Sequence[_GroupLevel], targets: Sequence[_GroupLevel]) -> None:
    unnamed = [one for one in targets if not _plain(one, "branch")]
    if unnamed:
        did = f"left the base to go-broadcast, which took `main` or `master` in some versions{_more(unnamed)}"
        doc.note(unnamed[0].place, "branch", did, "it is each repository's own default branch now")
    for group in groups:
        said = [_plain(group, key) or {} for key in ("global", "defaults")]
        if not any(isinstance(one, dict) and one.get("pr_labels") for one in said):
            did = "gave pull requests the label `automated-sync`"
            doc.note(group.place, "pr_labels", did, "no label is set unless asked for; add it to `global.pr_labels`")
    names = [(str(_plain(one, "repo")).lower(), str(_plain(one, "branch"))) for one in targets]
    twice = [one for one, name in zip(targets, names, strict=True) if names.count(name) > 1]
    if twice:
        did = f"made a pull request for each group{_more(twice)}"
        doc.note(twice[0].place, "groups", did, "groups that reach the same repository and base make one now")


def _tell_of_texts(doc: Document, levels: Sequence[_GroupLevel]) -> None:
    _note(doc, levels, "transform", "replaced names wherever they stood, bare words among them",
          "a target's transform is for all its files now; only {{NAME}} and ${NAME} of declared names are replaced, "
          "once, never inside ${{ }}, and `repo_name` rewrites owner/name only")  # fmt: skip


def _note(doc: Document, levels: Sequence[_GroupLevel], key: str, did: str, instead: str) -> None:
    """Add one note for all levels that have the key, at the first of them."""
    having = [one for one in levels if key in one.said]
    if having:
        place = next(known.place for known in having[0].said if known == key)
        doc.note(place, key, did + _more(having), instead)


def _more(levels: Sequence[_GroupLevel]) -> str:
    return f" (and {len(levels) - 1} more)" if len(levels) > 1 else ""


def _prefix(group: _GroupLevel) -> str:
    defaults = _plain(group, "defaults")
    found = defaults.get("branch_prefix") if isinstance(defaults, dict) else None
    return f"{found or PREFIX}-"


def _completed(doc: Document, text: str, sync_id: str, prefixes: Sequence[str]) -> str:
    lines = text.splitlines(keepends=True)
    known = {str(key): node_place(key_node) for key_node, _ in doc.root.value if (key := key_node.value)}
    place = known.get("version", Place(1, 1))
    line = lines[place.line - 1] if place.line <= len(lines) else ""
    if place.column != 1 or not line.startswith(("version", '"version', "'version")) or "supersedes" in known:
        add = f"add `supersedes: {flow(list(prefixes))}` to close them, and `id: {sync_id}` if you have other configs"
        doc.note(Place(), "supersedes", "opened pull requests", add)
        return text
    new = f"supersedes: {flow(list(dict.fromkeys(prefixes)))}\n"
    new = new if "id" in known else f"id: {sync_id}\n{new}"
    head = line if line.endswith("\n") else f"{line}\n"
    return "".join([*lines[: place.line - 1], head, new, *lines[place.line :]])


def _level(doc: Document, node: yaml.Node) -> _GroupLevel:
    return _GroupLevel(doc.mapping(node, "this") if isinstance(node, yaml.MappingNode) else {}, node_place(node))


def _below(doc: Document, levels: Iterable[_GroupLevel], key: str) -> list[_GroupLevel]:
    nodes = [level.said.get(Text(key)) for level in levels]
    return [_level(doc, item) for node in nodes if isinstance(node, yaml.SequenceNode) for item in node.value]


def _plain(level: _GroupLevel, key: str) -> Any:
    node = level.said.get(Text(key))
    found = plain(node) if node else None
    return found if found is not None else ([] if key in ("exclude", "include_only") else None)
