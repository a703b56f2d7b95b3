"""BetaHuhn/repo-file-sync-action's `.github/sync.yml` and its workflow, in our language."""

from __future__ import annotations

import pytest
import yaml

from broadcast.config.parse import parse
from broadcast.errors import ConfigError, UsageError
from broadcast.migrate import Migration, SourceList, migrate

SOURCE = "acme/templates"
LISTING = SourceList(["LICENSE", "README.md", "ci.yml", "src/a.md", "src/lib/b.md", "src/c.out", "docs/x.md"])
BARE = "version: 1\nid: acme/templates.sync\nsupersedes: [repo-sync/templates/]\npr_labels: [sync]\n"


def migrated(text: str, workflow: str | None = None, listing: SourceList = LISTING, source: str = SOURCE) -> Migration:
    found = migrate(
        text, ".github/sync.yml", source, listing, workflow=workflow, workflow_file=".github/workflows/sync.yml"
    )
    assert parse(found.text, "new", source).targets
    return found


def body(migration: Migration) -> str:
    return migration.text.partition("\n")[2].removeprefix(BARE)


def told(migration: Migration, key: str) -> list[str]:
    return [str(note) for note in migration.notes if note.key == key]


def problems(text: str, workflow: str | None = None) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        migrate(text, "s.yml", SOURCE, LISTING, workflow=workflow, workflow_file="w.yml")
    return [f"{one.place}: {one.message}" for one in caught.value.problems]


def test_the_shortest_config_stays_short() -> None:
    found = migrated("user/a:\n  - LICENSE\n")
    assert found.text == (
        "# Migrated from .github/sync.yml of BetaHuhn/repo-file-sync-action.\n"
        f"{BARE}targets: [user/a]\nfiles:\n  - LICENSE\n"
    )


def test_what_all_targets_share_stands_at_the_top_and_the_rest_where_it_belongs() -> None:
    text = """
user/a: [LICENSE, ci.yml]
user/b@dev: [LICENSE]
group:
  repos: |
    user/c
    user/d
  files:
    - {source: README.md, dest: docs/README.md}
    - LICENSE
"""
    assert (
        body(migrated(text))
        == """targets:
  - repo: user/a
    files:
      - ci.yml
  - user/b@dev
files:
  - LICENSE
groups:
  - name: "user/c, user/d"
    targets: [user/c, user/d]
    files:
      - {src: README.md, dest: docs/README.md}
"""
    )


def test_entries_for_one_target_are_put_together_wherever_they_stand() -> None:
    text = "user/a: [LICENSE]\ngroup:\n  - {repos: [User/A, user/a@dev], files: [ci.yml]}\n"
    assert body(migrated(text)) == (
        "targets:\n  - repo: user/a\n    files:\n      - LICENSE\n  - user/a@dev\nfiles:\n  - ci.yml\n"
    )


def test_anchors_and_merge_keys_are_followed() -> None:
    text = "user/a: &files\n  - &one {source: ci.yml, dest: x.yml}\n  - {<<: *one, dest: y.yml}\nuser/b: *files\n"
    assert "{src: ci.yml, dest: y.yml}" in body(migrated(text))


def test_directories_get_their_options() -> None:
    text = """
user/a:
  - source: src/
    dest: out/
    deleteOrphaned: true
    exclude: |
      a.md
      lib/
  - {source: docs, replace: false}
"""
    found = migrated(text)
    assert (
        body(found)
        == """targets: [user/a]
directories:
  - {src: src, dest: out, mode: mirror, exclude: [/a.md, /lib/], default_excludes: false}
  - {src: docs, mode: seed}
"""
    )
    assert told(found, "deleteOrphaned")[0].startswith(".github/sync.yml:3: deleteOrphaned: deleted what the source")
    assert "`mode: seed` decides file by file" in told(found, "replace: false")[0]


@pytest.mark.parametrize("path", ["/", "//", "///"])
def test_the_root_of_the_runner_is_answered_with_that_of_the_source(path: str) -> None:
    (note,) = told(migrated(f"user/a: [LICENSE, {{source: {path}, dest: x}}]\n"), "source")
    assert note.endswith("was the root of the runner, and failed → left out; write ./ for the root")


