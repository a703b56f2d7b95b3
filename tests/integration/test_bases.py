"""The base moves: renamed, changed, deleted, or another one by somebody's wish. There is one pull request, and what is
said of it is true."""

from __future__ import annotations

import pytest

from tests.hub import Repository
from tests.integration.test_main_job import changed
from tests.integration.test_people import AUTO, KIT, OURS, config, later, leaves_alone, outcome, proposed

STRATEGIES = pytest.mark.parametrize("strategy", ["graphql", "rest"])
HELD = {path: text.encode() for path, text in KIT.items()}
BOTH = {"kit/a.md": "A", "kit/b.md": "A"}


def parted(swift, more: str = "", **settings) -> Repository:
    """A target with a pull request of ours and a branch that went its own way."""
    api = proposed(swift, more, **settings)
    api.commit({"VERSION": b"2\n"}, branch="develop")
    api.commit({"src/main.py": b"print()\n"})
    return api


def opened(api) -> list[tuple[int, str]]:
    return [(pull.number, pull.base) for pull in api.pulls if pull.state == "OPEN"]


def proposes(api, base: str, paths: dict[str, str] = BOTH) -> bool:
    """Whether our branch has one commit that the base hasn't, with these changes."""
    (commit,) = api.pull_commits(next(pull for pull in api.pulls if pull.state == "OPEN" and pull.base == base))
    return changed(api, OURS) == paths and commit.oid == api.head(OURS)


# By the repository's owners


def test_a_default_branch_that_is_renamed_keeps_its_pull_request(swift):
    api = proposed(swift)
    api.rename_branch("main", "trunk")
    assert outcome(later(swift)) == "updated"  # its text says where it goes
    leaves_alone(swift, "open")
    assert opened(api) == [(1, "trunk")]
    swift.write({"kit/a.md": "new\n"})
    assert outcome(later(swift)) == "updated"
    assert opened(api) == [(1, "trunk")]
    assert proposes(api, "trunk")


@STRATEGIES
def test_another_default_branch_takes_the_pull_request_with_it(swift, strategy):
    api = parted(swift)
    for base in ("develop", "main"):
        api.set_default(base)
        assert outcome(later(swift, write_strategy=strategy)) == "updated"
        assert opened(api) == [(1, base)]
        assert proposes(api, base)
        leaves_alone(swift, "open")


TOLD = pytest.mark.parametrize("told", ["told", "untold"])


@TOLD
def test_a_base_that_is_deleted_declines_nothing_whether_its_timeline_says_or_not(swift, told):
    swift.hub.unknowns.base_deletion = told
    api = parted(swift)
    api.set_default("develop")
    api.delete_branch("main", by="sam")
    ran = later(swift)
    assert activities(swift) == (told == "untold")
    assert outcome(ran) == "created"
    assert "declined" not in ran.log
    assert opened(api) == [(2, "develop")]
    assert proposes(api, "develop")
    leaves_alone(swift, "open")


def activities(swift) -> int:
    """How often the last run asked when a branch was deleted."""
    return sum("/activity?" in request.path for request in swift.hub.requests)


def test_where_nothing_says_why_it_was_closed_people_closed_it(swift):
    swift.hub.unknowns.base_deletion = "untold"
    api = parted(swift)
    api.set_default("develop")
    api.delete_branch("main", by="sam")
    swift.hub.fail(lambda request: "/activity" in request.path, status=403, body={"message": "No."}, times=9)
    assert "(sam, " in leaves_alone(swift, "declined").target("acme/api")["reason"]


@TOLD
def test_what_was_declined_stays_so_when_its_base_is_renamed_afterwards(swift, told):
    swift.hub.unknowns.base_deletion = told
    api = parted(swift)
    api.close_pull(1, by="alice")
    assert activities(swift) == 0
    swift.hub.clock.advance(60)
    api.rename_branch("main", "trunk")
    assert "(alice, " in leaves_alone(swift, "declined").target("acme/api")["reason"]


def test_a_named_base_that_is_deleted_and_comes_back_gets_its_pull_request_again(swift):
    swift.write(KIT, config().replace("acme/api", "acme/api@develop"))
    api = swift.hub.repository("acme/api", files={"README.md": b"theirs\n"})
    head = api.commit({"VERSION": b"2\n"}, branch="develop")
    assert later(swift).outcomes == {"acme/api@develop": "created"}
    api.delete_branch("develop")
    assert later(swift).outcomes == {"acme/api@develop": "failed"}
    api.set_branch("develop", head)
    assert later(swift).outcomes == {"acme/api@develop": "created"}
    assert opened(api) == [(2, "develop")]


