"""What the docs tell to type and to put into workflows, done for real: commands in a shell, steps on the hub."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import textwrap
from collections.abc import Iterable
from pathlib import Path

import pytest
import yaml

from broadcast.config.parse import parse
from tests.docs import pages
from tests.docs.pages import Block
from tests.hub import Hub
from tests.integration.test_tokens import APP, PEM, PUBLIC, WRITE
from tests.world import ROOT, SOURCE, TOKEN, World, git

ACTION = yaml.safe_load((ROOT / "action.yml").read_text())
MAKEFILE = (ROOT / "Makefile").read_text()
COMMANDS = pages.commands()
FLEET = ("acme/api", "acme/web", "acme/canary", "acme-labs/x", "acme-games/y", "acme-oss/z")
CONFIG = """\
version: 1
targets: [acme/api, acme/web@develop]
directories:
  - {src: templates/.github, dest: .github, exclude: ["*.out"]}
"""
OTHER_TOOLS = {
    ".github/sync.yml": "acme/api:\n  - source: templates/.github/\n    dest: .github/\n",
    ".github/workflows/sync.yml": (
        "on: push\njobs:\n  sync:\n    runs-on: x\n    steps:\n"
        "      - {uses: BetaHuhn/repo-file-sync-action@v1, with: {GH_PAT: x, BRANCH_PREFIX: sync}}\n"
    ),
}  # fmt: skip
READ = {"contents": "read", "pull_requests": "read"}
DRIFT = 3


@pytest.fixture
def world(tmp_path):
    """A fleet of six at four owners, and a source that keeps old configs of other tools beside its own."""
    with Hub(tmp_path / "hub") as hub:
        for name in FLEET:
            repository = hub.repository(name, files={"README.md": b"theirs\n"}, topics=["oss"])
            repository.set_branch("develop", repository.head())
        yield World(tmp_path, hub)


def ready(world: World, config: str) -> None:
    """The source has this config, what it sends, and a commit before that."""
    files = {"templates/.github/workflows/ci.yml": "on: push\n", "templates/.github/CODEOWNERS": "* @acme/x\n"}
    for mapping in parse(config, "c.yml", SOURCE).sources:
        if not mapping.src.startswith("templates"):
            files |= {f"{mapping.src}/a.yml" if mapping.directory else mapping.src: "text\n"}
    world.write({"README.md": "ours\n"})
    world.write(files | OTHER_TOOLS, config)


# Commands


def shell(world: World, command: str) -> subprocess.CompletedProcess:
    """The command as a person types it, in the checkout."""
    path = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
    environment = {"PATH": path, "BROADCAST_TOKEN": TOKEN, "GITHUB_API_URL": world.hub.url, "GITHUB_REPOSITORY": SOURCE}
    return subprocess.run(
        ["/bin/sh", "-c", command], cwd=world.source, env=environment, capture_output=True, text=True, check=False
    )


def named(command: str) -> str:
    """With a command of ours where the docs say COMMAND."""
    return command.replace("COMMAND", "plan")


@pytest.mark.parametrize("command", [one for one in COMMANDS if not one.startswith("make ")])
def test_a_command_does_its_work(world, command):
    if command.startswith("broadcast init"):
        world.write({"LICENSE": "MIT\n"})
    else:
        ready(world, CONFIG)
    done = shell(world, named(command))
    assert done.returncode == (DRIFT if re.search(r"broadcast check\b", command) else 0), done.stdout + done.stderr
    assert "Traceback" not in done.stdout + done.stderr


@pytest.mark.parametrize("command", [one for one in COMMANDS if one.startswith("make ")])
def test_a_target_of_make_is_there_and_described(command):
    for target in (word for word in command.split()[1:] if "=" not in word):
        assert re.search(rf"^{target}:.*## ", MAKEFILE, re.MULTILINE)


def test_there_are_commands_to_look_at():
    assert len(COMMANDS) > 10


# Steps


def steps(text: str) -> list[dict]:
    """The steps of a workflow, or of a part of one, that use the action or a shell; a `with:` alone is a step too."""
    found = yaml.safe_load(textwrap.dedent(text))
    if isinstance(found, dict) and set(found) == {"with"}:
        return [found]
    steps = [one for one in _mappings(found) if is_ours(one) or "run" in one]
    return steps if any(map(is_ours, steps)) else []


def is_ours(step: dict) -> bool:
    return str(step.get("uses", "")).startswith("org/broadcast-action@") or set(step) == {"with"}


def _mappings(value: object) -> Iterable[dict]:
    if isinstance(value, dict):
        yield value
    children = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for child in children:
        yield from _mappings(child)


WORKFLOWS = {block.place: block for block in pages.blocks("yaml") if steps(block.text)}


def event(block: Block) -> dict[str, str]:
    """What the runner says where the workflow runs on pull requests."""
    events = yaml.safe_load(textwrap.dedent(block.text))
    on_pull_request = isinstance(events, dict) and "pull_request" in (events.get(True) or events.get("on") or {})
    return {"GITHUB_EVENT_NAME": "pull_request", "GITHUB_REF": "refs/pull/7/merge"} if on_pull_request else {}


def meant(world: World, expression: str) -> str:
    """What GitHub would put in the place of an expression."""
    known = {
        r"vars\.\w*PLAN_CLIENT_ID": lambda _: app(world, "plan", READ),
        r"vars\.\w*CLIENT_ID": lambda _: app(world, "sync", WRITE),
        r"secrets\.\w*PRIVATE_KEY": lambda _: PEM,
        r"github\.token|secrets\.\w*TOKEN|steps\.\w+\.outputs\.token": lambda _: token(world, expression),
        r"secrets\.\w+|github\.[a-z_]+": lambda _: f"a {expression}",
        r"steps\.\w+\.outputs\.([\w-]+)": lambda match: world.runs[-1].outputs[match[1]],
        r"matrix\.shard": lambda _: "1/1",
        r"inputs\.command": lambda _: "rollback",
        r"inputs\.to": lambda _: git(world.source, "rev-parse", "HEAD^").strip(),
        r"github\.event\.pull_request\.base\.sha": lambda _: git(world.source, "rev-parse", "HEAD^").strip(),
    }
    return next(make(match) for pattern, make in known.items() if (match := re.fullmatch(pattern, expression)))


def filled(world: World, values: dict) -> dict[str, str]:
    """These values as the runner hands them over."""
    texts = {name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in values.items()}
    return {
        name: re.sub(r"\$\{\{ *(.*?) *\}\}", lambda match: meant(world, match[1]), text) for name, text in texts.items()
    }


def app(world: World, name: str, permissions: dict[str, str]) -> str:
    identity = f"{APP}{name}"
    if not [one for one in world.hub.apps.apps if one.client_id == identity]:
        made = world.hub.app(identity, PUBLIC, name)
        for owner in dict.fromkeys(one.partition("/")[0] for one in (*FLEET, SOURCE)):
            world.hub.install(made, owner, permissions=permissions)
    return identity


def token(world: World, name: str) -> str:
    value = f"github_pat_{re.sub(r'[^A-Za-z]', '', name)}{'0' * 30}"
    world.hub.token(value, login=name.lower().replace(".", "-"), kind="fine-grained")
    return value


def inputs(world: World, step: dict) -> dict[str, str]:
    """The step's inputs; whatever server it names, it gets the hub."""
    given = filled(world, step["with"])
    has_token = {"token", "tokens", "client-id", "app-id"} & given.keys()
    url = {"api-url": f"{world.hub.url}/api/v3"} if "api-url" in given else {}
    return ({"token": ""} if has_token else {}) | given | url