@pytest.mark.parametrize(
    ("source", "dest", "mode", "did"),
    [
        ("src/", "out/", "mirror", "deleted what the source hasn't got"),
        ("src/", "./", "copy", "stopped at .git/, and"),
        ("src/", "/", "copy", "stopped at .git/, and"),
        ("./", "all/", "copy", "stopped at .git/, and"),
        ("site/", "out/", "copy", "stopped at .gitignore, and"),
        ("site/deep/", "out/", "mirror", "deleted what the source hasn't got"),
    ],
)
def test_deletions_that_stopped_at_once_delete_nothing(source: str, dest: str, mode: str, did: str) -> None:
    listing = SourceList(["src/a.md", "site/.gitignore", "site/a.html", "site/deep/.keep"])
    found = migrated(f"user/a: [{{source: {source}, dest: {dest}, deleteOrphaned: true}}]\n", listing=listing)
    assert ("mode: mirror" in found.text) == (mode == "mirror")
    assert f": {did}" in told(found, "deleteOrphaned")[0]


def test_a_name_of_git_that_is_excluded_stops_no_deletion() -> None:
    listing = SourceList(["site/.gitignore", "site/a.html"])
    text = "user/a: [{source: site/, dest: out/, deleteOrphaned: true, exclude: .gitignore}]\n"
    assert "mode: mirror" in migrated(text, listing=listing).text


def test_a_directory_that_was_left_alone_at_the_root_was_never_sent() -> None:
    found = migrated("user/a: [LICENSE, {source: src/, dest: ./, replace: false}]\n")
    assert body(found) == "targets: [user/a]\nfiles:\n  - LICENSE\n"
    assert "the root of a target always is → left out" in told(found, "replace: false")[0]


def test_without_a_listing_the_way_it_is_written_decides_what_is_a_directory() -> None:
    text = "user/a: [src, {source: docs/}, {source: x, exclude: 'y'}]\n"
    assert body(migrated(text, listing=SourceList())) == (
        "targets: [user/a]\nfiles:\n  - src\ndirectories:\n  - docs\n  - {src: x, exclude: [/y]}\n"
    )


@pytest.mark.parametrize(
    ("entry", "key", "did"),
    [
        ("{source: src/, exclude: [a.md]}", "exclude", "a list (a.md) was ignored"),
        ("{source: src/, exclude: '*.md'}", "exclude", "'*.md' excluded nothing: names were compared exactly"),
        ("{source: src/, exclude: 'a.md '}", "exclude", "'a.md ' excluded nothing"),
        ("{source: src/, exclude: ../x}", "exclude", "'../x' names nothing below src/"),
        ("{source: src/, exclude: a.md, template: true}", "exclude", "was ignored beside `template`"),
        ("{source: LICENSE, exclude: a.md}", "exclude", "did nothing for a single file"),
        ("{source: LICENSE, deleteOrphaned: true}", "deleteOrphaned", "did nothing for a single file"),
        ("{source: LICENSE, dest: out/}", "dest", "could not copy the file LICENSE to out/"),
        ("{source: LICENSE/, dest: x}", "source", "found no directory LICENSE/ and went on"),
        ("{source: LICENSE, colour: red}", "colour", "is no key of that tool, which ignored it"),
        ("{source: LICENSE, replace: false}", "replace: false", "wrote the file where it was absent"),
    ],
)
def test_every_habit_without_an_equal_is_reported_with_its_line(entry: str, key: str, did: str) -> None:
    (note,) = told(migrated(f"user/a:\n  - LICENSE\n  - {entry}\n"), key)
    assert note.startswith(f".github/sync.yml:3: {key}: {did}")


def test_javascript_reads_no_as_a_text() -> None:
    assert "mode" not in body(migrated("user/a: [{source: src/, replace: no}]\n"))
    assert "mode: mirror" in body(migrated("user/a: [{source: src/, deleteOrphaned: no}]\n"))


