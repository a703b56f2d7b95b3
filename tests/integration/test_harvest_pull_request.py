"""`harvest` with `pull-request` opens one pull request on the source, and updates it in place."""

from __future__ import annotations

import re

import pytest

from tests.integration.test_harvest import ANN, BETTER, CI, sent
from tests.integration.test_modes import publish
from tests.integration.test_people import later, writes
from tests.integration.test_tokens import APP, PEM, PUBLIC
from tests.world import Ran

SOURCE = "acme/templates"


def proposing(swift, path: str = "ci.yml", **inputs: str) -> Ran:
    return later(swift, command="harvest", pull_request="true", path=path, **inputs)


def proposed(swift, **inputs: str) -> Ran:
    ran = proposing(swift, **inputs)
    assert (ran.code, ran.outcomes) == (0, {SOURCE: "created"}), ran.log
    return ran


def source(swift):
    return swift.hub.find(SOURCE)


def branch(swift) -> str:
    return (
        source(swift).pulls[-1].head_ref
        if hasattr(source(swift).pulls[-1], "head_ref")
        else source(swift).pulls[-1].head
    )


def edited(swift, *names: str, files: dict | None = None, **settings):
    """Targets whose people improved ci.yml in the same way."""
    found = sent(swift, files or {"ci.yml": CI}, "ci.yml", *(names or ("acme/api",)), **settings)
    targets = found if isinstance(found, list) else [found]
    for one in targets:
        one.commit({"ci.yml": BETTER.encode()}, author=ANN)
    return targets


def test_a_pull_request_brings_the_edit_with_those_who_made_it(swift):
    api, web = edited(swift, "acme/api", "acme/web")
    carol = swift.hub.user("carol")
    web.commit({"ci.yml": CI.encode()}, author=("carol", carol.email))
    web.commit({"ci.yml": BETTER.encode()}, author=("renovate[bot]", swift.hub.user("renovate[bot]").email))
    before = (api.head(), web.head(), source(swift).head())
    ran = proposed(swift)
    (pull,) = source(swift).pulls
    assert ran.target(SOURCE)["pull_request"].endswith(f"/{SOURCE}/pull/{pull.number}")
    assert pull.title == "Bring back edits of ci.yml from 2 repositories"
    assert "`acme/api`" in pull.body
    assert "`acme/web`" in pull.body
    head = branch(swift)
    assert re.fullmatch(r"broadcast-harvest/[0-9a-f]{12}", head)
    assert source(swift).files(head)["ci.yml"][1].decode() == BETTER
    commit = source(swift).objects.commit(source(swift).head(head))
    assert list(commit.parents) == [source(swift).head()]
    paragraph = commit.message.split("\n\n")[-1].splitlines()
    assert paragraph[0] == "Co-authored-by: Ann <ann@example.com>"
    assert "renovate" not in commit.message
    assert (api.head(), web.head(), source(swift).head()) == before
    assert ran.outputs["changed"] == "true"
    assert "1 edit of 1 file in 2 repositories; pull request on the source: created" in ran.log


def test_a_second_run_writes_nothing(swift):
    edited(swift)
    proposed(swift)
    ran = proposing(swift)
    assert (ran.outcomes, writes(swift)) == ({SOURCE: "open"}, [])
    assert len(source(swift).pulls) == 1


def test_it_takes_one_write(swift):
    edited(swift)
    proposed(swift)
    assert len(writes(swift)) == 1
    assert len(swift.hub.requests) == 9


def test_another_edit_updates_it_in_place(swift):
    (api,) = edited(swift)
    proposed(swift)
    api.commit({"ci.yml": (BETTER + "more\n").encode()}, author=("Bob", "bob@example.com"))
    ran = proposing(swift)
    assert ran.outcomes == {SOURCE: "updated"}
    (pull,) = source(swift).pulls
    assert source(swift).files(branch(swift))["ci.yml"][1].decode() == BETTER + "more\n"
    assert "Co-authored-by: Bob" in source(swift).objects.commit(source(swift).head(branch(swift))).message
    assert pull.state == "OPEN"


def test_one_that_people_closed_is_not_opened_again_for_the_same_edit(swift):
    (api,) = edited(swift)
    proposed(swift)
    source(swift).close_pull(1)
    ran = proposing(swift)
    assert (ran.outcomes, writes(swift)) == ({SOURCE: "declined"}, [])
    swift.write({"ci.yml": CI + "last, ours\n"})
    publish(swift)
    ran = proposing(swift)
    assert (ran.outcomes, writes(swift)) == ({SOURCE: "declined"}, [])
    api.commit({"ci.yml": (BETTER.replace("step 2\n", "step two\n")).encode()})
    assert proposing(swift).outcomes == {SOURCE: "created"}


