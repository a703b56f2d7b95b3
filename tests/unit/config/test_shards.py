"""A fleet split over the jobs of a matrix: every target once, none moved without need, no token used up twice."""

from __future__ import annotations

from collections import defaultdict
from math import isclose

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from broadcast.config.shards import TARGETS_A_SHARD, Shard, matrix, shard_of, share

OWNERS = st.lists(st.text("abcDEF-9", min_size=1, max_size=6), min_size=1, max_size=12, unique_by=str.lower)
NAMES = st.lists(st.text("abcXYZ._-", min_size=1, max_size=8), min_size=1, max_size=12, unique_by=str.lower)
COUNTS = st.integers(1, 24)

patient = settings(deadline=None, max_examples=60)


def fleet(owners: list[str], names: list[str]) -> list[tuple[str, str]]:
    return [(owner, name) for owner in owners for name in names]


def split(targets: list[tuple[str, str]], count: int) -> dict[tuple[str, str], int]:
    """The shard of every repository."""
    owners = [owner for owner, _ in targets]
    return {(owner, name): shard_of(owner, name, owners, count) for owner, name in targets}


@patient
@given(OWNERS, NAMES, COUNTS)
def test_every_target_is_in_exactly_one_shard_whichever_run_asks_and_however_it_is_written(owners, names, count):
    shards = split(fleet(owners, names), count)
    assert set(shards.values()) <= set(range(1, count + 1))
    shouted = split([(owner.swapcase(), name.swapcase()) for owner, name in reversed(shards)], count)
    assert list(shouted.values())[::-1] == list(shards.values())


@patient
@given(OWNERS, NAMES, COUNTS, st.text("abc", min_size=1, max_size=5))
def test_a_new_target_of_a_known_owner_moves_no_other(owners, names, count, new):
    targets = fleet(owners, names)
    assert split([(owners[-1], new), *targets], count).items() >= split(targets, count).items()


@patient
@given(OWNERS, NAMES, COUNTS)
def test_an_owner_is_in_one_shard_where_there_are_enough_of_them_and_else_a_shard_has_one_owner(owners, names, count):
    shards_of, owners_in = defaultdict(set), defaultdict(set)
    for (owner, _), shard in split(fleet(owners, names), count).items():
        shards_of[owner].add(shard)
        owners_in[shard].add(owner)
    one_each = shards_of if len(owners) >= count else owners_in
    assert {len(found) for found in one_each.values()} == {1}


@patient
@given(st.integers(1, 5), st.integers(6, 20))
def test_fewer_owners_than_shards_share_them_out_evenly(few, count):
    owners = [f"org{n}" for n in range(few)]
    used = [len({shard_of(owner, f"t{n}", owners, count) for n in range(400)}) for owner in owners]
    assert sum(used) == count
    assert max(used) - min(used) <= 1


@patient
@given(OWNERS, COUNTS, st.integers(1, 4))
def test_the_shards_of_one_token_take_no_more_than_the_whole_of_it(owners, count, tokens):
    def identity(owner: str) -> str:
        return str(sorted(map(str.lower, owners)).index(owner.lower()) % tokens)

    taken: dict[str, dict[int, float]] = defaultdict(dict)
    for (owner, _), shard in split(fleet(owners, [f"t{n}" for n in range(40)]), count).items():
        taken[identity(owner)].setdefault(shard, share(owner, owners, count, identity))
    for parts in taken.values():
        assert len(set(parts.values())) == 1
        assert sum(parts.values()) <= 1 or isclose(sum(parts.values()), 1)


def test_one_shard_has_all_of_its_token():
    assert share("acme", ["acme", "other"], 1, lambda _: "token") == 1


def test_owners_with_tokens_of_their_own_do_not_share_and_owners_with_the_same_do():
    owners = ["acme", "other"]
    assert share("acme", owners, 4, lambda owner: owner) == 1 / 2
    assert share("acme", owners, 4, lambda _: "token") == 1 / 4


@pytest.mark.parametrize(
    ("targets", "shards"), [(0, 1), (1, 1), (TARGETS_A_SHARD, 1), (TARGETS_A_SHARD + 1, 2), (5_000, 10), (5_001, 11)]
)
def test_a_matrix_has_as_many_shards_as_an_hour_of_writes_needs(targets, shards):
    assert matrix(targets) == [f"{n}/{shards}" for n in range(1, shards + 1)]


def test_a_shard_is_written_as_people_write_it():
    assert str(Shard(2, 10)) == "2/10"
