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
from pathlib import Path, PurePosixPath
from secrets import token_hex

from broadcast.git import nofollow
from broadcast.git.objects import REGULAR
from broadcast.git.paths import is_git_directory

READABLE, ENTERABLE = 0o644, 0o755
_FOLDER = os.O_RDONLY | os.O_DIRECTORY
_FILE = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK  # opening a pipe would wait for a reader


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
        where = os.fsencode(os.path.realpath(self.root)) if self._confined else b"/"
        parts = self._allowed(path) if self._confined else Path(os.path.realpath(self.root / path)).parts[1:]
        with nofollow.Folders(where) as folders:
            return folders.read(os.fsencode("/".join(parts)), REGULAR, most)

    def write(self, path: Path | str, content: bytes) -> None:
        """Write a file in an existing directory. Raises OSError."""
        if not self._confined:
            with (self.root / path).open("wb") as file:
                self._give(file.fileno(), READABLE)
                file.write(content)
            return
        with self._within(path, makes=False) as (folder, name):
            handle = os.open(name, _FILE, 0o666, dir_fd=folder)
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
                with os.fdopen(os.open(made, _FILE | os.O_EXCL, 0o666, dir_fd=folder), "wb") as file:
                    self._give(file.fileno(), READABLE)
                    if keeps_mode:
                        found = os.stat(name, dir_fd=folder, follow_symlinks=False)
                        os.fchmod(file.fileno(), stat.S_IMODE(found.st_mode) & 0o777)
                    if executable:
                        os.fchmod(file.fileno(), stat.S_IMODE(os.fstat(file.fileno()).st_mode) | 0o111)
                    file.write(content)
                os.replace(made, name, src_dir_fd=folder, dst_dir_fd=folder)
            except OSError:
                with suppress(FileNotFoundError):
                    os.unlink(made, dir_fd=folder)
                raise

    @contextmanager
    def _within(self, path: Path | str, *, makes: bool) -> Iterator[tuple[int, str]]:
        """A descriptor of the directory of `path`, and the name in it."""
        *parts, name = self._allowed(path) if self._confined else (self.root / path).parts
        links = os.O_NOFOLLOW if self._confined else 0
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
            below = os.open(part, _FOLDER | os.O_NOFOLLOW, dir_fd=above)
        if is_new:
            self._give(below, ENTERABLE)
        os.dup2(below, above)
        os.close(below)

    def _allowed(self, path: Path | str) -> Sequence[str]:
        try:
            return self._parts(path)
        except ValueError as error:
            raise OSError(EPERM, str(error), str(path)) from None

    def _parts(self, path: Path | str) -> Sequence[str]:
        """The names of `path` below the root. Raises ValueError."""
        pure = PurePosixPath(path)
        if pure.is_absolute() and pure.is_relative_to(self.root):
            pure = pure.relative_to(self.root)
        if pure.is_absolute() or ".." in pure.parts or not pure.parts:
            raise ValueError("it lies outside of the workspace; give a path inside it")
        if any(map(is_git_directory, pure.parts)):
            raise ValueError("it lies in git's own directory; give a path elsewhere in the workspace")
        return pure.parts

    def _give(self, handle: int, mode: int) -> None:
        """Change the owner of a file that root created; other users can't, and for them the umask decides.

        What the handle leads to counts, not the name: a device, or a file that was somebody's, stays as it is.
        """
        found, owner = os.fstat(handle), self.root.stat()
        if os.geteuid() == 0 and found.st_uid == 0 and (stat.S_ISREG(found.st_mode) or stat.S_ISDIR(found.st_mode)):
            os.fchown(handle, owner.st_uid, owner.st_gid)
            os.fchmod(handle, mode)
