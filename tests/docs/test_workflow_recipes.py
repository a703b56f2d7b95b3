"""The workflows of the docs, word by word: their steps run one after the other, against the hub and a server of ours."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.request import Request, urlopen

import pytest
import yaml

from tests.docs import pages
from tests.project import test_native
from tests.world import TOKEN, World

PAGES = ("workflows.md", "results.md")
RECIPES = {(block.page, block.section): block.text for block in pages.blocks("yaml") if block.page in PAGES}
ACTION = re.compile(r"org/broadcast-action(/native)?@v1")
VALUE = re.compile(r"\$\{\{ (.+?) \}\}")
CONFIG = "version: 1\ntargets: [acme/api, acme/web]\nfiles: [LICENSE]\n"
needs_tools = pytest.mark.skipif(
    "CI" not in os.environ and not all(map(shutil.which, ("curl", "jq"))), reason="curl and jq are not installed"
)


@pytest.fixture
def place(swift):
    """A source and two targets, of which web can't be written to."""
    swift.hub.repository("acme/api", files={"LICENSE": b"old\n"})
    swift.hub.repository("acme/web", files={"LICENSE": b"old\n"}, archived=True)
    swift.write({"LICENSE": "MIT\n"}, CONFIG)
    return swift


class Server(ThreadingHTTPServer):
    """Keeps what it hears; as a proxy it passes on what is meant for another host."""

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Listener)
        self.heard = []  # (path, body)
        self.url = f"http://127.0.0.1:{self.server_address[1]}"


class Listener(BaseHTTPRequestHandler):
    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        self.server.heard.append((self.path, body.decode()))
        status, headers, content = 200 if self.command == "POST" else 404, {}, b""
        if self.path.startswith("http://"):
            headers = {name: self.headers[name] for name in ("Authorization", "Content-Type") if name in self.headers}
            with urlopen(Request(self.path, body or None, headers, method=self.command)) as passed:
                status, headers, content = passed.status, dict(passed.headers), passed.read()
        self.send_response(status)
        for name, value in headers.items():
            if name.lower() not in ("content-length", "transfer-encoding", "connection", "date", "server"):
                self.send_header(name, value)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    do_GET = do_POST = do_PUT = do_PATCH = answer  # noqa: N815  their names in the standard library

    def log_message(self, *_):
        pass


@pytest.fixture
def server():
    with Server() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


