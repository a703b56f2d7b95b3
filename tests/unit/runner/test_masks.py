"""No form of a secret is left in a text."""

from __future__ import annotations

from base64 import b64encode, urlsafe_b64encode
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from broadcast.runner.masks import CUT, _finder, forms_of, masked

SECRET = "ghp_thisIsTheSecretOfTheTests0123456789"
# In a key, "\\n" is a line's end.
SECRETS = st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="\\"), min_size=16, max_size=60)


@given(SECRETS, st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=9), st.text("ab:", max_size=9))
def test_a_secret_in_base64_is_masked_whatever_stands_around_it(secret, before, after):
    for encode in (b64encode, urlsafe_b64encode):
        text = encode(f"{before}{secret}{after}".encode()).decode()
        left = masked(text, forms_of(secret))
        assert "***" in left
        assert len(left) <= len(text) - len(secret) + 3


@given(SECRETS)
def test_a_secret_in_an_address_is_masked(secret):
    assert masked(f"https://x:{quote(secret, safe='')}@example.com", forms_of(secret)) == "https://x:***@example.com"


@pytest.mark.parametrize("length", range(CUT, len(SECRET)))
def test_the_beginning_of_a_secret_is_masked_where_a_text_was_cut(length):
    assert masked(f"it was {SECRET[:length]}…", forms_of(SECRET)) == "it was ***…"


def test_each_line_of_a_key_is_masked():
    key = "-----BEGIN KEY-----\n" + "\n".join(str(at) * 40 for at in range(5)) + "\nab\n"
    assert masked(key, forms_of(key)) == "***\n" * 6 + "ab\n"
    assert set(forms_of(key.replace("\n", "\\n"))) == set(forms_of(key))


def test_signed_web_tokens_are_masked_unknown_as_they_are():
    token = ".".join(["eyJhbGciOiJSUzI1NiJ9", "eyJpYXQiOjE3MDB9abc", "x-Y_z0123456789"])
    assert masked(f"Authorization: Bearer {token}!", ()) == "Authorization: Bearer ***!"


def test_what_is_no_secret_stays():
    text = "eyJ.a.b and ghp_ and acme/api@main: 1.2.3"
    assert masked(text, forms_of(SECRET)) == text


def test_a_secret_that_begins_like_another_leaves_nothing_of_it():
    secrets = [SECRET[:20], SECRET, f"{SECRET[:15]}-another-end", SECRET[:8]]
    assert masked(f"{SECRET} {SECRET[:20]} {secrets[2]} {SECRET[:17]} {SECRET[:8]}", secrets) == "*** *** *** *** ***"


def test_a_web_token_that_begins_like_a_secret_is_masked_as_a_whole():
    head = "eyJhbGciOiJSUzI1NiJ9"
    assert masked(f"{head}.eyJpYXQiOjE3MDB9abc.x-Y_z0123456789", [f"{head}.another"]) == "***"


def test_the_secrets_of_an_app_are_found_without_a_large_expression():
    secrets = forms_of("\n".join(f"{at:064d}" for at in range(30)))
    assert masked(f"a {secrets[70]} b", secrets) == "a *** b"
    pattern, _ = _finder(frozenset(secrets))
    assert len(pattern.pattern) < 15 * len(secrets) + 100
