"""Our own workflows: which code runs beside which token, and what is taken from a job that runs upgraded code."""

from __future__ import annotations

import json
import os
import re
import subprocess

import pytest
import yaml

from tests.world import GIT, ROOT, git

FILES = {file.stem: file for file in sorted((ROOT / ".github/workflows").glob("*.yml"))}
WORKFLOWS = {name: yaml.safe_load(file.read_text()) for name, file in FILES.items()}
JOBS = {f"{name}/{job}": made for name, one in WORKFLOWS.items() for job, made in one["jobs"].items()}
STEPS = [(name, step) for name, job in JOBS.items() for step in job.get("steps", ())]
TOKEN = re.compile(r"secrets\.\w+\b(?! != '')|github\.token")  # but not whether there is one
# What runs code of dependencies, of the tests or of what is built; `python -m tools.release` needs none.
OTHERS_CODE = re.compile(r"\b(make|pip|uv|pytest|npm|npx)\b|\.venv/|python (?!-m tools\.release\b)")
# Steps that speak to GitHub or its registry for us; each action is pinned to a commit.
NEEDS_A_TOKEN = re.compile(r"\bgh \w+|docker/login-action@|^make live$")


def writes(job: dict) -> bool:
    """Whether its token may write anything."""
    return "write" in job.get("permissions", {}).values()


def text(part: object) -> str:
    return json.dumps(part)


@pytest.mark.parametrize("name", WORKFLOWS)
def test_a_workflow_gives_no_right_and_no_token_to_all_of_its_jobs(name):
    assert WORKFLOWS[name]["permissions"] == {}
    assert not TOKEN.search(text(WORKFLOWS[name].get("env", {})))


@pytest.mark.parametrize("name", JOBS)
def test_a_job_gives_no_token_to_all_of_its_steps(name):
    assert not TOKEN.search(text(JOBS[name].get("env", {})))


@pytest.mark.parametrize("name", [name for name, job in JOBS.items() if writes(job)])
def test_where_a_token_may_write_no_code_of_dependencies_runs(name):
    for step in JOBS[name]["steps"]:
        assert not OTHERS_CODE.search(step.get("run", "")), step


@pytest.mark.parametrize(("name", "step"), [(name, step) for name, step in STEPS if TOKEN.search(text(step))])
def test_a_token_goes_to_steps_that_need_it_alone(name, step):
    assert NEEDS_A_TOKEN.search(step.get("run", "") + step.get("uses", "")), name
    assert not TOKEN.search(step.get("run", "")), "in a script it would be seen by anybody who lists the processes"


def test_the_token_of_a_release_goes_to_the_one_step_that_pushes_main():
    holders = [step for _, step in STEPS if "RELEASE_TOKEN" in text(step)]
    assert [step["run"].splitlines()[-1].split()[:4] for step in holders] == [
        ["python", "-m", "tools.release", "publish"]
    ]


def test_upgraded_code_runs_where_the_token_can_only_read():
    jobs = {name: job for name, job in JOBS.items() if "--upgrade" in text(job)}
    assert [(name, job["permissions"]) for name, job in jobs.items()] == [("update/renew", {"contents": "read"})]


@pytest.mark.parametrize("checkout", [step for _, step in STEPS if "actions/checkout@" in step.get("uses", "")])
def test_no_checkout_leaves_a_token_for_the_steps_after_it(checkout):
    assert checkout["with"]["persist-credentials"] is False


# What the second job of Update takes from the first

LOCKS = sorted(file.name for file in (ROOT / "requirements").glob("*.lock"))


@pytest.fixture
def update(tmp_path):
    """`update(files)` runs the step that commits; a text is a file's, a path where a symlink leads."""
    source, given = tmp_path / "source", tmp_path / "temp" / "locks"
    (source / "requirements").mkdir(parents=True)
    given.mkdir(parents=True)
    for name in LOCKS:
        (source / "requirements" / name).write_text("old\n")
        (given / name).write_text("old\n")
    git(source, "init", "-q", "-b", "main")
    git(source, "add", "-A")
    git(source, "commit", "-q", "-m", "first")
    (script,) = (step["run"] for step in JOBS["update/propose"]["steps"] if step.get("id") == "commit")

    def run(files):
        for name, content in files.items():
            (given / name).unlink(missing_ok=True)
            if isinstance(content, str):
                (given / name).write_text(content)
            elif content:
                (given / name).symlink_to(content)
        output = tmp_path / "output"
        output.write_text("")
        variables = {**os.environ, **GIT, "RUNNER_TEMP": str(given.parent), "GITHUB_OUTPUT": str(output)}
        done = subprocess.run(["bash", "-e", "-c", script], cwd=source, env=variables, check=False, capture_output=True)
        changed = git(source, "diff", "--name-only", "main", "HEAD").split()
        return done.returncode, output.read_text().strip(), changed

    return run


def test_lock_files_that_differ_are_committed(update):
    assert update({LOCKS[0]: "new\n"}) == (0, "changed=true", [f"requirements/{LOCKS[0]}"])


def test_without_a_difference_nothing_is_committed(update):
    assert update({}) == (0, "", [])


def test_nothing_but_lock_files_that_are_there_is_taken(update):
    assert update({"evil.sh": "id\n", "setup.py": "x\n", "more.lock": "x\n"}) == (0, "", [])


def test_a_symlink_or_a_lock_file_that_is_missing_is_refused(update, tmp_path):
    assert update({LOCKS[0]: tmp_path / "output"})[::2] == (1, [])
    assert update({LOCKS[0]: None})[::2] == (1, [])
