"""Remedies for GitHub's refusals, by their words; docs/github.md has the sources (pure)."""

from __future__ import annotations

import re
from typing import NamedTuple

from broadcast.github.graphql_errors import unquoted


class Advice(NamedTuple):
    """`lasting`: another try fails too, until people act; `ruled`: a rule of the branch refuses it."""

    remedy: str
    lasting: bool = True
    ruled: bool = False


WORKFLOWS = "let the token write workflows: scope `workflow` (classic), or permission Workflows: write"

_SIGNATURES = r"verified signature|signed commits|must be signed"
# Matched without what a message quotes: a path or a branch may be called anything.
_KNOWN = (
    (r"SAML enforcement",
     "authorise the token for the organisation's single sign-on (docs: authorizing a token for SSO)"),
    (r"IP allow list", "run on a machine that the organisation's IP allow list has"),
    (r"forbids access via a personal access token \(classic\)",
     "use a GitHub App or a fine-grained token: the organization's policy forbids classic tokens"),
    (r"token's lifetime is greater", "make a token that ends sooner: the organization's policy limits its lifetime"),
    (r"forbids access via (a )?(personal access token with fine-grained|fine-grained personal)",
     "use a GitHub App or a classic token: the organization's policy forbids fine-grained tokens"),
    (r"OAuth App access restrictions", "let an owner of the organization approve the OAuth App, or use a GitHub App"),
    (r"workflow.*(scope|permission)|(scope|permission).*workflow", WORKFLOWS),
    (r"secrets? detected|cannot contain secrets|secret scanning|push protection",
     "take the secret out of the source file; GitHub's push protection refuses it"),
    (_SIGNATURES,
     "the target wants signed commits: use a GitHub App token, or let write-strategy be auto or graphql"),
    (r"creations being restricted|cannot create ref",
     "let the token bypass the ruleset that restricts new branches, or set branch_prefix to one it allows"),
    (r"cannot force.?push", "let the token bypass the ruleset against force pushes on Broadcast's branches"),
    (r"must be made through a pull request|rule violations|protected branch|GH006|GH013",
     "let the token bypass the target's rule, set branch_prefix to one that it leaves alone, or change the rule"),
    (r"locked for migration", "run again when the repository's migration is over, or take it out of the targets"),
    (r"draft pull requests are not supported", "set pr_draft: false for this target: its plan has no drafts"),
    (r"must be a collaborator",
     "make the token's owner a collaborator, or let the target take pull requests of others"),
    (r"pull requests? (are|is|have been|has been) (disabled|turned off|not enabled)",
     "turn pull requests on in the target's settings, or take it out of the targets"),
    (r"Actions is not permitted to create",
     "use a GitHub App or a personal token, or allow it under Settings, Actions, General of the target"),
    (r"title is too long", "shorten pr_title"),
    (r"not accessible by integration",
     "give the GitHub App Contents: write and Pull requests: write, and accept that for the installation"),
    (r"not accessible by personal access token",
     "give the token Contents: write and Pull requests: write for this repository"),
    (r"correct permissions to execute", "give the token Contents: write and Pull requests: write on this repository"),
    (r"was archived|read-only", "unarchive the repository, or take it out of the targets"),
    (r"repository access blocked", "ask GitHub's support why the repository is blocked, or take it out of the targets"),
    (r"Bad credentials", "give a token that is valid and not expired"),
)  # fmt: skip
_RULED = "let the token bypass the target's rule, set"
_COMPILED = tuple(
    (re.compile(pattern, re.IGNORECASE | re.DOTALL), Advice(remedy, ruled=remedy.startswith(_RULED)))
    for pattern, remedy in _KNOWN
)
_RIGHTS = re.compile(r"not accessible by|correct permissions to execute", re.IGNORECASE)
_PASSING = re.compile(
    r"something went wrong|timed out|could not resolve to a node|sha can't be blank|no commits between"
    r"|ref cannot be created|reference update failed|already exists|expected branch to point|is at .* but expected"
    r"|does not exist|not a fast.?forward|branch was modified",
    re.IGNORECASE | re.DOTALL,
)


def advice(message: str) -> Advice | None:
    """What is known about a refusal in these words."""
    words = unquoted(message)
    return next((found for pattern, found in _COMPILED if pattern.search(words)), None)


def is_passing(message: str) -> bool:
    """Whether a refusal is known to pass by itself, or with another look at the target."""
    return _PASSING.search(unquoted(message)) is not None


def is_about_rights(message: str) -> bool:
    """Whether a refusal is for a right that the token lacks, without a word about which."""
    return _RIGHTS.search(unquoted(message)) is not None


def wants_signatures(message: str) -> bool:
    """Whether a rule asks for signed commits."""
    return re.search(_SIGNATURES, unquoted(message), re.IGNORECASE) is not None


def is_force_push(message: str) -> bool:
    """Whether a rule forbids to move a branch back."""
    return re.search(r"force.?push|non.?fast.?forward", unquoted(message), re.IGNORECASE) is not None


def is_ref_refusal(message: str) -> bool:
    """Whether a new ref is refused without a reason; a branch may be in its way."""
    return re.search(r"ref cannot be created|reference update failed", unquoted(message), re.IGNORECASE) is not None
