"""How many lines have to stay first in a file: what programs look for at its top alone (pure)."""

from __future__ import annotations

import re
from collections.abc import Sequence

from broadcast.compose.comments import Comment, comment_of

_DIRECTIVE = re.compile(r"#[ \t]*[A-Za-z][A-Za-z0-9_-]*[ \t]*=")  # of a Dockerfile
_ENCODING = re.compile(r"[ \t\f]*#[^\n]*coding[:=][ \t]*[-\w.]")
_FIRST = ("#compdef", "#autoload", "@charset", "// swift-tools-version", "//swift-tools-version", "%&")
_PRAGMA = re.compile(r"@(?:jest|flow|format|prettier|noprettier|jsx)")
_MARKUP = {"<!--", "{/*", "/*", "{#", "<%#", "<%--", "{{!--", "{{--", "@*"}
_SCRIPTS = (".cjs", ".cts", ".js", ".jsx", ".mjs", ".mts", ".ts", ".tsx")
_STYLES = (".less", ".sass", ".scss")


def length_of(lines: Sequence[str], path: str, comment: Comment | None = None) -> int | None:
    """How many lines a comment, or a block, has to leave above it; None where no place near the top is safe."""
    path = path.lower()
    begin = (comment or comment_of(path) or ("", ""))[0]
    at = _interpreter(lines)
    if path.endswith((".php", ".phtml")) and begin == "//":
        return at + 1 if _is_open_php(lines[at : at + 1]) else None
    if path.endswith((".yml", ".yaml")):
        return _document(lines, at)
    if begin in _MARKUP or path.endswith(_STYLES):
        declared = _declarations(lines, _front_matter(lines, at))
        return None if declared is None else declared + _is_first(lines[declared : declared + 1], path)
    at = _encoding(lines, at) if begin == "#" else at
    at = _directives(lines, at) if _is_dockerfile(path) else at
    at = _pragmas(lines, at) if path.endswith(_SCRIPTS) else at
    return at + _is_first(lines[at : at + 1], path)


def _interpreter(lines: Sequence[str]) -> int:
    """`#!/bin/sh`, which `#![…]` of Rust isn't."""
    return int(bool(lines) and lines[0].startswith("#!") and not lines[0].startswith("#!["))


def _is_first(line: Sequence[str], path: str) -> int:
    language = path.endswith(".feature") and bool(line) and line[0].lstrip("# \t").startswith("language:")
    return int(language or (bool(line) and line[0].startswith(_FIRST)))


def _is_open_php(line: Sequence[str]) -> bool:
    """Whether a line begins PHP's part of a file, and ends between two statements."""
    if not line or not line[0].startswith("<?php") or "?>" in line[0]:
        return False
    rest = line[0].removeprefix("<?php").strip()
    return (
        not rest
        or rest.startswith(("//", "#"))
        or (rest.endswith(";") and not any(sign in rest for sign in ("'", '"', "/*")))
    )


def _is_dockerfile(path: str) -> bool:
    name = path.rpartition("/")[2]
    return name.startswith(("dockerfile", "containerfile")) or name.endswith(".dockerfile")


def _document(lines: Sequence[str], at: int) -> int:
    """YAML's directives and the `---` after them, with the comments before it."""
    for index in range(at, len(lines)):
        line = lines[index].strip()
        if line.split(" #")[0].rstrip() == "---" and lines[index].startswith("---"):
            return index + 1
        if line and not line.startswith(("#", "%")):
            break
    return at


def _front_matter(lines: Sequence[str], at: int) -> int:
    fence = lines[at].strip() if at < len(lines) else ""
    if fence not in {"---", "+++"}:
        return at
    ends = {fence, "..."} if fence == "---" else {fence}
    return next((index + 1 for index in range(at + 1, len(lines)) if lines[index].rstrip() in ends), at)


def _declarations(lines: Sequence[str], start: int) -> int | None:
    """`<?xml …?>` and `<!doctype …>`; None where one shares its last line with other text."""
    at: int | None = start
    for opening, closing in (("<?xml", "?>"), ("<!doctype", ">")):
        if at is None or at >= len(lines) or not lines[at].lstrip().lower().startswith(opening):
            continue
        at = _closed(lines, at, "]>" if opening == "<!doctype" and "[" in lines[at] else closing)
    return at


def _closed(lines: Sequence[str], at: int, closing: str) -> int | None:
    for index in range(at, len(lines)):
        line = lines[index] if closing != "]>" else lines[index].replace("] >", "]>")
        if closing in line:
            return index + 1 if line.rstrip().endswith(closing) and line.count(closing) == 1 else None
    return None


def _encoding(lines: Sequence[str], at: int) -> int:
    """The line that names the encoding, or the editor's mode; both count in the first two lines alone."""
    for index in range(at, min(2, len(lines))):
        if _ENCODING.match(lines[index]) or (lines[index].startswith("#") and lines[index].count("-*-") > 1):
            return index + 1
    return at


def _directives(lines: Sequence[str], at: int) -> int:
    while at < len(lines) and _DIRECTIVE.match(lines[at]):
        at += 1
    return at


def _pragmas(lines: Sequence[str], at: int) -> int:
    """A first comment that holds pragmas: Jest, Flow and Prettier read no other."""
    if at < len(lines) and lines[at].startswith("/*"):
        for index in range(at, len(lines)):
            if "*/" in lines[index]:
                held = any(_PRAGMA.search(line) for line in lines[at : index + 1])
                return index + 1 if held and lines[index].rstrip().endswith("*/") else at
    return at
