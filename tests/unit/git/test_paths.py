"""Repository paths: which are normalised to what, which are refused and why, and how directories relate."""

from __future__ import annotations

import pytest

from broadcast.git import paths
from broadcast.git.paths import MAX_DEPTH, MAX_NAME, MAX_PATH


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("a", "a"),
        ("a/b", "a/b"),
        ("a/b/", "a/b"),
        ("./a//./b", "a/b"),
        (".", "."),
        ("./", "."),
        ("a/..b", "a/..b"),
        ("ü/\u00a0", "ü/\u00a0"),
        ("/".join(["n"] * MAX_DEPTH), "/".join(["n"] * MAX_DEPTH)),
        ("n" * MAX_NAME, "n" * MAX_NAME),
        (f"{'n' * MAX_NAME}/x", f"{'n' * MAX_NAME}/x"),
        ("/".join(["n" * 127] * 32), "/".join(["n" * 127] * 32)),
        ("\udcff", "\udcff"),
    ],
)
def test_a_path_loses_what_only_people_write(path, expected):
    assert paths.normalise(path) == expected


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("", "a path can't be empty"),
        ("a\nb", "control characters"),
        ("a\x7f", "control characters"),
        ("a\x9f", "control characters"),
        ("a\\b", "not \\"),
        ("/a", "remove the leading /"),
        ("..", "leaves the repository"),
        ("a/../b", "leaves the repository"),
        (".git", "git's own directory"),
        ("a/.GIT/config", "git's own directory"),
        ("a/git~1", "git's own directory"),
        ("a/.git. :x/b", "git's own directory"),
        ("a/.g\u200cit", "git's own directory"),
        ("n" * (MAX_NAME + 1), f"longer than {MAX_NAME} bytes"),
        ("ü" * 128, f"longer than {MAX_NAME} bytes"),
        ("\udcff" * 86, f"longer than {MAX_NAME} bytes"),
        (f"x/{'n' * (MAX_NAME + 1)}", f"longer than {MAX_NAME} bytes"),
        ("/".join(["n"] * (MAX_DEPTH + 1)), f"more than {MAX_DEPTH} names"),
        (f"{'n' * 127}/" * 32 + "n", f"longer than {MAX_PATH} bytes"),
    ],
)
def test_a_path_that_may_not_be_used_says_why(path, reason):
    with pytest.raises(ValueError, match=r".") as refusal:
        paths.normalise(path)
    assert reason in str(refusal.value)


@pytest.mark.parametrize("name", ["a", "..a", ".gitignore", "git~", "n" * MAX_NAME, "ü" * 127])
def test_a_name_may_be_used(name):
    paths.check_name(name)


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("..", "leaves the repository"),
        (".Git", "git's own directory"),
        ("n" * (MAX_NAME + 1), f"longer than {MAX_NAME} bytes"),
        ("\udcff" * 86, f"longer than {MAX_NAME} bytes"),
    ],
)
def test_a_name_that_may_not_be_used_says_why(name, reason):
    with pytest.raises(ValueError, match=r".") as refusal:
        paths.check_name(name)
    assert reason in str(refusal.value)


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("a/b.c", True),
        ("n" * MAX_NAME, True),
        ("n" * (MAX_NAME + 1), False),
        ("/".join(["n"] * MAX_DEPTH), True),
        ("/".join(["n"] * (MAX_DEPTH + 1)), False),
        ("a b", False),
        ("con.txt", False),
        ("ü", False),
        ("", False),
    ],
)
def test_plain_paths_are_few_but_sure(path, expected):
    assert paths.is_plain(path) is expected


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (".gitmodules", True),
        (".GitModules", True),
        (".gitmodules. .", True),
        (".gitmodules:a:b", True),
        (".git\u200cmodules", True),
        ("gitmod~1", True),
        ("gitmod~5", False),
        ("gi7eba~9", True),
        ("gi7eb~10", True),
        ("gi7eb~01", False),
        ("x.gitmodules", False),
        ("gitmodules", False),
        (".gitmodules-old", False),
    ],
)
def test_what_any_file_system_takes_for_gitmodules_is_found(name, expected):
    assert paths.is_git_modules(name) is expected


@pytest.mark.parametrize(
    ("link", "expected"),
    [
        ("a", False),
        ("..", False),
        ("../../a", False),
        (".././../a", False),
        ("..//../a/b", False),
        ("a/..", True),
        ("../a/../b", True),
        ("a/b/../../c", True),
        ("./..", False),
        ("a/..b", False),
        ("", False),
    ],
)
def test_a_link_climbs_if_it_goes_up_after_a_name(link, expected):
    assert paths.climbs(link) is expected


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (["a", "b"], []),
        (["a", "A"], [("a", "A")]),
        (["a", "b", "B", "A", "Ä"], [("b", "B"), ("a", "A")]),
        (["ü", "u\u0308"], [("ü", "u\u0308")]),
        (["Ü", "u\u0308", "ü"], [("Ü", "u\u0308"), ("Ü", "ü")]),
        (["straße", "strasse"], [("straße", "strasse")]),
        (["ü", "u"], []),
        ([], []),
    ],
)
def test_paths_collide_that_differ_in_case_or_normalisation_alone(found, expected):
    assert list(paths.collisions(found)) == expected


def test_windows_refuses_its_devices_its_characters_and_final_dots():
    good = ["a/con1", "console", "com", "a b", "x.con", "auxx/y", "null"]
    bad = [
        "con",
        "a/NUL.txt",
        "aux /b",
        "com1",
        "lpt².x",
        "CONIN$",
        "a.",
        "a /b",
        "a<",
        "b/c:d",
        "a?",
        "a*",
        'a"',
        "a|b",
    ]
    assert paths.not_on_windows([*good, *bad]) == bad


def test_directories_contain_themselves_and_what_begins_with_them_and_a_slash():
    assert [paths.is_below(path, "a/b") for path in ("a/b", "a/b/c", "a/bc", "a", "x/a/b")] == [
        True,
        True,
        False,
        False,
        False,
    ]
    assert paths.is_below("a", ".")
    assert paths.is_below(".", ".")


def test_a_path_is_joined_to_its_directory_unless_that_is_the_root():
    assert (paths.join("a", "b/c"), paths.join(".", "b/c"), paths.join("a", "")) == ("a/b/c", "b/c", "a/")


def test_the_parents_of_a_path_begin_with_the_highest():
    assert paths.parents("a/b/c") == ["a", "a/b"]
    assert paths.parents("a") == []
