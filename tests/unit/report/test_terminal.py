"""What a terminal shows of sample runs: golden files of screens and pipes, and what holds for every run.

`REWRITE_GOLDEN=1 .venv/bin/python -m pytest tests/unit/report/test_terminal.py` writes the files again; look at the
difference, and `cat` the screens in a terminal.
"""

from __future__ import annotations

import io
import os
import re
from pathlib import Path

import pytest
from msgspec.structs import replace

from broadcast.plan.outcome import NAMES
from broadcast.report import terminal
from broadcast.runner.console import Terminal
from tests.unit.report import sample_runs
from tests.unit.report.sample_runs import RUNS

GOLDEN = Path(__file__).parent / "golden"
COLOUR = re.compile(r"\x1b\[\d+m")


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


def shown(name: str, stream: io.StringIO, columns: int = 100) -> str:
    """What a terminal shows of a sample run."""
    terminal.show(RUNS[name]()[0], Terminal(stream, None, {}, columns), sample_runs.NOW)
    return stream.getvalue()


@pytest.mark.parametrize("kind", ["screen", "pipe"])
@pytest.mark.parametrize("name", list(RUNS))
def test_a_run_looks_as_it_was_looked_at(name, kind):
    text = shown(name, Screen() if kind == "screen" else io.StringIO())
    golden = GOLDEN / f"{name}.{kind}.txt"
    if os.environ.get("REWRITE_GOLDEN") == "1":
        golden.write_text(text, encoding="utf-8")
    assert text == golden.read_text(encoding="utf-8")


def test_every_golden_file_is_compared():
    kinds = ("screen", "pipe")
    assert {file.name for file in GOLDEN.glob("*.txt")} == {f"{name}.{kind}.txt" for name in RUNS for kind in kinds}


@pytest.mark.parametrize("name", list(RUNS))
def test_a_pipe_has_no_colours_and_names_every_target(name):
    text = shown(name, io.StringIO())
    assert "\x1b" not in text
    run = RUNS[name]()[0]
    assert [one.target for one in run.outcomes if one.target not in text] == []


@pytest.mark.parametrize("columns", [40, 80, 200])
def test_a_screen_gets_a_page_of_two_hundred_targets(columns):
    text = COLOUR.sub("", shown("many-targets", Screen(), columns))
    assert len(text.splitlines()) < 40
    rows = [line for line in text.splitlines() if re.match(r"    acme/[^ ]+( #\d+)?,", line)]
    assert rows
    assert max(map(len, rows)) <= columns


def test_every_outcome_has_a_style():
    assert set(terminal._STYLES) == set(NAMES)


@pytest.mark.parametrize(("command", "words"), [("sync", "created"), ("plan", "would create"), ("check", "behind")])
def test_a_plan_says_what_would_be_and_a_check_what_is(command, words):
    run = sample_runs.one_target()[0]
    run.inputs = replace(run.inputs, command=command)
    assert "".join(part.text for part in next(terminal.listing(run, 0))).startswith(f"{words}  acme/api ")


def test_a_check_of_tokens_names_those_that_fail_alone():
    run = sample_runs.bad_night()[0]
    run.inputs = replace(run.inputs, command="validate", online=True)
    heads = {line[0].text for line in terminal.listing(run, 0) if not line[0].text.startswith(" ")}
    assert heads == {"failed"}
