"""How a run is told as it goes: progress that neither floods a log nor leaves anybody waiting."""

from __future__ import annotations

import io

import pytest

from broadcast.progress import Progress
from broadcast.runner.console import Terminal


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


def test_long_work_is_told_every_few_seconds_and_at_its_end():
    assert told(io.StringIO(), 60, "files", 0.1).splitlines() == [
        "read 30/60 files (50%)", "read 60/60 files (100%)",
    ]  # fmt: skip


def test_quick_work_is_told_once():
    assert told(io.StringIO(), 61, "files", 0.0) == "read 61/61 files (100%)\n"


@pytest.mark.parametrize(("unit", "few"), [("files", 50), ("repositories", 5)])
def test_of_a_few_nothing_is_told(unit, few):
    assert told(io.StringIO(), few, unit, 100.0) == ""
    assert told(io.StringIO(), few + 1, unit, 0.0) == f"read {few + 1}/{few + 1} {unit} (100%)\n"


def test_on_a_screen_one_line_moves_and_gives_way_to_what_is_said():
    text = told(Screen(), 60, "files", 0.25)
    assert text.count("\r\x1b[K\x1b[36m") == text.count("read ") == 60
    assert text.endswith(f"\x1b[36m{'█' * 20}\x1b[0m read 60/60 files (100%)\r\x1b[Kwell\n")
    assert text.count("\n") == 1


def test_what_was_told_to_begin_tells_how_long_it_took():
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
