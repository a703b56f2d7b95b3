"""The fold with diffs of a comment, cut to a number of bytes; equal diffs are shown once (pure)."""

from __future__ import annotations

import re
from collections.abc import Iterable

from broadcast.markdown import code, counted
from broadcast.pipeline.run import Run
from broadcast.report.comment.effects import shows, touched

MAX_LINES, MAX_WIDTH = 60, 300  # of one diff, and characters of one line
_MOST_DIFFS = 40


def diffs(run: Run, room: int) -> str:
    """As many diffs as `room` bytes hold, deletions first; empty if there are none."""
    pieces, kept, left = [_piece(*one) for one in _ordered(run)[:_MOST_DIFFS]], list[str](), room - 300
    for piece in pieces:
        left -= len(piece.encode()) + 1
        if left < 0:
            break
        kept.append(piece)
    total = len(_ordered(run))
    if not kept:
        return ""
    more = f"\n… and {counted(total - len(kept), 'diff')} more: the input `diff` shows them in the log.\n"
    end = more if total > len(kept) else ""
    return f"<details><summary>{counted(total, 'diff')}</summary>\n\n{chr(10).join(kept)}{end}\n</details>\n"


def _ordered(run: Run) -> list[tuple[str, str, list[str]]]:
    """Path, text and targets of each diff."""
    found: dict[tuple[bool, str, str], list[str]] = {}
    for one in (one for one in touched(run) if shows(run, one)):
        for change in one.outcome.changes:
            diff = one.outcome.diffs.get(change.path)
            if diff and diff.text:
                found.setdefault((change.after is not None, change.path, diff.text), []).append(one.outcome.target)
    return [(path, text, found[is_kept, path, text]) for is_kept, path, text in sorted(found)]


def _piece(path: str, text: str, targets: list[str]) -> str:
    lines = list(_cut(text))
    fence = "`" * (max((len(run) for line in lines for run in re.findall(r"`+", line)), default=2) + 1)
    fence = fence if len(fence) >= 3 else "```"
    where = code(targets[0]) if len(targets) == 1 else counted(len(targets), "repository")
    return "\n".join((f"{code(path)} in {where}\n", f"{fence}diff", *lines, fence, ""))


def _cut(text: str) -> Iterable[str]:
    lines = text.split("\n")[:-1] if text.endswith("\n") else text.split("\n")
    for line in lines[:MAX_LINES]:
        shown = "".join(char if char.isprintable() or char == "\t" else "\N{REPLACEMENT CHARACTER}" for char in line)
        yield shown if len(shown) <= MAX_WIDTH else f"{shown[: MAX_WIDTH - 1]}…"
    if len(lines) > MAX_LINES:
        yield f"… {counted(len(lines) - MAX_LINES, 'line')} more"
