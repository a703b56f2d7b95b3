"""`python -m tests.live`: try what docs/github.md says on a real GitHub."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

import pytest

from tests.live.budget import SPACING
from tests.live.place import USAGE, from_environment
from tests.live.plugin import Live
from tests.live.recording import FOLDER


def main(arguments: list[str]) -> int:
    """0 where all held; 1 where something didn't; 2 where nothing could be tried."""
    parser = argparse.ArgumentParser(
        "python -m tests.live", epilog=USAGE, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--recorded", type=Path, default=FOLDER, help="where the exchanges are written")
    parser.add_argument("--spacing", type=float, default=SPACING, help="seconds between two writes")
    parser.add_argument("statements", nargs="*", help="by their names in docs/github.md; without any, all are tried")
    given = parser.parse_args(arguments)
    place = from_environment(os.environ)
    if place is None:
        print(USAGE)
        return 2
    live = Live(place, given.recorded, given.statements, given.spacing)
    return int(pytest.main(["-p", "no:xdist", "-q", str(Path(__file__).parent)], plugins=[live]))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
