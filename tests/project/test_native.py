"""native/action.yml, run step by step as the runner does it: the same action without Docker."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests import reference
from tests.container import decoys
from tests.hub import Hub
from tests.world import ROOT, TOKEN, Ran, World, git

TEXT = (ROOT / "native/action.yml").read_text()
NATIVE, ACTION = yaml.safe_load(TEXT), yaml.safe_load((ROOT / "action.yml").read_text())
INSTALL, RUN = NATIVE["runs"]["steps"]
EXPRESSION = re.compile(r"\$\{\{ (inputs|steps\.install\.outputs)\.([\w-]+) \}\}")
BASH = ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail"]  # docs: workflow syntax, `shell: bash`
HOSTILE = 'main\'; "$(touch owned)" `touch owned` $HOME ${{ github.token }} %0A\n::error::no\n\\'
CONFIG = "version: 1\ntargets: [acme/api]\nfiles: [LICENSE]\n"


@pytest.fixture
def world(tmp_path: Path):
    with Hub(tmp_path / "hub") as hub:
        hub.repository("acme/api", {"LICENSE": b"old\n"})
        world = World(tmp_path / "the world", hub)
        world.write({"LICENSE": "MIT\n"}, CONFIG)
        yield world


def environment_of(step: dict, installed: str, **given: str) -> dict[str, str]:
    """The step's own variables, with the inputs of `with:` or their defaults."""
    inputs = {name: one["default"] for name, one in NATIVE["inputs"].items()}
    inputs |= {name.replace("_", "-"): value for name, value in given.items()}
    known = {"inputs": inputs, "steps.install.outputs": {"python": installed}}
    return {name: EXPRESSION.sub(lambda found: known[found[1]][found[2]], value) for name, value in step["env"].items()}


def step(world: World, step: dict, variables: dict[str, str]) -> subprocess.CompletedProcess[str]:
    script = world.directory / "script.sh"
    script.write_text(step["run"])
    return subprocess.run(
        [*BASH, str(script)], cwd=world.source, env=variables, capture_output=True, text=True, check=False
    )


def job(world: World, earlier: dict[str, str] | None = None) -> dict[str, str]:
    """What the runner sets, and what earlier steps of the job added."""
    runner = {name: value for name, value in world.environment().items() if not name.startswith("INPUT_")}
    temp = world.directory / "runner temp"
    temp.mkdir(exist_ok=True)
    return runner | {"RUNNER_TEMP": str(temp), "GITHUB_ACTION_PATH": str(ROOT / "native")} | (earlier or {})


def run(world: World, earlier: dict[str, str] | None = None, python: str = sys.executable, **given: str) -> Ran:
    """The last step; without the others, by the Python of the tests."""
    variables = job(world, earlier) | environment_of(RUN, python, **{"token": TOKEN, **given})
    done = step(world, RUN, variables)
    return world.ran(done.returncode, done.stdout + done.stderr, variables)


# The same action


@pytest.mark.parametrize("kind", ["inputs", "outputs"])
def test_it_has_the_same_inputs_and_outputs_as_the_action(kind):
    described = {name: {key: one[key] for key in one if key != "value"} for name, one in NATIVE[kind].items()}
    assert described == ACTION[kind]
    assert list(described) == list(ACTION[kind])


def test_every_output_is_that_of_the_step_that_runs_broadcast():
    assert RUN["id"] == "broadcast"
    assert {name: one["value"] for name, one in NATIVE["outputs"].items()} == {
        name: f"${{{{ steps.broadcast.outputs.{name} }}}}" for name in ACTION["outputs"]
    }


def test_every_input_is_given_to_the_step_that_runs_broadcast():
    given = {name: value for name, value in RUN["env"].items() if name.startswith("INPUT_")}
    assert given == {
        f"INPUT_{spelled.upper()}": f"${{{{ inputs.{name} }}}}"
        for name in ACTION["inputs"]
        for spelled in (name, name.replace("-", "_"))
    }


def test_make_docs_changes_nothing():
    assert reference.native() == TEXT


def test_no_expression_stands_in_a_script():
    assert not [one for one in NATIVE["runs"]["steps"] if "${{" in one["run"]]


def test_only_the_step_that_runs_broadcast_has_inputs():
    assert "inputs." not in str(INSTALL)
    assert "env" not in INSTALL


# The step that runs Broadcast


def test_a_sync_opens_a_pull_request_and_sets_every_output(world: World):
    ran = run(world)
    assert (ran.code, ran.outcomes) == (0, {"acme/api": "created"}), ran.log
    assert ran.outputs.keys() == NATIVE["outputs"].keys()
    assert "acme/api got a pull request" in ran.summary
    assert run(world, command="plan").outcomes == {"acme/api": "open"}


def test_the_exit_code_is_that_of_the_step(world: World):
    assert run(world, command="check").code == 3


def test_every_input_arrives_unharmed_whatever_it_holds(world: World, tmp_path):
    shown = tmp_path / "python"
    shown.write_text(SHOW.format(python=sys.executable))
    shown.chmod(0o755)
    given = {name: f"{name} {HOSTILE}" for name in ACTION["inputs"]}
    done = step(world, RUN, job(world) | environment_of(RUN, str(shown), **given))
    assert json.loads(done.stdout) == {name.replace("-", "_"): text.strip() for name, text in given.items()}
    assert not (world.source / "owned").exists()


SHOW = """\
#!{python}
import json, os
from broadcast.runner.inputs import Inputs, text_of
print(json.dumps({{name: text_of(os.environ, name) for name in Inputs.__struct_fields__}}))
"""


