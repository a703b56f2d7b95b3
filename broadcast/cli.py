"""The commands for a terminal: parse options into `Inputs`, and run the action with them."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple, TextIO

from msgspec import structs

from broadcast import __version__, action
from broadcast.runner import context, input_values, surroundings
from broadcast.runner.arguments import CommandParser, unknown
from broadcast.runner.console import Terminal
from broadcast.runner.host import Host
from broadcast.runner.input_values import InvalidValue
from broadcast.runner.inputs import Inputs
from broadcast.runner.options import OPTIONS
from broadcast.runner.signals import Signals
from broadcast.runner.wording import in_terminal
from broadcast.setup import commands as setup

_TOKENS = ("BROADCAST_TOKEN", "GH_TOKEN", "GITHUB_TOKEN")

_EPILOG = f"""\
The token is that of {", ".join(_TOKENS)} or `gh auth token`; validate, schema and migrate need none.
exit codes: 0 success; 1 a target or a file failed; 2 invalid config or usage; 3 drift (check);
130 or 143 stopped by SIGINT (Ctrl-C) or SIGTERM: the report lists what was done; run again to continue

first steps:
  broadcast init                write a first config and workflow
  broadcast validate            check the config
  broadcast plan                show what sync would do
  broadcast sync --only-targets acme/api
