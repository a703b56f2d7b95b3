"""`seed` writes what a target never had; `prune` takes away what the source once sent and has no more."""

from __future__ import annotations

import pytest

from tests.hub import Symlink
from tests.integration.test_main_job import changed
from tests.world import TOKEN, git

OURS = "broadcast/acme/templates"
README = {"README.md": b"theirs\n"}


def later(swift, **inputs: str):
    """One more run, a minute after whatever came before."""
    swift.hub.clock.advance(60)
    return swift.run(**inputs)


def rests(swift, outcome: str = "in_sync", code: int = 0):
    """Two runs that write nothing and cost the same, but for how large their questions have grown."""
    found = []
    for _ in range(2):
        ran = later(swift)
        assert (ran.code, set(ran.outcomes.values())) == (code, {outcome}), ran.log
        assert not [request for request in swift.hub.requests if request.writes]
        found.append(swift.hub.calls())
    assert abs(found[0].total() - found[1].total()) <= 1
    return ran


def config(mode: str, *names: str, more: str = "") -> str:
    return (
        f"version: 1\ntargets: [{', '.join(names or ['acme/api'])}]\ndirectories: [{{src: kit, mode: {mode}{more}}}]\n"
    )


# Seed


def seeded(swift, held=README, more: str = ""):
    swift.write({"kit/a": "a\n", "kit/sub/b": "b\n"}, config("seed", more=more))
    return swift.hub.repository("acme/api", files=held)


def test_a_seed_is_written_where_it_is_absent_and_then_belongs_to_the_target(swift):
    api = seeded(swift)
    assert later(swift).outcomes == {"acme/api": "created"}
    assert changed(api, OURS) == {"kit/a": "A", "kit/sub/b": "A"}
    rests(swift, "open")
    api.merge_pull(1, delete_branch=True)
    rests(swift)
    api.commit({"kit/a": b"their own\n"})
    swift.write({"kit/a": "new\n"})
    rests(swift)


def test_a_seed_that_people_deleted_is_never_written_again(swift):
    api = seeded(swift)
    later(swift)
    api.merge_pull(1, delete_branch=True)
    api.commit({"kit/a": None})
    ran = rests(swift)
    assert "left out: kit/a, was there once (mode: seed)" in ran.log
    swift.write({"kit/a": "new\n"})
    rests(swift)
    swift.write({"kit/c": "c\n"})
    assert later(swift).outcomes == {"acme/api": "created"}
    assert changed(api, OURS) == {"kit/c": "A"}
    assert "Left out: `kit/a` — was there once" in api.pulls[1].body


def test_a_seed_that_the_target_once_had_by_itself_is_not_written_either(swift):
    api = seeded(swift, {**README, "kit/a": b"theirs\n"})
    api.commit({"kit/a": None})
    later(swift)
    assert changed(api, OURS) == {"kit/sub/b": "A"}


@pytest.mark.parametrize("there", [b"own\n", Symlink("README.md")])
def test_under_a_seeded_directory_each_file_counts_by_itself(swift, there):
    api = seeded(swift, {**README, "kit/a": there, "kit/own": b"o"})
    later(swift)
    assert changed(api, OURS) == {"kit/sub/b": "A"}
    api.merge_pull(1, delete_branch=True)
    rests(swift)


def test_a_directory_in_the_place_of_a_seed_is_no_error(swift):
    seeded(swift, {**README, "kit/a/deep": b"own\n", "kit/sub/b": b"own\n"})
    rests(swift)


def test_a_declined_seed_is_not_proposed_again(swift):
    api = seeded(swift)
    later(swift)
    api.close_pull(1)
    later(swift)  # answers
    assert "#1" in rests(swift, "declined").target("acme/api")["reason"]


def test_a_seed_that_appears_on_its_own_leaves_nothing_to_propose(swift):
    api = seeded(swift)
    later(swift)
    api.commit({"kit/a": b"own\n", "kit/sub/b": b"own\n"})
    assert later(swift).outcomes == {"acme/api": "closed"}
    rests(swift)


def test_a_seeded_template_is_rendered_once_and_then_left_alone(swift):
    swift.write({"t": "[[ target.name ]] 1"}, "version: 1\ntargets: [acme/api]\nfiles: [{src: t, mode: seed, template: true}]\n")  # fmt: skip
    api = swift.hub.repository("acme/api", files=README)
    later(swift)
    api.merge_pull(1, delete_branch=True)
    assert api.files()["t"][1] == b"api 1"
    swift.write({"t": "[[ target.name ]] 2"})
    rests(swift)


def test_seeds_of_a_hundred_targets_are_asked_for_together(swift):
    names = [f"acme/t{n}" for n in range(100)]
    swift.write({"kit/a": "a\n"}, config("seed", *names))
    repos = [swift.hub.repository(name, files={**README, "kit/a": b"own", "kit/b": b"b"}) for name in names]
    rests(swift)
    in_step = sum(swift.hub.calls().values())
    for repo in repos:
        repo.commit({"kit/a": None})
    ran = rests(swift)
    assert "left out: kit/a" in ran.summary
    assert in_step <= 5
    assert sum(swift.hub.calls().values()) <= in_step + 4


# Prune


def publish(swift):
    """Give the hub the source with its history."""
    swift.publish()


