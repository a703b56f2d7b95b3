"""`command: rollback`: after a bad sync was merged, each target goes back to what the source had before it."""

from __future__ import annotations

import signal

import pytest

from broadcast import ownership
from broadcast.observe import rollbacks
from tests.integration.test_main_job import changed
from tests.integration.test_people import OURS, later, leaves_alone, outcome, writes
from tests.markdown import page_of
from tests.world import git

CONFIG = "version: 1\ntargets: [{}]\ndirectories: [kit]\n"
GOOD = {"kit/a.md": "good\n", "kit/b.md": "same\n"}
BAD = {"kit/a.md": "bad\n", "kit/bad.md": "bad\n"}
RUN = "kit/run.sh"


def send(swift, files: dict[str, str | None], *, executable: bool | None = None, text: str | None = None) -> str:
    """Commit to the source, where the script may be executable; returns the commit."""
    if executable is not None:
        (swift.source / RUN).parent.mkdir(exist_ok=True)
        (swift.source / RUN).write_text(f"echo {executable}\n")
        (swift.source / RUN).chmod(0o755 if executable else 0o644)
    return swift.write(files, text)


def merge(api, *, method: str = "merge") -> None:
    (pull,) = [one for one in api.pulls if one.state == "OPEN"]
    api.merge_pull(pull.number, method=method)
    api.delete_branch(pull.head)


def fleet(swift, names: list[str], *, script: bool = True) -> tuple[str, dict, dict]:
    """Targets that merged a bad sync after a good one: the good commit, the targets, and what they held before."""
    targets = {name: swift.hub.repository(name, files={"README.md": b"theirs\n"}) for name in names}
    good = send(swift, GOOD, executable=script or None, text=CONFIG.format(", ".join(names)))
    later(swift)
    for api in targets.values():
        merge(api)
    before = {name: api.files() for name, api in targets.items()}
    send(swift, BAD, executable=False if script else None)
    later(swift)
    for api in targets.values():
        merge(api)
    return good, targets, before


@pytest.fixture
def one(swift):
    """One target that merged a bad sync: the good commit, the target, and what it held before."""
    good, targets, before = fleet(swift, ["acme/api"])
    return good, targets["acme/api"], before["acme/api"]


def test_a_bad_sync_of_twenty_targets_is_rolled_back_and_three_hear_what_their_people_changed(swift):
    good, targets, before = fleet(swift, [f"acme/t{number:02}" for number in range(20)])
    edits = {"acme/t03": "kit/a.md", "acme/t07": "kit/bad.md", "acme/t11": RUN}
    commits = {name: targets[name].commit({path: b"theirs\n"}) for name, path in edits.items()}
    ran = later(swift, command="rollback", to=good)
    assert ran.code == 0, ran.log
    assert set(ran.outcomes.values()) == {"created"}
    page_of(ran.summary)
    for name, api in targets.items():
        merge(api)
        if name not in edits:
            assert api.files() == before[name]
    for name, path in edits.items():
        held = targets[name].files()
        assert held.pop(path)[1] == b"theirs\n"
        assert held == {at: file for at, file in before[name].items() if at != path}
        assert f"left out: {path}, changed since #2 by Alice ({commits[name][:10]})" in ran.log
        assert f"changed since #2 by Alice (`{commits[name][:10]}`)" in targets[name].pulls[-1].body
    assert later(swift, command="rollback", to=good).code == 0
    assert not writes(swift)


def test_what_a_rollback_does_it_says(swift, one):
    good, api, _ = one
    later(swift, command="rollback", to=good[:8])
    pull = api.pulls[-1]
    assert pull.title == f"chore: sync files from acme/templates (roll back to {good[:10]})"
    assert "This takes back what came from" in pull.body
    assert changed(api, OURS) == {"kit/a.md": "M", "kit/bad.md": "D", RUN: "M"}
    leaves_alone(swift, "open", command="rollback", to=good)


def test_the_next_syncs_leave_it_until_the_source_changes_again(swift, one):
    good, api, before = one
    later(swift, command="rollback", to=good)
    ran = leaves_alone(swift, "open")
    assert f"#3 goes back to {good[:10]} of the source" in ran.target("acme/api")["reason"]
    merge(api)
    ran = leaves_alone(swift, "declined")
    assert f"rolled back to {good[:10]} by #3" in ran.log
    swift.write({"kit/b.md": "new\n"})
    assert outcome(later(swift)) == "created"
    assert changed(api, OURS) == {"kit/b.md": "M"}
    merge(api)
    swift.write({"kit/a.md": "better\n"})
    assert outcome(later(swift)) == "created"
    assert changed(api, OURS) == {"kit/a.md": "M"}
    merge(api)
    assert api.files()[RUN] == before[RUN]


