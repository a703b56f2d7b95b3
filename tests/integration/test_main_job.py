"""One run opens one pull request per target: the real entrypoint against the hub."""

from __future__ import annotations

import pytest

from tests.hub import Symlink
from tests.world import git

CONFIG = """\
version: 1
targets: [{targets}]
directories:
  - {{src: templates/.github, dest: .github, exclude: ["*.out"]}}
"""
FILES = {
    f"templates/.github/{part}/{n}.yml": f"{part} {n}\n" for part in ("workflows", "docs/deep/er") for n in range(74)
}
FILES["templates/.github/CODEOWNERS"] = "* @acme/platform\n"  # 149 in all


def config(*targets: str, more: str = "") -> str:
    return CONFIG.format(targets=", ".join(targets)) + more


def in_step(files=FILES, **changes: bytes) -> dict[str, bytes]:
    held = {path.removeprefix("templates/"): text.encode() for path, text in files.items()}
    return {"README.md": b"theirs\n"} | held | {path: content for path, content in changes.items() if content}


def behind(count: int = 2) -> dict[str, bytes]:
    held = in_step()
    for path in [f".github/docs/deep/er/{n}.yml" for n in range(count)]:
        held[path] = b"old\n"
    return held


def test_a_target_in_step_costs_one_call_and_no_write(world):
    world.write(FILES, config("acme/api"))
    world.hub.repository("acme/api", files=in_step())
    ran = world.run()
    assert (ran.code, ran.outcomes) == (0, {"acme/api": "in_sync"})
    assert world.hub.calls() == {"graphql query": 1}


def test_two_changed_files_of_149_make_one_labelled_pull_request_in_four_calls(world):
    world.write(FILES, config("acme/api", more="pr_labels: [sync]\n"))
    api = world.hub.repository("acme/api", files=behind(), labels=["sync"])
    ran = world.run()
    (pull,) = api.pulls
    assert ran.code == 0
    assert ran.outputs["created"] == "1"
    assert ran.outputs["changed"] == "true"
    assert ran.outputs["pull-request-urls"] == f'["{world.hub.url}/acme/api/pull/1"]'
    assert pull.labels == ["sync"]
    assert changed(api, pull.head) == {f".github/docs/deep/er/{n}.yml": "M" for n in range(2)}
    assert world.hub.calls() == {"graphql query": 2, "graphql mutation": 2}


def test_running_again_with_the_pull_request_open_writes_nothing(world):
    world.write(FILES, config("acme/api"))
    api = world.hub.repository("acme/api", files=behind())
    world.run()
    branches = api.branches()
    ran = world.run()
    assert ran.outcomes == {"acme/api": "open"}
    assert world.hub.calls() == {"graphql query": 2}
    assert api.branches() == branches
    assert ran.outputs["changed"] == "false"


def test_a_new_source_commit_updates_the_same_pull_request_with_one_commit_on_top_of_the_base(world):
    world.write(FILES, config("acme/api"))
    api = world.hub.repository("acme/api", files=behind())
    world.run()
    api.commit({"README.md": b"moved on\n"})
    world.write({"templates/.github/CODEOWNERS": "* @acme/everyone\n"})
    ran = world.run()
    (pull,) = api.pulls
    assert ran.outcomes == {"acme/api": "updated"}
    assert api.git("rev-list", "--parents", "-1", pull.head).split()[1:] == [api.head()]
    assert ".github/CODEOWNERS" in changed(api, pull.head)
    assert set(api.branches()) == {"main", pull.head}
    assert world.run().outcomes == {"acme/api": "open"}


def test_a_base_that_moves_outside_of_our_paths_writes_nothing(world):
    world.write(FILES, config("acme/api"))
    api = world.hub.repository("acme/api", files=behind())
    world.run()
    api.commit({"src/main.py": b"print()\n"})
    assert world.run().outcomes == {"acme/api": "open"}
    assert "graphql mutation" not in world.hub.calls()


