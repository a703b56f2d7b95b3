"""The same commands for a terminal: options become the inputs that the action reads."""

from __future__ import annotations

import argparse
import os
import re
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from broadcast import action
from broadcast.config.parse import DEFAULT_PATH
from broadcast.git import nofollow
from broadcast.git.objects import REGULAR
from broadcast.runner.console import Terminal
from broadcast.runner.inputs import variable
from broadcast.runner.signals import Signals

_OURS = frozenset({"directory", "source", "json", "allow_dirty"})  # options that are no inputs
_TOKENS = ("BROADCAST_TOKEN", "GH_TOKEN", "GITHUB_TOKEN")
_URL = re.compile(r"url\s*=\s*\S+?[/:]([\w.-]+/[\w.-]+?)(?:\.git)?/?")
MAX_GIT_CONFIG, MAX_URL = 1024**2, 1_000  # bytes; characters

_EPILOG = f"""\
The token comes from {", ".join(_TOKENS[:-1])} or {_TOKENS[-1]}; validate, schema and migrate need none.
exit codes: 0 well; 1 a target failed, or a file couldn't be sent; 2 the config or the usage is wrong; 3 drift (check);
130 or 143 stopped by SIGINT (Ctrl-C) or SIGTERM: the report says what was done, and the next run goes on

a first time:
  broadcast validate            is the config right?
  broadcast plan                what would sync do?
  broadcast sync --only-targets acme/api
"""


class _Command(NamedTuple):
    help: str
    groups: tuple[str, ...]  # of options
    more: str = ""


