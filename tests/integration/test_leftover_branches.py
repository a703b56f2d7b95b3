"""What an interrupted run left behind is used or deleted, never taken for people's work; and rules against forcing."""

from __future__ import annotations

import pytest

from broadcast.ownership import scratch_name, spare_name, trailer
from tests.integration.test_main_job import changed
from tests.integration.test_people import KIT, OURS, config, later, leaves_alone, outcome, proposed
from tests.world import SOURCE, TOKEN

SCRATCH, SPARE = scratch_name(OURS), spare_name(OURS)
HALF = f"half\n\n{trailer(SOURCE, SOURCE)}\n"  # as the message of a commit that we were about to move
HELD = {path: text.encode() for path, text in KIT.items()}


def target(swift, files: dict[str, bytes]):
    """A target without a pull request of ours."""
    swift.write(KIT, config())
    return swift.hub.repository("acme/api", files={"README.md": b"theirs\n"} | files)


def unproposed(swift):
    """A branch of ours with all that is wanted, for which no pull request was opened: the run was killed before."""
    api = proposed(swift)
    api._pulls.clear()
    return api


# A scratch branch


@pytest.mark.parametrize("state", ["in_sync", "open"])
def test_a_scratch_branch_is_deleted_although_nothing_else_is_to_do(swift, state):
    api = target(swift, HELD) if state == "in_sync" else proposed(swift)
    api.commit({"kit/a.md": b"half\n"}, branch=SCRATCH, message=HALF)
    planned = leaves_alone(swift, state, command="plan")
    assert f"deletes the branch {SCRATCH}, which an interrupted run left" in planned.log
    assert outcome(later(swift)) == state
    assert set(api.branches()) == {"main", OURS} - ({OURS} if state == "in_sync" else set())
    assert [pull.state for pull in api.pulls] == (["OPEN"] if state == "open" else [])
    leaves_alone(swift, state)


@pytest.mark.parametrize("lacking", [set(), {"updateRefs"}])
def test_a_scratch_branch_that_moves_on_before_it_is_deleted_is_in_use_and_stays(swift, lacking):
    swift.hub.lacking = lacking
    api = target(swift, HELD)
    api.commit({"kit/a.md": b"half\n"}, branch=SCRATCH, message=HALF)
    moved = []
    swift.hub.before(
        lambda request: request.writes or (request.method == "GET" and "scratch" in request.path),
        lambda hub, request: moved.append(api.commit({"kit/a.md": b"another run's\n"}, branch=SCRATCH)),
        times=1,
    )
    assert outcome(later(swift)) == "in_sync"
    assert moved == [api.head(SCRATCH)]


@pytest.mark.parametrize("then", ["updated", "closed"])
def test_a_run_that_ends_between_its_commit_and_its_move_is_finished_by_the_next(swift, then):
    api = proposed(swift)
    swift.write({"kit/a.md": "new\n"})
    swift.hub.after(lambda request: "CommitOnNewBranch" in (request.document or ""), lambda hub, _: hub.expire(TOKEN))
    assert outcome(later(swift)) == "failed"
    assert SCRATCH in api.branches()
    swift.hub.tokens[TOKEN].expired = False
    if then == "closed":
        api.commit(HELD | {"kit/a.md": b"new\n"})
    assert outcome(later(swift)) == then
    assert set(api.branches()) == {"main"} | ({OURS} if then == "updated" else set())
    leaves_alone(swift, "open" if then == "updated" else "in_sync")


@pytest.mark.parametrize("moved", [False, True])
def test_a_scratch_branch_without_a_commit_is_deleted_wherever_the_base_is(swift, moved):
    api = target(swift, HELD)
    api.set_branch(SCRATCH, api.head())
    if moved:
        api.commit({"src/main.py": b"print()\n"})
    assert outcome(later(swift)) == "in_sync"
    assert set(api.branches()) == {"main"}


FOREIGN = {
    "a person's": "half\n",
    "another source's": f"half\n\n{trailer(SOURCE, 'acme/others')}\n",
    "another id's": f"half\n\n{trailer('kit', SOURCE)}\n",
}


@pytest.mark.parametrize("message", FOREIGN.values(), ids=FOREIGN)
@pytest.mark.parametrize("way", ["in_sync", "updated", "closed"])
def test_a_branch_of_the_scratch_name_without_our_trailer_is_neither_moved_nor_deleted(swift, message, way):
    api = target(swift, HELD) if way == "in_sync" else proposed(swift)
    theirs = api.commit({"kit/a.md": b"half\n"}, branch=SCRATCH, message=message)
    if way == "closed":
        api.commit(HELD)
    if way == "updated":
        swift.write({"kit/a.md": "new\n"})
    ran = later(swift)
    assert api.head(SCRATCH) == theirs
    assert outcome(ran) == way
    assert set(api.branches()) - {"main", OURS} == {SCRATCH}
    if way == "updated":
        assert api.files(OURS)["kit/a.md"][1] == b"new\n"
        swift.write({"kit/a.md": "newer\n"})
        assert outcome(later(swift, write_strategy="rest")) == "updated"
        assert api.head(SCRATCH) == theirs


def foreign(api, *branches: str) -> dict[str, str]:
    """Branches of a person's; name → head."""
    return {branch: api.commit({"kit/a.md": b"half\n"}, branch=branch, message="half\n") for branch in branches}


def test_where_both_names_for_new_commits_are_taken_the_target_fails_and_neither_is_touched(swift):
    api = proposed(swift)
    theirs = foreign(api, SCRATCH, SPARE)
    swift.write({"kit/a.md": "new\n"})
    ran = later(swift)
    assert outcome(ran) == "failed"
    assert f"the branches {SCRATCH} and {SPARE} have commits of others ({theirs[SCRATCH][:10]})" in ran.log
    assert {name: api.head(name) for name in theirs} == theirs
    api.delete_branch(SPARE)
    assert outcome(later(swift)) == "updated"
    assert api.head(SCRATCH) == theirs[SCRATCH]


