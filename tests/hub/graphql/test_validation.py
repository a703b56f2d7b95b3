"""A document that doesn't fit the schema is refused whole, in GitHub's words; so is one too new for the server."""

from __future__ import annotations

import pytest

from tests.hub.git.ids import node_id

MOVE = "mutation Move($refs: UpdateRefsInput!) { refs: updateRefs(input: $refs) { clientMutationId } }"
MOVE_BY_PARTS = """mutation Move($id: ID!, $updates: [RefUpdate!]!) {
  made: createRef(input: {repositoryId: $id, name: "refs/heads/made", oid: "%s"}) { ref { name } }
  refs: updateRefs(input: {repositoryId: $id, refUpdates: $updates}) { clientMutationId }
}"""


def undefined(path: list[str], kind: str, field: str, line: int, column: int) -> dict:
    return {
        "path": path,
        "extensions": {"code": "undefinedField", "typeName": kind, "fieldName": field},
        "locations": [{"line": line, "column": column}],
        "message": f"Field '{field}' doesn't exist on type '{kind}'",
    }


def test_unknown_fields_are_named_with_their_way_from_the_operation(client, api):
    document = """query Look {
  again: repository(owner: "acme", name: "api") { nope
    object(expression: "HEAD:") { ... on Tree { entries { nope } } }
    defaultBranchRef { ...Head } }
}
fragment Head on Ref { nope { deeper } }"""
    assert client.ask(document) == {
        "errors": [
            undefined(["query Look", "again", "nope"], "Repository", "nope", 2, 51),
            undefined(["query Look", "again", "object", "... on Tree", "entries", "nope"], "TreeEntry", "nope", 3, 59),
            undefined(["fragment Head", "nope"], "Ref", "nope", 6, 24),
        ]
    }
    assert client.ask("{ viewer { login nope } }")["errors"] == [
        undefined(["query", "viewer", "nope"], "User", "nope", 1, 18)
    ]


def test_what_only_an_unknown_field_uses_counts_as_unused(client):
    document = """query GetUser($languageFirst: Int!) {
  viewer { repositories(first: 1) { nsodes { languages(first: $languageFirst) { ...LanguageFragment } } } }
}
fragment LanguageFragment on Language { name }"""
    assert client.ask(document)["errors"] == [
        undefined(["query GetUser", "viewer", "repositories", "nsodes"], "RepositoryConnection", "nsodes", 2, 37),
        {
            "path": ["query GetUser"],
            "extensions": {"code": "variableNotUsed", "variableName": "languageFirst"},
            "locations": [{"line": 1, "column": 1}],
            "message": "Variable $languageFirst is declared by GetUser but not used",
        },
        {
            "path": ["fragment LanguageFragment"],
            "extensions": {"code": "useAndDefineFragment", "fragmentName": "LanguageFragment"},
            "locations": [{"line": 4, "column": 1}],
            "message": "Fragment LanguageFragment was defined, but not used",
        },
    ]


def test_a_union_has_no_fields_of_its_own(client, api):
    api.commit({"new": b"1"}, branch="topic")
    api.open_pull("topic")
    document = """{ repository(owner: "acme", name: "api") { pullRequest(number: 1) {
        reviewRequests(first: 1) { nodes { requestedReviewer { login ... on Ghost { login } } } } } } }"""
    assert [error["message"] for error in client.ask(document)["errors"]] == [
        "Selections can't be made directly on unions (see selections on RequestedReviewer)",
        "No such type Ghost, so it can't be a fragment condition",
    ]


def test_a_document_too_new_for_the_server_executes_nothing(hub, client, api):
    hub.lacking = {"updateRefs"}
    answer = client.ask(MOVE_BY_PARTS % api.head(), id=node_id("R", api.id), updates=[])
    assert "data" not in answer
    codes = [error["extensions"]["code"] for error in answer["errors"]]
    assert codes == ["variableRequiresValidType", "undefinedField", "variableNotUsed"]
    assert answer["errors"][1] == undefined(["mutation Move", "refs"], "Mutation", "updateRefs", 3, 3)
    assert answer["errors"][0]["message"] == "RefUpdate isn't a defined input type (on $updates)"
    assert "made" not in api.branches()
    inputless = MOVE_BY_PARTS.replace(", $updates: [RefUpdate!]!", "").replace("$updates", "[]") % api.head()
    assert client.ask(inputless, id=node_id("R", api.id)) == {
        "errors": [undefined(["mutation Move", "refs"], "Mutation", "updateRefs", 3, 3)]
    }


def test_the_input_of_a_missing_mutation_is_missing_too(hub, client, api):
    refs = {"repositoryId": node_id("R", api.id), "refUpdates": []}
    hub.lacking = {"Mutation.updateRefs"}
    words = [error["message"] for error in client.ask(MOVE, refs=refs)["errors"]]
    assert words == [
        "UpdateRefsInput isn't a defined input type (on $refs)",
        "Field 'updateRefs' doesn't exist on type 'Mutation'",
        "Variable $refs is declared by Move but not used",
    ]
    hub.lacking = set()
    client.data(MOVE, refs=refs)


@pytest.mark.parametrize(("lacking", "missing"), [("compare", True), ("Ref.compare", True), ("Tree.compare", False)])
def test_any_field_can_be_lacking(hub, client, api, lacking, missing):
    hub.lacking = {lacking}
    answer = client.ask("""{ repository(owner: "acme", name: "api") { ref(qualifiedName: "main") {
        compare(headRef: "main") { aheadBy } } } }""")
    assert ("errors" in answer) == missing
