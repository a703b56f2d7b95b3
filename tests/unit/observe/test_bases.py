"""The base of a merge: the version of the source's file that a target had last."""

from __future__ import annotations

import pytest

from broadcast.compose.composition import merge_identity
from broadcast.config.values import scalar
from broadcast.git.objects import EXECUTABLE, REGULAR, Entry, blob_id
from broadcast.observe.bases import Base, Bases, Needs, Past
from broadcast.observe.contents import Contents
from broadcast.observe.object_cache import ObjectCache
from broadcast.snapshot.content import Recipe
from broadcast.snapshot.snapshot import Wanted, pair

PATH, SOURCE = "conf", "src/conf"
ONE, TWO, THREE = (blob_id(text) for text in (b"1\n", b"2\n", b"3\n"))
WANTED = Wanted(REGULAR, THREE, SOURCE)
THEIRS = Entry(REGULAR, blob_id(b"theirs\n"))


def bases(*known: bytes, versions: tuple[str, ...] | None = (THREE, TWO, ONE)) -> Bases:
    """Bases with some versions of the source's file, the contents of `known` ones read."""
    cache = ObjectCache()
    for content in known:
        cache.learn_blob(blob_id(content), content)
    return Bases({} if versions is None else {SOURCE: versions}, Contents(cache))


def brought(*oids: str) -> Past:
    return Past({pair(PATH, 0, merge_identity(oid)): number for number, oid in enumerate(oids, 1)}, {PATH: ()})


@pytest.mark.parametrize("entry", [None, Entry(REGULAR, THREE)])
def test_where_nothing_is_to_be_merged_none_is_looked_for(entry):
    assert bases(versions=None).of(PATH, WANTED, entry, Past(None)) == Base()


def test_what_is_not_known_is_asked_step_by_step():
    assert bases(versions=None).of(PATH, WANTED, THEIRS, Past(None)).needs == Needs(versions=frozenset({SOURCE}))
    assert bases().of(PATH, WANTED, THEIRS, Past(None)).needs == Needs(pulls=True)
    assert bases().of(PATH, WANTED, THEIRS, Past()).needs == Needs(past=frozenset({PATH}))
    assert bases().of(PATH, WANTED, THEIRS, brought(TWO)).needs == Needs(texts=frozenset({TWO}))
    assert bases(b"2\n").of(PATH, WANTED, THEIRS, brought(TWO)) == Base(TWO, b"2\n")


def test_a_target_with_a_version_of_the_source_needs_no_pull_request():
    assert bases(b"1\n").of(PATH, WANTED, Entry(EXECUTABLE, ONE), Past(None)) == Base(ONE, b"1\n")


@pytest.mark.parametrize("mode", [REGULAR, EXECUTABLE])
def test_a_version_that_came_as_a_whole_file_is_one(mode):
    past = Past({pair(PATH, mode, ONE): 1})
    assert bases(b"1\n").of(PATH, WANTED, THEIRS, past) == Base(ONE, b"1\n")


def test_without_a_pull_request_the_newest_version_in_the_targets_own_history_counts():
    past = Past({}, {PATH: (THEIRS.oid, ONE, TWO)})
    assert bases(b"1\n", b"2\n").of(PATH, WANTED, THEIRS, past) == Base(ONE, b"1\n")
    assert bases().of(PATH, WANTED, THEIRS, Past({}, {PATH: (THEIRS.oid,)})) == Base()


def test_of_several_pull_requests_the_last_one_counts_whichever_version_it_brought():
    assert bases(b"1\n", b"2\n").of(PATH, WANTED, THEIRS, brought(TWO, ONE)).oid == ONE


def test_a_template_is_compared_as_the_target_got_it():
    text, made = b"[[ NAME ]]\n", b"api\n"
    recipe = Recipe((("NAME", scalar("api")),))
    wanted = Wanted(REGULAR, THREE, SOURCE, recipe=recipe)
    versions = (blob_id(b"[[ OTHER ]]\n"), blob_id(text))
    assert bases(versions=versions).of(PATH, wanted, THEIRS, Past(None)).needs == Needs(texts=frozenset(versions))
    found = bases(text, b"[[ OTHER ]]\n", versions=versions).of(PATH, wanted, THEIRS, brought(blob_id(made)))
    assert (found.oid, found.content) == (blob_id(made), made)
