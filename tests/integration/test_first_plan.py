"""From nothing to a first plan, by the README's words alone: a wheel, a new home, no checkout of ours."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest
import yaml

from broadcast import __version__
from broadcast.config.model import DEFAULT_PATH
from tests.docs import pages
from tests.hub import Hub
from tests.world import GIT, ROOT, TOKEN, World, git

MINUTES = 2  # that it may take
PIPX = """\
#!/bin/sh
# What pipx does: an environment of its own, and the command on the PATH. It takes the wheel; {site} has the dependencies.
set -e
test "$1" = install
test "$2" = broadcast-action
"{python}" -m venv --without-pip "$HOME/venv"
"{python}" -m pip --quiet --python "$HOME/venv/bin/python" install --no-deps --no-index --pre --find-links "{wheels}" "$2"
echo "{site}" > "$("$HOME/venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/dependencies.pth"
ln -s "$HOME/venv/bin/broadcast" "$HOME/bin/"
"""


@pytest.fixture(scope="module")
def wheels(tmp_path_factory) -> Path:
    """A directory that holds the wheel."""
    made = tmp_path_factory.mktemp("wheels")
    options = ["--no-deps", "--no-build-isolation", "--no-index", "--quiet", "--disable-pip-version-check"]
    subprocess.run([sys.executable, "-m", "pip", "wheel", *options, "-w", str(made), str(ROOT)], check=True)
    return made


@pytest.fixture
def world(tmp_path):
    """A clone with files worth sending, and the targets of the README."""
    with Hub(tmp_path / "hub") as hub:
        for name in ("acme/api", "acme/web"):
            hub.repository(name, files={"README.md": b"theirs\n"})
        world = World(tmp_path, hub)
        world.write({"LICENSE": "MIT\n", ".editorconfig": "root = true\n", ".github/dependabot.yml": "version: 2\n"})
        git(world.source, "remote", "add", "origin", "git@github.com:acme/templates.git")
        yield world


@pytest.fixture
def shell(world, wheels):
    """`shell(lines)` runs them in the clone, in a new home with only git, Python and pipx."""
    home = world.directory / "home"
    (home / "bin").mkdir(parents=True)
    pipx = home / "bin" / "pipx"
    pipx.write_text(PIPX.format(python=sys.executable, site=sysconfig.get_path("purelib"), wheels=wheels))
    pipx.chmod(0o755)

    def run(lines: str, **variables: str) -> subprocess.CompletedProcess[str]:
        environment = {
            "HOME": str(home),
            "PATH": f"{home}/bin:{os.defpath}",
            "BROADCAST_TOKEN": TOKEN,
            "GITHUB_API_URL": world.hub.url,
            **GIT,
            **variables,
        }
        command = ["bash", "-e", "-c", lines]
        return subprocess.run(
            command,
            cwd=world.source,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=60 * MINUTES,
        )

    return run


def readme() -> str:
    """What the README says to type."""
    (block,) = (one for one in pages.blocks("sh") if (one.page, one.section) == ("README.md", "Install"))
    return block.text


def test_the_readme_alone_leads_to_a_first_plan(world, shell):
    done = shell(readme())
    assert done.returncode == 0, done.stdout + done.stderr
    assert "all 2 repositories would get a pull request" in done.stdout
    assert "LICENSE  +1" in done.stdout
    assert [world.hub.find(name).pulls for name in ("acme/api", "acme/web")] == [[], []]


def test_the_first_config_and_workflow_pass_and_sync(world, shell):
    shell(readme())
    assert shell("broadcast validate").returncode == 0
    assert world.run().outcomes == {"acme/api": "created", "acme/web": "created"}
    assert yaml.safe_load((world.source / ".github/workflows/broadcast.yml").read_text())["jobs"]


def test_without_targets_the_plan_has_those_that_join_by_the_topic(world, shell):
    world.hub.repository("acme/joins", files={"README.md": b"theirs\n"}, topics=["broadcast"])
    done = shell(readme().replace(" acme/api acme/web", ""))
    assert done.returncode == 0, done.stdout + done.stderr
    assert "acme/joins would get a pull request" in done.stdout
    assert "acme/api" not in done.stdout


def test_the_installed_command_knows_its_version(shell):
    done = shell(f"pipx install broadcast-action; broadcast --version; cd /; {PACKAGE_VERSION}")
    assert done.stdout.split() == ["broadcast", __version__, __version__]


PACKAGE_VERSION = """\
"$HOME/venv/bin/python" -c 'from importlib import metadata; print(metadata.version("broadcast-action"))'"""


# The hook of pre-commit, as that runs it: the manifest's entry, in an environment that has the package

(HOOK,) = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
KEYS = {"id", "name", "description", "entry", "language", "files", "pass_filenames"}  # of those that pre-commit knows


def test_the_hook_is_one_that_pre_commit_takes():
    assert set(HOOK) == KEYS
    assert re.fullmatch(HOOK["files"], DEFAULT_PATH)
    assert (HOOK["id"], HOOK["language"], HOOK["pass_filenames"]) == ("broadcast-validate", "python", False)


@pytest.mark.parametrize("variables", [{}, {"GITHUB_ACTIONS": "true", "CI": "true"}])
def test_the_hook_checks_what_is_about_to_be_committed(world, shell, variables):
    shell(readme())
    config = world.source / ".github/broadcast.yml"
    good = config.read_text()
    for text, code in ((good, 0), (good.replace("LICENSE", "LICENCE"), 2), (good.replace("files:", "fils:"), 2)):
        config.write_text(text)
        git(world.source, "add", "-A")
        done = shell(HOOK["entry"], **variables)
        assert done.returncode == code, done.stdout + done.stderr
