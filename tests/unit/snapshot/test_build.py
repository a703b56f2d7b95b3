"""Which file of the source goes where: levels, contests, removals, territories, symlinks, and the refusals of a config."""

from __future__ import annotations

import pytest

from broadcast.errors import ConfigError
from broadcast.git.objects import SYMLINK, blob_id
from broadcast.snapshot.build import Builder
from broadcast.snapshot.snapshot import Snapshot
from tests.unit.snapshot.test_render import Play

FILES = {"kit/a": b"a", "kit/deep/b": b"b", "kit/deep/er/c": b"c", "README.md": b"r", "other/a": b"other"}


def built(
    root, files: dict[str, bytes], entries: str, *, never: frozenset[str] = frozenset()
) -> tuple[Builder, Snapshot]:
    """The builder, and the snapshot of the config's one target."""
    play = Play(root, files, f"targets: [acme/a]\n{entries}")
    builder = Builder(play.builder.config, play.checkout, never)
    target = play.targets["a"]
    return builder, builder.snapshot(target.mappings, target.removals)


def sent(root, entries: str, files: dict[str, bytes] = FILES, **more) -> dict[str, str]:
    """Destination → source of every file."""
    return {path: one.source for path, one in built(root, files, entries, **more)[1].files.items()}


def problems(root, entries: str, files: dict[str, bytes] = FILES) -> str:
    with pytest.raises(ConfigError) as refusal:
        built(root, files, entries)
    return "\n".join(map(str, refusal.value.problems))


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ("files: [README.md]", {"README.md": "README.md"}),
        ("files: [{src: kit/a, dest: x/y}]", {"x/y": "kit/a"}),
        ("directories: [kit]", {"kit/a": "kit/a", "kit/deep/b": "kit/deep/b", "kit/deep/er/c": "kit/deep/er/c"}),
        ("directories: [{src: kit/deep, dest: d}]", {"d/b": "kit/deep/b", "d/er/c": "kit/deep/er/c"}),
        ("directories: [{src: kit, dest: .}]", {"a": "kit/a", "deep/b": "kit/deep/b", "deep/er/c": "kit/deep/er/c"}),
        ("directories: [{src: ., dest: d}]", {f"d/{path}": path for path in FILES}),
        (
            "directories: [{src: kit, dest: d, preserve_structure: false}]",
            {"d/a": "kit/a", "d/b": "kit/deep/b", "d/c": "kit/deep/er/c"},
        ),
        ("directories: [{src: kit, exclude: [deep/er/]}]", {"kit/a": "kit/a", "kit/deep/b": "kit/deep/b"}),
        ("directories: [{src: kit, include_only: [b]}]", {"kit/deep/b": "kit/deep/b"}),
    ],
)
def test_every_file_goes_below_its_destination(tmp_path, entries, expected):
    assert sent(tmp_path, entries) == expected


def test_what_is_never_sent_goes_only_by_its_own_entry(tmp_path):
    never = frozenset({"kit/a"})
    assert "kit/a" not in sent(tmp_path, "directories: [kit]", never=never)
    assert sent(tmp_path, "directories: [kit]\nfiles: [kit/a]", never=never)["kit/a"] == "kit/a"


@pytest.mark.parametrize(
    "entries",
    [
        "directories: [{src: kit, dest: d}, {src: other, dest: d, exclude: [a]}]\nfiles: [{src: README.md, dest: d/a}]",
        "directories: [{src: kit, dest: d}]\nfiles: [{src: README.md, dest: d/a}]",
        "files: [{src: README.md, dest: d/a}]\ndirectories: [{src: kit, dest: d}]",
    ],
)
def test_a_file_entry_wins_over_a_directory_of_the_same_level(tmp_path, entries):
    files = FILES | {"other/z": b"z"}
    assert sent(tmp_path, entries, files)["d/a"] == "README.md"


def test_the_more_specific_level_wins_even_with_a_directory(tmp_path):
    play = Play(
        tmp_path,
        FILES,
        "files: [{src: README.md, dest: d/a}]\ntargets: [{repo: acme/a, directories: [{src: kit, dest: d}]}]\n",
    )
    assert play.at("a").files["d/a"].source == "kit/a"


def test_two_directories_that_send_the_same_content_to_one_place_do_not_contest(tmp_path):
    files = {"kit/a": b"same", "other/a": b"same"}
    assert sent(tmp_path, "directories: [{src: kit, dest: d}, {src: other, dest: d}]", files) == {"d/a": "kit/a"}


