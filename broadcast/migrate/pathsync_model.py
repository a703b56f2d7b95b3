"""Model what EspenAlbert/path-sync sends to a destination, apart from our reading of its config (pure)."""

from __future__ import annotations

import fnmatch
import posixpath
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from broadcast.migrate import micromatch
from broadcast.migrate.model import SourceList

EXCLUDED = (
    "__pycache__", ".git", ".venv", "venv", "node_modules", ".mypy_cache", ".pytest_cache", ".ruff_cache", ".tox",
)  # fmt: skip


def sent(mappings: Iterable[Mapping[str, Any]], skipped: Collection[str], listing: SourceList) -> dict[str, str]:
    """Destination → source of what it copies, mapping by mapping; the last one wins."""
    found = (pair for mapping in mappings for pair in _found(mapping, listing))
    return {dest: source for source, dest in found if not any(fnmatch.fnmatch(dest, one) for one in skipped)}


def _found(mapping: Mapping[str, Any], listing: SourceList) -> Iterable[tuple[str, str]]:
    written, dest = str(mapping["src_path"]), str(mapping.get("dest_path") or "")
    if "*" in written:
        prefix = written.split("*", maxsplit=1)[0].rstrip("/")
        matches = micromatch.matcher(written)  # like Python's glob: no star stands for a dot at the beginning
        found = [path for path in listing.below(".") if matches(path)]
        pairs = [(path, path[len(prefix) :].lstrip("/")) for path in found]
        base = dest or prefix
    elif listing.is_directory(source := posixpath.normpath(written)):
        pairs = [(posixpath.normpath(f"{source}/{path}"), path) for path in listing.below(source)]
        base = dest or written
    else:
        yield from [(source, posixpath.normpath(dest or written))] if listing.is_file(source) else []
        return
    for path, relative in pairs:
        if not _is_excluded(mapping, path):
            yield path, posixpath.normpath(f"{base}/{relative}" if base else relative)


def _is_excluded(mapping: Mapping[str, Any], path: str) -> bool:
    *folders, name = path.split("/")
    if set(folders) & set(mapping.get("exclude_dirs", EXCLUDED)):
        return True
    return any(fnmatch.fnmatch(name, pattern) for pattern in mapping.get("exclude_file_patterns", ()))
