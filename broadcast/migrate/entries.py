"""Convert entries of both tools: legal paths, patterns, one entry per destination (pure)."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable

from msgspec.structs import replace

from broadcast.config.yaml_reader import Place, Text
from broadcast.git import paths
from broadcast.git.ignore import DEFAULT_EXCLUDES, Excludes
from broadcast.git.refs import is_legal_branch
from broadcast.migrate.document import Document
from broadcast.migrate.model import MigratedEntry, MigratedTarget, SourceList, Value

_REPO = re.compile(r"[A-Za-z0-9][A-Za-z0-9-]{0,38}/(?!\.\.?$)[A-Za-z0-9._-]{1,100}")  # as GitHub names them
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")
_SPECIAL = re.compile(r"[\\*?\[]")


def repository(doc: Document, name: Text, source: str) -> tuple[str, str] | None:
    """Split `owner/name[@branch]` as both tools do; return None and add a note if it is invalid."""
    whole, _, rest = name.partition("@")
    branch = rest.split("@")[0]
    repo = "/".join(whole.split("/")[:2])
    if not _REPO.fullmatch(repo):
        doc.note(name.place, name, "this names no repository of GitHub's", "left out; correct the name")
    elif branch and not is_legal_branch(branch):
        doc.note(name.place, name, "this can't be the name of a branch", "left out; correct the name")
    elif repo.lower() == source.lower() and branch in ("", "main", "master"):
        did = "sends to the source itself"
        doc.note(name.place, name, did, "left out: name another branch of it, which may be a target")
    else:
        return repo, branch
    return None


def clean(doc: Document, path: Text, key: str) -> str | None:
    """Normalise `path`; return None and add a note if it may not be used."""
    try:
        return paths.normalise(posixpath.normpath(path) if path else path)
    except ValueError as error:
        if path and not path.strip("/"):
            doc.note(
                path.place, key, f"{path} was the root of the runner, and failed", "left out; write ./ for the root"
            )
            return None
        doc.note(path.place, key, f"{path!r}: {error}", "left out; write a path inside the repository")
        return None


def is_directory(src: str, written: str, listing: SourceList, *, meant: bool) -> bool:
    """Return whether `src` is a directory: by the source's files, else as `written`, else by its options (`meant`)."""
    if src == "." or listing.is_directory(src):
        return True
    return not listing.is_file(src) and (written.endswith("/") or (meant and not listing))


def names_a_directory(dest: str) -> bool:
    """Return whether a destination is written as a directory's."""
    return dest.endswith("/") or posixpath.normpath(dest) == "."


def escaped(path: str) -> str:
    """Return the gitignore pattern for exactly this path below a mapping's directory."""
    plain = _SPECIAL.sub(r"\\\g<0>", path)
    return "/" + re.sub(r" +$", lambda spaces: "\\ " * len(spaces[0]), plain)


def fitted(doc: Document, entry: MigratedEntry, listing: SourceList, place: Place) -> MigratedEntry | None:
    """Adapt `entry` to the source's files; return None and add a note if it would send nothing."""
    if not listing:
        return entry
    if not (listing.is_directory(entry.src) if entry.directory else listing.is_file(entry.src)):
        doc.note(place, entry.src, "there is no such file or directory", "left out; commit it first, or correct it")
        return None
    if not entry.directory:
        return entry
    defaults = Excludes(DEFAULT_EXCLUDES)
    below = [path for path in listing.below(entry.src) if entry.include_hidden or not is_hidden(path)]
    if not _chosen(entry, listing):
        doc.note(place, entry.src, "every file of it is excluded", "left out; loosen the excludes if it matters")
        return None
    return replace(entry, default_excludes=not any(defaults.match(path) for path in below))


