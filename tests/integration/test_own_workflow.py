"""This repository's own config and workflows: what CI runs on GitHub's runner is run here, step by step, on the hub."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests import example
from tests.world import ROOT

WORKFLOWS = {path.name: yaml.safe_load(path.read_text()) for path in (ROOT / ".github/workflows").glob("*.yml")}
STEPS = WORKFLOWS["broadcast.yml"]["jobs"]["examples"]["steps"]

RUNNER = {
    "GITHUB_API_URL": "https://api.github.com",  # what the runner says; the steps say otherwise
    "GITHUB_GRAPHQL_URL": "https://api.github.com/graphql",
    "GITHUB_EVENT_NAME": "pull_request",
    "GITHUB_REF": "refs/pull/1/merge",
}


@pytest.fixture
def checkout(world):
    """A world whose source has this repository's config and examples, and whose hub has the targets."""
    example.settle(world.hub)
    for folder in (".github", "examples"):
        shutil.copytree(ROOT / folder, world.source / folder)
    world.write({})
    return world


def played(world) -> dict[str, str]:
    """Run the workflow's steps that use the action; returns what its last step compares."""
    outputs = {"hub": {"url": world.hub.url}}
    for step in STEPS:
        if step.get("uses") != "./":
            continue
        inputs = {name: evaluated(str(value), outputs) for name, value in step["with"].items()}
        ran = world.run(environment=RUNNER, **inputs)
        assert ran.code == 0, ran.log
        outputs[step.get("id", "")] = ran.outputs
    return {"SAID": evaluated(STEPS[-1]["env"]["SAID"], outputs), "PATH": "/usr/bin:/bin"}


def evaluated(text: str, outputs: dict[str, dict[str, str]]) -> str:
    """The text with the outputs of earlier steps in the places of their expressions."""
    return re.sub(r"\$\{\{ steps\.(\w+)\.outputs\.([\w-]+) \}\}", lambda found: outputs[found[1]][found[2]], text)


def test_the_workflow_plans_syncs_and_rests(checkout):
    compared = played(checkout)
    assert subprocess.run(["bash", "-c", STEPS[-1]["run"]], env=compared, check=False).returncode == 0, compared
    service, library = (checkout.hub.find(f"org/example-{name}") for name in ("service", "library"))
    sent = {path: content.decode() for path, (_, content) in service.files(service.pulls[0].head).items()}
    assert 'python-version: "3.13"' in sent[".github/workflows/test.yml"]
    assert sent[".github/SECURITY.md"] == (ROOT / "examples/community/SECURITY.md").read_text()
    other = library.files(library.pulls[0].head)[".github/workflows/test.yml"][1].decode()
    assert '- run: "python -m pytest"' in other


def test_every_example_is_sent(checkout):
    ran = checkout.run(command="plan", token=example.TOKEN, api_url=checkout.hub.url)
    sent = ran.target("org/example-service")["files"]["added"]
    examples = [path for path in (ROOT / "examples").rglob("*") if path.is_file() and path.name != "README.md"]
    assert sent == len(examples)


def test_the_examples_pin_what_our_own_workflows_pin():
    """Dependabot looks at those only; what it proposes there has to be done here too."""
    pins = re.compile(r"uses: (\S+@[0-9a-f]{40} # \S+)")
    ours = {pin for path in (ROOT / ".github/workflows").glob("*.yml") for pin in pins.findall(path.read_text())}
    examples = set(pins.findall((ROOT / "examples/workflows/test.yml").read_text()))
    assert examples
    assert examples <= ours


def test_the_hub_of_the_examples_answers_at_its_url():
    served = subprocess.Popen([sys.executable, "-m", "tests.example"], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert re.fullmatch(r"http://127\.0\.0\.1:\d+\n", served.stdout.readline())
    finally:
        served.terminate()
        served.communicate()


def test_act_reads_every_workflow():
    act = Path(sys.executable).with_name("act")
    for name, workflow in WORKFLOWS.items():
        listed = subprocess.run(
            [act, "--list", "--workflows", f".github/workflows/{name}"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
        assert all(job in listed.stdout for job in workflow["jobs"])


def test_what_workflows_make_is_in_the_makefile():
    made = {
        target
        for workflow in WORKFLOWS.values()
        for job in workflow["jobs"].values()
        for step in job.get("steps", [])
        for target in re.findall(r"^make ([a-z].*)$", step.get("run", ""), re.MULTILINE)
    }
    matrix = set(WORKFLOWS["nightly.yml"]["jobs"]["long"]["strategy"]["matrix"]["run"])
    targets = {target for line in made for target in line.split() if "=" not in target} | matrix
    assert targets > {"lint", "test", "storm"}
    assert targets <= set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


def test_no_workflow_has_a_permission_that_it_doesnt_explain():
    for path in (ROOT / ".github/workflows").glob("*.yml"):
        granted = re.findall(r"^ +[a-z-]+: (?:read|write)\b.*$", path.read_text(), re.MULTILINE)
        assert [line for line in granted if "#" not in line] == []
