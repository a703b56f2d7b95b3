"""`plan` with `comment`: one comment on the source's pull request, replaced in place, and a check run."""

from __future__ import annotations

import json

import pytest

from tests.integration.test_tokens import as_app, install, minted
from tests.world import SOURCE, git

CONFIG = "version: 1\ntargets: [{}]\ndirectories: [{{src: kit, mode: mirror}}]\n"
BOT = "ghs_theTokenOfTheSource0123456789"
WRITES = ["POST", "PATCH", "DELETE", "PUT"]


@pytest.fixture
def source(swift):
    """A public source with two public targets and a private one, all in step, and a token for the source alone."""
    for name in ("api", "web", "secret"):
        files = {"kit/a.md": b"a\n", "kit/b.md": b"b\n", "README.md": b"theirs\n"}
        swift.hub.repository(f"acme/{name}", files=files, private=name == "secret")
    swift.write({"kit/a.md": "a\n", "kit/b.md": "b\n"}, CONFIG.format("acme/api, acme/web, acme/secret"))
    swift.publish()
    permissions = {"pull_requests": "write", "checks": "write", "contents": "read"}
    swift.hub.token(BOT, login="github-actions[bot]", kind="app", permissions=permissions, repositories=[SOURCE])
    return swift


def proposed(world, files):
    """A pull request with these files; later calls push to it."""
    head = world.write(files)
    repository = world.hub.find(SOURCE)
    git(world.source, "push", "-q", "-f", str(repository.path), "HEAD:refs/heads/topic")
    if not repository.pulls:
        repository.open_pull("topic", author="alice")
    repository.pulls[0].head_oid = head
    return repository.pulls[0]


def event(world, pull, *, fork: str = SOURCE, **more) -> dict[str, str]:
    head = git(world.source, "rev-parse", "HEAD").strip()
    payload = {
        "repository": {"default_branch": "main", "visibility": "public"},
        "pull_request": {
            "number": pull.number,
            "head": {"sha": head, "ref": "topic", "repo": {"full_name": fork} if fork else None},
            "base": {"sha": git(world.source, "rev-parse", "HEAD^").strip()},
        },
    } | more
    file = world.directory / "pull.json"
    file.write_text(json.dumps(payload))
    return {"GITHUB_EVENT_PATH": str(file), "GITHUB_EVENT_NAME": "pull_request", "GITHUB_REF": "refs/pull/1/merge"}


def planned(world, pull, variables=None, **inputs):
    given = {"command": "plan", "comment": "true", "comment_token": BOT} | inputs
    ran = world.run(variables or event(world, pull), **given)
    assert BOT not in ran.log.replace(f"::add-mask::{BOT}", "") + ran.summary
    return ran


def writes(world) -> list[str]:
    return [
        f"{one.method} {one.path}" for one in world.hub.requests if one.method in WRITES and "graphql" not in one.path
    ]


def test_the_effect_is_a_comment_that_names_what_readers_may_know(source):
    pull = proposed(source, {"kit/a.md": "new\n", "kit/b.md": None})
    ran = planned(source, pull)
    assert ran.code == 0
    (comment,) = pull.comments
    assert "https://github.com/acme/templates/pull/" not in comment.body
    assert comment.author == "github-actions[bot]"
    assert "### 📋 Broadcast: +3 pull requests, 3 changes, 3 deletions" in comment.body
    assert comment.body.index("#### Deletions") < comment.body.index("#### Repositories")
    assert "| `kit/b.md` | `acme/api`, `acme/web` |" in comment.body
    assert "secret" not in comment.body
    assert "**1** private repository" in comment.body
    assert "```diff\n@@ -1,1 +1,1 @@\n-a\n+new\n```" in comment.body
    assert ran.outputs["plan-digest"] in comment.body
    assert "- All that `sync` has to do then takes " in comment.body


def test_the_same_again_writes_no_comment_and_a_new_effect_replaces_it(source):
    pull = proposed(source, {"kit/a.md": "new\n"})
    planned(source, pull)
    planned(source, pull)
    assert not [one for one in writes(source) if "comments" in one]
    base = git(source.source, "rev-parse", "HEAD^").strip()
    proposed(source, {"other.md": "not sent\n"})
    planned(source, pull, event(source, pull) | {"GITHUB_RUN_ID": "43"}, compare_to=base)
    assert not [one for one in writes(source) if "comments" in one]
    first = pull.comments[0].body
    proposed(source, {"kit/a.md": "newer\n"})
    planned(source, pull)
    assert len(pull.comments) == 1
    assert "+newer" in pull.comments[0].body != first