def act(world: World, step: dict, environment: dict[str, str]) -> None:
    """A step that uses the action."""
    given = inputs(world, step)
    if given.get("dashboard"):
        world.publish()
    if given.get("command") == "comment":
        wrote(world, given["comment-file"])
    ran = world.run(environment | happened(world, given), **given)
    assert ran.code == (DRIFT if given.get("command") == "check" else 0), ran.log
    if given.get("command") == "comment":
        assert "The comment: left out" in ran.log  # the hub has no pull request of a fork
        return
    assert ran.outcomes or given.get("command") == "harvest" or given.get("only-targets") == "[]", ran.log
    assert "failed" not in ran.outcomes.values()


def happened(world: World, given: dict[str, str]) -> dict[str, str]:
    """The event of a step that comments: a pull request, or the end of the workflow that ran for one."""
    head, source = git(world.source, "rev-parse", "HEAD").strip(), {"full_name": SOURCE}
    if given.get("command") == "comment":
        event = {
            "workflow_run": {"event": "pull_request", "head_sha": head, "head_branch": "x", "head_repository": source}
        }
    elif "comment" in given or "comment-file" in given:
        event = {
            "pull_request": {"number": 7, "head": {"sha": head, "ref": "x", "repo": source}, "base": {"sha": head}}
        }
    else:
        return {}
    file = world.directory / "event.json"
    file.write_text(json.dumps(event))
    return {"GITHUB_EVENT_PATH": str(file)}


