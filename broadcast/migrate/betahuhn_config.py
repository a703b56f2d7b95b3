"""Read the config of BetaHuhn/repo-file-sync-action, `.github/sync.yml` (pure)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

import yaml
from msgspec import Struct

from broadcast.config.yaml_reader import Place, Text, node_place
from broadcast.migrate.comments import last_line
from broadcast.migrate.document import Document, Number
from broadcast.migrate.values import printed
from broadcast.migrate.yamltext import in_short

_FILE = {
    "source": str, "dest": object, "template": object, "replace": object, "deleteOrphaned": object, "exclude": object,
}  # fmt: skip
_GROUP = ("repos", "files")
_UNKNOWN = "is no key of that tool, which ignored it"


class BetaHuhnFile(Struct, frozen=True):
    """An entry, as that tool reads it."""

    source: Text
    dest: Text
    exclude: tuple[str, ...]  # lines, relative to the source
    template: Any  # falsy: not a template
    replace: bool
    orphans: bool  # whether what the source hasn't got is deleted
    place: Place
    end: int = 0  # its last line


class Repo(Struct, frozen=True):
    """A target in that config."""

    name: Text
    files: tuple[BetaHuhnFile, ...]


def repos(doc: Document) -> Iterable[Repo]:
    """The targets of the config, in its order."""
    for key, node in doc.mapping(doc.root, "the config").items():
        if key != "group":
            yield Repo(key, tuple(_files(doc, node, key)))
            continue
        for group in doc.sequence(node, key) if isinstance(node, yaml.SequenceNode) else [node]:
            yield from _group(doc, group)


def refuse_misplaced(doc: Document) -> None:
    """Add a problem for groups that don't stand below `group:`, which that tool took for a repository, and failed."""
    where = "holds `repos` and `files`, which that tool reads below `group:` alone"
    if isinstance(doc.root, yaml.SequenceNode) and any(map(_is_group, doc.root.value)):
        doc.problem(node_place(doc.root), f"this list {where}", "write `group:` above it")
    members = doc.root.value if isinstance(doc.root, yaml.MappingNode) else []
    for key, node in members if all(key.value != "version" for key, _ in members) else []:
        items = node.value if isinstance(node, yaml.SequenceNode) else [node]
        if isinstance(key, yaml.ScalarNode) and key.value != "group" and any(map(_is_group, items)):
            remedy = "call it `group`, or add it to the list that is there"
            doc.problem(node_place(key), f"`{in_short(key.value)}:` {where}", remedy)


def _is_group(node: yaml.Node) -> bool:
    keys = [key.value for key, _ in node.value] if isinstance(node, yaml.MappingNode) else []
    return all(name in keys for name in _GROUP)


def together(repos: Iterable[Repo]) -> list[Repo]:
    """The targets, each once, with all files that the config names for it."""
    found: dict[str, Repo] = {}
    for one in repos:
        known = found.get(one.name.lower())
        found[one.name.lower()] = Repo(known.name, (*known.files, *one.files)) if known else one
    return list(found.values())


def _group(doc: Document, node: yaml.Node) -> Iterable[Repo]:
    members = doc.mapping(node, "group")
    for key in members:
        if key not in _GROUP:
            doc.note(key.place, key, _UNKNOWN, "it was left out; remove it")
    for missing in (name for name in _GROUP if name not in members):
        doc.problem(node_place(node), f"the key {missing!r} is missing", f"add `{missing}:`")
    if all(key in members for key in _GROUP):
        files = tuple(_files(doc, members[Text("files")], "files"))
        names = list(_names(doc, members[Text("repos")]))
        if not names:
            at = next(key.place for key in members if key == "repos")
            doc.note(at, "repos", "names no repository", "left out; name each on a line of its own")
        yield from (Repo(name, files) for name in names)


def _names(doc: Document, node: yaml.Node) -> Iterable[Text]:
    if isinstance(node, yaml.SequenceNode):
        return [doc.text(item, "repos") for item in node.value]
    place, text = node_place(node), doc.text(node, "repos")
    first = place.line + 1 if isinstance(node, yaml.ScalarNode) and node.style in ("|", ">") else place.line
    lines = [(line.strip(), Place(first + at, place.column)) for at, line in enumerate(text.split("\n"))]
    return [Text.at(name, place) for name, place in lines if name]


def _files(doc: Document, node: yaml.Node, name: str) -> Iterable[BetaHuhnFile]:
    for item in doc.sequence(node, name):
        place = node_place(item)
        if isinstance(item, yaml.ScalarNode):
            source = doc.text(item, f"an entry of {name}")
            end = last_line(item)
            yield BetaHuhnFile(source, source, (), False, replace=True, orphans=False, place=place, end=end)
            continue
        said: dict[Any, Any] = doc.read(item, _FILE, f"an entry of {name}", _UNKNOWN)
        if "source" not in said:
            doc.problem(place, "the key 'source' is missing", "add `source:`")
            continue
        yield _file(doc, said, place, last_line(item))


def _file(doc: Document, said: dict[Any, Any], place: Place, end: int) -> BetaHuhnFile:
    places = {key: key.place for key in said}
    dest, exclude = said.get("dest"), said.get("exclude")
    dest = printed(dest) if isinstance(dest, Number) else dest
    if dest and not isinstance(dest, str):
        doc.problem(places["dest"], f"'dest' must be text, not {dest}", "put it in quotes")
    if isinstance(exclude, list) and exclude:
        listed = ", ".join(str(one) for one in exclude)
        did = f"a list ({listed}) was ignored, so these files are sent; only lines (`exclude: |`) counted"
        doc.note(places["exclude"], "exclude", did, "if they should stay out, add them to our `exclude`")
    lines = [line for line in exclude.split("\n") if line] if isinstance(exclude, str) else []
    return BetaHuhnFile(
        said["source"], Text.at(str(dest), places["dest"]) if dest else said["source"], tuple(lines),
        said.get("template", False), replace=said.get("replace") is not False,
        orphans=bool(said.get("deleteOrphaned")), place=place, end=end,
    )  # fmt: skip


def urlsplit_or_nothing(url: str) -> tuple[str, str]:
    """(host, path) of a URL; empty if it is invalid."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url, ""
    return parts.netloc, parts.path.lstrip("/")
