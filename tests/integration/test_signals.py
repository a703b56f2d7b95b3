"""Runs that are asked to stop: nothing new is sent, the report comes in time, and the next run goes on."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
from signal import SIGINT, SIGTERM

import pytest

from broadcast import action
from broadcast.pipeline.run import Run
from broadcast.runner.commands import Runner
from broadcast.runner.signals import Signals
from tests.integration import test_tokens
from tests.integration.test_commands import options
from tests.world import ROOT, TOKEN

IN_TIME = 7.0  # seconds; after 7.5 the runner asks again, and at 10 it kills
CODES = {SIGINT: 130, SIGTERM: 143}
NAMES = [f"acme/t{number:02}" for number in range(1, 13)]
OTHERS = [f"zoo/t{number:02}" for number in range(1, 13)]
ZOO = "ghp_anotherSecretOfTheTests0123456789012"
SOON = 0.5  # seconds in which a signal surely arrives


def fleet(world, names=NAMES, more=""):
    for name in names:
        world.hub.repository(name, files={"README.md": b"theirs\n"}, labels=["sync"])
    world.write({"LICENSE": "MIT\n"}, f"version: 1\ntargets: [{', '.join(names)}]\nfiles: [LICENSE]\n{more}")


@pytest.fixture
def hanging():
    """Set, it lets go what hangs."""
    event = threading.Event()
    yield event
    event.set()


def written(hub, owner=""):
    return [request for request in hub.requests if request.writes and owner in str(request.variables)]


def stop_at(world, going, number, match, *, after=True, hang=None):
    """Send the signal at the first request that matches, before its answer leaves."""

    def ask(_hub, _request):
        going[0].ask(number)
        hang.wait(60) if hang else time.sleep(SOON)

    (world.hub.after if after else world.hub.before)(match, ask)


def start(world, going, **inputs):
    going.append(world.start(**inputs))
    return going[0]


def check_report(ran, number, names=NAMES):
    """It says what stopped the run, what was done, and that the next run goes on, wherever it may be read."""
    name = signal.Signals(number).name
    assert ran.code == CODES[number], ran.log
    assert ran.outputs["exit-code"] == str(CODES[number])
    assert ran.results["stopped"] == name
    assert ran.results["failure"] is None
    assert list(ran.outcomes) == names
    for text in (ran.log, ran.summary):
        assert f"Stopped by {name}" in text
        assert "the next run goes on" in text
    assert "::error title=Broadcast::Stopped by" in ran.log


def check_next_run(world, names=NAMES):
    """It finishes what is left, and doubles nothing."""
    ran = world.run()
    assert ran.code == 0, ran.log
    assert set(ran.outcomes.values()) <= {"created", "open", "updated"}, ran.outcomes
    for name in names:
        repository = world.hub.find(name)
        assert [(pull.state, repository.files(pull.head)["LICENSE"][1]) for pull in repository.pulls] == [
            ("OPEN", b"MIT\n")
        ]
        assert len(repository.branches()) == 2
    again = world.run()
    assert set(again.outcomes.values()) == {"open"}
    assert not written(world.hub)


def test_sigterm_after_three_of_twelve_targets(world):
    fleet(world)
    going = []
    stop_at(world, going, SIGTERM, lambda request: request.writes and len(written(world.hub)) == 3)
    ran, seconds = start(world, going).end()
    assert seconds < IN_TIME
    check_report(ran, SIGTERM)
    assert list(ran.outcomes.values()) == ["created"] * 3 + ["deferred"] * 9
    assert len(written(world.hub)) == 3
    assert ran.target(NAMES[4])["reason"] == "stopped by SIGTERM"
    assert ran.outputs["created"] == "3"
    assert "3 of 12 repositories got a pull request; 9 were left to a later run; the next run goes on" in ran.summary
    check_next_run(world)


def test_sigint_during_a_wait_that_github_asks_for(world):
    fleet(world)
    world.hub.fail(lambda request: request.writes and len(written(world.hub)) == 3, retry_after=3600)
    going = world.start()
    going.until("waiting until")
    going.ask(SIGINT)
    ran, seconds = going.end()
    assert seconds < IN_TIME
    check_report(ran, SIGINT)
    assert list(ran.outcomes.values()) == ["created"] * 2 + ["deferred"] * 10
    assert ran.results["totals"]["waited_ms"] < 60_000
    check_next_run(world)


@pytest.mark.parametrize("number", [SIGINT, SIGTERM])
def test_a_signal_while_a_read_hangs_for_a_minute(world, hanging, number):
    fleet(world)
    going = []
    stop_at(world, going, number, lambda request: request.kind == "graphql query", hang=hanging)
    ran, seconds = start(world, going).end()
    assert seconds < IN_TIME
    check_report(ran, number)
    assert set(ran.outcomes.values()) == {"deferred"}
    assert not written(world.hub)
    assert "observe" in ran.results["phases"]
    hanging.set()
    check_next_run(world)


@pytest.mark.parametrize("after", [False, True], ids=["before its effect", "after its effect"])
def test_sigint_while_the_answer_to_a_write_hangs_for_a_minute(world, hanging, after):
    fleet(world, more="pr_labels: [sync]\n")
    going = []
    third = lambda request: request.writes and len(written(world.hub)) == 3  # noqa: E731  one line of a story
    stop_at(world, going, SIGINT, third, after=after, hang=hanging)
    ran, seconds = start(world, going).end()
    assert seconds < IN_TIME
    check_report(ran, SIGINT)
    assert list(ran.outcomes.values()) == ["created"] * 2 + ["deferred"] * 10
    assert ran.target(NAMES[2])["reason"] == "stopped by SIGINT while its pull request was being written"
    assert ran.target(NAMES[2])["remedy"] == "the next run looks again and goes on"
    assert ran.target(NAMES[3])["reason"] == "stopped by SIGINT"
    assert "labels and reviewers may be missing" in ran.summary
    hanging.set()
    check_next_run(world)


def test_sigterm_with_two_tokens(world):
    fleet(world, [*NAMES, *OTHERS])
    world.hub.token(ZOO, "zoo-bot")
    going = []
    stop_at(world, going, SIGTERM, lambda request: request.writes and len(written(world.hub)) >= 4)
    ran, seconds = start(world, going, tokens=f"zoo={ZOO}").end()
    assert seconds < IN_TIME
    check_report(ran, SIGTERM, [*NAMES, *OTHERS])
    assert set(ran.outcomes.values()) == {"created", "deferred"}
    assert ran.outputs["created"] == str(len(written(world.hub)))
    check_next_run(world, [*NAMES, *OTHERS])


def test_sigterm_with_two_tokens_one_of_which_hangs(world, hanging):
    fleet(world, [*NAMES[:3], *OTHERS[:3]])
    world.hub.token(ZOO, "zoo-bot")
    going = []
    stop_at(world, going, SIGTERM, lambda request: request.writes and request.login == "zoo-bot", hang=hanging)
    ran, seconds = start(world, going, tokens=f"zoo={ZOO}").end()
    assert seconds < IN_TIME
    check_report(ran, SIGTERM, [*NAMES[:3], *OTHERS[:3]])
    assert "being written" in ran.target(OTHERS[0])["reason"]
    assert ran.outcomes[OTHERS[1]] == "deferred"
    hanging.set()
    check_next_run(world, [*NAMES[:3], *OTHERS[:3]])


def test_sigterm_while_the_fleet_is_looked_at(world):
    fleet(world)
    going = []
    stop_at(world, going, SIGTERM, lambda request: request.kind == "graphql query")
    ran, seconds = start(world, going).end()
    assert seconds < IN_TIME
    check_report(ran, SIGTERM)
    assert set(ran.outcomes.values()) == {"deferred"}
    assert len(world.hub.requests) == 1
    check_next_run(world)


def test_a_signal_while_python_still_loads_is_one_line(world):
    fleet(world)
    for number in (SIGINT, SIGTERM):
        going = world.start()
        time.sleep(0.1)
        going.ask(number)
        ran, seconds = going.end()
        assert seconds < IN_TIME
        assert ran.code in (CODES[number], -number)  # before the first line, Python's own way
        assert ran.log in ("", f"Stopped by {number.name}\n")
        assert not world.hub.requests


SCRIPT = "import sys; from broadcast.start import terminal; sys.exit(terminal())"  # as pip and uv write it
ENTRIES = {
    "script": ["-P", "-c", SCRIPT, "schema"],
    "module": ["-P", "-m", "broadcast", "schema"],
    "module among the checkout's": ["-m", "broadcast", "schema"],
    "action": ["-I", "-u", str(ROOT / "entrypoint.py")],
}
# A frame of what is loaded after our first line; before that, Python answers in its own way.
OURS = re.compile(r"in (terminal|action)\b|/broadcast/(?!__init__|__main__|start)[\w/]+\.py")


@pytest.mark.parametrize("entry", ENTRIES)
def test_ctrl_c_at_any_early_moment_gives_no_traceback(entry, tmp_path):
    (tmp_path / "signal.py").write_text("raise SystemExit('a module of the checkout was imported')\n")
    for moment in range(0, 300, 12):
        process = subprocess.Popen(
            [sys.executable, *ENTRIES[entry]], cwd=tmp_path, env={"INPUT_COMMAND": "schema"}, text=True,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
        )  # fmt: skip
        time.sleep(moment / 1000)
        process.send_signal(SIGINT)
        said = process.communicate(timeout=60)[1]
        assert process.returncode in (130, 0, -SIGINT, 1), said  # 1: Python's, while it starts itself
        assert not OURS.search(said), said
        assert process.returncode != 130 or said.startswith("Stopped by SIGINT"), said
        assert "checkout was imported" not in said


def test_a_second_signal_ends_the_process_at_once_but_an_echo_of_the_first_does_not(world, hanging):
    fleet(world)
    going = []
    stop_at(world, going, SIGTERM, lambda request: request.kind == "graphql query", hang=hanging)
    start(world, going).until("SIGTERM: sending nothing more")
    going[0].ask(SIGTERM)  # as timeout(1) does
    time.sleep(1)
    assert going[0].process.poll() is None
    going[0].ask(SIGINT)
    ran, seconds = going[0].end()
    assert seconds < 1
    assert (ran.code, ran.summary, ran.outputs) == (143, "", {})


def test_a_signal_after_the_work_changes_nothing_but_a_second_one_ends_it(world):
    """The report is on its way by then."""
    fleet(world, NAMES[:1])
    with Signals() as signals:
        signals.watch(lambda: None, print)
        signal.raise_signal(SIGTERM)
        assert not signals.stop.by
        assert signals.left(3) == 3
    assert signal.getsignal(SIGTERM) is signal.SIG_DFL


@pytest.mark.parametrize("number", [SIGINT, SIGTERM])
@pytest.mark.parametrize("more", [(), ("--json",)], ids=["text", "json"])
def test_a_terminal_gets_the_report_and_no_traceback(world, hanging, number, more):
    fleet(world, NAMES[:2])
    asked = []

    def ask(_hub, _request):
        asked.append(time.monotonic())
        process.send_signal(number)
        hanging.wait(60)

    world.hub.after(lambda request: request.writes and len(written(world.hub)) == 2, ask)
    command = [world.python, "-m", "broadcast", "sync", *options(world), *more]
    process = subprocess.Popen(
        command, cwd=world.source, env={"PATH": os.environ["PATH"], "GH_TOKEN": TOKEN}, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    printed, others = process.communicate(timeout=60)
    assert time.monotonic() - asked[0] < IN_TIME
    assert process.returncode == CODES[number]
    assert "Traceback" not in printed + others
    assert "1 of 2 repositories got a pull request; 1 was left to a later run; the next run goes on" in printed + others
    if more:
        assert [one["outcome"] for one in json.loads(printed)["targets"]] == ["created", "deferred"]


class Asked(Signals):
    """Works in this very thread."""

    def watch(self, work, heard, seconds=None):
        work()


def asked(world, signals, capsys, **inputs):
    """A run in this process and on the hub's clock, with these signals."""
    world.hub.requests.clear()
    variables = world.environment(**inputs)
    code = action.act(variables, Runner(), world.hub.clock, world.hub.sleep, signals)
    return world.ran(code, capsys.readouterr().out, variables)


