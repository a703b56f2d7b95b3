"""What the workflow Release does to the repository: `prepare`, `publish` and `notes`, each for a version."""

from __future__ import annotations

import argparse
import os
import re
import subprocess
from datetime import UTC, datetime
from pathlib import Path

VERSION = re.compile(r"(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)")
IMAGE = re.compile(r"[a-z0-9.-]+(?:/[a-z0-9._-]+)+:v([0-9.]+)@sha256:[0-9a-f]{64}")
HEADING = re.compile(r"^## \[(.+?)\].*\n", re.MULTILINE)
BOT = "github-actions[bot]"
BOT_ADDRESS = "41898282+github-actions[bot]@users.noreply.github.com"


def prepare(root: Path, version: str, day: str) -> None:
    """Write the version wherever it stands, date the changelog's section, and commit that.

    Raises SystemExit where the version isn't one, isn't newer than the last, or has nothing to tell.
    """
    if not VERSION.fullmatch(version):
        raise SystemExit(f"{version!r} is no version: write it as 1.2.3")
    last = next((one for one in HEADING.findall(_changelog(root)) if VERSION.fullmatch(one)), "0.0.0")
    if _parts(version) <= _parts(last):
        raise SystemExit(f"{version} isn't newer than {last}")
    if not notes(root, "Unreleased"):
        raise SystemExit("CHANGELOG.md tells nothing under [Unreleased]")
    _replace(root / "CHANGELOG.md", r"^## \[Unreleased\]\n", f"## [Unreleased]\n\n## [{version}] - {day}\n")
    _replace(root / "pyproject.toml", r'^version = ".*"$', f'version = "{version}"')
    _replace(root / "broadcast/__init__.py", r'^__version__ = ".*"$', f'__version__ = "{version}"')
    _commit(root, f"Release {version}", f"{day}T00:00:00Z")


def publish(root: Path, version: str, image: str) -> None:
    """Pin the image in a commit of its own, and push `main`, the version's tag and the moving one: all of them or none.

    The pin stays off main, whose action.yml goes on building from the Dockerfile. Done again, it makes the same commit
    and pushes nothing.
    """
    named = IMAGE.fullmatch(image)
    if not named or named[1] != version:
        raise SystemExit(f"{image!r} is no image of {version} with a digest")
    if _git(root, "log", "-1", "--format=%s") != f"Release {version}":
        raise SystemExit(f"this isn't the commit of release {version}")
    released = _git(root, "rev-parse", "HEAD")
    _replace(root / "action.yml", r"^  image: Dockerfile$", f"  image: docker://{image}")
    _commit(root, f"Pin the image of {version}", _git(root, "log", "-1", "--format=%cI"))
    if _git(root, "ls-remote", "origin", f"refs/tags/v{version}").startswith(_git(root, "rev-parse", "HEAD")):
        return  # main may have moved on since
    tags = [f"HEAD:refs/tags/v{version}", f"+HEAD:refs/tags/v{_parts(version)[0]}"]
    _git(root, "push", "--quiet", "--atomic", "origin", f"{released}:refs/heads/main", *tags)


def notes(root: Path, version: str) -> str:
    """What the changelog says of a version, `Unreleased` too; empty where it says nothing."""
    sections = HEADING.split(_changelog(root))  # what is before, then by turns a heading and its text
    return dict(zip(sections[1::2], sections[2::2], strict=True)).get(version, "").strip()


def _changelog(root: Path) -> str:
    return (root / "CHANGELOG.md").read_text(encoding="utf-8")


def _parts(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


def _replace(path: Path, pattern: str, text: str) -> None:
    changed, count = re.subn(pattern, lambda _: text, path.read_text(encoding="utf-8"), flags=re.MULTILINE)
    if count != 1:
        raise SystemExit(f"{path.name}: {pattern!r} stands there {count} times, not once")
    path.write_text(changed, encoding="utf-8")


def _commit(root: Path, message: str, date: str) -> None:
    author = ["-c", f"user.name={BOT}", "-c", f"user.email={BOT_ADDRESS}"]
    _git(root, *author, "commit", "--quiet", "--all", "--message", message, date=date)


def _git(root: Path, *arguments: str, date: str = "") -> str:
    dates = {"GIT_AUTHOR_DATE": date, "GIT_COMMITTER_DATE": date} if date else {}
    command = ["git", *arguments]
    return subprocess.run(
        command, cwd=root, env={**os.environ, **dates}, stdout=subprocess.PIPE, text=True, check=True
    ).stdout.strip()


def main() -> None:
    """Do what the command line says, in the current directory."""
    parser = argparse.ArgumentParser(prog="python -m tools.release", description=__doc__)
    parser.add_argument("command", choices=["prepare", "publish", "notes"])
    parser.add_argument("version")
    parser.add_argument("image", nargs="?", default="", help="for publish: name:vX.Y.Z@sha256:…")
    options = parser.parse_args()
    root = Path.cwd()
    if options.command == "prepare":
        prepare(root, options.version, datetime.now(UTC).date().isoformat())
    elif options.command == "publish":
        publish(root, options.version, options.image)
    else:
        print(notes(root, options.version))


if __name__ == "__main__":
    main()
