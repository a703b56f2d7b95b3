"""Which keys of a document change so that it holds the source's, whatever its format (pure)."""

from __future__ import annotations

import json
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from broadcast.compose.parts import Fault, KeyPath, Keys, Unmergeable
from broadcast.compose.spelled import Spelled

MAX_NAME = 60  # characters of a key's name in messages

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

    Raises Unmergeable where the source or the target is no mapping, or where the source names an item twice.
    """
    wholes: tuple[tuple[Value, Fault], ...] = ((source, "source"), (target, "target"))
    for value, fault in wholes:
        if not isinstance(value, Mapping):
            raise Unmergeable(f"the {fault} holds no keys at its top level", "write a mapping there", fault=fault)
    _refuse_twins(source, keys, ())
    dropped = set(_dropped(target, source, keys))
    outer = [place for place in dropped if not any(place[:at] in dropped for at in range(len(place)))]
    drops = [Drop(place) for place in sorted(outer, key=_order, reverse=True)]  # lasts first: the indexes stay right
    return [*drops, *_merged(applied(target, drops), source, keys, ())]


def applied(value: Value, edits: Sequence[Edit]) -> Value:
    """A value after edits; the value itself stays as it is."""
    result = [_copied(value)] if edits else [value]
    for edit in edits:
        holder: Any = result
        for key in (0, *edit.place)[:-1]:
            holder = holder[key]
        key = edit.place[-1] if edit.place else 0
        if isinstance(edit, Drop):
            del holder[key]
        elif isinstance(holder, list) and key == len(holder):
            holder.append(_copied(edit.value))
        else:
            holder[key] = _copied(edit.value)
    return result[0]


def name_of(place: Place) -> str:
    """A place as `remove_keys` writes it; items of a list by their index."""
    name = ""
    for key in place:
        plain = isinstance(key, int) or (key and not set(key) & set('."*[]`'))
        name += f"[{key}]" if isinstance(key, int) else f".{key if plain else json.dumps(key, ensure_ascii=False)}"
    name = name.removeprefix(".")
    return name if len(name) <= MAX_NAME else f"{name[:MAX_NAME]}…"


def present(target: Value, source: Value, keys: Keys) -> Value:
    """What `target` holds of the source's keys, and of those to be removed; equal to the source's where in step."""
    gone = [list(place) for place in _dropped(target, source, keys)]
    return {"keys": _projected(target, source, keys), "removed": gone}


def differing(target: Value, source: Value, keys: Keys, place: Place = ()) -> Iterable[Put]:
    """Where `target` has another value at one of the source's keys, by the place in the source."""
    if isinstance(source, Mapping) and isinstance(target, Mapping):
        for key in source:
            if key in target:
                yield from differing(target[key], source[key], keys, (*place, key))
    elif isinstance(source, list) and _is_joined(target, keys):
        found = _indexes(target, keys)
        for index, item in enumerate(source):
            at = found.get(_mark(item, keys))
            if at is not None:
                yield from differing(target[at], item, keys, (*place, index))
    elif not is_same(target, source):
        yield Put(place, target)


def counterpart(value: Value, model: Value, place: Place, keys: Keys) -> Value:
    """What `value` has where `model` has `place`; items of lists are found by their names. Raises LookupError."""
    for key in place:
        if isinstance(key, int) and isinstance(value, list) and isinstance(model, list):
            value = value[_indexes(value, keys)[_mark(model[key], keys)]]
        elif isinstance(value, Mapping) and isinstance(model, Mapping):
            value = value[str(key)]
        else:
            raise LookupError(key)
        model = model[key]
    return value


def is_same(one: Value, other: Value) -> bool:
    """Whether two values are equal, whatever the order of their keys; true is not 1, nor is 1.0."""
    return comparable(one) == comparable(other)


def comparable(value: Value) -> Hashable:
    """What stands for a value in comparisons, and in sets."""
    if isinstance(value, Mapping):
        return "mapping", frozenset((key, comparable(item)) for key, item in value.items())
    if isinstance(value, list):
        return "list", tuple([comparable(item) for item in value])
    if isinstance(value, Spelled):
        return comparable(value.value)
    if value != value:  # noqa: PLR0124 # only `nan`
        return "nan", "nan"
    if isinstance(value, bool | float):
        return type(value).__name__, value
    return value if isinstance(value, Hashable) else repr(value)


def _copied(value: Value) -> Value:
    if isinstance(value, Mapping):
        return {key: _copied(item) for key, item in value.items()}
    return [_copied(item) for item in value] if isinstance(value, list) else value


def _merged(target: Value, source: Value, keys: Keys, place: Place) -> Iterable[Edit]:
    for key, wanted in source.items():
        here = (*place, key)
        if key in target and isinstance(wanted, Mapping) and isinstance(target[key], Mapping):
            yield from _merged(target[key], wanted, keys, here)
        elif key in target and isinstance(wanted, list) and _is_joined(target[key], keys):
            yield from _united(target[key], wanted, keys, here)
        elif key in target or not _only_if_present(keys, here):
            allowed = _allowed(wanted, keys, here)
            is_emptied = bool(wanted) and not allowed and isinstance(wanted, Mapping)
            if not is_emptied and not (key in target and is_same(target[key], allowed)):
                yield Put(here, allowed)


def _is_joined(target: Value, keys: Keys) -> bool:
    return isinstance(target, list) and keys.lists.how != "replace"


