"""How a run is told as it goes: progress that neither floods a log nor leaves anybody waiting."""

from __future__ import annotations

import io
import logging

import pytest

from broadcast.errors import PASSING
from broadcast.progress import Progress
from broadcast.runner.console import Handler, Terminal


class Screen(io.StringIO):
    def isatty(self) -> bool:
        return True


def told(stream: io.StringIO, total: int, unit: str, seconds: float) -> str:
    """What is printed of work whose every piece takes so long."""
    now, terminal = [0.0], Terminal(stream)
    progress = Progress(terminal, lambda: now[0])
    for done in range(1, total + 1):
        now[0] += seconds
        progress.at("read", done, total, unit)
    if stream.isatty():
        terminal.say("well")
    return stream.getvalue()


def test_long_work_is_reported_every_few_seconds_and_at_its_end():
    assert told(io.StringIO(), 60, "files", 0.1).splitlines() == [
        "read 30/60 files (50%)", "read 60/60 files (100%)",
    ]  # fmt: skip


def test_quick_work_is_reported_once():
    assert told(io.StringIO(), 61, "files", 0.0) == "read 61/61 files (100%)\n"


@pytest.mark.parametrize(("unit", "few"), [("files", 50), ("repositories", 5)])
def test_of_a_few_nothing_is_said(unit, few):
    assert told(io.StringIO(), few, unit, 100.0) == ""
    assert told(io.StringIO(), few + 1, unit, 0.0) == f"read {few + 1}/{few + 1} {unit} (100%)\n"


def test_on_a_screen_one_line_moves_and_gives_way_to_what_is_said():
    text = told(Screen(), 60, "files", 0.25)
    assert text.count("\r\x1b[K\x1b[36m") == text.count("read ") == 60
    assert text.endswith(f"\x1b[36m{'█' * 20}\x1b[0m read 60/60 files (100%)\r\x1b[Kwell\n")
    assert text.count("\n") == 1


def test_what_was_asked_to_begin_says_how_long_it_took():
    now, stream = [0.0], io.StringIO()
    progress = Progress(Terminal(stream), lambda: now[0])
    progress.at("processing kit:", 0, 87, "files")
    now[0] = 0.004
    progress.at("kit: 46 excluded,", 41, 41, "files")
    progress.at("other:", 0, 9, "files")
    progress.at("other:", 9, 9, "files")
    assert stream.getvalue().splitlines() == [
        "processing kit: 87 files", "kit: 46 excluded, 41/41 files (100%) in 4 ms",
    ]  # fmt: skip


def test_numbers_are_as_people_read_them():
    assert told(io.StringIO(), 1_200, "files", 0.0) == "read 1,200/1,200 files (100%)\n"


@pytest.mark.parametrize(("kind", "text"), [(io.StringIO, ""), (Screen, "\r\x1b[Ktrying again")])
def test_news_of_the_moment_goes_away_on_a_screen_and_is_nothing_in_a_file(kind, text):
    stream = kind()
    record = logging.makeLogRecord({"msg": "trying again", "levelname": "WARNING", **PASSING})
    Handler(Terminal(stream), structured=False).emit(record)
    assert stream.getvalue() == text
    Handler(Terminal(stream), structured=False).emit(logging.makeLogRecord({"msg": "said"}))
    assert stream.getvalue().endswith("said\n")


def test_a_bar_is_cut_to_its_line():
    stream = Screen()
    Terminal(stream, columns=40).progress("x" * 100, 0.5)
    shown = stream.getvalue().removeprefix("\r\x1b[K").replace("\x1b[36m", "").replace("\x1b[0m", "")
    assert len(shown) == 39


def test_a_patch_on_a_screen_has_no_control_characters_and_in_a_file_all_of_them():
    patch = "+a\x1b[2J\r\n-b\u2028c\n"
    screen, file = Screen(), io.StringIO()
    Terminal(screen).patch(patch)
    Terminal(file).patch(patch)
    assert file.getvalue() == patch
    assert screen.getvalue() == "\x1b[32m+a\\x1b[2J\\x0d\x1b[0m\n\x1b[31m-b\\x2028c\x1b[0m\n"
