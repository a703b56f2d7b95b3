"""What people see of Broadcast, from runs on the hub: the texts behind the pictures in docs/."""

from __future__ import annotations

import io
import json
import re
import time
from collections.abc import Callable

from broadcast import action
from broadcast.runner.console import Terminal
from broadcast.runner.host import Host
from broadcast.runner.inputs import Inputs
from tests.world import SOURCE, TOKEN, World, git

CONFIG = """\
version: 1
targets: [acme/api, acme/billing, acme/docs, acme/gateway, acme/mobile, acme/search, acme/website@next, acme/ledger,
  acme/payments, acme/status, acme/attic, acme/gone]
files: [LICENSE, assets/brand.zip]
directories:
  - {src: templates/workflows, dest: .github/workflows, mode: mirror}
  - {src: templates/handbook, dest: docs/handbook}
pr_labels: [sync]
"""
CHAPTERS = ("start", "style", "review", "release", "on-call", "incidents", "security", "glossary")
HANDBOOK = {f"{n:02}-{name}.md": f"# {name}\n" for n, name in enumerate(CHAPTERS, 1)}
CI, RELEASE = "name: ci\non: [push]\n", "name: release\n"
BEFORE = {
    "LICENSE": b"MIT\n", "assets/brand.zip": b"PK\n", ".github/workflows/ci.yml": b"name: ci\n",
    ".github/workflows/release.yml": RELEASE.encode(),
    **{f"docs/handbook/{name}": text.encode() for name, text in HANDBOOK.items()},
}  # fmt: skip
OURS = "broadcast/acme/templates"
DAY, THREE_WEEKS = 86_400.0, 21 * 86_400.0  # seconds
COLUMNS = 100
HEADING = "Pull request: "


def play(world: World, **inputs: str) -> None:
    """Two runs three weeks apart, with changes by people in between."""
    hub = world.hub
    after = {**BEFORE, ".github/workflows/ci.yml": CI.encode()}
    files = {path: content for path, content in after.items() if path in ("LICENSE", "assets/brand.zip")}
    for name in ("billing", "search", "ledger", "payments"):
        hub.repository(f"acme/{name}", files={**BEFORE, "LICENSE": b"old\n"}, labels=["sync"])
    source = {
        "LICENSE": "MIT\n", "assets/brand.zip": "PK\n", "templates/workflows/ci.yml": CI,
        "templates/workflows/release.yml": RELEASE,
        **{f"templates/handbook/{name}": text for name, text in HANDBOOK.items()},
    }  # fmt: skip
    world.write(source, CONFIG)
    world.run(only_targets="acme/billing acme/search acme/ledger acme/payments", **inputs)
    hub.find("acme/search").close_pull(1, "octocat")
    hub.find("acme/payments").commit({"fix.yml": b"by hand\n"}, branch=OURS)
    hub.clock.advance(THREE_WEEKS)
    hub.find("acme/billing").commit({".github/workflows/travis.yml": b"name: old\n"})
    for name in ("api", "gateway", "mobile"):
        hub.repository(f"acme/{name}", files=BEFORE, labels=["sync"])
    hub.repository("acme/docs", files=files, labels=["sync"])
    hub.repository("acme/website", files=BEFORE, labels=["sync"]).commit({"x": b"x"}, branch="next")
    hub.repository("acme/status", files=after, labels=["sync"])
    hub.repository("acme/attic", files=BEFORE, archived=True)
    world.run(**inputs)


def summary(world: World) -> str:
    """The job summary of a bad night."""
    play(world)
    return world.runs[-1].summary


def dashboard(world: World) -> str:
    """The issue that shows that fleet."""
    world.hub.repository(SOURCE, files={"README.md": b"ours\n"})
    play(world, dashboard="true")
    [issue] = world.hub.find(SOURCE).issues
    return f"## {issue.title}\n\n{issue.body}"


def comment(world: World) -> str:
    """The comment on a pull request of the source that changes one workflow and deletes another."""
    play(world)
    world.publish()
    merged = world.write({})
    world.write(
        {"templates/workflows/ci.yml": "name: ci\non: [push, pull_request]\n", "templates/workflows/release.yml": None}
    )
    head = git(world.source, "rev-parse", "HEAD").strip()
    source = world.hub.find(SOURCE)
    git(world.source, "push", "-q", str(source.path), "HEAD:refs/heads/topic")
    pull = source.open_pull("topic", author="alice")
    pull.head_oid = head
    payload = {
        "repository": {"default_branch": "main", "visibility": "private"},
        "pull_request": {
            "number": pull.number,
            "head": {"sha": head, "ref": "topic", "repo": {"full_name": SOURCE}},
            "base": {"sha": merged},
        },
    }
    file = world.directory / "pull.json"
    file.write_text(json.dumps(payload))
    event = {
        "GITHUB_EVENT_PATH": str(file),
        "GITHUB_EVENT_NAME": "pull_request",
        "GITHUB_REF": f"refs/pull/{pull.number}/merge",
    }
    ran = world.run(event, command="plan", comment="true", comment_token=TOKEN)
    assert pull.comments, ran.log
    return str(pull.comments[0].body)


