"""What a config of wadackel/files-sync-action says, and what that tool sends by it (pure)."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from msgspec import Struct

from broadcast.config.yaml_reader import Place, Text
from broadcast.git import paths
from broadcast.migrate import micromatch
from broadcast.migrate.entries import is_hidden
from broadcast.migrate.model import Sent, SourceList, js_join
from broadcast.migrate.wadackel_templates import PatternTemplate


class WadackelFile(Struct, frozen=True):
    """One entry of `files:`."""

    source: Text
    dest: Text
    exclude: tuple[Text, ...]
    place: Place
    end: int  # its last line


class Pattern(Struct, frozen=True):
    """One item of `patterns:`."""

    number: int
    files: tuple[WadackelFile, ...]
    deletes: tuple[Text, ...]
    repositories: tuple[Text, ...]
    settings: Mapping[str, Any]
    template: PatternTemplate | None
    place: Place


def model(patterns: Iterable[Pattern], listing: SourceList) -> tuple[Sent, dict[tuple[str, str], str]]:
    """Return what that tool sends, pattern by pattern, and the reasons for what it doesn't send."""
    sent: Sent = {}
    reasons: dict[tuple[str, str], str] = {}
    for pattern in patterns:
        files: dict[str, str] = {}
        left_out: dict[str, str] = {}
        for file in pattern.files:
            _resolve(file, listing, files, left_out)
        for name in pattern.repositories:
            whole, _, branch = name.partition("@")
            label = ("/".join(whole.split("/")[:2]) + (f"@{branch.split('@')[0]}" if branch else "")).lower()
            held = sent.setdefault(label, {})
            held |= files
            for path in [one for one in held if any(paths.is_below(one, js_join(gone)) for gone in pattern.deletes)]:
                del held[path]
            reasons |= {(label, dest): why for dest, why in left_out.items()}
    return sent, reasons


def _resolve(file: WadackelFile, listing: SourceList, files: dict[str, str], left_out: dict[str, str]) -> None:
    src = posixpath.normpath(file.source)
    if listing.is_file(src) and not file.source.endswith("/"):
        files[js_join(file.dest)] = src
        return
    excludes = [predicate(js_join(file.source, pattern)) for pattern in file.exclude]
    for path in listing.below(src) if listing.is_directory(src) else []:
        dest, found = js_join(file.dest, path), js_join(file.source, path)
        if is_hidden(path):
            left_out[dest] = "it leaves out names that begin with a dot"
        elif found in listing.links and listing.is_directory(listing.links[found]):
            left_out[dest] = "it follows symlinks to directories"
        elif not any(excluded(found) for excluded in excludes):
            files[dest] = found


def predicate(pattern: str) -> Callable[[str], bool]:
    """What a pattern matches: nothing where it is none."""
    try:
        return micromatch.matcher(pattern)
    except ValueError:
        return lambda _: False
