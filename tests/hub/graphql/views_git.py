"""GraphQL views of what git keeps: refs, commits, trees, blobs."""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING, Any

from tests.hub.errors import not_found, unresolved
from tests.hub.git import history, trees
from tests.hub.git.ids import node_id
from tests.hub.git.objects import Entry, Person
from tests.hub.git.repository import HEADS
from tests.hub.graphql.connections import connection
from tests.hub.rest.present import when

if TYPE_CHECKING:
    from tests.hub.git.objects import Commit as StoredCommit
    from tests.hub.git.repository import Repository as Stored
    from tests.hub.graphql.context import Context

BINARY_PROBE = 8000
WEB_FLOW = "noreply@github.com"
_CO_AUTHOR = re.compile(r"^Co-authored-by: ([^<\n]*?) *<([^>\n]+)>$", re.IGNORECASE | re.MULTILINE)


def ref_view(repository: Stored, name: str) -> Ref | None:
    oid = repository.refs.get(name)
    return Ref(repository, name, oid) if oid else None


def git_object(repository: Stored, oid: str, path: str = "") -> Commit | Tree | Blob:
    kind, _ = repository.objects.body(oid)
    if kind == "commit":
        return Commit(repository, repository.objects.commit(oid))
    return Tree(repository, oid, path) if kind == "tree" else Blob(repository, oid)


class Ref:
    def __init__(self, repository: Stored, full_name: str, oid: str) -> None:
        self.stored, self.oid = repository, oid
        self.id = node_id("REF", repository.id, full_name)
        self.prefix = HEADS if full_name.startswith(HEADS) else "/".join(full_name.split("/")[:2]) + "/"
        self.name = full_name.removeprefix(self.prefix)

    def target(self, context: Context) -> Any:
        return git_object(self.stored, self.oid)

    def repository(self, context: Context) -> Any:
        from tests.hub.graphql.views import Repository

        return Repository(self.stored)

    def associatedPullRequests(self, context: Context, **arguments: Any) -> Any:
        """Those that come from this branch."""
        from tests.hub.graphql.views_pulls import select_pulls

        mine = [pull for pull in self.stored.pulls if pull.head == self.name and not pull.is_cross_repository]
        return select_pulls(context, mine, **arguments)

    def compare(self, context: Context, headRef: str) -> Any:
        """A head that isn't there is an error, as two projects have met it; an absent `ref` is none."""
        from tests.hub.graphql.views_compare import compared

        head = self.stored.resolve(headRef)
        if not head:
            raise unresolved("Ref", f"name '{headRef}'")
        return compared(context, self.stored, self.oid, head)


class GitObject:
    """What commits, trees and blobs have in common."""

    prefix = ""

    def __init__(self, repository: Stored, oid: str) -> None:
        self.stored, self.oid = repository, oid

    def __getattr__(self, name: str) -> Any:
        path = f"/{self.stored.full_name}/commit/{self.oid}"
        if name == "id":  # made when asked for: a listing has thousands
            return node_id(self.prefix, self.stored.id, self.oid)
        if name in {"commitResourcePath", "resourcePath"}:
            return path
        if name in {"commitUrl", "url"}:
            return self.stored.hub.url + path
        if name == "abbreviatedOid":
            return self.oid[:7]
        raise AttributeError(name)

    def repository(self, context: Context) -> Any:
        from tests.hub.graphql.views import Repository

        return Repository(self.stored)


class Commit(GitObject):
    prefix = "C"

    def __init__(self, repository: Stored, commit: StoredCommit) -> None:
        super().__init__(repository, commit.oid)
        self.commit, self.message = commit, commit.message
        headline, _, body = commit.message.partition("\n")
        self.messageHeadline, self.messageBody = headline, body.strip("\n")
        self.authoredDate, self.committedDate = when(commit.author.seconds), when(commit.committer.seconds)
        self.authoredByCommitter = commit.author[:2] == commit.committer[:2]
        self.committedViaWeb = commit.committer.email == WEB_FLOW
        self.treeResourcePath = f"/{repository.full_name}/tree/{commit.oid}"
        self.treeUrl = repository.hub.url + self.treeResourcePath

    def tree(self, context: Context) -> Tree:
        return Tree(self.stored, self.commit.tree)

    def file(self, context: Context, path: str) -> TreeEntry | None:
        """Null with an error where nothing is: recorded in the integration tests of changesets/ghcommit.

        Absent objects and refs are null without one.
        """
        context.work(path.count("/") + 1)
        found, answer = path.strip("/"), context.hub.unknowns.file_unusual_path
        if path == found and path not in {"", "."}:
            below = trees.is_below_file(self.stored.objects, self.commit.tree, path)
            answer = context.hub.unknowns.file_below_blob if below else "resolves"
        entry = trees.find(self.stored.objects, self.commit.tree, found) if answer == "resolves" and found else None
        if entry:
            return TreeEntry(self.stored, found, entry)
        if answer == "null":
            return None
        raise not_found(f"Could not resolve file for path '{path}'.")

    def history(self, context: Context, path: str | None = None, **arguments: Any) -> Any:
        """Of a file or a directory, or of everything."""
        page = {name: arguments.pop(name) for name in ("first", "last", "after", "before") if name in arguments}
        filters = [name for name, value in arguments.items() if value is not None]
        if filters:
            raise context.lacks(f"history by {', '.join(filters)}", "tests/hub/graphql/views_git.py")
        objects, path = self.stored.objects, (path or "").strip("/")
        found = history.touching(objects, self.oid, path) if path else history.log(objects, self.oid)
        commits = [Commit(self.stored, each) for each in found]
        context.work(len(commits))
        return connection(commits, **page)

    def parents(self, context: Context, **page: Any) -> Any:
        found = [self.stored.objects.commit(oid) for oid in self.commit.parents]
        return connection([Commit(self.stored, each) for each in found], **page)

    def author(self, context: Context) -> Any:
        return git_actor(context, self.commit.author)

    def authors(self, context: Context, **page: Any) -> Any:
        """Published schema: by the git author and the Co-authored-by trailers; the git author always comes first."""
        found = [self.commit.author[:2], *_CO_AUTHOR.findall(self.commit.message)]
        people = [Person(name, email, self.commit.author.seconds, "+0000") for name, email in dict.fromkeys(found)]
        return connection([git_actor(context, one) for one in people], **page)

    def committer(self, context: Context) -> Any:
        return git_actor(context, self.commit.committer)

    def signature(self, context: Context) -> GpgSignature | None:
        return GpgSignature(self.commit) if self.commit.signature else None

    def statusCheckRollup(self, context: Context) -> Any:
        """Null where nothing was ever reported."""
        from tests.hub.graphql.views_checks import StatusCheckRollup

        found = self.stored.reports.get(self.oid)
        return StatusCheckRollup(self.stored, self.oid, list(found.values())) if found else None

    def associatedPullRequests(self, context: Context, **arguments: Any) -> Any:
        from tests.hub.graphql.views_pulls import select_pulls

        pulls = [pull for pull in self.stored.pulls if self.oid in {pull.head_oid, pull.merge_commit}]
        return select_pulls(context, pulls, **arguments)

    def _changed(self) -> int:
        parent = self.commit.parents[0] if self.commit.parents else None
        before = self.stored.objects.commit(parent).tree if parent else None
        return len(trees.changed_paths(self.stored.objects, before, self.commit.tree))

    def changedFilesIfAvailable(self, context: Context) -> int:
        return self._changed()

    additions = deletions = 0


