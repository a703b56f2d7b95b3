"""The inputs of a run, from the environment that the runner makes of action.yml (pure)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from broadcast.config import DEFAULT_PATH
from broadcast.errors import UsageError
from broadcast.outcome import NAMES
from broadcast.plan import Rebase
from broadcast.yamlreader import did_you_mean

Command = Literal["sync", "plan", "check", "validate"]
Strategy = Literal["auto", "graphql", "rest"]
LogLevel = Literal["debug", "info", "warning", "error"]

MAX_CONCURRENCY = 16


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """One field for each input of action.yml, with hyphens as underscores."""

    token: str = field(default="", repr=False)
    command: Command = "sync"
    config: str = DEFAULT_PATH
    dry_run: bool = False
    only_targets: tuple[str, ...] = ()
    concurrency: int = 8
    cache_dir: str = ""
    overwrite: bool = False
    rebase: Rebase = "conflict"
    write_strategy: Strategy = "auto"
    allow_ref: str = ""
    fail_on: tuple[str, ...] = ()
    log_level: LogLevel = "info"
    results_file: str = ""
    api_url: str = ""

    @property
    def writes(self) -> bool:
        """Whether targets may be written to."""
        return self.command == "sync" and not self.dry_run


def from_environment(environment: Mapping[str, str]) -> Inputs:
    """The inputs in `environment`; empty means unset. Raises UsageError for the first that can't be read."""
    values = {}
    for name in Inputs.__dataclass_fields__:
        if text := _text(environment, name):
            values[name] = _read(name, text)
    return Inputs(**values)


def _text(environment: Mapping[str, str], name: str) -> str:
    # action.yml's env map has underscores, the runner's own names keep hyphens (INPUT_DRY-RUN); some runners (act)
    # hand the map over unevaluated.
    upper = name.upper()
    given = (environment.get(f"INPUT_{spelled}", "").strip() for spelled in (upper, upper.replace("_", "-")))
    return next((text for text in given if text and not text.startswith("${{")), "")


def _read(name: str, text: str) -> Any:
    choices = {"command": Command, "write_strategy": Strategy, "log_level": LogLevel, "rebase": Rebase}
    if name in choices:
        return _choice(name, text, get_args(choices[name]))
    if name in ("dry_run", "overwrite"):
        return _choice(name, text.lower(), ("true", "false")) == "true"
    if name == "concurrency":
        return _number(name, text, 1, MAX_CONCURRENCY)
    if name in ("only_targets", "fail_on"):
        items = tuple(text.replace(",", " ").split())
        return tuple(_choice(name, item, NAMES) for item in items) if name == "fail_on" else items
    return text


def _number(name: str, text: str, least: int, most: int) -> int:
    if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
        raise UsageError(
            f"the input {name.replace('_', '-')} can't be {text!r}", f"give a number from {least} to {most}"
        )
    return int(text)


def _choice(name: str, text: str, allowed: tuple[str, ...]) -> str:
    if text not in allowed:
        raise UsageError(f"the input {name.replace('_', '-')} can't be {text!r}", did_you_mean(text, list(allowed)))
    return text
