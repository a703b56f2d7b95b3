"""`make mutants` draws 300 mutants by a fixed seed, runs the unit tests on each, and lists the survivors."""

from __future__ import annotations

import argparse
import importlib
import sys
import time
from collections import Counter
from pathlib import Path

from tests.mutation.execution import measure, outcomes
from tests.mutation.mutants import Mutant, draw

PACKAGE = Path("broadcast")
MUTATED = ("plan", "snapshot", "git", "observe/drift.py", "observe/swaps.py")
TESTS = [f"tests/unit/{name}" for name in ("plan", "observe", "snapshot", "git", "source", "test_ownership.py")]
DRAWN, ALLOWED, SEED = 300, 14, "broadcast"
# Imported before forking, as each child needs them: everything but what is mutated, and what imports that.
SHARED = ("github", "hypothesis.strategies", "jinja2.sandbox", "msgspec", "pathspec", "requests", "tests.hub", "yaml")


def modules() -> list[Path]:
    """The files that mutants are drawn from."""
    places = [PACKAGE / name for name in MUTATED]
    return sorted(path for place in places for path in ([place] if place.is_file() else place.rglob("*.py")))


def main() -> int:
    """Print the figures and the survivors; returns 1 when more than ALLOWED of DRAWN survive, in proportion."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--drawn", type=int, default=DRAWN)
    parser.add_argument("--seed", default=SEED)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--tests", nargs="*", default=TESTS)
    parser.add_argument("--only", default="", help="a part of the path; draws from these modules alone")
    arguments = parser.parse_args()
    for name in SHARED:
        importlib.import_module(name)
    began = time.monotonic()
    mutants = draw((one for one in modules() if arguments.only in str(one)), arguments.drawn, arguments.seed)
    found: list[tuple[Mutant, str]] = []
    for mutant, outcome in outcomes(mutants, measure(PACKAGE.resolve(), arguments.tests), arguments.workers):
        found.append((mutant, outcome))
        _show(mutant, outcome)
    counts = Counter(outcome for _, outcome in found)
    survivors = counts["survived"] + counts["no test"]
    print(
        f"{len(mutants)} drawn, {counts['killed']} killed, {counts['timed out']} timed out, {survivors} survived "
        f"({counts['no test']} of them without a test), in {time.monotonic() - began:.0f} s"
    )
    return 1 if survivors * DRAWN > ALLOWED * len(mutants) else 0


def _show(mutant: Mutant, outcome: str) -> None:
    if outcome != "killed":
        print(f"{outcome}: {mutant.path}:{mutant.first}\n{mutant.diff}\n", flush=True)


if __name__ == "__main__":
    sys.exit(main())
