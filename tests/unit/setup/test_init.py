"""`broadcast init`: what it finds out, what it writes, and that it overwrites nothing."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from broadcast.config.model import DEFAULT_PATH
from broadcast.config.parse import parse
from broadcast.errors import UsageError
from broadcast.setup import init, texts
from broadcast.setup.texts import WORKFLOW_PATH, Plan
from tests.world import ROOT, SOURCE, git

FILES = {"LICENSE": "MIT\n", "README.md": "ours\n", ".github/ISSUE_TEMPLATE/bug.md": "?\n"}
OLD = {
    ".github/sync.yml": "acme/api:\n  - LICENSE\n",
    ".github/files-sync-config.yaml": "patterns:\n  - {files: [LICENSE], repositories: [acme/api]}\n",
    "sync.yaml": "version: 1\ngroups:\n  - {source: {repo: acme/templates}, targets: [{repo: acme/api}]}\n",
}


@pytest.fixture
def root(tmp_path):
    """A clone with some of the usual files, committed."""
    git(tmp_path, "init", "-q", "-b", "trunk")
    add(tmp_path, FILES)
    return tmp_path


def add(root: Path, files: dict[str, str]) -> None:
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(text)
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "files")


def write(root, *targets, sent=(), source=SOURCE):
    return init.write(root, source, targets, sent, "1.2.3")


def config(root):
    return yaml.safe_load((root / DEFAULT_PATH).read_text())


def files(root: Path) -> dict[str, bytes]:
    return {str(path): path.read_bytes() for path in root.rglob("*") if path.is_file() and ".git" not in path.parts}


def test_it_sends_the_usual_files_that_are_committed(root):
    (root / "SECURITY.md").write_text("not committed\n")
    write(root, "acme/api", "acme/web@develop")
    assert config(root) == {
        "version": 1, "targets": ["acme/api", "acme/web@develop"], "files": ["LICENSE"],
        "directories": [".github/ISSUE_TEMPLATE"],
    }  # fmt: skip


def test_without_targets_it_reaches_only_repositories_that_join_by_a_topic(root):
    report = write(root)
    assert config(root)["targets"] == [{"owner": "acme", "topic": "broadcast"}]
    assert "gh repo edit acme/NAME --add-topic broadcast" in "\n".join(report)


def test_it_sends_what_is_named_instead(root):
    write(root, "acme/api", sent=["README.md", ".github/"])
    assert (config(root)["files"], config(root)["directories"]) == (["README.md"], [".github"])


def test_the_report_names_both_files_and_three_steps(root):
    report = "\n".join(write(root, "acme/api"))
    assert DEFAULT_PATH in report
    assert WORKFLOW_PATH in report
    assert re.findall(r"^(\d)\. ", report, re.MULTILINE) == ["1", "2", "3"]


@pytest.mark.parametrize("path", [DEFAULT_PATH, WORKFLOW_PATH])
def test_a_file_that_exists_is_an_error_and_nothing_is_written(root, path):
    add(root, {path: "theirs\n"})
    before = files(root)
    with pytest.raises(UsageError, match=re.escape(path)) as caught:
        write(root, "acme/api")
    assert caught.value.remedy
    assert files(root) == before


@pytest.mark.parametrize("path", [DEFAULT_PATH, WORKFLOW_PATH])
def test_a_link_is_not_written_through(root, path, tmp_path_factory):
    elsewhere = tmp_path_factory.mktemp("elsewhere") / "new"
    (root / path).parent.mkdir(parents=True, exist_ok=True)
    (root / path).symlink_to(elsewhere)
    with pytest.raises(UsageError):
        write(root, "acme/api")
    assert not elsewhere.exists()


@pytest.mark.parametrize("path", OLD)
def test_a_config_of_another_tool_is_to_be_migrated(root, path):
    add(root, {path: OLD[path]})
    with pytest.raises(UsageError) as caught:
        write(root, "acme/api")
    assert f"broadcast migrate --config {path} > {DEFAULT_PATH}" in caught.value.remedy
    assert not (root / DEFAULT_PATH).exists()


@pytest.mark.parametrize("text", ["version: 1\n", "[1, 2]\n", "a: [\n", "x: &a [*a]\n", "\xff\n", "{}" * 9])
def test_a_file_that_only_has_such_a_name_is_no_obstacle(root, text):
    (root / "sync.yaml").write_bytes(text.encode("latin-1"))
    write(root, "acme/api")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"targets": ["api"]}, "api"),
        ({"targets": [SOURCE]}, SOURCE),
        ({"targets": ["acme/a\nfiles: [x]"]}, "acme/a"),
        ({"sent": ["LICENCE"]}, "LICENCE isn't committed"),
        ({"sent": ["../x"]}, "../x isn't committed"),
        ({"source": ""}, "the remote `origin`"),
        ({"source": "acme"}, "the remote `origin`"),
    ],
)
def test_what_it_cannot_use_is_an_error_with_a_remedy(root, arguments, words):
    before = files(root)
    with pytest.raises(UsageError) as caught:
        write(root, *arguments.pop("targets", ["acme/api"]), **arguments)
    assert words in caught.value.message + caught.value.remedy
    assert caught.value.remedy
    assert files(root) == before


def test_without_a_repository_or_a_file_to_send_it_says_what_to_do(tmp_path):
    with pytest.raises(UsageError, match="no git repository"):
        write(tmp_path, "acme/api")
    git(tmp_path, "init", "-q")
    with pytest.raises(UsageError, match="such as LICENSE") as caught:
        write(tmp_path, "acme/api")
    assert "--send" in caught.value.remedy


def test_the_workflow_follows_the_remotes_default_branch(root):
    assert yaml.safe_load(workflow(root))[True]["push"] == {"branches": ["trunk"]}
    git(root, "update-ref", "refs/remotes/origin/stable", "HEAD")
    git(root, "symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/stable")
    (root / DEFAULT_PATH).unlink()
    (root / WORKFLOW_PATH).unlink()
    assert yaml.safe_load(workflow(root))[True]["push"] == {"branches": ["stable"]}


def workflow(root: Path) -> str:
    write(root, "acme/api")
    return (root / WORKFLOW_PATH).read_text()


def test_the_workflow_is_that_of_the_readme():
    plan = Plan(source=SOURCE, branch="main", targets=(), files=["LICENSE"], directories=())
    assert f"```yaml\n{texts.workflow(plan, '1.0.0')}```" in (ROOT / "README.md").read_text()


NAMES = st.from_regex(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,8}[A-Za-z0-9])?", fullmatch=True)
PATHS = st.lists(
    st.text(min_size=1, max_size=9).filter(lambda name: "/" not in name), min_size=1, max_size=3, unique=True
)


@given(owner=NAMES, names=st.lists(NAMES, max_size=3, unique_by=str.lower), paths=PATHS, branch=st.text(min_size=1))
def test_any_name_reads_back_as_it_is(owner, names, paths, branch):
    targets = [f"{owner}/x{name}" for name in names]
    plan = Plan(source=f"{owner}/source", branch=branch, targets=targets, files=paths, directories=paths[:1])
    made = yaml.safe_load(texts.config(plan, "1.0.0"))
    assert made["targets"] == (targets or [{"owner": owner, "topic": "broadcast"}])
    assert (made["files"], made["directories"]) == (paths, paths[:1])
    assert yaml.safe_load(texts.workflow(plan, "1.0.0"))[True]["push"] == {"branches": [branch]}


@given(owner=NAMES, names=st.lists(NAMES, max_size=3, unique_by=str.lower))
def test_the_config_is_valid(owner, names):
    targets = [f"{owner}/x{name}" for name in names]
    plan = Plan(source=f"{owner}/source", branch="main", targets=targets, files=["LICENSE"], directories=["kit"])
    parsed = parse(texts.config(plan, "1.0.0"), "c.yml", plan.source)
    assert [f"{one.owner}/{one.name}" for one in parsed.targets] == (targets or ["/"])  # a selector
