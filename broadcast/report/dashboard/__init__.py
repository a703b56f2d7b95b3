"""The dashboard's text, at most MAX characters for any fleet, and its update at the end of a run."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from broadcast.errors import Failure
from broadcast.markdown import code, link, many, text
from broadcast.pipeline.dashboard import Dashboard
from broadcast.pipeline.run import Run
from broadcast.report.dashboard.fleet import controls, headline, private, sign, table
from broadcast.report.dashboard.targets import Part, parts
from broadcast.report.dashboard.view import View
from broadcast.runner.masks import masked

MAX = 60_000  # characters; GitHub takes 65,536
FEW = 10  # targets that are shown without a fold


def update(run: Run, secrets: Collection[str]) -> None:
    """Write the dashboard where something changed; what keeps it from that is a warning."""
    board = run.dashboard
    if board is None or not board.is_kept or run.failure or run.stopped or run.stop.by:
        return
    try:
        warning = board.write(masked(page(run, board), secrets).encode("utf-8", "replace").decode())
    except Failure as failure:
        warning = f"the dashboard could not be written: {failure.message}"
    if warning:
        run.warnings.append(warning)


def page(run: Run, board: Dashboard) -> str:
    """The text, without its marker. Nothing in it changes by itself as time goes by."""
    view = View(run, board)
    top = "\n".join(_cut([*_opening(view), *controls(view), *table(view), *private(view)]))
    found = parts(view)
    room = MAX - 200 - len(top) - sum(len(one.title) + 150 for one in found)
    return "\n".join([top, *_fitted(found, room)])


def _opening(view: View) -> Iterable[str]:
    run = view.run
    yield f"## {sign(view)} {text(headline(view))}\n"
    if run.frozen:
        yield f"**Frozen {text(run.frozen)}: nothing is written to the targets.**\n"
    home = f"{run.context.server_url}/{run.context.source}"
    config = link(code(run.inputs.config), f"{home}/blob/HEAD/{run.inputs.config}")
    yield (
        f"Kept by Broadcast, from {config}. A ticked box takes effect in the next run; only boxes that people with "
        "write access to this repository ticked count. **rebuild** makes a pull request again on today's base, and "
        "discards commits of others; **retry** proposes again what people closed. Close this issue to turn it off.\n"
    )
    if view.board.board.hidden:
        yield "**Boxes don't count at the moment: it isn't known who has write access.** The log says why.\n"


def _fitted(found: Sequence[Part], room: int) -> list[str]:
    """Each part in its share of the room; longer ones also get what shorter ones leave."""
    made: dict[int, str] = {}
    sizes = [sum(len(line) + 1 for line in one.lines) for one in found]
    for at in sorted(range(len(found)), key=lambda at: sizes[at]):
        kept = _within(found[at].lines, room // (len(found) - len(made)))
        made[at] = _spelled(found[at], kept)
        room -= sum(len(line) + 1 for line in kept)
    return [made[at] for at in range(len(found))]


def _spelled(part: Part, kept: Sequence[str]) -> str:
    more = len(part.lines) - len(kept)
    lines = [*kept, *([f"\nand {many(more)} more lines, which the summary of the run has"] if more else [])]
    count = part.size or len(part.lines)
    if part.folds and count > FEW:
        summary = f"<details><summary><b>{part.title}</b> ({many(count)})</summary>"
        return "\n".join([summary, "", *lines, "", "</details>", ""])
    return "\n".join([f"### {part.title}", "", *lines, ""])


def _within(lines: Sequence[str], room: int) -> list[str]:
    kept = []
    for line in lines:
        room -= len(line) + 1
        if room < 0:
            break
        kept.append(line)
    return kept


def _cut(lines: Iterable[str]) -> list[str]:
    """The lines above all targets, in a third of the room."""
    return _within(list(lines), MAX // 3)


__all__ = ["MAX", "page", "update"]
