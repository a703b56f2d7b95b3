"""How things are measured here: several runs, on a machine that is named."""

from __future__ import annotations

import os
import platform
import shutil
import statistics
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

MEMORY, ROOM = Path("/dev/shm"), 2**31


def seconds(work: Callable[[], object], runs: int) -> float:
    """The fastest of so many runs, after one that only warms up: what is slower was the machine's doing (timeit)."""
    return spread(work, runs)[0]


def spread(work: Callable[[], object], runs: int, least: float = 0.0) -> tuple[float, float]:
    """The fastest and the median of so many runs, or of more in `least` seconds, after one that only warms up."""
    work()
    until, took = time.perf_counter() + least, list[float]()
    while len(took) < runs or time.perf_counter() < until:
        took.append(_timed(work))
    return min(took), statistics.median(took)


def _timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


@contextmanager
def scratch() -> Iterator[Path]:
    """A directory that is gone afterwards; in memory where there is room, so that no disk is measured."""
    in_memory = MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > ROOM
    with tempfile.TemporaryDirectory(dir=MEMORY if in_memory else None) as directory:
        yield Path(directory)


def machine() -> dict[str, str]:
    """What the figures belong to."""
    return {
        "cores": str(len(os.sched_getaffinity(0))),
        "cpu": _cpu(),
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "load when it began": f"{os.getloadavg()[0]:.1f}",
    }


def _cpu() -> str:
    lines = Path("/proc/cpuinfo").read_text().splitlines() if Path("/proc/cpuinfo").exists() else []
    said = {name.strip(): value.strip() for name, _, value in (line.partition(":") for line in reversed(lines))}
    numbers = ", ".join(f"{name} {said[name]}" for name in ("cpu family", "model") if name in said)
    return f"{said.get('model name') or platform.processor() or 'unknown'} ({numbers})"


def table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A Markdown table."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)


def ms(value: float) -> str:
    """Seconds, or milliseconds, as precisely as they are worth."""
    if value >= 1:
        return f"{value:.2f} s"
    digits = 0 if value >= 0.1 else 1 if value >= 1e-3 else 2
    return f"{value * 1e3:.{digits}f} ms"


def mib(value: float) -> str:
    """Bytes as MiB, or KiB where they are few."""
    if value < 2**17:
        return f"{value / 2**10:.0f} KiB"
    return f"{value / 2**20:.2f} MiB"


def verdict(value: float, most: float) -> str:
    """Whether a target is met."""
    return "holds" if value <= most else "**MISSED**"
