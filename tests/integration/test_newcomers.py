"""Mistakes that people make on their first day: each gets its place, its cause and a remedy, in four lines at most."""

from __future__ import annotations

from typing import NamedTuple

import pytest

from tests.integration.test_commands import terminal
from tests.world import TOKEN, World, git

CONFIG = ".github/broadcast.yml"
GOOD = "version: 1\ntargets: [acme/api]\nfiles: [a.txt]\n"
MAX_LINES, MAX_LINE = 4, 200  # characters


class Mistake(NamedTuple):
    """A config or a command, and what is said of it."""

    config: str
    place: str  # line:column in the config; empty: the message names what it is about
    cause: str
    remedy: str
    command: str = "validate"


def written(old: str, new: str) -> str:
    assert old in GOOD
    return GOOD.replace(old, new)


IN_THE_CONFIG = {
    "a wrong path in files": Mistake(written("a.txt", "b.txt"), "3:9", "there is no file or directory b.txt", "from the root of this repository"),
    "a tab": Mistake(written("[acme/api]", "\n\t- acme/api"), "3:1", "this isn't valid YAML", "spaces for indentation, never tabs"),
    "a misspelt key": Mistake(written("targets", "targts"), "2:1", "unknown key 'targts'", "did you mean 'targets'?"),
    "a target without an owner": Mistake(written("acme/api", "api"), "2:11", "'api' names no repository", "write owner/repo"),
    "a URL as a target": Mistake(written("acme/api", "https://github.com/acme/api"), "2:11", "names no repository", "write acme/api"),
    "an address for ssh as a target": Mistake(written("acme/api", "'git@github.com:acme/api.git'"), "2:11", "names no repository", "write acme/api"),
    "a list that is indented too far": Mistake(written("[acme/api]", "\n  - acme/api\n    - acme/web"), "3:5", "names no repository", "in the same column"),
    "another tool's word": Mistake(written("a.txt", "{src: a.txt, destination: b.txt}"), "3:22", "unknown key 'destination'", "did you mean 'dest'?"),
    "a text for a list": Mistake(written("[acme/api]", "acme/api"), "2:10", "must be a list", "write it as a list"),
    "no version": Mistake(written("version: 1\n", ""), "1:1", "the key 'version' is missing", "add `version: 1`"),
    "an open bracket": Mistake(written("[acme/api]", "[acme/api"), "3:6", "this isn't valid YAML", "check the indentation, the brackets"),
    "a reviewer with an @": Mistake(GOOD + "pr_reviewers: ['@alice']\n", "4:16", "'@alice' begins with @", "write alice"),
    "an @ without quotes": Mistake(GOOD + "pr_reviewers: [@alice]\n", "4:16", "this isn't valid YAML", "quote a text that starts with @"),
    "a backslash": Mistake(written("a.txt", "kit\\b.md"), "3:9", "use / between the parts", "from the root of the repository"),
    "an absolute path": Mistake(written("a.txt", "/a.txt"), "3:9", "remove the leading /", "from the root of the repository"),
    "a path that leaves": Mistake(written("a.txt", "../a.txt"), "3:9", "the path leaves the repository", "from the root of the repository"),
    "a pattern in src": Mistake(written("a.txt", "'kit/*.md'"), "3:9", "there is no file or directory kit/*.md", "src takes no patterns"),
    "a file under directories": Mistake(written("files", "directories"), "3:15", "a.txt is a file", "list it under `files:`"),
    "two sources of one file": Mistake(written("[a.txt]", "[a.txt, {src: kit/b.md, dest: a.txt}]"), "3:16", "both go to a.txt", "exclude one of them"),
    "no targets": Mistake(written("targets: [acme/api]\n", ""), "1:1", "there are no targets", "add `targets: [owner/repo]`"),
    "no files": Mistake(written("files: [a.txt]\n", ""), "2:11", "nothing is sent to acme/api", "add `files:` or `directories:`"),
    "an empty file": Mistake("", "1:1", "the file is empty", "start with `version: 1`"),
    "another tool's config": Mistake("acme/api:\n  - a.txt\n", "1:1", "this is another tool's config", "`broadcast migrate --config .github/broadcast.yml` converts it"),
}  # fmt: skip
IN_THE_COMMAND = {
    "a misspelt command": ("snyc", "there is no command 'snyc'", "did you mean 'sync'?"),
    "no command": ("", "there is no command", "`broadcast --help` lists them"),
    "a misspelt option": ("plan --onlytargets acme/api", "plan has no option --onlytargets", "did you mean --only-targets?"),
    "an option of another command": ("plan --online", "plan has no option --online", "it is an option of validate"),
    "a target as an argument": ("plan acme/api", "plan takes no 'acme/api'", "--only-targets acme/api"),
    "a target that the config lacks": ("plan --only-targets acme/apii", "'acme/apii' matches no target", "the config has: acme/api"),
    "a config that isn't there": ("validate --config nope.yml", "there is no config at nope.yml", "name it with --config"),
    "a config outside": ("validate --config ../nope.yml", "lies outside of the repository", "give a path inside it"),
    "a commit that isn't there": ("plan --compare-to HEAD^5", "HEAD^5 to compare with is not in the checkout", "correct the name; a shallow clone needs `git fetch --unshallow`"),
    "an API without https": ("plan --api-url github.example.com", "--api-url 'github.example.com' is no URL", "https://"),
    "a directory that isn't there": ("plan --directory nowhere", "there is no directory 'nowhere'", "--directory"),
    "a way back to nowhere": ("rollback", "rollback needs the commit", "name it in --to"),
    "a cancel of nothing": ("cancel", "cancel needs the names of the targets", "name them in --only-targets"),
}  # fmt: skip