def test_templates_keep_their_files_and_get_their_values() -> None:
    text = """
user/a:
  - source: README.md
    template: {user: {name: Maxi}, on: yes, version: 1.10, target: x, many: [1], empty: , off: false, none: 0}
user/b:
  - {source: README.md, template: true}
"""
    found = migrated(text)
    assert (
        body(found)
        == """targets:
  - repo: user/a
    vars:
      user: {name: Maxi}
      "on": "yes"
      version: 1.1
      _target: x
      many: [1]
      empty: ""
      "off": false
      none: 0
  - user/b
files:
  - {src: README.md, template: true, delimiters: ["{{", "}}"]}
"""
    )
    assert "write {{ _target }} for target" in told(found, "target")[0]
    assert "the number 1.10 printed as 1.1" in told(found, "version")[0]
    assert "a name without a value was nothing" in told(found, "template")[0]


def test_values_that_differ_within_a_target_are_reported() -> None:
    text = "user/a: [{source: ci.yml, template: {v: 1}}, {source: LICENSE, template: {v: 2}}]\n"
    assert any("v is 2 for this file and 1 for another" in note for note in told(migrated(text), "template"))


def test_values_that_differ_between_two_places_of_a_target_are_reported() -> None:
    text = "user/a: [{source: ci.yml, template: {v: 1}}]\ngroup: {repos: User/a, files: [{source: LICENSE, template: {v: 2}}]}\n"
    assert any("v is 2 for this file and 1 for another" in note for note in told(migrated(text), "template"))


@pytest.mark.parametrize("name", ["under_score/a", "justname", "a/b@.bad", "https://[::1/x", "acme/Templates", "a/.."])
def test_what_cannot_be_a_target_is_left_out_and_reported(name: str) -> None:
    found = migrated(f"user/a: [LICENSE]\n? {name!r}\n: [LICENSE]\n".replace("justname", "just/"))
    assert "targets: [user/a]" in found.text
    assert any(note.line == 2 for note in found.notes)


def test_another_branch_of_the_source_is_a_target() -> None:
    assert "targets: [acme/templates@gh-pages]" in migrated("acme/templates@gh-pages: [LICENSE]\n").text


def test_a_number_as_a_destination_is_its_text() -> None:
    assert '{src: LICENSE, dest: "404"}' in migrated("user/a: [{source: LICENSE, dest: 404}]\n").text


def test_a_host_is_reported_and_the_target_kept() -> None:
    found = migrated("https://ghes.example.com/user/a@de: [LICENSE]\n")
    assert "targets: [user/a@de]" in found.text
    assert "named the host ghes.example.com" in told(found, "https://ghes.example.com/user/a@de")[0]


@pytest.mark.parametrize("path", ["../x", "/etc/passwd", "a/.git/config", "nowhere.txt"])
def test_paths_that_cannot_be_sent_are_left_out_and_reported(path: str) -> None:
    found = migrated(f"user/a:\n  - LICENSE\n  - {path}\n")
    assert "files:\n  - LICENSE\n" in found.text
    assert any(note.line == 3 for note in found.notes)


def test_nothing_left_to_send_is_an_error_that_says_why() -> None:
    with pytest.raises(ConfigError, match=r"1 problem in s\.yml") as caught:
        migrate("user/a: [nowhere]\n", "s.yml", SOURCE, LISTING)
    assert [str(one.place) for one in caught.value.problems] == ["s.yml:1:1"]
    assert caught.value.problems[0][3:5] == (
        "nowhere: there is no such file or directory",
        "commit it first, or correct it",
    )