def test_sync_takes_over_an_open_rollback_once_the_source_has_changed_all_of_it(swift, one):
    good, api, _ = one
    later(swift, command="rollback", to=good)
    swift.write({"kit/a.md": "better\n"})
    leaves_alone(swift, "open")
    send(swift, {"kit/bad.md": None}, executable=True)
    assert outcome(later(swift)) == "updated"
    assert api.pulls[-1].title == "chore: sync files from acme/templates"
    assert api.files(OURS)["kit/a.md"][1] == b"better\n"
    leaves_alone(swift, "open")


@pytest.mark.parametrize("is_merged", [False, True])
def test_resume_lifts_it(swift, one, is_merged):
    good, api, _ = one
    later(swift, command="rollback", to=good)
    if is_merged:
        merge(api)
    assert outcome(later(swift, resume="true")) == ("created" if is_merged else "closed")
    if is_merged:
        assert changed(api, OURS) == {"kit/a.md": "M", "kit/bad.md": "A", RUN: "M"}
        merge(api)
        leaves_alone(swift, "in_sync")


def test_an_open_pull_request_of_a_later_commit_becomes_the_rollback(swift, one):
    good, api, before = one
    swift.write({"kit/a.md": "worse\n", "kit/more.md": "x\n"})
    assert outcome(later(swift)) == "created"
    assert outcome(later(swift, command="rollback", to=good)) == "updated"
    assert api.pulls[-1].title.endswith(f"(roll back to {good[:10]})")
    merge(api)
    assert api.files() == before
    leaves_alone(swift, "declined")


def test_an_open_pull_request_of_a_later_commit_is_closed_where_nothing_was_merged(swift):
    api = swift.hub.repository("acme/api", files={"README.md": b"theirs\n"})
    good = swift.write(GOOD, CONFIG.format("acme/api"))
    later(swift)
    merge(api)
    swift.write(BAD)
    later(swift)
    ran = later(swift, command="rollback", to=good)
    assert outcome(ran) == "closed"
    assert good[:10] in api.pulls[-1].comments[-1].body
    leaves_alone(swift, "in_sync", command="rollback", to=good)
    leaves_alone(swift, "declined")
    swift.write({"kit/a.md": "better\n"})
    assert outcome(later(swift)) == "created"
    assert changed(api, OURS) == {"kit/a.md": "M"}


def test_an_open_pull_request_of_an_earlier_commit_stays(swift):
    swift.hub.repository("acme/api", files={"README.md": b"theirs\n"})
    good = swift.write(GOOD, CONFIG.format("acme/api"))
    later(swift)
    leaves_alone(swift, "open", command="rollback", to=good)


def test_what_was_fixed_in_the_source_meanwhile_is_rolled_back_all_the_same(swift, one):
    """The bad commit is neither today's nor the one to go back to."""
    good, api, before = one
    send(swift, {"kit/a.md": "good\n", "kit/bad.md": None}, executable=True)
    assert outcome(later(swift, command="rollback", to=good)) == "created"
    merge(api)
    assert api.files() == before
    leaves_alone(swift, "in_sync")


def test_files_that_the_bad_sync_did_not_touch_are_left_as_they_are(swift, one):
    good, api, before = one
    api.commit({"kit/b.md": b"theirs\n"})
    later(swift, command="rollback", to=good)
    merge(api)
    assert api.files()["kit/b.md"][1] == b"theirs\n"
    assert {path: file for path, file in api.files().items() if path != "kit/b.md"} == {
        path: file for path, file in before.items() if path != "kit/b.md"
    }


def test_a_target_whose_people_changed_everything_gets_nothing_but_their_names_in_the_report(swift, one):
    good, api, _ = one
    api.commit({"kit/a.md": b"1\n", "kit/bad.md": b"2\n", RUN: b"3\n"})
    ran = leaves_alone(swift, "edited", command="rollback", to=good)
    assert ran.log.count("changed since #2 by Alice") == 3
    assert outcome(later(swift, command="rollback", to=good, overwrite="true")) == "created"
    assert changed(api, OURS) == {"kit/a.md": "M", "kit/bad.md": "D", RUN: "M"}


