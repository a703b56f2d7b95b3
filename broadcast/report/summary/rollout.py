"""The waves of a rollout: how each stands, and what it waits for (pure)."""

from __future__ import annotations

from broadcast.markdown import code, head, link, many, row, text
from broadcast.pipeline.run import Run
from broadcast.plan.waves import WaveState
from broadcast.report.summary.sections import Section
from broadcast.report.waves import REMEDY, SIGNS, holding, stands


def waves(run: Run) -> Section | None:
    """The table of waves."""
    if not run.waves:
        return None
    held = holding(run.waves)
    way_out = (f"{REMEDY.format(advance=code(f'advance: {held.name}'))}\n",) if held else ()
    shows_commits = any(one.commit not in ("", run.context.commit) for one in run.waves)
    names = ("wave", "targets", "passed", "stands", *(("gets",) if shows_commits else ()))
    lines = ("### Rollout\n", *way_out, *head(*names))
    return Section(lines, lambda _: [_row(run, one, shows_commits=shows_commits) for one in run.waves])


def _row(run: Run, one: WaveState, *, shows_commits: bool) -> str:
    url = f"{run.context.server_url}/{run.context.source}/commit/{one.commit}"
    commit = [link(code(one.commit[:10]), url) if one.commit else ""] if shows_commits else []
    sign = f"{SIGNS[one.standing]}\u00a0{text(one.name)}"
    return row(sign, many(one.targets), f"{many(one.passed)} of {many(one.needed)}", text(stands(one)), *commit)
