"""The proof: what an old config sends, by a model of its tool, beside what the migrated one does."""

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
from broadcast.migrate.proof import listing_of
from broadcast.source.checkout import Checkout

SOURCE = "acme/templates"
FILES = (
    "LICENSE", "README.md", "src/main.py", "src/lib/util.py", "src/lib/deep/x.py", "workflows/build.yml",
    "workflows/node.yml", "docs/a.md", "docs/b.txt", "docs/c.out", "docs/tmp/t.md", "docs/.hidden", "docs/.dot/x.md",
    "odd dir/file [1].md", "odd dir/star*.md", "odd dir/!bang", "odd dir/#hash", "odd dir/end ", ".github/CODEOWNERS",
    ".github/workflows/ci.yml", ".github/workflows/sync.yml", ".github/broadcast.yml",
)  # fmt: skip
FOLDERS = ("src", "src/lib", "workflows", "docs", "docs/tmp", "odd dir", ".github", ".github/workflows")
IDENTITY = ("-c", "user.name=t", "-c", "user.email=t@example.com")
FEW = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("source")
    for name in FILES:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(f"{name}\n", encoding="utf-8")
    (root / "links").mkdir()
    (root / "links/inside").symlink_to("real.md")
    (root / "links/real.md").write_text("real\n", encoding="utf-8")
    (root / "links/folder").symlink_to("../docs")
    for command in (["init", "-q", "-b", "main"], ["add", "-A"], ["commit", "-qm", "x"]):
        subprocess.run(["git", *IDENTITY, *command], cwd=root, check=True, capture_output=True)
    return root


@pytest.fixture(scope="module")
def checkout(root: Path) -> Checkout:
    return Checkout.open(root)


def compared(
    old: Any, checkout: Checkout, file: str = ".github/sync.yml", never_sent: tuple[str, ...] = ()
) -> tuple[migrate.Migration, migrate.ProofComparison]:
    text = old if isinstance(old, str) else yaml.safe_dump(old, sort_keys=False, allow_unicode=True)
    migration = migrate.migrate(text, file, SOURCE, listing_of(checkout))
    comparison = migrate.prove(migration, checkout, SOURCE, never_sent)
    assert comparison is not None
    return migration, comparison


def said(comparison: migrate.ProofComparison) -> list[str]:
    return [str(one) for one in comparison.differences]


def test_a_whole_directory_of_everything_is_sent_as_it_was(checkout: Checkout) -> None:
    old = {"user/a": ["LICENSE", {"source": "docs/", "dest": "manual/"}, "odd dir"]}
    migration, comparison = compared(old, checkout)
    assert comparison.lines() == [
        "1 target; files by the old config 12, by the new one 12, and they are the same",
        "  user/a: 12 and 12",
    ]
    assert "{src: docs, dest: manual, default_excludes: false}" in migration.text


def test_exact_names_with_special_characters_stay_excluded(checkout: Checkout) -> None:
    lines = "file [1].md\nstar*.md\n!bang\n#hash\nend \n"
    _, comparison = compared({"user/a": [{"source": "odd dir/", "exclude": lines}, "LICENSE"]}, checkout)
    assert comparison.is_same
    assert comparison.counts == {"user/a": (1, 1)}


def test_our_own_config_and_workflow_are_the_known_difference(checkout: Checkout) -> None:
    own = (".github/broadcast.yml", ".github/workflows/sync.yml")
    _, comparison = compared({"user/a": [".github/"]}, checkout, never_sent=own)
    reason = "Broadcast's own config and workflow are sent only where a `files:` entry names them"
    assert said(comparison) == [f"user/a: {path}: only the old config sends it: {reason}" for path in own]


def test_a_symlink_out_of_its_mapping_is_reported_with_its_reason(checkout: Checkout) -> None:
    _, comparison = compared({"user/a": ["links/"]}, checkout)
    reason = "is a symlink that points out of its mapping, to '../docs'"
    assert said(comparison) == [f"user/a: links/folder: only the old config sends it: {reason}"]


def test_wadackel_follows_a_symlink_and_copies_what_it_names(checkout: Checkout) -> None:
    old = {"patterns": [{"files": ["links"], "repositories": ["user/a"]}]}
    _, comparison = compared(old, checkout)
    assert comparison.counts == {"user/a": (2, 2)}


