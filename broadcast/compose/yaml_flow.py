"""Change flow collections of YAML: those that are written with brackets (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from broadcast.compose.keys import Value
from broadcast.compose.yaml_document import Entry, Node, skip
from broadcast.compose.yaml_page import Page, Patch, space_before_comment
from broadcast.compose.yaml_text import flow, flow_pair


def added(page: Page, node: Node, items: Sequence[tuple[str, Value]]) -> Iterable[Patch]:
    """New keys or items after the last entry, each on its line if that is."""
    last = node.entries[-1]
    made = [flow_pair(key, value) if node.kind == "mapping" else flow(value) for key, value in items]
    comma = skip(page.text, last.end)
    has_comma = page.text[comma : comma + 1] == ","
    at = comma + 1 if has_comma else last.end
    space = "" if has_comma else _space_after_colon(page, last)
    if not page.is_first(last.start):
        yield Patch(at, at, " " + ", ".join(made) + "," if has_comma else f"{space}, " + ", ".join(made))
        return
    indent = " " * page.column(last.start)
    if not has_comma:
        yield Patch(at, at, f"{space},")
    lines = "".join(f"\n{indent}{one}," for one in made)
    end = page.end(at) if skip(page.text, at) >= page.end(at) else at
    yield Patch(end, end, lines if has_comma else lines[:-1])


def dropped(page: Page, node: Node, gone: set[int]) -> Iterable[Patch]:
    """Without the entries of these indexes; at least one stays."""
    kept = next(at for at in range(len(node.entries)) if at not in gone)
    for at in sorted(gone):
        entry = node.entries[at]
        if at < kept:
            yield Patch(entry.start, node.entries[at + 1].start, "")
        elif _has_own_lines(page, node, at):
            yield Patch(page.start(entry.start), page.after(_comma(page, entry)), "")
        else:
            yield Patch(node.entries[at - 1].end, entry.end, _space_after_colon(page, node.entries[at - 1]))


def replaced(page: Page, entry: Entry, value: Value) -> Patch:
    """Another value of a key, or another item."""
    node = entry.value
    anchor = f"&{node.anchor} " if node.anchor and node.kind != "alias" else ""
    if not node.is_empty or entry.key is None:
        return Patch(node.start, node.end, anchor + flow(value) + space_before_comment(page, node.end))
    has_colon = entry.head > entry.key.end
    return Patch(entry.head, entry.head, f" {flow(value)}" if has_colon else f": {flow(value)}")


def _space_after_colon(page: Page, entry: Entry) -> str:
    """A space where a key has no value: a comma or bracket can't follow its colon."""
    return " " if page.text[entry.end - 1 : entry.end] == ":" else ""


def _comma(page: Page, entry: Entry) -> int:
    found = skip(page.text, entry.end)
    return found if page.text[found : found + 1] == "," else entry.end


def _has_own_lines(page: Page, node: Node, at: int) -> bool:
    """Whether nothing else stands on the lines of an entry that isn't the first to stay."""
    entry = node.entries[at]
    end = page.end(_comma(page, entry))
    following = node.entries[at + 1].start if at + 1 < len(node.entries) else node.end - 1
    return page.is_first(entry.start) and following >= end
