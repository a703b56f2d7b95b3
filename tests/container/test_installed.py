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
    assert "broadcast=broadcast.cli:main" in points


def test_the_entrypoint_ignores_modules_of_the_checkout_and_python_variables(world: World):
    world.write(decoys.FILES)
    ran = world.run_process(environment=decoys.variables(str(world.source)))
    assert decoys.WORD not in ran.log
    assert ran.code == 0, ran.log
    assert ran.outcomes == {"acme/api": "created"}