@pytest.mark.parametrize("more", ["", ", template: true", ", transform: {repo_name: true}"])
def test_two_directories_of_one_level_that_differ_are_a_problem_at_the_second(tmp_path, more):
    files = {"kit/a": b"same", "other/a": b"same" if more else b"other"}
    entries = f"directories:\n  - {{src: kit, dest: d}}\n  - {{src: other, dest: d{more}}}\n"
    found = problems(tmp_path, entries, files)
    assert "kit/a and other/a both go to d/a" in found
    assert "line=5" in found
    assert "line 4 sends the other" in found


@pytest.mark.parametrize(
    ("entries", "reason"),
    [
        ("files: [gone]", "there is no file or directory gone in this repository"),
        ("directories: [gone]", "there is no directory gone in this repository"),
        ("directories: [README.md]", "README.md is a file"),
        ("directories: [{src: kit, exclude: ['*']}]", "every file under kit is excluded"),
        ("files: [{src: kit/a, dest: x}, {src: README.md, dest: x/y}]", "both a file and a directory"),
        ("files: [README.md]\nremove: [README.md]", "a mapping of the same level sends README.md"),
        ("directories: [kit]\nremove: [kit/deep]", "a mapping of the same level sends kit/deep/b"),
    ],
)
def test_an_entry_that_can_not_be_meant_is_a_problem(tmp_path, entries, reason):
    play = Play(tmp_path, FILES, f"targets: [acme/a]\n{entries}\n")
    with pytest.raises(ConfigError) as refusal:
        check(play)
    assert reason in "\n".join(map(str, refusal.value.problems))


def test_every_missing_source_is_named_at_once(tmp_path):
    play = Play(tmp_path, FILES, "targets: [acme/a]\nfiles: [gone, lost]\ndirectories: [README.md]\n")
    with pytest.raises(ConfigError) as refusal:
        play.builder.check_sources()
    assert len(refusal.value.problems) == 3


def test_a_target_removes_what_a_higher_level_sends(tmp_path):
    config = "directories: [kit]\ntargets: [{repo: acme/a, remove: [kit/deep, gone]}]\n"
    found = Play(tmp_path, FILES, config).at("a")
    assert set(found.files) == {"kit/a"}
    assert found.removals == {"kit/deep", "gone"}


def test_what_a_target_sends_a_higher_level_does_not_remove(tmp_path):
    config = "remove: [kit/deep]\ntargets: [{repo: acme/a, directories: [kit]}]\n"
    found = Play(tmp_path, FILES, config).at("a")
    assert "kit/deep/b" in found.files
    assert found.removals == frozenset()


@pytest.mark.parametrize(("mode", "past"), [("mirror", None), ("prune", "kit")])
def test_a_mirrored_directory_is_a_territory_and_a_copied_one_is_not(tmp_path, mode, past):
    entries = f"directories: [{{src: kit, dest: d, mode: {mode}, exclude: ['*.md']}}, other]"
    _, found = built(tmp_path, FILES, entries, never=frozenset({"kit/own", "README.md", "kitchen"}))
    (territory,) = found.territories
    assert (territory.dest, territory.past, territory.never_sent) == ("d", past, {"d/own"})
    assert [territory.covers(path) for path in ("d/x", "d/x.md", "d/own", "other/x", "dx")] == [
        True,
        False,
        False,
        False,
        False,
    ]
    assert found.directories == ("d", "other")


def test_what_excludes_left_out_is_counted(tmp_path):
    entries = "directories: [{src: kit, exclude: [a, deep/b]}, {src: other, dest: o, exclude: [x]}]"
    assert built(tmp_path, FILES, entries)[1].excluded == 2


LINKS = [
    ("a", ""),
    ("deep/b", ""),
    ("./deep/../a", "goes up behind a name"),
    ("../kit/a", ""),
    ("../README.md", "points out of its mapping"),
    ("..", "points out of its mapping"),
    ("../..", "points out of its mapping"),
    ("/etc/passwd", "points out of its mapping"),
    ("../kitchen", "points out of its mapping"),
    (".git/config", "into git's own directory"),
    ("x/.GIT", "into git's own directory"),
]


@pytest.mark.parametrize(("link", "reason"), LINKS)
def test_a_symlink_may_stay_within_its_mapping(tmp_path, link, reason):
    (tmp_path / "kit").mkdir()
    (tmp_path / "kit/link").symlink_to(link)
    _, found = built(tmp_path, FILES, "directories: [kit]")
    assert [(error.path, reason in error.reason) for error in found.errors] == ([("kit/link", True)] if reason else [])
    assert ("kit/link" in found.files) is not bool(reason)
    if not reason:
        assert (found.files["kit/link"].mode, found.files["kit/link"].oid) == (SYMLINK, blob_id(link.encode()))


