"""docs/migrating.md, tool by tool: its example migrated on a terminal, planned and synced, the old pull request closed."""

from __future__ import annotations

import pytest

from tests.docs import pages
from tests.docs.test_commands import shell
from tests.integration.test_people import later

FILES = {"LICENSE": "MIT\n", "workflows/build.yml": "x\n", "workflows/draft.yml": "x\n", "ci/site.yml": "x\n"}
WORKFLOW = """\
on: push
jobs:
  sync:
    runs-on: ubuntu-latest
    steps:
      - uses: BetaHuhn/repo-file-sync-action@v1
        with: {GH_PAT: x, COMMIT_PREFIX: "chore:", REVIEWERS: alice}
"""
# Where each tool looks for its config, and a branch that it makes.
TOOLS = {
    "BetaHuhn/repo-file-sync-action": (".github/sync.yml", "repo-sync/templates/default"),
    "wadackel/files-sync-action": (".github/files-sync-config.yaml", "files-sync/acme-templates-0"),
    "go-broadcast": ("sync.yaml", "chore/sync-services-20260101"),
}


def shown(tool: str, *languages: str) -> list[str]:
    return [
        one.text for one in pages.blocks(*languages) if (one.page, one.section.split()[0]) == ("migrating.md", tool)
    ]


def fleet(swift) -> list:
    targets = [
        swift.hub.repository(f"acme/{name}", files={"README.md": b"theirs\n", ".travis.yml": b"x\n"})
        for name in ("api", "web", "site")
    ]
    for target in targets:
        target.set_branch("develop", target.head())
    return targets


@pytest.fixture(params=TOOLS)
def migrated(request, swift):
    """A source with the page's example of this tool, after the page's command."""
    (command,) = shown(request.param, "")
    example = shown(request.param, "yaml")[0]
    swift.write({**FILES, TOOLS[request.param][0]: example, ".github/workflows/sync.yml": WORKFLOW})
    done = shell(swift, command.strip())
    assert done.returncode == 0, done.stderr
    return swift, request.param


def test_the_example_comes_out_as_the_page_shows_it(migrated):
    swift, tool = migrated
    _, expected = shown(tool, "yaml")
    assert (swift.source / ".github/broadcast.yml").read_text().endswith(f"\n{expected}")


def test_it_plans_and_takes_the_place_of_what_the_old_tool_left_open(migrated):
    swift, tool = migrated
    config, branch = TOOLS[tool]
    api, *_ = fleet(swift)
    api.commit({"LICENSE": b"MIT\n"}, branch=branch)
    old = api.open_pull(branch, "main", "Sync files", "by the older tool")
    swift.write({config: None})
    assert set(later(swift, command="plan").outcomes.values()) == {"created"}
    assert later(swift).outcomes["acme/api"] == "created"
    assert [pull.state for pull in api.pulls] == ["CLOSED", "OPEN"]
    assert "Superseded by" in old.comments[0].body
    assert set(later(swift).outcomes.values()) == {"open"}