def test_a_file_that_a_later_mirror_deleted_again_is_reported(checkout: Checkout) -> None:
    readme = {"source": "README.md", "dest": "x/README.md"}
    old = {"user/a": [readme, {"source": "src/", "dest": "x/", "deleteOrphaned": True}]}
    _, comparison = compared(old, checkout)
    reason = "its deleteOrphaned of x/ deleted it again"
    assert said(comparison) == [f"user/a: x/README.md: only the new config sends it: {reason}"]


@pytest.mark.parametrize(
    ("before", "source", "dest", "is_deleted"),
    [
        ("z.md", "src/", "./", False), ("z.md", "src/", "/", False), (".a", "src/", "./", True), ("-", "src/", "./", True),
        ("x/z.md", "src/", "x/", True), ("x/z.md", ".github/", "x/", True), ("x/z.md", "./", "x/", False),
        ("x/.a", "./", "x/", True), ("x/.gitignore", "src/", "x/", False), ("x/.gitz/a", "src/", "x", False),
    ],
)  # fmt: skip
def test_deletions_of_orphans_stop_where_git_has_its_names(
    before: str, source: str, dest: str, is_deleted: bool, checkout: Checkout
) -> None:
    old = {"user/a": [{"source": "LICENSE", "dest": before}, {"source": source, "dest": dest, "deleteOrphaned": True}]}
    migration, _ = compared(old, checkout)
    assert migration.old is not None
    assert (before not in migration.old.sent["user/a"]) == is_deleted


def test_files_of_the_source_as_a_target_are_reported_in_one_line(checkout: Checkout) -> None:
    _, comparison = compared({"user/a": ["LICENSE"], "acme/templates": ["docs/"]}, checkout)
    assert comparison.lines()[-1].endswith("files: it is the source itself")


def test_of_two_sources_for_one_path_the_last_one_counts(checkout: Checkout) -> None:
    old = {"user/a": [
        {"source": "LICENSE", "dest": "docs/a.md"},
        {"source": "README.md", "dest": "x"}, {"source": "LICENSE", "dest": "x"}, "docs/",
    ]}  # fmt: skip
    migration, comparison = compared(old, checkout)
    assert comparison.is_same
    assert [note.did for note in migration.notes if note.key in ("x", "docs")] == [
        "sent README.md to x of user/a first, then LICENSE",
        "sent LICENSE to docs/a.md of user/a first, then docs",
    ]


def test_of_two_directories_the_last_one_wins_each_path(checkout: Checkout) -> None:
    old = {"user/a": [{"source": "src/lib/deep/", "dest": "o"}, {"source": "docs/tmp", "dest": "o"},
                      {"source": "docs/", "dest": "p"}, {"source": "docs/", "dest": "p", "replace": False}]}  # fmt: skip
    assert compared(old, checkout)[1].is_same


def test_targets_that_cannot_be_migrated_are_in_the_proof(checkout: Checkout) -> None:
    _, comparison = compared({"user/a": ["LICENSE"], "under_score/b": ["LICENSE"]}, checkout)
    reason = "the target was left out, or has a problem"
    assert said(comparison) == [f"under_score/b: LICENSE: only the old config sends it: {reason}"]


def test_a_problem_of_the_new_config_on_this_checkout_is_in_the_proof(checkout: Checkout) -> None:
    own = (".github/workflows/ci.yml", ".github/workflows/sync.yml")
    _, comparison = compared({"user/a": [".github/workflows/"]}, checkout, never_sent=own)
    (problem,) = comparison.problems
    assert problem.endswith("every file under .github/workflows is excluded")
    assert f"  problem: {problem}" in comparison.lines()


def test_wadackel_leaves_out_what_begins_with_a_dot_and_so_do_we(checkout: Checkout) -> None:
    old = {"patterns": [{"files": [{"from": "docs", "to": "d"}, ".github"], "repositories": ["user/a@x"]}]}
    migration, comparison = compared(old, checkout)
    assert comparison.is_same
    assert "{src: docs, dest: d, default_excludes: false, include_hidden: false}" in migration.text
    assert "  - .github\n" in migration.text


@pytest.mark.parametrize(
    ("pattern", "sent"),
    [("*.md", 3), ("**/*.md", 2), ("tmp/**", 3), ("{a,b}.*", 2), ("tmp", 4), ("*", 1), ("!(a.md)", 2), ("[a-b].*", 2)],
)
def test_micromatch_excludes_leave_out_the_same(checkout: Checkout, pattern: str, sent: int) -> None:
    old = {"patterns": [{"files": [{"from": "docs", "to": "d", "exclude": [pattern]}], "repositories": ["user/a"]}]}
    _, comparison = compared(old, checkout)
    assert comparison.is_same
    assert comparison.counts == {"user/a": (sent, sent)}


