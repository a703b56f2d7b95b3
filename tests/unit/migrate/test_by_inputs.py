"""Tools that are configured by their step, or by another file: kbrashears5's, adrianjost's, actions-template-sync, path-sync."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as st

from broadcast import migrate
from broadcast.config.parse import parse
from broadcast.errors import UsageError
from broadcast.migrate import regexes
from broadcast.migrate.proof import listing_of
from broadcast.migrate.templatesync import ignored
from broadcast.source.checkout import Checkout

SOURCE = "acme/templates"
WORKFLOW = ".github/workflows/sync.yml"
FILES = ("LICENSE", "README.md", ".github/dependabot.yml", ".github/workflows/ci.yml", ".github/workflows/old.yaml",
         "docs/a.md", "docs/b.txt", "docs/deep/c.md", "sync/x.yml", ".templatesyncignore")  # fmt: skip
IDENTITY = ("-c", "user.name=t", "-c", "user.email=t@example.com")
FEW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.fixture(scope="module")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Checkout:
    root: Path = tmp_path_factory.mktemp("source")
    for name in FILES:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("docs/*\n:!docs/keep.md # ours\n*.txt\n" if name.startswith(".t") else f"{name}\n")
    for command in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-qm", "x"]):
        subprocess.run(["git", *IDENTITY, *command], cwd=root, check=True, capture_output=True)
    return Checkout.open(root)


def step(action: str, inputs: dict[str, Any], more: str = "") -> str:
    uses = [{"uses": action, "id": "sync", "with": inputs}, {"run": more}]
    return yaml.safe_dump({"on": "push", "jobs": {"sync": {"steps": uses}}}, sort_keys=False)


def migrated(
    checkout: Checkout, text: str, file: str = WORKFLOW, **how: Any
) -> tuple[migrate.Migration, Any, dict[str, Any]]:
    found = migrate.migrate(text, file, SOURCE, listing_of(checkout), **how)
    return found, migrate.prove(found, checkout, SOURCE, ()), yaml.safe_load(found.text)


def did(found: migrate.Migration, key: str) -> list[str]:
    return [note.did for note in found.notes if note.key == key]


class TestKbrashears5:
    ACTION = "kbrashears5/github-action-file-sync@v2.0.0"

    def test_its_readme_is_migrated(self, checkout: Checkout) -> None:
        inputs = {"REPOSITORIES": "a/b\nc/d@dev e/f@master\n", "TOKEN": "x",
                  "FILES": "README.md\n/.github/dependabot.yml=.github/dependabot.yml\nsync/x.yml\n"}  # fmt: skip
        found, proof, new = migrated(checkout, step(self.ACTION, inputs))
        assert new == {
            "version": 1, "id": "acme/templates.sync", "commit_message": "File sync from {source}", "delivery": "push",
            "targets": ["a/b", "c/d@dev", "e/f"],
            "files": ["README.md", ".github/dependabot.yml", {"src": "sync/x.yml", "dest": "x.yml"}],
        }  # fmt: skip
        assert proof.is_same
        assert did(found, "@master") == ["meant the default branch, whatever its name"]
        assert did(found, "TOKEN") == ["is the token"]

    def test_a_pull_request_goes_to_the_default_branch(self, checkout: Checkout) -> None:
        inputs = {"REPOSITORIES": "c/d@sync-branch", "FILES": "README.md", "PULL_REQUEST": "true"}
        found, proof, new = migrated(checkout, step(self.ACTION, inputs))
        assert (new["targets"], new["supersedes"], new["pr_title"]) == (
            ["c/d"],
            ["sync-branch"],
            "File sync from {source}",
        )
        assert "delivery" not in new
        assert proof.is_same
        assert did(found, "PULL_REQUEST")

    @pytest.mark.parametrize(
        ("repository", "base", "target", "pulls"),
        [
            ("c/d@sync", "main", "c/d@main", ["sync"]),
            ("c/d@master", "main", "c/d@main", ["master"]),
            ("c/d@main", "main", "c/d@main", None),
            ("c/d", "main", "c/d", None),
            ("c/d@sync", "${{ vars.BASE }}", "c/d", ["sync"]),
        ],
    )
    def test_a_named_base_is_the_branch_of_the_target(
        self, checkout: Checkout, repository: str, base: str, target: str, pulls: list[str] | None
    ) -> None:
        inputs = {"REPOSITORIES": repository, "FILES": "README.md", "PULL_REQUEST_BRANCH_NAME": base}
        author = {"GIT_EMAIL": "bot@example.com", "GIT_USERNAME": "Bot"}
        found, proof, new = migrated(checkout, step(self.ACTION, inputs | author))
        assert (new["targets"], new.get("supersedes"), new.get("delivery")) == (
            [target],
            pulls,
            None if pulls else "push",
        )
        assert new["commit_author"] == "Bot <bot@example.com>"
        assert proof.is_same
        assert did(found, "PULL_REQUEST_BRANCH_NAME") == (
            ["is ${{ vars.BASE }}, which only GitHub knows"] if "$" in base else []
        )
        assert did(found, "PULL_REQUEST") == []

    def test_a_directory_is_reported(self, checkout: Checkout) -> None:
        found, proof, new = migrated(checkout, step(self.ACTION, {"REPOSITORIES": "a/b", "FILES": "./docs=manual"}))
        assert new["directories"] == [{"src": "docs", "dest": "manual"}]
        assert proof.is_same
        assert did(found, "FILES")[0].startswith("copied the directory docs in some of its versions")


class TestAdrianjost:
    ACTION = "adrianjost/files-sync-action@v2.0.1"

    def inputs(self, patterns: str, **more: str) -> str:
        return step(
            self.ACTION, {"TARGET_REPOS": "a/b\nc/d:dev", "FILE_PATTERNS": patterns, "GITHUB_TOKEN": "x", **more}
        )

    @pytest.mark.parametrize(
        ("patterns", "more", "files", "directories"),
        [
            ("^LICENSE$", {}, ["LICENSE"], None),
            ("^docs/", {}, None, [{"src": "docs", "mode": "mirror"}]),
            (r"^\.github/workflows/.*", {"SKIP_DELETE": "true"}, None, [".github/workflows"]),
            (r"^docs/.*\.md$", {"SKIP_DELETE": "1"}, None, [{"src": "docs", "include_only": ["*.md"]}]),
            (r"\.md$", {"SKIP_DELETE": "true"}, None, [{"src": ".", "include_only": ["*.md"]}]),
            ("^docs/", {"SKIP_REPLACE": "true"}, None, [{"src": "docs", "mode": "seed"}]),
            ("^deep/", {"SRC_ROOT": "/docs/", "TARGET_ROOT": "x", "SKIP_DELETE": "true"}, None, [{"src": "docs/deep", "dest": "x/deep"}]),
        ],
    )  # fmt: skip
    def test_expressions_become_files_and_directories(
        self, checkout: Checkout, patterns: str, more: dict[str, str], files: Any, directories: Any
    ) -> None:
        found, proof, new = migrated(checkout, self.inputs(patterns, **more))
        assert (new.get("files"), new.get("directories")) == (files, directories)
        assert (new["targets"], new["delivery"]) == (["a/b", "c/d@dev"], "push")
        assert proof.is_same
        assert bool(did(found, "SKIP_DELETE")) == ("SKIP_DELETE" not in more)

    def test_what_the_source_has_not_got_is_deleted(self, checkout: Checkout) -> None:
        _, proof, new = migrated(checkout, self.inputs("^gone\\.md$\n^LICENSE$"))
        assert (new["remove"], new["files"]) == (["gone.md"], ["LICENSE"])
        assert proof.is_same

    def test_others_are_listed_and_reported(self, checkout: Checkout) -> None:
        found, proof, new = migrated(checkout, self.inputs("^(LICENSE|docs/[ab])", SKIP_DELETE="true"))
        assert new["files"] == ["LICENSE", "docs/a.md", "docs/b.txt"]
        assert proof.is_same
        assert "is an expression that no .gitignore has an equal for" in did(found, "FILE_PATTERNS")[0]

    def test_an_invalid_expression_is_reported(self, checkout: Checkout) -> None:
        found, _, _ = migrated(checkout, self.inputs("^LICENSE$\n(\n", SKIP_DELETE="true"))
        assert "that Python can't read" in did(found, "FILE_PATTERNS")[0]

    def test_the_message_gets_our_placeholders(self, checkout: Checkout) -> None:
        _, _, new = migrated(checkout, self.inputs("^LICENSE$", COMMIT_MESSAGE="From %SRC_REPO% to %TARGET_REPO% {x}"))
        assert new["commit_message"] == "From {source} to {target} {{x}}"

    def test_its_author_is_ours(self, checkout: Checkout) -> None:
        _, _, new = migrated(checkout, self.inputs("^LICENSE$", GIT_USERNAME="Bot", GIT_EMAIL="bot@example.com"))
        assert new["commit_author"] == "Bot <bot@example.com>"
        assert "commit_author" not in migrated(checkout, self.inputs("^LICENSE$", GIT_USERNAME="Bot"))[2]

    def test_files_of_another_source_are_refused_with_the_way(self, checkout: Checkout) -> None:
        with pytest.raises(UsageError, match="sends the files of x/y here") as caught:
            migrated(checkout, self.inputs("^LICENSE$", SRC_REPO="x/y"))
        assert "run `broadcast migrate` in a checkout of x/y" in caught.value.remedy

    pieces = st.sampled_from(
        ["^", "$", ".*", "docs/", r"\.md", r"\.github/", "LICENSE", "workflows/", "a", "[ab]", "(a|b)", "deep"]
    )

    @FEW
    @given(
        lines=st.lists(st.lists(pieces, min_size=1, max_size=4).map("".join), min_size=1, max_size=3),
        keeps=st.booleans(),
    )
    def test_whatever_its_expressions_send_the_new_config_does(
        self, checkout: Checkout, lines: list[str], keeps: bool
    ) -> None:
        try:
            _, proof, _ = migrated(checkout, self.inputs("\n".join(lines), SKIP_DELETE=str(keeps).lower()))
        except UsageError:  # nothing matches
            reject()
        assert (proof.differences, proof.problems) == ((), ())


@pytest.mark.parametrize(
    ("expression", "place"),
    [
        ("^a/b.md$", None), (r"^a/b\.md$", ("a/b.md", False, "")), ("^a/", ("a", True, "")), ("^a/.*$", ("a", True, "")),
        ("^a", None), (r"^\.github/.*\.ya?ml$", None), (r"^\.github/.*\.yml$", (".github", True, "*.yml")), ("a/b", None),
    ],
)  # fmt: skip
def test_a_simple_expression_is_a_place(expression: str, place: Any) -> None:
    assert regexes.place(expression) == place


class TestTemplateSync:
    ACTION = "AndreasAugustin/actions-template-sync@v2"

    def test_the_template_sends_to_this_repository_now(self, checkout: Checkout) -> None:
        inputs = {
            "source_repo_path": "acme/base",
            "upstream_branch": "main",
            "pr_labels": "a, b",
            "pr_title": "Up ${TEMPLATE_GIT_HASH}",
        }
        found, proof, new = migrated(checkout, step(self.ACTION, inputs, "echo ${{ steps.sync.outputs.pr_branch }}"))
        assert proof is None
        assert parse(found.text, "new", "acme/base").targets
        assert new == {
            "version": 1, "id": "acme/base.template", "supersedes": ["chore/template_sync_"], "pr_title": "Up",
            "commit_message": "chore(template): merge template changes :up:", "pr_labels": ["a", "b"],
            "targets": [f"{SOURCE}@main"], "directories": [{"src": ".", "default_excludes": False}],
        }  # fmt: skip
        assert found.text.startswith(f"# Migrated from {WORKFLOW} of {found.tool}. For acme/base, which sends now.\n")
        assert did(found, "uses")[0] == "pulled from acme/base into acme/templates, in a run of acme/templates"
        assert did(found, "pr_branch") == ["is read here"]

    def test_its_ignore_file_is_reported_line_by_line(self, checkout: Checkout) -> None:
        found, _, _ = migrated(checkout, step(self.ACTION, {"source_repo_path": "acme/base"}))
        lines = [note for note in found.notes if note.file == ".templatesyncignore"]
        assert [(note.line, note.key, note.instead) for note in lines] == [
            (1, "docs/*", "write `/docs/*` into .broadcastignore there"),
            (2, ":!docs/keep.md", "write `/*`, `!/docs/keep.md` into .broadcastignore there"),
            (3, "*.txt", "write `*.txt` into .broadcastignore there"),
        ]

    @pytest.mark.parametrize(
        ("pathspec", "patterns"), [("a/b", ["/a/b"]), (".", ["*"]), ("./x", ["/x"]), ("*.md", ["*.md"])]
    )
    def test_a_pathspec_becomes_patterns(self, pathspec: str, patterns: list[str]) -> None:
        assert list(ignored(pathspec)) == patterns

    def test_deletions_are_those_of_the_template(self, checkout: Checkout) -> None:
        _, _, new = migrated(
            checkout, step(self.ACTION, {"source_repo_path": "acme/base", "is_force_deletion": "true"})
        )
        assert new["directories"][0]["mode"] == "prune"


class TestPathSync:
    CONFIG = """\
