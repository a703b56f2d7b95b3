"""The dashboard: one issue in the source that shows the fleet, and whose boxes people tick."""

from __future__ import annotations

import pytest

from tests.integration.test_people import OURS, later, writes
from tests.integration.test_tokens import APP, PUBLIC, WRITE, as_app
from tests.world import SOURCE, World

CONFIG = "version: 1\ntargets: [acme/api, acme/web]\ndirectories: [kit]\n"


class Board:
    """A source with two targets and its dashboard."""

    def __init__(self, swift, config: str = CONFIG, **source) -> None:
        self.swift, self.hub = swift, swift.hub
        swift.write({"kit/a.md": "a\n"}, config)
        self.source = self.hub.repository(SOURCE, files={"a": b"x"}, **source)
        self.targets = {name: self.hub.repository(f"acme/{name}", files={"b": b"y"}) for name in ("api", "web")}

    def run(self, **inputs: str):
        return later(self.swift, **{"dashboard": "true", **inputs})

    @property
    def issue(self):
        (only,) = self.source.issues
        return only

    @property
    def body(self) -> str:
        return self.issue.body

    def tick(self, kind: str, name: str = "", by: str = "sam") -> None:
        begin = f"- [ ] <!-- broadcast:{kind}{f'={name}' if name else ''} -->"
        assert begin in self.body, self.body
        self.source.edit_issue(self.issue, by, self.body.replace(begin, begin.replace("[ ]", "[x]")))

    def is_ticked(self, kind: str) -> bool:
        return f"- [x] <!-- broadcast:{kind}" in self.body

    def wrote(self) -> list[str]:
        """What the last run wrote to issues."""
        return [f"{one.method} {one.path}" for one in writes(self.swift) if "/issues" in one.path]


@pytest.fixture
def board(swift):
    return Board(swift)


def test_the_dashboard_is_made_once_and_then_left_alone(board):
    ran = board.run()
    assert (ran.code, board.wrote()) == (0, [f"POST /repos/{SOURCE}/issues"])
    assert "All 2 targets have their pull requests open" in board.body
    first = board.body
    assert board.run().code == 0
    assert (board.wrote(), board.body) == ([], first)
    assert sum("labels: [" in one.document and "broadcast-dashboard" in one.document for one in board.hub.requests) == 1


def test_without_the_input_there_is_no_dashboard_and_no_question_for_it(board):
    board.run(dashboard="")
    assert board.source.issues == []
    assert not any("broadcast-dashboard" in one.document for one in board.hub.requests)


def test_a_merge_changes_it_once(board):
    board.run()
    api = board.targets["api"]
    api.merge_pull(1)
    assert board.run().code == 0
    assert (board.wrote(), "### In step" in board.body) == (
        [f"PATCH /repos/{SOURCE}/issues/{board.issue.number}"],
        True,
    )
    board.run()
    assert board.wrote() == []


# Boxes


def test_a_ticked_rebuild_is_carried_out_once_and_unticked(board):
    board.run()
    before = {name: each.head(OURS) for name, each in board.targets.items()}
    board.tick("rebuild", "acme/api")
    assert board.run().outcomes == {"acme/api": "updated", "acme/web": "open"}
    assert board.targets["api"].head(OURS) != before["api"]
    assert not board.is_ticked("rebuild")
    assert board.run().outcomes == {"acme/api": "open", "acme/web": "open"}
    assert board.wrote() == []


def test_a_rebuild_discards_commits_of_others(board):
    board.run()
    board.targets["api"].commit({"more": b"by hand\n"}, branch=OURS, author=("Al", "al@example.com"))
    board.swift.write({"kit/a.md": "b\n"})
    assert board.run().outcomes["acme/api"] == "edited"
    assert "### Who must act" in board.body
    board.tick("rebuild", "acme/api")
    assert board.run().outcomes["acme/api"] == "updated"
    assert "more" not in board.targets["api"].files(OURS)


