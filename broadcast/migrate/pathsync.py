"""Convert the config of EspenAlbert/path-sync, `.github/NAME.src.yaml` (pure)."""

from __future__ import annotations

import fnmatch
import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import yaml
from msgspec.structs import replace

from broadcast.config.yaml_reader import Place, Text, node_place
from broadcast.git import paths
from broadcast.migrate import pathsync_model
from broadcast.migrate.comments import last_line
from broadcast.migrate.document import Document
from broadcast.migrate.entries import clean, escaped, fitted, is_directory, legible, literal, repository, sends, settled
from broadcast.migrate.model import MigratedEntry, MigratedTarget, Old, Sent, SourceList, Value, united

TOOL = "EspenAlbert/path-sync"
_MODES = {"sync": "copy", "replace": "copy", "scaffold": "seed"}
_PATH = {
    "src_path": str, "dest_path": object, "sync_mode": tuple(_MODES), "exclude_dirs": [str],
    "exclude_file_patterns": [str], "wrap": object,
}  # fmt: skip
_TARGET = {
    "name": str, "repo_url": object, "dest_path_relative": object, "copy_branch": object, "default_branch": object,
    "skip_sections": object, "skip_file_patterns": [str], "include_groups": [str], "verify": object,
}  # fmt: skip
_PULLS = {
    "title": object,
    "body_template": object,
    "body_suffix": object,
    "labels": [str],
    "reviewers": [str],
    "assignees": [str],
}
_MERGE = {
    "method": ("merge", "rebase", "squash"), "delete_branch": object, "poll_interval_seconds": object,
    "timeout_seconds": object,
}  # fmt: skip
KEYS: Mapping[str, Any] = {
    "name": str, "git_remote": object, "src_repo_url": object, "schedule": object, "header_config": object,
    "pr_defaults": _PULLS, "paths": object, "path_groups": object, "destinations": object, "verify": object,
    "wrap_synced_files": object, "auto_merge": _MERGE,
}  # fmt: skip
_NOTES = {
    "schedule": ("is when its workflow runs", "write it under `on: schedule` of Broadcast's workflow"),
    "header_config": ("worded the comments at the top of files", "see `header`, which knows each kind of file"),
    "verify": ("ran commands in the targets before their pull requests", "has no equal: the target's own checks do"),
    "skip_sections": ("kept some sections of the target's file", "see `mode: block`; files are sent whole"),
}  # fmt: skip
_UNKNOWN = "is no key of that tool"
_URL = re.compile(r"(?:https?://[^/]+/|(?:ssh://)?git@[^/:]+[:/])([^/]+/[^/]+?)(?:\.git)?/?")


class _Mapped(NamedTuple):
    """An item of paths, and our entry for it."""

    said: Mapping[str, Any]
    entry: MigratedEntry | None


def looks_like_it(root: yaml.MappingNode) -> bool:
    """Whether a config has that tool's keys."""
    keys = {str(key.value) for key, _ in root.value if isinstance(key, yaml.ScalarNode)}
    return {"destinations", "name"} <= keys and bool(keys & {"paths", "path_groups"})


def migrate(doc: Document, source: str, listing: SourceList) -> Old:
    """The config in our terms. Raises ConfigError."""
    nodes = {str(key): value for key, value in doc.mapping(doc.root, "the config").items()}
    said = {str(key): value for key, value in doc.read(doc.root, KEYS, "the config", _UNKNOWN).items()}
    name = str(said.get("name", ""))
    groups = doc.mapping(nodes["path_groups"], "path_groups") if "path_groups" in nodes else {}
    common = _entries(doc, nodes.get("paths"), name, listing)
    known = {str(key): _entries(doc, node, name, listing) for key, node in groups.items()}
    _tell(doc, doc.root, {"schedule", "header_config", "verify"})
    targets = []
    branches = []
    sent: Sent = {}
    for node in doc.sequence(nodes["destinations"], "destinations"):
        one = {str(key): value for key, value in doc.read(node, _TARGET, "a destination", _UNKNOWN).items()}
        _tell(doc, node, {"verify", "skip_sections"})
        mapped = [*common, *(entry for group in one.get("include_groups", ()) for entry in known.get(str(group), ()))]
        patterns = one.get("skip_file_patterns", ())
        skipped = [_skipped(each.entry, patterns, listing) for each in mapped if each.entry]
        named = _named(doc, one, node_place(node), source)
        branches.append(str(one.get("copy_branch") or f"sync/{name}"))
        if named:
            kept = [entry for entry in skipped if entry]
            settings = legible(doc, _settings(said, name).items(), node_place(node))
            targets.append(MigratedTarget(*named, tuple(kept), (), settings))
            doc.anchor(node_place(node), node_place(node).line, "target", targets[-1].label.lower())
            sent.setdefault(targets[-1].label.lower(), {}).update(
                pathsync_model.sent((each.said for each in mapped), patterns, listing)
            )
    doc.check()
    merged = united([one for one in targets if one.entries], lambda one: settled(doc, one, listing, Place(1, 1)))
    _tell_of_headers(doc, merged)
    return Old(TOOL, merged, tuple(dict.fromkeys(branches)), sent)


def _tell(doc: Document, node: yaml.Node, names: Iterable[str]) -> None:
    for key in doc.mapping(node, "this") if isinstance(node, yaml.MappingNode) else ():
        if key in names:
            doc.note(key.place, key, *_NOTES[key])


