"""docs/benchmarks.md, made of docs/benchmarks.json and of nothing else (pure)."""

from __future__ import annotations

from types import ModuleType
from typing import Any

from tests.bench import calls, claims, exclusion, fleet, gains, local, memory, start
from tests.world import ROOT

JSON, PAGE = ROOT / "docs" / "benchmarks.json", ROOT / "docs" / "benchmarks.md"
THEMES: dict[str, ModuleType] = {
    "calls": calls, "fleet": fleet, "memory": memory, "start": start, "local": local, "exclusion": exclusion,
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

{gains.tell(themes)}

`make bench` measured this in {found["seconds"]:.0f} s and wrote this page and [benchmarks.json](benchmarks.json).
Machine: {", ".join(f"{name} {value}" for name, value in found["machine"].items())}.

Work inside one process is given as the fastest of several runs, Broadcast's and git's alike, because slower runs measure
the machine (Python's `timeit` says why). Whole runs of the action are given as medians.

{chapters}

## The claims of the document that this project started from

That document describes another tool. Each claim in its words, with what was measured here:

{claims.tell(themes)}
"""
