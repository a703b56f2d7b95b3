"""Walk a directory without `.git`: every file that no `.gitignore` excludes."""

# Paths in an index are bytes, which pathlib does not take.

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from stat import S_ISDIR, S_ISLNK, S_IXUSR

from broadcast.git.ignore import Excludes, parse_ignore_file
from broadcast.git.index import IndexEntry
from broadcast.git.nofollow import read
from broadcast.git.objects import EXECUTABLE, REGULAR, SYMLINK
from broadcast.git.paths import decoded
from broadcast.source.secret_names import is_secret

_BARE = frozenset({b"HEAD", b"objects", b"refs"})  # gitrepository-layout(5)


def without_credentials(entries: Sequence[IndexEntry], named: bytes) -> tuple[list[IndexEntry], list[str]]:
    """The files to send, and warnings of the others: files that usually hold secrets must be `named`."""
    kept, warnings = [], []
    for entry in entries:
        if entry.path == named or not is_secret(decoded(entry.path)):
            kept.append(entry)
        else:
            name = decoded(entry.path)
            warnings.append(f"{name} may hold a secret: untracked, it is sent only where files: names it")
    return kept, warnings


def walk(
    root: bytes,
    warnings: dict[str, None],
    below: bytes | None = None,
    prunes: Callable[[str], bool] = lambda _: False,
    nested: list[bytes] | None = None,
) -> Iterator[IndexEntry]:
    """Every file that no `.gitignore` excludes, as a new index entry; symlinks aren't followed.

    With `below`, every file below that directory (or at that path), ignored or not. What `prunes` says of a directory
    keeps it from being entered. With `nested`, checkouts that lie below are added to that, and not entered.
    """
    if below:
        try:
            status = os.lstat(root + b"/" + below)
        except (FileNotFoundError, NotADirectoryError):
            return
        if not S_ISDIR(status.st_mode):
            yield _added(below, status)
            return
    folders: list[tuple[bytes, tuple[tuple[int, Excludes], ...]]] = [(below + b"/" if below else b"", ())]
    while folders:
        folder, rules = folders.pop()
        if below is None:
            rules = (*rules, (len(decoded(folder)), _ignore_file(root, folder, warnings)))
        for item in _items(root, folder, warnings):
            path, is_folder = folder + item.name, item.is_dir(follow_symlinks=False)
            name = decoded(path)
            if (
                item.name == b".git"
                or _is_ignored(name, rules, is_folder)
                or (is_folder and (prunes(name) or _is_checkout(root, path, nested)))
            ):
                continue
            if is_folder:
                folders.append((path + b"/", rules))
            elif item.is_file(follow_symlinks=False) or item.is_symlink():
                yield _added(path, item.stat(follow_symlinks=False))


def _items(root: bytes, folder: bytes, warnings: dict[str, None]) -> Sequence[os.DirEntry[bytes]]:
    """The entries of a directory; none of a bare repository, whose config may have a password."""
    with os.scandir(root + b"/" + folder) as scanned:
        items = list(scanned)
    if len(items) >= len(_BARE) and {item.name for item in items} >= _BARE:
        warnings[f"{decoded(folder)} is a git repository of its own, and not sent"] = None
        return ()
    return items


def _is_checkout(root: bytes, path: bytes, nested: list[bytes] | None) -> bool:
    if nested is None or not os.path.lexists(root + b"/" + path + b"/.git"):
        return False
    nested.append(path)
    return True


def _ignore_file(root: bytes, folder: bytes, warnings: dict[str, None]) -> Excludes:
    content = b""
    with suppress(OSError):
        content = read(root + b"/" + folder + b".gitignore", REGULAR)
    excludes, unread = parse_ignore_file(content.decode("utf-8", "surrogateescape"))
    for pattern in unread:
        warnings[f"{decoded(folder)}.gitignore: {pattern!r} is not understood and was left out"] = None
    return excludes


def _is_ignored(path: str, rules: Sequence[tuple[int, Excludes]], is_folder: bool) -> bool:
    """Whether a path is ignored: the deepest `.gitignore` with a match decides (gitignore(5))."""
    for start, excludes in reversed(rules):
        verdict = excludes.decide(path[start:], folder=is_folder)
        if verdict is not None:
            return verdict
    return False


def _added(path: bytes, status: os.stat_result) -> IndexEntry:
    plain = EXECUTABLE if status.st_mode & S_IXUSR and os.name != "nt" else REGULAR  # git doesn't see it there, either
    mode = SYMLINK if S_ISLNK(status.st_mode) else plain
    return IndexEntry(
        path=path,
        mode=mode,
        oid="",
        size=status.st_size,
        mtime_ns=status.st_mtime_ns,
        stage=0,
        skip_worktree=False,
        intent_to_add=True,
    )
