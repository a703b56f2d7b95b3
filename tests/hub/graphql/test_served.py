"""Every field of the hub's schema has an answer."""

from __future__ import annotations

from graphql import GraphQLInterfaceType, GraphQLObjectType, get_named_type, is_leaf_type, is_required_argument

from tests.hub.git.ids import node_id
from tests.hub.graphql.schemas import schema
from tests.hub.graphql.views_timeline import EVENTS
from tests.hub.pulls.issues import FIRST


def everything(kind, depth: int = 1) -> str:
    """A selection of all that a type has."""
    if not isinstance(kind, GraphQLObjectType | GraphQLInterfaceType):
        return "__typename"
    return "__typename " + " ".join(
        f"{name}{arguments(name, field)}"
        + ("" if is_leaf_type(get_named_type(field.type)) else f" {{ {below(field, depth)} }}")
        for name, field in kind.fields.items()
        if not (name == "repository" and field.args)  # another account's
    )


def below(field, depth: int) -> str:
    kind = get_named_type(field.type)
    wrapped = kind.name.endswith(("Connection", "Edge"))
    return everything(kind, depth if wrapped else depth - 1) if depth or wrapped else "__typename"


def arguments(of: str, field) -> str:
    known = {
        "name": '"sync"',
        "number": str(FIRST) if of == "issue" else "1",
        "path": '"dir0"',
        "headRef": '"topic"',
        "login": '"acme"',
        "slug": '"team"',
    }
    known |= {"qualifiedName": '"main"', "refPrefix": '"refs/heads/"', "first": "5", "expression": '"HEAD:dir0"'}
    given = [
        f"{name}: {known[name]}"
        for name, each in field.args.items()
        if name in known and (is_required_argument(each) or name in {"first", "expression"})
    ]
    return f"({', '.join(given)})" if given else ""


def test_every_field_of_the_schema_is_served(hub, client, api):
    api.allow_auto_merge = api.required_checks = True
    team = hub.team("acme", "team")
    oid = api.commit({"new": b"1", "dir0/more": b"2"}, branch="topic")
    pull = api.open_pull("topic", author="alice")
    comment = api.comment(pull, "hello", "alice")
    api.open_issue("title", "text")
    api.label_pull(1, "sync", "more")
    api.unlabel_pull(1, "more")
    api.assign_pull(1, "alice", "bob")
    api.unassign_pull(1, "bob")
    api.request_review(1, "bob", teams=["team"])
    api.set_reviewers(pull, ["bob"], [], "alice")
    api.milestone_pull(1, "v1")
    api.milestone_pull(1, None)
    api.close_pull(1)
    api.reopen_pull(1)
    api.enable_auto_merge(pull, "SQUASH", "alice")
    blob, tree = api.git("rev-parse", "main:dir0/file0.txt", "main:dir0").split()
    ids = {
        "Repository": node_id("R", api.id),
        "Ref": node_id("REF", api.id, "refs/heads/main"),
        "Commit": node_id("C", api.id, oid),
        "Tree": node_id("TR", api.id, tree),
        "Blob": node_id("B", api.id, blob),
        "PullRequest": node_id("PR", api.id, 1),
        "Label": node_id("LA", api.id, api.label("sync").id),
        "Milestone": node_id("MI", api.id, 1),
        "IssueComment": node_id("IC", api.id, 1, comment.id),
        "User": node_id("U", hub.user("alice").id),
        "Organization": node_id("O", hub.user("acme").id),
        "Team": node_id("T", team.id),
    }
    for kind in ("AUTO_MERGE_ENABLED", "AUTO_REBASE_ENABLED", "AUTO_MERGE_DISABLED", "BASE_REF_DELETED"):
        api.record(pull, kind, "alice")
    api.record(pull, "MERGED", "alice", oid)
    ids |= {each.__name__: each(pull, event).id for event in pull.events for each in [EVENTS[event.kind]]}
    assert {each.__name__ for each in EVENTS.values()} < ids.keys()
    for name, identity in ids.items():
        kind = schema().type_map[name]
        found = client.data(
            f"query($id: ID!) {{ node(id: $id) {{ ... on {name} {{ {everything(kind)} }} }} }}", id=identity
        )
        assert found["node"]["__typename"] == name
