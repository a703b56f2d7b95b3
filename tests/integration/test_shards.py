"""A job matrix for a large fleet: every target once, every token within its limits."""

from __future__ import annotations

import json

from tests.integration.test_main_job import FILES, behind, config
from tests.sharded import SHARDS, play


def test_ten_shards_of_five_owners_reach_every_target_once_within_the_limits_of_each_token(tmp_path):
    played = play(tmp_path, 500)
    assert played.outcomes == {"created": 500}
    assert {len(shards) for shards in played.shards.values()} == {1}
    assert {shard for shards in played.shards.values() for shard in shards} == {f"{n}/10" for n in range(1, SHARDS + 1)}
    assert played.pulls == 500
    assert played.rejected == 0
    assert played.most_an_hour <= 500


def test_plan_prints_the_matrix_that_the_fleet_should_be_split_into(world):
    world.write(FILES, config(*(f"acme/t{n}" for n in range(3))))
    for n in range(3):
        world.hub.repository(f"acme/t{n}", files=behind())
    ran = world.run(command="plan")
    assert json.loads(ran.outputs["matrix"]) == {"shard": ["1/1"]}


def test_the_shards_together_are_the_fleet(world):
    names = [f"acme/t{n}" for n in range(6)]
    world.write(FILES, config(*names))
    for name in names:
        world.hub.repository(name, files=behind())
    seen = [target for n in (1, 2) for target in world.run(shard=f"{n}/2", command="plan").outcomes]
    assert sorted(seen) == names