def test_ten_targets_with_one_missing_one_archived_and_one_empty_make_seven_pull_requests(world):
    names = [f"acme/t{n}" for n in range(10)]
    world.write(FILES, config(*names))
    repos = [world.hub.repository(name, files=behind()) for name in names[:7]]
    world.hub.repository(names[7], files=behind(), archived=True)
    world.hub.repository(names[8], files=None)
    ran = world.run_process()
    assert ran.code == 1
    assert [ran.outcomes[name] for name in names] == ["created"] * 7 + ["skipped", "skipped", "failed"]
    assert [len(repo.pulls) for repo in repos] == [1] * 7
    assert "archived" in ran.target(names[7])["reason"]
    assert "empty" in ran.target(names[8])["reason"]
    assert "doesn't exist or the token can't see it" in ran.target(names[9])["reason"]
    assert ran.outputs["failed-targets"] == '["acme/t9"]'
    assert "1 failed" in ran.summary.splitlines()[0]


ODD = {
    ".dotfile": b"dot\n",
    "crlf.txt": b"a\r\nb\r\n",
    "binary.png": bytes(range(256)) * 4,
    "latin-1.txt": "déjà vu\n".encode("latin-1"),
    "empty": b"",
    "with space & 'quote' ü.md": b"odd\n",
    "five.bin": bytes(range(251)) * 20_890,
}


@pytest.mark.parametrize("strategy", ["auto", "rest"])
def test_every_byte_and_mode_of_the_source_arrives(world, strategy):
    world.write({f"kit/{path}": content for path, content in ODD.items()} | {"kit/run.sh": "#!/bin/sh\n"})
    (world.source / "kit/run.sh").chmod(0o755)
    (world.source / "kit/link").symlink_to("run.sh")
    world.write({}, "version: 1\ntargets: [acme/api]\ndirectories: [{src: kit, dest: tools/kit}]\n")
    api = world.hub.repository("acme/api", files={"tools/kit/run.sh": b"#!/bin/sh\n", "own": b"own"})
    ran = world.run(write_strategy=strategy)
    assert ran.code == 0, ran.log
    (pull,) = api.pulls
    sent = git(world.source, "ls-tree", "-r", "-z", "HEAD:kit").split("\0")
    held = git(api.path, "ls-tree", "-r", "-z", f"{pull.head}:tools/kit").split("\0")
    assert held == sent
    assert api.files(pull.head)["own"][1] == b"own"
    assert world.run(write_strategy=strategy).outcomes == {"acme/api": "open"}


def test_graphql_and_rest_give_the_same_tree(world):
    world.write(FILES, config("acme/one", "acme/two"))
    one, two = (world.hub.repository(name, files=behind(5)) for name in ("acme/one", "acme/two"))
    world.run(only_targets="acme/one", write_strategy="graphql")
    world.run(only_targets="acme/two", write_strategy="rest")
    trees = {repo.git("rev-parse", f"{repo.pulls[0].head}^{{tree}}") for repo in (one, two)}
    assert len(trees) == 1


@pytest.mark.parametrize("strategy", ["graphql", "rest"])
def test_an_update_keeps_the_pull_request_open_whichever_way_it_is_written(world, strategy):
    world.write(FILES, config("acme/api"))
    api = world.hub.repository("acme/api", files=behind())
    world.run(write_strategy=strategy)
    world.write({"templates/.github/CODEOWNERS": "* @acme/other\n"})
    assert world.run(write_strategy=strategy).outcomes == {"acme/api": "updated"}
    assert [pull.state for pull in api.pulls] == ["OPEN"]
    assert api.files(api.pulls[0].head)[".github/CODEOWNERS"][1] == b"* @acme/other\n"


def test_a_named_base_branch_is_a_target_of_its_own(world):
    world.write(FILES, config("acme/api", "acme/api@release/2.x"))
    api = world.hub.repository("acme/api", files=behind(), default_branch="trunk")
    api.commit({"VERSION": b"2\n"}, branch="release/2.x")
    ran = world.run()
    assert ran.outcomes == {"acme/api": "created", "acme/api@release/2.x": "created"}
    assert {(pull.base, pull.head) for pull in api.pulls} == {
        ("trunk", "broadcast/acme/templates"), ("release/2.x", "broadcast/acme/templates@release/2.x"),
    }  # fmt: skip
    assert world.run().outcomes == {"acme/api": "open", "acme/api@release/2.x": "open"}


def test_the_same_repository_and_base_by_two_names_is_refused(world):
    world.write(FILES, config("acme/api", "acme/api@main"))
    world.hub.repository("acme/api", files=behind())
    ran = world.run()
    assert ran.code == 1
    assert "same repository and branch" in ran.target("acme/api@main")["reason"]


def test_a_missing_base_branch_fails_with_its_name(world):
    world.write(FILES, config("acme/api@nowhere"))
    world.hub.repository("acme/api", files=behind())
    assert world.run().target("acme/api@nowhere")["reason"] == "has no branch nowhere"


