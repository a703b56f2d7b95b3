"""Edits from targets go into the source's working tree."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from broadcast.errors import UsageError
from broadcast.git.object_store import MAX_BYTES
from broadcast.git.objects import EXECUTABLE
from broadcast.plan.harvest import Group
from broadcast.source.workspace import Workspace


def written(root: Path, groups: Sequence[Group]) -> tuple[str, ...]:
    """Write one edit for each path, or none of them; returns the paths. Raises UsageError.

    A file that differs on disk from what the edit was made for stays as it is: no change of anybody's is lost.
    """
    workspace = Workspace(root.resolve(), confined=True)
    for group in groups:
        _check(workspace, group)
    for group in groups:
        try:
            is_executable = group.is_new and group.mode == EXECUTABLE
            workspace.replace(group.source, group.after, keeps_mode=not group.is_new, executable=is_executable)
        except OSError as error:
            raise UsageError(f"{group.source} can't be written: {error.strerror}", "make it writable") from error
    return tuple(group.source for group in groups)


def _check(workspace: Workspace, group: Group) -> None:
    try:
        found = workspace.read(group.source, MAX_BYTES)
    except FileNotFoundError as error:
        if group.is_new:
            return
        raise UsageError(f"{group.source} is not on disk, so no edit is written into it", "restore it") from error
    except OSError as error:
        why = f"{group.source} can't be replaced: {error.strerror}"
        raise UsageError(why, "check out the file itself, not a link or a directory in its place") from error
    if group.is_new or found != group.before:
        raise UsageError(
            f"{group.source} differs on disk from the commit, so no edit is written into it",
            "commit or stash your change, and run again",
        )