def test_retry_proposes_again_what_was_declined_until_it_is_declined_again(board):
    board.run()
    api = board.targets["api"]
    api.close_pull(1, by="al")
    assert board.run().outcomes["acme/api"] == "declined"
    assert "al" in board.body.partition("### Declined")[2]
    board.tick("retry", "acme/api")
    assert board.run().outcomes["acme/api"] == "created"
    assert not board.is_ticked("retry")
    for _ in range(2):
        assert board.run().outcomes["acme/api"] == "open"
    api.close_pull(2, by="al")
    assert board.run().outcomes["acme/api"] == "declined"
    assert board.run().outcomes["acme/api"] == "declined"


def test_what_was_proposed_again_and_merged_is_in_step(board):
    board.run()
    api = board.targets["api"]
    api.close_pull(1, by="al")
    board.run()
    board.tick("retry", "acme/api")
    board.run()
    api.merge_pull(2)
    assert board.run().outcomes["acme/api"] == "in_sync"


def test_a_ticked_freeze_holds_until_it_is_unticked(board):
    board.run()
    board.tick("freeze")
    board.swift.write({"kit/a.md": "b\n"})
    for _ in range(3):
        ran = board.run()
        assert (ran.code, [one for one in writes(board.swift) if "/issues" not in one.path]) == (0, [])
        assert "Frozen by the dashboard, ticked by sam" in ran.log
        assert board.is_ticked("freeze")
    assert board.wrote() == []
    board.source.edit_issue(board.issue, "sam", board.body.replace("- [x]", "- [ ]"))
    assert set(board.run().outcomes.values()) == {"updated"}
    assert "🧊" not in board.body


@pytest.mark.parametrize("command", ["sync", "cancel", "rollback", "merge"])
def test_a_freeze_holds_for_every_command_that_writes(board, command):
    commit = board.swift.write({"kit/a.md": "a\n"})
    board.swift.write({"kit/a.md": "b\n"})
    board.run()
    board.tick("freeze")
    more = {"to": commit} if command == "rollback" else {"only_targets": "*"} if command != "sync" else {}
    ran = board.run(command=command, **more)
    assert "Frozen by the dashboard" in ran.log
    assert not [one for one in writes(board.swift) if "/issues" not in one.path]


def test_a_stranger_s_tick_does_nothing_and_is_taken_back(board):
    board.hub.strangers.add("mallory")
    board.run()
    before = {name: each.head(OURS) for name, each in board.targets.items()}
    for kind, name in (("freeze", ""), ("rebuild", "acme/api")):
        board.tick(kind, name, by="mallory")
    ran = board.run()
    assert (ran.outcomes, "Frozen" in ran.log) == ({"acme/api": "open", "acme/web": "open"}, False)
    assert {name: each.head(OURS) for name, each in board.targets.items()} == before
    assert "- [x]" not in board.body


def test_a_stranger_s_tick_doesn_t_count_where_a_maintainer_edits_something_else(board):
    board.hub.strangers.add("mallory")
    board.run()
    board.tick("freeze", by="mallory")
    board.tick("rebuild", "acme/api", by="sam")
    assert board.run().outcomes == {"acme/api": "updated", "acme/web": "open"}


def test_a_stranger_can_t_lift_a_freeze(board):
    board.hub.strangers.add("mallory")
    board.run()
    board.tick("freeze")
    board.run()
    board.source.edit_issue(board.issue, "mallory", board.body.replace("- [x]", "- [ ]"))
    board.swift.write({"kit/a.md": "b\n"})
    assert "Frozen by the dashboard" in board.run().log
    assert board.is_ticked("freeze")


@pytest.mark.parametrize("role", ["admin", "write", "read", "none"])
def test_write_access_decides(board, role):
    board.source.roles["sam"] = role
    board.run()
    board.tick("freeze")
    assert ("Frozen" in board.run().log) == (role in ("admin", "write"))


def test_an_app_s_tick_doesn_t_count(board):
    board.run()
    board.tick("freeze", by="helper[bot]")
    assert "Frozen" not in board.run().log


@pytest.mark.parametrize("setting", [("edit_diff", "null"), ("edit_order", "oldest first")])
def test_a_tick_counts_however_edits_are_listed(board, setting):
    setattr(board.hub.unknowns, *setting)
    board.run()
    board.tick("rebuild", "acme/api")
    assert board.run().outcomes["acme/api"] == "updated"


