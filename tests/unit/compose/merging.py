"""Random merges of documents, and what has to hold after each; what is expected comes from plain values alone."""

from __future__ import annotations

import copy
import math
import re
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from broadcast.compose.parts import Keys, Lists

NAMES = ("name", "new", "a b", "x.y", "zürich", "0")
SCALARS = st.sampled_from([True, False, 0, 7, "text", 'quo"te', "it's", "back\\slash", "😀", "", "a\nb"])
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=3),
    max_leaves=5,
)
LISTS = st.sampled_from([Lists(), Lists("unite"), Lists("by", ("name",)), Lists("by", ("name", "path"))])


@st.composite
def sources(draw: st.DrawFn, target: Any) -> dict[str, Any]:
    """A source that shares keys with the target, at all depths, and has new ones."""
    source: dict[str, Any] = {}
    for key in draw(st.lists(st.sampled_from(sorted(target)), max_size=3, unique=True)) if target else ():
        source[key] = draw(_variant(target[key]))
    for key in draw(st.lists(st.sampled_from(NAMES), max_size=2, unique=True)):
        source.setdefault(key, _distinct(draw(VALUES)))
    return source


@st.composite
def _variant(draw: st.DrawFn, value: Any) -> Any:
    kind = draw(st.integers(0, 5))
    if kind == 0:
        return _distinct(draw(VALUES))
    if isinstance(value, dict):
        return draw(sources(value))
    if isinstance(value, list):
        kept = [item for item in value if draw(st.booleans())]
        return _distinct([*kept, *draw(st.lists(VALUES, max_size=2))])
    return value if kind < 3 else draw(SCALARS)


def _distinct(value: Any) -> Any:
    """A value without items of the same name, which a source may not have."""
    if isinstance(value, dict):
        return {key: _distinct(item) for key, item in value.items()}
    if not isinstance(value, list):
        return value
    seen: list[Any] = []
    found = []
    for item in map(_distinct, value):
        mark = item.get("name", item.get("path")) if isinstance(item, dict) else None
        if mark is None or not any(is_equal(mark, one) for one in seen):
            found.append(item)
        seen.append(mark)
    return found


@st.composite
def options(draw: st.DrawFn, target: Any) -> Keys:
    """Rules for a merge, with removals and guards that meet keys of the target."""
    places = list(_paths(target))
    chosen = st.lists(st.sampled_from(places), max_size=3) if places else st.just([])
    remove = [tuple(name if draw(st.integers(0, 4)) else "*" for name in place) for place in draw(chosen)]
    guards: Any = draw(st.just(False) | st.just(True) | st.just((("new",), ("*", "name"))))
    return Keys(draw(LISTS), tuple(remove), guards)


