"""What stands around a command in a terminal: the clone, the source that its `origin` names, and gh's token."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from broadcast.git import nofollow
from broadcast.git.directory import common_directory
from broadcast.git.index import UnreadableIndex
from broadcast.git.objects import REGULAR

MAX_GIT_CONFIG, MAX_URL = 1024**2, 1_000  # bytes; characters
PATIENCE = 10.0  # seconds for gh, whose keyring may ask a person

_SECTION = re.compile(r'\[\s*remote\s+"origin"\s*\](.*)', re.IGNORECASE)
_KEY = re.compile(r'url\s*=\s*"?([^\s"#;]+)"?\s*(?:[#;].*)?', re.IGNORECASE)
_SCP = re.compile(r"(?:[^/:@]+@)?(?:\[[^/\]]+\]|[^/:\[]+):(.+)")  # git-clone(1): an alternative scp-like syntax
_NAME = re.compile(r"(?:.*/)?([\w.-]+/[\w.-]+)")


def root_of(directory: Path) -> Path:
    """The root of the clone or worktree around `directory`; itself where there is none."""
    here = directory.resolve()
    return next((one for one in (here, *here.parents) if _is_clone(one)), directory)


def _is_clone(directory: Path) -> bool:
    git = directory / ".git"
    return git.is_file() or (git / "HEAD").exists() or (git / "HEAD").is_symlink()


def origin_of(root: Path) -> str:
    """The repository that the remote `origin` names, as owner/name; empty where none does."""
    try:
        place = os.path.realpath(common_directory(os.fsencode(root)) + b"/config")
        text = nofollow.read(place, REGULAR, MAX_GIT_CONFIG).decode(errors="replace")
    except (OSError, UnreadableIndex):
        return ""
    return repository_in(next(_urls(text), ""))


def _urls(config: str) -> Iterator[str]:
    """The URLs of `origin` in the text of git's config (git-config(1), syntax)."""
    inside = False
    for line in map(str.strip, config.splitlines()):
        if len(line) > MAX_URL:
            continue
        rest = line
        if line.startswith("["):
            found = _SECTION.fullmatch(line)
            inside, rest = found is not None, found[1].strip() if found else ""
        if inside and (match := _KEY.fullmatch(rest)):
            yield match[1]


def repository_in(url: str) -> str:
    """The repository at a remote's URL, as owner/name; empty if it names none (git-clone(1), GIT URLS)."""
    if len(url) > MAX_URL:
        return ""
    if "://" in url:
        path = urlsplit(url).path if url.count("[") == url.count("]") else ""
    else:
        scp = _SCP.fullmatch(url)
        path = scp[1] if scp else url
    match = _NAME.fullmatch(path.strip("/").removesuffix(".git"))
    return match[1] if match else ""


def host_of(api_url: str) -> str:
    """The host that gh knows a REST API by: github.com, one of GHE.com, or a server's."""
    try:
        host = urlsplit(api_url).hostname or ""
    except ValueError:
        return ""
    return host.removeprefix("api.") if host == "api.github.com" or host.endswith(".ghe.com") else host


def gh_token(api_url: str, environment: Mapping[str, str]) -> str:
    """The token that `gh auth token` has for the host of `api_url`; empty without gh, or if it has none."""
    host = host_of(api_url)
    if not re.fullmatch(r"[a-z\d][a-z\d.-]*", host):
        return ""
    command = [_program("gh", environment), "auth", "token", "--hostname", host]
    try:
        done = subprocess.run(  # noqa: S603  a fixed command, and a host of plain characters
            command,
            env={**environment, "GH_PROMPT_DISABLED": "1"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=PATIENCE,
            check=False,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.decode(errors="replace").strip() if done.returncode == 0 else ""


def _program(name: str, environment: Mapping[str, str]) -> str:
    """A program of the PATH; on Windows its whole path, for there the current directory would come first."""
    if os.name != "nt":
        return name
    places = (Path(folder) / f"{name}.exe" for folder in os.get_exec_path(environment))
    return next((str(one) for one in places if one.is_absolute() and one.is_file()), "")
