"""Write files in the workspace, owned by its owner: later steps and caches can read them.

The container's user is root, the steps around it have another (docs: Dockerfile support for GitHub Actions, USER):
what root alone may read, actions/cache can't pack, and what is root's, the next checkout can't remove.

On a runner, paths lead nowhere but below the workspace: a link that a step or a commit left there would have root write
elsewhere, and what stands in `.git` is run by the next git (docs/threat-model.md). A terminal's user may write where
they like.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from errno import EPERM
from pathlib import Path, PurePath
from secrets import token_hex

from broadcast.git import by_path, nofollow
from broadcast.git.by_path import HAS_HANDLES
from broadcast.git.objects import REGULAR
from broadcast.git.paths import is_git_directory

READABLE, ENTERABLE = 0o644, 0o755
_FOLDER = os.O_RDONLY | getattr(os, "O_DIRECTORY", 0)
_NO_LINK = getattr(os, "O_NOFOLLOW", 0)
_FILE = os.O_WRONLY | os.O_CREAT | _NO_LINK | getattr(os, "O_NONBLOCK", 0)  # opening a pipe would wait for a reader


class Workspace:
    """Reads and writes files below `root`; with `confined` none elsewhere."""

    def __init__(self, root: Path, *, confined: bool = False) -> None:
        self.root, self._confined = root, confined

    def check(self, path: str) -> None:
        """Raise ValueError with the reason if `path` can't be written."""
        if self._confined:
            self._parts(path)

    def read(self, path: Path | str, most: int) -> bytes:
        """The content of a file of at most `most` bytes. Raises OSError."""
        if not self._confined:
            return nofollow.read(os.fsencode(os.path.realpath(self.root / path)), REGULAR, most)
        with nofollow.Folders(nofollow.slashed(os.fsencode(os.path.realpath(self.root)))) as folders:
            return folders.read(os.fsencode("/".join(self._allowed(path))), REGULAR, most)

    def write(self, path: Path | str, content: bytes) -> None:
        """Write a file in an existing directory. Raises OSError."""
        if not self._confined:
            with (self.root / path).open("wb") as file:
                self._give(file.fileno(), READABLE)
                file.write(content)
            return
        with self._within(path, makes=False) as (folder, name):
            handle = _opened(name, _FILE, folder)
            with os.fdopen(handle, "wb") as file:
                found = os.fstat(handle)
                if not stat.S_ISREG(found.st_mode) or found.st_nlink > 1:
                    raise OSError(EPERM, "Not a plain file of its own; remove it, or name another", str(path))
                os.ftruncate(handle, 0)
                self._give(handle, READABLE)
                file.write(content)

    def replace(self, path: Path | str, content: bytes, *, keeps_mode: bool = False, executable: bool = False) -> None:
        """Write a file atomically; create its directories. Raises OSError.

        With `keeps_mode` it has the mode of the one before.
        """
        with self._within(path, makes=True) as (folder, name):
            made = f"{name}.{token_hex(6)}"
            try:
                with os.fdopen(_opened(made, _FILE | os.O_EXCL, folder), "wb") as file:
                    self._give(file.fileno(), READABLE)
                    if keeps_mode:
                        _set_mode(file.fileno(), os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode & 0o777)
                    if executable:
                        _set_mode(file.fileno(), stat.S_IMODE(os.fstat(file.fileno()).st_mode) | 0o111)
                    file.write(content)
                os.replace(made, name, src_dir_fd=folder, dst_dir_fd=folder)
            except OSError:
                with suppress(FileNotFoundError):
                    os.unlink(made, dir_fd=folder)
                raise

    @contextmanager
    def _within(self, path: Path | str, *, makes: bool) -> Iterator[tuple[int | None, str]]:
        """A descriptor of the directory of `path`, and the name in it; without descriptors the whole path."""
        *parts, name = self._allowed(path) if self._confined else (self.root / path).parts
        if not HAS_HANDLES:
            yield None, self._place(parts, name, makes=makes)
            return
        links = _NO_LINK if self._confined else 0
        handle = os.open(self.root if self._confined else Path(), _FOLDER)
        try:
            for part in parts:
                self._step(handle, part, links, makes=makes)
            yield handle, name
        finally:
            os.close(handle)

    def _step(self, above: int, part: str, links: int, *, makes: bool) -> None:
        """Replace the descriptor by that of its subdirectory `part`."""
        is_new = False
        try:
            below = os.open(part, _FOLDER | links, dir_fd=above)
        except FileNotFoundError:
            if not makes:
                raise
            with suppress(FileExistsError):
                os.mkdir(part, dir_fd=above)
                is_new = True
            below = os.open(part, _FOLDER | _NO_LINK, dir_fd=above)
        if is_new:
            self._give(below, ENTERABLE)
        os.dup2(below, above)
        os.close(below)

    def _place(self, parts: Sequence[str], name: str, *, makes: bool) -> str:
        """The whole path, with no link on the way to it below the root; makes its directories."""
        if not self._confined:
            Path(*parts).mkdir(parents=True, exist_ok=True)
            return str(Path(*parts, name))
        place = os.fsencode(self.root.resolve())
        for part in parts:
            place = by_path.below(place, part.encode())
            if makes:
                with suppress(FileExistsError):
                    os.mkdir(place)  # noqa: PTH102  bytes
            by_path.check_folder(place)
        return os.fsdecode(by_path.below(place, name.encode()))

    def _allowed(self, path: Path | str) -> Sequence[str]:
        try:
            return self._parts(path)
        except ValueError as error:
            raise OSError(EPERM, str(error), str(path)) from None

    def _parts(self, path: Path | str) -> Sequence[str]:
        """The names of `path` below the root. Raises ValueError."""
        pure = PurePath(path)
        if pure.is_absolute() and pure.is_relative_to(self.root):
            pure = pure.relative_to(self.root)
        if pure.anchor or ".." in pure.parts or not pure.parts:
            raise ValueError("it lies outside of the workspace; give a path inside it")
        if any(map(is_git_directory, pure.parts)):
            raise ValueError("it lies in git's own directory; give a path elsewhere in the workspace")
        return pure.parts

    def _give(self, handle: int, mode: int) -> None:
        """Change the owner of a file that root created; other users can't, and for them the umask decides.

        What the handle leads to counts, not the name: a device, or a file that was somebody's, stays as it is.
        """
        if not hasattr(os, "geteuid"):  # Windows
            return
        found, owner = os.fstat(handle), self.root.stat()
        if os.geteuid() == 0 and found.st_uid == 0 and (stat.S_ISREG(found.st_mode) or stat.S_ISDIR(found.st_mode)):
            os.fchown(handle, owner.st_uid, owner.st_gid)
            os.fchmod(handle, mode)


def _opened(name: str, flags: int, folder: int | None) -> int:
    """The descriptor of a file in the directory `folder`, or by its whole path. Raises OSError."""
    if folder is None:
        return by_path.opened(os.fsencode(name), flags)
    return os.open(name, flags, 0o666, dir_fd=folder)


def _set_mode(handle: int, mode: int) -> None:
    """Set the mode of an open file, where files have modes."""
    if hasattr(os, "fchmod"):
        os.fchmod(handle, mode)
