"""The top of the GraphQL schema, and repositories. A view's attributes are the fields of the type of its name."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from tests.hub.accounts import rights
from tests.hub.errors import Refused, unresolved
from tests.hub.git import trees
from tests.hub.git.ids import node_id, parse, unknown
from tests.hub.git.repository import HEADS
from tests.hub.graphql.connections import connection
from tests.hub.graphql.views_git import Ref, git_object, ref_view
from tests.hub.graphql.views_issues import Issue, select_issues
from tests.hub.graphql.views_people import Label, Milestone, User, actor, owner
from tests.hub.graphql.views_pulls import IssueComment, PullRequest, select_pulls
from tests.hub.graphql.views_timeline import PREFIXES, find_event
from tests.hub.pulls.search import RESULTS, search_pulls
from tests.hub.rest.present import when

if TYPE_CHECKING:
    from tests.hub.git.repository import Repository as Stored
    from tests.hub.graphql.context import Context


NEEDED = dict.fromkeys(("REF", "C", "TR", "B"), rights.CONTENTS) | dict.fromkeys(("PR", "IC", *PREFIXES), rights.PULLS)


class Root:
    def repository(self, context: Context, owner: str, name: str, followRenames: bool = True) -> Repository:
        full_name = f"{owner}/{name}"
        found = context.hub.find(full_name)
        renamed = found and found.full_name.lower() != full_name.lower()
        return Repository(context.readable(None if renamed and not followRenames else found, full_name))

    def viewer(self, context: Context) -> Any:
        """A User, even where it is an App's bot."""
        return User(context.hub, context.token.user)

    def rateLimit(self, context: Context, dryRun: bool = False) -> dict[str, Any]:
        budget = context.hub.rates.budget(context.token.value, "graphql")
        return {
            "cost": context.price.points,
            "limit": budget.limit,
            "remaining": budget.remaining,
            "used": budget.used,
            "resetAt": when(budget.reset),
            "nodeCount": context.price.nodes,
        }

    def node(self, context: Context, id: str) -> Any:
        return find(context, id)

    def nodes(self, context: Context, ids: list[str]) -> list[Any]:
        return [_node_or_refusal(context, each) for each in ids]

    def user(self, context: Context, login: str) -> Any:
        return _account(context, login, "User")

    def organization(self, context: Context, login: str) -> Any:
        return _account(context, login, "Organization")

    def search(self, context: Context, query: str, type: str, **page: Any) -> Any:
        if type != "ISSUE":
            raise context.lacks(f"search type {type}", "tests/hub/pulls/search.py")
        found = search_pulls(context.hub, context.token, query)
        context.work(len(found))
        counts = dict.fromkeys(("codeCount", "discussionCount", "repositoryCount", "userCount", "wikiCount"), 0)
        shown = connection([PullRequest(pull) for pull in found[:RESULTS]], **page)
        return shown | counts | {"issueCount": len(found)}

    def repositoryOwner(self, context: Context, login: str) -> Any:
        """Null without an error where there is none, unlike `user` and `organization`."""
        found = context.hub.users.get(login.lower())
        if not found or found.type not in {"Organization", "User"}:
            return None
        context.admit_to(found)
        return owner(context.hub, login)


def _account(context: Context, login: str, type_: str) -> Any:
    found = context.hub.users.get(login.lower())
    if not found or found.type != type_:
        raise unresolved(type_, f"login of '{login}'")
    context.admit_to(found)
    return owner(context.hub, login)


def _node_or_refusal(context: Context, id_: str) -> Any:
    try:
        return find(context, id_)
    except Refused as refusal:
        return refusal  # graphql-core turns an exception among the items into null and an error


