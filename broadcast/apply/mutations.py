"""GraphQL mutations. Root fields run one after the other; a failed one doesn't stop the rest."""

from __future__ import annotations

from collections.abc import Sequence

CREATE = """
mutation Create($ref: CreateRefInput!, $commit: CreateCommitOnBranchInput!, $pull: CreatePullRequestInput!) {
  ref: createRef(input: $ref) { ref { name } }
  commit: createCommitOnBranch(input: $commit) { commit { oid author { name email } } }
  pull: createPullRequest(input: $pull) { pullRequest { id number url state } }
}"""

OPEN = """
mutation Open($pull: CreatePullRequestInput!) {
  pull: createPullRequest(input: $pull) { pullRequest { id number url state } }
}"""

COMMIT_AND_OPEN = """
mutation CommitAndOpen($commit: CreateCommitOnBranchInput!, $pull: CreatePullRequestInput!) {
  commit: createCommitOnBranch(input: $commit) { commit { oid author { name email } } }
  pull: createPullRequest(input: $pull) { pullRequest { id number url state } }
}"""

COMMIT_ON_BASE = """
mutation CommitOnBase($commit: CreateCommitOnBranchInput!) {
  commit: createCommitOnBranch(input: $commit) { commit { oid author { name email } } }
}"""

COMMIT_ON_NEW_BRANCH = """
mutation CommitOnNewBranch($ref: CreateRefInput!, $commit: CreateCommitOnBranchInput!) {
  ref: createRef(input: $ref) { ref { name } }
  commit: createCommitOnBranch(input: $commit) { commit { oid author { name email } } }
}"""

COMMIT_ON_RESET_BRANCH = """
mutation CommitOnResetBranch($refs: UpdateRefsInput!, $commit: CreateCommitOnBranchInput!) {
  refs: updateRefs(input: $refs) { clientMutationId }
  commit: createCommitOnBranch(input: $commit) { commit { oid author { name email } } }
}"""

MOVE_AND_DESCRIBE = """
mutation MoveAndDescribe($refs: UpdateRefsInput!, $pull: UpdatePullRequestInput!) {
  refs: updateRefs(input: $refs) { clientMutationId }
  pull: updatePullRequest(input: $pull) { pullRequest { id number url state } }
}"""

MOVE_DESCRIBE_AND_UNLABEL = """
mutation MoveDescribeAndUnlabel(
  $refs: UpdateRefsInput!, $pull: UpdatePullRequestInput!, $label: RemoveLabelsFromLabelableInput!
) {
  refs: updateRefs(input: $refs) { clientMutationId }
  pull: updatePullRequest(input: $pull) { pullRequest { id number url state } }
  label: removeLabelsFromLabelable(input: $label) { clientMutationId }
}"""

MOVE_AND_OPEN = """
mutation MoveAndOpen($refs: UpdateRefsInput!, $pull: CreatePullRequestInput!) {
  refs: updateRefs(input: $refs) { clientMutationId }
  pull: createPullRequest(input: $pull) { pullRequest { id number url state } }
}"""

DESCRIBE = """
mutation Describe($pull: UpdatePullRequestInput!) {
  pull: updatePullRequest(input: $pull) { pullRequest { id number url state } }
}"""

DESCRIBE_AND_UNLABEL = """
mutation DescribeAndUnlabel($pull: UpdatePullRequestInput!, $label: RemoveLabelsFromLabelableInput!) {
  pull: updatePullRequest(input: $pull) { pullRequest { id number url state } }
  label: removeLabelsFromLabelable(input: $label) { clientMutationId }
}"""

CLOSE = """
mutation Close($pull: UpdatePullRequestInput!, $comment: AddCommentInput!) {
  pull: updatePullRequest(input: $pull) { pullRequest { id number url state } }
  comment: addComment(input: $comment) { clientMutationId }
}"""

COMMENT = """
mutation Comment($comment: AddCommentInput!) {
  comment: addComment(input: $comment) { clientMutationId }
}"""

STOP_AUTO_MERGE = """
mutation StopAutoMerge($pull: DisablePullRequestAutoMergeInput!) {
  pull: disablePullRequestAutoMerge(input: $pull) { clientMutationId }
}"""

MERGE = """
mutation Merge($pull: MergePullRequestInput!) {
  pull: mergePullRequest(input: $pull) { pullRequest { id number url state } }
}"""

ENQUEUE = """
mutation Enqueue($pull: EnqueuePullRequestInput!) {
  pull: enqueuePullRequest(input: $pull) { clientMutationId }
}"""

SUPERSEDE = """
mutation Supersede($comment: AddCommentInput!, $pull: ClosePullRequestInput!) {
  pull: closePullRequest(input: $pull) { clientMutationId }
  comment: addComment(input: $comment) { clientMutationId }
}"""

MOVE = """
mutation Move($refs: UpdateRefsInput!) {
  refs: updateRefs(input: $refs) { clientMutationId }
}"""


_NOTHING = "clientMutationId"
_ASSIGNED = "assignable { ... on PullRequest { assignees(first: 20) { nodes { id } } } }"  # for some are left out
_DECORATIONS = {  # by the first letter of a variable: its type, the mutation, its selection
    "l": ("AddLabelsToLabelableInput!", "addLabelsToLabelable", _NOTHING),
    "a": ("AddAssigneesToAssignableInput!", "addAssigneesToAssignable", _ASSIGNED),
    "p": ("UpdatePullRequestInput!", "updatePullRequest", _NOTHING),
    "r": ("RequestReviewsInput!", "requestReviews", _NOTHING),
    "m": ("EnablePullRequestAutoMergeInput!", "enablePullRequestAutoMerge", _NOTHING),
}


def decorate(names: Sequence[str]) -> str:
    """The document with one mutation for each name: the letter of its kind and a number."""
    kinds = {name: _DECORATIONS[name[0]] for name in names}
    variables = ", ".join(f"${name}: {variable}" for name, (variable, _, _) in kinds.items())
    fields = "\n".join(
        f"  {name}: {mutation}(input: ${name}) {{ {selected} }}" for name, (_, mutation, selected) in kinds.items()
    )
    return f"mutation Decorate({variables}) {{\n{fields}\n}}"
