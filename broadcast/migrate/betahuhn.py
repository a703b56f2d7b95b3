"""Convert the config of BetaHuhn/repo-file-sync-action, `.github/sync.yml`, and model what it sends (pure)."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

import yaml
from msgspec import Struct
from msgspec.structs import replace

from broadcast.config.yaml_reader import Place, Text, node_place
from broadcast.git import paths
from broadcast.migrate.betahuhn_inputs import BetaHuhnInputs
from broadcast.migrate.document import Document
from broadcast.migrate.entries import clean, escaped, fitted, is_directory, repository, settled, variables
from broadcast.migrate.model import MigratedEntry, MigratedTarget, Old, Sent, SourceList, js_join, parents, united

TOOL = "BetaHuhn/repo-file-sync-action"
_FILE = {
    "source": str, "dest": object, "template": object, "replace": object, "deleteOrphaned": object, "exclude": object,
}  # fmt: skip
_GROUP = ("repos", "files")
_UNKNOWN = "is no key of that tool, which ignored it"
_GLOB = "*?[{"


class BetaHuhnFile(Struct, frozen=True):
    """An entry, as that tool reads it."""

    source: Text
    dest: Text
    exclude: tuple[str, ...]  # lines, relative to the source
    template: Any  # falsy: not a template
    replace: bool
    orphans: bool  # whether what the source hasn't got is deleted
    place: Place


class Repo(Struct, frozen=True):
    """A target in that config."""

    name: Text
    files: tuple[BetaHuhnFile, ...]


def migrate(doc: Document, inputs: BetaHuhnInputs, source: str, listing: SourceList) -> Old:
    """The config in our terms. Raises ConfigError."""
    repos = list(_repos(doc))
    doc.check()
    places: dict[str, Place] = {}
    targets = [
        target
        for repo in repos
        if (target := _target(doc=doc, repo=repo, source=source, listing=listing, inputs=inputs, places=places))
    ]
    merged = united(targets, lambda one: settled(doc, one, listing, places[one.label.lower()]))
    sent, reasons = model(repos, listing)
    return Old(TOOL, merged, inputs.supersedes(source), sent, reasons)


def _repos(doc: Document) -> Iterable[Repo]:
    for key, node in doc.mapping(doc.root, "the config").items():
        if key != "group":
            yield Repo(key, tuple(_files(doc, node, key)))
            continue
        for group in doc.sequence(node, key) if isinstance(node, yaml.SequenceNode) else [node]:
            yield from _group(doc, group)


def _group(doc: Document, node: yaml.Node) -> Iterable[Repo]:
    members = doc.mapping(node, "group")
    for key in members:
        if key not in _GROUP:
            doc.note(key.place, key, _UNKNOWN, "it was left out; remove it")
    for missing in (name for name in _GROUP if name not in members):
        doc.problem(node_place(node), f"the key {missing!r} is missing", f"add `{missing}:`")
    if all(key in members for key in _GROUP):
        files = tuple(_files(doc, members[Text("files")], "files"))
        for name in _names(doc, members[Text("repos")]):
            yield Repo(name, files)


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
            yield BetaHuhnFile(source, source, (), False, replace=True, orphans=False, place=place)
            continue
        said: dict[Any, Any] = doc.read(item, _FILE, f"an entry of {name}", _UNKNOWN)
        if "source" not in said:
            doc.problem(place, "the key 'source' is missing", "add `source:`")
            continue
        yield _file(doc, said, place)


def _file(doc: Document, said: dict[Any, Any], place: Place) -> BetaHuhnFile:
    places = {key: key.place for key in said}
    dest, exclude = said.get("dest"), said.get("exclude")
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
        orphans=bool(said.get("deleteOrphaned")), place=place,
    )  # fmt: skip


def _target(
    *, doc: Document, repo: Repo, source: str, listing: SourceList, inputs: BetaHuhnInputs, places: dict[str, Place]
) -> MigratedTarget | None:
    name = repo.name
    if name.startswith("http"):
        host, path = urlsplit_or_nothing(name)
        did, instead = f"named the host {host}", "all targets are on the host of the run; see our input `api-url`"
        doc.note(name.place, name, did, instead)
        name = Text.at(path, name.place)
    named = repository(doc, name, source)
    if not named:
        return None
    entries = [entry for file in repo.files if (entry := _entry(doc, file, listing))]
    values: dict[str, str] = {}
    for file in repo.files:
        for key, value in _variables(doc, file).items():
            if values.setdefault(key, value) != value:
                did = f"{key} is {value} for this file and {values[key]} for another"
                doc.note(file.place, "template", did, "our vars are the same for all files of a target; rename one")
    if not entries:
        doc.note(name.place, name, "nothing of what it names can be sent", "the target was left out")
        return None
    target = MigratedTarget(*named, tuple(entries), (), inputs.settings, tuple(values.items()))
    places.setdefault(target.label.lower(), name.place)
    return target


def urlsplit_or_nothing(url: str) -> tuple[str, str]:
    """(host, path) of a URL; empty if it is invalid."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return url, ""
    return parts.netloc, parts.path.lstrip("/")


