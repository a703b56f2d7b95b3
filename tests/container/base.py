"""The image that the Dockerfile begins with, by its digest; by its tag alone where the engine can't get that one."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import docker
from docker.errors import ImageNotFound, NotFound
from requests.exceptions import RequestException

from tests.world import ROOT

DOCKERFILE = ROOT / "Dockerfile"
FROM = re.compile(r"^FROM (?P<name>[^\s@:]+):(?P<tag>[^\s@]+)@(?P<digest>sha256:[0-9a-f]{64})$", re.MULTILINE)
PATIENCE = 15  # seconds that the registry has to say whether it holds the base


class Base(NamedTuple):
    """What a Dockerfile begins with."""

    name: str
    tag: str
    digest: str

    @property
    def exact(self) -> str:
        """As a registry knows it, whatever the tag means by now."""
        return f"{self.name}@{self.digest}"


def base_of(dockerfile: str) -> Base:
    """The one base of a Dockerfile, which has its digest."""
    [found] = FROM.finditer(dockerfile)
    return Base(**found.groupdict())


def undigested(dockerfile: str) -> str:
    """The same Dockerfile with the digest of its base taken off, and nothing else."""
    return dockerfile.replace(f"@{base_of(dockerfile).digest}", "", 1)


def is_within_reach(engine: docker.DockerClient, base: Base) -> bool:
    """Whether the engine has the very base, or can ask its registry for it; a registry that lacks it can be asked."""
    try:
        engine.images.get(base.exact)
        return True
    except ImageNotFound:
        pass
    patience, engine.api.timeout = engine.api.timeout, PATIENCE
    try:
        engine.images.get_registry_data(base.exact)
        return True
    except NotFound:  # then the build fails, as it should: the digest is wrong or gone
        return True
    except RequestException:  # docker's own errors of an answer are some of these
        return False
    finally:
        engine.api.timeout = patience


def dockerfile_for(engine: docker.DockerClient, place: Path) -> Path:
    """The project's Dockerfile; where no registry can be reached for its base, a copy in `place` without the digest."""
    text = DOCKERFILE.read_text()
    if is_within_reach(engine, base_of(text)):
        return DOCKERFILE
    copy = place / "Dockerfile"
    copy.write_text(undigested(text))
    return copy
