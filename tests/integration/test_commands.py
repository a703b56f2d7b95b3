"""The commands beside sync: what they write, what they say, and how they end; in the action and on a terminal."""

from __future__ import annotations

import json
import os
import re
import subprocess

import pytest

from broadcast.config import json_schema
from tests.integration.test_people import KIT, OURS, config, later, proposed, writes
from tests.world import TOKEN, git

DAY = 86_400


# how a run is told as it goes


def test_many_files_and_targets_are_reported_as_they_go(swift):
    names = [f"acme/t{n}" for n in range(6)]
    for name in names:
        swift.hub.repository(name, files={"README.md": b"theirs\n"})
    files = {f".github/{n}.{'out' if n < 26 else 'md'}": "x\n" for n in range(87)}
    swift.write(files, f"version: 1\ntargets: [{', '.join(names)}]\ndirectories: [.github]\n")
    told = [
        line for line in swift.run(command="plan").log.splitlines() if re.search(r"\d (files|repositories)\b", line)
    ]
    assert told == [
        "processing .github: 88 files", ".github: 27 excluded, 61/61 files (100%) in 0 ms", "looking at 6 repositories",
        "looked at 6/6 repositories (100%) in 0 ms", "done with 6/6 repositories (100%)", told[-1],
    ]  # fmt: skip


def test_a_large_source_is_reported_while_it_is_read(swift, monkeypatch):
    monkeypatch.setattr("broadcast.snapshot.build.TICK", 40)
    monkeypatch.setattr("broadcast.runner.commands.Runner.interval", 0.0)
    swift.hub.repository("acme/api", files={"README.md": b"theirs\n"})
    swift.write({f"kit/{n}": "x\n" for n in range(100)}, "version: 1\ntargets: [acme/api]\ndirectories: [kit]\n")
    told = [line for line in swift.run(command="plan").log.splitlines() if line.startswith(("processing", "kit"))]
    assert told == [
        "processing kit: 100 files", "kit: 40/100 files (40%)", "kit: 80/100 files (80%)",
        "kit: 0 excluded, 100/100 files (100%) in 0 ms",
    ]  # fmt: skip


# status


def test_status_shows_where_each_target_stands_and_the_age_of_its_pull_request(swift):
    api = proposed(swift)
    swift.hub.clock.advance(9 * DAY)
    for name, held in (("acme/web", {}), ("acme/done", {path: text[1] for path, text in api.files(OURS).items()})):
        swift.hub.repository(name, files={"README.md": b"theirs\n"} | held)
    swift.write({}, config().replace("acme/api", "acme/api, acme/web, acme/done"))
    ran = later(swift, command="status")
    lines = [re.split("  +", line) for line in ran.log.splitlines() if line.startswith("acme/")]
    held = ran.results["commit"][:10]
    assert lines == [
        [
            "acme/api",
            "pull request open",
            "never merged",
            "none",
            "none required",
            f"{swift.hub.url}/acme/api/pull/1, 9 days old",
        ],
        ["acme/web", "behind", "never merged"],
        ["acme/done", "in step", held, "0 commits"],
    ]
    assert (ran.code, writes(swift)) == (0, [])


def test_status_needs_no_right_to_write(swift):
    proposed(swift)
    swift.hub.tokens[TOKEN].permissions = {"contents": "read", "metadata": "read", "pull_requests": "read"}
    assert later(swift, command="status").outcomes == {"acme/api": "open"}


# plan


def test_a_plan_counts_the_lines_of_every_file_and_shows_them_where_that_is_asked_for(swift):
    names = ["acme/t0", "acme/t1", "acme/t2"]
    held = {"kit/a.md": b"one\ntwo\nthree\n", "kit/gone.md": b"x\n", "kit/logo.png": b"\0png"}
    for name in names:
        swift.hub.repository(name, files=held)
    swift.write(
        {"kit/a.md": "one\n2\nthree\n", "kit/new.md": "n\n", "kit/logo.png": "\0new", "kit/run.sh": "x\n"},
        f"version: 1\ntargets: [{', '.join(names)}]\ndirectories: [{{src: kit, mode: mirror}}]\n",
    )
    ran = later(swift, command="plan", diff="true")
    told = ran.log.split("::group::acme/t0")[1].split("::endgroup::")[0]
    assert "changed  kit/a.md  +1 -1\n    @@ -1,3 +1,3 @@\n     one\n    -two\n    +2\n     three\n" in told
    assert "added    kit/new.md  +1 -0\n" in told
    assert "deleted  kit/gone.md  +0 -1\n" in told
    assert "changed  kit/logo.png\n" in told
    assert writes(swift) == []
    blobs = [one for one in swift.hub.requests if "isTruncated" in (one.document or "")]
    assert len(blobs) == 1  # for the whole fleet
    assert "@@" not in later(swift, command="plan").log


