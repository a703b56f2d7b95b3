"""Convert the config of BetaHuhn/repo-file-sync-action, `.github/sync.yml` (pure)."""

from __future__ import annotations

import itertools
import posixpath
from collections.abc import Iterable

from msgspec.structs import replace

from broadcast.config.yaml_reader import Place, Text
from broadcast.git import paths
from broadcast.migrate import betahuhn_config, betahuhn_templates
from broadcast.migrate.betahuhn_config import BetaHuhnFile, Repo, urlsplit_or_nothing
from broadcast.migrate.betahuhn_inputs import BetaHuhnInputs
from broadcast.migrate.betahuhn_model import copies, model
from broadcast.migrate.betahuhn_templates import Rendered
from broadcast.migrate.document import Document
from broadcast.migrate.entries import (
    clean,
    escaped,
    fitted,
    is_directory,
    names_a_directory,
    repository,
    settled,
    tell_of_itself,
)
from broadcast.migrate.model import MigratedEntry, MigratedTarget, Old, SourceList, js_join, united

TOOL = "BetaHuhn/repo-file-sync-action"
_GLOB = "*?[{"


def migrate(doc: Document, inputs: BetaHuhnInputs, source: str, listing: SourceList) -> Old:
    """The config in our terms. Raises ConfigError."""
    repos = betahuhn_config.together(betahuhn_config.repos(doc))
    doc.check()
    converter = _Converter(doc, source, listing)
    targets = [target for repo in repos if (target := converter.target(repo, inputs))]
    merged = united(targets, lambda one: settled(doc, one, listing, converter.places[one.label.lower()]))
    supersedes = inputs.supersedes(source, (one.branch for one in merged))
    return Old(TOOL, merged, supersedes, *model(repos, listing))


class _Converter:
    """Converts targets; entries that several of them share are read once."""

    def __init__(self, doc: Document, source: str, listing: SourceList) -> None:
        self._doc, self._source, self._listing = doc, source, listing
        self._known: dict[Place, Rendered | None] = {}
        self.places: dict[str, Place] = {}  # label → where it stands

    def target(self, repo: Repo, inputs: BetaHuhnInputs) -> MigratedTarget | None:
        """A target of ours; None, with a note, if it can't be one."""
        name = self._named(repo.name)
        named = repository(self._doc, name, self._source)
        if not named:
            return None
        found = [(file, one) for file in repo.files if (one := self._rendered(file))]
        if not found:
            self._doc.note(name.place, name, "nothing of what it names can be sent", "the target was left out")
            return None
        values = betahuhn_templates.united(self._doc, found)
        entries = tuple(one.entry for _, one in found)
        target = MigratedTarget(*named, entries, (), inputs.settings, tuple(values.items()))
        self.places.setdefault(target.label.lower(), name.place)
        self._doc.anchor(name.place, name.place.line, "target", target.label.lower())
        return target

    def _named(self, name: Text) -> Text:
        if not name.startswith("http"):
            return name
        host, path = urlsplit_or_nothing(name)
        did, instead = f"named the host {host}", "all targets are on the host of the run; see our input `api-url`"
        self._doc.note(name.place, name, did, instead)
        return Text.at(path, name.place)

    def _rendered(self, file: BetaHuhnFile) -> Rendered | None:
        if file.place not in self._known:
            entry = _entry(self._doc, file, self._listing)
            tell_of_itself(self._doc, entry, self._listing, file.place)
            made = betahuhn_templates.rendered(self._doc, file, entry, self._listing) if entry else None
            self._known[file.place] = made
            if made:
                self._doc.anchor(file.place, file.end, "entry", made.entry.src, made.entry.dest)
        return self._known[file.place]


def _entry(doc: Document, file: BetaHuhnFile, listing: SourceList) -> MigratedEntry | None:
    src = clean(doc, file.source, "source")
    dest = clean(doc, Text.at(file.dest.lstrip("/") or ".", file.dest.place), "dest")
    if src is None or dest is None:
        return None
    if listing and not _is_there(src, listing):
        _absent(doc, file, src)
        return None
    directory = is_directory(src, file.source, listing, meant=bool(file.exclude) or file.orphans)
    if not directory and names_a_directory(file.dest):
        did = f"could not copy the file {file.source} to {file.dest}, and failed"
        dest = paths.join(dest, posixpath.basename(src))
        doc.note(file.dest.place, "dest", did, f"it goes to {dest} now; write the whole path if you mean another")
    if not directory and file.source.endswith("/") and listing:
        doc.note(file.place, "source", f"found no directory {file.source} and went on", "the file is sent now")
    if not file.replace and directory and dest == ".":
        did = "sent nothing: a directory that is there was left alone, and the root of a target always is"
        doc.note(file.place, "replace: false", did, "left out; `mode: seed` sends each file that a target never had")
        return None
    entry = MigratedEntry(src, dest, directory, _mode(doc, file, directory), template=bool(file.template))
    if directory and file.orphans and file.replace:
        entry = replace(entry, mode=_deleting(doc, file, entry, listing))
    if directory:
        entry = replace(entry, exclude=tuple(_excludes(doc, file, src, listing)))
    elif file.exclude:
        doc.note(file.place, "exclude", "did nothing for a single file", "it was left out")
    return fitted(doc, entry, listing, file.place)


def _absent(doc: Document, file: BetaHuhnFile, src: str) -> None:
    """Note a source that isn't there."""
    before = list(itertools.takewhile(lambda part: not set(part) & set(_GLOB), src.split("/")))
    if len(before) == len(src.split("/")):
        doc.note(file.place, src, "there is no such file or directory", "left out; commit it first, or correct it")
        return
    did = f"found no {file.source}, for it knows no patterns, and went on"
    doc.note(file.place, "source", did, f"left out; write {'/'.join(before) or '.'}/ for the whole directory")


def _mode(doc: Document, file: BetaHuhnFile, directory: bool) -> str:
    if file.orphans and not directory:
        doc.note(file.place, "deleteOrphaned", "did nothing for a single file", "it was left out")
    if not file.replace:
        did = "left a directory alone if it was there at all" if directory else "wrote the file where it was absent"
        instead = "`mode: seed` decides file by file, and doesn't bring back what a target has deleted"
        doc.note(file.place, "replace: false", did, instead)
        return "seed"
    return "copy"


def _deleting(doc: Document, file: BetaHuhnFile, entry: MigratedEntry, listing: SourceList) -> str:
    """The mode of a directory whose orphans that tool deleted: it stopped at the first name that begins with .git."""
    is_root = "." in (entry.src, entry.dest)
    sent = [] if is_root else [path for path in listing.below(entry.src) if copies(file, path)]
    stop = ".git/" if is_root else next((path for path in sent if path.startswith(".git")), "")
    mirror = "up to `limits.max_deletions` (10) in a target; see `plan` first"
    if not stop:
        did = "deleted what the source hasn't got, but stopped at the first name that begins with .git"
        doc.note(file.place, "deleteOrphaned", did, f"`mode: mirror` deletes all of it, {mirror}")
        return "mirror"
    did = f"stopped at {stop}, and deleted only what is sorted before it"
    instead = f"nothing is deleted now; `mode: prune` deletes what {file.source} loses, `mode: mirror` all that it"
    doc.note(file.place, "deleteOrphaned", did, f"{instead} hasn't got, {mirror}")
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
