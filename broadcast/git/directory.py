"""Read a `.git` directory: gitrepository-layout(5)."""

# Paths in an index are bytes, which pathlib does not take.
# ruff: noqa: PTH110, PTH113, PTH114, PTH115, PTH116, PTH118

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from typing import NamedTuple

from broadcast.git.index import IndexEntry, UnreadableIndex, parse_index
from broadcast.git.nofollow import read
from broadcast.git.objects import REGULAR
from broadcast.git.paths import decoded

MAX_INDEX = 512 * 1024 * 1024  # bytes: some five million files
_MAX_REFS = 5  # symbolic refs that name each other, as git's SYMREF_MAXDEPTH
_ID = re.compile(rb"[0-9a-f]{40}")


class GitDirectory(NamedTuple):
    """The parts of a `.git` directory that a snapshot needs."""

    own: bytes  # of this worktree: HEAD, index
    common: bytes  # of all worktrees: objects, refs, config
    entries: Sequence[IndexEntry]
    index_ns: int  # when the index was written
    config: bytes  # the text of it

    @classmethod
    def of(cls, root: bytes) -> GitDirectory | None:
        """The git directory of the checkout at `root`; None if there is none. Raises UnreadableIndex, OSError."""
        if not os.path.lexists(root + b"/.git"):
            return None
        directory = _own(root)
        common = _common(directory)
        config = read(common + b"/config", REGULAR)
        _check_format(config)
        try:
            written_ns = os.stat(directory + b"/index").st_mtime_ns  # before it is read: what is newer is looked at
            index = parse_index(read(directory + b"/index", REGULAR, MAX_INDEX))
            return cls(directory, common, index, written_ns, config)
        except FileNotFoundError:
            return cls(directory, common, (), 0, config)  # nothing has been added yet

    @property
    def is_shallow(self) -> bool:
        """Whether the history is cut off (gitrepository-layout(5), shallow)."""
        return os.path.exists(self.common + b"/shallow")

    @property
    def head(self) -> str:
        """The id of the HEAD commit, 40 hex digits; empty before the first commit. Raises UnreadableIndex."""
        return self.named(b"HEAD")[1]

    @property
    def ref(self) -> str:
        """The ref of HEAD, such as refs/heads/main; empty if HEAD is detached."""
        name = self.named(b"HEAD")[0]
        return "" if name == b"HEAD" else decoded(name)

    def named(self, name: bytes) -> tuple[bytes, str]:
        """The ref to which `name` resolves, and its id; empty if there is none. Raises UnreadableIndex."""
        asked = name
        for _ in range(_MAX_REFS):
            said = self._said(name)
            if _ID.fullmatch(said) or not said:
                return name, said.decode()
            name = said.removeprefix(b"ref:").strip()
            if not said.startswith(b"ref:") or not name.startswith(b"refs/") or b"/../" in name + b"/":
                break
        raise UnreadableIndex(f"the checkout's {decoded(asked)} can't be parsed")

    def _said(self, name: bytes) -> bytes:
        """The content of a ref, from its file or packed-refs; empty if it is in neither."""
        file = os.path.join(self.common if b"/" in name else self.own, name)
        if name == b"HEAD" and os.path.islink(file):  # core.preferSymlinkRefs of git-config(1)
            return b"ref: " + os.readlink(file)
        try:
            return _line(file)
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            return self._packed(name)

    def _packed(self, name: bytes) -> bytes:
        try:
            lines = read(self.common + b"/packed-refs", REGULAR).splitlines()
        except FileNotFoundError:
            return b""
        return next((line[:40] for line in lines if line[41:] == name), b"")


def common_directory(root: bytes) -> bytes:
    """The git directory that all worktrees of the checkout at `root` share. Raises OSError."""
    return _common(_own(root))


def _own(root: bytes) -> bytes:
    directory = root + b"/.git"
    if not os.path.isfile(directory):
        return directory
    # a worktree or submodule: "gitdir: <path>"
    return os.path.realpath(os.path.join(root, _line(directory).removeprefix(b"gitdir: ")))


def _common(directory: bytes) -> bytes:
    if not os.path.exists(directory + b"/commondir"):
        return directory
    return os.path.realpath(os.path.join(directory, _line(directory + b"/commondir")))


def _check_format(config: bytes) -> None:
    if re.search(rb"(?im)^[ \t]*objectformat[ \t]*=[ \t]*\"?sha256", config):
        raise UnreadableIndex("the checkout uses SHA-256 ids", "GitHub doesn't support them; use a SHA-1 repository")
    if re.search(rb"(?im)^[ \t]*refstorage[ \t]*=[ \t]*\"?reftable", config):
        raise UnreadableIndex(
            "the checkout keeps its refs in a reftable", "run `git refs migrate --ref-format=files` in it"
        )


def _line(file: bytes) -> bytes:
    return read(file, REGULAR).rstrip(b"\r\n")
