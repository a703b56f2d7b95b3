"""Who signs commits off: what is asked for which token, and once."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from broadcast.apply.identity import Signers, mistaken, signed_off
from broadcast.config.settings import Settings
from broadcast.errors import Failure
from broadcast.github.client import ApiError, GraphQLAnswer
from broadcast.observe.touches import Author

SIGNING = Settings(sign_off=True)
USER = {"login": "al", "id": 7, "name": "Al B", "email": "al@example.com"}
BOT = GraphQLAnswer({"viewer": {"login": "sync[bot]", "databaseId": 9}}, [])


class Asked:
    """A client that answers both questions, and counts them."""

    def __init__(
        self, user: object = USER, viewer: object = BOT, *, personal: bool, author: str = "author:@me"
    ) -> None:
        self.credentials, self.is_personal, self.author = self, personal, author
        self.answers, self.asked = {"user": user, "viewer": viewer}, list[str]()

    def get(self, path: str, _: object) -> object:
        return self._answer("user")

    def query(self, document: str, variables: object, _: object) -> object:
        return self._answer("viewer")

    def _answer(self, name: str) -> object:
        self.asked.append(name)
        if isinstance(self.answers[name], Exception):
            raise self.answers[name]
        return self.answers[name]


def signers(server: str = "https://github.com") -> Signers:
    return Signers(SimpleNamespace(server_url=server))


@pytest.mark.parametrize(
    ("asked", "server", "expected"),
    [
        (Asked(personal=True), "https://github.com", "Al B <al@example.com>"),
        (Asked(USER | {"email": None}, personal=True), "https://github.com", "Al B <7+al@users.noreply.github.com>"),
        (Asked(USER | {"name": None, "email": None}, personal=True), "https://ghe.acme.com:8443", "al <7+al@users.noreply.ghe.acme.com>"),
        (Asked(USER | {"name": "Al\n<b>"}, personal=True), "https://github.com", "Al b <al@example.com>"),
        (Asked(personal=False), "https://github.com", "sync[bot] <9+sync[bot]@users.noreply.github.com>"),
        (Asked(personal=False), "https://acme.ghe.com", "sync[bot] <9+sync[bot]@users.noreply.acme.ghe.com>"),
    ],
)  # fmt: skip
def test_an_account_signs_as_github_records_it(asked, server, expected):
    assert signed_off(signers(server).of(asked, SIGNING)) == [f"Signed-off-by: {expected}"]
    assert len(asked.asked) == 1


def test_no_one_is_asked_where_none_signs_or_the_config_names_the_author():
    asked = Asked(personal=True)
    assert signers().of(asked, Settings()) is None
    named = Settings(sign_off=True, commit_author="Eve <eve@example.com>")
    assert signers().of(asked, named) == Author("Eve", "eve@example.com")
    assert asked.asked == []


def test_one_app_is_asked_once_whatever_owners_it_is_installed_at_and_each_token_by_itself():
    found = signers()
    apps = [Asked(personal=False, author="author:app/sync") for _ in range(3)]
    people = [Asked(personal=True) for _ in range(2)]
    for asked in (*apps, *people, *people):
        found.of(asked, SIGNING)
    assert [len(one.asked) for one in (*apps, *people)] == [1, 0, 0, 1, 1]


@pytest.mark.parametrize(
    "answer",
    [
        ApiError(404, "gone"), {}, {"login": None, "id": 1}, GraphQLAnswer({}, []), GraphQLAnswer({"viewer": None}, []),
        GraphQLAnswer({"viewer": {"login": "x", "databaseId": None}}, []),
        GraphQLAnswer({"viewer": None}, [{"message": "no"}]),
    ],
)  # fmt: skip
def test_without_an_answer_no_one_signs(answer):
    asked = Asked(answer, answer, personal=not isinstance(answer, GraphQLAnswer))
    with pytest.raises(Failure, match="whose token this is") as raised:
        signers().of(asked, SIGNING)
    assert raised.value.remedy == "name the author in commit_author"


@pytest.mark.parametrize(
    ("made", "is_told"),
    [
        ({"name": "Al", "email": "al@example.com"}, False), ({"name": "Al", "email": "7+al@x"}, True),
        ({"name": "al", "email": "al@example.com"}, True), ({"name": None, "email": None}, False), (None, False),
    ],
)  # fmt: skip
def test_another_author_than_who_signed_is_reported(made, is_told):
    assert bool(mistaken(Author("Al", "al@example.com"), made)) == is_told
    assert mistaken(None, made) == []
