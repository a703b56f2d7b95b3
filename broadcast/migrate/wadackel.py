"""Convert the config of wadackel/files-sync-action (pure)."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping
from typing import Any

import yaml
from msgspec.structs import replace

from broadcast.config.yaml_reader import Place, Text, node_place
from broadcast.git import paths
from broadcast.git.ignore import Excludes
from broadcast.migrate import micromatch, wadackel_templates
from broadcast.migrate.comments import HEAD, last_line
from broadcast.migrate.document import Document, place_of_key
from broadcast.migrate.entries import (
    clean,
    escaped,
    fitted,
    is_directory,
    is_hidden,
    legible,
    repository,
    settled,
    tell_of_itself,
)
from broadcast.migrate.model import MigratedEntry, MigratedTarget, Old, SourceList, js_join, united
from broadcast.migrate.values import Vars
from broadcast.migrate.wadackel_model import Pattern, WadackelFile, model, predicate
from broadcast.migrate.wadackel_settings import SETTINGS, branches, merged, ours
from broadcast.migrate.wadackel_templates import PatternTemplate
from broadcast.migrate.yamltext import in_short

TOOL = "wadackel/files-sync-action"
_FILE = {"from": str, "to": str, "exclude": [str]}
_DELETE = {"path": str, "type": ("file", "directory")}
_PATTERN: Mapping[str, Any] = {
    "files": object, "delete_files": object, "repositories": [str], "template": object, **SETTINGS,
}  # fmt: skip
_WILD = frozenset("*?")
_UNKNOWN = "is no key of that tool, which ignored it"


def migrate(doc: Document, source: str, listing: SourceList) -> Old:
    """The config in our terms. Raises ConfigError."""
    patterns = list(_patterns(doc))
    doc.check()
    places: dict[str, Place] = {}
    targets: list[MigratedTarget] = []
    for pattern in patterns:
        said = ours(doc, pattern.settings, pattern.number, pattern.place)
        settings = legible(doc, said.items(), pattern.place)
        entries, known = [entry for file in pattern.files if (entry := _entry(doc, file, listing))], Vars()
        if pattern.template:
            entries, known = wadackel_templates.rendered(doc, pattern.template, entries, listing)
        for path in pattern.deletes:
            doc.anchor(path.place, path.place.line, "remove", posixpath.normpath(path))
        for name in pattern.repositories:
            named = repository(doc, name, source)
            if named:
                target = MigratedTarget(*named, tuple(entries), _deletes(doc, pattern), settings, tuple(known.items()))
                _tell_of_union(doc, target, name.place, targets)
                targets.append(target)
                places.setdefault(target.label.lower(), name.place)
                doc.anchor(name.place, name.place.line, "target", target.label.lower())
    merged_targets = united(targets, lambda one: _settled(doc, one, listing, places[one.label.lower()]))
    kept = [one for one in merged_targets if _is_worth(doc, one, places[one.label.lower()])]
    supersedes = branches(doc, [(one.settings, one.number, one.place) for one in patterns], source)
    return Old(TOOL, tuple(kept), supersedes, *model(patterns, listing))


def _patterns(doc: Document) -> Iterable[Pattern]:
    members = doc.mapping(doc.root, "the config")
    for key in members:
        if key not in ("settings", "patterns"):
            doc.note(key.place, key, _UNKNOWN, "it was left out; remove it")
    known = {key: doc.read(node, SETTINGS, key, _UNKNOWN) for key, node in members.items() if key == "settings"}
    for key in known:
        doc.anchor(key.place, last_line(members[key]), HEAD)
    for number, node in enumerate(doc.sequence(members[Text("patterns")], "patterns")):
        said = doc.read(node, _PATTERN, "an item of patterns", _UNKNOWN)
        found = {str(key): value for key, value in said.items()}
        for missing in (name for name in ("files", "repositories") if name not in found):
            doc.problem(node_place(node), f"the key {missing!r} is missing", f"add `{missing}:`")
        nodes = {str(key): value for key, value in doc.mapping(node, "an item of patterns").items()}
        yield Pattern(
            number=number,
            files=tuple(_files(doc, nodes.get("files"))),
            deletes=tuple(_paths(doc, nodes.get("delete_files"))),
            repositories=tuple(found.get("repositories") or ()),
            settings=merged(known.get(Text("settings"), {}), said),
            template=_template(said, node_place(node)),
            place=node_place(node),
        )


def _template(said: Mapping[Any, Any], place: Place) -> PatternTemplate | None:
    values = said.get("template")
    return None if values is None else PatternTemplate(values, place_of_key(said, "template", place))


def _files(doc: Document, node: yaml.Node | None) -> Iterable[WadackelFile]:
    for item in doc.sequence(node, "files") if node else []:
        place = node_place(item)
        if isinstance(item, yaml.ScalarNode):
            source = doc.text(item, "an entry of files")
            yield WadackelFile(source, source, (), place, last_line(item))
            continue
        said = {str(key): value for key, value in doc.read(item, _FILE, "an entry of files", _UNKNOWN).items()}
        for missing in (name for name in ("from", "to") if name not in said):
            doc.problem(place, f"the key {missing!r} is missing", f"add `{missing}:`")
        if "from" in said and "to" in said:
            yield WadackelFile(said["from"], said["to"], tuple(said.get("exclude", ())), place, last_line(item))


def _paths(doc: Document, node: yaml.Node | None) -> Iterable[Text]:
    for item in doc.sequence(node, "delete_files") if node else []:
        if isinstance(item, yaml.ScalarNode):
            yield doc.text(item, "an entry of delete_files")
            continue
        said = {str(key): value for key, value in doc.read(item, _DELETE, "an entry of delete_files", _UNKNOWN).items()}
        if "path" in said:
            yield said["path"]
        else:
            doc.problem(node_place(item), "the key 'path' is missing", "add `path:`")


def _deletes(doc: Document, pattern: Pattern) -> tuple[str, ...]:
    found = dict[str, None]()
    for one in pattern.deletes:
        path = clean(doc, one, "delete_files")
        if path and not _WILD.isdisjoint(path):
            did = f"deleted a file with the name {path}, for it reads no patterns there"
            doc.note(one.place, "delete_files", did, "left out, for `remove` takes no * and ?; delete it by hand")
        elif path and path != ".":
            found[path] = None
    return tuple(found)


def _entry(doc: Document, file: WadackelFile, listing: SourceList) -> MigratedEntry | None:
    src, dest = clean(doc, file.source, "from"), clean(doc, file.dest, "to")
    if src is None or dest is None:
        return None
    directory = is_directory(src, file.source, listing, meant=bool(file.exclude))
    if not directory and dest == ".":
        doc.note(file.place, "to", f"{file.dest!r} names no file", "left out; write the whole path")
        return None
    entry = MigratedEntry(src, dest, directory)
    doc.anchor(file.place, file.end, "entry", src, dest)
    if directory:
        hidden = any(is_hidden(path) for path in listing.below(src))
        if hidden:
            did = f"left out the files of {src} that have a name, or a directory, beginning with a dot"
            doc.note(file.place, src, did, "`include_hidden: false` does so too; remove it and they are sent")
        excludes = tuple(one for pattern in file.exclude for one in _exclude(doc, pattern, file, src, listing))
        entry = replace(entry, exclude=excludes, include_hidden=not hidden)
    elif file.exclude:
        doc.note(file.place, "exclude", "did nothing for a single file", "it was left out")
    fit = fitted(doc, entry, listing, file.place)
    tell_of_itself(doc, fit, listing, file.place)
    return fit


def _exclude(doc: Document, pattern: Text, file: WadackelFile, src: str, listing: SourceList) -> Iterable[str]:
    whole = js_join(file.source, pattern)
    relative = whole if src == "." else whole.removeprefix(f"{src}/")
    below = [path for path in listing.below(src) if not is_hidden(path)]
    try:
        is_match = micromatch.matcher(whole)
        excluded = [path for path in below if is_match(paths.join(src, path))]
    except ValueError:
        doc.note(pattern.place, "exclude", f"{pattern!r} is no pattern", "it was left out")
        return
    matches = predicate(relative)
    is_inside = (src == "." or relative != whole) and excluded == [path for path in below if matches(path)]
    found = micromatch.gitignore(relative) if is_inside and not relative.endswith("/") else None
    found = _spelled(found, below) if found and listing else found
    folders = [one for one in listing.folders(src) if not is_hidden(one)]
    if listing and not excluded and not relative.endswith("**") and (found is None or any(map(matches, folders))):
        did = f"{pattern!r} excluded nothing: it matched files only, by their whole path"
        doc.note(pattern.place, "exclude", did, "it was left out; `/name/` excludes a directory")
    elif found is None:
        did = f"{pattern!r} is a pattern that no .gitignore has an equal for"
        doc.note(pattern.place, "exclude", did, "the files that it excludes today are listed one by one; look at them")
        yield from (escaped(path) for path in excluded)
    else:
        yield from found
        yield from (f"!{one}/" for one in found if not one.endswith("/**") and any(map(matches, folders)))


def _spelled(patterns: tuple[str, ...], below: list[str]) -> tuple[str, ...]:
    """Those of several spellings of a pattern that match a file; the first if none does."""
    used = tuple(one for one in patterns if "[" not in one or any(map(Excludes((one,)).match, below)))
    return used or patterns[:1]


def _tell_of_union(doc: Document, target: MigratedTarget, place: Place, before: Iterable[MigratedTarget]) -> None:
    same = [one for one in before if one.label.lower() == target.label.lower()]
    if not same:
        return
    did = "got one pull request for each pattern that names it"
    doc.note(place, target.label, did, "it gets one now, with the labels and people of all of them")
    values: dict[str, Any] = {}
    for key, value in (pair for one in (*same, target) for pair in one.settings):
        if values.setdefault(key, value) != value and not isinstance(value, tuple):
            doc.note(place, key, f"the patterns of {target.label} differ in it", f"the first counts: {values[key]}")
    earlier, mine = dict(pair for one in reversed(same) for pair in one.settings), dict(target.settings)
    for key in sorted(earlier.keys() ^ mine.keys()):
        value = {**mine, **earlier}[key]
        if key != "pr_merge_method" and not isinstance(value, tuple):
            did = f"only some patterns of {target.label} say it, and the others had the default"
            doc.note(place, key, did, f"it counts for all: {in_short(str(value))}")
    known = {name: value for one in reversed(same) for name, value in one.vars}
    for name, value in target.vars:
        if known.get(name, value) != value:
            doc.note(
                place, "template", f"the patterns differ in {name}", f"the first counts: {known[name]}; rename one"
            )


def _settled(doc: Document, target: MigratedTarget, listing: SourceList, place: Place) -> MigratedTarget:
    """Remove deleted paths from what is sent: that tool deletes last."""
    whole = settled(doc, target, listing, place)
    for gone in whole.remove:
        if any(paths.is_below(entry.dest, gone) for entry in whole.entries):
            doc.note(place, "delete_files", f"deleted {gone}, which was sent as well", "it is only deleted now")
    kept = [entry for entry in whole.entries if not any(paths.is_below(entry.dest, gone) for gone in whole.remove)]
    return replace(whole, entries=tuple(_without(entry, whole.remove) for entry in kept))


def _without(entry: MigratedEntry, gone: Iterable[str]) -> MigratedEntry:
    if not entry.directory:
        return entry
    below = [path if entry.dest == "." else path[len(entry.dest) + 1 :] for path in gone
             if paths.is_below(path, entry.dest)]  # fmt: skip
    return replace(entry, exclude=(*entry.exclude, *(escaped(path) for path in below)))


def _is_worth(doc: Document, target: MigratedTarget, place: Place) -> bool:
    if not target.entries and not target.remove:
        doc.note(place, target.label, "nothing of what it is sent can be sent", "the target was left out")
    return bool(target.entries or target.remove)
