"""People close a pull request: it is answered once, and what the source requires is proposed again."""

from __future__ import annotations

import re
import time

import pytest

from broadcast.apply.answers import MARKER
from broadcast.plan.closings import RECENT
from tests.hub import Clock, Hub, Repository
from tests.hub.faults.storm import ALL
from tests.integration.test_kills import run_and_kill_at
from tests.integration.test_main_job import changed
from tests.integration.test_people import OURS, config, later, outcome, proposed
from tests.world import World

DAY = 24 * 3600
KIT = {"kit/a.md": "a\n", "kit/b.md": "b\n"}
MUST = "files: [{src: LICENSE, required: true}]\n"


def answers(api: Repository, number: int = 1) -> list[str]:
    return [one.body for one in api.pulls[number - 1].comments if MARKER in one.body]


def written(swift) -> int:
    return sum(request.writes for request in swift.hub.requests)


def reads(swift) -> int:
    return sum(not request.writes for request in swift.hub.requests)


def closed(swift, more: str = "", by: str = "alice") -> Repository:
    api = proposed(swift, more)
    swift.hub.clock.advance(60)
    api.close_pull(1, by=by)
    return api


def partly(swift, **settings) -> Repository:
    """A target whose pull request has two files of which one is required."""
    swift.write({"kit/a.md": "a\n", "LICENSE": "MIT\n"}, config(MUST))
    api = swift.hub.repository("acme/api", files={"README.md": b"theirs\n"}, **settings)
    assert outcome(later(swift)) == "created"
    return api


def shut(swift, api: Repository, number: int) -> None:
    swift.hub.clock.advance(60)
    api.close_pull(number, by="alice")


# The answer


def test_a_closed_pull_request_is_answered_once_and_that_takes_one_write_and_no_read(swift):
    api = closed(swift)
    ran = later(swift)
    expected = reads(swift)
    assert (outcome(ran), written(swift)) == ("declined", 1)
    assert "".join(answers(api)) == (
        "Noted: these changes won't be proposed again, unless acme/templates changes the files once more, its config "
        "says `on_decline: repropose`, or this pull request is reopened.\n\n- `kit/a.md`\n- `kit/b.md`\n\n"
        "<!-- broadcast:answer -->"
    )
    assert "answers on #1, which people closed, what that does" in ran.log
    assert (outcome(later(swift)), written(swift), reads(swift)) == ("declined", 0, expected)
    assert len(answers(api)) == 1


def test_what_is_true_of_the_answer_happens(swift):
    api = closed(swift)
    later(swift)
    api.reopen_pull(1)
    assert outcome(later(swift)) == "open"
    shut(swift, api, 1)
    later(swift)
    assert len(answers(api)) == 2  # it was closed once more
    swift.write({"kit/a.md": "better\n"})
    assert outcome(later(swift)) == "created"
    assert changed(api, OURS) == {"kit/a.md": "A"}
    swift.write({}, config("on_decline: repropose\n"))
    assert outcome(later(swift)) == "updated"


@pytest.mark.parametrize("inputs", [{"dry_run": "true"}, {"command": "plan"}, {"command": "check"}, {"freeze": "true"}])
def test_a_run_that_writes_nothing_answers_nothing(swift, inputs):
    api = closed(swift)
    later(swift, **inputs)
    assert (written(swift), answers(api)) == (0, [])


def test_what_is_proposed_again_anyway_has_no_answer(swift):
    api = closed(swift)
    swift.write({}, config("on_decline: repropose\n"))
    later(swift)
    assert answers(api) == []


def test_a_closing_that_does_not_matter_any_more_has_no_answer(swift):
    api = closed(swift)
    swift.write({"kit/a.md": "new\n", "kit/b.md": "new\n"})
    later(swift)
    assert answers(api) == []


@pytest.mark.parametrize("more", ["ignored_authors: [alice]\n", ""])
def test_an_ignored_author_has_no_answer(swift, more):
    api = closed(swift, more)
    later(swift)
    assert bool(answers(api)) is not bool(more)


@pytest.mark.parametrize(("age", "expected"), [(RECENT - 3600, 1), (RECENT + 3600, 0)])
def test_only_the_closings_of_the_last_days_are_answered(swift, age, expected):
    api = closed(swift)
    swift.hub.clock.advance(age)
    later(swift)
    assert len(answers(api)) == expected


