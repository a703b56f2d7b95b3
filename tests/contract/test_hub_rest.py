"""What the hub answers by REST is what GitHub's OpenAPI description says, and it says so for every route."""

from __future__ import annotations

import re

import jwt
import pytest
import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from tests.contract.openapi import OpenAPI
from tests.hub import Hub, Symlink
from tests.hub.rest.routing import ROUTES

pytestmark = pytest.mark.network
ZERO = "0" * 40


class Client:
    """Sends requests and holds every answer to the description."""

    def __init__(self, hub: Hub, openapi: OpenAPI) -> None:
        self.hub, self.openapi, self.session = hub, openapi, requests.Session()
        self.session.headers["Authorization"] = "Bearer secret"

    def __call__(self, method: str, path: str, status: int, body=None, token: str | None = None, query: str = ""):
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        answer = self.session.request(
            method, self.hub.url + path + query, json=body, headers=headers, allow_redirects=False
        )
        given = answer.json() if answer.content else None
        assert answer.status_code == status, given
        assert not self.openapi.problems(method, path, status, given)
        return given


@pytest.fixture(scope="module")
def client(tmp_path_factory, openapi):
    with Hub(tmp_path_factory.mktemp("hub")) as hub:
        hub.token("secret")
        hub.token("reader", permission="read")
        hub.token("app", login="sync", kind="app", workflow=False)
        hub.token("plain", workflow=False)
        hub.user("alice")
        files = {"README.md": b"# api\n", "src/main.py": b"print()\n", "link": Symlink("README.md")}
        repository = hub.repository("acme/api", files=files, labels=["sync"], milestones=["v1"])
        repository.commit({"theirs.txt": b"1"}, branch="change")
        hub.repository("acme/empty")
        hub.repository("acme/old", files=files, archived=True)
        client = Client(hub, openapi)
        yield client
        client.session.close()
        assert not hub.unimplemented


@pytest.fixture
def repository(client):
    return client.hub.find("acme/api")


@pytest.fixture
def pull(repository):
    """A pull request of its own for each test."""
    branch = f"topic-{len(repository.pulls)}"
    repository.commit({f"{branch}.txt": b"new\n"}, branch=branch)
    return repository.open_pull(branch, title="Topic", body="Body", author="alice")


API = "/repos/acme/api"


def test_the_token_and_its_budget(client):
    assert client("GET", "/rate_limit", 200)["resources"]["graphql"]["limit"] == 5000
    assert client("GET", "/user", 200)["login"] == "broadcast-bot"
    client("GET", "/user", 403, token="app")
    client("GET", "/user", 401, token="nonsense")


def test_a_repository(client):
    found = client("GET", API, 200)
    assert (found["full_name"], found["permissions"]["push"]) == ("acme/api", True)
    client("GET", "/repos/acme/nowhere", 404)


def test_trees(client, repository):
    by_branch = client("GET", f"{API}/git/trees/main", 200, query="?recursive=1")
    assert by_branch["sha"] == repository.head()
    assert [row["path"] for row in by_branch["tree"]] == ["README.md", "link", "src", "src/main.py"]
    client("GET", f"{API}/git/trees/nowhere", 404)
    client("GET", "/repos/acme/empty/git/trees/main", 409)
    row = {"path": "new", "mode": "100755", "type": "blob", "content": "hi"}
    made = client("POST", f"{API}/git/trees", 201, {"base_tree": repository.head(), "tree": [row]})
    assert "new" in {entry["path"] for entry in made["tree"]}
    gone = {"path": "nowhere", "mode": "100644", "type": "blob", "sha": None}
    refused = client("POST", f"{API}/git/trees", 422, {"base_tree": repository.head(), "tree": [gone]})
    assert refused["message"] == "GitRPC::BadObjectState"
    client("POST", f"{API}/git/trees", 422, {"tree": [row | {"mode": "100600"}]})
    client("POST", f"{API}/git/trees", 403, {"tree": [row]}, token="reader")
    client("POST", "/repos/acme/old/git/trees", 403, {"tree": [row]})
    workflow = row | {"path": ".github/workflows/ci.yml"}
    client("POST", f"{API}/git/trees", 404, {"tree": [workflow]}, token="plain")
    client("POST", f"{API}/git/trees", 403, {"tree": [workflow]}, token="app")


def test_blobs(client):
    made = client("POST", f"{API}/git/blobs", 201, {"content": "aGk=", "encoding": "base64"})
    assert client("GET", f"{API}/git/blobs/{made['sha']}", 200)["content"] == "aGk=\n"
    client("GET", f"{API}/git/blobs/{ZERO}", 404)
    client("POST", "/repos/acme/empty/git/blobs", 409, {"content": "hi"})