@pytest.mark.parametrize(
    ("text", "problems"),
    [
        ("group: [{repos: ' ', files: [LICENSE]}]\n", [("repos: names no repository", "name each on a line of its own")]),
        ("user/a: ['./*']\n", [("source: found no ./*, for it knows no patterns, and went on", "write ./ for the whole directory")]),
        (
            "user/a: [{source: src/*.md, dest: x/, deleteOrphaned: true}]\n",
            [("source: found no src/*.md, for it knows no patterns, and went on", "write src/ for the whole directory")],
        ),
        ("user/a: [/]\n", [("source: / was the root of the runner, and failed", "write ./ for the root")]),
        ("user/a: [gone]\nb: [LICENSE]\n", [
            ("gone: there is no such file or directory", "commit it first, or correct it"),
            ("b: this names no repository of GitHub's", "correct the name"),
        ]),
        ("user/a: []\n", [("user/a: nothing of what it names can be sent", "")]),
        ("acme/templates: [LICENSE]\n", [
            ("acme/templates: sends to the source itself", "name another branch of it, which may be a target"),
        ]),
    ],
)  # fmt: skip
def test_each_cause_of_nothing_is_a_problem_of_its_own(text: str, problems: list[tuple[str, str]]) -> None:
    with pytest.raises(ConfigError) as caught:
        migrate(text, "s.yml", SOURCE, LISTING)
    assert [(one.message, one.remedy) for one in caught.value.problems] == problems
    assert all(one.line for one in caught.value.problems)


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("community:\n  repos: a/b\n  files: [LICENSE]\n", "s.yml:1:1: `community:`"),
        ("group: []\nothers:\n  - {repos: a/b, files: [LICENSE]}\n", "s.yml:2:1: `others:`"),
        ("- repos: a/b\n  files: [LICENSE]\n", "s.yml:1:1: this list"),
    ],
)
def test_groups_elsewhere_are_answered_with_their_key(text: str, place: str) -> None:
    (problem,) = problems(text)
    assert problem == f"{place} holds `repos` and `files`, which that tool reads below `group:` alone"


class TestWrongShapes:
    @pytest.mark.parametrize(
        ("text", "problem"),
        [
            ("", "s.yml:1:1: the file is empty"),
            ("user/a: [", "s.yml:2:1: this isn't valid YAML: "),
            ("- a\n", "s.yml:1:1: this is no config of a tool that Broadcast knows: it isn't a mapping"),
            ("user/a:\n", "s.yml:1:8: user/a must be a list, not empty"),
            ("user/a: [1]\n", "s.yml:1:10: an entry of user/a must be text, not '1'"),
            ("user/a: [{dest: x}]\n", "s.yml:1:10: the key 'source' is missing"),
            ("user/a: [{source: x, dest: true}]\n", "s.yml:1:22: 'dest' must be text, not True"),
            ("user/a: [[x]]\n", "s.yml:1:10: an entry of user/a must be a mapping, not a list"),
            ("user/a: [x]\nuser/a: [y]\n", "s.yml:2:1: the key 'user/a' is used twice"),
            ("group: {repos: user/a}\n", "s.yml:1:8: the key 'files' is missing"),
            ("group: {repos: {a: b}, files: [x]}\n", "s.yml:1:16: repos must be text, not a mapping"),
            ("group: x\n", "s.yml:1:8: group must be a mapping, not 'x'"),
            ("user/a: &a [*a]\n", "s.yml:1:9: the YAML is nested too deeply, or its aliases make it endless"),
        ],
    )
    def test_are_reported_with_their_place(self, text: str, problem: str) -> None:
        assert any(one.startswith(problem) for one in problems(text)), problems(text)

    @pytest.mark.parametrize("text", ["a: b\n", "version: 1\ntargets: [a/b]\n"])
    def test_other_files_are_named_for_what_they_are(self, text: str) -> None:
        with pytest.raises(UsageError, match=r"s\.yml is (no config of a tool|a config of)"):
            migrate(text, "s.yml", SOURCE)


def step(inputs: str, more: str = "") -> str:
    return f"""name: Sync
on: push
{more}
jobs:
  sync:
    steps:
      - uses: actions/checkout@v4
      - uses: BetaHuhn/repo-file-sync-action@v1
        with:
          GH_PAT: ${{{{ secrets.GH_PAT }}}}
{inputs}
"""


