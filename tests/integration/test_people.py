"""What people do to our branch and pull request decides what the next run may do: commits, declines, merges, texts."""

from __future__ import annotations

import re

import pytest

from broadcast.apply.answers import MARKER
from tests.hub import Repository, Request
from tests.hub.git.objects import Person
from tests.integration.test_main_job import changed
from tests.world import Ran

OURS = "broadcast/acme/templates"
KIT = {"kit/a.md": "a\n", "kit/b.md": "b\n"}
RENOVATE = ("renovate[bot]", "29139614+renovate[bot]@users.noreply.github.com")


def config(more: str = "") -> str:
    return f"version: 1\ntargets: [acme/api]\ndirectories: [kit]\n{more}"


def proposed(swift, more: str = "", **settings) -> Repository:
    """A target whose pull request proposes kit/a.md and kit/b.md."""
    swift.write(KIT, config(more))
    api = swift.hub.repository("acme/api", files={"README.md": b"theirs\n"}, **settings)
    assert outcome(later(swift)) == "created"
    return api


def later(swift, **inputs: str) -> Ran:
    """One more run, a minute after whatever came before."""
    swift.hub.clock.advance(60)
    return swift.run(**inputs)


def outcome(ran: Ran) -> str:
    return ran.outcomes["acme/api"]


def writes(swift) -> list[Request]:
    """What the last run wrote with, but for answers to people who closed a pull request (test_closings.py)."""
    return [request for request in swift.hub.requests if request.writes and MARKER not in str(request.variables)]


def leaves_alone(swift, expected: str, **inputs: str) -> Ran:
    """A run that comes to this outcome and writes nothing at all."""
    ran = later(swift, **inputs)
    assert (outcome(ran), writes(swift)) == (expected, [])
    return ran


def amend(api, branch: str) -> str:
    """The tip of a branch with another file, its message and its author's date kept, as `git commit --amend` does."""
    old = api.objects.commit(api.head(branch))
    fixed = api.objects.commit(api.commit({"fix.txt": b"by hand\n"}, branch="elsewhere", parents=[old.oid]))
    al = Person("Al", "al@example.com", int(api.hub.clock()) + 60, "+0000")
    oid = api.write_commit(fixed.tree, old.parents, old.message, old.author, al)
    api.set_branch(branch, oid)
    return oid


# Commits on our branch


def test_a_commit_of_ours_that_somebody_amended_is_not_overwritten(swift):
    api = proposed(swift)
    theirs = amend(api, OURS)
    swift.write({"kit/a.md": "new\n"})
    assert theirs[:10] in leaves_alone(swift, "edited").target("acme/api")["reason"]


@pytest.mark.parametrize("name", ["renovate[bot]", RENOVATE[1].upper(), "Sam"])
def test_commits_of_those_whom_the_config_ignores_are_not_those_of_a_stranger(swift, name):
    author = ("Sam Someone", swift.hub.user("sam").email) if name == "Sam" else RENOVATE
    api = proposed(swift, f"ignored_authors: ['{name}']\n")
    api.commit({"lock.json": b"{}"}, branch=OURS, author=author)
    leaves_alone(swift, "open")
    swift.write({"kit/a.md": "new\n"})
    assert outcome(later(swift)) == "updated"
    assert changed(api, OURS) == {"kit/a.md": "A", "kit/b.md": "A"}


def test_the_same_bot_is_a_stranger_where_the_config_does_not_ignore_it(swift):
    api = proposed(swift)
    api.commit({"lock.json": b"{}"}, branch=OURS, author=RENOVATE)
    leaves_alone(swift, "edited")


def test_a_bot_on_top_of_an_updated_branch_hides_no_one_and_somebody_below_is_seen(swift):
    api = proposed(swift, f"ignored_authors: ['{RENOVATE[1]}']\n")
    api.commit({"src/main.py": b"print()\n"})
    api.update_branch(1)
    api.commit({"lock.json": b"{}"}, branch=OURS, author=RENOVATE)
    leaves_alone(swift, "open")
    api.commit({"fix.txt": b"by hand\n"}, branch=OURS)
    api.commit({"lock.json": b"{1}"}, branch=OURS, author=RENOVATE)
    leaves_alone(swift, "edited")


