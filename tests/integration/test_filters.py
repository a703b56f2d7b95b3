"""What is sent of a directory, and where: filters, flat directories, files that git doesn't track."""

from __future__ import annotations

import os

import pytest

from tests.integration.test_main_job import changed
from tests.integration.test_modes import OURS, README, later, rests
from tests.world import git


def sent(swift, files, mapping: str, held=None, more: str = "", code: int = 0) -> dict[str, str]:
    """What the pull request for this mapping of `kit` changes; merged, it leaves nothing to do."""
    swift.write({f"kit/{path}": content for path, content in files.items()})
    swift.write({}, f"version: 1\ntargets: [acme/api]\ndirectories: [{{src: kit{mapping}}}]\n{more}")
    api = swift.hub.repository("acme/api", files={**README, **(held or {})})
    assert later(swift).code == code
    found = {path.removeprefix("kit/"): how for path, how in changed(api, OURS).items()} if api.pulls else {}
    if api.pulls:
        rests(swift, "open", code)
        api.merge_pull(1, delete_branch=True)
    rests(swift, "incomplete" if code else "in_sync", code)
    return found


# unless_exists

RENOVATE = "files: [{src: renovate.json, unless_exists: [.github/renovate.json, .renovaterc]}]\n"


def test_what_the_target_has_elsewhere_is_not_sent(swift):
    swift.write(
        {"renovate.json": "{}", "b": "b"}, f"version: 1\ntargets: [acme/api, acme/web]\nremove: [old]\n{RENOVATE}"
    )
    api = swift.hub.repository("acme/api", files={**README, ".renovaterc": b"{}"})
    web = swift.hub.repository("acme/web", files=README)
    assert later(swift).outcomes == {"acme/api": "in_sync", "acme/web": "created"}
    assert changed(web, OURS) == {"renovate.json": "A"}
    assert swift.hub.calls()["graphql query"] == 2
    web.commit({".github/renovate.json": b"{}"})
    assert later(swift).outcomes == {"acme/api": "in_sync", "acme/web": "closed"}
    api.commit({".renovaterc": None})
    assert later(swift).outcomes == {"acme/api": "created", "acme/web": "in_sync"}


def test_of_a_file_that_is_kept_out_an_older_version_stays_as_it_is(swift):
    swift.write({"renovate.json": "{}"}, f"version: 1\ntargets: [acme/api]\n{RENOVATE}")
    swift.hub.repository("acme/api", files={"renovate.json": b"own", ".renovaterc": b"{}"})
    rests(swift)
    assert sum(swift.hub.calls().values()) == 1


@pytest.mark.parametrize("mode", ["copy", "prune", "mirror", "seed"])
def test_a_directory_that_is_kept_out_neither_adds_nor_deletes(swift, mode):
    held = {"kit/a": b"own", "kit/own": b"own", "own.json": b""}
    assert sent(swift, {"a": "a", "b": "b"}, f", mode: {mode}, unless_exists: [own.json]", held) == {}


def test_a_mirror_around_it_leaves_alone_what_is_kept_out(swift):
    more = "files: [{src: kit/b, unless_exists: [own.json]}]\n"
    held = {"kit/b": b"own", "kit/old": b"old", "own.json": b""}
    assert sent(swift, {"a": "a", "b": "b"}, ", mode: mirror", held, more) == {"a": "A", "old": "D"}


# include_only and include_hidden

TREE = {"a.yml": "1", "sub/b.yml": "1", "docs/c.md": "1", "docs/deep/d.txt": "1", "e.md": "1", "docs/x.md": "1"}


@pytest.mark.parametrize(
    ("patterns", "expected"),
    [
        ("'*.yml'", {"a.yml", "sub/b.yml"}),
        ("'docs/'", {"docs/c.md", "docs/deep/d.txt", "docs/x.md"}),
        ("'/*.yml', 'docs/deep'", {"a.yml", "docs/deep/d.txt"}),
        ("'*.md', '!x.md'", {"docs/c.md", "e.md"}),
        ("'docs/', '!docs/x.md'", {"docs/c.md", "docs/deep/d.txt"}),
        ("'*', '!docs/'", {"a.yml", "sub/b.yml", "e.md"}),
        ("'docs/', '!docs/deep/', 'd.txt'", {"docs/c.md", "docs/deep/d.txt", "docs/x.md"}),
    ],
)
@pytest.mark.parametrize("mode", ["copy", "mirror"])
def test_only_what_is_named_is_sent_at_any_depth(swift, patterns, expected, mode):
    held = {"kit/e.md": b"own", "kit/own": b"own"} if "'*" not in patterns else {}
    found = sent(swift, TREE, f", mode: {mode}, include_only: [{patterns}]", held)
    assert found == dict.fromkeys(expected, "A")


