"""The runner's protocol: outputs, annotations, groups, masks, the summary file (docs: workflow commands)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from actions_toolkit import core

from broadcast.errors import ConfigError, Failure, Problem
from broadcast.outcome import Outcome

MAX_ANNOTATIONS = 10  # of each level; the runner shows no more of one step


def say(text: str) -> None:
    """Print text that isn't ours; what looks like a workflow command or a control character is made harmless."""
    for line in text.splitlines() or [""]:
        plain = "".join(char if char.isprintable() or char == "\t" else f"\\x{ord(char):02x}" for char in line)
        print(re.sub(r"^(\s*)(::|##\[)", "\\1\u200b\\2", plain), flush=True)


@contextmanager
def group(title: str) -> Iterator[None]:
    """What is said inside folds under `title`."""
    core.start_group(" ".join(title.split()))
    try:
        yield
    finally:
        core.end_group()


def mask(secret: str) -> None:
    """Keep `secret` out of the log, whoever prints it."""
    for line in filter(None, secret.splitlines()):
        core.set_secret(line)


def error(problem: Problem) -> None:
    """An error annotation on the line of a file, or on the run where there is no line."""
    text = f"{problem.message}. {problem.remedy}" if problem.remedy else problem.message
    place = {"file": problem.file, "start_line": problem.line, "start_column": problem.column}
    core.error(text, title="Broadcast", **(place if problem.line else {}))


def warning(text: str) -> None:
    """A warning annotation on the run."""
    core.warning(text, title="Broadcast")


def annotate_failure(failure: Failure) -> None:
    """Annotations for what ended the run."""
    if isinstance(failure, ConfigError):
        for problem in failure.problems[:MAX_ANNOTATIONS]:
            error(problem)
    else:
        error(Problem("", 0, 0, failure.message, failure.remedy))


def annotate_outcomes(outcomes: list[Outcome]) -> None:
    """An error for each failed target, as many as the runner shows."""
    failed = [one for one in outcomes if one.name == "failed"]
    for one in failed[:MAX_ANNOTATIONS]:
        error(Problem("", 0, 0, f"{one.target}: {one.reason}", one.remedy))


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