def test_where_comments_are_refused_it_is_a_note_and_the_next_run_tries_again(swift):
    api = closed(swift)
    swift.hub.fail(lambda each: MARKER in str(each.variables), status=403)
    ran = later(swift)
    assert (ran.code, outcome(ran)) == (0, "declined")
    assert "#1, which people closed, has no answer yet: " in ran.log
    later(swift)
    assert len(answers(api)) == 1


def test_a_locked_conversation_takes_the_answer_of_a_token_that_may_write(swift):
    api = closed(swift)
    api.pulls[0].locked = True
    later(swift)
    assert len(answers(api)) == 1


def test_comments_of_others_hide_no_answer(swift):
    api = closed(swift)
    later(swift)
    for number in range(30):
        api.comment(api.pulls[0], f"and {number}", "alice")
    assert (outcome(later(swift)), written(swift)) == ("declined", 0)


def test_a_lost_answer_of_github_is_not_written_twice(swift):
    api = closed(swift)
    swift.hub.fail(lambda each: MARKER in str(each.variables), status=0, after_effect=True)
    ran = later(swift)
    assert (ran.code, outcome(ran)) == (0, "declined")
    assert (outcome(later(swift)), written(swift)) == ("declined", 0)
    assert len(answers(api)) == 1


def test_a_hundred_targets_without_news_need_no_call_more(swift):
    """Their closed pull requests have been answered: that is seen with them."""
    swift.write(KIT, "version: 1\ntargets: [acme/*]\ndirectories: [kit]\n")
    targets = [swift.hub.repository(f"acme/t{number}", files={"README.md": b"theirs\n"}) for number in range(20)]
    later(swift)
    before = [later(swift), reads(swift)][1]
    swift.hub.clock.advance(60)
    for one in targets:
        one.close_pull(1, by="alice")
    later(swift)
    assert written(swift) == len(targets)
    assert reads(swift) <= before
    later(swift)
    assert (written(swift), reads(swift) <= before) == (0, True)
    assert {len(answers(one)) for one in targets} == {1}


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("number", range(1, 6))
def test_a_run_that_is_killed_leaves_one_answer_to_the_next(tmp_path, number, when):
    with Hub(tmp_path / "hub", clock=Clock(time.time())) as hub:  # a run of its own is on the real clock
        world = World(tmp_path, hub)
        api = partly(world)
        shut(world, api, 1)
        run_and_kill_at(world, lambda kill, **how: hub.on_request(number, kill, **how), when == "after")
        later(world)
        assert [len(answers(api, one.number)) for one in api.pulls] == [1, 0]
        assert (outcome(later(world)), written(world)) == ("open", 0)


@pytest.mark.parametrize("seed", range(6))
def test_no_storm_writes_an_answer_twice(tmp_path, seed):
    with Hub(tmp_path / "hub", clock=Clock()) as hub:
        world = World(tmp_path, hub)
        names = [f"acme/t{number}" for number in range(8)]
        world.write({"kit/a.md": "a\n", "LICENSE": "MIT\n"}, config(MUST).replace("acme/api", ", ".join(names)))
        targets = [hub.repository(name, files={"README.md": b"theirs\n"}) for name in names]
        later(world)
        hub.clock.advance(60)
        for one in targets:
            one.close_pull(1, by="alice")
        hub.storm(seed, rate=0.3, kinds=[name for name in ALL if name != "branch_deleted"])
        later(world)
        hub.calm()
        hub.clock.advance(3600)
        later(world)
        assert {len(answers(one)) for one in targets} == {1}
        later(world)
        assert written(world) == 0


# What the source requires


def test_required_files_are_proposed_again_in_a_new_pull_request_and_the_rest_is_not(swift):
    api = partly(swift)
    shut(swift, api, 1)
    assert outcome(later(swift)) == "created"
    assert changed(api, OURS) == {"LICENSE": "A"}
    assert [one.state for one in api.pulls] == ["CLOSED", "OPEN"]
    assert "acme/templates requires this file: neither closing this pull request (people closed #1) nor" in (
        api.pulls[1].body
    )
    (text,) = answers(api)
    assert "won't be proposed again" in text
    assert (
        "acme/templates requires these files, so closing this pull request doesn't decline them: they are proposed "
        in text
    )
    assert text.index("- `kit/a.md`") < text.index("requires") < text.index("again in #2") < text.index("- `LICENSE`")
    assert (outcome(later(swift)), written(swift)) == ("open", 0)