def test_more_differences_than_anybody_reads_are_counted() -> None:
    differences = tuple(migrate.proof.Difference("user/a", str(at), "x", "", "") for at in range(30))
    lines = migrate.ProofComparison({"user/a": (30, 0)}, differences, ()).lines()
    assert len(lines) == 23
    assert lines[-1] == "  user/a: … and 10 more"


class TestOfFiles:
    def test_the_usual_place_is_found_and_proved(self, root: Path, tmp_path: Path) -> None:
        write(tmp_path, ".github/sync.yml", "user/a: [LICENSE]\n")
        write(tmp_path, "LICENSE", "MIT\n")
        migration, comparison = migrate.of_files(tmp_path, SOURCE)
        assert migration.text.endswith("targets: [user/a]\nfiles:\n  - LICENSE\n")
        assert comparison is not None
        assert migrate.report(migration, comparison)[-1] == "  user/a: 1 and 1"

    def test_the_workflow_is_read_beside_it(self, tmp_path: Path) -> None:
        write(tmp_path, "s.yml", "user/a: [s.yml]\n")
        write(tmp_path, "w.yml", "jobs: {a: {steps: [{uses: BetaHuhn/repo-file-sync-action@v1}]}}\n")
        migration, _ = migrate.of_files(tmp_path, SOURCE, "s.yml", "w.yml")
        assert "pr_labels: [sync]" in migration.text

    def test_what_cannot_be_read_is_a_usage_error(self, tmp_path: Path) -> None:
        (tmp_path / "latin").write_bytes(b"\xe4: 1")
        for config, message in (
            ("", "there is no config of another tool here"), ("no.yml", "there is no file no.yml"),
            ("../x", "lies outside"), ("latin", "isn't UTF-8"), (".", "can't be read"),
        ):  # fmt: skip
            with pytest.raises(UsageError, match=message):
                migrate.of_files(tmp_path, SOURCE, config)
        with pytest.raises(UsageError, match="names no repository"):
            migrate.of_files(tmp_path, "")

    def test_of_several_configs_the_first_is_migrated_and_the_others_named(self, tmp_path: Path) -> None:
        write(tmp_path, ".github/sync.yml", "user/a: [sync.yml]\n")
        write(tmp_path, "sync.yml", "user/a: [sync.yml]\n")
        write(tmp_path, ".github/files-sync-config.yml", "patterns: []\n")
        migration, _ = migrate.of_files(tmp_path, SOURCE)
        assert migration.file == ".github/sync.yml"
        named = [note for note in migration.notes if note.key == "config"]
        assert [note.file for note in named] == [".github/files-sync-config.yml", "sync.yml"]
        assert "`broadcast migrate --config sync.yml > .github/broadcast-root-sync.yml`" in str(named[1])
        other, _ = migrate.of_files(tmp_path, SOURCE, "sync.yml")
        ids = [yaml.safe_load(one.text)["id"] for one in (migration, other)]
        assert ids == [f"{SOURCE}.github-sync", f"{SOURCE}.root-sync"]

    def test_a_config_at_the_root_is_found(self, tmp_path: Path) -> None:
        write(tmp_path, "sync.yml", "user/a: [sync.yml]\n")
        assert migrate.of_files(tmp_path, SOURCE)[0].file == "sync.yml"

    def test_the_config_that_a_workflow_names_is_found_with_it(self, tmp_path: Path) -> None:
        write(tmp_path, "config/mine.yml", "user/a: [x]\n")
        write(tmp_path, "x", "x\n")
        uses = "uses: BetaHuhn/repo-file-sync-action@v1, with: {CONFIG_PATH: ./config/mine.yml, REVIEWERS: alice}"
        write(tmp_path, ".github/workflows/other.yml", "jobs: {a: {steps: [{uses: x/y@v1}, {run: x}]}}\n")
        write(tmp_path, ".github/workflows/broken.yml", "jobs: [\n")
        write(tmp_path, ".github/workflows/w.yml", f"jobs: {{a: {{steps: [{{{uses}}}]}}}}\n")
        migration, _ = migrate.of_files(tmp_path, SOURCE)
        assert migration.file == "config/mine.yml"
        assert "pr_reviewers: [alice]" in migration.text
        assert migrate.found_at(tmp_path) == [("config/mine.yml", migration.tool)]

    @pytest.mark.parametrize("workflow", ["w.yml#x", "w.yml#3"])
    def test_a_step_that_is_not_there_is_an_error(self, tmp_path: Path, workflow: str) -> None:
        write(tmp_path, ".github/sync.yml", "user/a: [x]\n")
        write(tmp_path, "w.yml", "jobs: {a: {steps: [{uses: BetaHuhn/repo-file-sync-action@v1}]}}\n")
        with pytest.raises(UsageError):
            migrate.of_files(tmp_path, SOURCE, "", workflow)


