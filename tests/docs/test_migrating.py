"""docs/migrating.md and its pages: each example migrated on a terminal, planned and synced, the old pull request closed."""

from __future__ import annotations

import pytest

from broadcast.migrate import adrianjost, betahuhn_inputs, kbrashears5, templatesync
from tests.docs import pages
from tests.docs.migrating_inputs import TOOLS as KNOWN
from tests.docs.test_commands import shell
from tests.integration.test_people import later

FILES = {
    "LICENSE": "MIT\n",
    "workflows/build.yml": "x\n",
    "workflows/draft.yml": "x\n",
    "ci/site.yml": "x\n",
    ".github/CODEOWNERS": "*\n",
}
WORKFLOW_PATH = ".github/workflows/sync.yml"
WORKFLOW = """\
on: push
jobs:
  sync:
    runs-on: ubuntu-latest
    steps:
      - uses: BetaHuhn/repo-file-sync-action@v1
        with: {GH_PAT: x, COMMIT_PREFIX: "chore:", REVIEWERS: alice}
"""
GO_BROADCAST = "go-broadcast"  # a section of the main page
# Page, where the tool looks for its config, and a branch of a pull request that it makes; none where it pushes.
TOOLS = {
    "betahuhn.md": (".github/sync.yml", "repo-sync/templates/default"),
    "wadackel.md": (".github/files-sync-config.yaml", "files-sync/acme-templates-0"),
    "path-sync.md": (".github/python.src.yaml", "sync/python"),
    "adrianjost.md": (WORKFLOW_PATH, ""),
    "kbrashears5.md": (WORKFLOW_PATH, ""),
    GO_BROADCAST: ("sync.yaml", "chore/sync-services-20260101"),
}


def shown(page: str, *languages: str) -> list[str]:
    found = pages.blocks(*languages)
    if page == GO_BROADCAST:
        return [one.text for one in found if (one.page, one.section) == ("migrating.md", page)]
    return [one.text for one in found if one.page == page]


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
    command = shown(request.param, "")[0]
    example = shown(request.param, "yaml")[0]
    workflow = {WORKFLOW_PATH: WORKFLOW} if request.param == "betahuhn.md" else {}
    swift.write({**FILES, **workflow, TOOLS[request.param][0]: example})
    done = shell(swift, command.strip())
    assert done.returncode == 0, done.stderr
    return swift, request.param


def test_the_example_comes_out_as_the_page_shows_it(migrated):
    swift, page = migrated
    expected = shown(page, "yaml")[1]
    assert (swift.source / ".github/broadcast.yml").read_text().endswith(f"\n{expected}")


def test_it_plans_and_takes_the_place_of_what_the_old_tool_left_open(migrated):
    swift, page = migrated
    config, branch = TOOLS[page]
    api, *_ = fleet(swift)
    if branch:
        api.commit({"LICENSE": b"MIT\n"}, branch=branch)
        old = api.open_pull(branch, "main", "Sync files", "by the older tool")
    swift.write({config: None})
    done = "created" if branch else "pushed"
    assert set(later(swift, command="plan").outcomes.values()) == {done}
    assert set(later(swift).outcomes.values()) == {done}
    if branch:
        assert "Superseded by" in old.comments[0].body
        assert [pull.state for pull in api.pulls] == ["CLOSED", "OPEN"]
        assert set(later(swift).outcomes.values()) == {"open"}
    else:
        assert set(later(swift).outcomes.values()) == {"in_sync"}


def test_the_example_of_a_tool_that_pulls_comes_out_as_its_page_shows(swift):
    before, after = shown("actions-template-sync.md", "yaml")
    swift.write({**FILES, WORKFLOW_PATH: before})
    done = shell(swift, shown("actions-template-sync.md", "")[0].strip())
    assert done.returncode == 0, done.stderr
    assert (swift.source / ".github/broadcast.yml").read_text().endswith(f"\n{after}")


def named(page: str, section: str) -> list[str]:
    """What the left column of a section's table names."""
    (rows,) = pages.tables(pages.section(page, section))
    return [row[0].strip("`") for row in rows]


@pytest.mark.parametrize("page", KNOWN)
def test_the_tables_name_every_input_and_key_of_that_tool_and_no_other(page):
    known = KNOWN[page]
    for section, names in (
        ("What your input is called here", known.inputs),
        ("What your key is called here", known.keys),
    ):
        if names:
            assert sorted(named(page, section)) == sorted(names), known.source


@pytest.mark.parametrize(
    ("page", "understood"),
    [
        ("betahuhn.md", betahuhn_inputs.understood()),
        ("adrianjost.md", {*adrianjost.INPUTS, *adrianjost.NOTES}),
        ("kbrashears5.md", {*kbrashears5.INPUTS, *kbrashears5.NOTES}),
        ("actions-template-sync.md", {*templatesync.INPUTS, *templatesync.NOTES}),
    ],
)
def test_migrate_knows_every_input(page, understood):
    assert {name.upper() for name in KNOWN[page].inputs} <= set(understood)


def test_each_tool_has_its_page_in_the_list():
    assert {f"migrating/{page}" for page in KNOWN} <= set(pages.links("migrating.md"))