def test_a_left_over_branch_on_which_somebody_works_on_after_the_merge_is_left_alone(swift):
    api = proposed(swift)
    api.merge_pull(1, method="squash")
    swift.write({"kit/a.md": "new\n"})
    api.commit({"more.txt": b"by hand\n"}, branch=OURS)
    leaves_alone(swift, "edited")


@pytest.mark.parametrize("method", ["merge", "squash"])
def test_what_others_added_before_the_merge_is_merged_and_no_longer_in_the_way(swift, method):
    api = proposed(swift)
    api.commit({"fix.txt": b"by hand\n"}, branch=OURS)
    api.merge_pull(1, method=method)
    leaves_alone(swift, "in_sync")
    swift.write({"kit/a.md": "new\n"})
    assert outcome(later(swift)) == "created"
    assert changed(api, OURS) == {"kit/a.md": "M"}
    assert "fix.txt" in api.files(OURS)


# Declining


def test_when_everything_was_declined_nothing_is_written(swift):
    api = proposed(swift)
    api.close_pull(1)
    reason = leaves_alone(swift, "declined").target("acme/api")["reason"]
    assert re.fullmatch(r"people closed #1 \(alice, \d{4}-\d\d-\d\d\)", reason)
    api.delete_branch(OURS)
    leaves_alone(swift, "declined")


def test_of_two_declined_changes_the_one_that_changed_since_is_proposed_alone(swift):
    api = proposed(swift)
    api.close_pull(1)
    swift.write({"kit/a.md": "better\n"})
    ran = later(swift)
    assert outcome(ran) == "created"
    assert changed(api, OURS) == {"kit/a.md": "A"}
    assert re.search(r"^Left out: `kit/b.md` — declined in #1 \(alice, .*\)$", api.pulls[1].body, re.MULTILINE)
    assert "left out: kit/b.md, declined in #1" in ran.log
    leaves_alone(swift, "open")


def test_a_decline_counts_for_each_pull_request_that_was_closed(swift):
    api = proposed(swift)
    api.close_pull(1)
    swift.write({"kit/a.md": "better\n"})
    later(swift)
    api.close_pull(2)
    leaves_alone(swift, "declined")
    swift.write({"kit/a.md": "a\n"})  # as it was in the first
    assert "#1" in leaves_alone(swift, "declined").target("acme/api")["reason"]


def test_on_decline_repropose_proposes_it_all_the_same(swift):
    api = proposed(swift, "on_decline: repropose\n")
    api.close_pull(1)
    assert outcome(later(swift)) == "created"
    assert [pull.state for pull in api.pulls] == ["CLOSED", "OPEN"]


@pytest.mark.parametrize("strategy", ["graphql", "rest"])
def test_what_we_closed_ourselves_is_no_decline(swift, strategy):
    api = proposed(swift)
    api.commit({path: text.encode() for path, text in KIT.items()})
    assert outcome(later(swift, write_strategy=strategy)) == "closed"
    api.commit(dict.fromkeys(KIT))
    assert outcome(later(swift)) == "created"
    assert not [text for text in api.pulls[1].body.splitlines() if "Left out" in text]


def test_a_pull_request_that_was_closed_and_opened_again_is_no_decline(swift):
    api = proposed(swift)
    api.close_pull(1)
    api.reopen_pull(1)
    leaves_alone(swift, "open")


@pytest.mark.parametrize("name", ["stale[bot]", "Stale"])
def test_a_stale_bots_closing_is_no_decline_where_the_config_ignores_it(swift, name):
    api = proposed(swift, f"ignored_authors: ['{name}']\n")
    api.close_pull(1, by="stale[bot]")
    later(swift)
    api.close_pull(2, by="sam")
    assert "(sam, " in leaves_alone(swift, "declined").target("acme/api")["reason"]


def test_a_bots_closing_is_a_decline_otherwise_and_names_it(swift):
    proposed(swift).close_pull(1, by="stale[bot]")
    assert "people closed #1 (stale[bot], " in leaves_alone(swift, "declined").target("acme/api")["reason"]


@pytest.mark.parametrize(("command", "codes"), [("sync", [0, 1]), ("check", [0, 3])])
def test_what_was_declined_is_drift_for_check_where_fail_on_says_so(swift, command, codes):
    proposed(swift).close_pull(1)
    assert [leaves_alone(swift, "declined", command=command, fail_on=one).code for one in ("", "declined")] == codes


# Changing back what was merged

