"""What a real GitHub has answered (tests/recorded/) is what the hub answers: every recording is played again."""

from __future__ import annotations

import copy
import json
import os
import subprocess
import sys

import pytest

from tests.hub import Hub
from tests.hub.conftest import keys
from tests.live import recording, replay
from tests.live.conftest import TOKEN, hub_place
from tests.world import ROOT

FILES = recording.recorded()
# Statements that a recording can be made of on the hub, by each of its ways: reading, writing, rules, Apps, the product
MADE = [
    "absent-file",
    "tree-content",
    "update-refs-stale",
    "ruleset-type",
    "installation-token",
    "app-names",
    "main-job",
]


@pytest.fixture
def hub(tmp_path):
    with Hub(tmp_path / "hub") as running:
        yield running


@pytest.fixture
def differences(hub):
    """How the hub's answers differ from a recording's."""
    place = hub_place(hub, *keys())
    return lambda made: replay.play(made, hub, place)


@pytest.mark.parametrize("file", FILES or [None], ids=lambda path: path.stem if path else "nothing yet")
def test_the_hub_answers_as_github_did(differences, file):
    """Where a recorded answer differs, the hub has to change, and what relies on it."""
    made = recording.read(file) if file else None
    if made and recording.is_whole(made):
        assert differences(made) == []


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Recordings of a hub, made as `make live` makes them."""
    folder = tmp_path_factory.mktemp("recorded")
    private, public = keys()
    with Hub(folder / "hub") as hub:
        place = hub_place(hub, private, public)
        variables = {
            "BROADCAST_LIVE_API": place.api,
            "BROADCAST_LIVE_OWNER": place.owner,
            "BROADCAST_LIVE_TOKEN": TOKEN,
            "BROADCAST_LIVE_CLIENT_ID": place.client_id,
            "BROADCAST_LIVE_PRIVATE_KEY": private,
            "GITHUB_STEP_SUMMARY": str(folder / "summary.md"),
        }
        command = [sys.executable, "-m", "tests.live", "--spacing", "0", "--recorded", str(folder / "made"), *MADE]
        environment = os.environ | variables
        done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
        assert [each.full_name for each in hub.repositories.values() if each.owner == place.owner] == []
    return folder, done.stdout, place


def test_a_run_says_what_held_and_what_is_now_known(made):
    folder, printed, _ = made
    summary = (folder / "summary.md").read_text()
    assert f"## Held ({len(MADE) - 1})" in summary
    assert "## Now known (1)\n\n- ruleset-type: Which type a ruleset's refusal has. → UNPROCESSABLE" in summary
    assert "Didn't hold" not in summary
    assert summary in printed


def test_every_exchange_is_written_without_secrets_and_ids(made):
    folder, _, place = made
    files = recording.recorded(folder / "made")
    assert [file.stem for file in files] == sorted(MADE)
    for file in files:
        text = file.read_text()
        assert len(recording.read(file)["exchanges"]) > 2
        assert not [
            secret for secret in (TOKEN, place.owner + "/", place.api, "ghs_", "BEGIN", "@users") if secret in text
        ]


@pytest.mark.parametrize("name", MADE)
def test_a_recording_of_the_hub_is_what_another_hub_answers(differences, made, name):
    assert differences(recording.read(made[0] / f"made/{name}.json")) == []


def altered(made, name, change):
    found = copy.deepcopy(recording.read(made[0] / f"made/{name}.json"))
    change(found["exchanges"][-1])
    return found


def error_of(row):
    return row["response"]["errors"][0]


CHANGES = {
    "status": (lambda row: row.update(status=502), "status 502, here 200"),
    "type": (lambda row: error_of(row).update(type="FORBIDDEN"), "answer.errors[0].type is 'FORBIDDEN', here 'NOT_FOUND'"),
    "path": (lambda row: error_of(row)["path"].pop(), "answer.errors[0].path has 3 items, here 4"),
    "message": (lambda row: error_of(row).update(message="No."), "answer.errors[0].message is 'No.', here \"Could not"),
    "null": (lambda row: row["response"]["data"].update(repository=None), "answer.data.repository is None, here {"),
    "name": (lambda row: row["response"]["data"].update(more=1), "answer.data.more is missing"),
}  # fmt: skip


@pytest.mark.parametrize("what", CHANGES)
def test_a_recording_that_the_hub_does_not_answer_is_reported_with_the_difference(differences, made, what):
    change, words = CHANGES[what]
    (found,) = differences(altered(made, "absent-file", change))
    assert ". POST /graphql: " in found
    assert words in found


def test_an_answer_that_is_known_now_sets_the_hub(differences, made):
    found = altered(made, "ruleset-type", lambda row: error_of(row).update(type="FORBIDDEN"))
    assert differences(found | {"known": {"ruleset_type": "FORBIDDEN"}}) == []


def test_what_was_too_long_to_be_kept_is_not_played(made):
    found = recording.read(made[0] / "made/absent-file.json")
    assert recording.is_whole(found)
    found["exchanges"][0]["response"] = recording.LONG
    assert not recording.is_whole(json.loads(json.dumps(found)))
