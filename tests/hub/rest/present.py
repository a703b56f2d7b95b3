"""REST's JSON for each thing, with every property that GitHub's OpenAPI description requires."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from tests.hub.git.ids import node_id
from tests.hub.models import GHOST, LEVELS

if TYPE_CHECKING:
    from tests.hub.git.objects import Commit, Person
    from tests.hub.git.repository import Repository
    from tests.hub.hub import Hub
    from tests.hub.models import Comment, Label, Milestone, Token, User

REPOSITORY_LINKS = (
    "archive_url:{archive_format}{/ref} assignees_url:assignees{/user} blobs_url:git/blobs{/sha} "
    "branches_url:branches{/branch} collaborators_url:collaborators{/collaborator} comments_url:comments{/number} "
    "commits_url:commits{/sha} compare_url:compare/{base}...{head} contents_url:contents/{+path} "
    "contributors_url:contributors deployments_url:deployments downloads_url:downloads events_url:events "
    "forks_url:forks git_commits_url:git/commits{/sha} git_refs_url:git/refs{/sha} git_tags_url:git/tags{/sha} "
    "hooks_url:hooks issue_comment_url:issues/comments{/number} issue_events_url:issues/events{/number} "
    "issues_url:issues{/number} keys_url:keys{/key_id} labels_url:labels{/name} languages_url:languages "
    "merges_url:merges milestones_url:milestones{/number} notifications_url:notifications{?since,all,participating} "
    "pulls_url:pulls{/number} releases_url:releases{/id} stargazers_url:stargazers statuses_url:statuses/{sha} "
    "subscribers_url:subscribers subscription_url:subscription tags_url:tags teams_url:teams trees_url:git/trees{/sha}"
)
USER_LINKS = (
    "events_url:events{/privacy} followers_url:followers following_url:following{/other_user} "
    "gists_url:gists{/gist_id} organizations_url:orgs received_events_url:received_events repos_url:repos "
    "starred_url:starred{/owner}{/repo} subscriptions_url:subscriptions"
)


def links(text: str, base: str) -> dict[str, str]:
    pairs = (pair.split(":", 1) for pair in text.split())
    return {name: f"{base}/{path}" for name, path in pairs}


def when(seconds: float | None) -> str | None:
    if seconds is None:
        return None
    return datetime.fromtimestamp(int(seconds), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def user(hub: Hub, login: str) -> dict[str, Any]:
    account = hub.user(login)
    account = hub.user(GHOST) if account.deleted else account
    url = f"{hub.url}/users/{account.login}"
    return links(USER_LINKS, url) | {
        "login": account.login,
        "id": account.id,
        "node_id": node_id("U", account.id),
        "avatar_url": f"{hub.url}/avatars/{account.id}",
        "gravatar_id": "",
        "html_url": f"{hub.url}/{account.login}",
        "url": url,
        "type": account.type,
        "site_admin": False,
    }


def maybe_user(hub: Hub, login: str | None) -> dict[str, Any] | None:
    return user(hub, login) if login else None


def private_user(hub: Hub, account: User) -> dict[str, Any]:
    counts = ("followers", "following", "public_gists", "public_repos", "collaborators", "disk_usage")
    counts += ("owned_private_repos", "private_gists", "total_private_repos")
    unset = ("blog", "company", "email", "hireable", "location", "name", "bio")
    made = {"created_at": when(hub.clock()), "updated_at": when(hub.clock()), "two_factor_authentication": True}
    return user(hub, account.login) | dict.fromkeys(counts, 0) | dict.fromkeys(unset) | made


def repository(repo: Repository, token: Token) -> dict[str, Any]:
    hub = repo.hub
    url, html = f"{hub.url}/repos/{repo.full_name}", f"{hub.url}/{repo.full_name}"
    opened = sum(pull.state == "OPEN" for pull in repo.pulls)
    return links(REPOSITORY_LINKS, url) | {
        "id": repo.id,
        "node_id": node_id("R", repo.id),
        "name": repo.name,
        "full_name": repo.full_name,
        "owner": user(hub, repo.owner),
        "private": repo.private,
        "visibility": repo.visibility,
        "html_url": html,
        "description": None,
        "fork": repo.fork,
        "is_template": repo.template,
        "url": url,
        "clone_url": f"{html}.git",
        "git_url": f"{html}.git".replace("http:", "git:"),
        "ssh_url": f"git@github.com:{repo.full_name}.git",
        "svn_url": html,
        "default_branch": repo.default_branch,
        "homepage": None,
        "language": repo.language,
        "mirror_url": None,
        "archived": repo.archived,
        "disabled": repo.disabled,
        "license": None,
        "topics": repo.topics,
        "pushed_at": when(repo.pushed_at),
        "created_at": when(repo.created_at),
        "updated_at": when(repo.pushed_at),
        "open_issues": opened,
        "open_issues_count": opened,
        "allow_auto_merge": repo.allow_auto_merge,
        "allow_merge_commit": "MERGE" in repo.merge_methods,
        "allow_squash_merge": "SQUASH" in repo.merge_methods,
        "allow_rebase_merge": "REBASE" in repo.merge_methods,
        "delete_branch_on_merge": repo.delete_branch_on_merge,
        "permissions": permissions(repo, token),
        **dict.fromkeys(("has_issues", "has_projects", "has_wiki", "has_downloads"), True),
        **dict.fromkeys(("has_pages", "has_discussions"), False),
        **dict.fromkeys(("forks", "forks_count", "size", "stargazers_count", "watchers", "watchers_count"), 0),
        **dict.fromkeys(("network_count", "subscribers_count"), 0),
    }


def permissions(repo: Repository, token: Token) -> dict[str, bool]:
    levels = {"admin": "admin", "maintain": "admin", "push": "write", "triage": "write", "pull": "read"}
    return {name: token.may(level, repo) for name, level in levels.items() if level in LEVELS}


def label(repo: Repository, each: Label) -> dict[str, Any]:
    return {
        "id": each.id,
        "node_id": node_id("LA", repo.id, each.id),
        "url": f"{repo.hub.url}/repos/{repo.full_name}/labels/{each.name}",
        "name": each.name,
        "description": each.description,
        "color": each.color,
        "default": False,
    }


def labels(repo: Repository, names: list[str]) -> list[dict[str, Any]]:
    found = (repo.label(name) for name in names)
    return [label(repo, each) for each in found if each]


def milestone(repo: Repository, each: Milestone | None) -> dict[str, Any] | None:
    if not each:
        return None
    url = f"{repo.hub.url}/repos/{repo.full_name}/milestones/{each.number}"
    return {
        "id": each.number,
        "node_id": node_id("MI", repo.id, each.number),
        "url": url,
        "labels_url": f"{url}/labels",
        "html_url": f"{repo.hub.url}/{repo.full_name}/milestone/{each.number}",
        "number": each.number,
        "title": each.title,
        "state": "closed" if each.closed_at else "open",
        "creator": user(repo.hub, repo.owner),
        "created_at": when(each.created_at),
        "updated_at": when(each.created_at),
        **dict.fromkeys(("open_issues", "closed_issues"), 0),
        "closed_at": when(each.closed_at),
        **dict.fromkeys(("description", "due_on")),
    }


def comment(repo: Repository, number: int, each: Comment) -> dict[str, Any]:
    url = f"{repo.hub.url}/repos/{repo.full_name}/issues"
    return {
        "id": each.id,
        "node_id": node_id("IC", repo.id, number, each.id),
        "url": f"{url}/comments/{each.id}",
        "issue_url": f"{url}/{number}",
        "html_url": f"{repo.hub.url}/{repo.full_name}/pull/{number}#issuecomment-{each.id}",
        "body": each.body,
        "user": user(repo.hub, each.author),
        "author_association": "MEMBER",
        "performed_via_github_app": None,
        "created_at": when(each.created_at),
        "updated_at": when(each.created_at),
    }


def person(who: Person) -> dict[str, Any]:
    return {"name": who.name, "email": who.email, "date": when(who.seconds)}


def commit(repo: Repository, each: Commit) -> dict[str, Any]:
    url, html = f"{repo.hub.url}/repos/{repo.full_name}/git", f"{repo.hub.url}/{repo.full_name}"
    signed = each.signature is not None
    return {
        "sha": each.oid,
        "node_id": node_id("C", repo.id, each.oid),
        "url": f"{url}/commits/{each.oid}",
        "html_url": f"{html}/commit/{each.oid}",
        "author": person(each.author),
        "committer": person(each.committer),
        "tree": {"sha": each.tree, "url": f"{url}/trees/{each.tree}"},
        "message": each.message,
        "parents": [
            {"sha": oid, "url": f"{url}/commits/{oid}", "html_url": f"{html}/commit/{oid}"} for oid in each.parents
        ],
        "verification": {
            "verified": signed,
            "reason": "valid" if signed else "unsigned",
            "signature": each.signature,
            "payload": f"tree {each.tree}\n" if signed else None,
            "verified_at": when(each.committer.seconds) if signed else None,
        },
    }


def ref(repo: Repository, name: str, oid: str) -> dict[str, Any]:
    url = f"{repo.hub.url}/repos/{repo.full_name}/git"
    return {
        "ref": name,
        "node_id": node_id("REF", repo.id, name),
        "url": f"{url}/{name}",
        "object": {"sha": oid, "type": "commit", "url": f"{url}/commits/{oid}"},
    }
