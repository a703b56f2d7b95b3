"""Attributes of paths: which file and which line has the last word, macros, quoting, and git's own answer to all that."""

from __future__ import annotations

import subprocess

import pytest

from broadcast.git.attributes import MAX_LINE, Attributes

NAMES = ("text", "eol", "filter", "ident", "binary", "mine", "other")


def attributes(files: dict[str, str], info: str = "") -> Attributes:
    return Attributes(lambda path: files.get(path.decode(), "").encode(), info.encode())


@pytest.mark.parametrize(
    ("files", "info", "path"),
    [
        ({".gitattributes": "*.txt text eol=lf\n"}, "", "a.txt"),
        ({".gitattributes": "*.txt text eol=lf\n"}, "", "deep/er/a.txt"),
        ({".gitattributes": "*.txt -text\n*.txt text\n"}, "", "a.txt"),
        ({".gitattributes": "*.txt text\n*.txt !text\n"}, "", "a.txt"),
        ({".gitattributes": "*.txt text\na.* -text ident\n"}, "", "a.txt"),
        ({".gitattributes": "*.txt text\n", "d/.gitattributes": "*.txt -text\n"}, "", "d/a.txt"),
        ({".gitattributes": "*.txt text\n", "d/.gitattributes": "d/*.txt -text\n"}, "", "d/a.txt"),
        ({"d/.gitattributes": "/a.txt -text\n"}, "", "d/a.txt"),
        ({"d/.gitattributes": "/a.txt -text\n"}, "", "d/e/a.txt"),
        ({".gitattributes": "*.txt text\n", "d/.gitattributes": "*.txt -text\n"}, "*.txt text=auto\n", "d/a.txt"),
        ({".gitattributes": "*.bin binary\n"}, "", "a.bin"),
        ({".gitattributes": "*.bin binary text\n"}, "", "a.bin"),
        ({".gitattributes": "*.bin text binary\n"}, "", "a.bin"),
        ({".gitattributes": "*.bin -binary\n"}, "", "a.bin"),
        ({".gitattributes": "[attr]mine text eol=crlf\n*.x mine\n"}, "", "a.x"),
        ({".gitattributes": "[attr]mine other\n[attr]other ident\n*.x mine\n"}, "", "a.x"),
        ({".gitattributes": "*.x mine\n"}, "[attr]mine filter=lfs\n", "a.x"),
        ({".gitattributes": "[attr]mine ident\n*.x mine\n"}, "[attr]mine filter=lfs\n", "a.x"),
        ({".gitattributes": "[attr]mine text\n*.x mine\n*.x -mine\n"}, "", "a.x"),
        ({"d/.gitattributes": "[attr]mine text\n*.x mine\n"}, "", "d/a.x"),
        ({".gitattributes": "[attr]binary ident\n*.x binary\n"}, "", "a.x"),
        ({".gitattributes": '"a b.txt" text\n'}, "", "a b.txt"),
        ({".gitattributes": '"a\\"b" text\n'}, "", 'a"b'),
        ({".gitattributes": '"a b.txt" \t text   ident\n'}, "", "a b.txt"),
        ({".gitattributes": "# *.txt text\n\n   \n*.txt ident\n"}, "", "a.txt"),
        ({".gitattributes": "!*.txt text\n"}, "", "a.txt"),
        ({".gitattributes": "  *.txt\ttext\r\n"}, "", "a.txt"),
        ({".gitattributes": "*.txt eol=a=b filter=\n"}, "", "a.txt"),
        ({".gitattributes": "d/ text\nd/* ident\n"}, "", "d/a"),
        ({".gitattributes": "d/**/a text\n**/a ident\n"}, "", "d/e/f/a"),
        ({".gitattributes": f"*.txt text {'x' * (MAX_LINE - 12)}\n"}, "", "a.txt"),
        ({".gitattributes": f"*.txt text {'x' * (MAX_LINE - 11)}\n*.txt ident\n"}, "", "a.txt"),
    ],
)
def test_every_attribute_has_the_value_that_git_gives_it(tmp_path, files, info, path):
    assert shown(attributes(files, info), path) == of_git(tmp_path, files, info, path)


def shown(found: Attributes, path: str) -> dict[str, str]:
    """Our answer in the words of `git check-attr`."""
    words = {True: "set", False: "unset"}
    values = {name.decode(): value for name, value in found.of(path.encode()).items()}
    return {name: words.get(value) or value.decode() for name, value in values.items() if name in NAMES}


def of_git(root, files: dict[str, str], info: str, path: str) -> dict[str, str]:
    subprocess.run(["git", "init", "-q", root], check=True)
    for name, content in (files | {".git/info/attributes": info}).items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(content)
    said = subprocess.run(
        ["git", "check-attr", "-z", *NAMES, "--", path], cwd=root, capture_output=True, text=True, check=True
    ).stdout.split("\0")
    return {name: value for name, value in zip(said[1::3], said[2::3], strict=False) if value != "unspecified"}


def test_a_file_is_read_once_and_only_above_the_path():
    asked = []
    found = Attributes(lambda path: asked.append(path) or b"*.txt text\n")
    assert [found.of(path) for path in (b"a/b.txt", b"a/c.txt", b"d.txt")] == [{b"text": True}] * 3
    assert asked == [b".gitattributes", b"a/.gitattributes"]


def test_a_malformed_pattern_matches_nothing_and_spoils_no_other_line():
    assert attributes({".gitattributes": "a[ text\n/ text\n*.txt ident\n"}).of(b"a.txt") == {b"ident": True}


def test_patterns_speak_of_bytes():
    found = Attributes(lambda path: b"\xff* text\n" if path == b".gitattributes" else b"")
    assert (found.of(b"\xffa"), found.of(b"\xfea")) == ({b"text": True}, {})
