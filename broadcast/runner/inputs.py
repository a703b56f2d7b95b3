"""The inputs of a run, from the environment that the runner makes of action.yml (pure)."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Literal, get_args

from msgspec import Struct, field

from broadcast.config.parse import DEFAULT_PATH
from broadcast.config.shards import Shard
from broadcast.config.yaml_reader import did_you_mean
from broadcast.errors import UsageError
from broadcast.plan.outcome import NAMES
from broadcast.plan.plan import Rebase

Command = Literal["sync", "plan", "check", "status", "cancel", "validate", "schema", "migrate"]
Strategy = Literal["auto", "graphql", "rest"]
LogLevel = Literal["debug", "info", "warning", "error"]

MAX_CONCURRENCY = 16
MINUTE, HOUR = 60.0, 3600.0  # seconds


class Inputs(Struct, frozen=True, kw_only=True):
    """One field for each input of action.yml, with hyphens as underscores."""

    token: str = ""
    tokens: Mapping[str, str] = field(default_factory=dict)  # owner, in lower case → token
    client_id: str = ""
    app_id: str = ""  # the older name of a GitHub App
    private_key: str = ""
    command: Command = "sync"
    config: str = DEFAULT_PATH
    directory: str = ""
    dry_run: bool = False
    only_targets: tuple[str, ...] = ()
    only_groups: tuple[str, ...] = ()
    skip_groups: tuple[str, ...] = ()
    online: bool = False
    explain: str = ""
    diff: bool = False
    compare_to: str = ""
    workflow: str = ""
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
        """What names the GitHub App."""
        return self.client_id or self.app_id

    @property
    def secrets(self) -> list[str]:
        """Everything that must never be seen."""
        return [one for one in (self.token, *self.tokens.values(), self.private_key) if one]

    @property
    def asks(self) -> bool:
        """Whether GitHub is asked at all."""
        return self.command != "validate" or self.online

    @property
    def is_filtered(self) -> bool:
        """Whether the run works on a part of the fleet."""
        return bool(self.only_targets or self.only_groups or self.skip_groups or self.shard)

    @property
    def diagnoses(self) -> bool:
        """Whether it matters what the token may write."""
        return self.writes or self.command == "validate"

    @property
    def writes(self) -> bool:
        """Whether targets may be written to."""
        return self.command in ("sync", "cancel") and not self.dry_run


def from_environment(environment: Mapping[str, str]) -> Inputs:
    """The inputs in `environment`; empty means unset. Raises UsageError for the first that can't be read."""
    values = {}
    for name in Inputs.__struct_fields__:
        if text := text_of(environment, name):
            values[name] = _read(name, text)
    return Inputs(**values)


def variable(name: str) -> str:
    """What the runner calls the variable of an input: hyphens stay (INPUT_DRY-RUN)."""
    return f"INPUT_{name.upper().replace('_', '-')}"


def text_of(environment: Mapping[str, str], name: str) -> str:
    """What is given for an input; empty where nothing is.

    The runner sets every variable of its own, empty ones too, so where there is one, it alone counts: any step before
    can set another by GITHUB_ENV, and name an API that takes the token. Those with underscores are action.yml's, for
    what drops hyphens on the way; some runners (act) hand them over unevaluated.
    """
    own = variable(name)
    text = environment.get(own if own in environment else own.replace("-", "_"), "").strip()
    return "" if text.startswith("${{") else text


def _read(name: str, text: str) -> Any:
    return _READERS[name](name, text) if name in _READERS else text


def _flag(name: str, text: str) -> bool:
    return _choice(name, text.lower(), ("true", "false")) == "true"


def _items(_: str, text: str) -> tuple[str, ...]:
    return tuple(text.replace(",", " ").split())


def _names(_: str, text: str) -> tuple[str, ...]:
    """Names may hold spaces."""
    return tuple(name for part in text.replace("\n", ",").split(",") if (name := part.strip()))