def test_what_is_required_alone_is_answered_so(swift):
    swift.write({"LICENSE": "MIT\n"}, f"version: 1\ntargets: [acme/api]\n{MUST}")
    api = swift.hub.repository("acme/api", files={"README.md": b"theirs\n"})
    later(swift)
    shut(swift, api, 1)
    later(swift)
    assert "won't be proposed again" not in answers(api)[0]
    assert "To decline" not in api.pulls[1].body


def test_a_second_closing_postpones_them_by_a_day(swift):
    api = partly(swift)
    shut(swift, api, 1)
    later(swift)
    shut(swift, api, 2)
    ran = later(swift)
    assert (outcome(ran), written(swift)) == ("deferred", 1)
    reason = ran.target("acme/api")["reason"]
    again = r"again from \d{4}-\d\d-\d\d \d\d:\d\d UTC on"
    assert re.search(f"the source requires what people closed in .*#2 .*{again}", reason)
    assert re.search(f"they are proposed {again}", answers(api, 2)[0])
    assert (outcome(later(swift)), written(swift)) == ("deferred", 0)
    swift.hub.clock.advance(DAY)
    assert outcome(later(swift)) == "created"
    assert changed(api, OURS) == {"LICENSE": "A"}
    assert (outcome(later(swift)), written(swift)) == ("open", 0)


def test_what_is_postponed_comes_along_with_another_change(swift):
    api = partly(swift)
    shut(swift, api, 1)
    later(swift)
    shut(swift, api, 2)
    swift.write({"kit/c.md": "c\n"})
    assert outcome(later(swift)) == "created"
    assert changed(api, OURS) == {"LICENSE": "A", "kit/c.md": "A"}


@pytest.mark.parametrize("required", [True, False])
def test_a_required_closing_holds_no_wave(swift, required):
    waves = "rollout: [{name: first, targets: [acme/api]}, {name: rest}]\n"
    files = f"files: [{{src: LICENSE, required: {str(required).lower()}}}]\n"
    swift.write({"LICENSE": "MIT\n"}, f"version: 1\ntargets: [acme/api, acme/web]\n{waves}{files}")
    api = swift.hub.repository("acme/api", files={"README.md": b"theirs\n"})
    swift.hub.repository("acme/web", files={"README.md": b"theirs\n"})
    later(swift)
    shut(swift, api, 1)
    ran = later(swift)
    assert outcome(ran) == ("created" if required else "declined")
    assert ran.outcomes["acme/web"] == "waiting"
    assert ("held: acme/api declined the change" in ran.log) is not required
    assert len(answers(api)) == 1


def test_a_block_that_is_required_is_not_declined_and_another_one_of_the_same_file_is(swift):
    blocks = "[{src: must, dest: Makefile, mode: block, required: true}, {src: may, dest: Makefile, mode: block}]"
    swift.write({"must": "a:\n", "may": "b:\n"}, f"version: 1\ntargets: [acme/api]\nfiles: {blocks}\n")
    api = swift.hub.repository("acme/api", files={"Makefile": b"own:\n"})
    later(swift)
    shut(swift, api, 1)
    assert outcome(later(swift)) == "created"
    held = api.files(OURS)["Makefile"][1].decode()
    assert ("a:" in held, "b:" in held) == (True, False)
    assert "- `Makefile (block may)`" in answers(api)[0].partition("requires")[0]
    assert "- `Makefile (block must)`" in answers(api)[0].partition("requires")[2]


def test_a_required_block_that_people_took_out_comes_back(swift):
    block = "[{src: must, dest: Makefile, mode: block, required: true}]"
    swift.write({"must": "a:\n"}, f"version: 1\ntargets: [acme/api]\nfiles: {block}\n")
    api = swift.hub.repository("acme/api", files={"Makefile": b"own:\n"})
    later(swift)
    api.merge_pull(1)
    api.commit({"Makefile": b"own:\n"})
    assert outcome(later(swift)) == "created"
