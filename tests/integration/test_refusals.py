"""What a target or its organisation forbids: told with its remedy, worked around where that is right."""

from __future__ import annotations

import pytest

from tests.hub import Symlink
from tests.integration.test_main_job import FILES, behind, config
from tests.world import git

READER = "github_pat_reader00000000000000000000000000"
BRANCH = "broadcast/acme/templates"


def fleet(world, **files):
    """One target that forbids something, and one that doesn't."""
    world.write(FILES, config("acme/api", "acme/web"))
    world.hub.repository("acme/web", files=behind())
    return world.hub.repository("acme/api", files=behind())


def refused(world, ran, *words):
    """acme/api failed, its remedy has these words, nothing of ours is left there, and acme/web went on."""
    assert ran.code == 1
    assert ran.outcomes == {"acme/api": "failed", "acme/web": "created"}
    remedy = ran.target("acme/api")["remedy"]
    assert all(word in remedy for word in words), ran.target("acme/api")
    api = world.hub.find("acme/api")
    assert not [branch for branch in api.branches() if branch.startswith("broadcast/")]
    assert remedy.split(";")[0] in ran.summary.replace("\\", "")


def test_single_sign_on_is_named(world):
    fleet(world).saml = True
    refused(world, world.run(), "authorise the token", "single sign-on")


def test_an_ip_allow_list_is_named(world):
    fleet(world).ip_allow_list = True
    refused(world, world.run(), "IP allow list")


@pytest.mark.parametrize("strategy", ["auto", "rest"])
def test_a_rule_against_new_branches_is_named_after_one_try(world, strategy):
    fleet(world).no_creation = ["broadcast/**"]
    refused(world, world.run(write_strategy=strategy), "ruleset", "branch_prefix")
    writes = [one for one in world.hub.requests if "write" in one.kind or "mutation" in one.kind]
    assert len(writes) <= {"auto": 2, "rest": 7}[strategy]


@pytest.mark.parametrize("strategy", ["auto", "rest"])
def test_push_protection_is_named(world, strategy):
    fleet(world).secrets = [b"docs/deep/er 1\n"]
    refused(world, world.run(write_strategy=strategy), "secret", "push protection")


def test_signatures_are_no_obstacle_to_documents_and_are_named_where_rest_is_forced(world):
    api = fleet(world)
    api.required_signatures = ["broadcast/**"]
    assert world.run(only_targets="acme/api", command="sync").outcomes == {"acme/api": "created"}
    api.close_pull(1)
    api.delete_branch(BRANCH)
    world.write({"templates/.github/CODEOWNERS": "* @acme/other\n"})
    refused(world, world.run(write_strategy="rest"), "signed commits", "GitHub App")


def test_where_a_rule_forbids_to_force_a_commit_is_appended(world):
    api = fleet(world)
    world.run(only_targets="acme/api")
    first = api.head(BRANCH)
    api.no_force_push = ["broadcast/**"]
    world.write({"templates/.github/CODEOWNERS": "* @acme/other\n"})
    ran = world.run(only_targets="acme/api")
    assert ran.outcomes == {"acme/api": "updated"}
    assert api.git("rev-parse", f"{BRANCH}^").strip() == first
    assert api.files(BRANCH)[".github/CODEOWNERS"][1] == b"* @acme/other\n"
    assert set(api.branches()) == {"main", BRANCH}
    assert world.run(only_targets="acme/api").outcomes == {"acme/api": "open"}
    assert "graphql mutation" not in world.hub.calls()


def test_the_same_with_an_executable_and_by_rest(world):
    api = fleet(world)
    world.run(only_targets="acme/api", write_strategy="rest")
    first = api.head(BRANCH)
    api.no_force_push = ["broadcast/**"]
    world.write({"templates/.github/run.sh": "#!/bin/sh\n"})
    (world.source / "templates/.github/run.sh").chmod(0o755)
    world.write({})
    assert world.run(only_targets="acme/api", write_strategy="rest").outcomes == {"acme/api": "updated"}
    assert api.git("rev-parse", f"{BRANCH}^").strip() == first
    assert api.files(BRANCH)[".github/run.sh"][0] == 0o100755


def test_a_fine_grained_token_learns_at_the_first_refusal_what_it_lacks(world):
    world.hub.token(READER, kind="fine-grained", login="reader", permission="read")
    fleet(world)
    ran = world.run(token=READER, only_targets="acme/api")
    assert ran.outcomes == {"acme/api": "failed"}
    assert "Contents: write" in ran.target("acme/api")["remedy"]


def test_an_archived_target_is_skipped_and_a_submodule_or_a_directory_in_the_way_is_a_file_error(world):
    world.write({"lib": "a file\n", "LICENSE": "MIT\n", "docs/a/b.md": "b\n"})
    world.write({}, "version: 1\ntargets: [acme/api]\nfiles: [lib, LICENSE, docs/a/b.md]\n")
    api = world.hub.repository("acme/api", files={"lib/own.py": b"own", "docs/a": b"a file\n"})
    ran = world.run()
    assert ran.code == 1
    assert ran.outcomes == {"acme/api": "created"}
    reasons = {error["path"]: error["reason"] for error in ran.target("acme/api")["file_errors"]}
    assert reasons == {"lib": "the target has a directory at lib", "docs/a/b.md": "the target has a file at docs/a"}
    assert set(api.files(api.pulls[0].head)) == {"lib/own.py", "docs/a", "LICENSE"}
    assert all(f"Left out: `{path}`" in api.pulls[0].body for path in reasons)
    assert "### Files left out" in ran.summary


def test_a_file_that_is_too_large_or_a_link_out_of_its_mapping_withholds_itself_alone(world):
    world.write({"kit/a.md": "a\n", "outside.md": "o\n"})
    with (world.source / "kit/large.bin").open("wb") as file:
        file.truncate(36 * 1024 * 1024)
    (world.source / "kit/out").symlink_to("../outside.md")
    world.write({}, "version: 1\ntargets: [acme/api]\ndirectories: [kit]\n")
    held = {"kit/large.bin": b"theirs", "kit/out": Symlink("elsewhere")}
    api = world.hub.repository("acme/api", files=held)
    ran = world.run()
    assert ran.code == 1
    assert ran.outcomes == {"acme/api": "created"}
    assert {error["path"] for error in ran.target("acme/api")["file_errors"]} == {"kit/large.bin", "kit/out"}
    assert git(api.path, "diff-tree", "-r", "--name-only", "main", api.pulls[0].head).split() == ["kit/a.md"]