def find(context: Context, id_: str) -> Any:
    """The thing with this node id, as far as the token may see it."""
    kind, parts = parse(id_)
    if kind in {"U", "BOT", "O", "T"}:
        account = next((each for each in context.hub.users.values() if each.id == parts[0]), None)
        if account and not account.deleted and (account.type != "Team" or rights.reads_teams(context.token)):
            return actor(context.hub, account.login)
        raise unknown(id_)
    repository = context.hub.repositories.get(parts[0]) if parts else None
    if not repository or not context.token.may("read", repository):
        raise unknown(id_)
    context.admit(repository)
    if kind in NEEDED:
        context.check(repository, NEEDED[kind])
    found = _within(repository, kind, parts[1:])
    if found is None:
        raise unknown(id_)
    return found


def _within(repository: Stored, kind: str, parts: list[Any]) -> Any:
    if kind == "R":
        return Repository(repository)
    if kind == "REF":
        return ref_view(repository, parts[0])
    if kind in {"C", "TR", "B"}:
        return git_object(repository, parts[0]) if parts[0] in repository.objects else None
    if kind == "MI":
        return Milestone(repository, repository.milestone(parts[0]))
    if kind == "LA":
        return next((Label(repository, each) for each in repository.labels.values() if each.id == parts[0]), None)
    if kind == "PR":
        return PullRequest(repository.pull(parts[0]))
    if kind in PREFIXES:
        return find_event(repository.pull(parts[0]), parts[1])
    if kind == "IC":
        pull = repository.pull(parts[0])
        return next((IssueComment(pull, each) for each in pull.comments if each.id == parts[1]), None)
    return None