def _united(target: Sequence[Value], source: Sequence[Value], keys: Keys, place: Place) -> Iterable[Edit]:
    found = _indexes(target, keys)
    end = len(target)
    for mark, item in {_mark(item, keys): item for item in source}.items():
        at = found.get(mark)
        is_named = mark[0] == "by"
        if at is None:
            here = (*place, end)
            if not (is_named and _only_if_present(keys, here)):
                yield Put(here, _allowed(item, keys, here, keep=keys.lists.by) if is_named else item)
                end += 1
        elif is_named:
            yield from _merged(target[at], item, keys, (*place, at))


def _refuse_twins(source: Value, keys: Keys, place: Place) -> None:
    """Raises Unmergeable where two items of a list in the source have the same name: which of them counts?"""
    if isinstance(source, Mapping):
        for key, item in source.items():
            _refuse_twins(item, keys, (*place, key))
    if not isinstance(source, list) or keys.lists.how != "by":
        return
    seen = set()
    for item in source:
        mark = _mark(item, keys)
        if mark in seen and mark[0] == "by":
            name, by = ".".join(map(str, place)), ", ".join(keys.lists.by)
            reason = f"two items of `{name}` in the source have the same {by}"
            raise Unmergeable(reason, "remove one of them", fault="source")
        seen.add(mark)
        _refuse_twins(item, keys, (*place, "*"))


def _indexes(items: Sequence[Value], keys: Keys) -> dict[tuple[str, Hashable], int]:
    """Where each item of a list is; the first of those that count as the same."""
    return {_mark(items[at], keys): at for at in reversed(range(len(items)))}


def _mark(item: Value, keys: Keys) -> tuple[str, Hashable]:
    """What identifies an item of a list: the keys named for that, or all that it is."""
    names = keys.lists.by if keys.lists.how == "by" and isinstance(item, Mapping) else ()
    if any(name in item for name in names):
        return "by", tuple([comparable(item.get(name)) for name in names])
    return "is", comparable(item)


def _allowed(wanted: Value, keys: Keys, place: Place, keep: tuple[str, ...] = ()) -> Value:
    """A new value without the keys in it that are never added."""
    if keys.only_if_present is False or not isinstance(wanted, Mapping):
        return wanted
    if keys.only_if_present is True:
        return wanted
    result = type(wanted)()
    for key, item in wanted.items():
        allowed = _allowed(item, keys, (*place, key))
        is_emptied = isinstance(item, Mapping) and bool(item) and not allowed
        if key in keep or not (is_emptied or _only_if_present(keys, (*place, key))):
            result[key] = allowed  # type: ignore[index] # a dict: documents are read into them
    return result


def _only_if_present(keys: Keys, place: Place) -> bool:
    if isinstance(keys.only_if_present, bool):
        return keys.only_if_present
    return any(_covers(pattern, place) for pattern in keys.only_if_present)


def _covers(pattern: KeyPath, place: Place) -> bool:
    """Whether `pattern` names `place` or something above it."""
    names = zip(pattern, place, strict=False)
    return len(pattern) <= len(place) and all(name == "*" or name == str(key) for name, key in names)


def _dropped(target: Value, source: Value, keys: Keys) -> list[Place]:
    """The places of the target to be removed."""
    return list(dict.fromkeys(place for path in keys.remove for place in _excess(target, source, path, keys, ())))


def _excess(target: Value, source: Value, pattern: KeyPath, keys: Keys, place: Place) -> Iterable[Place]:
    """The places that a pattern names and the source doesn't set, whole or in part."""
    if not pattern:
        return
    if isinstance(target, Mapping) and isinstance(source, Mapping):
        for name in _names(target, pattern[0]):
            here = (*place, name)
            if name in source:
                yield from _excess(target[name], source[name], pattern[1:], keys, here)
            else:
                yield from _matching(target[name], pattern[1:], here)
    elif pattern[0] == "*" and isinstance(source, list) and _is_joined(target, keys):
        wanted = {_mark(item, keys): item for item in source}
        for at, item in enumerate(target):
            mark = _mark(item, keys)
            if mark in wanted:
                yield from _excess(item, wanted[mark], pattern[1:], keys, (*place, at))
            else:
                yield from _matching(item, pattern[1:], (*place, at))


def _matching(value: Value, pattern: KeyPath, place: Place = ()) -> Iterable[Place]:
    """The places in a document that a pattern names."""
    if not pattern:
        yield place
        return
    if isinstance(value, Mapping):
        for name in _names(value, pattern[0]):
            yield from _matching(value[name], pattern[1:], (*place, name))
    elif isinstance(value, list) and pattern[0] == "*":
        for at, item in enumerate(value):
            yield from _matching(item, pattern[1:], (*place, at))


def _names(value: Mapping[str, Value], first: str) -> list[str]:
    return list(value) if first == "*" else [first] if first in value else []


def _order(place: Place) -> list[tuple[bool, int, str]]:
    return [(isinstance(key, int), key if isinstance(key, int) else 0, str(key)) for key in place]


def _projected(target: Value, source: Value, keys: Keys) -> Value:
    if isinstance(source, Mapping) and isinstance(target, Mapping):
        return {key: _projected(target[key], source[key], keys) for key in source if key in target}
    if isinstance(source, list) and _is_joined(target, keys):
        found = _indexes(target, keys)
        marks = [(item, found.get(_mark(item, keys))) for item in source]
        return [_projected(target[at], item, keys) for item, at in marks if at is not None]
    return target
