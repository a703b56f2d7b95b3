"""Mistakes in a command line, in two lines: what is wrong, and what to do."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Mapping, Sequence
from typing import NoReturn

from broadcast.errors import USAGE, did_you_mean, nearest

_CHOICE = re.compile(r"argument (\S+): invalid choice: '(.*)' \(choose from (.*)\)")


class CommandParser(argparse.ArgumentParser):
    """A parser that names the mistake, and not every option."""

    def error(self, message: str) -> NoReturn:
        """Exit with the message and its remedy."""
        reason, remedy = _explained(message)
        self.refuse(reason, remedy or f"`{self.prog} --help` explains it")

    def refuse(self, reason: str, remedy: str) -> NoReturn:
        """Exit with a mistake and its remedy."""
        sys.stderr.write(f"{self.prog}: error: {reason}\n    → {remedy}\n")
        raise SystemExit(USAGE)


def _explained(message: str) -> tuple[str, str]:
    """A message of argparse in other words, with a remedy."""
    if message == "the following arguments are required: COMMAND":
        return "there is no command", "`broadcast --help` lists them; begin with `broadcast validate`"
    if match := _CHOICE.fullmatch(message):
        name, word, choices = match[1], match[2], re.findall(r"[\w-]+", match[3])
        what = f"there is no command {word!r}" if name == "COMMAND" else f"argument {name}: invalid choice: {word!r}"
        return what, did_you_mean(word, choices, most=len(choices))
    return message, ""


def unknown(parser: CommandParser, command: str, word: str, options: Mapping[str, Sequence[str]]) -> NoReturn:
    """Exit with an argument that the command lacks; `options` of every command."""
    name, help_ = word.partition("=")[0], f"`{parser.prog} {command} --help` lists all"
    if not name.startswith("-"):
        targets = f"name targets with --only-targets {name}; " if "--only-targets" in options[command] else ""
        parser.refuse(f"{command} takes no {name!r}", f"{targets}{help_}")
    every = [*options[command], *(one for names in options.values() for one in names)]
    close = nearest(name, list(dict.fromkeys(every)))
    parser.refuse(f"{command} has no option {name}", f"{_advice(name, close, command, options)}{help_}")


def _advice(name: str, close: str, command: str, options: Mapping[str, Sequence[str]]) -> str:
    """What the nearest option says of a name."""
    others = " and ".join(one for one in options if close in options[one])
    if close == name:
        return f"it is an option of {others}; "
    if close in options[command]:
        return f"did you mean {close}? "
    return f"did you mean {close}, of {others}? " if close else ""