class Repository:
    """Repository of the published schema, over one of the hub's."""

    def __init__(self, stored: Stored) -> None:
        self.stored = stored
        self.id = node_id("R", stored.id)
        self.databaseId, self.name, self.nameWithOwner = stored.id, stored.name, stored.full_name
        self.isArchived, self.isDisabled, self.isLocked = stored.archived, stored.disabled, stored.locked
        self.isPrivate, self.isFork = stored.private, stored.fork
        self.visibility = stored.visibility.upper()
        self.autoMergeAllowed = stored.allow_auto_merge
        self.createdAt, self.updatedAt = when(stored.created_at), when(stored.pushed_at)
        self.pushedAt = self.updatedAt
        self.resourcePath, self.url = f"/{stored.full_name}", f"{stored.hub.url}/{stored.full_name}"
        self.lockReason = "MIGRATING" if stored.locked else None
        self.description = self.homepageUrl = None
        self.deleteBranchOnMerge, self.hasIssuesEnabled = stored.delete_branch_on_merge, stored.issues_enabled
        self.isMirror, self.isTemplate = False, stored.template
        methods = ("MERGE", "SQUASH", "REBASE")
        allowed = (method in stored.merge_methods for method in methods)
        self.mergeCommitAllowed, self.squashMergeAllowed, self.rebaseMergeAllowed = allowed
        self.viewerDefaultMergeMethod = stored.default_merge_method or next(iter(stored.merge_methods), "MERGE")
        self.forkCount = 0

    def isEmpty(self, context: Context) -> bool:
        return self.stored.is_empty

    def isInOrganization(self, context: Context) -> bool:
        return context.hub.user(self.stored.owner).type == "Organization"

    def owner(self, context: Context) -> Any:
        return owner(context.hub, self.stored.owner)

    def primaryLanguage(self, context: Context) -> Any:
        language = self.stored.language
        return {"id": node_id("LAN", language), "name": language} if language else None

    def viewerPermission(self, context: Context) -> str | None:
        """The role of the token's owner, whatever the token may do; null for apps, as the schema's description says."""
        if context.token.is_app:
            return None
        owner = replace(context.token, permissions=None)
        return next(level.upper() for level in ("admin", "write", "read") if owner.may(level, self.stored))

    def viewerCanAdminister(self, context: Context) -> bool:
        return context.token.may("admin", self.stored)

    def defaultBranchRef(self, context: Context) -> Ref | None:
        context.check(self.stored, rights.CONTENTS)
        return ref_view(self.stored, HEADS + self.stored.default_branch)

    def ref(self, context: Context, qualifiedName: str) -> Ref | None:
        """`main`, `heads/main` and `refs/heads/main` mean the same."""
        context.check(self.stored, rights.CONTENTS)
        names = (qualifiedName, f"refs/{qualifiedName}", HEADS + qualifiedName)
        full = (name for name in names if name.startswith("refs/"))
        return next((found for name in full if (found := ref_view(self.stored, name))), None)

    def refs(self, context: Context, refPrefix: str, query: str | None = None, **page: Any) -> Any:
        context.check(self.stored, rights.CONTENTS)
        context.work(1)
        found = self.stored.refs.all(refPrefix)
        names = [name for name in found if not query or query in name]
        return connection([Ref(self.stored, name, found[name]) for name in names], **page)

    def object(self, context: Context, expression: str | None = None, oid: str | None = None) -> Any:
        context.check(self.stored, rights.CONTENTS)
        if oid is not None:
            return git_object(self.stored, oid) if oid in self.stored.objects else None
        revision, colon, path = (expression or "HEAD").partition(":")
        start = self.stored.resolve(revision)
        if start is None or not colon:
            return start and git_object(self.stored, start)
        context.work(path.count("/") + 1)
        return _at(self.stored, start, path.strip("/"))

    def pullRequest(self, context: Context, number: int) -> PullRequest:
        context.check(self.stored, rights.PULLS)
        return PullRequest(self.stored.pull(number))

    def pullRequests(self, context: Context, **arguments: Any) -> Any:
        context.check(self.stored, rights.PULLS)
        return select_pulls(context, self.stored.pulls, **arguments)

    def issue(self, context: Context, number: int) -> Issue:
        context.check(self.stored, rights.ISSUES)
        return Issue(self.stored.issue(number))

    def issues(self, context: Context, **arguments: Any) -> Any:
        context.check(self.stored, rights.ISSUES)
        return select_issues(context, self.stored, **arguments)

    def label(self, context: Context, name: str) -> Label | None:
        context.check_issues(self.stored, context.hub.unknowns.label_fields)
        found = self.stored.label(name)
        return found and Label(self.stored, found)

    def labels(self, context: Context, query: str | None = None, orderBy: Any = None, **page: Any) -> Any:
        context.check_issues(self.stored, context.hub.unknowns.label_fields)
        found = [each for each in self.stored.labels.values() if not query or query.lower() in each.name.lower()]
        return connection([Label(self.stored, each) for each in found], **page)

    def milestone(self, context: Context, number: int) -> Milestone | None:
        context.check_issues(self.stored, context.hub.unknowns.milestone_fields)
        return Milestone(self.stored, self.stored.milestone(number))

    def milestones(
        self, context: Context, query: str | None = None, states: Any = None, orderBy: Any = None, **page: Any
    ) -> Any:
        context.check_issues(self.stored, context.hub.unknowns.milestone_fields)
        found = [each for each in self.stored.milestones if not query or query.lower() in each.title.lower()]
        views = [Milestone(self.stored, each) for each in found]
        return connection([each for each in views if not states or each.state in states], **page)

    def assignableUsers(self, context: Context, query: str | None = None, **page: Any) -> Any:
        people = [each for each in context.hub.users.values() if each.type == "User"]
        found = [each for each in people if not query or query.lower() in each.login.lower()]
        return connection([actor(context.hub, each.login) for each in found], **page)

    def repositoryTopics(self, context: Context, **page: Any) -> Any:
        url = f"{context.hub.url}/topics"
        topics = [
            {
                "id": node_id("RT", self.stored.id, name),
                "resourcePath": f"/topics/{name}",
                "url": f"{url}/{name}",
                "topic": {"id": node_id("TO", name), "name": name},
            }
            for name in self.stored.topics
        ]
        return connection(topics, **page)


def _at(stored: Stored, start: str, path: str) -> Any:
    tree = stored.tree_of(start)
    entry = trees.find(stored.objects, tree, path) if tree else None
    return git_object(stored, entry.oid, path) if entry and entry.kind != "commit" else None
