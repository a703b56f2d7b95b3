"""The context of a run: source repository, commit, ref, event and API URLs (pure)."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

from msgspec import Struct

from broadcast.errors import UsageError
from broadcast.runner.pull_event import PullEvent, of_event

VISIBILITIES = ("PRIVATE", "INTERNAL", "PUBLIC")  # from few readers to many
_API_URL = "write it like https://github.example.com/api/v3"


class Context(Struct, frozen=True):
    """The runner's description of the run; unknown values are empty."""

    source: str  # owner/name
    commit: str
    ref: str
    event: str
    default_branch: str
    workflow: str  # path of the running workflow in the source
    server_url: str
    api_url: str
    graphql_url: str
    run_url: str
    terminal: bool = False  # not on a runner
    dirty: bool = False  # what lies on disk is sent, not the commit
    config: str = ""  # path of the config in the source
    pull: PullEvent | None = None  # on the source, that the run is for
    visibility: str = ""  # of the source: PUBLIC, INTERNAL or PRIVATE; empty if the event doesn't have it

    @property
    def branch(self) -> str:
        """The branch that is checked out; empty if there is none or it is unknown."""
        return self.ref.removeprefix("refs/heads/") if self.ref.startswith("refs/heads/") else ""


def from_environment(
    environment: Mapping[str, str], event: str, *, terminal: bool = False, dirty: bool = False
) -> Context:
    """The context in the runner's variables and the event's JSON (docs: default environment variables).

    In a terminal, commit and ref come from the checkout later.
    """
    source = environment.get("GITHUB_REPOSITORY", "")
    server = environment.get("GITHUB_SERVER_URL") or "https://github.com"
    run = environment.get("GITHUB_RUN_ID", "")
    ref, name = environment.get("GITHUB_REF", ""), environment.get("GITHUB_EVENT_NAME", "")
    # A schedule always runs on the default branch, and its event has no repository (docs: schedule).
    scheduled = ref.removeprefix("refs/heads/") if name == "schedule" else ""
    repository = _repository(event)
    workflow = environment.get("GITHUB_WORKFLOW_REF", "").removeprefix(f"{source}/").partition("@")[0]
    return Context(
        source=source,
        commit="" if terminal else environment.get("GITHUB_SHA", ""),
        ref="" if terminal else ref,
        event="" if terminal else name,
        default_branch="" if terminal else str(repository.get("default_branch") or "") or scheduled,
        workflow=workflow,
        server_url=server,
        api_url=api_url_of(environment),
        graphql_url=environment.get("GITHUB_GRAPHQL_URL", ""),
        run_url=f"{server}/{source}/actions/runs/{run}" if run else "",
        terminal=terminal,
        dirty=dirty,
        visibility="" if terminal else _visibility(repository),
        pull=None if terminal else of_event(event),
    )


def api_url_of(environment: Mapping[str, str]) -> str:
    """The REST API that the runner's variables name, or GitHub's own."""
    return environment.get("GITHUB_API_URL") or "https://api.github.com"


def checked_api_url(url: str) -> str:
    """`url` without a trailing slash. Raises UsageError for a URL that must not get a token."""
    shown = re.sub(r"//[^/]*@", "//***@", url)
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        host, parts = "", urlsplit("")
    if parts.scheme not in ("https", "http") or not host or not re.fullmatch(r"[!-~]+", url):
        raise UsageError(f"api-url {shown!r} is no URL", _API_URL)
    if "@" in parts.netloc:
        raise UsageError(
            "api-url holds a user or a password", "give the token in the input token, and the address alone"
        )
    if parts.query or parts.fragment or not re.fullmatch(r"(?:/+(?!\.\.?(?:/|$))[\w.-]+)*/*", parts.path, re.ASCII):
        raise UsageError(f"api-url {shown!r} holds more than an address", _API_URL)
    if parts.scheme == "http" and not _is_local(host):
        raise UsageError(
            f"api-url {shown!r} isn't encrypted: others on the network could read the token", "use https://"
        )
    return url.rstrip("/")


def _is_local(host: str) -> bool:
    """Whether a host is in the local network: a private address, or a name without a dot."""
    try:
        return ip_address(host).is_private
    except ValueError:
        return "." not in host


def _repository(event: str) -> Mapping[str, Any]:
    """The repository in an event (docs: webhook events and payloads); empty if it has none."""
    try:
        payload = json.loads(event) if event else {}
        repository = payload.get("repository")
        return repository if isinstance(repository, dict) else {}
    except (ValueError, AttributeError, RecursionError):
        return {}


def _visibility(repository: Mapping[str, Any]) -> str:
    said = repository.get("visibility")
    if isinstance(said, str) and said.upper() in VISIBILITIES:
        return said.upper()
    return "PUBLIC" if repository.get("private") is False else "PRIVATE" if repository.get("private") else ""