# cancel


def cancel(swift, **inputs):
    return later(swift, **{"command": "cancel", "only_targets": "acme/api"} | inputs)


def test_cancel_closes_the_pull_request_with_a_comment_and_deletes_the_branch(swift):
    api = proposed(swift)
    ran = cancel(swift)
    assert (ran.code, ran.outcomes) == (0, {"acme/api": "closed"})
    assert (api.pulls[0].state, set(api.branches())) == ("CLOSED", {"main"})
    assert "acme/templates withdraws this" in api.pulls[0].comments[0].body
    assert cancel(swift).outcomes == {"acme/api": "skipped"}
    assert later(swift).outcomes == {"acme/api": "created"}  # no one has declined it


def test_cancel_wants_to_know_whose(swift):
    api = proposed(swift)
    ran = cancel(swift, only_targets="")
    assert (ran.code, api.pulls[0].state, swift.hub.requests) == (2, "OPEN", [])
    assert "name them in only-targets" in ran.log


def test_cancel_leaves_the_other_targets_alone(swift):
    proposed(swift)
    web = swift.hub.repository("acme/web", files={"README.md": b"theirs\n"})
    swift.write({}, config().replace("acme/api", "acme/api, acme/web"))
    later(swift)
    assert cancel(swift).outcomes == {"acme/api": "closed"}
    assert web.pulls[0].state == "OPEN"


def test_cancel_never_deletes_what_others_have_pushed(swift):
    api = proposed(swift)
    api.commit({"fix.txt": b"by hand\n"}, branch=OURS)
    assert cancel(swift).outcomes == {"acme/api": "edited"}
    assert (api.pulls[0].state, "fix.txt" in api.files(OURS)) == ("OPEN", True)
    assert cancel(swift, overwrite="true").outcomes == {"acme/api": "closed"}


def test_cancel_waits_for_the_merge_queue(swift):
    api = proposed(swift)
    api.pulls[0].in_merge_queue = True
    assert cancel(swift).outcomes == {"acme/api": "deferred"}
    assert api.pulls[0].state == "OPEN"


def test_a_dry_cancel_only_says_what_it_would_do(swift):
    api = proposed(swift)
    assert cancel(swift, dry_run="true").outcomes == {"acme/api": "closed"}
    assert (api.pulls[0].state, writes(swift)) == ("OPEN", [])


def test_a_lost_answer_does_not_keep_cancel_from_its_end(swift):
    api = proposed(swift)
    swift.hub.fail(lambda request: "mutation" in (request.document or ""), status=502, after_effect=True, times=2)
    assert cancel(swift).outcomes == {"acme/api": "closed"}
    assert (api.pulls[0].state, set(api.branches())) == ("CLOSED", {"main"})


# The terminal


HOSTILE = "import os; os.write(1, b'taken'); raise SystemExit(0)\n"


@pytest.mark.parametrize("flags", [["-P"], []])
@pytest.mark.parametrize("module", ["yaml", "argparse", "jinja2", "os"])
def test_a_terminal_runs_no_module_of_the_checkout(world, flags, module):
    world.write({f"{module}.py": HOSTILE, f"{module}/__init__.py": HOSTILE, **KIT}, config())
    command = [world.python, *flags, "-m", "broadcast", "validate", "--source", "acme/templates"]
    done = subprocess.run(command, cwd=world.source, env={"PATH": ""}, capture_output=True, text=True, check=False)
    assert (done.returncode, "taken" in done.stdout) == (0, False), done.stdout + done.stderr