@pytest.mark.parametrize("strategy", ["graphql", "auto"])
@pytest.mark.parametrize("way", ["open", "updated", "closed"])
@pytest.mark.parametrize("is_foreign", [True, False])
def test_what_an_interrupted_run_left_under_the_other_name_goes(swift, strategy, way, is_foreign):
    api = proposed(swift)
    message = api.objects.commit(api.head(OURS)).message
    theirs = foreign(api, SCRATCH) if is_foreign else {}
    if not is_foreign:
        api.commit({"kit/a.md": b"half\n"}, branch=SCRATCH, message=message)
    api.commit({"kit/a.md": b"half\n"}, branch=SPARE, message=message)
    if way == "closed":
        api.commit(HELD)
    if way == "updated":
        swift.write({"kit/a.md": "new\n"})
    assert outcome(later(swift, write_strategy=strategy)) == way
    assert set(api.branches()) - {"main", OURS} == set(theirs)
    assert {name: api.head(name) for name in theirs} == theirs


def test_sources_whose_names_begin_alike_do_not_meet(swift):
    api = proposed(swift)
    theirs = api.commit({"x": b"x"}, branch=f"{OURS}-scratch", message=f"x\n\n{trailer(f'{SOURCE}-scratch', SOURCE)}\n")
    swift.write({"kit/a.md": "new\n"})
    assert outcome(later(swift)) == "updated"
    assert api.head(f"{OURS}-scratch") == theirs


# A half-made branch


@pytest.mark.parametrize("held", [{}, HELD])
@pytest.mark.parametrize("moved", [False, True])
def test_a_branch_that_still_stands_at_the_base_is_used_or_deleted(swift, held, moved):
    api = target(swift, held)
    api.set_branch(OURS, api.head())
    if moved:
        api.commit({"src/main.py": b"print()\n"})
    assert outcome(later(swift)) == ("in_sync" if held else "created")
    assert set(api.branches()) == {"main"} | (set() if held else {OURS})
    if not held:
        assert changed(api, OURS) == {"kit/a.md": "A", "kit/b.md": "A"}
    leaves_alone(swift, "in_sync" if held else "open")


def test_a_finished_branch_without_a_pull_request_is_deleted_when_the_base_has_caught_up(swift):
    api = unproposed(swift)
    api.commit(HELD)
    assert outcome(later(swift)) == "in_sync"
    assert set(api.branches()) == {"main"}
    leaves_alone(swift, "in_sync")


def test_a_finished_branch_without_a_pull_request_is_made_again_when_the_source_has_moved_on(swift):
    api = unproposed(swift)
    swift.write({"kit/a.md": "new\n"})
    assert outcome(later(swift)) == "created"
    assert (len(api.pulls), api.files(OURS)["kit/a.md"][1]) == (1, b"new\n")
    leaves_alone(swift, "open")


@pytest.mark.parametrize("caught_up", [False, True])
def test_a_branch_of_our_name_that_somebody_else_made_is_not_ours_to_delete(swift, caught_up):
    api = target(swift, HELD if caught_up else {})
    api.commit({"theirs.txt": b"x"}, branch=OURS)
    leaves_alone(swift, "in_sync" if caught_up else "edited")


# A rule against force pushes


RULED = ["broadcast/**"]


def parents(api) -> list[str]:
    return list(api.objects.commit(api.head(OURS)).parents)


@pytest.mark.parametrize("strategy", ["graphql", "rest"])
def test_where_a_rule_forbids_to_force_each_update_is_one_more_commit(swift, strategy):
    api = proposed(swift)
    api.no_force_push = RULED
    for number in range(2):
        head = api.head(OURS)
        swift.write({"kit/a.md": f"new {number}\n"})
        assert outcome(later(swift, write_strategy=strategy)) == "updated"
        assert parents(api) == [head, api.head()]
        assert api.files(OURS)["kit/a.md"][1] == f"new {number}\n".encode()
        assert [pull.state for pull in api.pulls] == ["OPEN"]
        assert set(api.branches()) == {"main", OURS}
        leaves_alone(swift, "open")


@pytest.mark.parametrize("more", [{}, {"kit/a.md": "new\n"}])
def test_what_is_no_longer_wanted_goes_by_an_appended_commit_too(swift, more):
    api = proposed(swift)
    swift.write({"kit/b.md": None} | more)
    api.no_force_push = RULED
    assert outcome(later(swift)) == "updated"
    assert "kit/b.md" not in api.files(OURS)


def test_what_is_no_longer_wanted_goes_though_its_document_was_refused_in_part(swift):
    api = proposed(swift)
    swift.write({"kit/b.md": None})
    swift.hub.fail_field(lambda request, path, kind, field, _: field == "updateRefs", "Something went wrong")
    assert outcome(later(swift)) == "updated"
    assert "kit/b.md" not in api.files(OURS)


def test_a_conflict_is_solved_by_one_more_commit_where_a_rule_forbids_to_force(swift):
    api = proposed(swift)
    api.commit({"kit/a.md": b"theirs, in the same place\n"})
    api.no_force_push, head = RULED, api.head(OURS)
    assert outcome(later(swift)) == "updated"
    assert parents(api) == [head, api.head()]
    assert api.mergeable(api.pulls[0])
    assert changed(api, OURS) == {"kit/a.md": "M", "kit/b.md": "A"}
    leaves_alone(swift, "open")
