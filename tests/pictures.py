"""`python -m tests.pictures`: the job summary of a real run as GitHub shows it, in docs/summary.png.

Needs Chromium, or Chrome. With file names, the pictures of these Markdown files are made beside them.
"""

from __future__ import annotations

import html
import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

from tests.hub import Hub
from tests.hub.faults.clock import Clock
from tests.markdown import html_of
from tests.published import LOOK, fetch
from tests.world import ROOT, World

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "chrome")
WIDTH = 1000  # pixels

# Around github-markdown-css, which is GitHub's own style.
CSS = """
body { margin: 0; padding: 24px; background: #fff; }
.markdown-body { font-family: -apple-system, BlinkMacSystemFont, "Segoe UI", "Noto Sans", Helvetica, Arial,
  "Liberation Sans", sans-serif, "Noto Color Emoji"; }
"""

CONFIG = """\
version: 1
targets: [acme/api, acme/billing, acme/docs, acme/gateway, acme/mobile, acme/search, acme/website@next, acme/ledger,
  acme/payments, acme/status, acme/attic, acme/gone]
files: [LICENSE, assets/brand.zip]
directories:
  - {src: templates/workflows, dest: .github/workflows, mode: mirror}
  - {src: templates/handbook, dest: docs/handbook}
pr_labels: [sync]
"""
CHAPTERS = ("start", "style", "review", "release", "on-call", "incidents", "security", "glossary")
HANDBOOK = {f"{n:02}-{name}.md": f"# {name}\n" for n, name in enumerate(CHAPTERS, 1)}
CI, RELEASE = "name: ci\non: [push]\n", "name: release\n"
SOURCE = {
    "LICENSE": "MIT\n", "templates/workflows/ci.yml": CI, "templates/workflows/release.yml": RELEASE,
    **{f"templates/handbook/{name}": text for name, text in HANDBOOK.items()},
}  # fmt: skip
BEFORE = {
    "LICENSE": b"MIT\n", "assets/brand.zip": b"PK\n", ".github/workflows/ci.yml": b"name: ci\n",
    ".github/workflows/release.yml": RELEASE.encode(),
    **{f"docs/handbook/{name}": text.encode() for name, text in HANDBOOK.items()},
}  # fmt: skip
OURS = "broadcast/acme/templates"
THREE_WEEKS = 21 * 86_400.0  # seconds


class Seen(NamedTuple):
    """Result of rendering a page in the browser."""

    height: int  # pixels, of all of it
    width: int  # pixels that it needs, at a window of WIDTH
    headline: str  # its first heading, as text
    tables: list[bool]  # of each, whether all of it can be seen without scrolling
    folds: list[str]  # what can be unfolded, by its label
    unfolded: int  # pixels of height, with everything unfolded


def main(arguments: list[str]) -> int:
    """Make the pictures; returns the exit code."""
    browser = find_browser()
    if browser is None:
        print(f"none of {', '.join(BROWSERS)} is installed")
        return 1
    for name in arguments:
        picture(browser, Path(name).read_text(encoding="utf-8"), Path(name).with_suffix(".png"))
    if not arguments:
        picture(browser, realistic_summary(), ROOT / "docs" / "summary.png")
    return 0


def find_browser() -> str | None:
    """The path of a browser that runs headless."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)


def picture(browser: str, markdown: str, file: Path) -> Seen:
    """Write a picture of the rendered Markdown to `file`, in full height."""
    with tempfile.TemporaryDirectory() as directory:
        page = Path(directory) / "page.html"
        page.write_text(page_of(markdown), encoding="utf-8")
        command = [browser, "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
        command.append(f"--user-data-dir={directory}/profile")
        dom = _run([*command, f"--window-size={WIDTH},800", "--dump-dom", page.as_uri()])
        told = re.search(r'data-seen="([^"]*)"', dom)
        assert told, dom
        seen = Seen(**json.loads(html.unescape(told[1])))
        _run([*command, f"--window-size={WIDTH},{seen.height}", f"--screenshot={file}", page.as_uri()])
    print(file)
    return seen


LOOK_AROUND = """
const root = document.documentElement, all = (name) => [...document.querySelectorAll(name)];
const height = () => Math.ceil(root.getBoundingClientRect().height);
const seen = {
  height: height(), width: root.scrollWidth, headline: document.querySelector("h2").innerText,
  tables: all("table").map((one) => one.scrollWidth <= one.clientWidth),
  folds: all("summary").map((one) => one.innerText),
};
all("details").forEach((one) => { one.open = true; });
seen.unfolded = height();
all("details").forEach((one) => { one.open = false; });
document.body.dataset.seen = JSON.stringify(seen);
"""


def page_of(markdown: str) -> str:
    """A page with GitHub's styles that reports its visible elements."""
    style = CSS + fetch(LOOK).read_text(encoding="utf-8")
    body = f'<article class="markdown-body">{html_of(markdown)}</article><script>{LOOK_AROUND}</script>'
    return f"<!doctype html><meta charset=utf-8><style>{style}</style><body>{body}"


def realistic_summary() -> str:
    """The summary of a run over a dozen repositories in different states, on a local GitHub."""
    with tempfile.TemporaryDirectory() as directory, Hub(Path(directory) / "hub", clock=Clock()) as hub:
        world = World(Path(directory), hub)
        play(world)
        return world.runs[-1].summary.replace(hub.url, "https://github.com")


def play(world: World) -> None:
    """Two runs three weeks apart, with changes by people in between."""
    hub = world.hub
    after = {**BEFORE, ".github/workflows/ci.yml": CI.encode()}
    files = {path: content for path, content in after.items() if path in ("LICENSE", "assets/brand.zip")}
    for name in ("billing", "search", "ledger", "payments"):
        hub.repository(f"acme/{name}", files={**BEFORE, "LICENSE": b"old\n"}, labels=["sync"])
    world.write({**SOURCE, "assets/brand.zip": "PK\n"}, CONFIG)
    world.run(only_targets="acme/billing acme/search acme/ledger acme/payments")
    hub.find("acme/search").close_pull(1, "octocat")
    hub.find("acme/payments").commit({"fix.yml": b"by hand\n"}, branch=OURS)
    hub.clock.advance(THREE_WEEKS)
    hub.find("acme/billing").commit({".github/workflows/travis.yml": b"name: old\n"})
    for name in ("api", "gateway", "mobile"):
        hub.repository(f"acme/{name}", files=BEFORE, labels=["sync"])
    hub.repository("acme/docs", files=files, labels=["sync"])
    hub.repository("acme/website", files=BEFORE, labels=["sync"]).commit({"x": b"x"}, branch="next")
    hub.repository("acme/status", files=after, labels=["sync"])
    hub.repository("acme/attic", files=BEFORE, archived=True)
    world.run()


def _run(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
