"""The lines that would change in files, as unified diffs; old contents come from GitHub."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from contextlib import suppress
from itertools import islice
from typing import Any

from broadcast.config.targets import Target
from broadcast.errors import FileUnavailable
from broadcast.git.objects import EXECUTABLE, REGULAR
from broadcast.github import batch
from broadcast.github.client import GitHub, Scope
from broadcast.github.validation import Malformed, reading
from broadcast.observe.change import Change
from broadcast.observe.contents import by_target, select_blobs
from broadcast.plan.outcome import FileDiff
from broadcast.plan.plan import Plan
from broadcast.snapshot.render import Renderer
from broadcast.snapshot.time_limit import TimeLimit, TimeLimitExceeded

BLOBS_A_QUESTION = 25
MAX_BLOBS = 500  # old contents that are asked for in one run; further files are named without their lines
MAX_BYTES = 256 * 1024
MAX_LINES = 4_000  # of one version; comparing takes long beyond that


class Diffs:
    """Compares each pair of contents once for all targets."""

    def __init__(self, github: GitHub, renderer: Renderer, time_limit: TimeLimit) -> None:
        self._github, self._renderer, self._time_limit = github, renderer, time_limit
        self._old: dict[str, str | None] = {}  # blob id → text; None: no text, or too large
        self._made: dict[tuple[str, str], FileDiff | None] = {}

    def of(self, plans: Mapping[Target, Plan]) -> dict[Target, dict[str, FileDiff]]:
        """The diffs of all plans by path; without binary, large and special files, and without what takes too long."""
        self._learn(plans)
        return {target: dict(self._of(target, plan)) for target, plan in plans.items()}

    def _of(self, target: Target, plan: Plan) -> Iterable[tuple[str, FileDiff]]:
        with suppress(TimeLimitExceeded), self._time_limit.on(target) as check:
            for change in plan.changes:
                check()
                if diff := self._diff(change):
                    yield change.path, diff

    def _learn(self, plans: Mapping[Target, Plan]) -> None:
        """Ask for every old content once, at one target that has it."""
        wanted: dict[str, Target] = {}
        for target, plan in plans.items():
            for change in plan.changes:
                if change.before and _is_plain(change):
                    wanted.setdefault(change.before.oid, target)
        chunks = list(by_target(dict(islice(wanted.items(), MAX_BLOBS)), BLOBS_A_QUESTION))
        questions = [select_blobs(target.owner, target.name, oids) for target, oids in chunks]
        for reply in batch.ask(self._github, questions, Scope("diff")):
            with suppress(Malformed), reading():
                self._old |= read_blobs(reply.data or {}, MAX_BYTES)

    def _diff(self, change: Change) -> FileDiff | None:
        if not _is_plain(change):
            return None
        key = (change.before.oid if change.before else "", change.after.oid if change.after else "")
        if key not in self._made:
            self._made[key] = self._compared(change)
        return self._made[key]

    def _compared(self, change: Change) -> FileDiff | None:
        old = self._old.get(change.before.oid) if change.before else ""
        try:
            new = self._renderer.contents(change.after).decode() if change.after else ""
        except (FileUnavailable, UnicodeDecodeError):
            return None
        if old is None or "\0" in new or len(new) > MAX_BYTES:
            return None
        before, after = old.split("\n"), new.split("\n")
        if max(len(before), len(after)) > MAX_LINES:
            return None
        lines = list(difflib.unified_diff(before, after, lineterm="", n=3))[2:]
        return FileDiff(_count(lines, "+"), _count(lines, "-"), "\n".join(lines))


def _is_plain(change: Change) -> bool:
    modes = {entry.mode for entry in (change.before, change.after) if entry}
    return modes <= {REGULAR, EXECUTABLE}


def _count(lines: Iterable[str], sign: str) -> int:
    return sum(line.startswith(sign) for line in lines)


def read_blobs(answer: Mapping[str, Any], most: int) -> dict[str, str | None]:
    """Read the texts in the answer to `select_blobs`: oid → text; None: binary, cut, or larger than `most` bytes."""
    found = (blob for blob in answer.values() if isinstance(blob, dict) and "byteSize" in blob)
    return {
        str(blob["oid"]): None
        if blob["isBinary"] or blob["isTruncated"] or blob["byteSize"] > most or blob["text"] is None
        else str(blob["text"])
        for blob in found
    }
