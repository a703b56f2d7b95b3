"""`make bench-calls`: what the main jobs cost in API calls, measured on the local GitHub, beside other tools."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from tests.scenarios import PLAYS, Row, play


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


def main() -> int:
    """Play every scenario and print the table; 1 if a budget doesn't hold."""
    rows: list[Row] = []
    for scenario in PLAYS:
        with tempfile.TemporaryDirectory() as directory:
            rows += play(scenario, Path(directory))
    print("| scenario | budget | measured | |\n|---|---|---|---|")
    for row in rows:
        print(f"| {row.scenario} | {row.budget} | {row.cost} | {'holds' if row.holds else 'BROKEN'} |")
    print("\nOther tools, for each target:\n")
    print("| tool | in step | 1 file changed | again, pull request open |\n|---|---|---|---|")
    for one in NEIGHBOURS:
        print(f"| {one.name} | {one.in_step} | {one.one_file} | {one.again} |")
    return 0 if all(row.holds for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
