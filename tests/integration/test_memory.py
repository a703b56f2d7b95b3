"""What a run holds, by tracemalloc: in a process of its own, so that the hub isn't counted."""

from __future__ import annotations

import pytest

from tests.bench import checkouts, elsewhere, memory


@pytest.mark.parametrize("targets", [1, 50])
def test_a_snapshot_takes_little_for_each_file_and_nothing_for_each_target(tmp_path, targets):
    checkouts.checkout(tmp_path, 1000)
    assert memory.snapshots(tmp_path, targets)["peak"] <= memory.PER_1000


def test_a_large_file_is_hashed_in_little_memory():
    assert memory.hashing(16 * memory.MB)["peak"] < memory.MB


@pytest.mark.parametrize("strategy", ["rest", "graphql"])
def test_a_large_file_is_sent_in_five_times_its_size(tmp_path, strategy):
    with elsewhere.world(tmp_path) as world:
        assert memory.sent(world, memory.binaries(1, 4 * memory.MB), strategy)["peak"] <= 5 * 4 * memory.MB


def test_by_rest_one_file_is_in_memory_at_a_time(tmp_path):
    with elsewhere.world(tmp_path) as world:
        assert memory.sent(world, memory.binaries(12, memory.MB), "rest")["peak"] <= 5 * memory.MB + memory.PER_1000


def test_a_change_beyond_what_a_document_takes_goes_by_rest_without_being_held(tmp_path):
    with elsewhere.world(tmp_path) as world:
        assert memory.sent(world, memory.binaries(9, 2 * memory.MB), "auto")["peak"] <= 5 * 2 * memory.MB
