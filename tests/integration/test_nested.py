"""Checkouts below the workspace's own: a `src` in one is taken from it, one above it leaves it alone."""

from __future__ import annotations

import pytest

from tests.integration.test_description import commit, news
from tests.integration.test_history import shown
from tests.integration.test_modes import publish
from tests.integration.test_source import play
from tests.world import git

OURS = "broadcast/kit"
CONFIG = "version: 1\nid: kit\ntargets: [acme/api]\ndirectories: [{}]\n"
INSIDE = CONFIG.format("{src: vendor/tool/kit, dest: kit}")


@pytest.fixture
def api(swift):
    return swift.hub.repository("acme/api", files={"README.md": b"theirs\n"})


def nested(swift, where: str = "vendor/tool", files: tuple[str, ...] = ("kit/a",)):
    """Another repository, checked out in a directory of the source's."""
    root = swift.source / where
    root.mkdir(parents=True)
    git(root, "init", "-q", "-b", "main")
    for name in files:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("its\n")
    git(root, "add", "-A")
    git(root, "commit", "-qm", "its")
    return root


def ignored(swift, config: str) -> str:
    """The source with a config, which tracks nothing in vendor/."""
    return swift.write({"b": "ours\n", ".gitignore": "/vendor/\n"}, config)


def test_a_source_in_a_nested_checkout_is_what_its_head_holds(swift, api):
    sha = ignored(swift, INSIDE)
    root = nested(swift)
    (root / "kit/a").write_text("edited\n")
    (root / "kit/secret").write_text("secret\n")
    ran = play(swift, {"GITHUB_SHA": sha}, allow_head="true")
    assert ran.outcomes == {"acme/api": "created"}, ran.log
    assert api.files(OURS)["kit/a"][1] == b"its\n"
    assert "kit/secret" not in api.files(OURS)
    assert ran.results["commit"] == sha
    assert "on disk, vendor/tool/kit/a differs from the commit" in ran.log


def test_a_commit_that_is_not_the_events_needs_an_input_that_says_so(swift, api):
    ignored(swift, INSIDE)
    root = nested(swift)
    ran = swift.run()
    assert (ran.code, swift.hub.requests) == (2, []), ran.log
    assert f"HEAD of vendor/tool is {git(root, 'rev-parse', 'HEAD')[:10]}, which is neither the event's" in ran.log
    assert swift.run(command="plan").code == 0


def test_a_second_checkout_of_the_same_repository_is_held_against_the_event(swift, api):
    sha = ignored(swift, INSIDE)
    swift.write({"kit/a": "1\n"})
    git(swift.source, "clone", "-q", ".", "vendor/tool")
    ran = swift.run()
    assert ran.outcomes == {"acme/api": "created"}, ran.log
    assert api.files(OURS)["kit/a"][1] == b"1\n"
    git(swift.source, "checkout", "-q", "--detach", sha)
    ran = play(swift, {"GITHUB_SHA": sha})  # of which the nested one is a descendant
    assert (ran.code, "HEAD of vendor/tool" in ran.log) == (2, True)


@pytest.mark.parametrize("src", [".", "vendor"])
def test_a_source_above_a_nested_checkout_does_not_descend_into_it_and_says_so(swift, api, src):
    swift.write({"b": "ours\n", "vendor/b": "ours\n"}, CONFIG.format(f"{{src: {src}, dest: x}}"))
    nested(swift)
    ran = swift.run()
    assert ran.outcomes == {"acme/api": "created"}, ran.log
    assert not [path for path in api.files(OURS) if "tool" in path]
    assert ("vendor/tool is a checkout of its own" in ran.log) == (src == "vendor")


def test_nor_where_another_mapping_lies_in_it(swift, api):
    both = "{src: ., dest: x, exclude: [.github]}, {src: vendor/tool, dest: y}"
    swift.write({"b": "ours\n", "vendor/b": "ours\n"}, CONFIG.format(both))
    nested(swift)
    ran = swift.run(allow_head="true")
    assert {path for path in api.files(OURS) if path != "README.md"} == {"x/b", "x/vendor/b", "y/kit/a"}
    assert "vendor/tool is a checkout of its own" in ran.log


def test_a_git_directory_that_another_step_put_over_tracked_files_changes_nothing(swift, api):
    swift.write({"vendor/tool/kit/a": "ours\n"}, INSIDE)
    git(swift.source / "vendor/tool", "init", "-q")
    (swift.source / "vendor/tool/kit/a").write_text("theirs\n")
    git(swift.source / "vendor/tool", "add", "-A")
    git(swift.source / "vendor/tool", "commit", "-qm", "evil")
    assert swift.run(allow_head="true").outcomes == {"acme/api": "created"}
    assert api.files(OURS)["kit/a"][1] == b"ours\n"


def test_a_submodule_is_none_of_them(swift, api):
    swift.write({"b": "ours\n"}, CONFIG.format("{src: ., dest: x, exclude: [.github]}"))
    nested(swift)
    git(swift.source, "add", "vendor/tool")
    swift.write({})
    ran = swift.run()
    assert "vendor/tool is a submodule; submodules aren't sent" in ran.log
    assert "checkout of its own" not in ran.log
    swift.write({}, INSIDE)
    assert swift.run().code == 2


def test_a_link_to_a_checkout_is_not_followed(swift, api, tmp_path):
    ignored(swift, INSIDE)
    git(swift.directory, "clone", "-q", str(swift.source), "elsewhere")
    (swift.source / "vendor").mkdir()
    (swift.source / "vendor/tool").symlink_to(swift.directory / "elsewhere")
    assert swift.run(allow_head="true").code == 2


@pytest.mark.parametrize("broken", ["HEAD", "index", "config"])
def test_a_nested_checkout_that_can_not_be_read_is_reported(swift, api, broken):
    ignored(swift, INSIDE)
    (nested(swift) / ".git" / broken).write_bytes(b"\0\1\2objectformat = sha256\nobjectformat = sha256")
    ran = swift.run(allow_head="true")
    assert (ran.code, swift.hub.requests) == (2, [])
    assert "Traceback" not in ran.log


@pytest.mark.parametrize("around", [False, True])
def test_news_are_reported_of_a_source_in_a_subdirectory_of_the_workspace(swift, around):
    """The workspace is no checkout, or another repository's."""
    swift.hub.repository("acme/api", files={"README.md": b"theirs\n"})
    swift.write({"kit/a": "1\n"}, CONFIG.format("{src: source/kit, dest: kit}"))
    workspace = swift.directory / "workspace"
    workspace.mkdir()
    if around:
        git(workspace, "init", "-q")
        git(workspace, "commit", "-q", "--allow-empty", "-m", "another's")
    place = {"GITHUB_WORKSPACE": str(workspace)}

    publish(swift)
    git(workspace, "clone", "-q", str(swift.source), "source")
    assert play(swift, place, config="source/.github/broadcast.yml").outcomes == {"acme/api": "created"}
    swift.hub.find("acme/api").merge_pull(1, delete_branch=True)
    commit(swift, {"kit/a": "2\n"}, "About kit")
    commit(swift, {"other": "2\n"}, "About something else")
    publish(swift)
    git(workspace / "source", "pull", "-q")
    swift.hub.clock.advance(60)
    play(swift, place, config="source/.github/broadcast.yml")
    body = swift.hub.find("acme/api").pulls[-1].body
    assert news(body) == ["About kit (Sam)"]
    assert "/blob/" in body
    assert "source/.github" not in shown(body)