class Job:
    """Plays the steps of a recipe."""

    def __init__(self, world: World, server: Server, recipe: tuple[str, str], **commands: str) -> None:
        self.world, self.server, self.cancelled, self.log = world, server, False, ""
        found = yaml.safe_load(RECIPES[recipe])
        if isinstance(found, list):
            self.env, self.steps = {}, found
        else:
            [job] = found["jobs"].values()
            self.env, self.steps = job.get("env", {}), job["steps"]
        self.outcomes: dict[str, str] = {}
        self.outputs: dict[str, dict[str, str]] = {}
        self.bin = world.directory / "bin"
        self.bin.mkdir(exist_ok=True)
        for name, text in commands.items():
            (self.bin / name).write_text(text)
            (self.bin / name).chmod(0o755)

    def play(self) -> Job:
        failed = False
        for number, step in enumerate(self.steps):
            name = step.get("id", str(number))
            if not self.wanted(step.get("if", "true"), failed=failed):
                self.outcomes[name] = "skipped"
                continue
            code = self.act(step, name) if ACTION.fullmatch(step.get("uses", "")) else self.run(step)
            self.outcomes[name] = "failure" if code else "success"
            failed = failed or bool(code and not step.get("continue-on-error"))
        return self

    def act(self, step, name: str) -> int:
        given = {key.replace("-", "_"): self.filled(value) for key, value in step["with"].items()}
        ran = self.world.run(**given | {"token": TOKEN})
        self.log += ran.log
        self.outputs[name] = ran.outputs
        return ran.code

    def run(self, step) -> int:
        if "run" not in step:
            return 0  # another action's
        env = {key: self.filled(value) for key, value in step.get("env", {}).items()}
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-eo", "pipefail", "-c", self.filled(step["run"])],
            cwd=self.world.source, env={"PATH": f"{self.bin}:{os.environ['PATH']}", **env}, capture_output=True, text=True,
            check=False,
        )  # fmt: skip
        self.log += done.stdout + done.stderr
        return done.returncode

    def wanted(self, condition: str, *, failed: bool) -> bool:
        """What a step's `if` says (docs: evaluate expressions in workflows and actions), as far as the recipes need it."""
        always = re.search(r"always\(\)|failure\(\)|cancelled\(\)|\.outcome", condition)
        known = condition.replace("always()", "true").replace("cancelled()", "true" if self.cancelled else "")
        parts = [part.strip() for part in known.split("&&")]
        return (bool(always) or not failed) and all(map(self.holds, parts))

    def holds(self, part: str) -> bool:
        left, equal, right = part.partition(" == ")
        return self.value(left) == right.strip("'") if equal else bool(self.value(part))

    def filled(self, text: object) -> str:
        return VALUE.sub(lambda match: self.value(match[1]), text) if isinstance(text, str) else str(text)

    def value(self, name: str) -> str:
        """What an expression stands for."""
        kind, *names = name.split(".")
        if kind == "steps":
            return self.outcomes[names[0]] if names[1] == "outcome" else self.outputs[names[0]].get(names[2], "")
        known = {"secrets.SLACK_WEBHOOK_URL": f"{self.server.url}/slack", "github.run_id": "42", "true": "true"}
        return known.get(name, "" if kind == "" else f"the {name}")


CURL = f"""\
#!/bin/bash
# The real curl, which finds the host of the recipe at our server.
exec {shutil.which("curl")} --silent "${{@/https:\\/\\/pushgateway.example.com/$SERVER}}"
"""
GH = """\
#!/bin/bash
echo "$@" >> gh.log
case "$2" in list) cat number 2>/dev/null || true;; *) cat body.md > issue;; esac
"""


@needs_tools
def test_slack_hears_of_a_failure_and_of_nothing_else(place, server):
    recipe = ("workflows.md", "Notify Slack")
    Job(place, server, recipe).play()
    assert server.heard == []
    place.hub.fail(lambda request: request.writes, times=99, status=403, body={"message": "Forbidden"})
    place.write({"LICENSE": "newer\n"})
    Job(place, server, recipe).play()
    [(path, body)] = server.heard
    assert path == "/slack"
    assert json.loads(body)["text"].startswith("Broadcast failed for acme/api: the github.server_url/")


@needs_tools
def test_slack_hears_of_a_run_that_was_cancelled(place, server):
    job = Job(place, server, ("workflows.md", "When a run is cancelled"))
    job.cancelled = True
    job.play()
    assert json.loads(server.heard[0][1])["text"] == "Broadcast was stopped; 0 targets are left to the next run"


@needs_tools
def test_metrics_are_pushed_whether_or_not_the_run_failed(place, server):
    recipe = ("workflows.md", "Metrics")
    curl = CURL.replace("$SERVER", server.url)
    for failing in (False, True):
        if failing:
            place.hub.fail(lambda request: request.writes, times=99, status=403, body={"message": "Forbidden"})
            place.write({"LICENSE": "newer\n"})
        job = Job(place, server, recipe, curl=curl).play()
        path, body = server.heard.pop()
        assert path == "/metrics/job/broadcast", job.log
        assert body.endswith("# EOF\n")
        assert "broadcast_" in body


@needs_tools
def test_a_daily_check_opens_one_issue_and_updates_it(place, server):
    recipe = ("workflows.md", "A daily check that keeps an issue")
    job = Job(place, server, recipe, gh=GH).play()
    assert job.outcomes["check"] == "failure"
    source = place.source
    assert "- acme/api: created" in (source / "issue").read_text()
    assert "issue create --title Targets are out of step" in (source / "gh.log").read_text()
    (source / "number").write_text("7\n")
    Job(place, server, recipe, gh=GH).play()
    assert "issue edit 7 --body-file body.md" in (source / "gh.log").read_text()


