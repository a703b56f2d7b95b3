"""GitHub's published schemas and styles: downloaded once, checked against a known hash, cached."""

from __future__ import annotations

import base64
import fcntl
import hashlib
import io
import os
import tarfile
import urllib.error
import urllib.request
from pathlib import Path
from typing import NamedTuple

import pytest

CACHE = Path(__file__).resolve().parents[1] / ".cache" / "github"
REGISTRY = "https://registry.npmjs.org"


class Package(NamedTuple):
    """One file of one npm package at one version."""

    name: str
    version: str
    sha512: str  # base64, as npm publishes it
    member: str


GRAPHQL = Package(
    "@octokit/graphql-schema", "15.26.1",
    "RFDC2MpRBd4AxSRvUeBIVeBU7ojN/SxDfALUd7iVYOSeEK3gZaqR2MGOysj4Zh2xj2RY5fQAUT+Oqq7hWTraMA==",
    "package/schema.graphql",
)  # fmt: skip
OPENAPI = Package(
    "@octokit/openapi", "23.0.2",
    "pV8M7L9GY23AybNvTmo2nyjmpmnt6+2sRE/tqr0ZLQcPS4lnw7u5eZGNmwRNkBC3D7gZXbFx5AHzLUVRBXGDhg==",
    "package/generated/api.github.com.json",
)  # fmt: skip
LOOK = Package(
    "github-markdown-css", "5.9.0",
    "tmT5sY+zvg2302XLYEfH2mtkViIM1SWf2nvYoF5N1ZsO0V6B2qZTiw3GOzw4vpjLygK/KG35qRlPFweHqfzz5w==",
    "package/github-markdown-light.css",
)  # fmt: skip


def fetch(package: Package) -> Path:
    """The file, from the cache or the registry; without both the test skips, and under CI=true fails."""
    kept = CACHE / f"{_plain(package)}-{package.version}" / Path(package.member).name
    kept.parent.mkdir(parents=True, exist_ok=True)
    with (kept.parent / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # the test workers start at once
        if not kept.exists():
            part = kept.with_suffix(".part")
            part.write_bytes(_unpack(_download(package), package))
            part.rename(kept)
    return kept


def _download(package: Package) -> bytes:
    url = f"{REGISTRY}/{package.name}/-/{_plain(package)}-{package.version}.tgz"
    try:
        with urllib.request.urlopen(url, timeout=120) as answer:
            return answer.read()
    except (urllib.error.URLError, TimeoutError) as error:
        reason = f"what GitHub publishes can't be fetched from {url}: {error}"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)


def _plain(package: Package) -> str:
    return package.name.rpartition("/")[2]


def _unpack(archive: bytes, package: Package) -> bytes:
    digest = base64.b64encode(hashlib.sha512(archive).digest()).decode()
    assert digest == package.sha512, f"{package.name} {package.version} isn't the package that was chosen: {digest}"
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        member = tar.extractfile(package.member)
        assert member is not None
        with member:
            return member.read()