def test_a_terminal_takes_no_input_from_the_environment(world):
    opened(world)
    hostile = {"INPUT_API_URL": "https://evil.example.com", "INPUT_API-URL": "https://evil.example.com"}
    ran = terminal(world, "validate", "--source", "acme/templates", **hostile, INPUT_ONLINE="true")
    assert (ran.returncode, "evil" in ran.stdout + ran.stderr) == (0, False)


def terminal(world, *arguments, at=None, **environment):
    """`python -P -m broadcast` in the source, as a person runs it."""
    variables = {"PATH": os.environ["PATH"], "GH_TOKEN": TOKEN, **environment}
    command = [world.python, "-P", "-m", "broadcast", *arguments]
    return subprocess.run(command, cwd=at or world.source, env=variables, capture_output=True, text=True, check=False)


def test_a_command_works_in_any_directory_of_a_clone_and_in_a_worktree(world, tmp_path):
    opened(world)
    git(world.source, "remote", "add", "origin", "git@github.com:acme/templates.git")
    tree = tmp_path / "tree"
    git(world.source, "worktree", "add", "-q", str(tree))
    for place in (world.source / ".github", tree, tree / ".github"):
        for named in ("", "broadcast.yml", ".github/broadcast.yml"):
            if named != "broadcast.yml" or place.name == ".github":
                more = ("--config", named) if named else ()
                ran = terminal(world, "plan", "--json", "--api-url", world.hub.url, *more, at=place)
                assert ran.returncode == 0, ran.stdout + ran.stderr
                assert json.loads(ran.stdout)["source"] == "acme/templates"
    ran = terminal(world, "plan", "--api-url", world.hub.url, "--directory", str(tree / ".github"), at=tmp_path)
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_without_a_variable_the_token_is_that_of_gh(world, tmp_path):
    opened(world)
    (tmp_path / "gh").write_text(f'#!/bin/sh\necho "$*" >> {tmp_path}/asked\necho {TOKEN}\n')
    (tmp_path / "gh").chmod(0o755)
    path = {"PATH": f"{tmp_path}:{os.environ['PATH']}", "GH_TOKEN": ""}
    assert terminal(world, "plan", *options(world), **path).returncode == 0
    assert (tmp_path / "asked").read_text() == "auth token --hostname 127.0.0.1\n"
    assert terminal(world, "validate", *options(world), **path).returncode == 0
    assert terminal(world, "plan", *options(world), **path, GITHUB_ACTIONS="true").returncode == 2
    assert terminal(world, "plan", *options(world), **path | {"GH_TOKEN": TOKEN}).returncode == 0
    assert len((tmp_path / "asked").read_text().splitlines()) == 1


def opened(world) -> None:
    """A target with an open pull request, by a run in real time."""
    world.write(KIT, config())
    world.hub.repository("acme/api", files={"README.md": b"theirs\n"})
    assert world.run().outcomes == {"acme/api": "created"}


def options(world):
    return "--source", "acme/templates", "--api-url", world.hub.url


def test_a_terminal_gets_no_workflow_commands_and_no_token(world):
    opened(world)
    ran = terminal(world, "plan", *options(world))
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "::" not in ran.stdout.replace("https://", "")
    assert TOKEN not in ran.stdout + ran.stderr
    assert ran.stdout.startswith("open  acme/api http")


def test_json_is_all_that_stands_on_stdout(world):
    opened(world)
    ran = terminal(world, "status", "--json", *options(world))
    told = json.loads(ran.stdout)
    assert [(one["target"], one["outcome"]) for one in told["targets"]] == [("acme/api", "open")]
    assert "acme/api" in ran.stderr


def test_json_reports_failures_too(world):
    world.write({}, "version: 1\ntarget: [acme/api]\n")
    ran = terminal(world, "validate", "--json", *options(world))
    failure = json.loads(ran.stdout)["failure"]
    assert ran.returncode == 2
    assert {"file": ".github/broadcast.yml", "line": 2, "column": 1}.items() <= failure["problems"][0].items()
    assert "did you mean 'targets'" in failure["problems"][0]["remedy"]


