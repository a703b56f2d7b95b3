"""Progress callbacks for long-running steps (pure)."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from typing import Literal, Protocol

Unit = Literal["files", "repositories"]
Report = Callable[[str, int, int, Unit], None]  # what, done, total, unit; done 0: it begins


def silence(_what: str, _done: int, _total: int, _unit: Unit) -> None:
    """Report nothing."""


MANY = {"files": 50, "repositories": 5}  # fewer are not reported


class Line(Protocol):
    """A console that shows progress."""

    def progress(self, text: str, share: float | None = None) -> None:
        """Show a text until the next one; `share` of the whole is done."""

    @property
    def interval(self) -> float:
        """Minimum seconds between two texts."""


class Progress:
    """Reports long-running steps: one line every few seconds at most, and one at the end. Thread-safe."""

    def __init__(self, line: Line, clock: Callable[[], float]) -> None:
        self._line, self._clock = line, clock
        self._reported_at = clock()
        self._began: float | None = None
        self._lock = Lock()

    def at(self, what: str, done: int, total: int, unit: Unit) -> None:
        """Report that `done` of `total` is done, such as «looked at» 400 of 1000 repositories; 0 starts the step."""
        with self._lock:
            now = self._clock()
            if not done and total > MANY[unit]:
                self._began = self._reported_at = now
                self._line.progress(f"{what} {total:,} {unit}")
            elif done and self._is_due(done, total, unit, now):
                self._reported_at = now
                self._line.progress(
                    f"{what} {done:,}/{total:,} {unit} ({done * 100 // total}%){self._took(done == total, now)}",
                    done / total,
                )

    def _is_due(self, done: int, total: int, unit: Unit, now: float) -> bool:
        long = total > MANY[unit] or self._began is not None
        return long and (done == total or now - self._reported_at >= self._line.interval)

    def _took(self, is_done: bool, now: float) -> str:
        """The duration, if the step is done and its start was reported."""
        if not is_done or self._began is None:
            return ""
        seconds, self._began = now - self._began, None
        return f" in {seconds:.1f} s" if seconds >= 1 else f" in {seconds * 1000:.0f} ms"