def _entry(doc: Document, file: BetaHuhnFile, listing: SourceList) -> MigratedEntry | None:
    src = clean(doc, file.source, "source")
    dest = clean(doc, Text.at(file.dest.lstrip("/") or ".", file.dest.place), "dest")
    if src is None or dest is None:
        return None
    directory = is_directory(src, file.source, listing, meant=bool(file.exclude) or file.orphans)
    if not directory and _names_a_directory(file.dest):
        did = f"could not copy the file {file.source} to {file.dest}, and failed"
        dest = paths.join(dest, posixpath.basename(src))
        doc.note(file.dest.place, "dest", did, f"it goes to {dest} now; write the whole path if you mean another")
    if not directory and file.source.endswith("/") and listing:
        doc.note(file.place, "source", f"found no directory {file.source} and went on", "the file is sent now")
    entry = MigratedEntry(src, dest, directory, _mode(doc, file, directory), template=bool(file.template))
    if directory:
        entry = replace(entry, exclude=tuple(_excludes(doc, file, src, listing)))
    elif file.exclude:
        doc.note(file.place, "exclude", "did nothing for a single file", "it was left out")
    return fitted(doc, entry, listing, file.place)


def _names_a_directory(dest: str) -> bool:
    return dest.endswith("/") or posixpath.normpath(dest) == "."


def _mode(doc: Document, file: BetaHuhnFile, directory: bool) -> str:
    if file.orphans and not directory:
        doc.note(file.place, "deleteOrphaned", "did nothing for a single file", "it was left out")
    if not file.replace:
        did = "left a directory alone if it was there at all" if directory else "wrote the file where it was absent"
        instead = "`mode: seed` decides file by file, and doesn't bring back what a target has deleted"
        doc.note(file.place, "replace: false", did, instead)
        return "seed"
    if file.orphans and directory:
        did = "deleted what the source hasn't got, but stopped at the first name that begins with .git"
        instead = "`mode: mirror` deletes all of it, up to `limits.max_deletions` (10) in a target; see `plan` first"
        doc.note(file.place, "deleteOrphaned", did, instead)
        return "mirror"
    return "copy"


def _excludes(doc: Document, file: BetaHuhnFile, src: str, listing: SourceList) -> Iterable[str]:
    if file.template and src != "." and file.exclude:
        did = "was ignored beside `template`, so these files are sent"
        doc.note(file.place, "exclude", did, "if they should stay out, add them to our `exclude`")
        return
    for line in file.exclude:
        found = js_join(file.source, line)
        below = found if src == "." else found.removeprefix(f"{src}/")
        if (src != "." and below == found) or below.startswith("../") or not below.strip("./"):
            doc.note(file.place, "exclude", f"{line!r} names nothing below {file.source}", "it was left out")
        elif not _is_there(found.rstrip("/"), listing) and (set(line) & set(_GLOB) or line != line.strip()):
            did = f"{line!r} excluded nothing: names were compared exactly, to the last space"
            doc.note(file.place, "exclude", did, "if you mean a pattern, add it to our `exclude`")
        else:
            yield escaped(below.rstrip("/")) + ("/" if below.endswith("/") else "")