def test_commits(client, repository):
    head = client("GET", f"{API}/git/commits/{repository.head()}", 200)
    body = {"message": "m", "tree": head["tree"]["sha"], "parents": [head["sha"]]}
    assert client("POST", f"{API}/git/commits", 201, body)["verification"]["reason"] == "unsigned"
    assert client("POST", f"{API}/git/commits", 201, body, token="app")["verification"]["verified"]
    client("POST", f"{API}/git/commits", 422, body | {"tree": ZERO})
    client("GET", f"{API}/git/commits/{ZERO}", 404)


def test_refs(client, repository):
    head, change = repository.head(), repository.head("change")
    made = client("POST", f"{API}/git/refs", 201, {"ref": "refs/heads/new", "sha": head})
    assert made["object"]["sha"] == head
    again = client("POST", f"{API}/git/refs", 422, {"ref": "refs/heads/new", "sha": head})
    assert again["message"] == "Reference already exists"
    assert (
        client("POST", f"{API}/git/refs", 422, {"ref": "refs/heads/no", "sha": ZERO})["message"]
        == "Object does not exist"
    )
    client("GET", f"{API}/git/ref/heads/new", 200)
    client("GET", f"{API}/git/ref/heads/nowhere", 404)
    assert len(client("GET", f"{API}/git/matching-refs/heads/ne", 200)) == 1
    client("PATCH", f"{API}/git/refs/heads/new", 200, {"sha": change})
    refused = client("PATCH", f"{API}/git/refs/heads/new", 422, {"sha": head})
    assert refused["message"] == "Update is not a fast forward"
    client("PATCH", f"{API}/git/refs/heads/new", 200, {"sha": head, "force": True})
    client("DELETE", f"{API}/git/refs/heads/new", 204)
    (row,) = client("GET", f"{API}/activity", 200, query="?activity_type=branch_deletion&ref=refs/heads/new")
    assert (row["ref"], row["before"]) == ("refs/heads/new", head)


def test_pull_requests(client, repository):
    repository.commit({"fresh": b"1"}, branch="fresh")
    body = {"title": "T", "head": "fresh", "base": "main", "body": "B"}
    made = client("POST", f"{API}/pulls", 201, body)
    number = made["number"]
    assert (made["mergeable"], made["commits"], made["changed_files"]) == (True, 1, 1)
    again = client("POST", f"{API}/pulls", 422, body)
    assert again["errors"][0]["message"] == "A pull request already exists for acme:fresh."
    repository.set_branch("level", repository.head())
    level = client("POST", f"{API}/pulls", 422, body | {"head": "level"})
    assert level["errors"][0]["message"] == "No commits between main and level"
    assert client("POST", f"{API}/pulls", 422, body | {"base": "nowhere"})["errors"][0]["field"] == "base"
    found = client("GET", f"{API}/pulls", 200, query="?head=acme:fresh&state=open&base=main")
    assert [each["number"] for each in found] == [number]
    assert client("GET", f"{API}/pulls/{number}", 200)["title"] == "T"
    assert client("PATCH", f"{API}/pulls/{number}", 200, {"state": "closed"})["state"] == "closed"
    client("GET", f"{API}/pulls/999", 404)


def test_a_merged_pull_request_says_so(client, repository, pull):
    repository.merge_pull(pull.number)
    found = client("GET", f"{API}/pulls/{pull.number}", 200)
    assert (found["merged"], found["merged_by"]["login"]) == (True, "alice")


def test_labels(client):
    assert [each["name"] for each in client("GET", f"{API}/labels", 200)] == ["sync"]
    client("POST", f"{API}/labels", 201, {"name": "made", "color": "ff0000"})
    client("POST", f"{API}/labels", 422, {"name": "made"})
    client("GET", f"{API}/labels/made", 200)
    client("GET", f"{API}/labels/nowhere", 404)


def test_the_issue_side_of_a_pull_request(client, pull):
    issue = f"{API}/issues/{pull.number}"
    changed = client(
        "PATCH", issue, 200, {"labels": ["sync", "fresh"], "assignees": ["alice", "ghost"], "milestone": 1}
    )
    assert [each["name"] for each in changed["labels"]] == ["sync", "fresh"]
    assert [each["login"] for each in changed["assignees"]] == ["alice"]
    assert [each["name"] for each in client("POST", f"{issue}/labels", 200, {"labels": ["more"]})][-1] == "more"
    client("POST", f"{issue}/assignees", 201, {"assignees": ["alice"]})
    made = client("POST", f"{issue}/comments", 201, {"body": "hi"})
    assert client("PATCH", f"{API}/issues/comments/{made['id']}", 200, {"body": "hello"})["body"] == "hello"
    gone = client("POST", f"{issue}/comments", 201, {"body": "twice"})
    client("DELETE", f"{API}/issues/comments/{gone['id']}", 204)
    assert [each["body"] for each in client("GET", f"{issue}/comments", 200)] == ["hello"]
    assert client("GET", issue, 200)["comments"] == 1
    client("PATCH", f"{API}/issues/999", 404, {"labels": []})