name: cfg
# what all get
paths:
  - {src_path: README.md, sync_mode: replace}
  - src_path: docs/**/*.md  # texts
    dest_path: manual
    sync_mode: replace
  - {src_path: sync/, sync_mode: scaffold, exclude_file_patterns: ["*.txt"]}
path_groups:
  more: [{src_path: LICENSE}]
destinations:
  - {name: one, repo_url: "https://github.com/acme/one", dest_path_relative: ../one, include_groups: [more]}
  - {name: two, repo_url: git@github.com:acme/two.git, dest_path_relative: ../two, default_branch: dev, skip_file_patterns: ["manual/deep/*"]}
  - {name: three, dest_path_relative: ../three}
pr_defaults: {title: "sync {name}", labels: [x]}
auto_merge: {method: squash}
schedule: "0 6 * * *"
"""

    def test_its_config_is_migrated(self, checkout: Checkout) -> None:
        found, proof, new = migrated(checkout, self.CONFIG, ".github/cfg.src.yaml")
        assert (new["id"], new["supersedes"], new["pr_title"]) == ("acme/templates.cfg", ["sync/cfg"], "sync cfg")
        assert (new["pr_labels"], new["pr_auto_merge"], new["pr_merge_method"]) == (["x"], True, "squash")
        assert new["files"] == ["README.md"]
        assert proof.is_same, proof.lines()
        assert {label: len(files) for label, files in found.old.sent.items()} == {"acme/one@main": 5, "acme/two@dev": 3}
        assert did(found, "three") == ["names no repository at GitHub by `repo_url`"]
        assert did(found, "schedule") == ["is when its workflow runs"]
        assert "# texts" in found.text
        assert {"src": "LICENSE", "header": "path-sync copy -n cfg"} in new["targets"][0]["files"]

    items = st.fixed_dictionaries(
        {"src_path": st.sampled_from(["LICENSE", "docs", "docs/", "docs/*.md", "docs/**/*.md", ".github/workflows/*", "**/*.yml", "docs/**"])},
        optional={
            "dest_path": st.sampled_from(["out", "x/y"]), "sync_mode": st.sampled_from(["replace", "scaffold", "sync"]),
            "exclude_dirs": st.lists(st.sampled_from(["deep", "workflows"]), max_size=2),
            "exclude_file_patterns": st.lists(st.sampled_from(["*.txt", "a.*"]), max_size=2),
        },
    )  # fmt: skip

    @FEW
    @given(
        items=st.lists(items, min_size=1, max_size=3),
        skipped=st.lists(st.sampled_from(["out/*", "docs/a.md"]), max_size=1),
    )
    def test_whatever_it_sends_the_new_config_does(
        self, checkout: Checkout, items: list[Any], skipped: list[str]
    ) -> None:
        destination = {
            "name": "a",
            "repo_url": "https://github.com/u/a",
            "dest_path_relative": "x",
            "skip_file_patterns": skipped,
        }
        text = yaml.safe_dump({"name": "cfg", "paths": items, "destinations": [destination]}, sort_keys=False)
        if any(one["src_path"] == "LICENSE" and "dest_path" in one for one in items):
            reject()  # a file where a directory goes, too
        try:
            _, proof, _ = migrated(checkout, text, ".github/cfg.src.yaml")
        except UsageError:  # all of it is excluded
            reject()
        assert (proof.differences, proof.problems) == ((), ())


@pytest.mark.parametrize(
    ("file", "text", "name"),
    [
        ("mg.yml", "repo: [a/b]\nbranch: x\ncommit-message: y\n", "multi-gitter"),
        (WORKFLOW, "jobs: {a: {steps: [{run: 'multi-gitter run ./x.sh -O acme'}]}}\n", "multi-gitter"),
        (WORKFLOW, "jobs: {a: {steps: [{run: git-xargs --repos repos.txt ./x.sh}]}}\n", "git-xargs"),
    ],
)
def test_tools_that_run_scripts_are_named_with_what_to_do(file: str, text: str, name: str) -> None:
    with pytest.raises(UsageError, match=name) as caught:
        migrate.migrate(text, file, SOURCE)
    assert "commit what it writes" in caught.value.remedy


class TestWhatIsFound:
    def write(self, root: Path, name: str, text: str) -> None:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")

    def test_a_workflow_alone_is_enough(self, tmp_path: Path) -> None:
        self.write(tmp_path, "x", "x\n")
        one = {"uses": TestKbrashears5.ACTION, "with": {"REPOSITORIES": "a/b", "FILES": "x"}}
        text = yaml.safe_dump({"jobs": {"a": {"steps": [one, {**one, "with": {"REPOSITORIES": "c/d", "FILES": "x"}}]}}})
        self.write(tmp_path, WORKFLOW, text)
        found, _ = migrate.of_files(tmp_path, SOURCE)
        second, _ = migrate.of_files(tmp_path, SOURCE, workflow=f"{WORKFLOW}#2")
        assert [yaml.safe_load(each.text)["targets"] for each in (found, second)] == [["a/b"], ["c/d"]]
        assert yaml.safe_load(found.text)["id"] != yaml.safe_load(second.text)["id"]
        assert f"--workflow '{WORKFLOW}#2'" in str([str(note) for note in found.notes])

    def test_a_config_of_path_sync_is(self, tmp_path: Path) -> None:
        self.write(tmp_path, "README.md", "x\n")
        destination = '[{name: a, repo_url: "https://github.com/a/b", dest_path_relative: x}]'
        text = f"name: x\npaths: [{{src_path: README.md}}]\ndestinations: {destination}\n"
        self.write(tmp_path, ".github/x.src.yaml", text)
        assert migrate.of_files(tmp_path, SOURCE)[0].tool == "EspenAlbert/path-sync"

    def test_a_workflow_that_calls_a_script_runner_is_named(self, tmp_path: Path) -> None:
        self.write(tmp_path, WORKFLOW, "jobs: {a: {steps: [{run: git-xargs --repos r ./x}]}}\n")
        with pytest.raises(UsageError, match="calls git-xargs"):
            migrate.of_files(tmp_path, SOURCE)

    @pytest.mark.parametrize(
        ("text", "message"),
        [
            ("jobs: {a: {steps: [{run: x}]}}\n", "no step of w.yml runs a tool"),
            ("jobs: {a: {steps: [{uses: BetaHuhn/repo-file-sync-action@v1}]}}\n", "whose tool has a config of its own"),
        ],
    )
    def test_another_workflow_is_refused_with_a_remedy(self, text: str, message: str) -> None:
        with pytest.raises(UsageError, match=message) as caught:
            migrate.migrate(text, "w.yml", SOURCE)
        assert caught.value.remedy
