"""Private repositories that are made for a test and removed after it, whatever becomes of it."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import requests

from tests.live.api import Api

PREFIX = "broadcast-live-"
LEFT_OVER = timedelta(hours=1)
KEPT = ("name", "full_name", "node_id", "private", "default_branch")
_LISTED = """query($owner: String!) { repositoryOwner(login: $owner) {
  repositories(first: 100, orderBy: {field: CREATED_AT, direction: DESC}, ownerAffiliations: [OWNER]) {
    nodes { name createdAt } } } }"""


@dataclass(frozen=True)
class Made:
    """A repository with one commit, which has a README.md."""

    owner: str
    name: str
    id: str
    branch: str
    head: str
    topic: str = "topic"  # the test's own branch

    @property
    def full_name(self) -> str:
        return f"{self.owner}/{self.name}"

    @property
    def path(self) -> str:
        """Where REST has it."""
        return f"/repos/{self.full_name}"


class Repositories:
    """Makes them, and knows what it made."""

    def __init__(self, api: Api) -> None:
        self.api = api
        self._made: list[str] = []

    def make(self, *, empty: bool = False) -> Made:
        """A new one; skips the test where the credentials can't."""
        name = PREFIX + secrets.token_hex(4)
        self._made.append(name)
        body = {"name": name, "private": True, "auto_init": not empty}
        status, answer, _ = self.api.rest("POST", self._door(), body, keep=KEPT)
        if status in {403, 404}:
            self.api.place.skip(f"the credentials may not make repositories: {answer['message']}")
        assert status == 201, answer
        branch = answer["default_branch"]
        return Made(self.api.place.owner, name, answer["node_id"], branch, "" if empty else self._head(name, branch))

    def _door(self) -> str:
        owner = self.api.place.owner
        kind = self.api.rest("GET", f"/users/{owner}", keep=("type",)).body.get("type")
        return f"/orgs/{owner}/repos" if kind == "Organization" else "/user/repos"

    def _head(self, name: str, branch: str) -> str:
        """A repository is not everywhere at once."""
        path = f"/repos/{self.api.place.owner}/{name}/git/ref/heads/{branch}"

        def look() -> Any:
            status, answer, _ = self.api.rest("GET", path)
            return answer["object"]["sha"] if status == 200 else None

        return str(self.api.until(look))

    def renamed(self, old: str, new: str) -> None:
        """Remember the name by which it is removed."""
        self._made[self._made.index(old)] = new

    def remove_all(self, session: requests.Session | None = None) -> list[str]:
        """Remove what was made, by a session that is still open; returns what is still there."""
        self.api.session = session or self.api.session
        return [name for name in self._made if not self._remove(name)]

    def sweep(self) -> list[str]:
        """Remove what earlier runs have left behind; returns the names."""
        found = self.api.ask(_LISTED, owner=self.api.place.owner)["data"]["repositoryOwner"]
        rows = [row for row in (found or {"repositories": {"nodes": []}})["repositories"]["nodes"] if row]
        before = datetime.now(UTC) - LEFT_OVER
        old = [row["name"] for row in rows if datetime.fromisoformat(row["createdAt"]) < before]
        return [name for name in old if name.startswith(PREFIX) and self._remove(name)]

    def _remove(self, name: str) -> bool:
        status, _, _ = self.api.rest("DELETE", f"/repos/{self.api.place.owner}/{name}")
        return status in {204, 404}
