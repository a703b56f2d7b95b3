"""Permissions that each route and mutation needs, by GitHub's names."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.hub.accounts.scopes import TEAMS, granted
from tests.hub.errors import Refused, forbidden, not_found

if TYPE_CHECKING:
    from tests.hub.git.repository import Repository
    from tests.hub.models import Token
    from tests.hub.unknowns import Unknowns

Alternatives = tuple[str, ...]  # any one of them will do
METADATA, CONTENTS, PULLS, ISSUES = ("metadata",), ("contents",), ("pull_requests",), ("issues",)
ADMINISTRATION = ("administration",)
CONVERSATION = ("issues", "pull_requests")
ROUTES = {
    "/merge": CONTENTS,
    "/git/": CONTENTS,
    "/contents/": CONTENTS,
    "/pulls": PULLS,
    "/issues": CONVERSATION,
    "/labels": CONVERSATION,
    "/check-runs": ("checks",),
}
MUTATIONS = {
    "CreateRef": (CONTENTS,),
    "UpdateRef": (CONTENTS,),
    "UpdateRefs": (CONTENTS,),
    "DeleteRef": (CONTENTS,),
    "CreateCommitOnBranch": (CONTENTS,),
    "EnablePullRequestAutoMerge": (CONTENTS, PULLS),
    "MergePullRequest": (CONTENTS,),
    "EnqueuePullRequest": (CONTENTS, PULLS),
    "CreatePullRequest": (PULLS,),
    "UpdatePullRequest": (PULLS,),
    "RequestReviews": (PULLS,),
}
INACCESSIBLE = {
    "app": "Resource not accessible by integration",
    "fine-grained": "Resource not accessible by personal access token",
}


ABOUT_PULLS = {"AddLabelsToLabelable", "RemoveLabelsFromLabelable", "AddAssigneesToAssignable"}
NEW_LABEL = "You do not have permission to create labels on this repository."


def reads_teams(token: Token) -> bool:
    """Members: read, or a scope of a classic token."""
    if token.hides_teams:
        return False
    if token.kind == "classic":
        return token.scopes is None or bool(granted(token.scopes) & set(TEAMS))
    return token.permissions is None or token.permissions.get("members", "none") != "none"


def reads_properties(token: Token) -> bool:
    """The organization permission Custom properties: read, or read:org of a classic token."""
    if token.kind == "classic":
        return token.scopes is None or "read:org" in granted(token.scopes)
    return token.permissions is None or token.permissions.get("organization_custom_properties", "none") != "none"


def of_route(pattern: str, method: str) -> Alternatives:
    """What isn't about a part of the repository is about itself."""
    own = METADATA if method == "GET" else ADMINISTRATION
    return next((needed for part, needed in ROUTES.items() if part in pattern), own)


def of_mutation(name: str, unknowns: Unknowns) -> tuple[Alternatives, ...]:
    if name == "CreateLabel" and unknowns.create_label == "issues":
        return (ISSUES,)
    if name in ABOUT_PULLS:
        return (of_pull(unknowns),)
    return MUTATIONS.get(name, (CONVERSATION,))


def of_pull(unknowns: Unknowns) -> Alternatives:
    """What it takes to label, assign or give a milestone to a pull request."""
    return ISSUES if unknowns.pull_conversation == "issues" else CONVERSATION


def check_new_label(token: Token, repository: Repository) -> None:
    """A label that isn't there yet is Issues' business: kubestellar/console #3036 has the raw answer."""
    if not token.may("write", repository, ISSUES):
        problem = {"resource": "Repository", "field": "label", "code": "unauthorized"}
        refusal = Refused(NEW_LABEL, kind="FORBIDDEN", status=403, errors=[problem])
        refusal.documentation = "https://docs.github.com/v3/issues/labels/"
        raise refusal


def lacking(token: Token, repository: Repository, level: str, needed: Alternatives) -> Refused:
    """REST hides from a classic token that it is a scope which is missing, but for a header."""
    if token.in_scope(repository):
        return inaccessible(token, level, needed)
    refusal = not_found()
    refusal.headers["x-accepted-oauth-scopes"] = "repo" if repository.private else "public_repo, repo"
    return refusal


def inaccessible(token: Token, level: str, needed: Alternatives) -> Refused:
    """REST tells in a header what would have been accepted."""
    refusal = forbidden(INACCESSIBLE.get(token.kind, INACCESSIBLE["fine-grained"]))
    refusal.headers["x-accepted-github-permissions"] = "; ".join(f"{name}={level}" for name in needed)
    return refusal
