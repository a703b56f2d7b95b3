"""REST's JSON of a pull request, and of the issue that every pull request also is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.hub.git import trees
from tests.hub.git.ids import node_id
from tests.hub.rest.present import labels, maybe_user, milestone, repository, user, when

if TYPE_CHECKING:
    from tests.hub.models import PullRequest, Token


def pull_request(pull: PullRequest, token: Token, *, full: bool = True) -> dict[str, Any]:
    repo, hub = pull.repository, pull.repository.hub
    api, html = f"{hub.url}/repos/{repo.full_name}", f"{hub.url}{pull.path}"
    url, issue_url = f"{api}/pulls/{pull.number}", f"{api}/issues/{pull.number}"
    addresses = {
        "url": url,
        "html_url": html,
        "diff_url": f"{html}.diff",
        "patch_url": f"{html}.patch",
        "issue_url": issue_url,
        "commits_url": f"{url}/commits",
        "review_comments_url": f"{url}/comments",
        "review_comment_url": f"{api}/pulls/comments{{/number}}",
        "comments_url": f"{issue_url}/comments",
        "statuses_url": f"{api}/statuses/{pull.head_oid}",
    }
    names = {"self": url, "html": html, "issue": issue_url, "commits": addresses["commits_url"]}
    names |= {name.removesuffix("_url"): addresses[name] for name in ("review_comments_url", "review_comment_url")}
    names |= {name.removesuffix("_url"): addresses[name] for name in ("comments_url", "statuses_url")}
    answer = _common(pull) | addresses | {"_links": {name: {"href": link} for name, link in names.items()}}
    answer |= {
        "id": pull.id,
        "node_id": node_id("PR", repo.id, pull.number),
        "head": _side(pull, token, pull.head, pull.head_oid),
        "base": _side(pull, token, pull.base, repo.head(pull.base) or pull.base_oid),
        "merged_at": when(pull.merged_at),
        "merge_commit_sha": pull.merge_commit,
        "requested_reviewers": [user(hub, login) for login in pull.reviewers],
        "requested_teams": [],
        "auto_merge": _auto_merge(pull),
    }
    return answer | _details(pull) if full else answer


def _common(pull: PullRequest) -> dict[str, Any]:
    """What a pull request and its issue say alike."""
    repo, hub = pull.repository, pull.repository.hub
    assignees = [user(hub, login) for login in pull.assignees]
    return {
        "number": pull.number,
        "state": "open" if pull.state == "OPEN" else "closed",
        "locked": False,
        "active_lock_reason": None,
        "title": pull.title,
        "body": pull.body,
        "user": user(hub, pull.author),
        "labels": labels(repo, pull.labels),
        "milestone": milestone(repo, pull.milestone),
        "assignee": assignees[0] if assignees else None,
        "assignees": assignees,
        "created_at": when(pull.created_at),
        "updated_at": when(pull.updated_at),
        "closed_at": when(pull.closed_at),
        "author_association": "CONTRIBUTOR",
        "draft": pull.draft,
    }


def _side(pull: PullRequest, token: Token, branch: str, oid: str) -> dict[str, Any]:
    repo = pull.repository
    return {
        "label": f"{repo.owner}:{branch}",
        "ref": branch,
        "sha": oid,
        "user": user(repo.hub, repo.owner),
        "repo": repository(repo, token),
    }


def _auto_merge(pull: PullRequest) -> dict[str, Any] | None:
    if not pull.auto_merge:
        return None
    by = user(pull.repository.hub, pull.auto_merge_by or pull.author)
    method = pull.auto_merge.lower()
    return {"enabled_by": by, "merge_method": method, "commit_title": pull.title, "commit_message": ""}


def _details(pull: PullRequest) -> dict[str, Any]:
    repo = pull.repository
    mergeable = repo.mergeable(pull) if pull.state == "OPEN" and not repo.unstable(pull) else None
    base, head = (repo.objects.commit(oid).tree for oid in (pull.base_oid, pull.head_oid))
    return {
        "merged": pull.state == "MERGED",
        "mergeable": mergeable,
        "rebaseable": mergeable,
        "mergeable_state": {True: "clean", False: "dirty", None: "unknown"}[mergeable],
        "merged_by": maybe_user(repo.hub, pull.merged_by),
        "comments": len(pull.comments),
        "review_comments": 0,
        "maintainer_can_modify": pull.maintainer_can_modify,
        "commits": len(repo.pull_commits(pull)),
        "changed_files": len(trees.changed_paths(repo.objects, base, head)),
        "additions": 0,
        "deletions": 0,
    }


def issue(pull: PullRequest) -> dict[str, Any]:
    repo, hub = pull.repository, pull.repository.hub
    url, html = f"{hub.url}/repos/{repo.full_name}/issues/{pull.number}", f"{hub.url}{pull.path}"
    parts = {f"{part}_url": f"{url}/{part}" for part in ("comments", "events", "timeline")}
    return (
        _common(pull)
        | parts
        | {
            "id": pull.id,
            "node_id": node_id("PR", repo.id, pull.number),
            "url": url,
            "html_url": html,
            "labels_url": f"{url}/labels{{/name}}",
            "repository_url": f"{hub.url}/repos/{repo.full_name}",
            "comments": len(pull.comments),
            "state_reason": None,
            "closed_by": maybe_user(hub, pull.closed_by),
            "performed_via_github_app": None,
            "pull_request": {
                "url": f"{hub.url}/repos/{repo.full_name}/pulls/{pull.number}",
                "html_url": html,
                "diff_url": f"{html}.diff",
                "patch_url": f"{html}.patch",
                "merged_at": when(pull.merged_at),
            },
        }
    )
