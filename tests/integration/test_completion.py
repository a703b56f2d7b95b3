"""Scripts for shells: real shells read them, and bash completes by them."""

from __future__ import annotations

import argparse
import shutil
import subprocess

import pytest

from broadcast.cli import build_parser, main
from broadcast.setup import completion

COMMANDS = completion.commands_of(build_parser())
NAMES = [one.name for one in COMMANDS[1:]]
TRICKY = 'it\'s [a] "test": 100% $HOME `x` \\ | & ;'


def completed(*words: str) -> list[str]:
    """What bash offers for the last of these words."""
    asked = """
COMP_WORDS=("$@")
COMP_CWORD=$(( $# - 1 ))
_broadcast
printf '%s\\n' "${COMPREPLY[@]}"
"""
    line = completion.script("bash", COMMANDS) + asked
    done = subprocess.run(
        ["bash", "--norc", "-c", line, "x", "broadcast", *words], capture_output=True, text=True, check=True
    )
    assert done.stderr == ""
    return done.stdout.split()


def test_bash_completes_every_command():
    assert set(completed("")) == {*NAMES, "--help", "--version"}
    assert completed("har") == ["harvest"]


@pytest.mark.parametrize("name", NAMES)
def test_bash_completes_every_option_of_a_command(name):
    (command,) = (one for one in COMMANDS if one.name == name)
    assert set(completed(name, "--")) == {one.name for one in command.options}


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (["plan", "--dif"], ["--diff"]),
        (["plan", "--diff", "--exp"], ["--explain"]),
        (["sync", "--write-strategy", "r"], ["rest"]),
        (["sync", "--log-level", ""], ["debug", "info", "warning", "error"]),
        (["completion", ""], ["bash", "zsh", "fish", "--help"]),
        (["plan", "--config", ""], []),  # bash offers files
        (["plan", "x"], []),
    ],
)
def test_bash_completes_options_and_their_values(words, offered):
    assert completed(*words) == offered


@pytest.mark.parametrize("shell", completion.SHELLS)
@pytest.mark.parametrize("commands", [COMMANDS, "tricky"])
def test_the_shell_reads_its_script(shell, commands):
    if not shutil.which(shell):
        pytest.skip(f"{shell} isn't installed")
    text = completion.script(shell, tricky() if commands == "tricky" else commands)
    done = subprocess.run([shell, "-n"], input=text, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("shell", completion.SHELLS)
def test_every_command_and_option_is_in_every_script(shell):
    text = completion.script(shell, COMMANDS)
    for command in COMMANDS:
        assert command.name in text
        for one in command.options:
            assert (f"-l {one.name[2:]} " if shell == "fish" else one.name) in text


@pytest.mark.parametrize("name", NAMES)
def test_an_option_that_a_command_lacks_is_named_with_a_remedy(name, capsys):
    with pytest.raises(SystemExit) as caught:
        main([name, *(["bash"] if name == "completion" else []), "--nonesuch"])
    said = capsys.readouterr().err
    assert caught.value.code == 2
    assert f"{name} has no option --nonesuch" in said


def tricky() -> list[completion.Command]:
    parser = argparse.ArgumentParser()
    parser.add_argument("--version", action="version", version="1")
    commands = parser.add_subparsers(dest="command")
    one = commands.add_parser("one", help=TRICKY)
    one.add_argument("--path", metavar="FILE", help=TRICKY)
    one.add_argument("--level", choices=["a", "b"], help=TRICKY)
    return completion.commands_of(parser)