def outgrown(swift, *names: str, more: str = "", held=None):
    """Targets that hold what the source once had; the source has removed kit/old and changed kit/gone before."""
    swift.write({"kit/a": "a\n", "kit/old": "old\n", "kit/sub/gone": "1\n"})
    swift.write({"kit/sub/gone": "2\n"})
    swift.write({"kit/old": None, "kit/sub/gone": None}, config("prune", *names, more=more))
    publish(swift)
    known = {"kit/a": b"a\n", "kit/old": b"old\n", "kit/sub/gone": b"1\n"}
    return [
        swift.hub.repository(name, files={**README, **known, **(held or {})}) for name in names or ["acme/api"]
    ]  # fmt: skip


def test_what_the_source_once_had_goes_and_what_is_the_targets_own_stays(swift):
    own = {"kit/own": b"own\n", "kit/sub/own": b"old\n", "kit/tmp/own": b"old\n"}
    (api,) = outgrown(swift, held=own)
    ran = later(swift)
    assert (ran.code, changed(api, OURS)) == (0, {"kit/old": "D", "kit/sub/gone": "D"})
    assert "### Deletions" in ran.summary
    rests(swift, "open")
    api.merge_pull(1, delete_branch=True)
    rests(swift)
    assert set(api.files()) == {*README, "kit/a", *own}


def test_what_people_changed_stays(swift):
    (api,) = outgrown(swift, held={"kit/old": b"changed\n"})
    later(swift)
    assert changed(api, OURS) == {"kit/sub/gone": "D"}
    api.merge_pull(1, delete_branch=True)
    rests(swift)


def test_what_the_excludes_cover_stays(swift):
    (api,) = outgrown(swift, more=", exclude: [old]")
    later(swift)
    assert changed(api, OURS) == {"kit/sub/gone": "D"}


def test_changes_and_deletions_go_into_one_pull_request(swift):
    (api,) = outgrown(swift, held={"kit/a": b"behind\n"})
    later(swift)
    assert changed(api, OURS) == {"kit/a": "M", "kit/old": "D", "kit/sub/gone": "D"}
    swift.write({"kit/old": "back\n"})
    publish(swift)
    assert later(swift).outcomes == {"acme/api": "updated"}
    assert changed(api, OURS) == {"kit/a": "M", "kit/old": "M", "kit/sub/gone": "D"}


def test_a_shallow_checkout_will_do(swift):
    (api,) = outgrown(swift)
    shallow = swift.directory / "shallow"
    git(swift.directory, "clone", "-q", "--depth=1", swift.source.as_uri(), str(shallow))
    swift.source = shallow
    assert git(shallow, "rev-list", "--count", "HEAD").strip() == "1"
    later(swift)
    assert changed(api, OURS) == {"kit/old": "D", "kit/sub/gone": "D"}


def test_one_question_about_the_past_serves_the_fleet(swift):
    names = [f"acme/t{n}" for n in range(100)]
    outgrown(swift, *names)
    swift.write({}, config("prune", *names) + "limits: {max_total_deletions: 200}\n")
    publish(swift)
    ran = later(swift, command="plan")
    assert {one["files"]["deleted"] for one in ran.results["targets"]} == {2}
    asked = [request for request in swift.hub.requests if "past0" in (request.document or "")]
    assert len(asked) == 1
    assert sum(swift.hub.calls().values()) <= 9


def test_in_step_the_past_is_not_asked_for(swift):
    (api,) = outgrown(swift)
    api.commit({"kit/old": None, "kit/sub/gone": None})
    rests(swift)
    assert swift.hub.calls() == {"graphql query": 1}


def test_without_access_to_the_sources_past_nothing_is_deleted(swift):
    (api,) = outgrown(swift, held={"kit/a": b"behind\n"})
    swift.hub.token(TOKEN, repositories=["acme/api"])
    ran = later(swift)
    assert changed(api, OURS) == {"kit/a": "M"}
    assert (
        "the history of acme/templates can't be read, so nothing is pruned or merged, and local changes stay" in ran.log
    )
    api.merge_pull(1, delete_branch=True)
    rests(swift)


def test_deletions_are_limited(swift):
    (api,) = outgrown(swift)
    swift.write({}, config("prune") + "limits: {max_deletions: 1}\n")
    publish(swift)
    ran = later(swift)
    assert (ran.code, api.pulls) == (1, [])
    assert "limits.max_deletions" in ran.target("acme/api")["reason"]


def test_a_deletion_that_people_declined_is_not_proposed_again(swift):
    (api,) = outgrown(swift)
    later(swift)
    api.close_pull(1)
    later(swift)  # answers
    rests(swift, "declined")


def test_a_declined_deletion_stays_declined_when_the_listings_come_from_the_cache(swift):
    (api,) = outgrown(swift)
    cache = ".broadcast-cache"
    later(swift, cache_dir=cache)
    api.close_pull(1)
    api.delete_branch(OURS)
    assert later(swift, cache_dir=cache).outcomes == {"acme/api": "declined"}


def test_a_file_that_two_mappings_once_sent_goes_once(swift):
    swift.write({"kit/sub/x": "x\n", "kit/a": "a\n", "more/x": "x\n", "more/b": "b\n"})
    both = "directories: [{src: kit, dest: k, mode: prune}, {src: more, dest: k/sub, mode: prune}]\n"
    swift.write({"kit/sub/x": None, "more/x": None}, f"version: 1\ntargets: [acme/api]\n{both}")
    publish(swift)
    api = swift.hub.repository("acme/api", files={"k/a": b"a\n", "k/sub/b": b"b\n", "k/sub/x": b"x\n"})
    ran = later(swift)
    assert changed(api, OURS) == {"k/sub/x": "D"}
    assert ran.target("acme/api")["files"]["deleted"] == 1
