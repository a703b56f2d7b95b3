"""What a target or its organisation forbids: told with its remedy, worked around where that is right."""

from __future__ import annotations

import pytest

from tests.hub import Request, Symlink
from tests.hub.unknowns import ALTERNATIVES
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


# A branch in the way


@pytest.mark.parametrize("strategy", ["auto", "rest"])
@pytest.mark.parametrize("name", ["broadcast", "broadcast/acme", f"{BRANCH}/more"])
def test_a_branch_in_the_way_is_named_after_one_try(swift, name, strategy):
    fleet(swift).commit({"theirs": b"1"}, branch=name)
    ran = swift.run(write_strategy=strategy)
    assert ran.outcomes == {"acme/api": "failed", "acme/web": "created"}
    assert ran.target("acme/api")["reason"] == f"the branch {name} is in the way of {BRANCH}"
    assert "branch_prefix" in ran.target("acme/api")["remedy"]
    refs = [one for one in swift.hub.requests if one.writes and "/git/refs" in one.path + str(one.document or "")]
    assert len([one for one in refs if "acme/api" in one.path]) <= 1
    assert swift.hub.find("acme/api").head(name)


def test_a_ref_that_is_refused_now_and_then_without_a_cause_is_made_all_the_same(swift):
    api = fleet(swift)
    swift.hub.fail_field(lambda request, path, kind, name, _: name == "createRef", "Ref cannot be created.", times=2)
    assert swift.run(only_targets="acme/api").outcomes == {"acme/api": "created"}
    assert len(api.pulls) == 1


# What GitHub says where a pull request can't be opened: final, and nothing half-made is left

POLICY = {
    "classic": "`acme` forbids access via a personal access token (classic). Please use a GitHub App, OAuth App, or a "
    "personal access token with fine-grained permissions.",
    "fine-grained": "`acme` forbids access via a personal access token with fine-grained permissions. Please use a GitHub App.",
    "lifetime": "The 'acme' organization forbids access via a fine-grained personal access tokens if the token's lifetime "
    "is greater than 366 days. Please adjust your token's lifetime.",
    "oauth": "Although you appear to have the correct authorization credentials, the `acme` organization has enabled OAuth "
    "App access restrictions, meaning that data access to third-parties is limited.",
}
REMEDIES = {
    "classic": "use a GitHub App or a fine-grained token",
    "fine-grained": "use a GitHub App or a classic token",
    "lifetime": "make a token that ends sooner",
    "oauth": "approve the OAuth App",
}
FINAL = [
    ("pull", "Draft pull requests are not supported in this repository.", "pr_draft: false"),
    ("pull", "must be a collaborator", "collaborator"),
    ("pull", "Pull requests are disabled for this repository.", "turn pull requests on"),
    ("pull", "GitHub Actions is not permitted to create or approve pull requests", "Settings, Actions, General"),
    ("pull", "Title is too long (maximum is 256 characters)", "shorten pr_title"),
    ("commit", "Repository has been locked for migration.", "migration is over"),
    ("commit", "protected branch 'x' check failed:\n  Changes must be made through a pull request.", "rule"),
    ("ref", "Repository rule violations found\n\nCannot create ref due to creations being restricted.", "ruleset"),
]


@pytest.mark.parametrize("kind", POLICY)
def test_a_policy_against_a_kind_of_token_is_named_with_what_it_allows(swift, kind):
    fleet(swift)
    swift.hub.fail_field(
        lambda request, path, _, name, arguments: name == "repository" and arguments["name"] == "api",
        POLICY[kind], type="FORBIDDEN", times=9,
    )  # fmt: skip
    ran = swift.run()
    assert ran.outcomes == {"acme/api": "failed", "acme/web": "created"}
    assert POLICY[kind] in ran.target("acme/api")["reason"]
    assert REMEDIES[kind] in ran.target("acme/api")["remedy"]


@pytest.mark.parametrize("kind", ["UNPROCESSABLE", "FORBIDDEN", "BRANCH_PROTECTION_RULE_VIOLATION"])
@pytest.mark.parametrize(("alias", "words", "remedy"), FINAL)
def test_a_final_refusal_takes_one_try_and_leaves_no_branch(swift, alias, words, remedy, kind):
    api = fleet(swift)
    swift.hub.fail_field(
        lambda request, path, *_: path == [alias] and "acme/api" in str(request.variables), words, type=kind, times=9
    )
    ran = swift.run(only_targets="acme/api")
    assert ran.outcomes == {"acme/api": "failed"}
    assert remedy in ran.target("acme/api")["remedy"]
    assert set(api.branches()) == {"main"}
    assert len(tries(swift)) == 1


def tries(swift) -> list[Request]:
    """Documents that would make something; what deletes a half-made branch is none."""
    mutations = [one for one in swift.hub.requests if one.kind == "graphql mutation"]
    return [one for one in mutations if "mutation Move(" not in (one.document or "")]


def test_unknown_words_get_three_tries_and_leave_no_branch(swift):
    api = fleet(swift)
    swift.hub.fail_field(lambda request, path, *_: path == ["pull"], "Something that GitHub never said.", times=9)
    swift.hub.fail(
        lambda one: one.method == "POST" and one.path.endswith("/pulls"), times=9, status=422, body={"message": "No."}
    )
    ran = swift.run(only_targets="acme/api")
    assert ran.outcomes == {"acme/api": "failed"}
    assert set(api.branches()) == {"main"}
    by_rest = [one for one in swift.hub.requests if one.path.endswith("/pulls")]
    assert len([*tries(swift), *by_rest]) == 3