def checked(ran, cause: str, remedy: str) -> list[str]:
    """The lines of an answer to a mistake, all of them on stderr."""
    lines = ran.stderr.splitlines()
    assert (ran.returncode, ran.stdout) == (2, ""), ran.stderr
    assert len(lines) <= MAX_LINES, ran.stderr
    assert max(map(len, lines)) <= MAX_LINE, ran.stderr
    assert "error: " in lines[0]
    assert cause in lines[0]
    assert remedy in lines[-1]
    assert lines[-1].startswith("    → ")
    return lines


def clone(world: World, config: str = GOOD) -> None:
    """A clone as newcomers have it."""
    world.write({"a.txt": "one\n", "kit/b.md": "b\n"}, config)
    git(world.source, "remote", "add", "origin", "https://github.com/acme/templates.git")


def run(world: World, command: str, **variables: str):
    return terminal(world, *command.split(), GITHUB_API_URL=world.hub.url, **variables)


@pytest.mark.parametrize("name", list(IN_THE_CONFIG))
def test_a_mistake_in_the_config_gets_place_cause_and_remedy(world, name):
    one = IN_THE_CONFIG[name]
    clone(world, one.config)
    lines = checked(run(world, one.command), one.cause, one.remedy)
    assert lines[0].startswith(f"{CONFIG}:{one.place}: error: ")


@pytest.mark.parametrize("name", list(IN_THE_COMMAND))
def test_a_mistake_in_the_command_gets_cause_and_remedy(world, name):
    clone(world)
    command, cause, remedy = IN_THE_COMMAND[name]
    checked(run(world, command), cause, remedy)
    assert not [one for one in world.hub.requests if one.writes]


@pytest.mark.parametrize(
    ("token", "code", "cause", "remedy"),
    [
        ("", 2, "there is no token", "run `gh auth login`, or set BROADCAST_TOKEN"),
        (f"Bearer {TOKEN}", 2, "the token holds characters that no token has", "set the variable to the token alone"),
    ],
)
def test_a_missing_or_mangled_token_is_said_with_the_way_to_one(world, token, code, cause, remedy):
    clone(world)
    ran = run(world, "plan", GH_TOKEN=token)
    assert ran.returncode == code
    checked(ran, cause, remedy)


def test_a_command_outside_of_a_clone_says_so(world, tmp_path):
    ran = terminal(world, "plan", at=tmp_path)
    checked(ran, "the source isn't known", "run it in a clone of the source, or give --source")


def test_a_clone_without_an_origin_says_so(world):
    world.write({"a.txt": "one\n"}, GOOD)
    checked(run(world, "plan"), "no clone here with a remote `origin`", "give --source owner/name")


def test_an_uncommitted_config_is_said(world):
    clone(world)
    world.write({CONFIG: None})
    (world.source / CONFIG).parent.mkdir(exist_ok=True)
    (world.source / CONFIG).write_text(GOOD)
    checked(run(world, "plan"), f"the config {CONFIG} isn't committed", "commit it")
    assert run(world, "validate").returncode == 0


def test_a_config_in_another_directory_is_said(world):
    clone(world)
    git(world.source, "mv", CONFIG, "broadcast.yml")
    world.write({})
    checked(run(world, "plan"), f"there is no config at {CONFIG}", "name it with --config")


def test_a_shallow_clone_says_how_it_gets_its_history(world, tmp_path):
    clone(world)
    world.write({"a.txt": "two\n"})
    shallow = tmp_path / "shallow"
    git(tmp_path, "clone", "-q", "--depth", "1", f"file://{world.source}", str(shallow))
    git(shallow, "remote", "set-url", "origin", "https://github.com/acme/templates.git")
    ran = terminal(world, "plan", "--compare-to", "HEAD^", at=shallow, GITHUB_API_URL=world.hub.url)
    checked(ran, "the commit HEAD^ to compare with is not in the checkout", "git fetch --unshallow")


@pytest.mark.parametrize(
    ("target", "cause", "remedy"),
    [
        ("acme/nope", "doesn't exist or the token can't see it", "check the name; give the token access to it"),
        ("acme/api@nope", "has no branch nope", "create it, or correct the name in the config"),
    ],
)
def test_a_target_that_isnt_there_is_said_in_the_plan(world, target, cause, remedy):
    clone(world, GOOD.replace("acme/api", target))
    world.hub.repository("acme/api", files={"README.md": b"theirs\n"})
    ran = run(world, "plan")
    assert (ran.returncode, ran.stderr) == (1, "")
    failed, why, hint, place, line, _caret, headline = ran.stdout.splitlines()
    assert place.strip() == ".github/broadcast.yml:2:11"
    assert target in line
    assert (failed, headline) == (f"failed  {target}", f"Plan: {target} would fail")
    assert cause in why
    assert hint == f"    → {remedy}"
