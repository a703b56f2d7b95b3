"""`python -m tests.live`: try what docs/github.md says on a real GitHub."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from tests.live.place import USAGE, from_environment
from tests.live.plugin import NAME, Live
from tests.live.recording import FOLDER


def main() -> int:
    """0 where all held; 1 where something didn't; 2 where nothing could be tried."""
    place = from_environment(os.environ)
    if place is None:
        print(USAGE)
        return 2
    live = Live(place, FOLDER)
    return int(pytest.main(["-p", "no:xdist", "-q", str(Path(__file__).parent)], plugins=[_named(live)]))


def _named(live: Live) -> Live:
    live.__name__ = NAME  # type: ignore[attr-defined]  # by which pytest knows it
    return live


if __name__ == "__main__":
    sys.exit(main())
