"""What would change in files, as patches without headers; old contents come from GitHub."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import suppress
from itertools import islice
from typing import Any

from broadcast.compose import patch
from broadcast.config.targets import Target
from broadcast.errors import FileUnavailable
from broadcast.git.objects import EXECUTABLE, GITLINK, REGULAR, blob_id
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
MAX_LINES = 20_000  # of one version
MAX_BINARY = 4 * 1024 * 1024  # bytes


class Diffs:
    """Compares each pair of contents once for all targets."""

    def __init__(self, github: GitHub, renderer: Renderer, time_limit: TimeLimit, *, whole: bool = False) -> None:
        self._github, self._renderer, self._time_limit = github, renderer, time_limit
        self._whole = whole  # contents that are no texts, too
        self._old: dict[str, str | None] = {}  # blob id → text; None: no text, or too large
        self._made: dict[tuple[str, str, bool], FileDiff | None] = {}

    def of(self, plans: Mapping[Target, Plan]) -> dict[Target, dict[str, FileDiff]]:
        """The diffs of all plans by path, without what takes too long or is too large."""
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
        self._old = {oid: text if _is_whole(oid, text) else None for oid, text in self._old.items()}

    def _diff(self, change: Change) -> FileDiff | None:
        is_plain = _is_plain(change)
        if not is_plain and not (self._whole and _has_content(change)):
            return None
        key = (change.before.oid if change.before else "", change.after.oid if change.after else "", is_plain)
        if key not in self._made:
            self._made[key] = self._compared(change)
        return self._made[key]

    def _compared(self, change: Change) -> FileDiff | None:
        if change.before and change.after and change.before.oid == change.after.oid:
            return FileDiff(0, 0, "")  # the mode alone
        try:
            content = self._renderer.contents(change.after) if change.after else b""
        except FileUnavailable:
            return None
        old, new = self._old.get(change.before.oid) if change.before else "", _text(content)
        if _is_plain(change) and old is not None and new is not None:
            return FileDiff(*patch.of_texts(old, new))
        if self._whole and len(content) <= MAX_BINARY:
            return FileDiff(0, 0, "", patch.of_content(content))
        return None


def _has_content(change: Change) -> bool:
    """Whether the target has no submodule there."""
    return change.before is None or change.before.mode != GITLINK


def _text(content: bytes) -> str | None:
    """The text of a file; None where it is none, or too large to be compared."""
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return None
    return None if "\0" in text or len(content) > MAX_BYTES or text.count("\n") > MAX_LINES else text


def _is_whole(oid: str, text: str | None) -> bool:
    """Whether GitHub gave all of the content: of other encodings it replaces what it can't read."""
    content = text.encode("utf-8", "surrogatepass") if text is not None else b""
    return text is not None and blob_id(content) == oid and text.count("\n") <= MAX_LINES


def _is_plain(change: Change) -> bool:
    modes = {entry.mode for entry in (change.before, change.after) if entry}
    return modes <= {REGULAR, EXECUTABLE}


def read_blobs(answer: Mapping[str, Any], most: int) -> dict[str, str | None]:
    """Read the texts in the answer to `select_blobs`: oid → text; None: binary, cut, or larger than `most` bytes."""
    found = (blob for blob in answer.values() if isinstance(blob, dict) and "byteSize" in blob)
    return {
        str(blob["oid"]): None
        if blob["isBinary"] or blob["isTruncated"] or blob["byteSize"] > most or blob["text"] is None
        else str(blob["text"])
        for blob in found
    }
