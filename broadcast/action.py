"""The GitHub Actions shell: the runner's environment in; log, annotations, outputs, summary and exit code out."""

from __future__ import annotations

import json
import logging
import os
import sys
import time
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path

from broadcast import __version__, context, inputs, report, runner, schema
from broadcast.api.client import Access
from broadcast.api.clients import Clients
from broadcast.api.credentials import Needs
from broadcast.api.ledger import Ledger
from broadcast.errors import OK, USAGE, ConfigError, Failure, UsageError
from broadcast.listings import Listings
from broadcast.outcome import NAMES, WRITTEN, Outcome, exit_code
from broadcast.report import counts, duration_ms, headline
from broadcast.run import Run, execute
from broadcast.summary import summary

log = logging.getLogger(__name__)

MAX_OUTPUT = 512 * 1024  # bytes; the runner takes 1 MiB of outputs in all


def main() -> int:
    """Run the action as the runner's environment says; returns the exit code."""
    sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]
    return act(dict(os.environ), time.time, time.sleep)


def act(environment: Mapping[str, str], clock: Callable[[], float], sleep: Callable[[float], None]) -> int:
    """Run the action in this environment and time; tell of it in every way the runner has; returns the exit code."""
    ledger = Ledger()
    try:
        chosen = inputs.from_environment(environment)
    except UsageError as failure:
        run = Run(inputs.Inputs(), context.from_environment(environment, ""), failure=failure)
        return _finish(run, ledger, environment)
    if chosen.command == "schema":
        runner.say(schema.text().rstrip("\n"))
        return OK
    for secret in chosen.secrets:
        runner.mask(secret)
    _log_to_runner(chosen.log_level)
    run = Run(chosen, context.from_environment(environment, _event(environment)))
    root = Path(environment.get("GITHUB_WORKSPACE") or ".")
    try:
        _check(run)
        runner.say(f"Broadcast {__version__}: {run.inputs.command} from {run.context.source}")
        if run.inputs.cache_dir:
            run.listings = Listings(root / run.inputs.cache_dir, clock())
        access, deadline = _access(run), clock() + run.inputs.deadline

        def clients(needs: Needs) -> Clients:
            pace = {"width": run.inputs.concurrency, "deadline": deadline}
            return Clients(run.inputs, needs, access, ledger, clock, sleep, runner.mask, **pace)

        execute(run, root, clients, _tell)
    except Failure as failure:
        run.failure = failure
    except Exception as error:  # a bug of ours; the report is written all the same
        with runner.group("Traceback"):
            runner.say(traceback.format_exc())
        run.failure = Failure(f"unexpected {type(error).__name__}: {error}", "please report this, with the traceback")
    return _finish(run, ledger, environment)


def _check(run: Run) -> None:
    if not run.context.source:
        raise UsageError("GITHUB_REPOSITORY is not set", "run inside GitHub Actions, or set it to owner/name")
    if not run.inputs.asks:
        return
    if run.inputs.app and not run.inputs.private_key:
        raise UsageError("the input private-key is empty", "give the GitHub App's private key beside its client-id")
    if not run.inputs.secrets and not run.inputs.explain:
        raise UsageError(
            "the input `token` is empty",
            "give a token that can write to the targets, such as ${{ secrets.BROADCAST_TOKEN }}, or a GitHub App "
            "(client-id and private-key); GITHUB_TOKEN reaches its own repository only",
        )
    if run.inputs.writes and run.context.ref and not run.context.default_branch:
        run.warnings.append(f"the event doesn't name the default branch; {run.context.ref} was taken for it")


def _access(run: Run) -> Access:
    given = run.inputs.api_url
    url = (given or run.context.api_url).rstrip("/")
    if not url.startswith(("https://", "http://")):
        raise UsageError(f"api-url {url!r} is no URL", "write it like https://github.example.com/api/v3")
    return Access(url, "" if given else run.context.graphql_url)


def _tell(outcome: Outcome) -> None:
    with runner.group(f"{outcome.target}: {outcome.name.replace('_', ' ')} {outcome.pull_request}".rstrip()):
        for text in filter(None, (outcome.reason, outcome.remedy and f"→ {outcome.remedy}")):
            runner.say(text)
        for change in outcome.changes:
            runner.say(f"{change.kind:8} {change.path}")
        for error in outcome.file_errors:
            runner.say(f"left out {error.path}: {error.reason}; {error.remedy}")
        for text in filter(None, (*outcome.warnings, outcome.traceback)):
            runner.say(text)


def _finish(run: Run, ledger: Ledger, environment: Mapping[str, str]) -> int:
    for line in run.explanation:
        runner.say(line)
    runner.say(headline(run))
    code = exit_code(run.outcomes, check=run.inputs.command == "check", fail_on=run.inputs.fail_on)
    if run.failure:
        code = run.failure.exit_code
        runner.annotate_failure(run.failure)
        _say_failure(run.failure)
    runner.annotate_outcomes(run.outcomes)
    for text in run.warnings[: runner.MAX_ANNOTATIONS]:
        runner.warning(text)
    log.debug(json.dumps(report.vital_signs(run, ledger)))
    results = json.dumps(report.results(run, ledger), ensure_ascii=False)
    outputs = _outputs(run, ledger, results, code)
    try:
        runner.add_summary(environment.get("GITHUB_STEP_SUMMARY", ""), summary(run, ledger))
        runner.set_outputs(environment.get("GITHUB_OUTPUT", ""), outputs)
        if run.inputs.results_file:
            Path(run.inputs.results_file).write_text(results, encoding="utf-8")
    except OSError as error:
        runner.say(f"the report can't be written: {error}")
        code = code or USAGE
    return code


def _say_failure(failure: Failure) -> None:
    if not isinstance(failure, ConfigError):
        runner.say(f"→ {failure.remedy}" if failure.remedy else failure.message)
        return
    for problem in failure.problems:
        runner.say(f"{problem.place}: {problem.message}")
        runner.say("\n".join(f"    {line}" for line in problem.excerpt.splitlines()))
        if problem.remedy:
            runner.say(f"    → {problem.remedy}")


def _outputs(run: Run, ledger: Ledger, results: str, code: int) -> dict[str, str]:
    """Every output that action.yml declares."""
    urls = [one.pull_request for one in run.outcomes if one.pull_request]
    failed = [one.target for one in run.outcomes if one.name == "failed"]
    return {
        "pull-request-urls": json.dumps(urls),
        "results": results if len(results.encode()) <= MAX_OUTPUT else run.inputs.results_file,
        "changed": str(run.inputs.writes and any(one.name in WRITTEN for one in run.outcomes)).lower(),
        "failed-targets": json.dumps(failed),
        **{name.replace("_", "-"): str(count) for name, count in counts(run).items() if name in NAMES},
        "api-calls": str(len(ledger.calls)),
        "duration-ms": str(duration_ms(run)),
        "exit-code": str(code),
        "plan-digest": run.plan_digest,
        "matrix": json.dumps({"shard": run.matrix}),
    }


def _event(environment: Mapping[str, str]) -> str:
    path = environment.get("GITHUB_EVENT_PATH")
    try:
        return Path(path).read_text(encoding="utf-8") if path else ""
    except (OSError, UnicodeDecodeError):
        return ""


class _RunnerHandler(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        runner.say(record.getMessage())


def _log_to_runner(level: str) -> None:
    logger = logging.getLogger("broadcast")
    logger.setLevel(level.upper())
    logger.propagate = False
    logger.handlers = [_RunnerHandler()]