def test_a_branch_that_cannot_be_removed_is_reported(swift):
    api = fleet(swift)
    api.no_deletion = ["broadcast/**"]
    swift.hub.fail_field(lambda request, path, *_: path == ["pull"], "must be a collaborator", times=9)
    ran = swift.run(only_targets="acme/api")
    assert BRANCH in api.branches()
    assert f"the branch {BRANCH} is left there" in ran.target("acme/api")["reason"]


def test_a_message_that_quotes_a_path_is_not_taken_for_what_the_path_says(swift):
    api = fleet(swift)
    words = "A path was requested for deletion which does not exist: `docs/SAML enforcement/was archived.md`"
    swift.hub.fail_field(lambda request, path, *_: path == ["commit"], words, times=1)
    assert swift.run(only_targets="acme/api").outcomes == {"acme/api": "created"}
    assert len(api.pulls) == 1


# Workflows


@pytest.mark.parametrize("strategy", ["auto", "rest"])
@pytest.mark.parametrize("words", ALTERNATIVES["commit_with_workflows_words"])
def test_a_token_that_may_not_write_workflows_learns_so_by_the_remedy(swift, strategy, words):
    swift.hub.unknowns.commit_with_workflows_words = words
    token = swift.hub.token(
        READER, kind="fine-grained", login="reader", permissions={"contents": "write", "pull_requests": "write"}
    )
    swift.write(
        {".github/workflows/ci.yml": "name: ci\n"},
        "version: 1\ntargets: [acme/api]\nfiles: [.github/workflows/ci.yml]\n",
    )
    api = swift.hub.repository("acme/api", files={"a": b"a"})
    ran = swift.run(token=token.value, write_strategy=strategy)
    assert ran.outcomes == {"acme/api": "failed"}
    assert "Workflows: write" in ran.target("acme/api")["remedy"]
    assert set(api.branches()) == {"main"}


@pytest.mark.parametrize("strategy", ["auto", "rest"])
@pytest.mark.parametrize("words", ALTERNATIVES["ref_with_workflows_words"])
def test_a_base_whose_workflows_differ_from_the_default_branchs_names_the_permission(swift, strategy, words):
    swift.hub.unknowns.ref_with_workflows_words = words
    token = swift.hub.token(
        READER, kind="fine-grained", login="reader", permissions={"contents": "write", "pull_requests": "write"}
    )
    swift.write({"LICENSE": "MIT\n"}, "version: 1\ntargets: [acme/api@release]\nfiles: [LICENSE]\n")
    api = swift.hub.repository("acme/api", files={"a": b"a"})
    api.commit({".github/workflows/old.yml": b"name: old\n"}, branch="release")
    ran = swift.run(token=token.value, write_strategy=strategy)
    assert ran.outcomes == {"acme/api@release": "failed"}
    assert "the workflows of release differ from the default branch's" in ran.target("acme/api@release")["remedy"]
    assert "Workflows: write" in ran.target("acme/api@release")["remedy"]
    assert not api.pulls


# updateRefs


@pytest.mark.parametrize("how", ALTERNATIVES["update_refs_ruled"])
def test_a_rule_against_moving_our_branch_back_is_worked_around_however_it_is_refused(swift, how):
    api = fleet(swift)
    swift.run(only_targets="acme/api")
    first = api.head(BRANCH)
    api.no_force_push, swift.hub.unknowns.update_refs_ruled = ["broadcast/**"], how
    swift.write({"templates/.github/CODEOWNERS": "* @acme/other\n"})
    swift.hub.clock.advance(60)
    ran = swift.run(only_targets="acme/api")
    assert ran.outcomes == {"acme/api": "updated"}
    assert api.git("rev-parse", f"{BRANCH}^").strip() == first
    assert set(api.branches()) == {"main", BRANCH}
    assert sum(one.writes for one in swift.hub.requests) <= 11


def test_an_opaque_refusal_of_update_refs_is_done_by_rest_at_the_next_try(swift):
    api = fleet(swift)
    swift.run(only_targets="acme/api")
    swift.write({"templates/.github/CODEOWNERS": "* @acme/other\n"})
    body = {"errors": [{"message": "Something went wrong while executing your query on 2026-01-01T00:00:00Z."}]}
    swift.hub.fail(lambda one: "updateRefs" in (one.document or ""), times=9, status=200, body=body)
    swift.hub.clock.advance(60)
    assert swift.run(only_targets="acme/api").outcomes == {"acme/api": "updated"}
    assert api.files(BRANCH)[".github/CODEOWNERS"][1] == b"* @acme/other\n"
    assert set(api.branches()) == {"main", BRANCH}
    assert sum("updateRefs" in (one.document or "") for one in swift.hub.requests) <= 2


def test_a_title_that_is_too_long_is_cut_and_the_next_run_writes_nothing(swift):
    swift.write(
        {"LICENSE": "MIT\n"}, f"version: 1\ntargets: [acme/api]\nfiles: [LICENSE]\npr_title: '{'Grüße ' * 60}'\n"
    )
    api = swift.hub.repository("acme/api", files={})
    assert swift.run().outcomes == {"acme/api": "created"}
    assert (len(api.pulls[0].title), api.pulls[0].title[-1]) == (256, "…")
    assert swift.run().outcomes == {"acme/api": "open"}
    assert not [one for one in swift.hub.requests if one.writes]


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
