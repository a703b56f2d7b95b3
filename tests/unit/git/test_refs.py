"""Names of branches, as git-check-ref-format(1) takes them."""

from __future__ import annotations

import subprocess

import pytest

from broadcast.git.refs import is_legal_branch

LEGAL = ["main", "a/b", "@a", "a@", "a-b", "a.b", "ü", "HEAD/x", "head", "x.lock.y", "a" * 240, "a{b", "a@b}"]
ILLEGAL = [
    "", "@", "HEAD", "-a", "a.", "a/", "/a", "a//b", ".a", "a/.b", "a.lock", "a.lock/b", "a..b", "a@{b", "a b", "a~b",
    "a^b", "a:b", "a?b", "a*b", "a[b", "a\\b", "a\x7f", "a\x1f",
]  # fmt: skip


@pytest.mark.parametrize("name", LEGAL)
def test_a_legal_name_is_taken(name):
    assert is_legal_branch(name)
    assert _git_takes(name)


@pytest.mark.parametrize("name", ILLEGAL)
def test_an_illegal_name_is_refused(name):
    assert not is_legal_branch(name)
    assert name == "@" or not _git_takes(name)  # to git it is HEAD


@pytest.mark.parametrize("name", ["a" * 241, "ü" * 121])
def test_a_name_longer_than_file_systems_take_is_refused(name):
    assert not is_legal_branch(name)


def _git_takes(name: str) -> bool:
    return (
        subprocess.run(["git", "check-ref-format", "--branch", name], capture_output=True, check=False).returncode == 0
    )
