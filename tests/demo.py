"""`make demo`: the real action on real repositories, with a local GitHub in between; needs no network, no account."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from tests.hub import File, Hub, Symlink
from tests.world import ROOT, World, git

OUTPUT = ROOT / "demo-output"
CONFIG = """\
version: 1
targets: [acme/api, acme/web@develop, acme/docs, acme/new, acme/attic, acme/gone]
directories:
  - {src: templates/.github, dest: .github, exclude: ["*.out"]}
pr_labels: [sync]
"""
PLAIN = {
    **{f"templates/.github/workflows/{n:03}.yml": f"name: job {n}\non: push\n" for n in range(24)},
    **{f"templates/.github/docs/{n:03}.md": f"# Page {n}\n" for n in range(120)},
    "templates/.github/CODEOWNERS": "* @acme/platform\n",
    "templates/.github/.editorconfig": "root = true\n",  # a dotfile
    "templates/.github/windows.txt": "line\r\nline\r\n",  # CRLF
    "templates/.github/logo.png": b"\x89PNG\r\n\x1a\n" + bytes(range(256)),  # binary
    "templates/.github/coverage.out": "excluded\n",
}


def main() -> int:
    """Create the repositories, run the action twice, print where everything is."""
    shutil.rmtree(OUTPUT, ignore_errors=True)
    OUTPUT.mkdir()
    with Hub(OUTPUT / "repositories") as hub:
        world = World(OUTPUT, hub)
        _write_source(world)
        _make_targets(hub)
        print("== First run: five targets in different states, and one that doesn't exist\n", flush=True)
        first = world.run_process()
        _show(first.log, first.summary, OUTPUT / "summary.md")
        print("\n== Second run: nothing has changed, so nothing is written\n", flush=True)
        again = world.run_process()
        _show("", again.summary, OUTPUT / "summary-again.md")
        pulls = sum(len(repository.pulls) for repository in hub.repositories.values())
        writes = sum(count for kind, count in hub.calls().items() if kind in ("rest write", "graphql mutation"))
    print(f"\nPull requests in all: {pulls}; writes of the second run: {writes}")
    print(f"Summaries: {OUTPUT / 'summary.md'}, {OUTPUT / 'summary-again.md'}")
    print(f"Look at a target: git -C {OUTPUT / 'repositories/acme/api.git'} diff --stat main broadcast/acme/templates")
    expected = {"created", "in_sync", "skipped", "failed"}
    return 0 if set(first.outcomes.values()) == expected and not writes and pulls == 3 else 1


def _write_source(world: World) -> None:
    world.write(PLAIN, CONFIG)
    script = world.source / "templates/.github/setup.sh"
    script.write_text("#!/bin/sh\necho ready\n")
    script.chmod(0o755)
    (world.source / "templates/.github/README.md").symlink_to("docs/000.md")
    world.write({})
    print(f"Source: {world.source} ({len(git(world.source, 'ls-files', 'templates').splitlines())} files to send)\n")


def _make_targets(hub: Hub) -> None:
    held = {path.removeprefix("templates/"): _bytes(text) for path, text in PLAIN.items() if not path.endswith(".out")}
    held |= {
        ".github/setup.sh": File(b"#!/bin/sh\necho ready\n", mode=0o100755),
        ".github/README.md": Symlink("docs/000.md"),
        "src/main.py": b"print('hello')\n",
    }
    outdated = held | {".github/workflows/003.yml": b"name: old\n", ".github/docs/007.md": b"# Old\n"}
    hub.repository("acme/api", files=outdated, labels=["sync"])  # behind
    hub.repository("acme/web", files={"index.html": b"<h1>hi</h1>\n"}, labels=["sync"]).commit(
        {"develop.txt": b"d\n"}, branch="develop"
    )  # behind on another branch
    hub.repository("acme/docs", files=held, labels=["sync"])  # in step
    hub.repository("acme/new", files={"README.md": b"# New\n"})  # never synced
    hub.repository("acme/attic", files=outdated, archived=True)


def _show(log: str, summary: str, file: Path) -> None:
    file.write_text(summary, encoding="utf-8")
    for line in log.splitlines():
        if line.startswith(("Broadcast", "waiting")):
            print(line)
    print(summary)


def _bytes(content: bytes | str) -> bytes:
    return content.encode() if isinstance(content, str) else content


if __name__ == "__main__":
    sys.exit(main())