def test_plan_shows_it_and_binds_it(swift, one):
    good, api, _ = one
    shown = leaves_alone(swift, "created", command="plan", to=good)
    assert shown.target("acme/api")["files"] == {"added": 0, "changed": 2, "deleted": 1}
    dry = leaves_alone(swift, "created", command="rollback", to=good, dry_run="true")
    digest = shown.outputs["plan-digest"]
    assert dry.outputs["plan-digest"] == digest
    api.commit({"kit/a.md": b"theirs\n"})
    ran = later(swift, command="rollback", to=good, expect_plan=digest)
    assert (ran.code, writes(swift)) == (1, [])
    digest = later(swift, command="plan", to=good).outputs["plan-digest"]
    assert outcome(later(swift, command="rollback", to=good, expect_plan=digest)) == "created"


def test_a_frozen_rollback_writes_nothing(swift, one):
    leaves_alone(swift, "created", command="rollback", to=one[0], freeze="true")


def test_a_commit_that_is_not_in_the_checkout_is_refused_with_the_depth_that_brings_it(swift, one):
    ran = later(swift, command="rollback", to="0" * 40)
    assert ran.code == 2
    assert "fetch-depth: 0" in ran.log
    assert not swift.hub.requests


def test_a_shallow_checkout_is_refused(swift, one, tmp_path):
    git(tmp_path, "clone", "-q", "--depth", "1", f"file://{swift.source}", "shallow")
    (swift.source / ".git" / "shallow").write_text((tmp_path / "shallow" / ".git" / "shallow").read_text())
    ran = later(swift, command="rollback", to="HEAD")
    assert ran.code == 2
    assert "the checkout is shallow" in ran.log


def test_a_commit_that_is_no_ancestor_is_refused(swift, one):
    git(swift.source, "checkout", "-q", "-b", "aside", one[0])
    aside = swift.write({"kit/a.md": "aside\n"})
    git(swift.source, "checkout", "-q", "main")
    ran = later(swift, command="rollback", to=aside)
    assert ran.code == 2
    assert "is no ancestor of what is checked out" in ran.log


@pytest.mark.parametrize(
    ("inputs", "words"),
    [
        ({"command": "rollback"}, "rollback needs the commit to go back to"),
        ({"command": "sync", "to": "HEAD^"}, "the input to goes with command: rollback or plan"),
        ({"command": "plan", "to": "HEAD^", "compare_to": "HEAD^"}, "doesn't go with compare-to or explain"),
    ],
)
def test_inputs_that_do_not_fit_are_refused(swift, one, inputs, words):
    ran = later(swift, **inputs)
    assert ran.code == 2
    assert words in ran.log


def test_limits_on_deletions_hold(swift, one):
    swift.write({}, CONFIG.format("acme/api") + "limits: {max_deletions: 0}\n")
    ran = later(swift, command="rollback", to=one[0])
    assert (outcome(ran), writes(swift)) == ("failed", [])


def test_a_template_goes_back_to_what_it_was_with_the_values_of_then(swift):
    head = "version: 1\ntargets: [{repo: acme/api, vars: {TEAM: NAME}}]\n"
    text = head + "files: [{src: owners, dest: OWNERS, template: true}]\n"
    api = swift.hub.repository("acme/api", files={"README.md": b"theirs\n"})
    good = swift.write({"owners": "team: [[ TEAM ]]\n"}, text.replace("NAME", "core"))
    later(swift)
    merge(api)
    before = api.files()
    swift.write({"owners": "[[ TEAM ]]!\n"}, text.replace("NAME", "nobody"))
    later(swift)
    merge(api)
    later(swift, command="rollback", to=good)
    merge(api)
    assert api.files() == before
    leaves_alone(swift, "declined")


def test_a_target_that_the_config_did_not_name_then_loses_what_it_got(swift):
    good = swift.write(GOOD, CONFIG.format("acme/web"))
    swift.hub.repository("acme/web", files={"README.md": b"theirs\n"})
    api = swift.hub.repository("acme/api", files={"README.md": b"theirs\n"})
    swift.write({}, CONFIG.format("acme/api, acme/web"))
    later(swift)
    merge(api)
    ran = later(swift, command="rollback", to=good, only_targets="acme/api")
    assert ran.outcomes == {"acme/api": "created"}
    assert changed(api, OURS) == {"kit/a.md": "D", "kit/b.md": "D"}


