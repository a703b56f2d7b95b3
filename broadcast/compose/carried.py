"""What people changed in a target's file, carried back to the source's file that it comes from (pure).

Each function returns the source's new file. It is proven: rendered for the target, it is what the target has, with the
source's own changes since.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from broadcast.compose import blocks
from broadcast.compose.keys import Put, Value, applied, counterpart, differing, is_same
from broadcast.compose.lines import BOM, bytes_of, is_binary, is_utf8, split, text_of, usual_end
from broadcast.compose.merge import merged
from broadcast.compose.parts import Block, Keys, Unmergeable

if TYPE_CHECKING:
    from broadcast.compose.documents import Format

Render = Callable[[bytes], bytes | None]  # what the target gets of a source's file; None: it can't be rendered

_FILLED = "it touches what the source fills in for each target"
_BOTH = "the source has changed the same lines since"
_BY_HAND = "make this change by hand"


class Versions(NamedTuple):
    """One file in its versions."""

    source: bytes  # as the source has it
    now: bytes  # what the target gets of it
    base: bytes  # what the target had of it last
    theirs: bytes  # what the target has


def text(versions: Versions, render: Render) -> bytes:
    """A whole file. Raises Unmergeable."""
    source, now, base, theirs = versions
    if source == now == base:
        return theirs
    expected = merged(base, now, theirs)
    if expected.conflicts:
        raise Unmergeable(_BOTH, _BY_HAND, line=expected.conflicts[0].line)
    if source == now:
        return expected.content
    made = merged(base, source, theirs)
    if made.conflicts or render(made.content) != expected.content:
        raise Unmergeable(_FILLED, _BY_HAND, line=made.conflicts[0].line if made.conflicts else 0)
    return made.content


def block(versions: Versions, part: Block, path: str, render: Render) -> bytes | None:
    """What stands in a block; None where the target has no such block. Raises Unmergeable."""
    had = blocks.present(versions.theirs, part.id, path, part.comment)
    if had is None:
        return None
    source, now, base = map(blocks.normalised, versions[:3])

    def rendered(content: bytes) -> bytes | None:
        made = render(_as_written(content, versions.source))
        return None if made is None else blocks.normalised(made)

    return _as_written(text(Versions(source, now, base, had), rendered), versions.source)


def _as_written(body: bytes, like: bytes) -> bytes:
    """A body with the line ends, the end and the byte order mark of another file."""
    whole = text_of(like)
    lines = split(text_of(body))
    end = usual_end(split(whole))
    made = [f"{line.removesuffix(chr(10))}{end}" for line in lines]
    if made and whole and not whole.endswith("\n"):
        made[-1] = made[-1].removesuffix(end)
    return bytes_of([BOM if whole.startswith(BOM) else "", *made])


def keys(
    versions: Versions, older: Iterable[bytes], part: Keys, path: str, render: Render, *, is_known: bool
) -> bytes | None:
    """The values that the target has at the source's keys; None where none is people's. Raises Unmergeable.

    A value that the source once had there is none of people's; `older` are its versions, and `is_known` says whether
    the base is one of them.
    """
    from broadcast.compose import documents  # noqa: PLC0415  its libraries take long to load

    if any(is_binary(one) or not is_utf8(one) for one in versions):
        raise Unmergeable("a version of the file is no text in UTF-8", "convert it")
    source, now, base, theirs = (one.decode() for one in versions)
    kind = documents.format_of(path, now)
    if kind is None:
        raise Unmergeable("`mode: keys` is for JSON, YAML and TOML", "use `mode: block`")
    try:
        wanted, values = kind.load(now), kind.load(theirs)
        if not isinstance(wanted, Mapping) or not isinstance(values, Mapping):
            raise Unmergeable("it holds no keys at its top level", "write a mapping there")
        once = _loaded(kind, older)
        puts = [one for one in differing(values, wanted, part) if not _was(once, wanted, one, part)]
        if not puts:
            return None
        if is_known:
            _refuse_moved(kind.load(base), wanted, puts, part)
        _refuse_filled(kind.load(source), wanted, puts)
        made = kind.apply(source, puts).encode()
        rendered = render(made)
        if rendered is None or not is_same(kind.load(rendered.decode()), applied(wanted, puts)):
            raise Unmergeable(_FILLED, _BY_HAND)
    except RecursionError:
        raise Unmergeable("it nests too deeply", "nest it less") from None
    return made


def _loaded(kind: Format, older: Iterable[bytes]) -> Sequence[Value]:
    """The values of older versions; without those that are no documents."""
    found = []
    for one in older:
        try:
            found.append(kind.load(one.decode()))
        except (Unmergeable, UnicodeDecodeError):
            continue
    return found


def _was(once: Sequence[Value], wanted: Value, put: Put, part: Keys) -> bool:
    """Whether an older version had this value at this place."""
    for value in once:
        try:
            if is_same(counterpart(value, wanted, put.place, part), put.value):
                return True
        except LookupError:
            continue
    return False


def _refuse_moved(base: Value, wanted: Value, puts: Sequence[Put], part: Keys) -> None:
    """Raise Unmergeable where the source has changed the same value."""
    for put in puts:
        try:
            is_moved = not is_same(counterpart(base, wanted, put.place, part), _at(wanted, put.place))
        except LookupError:
            continue
        if is_moved:
            raise Unmergeable(f"the source has changed {_named(put)} since", _BY_HAND)


def _refuse_filled(source: Value, wanted: Value, puts: Sequence[Put]) -> None:
    """Raise Unmergeable where the source has no plain value, but one that is filled in."""
    for put in puts:
        try:
            is_plain = is_same(_at(source, put.place), _at(wanted, put.place))
        except (LookupError, TypeError):
            is_plain = False
        if not is_plain:
            raise Unmergeable(f"the source fills in {_named(put)} for each target", _BY_HAND)


def _at(value: Value, place: tuple[str | int, ...]) -> Value:
    for key in place:
        value = value[key]
    return value


def _named(put: Put) -> str:
    return ".".join(map(str, put.place)) or "the document"