def test_commits_of_others_on_its_branch_are_never_overwritten(swift):
    (api,) = edited(swift)
    proposed(swift)
    head = source(swift).commit({"ci.yml": b"by hand\n"}, branch=branch(swift), author=("Bob", "bob@example.com"))
    api.commit({"ci.yml": (BETTER + "more\n").encode()})
    ran = proposing(swift)
    assert (ran.outcomes, writes(swift)) == ({SOURCE: "edited"}, [])
    assert source(swift).head(branch(swift)) == head


def test_a_branch_that_people_brought_up_to_date_is_theirs(swift):
    edited(swift)
    proposed(swift)
    swift.write({"other.txt": "x\n"})
    publish(swift)
    source(swift).update_branch(1)
    ran = proposing(swift)
    assert (ran.outcomes, writes(swift)) == ({SOURCE: "edited"}, [])


def test_once_it_is_merged_nothing_is_left_to_harvest(swift):
    edited(swift)
    proposed(swift)
    source(swift).merge_pull(1)
    swift.write({"ci.yml": BETTER})
    publish(swift)
    ran = proposing(swift)
    assert (ran.code, ran.results["harvest"]["edits"], writes(swift)) == (0, [], [])


def test_a_title_that_people_changed_stays(swift):
    (api,) = edited(swift)
    proposed(swift)
    source(swift).pulls[0].title = "Mine"
    api.commit({"ci.yml": (BETTER + "more\n").encode()})
    proposing(swift)
    assert source(swift).pulls[0].title == "Mine"


def test_an_executable_keeps_its_mode(swift):
    (swift.source / "run.sh").write_text(CI)
    (swift.source / "run.sh").chmod(0o755)
    api = sent(swift, {}, "run.sh")
    api.commit({"run.sh": BETTER.encode()})
    assert proposing(swift, "run.sh").outcomes == {SOURCE: "created"}
    mode, content = source(swift).files(branch(swift))["run.sh"][:2]
    assert (int(str(mode), 8) if isinstance(mode, str) else mode, content) == (0o100755, BETTER.encode())


def test_a_checkout_behind_the_default_branch_is_refused(swift):
    edited(swift)
    source(swift).commit({"ci.yml": b"newer\n" + CI.encode()})
    ran = proposing(swift)
    assert (ran.code, writes(swift)) == (2, [])
    assert "ci.yml on main differs from the checkout" in ran.results["failure"]["message"]


def test_a_dry_run_says_what_it_would_do(swift):
    edited(swift)
    ran = proposing(swift, dry_run="true")
    assert (ran.outcomes, writes(swift), source(swift).pulls) == ({SOURCE: "created"}, [], [])


def test_a_token_that_may_only_read_the_source_fails_with_a_remedy(swift):
    edited(swift)
    token = next(iter(swift.hub.tokens.values()))
    token.permission = "read"
    ran = proposing(swift)
    assert (ran.code, source(swift).pulls) == (1, [])
    assert "write" in ran.log


def test_an_apps_tokens_read_targets_and_write_the_source_alone(world):
    edited(world)
    needed = {"metadata": "read", "contents": "write", "pull_requests": "write"}
    world.hub.install(world.hub.app(APP, PUBLIC), "acme", permissions=needed)
    inputs = {"command": "harvest", "pull_request": "true", "path": "ci.yml", "token": ""}
    ran = later(world, client_id=str(APP), private_key=PEM, **inputs)
    assert ran.outcomes == {SOURCE: "created"}, ran.log
    asked = [one.body for one in world.hub.requests if one.path.endswith("/access_tokens")]
    writing = [one for one in asked if "write" in one["permissions"].values()]
    assert [(one["repositories"], one["permissions"]) for one in writing] == [(["templates"], needed)]


def test_a_private_targets_edit_is_not_proposed_to_a_public_source(swift):
    edited(swift)
    source(swift).private = False
    ran = proposing(swift)
    assert (ran.code, ran.results["harvest"]["withheld"], source(swift).pulls) == (0, ["acme/api"], [])
    assert proposing(swift, harvest_private="true").outcomes == {SOURCE: "created"}


@pytest.mark.parametrize(
    ("name", "email", "line"),
    [
        ("A <b> c\n\nBroadcast-Id: x", "a@example.com", "Co-authored-by: A b c Broadcast-Id: x <a@example.com>"),
        ("Eve", "no address", None),
        ("", "a@example.com", None),
    ],
)
def test_names_cant_forge_trailers(name, email, line):
    from broadcast.apply.identity import co_authors
    from broadcast.observe.touches import Author

    assert co_authors([Author(name, email)]) == ([line] if line else [])


def test_strangers_names_are_inert_in_the_description(swift):
    (api,) = edited(swift)
    api.commit({"ci.yml": (BETTER + "x\n").encode()}, author=("<b>@team</b> fixes #1", "evil@example.com"))
    proposed(swift)
    body = source(swift).pulls[0].body
    assert "<b>" not in body
    assert "@team" not in body
    assert "#1" not in body