def _duration(name: str, text: str) -> float:
    """1h30m, 45m, or minutes."""
    match = re.fullmatch(r"(?:(\d{1,3})h)?\s*(?:(\d{1,4})m)?|(\d{1,4})", text)
    if not match or not any(match.groups()):
        raise UsageError(f"the input {_spelled(name)} can't be {text!r}", "write it like 50m or 1h30m")
    hours, minutes, plain = (int(group or 0) for group in match.groups())
    return hours * HOUR + (minutes + plain) * MINUTE


def _shard(name: str, text: str) -> Shard:
    match = re.fullmatch(r"(\d{1,4})/(\d{1,4})", text)
    if not match or not 1 <= int(match[1]) <= int(match[2]):
        raise UsageError(f"the input {_spelled(name)} can't be {text!r}", "write it like 2/10: the second of ten")
    return Shard(int(match[1]), int(match[2]))


def _digest(name: str, text: str) -> str:
    """The whole of it: a part could be forged."""
    if not re.fullmatch(r"[0-9a-f]{64}", text.lower()):
        remedy = (
            "give the whole plan-digest that `command: plan` prints, 64 digits from 0 to f; shorter ones don't count"
        )
        raise UsageError(f"the input {_spelled(name)} can't be {text!r}", remedy)
    return text.lower()


def _tokens(name: str, text: str) -> dict[str, str]:
    """Lines of owner=token; a mistake is told without its line, which may hold a token."""
    found = {}
    for number, line in enumerate(text.splitlines(), 1):
        owner, equals, token = (part.strip() for part in line.partition("="))
        if line.strip() and (not equals or not owner or not token or "/" in owner):
            raise UsageError(f"line {number} of the input {_spelled(name)} isn't owner=token", "write one owner a line")
        if line.strip():
            found[owner.lower()] = _token(f"{_spelled(name)} (line {number})", token)
    return found


def _token(name: str, text: str) -> str:
    """A token becomes a header's value; what can't be one is refused without being shown."""
    if not re.fullmatch(r"[A-Za-z0-9._~+/=-]+", text):  # RFC 6750's b64token
        remedy = "store the token alone as the secret, without spaces, quotes or line breaks"
        raise UsageError(f"the input {name} holds characters that no token has", remedy)
    return text


def _number(name: str, text: str, least: int, most: int) -> int:
    if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
        raise UsageError(
            f"the input {name.replace('_', '-')} can't be {text!r}", f"give a number from {least} to {most}"
        )
    return int(text)


def _choice(name: str, text: str, allowed: tuple[str, ...]) -> str:
    if text not in allowed:
        raise UsageError(f"the input {_spelled(name)} can't be {text!r}", did_you_mean(text, list(allowed)))
    return text


def _spelled(name: str) -> str:
    return name.replace("_", "-")


_READERS: dict[str, Callable[[str, str], Any]] = {
    "config": lambda _, text: posixpath.normpath(text),  # ./.github/broadcast.yml is the config, too
    "command": partial(_choice, allowed=get_args(Command)),
    "write_strategy": partial(_choice, allowed=get_args(Strategy)),
    "log_level": partial(_choice, allowed=get_args(LogLevel)),
    "rebase": partial(_choice, allowed=get_args(Rebase)),
    "dry_run": _flag,
    "overwrite": _flag,
    "online": _flag,
    "diff": _flag,
    "cleanup": _flag,
    "allow_head": _flag,
    "concurrency": partial(_number, least=1, most=MAX_CONCURRENCY),
    "max_pull_requests": partial(_number, least=0, most=100_000),
    "deadline": _duration,
    "token": _token,
    "shard": _shard,
    "expect_plan": _digest,
    "tokens": _tokens,
    "only_targets": _items,
    "only_groups": _names,
    "skip_groups": _names,
    "fail_on": lambda name, text: tuple(_choice(name, item, NAMES) for item in _items(name, text)),
}
