"""PyGithub is loaded without what a run doesn't need, and works all the same; each time in a process of its own."""

from __future__ import annotations

import subprocess
import sys

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

START = "import sys; from broadcast.github import pygithub; pygithub.load(signing={signing})\n"


def python(code: str, *, signing: bool, stdin: str = "") -> str:
    command = [sys.executable, "-I", "-W", "error", "-c", START.format(signing=signing) + code]
    done = subprocess.run(command, input=stdin, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.mark.parametrize("signing", [False, True])
def test_nothing_is_loaded_that_guesses_encodings_and_cryptography_only_to_sign(signing):
    loaded = python("print({name.partition('.')[0] for name in sys.modules if sys.modules[name]})", signing=signing)
    assert "'github'" in loaded
    assert "charset_normalizer" not in loaded
    assert ("cryptography" in loaded) is signing


def test_an_answer_that_does_not_tell_its_encoding_is_utf_8():
    code = "import requests; answer = requests.Response(); answer._content = 'é€'.encode(); print(ascii(answer.text))"
    assert python(code, signing=False) == ascii("é€")


def test_an_app_signs_with_its_key():
    key = rsa.generate_private_key(65537, 2048).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    code = "print(pygithub.app('Iv1', sys.stdin.read()).token.count('.'))"
    assert python(code, signing=True, stdin=key.decode()) == "2"


def test_a_token_is_sent_without_cryptography():
    code = "headers = {}; pygithub.token('ghp_x').authentication(headers); print(headers)"
    assert python(code, signing=False) == "{'Authorization': 'token ghp_x'}"
