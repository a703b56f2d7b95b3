"""The main job: the real entrypoint between a checkout made on the spot and repositories at a GitHub."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.live.budget import is_write
from tests.live.forwarder import Forwarder
from tests.world import ROOT, Ran, git, read_outputs


@dataclass
class Job:
    """A source, and runs of the action on it."""

    directory: Path
    forwarder: Forwarder
    source_name: str  # owner/name

    def __post_init__(self) -> None:
        self.source = self.directory / "source"
        self.source.mkdir(parents=True)
        git(self.source, "init", "-q", "-b", "main")

    def write(self, files: Mapping[str, str]) -> None:
        """Commit files to the source."""
        for path, content in files.items():
            file = self.source / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(content)
        git(self.source, "add", "-A")
        git(self.source, "commit", "-q", "-m", "change")

    def run(self) -> Ran:
        """One run of the action, as the runner starts it."""
        runner = self.directory / "runner"
        runner.mkdir(exist_ok=True)
        (runner / "event.json").write_text(json.dumps({"repository": {"default_branch": "main"}}))
        for name in ("output", "summary"):
            (runner / name).write_text("")
        command = [sys.executable, "-I", "-u", str(ROOT / "entrypoint.py")]
        variables = self._variables(runner)
        done = subprocess.run(command, cwd=self.source, env=variables, capture_output=True, text=True, check=False)
        log, summary = done.stdout + done.stderr, (runner / "summary").read_text()
        token = self.forwarder.api.token
        assert token not in log.replace(f"::add-mask::{token}", "") + summary
        return Ran(done.returncode, log, summary, read_outputs((runner / "output").read_text()))

    def writes(self) -> int:
        """Requests that changed something since the last time."""
        exchanges = self.forwarder.api.log.exchanges[self._seen :]
        self._seen += len(exchanges)
        return sum(is_write(each.method, each.path, (each.request or {}).get("query", "")) for each in exchanges)

    _seen = 0

    def _variables(self, runner: Path) -> dict[str, str]:
        return {
            "PATH": os.environ["PATH"],
            "GITHUB_ACTIONS": "true",
            "GITHUB_WORKSPACE": str(self.source),
            "GITHUB_REPOSITORY": self.source_name,
            "GITHUB_SHA": git(self.source, "rev-parse", "HEAD").strip(),
            "GITHUB_REF": "refs/heads/main",
            "GITHUB_EVENT_NAME": "workflow_dispatch",
            "GITHUB_EVENT_PATH": str(runner / "event.json"),
            "GITHUB_SERVER_URL": "https://github.com",
            "GITHUB_API_URL": self.forwarder.url,
            "GITHUB_GRAPHQL_URL": f"{self.forwarder.url}/graphql",
            "GITHUB_RUN_ID": "42",
            "GITHUB_WORKFLOW_REF": f"{self.source_name}/.github/workflows/broadcast.yml@refs/heads/main",
            "GITHUB_OUTPUT": str(runner / "output"),
            "GITHUB_STEP_SUMMARY": str(runner / "summary"),
            "INPUT_TOKEN": self.forwarder.api.token,
        }
