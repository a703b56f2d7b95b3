"""Commits read from a store: headers, tags, damage, and ancestry with its bounds."""

from __future__ import annotations

from hashlib import sha1

import pytest

from broadcast.git import commits
from broadcast.git.commits import MAX_MESSAGE, Commit, CommitWords, commit_of, is_ancestor, words_of
from broadcast.git.packs import Unsound

TREE = "7" * 40


class Store:
    """Objects by id, in memory."""

    def __init__(self) -> None:
        self.found: dict[str, tuple[str, bytes]] = {}
        self.asked: list[str] = []

    def add(self, kind: str, content: str) -> str:
        oid = sha1(f"{kind}{content}".encode()).hexdigest()
        self.found[oid] = kind, content.encode()
        return oid

    def commit(self, seconds: int, *parents: str) -> str:
        lines = [f"tree {TREE}", *(f"parent {one}" for one in parents), "author A <a@b> 1 +0000"]
        return self.add("commit", "\n".join([*lines, f"committer C <c@d> {seconds} +0200", "", f"tree {'8' * 40}", ""]))

    def read(self, oid: str, *kinds: str) -> tuple[str, bytes]:
        self.asked.append(oid)
        kind, content = self.found[oid]
        assert kind in kinds
        return kind, content


@pytest.fixture
def store() -> Store:
    return Store()


def test_a_commit_has_its_tree_its_parents_in_order_and_its_time(store):
    one, two = store.commit(5), store.commit(6)
    merged = store.commit(123456789, two, one)
    assert commit_of(store, merged) == Commit(merged, TREE, (two, one), 123456789)
    assert commit_of(store, one).parents == ()


def test_a_commit_without_a_time_was_made_at_zero(store):
    assert commit_of(store, store.add("commit", f"tree {TREE}\n\ncommitter C <c@d> 5 +0000\n")).seconds == 0


def test_only_the_header_of_a_commit_counts(store):
    oid = store.add("commit", f"tree {TREE}\ncommitter C <c@d> 5 +0000\n\nparent {'9' * 40}\n")
    assert commit_of(store, oid).parents == ()


def test_a_commit_without_a_tree_is_unsound(store):
    with pytest.raises(Unsound, match="without a tree"):
        commit_of(store, store.add("commit", f"parent {TREE}\n\ntree {TREE}\n"))


def tagged(store: Store, oid: str, count: int) -> str:
    for number in range(count):
        oid = store.add("tag", f"object {oid}\ntype tag\ntag t{number}\n\nmessage\n")
    return oid


def test_a_tag_stands_for_its_commit_through_nine_others(store):
    oid = store.commit(5)
    assert commit_of(store, tagged(store, oid, 9)).oid == oid
    with pytest.raises(Unsound, match="without end"):
        commit_of(store, tagged(store, oid, 10))


def test_a_tag_of_nothing_has_no_commit(store):
    with pytest.raises(KeyError, match="0" * 40):
        commit_of(store, store.add("tag", "type commit\n\n"))


@pytest.fixture
def history(store):
    """a ← b ← d, a ← c ← d, and x beside them."""
    made = {"a": store.commit(10), "x": store.commit(10, store.commit(1))}
    made |= {"b": store.commit(20, made["a"]), "c": store.commit(30, made["a"])}
    made["d"] = store.commit(40, made["b"], made["c"])
    return {name: commit_of(store, oid) for name, oid in made.items()}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("a", "d", True),
        ("b", "d", True),
        ("c", "d", True),
        ("d", "d", True),
        ("d", "a", False),
        ("x", "d", False),
        ("b", "c", False),
    ],
)
def test_a_commit_comes_from_those_above_it(store, history, old, new, expected):
    assert is_ancestor(store, history[old], history[new]) is expected


def test_the_youngest_are_looked_at_first_and_each_once(store, history):
    store.asked.clear()
    assert not is_ancestor(store, history["x"], history["d"])
    names = {one.oid: name for name, one in history.items()}
    assert [names[oid] for oid in store.asked] == ["d", "b", "c", "a"]


def test_the_parents_of_a_commit_older_than_the_one_sought_are_not_looked_at(store):
    root = store.commit(50)
    middle = store.commit(5, root)
    new = commit_of(store, store.commit(60, middle))
    store.asked.clear()
    assert not is_ancestor(store, commit_of(store, root), new)
    assert store.asked[1:] == [new.oid, middle]
    assert is_ancestor(store, commit_of(store, root)._replace(seconds=5), new)


def test_a_history_that_is_cut_off_is_looked_through_as_far_as_it_goes(store):
    root = store.commit(10)
    new = commit_of(store, store.commit(40, "9" * 40, store.add("commit", "damaged"), root))
    assert is_ancestor(store, commit_of(store, root), new)


def test_a_search_that_grows_too_large_ends(store, monkeypatch):
    oids = [store.commit(10)]
    for number in range(5):
        oids.append(store.commit(20 + number, oids[-1]))
    old, new = commit_of(store, oids[0]), commit_of(store, oids[-1])
    monkeypatch.setattr(commits, "MOST", 7)
    assert is_ancestor(store, old, new)
    monkeypatch.setattr(commits, "MOST", 6)
    assert not is_ancestor(store, old, new)


def spoken(store, head: bytes, message: bytes) -> CommitWords:
    store.found["1" * 40] = "commit", b"tree " + TREE.encode() + b"\n" + head + b"\n\n" + message
    return words_of(store, "1" * 40)


@pytest.mark.parametrize(
    ("head", "message", "expected"),
    [
        (b"author A B <a@b> 1 +0000", b"One\n\nTwo\n", ("One\n\nTwo\n", "A B", "a@b")),
        (b"author <a@b> 1 +0000", b"", ("", "", "a@b")),
        (b"author \xc3\xa9 <a@b> 1 +0000", b"\xc3\xa9", ("é", "é", "a@b")),
        (b"author \xe9 <a@b> 1 +0000\nencoding ISO-8859-1", b"\xe9", ("é", "é", "a@b")),
        (b"author \xe9 <a@b> 1 +0000", b"\xff", ("\ufffd", "\ufffd", "a@b")),
        (b"author A <a@b> 1 +0000\nencoding punycode", b"x-", ("x-", "A", "a@b")),
        (b"author A <a@b> 1 +0000\nencoding utf-nonsense", b"x", ("x", "A", "a@b")),
        (b"author nonsense", b"author M <m@x> 1 +0000", ("author M <m@x> 1 +0000", "", "")),
    ],
)
def test_a_commits_words_are_its_message_and_its_author(store, head, message, expected):
    assert spoken(store, head, message) == CommitWords(*expected)


def test_a_message_without_end_is_cut_and_a_header_of_brackets_takes_no_time(store):
    found = spoken(store, b"author " + b"<" * 1_000_000, b"x" * 1_000_000)
    assert (len(found.message), found.name, found.email) == (MAX_MESSAGE, "", "")
