"""Publishes the report of a finished run: log, annotations, outputs, summary, files."""

from __future__ import annotations

import json
import logging
from collections.abc import Collection, Mapping, Sequence

from broadcast.errors import FAILED, OK, USAGE, ConfigError, Failure, Problem
from broadcast.github.usage import Usage
from broadcast.pipeline.run import Run
from broadcast.plan.outcome import Outcome, exit_code
from broadcast.plan.reason import Reason, not_sent
from broadcast.report import harvest, metrics, results, standing, terminal
from broadcast.report.comparison import lines
from broadcast.report.headline import headline, is_idle
from broadcast.report.outputs import LARGE_RESULTS, fitted, outputs_of
from broadcast.report.places import problem_of
from broadcast.report.reasons import remedy, words
from broadcast.report.summary import summary
from broadcast.report.waves import in_one_line
from broadcast.runner import commands
from broadcast.runner.console import Console, Terminal
from broadcast.runner.masks import masked
from broadcast.runner.stop import EXIT_CODES
from broadcast.source.workspace import Workspace

log = logging.getLogger(__name__)


def publish(
    run: Run, usage: Usage, environment: Mapping[str, str], console: Console, workspace: Workspace, now: float,
    secrets: Collection[str],
) -> int:  # fmt: skip
    """Publish a run that ended at `now`, in seconds since the epoch; returns the exit code."""
    if isinstance(console, Terminal):
        terminal.show(run, console, now)
    else:
        _show(run, console, now)
    code = _code(run)
    log.debug("vital signs", extra={"data": results.vital_signs(run, usage)})
    try:
        for text in _write(
            run=run, usage=usage, environment=environment, workspace=workspace, now=now, secrets=secrets, code=code
        ):
            console.warning(text)
    except OSError as error:
        console.say(f"the report can't be written: {error}")
        code = code or USAGE
    return code


def _code(run: Run) -> int:
    """The exit code."""
    if run.failure:
        return run.failure.exit_code
    code = exit_code(run.outcomes, check=run.inputs.command == "check", fail_on=run.inputs.fail_on)
    code = OK if run.frozen else code
    return EXIT_CODES.get(run.stopped, code if run.outcomes else FAILED) if run.stopped else code


def _show(run: Run, console: Console, now: float) -> None:
    """Print what the run found, and annotate what needs a person."""
    harvested = harvest.lines(run.harvest) if run.harvest else ()
    for line in (*standing.lines(run, now), *run.explanation, *harvested, *map(in_one_line, run.waves)):
        console.say(line)
    if run.comparison and run.comparison.effects:
        with console.group(f"Compared with {run.comparison.ref}"):
            for line in lines(run.comparison):
                console.say(line)
    console.say(headline(run))
    if is_idle(run):
        console.warning(headline(run))
    if run.failure:
        point_at_failure(console, run.failure)
        _say_failure(console, run.failure)
    elif run.stopped:
        console.error(Problem("", 0, 0, headline(run)))
    point_at_targets(console, run)
    for text in run.warnings[:MAX_ANNOTATIONS]:
        console.warning(text)


def _write(
    run: Run, usage: Usage, environment: Mapping[str, str], workspace: Workspace, now: float,
    secrets: Collection[str], code: int,
) -> Sequence[str]:  # fmt: skip
    """Write the files that the runner and later steps read; returns warnings."""
    document = _writable(json.dumps(results.results(run, usage, now), ensure_ascii=False), secrets)
    file, output = run.inputs.results_file, environment.get("GITHUB_OUTPUT", "")
    given = fitted(outputs_of(run, usage, document, code), file or LARGE_RESULTS)
    if output and given.outputs["results"] == LARGE_RESULTS:
        file = LARGE_RESULTS
    page = _writable(summary(run, usage, now), secrets)
    commands.add_summary(environment.get("GITHUB_STEP_SUMMARY", ""), page)
    commands.set_outputs(output, {name: _writable(text, secrets) for name, text in given.outputs.items()})
    if run.inputs.metrics_file:
        figures = _writable(metrics.text(run, usage, code, now), secrets)
        workspace.write(run.inputs.metrics_file, figures.encode())
    if file:
        workspace.write(file, document.encode())
    return given.warnings if output else ()


def _writable(text: str, secrets: Collection[str]) -> str:
    """`text` without secrets, and with lone surrogates escaped, which UTF-8 can't encode."""
    return masked(text, secrets).encode("utf-8", "backslashreplace").decode()


def _say_failure(console: Console, failure: Failure) -> None:
    if not isinstance(failure, ConfigError):
        console.say(f"→ {failure.remedy}" if failure.remedy else failure.message)
        return
    for problem in failure.problems:
        console.say(f"{problem.place}: {problem.message}")
        if problem.excerpt:
            console.say("\n".join(f"    {line}" for line in problem.excerpt.splitlines()))
        if problem.remedy:
            console.say(f"    → {problem.remedy}")


MAX_ANNOTATIONS = 10  # of each level; the runner shows no more of one step


def point_at_failure(console: Console, failure: Failure) -> None:
    """Annotate what ended the run."""
    problems = failure.problems if isinstance(failure, ConfigError) else ()
    for problem in problems[:MAX_ANNOTATIONS] or [Problem("", 0, 0, failure.message, failure.remedy)]:
        console.error(problem)


def point_at_targets(console: Console, run: Run) -> None:
    """Annotate failed targets, at their lines of the config, and incomplete ones, as many as the runner shows."""
    failed = [one for one in run.outcomes if one.name == "failed"]
    found = [problem_of(run, one, _said(one, one.reason), remedy(one.reason)) for one in failed]
    for one in run.outcomes:
        if one.is_incomplete:
            reason = not_sent(one.file_errors)
            found.append(Problem("", 0, 0, _said(one, reason), remedy(reason)))
    for problem in found[:MAX_ANNOTATIONS]:
        console.error(problem)


def _said(one: Outcome, reason: Reason | None) -> str:
    return f"{one.target}: {words(reason)}"
