"""No secret and no id is left in a recording of a live test, wherever and however it is written."""

from __future__ import annotations

import base64
import json
from datetime import date
from urllib.parse import quote, quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.live.api import Exchange, Log
from tests.live.place import Place
from tests.live.recording import LONG, recording
from tests.live.redact import SECRET

LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
TAIL = st.text(LETTERS, min_size=36, max_size=60)
TOKENS = st.builds("".join, st.tuples(st.sampled_from(["ghp_", "ghs_", "github_pat_11", "ghs_12_eyJ."]), TAIL))
KEYS = st.binary(min_size=60, max_size=90).map(
    lambda raw: f"-----BEGIN RSA PRIVATE KEY-----\n{base64.encodebytes(raw).decode()}-----END RSA PRIVATE KEY-----\n"
)
OIDS = st.text("0123456789abcdef", min_size=40, max_size=40).filter(lambda oid: len(set(oid)) > 5)
NODES = st.builds("".join, st.tuples(st.sampled_from(["R_kgDO", "PR_kwDO", "REF_kwDO", "MDQ6VXNlcj"]), TAIL))
NUMBERS = st.integers(10_000_000, 999_999_999)
EMAILS = st.builds("{}@{}.example.com".format, st.text(LETTERS, min_size=3, max_size=9), st.sampled_from(["mail", "x"]))
DATES = st.dates(date(2000, 1, 1)).map("{}T01:02:03Z".format)
REQUESTS = st.text("0123456789ABCDEF", min_size=4, max_size=4).map(lambda part: f"{part}:1A2B:{part}3:4C5D:66F{part}")
REPOSITORIES = st.text("0123456789abcdef", min_size=8, max_size=8).map("broadcast-live-{}".format)
WAYS = (
    str,
    quote,
    quote_plus,
    lambda text: "".join(f"%{byte:02x}" for byte in text.encode()),
    lambda text: base64.b64encode(text.encode()).decode(),
    lambda text: base64.urlsafe_b64encode(f"x-access-token:{text}".encode()).decode(),
    lambda text: base64.b64encode(f"ab:{text}:{text}".encode()).decode(),
    lambda text: text.replace("\n", "\\n"),
)
AROUND = st.sampled_from(["{}", "see {} there", "https://x:{}@github.com/", '"{}"', "({})", "token={}&more", "a/{}/b"])


def recorded(*answers, secrets=(), headers=None):
    """The text of a recording of these answers."""
    log = Log(secrets=list(secrets))
    for answer in answers:
        log.exchanges.append(Exchange("{token}", "GET", "/rate_limit", None, 200, headers or {}, answer))
    place = Place("https://api.github.com", "our-owner")
    return json.dumps(recording("absent-file", log, place, "classic", {}))


@given(st.one_of(TOKENS, KEYS), st.sampled_from(WAYS), AROUND)
def test_no_secret_survives_however_it_is_written(secret, way, around):
    written = way(secret)
    text = recorded({"a": [{around.format(written): around.format(written)}]}, secrets=[secret])
    for shape in (secret, written, *secret.splitlines()[1:-1]):
        assert json.dumps(shape)[1:-1] not in text
    assert SECRET in text


@given(TOKENS, AROUND)
def test_no_token_survives_that_was_not_even_known(secret, around):
    assert secret not in recorded({"a": around.format(secret)}, headers={"location": around.format(secret)})


@given(NODES, NUMBERS, OIDS, EMAILS, DATES, REQUESTS, REPOSITORIES, AROUND)
def test_no_id_survives_wherever_it_stands(node, number, oid, email, date, request, repository, around):
    texts = [around.format(value) for value in (node, number, oid, email, date, request, repository, oid[:10])]
    answer = {"node_id": node, "id": number, "sha": oid, "login": "somebody", "more": texts, "by": "somebody did it"}
    text = recorded(texts, answer)
    left = (node, str(number), oid, email, date, request, repository, oid[:10], "somebody")
    assert [value for value in left if value in text] == []


@given(OIDS, OIDS, EMAILS)
def test_what_is_the_same_stays_the_same_and_what_differs_differs(one, other, email):
    text = recorded({"a": one, "b": f"{one} and {other}", "c": email, "d": other})
    answer = json.loads(text)["exchanges"][0]["response"]
    assert answer["b"] == f"{answer['a']} and {answer['d']}"
    assert (answer["a"] == answer["d"]) == (one == other)
    assert len({answer["a"], answer["c"]}) == 2


@pytest.mark.parametrize(
    "value",
    [
        {"type": "NOT_FOUND", "message": "Could not resolve file for path 'a/b'.", "path": ["repository", 1, "file"]},
        {"type": "BRANCH_PROTECTION_RULE_VIOLATION", "code": "undefinedField", "mode": 33188},
        {"oid": "0" * 40, "beforeOid": "1" * 40, "text": "readable", "verified": True, "none": None, "cost": 1.5},
    ],
)
def test_what_identifies_nothing_is_kept(value):
    assert json.loads(recorded(value))["exchanges"][0]["response"] == value


def test_the_owner_and_the_address_are_no_ones():
    answer = {
        "url": "https://api.github.com/repos/our-owner/x",
        "full_name": "our-owner/x",
        "message": "`our-owner` no",
    }
    kept = json.loads(recorded(answer))["exchanges"][0]["response"]
    assert kept == {"url": "{api}/repos/{owner}/x", "full_name": "{owner}/x", "message": "`{owner}` no"}


def test_a_pull_request_is_numbered_again():
    kept = json.loads(recorded({"number": 7, "path": "/repos/x/issues/7/labels", "count": 7}))["exchanges"][0][
        "response"
    ]
    assert kept == {"number": "{pull1}", "path": "/repos/x/issues/{pull1}/labels", "count": 7}


def test_people_are_no_one():
    text = recorded({"author": {"name": "Ada Lovelace", "email": "ada@example.com"}, "message": "by Ada Lovelace"})
    assert "Ada" not in text


def test_what_is_too_long_is_left_out_at_once():
    assert json.loads(recorded("a" * 3_000_000))["exchanges"][0]["response"] == LONG
