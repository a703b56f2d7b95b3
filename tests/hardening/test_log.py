"""Whatever others write, GitHub's runner finds no command in our log, and a terminal shows it as text."""

from __future__ import annotations

import contextlib
import io

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from broadcast.errors import Problem
from broadcast.runner.commands import MAX_ANNOTATION, Runner
from broadcast.runner.console import Terminal
from broadcast.runner.masks import lines_of, masked
from tests.hardening.hostile import COMMANDS, TEXTS, VARIATION, commands, is_inert

ANY_TEXT = st.lists(
    st.one_of(st.sampled_from(["::", "##[", "#", ":", "[", "]", "\n", VARIATION, *TEXTS]), st.text())
).map("".join)


def logged(act) -> str:
    log = io.StringIO()
    with contextlib.redirect_stdout(log):
        act(Runner())
    return log.getvalue()


@pytest.mark.parametrize("text", COMMANDS)
def test_the_runner_would_obey_these(text):
    assert commands(text)


@given(ANY_TEXT)
@settings(deadline=None)
@example(VARIATION + "::add-mask::a")
def test_what_is_said_is_never_a_command(text):
    log = logged(lambda runner: runner.say(text))
    assert commands(log) == []
    assert is_inert(log)


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("told", ["group", "warning", "error"])
def test_a_command_of_ours_is_one_command_whatever_it_says(told, text):
    def act(runner: Runner) -> None:
        if told == "group":
            with runner.group(text):
                pass
        else:
            getattr(runner, told)(text if told == "warning" else Problem(text, 1, 1, text, text))

    log = logged(act)
    assert [one.name for one in commands(log)] == [told, *(["endgroup"] if told == "group" else [])]
    assert is_inert(log)


def test_an_annotation_is_no_longer_than_anybody_reads():
    assert len(logged(lambda runner: runner.warning("x" * 10_000_000))) < MAX_ANNOTATION + 100


@given(ANY_TEXT)
@settings(deadline=None)
def test_a_terminal_gets_no_control_characters(text):
    stream = io.StringIO()
    terminal = Terminal(stream)
    with terminal.group(text):
        terminal.say(text)
        terminal.warning(text)
    assert is_inert(stream.getvalue())


@pytest.mark.parametrize(
    "secret",
    ["ghp_0123456789", "-----BEGIN KEY-----\nMIIEpAIBAAKCAQ\nEA==\n", "-----BEGIN KEY-----\\nMIIEpAIBAAKCAQ\\nEA==\\n"],
)
def test_a_secret_is_masked_line_by_line_and_nothing_shorter_is(secret):
    stream = io.StringIO()
    terminal = Terminal(stream)
    terminal.mask(secret)
    terminal.say(f"it said {secret}, and EA== is in many a text")
    assert not any(line in stream.getvalue() for line in lines_of(secret))
    assert "EA== is in many a text" in stream.getvalue()
    assert masked(secret, lines_of(secret)).count("*") >= 3