def test_a_mirror_deletes_only_what_its_patterns_name(swift):
    held = {"kit/old.yml": b"1", "kit/sub/old.yml": b"1", "kit/old.md": b"1", "kit/gone.out": b"1"}
    mapping = ", mode: mirror, include_only: ['*.yml', '*.out']"
    assert sent(swift, {"a.yml": "1"}, mapping, held) == {"a.yml": "A", "old.yml": "D", "sub/old.yml": "D"}


def test_excludes_take_away_from_what_is_included(swift):
    assert sent(swift, TREE, ", include_only: ['*.yml'], exclude: [sub]") == {"a.yml": "A"}


@pytest.mark.parametrize("mode", ["copy", "mirror"])
def test_hidden_names_are_left_out_on_both_sides(swift, mode):
    files = {".env": "1", ".github/ci.yml": "1", "sub/.hidden/x": "1", "sub/x": "1", "a.b": "1"}
    held = {"kit/.own": b"1", "kit/.github/own": b"1"}
    assert sent(swift, files, f", mode: {mode}, include_hidden: false", held) == {"sub/x": "A", "a.b": "A"}


def test_hidden_names_are_sent_by_default_and_the_mapping_itself_may_be_hidden(swift):
    swift.write({".kit/a": "a", ".kit/.b": "b"}, "version: 1\ntargets: [acme/api]\ndirectories: [.kit]\n")
    api = swift.hub.repository("acme/api", files=README)
    later(swift)
    assert changed(api, OURS) == {".kit/a": "A", ".kit/.b": "A"}
    swift.write({}, "version: 1\ntargets: [acme/api]\ndirectories: [{src: .kit, include_hidden: false}]\n")
    later(swift)
    assert changed(api, OURS) == {".kit/a": "A"}


# preserve_structure


@pytest.mark.parametrize("mode", ["copy", "mirror"])
def test_without_its_structure_a_directory_arrives_flat(swift, mode):
    held = {"kit/a": b"1", "kit/sub/b": b"own"}
    found = sent(swift, {"a": "1", "sub/b": "2", "sub/deep/c": "3"}, f", mode: {mode}, preserve_structure: false", held)
    gone = {"sub/b": "D"} if mode == "mirror" else {}
    assert found == {"b": "A", "c": "A", **gone}


def test_two_files_of_one_name_are_an_error_that_names_both_before_any_call(swift):
    swift.write({"kit/x/a": "1", "kit/y/a": "2"}, "version: 1\ntargets: [acme/api]\ndirectories: [{src: kit, preserve_structure: false}]\n")  # fmt: skip
    ran = later(swift)
    assert (ran.code, swift.hub.requests) == (2, [])
    assert "kit/x/a and kit/y/a both go to kit/a" in ran.log


def test_two_files_of_one_name_and_content_are_one(swift):
    assert sent(swift, {"x/a": "1", "y/a": "1"}, ", preserve_structure: false") == {"a": "A"}


def test_a_link_that_needs_its_directory_is_not_sent_flat(swift):
    swift.write({"kit/a": "1", "kit/sub/b": "2"})
    (swift.source / "kit/sub/up").symlink_to("../a")
    (swift.source / "kit/sub/beside").symlink_to("b")
    assert sent(swift, {}, ", preserve_structure: false", code=1) == {"a": "A", "b": "A", "beside": "A"}


# untracked

BUILT = {"kit/dist/app.js": b"built\n", "kit/new": b"new\r\n", "kit/.cache/x": b"x"}


def build(swift, files=BUILT) -> None:
    """What a step before ours leaves in the checkout."""
    for path, content in files.items():
        file = swift.source / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)


@pytest.mark.parametrize("ignore", ["", "dist/\n*.js\n.cache\n"])
@pytest.mark.parametrize("mode", ["copy", "mirror"])
def test_what_an_earlier_step_built_is_sent_even_if_git_ignores_it(swift, ignore, mode):
    swift.write({".gitignore": ignore, "kit/a": "a\n"})
    swift.write({}, f"version: 1\ntargets: [acme/api]\ndirectories: [{{src: kit, mode: {mode}, untracked: true}}]\n")
    build(swift)
    (swift.source / "kit/new").chmod(0o755)
    api = swift.hub.repository("acme/api", files={**README, "kit/own": b"own"})
    later(swift)
    gone = {} if mode == "mirror" else {"kit/own": (0o100644, b"own")}
    built = {path: (0o100755 if path == "kit/new" else 0o100644, content) for path, content in BUILT.items()}
    assert api.files(OURS) == {"README.md": (0o100644, b"theirs\n"), "kit/a": (0o100644, b"a\n"), **built, **gone}
    api.merge_pull(1, delete_branch=True)
    rests(swift)


