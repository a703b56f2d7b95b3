"""`python -m tests.example`: serve a local GitHub with the example targets of .github/broadcast.yml until stopped."""

from __future__ import annotations

import sys
import tempfile
import threading
from pathlib import Path

from broadcast.config.parse import parse
from tests.hub import Hub
from tests.world import ROOT

CONFIG = ROOT / ".github" / "broadcast.yml"
TOKEN = "example"  # opens nothing but this hub


def settle(hub: Hub) -> None:
    """Create the repositories that the config names, and a token for them."""
    hub.token(TOKEN)
    for target in parse(CONFIG.read_text(), str(CONFIG), "org/broadcast-action").targets:
        hub.repository(f"{target.owner}/{target.name}", files={"README.md": b"an example\n"})


def main(address: str = "127.0.0.1") -> None:
    """Serve on a free port of the address; the first line of the output is the API's URL."""
    with tempfile.TemporaryDirectory() as directory, Hub(Path(directory), host=address) as hub:
        settle(hub)
        print(hub.url, flush=True)
        threading.Event().wait()


if __name__ == "__main__":
    main(*sys.argv[1:])
