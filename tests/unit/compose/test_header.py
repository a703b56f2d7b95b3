"""Comments at the top of files."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcast.compose.comments import comment_of
from broadcast.compose.header import with_header

TEXT = "managed by acme/templates"


def done(content, path, text=TEXT):
    return with_header(content.encode(), text, path).decode()


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("a.py", "§import os\n"),
        ("a.py", "\ufeff§import os\n"),
        ("a.py", "#!/usr/bin/env python3\n§import os\n"),
        ("a.py", "#!/usr/bin/env python3\n# -*- coding: latin-1 -*-\n§import os\n"),
        ("a.py", "# vim: set fileencoding=utf-8 :\n§import os\n"),
        ("a.rb", "# encoding: utf-8\n§\n\nputs\n"),
        ("a.sh", "#!/bin/sh\n§"),
        ("_a.zsh", "#compdef a\n§echo\n"),
        ("a.ini", "§[a]\r\nb=1\r\n"),
        ("a.xml", '<?xml version="1.0"?>\n§<a/>\n'),
        ("a.xml", '<?xml version="1.0"\n  encoding="utf-8"?>\n<!DOCTYPE a [\n<!ENTITY b "c">\n]>\n§<a/>\n'),
        ("a.html", "<!doctype html>\n§<html>\n"),
        ("a.html", "<!DOCTYPE html PUBLIC\n 'x'>\n§<html>\n"),
        ("a.html.erb", "<!doctype html>\n§<html>\n"),
        ("a.css", '@charset "utf-8";\n§a {}\n'),
        ("a.scss", '---\n---\n@charset "utf-8";\n§a {}\n'),
        ("a.php", "<?php\n§namespace A;\n"),
        ("a.php", "<?php declare(strict_types=1);\n§namespace A;\n"),
        ("a.php", "#!/usr/bin/env php\n<?php\n§echo 1;\n"),
        ("a.md", "§Text\n"),
        ("a.md", "---\ntitle: a\n---\n§Text\n"),
        ("a.md", "+++\ntitle = 'a'\n+++\n§Text\n"),
        ("a.Rmd", "---\noutput: html_document\n...\n§Text\n"),
        ("a.md", "§---\n\nno front matter\n"),
        ("a.yml", "§a: 1\n"),
        ("a.yml", "---\n§a: 1\n"),
        ("a.yml", "%YAML 1.2\n--- # one\n§a: 1\n---\nb: 1\n"),
        ("a.yml", "§a: 1\n---\nb: 1\n"),
        ("Dockerfile", "# syntax=docker/dockerfile:1\n# escape=`\n§FROM a\n"),
        ("a/Dockerfile.dev", "#syntax = docker/dockerfile:1\n§FROM a\n"),
        ("Package.swift", "// swift-tools-version:5.9\n§import PackageDescription\n"),
        ("a.js", "/**\n * @jest-environment jsdom\n */\n§test()\n"),
        ("a.js", "§'use strict'\n"),
        ("a.rs", "§#![allow(dead_code)]\n"),
        ("a.tex", "%&latex\n§\\documentclass{a}\n"),
        ("a.feature", "# language: fr\n§Fonctionnalité: a\n"),
    ],
)  # fmt: skip
def test_a_header_stands_below_what_has_to_stay_first(path, content):
    head, _, rest = content.partition("§")
    begin, end = comment_of(path)
    newline = "\r\n" if "\r\n" in content else "\n"
    before, after = head + rest, f"{head}{f'{begin} {TEXT} {end}'.rstrip()}{newline}{rest}"
    assert done(before, path) == after
    assert done(after, path) == after


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("a.go", "// Copyright\n\npackage a\n"),
        ("a.go", "//go:build linux\n\npackage a\n"),
        ("a.go", "/* Package a */\npackage a\n"),
        ("a.go", "package a\n"),
        ("a.rb", "class A\nend\n"),
        ("a.py", "# SPDX-License-Identifier: MIT\n"),
        ("a.js", "/** a function */\nfunction a() {}\n"),
        ("a.md", "<!-- markdownlint-disable -->\n"),
    ],
)
def test_a_header_is_kept_apart_from_what_would_be_read_with_it(path, content):
    begin, end = comment_of(path)
    assert done(content, path) == f"{f'{begin} {TEXT} {end}'.rstrip()}\n\n{content}"


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("package.json", b"{}\n"),
        ("LICENSE", b"MIT\n"),
        ("a.py", b""),
        ("a.py", b"a\0b\n"),
        ("a.py", "a\n".encode("utf-16")),
        ("a.py", b"# \xe9\n"),
        ("a.svg", b'<?xml version="1.0"?><svg\nwidth="1"/>\n'),
        ("a.html", b"<!doctype html><html>\n</html>\n"),
        ("a.xml", b'<?xml version="1.0"\n'),
        ("a.php", b"<html>\n<?php echo 1;\n"),
        ("a.php", b"<?php if (a): ?>\n<b/>\n"),
        ("a.php", b"<?php echo '\n';\n"),
        ("a.php", b"<?php /* a;\n*/\n"),
    ],
)
def test_a_file_with_no_safe_place_for_a_comment_stays_as_it_is(path, content):
    assert with_header(content, TEXT, path) == content


def test_a_file_without_a_final_newline_stays_one():
    assert done("#!/bin/sh", "a.sh") == f"#!/bin/sh\n# {TEXT}"
    assert done("a", "a.sh") == f"# {TEXT}\na"


def test_a_text_of_many_lines_makes_many_comments():
    assert done("a\n", "a.py", "one\n\ntwo\n") == "# one\n#\n# two\na\n"
    assert done("a\n", "a.md", "one\n\ntwo -->") == "<!-- one -->\n<!-- -->\n<!-- two - -> -->\na\n"
    assert done("a {}\n", "a.css", "*/ a") == "/* * / a */\na {}\n"
    assert done("a\n", "a.py", " \n") == "a\n"


PATHS = [
    "a.py",
    "a.yml",
    "a.md",
    "a.css",
    "a.go",
    "a.php",
    "a.xml",
    "a.scss",
    "a.js",
    "Dockerfile",
    "a.twig",
    "a.feature",
]
LINES = st.sampled_from([
    "", "a", "# c", "// c", "/* @flow */", "<!-- c -->", "---", "+++", "#!/bin/sh", "<?php", "%YAML", "# coding: x", "# a=b",
    "<?xml ?>", "<!doctype a>", '@charset "a";', "# language: a", "package a", "é",
])  # fmt: skip
TEXTS = st.lists(
    st.sampled_from(
        ["coding: utf-8", "syntax=a", "language: fr", "-*- x -*-", "@flow", "--->*/", "---", "", "a \\", "a"]
    ),
    min_size=1,
    max_size=3,
)


@given(
    lines=st.lists(LINES, max_size=6),
    newline=st.sampled_from(["\n", "\r\n"]),
    final=st.booleans(),
    path=st.sampled_from(PATHS),
    text=TEXTS.map("\n".join),
)
def test_a_header_is_added_once_and_nothing_is_lost(lines, newline, final, path, text):
    content = newline.join(lines) + (newline if final and lines else "")
    after = done(content, path, text)
    assert done(after, path, text) == after
    newline = newline if newline in content else "\n"
    old, new = content.split(newline), after.split(newline)
    added = len(new) - len(old)
    assert any(new[:at] + new[at + added :] == old for at in range(len(old) + 1))
    assert after.count("\n") - after.count("\r\n") in {0, after.count("\n")}


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("line", ["# a=b", "---\na: b", "# coding", "<!doctype [\n<a", "/*\n@", "<?xml\n?"])
def test_a_large_file_takes_no_long_time(path, line):
    content = f"{line}\n".encode() * (1_000_000 // len(line))
    started = time.perf_counter()
    with_header(content, TEXT, path)
    assert time.perf_counter() - started < 2