def pull_request(world: World) -> str:
    """A pull request, with its title: the second one of a target that has merged the first."""
    world.hub.repository("acme/api", files={"README.md": b"theirs\n", ".github/workflows/old.yml": b"name: old\n"})
    world.write({"LICENSE": "MIT\n", "workflows/ci.yml": CI, "workflows/release.yml": RELEASE}, """\
version: 1
targets: [acme/api]
files: [LICENSE]
directories: [{src: workflows, dest: .github/workflows, mode: mirror}]
""")  # fmt: skip
    world.publish()
    world.run()
    api = world.hub.find("acme/api")
    api.merge_pull(1, delete_branch=True)
    world.hub.clock.advance(DAY)
    for path, text, message in (
        ("workflows/ci.yml", CI + "permissions: {}\n", "Give the workflows no permissions by default (#87)"),
        ("LICENSE", "MIT, 2031\n", "Bring the licence's year up to date"),
    ):
        world.write({path: text})
        git(world.source, "commit", "-q", "--amend", "-m", message)
    world.publish()
    world.run()
    pull = api.pulls[-1]
    return f"## {HEADING}{pull.title}\n\n{pull.body}"


def terminal(world: World) -> str:
    """A terminal after a sync of two hundred repositories, with its colours."""
    hub, names = world.hub, [f"acme/{kind}-{n:02}" for kind in ("api", "app", "job", "lib") for n in range(1, 51)]
    held = {
        "LICENSE": b"MIT\n",
        ".editorconfig": b"root = true\n",
        "ci/lint.yml": b"lint: true\n",
        "ci/old.yml": b"old\n",
    }
    behind = {**held, "LICENSE": b"old\n"}
    for number, name in enumerate(names[:-1]):
        hub.repository(name, files=behind if number % 5 == 0 else held, archived=number in (33, 77))
    files = {path: content.decode() for path, content in held.items() if path != "ci/old.yml"}
    world.write(files, f"""\
version: 1
targets: [{", ".join(names)}]
files: [LICENSE, .editorconfig]
directories: [{{src: ci, mode: {"copy"}}}]
""")  # fmt: skip
    world.run(only_targets="acme/lib-*")
    hub.find("acme/lib-06").close_pull(1, "octocat")
    hub.find("acme/lib-11").commit({"fix.yml": b"by hand\n"}, branch=OURS)
    hub.clock.advance(3 * DAY)
    hub.find("acme/lib-21").merge_pull(1, delete_branch=True)
    return typed(world, "sync")


class Screen(io.StringIO):
    """A stream that is a terminal."""

    def isatty(self) -> bool:
        return True


def typed(world: World, command: str) -> str:
    """What stands on a terminal after a command."""
    screen = Screen()
    environment = {"TERM": "xterm-256color"}
    host = Host(
        environment=world.environment(),
        console=Terminal(screen, None, environment, COLUMNS),
        clock=world.hub.clock,
        sleep=getattr(world.hub.clock, "sleep", time.sleep),
        terminal=True,
    )
    action.perform(Inputs(command=command, token=TOKEN), host)
    left = [line.split("\r\x1b[K")[-1] for line in screen.getvalue().split("\n")]
    return f"$ broadcast {command}\n" + "\n".join(left)


SCENES: dict[str, Callable[[World], str]] = {
    "summary": summary,
    "terminal": terminal,
    "dashboard": dashboard,
    "comment": comment,
    "pull-request": pull_request,
}


def shown(world: World, name: str) -> str:
    """A scene with GitHub's address for the hub's."""
    return SCENES[name](world).replace(world.hub.url, "https://github.com")


def steady(text: str) -> str:
    """The text without what differs from run to run: ids of commits, times and sizes that it took, lists of hashes."""
    text = re.sub(r"\b(?=[0-9a-f]*\d)[0-9a-f]{7,64}\b", "0123456", text)
    text = re.sub(r"\b\d+(\.\d+)? (ms|s|seconds?|B|KiB|MiB)\b", r"0 \2", text)
    return re.sub(r"<!-- broadcast(?:-\w+|:marker)\b.*?-->", "<!-- … -->", text, flags=re.DOTALL)
