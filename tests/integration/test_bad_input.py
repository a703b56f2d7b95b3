"""Every mistake gives a readable message with place and remedy, the right exit code, and a report all the same."""

from __future__ import annotations

import pytest

GOOD = "version: 1\ntargets: [acme/api]\nfiles: [LICENSE]\n"

MISTAKES = {
    "an empty config": ("", ":1:1", "the file is empty"),
    "broken YAML": ("version: 1\ntargets: [acme/api\nfiles: x\n", ":3:", "isn't valid YAML"),
    "a tab": ("version: 1\ntargets:\n\t- acme/api\n", ":3:1", "spaces"),
    "an unknown key": (GOOD + "labls: [x]\n", ":4:1", "unknown key 'labls'"),
    "a near miss": (GOOD + "pr_label: [x]\n", ":4:1", "did you mean 'pr_labels'?"),
    "a wrong type": ("version: 1\ntargets: acme/api\nfiles: [LICENSE]\n", ":2:10", "must be a list"),
    "a number for a branch": ("version: 1\ntargets: [{repo: acme/api, branch: 1.10}]\nfiles: [LICENSE]\n", ":2:36", "quotes"),
    "a duplicate key": (GOOD + "files: [x]\n", ":4:1", "line 3 has it too"),
    "a path leaving the repository": (GOOD.replace("LICENSE", "../x"), ":3:9", "leaves the repository"),
    "git's directory": (GOOD.replace("LICENSE", "{src: LICENSE, dest: .GIT/hooks/x}"), ":3:30", "git's own directory"),
    "an absolute path": (GOOD.replace("LICENSE", "/etc/passwd"), ":3:9", "remove the leading /"),
    "no version": ("targets: [acme/api]\nfiles: [LICENSE]\n", ":1:1", "'version' is missing"),
    "another version": (GOOD.replace("1", "2"), ":1:10", "'version' can't be 2"),
    "no targets": ("version: 1\nfiles: [LICENSE]\n", ":1:1", "there are no targets"),
    "a bad target": (GOOD.replace("acme/api", "acme"), ":2:11", "names no repository"),
    "an unquoted !": (GOOD.replace("acme/api", "!acme/x"), ":2:", "quote it"),
    "a missing source": (GOOD.replace("LICENSE", "LICENCE"), ":3:9", "there is no file or directory LICENCE"),
    "a missing directory": (GOOD + "directories: [{src: nothing}]\n", ":4:15", "there is no directory nothing"),
    "two files to one destination": (
        GOOD.replace("[LICENSE]", "[LICENSE, {src: other, dest: LICENSE}]"), ":3:18", "both go to LICENSE",
    ),
    "the source as a target": (GOOD.replace("acme/api", "acme/templates"), ":2:11", "is the source itself"),
    "an unknown placeholder": (GOOD + "pr_title: sync {branch}\n", ":4:11", "unknown placeholder {branch}"),
}  # fmt: skip


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_in_the_config_is_shown_at_its_place(world, name):
    text, place, words = MISTAKES[name]
    world.write({"LICENSE": "MIT\n", "other": "x\n", ".github/broadcast.yml": text})
    api = world.hub.repository("acme/api", files={"a": b"a"})
    ran = world.run()
    assert ran.code == 2
    assert f".github/broadcast.yml{place}" in ran.log
    assert words in ran.log
    assert words.replace("'", "") in ran.summary.replace("\\", "").replace("'", "").replace("&lt;", "<")
    assert ran.outputs["exit-code"] == "2"
    assert ran.results["targets"] == []
    assert not api.pulls
    assert not world.hub.requests


def test_all_mistakes_are_shown_at_once(world):
    world.write({".github/broadcast.yml": "version: 1\ntargts: [x]\nfiles: [../a, {dest: b}]\n"})
    log = world.run().log
    assert all(text in log for text in ("unknown key 'targts'", "leaves the repository", "'src' is missing"))


