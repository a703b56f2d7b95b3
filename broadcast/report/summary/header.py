"""The beginning of the summary: the headline, what ended the run, how to apply a plan (pure)."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote

from broadcast.errors import ConfigError, Failure, Problem
from broadcast.github.usage import MUTATION, REST_WRITE, Usage
from broadcast.markdown import code, head, link, many, row, text
from broadcast.pipeline.run import Run
from broadcast.plan.outcome import DRIFTED, NAMES, URGENT
from broadcast.report.costs import counts
from broadcast.report.headline import headline
from broadcast.report.outcomes import label, sign, stands
from broadcast.report.summary.grouping import lost_files
from broadcast.report.summary.labels import KINDS
from broadcast.report.summary.sections import Section
from broadcast.report.waves import holding


def opening(run: Run, usage: Usage) -> Iterable[str]:
    """Lines: the headline, the counts, the source, and how to go on."""
    yield f"## {_sign(run)} {text(headline(run))}\n"
    if run.outcomes:
        yield f"{_glance(run)}\n"
    yield from _came_from(run)
    if run.failure:
        yield from _failure(run, run.failure, usage)
    elif run.plan_digest and not run.inputs.writes and not stands(run):
        yield from _plan(run)


def problems(run: Run) -> Section | None:
    """The mistakes in the config."""
    if not isinstance(run.failure, ConfigError):
        return None
    found = run.failure.problems
    return Section(head("place", "problem", "what to do"), lambda _: [_problem(run, one) for one in found])


def explanation(run: Run) -> Section | None:
    """The explanation of one path, as preformatted text."""
    lines = ["".join(char if char.isprintable() else " " for char in line) for line in run.explanation]
    return Section(("### Why\n",), lambda _: [f"    {line}" for line in lines]) if lines else None


def _sign(run: Run) -> str:
    seen = {one.name for one in run.outcomes}
    if run.failure or seen & {"failed", "incomplete"} or any(one.file_errors for one in run.outcomes):
        return "❌"
    if (
        run.stopped
        or holding(run.waves)
        or seen & set(URGENT)
        or any(map(lost_files, run.outcomes))
        or (stands(run) and seen & DRIFTED)
    ):
        return "⚠️"
    return "✅" if run.inputs.writes or stands(run) or run.inputs.command == "validate" else "📋"


def _glance(run: Run) -> str:
    seen = counts(run)
    parts = [f"{sign(name, run)} **{many(seen[name])}** {label(name, run)}" for name in NAMES if seen[name]]
    kinds = {kind: sum(one.count(kind) for one in run.outcomes) for kind in KINDS}
    files = ", ".join(f"{sign}{many(kinds[kind])} {kind}" for kind, sign in KINDS.items() if kinds[kind])
    return " · ".join([*parts, f"files: {files}"] if files else parts)


def _came_from(run: Run) -> Iterable[str]:
    context, inputs = run.context, run.inputs
    if not context.source:
        return
    home = f"{context.server_url}/{context.source}"
    words = f"Source {link(code(context.source), home)}"
    if context.commit:
        words += f" at {link(code(context.commit[:10]), f'{home}/commit/{context.commit}')}"
    config = f"config {link(code(inputs.config), _blob(run, inputs.config))}"
    config += f", read as a config of {text(run.read_as)}" if run.read_as else ""
    narrowed = {"shard": str(inputs.shard or ""), "only-targets": " ".join(inputs.only_targets)}
    narrowed |= {"only-groups": ", ".join(inputs.only_groups), "skip-groups": ", ".join(inputs.skip_groups)}
    narrowed |= {"only-waves": ", ".join(inputs.only_waves), "advance": ", ".join(inputs.advance)}
    parts = [code(f"{name}: {value}") for name, value in narrowed.items() if value]
    parts += [link("dashboard", run.performance.dashboard)] if run.performance.dashboard else []
    has_written = run.harvest is not None and bool(run.harvest.written)
    nothing = "" if inputs.writes or run.failure or has_written else " · nothing was written"
    yield f"{' · '.join([words, config, *parts])}{nothing}\n"


def _blob(run: Run, path: str, line: int = 0) -> str:
    context = run.context
    where = f"{context.server_url}/{context.source}/blob/{context.commit or 'HEAD'}/{quote(path, errors='replace')}"
    return f"{where}#L{line}" if line else where


def _failure(run: Run, failure: Failure, usage: Usage) -> Iterable[str]:
    kinds = usage.by_kind()
    if not kinds[REST_WRITE] + kinds[MUTATION]:
        yield "Nothing was written.\n"
    if failure.remedy:
        yield f"**What to do:** {text(failure.remedy)}\n"


def _problem(run: Run, problem: Problem) -> str:
    place = link(code(problem.place), _blob(run, problem.file, problem.line)) if problem.line else code(problem.place)
    excerpt = problem.excerpt.partition("\n")[0].strip()
    return row(place, text(problem.message) + (f"<br>{code(excerpt)}" if excerpt else ""), text(problem.remedy))


def _plan(run: Run) -> Iterable[str]:
    """What a reviewer needs to apply the plan."""
    yield f"- Plan `{run.plan_digest}`: with it as `expect-plan`, `sync` applies this plan or nothing."
    if run.estimate and run.estimate.calls:
        yield f"- `sync` would make {run.estimate.words}."
    if len(run.matrix) > 1:
        yield f"- The output `matrix` splits this fleet into {len(run.matrix)} shards, one job each."
    yield ""