def wrote(world: World, file: str) -> None:
    """What the first of two workflows leaves to the second one."""
    world.publish()
    given = {"command": "plan", "comment-file": file}
    variables = {"GITHUB_EVENT_NAME": "pull_request", "GITHUB_REF": "refs/pull/7/merge"}
    assert world.run(variables | happened(world, given), **given).code == 0


def script(world: World, step: dict) -> None:
    """A step that runs a shell, as GitHub does; what would leave the machine goes to a file."""
    bin_, sent = world.directory / "bin", world.directory / "sent"
    bin_.mkdir(exist_ok=True)
    for name in ("curl", "gh"):
        (bin_ / name).write_text(f'#!/bin/sh\n{{ echo {name} "$*"; case "$*" in *@-*) cat;; esac; }} >> {sent}\n')
        (bin_ / name).chmod(0o755)
    environment = {"PATH": f"{bin_}:{os.environ['PATH']}", **filled(world, step.get("env", {}))}
    command = ["bash", "-e", "-o", "pipefail", "-c", step["run"]]
    done = subprocess.run(command, cwd=world.source, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert sent.exists()


def config_of(block: Block) -> str:
    """The config in the same section of the page, if there is one."""
    same = [one.text for one in pages.blocks("yaml") if (one.page, one.section) == (block.page, block.section)]
    return next((text for text in same if text.startswith("version: 1")), CONFIG)


@pytest.mark.parametrize("place", WORKFLOWS)
def test_a_step_has_no_input_that_the_action_has_not(place):
    for step in filter(is_ours, steps(WORKFLOWS[place].text)):
        assert set(step["with"]) <= set(ACTION["inputs"])


@pytest.mark.parametrize("place", WORKFLOWS)
def test_the_steps_of_a_workflow_run(world, place):
    block = WORKFLOWS[place]
    config = config_of(block)
    ready(world, config)
    named = [path for step in filter(is_ours, steps(block.text)) if (path := step["with"].get("config"))]
    alike = re.sub(r"^id: .*\n", "", config, flags=re.MULTILINE).removeprefix("version: 1\n")
    world.write({path: f"version: 1\nid: config-{number}\n{alike}" for number, path in enumerate(named)})
    for step in steps(block.text):
        if is_ours(step):
            act(world, step, event(block))
        else:
            script(world, step)


def test_the_issue_and_the_message_name_the_targets(world):
    ready(world, CONFIG.replace("acme/web@develop", "acme/gone"))
    check, telling = (
        step for block in pages.blocks("yaml") for step in steps(block.text) if "results.json" in str(step)
    )
    world.run(**inputs(world, check))
    script(world, telling)
    assert "- acme/api: created" in (world.source / "body.md").read_text()
    assert "gh issue create --title Targets are out of step" in (world.directory / "sent").read_text()
    (slack,) = (step for block in pages.blocks("yaml") for step in steps(block.text) if "fromjson" in str(step))
    script(world, slack)
    assert '"text": "Broadcast failed for acme/gone: ' in (world.directory / "sent").read_text()


LACKING = """\
version: 1
targets: [acme/api]
files: [{src: README.md, template: true}]
"""


def test_the_issue_and_the_message_name_a_target_that_lacks_a_file(world):
    ready(world, LACKING)
    world.write({"README.md": "[[ UNKNOWN ]]"})
    check, telling = (
        step for block in pages.blocks("yaml") for step in steps(block.text) if "results.json" in str(step)
    )
    assert world.run(**inputs(world, check)).outcomes == {"acme/api": "incomplete"}
    script(world, telling)
    assert (world.source / "body.md").read_text().startswith("- acme/api: incomplete README.md: can't be rendered")
    (slack,) = (step for block in pages.blocks("yaml") for step in steps(block.text) if "fromjson" in str(step))
    assert "outcome == 'failure'" in slack["if"]
    assert world.runs[-1].code == 1
    script(world, slack)
    assert '"text": "Broadcast failed for acme/api: ' in (world.directory / "sent").read_text()


def test_the_message_is_sent_where_the_run_never_began(world):
    ready(world, CONFIG)
    world.write({}, "version: 1\ntarget: [acme/api]\n")
    assert world.run().code == 2
    (slack,) = (step for block in pages.blocks("yaml") for step in steps(block.text) if "fromjson" in str(step))
    script(world, slack)
    assert '"text": "Broadcast failed: ' in (world.directory / "sent").read_text()


def test_there_are_workflows_to_look_at():
    assert len(WORKFLOWS) > 5
