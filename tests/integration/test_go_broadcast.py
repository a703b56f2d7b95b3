"""The configs of go-broadcast, version 1, as they are: they mean here what they mean there, except where we say so."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.hub import Hub
from tests.hub.faults.clock import Clock
from tests.integration.test_main_job import changed
from tests.unit.config.test_parse import pointed_at, read, targets, the_problem
from tests.world import Ran, World

CONFIGS = Path(__file__).parent.parent / "configs"
README = {"README.md": b"theirs\n"}
PEOPLE = ("pat", "robin", "sam", "kim")


@pytest.fixture
def swift(tmp_path):
    """A world in which waiting takes no time."""
    with Hub(tmp_path / "hub", clock=Clock()) as hub:
        for login in PEOPLE:
            hub.user(login)
        for team in ("platform", "backend"):
            hub.team("acme", team)
        yield World(tmp_path, hub)


def text(name: str) -> str:
    """One of our examples of that format."""
    return (CONFIGS / f"{name}.yaml").read_text()


def synced(swift, config: str, files: dict[str, bytes | str], **held: dict) -> Ran:
    """A run of this config; targets have what they are given here, by the name of the repository."""
    swift.write({**files, "sync.yaml": config})
    for name, content in held.items():
        swift.hub.repository(f"acme/{name}", files={**README, **content})
    swift.hub.clock.advance(60)
    return swift.run(config="sync.yaml")


def proposal(swift, name: str) -> tuple[dict[str, str], dict[str, bytes]]:
    """What the only pull request of a target changes, and the files on its branch."""
    repository = swift.hub.find(f"acme/{name}")
    (pull,) = repository.pulls
    return changed(repository, pull.head), {path: content for path, (_, content) in repository.files(pull.head).items()}


@pytest.mark.parametrize("path", sorted(CONFIGS.glob("*.yaml")), ids=lambda path: path.stem)
def test_every_example_is_read_unchanged(path):
    assert read(path.read_text()).targets


# Groups, people and labels

KIT = {"Makefile": "all:\n", "lint/strict.json": "{}\n", "docs/a.md": "a\n", "docs/sub/b.md": "b\n"}


def services(swift, api=None) -> Ran:
    labels = ["automated", "api", "documents", "never-heard"]
    for name in ("api", "handbook"):
        swift.hub.repository(f"acme/{name}", files={**README, **((api or {}) if name == "api" else {})}, labels=labels)
    web = swift.hub.repository("acme/web", files=README, labels=labels)
    web.commit({"x": b"x"}, branch="develop")
    return synced(swift, text("services"), KIT)


def test_groups_send_what_their_targets_say_to_the_base_that_they_name(swift):
    ran = services(swift)
    assert (ran.code, ran.outcomes) == (0, dict.fromkeys(["acme/api", "acme/web@develop", "acme/handbook"], "created"))
    assert proposal(swift, "api")[0] == {"Makefile": "A", ".lint.json": "A"}
    assert proposal(swift, "web")[0] == {"x": "A", "build/Makefile": "A"}
    assert proposal(swift, "handbook")[0] == {"shared/a.md": "A", "shared/sub/b.md": "A"}
    heads = {
        name: (pull.base, pull.head)
        for name in ("api", "web", "handbook")
        for pull in swift.hub.find(f"acme/{name}").pulls
    }
    assert heads == {
        "api": ("main", "chore/sync-files/acme-services"),
        "web": ("develop", "chore/sync-files/acme-services@develop"),
        "handbook": ("main", "chore/sync-docs/acme-services"),
    }
    assert set(swift.run(config="sync.yaml").outcomes.values()) == {"open"}


def test_what_is_global_is_united_with_the_targets_own_and_defaults_speak_where_neither_does(swift):
    services(swift)
    said = {
        name: (set(pull.labels), set(pull.assignees), set(pull.reviewers), set(pull.team_reviewers))
        for name in ("api", "web", "handbook")
        for pull in swift.hub.find(f"acme/{name}").pulls
    }
    assert said == {
        "api": ({"automated", "api"}, {"pat", "sam"}, {"robin", "kim"}, {"platform", "backend"}),
        "web": ({"automated"}, {"pat"}, {"robin"}, {"platform"}),
        "handbook": ({"documents"}, {"pat"}, {"robin"}, {"platform"}),
    }


def test_a_group_waits_for_the_one_that_it_depends_on_and_runs_only_if_that_went_well(swift):
    broken = swift.hub.repository("acme/api", files=README, labels=["automated", "api"])
    broken.no_creation = ["~ALL"]
    for name in ("web", "handbook"):
        swift.hub.repository(f"acme/{name}", files=README, labels=["automated", "documents"]).commit(
            {}, branch="develop"
        )
    ran = synced(swift, text("services"), KIT)
    assert ran.outcomes == {"acme/api": "failed", "acme/web@develop": "created", "acme/handbook": "deferred"}
    assert ran.target("acme/handbook")["reason"] == "depends on the group 'services', which failed at acme/api"


# Lists


def test_lists_are_sent_where_they_are_named_and_what_a_target_says_itself_wins(swift):
    files = {
        "LICENSE": "MIT\n", "editor/config": "narrow\n", "editor/wide": "wide\n", ".github/workflows/ci.yml": "on: push\n",
        ".github/workflows/x-local.yml": "mine\n",
    }  # fmt: skip
    ran = synced(
        swift, text("lists"), files, api={".travis.yml": b"old"}, web={".travis.yml": b"old"}, **{".github": {}}
    )
    assert (ran.code, set(ran.outcomes.values())) == (0, {"created"}), ran.log
    assert proposal(swift, "api")[0] == {
        "LICENSE": "A", ".editorconfig": "A", ".travis.yml": "D", ".github/workflows/ci.yml": "A",
    }  # fmt: skip
    changes, web = proposal(swift, "web")
    assert changes == {"LICENSE": "A", ".editorconfig": "A"}
    assert web[".editorconfig"] == b"wide\n"
    assert proposal(swift, ".github")[0] == {".github/workflows/ci.yml": "A"}


# Texts

SECURITY = "Write to [security@acme.example](mailto:security@acme.example) or help@acme.example.\n"
SERVICE = "name: {{SERVICE}} ${SERVICE} $SERVICE {{ SERVICE }} {{OTHER}}\nport: ${PORT} ${{PORT}}\nsee acme/templates, templates\n"


def test_addresses_variables_and_names_become_the_targets_own(swift):
    ran = synced(
        swift, text("contacts"), {"SECURITY.md": SECURITY, "service/app.yml": SERVICE}, api={}, web={}, docs={}
    )
    assert (ran.code, set(ran.outcomes.values())) == (0, {"created"}), ran.log
    api, web, docs = (proposal(swift, name)[1]["SECURITY.md"].decode() for name in ("api", "web", "docs"))
    assert api == SECURITY.replace("security@", "api-security@").replace("help@", "api-help@")
    assert web == SECURITY.replace("help@", "web-help@")
    assert docs == SECURITY


def test_a_targets_transform_reaches_its_directories_too_and_theirs_wins_name_by_name(swift):
    synced(swift, text("contacts"), {"SECURITY.md": SECURITY, "service/app.yml": SERVICE}, api={}, web={}, docs={})
    assert proposal(swift, "api")[1]["service/app.yml"].decode() == (
        "name: api api $SERVICE {{ SERVICE }} {{OTHER}}\nport: 9090 ${{PORT}}\nsee acme/api, templates\n"
    )


# Directories

CONFIGS_THERE = {
    "app.yml": "1", "app.local": "1", "notes": "1", ".env": "1", "deep/app.yml": "2", "deep/er/x.md": "1",
    "deep/notes": "2", "draft/y.md": "1", "a.out": "1", "deep/b.test": "1", "tmp/z": "1", ".git-keep/k.yml": "1",
}  # fmt: skip


def test_directories_are_sent_as_they_say(swift):
    config = text("directories").replace('"deep/app.yml"', '"deep/app.yml", "deep/notes"')
    ran = synced(swift, config, {f"configs/{path}": content for path, content in CONFIGS_THERE.items()}, api={})
    assert ran.code == 0, ran.log
    sent: dict[str, set[str]] = {}
    for path in proposal(swift, "api")[0]:
        sent.setdefault(path.partition("/")[0], set()).add(path.partition("/")[2])
    default = {"a.out", "deep/b.test", "tmp/z", ".env"}
    whole = set(CONFIGS_THERE) - default
    assert sent == {
        "excluded": whole - {"app.local", "notes", "deep/notes", "draft/y.md"},
        "included": {"app.yml", "deep/app.yml", ".git-keep/k.yml"},
        "flat": {"app.yml", "app.local", "notes", "x.md", "y.md", "k.yml"},
        "visible": {path for path in whole if not path.startswith(".")},
        "whole": whole,
    }


def test_files_and_directories_are_deleted(swift):
    held = {
        "lint.json": b"{}",
        ".travis.yml": b"x",
        "legacy/a": b"a",
        "legacy/b/c": b"c",
        "LICENSE": b"old",
        "own": b"own",
    }
    ran = synced(swift, text("deletions"), {"LICENSE": "MIT\n"}, api=held)
    assert ran.code == 0, ran.log
    assert proposal(swift, "api")[0] == {
        "lint.json": "D", ".travis.yml": "D", "legacy/a": "D", "legacy/b/c": "D", "LICENSE": "M",
    }  # fmt: skip


# Keys without meaning: why, and how many more there are

MEANINGLESS = {
    "settings_presets": ("change settings of repositories", ""),
    "rate_limit_preflight": ("always keeps GitHub's limits", ""),
    "blob_size_limit": ("nothing is cloned", " (and 1 more)"),
    "module": ("check out the version to send", ""),
}


def test_keys_that_mean_nothing_here_are_told_once_each_with_their_line_and_why(swift):
    ran = synced(swift, text("without-meaning"), {"errors/errors.go": "package errors\n"}, api={})
    assert (ran.code, ran.outcomes) == (0, {"acme/api": "created"})
    warnings = read(text("without-meaning")).warnings
    assert len(warnings) == len(MEANINGLESS)
    for key, (why, more) in MEANINGLESS.items():
        (warning,) = [one for one in warnings if f"`{key}` is ignored" in one]
        line = text("without-meaning").partition(f"{key}:")[0].count("\n") + 1
        assert warning.startswith((f"broadcast.yml:{line}{more}: ", f"broadcast.yml:{line + 1}{more}: "))
        assert why in warning
        assert ran.summary.count(why) == 1


def test_a_config_without_such_keys_has_nothing_to_warn_of():
    assert all(
        read(text(name)).warnings == () for name in ("services", "lists", "contacts", "directories", "deletions")
    )


# Where we differ, on purpose


def test_another_source_is_an_error_where_it_stands():
    config = text("services").replace('repo: "acme/templates"', 'repo: "acme/others"', 1)
    problem = the_problem(config)
    assert pointed_at(problem) == '"acme/others"'
    assert problem.message == "the source is acme/others, but this config stands in acme/templates"


def test_the_source_may_be_spelled_in_any_case_as_on_github():
    assert read(text("services").replace('repo: "acme/templates"', 'repo: "ACME/Templates"', 1)).targets


@pytest.mark.parametrize("src", ['src: "kit"\n            ', 'src: "legacy"\n            '])
def test_a_directory_with_a_source_is_not_deleted_but_asked_about(src):
    problem = the_problem(text("deletions").replace('dest: "legacy"', f'{src}dest: "legacy"'))
    assert "delete: true would delete the directory" in problem.message
    assert "mode: mirror" in problem.remedy
    assert "remove:" in problem.remedy


def test_excludes_add_to_the_defaults():
    (target,) = targets(text("directories")).values()
    assert {"*.out", "*.test", "*.local", "**/notes"} <= set(target.mappings[0].exclude)


def test_without_a_name_the_base_is_the_targets_own_default_branch(swift):
    swift.hub.repository("acme/docs", files=README, default_branch="trunk")
    synced(swift, text("contacts"), {"SECURITY.md": SECURITY, "service/app.yml": SERVICE}, api={}, web={})
    assert [pull.base for pull in swift.hub.find("acme/docs").pulls] == ["trunk"]


def test_nothing_is_labelled_and_nobody_asked_unless_the_config_says_so(swift):
    synced(swift, text("contacts"), {"SECURITY.md": SECURITY, "service/app.yml": SERVICE}, api={}, web={}, docs={})
    (pull,) = swift.hub.find("acme/api").pulls
    assert (pull.labels, pull.assignees, pull.reviewers, pull.team_reviewers) == ([], [], [], [])


def test_a_group_is_skipped_on_a_branch_that_it_does_not_send_from(swift):
    config = text("services").replace('branch: "main"', 'branch: "release"')
    services(swift)
    swift.write({"sync.yaml": config, "Makefile": "changed\n"})
    ran = swift.run(config="sync.yaml")
    assert (ran.code, ran.outcomes) == (0, {})
    assert ran.summary.count("sends from release, and this is main") == 2
    assert [pull.state for name in ("api", "web", "handbook") for pull in swift.hub.find(f"acme/{name}").pulls] == [
        "OPEN"
    ] * 3