def test_where_edits_can_t_be_read_a_stranger_among_them_keeps_all_from_counting(board):
    board.hub.unknowns.edit_diff = "null"
    board.hub.strangers.add("mallory")
    board.run()
    board.tick("rebuild", "acme/api", by="mallory")
    board.tick("rebuild", "acme/web")
    assert set(board.run().outcomes.values()) == {"open"}


def test_where_permissions_can_t_be_read_no_box_counts_and_the_dashboard_says_so(board):
    board.hub.token("app-token", "helper", kind="app")
    board.run(dashboard_token="app-token")
    board.hub.unknowns.permission_of_people = "refused"
    board.tick("rebuild", "acme/api")
    ran = board.run(dashboard_token="app-token")
    assert set(ran.outcomes.values()) == {"open"}
    assert "Boxes don't count" in board.body
    assert "it isn't known who has write access" in ran.log


def test_people_may_turn_line_ends_around(board):
    board.run()
    board.source.edit_issue(board.issue, "sam", board.body.replace("\n", "\r\n"))
    board.run()
    assert board.wrote() == []


# Finding it


def test_a_dashboard_that_people_closed_stays_closed(board):
    board.run()
    board.source.edit_issue(board.issue, "sam", state="closed")
    board.swift.write({"kit/a.md": "b\n"})
    ran = board.run()
    assert (ran.code, board.wrote(), board.issue.state) == (0, [], "CLOSED")
    assert f"reopen {board.hub.url}/{SOURCE}/issues/{board.issue.number}" in ran.log
    board.source.edit_issue(board.issue, "sam", state="open")
    board.targets["api"].merge_pull(1)
    board.run()
    assert len(board.wrote()) == 1


def test_a_dashboard_without_its_label_is_found(board):
    board.run()
    board.issue.labels.clear()
    board.tick("freeze")
    assert "Frozen" in board.run().log
    assert len(board.source.issues) == 1


@pytest.mark.parametrize("has_label", [True, False])
def test_an_issue_of_a_stranger_with_our_marker_is_not_ours(board, has_label):
    board.run()
    body = board.body.replace("- [ ]", "- [x]")
    board.source.issues.clear()
    board.source.open_issue("Broadcast dashboard", body, "mallory", ("broadcast-dashboard",) if has_label else ())
    ran = board.run()
    assert "Frozen" not in ran.log
    assert [one.author for one in board.source.issues] == ["mallory", "broadcast-bot"]
    assert board.source.issues[0].body == body


def test_duplicates_of_ours_are_closed_and_others_are_not(board):
    board.run()
    body = board.body
    for who in ("broadcast-bot", "mallory"):
        board.source.open_issue("Broadcast dashboard", body, who, ("broadcast-dashboard",))
    board.run()
    assert [one.state for one in board.source.issues] == ["OPEN", "CLOSED", "OPEN"]


def test_where_issues_are_off_a_run_goes_on_with_a_warning(board):
    board.source.issues_enabled = False
    ran = board.run()
    assert (ran.code, "issues are turned off" in ran.log) == (0, True)


# What writes it


@pytest.mark.parametrize("inputs", [{"only_targets": "acme/api"}, {"shard": "1/2"}, {"dry_run": "true"}])
def test_a_run_for_a_part_of_the_fleet_and_a_dry_one_leave_it_as_it_is(board, inputs):
    board.run(**inputs)
    assert board.source.issues == []


@pytest.mark.parametrize("command", ["plan", "check", "status"])
def test_commands_that_look_read_the_boxes_and_write_nothing(board, command):
    board.run()
    board.swift.write({"kit/a.md": "b\n"})
    board.run(command=command)
    assert writes(board.swift) == []


def test_plan_shows_what_a_ticked_box_would_do(board):
    board.run()
    board.tick("rebuild", "acme/api")
    assert board.run(command="plan").outcomes == {"acme/api": "updated", "acme/web": "open"}
    assert board.is_ticked("rebuild")


def test_a_filtered_run_heeds_a_freeze_and_leaves_single_boxes_to_the_next_whole_one(board):
    board.run()
    board.tick("rebuild", "acme/api")
    assert board.run(only_targets="acme/api").outcomes == {"acme/api": "open"}
    board.tick("freeze")
    assert "Frozen" in board.run(only_targets="acme/api").log
    assert board.is_ticked("rebuild")


