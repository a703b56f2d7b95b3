"""Issues, the edits of their text, and what people may do in a repository."""

from __future__ import annotations

from tests.live.documents import at
from tests.live.marks import statement

EDITS = """query($owner: String!, $name: String!, $number: Int!) { repository(owner: $owner, name: $name) {
  issue(number: $number) { includesCreatedEdit viewerDidAuthor author { login } editor { __typename login }
    userContentEdits(first: 20) { nodes { editedAt diff editor { __typename login } } } } } }"""
MADE = """query($owner: String!, $name: String!, $login: String!) { repository(owner: $owner, name: $name) {
  issues(first: 10, filterBy: {createdBy: $login}) { nodes { number } } } }"""
VIEWER = "query { viewer { login } }"
TEXTS = ("one", "two", "three")
PATIENCE = 30.0  # seconds


def edited(api, repository) -> list[str | None]:
    """What is said of the edits of an issue that had three texts."""
    made = api.rest("POST", f"{repository.path}/issues", {"title": "Edits", "body": TEXTS[0]})
    assert made.status == 201
    for text in TEXTS[1:]:
        path = f"{repository.path}/issues/{made.body['number']}"
        assert api.rest("PATCH", path, {"body": text}).status == 200

    def nodes():
        answer = api.data(EDITS, **at(repository, number=made.body["number"]))
        found = answer["repository"]["issue"]["userContentEdits"]["nodes"]
        return found if len(found) == len(TEXTS) else None

    found = api.until(nodes, seconds=PATIENCE)
    assert found, "the first text is no edit of its own"
    return [each["diff"] for each in found]


@statement("edit-diff", question="edit_diff")
def test_the_text_of_an_edit(api, repository, found):
    texts = edited(api, repository)
    found("whole text" if set(texts) == set(TEXTS) else "null", str(texts))


@statement("edit-order", question="edit_order")
def test_the_order_of_edits(api, place, repository, found):
    texts = edited(api, repository)
    if TEXTS[0] not in (texts[0], texts[-1]):
        place.skip("the edits don't say their text")
    found("oldest first" if texts[0] == TEXTS[0] else "newest first")


@statement("created-by-bot", question="created_by_bot")
def test_issues_by_who_made_them(api, repository, found):
    app = api.narrowed(issues="write")
    made = app.rest("POST", f"{repository.path}/issues", {"title": "By an App", "body": "x"})
    assert made.status == 201
    login = app.data(VIEWER)["viewer"]["login"]

    def hits():
        return app.data(MADE, **at(repository, login=login))["repository"]["issues"]["nodes"]

    found("with suffix" if api.until(hits, seconds=PATIENCE) else "without suffix", login)


@statement("permission-of-people", question="permission_of_people")
def test_what_an_app_learns_of_peoples_permissions(api, place, repository, found):
    status, answer, _ = api.narrowed(metadata="read").rest(
        "GET", f"{repository.path}/collaborators/{place.owner}/permission"
    )
    found("refused" if status == 403 else "readable", str((answer or {}).get("message", status)))