class GpgSignature:
    def __init__(self, commit: StoredCommit) -> None:
        self.email, self.signature = commit.committer.email, commit.signature
        self.isValid, self.state, self.wasSignedByGitHub = True, "VALID", True
        self.keyId, self.payload, self.verifiedAt = (
            "B5690EEEBB952194",
            f"tree {commit.tree}\n",
            when(commit.committer.seconds),
        )


def git_actor(context: Context, who: Person) -> dict[str, Any]:
    from tests.hub.graphql.views_people import actor

    web_flow = context.hub.user("web-flow") if who.email == WEB_FLOW else None  # so GitHub calls itself as a committer
    account = web_flow or next((each for each in context.hub.users.values() if each.email == who.email), None)
    is_user = account is not None and account.type == "User"
    return {
        "name": who.name,
        "email": who.email,
        "date": when(who.seconds),
        "avatarUrl": f"{context.hub.url}/avatars",
        "user": actor(context.hub, account.login) if is_user and account else None,
    }


class Tree(GitObject):
    prefix = "TR"

    def __init__(self, repository: Stored, oid: str, path: str = "") -> None:
        super().__init__(repository, oid)
        self.path = path

    def entries(self, context: Context) -> list[TreeEntry]:
        found = self.stored.objects.tree(self.oid)
        context.work(len(found))
        prefix = f"{self.path}/" if self.path else ""
        return [TreeEntry(self.stored, prefix + name, entry) for name, entry in found.items()]


def _readable(context: Context, text: str) -> str:
    if context.hub.unknowns.name_of_bytes == "surrogates":
        return text
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


class TreeEntry:
    def __init__(self, repository: Stored, path: str, entry: Entry) -> None:
        self.stored, self._path, self.entry = repository, path, entry
        self._name = path.rpartition("/")[2]
        self.mode, self.oid, self.type = entry.mode, entry.oid, entry.kind

    def name(self, context: Context) -> str:
        return _readable(context, self._name)

    def path(self, context: Context) -> str:
        return _readable(context, self._path)

    def nameRaw(self, context: Context) -> str:
        return base64.b64encode(self._name.encode("utf-8", "surrogateescape")).decode()

    def pathRaw(self, context: Context) -> str:
        return base64.b64encode(self._path.encode("utf-8", "surrogateescape")).decode()

    def extension(self, context: Context) -> str:
        return "." + self._name.rpartition(".")[2] if "." in self._name else ""

    def size(self, context: Context) -> int:
        return len(self.stored.objects.blob(self.oid)) if self.type == "blob" else 0

    def object(self, context: Context) -> Any:
        return git_object(self.stored, self.oid, self._path) if self.type != "commit" else None

    def repository(self, context: Context) -> Any:
        from tests.hub.graphql.views import Repository

        return Repository(self.stored)


class Blob(GitObject):
    prefix = "B"

    def byteSize(self, context: Context) -> int:
        return len(self.stored.objects.blob(self.oid))

    def isBinary(self, context: Context) -> bool:
        return b"\0" in self.stored.objects.blob(self.oid)[:BINARY_PROBE]

    def isTruncated(self, context: Context) -> bool:
        return not self.isBinary(context) and self.byteSize(context) > context.hub.unknowns.text_limit

    def text(self, context: Context) -> str | None:
        if self.isBinary(context):
            return None
        if self.isTruncated(context) and context.hub.unknowns.text_beyond == "null":
            return None
        body = self.stored.objects.blob(self.oid)[: context.hub.unknowns.text_limit]
        context.work(len(body) // 10_000)
        return body.decode("utf-8", "replace")