_COMMANDS = {
    "sync": _Command(
        "open, update and close pull requests", ("files", "merged", "targets", "remote", "writing", "output")
    ),
    "plan": _Command(
        "say what sync would do, and write nothing",
        ("files", "disk", "targets", "remote", "looking", "output"),
        "A read-only token will do. --explain PATH asks nobody, unless the config selects repositories.",
    ),
    "check": _Command(
        "fail with exit code 3 where a target isn't in step", ("files", "disk", "targets", "remote", "output")
    ),
    "status": _Command(
        "show where the fleet stands, and how old its pull requests are",
        ("files", "disk", "targets", "remote", "output"),
    ),
    "cancel": _Command(
        "close our pull requests of the named targets and delete their branches",
        ("files", "merged", "targets", "remote", "output"),
        "Needs --only-targets or --only-groups. What others have pushed to a branch is never deleted; the next sync "
        "proposes everything again.",
    ),
    "validate": _Command("check the config, offline", ("files", "targets", "remote", "online", "output")),
    "migrate": _Command(
        "turn another tool's config into ours, and print it",
        ("files", "migrating", "results"),
        "Reads configs of BetaHuhn/repo-file-sync-action, wadackel/files-sync-action and go-broadcast, in their usual "
        "places or at --config. Comments above the result say what has no equal, and how many files both want.",
    ),
    "schema": _Command("print the JSON Schema of the config, for editors", ()),
}  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command in the checkout around the current directory; returns the exit code."""
    with Signals() as signals:
        code = _main(arguments, signals)
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BrokenPipeError:  # nobody reads any more; Python is not to find that out when it ends
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    return signals.left(code)


def _main(arguments: Sequence[str] | None, signals: Signals) -> int:
    options = _parser().parse_args(arguments)
    around = {name: value for name, value in os.environ.items() if not name.upper().startswith("INPUT_")}
    environment = {**around, **_environment(options, os.environ)}
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]  # typed as any TextIO
    place = {"terminal": os.environ.get("GITHUB_ACTIONS") != "true", "dirty": getattr(options, "allow_dirty", False)}
    if not getattr(options, "json", False):
        return action.act(environment, Terminal(sys.stdout), time.time, signals.stop.sleep, signals, **place)
    with tempfile.TemporaryDirectory() as directory:
        results = Path(options.results_file or f"{directory}/results.json").resolve()
        environment[variable("results_file")] = str(results)
        code = action.act(environment, Terminal(sys.stderr), time.time, signals.stop.sleep, signals, **place)
        if results.is_file():  # else it couldn't be written, which is told
            with suppress(BrokenPipeError):
                print(results.read_text(encoding="utf-8"), flush=True)
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="broadcast",
        description="Keep files of this repository in step with others, one pull request per target.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, command in _COMMANDS.items():
        one = commands.add_parser(name, help=command.help, description=f"{command.help.capitalize()}. {command.more}")
        for group in command.groups:
            _OPTIONS[group](one)
    return parser


def _of_files(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--config", default=DEFAULT_PATH, help="the sync config (default: %(default)s)")
    parser.add_argument("--directory", type=Path, default=Path(), help="the checkout (default: here)")
    parser.add_argument("--source", default="", metavar="OWNER/NAME", help="default: where the remote `origin` points")


def _of_disk(parser: argparse.ArgumentParser) -> None:
    help_ = "send what lies on disk where it differs from the commit"
    parser.add_argument("--allow-dirty", action="store_true", help=help_)


def _of_merged(parser: argparse.ArgumentParser) -> None:
    _of_disk(parser)
    help_ = "branches other than the default one that may be sent; tags/v* means tags"
    parser.add_argument("--allow-ref", default="", metavar="PATTERN", help=help_)


def _of_targets(parser: argparse.ArgumentParser) -> None:
    help_ = "names or patterns, separated by commas; !pattern leaves out"
    parser.add_argument("--only-targets", default="", metavar="NAMES", help=help_)
    parser.add_argument("--only-groups", default="", metavar="NAMES", help="ids or names of groups")
    parser.add_argument("--skip-groups", default="", metavar="NAMES", help="ids or names of groups")


def _of_remote(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--api-url", default="", metavar="URL", help="for GitHub Enterprise Server")
    parser.add_argument("--cache-dir", default="", metavar="DIR", help="keep directory listings between runs here")
    parser.add_argument("--log-level", default="info", choices=("debug", "info", "warning", "error"))


def _of_writing(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--write-strategy", default="auto", choices=("auto", "graphql", "rest"))
    parser.add_argument("--expect-plan", default="", metavar="DIGEST", help="apply this plan or nothing")
    parser.add_argument("--max-pull-requests", default="", metavar="N", help="new ones at most; later runs go on")
    parser.add_argument("--overwrite", action="store_true", help="also where others have pushed to our branch")


def _of_looking(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--explain", default="", metavar="PATH", help="say what decides about this path, and no more")
    help_ = "say what the change since this commit does, such as HEAD^ or origin/main"
    parser.add_argument("--compare-to", default="", metavar="REF", help=help_)
    parser.add_argument("--diff", action="store_true", help="show what would change in each file")


def _of_migrating(parser: argparse.ArgumentParser) -> None:
    help_ = "the workflow that ran the other tool: its inputs are migrated too"
    parser.add_argument("--workflow", default="", metavar="FILE", help=help_)


def _of_online(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--online", action="store_true", help="also ask GitHub about every target; needs a token")


def _of_results(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--results-file", default="", metavar="FILE", help="write the results as JSON")
    parser.add_argument("--json", action="store_true", help="print the results as JSON, and everything else to stderr")


def _of_output(parser: argparse.ArgumentParser) -> None:
    _of_results(parser)
    parser.add_argument("--metrics-file", default="", metavar="FILE", help="write metrics as OpenMetrics text")


_OPTIONS = {
    "files": _of_files, "disk": _of_disk, "merged": _of_merged, "targets": _of_targets, "remote": _of_remote,
    "writing": _of_writing, "looking": _of_looking,
    "online": _of_online, "migrating": _of_migrating, "results": _of_results, "output": _of_output,
}  # fmt: skip


def _environment(options: argparse.Namespace, environment: Mapping[str, str]) -> dict[str, str]:
    """The variables that the runner would make of the options."""
    directory = getattr(options, "directory", Path())
    given = {name: value for name, value in vars(options).items() if name not in _OURS}
    source = getattr(options, "source", "") or environment.get("GITHUB_REPOSITORY") or _origin(directory)
    for name in ("results_file", "metrics_file"):
        if given.get(name):
            given[name] = str(Path(given[name]).resolve())
    words = {name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in given.items()}
    return {
        **{variable(name): value for name, value in words.items()},
        variable("token"): next((environment[name] for name in _TOKENS if environment.get(name)), ""),
        "GITHUB_REPOSITORY": source,
        "GITHUB_WORKSPACE": str(directory.resolve()),
    }


def _origin(directory: Path) -> str:
    try:
        path = os.path.realpath(os.fsencode(directory / ".git" / "config"))
        lines = nofollow.read(path, REGULAR, MAX_GIT_CONFIG).decode(errors="replace").splitlines()
    except OSError:
        return ""
    section = ""
    for line in map(str.strip, lines):
        section = line if line.startswith("[") else section
        if section == '[remote "origin"]' and len(line) < MAX_URL and (match := _URL.fullmatch(line)):
            return match[1]
    return ""
