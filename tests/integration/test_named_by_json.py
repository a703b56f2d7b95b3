"""The output failed-targets is the next run's only-targets, as it is."""

from __future__ import annotations

import json

import pytest

from tests.integration.test_people import later

README = {"README.md": b"theirs\n"}
CONFIG = "version: 1\ntargets: [acme/api, acme/web@next, acme/gone]\nfiles: [a]\n"


def fleet(swift) -> None:
    for name in ("api", "web"):
        repository = swift.hub.repository(f"acme/{name}", files=README)
        repository.set_branch("next", repository.head())
    swift.write({"a": "a\n"}, CONFIG)


def test_the_failed_targets_of_one_run_are_the_targets_of_the_next(swift):
    fleet(swift)
    failed = later(swift).outputs["failed-targets"]
    assert json.loads(failed) == ["acme/gone"]
    assert later(swift, only_targets=failed).outcomes == {"acme/gone": "failed"}
    assert set(later(swift, only_targets='["acme/api", "acme/web@next"]').outcomes) == {"acme/api", "acme/web@next"}


@pytest.mark.parametrize("command", ["sync", "plan", "check", "status", "cancel", "merge"])
@pytest.mark.parametrize("text", ["[]", " [ ] "])
def test_of_an_empty_list_no_target_is_worked_on(swift, command, text):
    fleet(swift)
    ran = later(swift, command=command, only_targets=text)
    assert (ran.code, ran.outcomes) == (0, {})
    assert "Nothing was done: only-targets is a list without any target" in ran.log
    assert not [one for one in swift.hub.requests if one.writes]


def test_an_empty_list_closes_nothing_that_the_config_dropped(swift):
    fleet(swift)
    later(swift)
    swift.write({}, CONFIG.replace("acme/api, ", ""))
    assert later(swift, only_targets="[]").outcomes == {}
    assert swift.hub.find("acme/api").pulls[0].state == "OPEN"


@pytest.mark.parametrize("text", ['["acme/api"', '[""]', '["acme/api", 1]', '[["acme/api"]]', '["x", ' + "[" * 100_000])
def test_what_is_no_list_of_names_is_refused(swift, text):
    fleet(swift)
    ran = later(swift, only_targets=text)
    assert ran.code == 2
    assert "Traceback" not in ran.log
