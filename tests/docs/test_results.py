"""docs/results.md: its commands audit a run."""

from __future__ import annotations

import json
import re
import subprocess

from broadcast.git.objects import blob_id
from tests.integration.test_people import later
from tests.world import ROOT, git

PAGE = (ROOT / "docs/results.md").read_text(encoding="utf-8")
COMMANDS = re.search(r"```console\n(.*?)```", PAGE, re.DOTALL)[1].splitlines()
NO_ONE = ""


def rows(swift, command: str) -> list[list[str]]:
    """What a command of the page prints, in cells."""
    done = subprocess.run(["bash", "-c", command], cwd=swift.source, capture_output=True, text=True, check=True)
    return [line.split("\t") for line in done.stdout.splitlines()]


def test_the_commands_show_what_changed_who_merged_it_and_what_it_cost(swift):
    api = swift.hub.repository("acme/api", files={"kit/a": b"old\n", "gone": b"x\n"})
    config = "version: 1\ntargets: [acme/api]\ndirectories: [kit]\nremove: [gone]\n"
    first = swift.write({"kit/a": "new\n", "kit/b": "b\n"}, config)
    later(swift, results_file="results.json")
    changed, merged, cost = COMMANDS
    old, new, added, gone = (blob_id(text) for text in (b"old\n", b"new\n", b"b\n", b"x\n"))
    commit = git(swift.source, "rev-parse", "HEAD").strip()
    assert first in ("", None, commit)
    assert sorted(rows(swift, changed)) == sorted([
        ["acme/api", commit, "changed", "kit/a", old, new],
        ["acme/api", commit, "added", "kit/b", NO_ONE, added],
        ["acme/api", commit, "deleted", "gone", gone, NO_ONE],
    ])  # fmt: skip
    assert rows(swift, merged) == []
    ((target, outcome, started, finished, calls),) = rows(swift, cost)
    assert (target, outcome) == ("acme/api", "created")
    assert started <= finished
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", started)
    assert (
        sum(json.loads(calls).values())
        == json.loads((swift.source / "results.json").read_text())["targets"][0]["api_calls"]
    )
    api.merge_pull(1)
    later(swift, results_file="results.json")
    ((target, number, _, at, brought),) = rows(swift, merged)
    assert (target, number, brought) == ("acme/api", "1", commit)
    assert at
