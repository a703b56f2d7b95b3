"""The configs of go-broadcast, version 1, as they are: they mean here what they mean there, except where we say so."""

from __future__ import annotations

from pathlib import Path

import pytest

from broadcast.migrate import of_files
from tests.hub import Hub
from tests.hub.faults.clock import Clock
from tests.integration.test_main_job import changed
from tests.unit.config.test_parse import pointed_at, read, the_problem
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


def test_addresses_change_in_the_files_of_targets_with_a_transform_as_there(swift):
    ran = synced(
        swift, text("contacts"), {"SECURITY.md": SECURITY, "service/app.yml": SERVICE}, api={}, web={}, docs={}
    )
    assert (ran.code, set(ran.outcomes.values())) == (0, {"created"}), ran.log
    api, web, docs = (proposal(swift, name)[1]["SECURITY.md"].decode() for name in ("api", "web", "docs"))
    assert api == SECURITY.replace("security@", "api-security@").replace("help@", "api-help@")
    assert web == SECURITY
    assert docs == SECURITY


def test_a_directory_has_its_own_transform_only(swift):
    synced(swift, text("contacts"), {"SECURITY.md": SECURITY, "service/app.yml": SERVICE}, api={}, web={}, docs={})
    assert proposal(swift, "api")[1]["service/app.yml"].decode() == (
        "name: {{SERVICE}} ${SERVICE} $SERVICE {{ SERVICE }} {{OTHER}}\nport: 9090 ${{PORT}}\n"
        "see acme/templates, templates\n"
    )


# Directories

