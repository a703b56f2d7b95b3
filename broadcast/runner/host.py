"""The process that a run works in, as one value."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import NamedTuple

from broadcast.git import nofollow
from broadcast.git.objects import REGULAR
from broadcast.runner.console import Console
from broadcast.runner.signals import Signals


class Host(NamedTuple):
    """The process that a run works in."""

    environment: Mapping[str, str]
    console: Console
    clock: Callable[[], float]  # seconds since the epoch
    sleep: Callable[[float], None]  # seconds
    signals: Signals | None = None  # the first one stops the run
    terminal: bool = False  # a person's: commit and ref are those of the checkout
    dirty: bool = False  # files are sent as they are on disk, not as the commit has them

    def event(self) -> str:
        """The text of the event that started the run; empty where there is none."""
        path = self.environment.get("GITHUB_EVENT_PATH")
        try:
            return nofollow.read(os.path.realpath(os.fsencode(path)), REGULAR).decode() if path else ""
        except (OSError, UnicodeDecodeError):
            return ""
