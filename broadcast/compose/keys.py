"""Which keys of a document change so that it holds the source's, whatever its format (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from broadcast.compose.parts import KeyPath, Keys, Unmergeable

Value = Any  # what a document holds: mappings with text keys, lists, and scalars that compare by value
Place = tuple[str | int, ...]  # keys and indexes from the top of the document


class Put(NamedTuple):
    """A value that is set: in the place of another, as the last key of its mapping, or as the last item of its list."""

    place: Place
    value: Value


class Drop(NamedTuple):
    """A key, or an item, that goes."""

    place: Place


Edit = Put | Drop


def edits(target: Value, source: Value, keys: Keys) -> list[Edit]:
    """What to change in `target`, in order; each edit supposes that those before it were made.

    Raises Unmergeable where the source or the target is no mapping.
    """
    for value, whose in ((source, "the source"), (target, "the target")):
        if not isinstance(value, Mapping):
            raise Unmergeable(f"{whose} holds no keys at its top level", "write a mapping there")
    dropped = [place for pattern in keys.remove for place in _matching(target, pattern) if not _holds(source, place)]
    outer = [place for place in dict.fromkeys(dropped) if not any(place[:at] in dropped for at in range(len(place)))]
    lasts = sorted(outer, key=_order, reverse=True)  # so that the indexes before them stay right
    return [*map(Drop, lasts), *_merged(target, source, keys, ())]


def present(target: Value, source: Value, keys: Keys) -> Value:
    """What `target` holds of the source's keys, and of those to be removed; equal to the source's where in step."""
    gone = [list(place) for pattern in keys.remove for place in _matching(target, pattern) if not _holds(source, place)]
    return {"keys": _projected(target, source, keys), "removed": gone}


def is_same(one: Value, other: Value) -> bool:
    """Whether two values are equal, and true is not 1."""
    if isinstance(one, Mapping) and isinstance(other, Mapping):
        return list(one) == list(other) and all(is_same(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(is_same, one, other))
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)


def _merged(target: Value, source: Value, keys: Keys, place: Place) -> Iterable[Edit]:
    for key, wanted in source.items():
        here = (*place, key)
        if key not in target:
            if not _only_if_present(keys, here):
                yield Put(here, wanted)
        elif isinstance(wanted, Mapping) and isinstance(target[key], Mapping):
            yield from _merged(target[key], wanted, keys, here)
        elif isinstance(wanted, list) and isinstance(target[key], list) and keys.lists.how != "replace":
            yield from _united(target[key], wanted, keys, here)
        elif not is_same(target[key], wanted):
            yield Put(here, wanted)


def _united(target: Sequence[Value], source: Sequence[Value], keys: Keys, place: Place) -> Iterable[Edit]:
    end = len(target)
    for item in source:
        at = _index(target, item, keys)
        if at is None:
            if not (_identity(item, keys) and _only_if_present(keys, (*place, end))):
                yield Put((*place, end), item)
                end += 1
        elif isinstance(item, Mapping):
            yield from _merged(target[at], item, keys, (*place, at))


def _index(target: Sequence[Value], item: Value, keys: Keys) -> int | None:
    """The place of an item in a list: that of the first with the same identity, or of an equal one."""
    wanted = _identity(item, keys)
    if wanted:
        return next((at for at, one in enumerate(target) if is_same(_identity(one, keys), wanted)), None)
    return next((at for at, one in enumerate(target) if is_same(one, item)), None)


def _identity(item: Value, keys: Keys) -> list[Value]:
    """The values that identify an item; empty where it has none of the keys."""
    names = keys.lists.by if keys.lists.how == "by" and isinstance(item, Mapping) else ()
    return [item.get(name) for name in names] if any(name in item for name in names) else []


def _only_if_present(keys: Keys, place: Place) -> bool:
    if isinstance(keys.only_if_present, bool):
        return keys.only_if_present
    return any(_covers(pattern, place) for pattern in keys.only_if_present)


def _covers(pattern: KeyPath, place: Place) -> bool:
    """Whether `pattern` names `place` or something above it."""
    names = zip(pattern, place, strict=False)
    return len(pattern) <= len(place) and all(name == "*" or name == str(key) for name, key in names)


def _matching(value: Value, pattern: KeyPath, place: Place = ()) -> Iterable[Place]:
    """The places in a document that a pattern names."""
    if not pattern:
        yield place
        return
    first, rest = pattern[0], pattern[1:]
    if isinstance(value, Mapping):
        names = list(value) if first == "*" else [first] if first in value else []
        for name in names:
            yield from _matching(value[name], rest, (*place, name))
    elif isinstance(value, list) and first == "*":
        for at, item in enumerate(value):
            yield from _matching(item, rest, (*place, at))


def _holds(source: Value, place: Place) -> bool:
    """Whether the source sets this key, or one below it."""
    for key in place:
        if not isinstance(source, Mapping) or key not in source:
            return False
        source = source[key]
    return True


def _order(place: Place) -> list[tuple[bool, int, str]]:
    return [(isinstance(key, int), key if isinstance(key, int) else 0, str(key)) for key in place]


def _projected(target: Value, source: Value, keys: Keys) -> Value:
    if isinstance(source, Mapping) and isinstance(target, Mapping):
        return {key: _projected(target[key], source[key], keys) for key in source if key in target}
    if isinstance(source, list) and isinstance(target, list) and keys.lists.how != "replace":
        found = [(item, _index(target, item, keys)) for item in source]
        return [_projected(target[at], item, keys) for item, at in found if at is not None]
    return target
