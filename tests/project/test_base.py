"""The Dockerfile that the container's tests build: the project's own, or the same without the digest of its base."""

from __future__ import annotations

import difflib
from types import SimpleNamespace

import docker
import pytest
from docker.errors import APIError, ImageNotFound
from requests.exceptions import ReadTimeout

from tests.container.base import DOCKERFILE, PATIENCE, base_of, dockerfile_for, undigested

TEXT = DOCKERFILE.read_text()
BASE = base_of(TEXT)


class Images:
    """An engine's images: what it has, and what its registry answers."""

    def __init__(self, has: tuple[str, ...] = (), registry: Exception | None = None) -> None:
        self.has, self.registry = has, registry
        self.api = SimpleNamespace(timeout=600)
        self.asked: list[tuple[str, float]] = []
        self.images = self

    def get(self, name: str) -> None:
        if name not in self.has:
            raise ImageNotFound(name)

    def get_registry_data(self, name: str) -> None:
        self.asked.append((name, self.api.timeout))
        if self.registry:
            raise self.registry


def test_the_digest_alone_is_taken_off():
    changes = [line for line in difflib.ndiff(TEXT.splitlines(), undigested(TEXT).splitlines()) if line[0] in "-+"]
    assert changes == [f"- FROM {BASE.name}:{BASE.tag}@{BASE.digest}", f"+ FROM {BASE.name}:{BASE.tag}"]
    assert undigested(TEXT).replace(f"{BASE.name}:{BASE.tag}", f"{BASE.name}:{BASE.tag}@{BASE.digest}", 1) == TEXT


def test_an_engine_that_has_the_base_builds_the_dockerfile_as_it_is(tmp_path):
    engine = Images((BASE.exact,))
    assert dockerfile_for(engine, tmp_path) == DOCKERFILE
    assert not engine.asked


def test_so_does_one_whose_registry_has_it(tmp_path):
    engine = Images()
    assert dockerfile_for(engine, tmp_path) == DOCKERFILE
    assert engine.asked == [(BASE.exact, PATIENCE)]
    assert engine.api.timeout == 600


@pytest.mark.parametrize("failure", [APIError("no such host"), ReadTimeout("silent")])
def test_where_no_registry_can_be_reached_the_tag_will_do(tmp_path, failure):
    engine = Images(registry=failure)
    assert dockerfile_for(engine, tmp_path).read_text() == undigested(TEXT)
    assert engine.api.timeout == 600


def test_a_digest_that_the_registry_lacks_is_never_taken_off(tmp_path):
    assert dockerfile_for(Images(registry=docker.errors.NotFound("manifest unknown")), tmp_path) == DOCKERFILE
