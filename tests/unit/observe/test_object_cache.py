"""What one run learned of directories, the next one knows; and no cache file, however spoiled, is believed or fatal."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from broadcast.git.objects import EXECUTABLE, GITLINK, REGULAR, SYMLINK, TREE, Entry, blob_id, tree_content, tree_id
from broadcast.observe import object_cache
from broadcast.observe.object_cache import FILE, ObjectCache

DAY = 86_400.0
patiently = settings(deadline=None)  # a busy machine is no reason to fail
NAMES = st.text(st.characters(exclude_characters="\0/", exclude_categories=["Cs"]), min_size=1, max_size=5)
ENTRIES = st.builds(
    Entry, st.sampled_from([REGULAR, EXECUTABLE, SYMLINK, TREE, GITLINK]), st.binary(max_size=2).map(blob_id)
)
LISTINGS = st.lists(st.dictionaries(NAMES, ENTRIES, max_size=4), max_size=5).map(
    lambda found: {tree_id(one): one for one in found}
)
ONE = {"a.md": Entry(REGULAR, blob_id(b"a"))}
OTHER = {"b.md": Entry(REGULAR, blob_id(b"b"))}
MANY = {f"{n}.md": Entry(REGULAR, blob_id(b"%d" % n)) for n in range(9)}


def oids(*found) -> list[str]:
    return [tree_id(one) for one in found]


def learned(directory: Path | None, *found, now: float = 0.0) -> ObjectCache:
    """Listings that this run learned these of."""
    known = ObjectCache(directory, now)
    known.learn({tree_id(one): one for one in found})
    return known


def saved(directory: Path, *found, now: float = 0.0) -> Path:
    """The cache file of a run that learned these."""
    learned(directory, *found, now=now).save()
    return directory / FILE


def kept(directory: Path) -> set[str]:
    """The trees in the cache file."""
    return set(msgspec.msgpack.decode((directory / FILE).read_bytes()))


@patiently
@given(LISTINGS, LISTINGS)
def test_what_is_learned_is_found_and_nothing_else(ours, others):
    known = ObjectCache()
    known.learn(ours)
    assert {oid: known.get(oid) for oid in ours} == ours
    assert all(known.get(oid) is None for oid in others.keys() - ours.keys())
    assert known.hits == 0


@patiently
@given(LISTINGS)
def test_what_one_run_learned_the_next_one_knows_and_counts_once(found):
    with tempfile.TemporaryDirectory() as directory:
        saved(Path(directory) / "made" / "as needed", *found.values())
        known = ObjectCache(Path(directory) / "made" / "as needed")
        assert {oid: known.get(oid) for oid in found} == found
        assert {oid: known.get(oid) for oid in found} == found
    assert (known.hits, known.warnings) == (len(found), {})


def test_nothing_is_written_where_nothing_was_learned_or_no_directory_is_given(tmp_path):
    ObjectCache(tmp_path / "cache").save()
    learned(None, ONE).save()
    assert not list(tmp_path.iterdir())


def is_spoiled(content: bytes) -> bool:
    try:
        msgspec.msgpack.decode(content, type=dict[str, tuple[int, bytes]])
    except msgspec.MsgspecError:
        return True
    except (UnicodeDecodeError, RecursionError):  # has a test of its own below
        return False
    return False


def assert_ignored_and_replaced(content: bytes) -> None:
    with tempfile.TemporaryDirectory() as directory:
        (Path(directory) / FILE).write_bytes(content)
        known = learned(Path(directory), ONE)
        assert known.get(tree_id(OTHER)) is None
        known.save()
        assert list(known.warnings) == [f"the cache {Path(directory) / FILE} is corrupt and is ignored"]
        assert ObjectCache(Path(directory)).get(tree_id(ONE)) == ONE


@patiently
@given(st.binary(max_size=60).filter(is_spoiled))
@example(b"")
@example(b"\x81\xa1a\x92\x01\xa1b")  # text where bytes belong
@example(b"\x81\xa1a\x92\xa11\xc4\x00")  # a day that is text
@example(b"\x91\x01")  # a list
@example(b"\xdf\xff\xff\xff\xff")  # a map of four thousand million names that never come
@example(b"\x80\x80")  # something after the end
def test_a_file_that_is_no_cache_is_ignored_with_one_warning_and_replaced(content):
    assert_ignored_and_replaced(content)


@patiently
@given(st.data())
def test_a_file_that_was_cut_off_is_ignored_with_one_warning(data):
    with tempfile.TemporaryDirectory() as directory:
        whole = saved(Path(directory), ONE, OTHER, MANY).read_bytes()
    assert_ignored_and_replaced(whole[: data.draw(st.integers(0, len(whole) - 1))])


@pytest.mark.parametrize(
    "content",
    [b"\x81\xa1\xff\x92\x01\xc4\x00", b"\x81\xa1a\x93\x01\xc4\x00" + b"\x91" * 200_000],
    ids=["a name that is no UTF-8", "too deep"],
)
def test_a_file_that_the_reader_stumbles_over_in_its_own_way_is_ignored_too(content):
    assert_ignored_and_replaced(content)


def test_a_file_far_beyond_its_bounds_is_not_even_read(tmp_path, monkeypatch):
    saved(tmp_path, MANY)
    monkeypatch.setattr(object_cache, "MAX_BYTES", 100)
    known = ObjectCache(tmp_path)
    assert known.get(tree_id(MANY)) is None
    assert [text.partition(FILE)[2] for text in known.warnings] == [" is far too large and is ignored"]


# Entries that prove false


@patiently
@given(st.binary(max_size=40) | st.just(tree_content(OTHER)))
def test_an_entry_whose_content_does_not_hash_to_its_id_is_not_believed_and_the_others_are(content):
    oid = tree_id(ONE)
    with tempfile.TemporaryDirectory() as directory:
        file = saved(Path(directory), MANY)
        stored = msgspec.msgpack.decode(file.read_bytes()) | {oid: [0, content]}
        file.write_bytes(msgspec.msgpack.encode(stored))
        known = ObjectCache(Path(directory))
        assert known.get(oid) is known.get(oid) is None
        assert known.get(tree_id(MANY)) == MANY
        assert known.hits == 1
        assert [text.partition(FILE)[2] for text in known.warnings] == [" has a corrupt entry, which is ignored"]
        known.learn({oid: ONE})
        known.save()
        assert ObjectCache(Path(directory)).get(oid) == ONE


@patiently
@given(LISTINGS, LISTINGS)
def test_names_that_are_not_those_of_the_tree_are_used_in_this_run_and_never_stored(sound, mangled):
    """GitHub spells names that are no UTF-8 in a way of its own: their listing doesn't hash to the tree's id."""
    strange = {blob_id(oid.encode()): one for oid, one in mangled.items()}
    with tempfile.TemporaryDirectory() as directory:
        known = learned(Path(directory), ONE)
        known.learn(sound | strange)
        assert all(known.get(oid) == one for oid, one in strange.items())
        known.save()
        assert kept(Path(directory)) == {tree_id(ONE), *sound}


def test_a_name_that_cannot_even_be_encoded_is_not_stored_either(tmp_path):
    known = learned(tmp_path, ONE)
    known.learn({blob_id(b"x"): {"caf\udce9": Entry(REGULAR, blob_id(b"x"))}})  # JSON may well say "\udce9"
    known.save()
    assert kept(tmp_path) == {tree_id(ONE)}


# What is kept


def test_what_this_run_used_is_kept_first_and_then_what_was_used_last(tmp_path, monkeypatch):
    old, older, oldest, new = ({name: Entry(REGULAR, blob_id(b""))} for name in "abcd")
    for day, one in enumerate([oldest, older, old]):
        saved(tmp_path, one, now=day * DAY)
    size = len(tree_content(new)) + object_cache._OVERHEAD
    for room, expected in ((3, (new, oldest, old)), (2, (new, oldest))):
        monkeypatch.setattr(object_cache, "MAX_BYTES", room * size)
        known = learned(tmp_path, new, now=9 * DAY)
        assert known.get(tree_id(oldest)) == oldest
        known.save()
        assert kept(tmp_path) == set(oids(*expected))


def test_what_was_used_today_is_marked_so(tmp_path):
    saved(tmp_path, ONE, OTHER, now=3 * DAY)
    known = ObjectCache(tmp_path, 5 * DAY + 7)
    known.get(tree_id(ONE))
    known.save()
    stored = msgspec.msgpack.decode((tmp_path / FILE).read_bytes())
    assert {oid: used for oid, (used, _) in stored.items()} == {tree_id(ONE): 5, tree_id(OTHER): 3}


@patiently
@given(st.lists(LISTINGS, max_size=4), st.integers(10, 900))
def test_the_file_never_outgrows_its_bounds(runs, most):
    with tempfile.TemporaryDirectory() as directory, pytest.MonkeyPatch.context() as patch:
        patch.setattr(object_cache, "MAX_BYTES", most)
        for day, found in enumerate(runs):
            known = ObjectCache(Path(directory), day * DAY)
            known.learn(found)
            known.save()
            assert not known.warnings
            assert not found or (Path(directory) / FILE).stat().st_size <= most + 5


def test_two_jobs_that_save_one_after_the_other_keep_what_both_learned(tmp_path):
    first, second = learned(tmp_path, ONE), learned(tmp_path, OTHER)
    first.save()
    second.save()
    assert kept(tmp_path) == set(oids(ONE, OTHER))


def test_a_save_leaves_nothing_but_the_file_itself(tmp_path):
    saved(tmp_path, ONE)
    saved(tmp_path, OTHER)
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


# Directories that are gone or can't be written


def test_a_directory_that_somebody_deletes_does_no_harm(tmp_path):
    saved(tmp_path / "cache", ONE, OTHER)
    known = ObjectCache(tmp_path / "cache")
    shutil.rmtree(tmp_path / "cache")
    assert known.get(tree_id(ONE)) == ONE
    known.save()
    assert kept(tmp_path / "cache") == set(oids(ONE, OTHER))
    shutil.rmtree(tmp_path / "cache")
    known = ObjectCache(tmp_path / "cache")
    assert known.get(tree_id(ONE)) is None
    assert not known.warnings


def test_a_file_where_the_directory_should_be_is_a_warning(tmp_path):
    (tmp_path / "cache").write_text("mine")
    known = learned(tmp_path / "cache", ONE)
    known.save()
    assert any("can't be written" in text for text in known.warnings)
    assert (tmp_path / "cache").read_text() == "mine"


def test_a_directory_where_the_file_should_be_is_a_warning_and_nothing_is_left_behind(tmp_path):
    (tmp_path / FILE / "inside").mkdir(parents=True)
    known = learned(tmp_path, ONE)
    known.save()
    assert any("can't be read" in text for text in known.warnings)
    assert any("can't be written" in text for text in known.warnings)
    assert [path.name for path in tmp_path.iterdir()] == [FILE]


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is forbidden to root")
def test_a_directory_that_may_not_be_written_to_is_a_warning(tmp_path):
    saved(tmp_path, ONE)
    tmp_path.chmod(0o500)
    known = learned(tmp_path, OTHER)
    assert known.get(tree_id(ONE)) == ONE
    known.save()
    tmp_path.chmod(0o700)
    assert [text.partition(FILE)[2] for text in known.warnings] == [" can't be written: Permission denied"]
    assert kept(tmp_path) == {tree_id(ONE)}