@pytest.mark.parametrize("mode", ["block", "keys", "merge"])
def test_a_symlink_is_no_part_of_a_shared_file(tmp_path, mode):
    (tmp_path / "link").symlink_to("kit/a")
    _, found = built(tmp_path, FILES, f"files: [{{src: link, dest: a, mode: {mode}}}]")
    ((path, reason, _),) = found.errors
    assert (path, reason) == ("a", f"is a symlink, which has no lines for `mode: {mode}`")
    assert not found.paths


@pytest.mark.parametrize(("link", "fits"), [("a", True), ("deep/b", False)])
def test_a_flat_directory_has_no_symlinks_into_directories(tmp_path, link, fits):
    (tmp_path / "kit").mkdir()
    (tmp_path / "kit/link").symlink_to(link)
    _, found = built(tmp_path, FILES, "directories: [{src: kit, dest: d, preserve_structure: false}]")
    assert [error.path for error in found.errors] == ([] if fits else ["d/link"])


def test_a_symlink_sent_by_its_own_entry_may_stay_within_the_repository(tmp_path):
    (tmp_path / "link").symlink_to("kit/a")
    (tmp_path / "out").symlink_to("../x")
    _, found = built(tmp_path, FILES, "files: [link, out]")
    assert [error.path for error in found.errors] == ["out"]


def test_no_symlink_is_sent_as_gitmodules(tmp_path):
    (tmp_path / "link").symlink_to("kit/a")
    _, found = built(tmp_path, FILES, "files: [{src: link, dest: x/.GitModules}]")
    assert "no symlink for .gitmodules" in found.errors[0].reason
    assert ".gitmodules" in sent(tmp_path, "files: [{src: kit/a, dest: .gitmodules}]")


def test_a_name_that_no_repository_may_hold_is_an_error_of_that_file(tmp_path):
    _, found = built(tmp_path, FILES | {"kit/git~1": b"x"}, "directories: [kit]")
    assert [(error.path, "can't be sent" in error.reason) for error in found.errors] == [("kit/git~1", True)]
    assert "kit/git~1" not in found.files
    assert "kit/a" in found.files


def check(play: Play) -> None:
    play.builder.check_sources()
    play.at("a")


def warnings(root, entries: str, files: dict[str, bytes]) -> str:
    return "\n".join(built(root, files, entries)[0].warnings)


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["a", "b"], ""),
        (["x/a", "x/A"], "kit/x/A and kit/x/a are one file on macOS and Windows"),
        (["con"], "kit/con can't be checked out on Windows"),
        (["con", "aux.txt"], "kit/aux.txt and 1 more can't be checked out on Windows"),
        (["con", "aux.txt", "b?"], "kit/aux.txt and 2 more can't be checked out on Windows"),
    ],
)
def test_what_only_some_systems_can_check_out_is_a_warning(tmp_path, names, expected):
    found = warnings(tmp_path, "directories: [kit]", {f"kit/{name}": name.encode() for name in names})
    assert found.startswith(expected)
    assert bool(found) is bool(expected)


def test_a_pattern_that_matches_nothing_is_a_warning_unless_it_is_a_habit_or_the_target_decides(tmp_path):
    entries = """\
directories:
  - {src: kit, exclude: [a, nothing, '*.tmp', .env.*]}
  - {src: other, mode: mirror, exclude: [elsewhere]}
"""
    builder, _ = built(tmp_path, FILES, entries)
    assert list(builder.unused_patterns()) == ["broadcast.yml:4: the pattern 'nothing' matches nothing"]


def test_targets_with_the_same_mappings_share_one_snapshot(tmp_path):
    play = Play(tmp_path, FILES, "directories: [kit]\ntargets: [acme/a, acme/b, {repo: acme/c, files: [README.md]}]\n")
    one, two, three = (play.builder.snapshot(t.mappings, t.removals) for t in play.targets.values())
    assert one is two
    assert set(three.files) == {*one.files, "README.md"}


def test_progress_is_reported_once_for_each_directory(tmp_path):
    told = []
    play = Play(
        tmp_path,
        FILES,
        "targets: [acme/a, {repo: acme/b, files: [README.md]}]\ndirectories: [{src: kit, exclude: [a]}]\n",
    )
    builder = Builder(play.builder.config, play.checkout, frozenset(), lambda *said: told.append(said))
    for target in play.targets.values():
        builder.snapshot(target.mappings, target.removals)
    assert told == [("processing kit:", 0, 3, "files"), ("kit: 1 excluded,", 2, 2, "files")]