def test_another_mapping_of_the_same_directory_does_not_send_it(swift):
    both = "directories: [{src: kit, dest: all, untracked: true}, {src: kit, dest: tracked}]\n"
    swift.write({"kit/a": "a\n"}, f"version: 1\ntargets: [acme/api]\n{both}")
    build(swift)
    api = swift.hub.repository("acme/api", files=README)
    later(swift)
    assert {path for path in changed(api, OURS) if path.startswith("tracked")} == {"tracked/a"}
    assert len(changed(api, OURS)) == 5


@pytest.mark.parametrize(
    "entry", ["directories: [{src: kit, untracked: true}]", "files: [{src: kit/new, untracked: true}]"]
)
def test_a_directory_or_file_that_git_does_not_track_at_all_is_sent(swift, entry):
    swift.write({".gitignore": "kit\n"}, f"version: 1\ntargets: [acme/api]\n{entry}\n")
    build(swift)
    api = swift.hub.repository("acme/api", files=README)
    assert later(swift).code == 0
    assert set(changed(api, OURS)) == (set(BUILT) if "directories" in entry else {"kit/new"})


def test_without_untracked_its_absence_says_what_to_do(swift):
    swift.write({".gitignore": "kit\n"}, "version: 1\ntargets: [acme/api]\ndirectories: [kit]\n")
    build(swift)
    ran = later(swift)
    assert (ran.code, swift.hub.requests) == (2, [])
    assert "untracked: true" in ran.log


@pytest.mark.parametrize("src", ["nowhere", "kit/a/below"])
def test_what_is_not_there_at_all_is_a_mistake_in_the_config(swift, src):
    swift.write({"kit/a": "a\n"}, f"version: 1\ntargets: [acme/api]\ndirectories: [{{src: {src}, untracked: true}}]\n")
    ran = later(swift)
    assert (ran.code, swift.hub.requests) == (2, [])
    assert f"there is no directory {src}" in ran.log


def test_line_endings_of_what_git_does_not_track_stay_as_they_are(swift):
    swift.write({".gitattributes": "* text=auto\n", "kit/a": "a\n"})
    swift.write({}, "version: 1\ntargets: [acme/api]\ndirectories: [{src: kit, untracked: true}]\n")
    build(swift)
    api = swift.hub.repository("acme/api", files=README)
    assert later(swift).code == 0
    assert api.files(OURS)["kit/new"][1] == b"new\r\n"


def test_a_submodule_is_not_sent_file_by_file(swift):
    swift.write({"kit/a": "a\n"}, "version: 1\ntargets: [acme/api]\ndirectories: [{src: kit, untracked: true}]\n")
    head = git(swift.source, "rev-parse", "HEAD").strip()
    git(swift.source, "update-index", "--add", "--cacheinfo", f"160000,{head},kit/module")
    git(swift.source, "commit", "-q", "-m", "a submodule")
    build(swift, {"kit/module/x": b"x", "kit/module2": b"new"})
    api = swift.hub.repository("acme/api", files=README)
    ran = later(swift)
    assert changed(api, OURS) == {"kit/a": "A", "kit/module2": "A"}
    assert "kit/module is a submodule" in ran.log


def test_an_excluded_directory_of_untracked_files_is_not_entered(swift, monkeypatch):
    mapping = "{src: kit, untracked: true, exclude: [deep/]}"
    swift.write({"kit/a": "a\n"}, f"version: 1\ntargets: [acme/api]\ndirectories: [{mapping}]\n")
    api = swift.hub.repository("acme/api", files=README)
    for path in ("kit/new", "kit/deep/a", "kit/deep/er/b"):
        (swift.source / path).parent.mkdir(parents=True, exist_ok=True)
        (swift.source / path).write_text("new\n")
    entered, scandir = [], os.scandir
    monkeypatch.setattr(os, "scandir", lambda path: entered.append(path) or scandir(path))
    later(swift)
    assert {os.fsdecode(path).rstrip("/") for path in entered if "/kit" in os.fsdecode(path)} == {f"{swift.source}/kit"}
    assert changed(api, OURS).keys() == {"kit/a", "kit/new"}