class TestWorkflow:
    def test_people_labels_and_texts_become_settings(self) -> None:
        inputs = """          PR_LABELS: |
            file-sync
            automerge
          ASSIGNEES: BetaHuhn
          reviewers: a, b
          TEAM_REVIEWERS: core
          COMMIT_PREFIX: "chore:"
          COMMIT_BODY: "Change-type: {patch}"
          PR_BODY: Made by {us}
"""
        assert (
            body(migrated("user/a: [LICENSE]\n", step(inputs))).partition("targets:")[0]
            == """version: 1
id: acme/templates.sync
supersedes: [repo-sync/templates/]
pr_title: "chore: synced file(s) with {source}"
commit_message: |-
  chore: synced file(s) with {source}

  Change-type: {{patch}}
pr_body: "Made by {{us}}"
pr_labels: [file-sync, automerge]
pr_assignees: [BetaHuhn]
pr_reviewers: [a, b]
pr_team_reviewers: [core]
"""
        )

    def test_the_environment_counts_where_the_step_says_nothing(self) -> None:
        found = migrated(
            "user/a: [LICENSE]\n", step("          ASSIGNEES: me", "env: {ASSIGNEES: you, REVIEWERS: you}")
        )
        assert "pr_assignees: [me]\npr_reviewers: [you]\n" in found.text

    def test_people_lose_their_at_which_ours_refuse(self) -> None:
        found = migrated("user/a: [LICENSE]\n", step("          REVIEWERS: '@me, you'\n          PR_LABELS: '@x'"))
        assert "pr_reviewers: [me, you]\n" in found.text
        assert 'pr_labels: ["@x"]' in found.text

    def test_no_label_is_set_where_it_was_turned_off(self) -> None:
        assert "pr_labels" not in migrated("user/a: [LICENSE]\n", step("          PR_LABELS: false")).text
        assert "pr_labels: [sync]" in migrated("user/a: [LICENSE]\n", step("")).text

    @pytest.mark.parametrize(
        ("prefix", "source", "supersedes"),
        [
            ("repo-sync/SOURCE_REPO_NAME", "acme/templates", "repo-sync/templates/"),
            ("custom", "acme/templates", "custom/default"),
            ("./a//b/", "acme/templates", "a/b/default"),
            ("SOURCE_REPO_NAME", "acme/.github", ".github/"),
            ("x/SOURCE_REPO_NAME", "acme/.github", "x/github/"),
        ],
    )
    def test_open_pull_requests_are_closed_by_the_branches_they_had(
        self, prefix: str, source: str, supersedes: str
    ) -> None:
        found = migrated("user/a: [LICENSE]\n", step(f"          BRANCH_PREFIX: {prefix}"), source=source)
        assert f"supersedes: [{supersedes}]" in found.text

    @pytest.mark.parametrize(
        "name",
        [
            "SKIP_PR", "FORK", "DRY_RUN", "ORIGINAL_MESSAGE", "COMMIT_AS_PR_TITLE", "GIT_EMAIL", "TMP_DIR",
            "CONFIG_PATH", "COMMIT_EACH_FILE", "GH_INSTALLATION_TOKEN", "SKIP_CLEANUP", "IS_FINE_GRAINED", "COLOUR",
        ],
    )  # fmt: skip
    def test_inputs_without_an_equal_are_reported(self, name: str) -> None:
        (note,) = told(migrated("user/a: [LICENSE]\n", step(f"          {name}: true")), name)
        assert note.startswith(f".github/workflows/sync.yml:11: {name}: ")

    @pytest.mark.parametrize(
        ("inputs", "expected"),
        [
            ({"ORIGINAL_MESSAGE": "true"}, {"commit_message": "{source_message}"}),
            (
                {"ORIGINAL_MESSAGE": "true", "COMMIT_AS_PR_TITLE": "true", "COMMIT_BODY": "by {bot}"},
                {"commit_message": "{source_message}\n\nby {{bot}}", "pr_title": "{source_title}"},
            ),
            ({"COMMIT_AS_PR_TITLE": "true"}, {}),
            ({"ORIGINAL_MESSAGE": "false", "COMMIT_AS_PR_TITLE": "true"}, {}),
            ({"GIT_USERNAME": "Bot", "GIT_EMAIL": "bot@example.com"}, {"commit_author": "Bot <bot@example.com>"}),
            ({"GIT_EMAIL": "bot@example.com"}, {}),
            ({"GIT_USERNAME": "Bot"}, {}),
            ({"GIT_USERNAME": "${{ vars.BOT }}", "GIT_EMAIL": "bot@example.com"}, {}),
            ({"GIT_USERNAME": "Bot.", "GIT_EMAIL": "bot@example.com"}, {}),
        ],
    )
    def test_what_it_took_of_the_source_and_its_author_are_ours(
        self, inputs: dict[str, str], expected: dict[str, str]
    ) -> None:
        given = "\n".join(f'          {name}: "{value}"' for name, value in inputs.items())
        found = yaml.safe_load(migrated("user/a: [LICENSE]\n", step(given)).text)
        assert {
            key: found.get(key) for key in ("commit_message", "pr_title", "commit_author") if key in found
        } == expected

    def test_a_prefix_of_several_lines_has_its_first_one_in_the_title(self) -> None:
        prefix = '          COMMIT_PREFIX: "chore: x\\n\\nSigned-off-by: a\\n\\nSync:"'
        new = yaml.safe_load(migrated("user/a: [LICENSE]\n", step(prefix)).text)
        assert new["pr_title"] == "chore: x"
        assert new["commit_message"] == "chore: x\n\nSigned-off-by: a\n\nSync: synced file(s) with {source}"

    @pytest.mark.parametrize("key", ["SKIP_PR", "DRY_RUN"])
    def test_where_no_pull_request_was_opened_only_written_labels_stay(self, key: str) -> None:
        assert "pr_labels" not in migrated("user/a: [LICENSE]\n", step(f"          {key}: true")).text
        written = step(f"          {key}: true\n          PR_LABELS: a")
        assert "pr_labels: [a]" in migrated("user/a: [LICENSE]\n", written).text
        assert "pr_labels: [sync]" in migrated("user/a: [LICENSE]\n", step(f"          {key}: false")).text

    def test_a_config_for_each_value_of_a_matrix_is_reported(self) -> None:
        found = migrated("user/a: [LICENSE]\n", step("          CONFIG_PATH: sync/${{ matrix.x }}.yml"))
        assert "is sync/${{ matrix.x }}.yml: a config for each value" in told(found, "CONFIG_PATH")[0]

    def test_inputs_that_are_off_are_not(self) -> None:
        found = migrated("user/a: [LICENSE]\n", step("          SKIP_PR: false\n          OVERWRITE_EXISTING_PR: true"))
        assert not told(found, "SKIP_PR")
        assert not told(found, "OVERWRITE_EXISTING_PR")
        off = migrated("user/a: [LICENSE]\n", step("          OVERWRITE_EXISTING_PR: false"))
        assert "opened a new pull request each time" in told(off, "OVERWRITE_EXISTING_PR")[0]

    def test_pushes_stay_pushes(self) -> None:
        assert "\ndelivery: push\n" in migrated("user/a: [LICENSE]\n", step("          SKIP_PR: true")).text
        assert "delivery" not in migrated("user/a: [LICENSE]\n", step("          SKIP_PR: false")).text

    def test_what_only_github_knows_is_reported(self) -> None:
        found = migrated("user/a: [LICENSE]\n", step("          ASSIGNEES: ${{ vars.WHO }}"))
        assert "which only GitHub knows → write its value under `pr_assignees`" in told(found, "ASSIGNEES")[0]

    def test_the_step_for_this_config_is_taken(self) -> None:
        other = """          ASSIGNEES: one
          CONFIG_PATH: other.yml
      - uses: betahuhn/Repo-File-Sync-Action@abc
        with: {ASSIGNEES: two}
"""
        found = migrated("user/a: [LICENSE]\n", step(other))
        assert "pr_assignees: [two]" in found.text
        assert told(found, "uses")

    def test_a_workflow_without_that_action_is_an_error(self) -> None:
        assert problems("user/a: [LICENSE]\n", "on: push\njobs: {a: {steps: [{uses: x}, y]}}\n") == [
            "w.yml:1:1: no step of this workflow uses BetaHuhn/repo-file-sync-action"
        ]

    def test_without_a_workflow_the_defaults_are_reported(self) -> None:
        found = migrated("user/a: [LICENSE]\n")
        assert told(found, "PR_LABELS")
        assert told(found, "COMMIT_PREFIX")
