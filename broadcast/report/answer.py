"""Answers on the source's pull request: the comment, its check run, or a file that another job posts.

What goes wrong here is a warning: the plan counts.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from typing import Any

from msgspec.structs import replace

from broadcast.apply import comment as writing
from broadcast.apply.comment import Wanted
from broadcast.errors import ConfigError, Failure, UsageError
from broadcast.github.auth import Permissions
from broadcast.github.client import ApiError, GitHub
from broadcast.github.client_pool import ClientPool
from broadcast.pipeline.audience import Audience
from broadcast.pipeline.run import Run
from broadcast.plan import permissions
from broadcast.plan.outcome import Outcome
from broadcast.report.comment import comment, title
from broadcast.report.comment.marker import MOST, Note, accepted, key_of, parsed
from broadcast.report.reasons import remedy, words
from broadcast.runner.masks import masked
from broadcast.runner.pull_event import PullEvent
from broadcast.source.workspace import Workspace

log = logging.getLogger(__name__)

Clients = Callable[[Permissions], ClientPool]

_SPLIT = (
    "let a first workflow plan with comment-file and a token that only reads, and a second one, on workflow_run, post "
    "the file with command: comment (docs/forks.md)"
)
_RIGHTS = "give the token `pull-requests: write` and `checks: write` in this repository"
_RUN = re.compile(r"/actions/runs/\d+")
_MERGE = "refs/pull/"


def prepare(run: Run) -> None:
    """Get ready for a comment: what to compare with, and whether a comment may be made at all. Raises UsageError."""
    pull = run.context.pull
    if pull is None or pull.finished:
        raise UsageError(
            "a comment needs a pull request, and the event that started this run has none",
            "run the workflow `on: pull_request`, or leave out comment and comment-file",
        )
    if run.inputs.comment and pull.is_from_fork(run.context.source):
        raise UsageError("this pull request is from a fork: no token that writes belongs beside its content", _SPLIT)
    run.audience = Audience(run.context.visibility)
    if not run.inputs.compare_to:
        run.inputs = replace(run.inputs, compare_to=_base(run, pull))


def _base(run: Run, pull: PullEvent) -> str:
    """The commit to compare with: of a merge that GitHub made its first parent, the base as it is now."""
    is_merge = run.context.ref.startswith(_MERGE) and run.context.ref.endswith("/merge")
    return "HEAD^1" if is_merge else pull.base


def answer(run: Run, clients: Clients, secrets: Collection[str], workspace: Workspace) -> None:
    """Write the comment of a finished plan where the inputs ask for it; whatever fails is a warning of the run."""
    pull = run.context.pull
    if run.audience is None or pull is None or run.stop.by:
        return
    note = comment(run, pull.head)
    note = note._replace(body=_writable(note.body, secrets))
    try:
        if run.inputs.comment_file:
            workspace.write(run.inputs.comment_file, note.text.encode())
        if run.inputs.comment:
            _post(run, _client(run, clients), note, pull.number)
    except (Failure, OSError) as error:
        run.warnings.append(_unwritten("the comment on the pull request", error))
    if run.inputs.comment:
        _check(run, clients, pull, secrets)


def post_file(run: Run, clients: Clients, workspace: Workspace) -> str:
    """Post the comment that another job wrote into a file; returns what was done. Raises Failure."""
    pull = run.context.pull
    if pull is None or not pull.finished:
        raise UsageError(
            "command: comment needs the end of a workflow that ran for a pull request", "run it `on: workflow_run`"
        )
    try:
        text = workspace.read(run.inputs.comment_file, MOST * 4).decode()
    except (OSError, UnicodeDecodeError) as error:
        remedy_ = "download the file that the plan wrote into the workspace, and name it"
        raise UsageError(f"comment-file can't be read: {error}", remedy_) from error
    note = accepted(text, key_of(run.inputs.config), pull.head)
    github = _client(run, clients)
    owner = pull.repository.partition("/")[0]
    number = writing.number_of(github, run.context.source, pull.branch, owner, pull.head)
    return _post(run, github, note, number) if number else "left out: no open pull request has this commit"


def _post(run: Run, github: GitHub, note: Note, number: int) -> str:
    wanted = Wanted(
        head=note.head, text=note.text, is_quiet=not note.has_effect, is_ours=lambda body: _is_ours(body, note),
        is_same=lambda body: _is_same(body, note),
    )  # fmt: skip
    done = writing.keep(github, run.context.source, number, wanted)
    log.info("the comment on #%d: %s", number, done)
    return done


def _is_ours(body: str, note: Note) -> bool:
    found = parsed(body)
    return found is not None and found.key == note.key


def _is_same(body: str, note: Note) -> bool:
    """Whether a comment says the same, maybe of an older run; GitHub may trim its end."""
    found = parsed(body)
    return found is not None and _RUN.sub("", found.body).strip() == _RUN.sub("", note.body).strip()


def _check(run: Run, clients: Clients, pull: PullEvent, secrets: Collection[str]) -> None:
    """Make the check run, where the token may."""
    failed = run.failure or any(one.name == "failed" for one in run.outcomes)
    has_effect = run.comparison is None or bool(run.comparison.effects)
    conclusion = "failure" if failed else "neutral" if has_effect else "success"
    short = _writable(title(run), secrets)
    summary = f"{short}\n\nThe comment on the pull request and the summary of the run say more."
    try:
        writing.check(
            _client(run, clients), run.context.source, pull.head, conclusion=conclusion, title=short[:200],
            summary=summary, annotations=list(_annotations(run, secrets)), url=run.context.run_url,
        )  # fmt: skip
    except Failure as error:
        run.warnings.append(_unwritten("the check run", error))


def _annotations(run: Run, secrets: Collection[str]) -> Iterable[Mapping[str, Any]]:
    """Each problem and each target that failed, at its line of the config."""
    if isinstance(run.failure, ConfigError):
        for problem in run.failure.problems:
            said = f"{problem.message}\n{problem.remedy}".strip()
            yield _annotation(problem.file, problem.line, _writable(said, secrets))
    for one in run.outcomes:
        if one.name == "failed" and run.audience:
            config = run.context.config or run.inputs.config
            yield _annotation(config, run.audience.lines.get(one.target, 1), _writable(_failed(run, one), secrets))


def _failed(run: Run, one: Outcome) -> str:
    if run.audience and run.audience.shows(one.target):
        return f"{one.target} fails: {words(one.reason)}\n{remedy(one.reason)}".strip()
    return "A repository that not all readers of this one can read fails. The log of the run says why."


def _annotation(path: str, line: int, message: str) -> Mapping[str, Any]:
    at = max(line, 1)
    return {"path": path, "start_line": at, "end_line": at, "annotation_level": "failure", "message": message[:4000]}


def _client(run: Run, clients: Clients) -> GitHub:
    """The client of comment-token, or of the App. Raises Failure."""
    pool = clients(permissions.commenting())
    if run.inputs.comment_token:
        return pool.of_token(run.inputs.comment_token)
    return pool.proposing(run.context.source, permissions.commenting())


def _unwritten(what: str, error: Failure | OSError) -> str:
    is_refused = isinstance(error, ApiError) and error.status in (403, 404)
    hint = _RIGHTS if is_refused else getattr(error, "remedy", "") or "run again"
    return f"{what} was not written: {getattr(error, 'message', error)}; {hint}"


def _writable(text: str, secrets: Collection[str]) -> str:
    return masked(text, secrets).encode("utf-8", "backslashreplace").decode()
