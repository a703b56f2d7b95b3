"""Put keys into a YAML document; only the lines of changed keys differ (pure).

The text is edited at the places that PyYAML's parser gives (`yaml_document`): a library that writes documents again, as
ruamel.yaml does, changes indentation, quotes and line widths of what it should leave alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NoReturn

from broadcast.compose.keys import Edit, Value, applied, is_same
from broadcast.compose.parts import Unmergeable
from broadcast.compose.yaml_document import BREAK, Document, Node, is_kept, read, refuse
from broadcast.compose.yaml_edits import Editor
from broadcast.compose.yaml_page import Patch, patched
from broadcast.compose.yaml_reading import Values

_NEWLINE = re.compile("\r\n|[\n\r]")
_MARK = "\ufeff"  # a byte order mark


def load(text: str) -> Value:
    """The value of a document. Raises Unmergeable if it is broken, or has a key twice."""
    return Values(read(text.removeprefix(_MARK))).root()


def apply(text: str, edits: Sequence[Edit]) -> str:
    """The text with the edits made. Raises Unmergeable where that would change the value of another key."""
    if not edits:
        return text
    body = text.removeprefix(_MARK)
    return text[: len(text) - len(body)] + _applied(body, edits)


def _applied(text: str, edits: Sequence[Edit]) -> str:
    document = read(text)
    if text and BREAK.match(text, len(text) - 1) is None:
        return _without_end(document, edits)
    made, shared = _patched(document, edits)
    kept = _kept(document)
    if (shared or kept) and not _is_as_wanted(document, edits, made):
        _refuse(document, shared, kept)
    return made


def _patched(document: Document, edits: Sequence[Edit], *, first: Sequence[Patch] = ()) -> tuple[str, Node | None]:
    editor = Editor(document)
    editor.edit_root(edits)
    newline = _newline(document.text)
    patches = (patch._replace(text=patch.text.replace("\n", newline)) for patch in [*first, *editor.patches])
    return patched(document.text, patches), editor.shared


def _without_end(document: Document, edits: Sequence[Edit]) -> str:
    """For a text whose last line has no end: with none again, unless a block scalar would lose its line break."""
    attempts = list(_attempts(document.text, edits))
    found = next((made for made, _ in attempts if _is_as_wanted(document, edits, made)), None)
    if found is None:
        _refuse(document, attempts[0][1], _kept(document))
    return found


def _attempts(text: str, edits: Sequence[Edit]) -> Iterable[tuple[str, Node | None]]:
    newline = _newline(text)
    ended = read(text + newline)
    for first in ([], _stripped(ended)):
        made, shared = _patched(ended, edits, first=first)
        yield made.removesuffix(newline), shared
        yield made, shared


def _newline(text: str) -> str:
    found = _NEWLINE.search(text)
    return found[0] if found else "\n"


def _stripped(document: Document) -> list[Patch]:
    """The last value without its line break, if it is a block scalar."""
    last = _last(document)
    if last is None or last.style not in {"|", ">"}:
        return []
    plus = document.text.find("+", last.inner, last.inner + 3) if is_kept(document.text[last.inner :]) else -1
    return [Patch(last.inner + 1, last.inner + 1, "-") if plus < 0 else Patch(plus, plus + 1, "-")]


def _last(document: Document) -> Node | None:
    node = document.root
    while node is not None and node.entries:
        node = node.entries[-1].value
    return node


def _kept(document: Document) -> Node | None:
    """The first block scalar that holds the blank lines below it."""
    queue = [document.root] if document.root else []
    for node in queue:
        if node.style in {"|", ">"} and is_kept(document.text[node.inner : node.inner + 3]):
            return node
        queue += [entry.value for entry in node.entries]
    return None


def _is_as_wanted(document: Document, edits: Sequence[Edit], made: str) -> bool:
    try:
        return is_same(load(made), applied(Values(document).root(), edits))
    except Unmergeable:
        return False


def _refuse(document: Document, shared: Node | None, kept: Node | None) -> NoReturn:
    if shared is not None:
        reason = f"the value with the anchor &{shared.anchor} would change, and so would others that name it"
        remedy = f"write the value in place of *{shared.anchor}, or merge these keys too"
        refuse(document.text, shared.start, reason, remedy)
    if kept is not None:
        reason = "this block scalar would take in other blank lines"
        refuse(document.text, kept.inner, reason, "write it with `|` in place of `|+`")
    raise Unmergeable("the file has no final line break, which its last value needs", "add one")
