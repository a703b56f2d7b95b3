"""Targets that lack files which couldn't be sent: the outcome, the outputs, and what waits for them."""

from __future__ import annotations

import json

import pytest

from tests.integration.test_people import later, writes

README = {"README.md": b"theirs\n"}
SENT = {"a": "a\n", "t": "[[ UNKNOWN ]]"}
CONFIG = "version: 1\ntargets: [acme/api]\nfiles: [a, {src: t, template: true}]\n"


def alarms(ran) -> tuple:
    """What later steps see of a run."""
    names = ("failed", "incomplete", "in-sync", "failed-targets", "incomplete-targets", "exit-code")
    return tuple(json.loads(ran.outputs[name]) for name in names)


@pytest.mark.parametrize("command", ["sync", "plan", "check", "status"])
def test_a_target_in_step_but_for_a_file_that_can_not_be_sent_is_incomplete(swift, command):
    swift.hub.repository("acme/api", files=README | {"a": b"a\n"})
    swift.write(SENT, CONFIG)
    ran = later(swift, command=command)
    assert (ran.code, ran.outcomes, writes(swift)) == (1, {"acme/api": "incomplete"}, [])
    assert alarms(ran) == (0, 1, 0, [], ["acme/api"], 1)
    assert ran.target("acme/api")["reason"].startswith("t: can't be rendered: t:1:")
    assert ran.target("acme/api")["remedy"].startswith("add UNKNOWN to `vars`")
    assert "🧩 incomplete" in ran.summary.replace("\u00a0", " ")
    assert ran.log.count("::error title=Broadcast::acme/api: t: can't be rendered") == 1
    assert ("acme/api would lack files that c" if command == "plan" else "acme/api lacks files that c") in ran.log


def test_a_target_with_a_pull_request_keeps_its_outcome_and_is_named_as_incomplete(swift):
    swift.hub.repository("acme/api", files=README)
    swift.write(SENT, CONFIG)
    for name in ("created", "open"):
        ran = later(swift)
        assert (ran.code, ran.outcomes) == (1, {"acme/api": name})
        assert alarms(ran) == (0, 0, 0, [], ["acme/api"], 1)
        assert ran.log.count("::error title=Broadcast::acme/api: t: can't be rendered") == 1


GROUPS = """\
version: 1
groups:
  - {id: first, name: first, targets: [acme/api], files: [a, {src: t, template: true}]}
  - {id: second, name: second, targets: [acme/web], depends_on: [first], files: [a]}
"""


@pytest.mark.parametrize("held", [README, README | {"a": b"a\n"}], ids=["behind", "in step"])
def test_a_group_waits_for_targets_that_lack_files(swift, held):
    for name, files in (("api", held), ("web", README)):
        swift.hub.repository(f"acme/{name}", files=files)
    swift.write(SENT, GROUPS)
    assert later(swift).outcomes["acme/web"] == "deferred"
    swift.write({"t": "mended\n"})
    assert later(swift).outcomes["acme/web"] == "created"


def test_a_run_that_leaves_all_targets_to_a_later_one_warns_that_nothing_was_done(swift):
    for name in ("api", "web"):
        swift.hub.repository(f"acme/{name}", files=README)
    swift.write({"a": "a\n"}, "version: 1\ntargets: [acme/api, acme/web]\nfiles: [a]\n")
    ran = later(swift, max_pull_requests="0")
    why = "Nothing was done: all 2 repositories were left to a later run (max-pull-requests is reached)"
    assert (ran.code, f"::warning title=Broadcast::{why}" in ran.log) == (0, True)
    assert ran.summary.startswith("## ⚠️ Nothing was done")
