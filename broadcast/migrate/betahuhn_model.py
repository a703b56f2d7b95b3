"""Model what BetaHuhn/repo-file-sync-action sends (pure)."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable

from broadcast.git import paths
from broadcast.migrate.betahuhn_config import BetaHuhnFile, Repo, urlsplit_or_nothing
from broadcast.migrate.entries import names_a_directory
from broadcast.migrate.model import Sent, SourceList, js_join, parents


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
        if not file.replace and dest == "." and listing.is_directory(src):
            continue  # the root of a target is always there
        if listing.is_directory(src):
            new = {js_join(dest, path): js_join(src, path) for path in listing.below(src) if copies(file, path)}
            for path in _orphans(file, src, dest, held, listing) if file.orphans else []:
                reasons[label, path] = f"its deleteOrphaned of {file.dest} deleted it again"
                del held[path]
            held |= new
        elif listing.is_file(src) and not file.source.endswith("/"):
            if names_a_directory(file.dest):
                reasons[label, js_join(dest, posixpath.basename(src))] = "it can't copy a file to a directory's name"
            else:
                held[dest] = src


def _orphans(file: BetaHuhnFile, src: str, dest: str, held: dict[str, str], listing: SourceList) -> list[str]:
    """What it deletes of what is there: it goes through all names, and stops at the first that begins with .git."""
    below = {
        path: path if dest == "." else path.removeprefix(f"{dest}/") for path in held if paths.is_below(path, dest)
    }
    known = set(listing.below(src))
    excluded = {js_join(file.source, line) for line in file.exclude}
    there = {*below.values(), *(path for path in known if copies(file, path))}
    there |= {".git/HEAD"} if "." in (src, dest) else set()
    stop = min((_walked(path) for path in there if path.startswith(".git")), default=None)
    return [
        path
        for path, relative in below.items()
        if (stop is None or _walked(relative) < stop)
        and relative not in known
        and js_join(src, relative) not in excluded
    ]


def _walked(path: str) -> list[bytes]:
    """The place of a file in a walk through sorted directories."""
    return [part.encode("utf-8", "surrogateescape") for part in path.split("/")]


def copies(file: BetaHuhnFile, path: str) -> bool:
    """Return whether that tool's filter copies a file; it checks every directory and the file by exact names."""
    excluded = {js_join(file.source, line) for line in file.exclude}
    if file.template:  # it forgets the directory then
        return path not in excluded and f"{posixpath.dirname(path)}/" not in excluded
    found = [js_join(file.source.rstrip("/") or ".", one) for one in (*parents(path), path)]
    return not any(one in excluded or f"{posixpath.dirname(one)}/" in excluded for one in found)
