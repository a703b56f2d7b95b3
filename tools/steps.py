"""`python -m tools.steps`: shellcheck for what the steps of workflows and of native/action.yml run."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

SHELLCHECK = str(Path(sys.executable).with_name("shellcheck"))


def scripts(workflow: dict[str, Any]) -> dict[str, str]:
    """The bash of a workflow or composite action, by job and step; a word stands for each expression."""
    jobs = workflow.get("jobs") or {"runs": workflow["runs"]}
    return {
        f"{name}, step {number}": re.sub(r"\$\{\{.*?\}\}", "expression", step["run"])
        for name, job in jobs.items()
        for number, step in enumerate(job.get("steps", []), 1)
        if "run" in step and step.get("shell", "bash") == "bash"
    }


def objections(script: str) -> str:
    """What shellcheck says of a script that the runner gives to bash; empty when nothing is wrong."""
    command = [SHELLCHECK, "--shell=bash", "--format=gcc", "-"]
    return subprocess.run(command, input=script, stdout=subprocess.PIPE, text=True, check=False).stdout


def main() -> int:
    """Check all of them; returns 1 when something is wrong."""
    found = [
        f"{path}: {place}: {said}"
        for path in (*sorted(Path(".github/workflows").glob("*.yml")), Path("native/action.yml"))
        for place, script in scripts(yaml.safe_load(path.read_text(encoding="utf-8"))).items()
        if (said := objections(script))
    ]
    print(*found, sep="\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