def _tell_of_headers(doc: Document, targets: Iterable[MigratedTarget]) -> None:
    if any(entry.header for one in targets for entry in one.entries):
        did = "began each file with a comment, and left files alone from which a target had removed it"
        instead = "`header` writes it; what a target changes is proposed again: see `on_local_change`"
        doc.note(Place(), "sync_mode: sync", did, instead)
        did = (
            "deleted files with its comment that the source no longer has, and replaced sections between its marks only"
        )
        doc.note(Place(), "sync_mode: sync", did, "see `mode: prune`, `remove:` and `mode: block`")


def _named(doc: Document, said: Mapping[str, Any], place: Place, source: str) -> tuple[str, str] | None:
    url = _URL.fullmatch(str(said.get("repo_url") or ""))
    if not url:
        doc.note(
            place,
            str(said.get("name", "")),
            "names no repository at GitHub by `repo_url`",
            "add it to `targets` by hand",
        )
        return None
    branch = str(said.get("default_branch") or "main")
    return repository(doc, Text.at(f"{url[1]}@{branch}", place), source)


def _settings(said: Mapping[str, Any], name: str) -> dict[str, Value]:
    pulls = {str(key): value for key, value in (said.get("pr_defaults") or {}).items()}
    title = literal(str(pulls.get("title") or "chore: sync {name} files"))
    title = title.replace("{{name}}", literal(name)).replace("{{dest_name}}", "{target}")
    found: dict[str, Value] = {"pr_title": title}
    if pulls.get("body_suffix"):
        found["pr_body"] = literal(str(pulls["body_suffix"]))
    for key in ("labels", "reviewers", "assignees"):
        found[f"pr_{key}"] = tuple(str(one) for one in pulls.get(key, ()))
    merge = said.get("auto_merge")
    if isinstance(merge, dict):
        found |= {"pr_auto_merge": True, "pr_merge_method": str(merge.get("method", "merge"))}
    return {key: value for key, value in found.items() if value}


def _entries(doc: Document, node: yaml.Node | None, name: str, listing: SourceList) -> list[_Mapped]:
    found = []
    for item in doc.sequence(node, "paths") if node else []:
        said = {str(key): value for key, value in doc.read(item, _PATH, "an item of paths", _UNKNOWN).items()}
        if "src_path" not in said:
            doc.problem(node_place(item), "the key 'src_path' is missing", "add `src_path:`")
            continue
        entry = _entry(doc, said, name, listing)
        if entry:
            doc.anchor(node_place(item), last_line(item), "entry", entry.src, entry.dest)
        found.append(_Mapped(said, entry))
    return found


def _entry(doc: Document, said: Mapping[str, Any], name: str, listing: SourceList) -> MigratedEntry | None:
    written = said["src_path"]
    folder, glob = _split(written)
    src = clean(doc, Text.at(folder or ".", written.place), "src_path")
    dest = clean(doc, Text.at(str(said.get("dest_path") or folder or "."), written.place), "dest_path")
    if src is None or dest is None:
        return None
    mode = str(said.get("sync_mode", "sync"))
    header = f"path-sync copy -n {name}" if mode == "sync" else ""
    directory = bool(glob) or is_directory(src, written, listing, meant=False)
    entry = MigratedEntry(src, dest, directory, _MODES.get(mode, "copy"), header=header)
    if entry.directory and set(src.split("/")) & set(said.get("exclude_dirs", pathsync_model.EXCLUDED)):
        doc.note(
            written.place, "exclude_dirs", f"left out all of {src}, which is below one of them", "left out here, too"
        )
        return None
    if entry.directory:
        hidden = bool(glob) and any(part.startswith(".") for path in listing.below(src) for part in path.split("/"))
        excludes = [f"{one}/" for one in said.get("exclude_dirs", pathsync_model.EXCLUDED)] + [
            str(one) for one in said.get("exclude_file_patterns", ())
        ]
        only = (glob if glob.startswith("**/") else f"/{glob}",) if glob else ()
        entry = replace(entry, exclude=_used(excludes, src, listing), include_only=only, include_hidden=not hidden)
    return fitted(doc, entry, listing, written.place)


def _split(path: str) -> tuple[str, str]:
    """What stands before the first star, up to a slash, and the pattern behind it."""
    if "*" not in path:
        return path, ""
    folder = path.split("*", maxsplit=1)[0].rpartition("/")[0]
    return folder, path[len(folder) :].lstrip("/")


def _used(excludes: Iterable[str], src: str, listing: SourceList) -> tuple[str, ...]:
    """The excludes that say something: of the defaults, those that match today."""
    below = listing.below(src)
    return tuple(one for one in excludes if not one.endswith("/") or one[:-1] not in pathsync_model.EXCLUDED
                 or any(f"/{one}" in f"/{path}" for path in below))  # fmt: skip


def _skipped(entry: MigratedEntry, patterns: Iterable[Text], listing: SourceList) -> MigratedEntry | None:
    """The entry without what a destination skips; None if that is all of it."""
    if not entry.directory:
        return None if any(fnmatch.fnmatch(entry.dest, one) for one in patterns) else entry
    lost = [path for path in listing.below(entry.src)
            if any(fnmatch.fnmatch(paths.join(entry.dest, path), one) for one in patterns)]  # fmt: skip
    kept = replace(entry, exclude=(*entry.exclude, *map(escaped, lost)))
    return kept if sends(kept, listing) or not listing else None