def test_mistakes_are_annotations_on_the_config_file(world):
    world.write({".github/broadcast.yml": GOOD + "labls: [x]\n"})
    assert "file=.github/broadcast.yml,line=4" in world.run().log


def test_no_config_says_what_to_create(world):
    world.write({"LICENSE": "MIT\n"})
    ran = world.run()
    assert ran.code == 2
    assert "there is no config at .github/broadcast.yml" in ran.summary
    assert "create .github/broadcast.yml" in ran.log


def test_a_file_that_git_does_not_track_is_named_as_such(world):
    world.write({"x": "x"}, GOOD)
    (world.source / "LICENSE").write_text("MIT")
    ran = world.run()
    assert ran.code == 2
    assert "git doesn't track it" in ran.log


@pytest.mark.parametrize(
    ("inputs", "words"),
    [
        ({"token": ""}, "the input `token` is empty"),
        ({"command": "snyc"}, "did you mean 'sync'?"),
        ({"dry_run": "maybe"}, "the input dry-run can't be 'maybe'"),
        ({"only_targets": "acme/nobody"}, "matches no target of the config"),
        ({"config": "../elsewhere.yml"}, "lies outside of the repository"),
        ({"api_url": "ftp://x"}, "is no URL"),
    ],
)
def test_unusable_inputs_exit_with_two(world, inputs, words):
    world.write({"LICENSE": "MIT\n"}, GOOD)
    ran = world.run(**inputs)
    assert ran.code == 2
    assert words in ran.log
    assert ran.summary.startswith("## ")
    assert ran.outputs["exit-code"] == "2"


def test_a_token_that_is_not_valid_fails(swift):
    swift.write({"LICENSE": "MIT\n"}, GOOD)
    ran = swift.run(token="ghp_nobody")
    assert ran.code == 1
    assert "refuses the token" in ran.summary
    assert "valid and not expired" in ran.log


def test_a_token_without_access_fails_the_target(world):
    world.hub.token("ghp_elsewhere", repositories=["acme/web"])
    world.hub.repository("acme/api", files={"a": b"a"})
    world.write({"LICENSE": "MIT\n"}, GOOD)
    ran = world.run(token="ghp_elsewhere")
    assert ran.code == 1
    assert "give the token access" in ran.target("acme/api")["remedy"]


def test_an_unreachable_api_fails_with_its_address(world):
    world.write({"LICENSE": "MIT\n"}, GOOD)
    ran = world.run(api_url="http://127.0.0.1:9")
    assert ran.code == 1
    assert "http://127.0.0.1:9 gave no usable answer" in ran.log
    assert "What to do" in ran.summary


@pytest.mark.parametrize(
    "environment",
    [
        {"GITHUB_EVENT_NAME": "pull_request", "GITHUB_REF": "refs/pull/7/merge"},
        {"GITHUB_EVENT_NAME": "pull_request_target"},
        {"GITHUB_REF": "refs/heads/feature"},
    ],
)
def test_unmerged_content_does_not_reach_the_fleet(world, environment):
    world.write({"LICENSE": "MIT\n"}, GOOD)
    api = world.hub.repository("acme/api", files={"a": b"a"})
    ran = world.run(environment)
    assert ran.code == 2
    assert "allow-ref" in ran.log
    assert not api.pulls
    assert world.run(environment, command="plan").code == 0


def test_an_event_that_does_not_name_the_default_branch_needs_a_usual_name_or_an_input(world):
    world.write({"LICENSE": "MIT\n"}, GOOD)
    world.hub.repository("acme/api", files={"a": b"a"})
    unnamed = {"GITHUB_EVENT_PATH": "", "GITHUB_REF": "refs/heads/trunk"}
    ran = world.run(unnamed)
    assert ran.code == 2
    assert "the event doesn't name the default branch" in ran.log
    assert world.run(unnamed, allow_ref="trunk").outcomes == {"acme/api": "created"}
    ran = world.run({"GITHUB_EVENT_PATH": "", "GITHUB_SHA": ""})
    assert ran.outcomes == {"acme/api": "open"}
    assert "the event doesn't name the default branch; main was taken for it" in ran.log
    assert "no event names a commit" in ran.log


