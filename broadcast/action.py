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
from threading import Lock

from broadcast import __version__
from broadcast.config.model import DEFAULT_PATH
from broadcast.errors import OK, Failure, UsageError
from broadcast.github.auth import Permissions
from broadcast.github.client import Access
from broadcast.github.client_pool import ClientPool
from broadcast.github.usage import Usage
from broadcast.observe.change import Change
from broadcast.observe.object_cache import ObjectCache
from broadcast.observe.part_names import parts_in_words
from broadcast.pipeline import remaining
from broadcast.pipeline.execute import execute
from broadcast.pipeline.run import Run
from broadcast.plan.outcome import FileDiff, Outcome
from broadcast.progress import Progress
from broadcast.report import answer, publish
from broadcast.report.outcomes import title
from broadcast.report.places import excerpt_of
from broadcast.report.reasons import remedy, words
from broadcast.runner import commands, context, inputs
from broadcast.runner.commands import Runner
from broadcast.runner.console import Console, Terminal, log_to
from broadcast.runner.host import Host
from broadcast.runner.inputs import Inputs
from broadcast.runner.masks import forms_of
from broadcast.runner.signals import Signals
from broadcast.source.workspace import Workspace

log = logging.getLogger(__name__)

OVERTIME = 60.0  # seconds after the deadline in which work may end by itself
_STOPPING = "{}: sending nothing more; the report follows within seconds; a second signal exits at once"


def main() -> int:
    """Run the action as the runner's environment says; returns the exit code."""
    sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]  # typed as any TextIO
    with Signals() as signals:
        code = act(dict(os.environ), Runner(), time.time, signals.stop.sleep, signals)
    return signals.left(code)


def act(
    environment: Mapping[str, str],
    console: Console,
    clock: Callable[[], float],
    sleep: Callable[[float], None],
    signals: Signals | None = None,
) -> int:
    """Run the action with the inputs in the runner's environment; returns the exit code."""
    host = Host(environment, console, clock, sleep, signals)
    try:
        chosen = inputs.from_environment(environment)
    except UsageError as failure:
        known = Inputs(results_file=inputs.text_of(environment, "results_file"))
        return _Report(Run(known, _context(host), failure=failure), host).finish()
    return perform(chosen, host)


def perform(chosen: Inputs, host: Host) -> int:
    """Run the command and report it; returns the exit code."""
    if chosen.command == "schema":
        return _show_schema(host.console)
    log_to(host.console, chosen.log_level)
    story = _Report(Run(chosen, _context(host)), host)
    for secret in chosen.secrets:
        story.mask(secret)
    _work_until(host.signals, story)
    return story.finish()


def _context(host: Host) -> context.Context:
    event = host.event()
    return context.from_environment(host.environment, event, terminal=host.terminal, dirty=host.dirty)


def _show_schema(console: Console) -> int:
    from broadcast.config import json_schema

    console.show(json_schema.text().rstrip("\n"))
    return OK


def _work_until(signals: Signals | None, story: _Report) -> None:
    """Run the command; with `signals`, until the first signal or the end of its time."""
    if signals is None:
        _work(story)
        return
    run, console = story.run, story.console
    run.stop, last = signals.stop, run.inputs.deadline + OVERTIME
    signals.watch(lambda: _work(story), lambda name: console.announce(_STOPPING.format(name)), last)


def _work(story: _Report) -> None:
    """Run the command; store a failure in the run, never raise."""
    run, console = story.run, story.console
    try:
        if run.inputs.command == "migrate":
            _migrate(run, story.workspace, console)
            story.is_printed = True
            return
        _check(run)
        _check_places(run, story.workspace)
        _carry_out(story)
    except Failure as failure:
        run.failure = failure
    except Exception as error:  # our bug; the report is written nevertheless
        with console.group("Traceback"):
            console.say(traceback.format_exc())
        run.failure = Failure(f"unexpected {type(error).__name__}: {error}", "please report this, with the traceback")


def _carry_out(story: _Report) -> None:
    """Run the command; report each target as it ends."""
    run, console, clock = story.run, story.console, story.host.clock
    run.started = clock()
    console.announce(f"Broadcast {__version__}: {run.inputs.command} from {run.context.source}")
    if run.inputs.cache_dir:
        run.listings = ObjectCache(Path(run.inputs.cache_dir), clock(), story.workspace)
    clients = _clients(story)
    if run.inputs.command == "comment":
        console.show(f"The comment: {answer.post_file(run, clients, story.workspace)}")
        story.is_printed = True
        return
    if run.inputs.answers:
        answer.prepare(run)
    _execute(story, clients)
    if run.inputs.answers:
        answer.answer(run, clients, story.secrets, story.workspace)


def _clients(story: _Report) -> Callable[[Permissions], ClientPool]:
    """Makes the clients of this run, for what permissions they need."""
    run, host, access = story.run, story.host, _access(story.run)
    deadline = host.clock() + run.inputs.deadline
    return lambda permissions: ClientPool(
        secrets=run.inputs, permissions=permissions, access=access, usage=story.usage, clock=host.clock,
        sleep=host.sleep, mask=story.mask, width=run.inputs.concurrency, deadline=deadline, check=run.stop.check,
    )  # fmt: skip


def _execute(story: _Report, clients: Callable[[Permissions], ClientPool]) -> None:
    """Work on the targets; report how the config was read, and keep the dashboard."""
    run, console = story.run, story.console
    progress = Progress(console, story.host.clock)

    def report(outcome: Outcome) -> None:
        story.report(outcome)
        progress.at("done with", len(run.outcomes), run.targets, "repositories")

    execute(run, _checkout(run, story.workspace.root), clients, report, progress.at)
    if run.read_as:
        console.announce(f"{run.inputs.config} was read as a config of {run.read_as}")
    if run.dashboard:
        from broadcast.report import dashboard

        dashboard.update(run, story.secrets)


