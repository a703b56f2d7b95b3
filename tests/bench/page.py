"""docs/benchmarks.md, made of docs/benchmarks.json and of nothing else (pure)."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from tests.bench import calls, claims, exclusion, fleet, local, memory, start
from tests.world import ROOT

JSON, PAGE = ROOT / "docs" / "benchmarks.json", ROOT / "docs" / "benchmarks.md"
THEMES: dict[str, ModuleType] = {
    "local": local, "exclusion": exclusion, "memory": memory, "start": start, "fleet": fleet, "calls": calls,
}  # fmt: skip


def page(found: dict[str, Any]) -> str:
    """The whole page."""
    themes = found["themes"]
    chapters = "\n\n".join(
        f"## {module.TITLE}\n\n`python -m tests.bench {name}`\n\n{module.tell(themes[name])}"
        for name, module in THEMES.items()
    )
    return f"""\
# Benchmarks

`make bench` wrote this page and [benchmarks.json](benchmarks.json), in {found["seconds"]:.0f} s, on this machine:

{", ".join(f"{name} {value}" for name, value in found["machine"].items())}.

Work inside of one process is told by the fastest of several runs, ours and git's alike: what is slower was the
machine's doing, not the code's (Python's `timeit`). Whole runs of the action are told by their median.

## What the origin claims, and what holds

The document that this project started from describes another tool. Each of its claims, in its words:

{claims.tell(themes)}

{chapters}
"""