"""


class _Command(NamedTuple):
    help: str
    groups: tuple[str, ...]  # of options
    more: str = ""


_COMMANDS = {
    "sync": _Command(
        "open, update and close pull requests",
        ("files", "merged", "targets", "remote", "writing", "resume", "advance", "dashboard", "output"),
    ),
    "plan": _Command(
        "show what sync would do; write nothing",
        ("files", "disk", "targets", "remote", "looking", "back", "resume", "advance", "dashboard", "output"),
        "A read-only token is enough. --explain PATH sends no requests, unless the config selects repositories.",
    ),
    "check": _Command(
        "exit with code 3 if a target is out of sync", ("files", "disk", "targets", "remote", "dashboard", "output")
    ),
    "status": _Command(
        "show where every target stands",
        ("files", "disk", "targets", "remote", "dashboard", "output"),
        "The version that it holds, how far that is behind, the last merge, the open pull request with its checks and "
        "reviews, its wave and a freeze. A read-only token is enough.",
    ),
    "cancel": _Command(
        "close our pull requests in the named targets and delete their branches",
        ("files", "merged", "targets", "remote", "dashboard", "output"),
        "Needs --only-targets, --only-groups or --only-waves. Keeps branches with other people's commits. The next "
        "sync proposes everything again.",
    ),
    "merge": _Command(
        "merge our pull requests in the named targets that their rules let merge",
        ("files", "merged", "targets", "remote", "trying", "advance", "dashboard", "output"),
        "Needs --only-targets, --only-groups or --only-waves. Merges what is green, approved and up to date, and never "
        "bypasses a rule; says what each of the others lacks. Adds to the merge queue where the target has one.",
    ),
    "rollback": _Command(
        "propose again what this repository had at a commit, where our pull requests have changed it since",
        ("files", "merged", "targets", "remote", "writing", "back", "dashboard", "output"),
        "Needs --to; `plan --to COMMIT` shows it. Files that people changed since stay. Syncs leave it until --resume.",
    ),
    "harvest": _Command(
        "show what people improved in files that we send",
        ("files", "disk", "harvesting", "targets", "remote", "output"),
        "Edits that are equal are shown together. A read-only token is enough. --write and "
        "--pull-request need --path or --only-targets.",
    ),
    "validate": _Command("check the config, offline", ("files", "disk", "targets", "remote", "online", "output")),
    "migrate": _Command(
        "convert another tool's config to ours; print it",
        ("files", "migrating", "results"),
        "Reads configs of BetaHuhn/repo-file-sync-action, wadackel/files-sync-action, go-broadcast and path-sync, and "
        "workflows that run adrianjost/files-sync-action, kbrashears5/github-action-file-sync or "
        "actions-template-sync, in their usual places or at --config and --workflow. Comments above the result list "
        "what has no equivalent, and how many files both send.",
    ),
    "schema": _Command("print the JSON Schema of the config, for editors", ()),
}  # fmt: skip


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command in the checkout around the current directory; returns the exit code."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(encoding="utf-8", errors="backslashreplace")  # type: ignore[union-attr]  # typed as any TextIO
    with Signals() as signals:
        code = _main(arguments, signals)
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except BrokenPipeError:  # the reader has gone; Python would report that when it exits
            os.dup2(os.open(os.devnull, os.O_WRONLY), stream.fileno())
    return signals.left(code)


def _main(arguments: Sequence[str] | None, signals: Signals) -> int:
    parser = build_parser()
    options, unread = parser.parse_known_args(arguments)
    if unread:
        unknown(parser, options.command, unread[0], setup.options_of(parser))
    if not getattr(options, "checkout", Path()).is_dir():
        parser.refuse(f"there is no directory {str(options.checkout)!r}", "name the clone with --directory, or none")
    root = surroundings.root_of(getattr(options, "checkout", Path()))
    if options.command in setup.NAMES:
        out, err = Terminal(sys.stdout), Terminal(sys.stderr)
        return setup.run(options, parser, _checkout(options, root, os.environ), console=out, errors=err)
    try:
        chosen = _below(root, _with_token(inputs_of(options, os.environ), os.environ))
    except InvalidValue as error:
        parser.refuse(f"the token {error.reason}", in_terminal(error.remedy))
    environment = {**os.environ, **_checkout(options, root, os.environ)}
    terminal, dirty = os.environ.get("GITHUB_ACTIONS") != "true", getattr(options, "allow_dirty", False)

    columns = shutil.get_terminal_size().columns

    def run(chosen: Inputs, out: TextIO) -> int:
        host = Host(
            environment=environment,
            console=Terminal(out, sys.stderr, os.environ, columns),
            clock=time.time,
            sleep=signals.stop.sleep,
            signals=signals,
            terminal=terminal,
            dirty=dirty,
        )
        return action.perform(chosen, host)

    return _print_results(chosen, run) if getattr(options, "json", False) else run(chosen, sys.stdout)


def _print_results(chosen: Inputs, run: Callable[[Inputs, TextIO], int]) -> int:
    """Run with the log on stderr and the results on stdout; returns the exit code."""
    with tempfile.TemporaryDirectory() as directory:
        results = Path(chosen.results_file or f"{directory}/results.json")
        code = run(structs.replace(chosen, results_file=str(results)), sys.stderr)
        if results.is_file():  # else writing it failed, which the log says
            with suppress(BrokenPipeError):
                print(results.read_text(encoding="utf-8"), flush=True)
    return code


def inputs_of(options: argparse.Namespace, environment: Mapping[str, str]) -> Inputs:
    """The inputs in parsed options; the token comes from the environment. Raises InvalidValue for that."""
    given = {name: value for name, value in vars(options).items() if name in Inputs.__struct_fields__}
    token = next((environment[name].strip() for name in _TOKENS if environment.get(name, "").strip()), "")
    return Inputs(**given, token=token and input_values.token(token))


def build_parser() -> CommandParser:
    """The options of every command; only those that are given become attributes."""
    parser = CommandParser(
        prog="broadcast",
        description="Keep files of this repository in sync with other repositories, one pull request per target.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"broadcast {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for name, command in _COMMANDS.items():
        one = commands.add_parser(
            name,
            help=command.help,
            description=f"{command.help.capitalize()}. {command.more}",
            argument_default=argparse.SUPPRESS,  # Inputs has the defaults
        )
        for group in command.groups:
            OPTIONS[group](one)
    setup.add(commands)
    return parser


def _with_token(chosen: Inputs, environment: Mapping[str, str]) -> Inputs:
    """The inputs with gh's token, if the command needs one and no variable has it. Raises InvalidValue."""
    is_asked = chosen.asks and chosen.command not in ("schema", "migrate") and not chosen.has_token
    if not is_asked or environment.get("GITHUB_ACTIONS") == "true":
        return chosen
    token = surroundings.gh_token(chosen.api_url or context.api_url_of(environment), environment)
    return structs.replace(chosen, token=token and input_values.token(token))


def _below(root: Path, chosen: Inputs) -> Inputs:
    """The inputs with paths from the root, where one is given as it stands in the current directory."""
    here = Path.cwd()
    found = {
        name: (here / path).relative_to(root).as_posix()
        for name in ("config", "workflow")
        if (path := getattr(chosen, name))
        and here != root
        and here.is_relative_to(root)
        and (here / path).exists()
        and not (root / path).exists()
        and (here / path).is_relative_to(root)
    }
    return structs.replace(chosen, **found)


def _checkout(options: argparse.Namespace, root: Path, environment: Mapping[str, str]) -> dict[str, str]:
    """The runner's variables of the checkout."""
    source = getattr(options, "source", "") or environment.get("GITHUB_REPOSITORY") or surroundings.origin_of(root)
    return {"GITHUB_REPOSITORY": source, "GITHUB_WORKSPACE": str(root.resolve())}