def tell_of_itself(doc: Document, entry: MigratedEntry | None, listing: SourceList, place: Place) -> None:
    """Add a note if the entry sends the old config itself."""
    if not entry or doc.file not in sends(entry, listing).values():
        return
    did = f"sends this config itself, {doc.file}"
    if entry.directory:
        instead = "it still does; targets keep their copy when you remove the file, and `remove:` deletes it there"
    else:
        instead = "it still does; take the entry out together with the file, and `remove:` deletes the copies"
    doc.note(place, "source", did, f"{instead}. A target that sends files on with it needs a config of Broadcast")


def is_hidden(path: str) -> bool:
    """Return whether any name in the path begins with a dot."""
    return any(part.startswith(".") for part in path.split("/"))


def settled(doc: Document, target: MigratedTarget, listing: SourceList, place: Place) -> MigratedTarget:
    """Remove entries that send to the same path twice; the last one wins, as in the old tool."""
    kept: list[MigratedEntry] = []
    for entry in target.entries:
        lost = [one for one in kept if _is_replaced(one, entry, listing)]
        for one in lost:
            if one != entry:
                did = f"sent {one.src} to {one.dest} of {target.label} first, then {entry.src}"
                doc.note(place, entry.dest, did, "only the last is kept, which is what the target got")
        rest = [_without(one, entry, listing) for one in kept if one not in lost]
        kept = [*(one for one in rest if sends(one, listing) or not listing), entry]
    return replace(target, entries=tuple(kept))


def _is_replaced(old: MigratedEntry, new: MigratedEntry, listing: SourceList) -> bool:
    if not old.directory:
        return old.dest in sends(new, listing)
    if not new.directory:
        return False
    whole = (old.src, old.dest, old.exclude, old.include_only)
    if whole == (new.src, new.dest, new.exclude, new.include_only):
        return True
    return bool(listing) and sends(old, listing).keys() <= sends(new, listing).keys()


def _without(old: MigratedEntry, new: MigratedEntry, listing: SourceList) -> MigratedEntry:
    """Exclude the path from a directory if another one sends it; a file wins over a directory anyway."""
    if not (old.directory and new.directory):
        return old
    mine, theirs = sends(old, listing), sends(new, listing)
    alike = all(getattr(old, key) == getattr(new, key) for key in ("mode", "template", "delimiters", "header"))
    lost = [dest for dest, src in mine.items() if dest in theirs and not (alike and theirs[dest] == src)]
    excludes = [escaped(dest if old.dest == "." else dest[len(old.dest) + 1 :]) for dest in lost]
    return replace(old, exclude=(*old.exclude, *excludes))


def sends(entry: MigratedEntry, listing: SourceList) -> dict[str, str]:
    """Return destination → source of everything that `entry` sends."""
    if not entry.directory:
        return {entry.dest: entry.src}
    return {paths.join(entry.dest, path): paths.join(entry.src, path) for path in _chosen(entry, listing)}


def _chosen(entry: MigratedEntry, listing: SourceList) -> list[str]:
    """The files of a directory that an entry sends, relative to it."""
    own = Excludes(entry.exclude)
    only = Excludes(entry.include_only) if entry.include_only else None
    below = [path for path in listing.below(entry.src) if entry.include_hidden or not is_hidden(path)]
    return [path for path in below if not own.match(path) and (not only or only.match(path))]


def legible(doc: Document, settings: Iterable[tuple[str, Value]], place: Place) -> tuple[tuple[str, Value], ...]:
    """Remove control characters from settings; add a note for each setting that has any."""
    kept: list[tuple[str, Value]] = []
    for key, value in settings:
        good = _legible(value)
        if good != value:
            doc.note(place, key, "holds control characters", "it was left out; write it without them")
        if good:
            kept.append((key, good))
    return tuple(kept)


def _legible(value: Value) -> Value:
    if isinstance(value, tuple):
        return tuple(one for one in value if not _CONTROL.search(one))
    return "" if isinstance(value, str) and _CONTROL.search(value) else value


def literal(text: str) -> str:
    """Escape the braces of `text` for a setting with placeholders."""
    return text.replace("{", "{{").replace("}", "}}")
