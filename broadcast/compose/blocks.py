"""Blocks of the source between two marked lines of a target's file (pure)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from broadcast.compose import marks
from broadcast.compose.comments import Comment, comment_of, commented
from broadcast.compose.lines import BOM, bytes_of, end_of, inserted, is_binary, is_utf8, split, text_of, usual_end
from broadcast.compose.parts import Block, BlockRemoval, Unmergeable
from broadcast.compose.prologue import length_of

_WITH_ROOT = (
    ".axaml", ".csproj", ".fsproj", ".plist", ".props", ".resx", ".storyboard", ".svg", ".targets", ".vbproj",
    ".vcxproj", ".xaml", ".xhtml", ".xib", ".xml", ".xsd", ".xsl", ".xslt",
)  # fmt: skip
_ROOT_ENDS = re.compile(r"</[^\s<>]+\s*>")


class _File(NamedTuple):
    bom: str
    lines: list[str]
    found: marks.Found


def put(before: bytes | None, body: bytes, block: Block, path: str, label: str) -> bytes:
    """The file with `body` in its block, which is added where it is new; all else stays byte for byte.

    `label` are the words after the id in the first mark. Raises Unmergeable.
    """
    comment = _comment(path, block.comment, block.id)
    wanted = _body(body, comment, before or b"")
    bom, lines, found = _file(before or b"", comment)
    begin = commented(f"broadcast:begin {block.id} {label}", comment)
    span = found.span(block.id)
    if span is None:
        new = [begin, *wanted, commented(f"broadcast:end {block.id}", comment)]
        is_php = path.lower().endswith((".php", ".phtml")) and comment[0] in ("//", "#", "/*")
        new = ["<?php", *new] if is_php and not lines else new
        after = _added(lines, new, found, block, path, created=before is None)
        if is_php:
            _refuse_outside_of_php(after, begin)
        return bytes_of([bom, *after])
    return bytes_of([bom, *_rewritten(lines, span, begin, wanted, comment)])


def taken_out(before: bytes, removal: BlockRemoval, path: str, comment: Comment | None) -> bytes:
    """The file without the block and its two marks, nor the blank line that was added with it. Raises Unmergeable."""
    bom, lines, found = _file(before, _comment(path, comment, removal.id))
    span = found.span(removal.id)
    if span is None:
        return before
    start, end, rest = lines[: span.begin], end_of(lines[span.begin]), lines[span.end + 1 :]
    followed = rest[:1] == [end] and span.end + 2 in found.begins  # by a block that was added after this one
    if start[-1:] == [end] and (followed or not rest):
        start.pop()
    if start and not rest and not end_of(lines[span.end]):
        start[-1] = start[-1].removesuffix(end)
    return bytes_of([bom, *start, *rest])


def present(before: bytes, block_id: str, path: str, comment: Comment | None) -> bytes | None:
    """What stands in the block, as `normalised` writes it; None where there is no such block. Raises Unmergeable."""
    _, lines, found = _file(before, _comment(path, comment, block_id))
    span = found.span(block_id)
    if span is None:
        return None
    indent = marks.indentation(lines[span.begin])
    inside = [_plain(line) for line in lines[span.begin + 1 : span.end]]
    return bytes_of(f"{line.removeprefix(indent) if line.strip() else line}\n" for line in inside)


def ids(before: bytes, path: str, comment: Comment | None) -> tuple[str, ...]:
    """The blocks of a file whose two marks are in order, from the top; none in a kind without comments."""
    comment = comment or comment_of(path)
    if comment is None or is_binary(before):
        return ()
    return _file(before, (comment[0].strip(), comment[1].strip())).found.ids()


def normalised(body: bytes) -> bytes:
    """A body as `present` gives it: with LF as line end, and a final newline."""
    return bytes_of(f"{_plain(line)}\n" for line in split(text_of(body).removeprefix(BOM)))


def _comment(path: str, comment: Comment | None, block_id: str) -> Comment:
    comment = comment or comment_of(path)
    if comment is None:
        raise Unmergeable("files of this kind have no comments, as far as is known", _instead(path), fault="config")
    if not marks.ID.fullmatch(block_id) or (comment[0] == "<!--" and "--" in block_id):
        raise Unmergeable(f"a comment here can't hold the id {block_id}", "choose another id", fault="config")
    return comment[0].strip(), comment[1].strip()


def _instead(path: str) -> str:
    from broadcast.compose.documents import format_of  # noqa: PLC0415  its libraries take long to load

    return "use `mode: keys`" if format_of(path) else "say with `comment:` what begins one, or use `mode: merge`"


def _file(content: bytes, comment: Comment) -> _File:
    if is_binary(content):
        raise Unmergeable("the file is binary, or in UTF-16", "take it out of the mapping, or store it as UTF-8")
    text = text_of(content)
    bom = BOM if text.startswith(BOM) else ""
    lines = split(text.removeprefix(bom))
    return _File(bom, lines, marks.found(lines, comment))


def _body(body: bytes, comment: Comment, before: bytes) -> list[str]:
    """The lines of a body, without line ends."""
    if is_binary(body):
        raise Unmergeable("the source is binary, or in UTF-16", "write it as UTF-8 text", fault="source")
    if not body.isascii() and not is_utf8(before):
        raise Unmergeable("the file isn't UTF-8, and the source has other letters than ASCII's", "store it as UTF-8")
    lines = [_plain(line) for line in split(text_of(body).removeprefix(BOM))]
    for at, line in enumerate(lines, 1):
        if marks.mark_of(line, comment):
            reason = "this line of the source looks like a mark of a block"
            raise Unmergeable(reason, "take it out: Broadcast writes the marks", line=at, fault="source")
    return lines


def _plain(line: str) -> str:
    return line.rstrip("\r\n")


def _rewritten(
    lines: list[str], span: marks.Span, begin: str, wanted: Sequence[str], comment: Comment
) -> Sequence[str]:
    """The same lines where the block is in step: other words after the id are no change."""
    mark = lines[span.begin]
    indent, end = marks.indentation(mark), end_of(mark)
    inside = [f"{indent if line.strip() else ''}{line}{end}" for line in wanted]
    if lines[span.begin + 1 : span.end] == inside:
        return lines
    if marks.mark_of(mark, comment) != marks.mark_of(begin, comment):
        mark = f"{indent}{begin}{end}"
    return [*lines[: span.begin], mark, *inside, *lines[span.end :]]


def _added(
    lines: list[str], new: list[str], found: marks.Found, block: Block, path: str, *, created: bool
) -> Sequence[str]:
    found.check()
    marks.check_unlike(lines, block.id)
    end = usual_end(lines)
    if not created and block.at.where == "end" and path.lower().endswith(_WITH_ROOT) and lines:
        return inserted(lines, _end_of_root(lines), new, end)
    if created or block.at.where == "end":
        return inserted(lines, len(lines), ["", *new] if lines else new, end)
    return inserted(lines, _place(lines, found, block, path), new, end)


def _end_of_root(lines: Sequence[str]) -> int:
    """The line that ends a document's only element: nothing but comments may follow it."""
    at = next((at for at in reversed(range(len(lines))) if lines[at].strip()), -1)
    if at < 0 or not _ROOT_ENDS.fullmatch(lines[at].strip()):
        remedy = "put the tag that ends the document on a last line of its own, or choose a place with `at`"
        raise Unmergeable("the end of the document has no place for a block", remedy, line=at + 1)
    return at


def _refuse_outside_of_php(lines: Sequence[str], begin: str) -> None:
    """Raise Unmergeable where a page would print the block. `?>` in a text counts too: people can write the marks."""
    at = next(index for index, line in enumerate(lines) if line.rstrip("\r\n") == begin)
    above = "".join(lines[:at]).lower()
    if above.rfind("?>") >= max(above.rfind("<?php"), above.rfind("<?=")):
        remedy = "choose another place with `at`, or write its two marks into PHP code there"
        raise Unmergeable("the block would stand outside of PHP code, after ?> or before <?php", remedy, line=at)


def _place(lines: list[str], found: marks.Found, block: Block, path: str) -> int:
    """The line before which a new block goes."""
    where, text = block.at.where, block.at.text
    if where == "start":
        at = length_of(lines, path, block.comment)
        if at is None:
            raise Unmergeable("the file has no place for a block at its start", "set `at: end`, or write the marks")
        return at
    beside = next((at for at, line in found.outside(lines) if text in line), None)
    if beside is None:
        raise Unmergeable(f"no line contains {text!r}", f"write it into the file, or choose other words for `{where}:`")
    return beside if where == "before" else beside + 1
