"""The end of a run, told in every way the runner has: log, annotations, outputs, summary, files; loaded last of all."""

from __future__ import annotations

import json
import logging
from collections.abc import Collection, Mapping

from broadcast import metrics, report, runner
from broadcast.api.ledger import Ledger
from broadcast.console import MAX_ANNOTATIONS, Console, point_at_failure, point_at_targets
from broadcast.errors import USAGE, ConfigError, Failure
from broadcast.files import Workspace
from broadcast.outcome import NAMES, WRITTEN, exit_code
from broadcast.report import counts, duration_ms, headline
from broadcast.run import Run
from broadcast.summary import summary

log = logging.getLogger(__name__)

MAX_OUTPUT = 512 * 1024  # bytes; the runner takes 1 MiB of outputs in all
LARGE_RESULTS = "broadcast-results.json"  # in the workspace, where later steps find it


def tell(
    run: Run, ledger: Ledger, environment: Mapping[str, str], console: Console, now: float, secrets: Collection[str]
) -> int:
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
    point_at_targets(console, run.outcomes)
    for text in run.warnings[:MAX_ANNOTATIONS]:
        console.warning(text)
    log.debug("vital signs", extra={"data": report.vital_signs(run, ledger)})
    try:
        _write(run, ledger, environment, now, secrets, code)
    except OSError as error:
        console.say(f"the report can't be written: {error}")
        code = code or USAGE
    return code


def _write(
    run: Run, ledger: Ledger, environment: Mapping[str, str], now: float, secrets: Collection[str], code: int
) -> None:
    """The files that the runner and later steps read."""
    workspace = Workspace(runner.workspace(environment))
    results = runner.masked(json.dumps(report.results(run, ledger), ensure_ascii=False), secrets)
    file = run.inputs.results_file
    if not file and len(results.encode()) > MAX_OUTPUT and environment.get("GITHUB_OUTPUT"):
        file = LARGE_RESULTS
    told = runner.masked(summary(run, ledger, now), secrets)
    runner.add_summary(environment.get("GITHUB_STEP_SUMMARY", ""), told)
    outputs = outputs_of(run, ledger, results, file, code)
    masked = {name: runner.masked(text, secrets) for name, text in outputs.items()}
    runner.set_outputs(environment.get("GITHUB_OUTPUT", ""), masked)
    if run.inputs.metrics_file:
        told = runner.masked(metrics.text(run, ledger, code, now), secrets)
        workspace.write(run.inputs.metrics_file, told.encode())
    if file:
        workspace.write(file, results.encode())


def _say_failure(console: Console, failure: Failure) -> None:
    if not isinstance(failure, ConfigError):
        console.say(f"→ {failure.remedy}" if failure.remedy else failure.message)
        return
    for problem in failure.problems:
        console.say(f"{problem.place}: {problem.message}")
        console.say("\n".join(f"    {line}" for line in problem.excerpt.splitlines()))
        if problem.remedy:
            console.say(f"    → {problem.remedy}")


def outputs_of(run: Run, ledger: Ledger, results: str, file: str, code: int) -> dict[str, str]:
    """Every output that action.yml declares; `results` go to `file` when they are too large for one."""
    urls = [one.pull_request for one in run.outcomes if one.pull_request]
    failed = [one.target for one in run.outcomes if one.name == "failed"]
    return {
        "pull-request-urls": json.dumps(urls),
        "results": results if len(results.encode()) <= MAX_OUTPUT else file,
        "changed": str(run.inputs.writes and any(one.name in WRITTEN for one in run.outcomes)).lower(),
        "failed-targets": json.dumps(failed),
        **{name.replace("_", "-"): str(count) for name, count in counts(run).items() if name in NAMES},
        "api-calls": str(len(ledger.calls)),
        "duration-ms": str(duration_ms(run)),
        "exit-code": str(code),
        "plan-digest": run.plan_digest,
        "comparison": run.comparison.words if run.comparison else "",
        "matrix": json.dumps({"shard": run.matrix}),
    }