def test_a_mirror_brings_back_what_it_deleted(swift):
    api = swift.hub.repository("acme/api", files={"README.md": b"theirs\n"})
    good = swift.write(GOOD, CONFIG.format("acme/api").replace("[kit]", "[{src: kit, mode: mirror}]"))
    later(swift)
    merge(api)
    before = api.files()
    swift.write({"kit/b.md": None})
    later(swift)
    merge(api)
    later(swift, command="rollback", to=good)
    assert changed(api, OURS) == {"kit/b.md": "A"}
    leaves_alone(swift, "open")
    merge(api)
    assert api.files() == before
    leaves_alone(swift, "declined")


SHARED = {
    "block": (("good\n", "bad\n"), ".gitignore", b"mine\n"),
    "keys": (('{"a": 1}\n', '{"a": 2}\n'), "list.json", b'{"b": 1}\n'),
    "merge": (("1\n2\n3\n4\n5\n", "1\n2\n3\n4\nbad\n"), "list", b"1\n2\n3\n4\n5\n"),
}


@pytest.mark.parametrize("mode", SHARED)
def test_the_part_of_a_shared_file_goes_back_and_the_rest_of_it_stays(swift, mode):
    (one, other), path, held = SHARED[mode]
    api = swift.hub.repository("acme/api", files={path: held})
    source = swift.hub.repository("acme/templates", files={})
    text = f"version: 1\ntargets: [acme/api]\nfiles: [{{src: {path}, mode: {mode}}}]\n"
    good = swift.write({path: one}, text)
    source.commit({path: one.encode()})
    if outcome(later(swift)) == "created":
        merge(api)
    before = api.files()[path][1]
    swift.write({path: other})
    source.commit({path: other.encode()})
    assert outcome(later(swift)) == "created"
    merge(api)
    theirs = api.files()[path][1]
    api.commit({path: theirs.replace(b"mine", b"yours").replace(b'"b": 1', b'"b": 2').replace(b"1\n2", b"0\n2")})
    assert outcome(later(swift, command="rollback", to=good)) == "created"
    merge(api)
    assert api.files()[path][1] == before.replace(b"mine", b"yours").replace(b'"b": 1', b'"b": 2').replace(
        b"1\n2", b"0\n2"
    )
    leaves_alone(swift, "declined")


@pytest.mark.parametrize("undone", [ownership.MAX_UNDONE, 1])
def test_a_bad_sync_too_large_for_markers_is_rolled_back_and_left_so(swift, monkeypatch, undone):
    monkeypatch.setattr(ownership, "MAX_PAIRS", 2)
    for module in (ownership, rollbacks):
        monkeypatch.setattr(module, "MAX_UNDONE", undone)
    good, targets, before = fleet(swift, ["acme/api"])
    api = targets["acme/api"]
    assert '"pairs":[]' in api.pulls[-1].body
    assert outcome(later(swift, command="rollback", to=good)) == "created"
    leaves_alone(swift, "open", command="rollback", to=good)
    leaves_alone(swift, "open")
    merge(api)
    assert api.files() == before["acme/api"]
    leaves_alone(swift, "declined")
    swift.write({"kit/a.md": "better\n", "kit/bad.md": None, RUN: "better\n"})
    assert outcome(later(swift)) == "created"


def test_a_rollback_takes_a_fixed_number_of_calls(swift):
    good, targets, _ = fleet(swift, [f"acme/t{number:02}" for number in range(20)], script=False)
    later(swift, command="rollback", to=good)
    assert swift.hub.calls() == {"graphql query": 3, "graphql mutation": 20}
    later(swift, command="rollback", to=good)
    assert swift.hub.calls() == {"graphql query": 3}
    for api in targets.values():
        merge(api)
    later(swift, command="rollback", to=good)
    assert swift.hub.calls() == {"graphql query": 3}


@pytest.mark.parametrize("number", [3, 5, 6])
def test_a_rollback_that_was_killed_is_finished_by_the_next_run(world, number):
    good, targets, before = fleet(world, [f"acme/t{one}" for one in range(4)], script=False)
    killed = []

    def kill(hub, request):
        killed[0].process.kill()
        hub.fail(lambda each: each is request, status=0)

    world.hub.requests.clear()
    world.hub.on_request(number, kill)
    killed.append(world.start(command="rollback", to=good))
    assert killed[0].process.wait(60) == -signal.SIGKILL
    assert later(world, command="rollback", to=good).code == 0
    for name, api in targets.items():
        merge(api)
        assert api.files() == before[name]
    assert later(world, command="rollback", to=good).code == 0
    assert not writes(world)
