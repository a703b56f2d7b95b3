"""REST: accounts and teams; creating, configuring and deleting repositories; rulesets; merging."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.hub.accounts.rights import INACCESSIBLE
from tests.hub.errors import Refused, forbidden, invalid, not_found
from tests.hub.git.ids import node_id
from tests.hub.rest import present
from tests.hub.rest.routing import Call, Reply, route

if TYPE_CHECKING:
    from tests.hub.git.repository import Repository
    from tests.hub.models import User

SWITCHES = ("allow_auto_merge", "delete_branch_on_merge", "archived")
PULLS = {"has_pull_requests": "pulls_enabled"}
RULES = {  # of GitHub's rulesets, and the patterns of the hub's that they come to
    "non_fast_forward": "no_force_push",
    "creation": "no_creation",
    "deletion": "no_deletion",
    "required_signatures": "required_signatures",
    "pull_request": "by_pull_request",
}


@route("GET", "/users/{username}")
def get_account(call: Call) -> Reply:
    found = call.hub.users.get(call["username"].lower())
    if not found or found.type == "Team":
        raise not_found()
    return 200, present.private_user(call.hub, found)


@route("POST", "/orgs/{org}/repos")
def create_in_organization(call: Call) -> Reply:
    found = call.hub.users.get(call["org"].lower())
    if not found or found.type != "Organization":
        raise not_found()
    if call.token.permissions is not None and call.token.permissions.get("administration") != "write":
        raise forbidden(INACCESSIBLE[call.token.kind])
    return _made(call, found.login)


@route("POST", "/user/repos")
def create_for_user(call: Call) -> Reply:
    if call.token.is_app:
        raise forbidden(INACCESSIBLE["app"])
    return _made(call, call.login)


def _made(call: Call, owner: str) -> Reply:
    (name,) = call.given("name")
    if call.hub.find(f"{owner}/{name}"):
        raise invalid("Repository", "name", "custom", "name already exists on this account")
    files = {"README.md": f"# {name}".encode()} if call.body.get("auto_init") else None
    account = call.hub.user(owner)
    kind = account.type
    repository = call.hub.repository(f"{owner}/{name}", files, private=bool(call.body.get("private")))
    account.type = kind
    return 201, present.repository(repository, call.token)


@route("PATCH", "/{repo}")
def update_repository(call: Call) -> Reply:
    """Settings and the name."""
    repository, body = call.repository, call.body
    for name in SWITCHES:
        setattr(repository, name, bool(body.get(name, getattr(repository, name))))
    for name, ours in PULLS.items():
        setattr(repository, ours, bool(body.get(name, getattr(repository, ours))))
    if body.get("name", repository.name) != repository.name:
        call.hub.rename(repository.full_name, f"{repository.owner}/{body['name']}")
    return 200, present.repository(repository, call.token)


@route("DELETE", "/{repo}")
def delete_repository(call: Call) -> Reply:
    call.hub.remove(call.repository)
    return 204, None


@route("POST", "/{repo}/rulesets")
def create_ruleset(call: Call) -> Reply:
    name, enforcement = call.given("name", "enforcement")
    repository, rules = call.repository, call.body.get("rules") or []
    included = call.body.get("conditions", {}).get("ref_name", {}).get("include", [])
    for rule in rules:
        if rule["type"] == "merge_queue":
            repository.merge_queue = True
            continue
        if rule["type"] not in RULES:
            raise Refused(
                f"The hub does not implement the rule {rule['type']}: add it to tests/hub/rest/administration.py"
            )
        getattr(repository, RULES[rule["type"]]).extend(included)
    return 201, _ruleset(repository, name, enforcement, rules, included)


def _ruleset(repository: Repository, name: str, enforcement: str, rules: Any, included: Any) -> dict[str, Any]:
    return {
        "id": repository.hub.next_id(),
        "name": name,
        "target": "branch",
        "source_type": "Repository",
        "source": repository.full_name,
        "enforcement": enforcement,
        "conditions": {"ref_name": {"include": included, "exclude": []}},
        "rules": rules,
    }


@route("PUT", "/{repo}/pulls/{number}/merge")
def merge(call: Call) -> Reply:
    number = call["number"]
    pull = next((each for each in call.repository.pulls if str(each.number) == number), None)
    if pull is None:
        raise not_found()
    method = (call.body.get("merge_method") or "merge").upper()
    oid = call.repository.merge(pull, call.token, method, call.body.get("sha"))
    return 200, {"sha": oid, "merged": True, "message": "Pull Request successfully merged"}


@route("GET", "/orgs/{org}/teams")
def list_teams(call: Call) -> Reply:
    prefix = call["org"].lower() + "/"
    found = [each for name, each in call.hub.users.items() if each.type == "Team" and name.startswith(prefix)]
    return 200, [_team(call, each) for each in found]


@route("PUT", "/orgs/{org}/teams/{slug}/{repo}")
def add_to_team(call: Call) -> Reply:
    """The hub's teams may do everything in every repository of their organization."""
    team = call.hub.users.get(f"{call['org']}/{call['slug']}".lower())
    if not team:
        raise not_found()
    team.repositories.add(call.repository.full_name.lower())
    return 204, None


def _team(call: Call, team: User) -> dict[str, Any]:
    org, slug = team.login.split("/")
    url = f"{call.hub.url}/organizations/{call.hub.user(org).id}/team/{team.id}"
    return {
        "id": team.id,
        "node_id": node_id("T", team.id),
        "name": slug,
        "slug": slug,
        "description": None,
        "type": "organization",
        "permission": "push",
        "url": url,
        "html_url": f"{call.hub.url}/orgs/{org}/teams/{slug}",
        "members_url": f"{url}/members{{/member}}",
        "repositories_url": f"{url}/repos",
        "parent": None,
    }
