"""What to do about a refusal of GitHub's, known by its words (pure)."""

from __future__ import annotations

import re
from typing import NamedTuple


class Advice(NamedTuple):
    """`lasting`: trying again is of no use until somebody acts."""

    remedy: str
    lasting: bool = True


_KNOWN = (
    (r"SAML", "authorise the token for the organisation's single sign-on (docs: authorizing a token for SSO)"),
    (r"IP allow list", "run on a machine that the organisation's IP allow list has"),
    (r"workflow.*(scope|permission)|(scope|permission).*workflow",
     "let the token write workflows: scope `workflow` (classic), or permission Workflows: write"),
    (r"secrets? detected|cannot contain secrets|secret scanning|push protection",
     "take the secret out of the source file; GitHub's push protection refuses it"),
    (r"verified signature|signed commits|must be signed",
     "the target wants signed commits: use a GitHub App token, or let write-strategy be auto or graphql"),
    (r"creations being restricted|cannot create ref",
     "let the token bypass the ruleset that restricts new branches, or set branch_prefix to one it allows"),
    (r"cannot force.?push", "let the token bypass the ruleset against force pushes on Broadcast's branches"),
    (r"rule violations|protected branch|GH006|GH013", "let the token bypass the target's rule, or change the rule"),
    (r"not accessible by integration",
     "give the GitHub App Contents: write and Pull requests: write, and accept that for the installation"),
    (r"not accessible by personal access token",
     "give the token Contents: write and Pull requests: write for this repository"),
    (r"archived", "unarchive the repository, or take it out of the targets"),
    (r"Bad credentials", "give a token that is valid and not expired"),
)  # fmt: skip
_COMPILED = tuple((re.compile(pattern, re.IGNORECASE | re.DOTALL), Advice(remedy)) for pattern, remedy in _KNOWN)


def advice(message: str) -> Advice | None:
    """What is known about a refusal in these words."""
    return next((found for pattern, found in _COMPILED if pattern.search(message)), None)


def is_force_push(message: str) -> bool:
    """Whether a rule forbids to move a branch back."""
    return re.search(r"force.?push|non.?fast.?forward", message, re.IGNORECASE) is not None