def test_when_the_base_catches_up_the_pull_request_is_closed_and_its_branch_deleted(world):
    world.write(FILES, config("acme/api"))
    api = world.hub.repository("acme/api", files=behind())
    world.run()
    api.commit({path: content for path, content in in_step().items() if path.startswith(".github/docs")})
    ran = world.run()
    assert ran.outcomes == {"acme/api": "closed"}
    assert api.pulls[0].state == "CLOSED"
    assert api.pulls[0].comments
    assert set(api.branches()) == {"main"}
    assert world.run().outcomes == {"acme/api": "in_sync"}


def test_what_people_closed_is_not_proposed_again_until_it_changes(world):
    world.write(FILES, config("acme/api"))
    api = world.hub.repository("acme/api", files=behind())
    world.run()
    api.close_pull(1, by="alice")
    ran = world.run()
    assert ran.outcomes == {"acme/api": "declined"}
    assert "#1" in ran.target("acme/api")["reason"]
    assert world.hub.calls()["graphql mutation"] == 1  # the answer to alice
    assert world.run().outcomes == {"acme/api": "declined"}
    assert "graphql mutation" not in world.hub.calls()
    world.write({"templates/.github/docs/deep/er/0.yml": "better\n"})
    assert world.run().outcomes == {"acme/api": "created"}
    assert changed(api, api.pulls[1].head) == {".github/docs/deep/er/0.yml": "M"}
    assert "declined in #1" in api.pulls[1].body


def test_commits_of_others_on_our_branch_are_never_overwritten(world):
    world.write(FILES, config("acme/api"))
    api = world.hub.repository("acme/api", files=behind())
    world.run()
    theirs = api.commit({"fix.txt": b"by hand\n"}, branch=api.pulls[0].head)
    world.write({"templates/.github/CODEOWNERS": "* @acme/other\n"})
    ran = world.run()
    assert ran.outcomes == {"acme/api": "edited"}
    assert api.head(api.pulls[0].head) == theirs
    assert world.run(overwrite="true").outcomes == {"acme/api": "updated"}


def test_the_update_branch_button_is_not_a_commit_of_others(world):
    world.write(FILES, config("acme/api"))
    api = world.hub.repository("acme/api", files=behind())
    world.run()
    api.commit({"src/main.py": b"print()\n"})
    api.update_branch(1)
    assert world.run().outcomes == {"acme/api": "open"}
    world.write({"templates/.github/CODEOWNERS": "* @acme/other\n"})
    assert world.run().outcomes == {"acme/api": "updated"}


def test_text_that_people_wrote_around_ours_is_kept(world):
    world.write(FILES, config("acme/api"))
    api = world.hub.repository("acme/api", files=behind())
    world.run()
    api.pulls[0].body = f"Please read.\n{api.pulls[0].body}\nThanks!"
    api.pulls[0].title = "A better title"
    world.write({"templates/.github/CODEOWNERS": "* @acme/other\n"})
    world.run()
    assert api.pulls[0].body.startswith("Please read.\n")
    assert api.pulls[0].body.endswith("\nThanks!")
    assert api.pulls[0].title == "A better title"


def test_after_a_merge_the_left_over_branch_is_used_again(world):
    world.write(FILES, config("acme/api"))
    api = world.hub.repository("acme/api", files=behind())
    world.run()
    api.merge_pull(1, method="squash")
    assert world.run().outcomes == {"acme/api": "in_sync"}
    world.write({"templates/.github/CODEOWNERS": "* @acme/other\n"})
    assert world.run().outcomes == {"acme/api": "created"}
    assert [pull.state for pull in api.pulls] == ["MERGED", "OPEN"]


def test_mirror_deletes_what_the_source_has_not_and_leaves_what_the_excludes_cover(world):
    mirror = "version: 1\ntargets: [acme/api]\ndirectories: [{src: agents, dest: .agents, mode: mirror, exclude: ['*.local']}]\n"
    world.write({"agents/a.md": "a\n"}, mirror)
    api = world.hub.repository(
        "acme/api", files={".agents/a.md": b"a\n", ".agents/old/b.md": b"b", ".agents/c.local": b"c", "own.md": b"own"}
    )
    ran = world.run()
    assert changed(api, api.pulls[0].head) == {".agents/old/b.md": "D"}
    assert ran.target("acme/api")["files"] == {"added": 0, "changed": 0, "deleted": 1}
    assert "### Deletions" in ran.summary


