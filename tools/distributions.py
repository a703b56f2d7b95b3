"""Build the wheel and the sdist: `python -m tools.distributions dist`. One commit always makes the same bytes.

PyPI shows the README elsewhere, so its links and pictures become absolute, those of a release at its tag.
"""

from __future__ import annotations

import os
import re
import shutil
import sys
import tempfile
import tomllib
from pathlib import Path

from flit_core import buildapi

PARTS = ("broadcast", "LICENSE", "README.md", "entrypoint.py", "pyproject.toml")  # what the image is made of
_LINK = re.compile(r"\]\((?![a-z]+:)([^)\s]+)")
_PICTURES = (".gif", ".jpg", ".png", ".svg")


def main() -> int:
    """Build both into the directory of the first argument, from the current one."""
    made = Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory() as place:
        copy_to(Path(place))
        os.chdir(place)
        buildapi.build_wheel(str(made))
        buildapi.build_sdist(str(made))
    return 0


def copy_to(place: Path) -> None:
    """Copy what goes into them, with the README as PyPI is to show it."""
    for name in PARTS:
        if Path(name).is_dir():
            shutil.copytree(name, place / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(name, place / name)
    project = tomllib.loads(Path("pyproject.toml").read_text(encoding="utf-8"))["project"]
    ref = "main" if "dev" in project["version"] else f"v{project['version']}"
    text = (place / "README.md").read_text(encoding="utf-8")
    (place / "README.md").write_text(absolute(text, project["urls"]["Source"], ref), encoding="utf-8")


def absolute(text: str, repository: str, ref: str) -> str:
    """Markdown with absolute links: to pages at `ref`, to pictures as raw files."""

    def linked(match: re.Match[str]) -> str:
        path = f"README.md{match[1]}" if match[1].startswith("#") else match[1]
        kind = "raw" if path.endswith(_PICTURES) else "blob"
        return f"]({repository}/{kind}/{ref}/{path}"

    return _LINK.sub(linked, text)


if __name__ == "__main__":
    sys.exit(main())
