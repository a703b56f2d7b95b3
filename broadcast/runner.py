"""The runner's protocol: annotations, groups, masks, outputs, the summary file (docs: workflow commands)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from actions_toolkit import core

from broadcast.errors import Problem

EVERY = 3.0  # seconds between two lines of progress in a log


class Runner:
    """A log that GitHub's runner reads."""

    def say(self, text: str) -> None:
        """Print text that isn't ours; what looks like a workflow command or a control character is made harmless."""
        for line in harmless(text):
            print(re.sub(r"^(\s*)(::|##\[)", "\\1\u200b\\2", line), flush=True)

    @contextmanager
    def group(self, title: str) -> Iterator[None]:
        """What is said inside folds under `title`."""
        core.start_group(" ".join(title.split()))
        try:
            yield
        finally:
            core.end_group()

    def mask(self, secret: str) -> None:
        """Keep `secret` out of the log, whoever prints it."""
        for line in filter(None, secret.splitlines()):
            core.set_secret(line)

    def error(self, problem: Problem) -> None:
        """An error annotation on the line of a file, or on the run where there is no line."""
        text = f"{problem.message}. {problem.remedy}" if problem.remedy else problem.message
        place = {"file": problem.file, "start_line": problem.line, "start_column": problem.column}
        core.error(text, title="Broadcast", **(place if problem.line else {}))

    def warning(self, text: str) -> None:
        """A warning annotation on the run."""
        core.warning(text, title="Broadcast")

    def progress(self, text: str) -> None:
        """How far the work is; a log has no place for more than a line now and then."""
        self.say(text)

    interval = EVERY


def harmless(text: str) -> Iterator[str]:
    """The lines of `text` without control characters."""
    for line in text.splitlines() or [""]:
        yield "".join(char if char.isprintable() or char == "\t" else f"\\x{ord(char):02x}" for char in line)


def set_outputs(path: str, outputs: Mapping[str, str]) -> None:
    """Write the outputs of the step, where there is a step."""
    if path:
        Path(path).touch()
        for name, value in outputs.items():
            core.set_output(name, value)


def add_summary(path: str, markdown: str) -> None:
    """Append to the job summary."""
    if path:
        with Path(path).open("a", encoding="utf-8") as file:
            file.write(markdown + "\n")