def _is_there(path: str, listing: SourceList) -> bool:
    return listing.is_file(path) or listing.is_directory(path)


def _variables(doc: Document, file: BetaHuhnFile) -> dict[str, str]:
    if not file.template:
        return {}
    did = f"rendered {file.source} with Nunjucks: {{{{ name }}}}, {{% … %}}, `extends`, with HTML's characters escaped"
    instead = "add `delimiters: ['{{', '}}']`, or write [[ name ]] and [% … %] in the file"
    doc.note(
        file.place,
        "template",
        did,
        f"{instead}; nothing is escaped, ${{{{ }}}} is left alone, `extends` and `include` have no equal",
    )
    if not isinstance(file.template, dict):
        return {}
    return variables(
        doc, file.template, file.place, lambda path, name: f"its name is {name} now: write [[ {name} ]] for {path}"
    )


def model(repos: Iterable[Repo], listing: SourceList) -> tuple[Sent, dict[tuple[str, str], str]]:
    """Return what that tool sends, entry by entry in its order, and the reasons for what it doesn't send."""
    sent: Sent = {}
    reasons: dict[tuple[str, str], str] = {}
    for repo in repos:
        name = urlsplit_or_nothing(repo.name)[1] if repo.name.startswith("http") else str(repo.name)
        whole, _, branch = name.partition("@")
        label = "/".join(whole.split("/")[:2]) + (f"@{branch.split('@')[0]}" if branch else "")
        _copy_all(repo.files, listing, label.lower(), sent.setdefault(label.lower(), {}), reasons)
    return sent, reasons


def _copy_all(
    files: Iterable[BetaHuhnFile],
    listing: SourceList,
    label: str,
    held: dict[str, str],
    reasons: dict[tuple[str, str], str],
) -> None:
    for file in files:
        src, dest = posixpath.normpath(file.source), posixpath.normpath(f"./{file.dest}")
        if listing.is_directory(src):
            new = {js_join(dest, path): js_join(src, path) for path in listing.below(src) if _copies(file, path)}
            for path in _orphans(file, src, dest, held, listing) if file.orphans else []:
                reasons[label, path] = f"its deleteOrphaned of {file.dest} deleted it again"
                del held[path]
            held |= new
        elif listing.is_file(src) and not file.source.endswith("/"):
            if _names_a_directory(file.dest):
                reasons[label, js_join(dest, posixpath.basename(src))] = "it can't copy a file to a directory's name"
            else:
                held[dest] = src


def _orphans(file: BetaHuhnFile, src: str, dest: str, held: dict[str, str], listing: SourceList) -> list[str]:
    below = {
        path: path if dest == "." else path.removeprefix(f"{dest}/") for path in held if paths.is_below(path, dest)
    }
    known = set(listing.below(src))
    excluded = {js_join(file.source, line) for line in file.exclude}
    return [
        path
        for path, relative in below.items()
        if relative not in known and not relative.startswith(".git") and js_join(src, relative) not in excluded
    ]


def _copies(file: BetaHuhnFile, path: str) -> bool:
    """Return whether that tool's filter copies a file; it checks every directory and the file by exact names."""
    excluded = {js_join(file.source, line) for line in file.exclude}
    if file.template:  # it forgets the directory then
        return path not in excluded and f"{posixpath.dirname(path)}/" not in excluded
    found = [js_join(file.source.rstrip("/") or ".", one) for one in (*parents(path), path)]
    return not any(one in excluded or f"{posixpath.dirname(one)}/" in excluded for one in found)