def write(root: Path, name: str, text: str) -> None:
    (root / name).parent.mkdir(parents=True, exist_ok=True)
    (root / name).write_text(text, encoding="utf-8")


sources = st.sampled_from(FILES + FOLDERS)
names = st.sampled_from(["user/a", "user/b", "User/A", "user/a@dev", "other/c-d.e@release/2.x"])


@st.composite
def betahuhn_entry(draw: st.DrawFn) -> Any:
    source = draw(sources)
    if draw(st.booleans()):
        return source
    folder = source in FOLDERS
    below = [path.removeprefix(f"{source}/") for path in (*FILES, *FOLDERS) if path.startswith(f"{source}/")]
    entry: dict[str, Any] = {"source": f"{source}/" if folder and draw(st.booleans()) else source}
    if draw(st.booleans()):
        entry["dest"] = draw(
            st.sampled_from(["out/", "out/deeper/", "./x/"] if folder else ["file", "out/a.md", source])
        )
    if folder and draw(st.booleans()):
        lines = draw(st.lists(st.sampled_from(below), max_size=3))
        entry["exclude"] = "".join(
            f"{line}{'/' if line in below and f'{source}/{line}' in FOLDERS else ''}\n" for line in lines
        )
    if draw(st.integers(0, 4)) == 0:
        entry["replace"] = False
    return entry


betahuhn_configs = st.fixed_dictionaries(
    {},
    optional={
        **{name: st.lists(betahuhn_entry(), min_size=1, max_size=4) for name in ("user/a", "user/b", "u/c@dev")},
        "group": st.lists(
            st.fixed_dictionaries(
                {
                    "repos": st.lists(names, min_size=1, max_size=3)
                    | st.lists(names, min_size=1, max_size=3).map("\n".join),
                    "files": st.lists(betahuhn_entry(), min_size=1, max_size=4),
                }
            ),
            min_size=1,
            max_size=2,
        ),
    },
).filter(bool)


@FEW
@given(config=betahuhn_configs)
def test_whatever_a_betahuhn_config_sends_the_new_one_does(checkout: Checkout, config: dict[str, Any]) -> None:
    try:
        migration, comparison = compared(config, checkout)
    except UsageError:  # all of it is excluded
        reject()
    assert parse(migration.text, "new", SOURCE).targets
    different = [one for one in comparison.differences if one.reason != "the target was left out, or has a problem"]
    assert (different, comparison.problems) == ([], ())


@st.composite
def wadackel_file(draw: st.DrawFn) -> Any:
    source = draw(sources)
    if draw(st.booleans()):
        return source
    globs = ["*.md", "**/*.py", "lib/**", "*", "**", "*.{md,txt}", "[ab]*", "deep", "lib", "?.txt"]
    exclude = draw(st.lists(st.sampled_from(globs), max_size=2))
    places = ["out", "in/x", source] if source in FOLDERS else ["file", "out/main.py", source]
    return {"from": source, "to": draw(st.sampled_from(places)), "exclude": exclude}


wadackel_configs = st.fixed_dictionaries(
    {
        "patterns": st.lists(
            st.fixed_dictionaries(
                {
                    "files": st.lists(wadackel_file(), max_size=4),
                    "repositories": st.lists(names, min_size=1, max_size=3, unique=True),
                },
                optional={
                    "delete_files": st.lists(st.sampled_from(["gone.md", "old/x"]), max_size=2),
                    "template": st.dictionaries(st.sampled_from(["a", "b c", "target"]), st.integers() | st.booleans()),
                    "pull_request": st.fixed_dictionaries({"labels": st.lists(st.sampled_from(["x", "y z"]))}),
                },
            ),
            min_size=1,
            max_size=3,
        )
    }
)


@FEW
@given(config=wadackel_configs)
def test_whatever_a_wadackel_config_sends_the_new_one_does(checkout: Checkout, config: dict[str, Any]) -> None:
    try:
        migration, comparison = compared(config, checkout)
    except UsageError:  # all of it is excluded
        reject()
    assert parse(migration.text, "new", SOURCE).targets
    different = [one for one in comparison.differences if one.reason != "the target was left out, or has a problem"]
    assert (different, comparison.problems) == ([], ())
