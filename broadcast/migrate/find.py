"""Find what to migrate: the configs of other tools, and the workflows that run them."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from broadcast.errors import ConfigError, UsageError
from broadcast.migrate import betahuhn_inputs, scripts, tools
from broadcast.migrate.document import Document
from broadcast.migrate.model import SourceList

DEFAULT_PATHS = (
    betahuhn_inputs.DEFAULT_CONFIG, ".github/sync.yaml", ".github/files-sync-config.yaml",
    ".github/files-sync-config.yml", "sync.yaml", "sync.yml",
)  # fmt: skip
WORKFLOWS = ".github/workflows"


class Use(NamedTuple):
    """A step that runs another tool."""

    workflow: str
    number: int  # of the steps there that run it, from 1
    config: str


class Found(NamedTuple):
    """What to migrate."""

    config: str
    workflow: str  # empty for none
    number: int  # of its steps; 0 for the one that reads the config
    others: tuple[str, ...]  # other configs in the repository


def chosen(root: Path, listing: SourceList, source: str, config: str, workflow: str) -> Found:
    """What the options name; without them what is in its usual place, or what a workflow runs. Raises UsageError."""
    file, _, number = workflow.partition("#")
    if number and not number.isdecimal():
        raise UsageError(f"{workflow} names no step", f"write {file}#2 for the second step that runs the tool")
    uses = [use for path in ([file] if file else _workflows(root)) for use in _uses(root, path, listing, source)]
    if config:
        path = posixpath.normpath(config)
        ran = [use for use in uses if use.config == path]
        return Found(path, file or (ran[0].workflow if ran else ""), int(number or 0), _others(root, uses, path))
    if by_step := _by_step(root, [file] if file else [], listing, source):
        return Found(by_step, "", int(number or 0), ())
    use = _use(uses, int(number or 0))
    if use and file and not (root / use.config).is_file():
        there = next((path for path in DEFAULT_PATHS if (root / path).is_file()), "")
        remedy = f"give the right one: --config {there or 'FILE'} --workflow {workflow}"
        raise UsageError(f"the step in {file} reads the config {use.config}, which isn't there", remedy)
    path = use.config if use and (file or (root / use.config).is_file()) else _usual(root, listing, source)
    ran_by = use.workflow if use and use.config == path else ""
    return Found(path, file or ran_by, int(number or 0), _others(root, uses, path))


def _use(uses: list[Use], number: int) -> Use | None:
    return next((use for use in uses if number in (0, use.number)), None)


def configs(root: Path, listing: SourceList) -> list[str]:
    """The paths of configs that are there: in their usual places, and those that workflows name."""
    named = [use.config for path in _workflows(root) for use in _uses(root, path, listing, "")]
    return [path for path in dict.fromkeys([*DEFAULT_PATHS, *named]) if (root / path).is_file()]


def _workflows(root: Path) -> list[str]:
    folder = root / WORKFLOWS
    found = sorted(folder.iterdir()) if folder.is_dir() else []
    return [f"{WORKFLOWS}/{one.name}" for one in found if one.suffix in (".yml", ".yaml") and one.is_file()]


def _uses(root: Path, path: str, listing: SourceList, source: str) -> list[Use]:
    """The steps of a workflow that run a tool with a config; none if it can't be read."""
    with suppress(UsageError, ConfigError):
        named = tools.configs(Document(read(root, path), path), listing, source)
        return [Use(path, at, config) for at, config in enumerate(named, 1)]
    return []


def _others(root: Path, uses: Iterable[Use], path: str) -> tuple[str, ...]:
    found = [one for one in DEFAULT_PATHS if (root / one).is_file()]
    return tuple(one for one in dict.fromkeys([*found, *(use.config for use in uses)]) if one != path)


def _usual(root: Path, listing: SourceList, source: str) -> str:
    found = [path for path in DEFAULT_PATHS if (root / path).is_file()]
    found += sorted(str(one.relative_to(root)) for one in (root / ".github").glob("*.src.yaml"))
    found = found or [_by_step(root, _workflows(root), listing, source)]
    if not found[0]:
        _refuse_scripts(root)
        none = f"there is no config of another tool here ({', '.join(DEFAULT_PATHS)})"
        raise UsageError(
            none, "name the one to migrate with `config`, or the workflow that runs the tool with `workflow`"
        )
    return found[0]


def _by_step(root: Path, workflows: Iterable[str], listing: SourceList, source: str) -> str:
    """The first workflow with a step that holds all that is to be migrated; empty if there is none."""
    for path in workflows:
        with suppress(UsageError, ConfigError):
            if tools.by_inputs(Document(read(root, path), path), listing, source):
                return path
    return ""


def _refuse_scripts(root: Path) -> None:
    """Raise UsageError if a workflow calls a tool that runs scripts."""
    for path in _workflows(root):
        with suppress(UsageError):
            name = scripts.of_text(read(root, path))
            if name:
                break
    else:
        return
    raise UsageError(f"{path} calls {name}, which runs scripts in clones", scripts.REMEDY)


def read(root: Path, path: str) -> str:
    """The text of a file. Raises UsageError."""
    where = root / path
    if not where.resolve().is_relative_to(root.resolve()):
        raise UsageError(f"{path} lies outside of the repository", "give a path inside it")
    try:
        return where.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise UsageError(f"there is no file {path}", "give its path from the root of the repository") from None
    except UnicodeDecodeError:
        raise UsageError(f"{path} isn't UTF-8 text", "save it as UTF-8") from None
    except OSError as error:
        raise UsageError(f"{path} can't be read: {error.strerror}", "check the file") from None