def test_a_run_that_can_t_read_it_writes_nothing(board):
    board.run()
    board.swift.write({"kit/a.md": "b\n"})
    board.hub.token("narrow", "helper", kind="app", permissions={"contents": "read"})
    ran = board.run(dashboard_token="narrow")
    assert (ran.code, writes(board.swift)) == (1, [])
    assert "the dashboard can't be read" in ran.log
    assert board.run(command="plan", dashboard_token="narrow").code == 0


def test_a_dashboard_that_can_t_be_written_is_a_warning(board):
    board.hub.token("reader", "helper", kind="app", permissions={"issues": "read"})
    ran = board.run(dashboard_token="reader")
    assert (ran.code, set(ran.outcomes.values())) == (0, {"created"})
    assert "the dashboard could not be written" in ran.log


def test_a_box_that_is_ticked_while_a_run_is_under_way_is_left_to_the_next(board):
    board.run()
    board.swift.write({"kit/a.md": "b\n"})
    board.targets["api"].close_pull(1, by="al")
    board.hub.after(lambda one: one.writes, lambda *_: board.tick("freeze"))
    board.run()
    assert (board.wrote(), board.is_ticked("freeze")) == ([], True)
    assert "Frozen" in board.run().log


def test_the_token_of_the_dashboard_is_masked(board):
    board.hub.token("ghs_ofTheDashboard01234567890123456789", "github-actions", kind="app")
    ran = board.run(dashboard_token="ghs_ofTheDashboard01234567890123456789")
    assert "::add-mask::ghs_ofTheDashboard01234567890123456789" in ran.log
    assert board.issue.author == "github-actions[bot]"


# Who reads it


def test_a_public_source_names_no_private_target(swift):
    board = Board(swift, CONFIG, visibility="public")
    board.targets["web"].private = False
    ran = board.run()
    assert ran.code == 0, ran.log
    assert "acme/web" in board.body
    assert "acme/api" not in board.body
    assert "1 repository that not all readers of this one can see: 1 pull request open." in board.body


def test_a_private_source_names_them_all(board):
    board.run()
    assert "acme/api" in board.body


# An App's token


def with_app(apps, **permissions: str) -> Board:
    board = Board(apps)
    apps.hub.install(apps.hub.app(APP, PUBLIC), "acme", None, WRITE | permissions)
    return board


def as_its_app(board: Board, **inputs: str):
    board.hub.clock.advance(60)
    return as_app(board.swift, World.run, dashboard="true", **inputs)


def test_an_app_keeps_it_with_a_token_for_the_source_alone(apps):
    board = with_app(apps, issues="write")
    assert as_its_app(board).code == 0
    asked = [one.body for one in board.hub.requests if one.path.endswith("/access_tokens")]
    assert {"repositories": ["templates"], "permissions": {"metadata": "read", "issues": "write"}} in asked
    assert board.issue.author.endswith("[bot]")
    board.tick("freeze")
    assert "Frozen by the dashboard, ticked by sam" in as_its_app(board).log


def test_an_app_without_issues_writes_nothing_and_hears_what_to_give(apps):
    board = with_app(apps)
    ran = as_its_app(board)
    assert (ran.code, [one for one in writes(apps) if "access_tokens" not in one.path]) == (1, [])
    assert "the dashboard can't be read" in ran.log
    assert "the GitHub App's installation at acme lacks" in ran.log


def test_a_push_leaves_the_dashboard_as_the_next_run_finds_it(swift):
    board = Board(swift, CONFIG + "delivery: push\n")
    assert board.run().code == 0
    first = board.body
    assert "All 2 targets are in step" in first
    assert board.run().code == 0
    assert (board.wrote(), board.body) == ([], first)


def test_a_reverted_push_is_declined_and_comes_again_where_people_ask_for_it(swift):
    board = Board(swift, CONFIG + "delivery: push\n")
    board.run()
    board.targets["api"].commit({"kit/a.md": None})
    assert board.run().outcomes == {"acme/api": "declined", "acme/web": "in_sync"}
    declined = board.body.partition("## Declined")[2].partition("\n#")[0]
    assert "changed back by" in declined
    board.tick("retry", "acme/api")
    assert board.run().outcomes["acme/api"] == "pushed"
    assert "kit/a.md" in board.targets["api"].files()