@TOLD
def test_what_was_declined_stays_so_when_its_base_is_deleted_afterwards(swift, told):
    swift.hub.unknowns.base_deletion = told
    api = parted(swift)
    api.close_pull(1, by="alice")
    swift.hub.clock.advance(60)
    api.set_default("develop")
    api.delete_branch("main", by="sam")
    assert "(alice, " in leaves_alone(swift, "declined").target("acme/api")["reason"]


def test_a_branch_made_on_another_base_is_made_again_before_it_is_proposed(swift):
    api = parted(swift)
    api._pulls.clear()
    api.set_default("develop")
    assert outcome(later(swift)) == "created"
    assert proposes(api, "develop")


def test_what_was_merged_into_another_base_is_not_taken_for_changed_back(swift):
    api = parted(swift, "pr_auto_merge: true\n", **AUTO)
    api.merge_pull(1, delete_branch=True)
    api.set_default("develop")
    ran = later(swift)
    assert (outcome(ran), "undoes" in ran.log, api.pulls[1].auto_merge) == ("created", False, "MERGE")


def test_what_people_changed_back_is_still_known_after_a_renaming(swift):
    api = proposed(swift, "pr_auto_merge: true\n", **AUTO)
    api.merge_pull(1, delete_branch=True)
    api.rename_branch("main", "trunk")
    api.commit({"kit/a.md": b"changed back\n"})
    assert "undoes what people changed in kit/a.md since #1" in later(swift).log
    assert api.pulls[1].auto_merge is None


def test_a_branch_that_people_brought_to_its_base_closes_its_pull_request_and_declines_nothing(swift):
    api = proposed(swift)
    api.commit(HELD)
    api.update_branch(1, method="rebase")
    assert [pull.state for pull in api.pulls] == ["CLOSED"]
    assert outcome(later(swift)) == "in_sync"
    api.commit(dict.fromkeys(KIT))
    assert outcome(later(swift)) == "created"
    assert "declined" not in api.pulls[1].body


# By people's wish


def test_a_pull_request_that_people_point_at_another_branch_is_left_alone_and_never_doubled(swift):
    api = parted(swift)
    api.edit_pull(api.pulls[0], "sam", base="develop")
    reason = leaves_alone(swift, "edited").target("acme/api")["reason"]
    assert reason == "people pointed #1 at develop"
    swift.write({"kit/a.md": "new\n"})
    leaves_alone(swift, "edited")
    api.commit(HELD | {"kit/a.md": b"new\n"})
    leaves_alone(swift, "edited")
    api.commit(dict.fromkeys(KIT))
    api.edit_pull(api.pulls[0], "sam", base="main")
    assert outcome(later(swift)) == "updated"
    assert opened(api) == [(1, "main")]


@STRATEGIES
@pytest.mark.parametrize("ask", ["label", "overwrite"])
def test_it_comes_back_when_people_ask_for_it(swift, strategy, ask):
    api = parted(swift)
    api.edit_pull(api.pulls[0], "sam", base="develop")
    if ask == "label":
        api.label_pull(1, "broadcast:rebuild")
    more = {"overwrite": "true"} if ask == "overwrite" else {}
    assert outcome(later(swift, write_strategy=strategy, **more)) == "updated"
    assert opened(api) == [(1, "main")]
    assert proposes(api, "main")


def test_when_the_default_branch_follows_the_pull_request_is_made_for_it(swift):
    api = parted(swift)
    api.edit_pull(api.pulls[0], "sam", base="develop")
    api.set_default("develop")
    assert outcome(later(swift)) == "updated"
    assert opened(api) == [(1, "develop")]
    assert proposes(api, "develop")
    leaves_alone(swift, "open")


def test_one_whose_text_was_wiped_as_well_is_not_doubled(swift):
    api = parted(swift)
    api.edit_pull(api.pulls[0], "sam", base="develop", body="theirs")
    reason = leaves_alone(swift, "edited").target("acme/api")["reason"]
    assert reason == "#1 is open from our branch to develop, but its text has no marker of ours"


def test_one_that_the_config_no_longer_asks_for_is_closed_wherever_it_points(swift):
    api = parted(swift)
    api.edit_pull(api.pulls[0], "sam", base="develop")
    swift.hub.repository("acme/web", files={"README.md": b"theirs\n"})
    swift.write({}, config().replace("acme/api", "acme/web"))
    assert later(swift).outcomes == {"acme/web": "created", "acme/api": "closed"}
    assert set(api.branches()) == {"main", "develop"}
