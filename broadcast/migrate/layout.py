"""Write targets as the shortest config: shared entries at the top, partly shared ones in groups (pure)."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Sequence
from typing import Any

from msgspec import Struct

from broadcast.git import paths
from broadcast.migrate.model import MigratedEntry, MigratedTarget, Value

_Key = tuple[tuple[MigratedEntry, ...], tuple[str, ...], tuple[tuple[str, Value], ...]]


class _LayoutLevel(Struct, frozen=True):
    """The entries of one level of the config."""

    entries: tuple[MigratedEntry, ...] = ()
    remove: tuple[str, ...] = ()
    settings: tuple[tuple[str, Value], ...] = ()
    vars: tuple[tuple[str, Any], ...] = ()


def id_of(source: str, file: str, others: Iterable[str] = (), number: int = 0) -> str:
    """Return an id for the config made from `file`; other configs and steps of the same source get other ids."""
    apart = [other for other in others if other != file]
    name = _slug(file) if any(_stem(other) == _stem(file) for other in apart) else _stem(file)
    if any(name in (_stem(other), _slug(other)) for other in apart):
        name = f"{name}-{hashlib.sha256(file.encode()).hexdigest()[:6]}"
    name = re.sub(r"[^A-Za-z0-9._-]", "-", name)[-60:] + (f".{number}" if number > 1 else "")
    return f"{source[: 99 - len(name)]}.{name}"


def _stem(file: str) -> str:
    name = file.rpartition("/")[2]
    return name.removesuffix(".yml").removesuffix(".yaml").removesuffix(".src").strip(".-_") or "sync"


def _slug(file: str) -> str:
    folder = file.rpartition("/")[0].strip(".-_/").replace("/", "-") or "root"
    return f"{folder}-{_stem(file)}"


def config(sync_id: str, targets: Sequence[MigratedTarget], supersedes: Sequence[str]) -> dict[str, Any]:
    """Return the whole config as plain values."""
    top = _shared(targets)
    groups: dict[_Key, list[MigratedTarget]] = {}
    for one in targets:
        groups.setdefault(_rest(one, top), []).append(one)
    alone = [_target(one, key, top.vars) for key, members in groups.items() if _stands_alone(key, members)
             for one in members]  # fmt: skip
    shared = [_group(key, members, top.vars) for key, members in groups.items() if not _stands_alone(key, members)]
    return {
        "version": 1,
        "id": sync_id,
        **({"supersedes": list(supersedes)} if supersedes else {}),
        **_settings(top.settings),
        **({"vars": dict(top.vars)} if top.vars else {}),
        **({"targets": alone} if alone else {}),
        **_entries(top.entries),
        **({"remove": list(top.remove)} if top.remove else {}),
        **({"groups": shared} if shared else {}),
    }


def _stands_alone(key: _Key, members: Sequence[MigratedTarget]) -> bool:
    return len(members) == 1 or not any(key)


def _shared(targets: Sequence[MigratedTarget]) -> _LayoutLevel:
    first, *others = targets
    entries = [one for one in first.entries if all(one in other.entries for other in others)]
    own = [one for target in targets for one in target.entries if one not in entries]
    return _LayoutLevel(
        tuple(one for one in entries if not any(_meet(one, other) for other in own)),
        tuple(one for one in first.remove if all(one in other.remove for other in others)),
        tuple(one for one in first.settings if all(one in other.settings for other in others)),
        first.vars if all(other.vars == first.vars for other in others) else (),
    )


def _meet(one: MigratedEntry, other: MigratedEntry) -> bool:
    """Return whether both may write the same file; the more general level would lose it."""
    return paths.is_below(one.dest, other.dest) or paths.is_below(other.dest, one.dest)


def _rest(target: MigratedTarget, top: _LayoutLevel) -> _Key:
    return (
        tuple(one for one in target.entries if one not in top.entries),
        tuple(one for one in target.remove if one not in top.remove),
        tuple(one for one in target.settings if one not in top.settings),
    )


def _target(target: MigratedTarget, key: _Key, known: tuple[tuple[str, Any], ...]) -> Any:
    values = dict(target.vars) if target.vars != known else {}
    said = _said(key) | ({"vars": values} if values else {})
    if not said:
        return target.label
    return {"repo": target.repo, **({"branch": target.branch} if target.branch else {}), **said}


def _group(key: _Key, members: Sequence[MigratedTarget], known: tuple[tuple[str, Any], ...]) -> dict[str, Any]:
    more = f" and {len(members) - 2} more" if len(members) > 2 else ""
    name = ", ".join(one.label for one in members[:2]) + more
    return {"name": name, "targets": [_target(one, ((), (), ()), known) for one in members], **_said(key)}


def _said(key: _Key) -> dict[str, Any]:
    entries, remove, settings = key
    return {**_settings(settings), **_entries(entries), **({"remove": list(remove)} if remove else {})}


def _settings(settings: Iterable[tuple[str, Value]]) -> dict[str, Any]:
    return {key: list(value) if isinstance(value, tuple) else value for key, value in settings}


def _entries(entries: Sequence[MigratedEntry]) -> dict[str, Any]:
    files = [_entry(one) for one in entries if not one.directory]
    directories = [_entry(one) for one in entries if one.directory]
    return {**({"files": files} if files else {}), **({"directories": directories} if directories else {})}


def _entry(entry: MigratedEntry) -> Any:
    options: dict[str, Any] = {
        **({"mode": entry.mode} if entry.mode != "copy" else {}),
        **({"exclude": list(entry.exclude)} if entry.exclude else {}),
        **({"include_only": list(entry.include_only)} if entry.include_only else {}),
        **({} if entry.default_excludes else {"default_excludes": False}),
        **({} if entry.include_hidden else {"include_hidden": False}),
        **({"header": entry.header} if entry.header else {}),
        **({"template": True} if entry.template else {}),
        **({"delimiters": _delimiters(entry.delimiters)} if entry.delimiters else {}),
    }
    if entry.src == entry.dest:
        return {"src": entry.src, **options} if options else entry.src
    return {"src": entry.src, "dest": entry.dest, **options}


def _delimiters(marks: Sequence[str]) -> Any:
    """Those of values alone, or those of all three kinds of tags."""
    if len(marks) == len(("opening", "closing")):
        return list(marks)
    return {
        kind: list(marks[at : at + 2]) for at, kind in zip((0, 2, 4), ("variable", "block", "comment"), strict=True)
    }
