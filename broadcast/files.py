"""Files that we make in the workspace: its owner's, not ours, so that later steps and their caches can have them.

The container's user is root, the steps around it have another (docs: Dockerfile support for GitHub Actions, USER):
what root alone may read, actions/cache can't pack, and what is root's, the next checkout can't remove.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from secrets import token_hex

READABLE, ENTERABLE = 0o644, 0o755


class Workspace:
    """Where files are written, and for whom."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def write(self, path: Path | str, content: bytes) -> None:
        """Write a file whose directory is there. Raises OSError."""
        with (self.root / path).open("wb") as file:
            self._give(file.fileno(), READABLE)
            file.write(content)

    def replace(self, path: Path | str, content: bytes) -> None:
        """The same at once, so that no reader ever sees half of it; the directories are made. Raises OSError."""
        path = self.root / path
        self._make(path.parent)
        made = path.with_name(f"{path.name}.{token_hex(6)}")
        try:
            with made.open("xb") as file:
                self._give(file.fileno(), READABLE)
                file.write(content)
            made.replace(path)
        except OSError:
            made.unlink(missing_ok=True)
            raise

    def _make(self, directory: Path) -> None:
        """With what is missing above it."""
        if directory.is_dir():
            return
        self._make(directory.parent)
        directory.mkdir(exist_ok=True)
        handle = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            self._give(handle, ENTERABLE)
        finally:
            os.close(handle)

    def _give(self, handle: int, mode: int) -> None:
        """Give away what root made: no other user can, and for them the umask decides.

        What the handle leads to counts, not the name: a device, or a file that was somebody's, stays as it is.
        """
        found, owner = os.fstat(handle), self.root.stat()
        if os.geteuid() == 0 and found.st_uid == 0 and (stat.S_ISREG(found.st_mode) or stat.S_ISDIR(found.st_mode)):
            os.fchown(handle, owner.st_uid, owner.st_gid)
            os.fchmod(handle, mode)