@needs_tools
def test_a_daily_check_of_a_fleet_in_step_opens_no_issue(place, server):
    place.write({"LICENSE": "old\n"})
    job = Job(place, server, ("workflows.md", "A daily check that keeps an issue"), gh=GH).play()
    assert job.outcomes["check"] == "success"
    assert not (place.source / "gh.log").exists()


def test_what_failed_is_run_again_alone(place, server):
    [recipe] = [one for one, text in RECIPES.items() if "only-targets: ${{ steps.broadcast" in text]
    place.hub.fail(lambda request: request.writes, times=1, status=403, body={"message": "Forbidden"})
    job = Job(place, server, recipe).play()
    assert json.loads(job.outputs["broadcast"]["failed-targets"]) == ["acme/api"]
    assert job.outputs["1"]["created"] == "1"


def test_an_enterprise_server_is_asked_at_its_own_address(place, server):
    job = Job(place, server, ("workflows.md", "GitHub Enterprise Server"))
    [step] = job.steps
    assert step["with"]["api-url"].endswith("/api/v3")
    step["with"]["api-url"] = place.hub.url + "/api/v3"
    job.play()
    assert job.outputs["0"]["created"] == "1"


# Self-hosted

SELF_HOSTED = ("workflows.md", "Self-hosted runners behind a proxy")


def self_hosted(server) -> dict[str, str]:
    """The variables of the recipe, with our server for its hosts."""
    found = yaml.safe_load(RECIPES[SELF_HOSTED])["jobs"]["sync"]["env"]
    assert {"HTTPS_PROXY", "NO_PROXY", "REQUESTS_CA_BUNDLE", "PIP_CERT", "PIP_INDEX_URL"} == set(found)
    own = re.sub(r"https?://(proxy|pypi)\.example\.com(:\d+)?", server.url, json.dumps(found))
    return json.loads(own)


@pytest.fixture
def real(tmp_path):
    """The world of the tests of native/action.yml, on the real clock."""
    yield from test_native.world.__wrapped__(tmp_path)


def test_a_self_hosted_runner_asks_its_own_index_for_the_locked_versions(real, server):
    variables = test_native.job(real, self_hosted(server) | {"PIP_CONFIG_FILE": os.devnull})
    variables["PIP_CERT"] = os.environ.get("PIP_CERT", "")
    done = test_native.step(real, test_native.INSTALL, variables)
    assert done.returncode == 2
    assert "dependencies can't be installed" in done.stdout
    asked = {path for path, _ in server.heard}
    assert asked
    assert all(re.fullmatch(r"/simple/[\w-]+/", path) for path in asked), asked


def test_a_self_hosted_runner_asks_github_through_its_proxy(real, server):
    variables = self_hosted(server)
    through = {"HTTP_PROXY": variables["HTTPS_PROXY"], "http_proxy": variables["HTTPS_PROXY"]}  # the hub has no TLS
    assert test_native.run(real, through).outcomes == {"acme/api": "created"}
    assert {path.partition("/graphql")[0] for path, _ in server.heard} == {real.hub.url}


def test_a_self_hosted_runner_leaves_out_the_proxy_where_it_is_to(real, server):
    variables = self_hosted(server)
    through = {"HTTP_PROXY": variables["HTTPS_PROXY"], "NO_PROXY": f"{variables['NO_PROXY']},127.0.0.1"}
    assert test_native.run(real, through).outcomes == {"acme/api": "created"}
    assert server.heard == []


def test_the_action_of_the_self_hosted_recipe_is_the_one_without_docker():
    [uses] = [step["uses"] for step in yaml.safe_load(RECIPES[SELF_HOSTED])["jobs"]["sync"]["steps"] if "with" in step][
        1:
    ]
    assert ACTION.fullmatch(uses)[1] == "/native"
