"""`make pictures`: what people see of Broadcast, from runs on the hub, as GitHub or a terminal shows it, in docs/*.png.

Needs Chromium, or Chrome. `python -m tests.pictures FILE …` makes the pictures of Markdown files beside them.
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

from tests import scenes
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
body .markdown-body { font-family: -apple-system, BlinkMacSystemFont, "Segoe UI", "Noto Sans", Helvetica, Arial,
  "Liberation Sans", sans-serif, "Noto Color Emoji"; font-size: 15px; }
.markdown-body li:has(> input) { list-style: none; margin-left: -1.4em; }
.terminal { margin: -24px; padding: 20px; background: #0d1117; color: #e6edf3; font: 15px/1.45 "DejaVu Sans Mono",
  "Liberation Mono", monospace; white-space: pre-wrap; }
.c1 { font-weight: bold; } .c2 { color: #848d97; } .c31 { color: #ff7b72; } .c32 { color: #3fb950; }
.c33 { color: #d29922; } .c36 { color: #39c5cf; }
"""
_BOX = re.compile(r"(<li>\s*(?:<p>)?)\[([ x])\] ")
_CODE = re.compile(r"\x1b\[(\d*)m")


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
    for name in () if arguments else scenes.SCENES:
        picture(browser, scene(name), ROOT / "docs" / f"{name}.png")
    return 0


def find_browser() -> str | None:
    """The path of a browser that runs headless."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)


def picture(browser: str, markdown: str, file: Path) -> Seen:
    """Write a picture of the rendered Markdown to `file`, in full height."""
    with tempfile.TemporaryDirectory() as directory:
        page = Path(directory) / "page.html"
        page.write_text(page_of(markdown), encoding="utf-8")
        command = [browser, "--disable-lcd-text", "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars"]
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
  height: height(), width: root.scrollWidth, headline: (document.querySelector("h2, h3") || root).innerText,
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
    body = f"{body_of(markdown)}<script>{LOOK_AROUND}</script>"
    return f"<!doctype html><meta charset=utf-8><style>{style}</style><body>{body}"


def scene(name: str) -> str:
    """The text of a scene, played in a world of its own."""
    with tempfile.TemporaryDirectory() as directory, Hub(Path(directory) / "hub", clock=Clock()) as hub:
        return scenes.shown(World(Path(directory), hub), name)


def body_of(text: str) -> str:
    """The scene as HTML: Markdown, or what a terminal shows."""
    if not text.startswith("$ "):
        return f'<article class="markdown-body">{_BOX.sub(_input, html_of(text))}</article>'
    parts = [_CODE.sub(lambda match: _span(match[1]), html.escape(part)) for part in text.rstrip().split("\n")]
    return f"<pre class=terminal>{chr(10).join(parts)}</pre>"


def _input(match: re.Match[str]) -> str:
    return f"{match[1]}<input type=checkbox disabled{' checked' if match[2] == 'x' else ''}> "


def _span(codes: str) -> str:
    """The end of a colour, or its beginning."""
    return "</span>" if codes in ("", "0") else f'<span class="c{codes}">'


def _run(command: list[str]) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
