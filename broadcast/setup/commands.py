"""The commands of the first steps: their options, and what runs them."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from broadcast import __version__
from broadcast.errors import OK, Failure
from broadcast.setup import completion, init
from broadcast.setup.texts import TOPIC

if TYPE_CHECKING:
    from broadcast.runner.arguments import CommandParser
    from broadcast.runner.console import Console

    Commands = argparse._SubParsersAction[CommandParser]  # argparse has no public name for it

NAMES = ("init", "completion")
_INIT = """Write a first config and workflow.

It asks nothing: the source is the remote `origin`, and what is sent are the committed files that repositories usually
share, such as LICENSE, .editorconfig and .github/dependabot.yml. It overwrites nothing.
"""
_COMPLETION = """Print a script that completes commands and options.

bash, in ~/.bashrc:                   eval "$(broadcast completion bash)"
zsh, in ~/.zshrc after compinit:      eval "$(broadcast completion zsh)"
fish, in ~/.config/fish/config.fish:  broadcast completion fish | source
"""


def add(commands: Commands) -> None:
    """Add the commands to those of the parser."""
    raw = argparse.RawDescriptionHelpFormatter
    help_ = "write a first config and workflow"
    _add_init(commands.add_parser("init", help=help_, description=_INIT, formatter_class=raw))
    help_ = "print a script that completes commands in a shell"
    one = commands.add_parser("completion", help=help_, description=_COMPLETION, formatter_class=raw)
    one.add_argument("shell", choices=completion.SHELLS)


def options_of(parser: argparse.ArgumentParser) -> dict[str, list[str]]:
    """The options of every command, as they are written."""
    return {one.name: [option.name for option in one.options] for one in completion.commands_of(parser)[1:]}


def _add_init(parser: argparse.ArgumentParser) -> None:
    default = f"repositories of the source's owner with the topic {TOPIC}"
    targets_help = f"a repository, or a pattern such as acme/svc-* (default: {default})"
    parser.add_argument("targets", nargs="*", metavar="OWNER/NAME", help=targets_help)
    send_help = "send this file or directory instead of the usual ones; can be repeated"
    parser.add_argument("--send", action="append", default=[], metavar="PATH", help=send_help)
    source_help = "the source repository (default: the remote `origin`)"
    parser.add_argument("--source", metavar="OWNER/NAME", help=source_help)
    directory_help = "the checkout (default: .)"
    parser.add_argument("--directory", dest="checkout", metavar="DIR", type=Path, default=Path(), help=directory_help)


def run(
    options: argparse.Namespace, parser: argparse.ArgumentParser, checkout: Mapping[str, str],
    console: Console, errors: Console,
) -> int:  # fmt: skip
    """Run one of the commands in the checkout that these variables of a runner describe; returns the exit code."""
    try:
        for line in _lines(options, parser, checkout):
            console.say(line)
    except Failure as failure:
        errors.say(f"broadcast {options.command}: error: {failure.message}")
        errors.say(f"    → {failure.remedy}")
        return failure.exit_code
    return OK


def _lines(options: argparse.Namespace, parser: argparse.ArgumentParser, checkout: Mapping[str, str]) -> list[str]:
    if options.command == "completion":
        return completion.script(options.shell, completion.commands_of(parser)).splitlines()
    root, source = Path(checkout["GITHUB_WORKSPACE"]), checkout["GITHUB_REPOSITORY"]
    return init.write(root, source, options.targets, options.send, __version__)