def test_check_runs(client, repository):
    output = {"title": "T", "summary": "S", "annotations": [{"path": "a", "start_line": 1}]}
    body = {"name": "plan", "head_sha": repository.head(), "conclusion": "neutral", "output": output}
    made = client("POST", f"{API}/check-runs", 201, body, token="app")
    assert (made["status"], made["output"]["annotations_count"]) == ("completed", 1)
    refused = client.session.post(f"{client.hub.url}{API}/check-runs", json=body)  # the description has no refusals
    assert (refused.status_code, refused.json()["message"]) == (403, "You must authenticate via a GitHub App.")


def test_reviewers(client, repository):
    repository.commit({"reviewed": b"1"}, branch="reviewed")
    pull = repository.open_pull("reviewed", author="broadcast-bot")
    path = f"{API}/pulls/{pull.number}/requested_reviewers"
    assert client("POST", path, 201, {"reviewers": ["alice"]})["requested_reviewers"][0]["login"] == "alice"
    answer = client.session.post(client.hub.url + path, json={"reviewers": ["ghost"]})
    assert answer.status_code == 422
    assert answer.json()["message"].startswith("Reviews may only be requested from collaborators.")


def test_contents(client, repository):
    client.hub.repository("acme/fresh")
    fresh = "/repos/acme/fresh/contents/README.md"
    made = client("PUT", fresh, 201, {"message": "m", "content": "aGk="})
    client("PUT", fresh, 422, {"message": "m", "content": "aGk="})
    client("PUT", fresh, 409, {"message": "m", "content": "aGk=", "sha": ZERO})
    client("PUT", fresh, 200, {"message": "m", "content": "aG8=", "sha": made["content"]["sha"]})
    assert client("GET", fresh, 200)["content"] == "aG8=\n"
    assert client("GET", f"{API}/contents/link", 200)["target"] == "README.md"
    client("GET", f"{API}/contents/src", 200)
    client("GET", f"{API}/contents/nowhere", 404)


def test_a_renamed_repository_redirects_to_its_id(client):
    client.hub.repository("acme/before", files={"a": b"a"})
    client.hub.rename("acme/before", "acme/after")
    moved = client("GET", "/repos/acme/before", 301)
    assert client.session.get(moved["url"]).json()["full_name"] == "acme/after"


def test_apps_and_their_installations(client):
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    app = client.hub.app(4711, pem.decode(), slug="lent")
    lent = client.hub.install(app, "acme", permissions={"contents": "write", "pull_requests": "write"})
    now = int(client.hub.clock())
    signed = jwt.encode({"iss": "4711", "iat": now - 60, "exp": now + 300}, key, algorithm="RS256")
    client("GET", "/app", 200, token=signed)
    (listed,) = client.session.get(
        f"{client.hub.url}/app/installations", headers={"Authorization": f"Bearer {signed}"}
    ).json()  # its description wants an account that is a user and an enterprise at once: hold it to the single one's
    assert listed == client("GET", f"/app/installations/{lent.id}", 200, token=signed)
    client("GET", "/app/installations/1", 404, token=signed)
    nameless, big = client.hub.install(app, "other"), client.hub.install(app, "big", enterprise=True)
    nameless.anonymous = True
    for each in (nameless, big):
        client("GET", f"/app/installations/{each.id}", 200, token=signed)
    client("GET", "/orgs/acme/installation", 200, token=signed)
    client("GET", "/users/acme/installation", 200, token=signed)
    client("GET", f"{API}/installation", 200, token=signed)
    client("GET", "/repos/acme/nowhere/installation", 404, token=signed)
    tokens = f"/app/installations/{lent.id}/access_tokens"
    client("POST", tokens, 401)
    client("POST", tokens, 422, {"permissions": {"workflows": "write"}}, token=signed)
    given = client("POST", tokens, 201, {"repositories": ["api"]}, token=signed)
    assert client("GET", "/installation/repositories", 200, token=given["token"])["total_count"] == 1
    client("GET", "/installation/repositories", 403)
    client("DELETE", "/installation/token", 204, token=given["token"])
    client("GET", "/installation/repositories", 401, token=given["token"])


def test_accounts(client):
    assert client("GET", "/users/acme", 200)["type"] == "Organization"
    client("GET", "/users/nobody", 404)
    client.hub.team("acme", "platform")
    assert [each["slug"] for each in client("GET", "/orgs/acme/teams", 200)] == ["platform"]
    client("PUT", f"/orgs/acme/teams/platform{API}", 204)


