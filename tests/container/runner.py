"""Runs an image as GitHub's runner does: its mounts, its working directory, its variables."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import docker

from tests.world import TOKEN, Ran, World, read_outputs

WORKSPACE = "/github/workspace"
FOLDERS = ("home", "workflow", "file_commands", "runner_temp")
RUNNER_USER = 1001  # who owns the checkout on a hosted runner; the container's user is root
MINUTES = 2


@dataclass
class Runner:
    """One job of the runner, whose steps use the image."""

    engine: docker.DockerClient
    image: str
    world: World

    def __post_init__(self) -> None:
        self.github = self.world.directory / "github"
        for name in FOLDERS:
            (self.github / name).mkdir(parents=True)
        self.running: docker.models.containers.Container | None = None  # the last one
        self.found: dict[str, tuple[int, int]] = {}  # in the workspace after the last step: owner and mode

    def step(self, environment: dict[str, str] | None = None, **inputs: str) -> Ran:
        """One step that uses the action."""
        variables = self._variables(**inputs) | (environment or {})
        commands = self.github / "file_commands"
        for name in ("output", "summary"):
            (commands / name).write_text("")
        self.world.hub.requests.clear()
        with given_away(self.world.source):
            code, log = self.container(environment=variables)
            self.found = {
                path.relative_to(self.world.source).as_posix(): rights(path) for path in _all(self.world.source)
            }
        outputs = read_outputs((commands / "output").read_text())
        ran = Ran(code, log, (commands / "summary").read_text(), outputs)
        assert "Traceback" not in log, log
        assert TOKEN not in log.replace(f"::add-mask::{TOKEN}", "") + ran.summary + json.dumps(outputs)
        assert not self.world.hub.unimplemented, self.world.hub.unimplemented
        return ran

    def container(self, **options: object) -> tuple[int, str]:
        """The exit code and the log of one container, which is gone afterwards."""
        mounts = {self.github / name: f"/github/{name}" for name in FOLDERS} | {self.world.source: WORKSPACE}
        volumes = [f"{here}:{there}" for here, there in mounts.items()]
        container = self.engine.containers.create(
            self.image, volumes=volumes, working_dir=WORKSPACE, network_mode="host", **options
        )
        try:
            self.running = container
            container.start()
            code = container.wait(timeout=60 * MINUTES)["StatusCode"]
            return code, container.logs().decode()
        finally:
            container.remove(force=True, v=True)

    def _variables(self, **inputs: str) -> dict[str, str]:
        variables = self.world.environment(**inputs)
        del variables["PATH"]  # the image's own is right
        event = Path(variables["GITHUB_EVENT_PATH"])
        (self.github / "workflow" / "event.json").write_bytes(event.read_bytes())
        return variables | {
            "HOME": "/github/home",
            "CI": "true",
            "GITHUB_WORKSPACE": WORKSPACE,
            "GITHUB_EVENT_PATH": "/github/workflow/event.json",
            "GITHUB_OUTPUT": "/github/file_commands/output",
            "GITHUB_STEP_SUMMARY": "/github/file_commands/summary",
            "RUNNER_TEMP": "/github/runner_temp",
        }


@contextmanager
def given_away(directory: Path) -> Iterator[None]:
    """Meanwhile the checkout is another user's, as on a hosted runner; only root can do this."""
    own(directory, RUNNER_USER)
    try:
        yield
    finally:
        own(directory, os.getuid())


def rights(path: Path) -> tuple[int, int]:
    """Whose it is, and who may do what with it."""
    found = path.lstat()
    return found.st_uid, stat.S_IMODE(found.st_mode)


def _all(directory: Path) -> Iterable[Path]:
    return (directory, *directory.rglob("*"))


def own(directory: Path, user: int) -> None:
    """Make `directory` and all that it holds the user's."""
    if os.getuid() == 0:
        for path in _all(directory):
            os.chown(path, user, user, follow_symlinks=False)
