"""A block of the source in a file that the target owns: `mode: block`, from the first run to people's edits."""

from __future__ import annotations

from itertools import permutations

import pytest

from tests.hub import Symlink
from tests.integration.test_main_job import changed
from tests.integration.test_people import OURS, later, leaves_alone, outcome, writes

IGNORED = "*.pyc\n.venv/\n"
CONFIG = """\
version: 1
targets: [acme/api]
files:
  - {src: python.gitignore, dest: .gitignore, mode: block}
"""
THEIRS = b"node_modules/\ndist/"
CACHE = ".broadcast-cache"


def config(*names: str, more: str = "") -> str:
    return CONFIG.replace("acme/api", ", ".join(names)) + more


def written(body: str = IGNORED) -> bytes:
    """The block as it stands in a target's file."""
    return f"# broadcast:begin python managed by acme/templates\n{body}# broadcast:end python\n".encode()


def target(swift, held: bytes | Symlink | None = THEIRS, text: str = CONFIG):
    swift.write({"python.gitignore": IGNORED}, text)
    files = {"README.md": b"theirs\n"} | ({} if held is None else {".gitignore": held})
    return swift.hub.repository("acme/api", files=files)


def merged(swift, held: bytes | None = THEIRS):
    """A target that has merged our block."""
    api = target(swift, held)
    assert outcome(later(swift)) == "created"
    api.merge_pull(1)
    leaves_alone(swift, "in_sync")
    return api


def content(api, ref: str | None = None, path: str = ".gitignore") -> bytes:
    return api.files(ref)[path][1]


def test_a_block_is_put_into_the_targets_own_file(swift):
    api = target(swift)
    ran = later(swift)
    assert (ran.code, outcome(ran)) == (0, "created")
    assert changed(api, OURS) == {".gitignore": "M"}
    ours = content(api, OURS)
    assert ours.startswith(THEIRS)
    assert written().rstrip(b"\n") in ours
    leaves_alone(swift, "open")


def test_a_target_without_the_file_gets_one(swift):
    api = target(swift, None)
    later(swift)
    assert content(api, OURS) == written()


def test_a_target_without_the_file_is_left_alone_where_the_config_says_so(swift):
    target(swift, None, CONFIG.replace("mode: block", "mode: block, create: false"))
    leaves_alone(swift, "in_sync")


def test_a_change_of_the_source_changes_the_block_alone(swift):
    api = merged(swift)
    before = content(api)
    swift.write({"python.gitignore": "*.pyo\n"})
    assert outcome(later(swift)) == "created"
    assert content(api, OURS) == before.replace(IGNORED.encode(), b"*.pyo\n")


def test_an_edit_outside_of_the_block_is_no_drift(swift):
    api = merged(swift)
    api.commit({".gitignore": b"# mine\n" + content(api).replace(b"dist/", b"build/")})
    leaves_alone(swift, "in_sync")


def test_an_edit_outside_of_the_block_while_the_pull_request_is_open_writes_nothing(swift):
    api = target(swift, b"a\nb\nc\nd\ne\nf\n")
    later(swift)
    api.commit({".gitignore": b"A\nb\nc\nd\ne\nf\n"})
    leaves_alone(swift, "open")
    api.merge_pull(1)
    leaves_alone(swift, "in_sync")
    assert content(api).startswith(b"A\n")


def test_an_edit_that_conflicts_with_the_pull_request_makes_it_again_on_the_new_base(swift):
    api = target(swift, b"a\n")
    later(swift)
    api.commit({".gitignore": b"a\nb\n"})
    assert outcome(later(swift)) == "updated"
    assert content(api, OURS).startswith(b"a\nb\n")
    leaves_alone(swift, "open")


def test_an_edit_in_the_pull_requests_branch_is_peoples(swift):
    api = target(swift)
    later(swift)
    api.commit({".gitignore": content(api, OURS) + b"mine\n"}, branch=OURS)
    leaves_alone(swift, "edited")


