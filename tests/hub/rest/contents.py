"""REST, "Repository contents": the one way to a first commit in an empty repository."""

from __future__ import annotations

import base64
from typing import Any

from tests.hub.accounts.workflows import check_path
from tests.hub.errors import Refused, not_found
from tests.hub.git import trees
from tests.hub.git.objects import REGULAR, SYMLINK, TREE, Entry
from tests.hub.git.repository import HEADS
from tests.hub.rest import present
from tests.hub.rest.routing import Call, Reply, route


@route("GET", "/{repo}/contents/{path*}")
@route("GET", "/{repo}/contents/?")
def get_contents(call: Call) -> Reply:
    repository, path = call.repository, call.parameters.get("path", "").strip("/")
    oid = repository.resolve(call.query.get("ref") or repository.default_branch)
    tree = oid and repository.tree_of(oid)
    entry = trees.find(repository.objects, tree, path) if tree else None
    if not entry:
        raise not_found()
    if entry.mode != TREE:
        return 200, _content(call, path, entry)
    prefix = f"{path}/" if path else ""
    listing = repository.objects.tree(entry.oid).items()
    return 200, [_listed(call, prefix + name, below) for name, below in listing]


def _listed(call: Call, path: str, entry: Entry) -> dict[str, Any]:
    base, html = f"{call.hub.url}/repos/{call.repository.full_name}", f"{call.hub.url}/{call.repository.full_name}"
    kind = {"tree": "dir", "commit": "submodule"}.get(entry.kind, "symlink" if entry.mode == SYMLINK else "file")
    url, git = f"{base}/contents/{path}", f"{base}/git/{entry.kind}s/{entry.oid}"
    page = f"{html}/blob/{call.repository.default_branch}/{path}"
    return {
        "type": kind,
        "name": path.rpartition("/")[2],
        "path": path,
        "sha": entry.oid,
        "size": len(call.repository.objects.blob(entry.oid)) if entry.kind == "blob" else 0,
        "url": url,
        "git_url": git,
        "html_url": page,
        "download_url": f"{html}/raw/{path}" if kind == "file" else None,
        "_links": {"self": url, "git": git, "html": page},
    }


def _content(call: Call, path: str, entry: Entry) -> dict[str, Any]:
    row = _listed(call, path, entry)
    body = call.repository.objects.blob(entry.oid) if entry.kind == "blob" else b""
    if row["type"] == "symlink":
        return row | {"target": body.decode()}
    return row | {"content": base64.encodebytes(body).decode(), "encoding": "base64"}


@route("PUT", "/{repo}/contents/{path*}")
def put_contents(call: Call) -> Reply:
    message, content = call.given("message", "content")
    repository, path = call.repository, call["path"]
    check_path(call.token, path)
    branch = call.body.get("branch") or repository.default_branch
    tip = repository.head(branch)
    if not tip and not repository.is_empty:
        raise not_found(f"Branch {branch} not found")
    tree = repository.objects.commit(tip).tree if tip else None
    old = trees.find(repository.objects, tree, path) if tree else None
    _check_sha(call, path, old)
    body = base64.b64decode(content)
    repository.check_content(body, status=409)
    entry = Entry(old.mode if old else REGULAR, repository.objects.add("blob", body))
    tree = trees.edit(repository.objects, tree, {path: entry})
    oid = repository.write_commit(tree, [tip] if tip else [], message, call.hub.person(call.login))
    repository.update_ref(HEADS + branch, oid, by=call.login)
    commit = present.commit(repository, repository.objects.commit(oid))
    return 200 if old else 201, {"content": _content(call, path, entry), "commit": commit}


def _check_sha(call: Call, path: str, old: Entry | None) -> None:
    given = call.body.get("sha")
    if old and not given:
        raise Refused('Invalid request.\n\n"sha" wasn\'t supplied.')
    if old and given != old.oid:
        raise Refused(f"{path} does not match {given}", status=409)
