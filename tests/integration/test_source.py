"""Which commit a run sends: the event's own or one before it, of the checkout where it lies; in a terminal, its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys

import pytest

from tests.world import ROOT, SOURCE, TOKEN, Ran, World, git

CONFIG = "version: 1\nid: kit\ntargets: [acme/api]\ndirectories: [kit]\n"
OURS = "broadcast/kit"


@pytest.fixture
def api(swift: World):
    return swift.hub.repository("acme/api", files={"README.md": b"theirs\n"})


def play(swift: World, changes: dict[str, str], **inputs: str) -> Ran:
    """A run with other variables of the runner's, on the hub's own clock."""
    made = swift.environment
    swift.environment = lambda **given: made(**given) | changes
    try:
        return swift.run(**inputs)
    finally:
        swift.environment = made


def refused(swift: World, ran: Ran, words: str) -> None:
    assert (ran.code, swift.hub.requests) == (2, []), ran.log
    assert words in ran.log


# HEAD


def test_a_commit_before_the_events_is_sent_and_recorded(swift, api):
    old = swift.write({"kit/a": "1"}, CONFIG)
    new = swift.write({"kit/a": "2"})
    git(swift.source, "checkout", "-q", "--detach", old)
    ran = play(swift, {"GITHUB_SHA": new})
    assert ran.outcomes == {"acme/api": "created"}
    assert ran.results["commit"] == old
    assert api.files(OURS)["kit/a"][1] == b"1"


@pytest.mark.parametrize("event", ["workflow_run", "issue_comment", "deployment", "push", "workflow_dispatch"])
def test_a_mere_descendant_is_refused_whatever_the_event(swift, api, event):
    """As the head of a pull request is that a job checks out by itself."""
    sha = swift.write({"kit/a": "1"}, CONFIG)
    git(swift.source, "checkout", "-q", "-b", "evil")
    swift.write({"kit/a": "evil"})
    ran = play(swift, {"GITHUB_SHA": sha, "GITHUB_EVENT_NAME": event})
    refused(swift, ran, "which is neither the event's commit")
    assert "allow-head: true" in ran.log
    assert play(swift, {"GITHUB_SHA": sha, "GITHUB_EVENT_NAME": event}, command="plan").code == 0


def test_a_commit_that_the_job_made_needs_an_input_that_says_so(swift, api):
    sha = swift.write({"kit/a": "1"}, CONFIG)
    made = swift.write({"kit/a": "built"})
    ran = play(swift, {"GITHUB_SHA": sha}, allow_head="true")
    assert ran.outcomes == {"acme/api": "created"}
    assert ran.results["commit"] == made


def test_without_a_commit_in_the_event_a_warning_says_that_nothing_was_compared(swift, api):
    sha = swift.write({"kit/a": "1"}, CONFIG)
    ran = play(swift, {"GITHUB_SHA": ""})
    assert (ran.outcomes, ran.results["commit"]) == ({"acme/api": "created"}, sha)
    assert "no event names a commit, so HEAD was held against none" in ran.log


@pytest.mark.parametrize("depth", ["1", "2"])
def test_in_a_shallow_checkout_only_the_events_own_commit_counts(swift, api, depth):
    old = swift.write({"kit/a": "1"}, CONFIG)
    new = swift.write({"kit/a": "2"})
    git(swift.directory, "clone", "-q", "--depth", depth, swift.source.as_uri(), "shallow")
    place = {"GITHUB_WORKSPACE": str(swift.directory / "shallow")}
    assert play(swift, {**place, "GITHUB_SHA": new}).outcomes == {"acme/api": "created"}
    if depth == "2":
        git(swift.directory / "shallow", "checkout", "-q", "--detach", old)
        refused(swift, play(swift, {**place, "GITHUB_SHA": new}), "fetch-depth: 0")


# A checkout elsewhere


def moved(swift: World, config: str = CONFIG) -> dict[str, str]:
    """The checkout lies in source/ of the workspace, and other steps have left things beside it."""
    swift.write({"kit/a": "1"}, config)
    workspace = swift.directory / "workspace"
    (workspace / "kit").mkdir(parents=True)
    for name in (".env", ".netrc", "kit/a", "kit/id_rsa", "gha-creds-1.json"):
        (workspace / name).write_text("secret")
    git(workspace, "clone", "-q", str(swift.source), "source")
    return {"GITHUB_WORKSPACE": str(workspace)}


def test_a_checkout_in_a_subdirectory_is_found_by_an_input(swift, api):
    ran = play(swift, moved(swift), directory="source")
    assert ran.outcomes == {"acme/api": "created"}
    assert set(api.files(OURS)) == {"README.md", "kit/a"}
    assert api.files(OURS)["kit/a"][1] == b"1"


def test_a_checkout_in_a_subdirectory_is_found_by_what_is_sent(swift, api):
    place = moved(swift, CONFIG.replace("[kit]", "[{src: source/kit, dest: kit}]"))
    ran = play(swift, place, config="source/.github/broadcast.yml")
    assert ran.outcomes == {"acme/api": "created"}
    assert ran.results["commit"] == git(swift.source, "rev-parse", "HEAD").strip()
    (swift.directory / "workspace/source/kit/a").write_text("edited")
    assert "on disk, source/kit/a differs" in play(swift, place, config="source/.github/broadcast.yml").log


def test_what_lies_beside_a_checkout_is_in_no_commit(swift, api):
    place = moved(swift)
    shutil.copytree(swift.source / ".github", swift.directory / "workspace/.github")
    refused(swift, play(swift, place), "isn't committed")


def test_a_directory_of_a_checkout_is_no_place_without_git(swift, api):
    swift.write({"part/kit/a": "1", "part/c.yml": CONFIG})
    (swift.source / "part/kit/.env").write_text("secret")
    ran = swift.run(directory="part", config="c.yml")
    assert ran.outcomes == {"acme/api": "created"}
    assert set(api.files(OURS)) == {"README.md", "kit/a"}


@pytest.mark.parametrize("directory", ["../elsewhere", "/etc", "gone"])
def test_a_directory_that_is_not_in_the_workspace_is_refused(swift, api, directory):
    swift.write({"kit/a": "1"}, CONFIG)
    refused(swift, swift.run(directory=directory), "workspace")


@pytest.mark.parametrize("command", ["sync", "plan"])
@pytest.mark.parametrize("src", ["kit", "."])
def test_without_git_a_runner_sends_nothing_unasked(swift, api, command, src):
    swift.write({"kit/a": "1"}, CONFIG.replace("[kit]", f"[{{src: {src}, dest: x}}]"))
    shutil.rmtree(swift.source / ".git")
    refused(swift, swift.run(command=command), "there is no .git here or above")


def test_without_git_a_runner_sends_what_a_mapping_asks_for_and_no_secrets(swift, api):
    swift.write({"kit/a": "1", "kit/.env": "secret"}, CONFIG.replace("[kit]", "[{src: kit, untracked: true}]"))
    shutil.rmtree(swift.source / ".git")
    ran = swift.run()
    assert ran.outcomes == {"acme/api": "created"}
    assert set(api.files(OURS)) == {"README.md", "kit/a"}
    assert "kit/.env may hold a secret" in ran.log


# The config


def test_the_config_is_the_commits_too(swift, api):
    swift.write({"kit/a": "1"}, CONFIG)
    (swift.source / ".github/broadcast.yml").write_text(CONFIG.replace("acme/api", "acme/evil"))
    ran = swift.run()
    assert ran.outcomes == {"acme/api": "created"}
    assert "on disk, .github/broadcast.yml differs from the commit" in ran.log


@pytest.mark.parametrize("staged", [False, True])
def test_a_config_that_is_not_committed_is_refused(swift, api, staged):
    swift.write({"kit/a": "1"})
    (swift.source / "new.yml").write_text(CONFIG)
    if staged:
        git(swift.source, "add", "new.yml")
    refused(swift, swift.run(config="new.yml"), "isn't committed")


@pytest.mark.parametrize("way", ["link.yml", "there/broadcast.yml"])
def test_a_config_that_is_a_symlink_is_refused(swift, api, way):
    swift.write({"kit/a": "1"}, CONFIG)
    (swift.source / "link.yml").symlink_to(".github/broadcast.yml")
    (swift.source / "there").symlink_to(".github")
    swift.write({})
    ran = swift.run(config=way)
    assert (ran.code, swift.hub.requests) == (2, [])


# A terminal


def terminal(swift: World, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """The command as people run it; the hub is asked in real time, and hardly."""
    command = [sys.executable, "-m", "broadcast", *arguments, "--source", SOURCE, "--api-url", swift.hub.url]
    environment = {"PATH": os.environ["PATH"], "BROADCAST_TOKEN": TOKEN, "PYTHONPATH": str(ROOT), **variables}
    return subprocess.run(command, cwd=swift.source, env=environment, capture_output=True, text=True, check=False)


def test_a_terminals_sync_is_refused_on_another_branch_with_the_way_out(world):
    world.hub.repository("acme/api", files={"README.md": b"theirs\n"})
    world.write({"kit/a": "1"}, CONFIG)
    git(world.source, "checkout", "-q", "-b", "feature")
    ran = terminal(world, "sync")
    assert ran.returncode == 2
    assert "not on feature" in ran.stderr
    assert "--allow-ref feature" in ran.stderr
    assert terminal(world, "plan").returncode == 0
    assert terminal(world, "sync", "--allow-ref", "feature").returncode == 0


def test_a_terminals_sync_of_a_dirty_tree_is_refused_with_the_way_out(world):
    api = world.hub.repository("acme/api", files={"README.md": b"theirs\n"})
    commit = world.write({"kit/a": "1"}, CONFIG)
    (world.source / "kit/a").write_text("edited")
    ran = terminal(world, "sync")
    assert ran.returncode == 2
    assert "kit/a differs from the commit" in ran.stderr
    assert "--allow-dirty" in ran.stderr
    planned = terminal(world, "plan", "--json")
    assert f'"commit": "{commit}"' in planned.stdout.replace('":"', '": "')
    assert terminal(world, "sync", "--allow-dirty").returncode == 0
    assert api.files(OURS)["kit/a"][1] == b"edited"


def test_on_a_runner_the_disk_is_never_sent(world):
    world.hub.repository("acme/api", files={"README.md": b"theirs\n"})
    world.write({"kit/a": "1"}, CONFIG)
    ran = terminal(world, "plan", "--allow-dirty", GITHUB_ACTIONS="true")
    assert ran.returncode == 2
    assert "--allow-dirty works in terminals only" in ran.stderr


def test_a_config_may_be_validated_before_it_is_committed(world):
    world.hub.repository("acme/api", files={"README.md": b"theirs\n"})
    world.write({"kit/a": "1"})
    (world.source / ".github").mkdir()
    (world.source / ".github/broadcast.yml").write_text(CONFIG)
    assert terminal(world, "validate").returncode == 0
    assert terminal(world, "plan").returncode == 2
    assert terminal(world, "plan", "--allow-dirty").returncode == 0
