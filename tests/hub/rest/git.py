"""REST, "Git database": blobs, trees, commits and references."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime
from typing import Any

from tests.hub.accounts.workflows import check_path, check_ref
from tests.hub.errors import TOO_LARGE, Refused, not_found
from tests.hub.git import trees
from tests.hub.git.ids import node_id
from tests.hub.git.objects import EXECUTABLE, REGULAR, SUBMODULE, SYMLINK, TREE, Entry, Person
from tests.hub.git.repository import is_oid
from tests.hub.pulls.pulls import GITHUB, SIGNATURE
from tests.hub.rest import present
from tests.hub.rest.routing import Call, Reply, route

MODES = {f"{mode:06o}": mode for mode in (REGULAR, EXECUTABLE, TREE, SUBMODULE, SYMLINK)}


@route("GET", "/{repo}/git/trees/{sha}")
def get_tree(call: Call) -> Reply:
    """By a branch's name, `sha` is the commit's: so GitHub answers, whatever its documentation says."""
    repository = call.repository
    oid = repository.resolve(call["sha"])
    tree = oid and repository.tree_of(oid)
    if not oid or not tree:
        raise not_found()
    found = list(trees.walk(repository.objects, tree, recursive="recursive" in call.query))
    limit = call.hub.limits.tree_listing
    rows = [_row(call, path, entry) for path, entry in found[:limit]]
    url = f"{call.hub.url}/repos/{repository.full_name}/git/trees/{oid}"
    return 200, {"sha": oid, "url": url, "tree": rows, "truncated": len(found) > limit}


def _row(call: Call, path: str, entry: Entry) -> dict[str, Any]:
    row: dict[str, Any] = {"path": path, "mode": f"{entry.mode:06o}", "type": entry.kind, "sha": entry.oid}
    if entry.kind == "blob":
        row["size"] = len(call.repository.objects.blob(entry.oid))
    if entry.kind != "commit":
        row["url"] = f"{call.hub.url}/repos/{call.repository.full_name}/git/{entry.kind}s/{entry.oid}"
    return row


@route("GET", "/{repo}/git/blobs/{sha}")
def get_blob(call: Call) -> Reply:
    oid, repository = call["sha"], call.repository
    if repository.objects.kind(oid) != "blob":
        raise not_found()
    body = repository.objects.blob(oid)
    return 200, {
        "sha": oid,
        "node_id": node_id("B", repository.id, oid),
        "size": len(body),
        "url": f"{call.hub.url}/repos/{repository.full_name}/git/blobs/{oid}",
        "content": base64.encodebytes(body).decode(),
        "encoding": "base64",
    }


@route("POST", "/{repo}/git/blobs")
def create_blob(call: Call) -> Reply:
    (content,) = call.given("content")
    body = content.encode()
    if call.body.get("encoding", "utf-8") == "base64":
        try:
            body = base64.b64decode(content)
        except binascii.Error:
            raise Refused("content is not valid Base64") from None
    if len(body) > call.hub.limits.blob:
        raise Refused("Sorry, your input is too large to process.")
    call.repository.check_content(body)
    oid = call.repository.objects.add("blob", body)
    return 201, {"sha": oid, "url": f"{call.hub.url}/repos/{call.repository.full_name}/git/blobs/{oid}"}


@route("POST", "/{repo}/git/trees")
def create_tree(call: Call) -> Reply:
    (rows,) = call.given("tree")
    objects, limits = call.repository.objects, call.hub.limits
    inline = sum(len(row.get("content") or "") for row in rows)
    if len(rows) > limits.tree_entries or inline > limits.tree_bytes:
        raise Refused(TOO_LARGE)
    for row in rows:
        check_path(call.token, row.get("path", ""))
    base = call.body.get("base_tree")
    tree = call.repository.tree_of(base) if base else None
    if base and not tree:
        raise Refused(f"base_tree is not a valid tree oid: {base}" if not is_oid(base) else f"Could not resolve {base}")
    try:
        oid = trees.edit(objects, tree, {row.get("path", ""): _change(call, row) for row in rows})
    except trees.Missing:
        raise Refused("GitRPC::BadObjectState") from None
    listing = [_row(call, name, entry) for name, entry in objects.tree(oid).items()]
    url = f"{call.hub.url}/repos/{call.repository.full_name}/git/trees/{oid}"
    return 201, {"sha": oid, "url": url, "tree": listing, "truncated": False}


def _change(call: Call, row: dict[str, Any]) -> Entry | None:
    path, mode = row.get("path", ""), MODES.get(row.get("mode", ""))
    if not path or path.startswith("/") or {"", ".", "..", ".git"} & set(path.lower().split("/")):
        raise Refused(f"tree.path contains a malformed path component: {path}")
    if mode is None:
        allowed = ", ".join(MODES)
        raise Refused(f"Must supply a valid tree.mode: one of {allowed}")
    if "content" in row and "sha" in row:
        raise Refused("Must supply either tree.sha or tree.content, not both.")
    if "content" in row:
        call.repository.check_content(row["content"].encode())
        return Entry(mode, call.repository.objects.add("blob", row["content"].encode()))
    if "sha" not in row:
        raise Refused("Must supply either tree.sha or tree.content.")
    if row["sha"] is None:
        return None
    entry = Entry(mode, row["sha"])
    if entry.kind != "commit" and call.repository.objects.kind(entry.oid) != entry.kind:
        raise Refused(f"tree.sha {entry.oid} is not a valid {entry.kind}")
    return entry


@route("GET", "/{repo}/git/commits/{sha}")
def get_commit(call: Call) -> Reply:
    if call.repository.objects.kind(call["sha"]) != "commit":
        raise not_found()
    return 200, present.commit(call.repository, call.repository.objects.commit(call["sha"]))


@route("POST", "/{repo}/git/commits")
def create_commit(call: Call) -> Reply:
    """Signed by GitHub for apps alone, and only where they name neither author nor committer."""
    message, tree = call.given("message", "tree")
    objects = call.repository.objects
    if objects.kind(tree) != "tree":
        raise Refused("Tree SHA does not exist")
    parents = call.body.get("parents") or []
    if any(objects.kind(oid) != "commit" for oid in parents):
        raise Refused("Parent SHA does not exist or is not a commit object")
    named = call.body.get("author") or call.body.get("committer")
    me = call.hub.person(call.login)
    author = _person(call, "author") or me
    committer = _person(call, "committer") or author
    signed = call.token.is_app and not named
    if signed:
        committer = Person(*GITHUB, me.seconds, me.zone)
    oid = call.repository.write_commit(tree, parents, message, author, committer, SIGNATURE if signed else None)
    return 201, present.commit(call.repository, objects.commit(oid))


def _person(call: Call, role: str) -> Person | None:
    given = call.body.get(role)
    if not given:
        return None
    date = given.get("date")
    seconds = datetime.fromisoformat(date).timestamp() if date else call.hub.clock()
    return Person(given["name"], given["email"], int(seconds), "+0000")


@route("GET", "/{repo}/git/ref/{ref*}")
def get_ref(call: Call) -> Reply:
    name = f"refs/{call['ref']}"
    oid = call.repository.refs.get(name)
    if not oid:
        raise not_found()
    return 200, present.ref(call.repository, name, oid)


@route("GET", "/{repo}/git/matching-refs/{ref*}")
def matching_refs(call: Call) -> Reply:
    found = call.repository.refs.all("refs/heads/")
    prefix = f"refs/{call['ref']}"
    return 200, [present.ref(call.repository, name, oid) for name, oid in found.items() if name.startswith(prefix)]


@route("POST", "/{repo}/git/refs")
def create_ref(call: Call) -> Reply:
    name, oid = call.given("ref", "sha")
    check_ref(call.repository, call.token, oid)
    call.repository.create_ref(name, oid, call.login)
    return 201, present.ref(call.repository, name, oid)


@route("PATCH", "/{repo}/git/refs/{ref*}")
def update_ref(call: Call) -> Reply:
    (oid,) = call.given("sha")
    name = f"refs/{call['ref']}"
    if not call.repository.refs.get(name):
        raise Refused("Reference does not exist")
    check_ref(call.repository, call.token, oid)
    call.repository.update_ref(name, oid, force=bool(call.body.get("force")), by=call.login)
    return 200, present.ref(call.repository, name, oid)


@route("DELETE", "/{repo}/git/refs/{ref*}")
def delete_ref(call: Call) -> Reply:
    call.repository.delete_ref(f"refs/{call['ref']}", call.login)
    return 204, None