def test_custom_properties(client):
    client.hub.repository("props/a", properties={"tier": "gold", "langs": ["go"], "ring": None})
    (row,) = client("GET", "/orgs/props/properties/values", 200, query="?per_page=100")
    assert [one["value"] for one in row["properties"]] == ["gold", ["go"], None]
    (row,) = client("GET", "/orgs/props/repos", 200, query="?type=all")
    assert row["custom_properties"] == {"tier": "gold", "langs": ["go"], "ring": None}
    client.hub.team("props", "platform", ["a"])
    assert len(client("GET", "/orgs/props/teams/platform/repos", 200)) == 1
    client.hub.token("no-properties", kind="app", permissions={"contents": "read"})
    client("GET", "/orgs/props/properties/values", 403, token="no-properties")
    client("GET", "/orgs/nobody/properties/values", 404)


def test_repositories_are_made_set_up_and_deleted(client):
    body = {"name": "made", "private": True, "auto_init": True}
    made = client("POST", "/orgs/acme/repos", 201, body)
    assert (made["full_name"], made["private"], made["default_branch"]) == ("acme/made", True, "main")
    client("POST", "/orgs/acme/repos", 422, body)
    client("GET", "/repos/acme/made/git/ref/heads/main", 200)
    assert client("PATCH", "/repos/acme/made", 200, {"allow_auto_merge": True})["allow_auto_merge"]
    assert client("PATCH", "/repos/acme/made", 200, {"name": "named"})["full_name"] == "acme/named"
    client("DELETE", "/repos/acme/named", 204)
    client("GET", "/repos/acme/named", 404)
    client("POST", "/orgs/acme/repos", 201, body)
    assert client("POST", "/user/repos", 201, {"name": "made"})["owner"]["login"] == "broadcast-bot"
    client("POST", "/user/repos", 403, body, token="app")


def test_rulesets(client):
    ruled = client.hub.repository("acme/by-rules", files={"a": b"a"})
    rules = [{"type": name} for name in ("creation", "deletion", "non_fast_forward", "required_signatures")]
    conditions = {"ref_name": {"include": ["refs/heads/kept/**"], "exclude": []}}
    body = {"name": "kept", "target": "branch", "enforcement": "active", "conditions": conditions, "rules": rules}
    client("POST", "/repos/acme/by-rules/rulesets", 201, body)
    client("POST", "/repos/acme/by-rules/rulesets", 422, body | {"rules": [{"type": "update"}]})
    client("POST", "/repos/acme/by-rules/git/refs", 422, {"ref": "refs/heads/kept/x", "sha": ruled.head()})
    client("POST", "/repos/acme/by-rules/git/refs", 201, {"ref": "refs/heads/free", "sha": ruled.head()})


def test_merging(client, pull):
    merged = client("PUT", f"{API}/pulls/{pull.number}/merge", 200, {"merge_method": "squash"})
    assert (pull.state, merged["sha"]) == ("MERGED", client.hub.find("acme/api").head())
    client("PUT", f"{API}/pulls/{pull.number}/merge", 405)
    client("PUT", f"{API}/pulls/999/merge", 404)


def test_what_policies_refuse(client):
    ruled = client.hub.repository("acme/ruled", files={"a": b"a"})
    ruled.commit({"b": b"b"}, branch="sync")
    ruled.secrets, ruled.no_force_push, ruled.no_creation = [b"ghp_0123"], ["~ALL"], ["~ALL"]
    path = "/repos/acme/ruled"
    client("POST", f"{path}/git/blobs", 422, {"content": "ghp_0123"})
    row = {"path": "new", "mode": "100644", "type": "blob", "content": "ghp_0123"}
    client("POST", f"{path}/git/trees", 422, {"tree": [row]})
    client("PUT", f"{path}/contents/new", 409, {"message": "m", "content": "Z2hwXzAxMjM="})
    client("PATCH", f"{path}/git/refs/heads/sync", 422, {"sha": ruled.head(), "force": True})
    client("POST", f"{path}/git/refs", 422, {"ref": "refs/heads/new", "sha": ruled.head()})
    ruled.saml = True
    client("GET", path, 403)


def test_every_route_of_the_hub_is_one_of_githubs(openapi):
    described = {re.sub(r"\{\w+\}", "{}", path): set(item) for path, item in openapi.document["paths"].items()}
    for each in ROUTES:
        path = re.sub(r"\(\?P<\w+>[^)]*\)", "{}", each.pattern.pattern).replace("/contents/?", "/contents/{}")
        assert each.method.lower() in described[path], (each.method, path)
