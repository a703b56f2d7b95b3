"""The image of the Dockerfile, run as GitHub's runner runs it."""

from __future__ import annotations

from pathlib import Path

import docker
import pytest
import yaml

from tests.container import decoys
from tests.container.runner import WORKSPACE, Runner
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
run = pathlib.Path(importlib.util.find_spec("broadcast.run").origin)
assert {"site-packages", "dist-packages"} & set(run.parts), run  # the latter is Debian's name
sources = [run, *run.parent.rglob("*.py")]
print([str(one) for one in sources if not pathlib.Path(importlib.util.cache_from_source(one)).is_file()])
"""


def listing(directory: Path) -> dict[str, tuple[int, int, int]]:
    """Every file and folder with its mode, size and time."""
    stats = {str(path.relative_to(directory)): path.lstat() for path in (directory, *directory.rglob("*"))}
    return {path: (stat.st_mode, stat.st_size, stat.st_mtime_ns) for path, stat in stats.items()}
