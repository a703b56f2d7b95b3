"""The image of the Dockerfile, run as GitHub's runner runs it."""

from __future__ import annotations

import os
import threading
import time
from pathlib import Path

import docker
import pytest
import yaml

from broadcast.observe.object_cache import FILE
from tests.container import decoys
from tests.container.conftest import CONFIG
from tests.container.runner import RUNNER_USER, WORKSPACE, Runner
from tests.world import ROOT, World

pytestmark = pytest.mark.container


@pytest.fixture
def runner(engine: docker.DockerClient, image: str, world: World) -> Runner:
    return Runner(engine, image, world)


def test_syncs_a_target_and_writes_every_output_and_the_summary(runner: Runner):
    ran = runner.step()
    assert ran.code == 0, ran.log
    assert ran.outcomes == {"acme/api": "created"}
    assert ran.outputs.keys() == yaml.safe_load((ROOT / "action.yml").read_text())["outputs"].keys()
    assert ran.outputs["created"] == "1"
    assert ran.outputs["exit-code"] == "0"
    assert "acme/api got a pull request" in ran.summary
    assert "acme/api got a pull request" in ran.log
    api = runner.world.hub.find("acme/api")
    [pull] = api.pulls
    assert pull.state == "OPEN"
    files = {path: content for path, (_, content) in api.files(pull.head).items()}
    assert files == {"README.md": b"the api\n", "LICENSE": b"MIT\n", ".github/lint/lint.yml": b"lint: true\n"}


def test_runs_again_without_writing_anything(runner: Runner):
    runner.step()
    ran = runner.step()
    assert ran.outcomes == {"acme/api": "open"}
    assert ran.outputs["changed"] == "false"


def test_ignores_modules_of_the_checkout_and_python_variables(runner: Runner):
    runner.world.write(decoys.FILES)
    for folder in ("home/.local/lib/python3.13/site-packages", "runner_temp"):
        place = runner.github / folder
        place.mkdir(parents=True, exist_ok=True)
        (place / "usercustomize.py").write_text(decoys.FILES["usercustomize.py"])
    ran = runner.step(environment=decoys.variables(WORKSPACE))
    assert decoys.WORD not in ran.log
    assert ran.code == 0, ran.log
    assert ran.outcomes == {"acme/api": "created"}


def test_decoys_are_found_by_a_python_that_is_not_isolated(runner: Runner):
    """Otherwise the test before this one would show nothing."""
    runner.world.write(decoys.FILES)
    code, log = runner.container(entrypoint=["python3", "-c", "import yaml"], environment=decoys.variables(WORKSPACE))
    assert code != 0
    assert decoys.WORD in log


def test_exits_as_the_action_does(runner: Runner):
    runner.world.write({}, "version: 1\ntargets: [acme/api]\nfile: [LICENSE]\n")
    ran = runner.step(command="validate")
    assert ran.code == 2, ran.log
    assert ran.outputs["exit-code"] == "2"


@pytest.mark.parametrize("way", ["docker stop", "SIGINT", "SIGTERM"])
def test_reports_in_time_when_it_is_stopped_while_an_answer_hangs(runner: Runner, way: str):
    """It is PID 1 there, to which no signal does anything by itself."""
    hanging, moments = threading.Event(), []

    def ask(_hub, _request):
        moments.append(time.monotonic())
        if way == "docker stop":
            runner.running.stop(timeout=8)
        else:
            runner.running.kill(signal=way)
        hanging.wait(60)

    runner.world.hub.after(lambda request: request.writes, ask)
    try:
        ran = runner.step(cache_dir=".cache/broadcast", results_file="results.json")
        seconds = time.monotonic() - moments[0]
    finally:
        hanging.set()
    number, name = (130, "SIGINT") if way == "SIGINT" else (143, "SIGTERM")
    assert seconds < 8
    assert ran.code == number, ran.log
    assert ran.outputs["exit-code"] == str(number)
    assert ran.outcomes == {"acme/api": "deferred"}
    assert ran.results["targets"][0]["reason"] == f"stopped by {name} while its pull request was being written"
    assert f"Stopped by {name}" in ran.summary
    assert runner.step().outcomes == {"acme/api": "open"}
    [pull] = runner.world.hub.find("acme/api").pulls
    assert pull.state == "OPEN"


@pytest.mark.skipif(os.getuid() != 0, reason="only root can give the workspace to another user")
def test_files_are_the_workspace_owners_and_readable_by_every_step(runner: Runner):
    runner.world.hub.repository("acme/web", {".github/lint/theirs.yml": b"1\n"})  # a mirror has to list it
    runner.world.write({}, CONFIG.replace("acme/api", "acme/web").replace("lint}", "lint, mode: mirror}"))
    runner.step(cache_dir="made/cache", results_file="results.json", metrics_file="metrics.txt")
    made = {path: runner.found[path] for path in ("results.json", "metrics.txt", f"made/cache/{FILE}")}
    assert made == dict.fromkeys(made, (RUNNER_USER, 0o644))
    assert runner.found["made"] == runner.found["made/cache"] == (RUNNER_USER, 0o755)
    assert {owner for owner, _ in runner.found.values()} == {RUNNER_USER}


def test_writes_nothing_into_the_workspace(runner: Runner):
    before = listing(runner.world.source)
    ran = runner.step()
    assert ran.code == 0, ran.log
    assert listing(runner.world.source) == before


def test_has_no_git_and_no_compiler(runner: Runner):
    found = "for tool in git gcc cc c++ make; do command -v $tool; done; true"
    assert runner.container(entrypoint=["sh", "-c", found]) == (0, "")


def test_holds_one_copy_of_the_package_compiled(runner: Runner):
    code, log = runner.container(entrypoint=["python3", "-I", "-B", "-c", PACKAGE])
    assert (code, log) == (0, "[]\n")
    code, log = runner.container(entrypoint=["python3", "-I", "-B", "-c", "import flit_core"])
    assert "No module named 'flit_core'" in log
    assert runner.container(entrypoint=["sh", "-c", "ls /opt/broadcast/broadcast"])[0] != 0


PACKAGE = """
import importlib.util, pathlib
run = pathlib.Path(importlib.util.find_spec("broadcast.pipeline.execute").origin)
assert {"site-packages", "dist-packages"} & set(run.parts), run  # the latter is Debian's name
sources = [run, *run.parent.rglob("*.py")]
print([str(one) for one in sources if not pathlib.Path(importlib.util.cache_from_source(one)).is_file()])
"""


def listing(directory: Path) -> dict[str, tuple[int, int, int]]:
    """Every file and folder with its mode, size and time."""
    stats = {str(path.relative_to(directory)): path.lstat() for path in (directory, *directory.rglob("*"))}
    return {path: (stat.st_mode, stat.st_size, stat.st_mtime_ns) for path, stat in stats.items()}