def test_an_edit_inside_of_the_block_is_proposed_again_and_says_what_it_undoes(swift):
    api = merged(swift)
    api.commit({".gitignore": content(api).replace(b"*.pyc", b"*.mine")})
    assert outcome(later(swift)) == "created"
    assert "undoes what" in api.pulls[1].body
    assert content(api, OURS).count(b"*.pyc") == 1


def test_a_block_that_people_move_stays_where_it_is(swift):
    api = merged(swift)
    api.commit({".gitignore": written() + b"\n" + THEIRS})
    leaves_alone(swift, "in_sync")
    swift.write({"python.gitignore": "*.pyo\n"})
    later(swift)
    assert content(api, OURS) == written("*.pyo\n") + b"\n" + THEIRS


@pytest.mark.parametrize("left", [THEIRS, None])
def test_a_block_that_people_take_out_comes_back_when_its_content_changes(swift, left):
    api = merged(swift)
    api.commit({".gitignore": left})
    ran = leaves_alone(swift, "in_sync")
    assert "left out: .gitignore (block python), taken out since #1" in ran.log
    swift.write({"python.gitignore": "*.pyo\n"})
    assert outcome(later(swift)) == "created"
    assert b"*.pyo" in content(api, OURS)


def test_a_declined_block_stays_declined_whatever_people_change_around_it(swift):
    api = target(swift)
    later(swift)
    api.close_pull(1)
    leaves_alone(swift, "declined")
    api.commit({".gitignore": b"other\n"})
    leaves_alone(swift, "declined")
    swift.write({"python.gitignore": "*.pyo\n"})
    assert outcome(later(swift)) == "created"


def test_of_two_blocks_only_the_declined_one_is_left_out(swift):
    text = CONFIG + "  - {src: tools.gitignore, dest: .gitignore, mode: block}\n"
    swift.write({"tools.gitignore": ".idea/\n"})
    api = target(swift, text=text)
    later(swift)
    api.close_pull(1)
    swift.write({"tools.gitignore": ".vscode/\n"})
    assert outcome(later(swift)) == "created"
    ours = content(api, OURS)
    assert b".vscode/" in ours
    assert b"*.pyc" not in ours
    assert "Left out: `.gitignore (block python)`" in api.pulls[1].body
    leaves_alone(swift, "open")


def test_a_block_is_taken_out_by_remove(swift):
    api = merged(swift)
    swift.write({"LICENSE": "MIT\n"}, """\
version: 1
targets: [acme/api]
files: [LICENSE]
remove: [{path: .gitignore, block: python}]
""")  # fmt: skip
    later(swift)
    assert content(api, OURS) == THEIRS
    api.merge_pull(2)
    leaves_alone(swift, "in_sync")


@pytest.mark.parametrize(
    ("held", "reason"),
    [
        (Symlink("other"), "the target has a symlink at .gitignore"),
        ("node_modules/\n".encode("utf-16"), "UTF-8"),
        (b"x" * (2 * 1024 * 1024), "is larger than 1024 KiB"),
        (b"# broadcast:begin python\n*.pyc\n", "line 1: "),
        (written() + written(), "line 5: "),
    ],
)
def test_a_file_that_can_not_hold_the_block_is_left_as_it_is(swift, held, reason):
    api = target(swift, held)
    before = api.files()
    ran = later(swift)
    assert (outcome(ran), writes(swift), ran.code) == ("incomplete", [], 1)
    (error,) = ran.target("acme/api")["file_errors"]
    assert error["path"] == ".gitignore"
    assert reason in error["reason"]
    assert error["remedy"]
    assert api.files() == before


def test_a_file_that_can_not_hold_the_block_does_not_hold_the_others_back(swift):
    text = CONFIG + "  - LICENSE\n"
    swift.write({"LICENSE": "MIT\n"})
    api = target(swift, Symlink("other"), text)
    assert outcome(later(swift)) == "created"
    assert changed(api, OURS) == {"LICENSE": "A"}


