"""A real workflow that uses the action, run by act on the engine."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import docker
import pytest

from tests.container.conftest import locked
from tests.world import ROOT, SOURCE, TOKEN, World, git

pytestmark = pytest.mark.container

ACTION_IMAGE = "act-dockeraction"  # so act names the image of every local action
JOB_IMAGE = f"{ACTION_IMAGE}:latest"  # jobs run in it too, as it is here already; act needs no node for our steps
ACTION = (
    ".dockerignore",
    "Dockerfile",
    "LICENSE",
    "README.md",
    "action.yml",
    "broadcast",
    "entrypoint.py",
    "pyproject.toml",
    "requirements",
)
WORKFLOW = """\
name: NAME
on: workflow_dispatch
jobs:
  sync:
    runs-on: ubuntu-latest
    steps:
      - id: broadcast
        uses: ./
        with:
          token: ${{ secrets.TOKEN }}
          api-url: ${{ vars.HUB }}
      - env:
          PULLS: ${{ steps.broadcast.outputs.pull-request-urls }}
          RESULTS: ${{ steps.broadcast.outputs.results }}
        run: |
          echo "created=${{ steps.broadcast.outputs.created }}"
          echo "in-sync=${{ steps.broadcast.outputs.in-sync }}"
          echo "pulls=$PULLS"
          echo "results=$RESULTS"
  again:
    needs: sync
    runs-on: ubuntu-latest
    steps:
      - uses: ./
        with:
          token: ${{ secrets.TOKEN }}
          api-url: ${{ vars.HUB }}
"""


@dataclass
class Job:
    """What act showed of one job, and the summary of its last step."""

    log: str
    summary: str

    def said(self, name: str) -> str:
        """What the job's step printed after `name=`."""
        [text] = [line.removeprefix(f"{name}=") for line in self.log.splitlines() if line.startswith(f"{name}=")]
        return text


@dataclass
class Act:
    """A repository that holds the action and a workflow, and runs of it."""

    engine: docker.DockerClient
    image: str
    world: World
    name: str

    def prepare(self) -> None:
        for name in ACTION:
            copy(ROOT / name, self.world.source / name)
        self.world.write({".github/workflows/broadcast.yml": WORKFLOW.replace("NAME", self.name)})
        git(self.world.source, "remote", "add", "origin", f"https://github.com/{SOURCE}.git")

    def run(self) -> dict[str, Job]:
        """Run the workflow; it has to succeed."""
        with locked(ROOT / ".cache" / "act.lock"):
            self.engine.images.get(self.image).tag(ACTION_IMAGE, "latest")
            done = subprocess.run(
                self._command(), cwd=self.world.source, env=self._environment(), capture_output=True, text=True,
                check=False, timeout=300,
            )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        lines = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
        told = [line for line in lines if line.get("command") != "add-mask"]  # act shows what it was asked to mask
        assert TOKEN not in json.dumps(told) + done.stderr
        return {job: Job(log_of(lines, job), summary_of(lines, job)) for job in ("sync", "again")}

    def _command(self) -> list[str]:
        return [
            str(Path(sys.executable).with_name("act")), "workflow_dispatch", "--json", "--bind",
            "--network=host", f"--platform=ubuntu-latest={JOB_IMAGE}", "--pull=false", "--container-daemon-socket=-",
            "--no-cache-server", "--rebuild=false", "--defaultbranch=main", "--secret=TOKEN",
            f"--var=HUB={self.world.hub.url}",
        ]  # fmt: skip

    def _environment(self) -> dict[str, str]:
        home = self.world.directory / "home"
        (home / "act").mkdir(parents=True)
        (home / "act" / "actrc").write_text("")  # without one, act asks which images to use
        kept = {name: os.environ[name] for name in os.environ if name == "PATH" or name.startswith("DOCKER_")}
        places = dict.fromkeys(("HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"), str(home))
        return kept | places | {"TOKEN": TOKEN}

    def containers(self) -> list[docker.models.containers.Container]:
        return self.engine.containers.list(all=True, filters={"name": self.name})

    def remove(self) -> None:
        for container in self.containers():
            container.remove(force=True, v=True)
        for volume in self.engine.volumes.list(filters={"name": self.name}):
            volume.remove(force=True)


@pytest.fixture
def act(engine: docker.DockerClient, image: str, world: World) -> Iterator[Act]:
    """The image is built by now, and gets the name act would give it: act's own build can't choose a network."""
    act = Act(engine, image, world, f"broadcast-{uuid.uuid4().hex[:12]}")
    act.prepare()
    try:
        yield act
    finally:
        act.remove()


def test_a_workflow_syncs_and_its_next_step_reads_the_outputs(act: Act):
    jobs = act.run()
    [pull] = act.world.hub.find("acme/api").pulls
    sync, again = jobs["sync"], jobs["again"]
    assert (sync.said("created"), sync.said("in-sync")) == ("1", "0")
    [url] = json.loads(sync.said("pulls"))
    assert url == f"{act.world.hub.url}/acme/api/pull/{pull.number}"
    [target] = json.loads(sync.said("results"))["targets"]
    assert (target["target"], target["outcome"]) == ("acme/api", "created")
    assert "acme/api got a pull request" in sync.log
    assert "acme/api has its pull request open" in again.summary


def copy(here: Path, there: Path) -> None:
    """As git would keep it: no caches, and the same modes."""
    if here.is_dir():
        shutil.copytree(here, there, ignore=shutil.ignore_patterns("__pycache__"))
    else:
        shutil.copy2(here, there)


def log_of(lines: list[dict], job: str) -> str:
    return "".join(f"{line['msg'].rstrip()}\n" for line in lines if line.get("jobID") == job)


def summary_of(lines: list[dict], job: str) -> str:
    return "".join(line["content"] for line in lines if line.get("jobID") == job and line.get("command") == "summary")
