"""Validate repository paths: refuse those that some system misreads, such as disguised `.git` (pure)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f]")  # Unicode's category Cc
# Names that git refuses or that a Windows or macOS checkout would take for `.git`: letter case, trailing dots and
# spaces, streams, the NTFS short name, and code points that HFS+ ignores (git's verify_path and its
# core.protectNTFS/HFS).
_GIT_DIRECTORY = re.compile(r"(?:^|/)(?:\.git|git~\d+)[. ]*(?::[^/]*)?(?:/|\Z)", re.IGNORECASE | re.ASCII)
MAX_NAME, MAX_PATH = 255, 4_096  # bytes; what Linux can check out
MAX_DEPTH = 100  # names in a path: people have twenty, Git for Windows holds no more than 127, and each costs a look
# Letters, digits, "_", "-" and dots, but neither `.git` nor a device of Windows, however they go on.
_PLAIN_NAME = (
    r"(?![.cpanlCPANL](?i:git\.*|(?:on|rn|ux|ul|om[0-9]|pt[0-9])(?:\.[^/]*)?)(?:/|\Z))"
    r"\.?[A-Za-z0-9_-][A-Za-z0-9_.-]*(?<!\.)"
)
_PLAIN = re.compile(f"{_PLAIN_NAME}(?:/{_PLAIN_NAME})*")
# What Windows can't check out (docs: Naming Files, Paths, and Namespaces), of a path with a "/" before it.
# Every alternative begins with a letter that stands for itself, which lets `re` skip what none begins with.
_NOT_ON_WINDOWS = re.compile(
    r"/(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(?:[ .][^/]*)?(?:/|$)|\.(?:/|$)| (?:/|$)"
    r'|<|>|:|"|\||\?|\*',
    re.IGNORECASE,
)
_HFS_IGNORED = re.compile("[\u200c-\u200f\u202a-\u202e\u206a-\u206f\ufeff]")


def is_plain(path: str) -> bool:
    """Whether `path` is certainly valid everywhere: a fast check; other paths may be valid, too."""
    return len(path) <= MAX_NAME and path.count("/") < MAX_DEPTH and _PLAIN.fullmatch(path) is not None


def normalise(path: str) -> str:
    """`path` without a trailing slash or `./`, `.` for the root of the repository.

    Raises ValueError with the reason when the path may not be used.
    """
    if not path:
        raise ValueError("a path can't be empty")
    if _CONTROL.search(path):
        raise ValueError("a path can't hold control characters")
    if "\\" in path:
        raise ValueError("use / between the parts of a path, not \\")
    if path.startswith("/"):
        raise ValueError("paths are relative to the root of the repository; remove the leading /")
    size = len(path.encode("utf-8", "surrogatepass"))
    if size > MAX_PATH:
        raise ValueError(f"a path can't be longer than {MAX_PATH} bytes")
    parts = [part for part in path.split("/") if part not in ("", ".")]
    if len(parts) > MAX_DEPTH:
        raise ValueError(f"a path can't have more than {MAX_DEPTH} names")
    if ".." in parts or size > MAX_NAME or is_git_directory(path):
        for part in parts:
            check_name(part)
    return "/".join(parts) or "."


def check_name(name: str) -> None:
    """Raise ValueError for a forbidden component of a path."""
    if name == "..":
        raise ValueError("the path leaves the repository (..)")
    if is_git_directory(name):
        raise ValueError(f"{name!r} is git's own directory, or looks like it to some file systems")
    if len(name.encode("utf-8", "surrogatepass")) > MAX_NAME:
        raise ValueError(f"no name in a path can be longer than {MAX_NAME} bytes")


def is_git_directory(path: str) -> bool:
    """Whether some file system reads a component of `path` as `.git`."""
    plain = path if path.isascii() else _HFS_IGNORED.sub("", path)
    return _GIT_DIRECTORY.search(plain) is not None


def is_git_modules(name: str) -> bool:
    """Whether some file system reads `name` as `.gitmodules` (git's is_hfs_dotgitmodules, is_ntfs_dotgitmodules)."""
    plain = _HFS_IGNORED.sub("", name).split(":", 1)[0].rstrip(". ").lower()
    return plain == ".gitmodules" or bool(re.fullmatch(r"gitmod~[1-4]|gi7eba~[1-9]|gi7eb~[1-9]\d", plain))


def climbs(link: str) -> bool:
    """Whether the target of a symlink has `..` after a name."""
    parts = [part for part in link.split("/") if part not in ("", ".")]
    ups = next((at for at, part in enumerate(parts) if part != ".."), len(parts))
    return ".." in parts[ups:]


def collisions(paths: Collection[str]) -> Iterator[tuple[str, str]]:
    """Pairs that are one file on macOS and Windows: they differ only in letter case or Unicode normalisation."""
    if all(map(str.isascii, paths)) and len({*map(str.casefold, paths)}) == len(paths):
        return
    seen: dict[str, str] = {}
    for path in paths:
        plain = path if path.isascii() else unicodedata.normalize("NFC", path)
        first = seen.setdefault(plain.casefold(), path)
        if first != path:
            yield first, path


def not_on_windows(paths: Iterable[str]) -> list[str]:
    """The paths that a checkout on Windows refuses, and with them the whole checkout."""
    return [path for path in paths if _NOT_ON_WINDOWS.search(f"/{path}")]


def decoded(path: bytes) -> str:
    """A path of git's as text, on Windows, too, where the names of the system's files are always Unicode."""
    return path.decode("utf-8", "surrogateescape")


def join(directory: str, path: str) -> str:
    """`path` below `directory`, where `.` is the root."""
    return path if directory == "." else f"{directory}/{path}"


def is_below(path: str, directory: str) -> bool:
    """Whether `path` is `directory` or lies in it."""
    return directory == "." or path == directory or path.startswith(f"{directory}/")


def parents(path: str) -> list[str]:
    """The directories above a path, the highest first."""
    parts = path.split("/")
    return ["/".join(parts[:count]) for count in range(1, len(parts))]
