"""Start: from the start of the process to the first request, what is imported, what is installed."""

from __future__ import annotations

import re
import statistics
import subprocess
import sys
import tempfile
import warnings
from collections import defaultdict
from importlib.metadata import distribution
from pathlib import Path
from typing import Any

from tests.bench import elsewhere
from tests.bench.measure import mib, ms, seconds, table, verdict
from tests.hub import Hub
from tests.world import ROOT

TITLE = "Start"
MOST = 0.5  # seconds from the start of the process to the first request
RUNS, HEAVIEST, KIB = 9, 6, 1024
ALL = "import broadcast.action; from broadcast.github import pygithub; pygithub.load()"


def measure() -> dict[str, Any]:
    """Times of starting, by `-X importtime` what the imports take, and bytes that are installed."""
    with tempfile.TemporaryDirectory() as directory, elsewhere.world(Path(directory)) as world:
        world.hub.do(_target)  # type: ignore[attr-defined]  # the hub is elsewhere
        world.write({"LICENSE": "MIT\n"}, "version: 1\ntargets: [acme/api]\nfiles: [LICENSE]\n")
        first = [elsewhere.run(world, {"in_sync": 1}).first_request for _ in range(RUNS)]
    return {
        "first request": statistics.median(first),
        "python": seconds(lambda: _python("pass"), RUNS),
        "ours": seconds(lambda: _python("import broadcast.action"), RUNS),
        "with PyGithub": seconds(lambda: _python(ALL), RUNS),
        "imports": _imports(),
        "installed": _installed(),
        "image": _image(),
    }


def _target(hub: Hub) -> None:
    hub.repository("acme/api", files={"LICENSE": b"MIT\n"})


def _python(code: str, *options: str) -> str:
    command = [sys.executable, "-I", *options, "-c", code]
    return subprocess.run(command, capture_output=True, text=True, check=True).stderr


def _imports() -> dict[str, float]:
    """Seconds by top-level package, the heaviest first; `-X importtime` itself slows them down."""
    found: dict[str, float] = defaultdict(float)
    said = _python(ALL, "-X", "importtime")
    for microseconds, name in re.findall(r"import time:\s+(\d+) \|\s+\d+ \|\s+(\S+)", said):
        found[name.partition(".")[0]] += int(microseconds) / 1e6
    return dict(sorted(found.items(), key=lambda item: -item[1])[:HEAVIEST])


def _installed() -> dict[str, int]:
    """Bytes of every runtime dependency as it is installed here, without compiled bytecode."""
    lock = (ROOT / "requirements" / "runtime.lock").read_text()
    names = re.findall(r"^([\w.-]+)==", lock, re.MULTILINE)
    sizes = {name: _size(name) for name in names}
    return dict(sorted(sizes.items(), key=lambda item: -item[1]))


def _size(name: str) -> int:
    files = (file.locate() for file in distribution(name).files or ())
    return sum(
        Path(str(file)).stat().st_size for file in files if Path(str(file)).is_file() and "__pycache__" not in str(file)
    )


def _image() -> dict[str, int]:
    """Bytes of the image's layers, the largest first; empty where no engine is there to build it."""
    import docker
    from docker.errors import DockerException

    from tests.container.base import dockerfile_for

    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        try:
            engine = docker.from_env()
            with tempfile.TemporaryDirectory() as place:
                dockerfile = dockerfile_for(engine, Path(place))
                image, _ = engine.images.build(path=str(ROOT), dockerfile=str(dockerfile))
        except DockerException:
            return {}
    layers = {_layer(one["CreatedBy"]): one["Size"] for one in image.history() if one["Size"] > KIB}
    return {"all": image.attrs["Size"], **dict(sorted(layers.items(), key=lambda item: -item[1]))}


def _layer(made_by: str) -> str:
    """What a layer is, as the Dockerfile says it; the base image's own may say nothing."""
    said = re.sub(r"^/bin/sh -c (#\(nop\) )?|(dir|file|multi):[0-9a-f]+ in | --[\w-]+(=\S+| :all:)?", "", made_by)
    return " ".join(said.split())[:80] or "the base image"


def tell(found: dict[str, Any]) -> str:
    """The chapter."""
    starts = table(
        ("from the start of the process", "", ""),
        [
            ("to the first request, with config and checkout read", ms(found["first request"]), f"≤ {ms(MOST)}: {verdict(found['first request'], MOST)}"),
            ("Python alone, to its end", ms(found["python"]), ""),
            ("the action imported (`validate`, a mistaken config), to its end", ms(found["ours"]), ""),
            ("the same with PyGithub (every command that asks GitHub), to its end", ms(found["with PyGithub"]), ""),
        ],
    )  # fmt: skip
    imports = table(
        ("package", "import, itself"),
        [(f"`{name}`", ms(value)) for name, value in found["imports"].items()],
    )
    sizes = found["installed"]
    installed = table(
        ("dependency", "installed"),
        [(f"`{name}`", mib(size)) for name, size in list(sizes.items())[:HEAVIEST]]
        + [(f"all {len(sizes)}", mib(sum(sizes.values())))],
    )
    image = table(("layer", "size"), [(f"`{name}`", mib(size)) for name, size in found["image"].items()])
    return f"""\
{starts}

By `-X importtime`, which makes everything slower:

{imports}

What the runtime dependencies take on disk, without bytecode:

{installed}

{f"The image, on what this engine has as `python:3.13-slim`:{chr(10) * 2}{image}" if found["image"] else "The image was not measured: no Docker engine was there."}"""
