"""A Docker engine, the image that the Dockerfile makes, and the modules that must never be imported."""

from __future__ import annotations

import fcntl
import gc
import hashlib
import os
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import docker
import pytest
from docker.errors import BuildError, DockerException

from tests.container.base import dockerfile_for
from tests.hub import Hub
from tests.world import ROOT, World

PATIENCE = 600  # seconds; a first build fetches the base image and every dependency


@pytest.fixture(scope="session")
def engine() -> Iterator[docker.DockerClient]:
    """The engine that DOCKER_HOST names; without one the tests are skipped, but never in CI."""
    client, reason = connect()
    if client is None and os.environ.get("CI") == "true":
        pytest.fail(reason, pytrace=False)
    if client is None:
        pytest.skip(reason)
    try:
        yield client
    finally:
        client.close()


def connect() -> tuple[docker.DockerClient | None, str]:
    """A client of the engine, or why there is none."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # docker leaves the socket of a refused connection open
        try:
            return docker.from_env(timeout=PATIENCE), ""
        except DockerException as error:
            reason = f"no Docker engine answers: {error}"
        gc.collect()
    return None, reason


@pytest.fixture(scope="session")
def image(engine: docker.DockerClient, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The id of the image; one worker builds it, and all others find each layer in the engine's cache."""
    dockerfile = dockerfile_for(engine, tmp_path_factory.mktemp("image"))
    tag = f"broadcast-test:{hashlib.sha256(os.fsencode(ROOT)).hexdigest()[:12]}"
    with locked(ROOT / ".cache" / "container.lock"):
        try:
            built, log = engine.images.build(
                path=str(ROOT), dockerfile=str(dockerfile), tag=tag, network_mode="host", rm=True, forcerm=True
            )
        except BuildError as error:
            text = "".join(line.get("stream", "") for line in error.build_log)
            pytest.fail(f"the image can't be built: {error}\n{text}", pytrace=False)
        for _ in log:
            pass  # read to its end, the answer's connection goes back
    return built.id


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """One process at a time; the lock ends with the process, however it ends."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A source that sends two files, and the one target they go to."""
    with Hub(tmp_path / "hub") as hub:
        hub.repository("acme/api", {"README.md": b"the api\n", "LICENSE": b"old\n"})
        world = World(tmp_path / "world", hub)
        world.write({"LICENSE": "MIT\n", "templates/lint.yml": "lint: true\n"}, CONFIG)
        yield world


CONFIG = """\
version: 1
targets: [acme/api]
files: [LICENSE]
directories:
  - {src: templates, dest: .github/lint}
"""
