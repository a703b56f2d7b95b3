"""The exclusion engine: what one path costs, and whether its answers are git's."""

from __future__ import annotations

import random
import tempfile
from pathlib import Path
from typing import Any

from broadcast.git.ignore import DEFAULT_EXCLUDES, Excludes
from broadcast.snapshot.filters import Filter
from tests.bench.measure import seconds, table, verdict
from tests.unit.git.test_ignore import NAMES, ignored, random_pattern
from tests.world import git

TITLE = "Exclusion patterns"
MOST = 3e-6  # seconds for a path not seen before
PATHS, SETS, PATHS_A_SET, RUNS = 20_000, 200, 50, 7
SIX = DEFAULT_EXCLUDES[:6]
TWENTY = (
    *SIX, "node_modules/", "*.log", "*.tmp", "temp-*", "*-backup", "*secret*", "*password*", "**/cache/**",
    "docs/drafts/", "/build", "*.py[co]", "!keep.log", "vendor/**/testdata", "coverage.xml",
)  # fmt: skip


def measure() -> dict[str, Any]:
    """What a path costs with six and with twenty patterns, and how many answers differ from git's."""
    paths = _paths(random.Random(1))
    rows = []
    for patterns in (SIX, TWENTY):
        fresh = seconds(lambda: [*map(Filter(patterns).match, paths)], RUNS)  # noqa: B023  called at once
        known = Filter(patterns)
        again = seconds(lambda: [*map(known.match, paths)], RUNS)  # noqa: B023  called at once
        compiled = seconds(lambda: Filter(patterns), RUNS)  # noqa: B023  called at once
        below = [f"tmp/a/{path}" for path in paths]
        pruned = seconds(lambda: [*map(known.match, below)], RUNS)  # noqa: B023  called at once
        rows.append(
            {
                "patterns": len(patterns), "fresh": fresh / PATHS, "again": again / PATHS, "pruned": pruned / PATHS,
                "compile": compiled,
            }
        )  # fmt: skip
    return {"rows": rows, **_agreement(random.Random(2))}


def _paths(rng: random.Random) -> list[str]:
    names = ("src", "docs", "api", "guide", "pkg", "internal", "deep")
    folders = ["/".join(rng.choices(names, k=rng.randint(1, 4))) for _ in range(200)]
    ends = ("md", "py", "go", "yml", "json", "log", "test")
    return [f"{rng.choice(folders)}/page-{n}.{rng.choice(ends)}" for n in range(PATHS)]


def _agreement(rng: random.Random) -> dict[str, int]:
    asked = differing = 0
    with tempfile.TemporaryDirectory() as directory:
        git(Path(directory), "init", "-q")
        for _ in range(SETS):
            patterns = [random_pattern(rng) for _ in range(rng.randint(1, 5))]
            paths = {"/".join(rng.choices(NAMES, k=rng.randint(1, 4))) for _ in range(PATHS_A_SET)}
            excludes = Excludes(patterns)
            ours = {path for path in paths if excludes.match(path)}
            asked += len(paths)
            differing += len(ours ^ ignored(Path(directory), patterns, paths))
    return {"asked": asked, "differing": differing, "sets": SETS}


def tell(found: dict[str, Any]) -> str:
    """The chapter."""
    rows = table(
        ("patterns", "a path not seen before", f"≤ {_us(MOST)}", "asked again", "below an excluded directory", "compiling, once per mapping"),
        [
            (
                row["patterns"], _us(row["fresh"]), verdict(row["fresh"], MOST), _us(row["again"]), _us(row["pruned"]),
                _us(row["compile"]),
            )
            for row in found["rows"]
        ],
    )  # fmt: skip
    return f"""\
{rows}

All patterns of a mapping are two regular expressions, however many they are: one is asked of the name, one of the
path. A directory is asked once; what lies below an excluded one isn't asked at all.

Answers beside `git check-ignore`: {found["sets"]} random sets of patterns, {found["asked"]:,} paths,
**{found["differing"]} answers differ**. What is known to differ is not among them:

- git reads `?` and `[...]` byte by byte; here they stand for characters, so `?` matches `é`;
- classes such as `[[:alpha:]]`, and brackets that hold `\\` or `[`, are refused with a message; git knows them."""


def _us(value: float) -> str:
    return f"{value * 1e6:.2f} µs" if value < 1e-5 else f"{value * 1e6:.0f} µs"