def test_a_mirror_leaves_the_names_alone_that_are_never_sent(world):
    world.write({".github/workflows/broadcast.yml": "on: push\n", ".github/a.yml": "a\n"})
    world.write({}, "version: 1\ntargets: [acme/api]\ndirectories: [{src: .github, mode: mirror}]\n")
    own = {".github/broadcast.yml": b"theirs", ".github/workflows/broadcast.yml": b"theirs", ".github/old": b"o"}
    api = world.hub.repository("acme/api", files=own)
    world.run()
    assert changed(api, api.pulls[0].head) == {".github/a.yml": "A", ".github/old": "D"}


def test_too_many_deletions_write_nothing(world):
    world.write({"agents/a.md": "a\n"}, "version: 1\ntargets: [acme/api]\ndirectories: [{src: agents, mode: mirror}]\n")
    api = world.hub.repository("acme/api", files={f"agents/{n}": b"n" for n in range(11)})
    ran = world.run()
    assert ran.code == 1
    assert "limits.max_deletions" in ran.target("acme/api")["reason"]
    assert not api.pulls


def test_remove_takes_a_file_away(world):
    world.write({}, "version: 1\ntargets: [acme/api]\nremove: [.travis.yml]\n")
    api = world.hub.repository("acme/api", files={".travis.yml": b"old", "a": b"a"})
    world.run()
    assert changed(api, api.pulls[0].head) == {".travis.yml": "D"}


def test_a_destination_that_crosses_a_symlink_is_left_alone_and_listed(world):
    world.write(
        {"docs/a.md": "a\n", "LICENSE": "MIT\n"}, "version: 1\ntargets: [acme/api]\nfiles: [LICENSE, docs/a.md]\n"
    )
    api = world.hub.repository("acme/api", files={"docs": Symlink("elsewhere"), "elsewhere/a.md": b"theirs"})
    ran = world.run()
    assert ran.code == 1
    assert ran.outcomes == {"acme/api": "created"}
    assert changed(api, api.pulls[0].head) == {"LICENSE": "A"}
    assert "a symlink" in ran.target("acme/api")["file_errors"][0]["reason"]


def test_a_root_mapping_never_lists_the_target(world):
    world.write({"kit/LICENSE": "MIT\n", "kit/.github/ci.yml": "on: push\n"})
    world.write({}, "version: 1\ntargets: [acme/api]\ndirectories: [{src: kit, dest: .}]\n")
    api = world.hub.repository("acme/api", files={f"src/{n}.py": b"n" for n in range(500)})
    world.run()
    assert changed(api, api.pulls[0].head) == {"LICENSE": "A", ".github/ci.yml": "A"}
    assert sum(world.hub.calls().values()) == 3


def test_files_that_git_does_not_track_are_not_sent(world):
    world.write(FILES, config("acme/api"))
    (world.source / "templates/.github/credentials.json").write_text("secret")
    api = world.hub.repository("acme/api", files={"README.md": b"new"})
    world.run()
    assert ".github/credentials.json" not in api.files(api.pulls[0].head)


def test_the_config_and_the_running_workflow_are_not_sent_by_a_directory(world):
    world.write({".github/workflows/broadcast.yml": "on: push\n", ".github/other.yml": "o\n"})
    world.write({}, "version: 1\ntargets: [acme/api]\ndirectories: [.github]\n")
    api = world.hub.repository("acme/api", files={"README.md": b"new"})
    world.run()
    assert changed(api, api.pulls[0].head) == {".github/other.yml": "A"}


def test_a_group_adds_to_the_top_level_and_wins_over_it(world):
    world.write({"LICENSE": "MIT\n", "alt": "Apache\n", "CODEOWNERS": "*\n"})
    world.write(
        {},
        """\
version: 1
files: [LICENSE]
groups:
  - {name: one, targets: [acme/one], files: [CODEOWNERS], defaults: {pr_labels: [a]}}
  - {name: two, targets: [acme/two, acme/one], files: [{src: alt, dest: LICENSE}], defaults: {pr_labels: [b]}}
""",
    )
    one, two = (world.hub.repository(name, files={"x": b"x"}) for name in ("acme/one", "acme/two"))
    assert world.run().code == 0
    assert set(one.files(one.pulls[0].head)) == {"x", "LICENSE", "CODEOWNERS"}
    assert one.files(one.pulls[0].head)["LICENSE"][1] == b"Apache\n"
    assert sorted(one.pulls[0].labels) == ["a", "b"]
    assert set(two.files(two.pulls[0].head)) == {"x", "LICENSE"}


