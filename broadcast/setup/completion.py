"""Scripts that complete commands and options in bash, zsh and fish, made from the parser (pure).

Our own, because the parser is flat: a library would be one more dependency in the image of the action, which never
completes anything.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

SHELLS = ("bash", "zsh", "fish")
_PATHS = ("FILE", "DIR", "PATH")  # what a value is called that is a path


class Option(NamedTuple):
    """An option of a command."""

    name: str  # with its hyphens
    help: str
    value: str = ""  # what its value is called; empty if it takes none
    choices: Sequence[str] = ()

    @property
    def is_path(self) -> bool:
        """Whether its value is a path."""
        return self.value in _PATHS


class Command(NamedTuple):
    """A command; the first one has no name and holds the options of the program itself."""

    name: str
    help: str
    options: Sequence[Option]
    words: Sequence[str] = ()  # that may follow it


def commands_of(parser: argparse.ArgumentParser) -> list[Command]:
    """The commands of a parser, in its order."""
    (group,) = (one for one in parser._actions if isinstance(one, argparse._SubParsersAction))
    helps = {one.dest: one.help or "" for one in group._choices_actions}
    first = Command("", "", _options(parser))
    return [first, *(_command(name, helps[name], one) for name, one in group.choices.items())]


def script(shell: str, commands: Sequence[Command]) -> str:
    """The script for one of `SHELLS`."""
    program, rest = commands[0], commands[1:]
    return {"bash": _bash, "zsh": _zsh, "fish": _fish}[shell](program, rest)


def _command(name: str, text: str, parser: argparse.ArgumentParser) -> Command:
    words = [str(one) for action in parser._actions if not action.option_strings for one in action.choices or ()]
    return Command(name, text, _options(parser), words)


def _options(parser: argparse.ArgumentParser) -> list[Option]:
    return [
        Option(name, action.help or "", _value(action), [str(one) for one in action.choices or ()])
        for action in parser._actions
        for name in action.option_strings
        if name.startswith("--")
    ]


def _value(action: argparse.Action) -> str:
    return "" if action.nargs == 0 else str(action.metavar or action.dest.upper())


# bash


def _bash(program: Command, commands: Sequence[Command]) -> str:
    names = [one.name for one in commands]
    values = [line for one in commands for line in _bash_values(one)]
    words = [_bash_words(one.name, [*one.words, *(option.name for option in one.options)]) for one in commands]
    return f"""\
# broadcast completion bash
_broadcast() {{
  local word=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD-1]}} command='' words='' one
  COMPREPLY=()
  for one in "${{COMP_WORDS[@]:1:COMP_CWORD-1}}"; do
    case $one in {"|".join(names)}) command=$one; break ;; esac
  done
  case $command:$before in
{chr(10).join(values)}
  esac
  case $command in
{_bash_words("''", [*names, *(option.name for option in program.options)])}
{chr(10).join(words)}
  esac
  while IFS='' read -r one; do COMPREPLY+=("$one"); done < <(compgen -W "$words" -- "$word")
}}
complete -o default -F _broadcast broadcast
"""


def _bash_words(name: str, words: Iterable[str]) -> str:
    return f"    {name}) words='{' '.join(words)}' ;;"


def _bash_values(command: Command) -> Iterable[str]:
    """What completes the values of a command's options: nothing of ours, which leaves it to the shell, or choices."""
    taken = [f"{command.name}:{one.name}" for one in command.options if one.value and not one.choices]
    if taken:
        yield f"    {'|'.join(taken)}) return ;;"
    for one in command.options:
        if one.choices:
            words = " ".join(one.choices)
            yield f"    {command.name}:{one.name}) COMPREPLY=($(compgen -W '{words}' -- \"$word\")); return ;;"


# zsh


def _zsh(program: Command, commands: Sequence[Command]) -> str:
    described = [f"    {_quoted(f'{one.name}:{one.help}')}" for one in commands]
    cases = [line for one in commands for line in _zsh_case(one)]
    return f"""\
#compdef broadcast
_broadcast() {{
  local -a commands
  commands=(
{chr(10).join(described)}
  )
  if (( CURRENT == 2 )); then
    _describe command commands
    compadd -- {" ".join(option.name for option in program.options)}
    return
  fi
  shift words
  (( CURRENT-- ))
  case $words[1] in
{chr(10).join(cases)}
  esac
}}
if [[ $funcstack[1] == _broadcast ]]; then _broadcast "$@"; else compdef _broadcast broadcast; fi
"""


def _zsh_case(command: Command) -> Iterable[str]:
    specs = [_quoted(_zsh_option(one)) for one in command.options]
    words = [_quoted(f"1:word:({' '.join(command.words)})")] if command.words else []
    yield f"    {command.name})"
    yield " \\\n        ".join(["      _arguments", *specs, *words])
    yield "      ;;"


def _zsh_option(option: Option) -> str:
    text = re.sub(r"([\[\]:\\])", r"\\\1", option.help)
    values = f"({' '.join(option.choices)})" if option.choices else "_files" if option.is_path else " "
    return f"{option.name}[{text}]" + (f":{option.value}:{values}" if option.value else "")


# fish


def _fish(program: Command, commands: Sequence[Command]) -> str:
    names = " ".join(one.name for one in commands)
    none = f"not __fish_seen_subcommand_from {names}"
    lines = ["# broadcast completion fish", "complete -c broadcast -f"]
    lines += [f"complete -c broadcast -n '{none}' {_fish_option(one)}" for one in program.options]
    lines += [f"complete -c broadcast -n '{none}' -a {one.name} -d {_quoted(one.help)}" for one in commands]
    for command in commands:
        lead = f"complete -c broadcast -n '__fish_seen_subcommand_from {command.name}'"
        lines += [f"{lead} {_fish_option(one)}" for one in command.options]
        lines += [f"{lead} -a '{' '.join(command.words)}'"] if command.words else []
    return "\n".join([*lines, ""])


def _fish_option(option: Option) -> str:
    taken = f" -x -a '{' '.join(option.choices)}'" if option.choices else " -r -F" if option.is_path else " -x"
    return f"-l {option.name[2:]} -d {_quoted(option.help, fish=True)}" + (taken if option.value else "")


def _quoted(text: str, *, fish: bool = False) -> str:
    """`text` in single quotes."""
    if fish:
        return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"
    return "'" + text.replace("'", "'\\''") + "'"
