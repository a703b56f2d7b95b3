"""The test environment: a source checkout, a hub, and runs of the action, in this process or in one of its own."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from broadcast import action
from broadcast.runner.commands import Runner
from tests.hub import Hub

ROOT = Path(__file__).resolve().parent.parent
TOKEN = "ghp_thisIsTheSecretOfTheTests0123456789"
SOURCE = "acme/templates"
GIT = {
    "GIT_CONFIG_GLOBAL": "/dev/null",
    "GIT_CONFIG_NOSYSTEM": "1",
    **{f"GIT_{who}_NAME": "Sam" for who in ("AUTHOR", "COMMITTER")},
    **{f"GIT_{who}_EMAIL": "sam@example.com" for who in ("AUTHOR", "COMMITTER")},
    "GIT_CONFIG_COUNT": "1",
    "GIT_CONFIG_KEY_0": "core.fsync",
    "GIT_CONFIG_VALUE_0": "none",  # saves 4 ms a commit
}


def git(directory: Path, *arguments: str, data: bytes | None = None) -> str:
    """Run git without the user's and the system's configuration; returns its output."""
    done = subprocess.run(
        ["git", *arguments], cwd=directory, env={**os.environ, **GIT}, input=data, capture_output=True, check=False
    )
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode("utf-8", "surrogateescape")


@dataclass
class Ran:
    """Result of one run of the action."""

    code: int
    log: str
    summary: str
    outputs: dict[str, str]
    home: Path = Path()  # where files are written

    @property
    def outcomes(self) -> dict[str, str]:
        return {one["target"]: one["outcome"] for one in self.results["targets"]}

    @property
    def results(self) -> dict:
        text = self.outputs["results"]
        return json.loads(text if text.startswith("{") else (self.home / text).read_text())

    def target(self, name: str) -> dict:
        return next(one for one in self.results["targets"] if one["target"] == name)


@dataclass
class Going:
    """A running action in a process of its own."""

    world: World
    variables: dict[str, str]

    def __post_init__(self) -> None:
        self._log = self.world.directory / "runner" / "log"
        command = [self.world.python, "-I", "-u", str(ROOT / "entrypoint.py")]
        with self._log.open("w") as log:
            self.process = subprocess.Popen(
                command, cwd=self.world.source, env=self.variables, stdout=log, stderr=subprocess.STDOUT
            )
        self.asked_at = 0.0

    @property
    def log(self) -> str:
        return self._log.read_text()

    def until(self, words: str) -> None:
        """Wait until the log contains these words."""
        ends = time.monotonic() + 60
        while words not in self.log:
            assert self.process.poll() is None, self.log
            assert time.monotonic() < ends, self.log
            time.sleep(0.02)

    def ask(self, number: int) -> None:
        """Send the process a signal."""
        self.asked_at = time.monotonic()
        self.process.send_signal(number)

    def end(self) -> tuple[Ran, float]:
        """Wait for its end; returns the result, and the seconds since the last signal."""
        try:
            code = self.process.wait(90)
        finally:
            self.process.kill()
        seconds = time.monotonic() - self.asked_at
        return self.world.ran(code, self.log, self.variables), seconds


@dataclass
class World:
    """One source, one hub, and runs of the action on them."""

    directory: Path
    hub: Hub
    python: str = sys.executable
    runs: list[Ran] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.source = self.directory / "source"
        self.source.mkdir(parents=True)
        git(self.source, "init", "-q", "-b", "main")
        self.hub.token(TOKEN)

    def write(self, files: dict[str, bytes | str | None], config: str | None = None) -> str:
        """Commit these files (None deletes one) to the source; returns the commit."""
        for path, content in files.items():
            file = self.source / path
            if content is None:
                file.unlink()
                continue
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content.encode() if isinstance(content, str) else content)
        if config is not None:
            self.write({".github/broadcast.yml": config})
        git(self.source, "add", "-A")
        git(self.source, "commit", "-q", "--allow-empty", "-m", "change")
        return git(self.source, "rev-parse", "HEAD").strip()

    def publish(self) -> None:
        """Give the hub the source with its history."""
        source = self.hub.find(SOURCE) or self.hub.repository(SOURCE)
        git(self.source, "push", "-q", "-f", str(source.path), "HEAD:refs/heads/main")

    def environment(self, **inputs: str) -> dict[str, str]:
        """The environment variables that the runner sets."""
        runner = self.directory / "runner"
        runner.mkdir(exist_ok=True)
        files = {name: runner / name for name in ("output", "summary")}
        for file in files.values():
            file.write_text("")
        (runner / "event.json").write_text(json.dumps({"repository": {"default_branch": "main"}}))
        head = git(self.source, "rev-parse", "HEAD").strip() if list(self.source.glob(".git/refs/heads/*")) else ""
        given = {"token": TOKEN, **{name.replace("_", "-"): value for name, value in inputs.items()}}
        return {
            "PATH": os.environ["PATH"],
            "GITHUB_ACTIONS": "true",
            "GITHUB_WORKSPACE": str(self.source),
            "GITHUB_REPOSITORY": SOURCE,
            "GITHUB_SHA": head,
            "GITHUB_REF": "refs/heads/main",
            "GITHUB_EVENT_NAME": "workflow_dispatch",
            "GITHUB_EVENT_PATH": str(runner / "event.json"),
            "GITHUB_SERVER_URL": "https://github.com",
            "GITHUB_API_URL": self.hub.url,
            "GITHUB_GRAPHQL_URL": f"{self.hub.url}/graphql",
            "GITHUB_RUN_ID": "42",
            "GITHUB_WORKFLOW_REF": f"{SOURCE}/.github/workflows/broadcast.yml@refs/heads/main",
            "GITHUB_OUTPUT": str(files["output"]),
            "GITHUB_STEP_SUMMARY": str(files["summary"]),
            **{f"INPUT_{name.upper()}": value for name, value in given.items()},
        }

    def run(self, environment: dict[str, str] | None = None, **inputs: str) -> Ran:
        """Run the action inside this process, on the hub's clock: a simulated one makes waits take no time.

        Clears the hub's record of requests first. `run_process` costs 0.3 s more, for Python and its imports.
        """
        self.hub.requests.clear()
        variables = self.environment(**inputs) | (environment or {})
        log, clock = io.StringIO(), self.hub.clock
        with contextlib.redirect_stdout(log):
            code = action.act(variables, Runner(), clock, getattr(clock, "sleep", time.sleep))
        return self.ran(code, log.getvalue(), variables)

    def run_process(self, environment: dict[str, str] | None = None, **inputs: str) -> Ran:
        """Like `run`, as the entrypoint in a process of its own, on the real clock."""
        self.hub.requests.clear()
        variables = self.environment(**inputs) | (environment or {})
        command = [self.python, "-I", "-u", str(ROOT / "entrypoint.py")]
        done = subprocess.run(command, cwd=self.source, env=variables, capture_output=True, text=True, check=False)
        return self.ran(done.returncode, done.stdout + done.stderr, variables)

    def start(self, environment: dict[str, str] | None = None, **inputs: str) -> Going:
        """Like `run_process`, without waiting for the end."""
        self.hub.requests.clear()
        return Going(self, self.environment(**inputs) | (environment or {}))

    def ran(self, code: int, log: str, variables: dict[str, str]) -> Ran:
        """Collect a run's result; checks that it left nothing else behind."""
        summary = Path(variables["GITHUB_STEP_SUMMARY"]).read_text()
        ran = Ran(code, log, summary, read_outputs(Path(variables["GITHUB_OUTPUT"]).read_text()), self.source)
        assert "Traceback" not in ran.log, ran.log
        assert TOKEN not in ran.log.replace(f"::add-mask::{TOKEN}", "") + ran.summary + json.dumps(ran.outputs)
        assert not self.hub.unimplemented, self.hub.unimplemented
        self.runs.append(ran)
        return ran


def read_outputs(text: str) -> dict[str, str]:
    """Parse a GITHUB_OUTPUT file."""
    return dict(
        re.findall(r"^([\w-]+)<<(?:ghadelimiter_\S+)\n(.*?)\nghadelimiter_\S+$", text, re.MULTILINE | re.DOTALL)
    )