def test_a_schedule_runs_on_the_default_branch_without_a_word(world):
    world.write({"LICENSE": "MIT\n"}, GOOD)
    world.hub.repository("acme/api", files={"a": b"a"})
    ran = world.run({"GITHUB_EVENT_PATH": "", "GITHUB_EVENT_NAME": "schedule"})
    assert ran.outcomes == {"acme/api": "created"}


def test_allow_ref_lets_another_branch_sync(world):
    world.write({"LICENSE": "MIT\n"}, GOOD)
    world.hub.repository("acme/api", files={"a": b"a"})
    assert world.run({"GITHUB_REF": "refs/heads/next"}, allow_ref="next").outcomes == {"acme/api": "created"}


def test_validate_needs_no_token_and_no_network(world):
    world.write({"LICENSE": "MIT\n"}, GOOD)
    ran = world.run(command="validate", token="", api_url="http://127.0.0.1:9")
    assert ran.code == 0
    assert "The config is valid: 1 target, 1 file in all" in ran.log


def test_file_names_cannot_inject_workflow_commands_or_markdown(world):
    world.write(
        {"kit/::error::boo": "x", "kit/a|b`c<img>.md": "x"}, "version: 1\ntargets: [acme/api]\ndirectories: [kit]\n"
    )
    api = world.hub.repository("acme/api", files={"a": b"a"})
    ran = world.run()
    assert ran.code == 0, ran.log
    assert not [line for line in ran.log.splitlines() if line.startswith("::error::boo")]
    assert "<code>kit/a&#x7c;b&#x60;c&#x3c;img&#x3e;.md</code>" in api.pulls[0].body


WRONG = {
    "files: [{src: LICENSE, mode: mirror}]": "3:9: mode: mirror is for directories, and LICENSE is a file",
    "files: [LICENSE]\nremove: ['old/*.md']": "4:10: remove: 'old/*.md' is a pattern, and only paths are removed",
}


@pytest.mark.parametrize("written", WRONG)
def test_what_has_no_effect_as_it_is_written_is_found_offline(swift, written):
    swift.write({"LICENSE": "MIT\n"}, f"version: 1\ntargets: [acme/api]\n{written}\n")
    ran = swift.run(command="validate")
    assert ran.code == 2
    assert WRONG[written] in ran.log


def test_a_file_that_goes_to_what_is_a_directory_here_is_asked_about(swift):
    config = "version: 1\ntargets: [acme/api]\nfiles: [{src: LICENSE, dest: docs}]\n"
    swift.write({"LICENSE": "MIT\n", "docs/a.md": "a\n"}, config)
    ran = swift.run(command="validate")
    assert ran.code == 0
    assert "LICENSE is sent as the file docs; write docs/ for docs/LICENSE" in ran.log


def test_selectors_are_counted_and_not_called_nothing(swift):
    swift.write({"LICENSE": "MIT\n"}, "version: 1\ntargets: [acme/*, acme/api]\nfiles: [LICENSE]\n")
    ran = swift.run(command="validate", only_targets="acme/svc-1")
    assert "1 selector not resolved offline" in ran.log
    assert ran.code == 0


def test_a_filter_that_an_unlisted_selector_may_mean_shows_why_that_is_unlisted(swift):
    swift.write({"LICENSE": "MIT\n"}, "version: 1\ntargets: [acme/*, acme/api]\nfiles: [LICENSE]\n")
    swift.hub.fail(lambda request: not request.writes, status=401, times=99)
    ran = swift.run(command="plan", only_targets="acme/svc-1")
    assert ran.code == 1
    assert "matches no target" not in ran.log
    assert "401" in ran.log or "credentials" in ran.log
