"""How files of a kind write comments."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcast.compose.comments import comment_of, commented

HASH, SLASHES, ANGLES = ("#", ""), ("//", ""), ("<!--", "-->")
KINDS = {
    HASH: """
        .gitignore .gitattributes .dockerignore CODEOWNERS .github/CODEOWNERS Makefile GNUmakefile Dockerfile
        Dockerfile.dev docker/web.Dockerfile .github/workflows/ci.yml a.yaml pyproject.toml a/b.py run.sh a.rb
        .editorconfig .env .env.local .env.example .npmrc main.tf setup.cfg nginx.conf requirements.txt
        requirements-dev.txt requirements/test.in Gemfile Justfile .gitconfig .mailmap CMakeLists.txt
        .husky/pre-commit config.yml.dist Pipfile .tool-versions schema.graphql .terraformignore a.properties
    """,
    SLASHES: """
        a.js a.ts a.tsx a.go a.rs A.java a.kt a.kts a.c a.h a.cpp a.cs a.swift a.scala a.php a.json5 a.jsonc
        build.gradle a.proto Jenkinsfile Jenkinsfile.release tsconfig.json tsconfig.base.json .vscode/settings.json
        .devcontainer/devcontainer.json go.mod a.scss README.adoc
    """,
    ANGLES: "README.md docs/index.html pom.xml logo.svg App.vue a.csproj a.svelte NOTES.MARKDOWN",
    ("/*", "*/"): "a.css",
    ("{/*", "*/}"): "docs/a.mdx",
    ("--", ""): "a.sql a.lua a.hs",
    (";", ""): "php.ini tox.ini",
    (";;", ""): "a.el a.clj",
    ("%", ""): "a.tex",
    ('"', ""): "a.vim .vimrc",
    ("@rem", ""): "a.bat a.cmd",
    ("{{--", "--}}"): "foo.blade.php",
    ("{#", "#}"): "site.yml.j2 a.twig",
    ("<%#", "%>"): "a.html.erb",
    None: """
        package.json composer.json LICENSE notes.txt a.csv .nvmrc .python-version go.sum logo.png MANIFEST.in a
        .github json md x/.md/y yarn.lock
    """,
}  # fmt: skip


@pytest.mark.parametrize(("path", "comment"), [(path, kind) for kind, paths in KINDS.items() for path in paths.split()])
def test_a_file_has_the_comments_of_its_kind(path, comment):
    assert comment_of(path) == comment


def test_the_folder_of_a_file_says_nothing_of_its_kind():
    assert comment_of("a.py/package.json") is None
    assert comment_of("deep/er/.github/CODEOWNERS") == HASH


def test_a_name_of_many_endings_takes_no_recursion():
    assert comment_of("a" + ".in" * 5000) is None
    assert comment_of("a.py" + ".in" * 5000) == HASH


@given(
    text=st.text(alphabet="-*/<>!{}#%@() \\a\n\u2028\x0b"),
    path=st.sampled_from(["a.md", "a.css", "a.mdx", "a.twig", "a.ml", "a.erb", "a.jsp", "a.hbs", "a.cshtml", "a.go"]),
)
def test_no_text_ends_its_comment(text, path):
    begin, end = comment_of(path)
    line = commented(text, (begin, end))
    inside = line.removeprefix(begin).removesuffix(end)
    assert len(line.splitlines()) == 1
    assert not line.endswith("\\")
    assert not end or end[:2] not in inside
    assert not end or begin not in inside
    assert [sign for sign in text if sign.strip() and sign != "\\"] == [
        sign for sign in inside if sign.strip() and sign != "\\"
    ]


def test_a_text_without_signs_stays_as_it_is():
    assert (
        commented("managed by acme/templates; edit there", ANGLES) == "<!-- managed by acme/templates; edit there -->"
    )
    assert commented("", HASH) == "#"
    assert commented("a -- b", HASH) == "# a -- b"
