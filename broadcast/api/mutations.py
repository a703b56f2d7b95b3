"""The documents that write. Root fields of a mutation run one after the other; a failed one doesn't stop the rest."""

from __future__ import annotations

CREATE = """
mutation Create($ref: CreateRefInput!, $commit: CreateCommitOnBranchInput!, $pull: CreatePullRequestInput!) {
  ref: createRef(input: $ref) { ref { name } }
  commit: createCommitOnBranch(input: $commit) { commit { oid } }
  pull: createPullRequest(input: $pull) { pullRequest { id number url } }
}"""

COMMIT_ON_NEW_BRANCH = """
mutation CommitOnNewBranch($ref: CreateRefInput!, $commit: CreateCommitOnBranchInput!) {
  ref: createRef(input: $ref) { ref { name } }
  commit: createCommitOnBranch(input: $commit) { commit { oid } }
}"""

COMMIT_ON_RESET_BRANCH = """
mutation CommitOnResetBranch($refs: UpdateRefsInput!, $commit: CreateCommitOnBranchInput!) {
  refs: updateRefs(input: $refs) { clientMutationId }
  commit: createCommitOnBranch(input: $commit) { commit { oid } }
}"""

MOVE = """
mutation Move($refs: UpdateRefsInput!) {
  refs: updateRefs(input: $refs) { clientMutationId }
}"""

MOVE_AND_DESCRIBE = """
mutation MoveAndDescribe($refs: UpdateRefsInput!, $pull: UpdatePullRequestInput!) {
  refs: updateRefs(input: $refs) { clientMutationId }
  pull: updatePullRequest(input: $pull) { pullRequest { id number url } }
}"""

MOVE_AND_OPEN = """
mutation MoveAndOpen($refs: UpdateRefsInput!, $pull: CreatePullRequestInput!) {
  refs: updateRefs(input: $refs) { clientMutationId }
  pull: createPullRequest(input: $pull) { pullRequest { id number url } }
}"""

DESCRIBE = """
mutation Describe($pull: UpdatePullRequestInput!) {
  pull: updatePullRequest(input: $pull) { pullRequest { id number url } }
}"""

CLOSE = """
mutation Close($pull: UpdatePullRequestInput!, $comment: AddCommentInput!, $refs: UpdateRefsInput!) {
  pull: updatePullRequest(input: $pull) { pullRequest { id number url } }
  comment: addComment(input: $comment) { clientMutationId }
  refs: updateRefs(input: $refs) { clientMutationId }
}"""


def label(count: int) -> str:
    """The document that sets the labels of `count` pull requests; its variables are p0, p1, …"""
    variables = ", ".join(f"$p{at}: UpdatePullRequestInput!" for at in range(count))
    fields = "\n".join(f"  p{at}: updatePullRequest(input: $p{at}) {{ clientMutationId }}" for at in range(count))
    return f"mutation Label({variables}) {{\n{fields}\n}}"
