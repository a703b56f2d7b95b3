"""The inputs of a run: built from the runner's environment or from the command line, validated once (pure)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Literal, get_args

from msgspec import Struct, field

from broadcast.config.model import DEFAULT_PATH
from broadcast.config.shards import Shard
from broadcast.errors import UsageError
from broadcast.plan.outcome import NAMES
from broadcast.plan.plan import Rebase
from broadcast.runner import input_values
from broadcast.runner.input_values import HOUR, MAX_CONCURRENCY, InvalidValue, Parser

Command = Literal[
    "sync", "plan", "check", "status", "cancel", "merge", "rollback", "harvest", "validate", "schema", "migrate",
    "comment",
]  # fmt: skip
Strategy = Literal["auto", "graphql", "rest"]
LogLevel = Literal["debug", "info", "warning", "error"]

WITH_DASHBOARD = ("sync", "plan", "check", "status", "cancel", "merge", "rollback")
MAX_PULL_REQUESTS = 100_000


class Inputs(Struct, frozen=True, kw_only=True):
    """One field for each input of action.yml, with hyphens as underscores."""

    token: str = ""
    tokens: Mapping[str, str] = field(default_factory=dict)  # owner, in lower case → token
    client_id: str = ""
    app_id: str = ""  # the older name of a GitHub App
    private_key: str = ""
    dashboard_token: str = ""
    comment_token: str = ""
    command: Command = "sync"
    config: str = DEFAULT_PATH
    directory: str = ""
    dry_run: bool = False
    freeze: bool = False
    dashboard: bool = False
    only_targets: tuple[str, ...] = ()
    only_groups: tuple[str, ...] = ()
    skip_groups: tuple[str, ...] = ()
    only_waves: tuple[str, ...] = ()
    advance: tuple[str, ...] = ()
    online: bool = False
    explain: str = ""
    diff: bool = False
    compare_to: str = ""
    comment: bool = False
    comment_file: str = ""
    to: str = ""
    resume: bool = False
    workflow: str = ""
    path: str = ""
    write: bool = False
    pull_request: bool = False
    new: tuple[str, ...] = ()
    harvest_private: bool = False
    concurrency: int = 8
    max_pull_requests: int | None = None
    deadline: float = 5.5 * HOUR  # seconds
    expect_plan: str = ""
    shard: Shard | None = None
    cleanup: bool = True
    cache_dir: str = ""
    overwrite: bool = False
    rebase: Rebase = "conflict"
    write_strategy: Strategy = "auto"
    allow_ref: str = ""
    allow_head: bool = False
    fail_on: tuple[str, ...] = ()
    log_level: LogLevel = "info"
    results_file: str = ""
    metrics_file: str = ""
    api_url: str = ""

    def __repr__(self) -> str:
        return f"<inputs of {self.command}>"  # without its secrets

    @property
    def app(self) -> str:
        """The client id of the GitHub App, or its app id; empty without an App."""
        return self.client_id or self.app_id

    @property
    def secrets(self) -> list[str]:
        """Every token and key, for masking."""
        own = (self.dashboard_token, self.comment_token)
        given = (self.token, *self.tokens.values(), self.private_key, *own)
        return [one for one in given if one]

    @property
    def has_token(self) -> bool:
        """Whether any token or key for targets is given."""
        return bool(self.token or self.tokens or self.private_key)

    @property
    def reads_dashboard(self) -> bool:
        """Whether the boxes of the dashboard count."""
        is_plain = not (self.compare_to or self.explain)
        return self.dashboard and is_plain and self.command in WITH_DASHBOARD

    @property
    def shows_dashboard(self) -> bool:
        """Whether the run knows what the dashboard shows: the whole fleet, as a sync leaves it."""
        return self.reads_dashboard and self.command == "sync" and not self.is_filtered

    @property
    def answers(self) -> bool:
        """Whether a comment on the source's pull request is made."""
        return self.command == "plan" and (self.comment or bool(self.comment_file))

    @property
    def asks(self) -> bool:
        """Whether the command sends requests to GitHub."""
        return self.command != "validate" or self.online

    @property
    def goes_by_waves(self) -> bool:
        """Whether a target waits for the wave before its own."""
        is_plain = not (self.to or self.compare_to or self.explain)
        return is_plain and self.command in ("sync", "plan", "check", "status", "merge")

    @property
    def is_filtered(self) -> bool:
        """Whether the run is limited to a part of the fleet."""
        return bool(self.only_targets or self.only_groups or self.skip_groups or self.only_waves or self.shard)

    @property
    def diagnoses(self) -> bool:
        """Whether missing write permissions are reported."""
        return (self.writes and not self.proposes) or self.command == "validate"

    @property
    def writes(self) -> bool:
        """Whether the command may write at GitHub: to targets, or with `harvest` to the source."""
        return (self.command in ("sync", "cancel", "merge", "rollback") or self.proposes) and not self.dry_run

    @property
    def proposes(self) -> bool:
        """Whether a pull request on the source is asked for."""
        return self.command == "harvest" and self.pull_request


def from_environment(environment: Mapping[str, str]) -> Inputs:
    """The inputs in `environment`; an empty variable is unset. Raises UsageError for the first invalid value."""
    given = {name: text for name in Inputs.__struct_fields__ if (text := text_of(environment, name))}
    return Inputs(**{name: _parsed(name, text) for name, text in given.items()})


