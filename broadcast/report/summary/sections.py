"""Sections of a page, cut to a number of bytes: lists that fold, tables that leave out rows (pure)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence

from msgspec import Struct

from broadcast.markdown import code, counted, many
from broadcast.report import by_directory

FEW, SHOWN = 5, 3  # names that are shown; of more than FEW, the first SHOWN
_BREAK = "<br>"
CAPS = (65_536, 16_384, 4_096, 512, 0)  # bytes that one cell may fold away; fewer where the whole gets too long


def folded(label: str, items: Sequence[str], cap: int, between: str = ", ") -> str:
    """`label` that unfolds to the items, or to as many of them as `cap` bytes hold."""
    kept = list(_within(items, cap, len(between)))
    if not kept:
        return label
    more = f"{between}… and {many(len(items) - len(kept))} more" if len(kept) < len(items) else ""
    return f"<details><summary>{label}</summary>{between.join(kept)}{more}</details>"


def listed(items: Sequence[str], noun: str, cap: int, between: str = ", ") -> str:
    """All of a few items; of many, their number, the first ones, and the rest folded."""
    if len(items) <= FEW:
        return between.join(items)
    rest = folded(f"and {many(len(items) - SHOWN)} more", items[SHOWN:], cap, between)
    colon = ": " if between == ", " else f":{between}"
    return f"**{many(len(items))}** {noun}{colon}{between.join(items[:SHOWN])} {rest}"


def filed(
    items: Mapping[str, str],
    cap: int,
    label: Callable[[Sequence[str]], str] = lambda paths: counted(len(paths), "file"),
) -> str:
    """All of a few files, by path; of many, their directories, each with a `label`, that unfold to the items."""
    if len(items) <= by_directory.FEW:
        return _BREAK.join(items.values())
    folders = by_directory.by_directory(items)
    parts = [_folder(one, items, cap // len(folders), label(one.paths), is_whole=len(folders) == 1) for one in folders]
    return "".join(part if part.startswith("<details>") else f"{part}{_BREAK}" for part in parts).removesuffix(_BREAK)


def _folder(one: by_directory.Folder, items: Mapping[str, str], cap: int, label: str, *, is_whole: bool) -> str:
    if len(one.paths) == 1:
        return items[one.paths[0]]
    where = f" in {code(one.name)}" if one.name else "" if is_whole else " elsewhere"
    return folded(f"{label}{where}", [items[path] for path in one.paths], cap, _BREAK)


class Section(Struct, frozen=True):
    """A section that may leave out rows; it then says how many, and stays valid Markdown."""

    head: Sequence[str]  # lines
    rows: Callable[[int], Sequence[str]]  # one line each, with as many bytes in each cell's fold
    tail: Sequence[str] = ()  # lines
    where: str = "the log has them all"


def fitted(section: Section, room: int) -> str:
    """The section in at most `room` bytes, if its head fits; rows that don't fit are counted."""
    room -= size(section.head) + size(section.tail) + 100
    rows: Sequence[str] = ()
    for cap in CAPS:
        rows = section.rows(cap)
        if size(rows) <= room:
            return "\n".join((*section.head, *rows, *section.tail, ""))
    kept = list(_within(rows, room, 1))
    rest = f"… and {many(len(rows) - len(kept))} more; {section.where}."
    return "\n".join((*section.head, *kept, "", rest, *section.tail, ""))


def size(lines: Iterable[str]) -> int:
    """Bytes of these lines, with their ends."""
    return sum(len(line.encode()) + 1 for line in lines)


def _within(items: Iterable[str], room: int, between: int) -> Iterable[str]:
    for item in items:
        room -= len(item.encode()) + between
        if room < 0:
            return
        yield item
