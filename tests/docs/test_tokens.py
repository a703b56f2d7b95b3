"""docs/tokens.md is held to its tables: the permissions that are asked for, the scopes that will do, what is signed."""

from __future__ import annotations

import pytest

from broadcast.apply.strategy import MAX_FILES, MAX_PAYLOAD
from tests.docs import pages
from tests.integration.test_tokens import APP, PEM, PUBLIC, as_app, install, minted
from tests.world import World

PERMISSIONS = ("metadata", "contents", "pull_requests", "workflows", "issues", "members", "checks", "statuses")
COMMANDS, SCOPES, SIGNED = (
    {row[0]: row[1:] for row in table}
    for title in ("What each command asks for", "Signed commits")
    for table in pages.tables(pages.section("tokens.md", title))
)
WORKFLOW = ".github/workflows/ci.yml"


def ready(world: World, *sent: str, private: bool = True, more: str = ""):
    """A target that lacks what the config sends."""
    world.write(dict.fromkeys(sent, "text\n"), f"version: 1\ntargets: [acme/api]\nfiles: [{', '.join(sent)}]\n{more}")
    return world.hub.repository("acme/api", files={"README.md": b"theirs\n"}, private=private)


def inputs_of(row: str) -> dict[str, str]:
    """The inputs that a row of the table is about."""
    command = row.split("`")[1]
    named = {"only_targets": "acme/api"}
    more = {"validate": {"online": "true"}, "cancel": named, "merge": named, "rollback": {"to": "HEAD"}}
    return {"command": command, "cleanup": "false"} | more.get(command, {})


@pytest.mark.parametrize("row", [row for row, levels in COMMANDS.items() if levels[0] != "no"])
def test_an_app_asks_for_what_the_table_says(world, row):
    ready(world, WORKFLOW, more="pr_team_reviewers: [platform]\n")
    install(world, "acme", issues="write", checks="read", statuses="read")
    as_app(world, **inputs_of(row))
    levels = dict(zip(PERMISSIONS, (cell.split()[0] for cell in COMMANDS[row]), strict=True))
    assert minted(world) == [{name: level for name, level in levels.items() if level != "no"}]


def test_without_issues_and_members_labels_and_teams_are_left_out_by_name(world):
    api = ready(world, WORKFLOW, more="pr_team_reviewers: [platform]\npr_labels: [sync]\n")
    world.hub.team("acme", "platform")
    needed = {"metadata": "read", "contents": "write", "pull_requests": "write", "workflows": "write"}
    world.hub.install(world.hub.app(APP, PUBLIC), "acme", permissions=needed)
    ran = as_app(world, cleanup="false")
    assert (ran.outcomes, minted(world)) == ({"acme/api": "created"}, [needed])
    assert (api.pulls[0].labels, api.pulls[0].team_reviewers) == ([], [])
    assert "label sync: " in ran.summary
    assert "reviewer acme/platform: " in ran.summary


def test_the_commands_without_permissions_ask_no_one(world):
    ready(world, "LICENSE")
    (row,) = (row for row, levels in COMMANDS.items() if levels[0] == "no")
    for command in ("validate", "schema"):
        assert f"`{command}`" in row
        world.run(command=command, token="")
        assert not world.hub.requests


@pytest.mark.parametrize("row", SCOPES)
def test_a_classic_token_with_these_scopes_will_do(world, row):
    (needed,) = SCOPES[row]
    scopes = [*(["repo"] if "as well" in needed else []), needed.split("`")[1]]
    world.hub.token("ghp_scoped", scopes=scopes)
    world.hub.team("acme", "platform")
    more = "pr_team_reviewers: [platform]\n" if "teams" in row else ""
    api = ready(world, WORKFLOW if "workflows" in row else "LICENSE", private="public" not in row, more=more)
    ran = world.run(token="ghp_scoped")
    assert ran.outcomes == {"acme/api": "created"}, ran.log
    assert api.pulls[0].team_reviewers == (["platform"] if "teams" in row else [])


def test_the_page_says_where_graphql_ends():
    most = f"more than {MAX_FILES:,} files or {MAX_PAYLOAD * 3 // 4 // 1024**2} MiB in one target"
    assert most in pages.section("tokens.md", "Signed commits")


@pytest.mark.parametrize("row", SIGNED)
@pytest.mark.parametrize("mode", [0o644, 0o755], ids=["regular", "executable"])
def test_commits_are_signed_as_the_table_says(world, row, mode):
    api = ready(world, "run.sh")
    (world.source / "run.sh").chmod(mode)
    world.write({})
    kind = "fine-grained" if row.startswith("fine") else "classic"
    world.hub.token("token", kind=kind)
    install(world, "acme")
    ran = world.run(**({"token": "", "client_id": APP, "private_key": PEM} if "App" in row else {"token": "token"}))
    assert ran.outcomes == {"acme/api": "created"}
    is_signed = bool(api.objects.commit(api.head(api.pulls[0].head)).signature)
    assert is_signed == (SIGNED[row][mode == 0o755] == "signed")
    assert ("the commit isn't signed" in ran.summary) is not is_signed


def test_where_all_is_pushed_an_app_need_not_write_pull_requests(world):
    api = ready(world, "LICENSE", more="delivery: push\n")
    needed = {"metadata": "read", "contents": "write", "pull_requests": "read"}
    world.hub.install(world.hub.app(APP, PUBLIC), "acme", permissions=needed)
    ran = as_app(world, cleanup="false")
    assert (ran.outcomes, minted(world)) == ({"acme/api": "pushed"}, [needed])
    assert api.files()["LICENSE"][1] == b"text\n"