def test_without_an_effect_nothing_is_said_until_there_was_one(source):
    pull = proposed(source, {"other.md": "not sent\n"})
    planned(source, pull)
    assert pull.comments == []
    proposed(source, {"kit/a.md": "new\n"})
    planned(source, pull)
    proposed(source, {"other.md": "not sent either\n"})
    planned(source, pull)
    (comment,) = pull.comments
    assert "no effect on other repositories any more" in comment.body


def test_a_comment_that_somebody_copied_is_left_alone(source):
    pull = proposed(source, {"kit/a.md": "new\n"})
    planned(source, pull)
    repository = source.hub.find(SOURCE)
    body = pull.comments.pop().body
    copied = repository.comment(pull, body, "mallory")
    planned(source, pull)
    assert [one.author for one in pull.comments] == ["mallory", "github-actions[bot]"]
    assert copied.body == body


def test_two_runs_side_by_side_leave_one_comment(source):
    pull = proposed(source, {"kit/a.md": "new\n"})
    planned(source, pull)
    first = pull.comments[0]
    source.hub.find(SOURCE).comment(pull, first.body.replace("new", "other"), first.author)
    planned(source, pull)
    assert pull.comments == [first]


def test_a_run_for_an_older_commit_leaves_the_comment(source):
    pull = proposed(source, {"kit/a.md": "new\n"})
    variables = event(source, pull)
    proposed(source, {"kit/a.md": "newer\n"})
    planned(source, pull, variables)
    assert pull.comments == []


@pytest.mark.parametrize("fork", ["mallory/templates", ""])
def test_a_fork_is_refused_before_anything_is_asked(source, fork):
    pull = proposed(source, {"kit/a.md": "new\n"})
    ran = planned(source, pull, event(source, pull, fork=fork))
    assert (ran.code, source.hub.requests) == (2, [])
    assert "this pull request is from a fork" in ran.log
    assert "comment-file" in ran.summary


@pytest.mark.parametrize("lacking", ["pull_requests", "checks"])
def test_a_token_that_may_not_is_a_warning_and_the_plan_counts(source, lacking):
    rights = {"pull_requests": "write", "checks": "write", "contents": "read"} | {lacking: "read"}
    source.hub.token("ghs_less", login="github-actions[bot]", kind="app", permissions=rights)
    pull = proposed(source, {"kit/a.md": "new\n"})
    ran = planned(source, pull, comment_token="ghs_less")
    assert ran.code == 0
    what = "the check run" if lacking == "checks" else "the comment on the pull request"
    assert f"{what} was not written: GitHub answered " in ran.log
    assert "; give the token `pull-requests: write` and `checks: write` in this repository" in ran.log
    assert len(pull.comments) == (lacking == "checks")


def test_a_mistake_in_the_config_is_said_at_its_place(source):
    pull = proposed(source, {".github/broadcast.yml": "version: 1\ntargets: [acme/api]\nfile: [a]\n"})
    ran = planned(source, pull)
    assert ran.code == 2
    assert ".github/broadcast.yml:3:1" in pull.comments[0].body
    assert "files" in pull.comments[0].body
    (check,) = source.hub.find(SOURCE).check_runs
    assert check.conclusion == "failure"
    assert [(one["path"], one["start_line"]) for one in check.output["annotations"]] == [(".github/broadcast.yml", 3)]


def test_a_target_that_fails_is_annotated_at_its_line(source):
    config = "version: 1\ntargets:\n  - acme/api\n  - acme/gone\ndirectories: [{src: kit}]\n"
    pull = proposed(source, {".github/broadcast.yml": config})
    planned(source, pull)
    (check,) = source.hub.find(SOURCE).check_runs
    assert check.conclusion == "failure"
    (annotation,) = check.output["annotations"]
    assert annotation["start_line"] == 4
    assert "gone" not in annotation["message"]  # nothing is known of who may read it


@pytest.mark.parametrize(("files", "conclusion"), [({"kit/a.md": "new\n"}, "neutral"), ({"x": "x\n"}, "success")])
def test_the_check_run_says_whether_there_is_an_effect(source, files, conclusion):
    planned(source, proposed(source, files))
    assert [one.conclusion for one in source.hub.find(SOURCE).check_runs] == [conclusion]


def test_the_first_wave_is_named(source):
    rollout = "rollout: [{name: canaries, targets: [acme/api]}, {name: everyone}]\n"
    config = CONFIG.format("acme/api, acme/web") + rollout
    source.write({".github/broadcast.yml": config})
    pull = proposed(source, {"kit/a.md": "new\n"})
    planned(source, pull)
    assert "It goes first to the wave `canaries`, then to `everyone`." in pull.comments[0].body


