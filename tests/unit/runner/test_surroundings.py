"""What a command in a terminal finds around it: the root, the source in `origin`, and gh's token."""

from __future__ import annotations

import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcast.runner import surroundings
from broadcast.runner.surroundings import MAX_URL, gh_token, host_of, origin_of, repository_in, root_of
from tests.world import git


@pytest.mark.parametrize(
    ("url", "repository"),
    [
        ("https://github.com/acme/templates", "acme/templates"),
        ("https://github.com/acme/templates.git", "acme/templates"),
        ("https://github.com/acme/templates.git/", "acme/templates"),
        ("https://github.com/acme/templates/", "acme/templates"),
        ("https://sam@github.com/acme/templates.git", "acme/templates"),
        ("https://sam:ghp_secret@github.com/acme/templates.git", "acme/templates"),
        ("http://ghe.example:8080/acme/templates.git", "acme/templates"),
        ("ssh://git@github.com/acme/templates.git", "acme/templates"),
        ("ssh://git@ssh.github.com:443/acme/templates.git", "acme/templates"),
        ("ssh://git@[2001:db8::1]:22/acme/templates.git", "acme/templates"),
        ("git://github.com/acme/templates.git", "acme/templates"),
        ("git+ssh://git@github.com/acme/templates.git", "acme/templates"),
        ("git@github.com:acme/templates.git", "acme/templates"),
        ("git@github.com:acme/templates", "acme/templates"),
        ("git@github.com:/acme/templates.git", "acme/templates"),
        ("org-1234@github.com:acme/templates.git", "acme/templates"),
        ("github.com:acme/templates.git", "acme/templates"),
        ("work:acme/.github.git", "acme/.github"),
        ("git@[2001:db8::1]:acme/templates.git", "acme/templates"),
        ("/srv/git/acme/templates.git", "acme/templates"),
        ("file:///srv/git/acme/templates.git", "acme/templates"),
        ("../acme/templates", "acme/templates"),
        ("https://github.com/acme", ""),
        ("git@github.com:templates.git", ""),
        ("https://[github.com/acme/templates", ""),
        ("https://github.com/acme/tem plates", ""),
        ("", ""),
    ],
)
def test_the_repository_is_read_in_every_form_of_url(url, repository):
    assert repository_in(url) == repository


@given(st.text(max_size=MAX_URL + 10))
def test_no_url_raises(url):
    assert isinstance(repository_in(url), str)


@pytest.mark.parametrize(
    "config",
    [
        '[remote "origin"]\n\turl = git@github.com:acme/templates.git\n\tfetch = +refs/heads/*:refs/remotes/origin/*\n',
        '[remote "fork"]\nurl = https://github.com/sam/templates\n[remote "origin"]\nurl = https://github.com/acme/templates\n',
        '[REMOTE "origin"] URL = "https://github.com/acme/templates" ; ours\n',
        '[remote "origin"]\nurl=https://github.com/acme/templates # ours\nurl=https://github.com/acme/mirror\n',
        '[remote "origin"]\npushurl = https://github.com/acme/push\nurl = https://github.com/acme/templates\n',
    ],
)
def test_the_origin_is_read_as_git_reads_its_config(tmp_path, config):
    git(tmp_path, "init", "-q")
    (tmp_path / ".git/config").write_text(config)
    assert origin_of(tmp_path) == repository_in(git(tmp_path, "remote", "get-url", "origin").strip())
    assert origin_of(tmp_path) == "acme/templates"


@pytest.mark.parametrize("config", ["", '[remote "fork"]\nurl = https://github.com/acme/x\n', "\0\xff[[[", None])
def test_no_origin_is_no_source(tmp_path, config):
    git(tmp_path, "init", "-q")
    (tmp_path / ".git/config").write_text(config) if config is not None else (tmp_path / ".git/config").unlink()
    assert origin_of(tmp_path) == origin_of(tmp_path / "nowhere") == ""


def test_the_root_is_found_from_any_directory_of_a_clone_or_a_worktree(tmp_path):
    clone, tree = tmp_path / "clone", tmp_path / "tree"
    clone.mkdir()
    git(clone, "init", "-q", "-b", "main")
    git(clone, "commit", "-q", "--allow-empty", "-m", "first")
    git(clone, "remote", "add", "origin", "git@github.com:acme/templates.git")
    git(clone, "worktree", "add", "-q", str(tree))
    for root in (clone, tree):
        (root / "a/b").mkdir(parents=True)
        assert root_of(root) == root_of(root / "a") == root_of(root / "a/b") == root
        assert origin_of(root) == "acme/templates"


def test_a_directory_outside_of_clones_is_its_own_root(tmp_path):
    (tmp_path / "a/.git").mkdir(parents=True)  # no git directory: it lacks HEAD
    assert root_of(tmp_path / "a") == tmp_path / "a"


@pytest.mark.parametrize(
    ("api_url", "host"),
    [
        ("https://api.github.com", "github.com"),
        ("https://api.acme.ghe.com", "acme.ghe.com"),
        ("https://ghe.example.com/api/v3", "ghe.example.com"),
        ("https://api.example.com/api/v3", "api.example.com"),
        ("nonsense", ""),
        ("https://[", ""),
    ],
)
def test_gh_is_asked_for_the_host_of_the_api(api_url, host):
    assert host_of(api_url) == host


def with_gh(directory, script: str) -> dict[str, str]:
    """An environment in which this script is gh."""
    (directory / "gh").write_text(f"#!/bin/sh\n{script}\n")
    (directory / "gh").chmod(0o755)
    return {"PATH": f"{directory}:{os.environ['PATH']}"}


def asked(monkeypatch, environment: dict[str, str], api_url: str = "https://api.github.com") -> str:
    monkeypatch.setenv("PATH", environment["PATH"])
    return gh_token(api_url, environment)


def test_gh_gives_the_token_of_the_host(tmp_path, monkeypatch):
    environment = with_gh(tmp_path, 'echo "gho_$*" | tr " " "_"')
    assert asked(monkeypatch, environment) == "gho_auth_token_--hostname_github.com"


@pytest.mark.parametrize("script", ["exit 1", "echo no token >&2; exit 4", "sleep 5", "true"])
def test_a_gh_without_a_token_is_like_none(tmp_path, monkeypatch, script):
    monkeypatch.setattr(surroundings, "PATIENCE", 0.3)
    assert asked(monkeypatch, with_gh(tmp_path, script)) == ""


def test_without_gh_there_is_no_token(tmp_path, monkeypatch):
    assert asked(monkeypatch, {"PATH": str(tmp_path)}) == ""


@pytest.mark.parametrize("api_url", ["https://-x", "nonsense", "https://a_b;c"])
def test_gh_is_asked_for_hosts_alone(tmp_path, monkeypatch, api_url):
    environment = with_gh(tmp_path, f"touch {tmp_path}/asked; echo gho_x")
    assert asked(monkeypatch, environment, api_url) == ""
    assert not (tmp_path / "asked").exists()
