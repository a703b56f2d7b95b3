"""Which edits are equal, in which order they come, and which one is taken."""

from __future__ import annotations

import pytest

from broadcast.errors import UsageError
from broadcast.observe.finds import Improvement, Unable
from broadcast.observe.touches import Author
from broadcast.plan.harvest import chooser, grouped, named, taken

ANN, BOB = Author("Ann", "ann@example.com", "ann"), Author("Bob", "bob@example.com")


def edit(target: str, after: str = "new\n", source: str = "a.yml", **more) -> Improvement:
    return Improvement(target, "there.yml", source, b"old\n", after.encode(), **more)


def test_equal_edits_of_a_file_are_one_group_with_all_of_their_authors():
    found = grouped([edit("o/a", authors=(ANN,)), edit("o/b", authors=(ANN, BOB)), edit("o/c", "other\n")], ["o/x"])
    assert [[place.target for place in group.places] for group in found.groups] == [["o/a", "o/b"], ["o/c"]]
    assert found.groups[0].authors == (ANN, BOB)
    assert (found.groups[0].diff.added, found.groups[0].diff.removed) == (1, 1)
    assert found.withheld == ("o/x",)


def test_the_edits_of_most_repositories_come_first_and_those_of_unknown_origin_last():
    foreign = [edit(f"o/{name}", source="z.yml", is_foreign=True) for name in "abc"]
    found = grouped([*foreign, edit("o/a"), edit("o/a", source="b.yml"), edit("o/b", source="b.yml")], [])
    assert [group.source for group in found.groups] == ["b.yml", "a.yml", "z.yml"]


def test_what_cant_be_carried_back_is_kept_apart():
    one = Unable("o/a", "there.yml", "a.yml", "why")
    assert grouped([one], []).unable == (one,)


def test_one_edit_of_each_path_is_taken():
    found = grouped([edit("o/a"), edit("o/b"), edit("o/a", source="b.yml")], [])
    assert [group.source for group in taken(found)] == ["a.yml", "b.yml"]


def test_different_edits_of_a_path_are_refused_with_their_repositories():
    with pytest.raises(UsageError) as caught:
        taken(grouped([edit("o/a"), edit("o/b"), edit("o/c", "other\n")], []))
    assert caught.value.message == "a.yml has 2 different edits, in 1: o/a, o/b; 2: o/c"
    assert "only-targets: o/a" in caught.value.remedy


@pytest.mark.parametrize(
    ("count", "words"), [(1, "o/0"), (3, "o/0, o/1, o/2"), (4, "o/0, o/1 and 2 more"), (30, "o/0, o/1 and 28 more")]
)
def test_many_repositories_are_counted(count, words):
    (group,) = grouped([edit(f"o/{number}") for number in range(count)], []).groups
    assert named(group) == words


def test_a_path_is_the_sources_or_the_targets():
    assert all(chooser(path)("kit/a", "a") for path in ("", "kit/a", "a"))
    assert not chooser("b")("kit/a", "a")
