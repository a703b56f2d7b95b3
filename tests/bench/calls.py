"""`make bench-calls`: what the main jobs cost in API calls, measured on the local GitHub, beside other tools."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any, NamedTuple

from tests.bench.measure import table
from tests.scenarios import PLAYS, in_step, one_file_changed, play, two_files_deep

TITLE = "API calls"


class Neighbour(NamedTuple):
    """A tool's cost for each target, as its own bundle was seen to pay it against a local GitHub."""

    name: str
    in_step: str
    one_file: str
    again: str


# Each was run with 10 targets x 149 files; go-broadcast with one target.
NEIGHBOURS = (
    Neighbour(
        "BetaHuhn/repo-file-sync-action v1.21.1",
        "1 read + 3 git",
        "1 read + 2 writes + 6 git",
        "1 read + 3 writes + 6 git",
    ),
    Neighbour("wadackel/files-sync-action v3.6.0", "4 reads + 7 writes", "4 reads + 8 writes", "3 reads + 6 writes"),
    Neighbour("mrz1836/go-broadcast v1.26.1", "154 requests", "158 requests", "a second pull request"),
)


def measure(plays: Iterable[Callable[..., Any]] = (two_files_deep, in_step, one_file_changed)) -> dict[str, Any]:
    """The rows of these scenarios."""
    rows = []
    for scenario in plays:
        with tempfile.TemporaryDirectory() as directory:
            rows += [
                {"scenario": row.scenario, "budget": row.budget, "reads": row.cost.reads, "writes": row.cost.writes, "holds": row.holds}
                for row in play(scenario, Path(directory))
            ]  # fmt: skip
    return {"rows": rows}


def tell(found: dict[str, Any]) -> str:
    """The chapter."""
    rows = [
        (row["scenario"], row["budget"], f"{row['reads']} reads, {row['writes']} writes", "holds" if row["holds"] else "BROKEN")
        for row in found["rows"]
    ]  # fmt: skip
    return f"""\
{table(("scenario", "budget", "measured", ""), rows)}

Other tools, for each target:

{table(("tool", "in step", "1 file changed", "again, pull request open"), NEIGHBOURS)}"""


def main() -> int:
    """Play every scenario and print the tables; 1 if a budget doesn't hold."""
    found = measure(PLAYS)
    print(tell(found))
    return 0 if all(row["holds"] for row in found["rows"]) else 1


if __name__ == "__main__":
    sys.exit(main())
