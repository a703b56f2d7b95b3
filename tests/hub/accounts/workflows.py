"""What a token without the right to workflows may not do: write their files, or point a ref at others than there are.

IAreKyleW00t/verified-bot-commit #331 and anthropics/claude-code-action #29 have what REST answers.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.hub.accounts.rights import INACCESSIBLE
from tests.hub.errors import Refused, forbidden, not_found
from tests.hub.git import trees

if TYPE_CHECKING:
    from tests.hub.git.objects import Entry
    from tests.hub.git.repository import Repository
    from tests.hub.models import Token

FOLDER = ".github/workflows"
NAMES = {"app": "a GitHub App", "classic": "a Personal Access Token", "fine-grained": "a Personal Access Token"}


def check_path(token: Token, path: str) -> None:
    """REST hides from a classic token that it is the `workflow` scope which is missing."""
    if path.startswith(f"{FOLDER}/") and not token.workflow:
        raise _denied(token)


def check_commit(token: Token, path: str, answer: str) -> None:
    """The same in createCommitOnBranch."""
    if not path.startswith(f"{FOLDER}/") or token.workflow:
        return
    scope = "`workflows` permission" if token.is_app else "`workflow` scope"
    words = f"refusing to allow {NAMES[token.kind]} to create or update workflow `{path}` without {scope}"
    raise forbidden(words) if answer == "refusing" else forbidden(_words(token, "CreateCommitOnBranch", answer))


def check_ref(repository: Repository, token: Token, oid: str, mutation: str = "") -> None:
    """May the ref be there? Of a commit that isn't there others speak."""
    unknowns, head = repository.hub.unknowns, repository.head()
    if token.workflow or unknowns.ref_with_workflows == "allowed" or not head or not _differs(repository, head, oid):
        return
    refusal = _denied(token)
    refusal.kind, refusal.graphql = "FORBIDDEN", _words(token, mutation, unknowns.ref_with_workflows_words)
    raise refusal


def _differs(repository: Repository, head: str, oid: str) -> bool:
    return repository.objects.kind(oid) == "commit" and _workflows(repository, oid) != _workflows(repository, head)


def _workflows(repository: Repository, oid: str) -> Entry | None:
    return trees.find(repository.objects, repository.objects.commit(oid).tree, FOLDER)


def _denied(token: Token) -> Refused:
    return not_found() if token.kind == "classic" else forbidden(INACCESSIBLE[token.kind])


def _words(token: Token, mutation: str, answer: str) -> str:
    if answer == "permissions":
        return f"{token.login} does not have the correct permissions to execute `{mutation}`"
    return INACCESSIBLE.get(token.kind, INACCESSIBLE["app"])