def test_reviewers_that_cannot_be_asked_are_a_warning(world):
    world.write(FILES, config("acme/gone", "acme/api", more="pr_reviewers: [nobody-here]\npr_assignees: [sam]\n"))
    world.hub.user("sam")
    api = world.hub.repository("acme/api", files=behind())
    ran = world.run()
    assert ran.outcomes == {"acme/gone": "failed", "acme/api": "created"}
    assert "- acme/api: reviewer nobody-here: " in ran.summary
    assert api.pulls[0].assignees == ["sam"]


def test_plan_writes_nothing_and_says_what_sync_would_do(world):
    world.hub.token("ghp_reader0000000000000000000000000000", permission="read")
    world.write(FILES, config("acme/api"))
    api = world.hub.repository("acme/api", files=behind())
    ran = world.run(token="ghp_reader0000000000000000000000000000", command="plan")
    assert ran.code == 0
    assert ran.outcomes == {"acme/api": "created"}
    assert not api.pulls
    assert ran.outputs["changed"] == "false"
    assert world.run(dry_run="true").outcomes == {"acme/api": "created"}
    assert not api.pulls


def test_check_fails_with_three_on_drift(world):
    world.write(FILES, config("acme/api"))
    api = world.hub.repository("acme/api", files=behind())
    assert world.run(command="check").code == 3
    api.commit(in_step())
    assert world.run(command="check").code == 0


def test_a_token_that_may_only_read_learns_so_before_anything_is_written(world):
    world.hub.token("ghp_reader0000000000000000000000000000", permission="read")
    world.write(FILES, config("acme/api"))
    world.hub.repository("acme/api", files=behind())
    ran = world.run(token="ghp_reader0000000000000000000000000000")
    assert ran.code == 1
    assert "Contents: write" in ran.target("acme/api")["remedy"]
    assert "graphql mutation" not in world.hub.calls()


def test_a_token_without_the_workflow_scope_is_shown_what_it_lacks(world):
    world.hub.token("ghp_noworkflow00000000000000000000000", workflow=False)
    world.write({"ci.yml": "on: push\n"})
    world.write({}, "version: 1\ntargets: [acme/api]\nfiles: [{src: ci.yml, dest: .github/workflows/ci.yml}]\n")
    world.hub.repository("acme/api", files={"a": b"a"})
    ran = world.run(token="ghp_noworkflow00000000000000000000000", write_strategy="rest")
    assert "workflow" in ran.target("acme/api")["remedy"]


def test_a_lost_answer_to_a_write_makes_no_second_pull_request(world):
    world.write(FILES, config("acme/api", more="pr_labels: [sync]\n"))
    api = world.hub.repository("acme/api", files=behind(), labels=["sync"])
    world.hub.fail(lambda request: request.kind == "graphql mutation", status=502, after_effect=True)
    ran = world.run()
    assert ran.outcomes == {"acme/api": "created"}
    assert [(pull.number, pull.labels) for pull in api.pulls] == [(1, ["sync"])]


def test_a_write_that_never_arrived_is_done_again(world):
    world.write(FILES, config("acme/api"))
    api = world.hub.repository("acme/api", files=behind())
    world.hub.fail(lambda request: request.kind == "graphql mutation", status=502)
    assert world.run().outcomes == {"acme/api": "created"}
    assert len(api.pulls) == 1


def test_a_renamed_target_is_reached_by_its_old_name(world):
    world.write(FILES, config("acme/old"))
    api = world.hub.repository("acme/old", files=behind())
    world.hub.rename("acme/old", "acme/new")
    assert world.run().outcomes == {"acme/old": "created"}
    assert world.run(write_strategy="rest").outcomes == {"acme/old": "open"}
    assert len(api.pulls) == 1


def changed(repo, branch: str) -> dict[str, str]:
    """What `branch` changes since it left the base: path → status letter."""
    base = repo.git("merge-base", repo.default_branch, branch).strip()
    lines = repo.git("diff-tree", "-r", "--name-status", base, branch).splitlines()
    return {path: status for status, path in (line.split("\t", 1) for line in lines)}
