"""The runner's protocol: annotations, groups, masks, outputs and the job summary (docs: workflow commands)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from actions_toolkit.command import issue, issue_command
from actions_toolkit.file_command import prepare_key_value_message

from broadcast.errors import Problem
from broadcast.runner.masks import forms_of, masked

EVERY = 3.0  # seconds between two lines of progress in a log
MAX_ANNOTATION = 4_000  # characters

# How the runner finds a command: "::" after spaces, "##[" anywhere, and in both it overlooks characters that sort as
# nothing, such as U+FE0F or U+200B (actions/runner, ActionCommand.cs: culture-sensitive StartsWith and IndexOf).
_COMMAND = re.compile(r"^([^\x21-\x7e]*)(:)(?=[^\x20-\x7e]*:)|(#)(?=[^\x20-\x7e]*#[^\x20-\x7e]*\[)")


class Runner:
    """The log that GitHub's runner reads. The runner masks secrets only after it has read them."""

    def __init__(self) -> None:
        self._secrets = set[str]()

    def say(self, text: str) -> None:
        """Print any text; workflow commands and control characters in it are escaped."""
        for line in harmless(masked(text, self._secrets)):
            safe = _COMMAND.sub(lambda match: f"{match[1] or ''}\\x{ord(match[2] or match[3]):02x}", line)
            print(f"{safe}\n", end="", flush=True)  # flush: commands of other threads must start at a new line

    @contextmanager
    def group(self, title: str) -> Iterator[None]:
        """Fold the output of the block under `title`."""
        issue("group", self._one_line(title))
        try:
            yield
        finally:
            issue("endgroup")

    def mask(self, secret: str) -> None:
        """Mask `secret` in the log of the whole job."""
        for form in forms_of(secret):
            issue("add-mask", form)
        self._secrets.update(forms_of(secret))

    def error(self, problem: Problem) -> None:
        """Annotate an error, at the line of a file if there is one."""
        text = f"{problem.message}. {problem.remedy}" if problem.remedy else problem.message
        place = {"file": self._one_line(problem.file), "line": problem.line, "col": problem.column}
        issue_command("error", {"title": "Broadcast", **(place if problem.line else {})}, self._one_line(text))

    def warning(self, text: str) -> None:
        """Annotate a warning."""
        issue_command("warning", {"title": "Broadcast"}, self._one_line(text))

    announce = show = say  # a log has one stream

    def progress(self, text: str, share: float | None = None) -> None:
        """Print progress, as a line of the log."""
        self.say(text)

    interval, confined = EVERY, True

    def _one_line(self, text: str) -> str:
        return one_line(masked(text, self._secrets))


def workspace(environment: Mapping[str, str]) -> Path:
    """The directory of the checkout."""
    return Path(environment.get("GITHUB_WORKSPACE") or ".")


def one_line(text: str) -> str:
    """`text` on one line of limited length, without control characters."""
    flat = " ".join(harmless(" ".join(text.split())))
    return flat if len(flat) <= MAX_ANNOTATION else f"{flat[: MAX_ANNOTATION - 1]}…"


def harmless(text: str) -> Iterator[str]:
    """The lines of `text` without control characters."""
    for line in text.splitlines() or [""]:
        yield escaped(line)


def escaped(line: str) -> str:
    """A line with its control characters spelled out."""
    return "".join(char if char.isprintable() or char == "\t" else f"\\x{ord(char):02x}" for char in line)


def set_outputs(path: str, outputs: Mapping[str, str]) -> None:
    """Append the step's outputs to the file GITHUB_OUTPUT at `path`; without a path do nothing. Raises OSError."""
    _append(path, "".join(f"{prepare_key_value_message(name, value)}\n" for name, value in outputs.items()))


def add_summary(path: str, markdown: str) -> None:
    """Append to the file GITHUB_STEP_SUMMARY at `path`; without a path do nothing. Raises OSError."""
    _append(path, f"{markdown}\n")


def _append(path: str, text: str) -> None:
    """Write it ourselves: the toolkit would take the path from the process's environment, not from the run's."""
    if path:
        with Path(path).open("a", encoding="utf-8", newline="") as file:
            file.write(text)
