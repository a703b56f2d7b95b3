"""Start the program; a signal that arrives before it is loaded ends it in one line.

Loading takes a moment, in which Python would answer Ctrl-C with a traceback, and PID 1 of a container wouldn't answer
SIGTERM at all. So this module imports nothing that is large.
"""

from __future__ import annotations

import os
import signal
from types import FrameType


def terminal() -> int:
    """Run the command of a terminal; returns the exit code."""
    _end_at(signal.SIGINT)
    from broadcast.cli import main

    return main()


def action() -> int:
    """Run the action; returns the exit code."""
    _end_at(signal.SIGINT, signal.SIGTERM)
    from broadcast.action import main

    return main()


def _end_at(*signals: signal.Signals) -> None:
    for one in signals:
        signal.signal(one, _end)


def _end(number: int, _frame: FrameType | None) -> None:
    os.write(2, f"Stopped by {signal.Signals(number).name}\n".encode())
    os._exit(128 + number)