@pytest.mark.parametrize("request_", ["/app/installations?", "/access_tokens"])
def test_an_app_asks_for_no_more_tokens_once_the_run_is_to_stop(world, capsys, request_):
    fleet(world, [NAMES[0], OTHERS[0]])
    test_tokens.install(world, "acme", "zoo")
    signals = Asked()
    world.hub.after(lambda request: request_ in request.path, lambda *_: signals.stop.ask("SIGINT"))
    app = {"token": "", "client_id": test_tokens.APP, "private_key": test_tokens.PEM}
    ran = asked(world, signals, capsys, **app)
    check_report(ran, SIGINT, [NAMES[0], OTHERS[0]])
    assert request_ in world.hub.requests[-1].path


@pytest.mark.parametrize("phase", ["config", "snapshot", "targets", "observe", "plan", "apply"])
def test_a_stop_before_any_phase_is_reported_and_writes_nothing(swift, monkeypatch, capsys, phase):
    fleet(swift)
    signals, real = Asked(), Run.phase

    def at(self, name):
        if name == phase:
            signals.stop.ask("SIGTERM")
        return real(self, name)

    monkeypatch.setattr(Run, "phase", at)
    ran = asked(swift, signals, capsys)
    begun = phase in ("observe", "plan", "apply")
    check_report(ran, SIGTERM, NAMES if begun else [])
    assert set(ran.outcomes.values()) == ({"deferred"} if begun else set())
    assert not written(swift.hub)
    assert begun or "before any repository was looked at; the next run goes on" in ran.summary


def test_a_stopped_plan_says_that_nothing_was_written(world, hanging):
    fleet(world)
    going = []
    stop_at(world, going, SIGINT, lambda request: request.kind == "graphql query", hang=hanging)
    ran, _ = start(world, going, command="plan").end()
    assert ran.code == 130
    assert "Stopped by SIGINT: all 12 repositories would be left to a later run; nothing was written" in ran.summary
    assert TOKEN not in ran.summary