def validate(inputs: Inputs) -> None:
    """Raise UsageError for inputs that can't be used together, or lack one that the command needs."""
    if inputs.compare_to and (inputs.command not in ("sync", "plan") or inputs.writes):
        raise UsageError("the input compare-to goes with command: plan", f"remove it from {inputs.command}")
    for name in (one for one in ("write", "pull_request") if getattr(inputs, one)):
        if inputs.command != "harvest":
            raise UsageError(
                f"the input {spelled(name)} goes with command: harvest", f"remove it from {inputs.command}"
            )
        if not (inputs.path or inputs.only_targets):
            remedy = "name a file in path, or targets in only-targets"
            raise UsageError(f"{spelled(name)} needs to know which edits to take", remedy)
    _validate_waves(inputs)
    _validate_way_back(inputs)
    _validate_comment(inputs)
    if inputs.command == "comment":
        return
    if not inputs.asks:
        return
    if inputs.app and not inputs.private_key:
        raise UsageError("the input private-key is empty", "give the GitHub App's private key beside its client-id")
    if not inputs.has_token and not inputs.explain:
        raise UsageError(
            "the input `token` is empty",
            "give a token that can write to the targets, such as ${{ secrets.BROADCAST_TOKEN }}, or a GitHub App "
            "(client-id and private-key); GITHUB_TOKEN reaches its own repository only",
        )
    verb = {"cancel": "close", "merge": "merge"}.get(inputs.command)
    if verb and not (inputs.only_targets or inputs.only_groups or inputs.only_waves):
        raise UsageError(
            f"{inputs.command} needs the names of the targets whose pull requests to {verb}",
            "name them in only-targets, only-groups or only-waves; only-targets: '*' means all",
        )


def _validate_waves(inputs: Inputs) -> None:
    if inputs.only_waves and inputs.command in ("harvest", "validate", "schema", "migrate"):
        raise UsageError(f"the input only-waves doesn't go with {inputs.command}", "remove it")
    if inputs.advance and not inputs.goes_by_waves:
        raise UsageError("the input advance has no effect here: nothing waits for a wave", "remove it")


def _validate_way_back(inputs: Inputs) -> None:
    if inputs.command == "rollback" and not inputs.to:
        raise UsageError(
            "rollback needs the commit to go back to",
            "name it in `to`: an id, a tag or a branch of the source, from before the bad change",
        )
    if inputs.to and inputs.command not in ("rollback", "plan"):
        raise UsageError("the input to goes with command: rollback or plan", f"remove it from {inputs.command}")
    if inputs.to and (inputs.compare_to or inputs.explain):
        raise UsageError("the input to doesn't go with compare-to or explain", "leave one of them out")


def _validate_comment(inputs: Inputs) -> None:
    given = [name for name in ("comment", "comment_file", "comment_token") if getattr(inputs, name)]
    if given and inputs.command not in ("plan", "comment"):
        raise UsageError(f"the input {spelled(given[0])} goes with command: plan", f"remove it from {inputs.command}")
    if inputs.answers and (inputs.explain or inputs.to):
        raise UsageError("a comment shows the effect of a change, so explain and to don't go with it", "remove them")
    if inputs.command == "comment" and not inputs.comment_file:
        raise UsageError("command: comment needs the file to post", "name it in comment-file, as the plan wrote it")
    if (inputs.comment or inputs.command == "comment") and not (inputs.comment_token or inputs.app):
        raise UsageError(
            "a comment needs a token that can write to this repository's pull requests",
            "give `comment-token: ${{ github.token }}` and `permissions: pull-requests: write`, or a GitHub App",
        )


def spelled(name: str) -> str:
    """A field's name as action.yml spells the input."""
    return name.replace("_", "-")


def text_of(environment: Mapping[str, str], name: str) -> str:
    """The text of an input; empty if unset.

    The runner sets INPUT_DRY-RUN, even to an empty value, so if that exists, it alone counts: an earlier step could set
    INPUT_DRY_RUN through GITHUB_ENV, and so name an API that receives the token. The names with underscores come from
    action.yml, for shells that drop variables with hyphens; some runners (act) pass them on unevaluated.
    """
    own = f"INPUT_{spelled(name).upper()}"
    text = environment.get(own if own in environment else own.replace("-", "_"), "").strip()
    return "" if text.startswith("${{") else text


def _parsed(name: str, text: str) -> Any:
    try:
        return PARSERS.get(name, str)(text)
    except InvalidValue as error:
        raise UsageError(f"the input {spelled(name)} {error.reason}", error.remedy) from None


PARSERS: dict[str, Parser] = {  # of every field that isn't a plain text
    "config": input_values.path,
    "path": input_values.path,
    "write": input_values.flag,
    "pull_request": input_values.flag,
    "new": input_values.names,
    "harvest_private": input_values.flag,
    "command": input_values.choice(get_args(Command)),
    "write_strategy": input_values.choice(get_args(Strategy)),
    "log_level": input_values.choice(get_args(LogLevel)),
    "rebase": input_values.choice(get_args(Rebase)),
    "dry_run": input_values.flag,
    "freeze": input_values.flag,
    "dashboard": input_values.flag,
    "dashboard_token": input_values.token,
    "overwrite": input_values.flag,
    "online": input_values.flag,
    "diff": input_values.flag,
    "comment": input_values.flag,
    "comment_token": input_values.token,
    "resume": input_values.flag,
    "cleanup": input_values.flag,
    "allow_head": input_values.flag,
    "concurrency": input_values.number(1, MAX_CONCURRENCY),
    "max_pull_requests": input_values.number(0, MAX_PULL_REQUESTS),
    "deadline": input_values.duration,
    "token": input_values.token,
    "shard": input_values.shard,
    "expect_plan": input_values.digest,
    "tokens": input_values.tokens,
    "only_targets": input_values.target_names,
    "only_groups": input_values.names,
    "skip_groups": input_values.names,
    "only_waves": input_values.names,
    "advance": input_values.names,
    "fail_on": input_values.choices(NAMES),
}