def test_a_results_file_stands_where_the_terminal_is(world):
    opened(world)
    terminal(world, "plan", "--results-file", "out.json", *options(world))
    assert json.loads((world.source / "out.json").read_text())["version"] == 2


def test_the_schema_is_printed_and_nothing_else(world):
    assert terminal(world, "schema").stdout == json_schema.text()


def test_migrate_prints_a_config_that_validate_takes(world):
    old = "acme/api:\n  - LICENSE\n  - {source: ci/, dest: .github/ci/, deleteOrphaned: true}\n"
    world.write({"LICENSE": "MIT\n", "ci/a.yml": "a\n", ".github/sync.yml": old})
    ran = terminal(world, "migrate", "--source", "acme/templates")
    assert ran.returncode == 0, ran.stderr
    assert "# 1 target; files by the old config 2, by the new one 2, and they are the same" in ran.stdout
    world.write({}, ran.stdout)
    assert terminal(world, "validate", *options(world)).returncode == 0


def test_migrate_gives_machines_the_config_what_has_no_equal_and_the_proof(world):
    world.write({"LICENSE": "MIT\n", ".github/sync.yml": "acme/api:\n  - LICENSE\n"})
    told = json.loads(terminal(world, "migrate", "--source", "acme/templates", "--json").stdout)
    assert (told["tool"], told["file"]) == ("BetaHuhn/repo-file-sync-action", ".github/sync.yml")
    assert told["comparison"] == {
        "same": True, "files": {"acme/api": {"old": 1, "new": 1}}, "differences": [], "problems": [],
    }  # fmt: skip
    assert "targets:" in told["config"]
    assert {"file", "line", "key", "did", "instead"} == set(told["notes"][0])


@pytest.mark.parametrize("command", ["validate", "migrate"])
def test_results_that_cannot_be_written_are_reported_without_a_traceback(world, command):
    good = "version: 1\ntargets: [acme/api]\nfiles: [LICENSE]\n"
    world.write({"LICENSE": "MIT\n", ".github/sync.yml": "acme/api:\n  - LICENSE\n"}, good)
    ran = terminal(world, command, "--source", "acme/templates", "--json", "--results-file", "/nowhere/x.json")
    assert (ran.returncode, ran.stdout) == (2, "")
    assert "can't be written: [Errno 2]" in ran.stderr
    assert "Traceback" not in ran.stderr


def test_migrate_finds_no_config_and_says_where_it_looked(world):
    world.write({"LICENSE": "MIT\n"})
    ran = terminal(world, "migrate", "--source", "acme/templates")
    assert ran.returncode == 2
    assert ran.stdout == ""
    assert ".github/sync.yml" in ran.stderr
    assert "Traceback" not in ran.stderr


@pytest.mark.parametrize("command", ["schema", "sync --source acme/templates", "plan --source acme/templates --json"])
def test_a_reader_that_leaves_stops_nothing(world, command):
    world.write({"LICENSE": "MIT\n"}, "version: 1\ntargets: [acme/api]\nfiles: [LICENSE]\n")
    api = world.hub.repository("acme/api", files={"README.md": b"theirs\n"})
    line = f"set -o pipefail; {world.python} -P -m broadcast {command} {'' if command == 'schema' else '--api-url ' + world.hub.url} | true"
    variables = {"PATH": os.environ["PATH"], "GH_TOKEN": TOKEN}
    ran = subprocess.run(
        ["bash", "-c", line], cwd=world.source, env=variables, capture_output=True, text=True, check=False
    )
    assert (ran.returncode, "Traceback" in ran.stderr, "BrokenPipe" in ran.stderr) == (0, False, False)
    assert bool(api.pulls) == command.startswith("sync")


@pytest.mark.parametrize("arguments", [["--help"], ["plan", "--help"], ["cancel", "--help"]])
def test_help_teaches(world, arguments):
    ran = terminal(world, *arguments)
    assert ran.returncode == 0
    assert len(ran.stdout.splitlines()) > 8
    assert "Traceback" not in ran.stderr


def test_a_command_that_is_none_is_shown_what_there_is(world):
    ran = terminal(world, "snyc")
    assert ran.returncode == 2
    assert "sync" in ran.stderr