def _paths(value: Any, place: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    if isinstance(value, dict):
        return [path for key, item in value.items() for path in [(*place, key), *_paths(item, (*place, key))]]
    if isinstance(value, list):
        return [path for item in value for path in [(*place, "*"), *_paths(item, (*place, "*"))]]
    return []


def is_equal(one: Any, other: Any) -> bool:
    """Whether two plain values are equal, and true is not 1."""
    if isinstance(one, dict) and isinstance(other, dict):
        return one.keys() == other.keys() and all(is_equal(one[key], other[key]) for key in one)
    if isinstance(one, list) and isinstance(other, list):
        return len(one) == len(other) and all(map(is_equal, one, other))
    if isinstance(one, float | Decimal) and isinstance(other, float | Decimal) and math.isnan(one):
        return math.isnan(other)
    return isinstance(one, bool) == isinstance(other, bool) and bool(one == other)


def expected(target: Any, source: Any, keys: Keys) -> Any:
    """The merged value: removals first, then the source's keys, each rule by itself."""
    result = copy.deepcopy(target)
    result = _pruned(result, source, list(keys.remove), keys)
    return _joined(result, source, keys, ())


def _pruned(value: Any, source: Any, paths: list[tuple[str, ...]], keys: Keys) -> Any:
    """A value without what `paths` name; `source`: `...` where it says nothing of this value."""
    if isinstance(value, dict) and (source is ... or isinstance(source, dict)):
        beside = {} if source is ... else source
        tails = {key: [path[1:] for path in paths if path[0] in (key, "*")] for key in value}
        left = {key: _left(item, beside.get(key, ...), tails[key], keys) for key, item in value.items()}
        return {key: items[0] for key, items in left.items() if items}
    if isinstance(value, list) and (source is ... or (isinstance(source, list) and keys.lists.how != "replace")):
        inner = [path[1:] for path in paths if path[0] == "*"]
        found = [next((one for one in _items(source) if _meets(one, item, keys)), ...) for item in value]
        return [new for item, one in zip(value, found, strict=True) for new in _left(item, one, inner, keys)]
    return value


def _items(source: Any) -> list[Any]:
    return [] if source is ... else source


def _left(item: Any, beside: Any, paths: list[tuple[str, ...]], keys: Keys) -> list[Any]:
    """What stays of a value that the rest of `paths` leads from: one value or none."""
    if () in paths and beside is ...:
        return []
    return [_pruned(item, beside, [path for path in paths if path], keys)]


def _meets(one: Any, other: Any, keys: Keys) -> bool:
    names = keys.lists.by if keys.lists.how == "by" else ()
    marks = [isinstance(item, dict) and any(name in item for name in names) for item in (one, other)]
    if not any(marks):
        return is_equal(one, other)
    return all(marks) and all(is_equal(one.get(name), other.get(name)) for name in names)


def _guarded(keys: Keys, place: tuple[Any, ...]) -> bool:
    if isinstance(keys.only_if_present, bool):
        return keys.only_if_present
    starts = [place[: len(path)] for path in keys.only_if_present if len(path) <= len(place)]
    return any(
        all(name in ("*", str(key)) for name, key in zip(path, start, strict=True))
        for start in starts
        for path in keys.only_if_present
        if len(path) == len(start)
    )


def _joined(target: Any, source: Any, keys: Keys, place: tuple[Any, ...]) -> Any:
    if isinstance(target, dict) and isinstance(source, dict):
        result = dict(target)
        for key, item in source.items():
            here = (*place, key)
            if key in target:
                result[key] = _joined(target[key], item, keys, here)
            elif not _guarded(keys, here):
                new = _unguarded(item, keys, here)
                if new or not item or not isinstance(item, dict):
                    result[key] = new
        return result
    if isinstance(target, list) and isinstance(source, list) and keys.lists.how != "replace":
        return _united(target, source, keys, place)
    new = _unguarded(source, keys, place)
    return target if isinstance(source, dict) and source and not new else new


def _united(target: list[Any], source: list[Any], keys: Keys, place: tuple[Any, ...]) -> list[Any]:
    result = list(target)
    for item in source:
        at = next((n for n, one in enumerate(result) if _meets(one, item, keys)), None)
        named = keys.lists.how == "by" and isinstance(item, dict) and any(name in item for name in keys.lists.by)
        here = (*place, len(result) if at is None else at)
        if at is not None:
            result[at] = _joined(result[at], item, keys, here) if named else result[at]
        elif not (named and _guarded(keys, here)):
            new = _unguarded(item, keys, here) if named else item
            result.append({**new, **{name: item[name] for name in keys.lists.by if name in item}} if named else new)
    return result


def _unguarded(value: Any, keys: Keys, place: tuple[Any, ...]) -> Any:
    if isinstance(keys.only_if_present, bool) or not isinstance(value, dict):
        return value
    result = {}
    for key, item in value.items():
        new = _unguarded(item, keys, (*place, key))
        if not _guarded(keys, (*place, key)) and (new or not item or not isinstance(item, dict)):
            result[key] = new
    return result


def missing_lines(before: str, after: str, touched: set[int]) -> list[str]:
    """The lines of a document that a change lost, besides those that it may touch; commas and brackets are no loss."""
    left, at, missing = _lines(after), 0, []
    for index, line in enumerate(_lines(before)):
        if index in touched or not line.strip():
            continue
        found = next((place for place in range(at, len(left)) if left[place] == line), None)
        if found is None:
            missing.append(line)
        else:
            at = found + 1
    return missing


def _lines(text: str) -> list[str]:
    return re.sub(r"[,\[\]{}]", "", text.removeprefix("\ufeff")).split("\n")