AUTO = {"allow_auto_merge": True, "required_checks": True}


@pytest.mark.parametrize("method", ["merge", "squash"])
def test_what_was_merged_and_changed_back_is_proposed_again_and_says_what_it_undoes(swift, method):
    api = proposed(swift)
    api.merge_pull(1, method=method, delete_branch=method == "merge")
    api.commit({"kit/a.md": b"changed back\n"})
    ran = later(swift)
    assert outcome(ran) == "created"
    assert changed(api, OURS) == {"kit/a.md": "M"}
    assert f"changed; undoes what Alice changed here since #1 ([`{api.head()[:10]}`]" in api.pulls[1].body
    assert "undoes what people changed in<br>`kit/a.md`" in ran.summary


def test_an_undoing_pull_request_does_not_merge_itself_and_an_ordinary_one_does(swift):
    api = proposed(swift, "pr_auto_merge: true\n", **AUTO)
    assert api.pulls[0].auto_merge == "MERGE"
    api.merge_pull(1)
    api.commit({"kit/a.md": b"changed back\n"})
    later(swift)
    assert (api.pulls[1].state, api.pulls[1].auto_merge) == ("OPEN", None)
    leaves_alone(swift, "open")


def test_a_pull_request_that_comes_to_undo_something_no_longer_merges_itself(swift):
    api = proposed(swift, "pr_auto_merge: true\n", **AUTO)
    api.merge_pull(1)
    swift.write({"kit/b.md": "new\n"})
    later(swift)
    assert api.pulls[1].auto_merge == "MERGE"
    api.commit({"kit/a.md": b"changed back\n"})
    assert outcome(later(swift)) == "updated"
    assert api.pulls[1].auto_merge is None


@pytest.mark.parametrize("method", ["merge", "squash", "rebase"])
def test_what_the_source_takes_back_undoes_nothing_of_peoples_and_merges_itself(swift, method):
    api = proposed(swift, "pr_auto_merge: true\n", **AUTO)
    for number, text in enumerate(("new\n", "newer\n", "a\n", "newer\n"), start=1):
        api.merge_pull(number, method=method, by="sam", delete_branch=True)
        swift.write({"kit/a.md": text})
        ran = later(swift)
        assert outcome(ran) == "created"
        assert "undoes" not in api.pulls[number].body + ran.log
        assert "overwrites" not in api.pulls[number].body + ran.log
        assert api.pulls[number].auto_merge == "MERGE"


def test_what_people_merged_after_they_had_declined_it_is_declined_no_more(swift):
    api = proposed(swift)
    api.close_pull(1)
    swift.write({}, config("on_decline: repropose\n"))
    later(swift)
    api.merge_pull(2, delete_branch=True)
    swift.write({"kit/a.md": "new\n"}, config())
    later(swift)
    api.merge_pull(3, delete_branch=True)
    swift.write({"kit/a.md": "a\n"})
    assert outcome(later(swift)) == "created"


# Texts


def test_a_title_of_theirs_is_kept_and_one_of_ours_follows_the_config(swift):
    api = proposed(swift)
    swift.write({"kit/a.md": "new\n"}, config("pr_title: Sync {files} files\n"))
    assert outcome(later(swift)) == "updated"
    assert api.pulls[0].title == "Sync 2 files"
    api.pulls[0].title = "Theirs"
    swift.write({"kit/a.md": "newer\n"})
    assert outcome(later(swift)) == "updated"
    assert api.pulls[0].title == "Theirs"


def test_text_around_our_block_is_kept_when_the_pull_request_is_closed(swift):
    api = proposed(swift)
    api.pulls[0].body = f"Please read.\r\n{api.pulls[0].body}\r\nThanks!"
    api.commit({path: text.encode() for path, text in KIT.items()})
    assert outcome(later(swift)) == "closed"
    assert api.pulls[0].body.startswith("Please read.\r\n")
    assert api.pulls[0].body.endswith("\r\nThanks!")


def test_a_pull_request_whose_text_was_wiped_is_reported_and_not_doubled(swift):
    api = proposed(swift)
    api.pulls[0].body = "All theirs now."
    ran = later(swift)
    assert len(api.pulls) == 1
    assert api.pulls[0].body == "All theirs now."
    assert outcome(ran) == "failed"
    assert f"A pull request already exists for acme:{OURS}" in ran.target("acme/api")["reason"]
