"""Change block collections of YAML: those that are written with indentation (pure).

What goes with a dropped key: its lines, the comment at their end, and the deeper comments below. A comment directly
above goes too if it is of this key alone: no other key follows in the next line, and it doesn't begin the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from broadcast.compose.keys import Value
from broadcast.compose.yaml_document import Entry, Node
from broadcast.compose.yaml_page import Page, Patch, space_before_comment
from broadcast.compose.yaml_text import ends_in_block_scalar, is_inline, item_lines, key_lines, written
from broadcast.compose.yaml_values import FlowList, FlowMap

_COMMENT = re.compile(r"(?:[ \t]+[&!]\S*)*(?:[ \t]*[|>][-+0-9]*)?(?:([ \t]+#.*)|[ \t]*)")


def added(page: Page, node: Node, items: Sequence[tuple[str, Value]], *, is_dashed_flat: bool) -> Patch:
    """New keys or items at the end of a collection; `is_dashed_flat`: its dashes stand below the parent's keys."""
    column = page.column(node.inner)
    at = page.tail(node.end, column + is_dashed_flat, over_blanks=False)
    if ends_in_block_scalar(items[-1][1]):  # which takes in the deeper comments below
        at = max(at, page.tail(node.end, column + 1))
    made: list[str] = []
    for key, value in items:
        is_mapping = node.kind == "mapping"
        made += key_lines(key, value, column, page.style) if is_mapping else item_lines(value, column, page.style)
    return Patch(at, at, "".join(f"{line}\n" for line in made))


def dropped(page: Page, node: Node, gone: set[int]) -> Iterable[Patch]:
    """Without the entries of these indexes; at least one stays."""
    column = page.column(node.inner)
    kept = next(at for at in range(len(node.entries)) if at not in gone)
    is_after_dash = not page.is_first(node.inner)
    if is_after_dash and kept:
        last = node.entries[kept - 1]
        end = page.tail(last.end, column + 1)
        yield Patch(node.entries[0].start, _content(page, end), "")
    for at in sorted(gone):
        if not is_after_dash or at > kept:
            above = page.after(node.entries[at - 1].end) if at else page.start(node.inner) if is_after_dash else 0
            yield _dropped_lines(page, node.entries[at], column, above)


def _content(page: Page, index: int) -> int:
    """The first character after blanks and line breaks, so that a comment stays."""
    while index < len(page.text) and page.text[index] in " \t\r\n\x85\u2028\u2029":
        index += 1
    return index


def _dropped_lines(page: Page, entry: Entry, column: int, above: int) -> Patch:
    end = page.tail(entry.end, column + 1)
    following = page.line(end)
    bare = following.lstrip(" \t")
    has_neighbour = bare and not bare.startswith("#") and len(following) - len(bare) == column
    start = page.start(entry.start) if has_neighbour else page.head(entry.start, above)
    return Patch(start, end, "")


def replaced(page: Page, parent: Node, entry: Entry, value: Value) -> Patch:
    """Another value of a key, or another item."""
    node = entry.value
    value = _styled(node, value)
    anchor = f"&{node.anchor} " if node.anchor and node.kind != "alias" else ""
    column = page.column(parent.inner)
    is_line = not node.is_empty and not (node.style == "block" or node.style in {"|", ">"})
    if is_line and is_inline(value) and value is not None:
        first = written(value, column, page.style).first
        return Patch(node.start, node.end, anchor + first + space_before_comment(page, node.end))
    return _rewritten(page, parent, entry, value, anchor)


def _rewritten(page: Page, parent: Node, entry: Entry, value: Value, anchor: str) -> Patch:
    """All that follows the colon or dash; a comment on its line stays."""
    node, column = entry.value, page.column(parent.inner)
    is_nested = node.style == "block" or node.style in {"|", ">"}
    found = _COMMENT.fullmatch(page.text[entry.head : page.end(entry.head)]) if is_nested else None
    comment = (found[1] or "") if found else ""
    if not is_nested:
        rest = page.text[entry.end : page.end(entry.end)]
        comment = space_before_comment(page, entry.end) + rest if rest.lstrip(" \t").startswith("#") else ""
    is_item, is_apart = parent.kind == "sequence", bool(comment or anchor)
    first, below = written(
        value,
        column,
        page.style,
        after_dash=is_item and not (is_apart and isinstance(value, dict | list)),
        at=_column_below(page, node, value, column, is_item=is_item),
    )
    head = f" {anchor}{first}".rstrip(" ") + comment
    takes_comments = is_nested or ends_in_block_scalar(value)  # those deeper than the key
    end = page.tail(entry.end, column + 1) if takes_comments else page.after(entry.end)
    return Patch(entry.head, end, "".join(f"{line}\n" for line in [head, *below]))


def _column_below(page: Page, node: Node, value: Value, column: int, *, is_item: bool) -> int | None:
    """Where the keys or dashes of a new value stand: where those of the old one did; None: as in the file."""
    if node.style == "block" and (is_item or node.kind == ("sequence" if isinstance(value, list) else "mapping")):
        return page.column(node.inner)
    return column + 2 if is_item else None


def _styled(node: Node, value: Value) -> Value:
    """A collection with or without brackets, as the one that it replaces."""
    kind = "sequence" if isinstance(value, list) else "mapping" if isinstance(value, dict) else ""
    if not value or kind != node.kind or not node.entries:
        return value
    if node.style == "block":
        return list(value) if isinstance(value, list) else dict(value)
    items = value if isinstance(value, list) else value.values()
    if any(isinstance(one, dict | list) for one in items) or not all(map(is_inline, items)):
        return value
    return FlowList(value) if isinstance(value, list) else FlowMap(value)


def root_replaced(page: Page, root: Node, lines: list[str]) -> Patch:
    """Another value of the whole document."""
    is_first = page.is_first(root.start)
    rest = page.text[root.end : page.end(root.end)].strip(" \t") if root.style != "block" else ""
    made = [*([] if is_first else [""]), *([rest] if rest else []), *lines]
    start = page.start(root.start) if is_first else root.start
    end = page.tail(root.end, 1) if root.style == "block" else page.after(root.end)
    return Patch(start, end, "".join(f"{line}\n" for line in made))


def empty_filled(page: Page, end: int, lines: list[str]) -> Patch:
    """The keys of a document that has none."""
    at = page.start(end) if page.is_first(end) else len(page.text)
    return Patch(at, at, "".join(f"{line}\n" for line in lines))