def test_a_run_without_a_pull_request_is_shown_what_to_do(source):
    ran = source.run(command="plan", comment="true", comment_token=BOT)
    assert (ran.code, source.hub.requests) == (2, [])
    assert "on: pull_request" in ran.log


@pytest.mark.parametrize(
    ("inputs", "words"),
    [
        ({"command": "sync"}, "the input comment goes with command: plan"),
        ({"comment_token": ""}, "a comment needs a token"),
        ({"explain": "kit/a.md"}, "explain and to don't go with it"),
        ({"command": "comment"}, "command: comment needs the file to post"),
    ],
)
def test_inputs_that_do_not_go_together_are_refused(source, inputs, words):
    ran = planned(source, proposed(source, {"kit/a.md": "new\n"}), **inputs)
    assert (ran.code, source.hub.requests) == (2, [])
    assert words in ran.log


def test_an_app_asks_for_a_token_that_comments_on_the_source_alone(world):
    world.hub.repository("acme/api", files={"kit/a.md": b"a\n"})
    world.write({"kit/a.md": "a\n"}, CONFIG.format("acme/api"))
    world.publish()
    pull = proposed(world, {"kit/a.md": "new\n"})
    install(world, "acme", checks="write")
    ran = as_app(world, environment=event(world, pull), command="plan", comment="true")
    assert ran.code == 0
    assert len(pull.comments) == len(world.hub.find(SOURCE).check_runs) == 1
    assert {"metadata": "read", "pull_requests": "write", "checks": "write"} in minted(world)


# From a fork: one job writes the text, another one posts it


def finished(world, head: str, branch: str = "topic") -> dict[str, str]:
    run = {
        "event": "pull_request", "head_sha": head, "head_branch": branch, "pull_requests": [],
        "head_repository": {"full_name": "mallory/templates"},
    }  # fmt: skip
    file = world.directory / "finished.json"
    file.write_text(json.dumps({"workflow_run": run}))
    return {"GITHUB_EVENT_PATH": str(file), "GITHUB_EVENT_NAME": "workflow_run"}


def posted(world, pull, change=lambda text: text, head: str = ""):
    variables = event(world, pull, fork="mallory/templates")
    ran = world.run(variables, command="plan", comment_file="comment.md")
    assert ran.code == 0
    assert not writes(world)
    file = world.source / "comment.md"
    file.write_text(change(file.read_text()))
    head = head or git(world.source, "rev-parse", "HEAD").strip()
    return world.run(finished(world, head), command="comment", token="", comment_token=BOT, comment_file="comment.md")


@pytest.fixture
def forked(source):
    pull = proposed(source, {"kit/a.md": "new\n"})
    pull.is_cross_repository = True
    return pull


def test_the_second_job_posts_what_the_first_one_wrote(source, forked):
    assert posted(source, forked).code == 0
    (comment,) = forked.comments
    assert "+new" in comment.body
    posted(source, forked)
    assert forked.comments == [comment]
    assert not writes(source)


def test_a_strangers_text_mentions_and_refers_to_none(source, forked):
    posted(source, forked, lambda text: f"{text}\n@alice &#64;bob #12 acme/api#3\n")
    assert "@\u2060alice &#64;\u2060bob #\u206012 acme/api#\u20603" in forked.comments[0].body


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda text: "hello\n", "holds no comment of Broadcast"),
        (lambda text: text + "x" * 70_000, "has more than 65,536 characters"),
        (
            lambda text: text.replace("broadcast-comment ", "broadcast-comment 0", 1)[:31] + text[30:],
            "holds no comment",
        ),
    ],
)
def test_another_text_is_refused(source, forked, change, words):
    ran = posted(source, forked, change)
    assert ran.code == 2
    assert words in ran.log
    assert forked.comments == []


def test_a_text_for_another_commit_is_refused(source, forked):
    ran = posted(source, forked, head="1" * 40)
    assert ran.code == 2
    assert "another commit" in ran.log


def test_a_pull_request_that_has_moved_on_gets_none(source, forked):
    old = git(source.source, "rev-parse", "HEAD").strip()
    event(source, forked)
    forked.head_oid = "2" * 40
    ran = posted(source, forked, head=old)
    assert (ran.code, forked.comments) == (0, [])
    assert "left out: no open pull request has this commit" in ran.log


def test_a_file_that_is_a_link_is_refused(source, forked):
    posted(source, forked)
    (source.source / "comment.md").unlink()
    (source.source / "comment.md").symlink_to("/etc/hostname")
    head = git(source.source, "rev-parse", "HEAD").strip()
    ran = source.run(finished(source, head), command="comment", comment_token=BOT, comment_file="comment.md")
    assert ran.code == 2
    assert "comment-file can't be read" in ran.log