@pytest.mark.parametrize("name", ["INPUT_API-URL", "INPUT_API_URL", "INPUT_TOKEN"])
def test_an_earlier_step_cannot_set_an_input(world: World, name):
    ran = run(world, {name: "http://127.0.0.1:9"}, command="plan")
    assert (ran.code, ran.outcomes) == (0, {"acme/api": "created"}), ran.log


def test_files_of_the_checkout_and_python_variables_are_never_imported(world: World):
    world.write(decoys.FILES)
    ran = run(world, decoys.variables(str(world.source)))
    assert decoys.WORD not in ran.log
    assert ran.outcomes == {"acme/api": "created"}


def test_a_signal_reaches_broadcast_itself():
    assert RUN["run"].startswith("exec ")
    assert len(RUN["run"].splitlines()) == 1


# The step that installs it


def stand_in(place: Path, body: str) -> dict[str, str]:
    """A PATH with a `python3` of ours before everything else."""
    place.mkdir(exist_ok=True)
    (place / "python3").write_text(f"#!/bin/sh\n{body}\n")
    (place / "python3").chmod(0o755)
    return {"PATH": f"{place}:{os.environ['PATH']}"}


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("exit 1", "does not run. Install Python 3.11"),
        ('case "$3" in *print*) echo 3.9;; *) exit 1;; esac', "is Python 3.9, and Broadcast needs 3.11 or newer"),
        ('case "$3" in *print*) echo 3.12;; venv) exit 1;; esac', "install python3-venv"),
    ],
)
def test_a_python_that_will_not_do_is_one_line_that_says_what_to_do(world: World, tmp_path, body, words):
    done = step(world, INSTALL, job(world, stand_in(tmp_path / "bin", body)))
    assert done.returncode == 2
    [line] = done.stdout.splitlines()
    assert line.startswith("::error title=Broadcast::")
    assert words in line


def test_a_runner_without_python_is_one_line_that_says_what_to_do(tmp_path):
    command = [shutil.which("bash"), *BASH[1:], "-c", INSTALL["run"]]
    done = subprocess.run(command, env={"PATH": str(tmp_path)}, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (2, "")
    assert "There is no python3 on this runner" in done.stdout


def test_it_installs_what_the_image_installs():
    image = (ROOT / "Dockerfile").read_text()
    for option in ("--only-binary :all:", "--require-hashes", "--no-build-isolation", "--no-index", "--no-deps"):
        assert option in image
        assert option in INSTALL["run"]
    assert set(re.findall(r"requirements/\w+\.lock", INSTALL["run"])) == set(
        re.findall(r"requirements/\w+\.lock", image)
    )


@pytest.mark.network
def test_both_steps_run_one_after_the_other_and_leave_the_sources_as_they_were(world: World, tmp_path):
    """From a copy, as the runner has it: without the tests' environment."""
    copy = tmp_path / "an action"
    shutil.copytree(ROOT / "broadcast", copy / "broadcast", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("requirements", "native"):
        shutil.copytree(ROOT / name, copy / name)
    for name in ("LICENSE", "README.md", "entrypoint.py", "pyproject.toml"):
        shutil.copy(ROOT / name, copy / name)
    before = sorted(copy.rglob("*"))
    world.write(decoys.FILES)
    pip = {name: value for name, value in os.environ.items() if name.startswith("PIP_")}
    kept = {"HOME": os.environ["HOME"], **pip, "GITHUB_ACTION_PATH": str(copy / "native")}
    variables = job(world, decoys.variables(str(world.source)) | kept)
    done = step(world, INSTALL, variables)
    if "dependencies can't be installed" in done.stdout and "CI" not in os.environ:
        pytest.skip("no package registry can be reached")
    assert done.returncode == 0, done.stdout + done.stderr
    python = re.fullmatch(r"python=(.+)\n", Path(variables["GITHUB_OUTPUT"]).read_text())[1]
    assert python.startswith(variables["RUNNER_TEMP"])
    ran = run(world, {"GITHUB_ACTION_PATH": str(copy / "native")}, python=python)
    assert (ran.code, ran.outcomes) == (0, {"acme/api": "created"}), ran.log
    assert sorted(copy.rglob("*")) == before
    assert git(world.source, "status", "--porcelain") == ""


# Windows

VENV = """case "$3" in
*print*) echo 3.13;;
venv) mkdir "$4/Scripts"; printf '#!/bin/sh\\n' > "$4/Scripts/python"; chmod +x "$4/Scripts/python";;
esac"""


def test_on_windows_it_takes_python_before_the_link_to_the_shop_and_the_environment_as_windows_lays_it_out(
    world, tmp_path
):
    path = stand_in(tmp_path / "bin", "exit 9") | {"RUNNER_OS": "Windows"}
    (tmp_path / "bin/python").write_text(f"#!/bin/sh\n{VENV}\n")
    (tmp_path / "bin/python").chmod(0o755)
    variables = job(world, path)
    done = step(world, INSTALL, variables)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.fullmatch(r"python=.+/Scripts/python\n", Path(variables["GITHUB_OUTPUT"]).read_text())


def test_ci_runs_it_on_every_system_that_it_is_for():
    job = yaml.safe_load((ROOT / ".github/workflows/ci.yml").read_text())["jobs"]["native"]
    runners = [name.partition("-")[0] for name in job["strategy"]["matrix"]["runner"]]
    assert runners == ["ubuntu", "macos", "windows"]
    assert "./native" in [one.get("uses") for one in job["steps"]]