@pytest.mark.parametrize("method", ["merge", "rebase"])
def test_a_branch_that_is_brought_up_to_date_is_still_ours(swift, method):
    api = target(swift, b"a\nb\nc\nd\ne\nf\n")
    later(swift)
    api.commit({".gitignore": b"A\nb\nc\nd\ne\nf\n", "x": b"x"})
    api.update_branch(1, method=method)
    leaves_alone(swift, "open")
    swift.write({"python.gitignore": "*.pyo\n"})
    assert outcome(later(swift)) == "updated"
    assert b"*.pyo" in content(api, OURS)


def test_plan_shows_the_lines_of_the_block(swift):
    target(swift)
    ran = swift.run(command="plan")
    assert "changed  .gitignore (block python)  +6 -1" in ran.log  # the last line had no end


@pytest.mark.parametrize("mode", ["copy", "mirror"])
def test_a_block_in_a_directory_that_is_sent_whole_is_kept(swift, mode):
    swift.write(
        {"kit/a.md": "a\n", "python.gitignore": IGNORED},
        f"version: 1\ntargets: [acme/api]\ndirectories: [{{src: kit, mode: {mode}}}]\n"
        "files: [{src: python.gitignore, dest: kit/sub/.gitignore, mode: block}]\n",
    )
    api = swift.hub.repository("acme/api", files={"kit/sub/.gitignore": THEIRS, "kit/a.md": b"a\n"})
    later(swift)
    assert changed(api, OURS) == {"kit/sub/.gitignore": "M"}
    assert content(api, OURS, "kit/sub/.gitignore").startswith(THEIRS)
    api.merge_pull(1)
    leaves_alone(swift, "in_sync")


@pytest.mark.parametrize("order", list(permutations(("acme/done", "acme/none", "acme/old"))))
def test_what_one_target_has_says_nothing_of_another_that_is_to_hold_the_same(swift, order):
    swift.write({"python.gitignore": IGNORED}, config(*order))
    swift.hub.repository("acme/done", files={".gitignore": written()})
    swift.hub.repository("acme/old", files={".gitignore": written("*.old\n")})
    swift.run(cache_dir=CACHE, command="plan")
    swift.hub.repository("acme/none", files={"x": b"x"})
    expected = {"acme/done": "in_sync", "acme/none": "created", "acme/old": "created"}
    assert later(swift, cache_dir=CACHE).outcomes == expected


# Budgets


def fleet(world, count: int, *, has_block: bool) -> None:
    """Targets, each with a .gitignore of its own."""
    names = [f"acme/svc-{number:03}" for number in range(count)]
    world.write({"python.gitignore": IGNORED}, config(*names))
    for number, name in enumerate(names):
        own = f"only-in-{number}/\n".encode()
        world.hub.repository(name, files={".gitignore": own + b"\n" + written() if has_block else own})


def test_a_fleet_whose_blocks_are_in_step_takes_few_calls(world):
    fleet(world, 100, has_block=True)
    assert set(world.run(cache_dir=CACHE).outcomes.values()) == {"in_sync"}
    assert world.hub.calls() == {"graphql query": 3}
    assert set(world.run(cache_dir=CACHE).outcomes.values()) == {"in_sync"}
    assert world.hub.calls() == {"graphql query": 2}


def test_a_change_of_the_block_takes_one_write_a_target(world):
    fleet(world, 100, has_block=True)
    world.write({"python.gitignore": "*.pyo\n"})
    assert set(world.run().outcomes.values()) == {"created"}
    assert world.hub.calls()["graphql mutation"] <= 120
    assert world.hub.calls()["rest write"] == 0
    world.hub.clock.advance(60)
    assert set(world.run().outcomes.values()) == {"open"}
    assert not [request for request in world.hub.requests if request.writes]