TWICE = ("deep/app.yml", "deep/notes")  # of one name with another one

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
    every = set(CONFIGS_THERE) - {".env"}
    whole = every - {"a.out", "deep/b.test"}  # tmp/z is at the root, where `**/tmp/*` matches nothing
    assert sent == {
        "excluded": every - {"app.local", "deep/notes", "draft/y.md"},
        "included": {"app.yml"},
        "flat": {"app.yml", "app.local", "notes", "x.md", "y.md", "k.yml", "a.out", "b.test", "z"},
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


# What it leaves out, which list counts, and at which depth


def one_target(said: str, lists: str = "") -> str:
    """A config with one target that says this."""
    return f"""version: 1
{lists}groups:
  - name: All
    id: all
    source: {{repo: acme/templates}}
    targets:
      - repo: acme/api
{said}"""


def sent_by(swift, config: str, *paths: str, **held: dict) -> dict[str, str]:
    ran = synced(swift, config, dict.fromkeys(paths, "x\n"), **(held or {"api": {}}))
    assert (ran.code, ran.outcomes) == (0, {"acme/api": "created"}), ran.log
    return proposal(swift, "api")[0]


ALWAYS_LEFT_OUT = [
    ".env", ".env.example", "a/.env.local", "node_modules/p.js", "a/node_modules/b/p.js", "x.tmp", "a/x.temp", "Thumbs.db",
    "a/.DS_Store",
]  # fmt: skip


@pytest.mark.parametrize("said", ["", ", exclude: []", ', exclude: ["*.log"]'])
def test_it_never_sends_what_its_engine_leaves_out(swift, said):
    config = one_target(f"        directories: [{{src: kit, dest: kit{said}}}]\n")
    paths = [f"kit/{path}" for path in (*ALWAYS_LEFT_OUT, "a.txt", "a.out", "tmp/a", "a/tmp/b/c")]
    own = {} if said else {"kit/a.out", "kit/a/tmp/b/c"}
    assert set(sent_by(swift, config, *paths)) == {"kit/a.txt", "kit/tmp/a", "kit/a.out", "kit/a/tmp/b/c"} - {*own}


def test_directories_of_lists_have_no_default_but_that(swift):
    lists = "directory_lists: [{id: kits, name: Kits, directories: [{src: kit, dest: kit}]}]\n"
    config = one_target("        directory_list_refs: [kits]\n", lists)
    assert set(sent_by(swift, config, "kit/a.out", "kit/b.tmp", "kit/c")) == {"kit/a.out", "kit/c"}


@pytest.mark.parametrize(
    ("pattern", "left_out"),
    [
        ("deep/x", {"deep/x", "a/deep/x"}),
        ("deep/*", {"deep/x", "a/deep/x", "deep/y/z"}),
        ("/deep/x", {"deep/x"}),
        ("**/x", {"deep/x", "a/deep/x"}),
        ("deep/**", {"deep/x", "a/deep/x", "deep/y/z"}),
        ("deep/", {"deep/x", "a/deep/x", "deep/y/z"}),
        ("deep?x", {"deep/x", "a/deep/x"}),
        ("[xy]", set()),
    ],
)
def test_patterns_match_at_any_depth(swift, pattern, left_out):
    paths = {"x", "deep/x", "a/deep/x", "deep/y/z"}
    config = one_target(f'        directories: [{{src: kit, dest: kit, exclude: ["{pattern}"]}}]\n')
    assert set(sent_by(swift, config, *(f"kit/{path}" for path in paths))) == {f"kit/{one}" for one in paths - left_out}


def test_an_inline_directory_replaces_a_lists_of_the_same_dest(swift):
    lists = "directory_lists: [{id: kits, name: Kits, directories: [{src: kit, dest: d}, {src: more, dest: e}]}]\n"
    config = one_target("        directory_list_refs: [kits]\n        directories: [{src: own, dest: d}]\n", lists)
    assert set(sent_by(swift, config, "kit/a", "more/b", "own/c")) == {"d/c", "e/b"}


def test_the_later_list_wins(swift):
    lists = """file_lists:
  - {id: one, name: One, files: [{src: a, dest: x}, {src: a, dest: y}]}
  - {id: two, name: Two, files: [{src: b, dest: x}]}
directory_lists:
  - {id: one, name: One, directories: [{src: kit, dest: d}]}
  - {id: two, name: Two, directories: [{src: own, dest: d}]}
"""
    config = one_target("        file_list_refs: [one, two]\n        directory_list_refs: [one, two]\n", lists)
    swift.write({"b": "b\n"})
    assert set(sent_by(swift, config, "a", "kit/k", "own/o")) == {"x", "y", "d/o"}
    assert proposal(swift, "api")[1]["x"] == b"b\n"


def test_of_two_directories_the_later_one_has_what_both_send(swift):
    config = one_target("        directories: [{src: kit, dest: d}, {src: own, dest: d}]\n")
    swift.write({"own/a": "own\n"})
    assert set(sent_by(swift, config, "kit/a", "kit/b")) == {"d/a", "d/b"}
    assert proposal(swift, "api")[1]["d/a"] == b"own\n"


def test_a_deletion_takes_what_was_sent_before_it_and_not_what_is_sent_after(swift):
    config = one_target(
        "        directories: [{src: kit, dest: d}, {dest: d, delete: true}, {src: own, dest: d/own}]\n"
    )
    assert set(sent_by(swift, config, "kit/a", "own/b")) == {"d/own/b"}


def test_what_the_source_lacks_is_skipped_with_a_warning(swift):
    said = """        files: [{src: gone, dest: gone}, {src: a, dest: a}]
        directories: [{src: never, dest: n}, {src: kit, dest: k, include_only: ["*.md"]}]
"""
    swift.write({"sync.yaml": one_target(said), "a": "a\n", "kit/b": "b\n"})
    swift.hub.repository("acme/api", files=README)
    ran = swift.run(config="sync.yaml")
    assert (ran.code, proposal(swift, "api")[0]) == (0, {"a": "A"})
    for why in ("there is no file gone", "there is no directory never", "every file under kit is excluded"):
        assert f"{why}: it is skipped" in ran.summary


def test_the_log_and_the_summary_say_how_the_config_was_read(swift):
    ran = synced(swift, one_target("        files: [{src: a, dest: a}]\n"), {"a": "a\n"}, api={})
    assert "sync.yaml was read as a config of mrz1836/go-broadcast" in ran.log
    assert "read as a config of mrz1836/go-broadcast" in ran.summary


# Migrated, the targets that hold what it sent are in step


@pytest.mark.parametrize("name", ["services", "lists", "directories", "deletions"])
def test_a_target_that_holds_what_it_sent_is_in_step_with_the_migrated_config(swift, name):
    kit = {**KIT, "LICENSE": "MIT\n", "editor/config": "narrow\n", "editor/wide": "wide\n",
           ".github/workflows/ci.yml": "on: push\n", ".github/workflows/x-local.yml": "mine\n",
           **{f"configs/{path}": content for path, content in CONFIGS_THERE.items() if path not in TWICE}}  # fmt: skip
    swift.write({**kit, "sync.yaml": text(name)})
    migration, comparison = of_files(swift.source, "acme/templates", "sync.yaml")
    assert comparison
    assert comparison.is_same
    assert migration.old
    for label, sent in migration.old.sent.items():
        held = {dest: kit[src].encode() for dest, src in sent.items()}
        repository = swift.hub.repository(label.partition("@")[0], files={**README, **held})
        repository.set_branch("develop", repository.head())
    swift.write({"sync.yaml": None, "broadcast.yml": migration.text})
    swift.hub.clock.advance(60)
    ran = swift.run(config="broadcast.yml")
    assert (ran.code, set(ran.outcomes.values())) == (0, {"in_sync"}), ran.log
    assert not [request for request in swift.hub.requests if request.writes]


# Keys without meaning: why, and how many more there are

MEANINGLESS = {
    "settings_presets": ("change settings of repositories", ""),
    "rate_limit_preflight": ("always keeps GitHub's limits", ""),
    "blob_size_limit": ("nothing is cloned", " (and 1 more)"),
    "module": ("check out the version to send", ""),
}


def test_keys_that_mean_nothing_here_are_reported_once_each_with_their_line_and_why(swift):
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
    assert "`broadcast migrate` writes this repository's" in problem.remedy
    assert pointed_at(problem) == '"acme/others"'
    assert problem.message == "the source is acme/others, but this config stands in acme/templates"


def test_the_source_may_be_spelled_in_any_case_as_on_github():
    assert read(text("services").replace('repo: "acme/templates"', 'repo: "ACME/Templates"', 1)).targets


@pytest.mark.parametrize("src", ["dummy", "kit"])
def test_a_source_of_what_is_deleted_has_no_effect(swift, src):
    config = text("deletions").replace('dest: "legacy"', f'src: "{src}"\n            dest: "legacy"')
    ran = synced(swift, config, {"LICENSE": "MIT\n", "kit/a": "a"}, api={"legacy/a": b"a", "legacy/b/c": b"c"})
    assert ran.code == 0, ran.log
    assert proposal(swift, "api")[0] == {"LICENSE": "A", "legacy/a": "D", "legacy/b/c": "D"}


def test_without_a_name_the_base_is_the_targets_own_default_branch(swift):
    swift.hub.repository("acme/docs", files=README, default_branch="trunk")
    synced(swift, text("contacts"), {"SECURITY.md": SECURITY, "service/app.yml": SERVICE}, api={}, web={})
    assert [pull.base for pull in swift.hub.find("acme/docs").pulls] == ["trunk"]


def test_nothing_is_labelled_and_no_one_asked_unless_the_config_says_so(swift):
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
