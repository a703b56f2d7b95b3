"""The end of a run, told in every way the runner has: log, annotations, outputs, summary, files; loaded last of all."""

from __future__ import annotations

import json
import logging
from collections.abc import Collection, Mapping, Sequence

from broadcast import metrics, report, runner
from broadcast.api.ledger import Ledger
from broadcast.console import MAX_ANNOTATIONS, Console, point_at_failure, point_at_targets
from broadcast.errors import FAILED, USAGE, ConfigError, Failure, Problem
from broadcast.files import Workspace
from broadcast.interrupt import EXIT_CODES
from broadcast.masks import masked
from broadcast.outcome import exit_code
from broadcast.outputs import LARGE_RESULTS, fitted, outputs_of
from broadcast.report import headline
from broadcast.run import Run
from broadcast.summary import summary

log = logging.getLogger(__name__)


def tell(
    run: Run, ledger: Ledger, environment: Mapping[str, str], console: Console, workspace: Workspace, now: float,
    secrets: Collection[str],
) -> int:  # fmt: skip
    """Tell of a run that has ended, at `now` seconds since the epoch; returns the exit code."""
    for line in run.explanation:
        console.say(line)
    if run.comparison and run.comparison.effects:
        with console.group(f"Compared with {run.comparison.ref}"):
            for line in run.comparison.lines:
                console.say(line)
    console.say(headline(run))
    code = exit_code(run.outcomes, check=run.inputs.command == "check", fail_on=run.inputs.fail_on)
    if run.failure:
        code = run.failure.exit_code
        point_at_failure(console, run.failure)
        _say_failure(console, run.failure)
    elif run.stopped:
        code = EXIT_CODES.get(run.stopped, code if run.outcomes else FAILED)
        console.error(Problem("", 0, 0, headline(run)))
    point_at_targets(console, run.outcomes)
    for text in run.warnings[:MAX_ANNOTATIONS]:
        console.warning(text)
    log.debug("vital signs", extra={"data": report.vital_signs(run, ledger)})
    try:
        for text in _write(run, ledger, environment, workspace, now, secrets, code):
            console.warning(text)
    except OSError as error:
        console.say(f"the report can't be written: {error}")
        code = code or USAGE
    return code


def _write(
    run: Run, ledger: Ledger, environment: Mapping[str, str], workspace: Workspace, now: float,
    secrets: Collection[str], code: int,
) -> Sequence[str]:  # fmt: skip
    """The files that the runner and later steps read; returns warnings."""
    results = _writable(json.dumps(report.results(run, ledger), ensure_ascii=False), secrets)
    file, output = run.inputs.results_file, environment.get("GITHUB_OUTPUT", "")
    given = fitted(outputs_of(run, ledger, results, code), file or LARGE_RESULTS)
    if output and given.outputs["results"] == LARGE_RESULTS:
        file = LARGE_RESULTS
    told = _writable(summary(run, ledger, now), secrets)
    runner.add_summary(environment.get("GITHUB_STEP_SUMMARY", ""), told)
    runner.set_outputs(output, {name: _writable(text, secrets) for name, text in given.outputs.items()})
    if run.inputs.metrics_file:
        told = _writable(metrics.text(run, ledger, code, now), secrets)
        workspace.write(run.inputs.metrics_file, told.encode())
    if file:
        workspace.write(file, results.encode())
    return given.warnings if output else ()


def _writable(text: str, secrets: Collection[str]) -> str:
    """`text` without secrets, and without halves of characters, which no file could hold."""
    return masked(text, secrets).encode("utf-8", "backslashreplace").decode()


def _say_failure(console: Console, failure: Failure) -> None:
    if not isinstance(failure, ConfigError):
        console.say(f"→ {failure.remedy}" if failure.remedy else failure.message)
        return
    for problem in failure.problems:
        console.say(f"{problem.place}: {problem.message}")
        console.say("\n".join(f"    {line}" for line in problem.excerpt.splitlines()))
        if problem.remedy:
            console.say(f"    → {problem.remedy}")