def _checkout(run: Run, workspace: Path) -> Path:
    """The directory of the source. Raises UsageError outside of the workspace."""
    place = (workspace / run.inputs.directory).resolve()
    if not place.is_relative_to(workspace.resolve()):
        raise UsageError(f"the directory {run.inputs.directory} lies outside of the workspace", "give a path inside it")
    if not place.is_dir():
        remedy = "give the `path:` of actions/checkout, from the workspace"
        raise UsageError(f"there is no directory {run.inputs.directory} in the workspace", remedy)
    return place


def _migrate(run: Run, workspace: Workspace, console: Console) -> None:
    """Print the new config, below comments on what has no equivalent; the output can be piped to the config's file."""
    from broadcast import migrate

    config = "" if run.inputs.config == DEFAULT_PATH else run.inputs.config
    made, comparison = migrate.of_files(_checkout(run, workspace.root), run.context.source, config, run.inputs.workflow)
    console.show(migrate.printed(made, comparison).rstrip("\n"))
    if run.inputs.results_file:
        document = json.dumps(migrate.results(made, comparison), ensure_ascii=False)
        try:
            workspace.write(run.inputs.results_file, document.encode())
        except OSError as error:
            raise UsageError(f"the results can't be written: {error}", "name another results-file") from error


def _check(run: Run) -> None:
    if run.context.dirty and not run.context.terminal and run.inputs.asks:
        raise UsageError(
            "--allow-dirty works in terminals only: a runner sends the commit",
            "commit the changes, or remove the option",
        )
    if not run.context.source:
        raise UsageError("GITHUB_REPOSITORY is not set", "run inside GitHub Actions, or set it to owner/name")
    inputs.validate(run.inputs)


def _check_places(run: Run, workspace: Workspace) -> None:
    """Raise UsageError for an output path that a job may not write."""
    for name in ("results_file", "metrics_file", "comment_file", "cache_dir"):
        try:
            if path := getattr(run.inputs, name):
                workspace.check(path)
        except ValueError as error:
            raise UsageError(f"the input {inputs.spelled(name)} can't be {path!r}", str(error)) from None


def _access(run: Run) -> Access:
    given = run.inputs.api_url
    url = context.checked_api_url(given or run.context.api_url)
    return Access(url, "" if given else run.context.graphql_url)


class _Report:
    """Reports a run: log, annotations, outputs, summary and files."""

    def __init__(self, run: Run, host: Host) -> None:
        self.run, self.host, self.console, self.usage = run, host, host.console, Usage()
        self.workspace = Workspace(commands.workspace(host.environment), confined=host.console.confined)
        self.is_printed = False  # without a report
        self.secrets = set[str]()  # in every form that is masked
        self._seen = set[str]()  # targets whose outcome was reported
        self._lock = Lock()
        self._is_over = False

    def mask(self, secret: str) -> None:
        """Keep a secret out of the log, and out of every file that is written."""
        self.secrets.update(forms_of(secret))
        self.console.mask(secret)

    def report(self, outcome: Outcome) -> None:
        """Report the outcome of one target; ignored after the end of the run, when threads may still hang."""
        with self._lock:
            if not self._is_over:
                self._say(outcome)

    def _say(self, outcome: Outcome) -> None:
        self._seen.add(outcome.target)
        if self.run.inputs.command == "status":
            return  # one table at the end
        if isinstance(self.console, Terminal):
            return  # the end of the run shows those that are alike together
        hint = remedy(outcome.reason)
        with self.console.group(f"{outcome.target}: {title(outcome.name, self.run)} {outcome.pull_request}".rstrip()):
            for text in filter(None, (words(outcome.reason), hint and f"→ {hint}", *excerpt_of(self.run, outcome))):
                self.console.say(text)
            for change in outcome.changes:
                self._say_change(change, outcome.diffs.get(change.path))
            for error in outcome.file_errors:
                self.console.say(f"left out {error.path}: {error.reason}; {error.remedy}")
            for text in filter(None, (*map(words, outcome.notes), outcome.traceback)):
                self.console.say(text)

    def _say_change(self, change: Change, diff: FileDiff | None) -> None:
        lines = f"  +{diff.added} -{diff.removed}" if diff and not diff.binary else ""
        parts = parts_in_words(change)
        self.console.say(f"{change.kind:8} {change.path}{parts and f' ({parts})'}{lines}")
        if diff and self.run.inputs.diff:
            for line in diff.text.split("\n")[:-1]:
                self.console.say(f"    {line}")

    def finish(self) -> int:
        """Report the end of the run; returns the exit code."""
        if self.is_printed:
            return OK
        with self._lock:
            self._is_over = True
        if self.run.stop.by and not self.run.failure:
            self._stop(self.run.stop.by)

        return publish.publish(
            run=self.run,
            usage=self.usage,
            environment=self.host.environment,
            console=self.console,
            workspace=self.workspace,
            now=self.host.clock(),
            secrets=self.secrets,
        )

    def _stop(self, by: str) -> None:
        """Keep the run as it stands now; hanging threads add nothing."""
        self.run, self.usage = remaining.stopped(self.run, by, time.perf_counter()), self.usage.copy()
        for outcome in self.run.outcomes:
            if outcome.target not in self._seen:
                self._say(outcome)
