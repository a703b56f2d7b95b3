"""One repository: a bare git repository on disk, with its settings and pull requests."""

from __future__ import annotations

import os
import subprocess
from typing import TYPE_CHECKING

from tests.hub.accounts.policies import Policies
from tests.hub.errors import unresolved
from tests.hub.git import trees
from tests.hub.git.branches import Branches
from tests.hub.git.objects import REGULAR, SYMLINK, TREE, Commit, Entry, Objects, Person, commit_body
from tests.hub.git.refs import HEADS, Refs
from tests.hub.models import CheckRun, File, Label, Milestone, PullRequest, Report, Symlink
from tests.hub.pulls.issues import Issues
from tests.hub.pulls.merging import Merging
from tests.hub.pulls.opening import Opening
from tests.hub.pulls.pulls import Pulls
from tests.hub.pulls.timeline import Timeline

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from tests.hub.hub import Hub

Content = bytes | File | Symlink
CONFIG = "[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = true\n"


class Repository(Branches, Pulls, Issues, Merging, Opening, Timeline, Policies):
    def __init__(self, hub: Hub, number: int, full_name: str, *, default_branch: str = "main") -> None:
        super().__init__()
        self.hub, self.id, self.full_name, self.default_branch = hub, number, full_name, default_branch
        self.archived = self.disabled = self.locked = self.fork = self.template = False
        self.allow_auto_merge = self.required_checks = self.delete_branch_on_merge = False
        self.merge_queue = self.up_to_date = False  # what the default branch requires, as are the next two
        self.required_contexts: set[str] = set()
        self.required_approvals = 0
        self.reports: dict[str, dict[str, Report]] = {}  # by commit and name
        self.check_runs: list[CheckRun] = []
        self.merge_methods = ["MERGE", "SQUASH", "REBASE"]
        self.default_merge_method: str | None = None
        self.private, self.internal = True, False
        self.topics: list[str] = []
        self.language: str | None = None
        self.properties: dict[str, str | list[str] | None] = {}
        self.labels: dict[str, Label] = {}
        self.milestones: list[Milestone] = []
        self.created_at = self.pushed_at = hub.clock()
        self._pulls: list[PullRequest] = []
        self.deletions: list[tuple[str, str, str, float]] = []  # ref, head, by whom, when; the latest comes last
        self._mergeable: dict[tuple[str, str], bool] = {}
        self.place(hub.root / f"{full_name}.git")
        for folder in ("objects/pack", "refs/heads"):
            (self.path / folder).mkdir(parents=True)
        (self.path / "HEAD").write_text(f"ref: {HEADS}{default_branch}\n")
        (self.path / "config").write_text(CONFIG)

    def place(self, path: Path) -> None:
        pool = self.hub.pool
        self.path = path
        self.refs = Refs(path)
        if hasattr(self, "objects"):
            self.objects.directory = path / "objects"
        else:
            self.objects = Objects(path / "objects", pool)

    def __repr__(self) -> str:
        return f"<Repository {self.full_name}>"

    @property
    def owner(self) -> str:
        return self.full_name.partition("/")[0]

    @property
    def name(self) -> str:
        return self.full_name.partition("/")[2]

    @property
    def visibility(self) -> str:
        """`internal`, `private` or `public`."""
        return ("internal" if self.internal else "private") if self.private else "public"

    @property
    def is_empty(self) -> bool:
        return self.head() is None and not self.branches()

    def git(self, *arguments: str, check: bool = True) -> str:
        """Run git here without the user's and the system's configuration."""
        environment = {"PATH": os.environ["PATH"], "HOME": str(self.hub.root), "LC_ALL": "C"}
        environment |= {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull}
        command = ["git", "-c", "safe.directory=*", "--git-dir", str(self.path), *arguments]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        if check and done.returncode:
            raise RuntimeError(f"git {' '.join(arguments)}: {done.stderr.strip()}")
        return done.stdout

    # Reading

    def head(self, branch: str | None = None) -> str | None:
        return self.refs.get(HEADS + (branch or self.default_branch))

    def branches(self) -> dict[str, str]:
        return {name.removeprefix(HEADS): oid for name, oid in self.refs.all().items()}

    def resolve(self, revision: str) -> str | None:
        """A commit or other object by branch, ref, HEAD or id."""
        if revision == "HEAD":
            return self.head()
        if is_oid(revision) and revision in self.objects:
            return revision
        names = (revision, "refs/" + revision, HEADS + revision)
        return next((oid for name in names if name.startswith("refs/") and (oid := self.refs.get(name))), None)

    def tree_of(self, oid: str) -> str | None:
        kind = self.objects.kind(oid)
        return self.objects.commit(oid).tree if kind == "commit" else oid if kind == "tree" else None

    def files(self, ref: str | None = None) -> dict[str, tuple[int, bytes]]:
        oid = self.resolve(ref or self.default_branch)
        tree = oid and self.tree_of(oid)
        if not tree:
            raise KeyError(ref)
        found = trees.files(self.objects, tree)
        return {path: (entry.mode, self.objects.blob(entry.oid)) for path, entry in found.items()}

    # Writing, as people do

    def seed(self, files: Mapping[str, Content]) -> None:
        pool = self.hub.pool
        contents = {path: self._entry(content, pool.add) for path, content in files.items()}
        tree = trees.build(pool, contents)
        self.objects.seed(tree, self.hub.packs)
        oid = self.write_commit(tree, [], "Initial commit\n", self.hub.person(self.owner))
        self.by_people.add(oid)
        self.set_branch(self.default_branch, oid)

    def _entry(self, content: Content, add: object = None) -> Entry:
        write = add or self.objects.add
        if isinstance(content, Symlink):
            return Entry(SYMLINK, write("blob", content.target.encode()))
        body, mode = content if isinstance(content, File) else (content, REGULAR)
        return Entry(mode, write("blob", body))

    def commit(
        self,
        changes: Mapping[str, Content | None],
        branch: str | None = None,
        message: str = "Change",
        author: tuple[str, str] = ("Alice", "alice@example.com"),
        parents: Sequence[str] | None = None,
        force: bool = False,
    ) -> str:
        """Push a commit to a branch; a new branch starts at the default branch."""
        name = branch or self.default_branch
        with self.hub.lock:
            tip = self.head(name) or self.head()
            if parents is None:
                parents = [tip] if tip else []
            edits = {path: self._entry(content) if content is not None else None for path, content in changes.items()}
            base = self.objects.commit(parents[0]).tree if parents else None
            who = Person(*author, int(self.hub.clock()), "+0000")
            oid = self.write_commit(trees.edit(self.objects, base, edits), parents, message, who)
            self.by_people.add(oid)
            self.update_ref(HEADS + name, oid, force=force, by=author[0].lower(), ruled=False)
        return oid

    def write_commit(
        self,
        tree: str,
        parents: Sequence[str],
        message: str,
        author: Person,
        committer: Person | None = None,
        signature: str | None = None,
    ) -> str:
        return self.objects.add("commit", commit_body(tree, parents, author, committer or author, message, signature))

    def set_branch(self, name: str, oid: str, by: str = "alice") -> None:
        self.update_ref(HEADS + name, oid, force=True, by=by, ruled=False)

    def delete_branch(self, name: str, by: str = "alice") -> None:
        self.delete_ref(HEADS + name, by=by, ruled=False)

    # Labels

    def label(self, name: str) -> Label | None:
        return self.labels.get(name.lower())

    def add_label(self, name: str, color: str = "ededed", description: str | None = None) -> Label:
        label = Label(self.hub.next_id(), name, color, description)
        return self.labels.setdefault(name.lower(), label)

    def add_milestone(self, title: str, *, closed: bool = False) -> Milestone:
        now = self.hub.clock()
        self.milestones.append(Milestone(len(self.milestones) + 1, title, now, now if closed else None))
        return self.milestones[-1]

    def milestone(self, number: int) -> Milestone:
        found = next((each for each in self.milestones if each.number == number), None)
        if not found:
            raise unresolved("Milestone", f"number of {number}")
        return found

    def entry_at(self, commit: Commit, path: str) -> Entry | None:
        return trees.find(self.objects, commit.tree, path) if path else Entry(TREE, commit.tree)


def is_oid(text: str) -> bool:
    return len(text) == 40 and all(letter in "0123456789abcdef" for letter in text)
