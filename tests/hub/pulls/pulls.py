"""Pull requests of one repository; they follow changes of their branches."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.hub.errors import Refused, invalid, unresolved
from tests.hub.git import history
from tests.hub.git.objects import Commit, Person
from tests.hub.models import Comment, PullRequest
from tests.hub.pulls.texts import check_texts

if TYPE_CHECKING:
    from tests.hub.git.repository import Repository

GITHUB = ("GitHub", "noreply@github.com")
SETS = {"labels", "assignees", "milestone"}  # whose changes the timeline tells


class Pulls:
    """The part of a Repository that keeps its pull requests."""

    _pulls: list[PullRequest]
    _mergeable: dict[tuple[str, str], bool]

    @property
    def pulls(self: Repository) -> list[PullRequest]:
        return self._pulls

    def pull(self: Repository, number: int) -> PullRequest:
        if not 0 < number <= len(self._pulls):
            raise unresolved("PullRequest", f"number of {number}")
        return self._pulls[number - 1]

    def open_pull(
        self: Repository,
        head: str,
        base: str | None = None,
        title: str = "Change",
        body: str = "",
        author: str = "alice",
        cross_repository: bool = False,
        draft: bool = False,
    ) -> PullRequest:
        with self.hub.lock:
            base = base or self.default_branch
            check_texts(self.hub.unknowns, title, body)
            self._check_openable(head, base, cross_repository)
            base_oid, now = self.head(base), self.hub.clock()
            head_oid = self.head(head) or base_oid  # a fork's branch is not here
            assert head_oid
            assert base_oid
            numbers = (self.hub.next_id(), len(self._pulls) + 1)
            pull = PullRequest(
                *numbers, self, title, body, head, base, head_oid, base_oid, self.hub.user(author).login, now, now
            )
            pull.draft, pull.is_cross_repository = draft, cross_repository
            self._pulls.append(pull)
            return pull

    def _check_openable(self: Repository, head: str, base: str, cross_repository: bool) -> None:
        head_oid, base_oid = self.head(head), self.head(base)
        if not head_oid and not cross_repository:
            raise _blank(head, base, "head")
        if not base_oid:
            raise _blank(head, base, "base")
        if any(_same(each, head, base, cross_repository) for each in self._pulls):
            text = f"A pull request already exists for {self.owner}:{head}."
            raise invalid("PullRequest", code="custom", message=text)
        if head_oid and not cross_repository and history.is_ancestor(self.objects, head_oid, base_oid):
            raise invalid("PullRequest", code="custom", message=f"No commits between {base} and {head}")

    def settle(self: Repository, branch: str, by: str) -> None:
        """After a ref moved: its pull requests follow it, close with it, or are merged by it."""
        for pull in self._pulls:
            if pull.state != "OPEN" or pull.is_cross_repository or branch not in {pull.head, pull.base}:
                continue
            head, base = self.head(pull.head), self.head(pull.base)
            if base is None and self.hub.unknowns.base_deletion == "told":
                self.record(pull, "BASE_REF_DELETED", by, pull.base)
            if head is None or base is None:
                self.close_pull(pull.number, by)
                continue
            if head != pull.head_oid:
                pull.head_oid, pull.updated_at = head, self.hub.clock()
                pull.in_merge_queue = False  # what was queued is not there any more
            contained = history.is_ancestor(self.objects, head, base)
            if contained and branch == pull.head:
                pull.base_oid = base  # it changes nothing any more
                self.close_pull(pull.number, by)
            elif contained:
                self._merged(pull, by, base)

    def close_pull(self: Repository, number: int, by: str = "alice") -> None:
        pull, now = self.pull(number), self.hub.clock()
        if pull.state == "OPEN":
            pull.state, pull.closed_by, pull.closed_at = "CLOSED", by, now
            pull.in_merge_queue = False
            self.record(pull, "CLOSED", by)

    def reopen_pull(self: Repository, number: int, by: str = "alice") -> None:
        pull, head = self.pull(number), self.head(self.pull(number).head)
        if pull.state == "OPEN":
            return
        rewritten = not head or not history.is_ancestor(self.objects, pull.head_oid, head)
        if pull.state == "MERGED" or rewritten:
            raise Refused("Could not open the pull request.")
        self._check_openable(pull.head, pull.base, pull.is_cross_repository)
        assert head
        pull.head_oid, pull.state = head, "OPEN"
        pull.closed_at = pull.closed_by = None
        self.record(pull, "REOPENED", by)

    def merge_pull(
        self: Repository, number: int, by: str = "alice", method: str = "merge", delete_branch: bool = False
    ) -> str:
        with self.hub.lock:
            pull = self.pull(number)
            base = self.head(pull.base)
            assert base
            tree, who = self._merge_tree(base, pull.head_oid), self.hub.person(by)
            parents = [base, pull.head_oid] if method == "merge" else [base]
            message = f"Merge pull request #{number}\n" if method == "merge" else f"{pull.title} (#{number})\n"
            oid = self.write_commit(tree, parents, message, who)
            self.by_people.add(oid)
            self._merged(pull, by, oid)
            self.update_ref(f"refs/heads/{pull.base}", oid, by=by, ruled=False)
            if delete_branch or self.delete_branch_on_merge:
                self.delete_branch(pull.head, by)
            return oid

    def _merged(self: Repository, pull: PullRequest, by: str, oid: str) -> None:
        now = self.hub.clock()
        pull.state, pull.merged_by, pull.merge_commit = "MERGED", by, oid
        pull.merged_at = pull.closed_at = now
        pull.in_merge_queue = False
        self.record(pull, "MERGED", by, oid)
        self.record(pull, "CLOSED", by)

    def update_branch(self: Repository, number: int, by: str = "alice", method: str = "merge") -> str:
        """The "Update branch" button: merge the base into the head, or rebase that onto the base."""
        with self.hub.lock:
            pull = self.pull(number)
            if method == "rebase":
                return self._rebase(pull, by)
            base = self.head(pull.base)
            assert base
            message = f"Merge branch '{pull.base}' into {pull.head}\n"
            github = Person(*GITHUB, int(self.hub.clock()), "+0000")
            tree = self._merge_tree(pull.head_oid, base)
            oid = self.write_commit(tree, [pull.head_oid, base], message, self.hub.person(by), github, SIGNATURE)
            self.update_ref(f"refs/heads/{pull.head}", oid, by=by, ruled=False)
            return oid

    def _rebase(self: Repository, pull: PullRequest, by: str) -> str:
        """Authors and their dates stay, who pressed the button commits: keeping a pull request in sync with the base."""
        tip = self.head(pull.base)
        assert tip
        who = self.hub.person(by)
        for commit in self.pull_commits(pull):
            if len(commit.parents) > 1:
                continue
            there = self.objects.commit(tip).tree
            beside = self.write_commit(there, [commit.parents[0]], "a base for the merge\n", who)
            try:
                tree = self._merge_tree(beside, commit.oid)
            except RuntimeError as error:
                raise Refused("Unable to update branch: there are conflicts") from error
            if tree != there:
                tip = self.write_commit(tree, [tip], commit.message, commit.author, who)
        self.update_ref(f"refs/heads/{pull.head}", tip, force=True, by=by, ruled=False)
        return tip

    def _merge_tree(self: Repository, ours: str, theirs: str) -> str:
        return self.git("merge-tree", "--write-tree", ours, theirs).split()[0]

    def pull_commits(self: Repository, pull: PullRequest) -> list[Commit]:
        base = pull.base_oid if pull.state == "MERGED" else self.head(pull.base) or pull.base_oid
        return history.missing(self.objects, base, pull.head_oid)

    def edit_pull(self: Repository, pull: PullRequest, by: str, **values: Any) -> None:
        """Set what is given (None: left alone); sets of labels and assignees replace the old ones."""
        now = self.hub.clock()
        check_texts(self.hub.unknowns, values.get("title"), values.get("body"))
        state = values.pop("state", None)
        base = values.pop("base", None)
        if base is not None and base != pull.base:
            self._change_base(pull, base)
        for name, value in values.items():
            if value is not None and name in SETS:
                getattr(self, f"set_{name}")(pull, value, by)
            elif value is not None:
                setattr(pull, name, value)
        if values.get("title") is not None or values.get("body") is not None:
            pull.editor, pull.last_edited_at = by, now
        pull.updated_at = now
        if state == "closed":
            self.close_pull(pull.number, by)
        elif state == "open":
            self.reopen_pull(pull.number, by)

    def _change_base(self: Repository, pull: PullRequest, base: str) -> None:
        oid = self.head(base)
        if not oid:
            raise invalid("PullRequest", "base", message=f"Proposed base branch '{base}' was not found")
        if any(_same(each, pull.head, base, pull.is_cross_repository) for each in self._pulls):
            text = f"A pull request already exists for base branch '{base}' and head branch '{pull.head}'"
            raise invalid("PullRequest", "base", message=text)
        pull.base, pull.base_oid = base, oid

    def comment(self: Repository, pull: PullRequest, body: str, by: str) -> Comment:
        check_texts(self.hub.unknowns, None, body, "IssueComment")
        comment = Comment(self.hub.next_id(), by, body, self.hub.clock())
        pull.comments.append(comment)
        pull.updated_at = comment.created_at
        return comment


SIGNATURE = "-----BEGIN PGP SIGNATURE-----\n\nc2lnbmVkIGJ5IHRoZSBodWI=\n-----END PGP SIGNATURE-----\n"


def _same(pull: PullRequest, head: str, base: str, cross_repository: bool) -> bool:
    """GitHub keeps one open pull request for each head and base."""
    same = (pull.head, pull.base, pull.is_cross_repository) == (head, base, cross_repository)
    return same and pull.state == "OPEN"


def _blank(head: str, base: str, side: str) -> Refused:
    """A missing branch: REST names the field, GraphQL lists every consequence."""
    no_commits = f"No commits between {base} and {head}, {side.capitalize()} ref must be a branch"
    return invalid("PullRequest", side, graphql=f"Head sha can't be blank, Base sha can't be blank, {no_commits}")
