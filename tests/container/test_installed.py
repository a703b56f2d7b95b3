"""What is installed, and the entrypoint on this interpreter; needs no engine."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

from tests.container import decoys
from tests.world import ROOT, World


def test_the_wheel_holds_the_whole_package_and_nothing_else(tmp_path: Path):
    options = ["--no-deps", "--no-build-isolation", "--no-index", "--quiet", "--disable-pip-version-check"]
    subprocess.run([sys.executable, "-m", "pip", "wheel", *options, "-w", str(tmp_path), str(ROOT)], check=True)
    [wheel] = tmp_path.glob("*.whl")
    with ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
        [points] = [archive.read(name).decode() for name in archive.namelist() if name.endswith("entry_points.txt")]
    package = ROOT / "broadcast"
    files = {path for path in package.rglob("*") if path.is_file() and "__pycache__" not in path.parts}
    assert names == {path.relative_to(ROOT).as_posix() for path in files}
    assert "broadcast/py.typed" in names
    assert "broadcast=broadcast.start:terminal" in points


def test_the_entrypoint_ignores_modules_of_the_checkout_and_python_variables(world: World):
    world.write(decoys.FILES)
    ran = world.run_process(environment=decoys.variables(str(world.source)))
    assert decoys.WORD not in ran.log
    assert ran.code == 0, ran.log
    assert ran.outcomes == {"acme/api": "created"}


def test_the_entrypoint_puts_parts_into_files_of_every_kind(world: World):
    parts = {
        "p/ignored": "*.pyc\n",
        "p/keys": '{"k": 1}',
        "p/keys.yml": "k: 1\n",
        "p/keys.toml": "k = 1\n",
        "p/m": "m\n",
    }
    world.write(dict(parts), f"version: 1\ntargets: [acme/api]\nfiles:\n{SHARED}")
    world.publish()
    ran = world.run_process(environment=decoys.variables(str(world.source)))
    assert (ran.code, ran.outcomes) == (0, {"acme/api": "created"}), ran.log
    pull = world.hub.find("acme/api").pulls[0]
    found = {path: content for path, (_, content) in world.hub.find("acme/api").files(pull.head).items()}
    assert b"*.pyc" in found[".gitignore"]
    assert (found["a.yml"], found["a.toml"], found["m"]) == (b"k: 1\n", b"k = 1\n", b"m\n")
    assert world.run_process().outcomes == {"acme/api": "open"}


SHARED = """\
  - {src: p/ignored, dest: .gitignore, mode: block}
  - {src: p/keys, dest: a.json, mode: keys}
  - {src: p/keys.yml, dest: a.yml, mode: keys}
  - {src: p/keys.toml, dest: a.toml, mode: keys}
  - {src: p/m, dest: m, mode: merge}
"""
