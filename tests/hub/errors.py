"""Refused requests: one exception, with its REST and its GraphQL form."""

from __future__ import annotations

from typing import Any

DOCS = "https://docs.github.com/rest"


class Refused(Exception):
    """A request that GitHub would refuse.

    `kind`, `graphql` and `extensions` are what GraphQL says of it; `status`, `errors` and `headers` are REST's.
    """

    def __init__(
        self,
        message: str,
        *,
        kind: str = "UNPROCESSABLE",
        graphql: str | None = None,
        status: int = 422,
        errors: list[Any] | None = None,
        extensions: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.message, self.status, self.errors = message, status, errors
        self.kind, self.graphql, self.extensions = kind, graphql or message, extensions
        self.headers: dict[str, str] = {}
        self.documentation = DOCS
        self.metadata: dict[str, Any] | None = None

    def body(self) -> dict[str, Any]:
        answer: dict[str, Any] = {"message": self.message}
        if self.errors is not None:
            answer["errors"] = self.errors
        if self.metadata is not None:
            answer["metadata"] = self.metadata
        return answer | {"documentation_url": self.documentation, "status": str(self.status)}


class Aborted(Exception):
    """Abort a GraphQL document: no data, no type, no path; earlier effects stay."""


def not_found(message: str = "Not Found") -> Refused:
    return Refused(message, kind="NOT_FOUND", status=404)


def unresolved(kind: str, what: str) -> Refused:
    """GraphQL's error for a node that is missing or hidden from the token."""
    article = "an" if kind[0] in "AEIO" else "a"
    return Refused(f"Could not resolve to {article} {kind} with the {what}.", kind="NOT_FOUND", status=404)


def forbidden(message: str) -> Refused:
    return Refused(message, kind="FORBIDDEN", status=403, extensions={"saml_failure": False})


def unauthorized(message: str = "Bad credentials") -> Refused:
    return Refused(message, kind="UNAUTHORIZED", status=401)


def invalid(
    resource: str, field: str | None = None, code: str = "invalid", message: str = "", graphql: str | None = None
) -> Refused:
    """REST's "Validation Failed"; GraphQL names the problem."""
    problem = {"resource": resource, "code": code}
    problem |= {"field": field} if field else {}
    problem |= {"message": message} if message else {}
    words = graphql or message or f"{resource} {field} is invalid"
    return Refused("Validation Failed", errors=[problem], graphql=words)


ARCHIVED = "Repository was archived so is read-only."
MIGRATING = "Repository has been locked for migration."
LOCKED = "Unable to create comment because issue is locked."
BLOCKED = "Repository access blocked"
EMPTY = "Git Repository is empty."
TOO_LARGE = (
    "Sorry, your request timed out. It's likely that your input was too large to process. Consider building "
    "the tree incrementally, or building the commits you need in a local clone of the repository and then "
    "pushing them to GitHub."
)
