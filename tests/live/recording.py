"""A recording: the exchanges of one statement, without secrets and ids, as a file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tests.live.api import Log
from tests.live.place import Place
from tests.live.redact import Redactor

LONGEST, LONG = 20_000, "{long}"  # what is longer than so many characters is left out
FOLDER = Path(__file__).resolve().parents[1] / "recorded"


def recording(statement: str, log: Log, place: Place, credential: str, known: Mapping[str, Any]) -> dict[str, Any]:
    """What goes into the file; `known` is what the test came to know, by the name of the question."""
    names = {place.api: "{api}", place.graphql.removesuffix("/graphql"): "{api}", place.owner: "{owner}"}
    names |= {place.client_id: "{app}"} if place.client_id else {}
    redactor = Redactor([*place.secrets, *log.secrets], names)
    rows = [asdict(each) for each in log.exchanges]
    for row in rows:
        redactor.learn(row["request"])
        redactor.learn(row["response"])
    cleaned = [redactor.clean(_shortened(row)) | {"by": row["by"], "status": row["status"]} for row in rows]
    _number_tokens(cleaned)
    about = {"statement": statement, "credential": credential, "known": dict(known), "whole": log.is_whole}
    return about | {"exchanges": cleaned}


def is_whole(made: Mapping[str, Any]) -> bool:
    """Whether all that happened is there, and nothing was too long to be kept, so that it can be played again."""
    return made["whole"] and all(LONG not in (row["request"], row["response"]) for row in made["exchanges"])


def _shortened(row: dict[str, Any]) -> dict[str, Any]:
    return row | {name: LONG for name in ("request", "response") if len(json.dumps(row[name])) > LONGEST}


def write(folder: Path, made: Mapping[str, Any]) -> Path:
    """The file, whose text is the same for the same answers."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{made['statement']}.json"
    path.write_text(json.dumps(made, indent=1, ensure_ascii=False) + "\n")
    return path


def read(path: Path) -> dict[str, Any]:
    """A recording as it was written."""
    return dict(json.loads(path.read_text()))


def recorded(folder: Path = FOLDER) -> list[Path]:
    """Every file in the folder."""
    return sorted(folder.glob("*.json"))


def _number_tokens(rows: list[dict[str, Any]]) -> None:
    """Tokens that were made get the names by which they ask later."""
    made = [row["response"] for row in rows if row["path"].endswith("/access_tokens") and row["status"] == 201]
    for number, answer in enumerate(made, 1):
        answer["token"] = f"{{token{number}}}"
