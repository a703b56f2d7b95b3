"""GraphQL mutations. They run one after the other; each is whole or has not happened."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tests.hub.accounts.rights import CONTENTS
from tests.hub.errors import LOCKED, Refused, forbidden, invalid
from tests.hub.git.repository import HEADS
from tests.hub.graphql import inputs
from tests.hub.graphql.inputs import Input, answer
from tests.hub.graphql.mutations_git import GitMutations
from tests.hub.graphql.views import find
from tests.hub.graphql.views_people import Label, actor
from tests.hub.graphql.views_pulls import IssueComment, PullRequest

if TYPE_CHECKING:
    from tests.hub.graphql.context import Context


class PullMutations:
    def createPullRequest(self, context: Context, input: Input) -> Any:
        with context.hub.lock:
            repository = inputs.repository(context, input["repositoryId"], "CreatePullRequest")
            head = input["headRefName"].removeprefix(HEADS).removeprefix(f"{repository.owner}:")
            base = input["baseRefName"].removeprefix(HEADS)
            repository.check_opening(context.token, bool(input.get("draft")))
            pull = repository.open_pull(
                head,
                base,
                input["title"],
                input.get("body") or "",
                author=context.token.login,
                draft=bool(input.get("draft")),
            )
            return answer(input, pullRequest=PullRequest(pull))

    def updatePullRequest(self, context: Context, input: Input) -> Any:
        """Labels and assignees replace what was there."""
        with context.hub.lock:
            view = inputs.pull(context, input["pullRequestId"], "UpdatePullRequest")
            values = {"title": input.get("title"), "body": input.get("body"), "base": input.get("baseRefName")}
            if any(input.get(name) is not None for name in ("labelIds", "assigneeIds", "milestoneId")):
                context.check_conversation(view.stored, "UpdatePullRequest")
            keeps = input.get("labelIds") == [] and context.hub.unknowns.empty_label_ids == "keeps"
            if input.get("labelIds") is not None and not keeps:
                values["labels"] = [inputs.label(context, each).name for each in input["labelIds"]]
            if input.get("assigneeIds") is not None:
                values["assignees"] = inputs.assignees(context, view.stored, input["assigneeIds"])
            if input.get("milestoneId") is not None:
                number = find(context, input["milestoneId"]).number
                values["milestone"] = view.stored.milestone(number)
            state = (input.get("state") or "").lower() or None
            view.stored.edit_pull(view.pull, context.token.login, state=state, **values)
            me = actor(context.hub, context.token.login)
            return answer(input, pullRequest=PullRequest(view.pull), actor=me)

    def closePullRequest(self, context: Context, input: Input) -> Any:
        with context.hub.lock:
            view = inputs.pull(context, input["pullRequestId"], "ClosePullRequest")
            view.stored.close_pull(view.number, context.token.login)
            return answer(input, pullRequest=PullRequest(view.pull))

    def reopenPullRequest(self, context: Context, input: Input) -> Any:
        with context.hub.lock:
            view = inputs.pull(context, input["pullRequestId"], "ReopenPullRequest")
            view.stored.reopen_pull(view.number, context.token.login)
            return answer(input, pullRequest=PullRequest(view.pull))

    def enablePullRequestAutoMerge(self, context: Context, input: Input) -> Any:
        with context.hub.lock:
            view = inputs.pull(context, input["pullRequestId"], "EnablePullRequestAutoMerge")
            method = input.get("mergeMethod") or "MERGE"
            view.stored.enable_auto_merge(view.pull, method, context.token.login, input.get("expectedHeadOid"))
            me = actor(context.hub, context.token.login)
            return answer(input, pullRequest=PullRequest(view.pull), actor=me)

    def mergePullRequest(self, context: Context, input: Input) -> Any:
        with context.hub.lock:
            view = inputs.pull(context, input["pullRequestId"], "MergePullRequest")
            view.stored.merge(view.pull, context.token, input["mergeMethod"], input.get("expectedHeadOid"))
            me = actor(context.hub, context.token.login)
            return answer(input, pullRequest=PullRequest(view.pull), actor=me)

    def enqueuePullRequest(self, context: Context, input: Input) -> Any:
        with context.hub.lock:
            view = inputs.pull(context, input["pullRequestId"], "EnqueuePullRequest")
            view.stored.enqueue(view.pull, input.get("expectedHeadOid"))
            return answer(input)

    def disablePullRequestAutoMerge(self, context: Context, input: Input) -> Any:
        with context.hub.lock:
            view = inputs.pull(context, input["pullRequestId"], "DisablePullRequestAutoMerge")
            view.stored.disable_auto_merge(view.pull, context.token.login)
            me = actor(context.hub, context.token.login)
            return answer(input, pullRequest=PullRequest(view.pull), actor=me)

    def requestReviews(self, context: Context, input: Input) -> Any:
        with context.hub.lock:
            view = inputs.pull(context, input["pullRequestId"], "RequestReviews")
            people = [inputs.account(context, each).account.login for each in input.get("userIds") or ()]
            teams = [
                inputs.account(context, each).account.login.partition("/")[2] for each in input.get("teamIds") or ()
            ]
            if view.pull.author in people and context.hub.unknowns.author_review == "refused":
                raise Refused("Review cannot be requested from pull request author.")
            people = [login for login in people if login != view.pull.author]
            view.stored.check_reviewers(people)
            kept = (view.pull.reviewers, view.pull.team_reviewers) if input.get("union") else ([], [])
            view.stored.set_reviewers(view.pull, kept[0] + people, kept[1] + teams, context.token.login)
            me = actor(context.hub, context.token.login)
            return answer(input, pullRequest=PullRequest(view.pull), actor=me)


class IssueMutations:
    def addComment(self, context: Context, input: Input) -> Any:
        with context.hub.lock:
            view = inputs.pull(context, input["subjectId"], "AddComment")
            if view.pull.locked and not context.token.may("write", view.stored, CONTENTS):
                raise forbidden(LOCKED)
            comment = view.stored.comment(view.pull, input["body"], context.token.login)
            edge = {"cursor": "", "node": IssueComment(view.pull, comment)}
            return answer(input, commentEdge=edge, subject=view)

    def createLabel(self, context: Context, input: Input) -> Any:
        with context.hub.lock:
            repository = inputs.repository(context, input["repositoryId"], "CreateLabel")
            if repository.label(input["name"]):
                raise invalid("Label", "name", "already_exists", "Name has already been taken")
            label = repository.add_label(input["name"], input["color"], input.get("description"))
            return answer(input, label=Label(repository, label))

    def addLabelsToLabelable(self, context: Context, input: Input) -> Any:
        with context.hub.lock:
            view = inputs.pull(context, input["labelableId"], "AddLabelsToLabelable")
            names = [inputs.label(context, each).name for each in input["labelIds"]]
            view.stored.set_labels(view.pull, view.pull.labels + names, context.token.login)
            return answer(input, labelable=view)

    def removeLabelsFromLabelable(self, context: Context, input: Input) -> Any:
        with context.hub.lock:
            view = inputs.pull(context, input["labelableId"], "RemoveLabelsFromLabelable")
            names = {inputs.label(context, each).name for each in input["labelIds"]}
            kept = [name for name in view.pull.labels if name not in names]
            view.stored.set_labels(view.pull, kept, context.token.login)
            return answer(input, labelable=view)

    def addAssigneesToAssignable(self, context: Context, input: Input) -> Any:
        with context.hub.lock:
            view = inputs.pull(context, input["assignableId"], "AddAssigneesToAssignable")
            logins = inputs.assignees(context, view.stored, input["assigneeIds"])
            view.stored.set_assignees(view.pull, view.pull.assignees + logins, context.token.login)
            return answer(input, assignable=view)


class Mutations(GitMutations, PullMutations, IssueMutations):
    """Everything under `mutation`."""
