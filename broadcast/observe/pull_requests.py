"""Our pull requests at a target: the query, and its answer as values."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from msgspec.structs import replace

from broadcast.config.names import folded
from broadcast.config.targets import Target
from broadcast.github.questions import Question, quote
from broadcast.observe.repository import read_ahead, read_scratch
from broadcast.observe.state import LogEntry, Pull, State
from broadcast.ownership import PAUSE_LABEL, REBUILD_LABEL, ask_of, read_marker

_ARMED = "AUTO_MERGE_ENABLED_EVENT, AUTO_SQUASH_ENABLED_EVENT, AUTO_REBASE_ENABLED_EVENT, AUTO_MERGE_DISABLED_EVENT"
ARMING = ("AutoMergeEnabledEvent", "AutoSquashEnabledEvent", "AutoRebaseEnabledEvent", "AutoMergeDisabledEvent")


HISTORY = 20  # commits of our branch that are looked at


PULLS = 5  # open, and closed, pull requests of our branch that are looked at


EVENTS = 50  # of labelling, assigning, asking for reviews and setting auto-merge that are looked at


COMMENTS = 10  # the last ones on closed pull requests, of which one may be our answer


_PULL = """
fragment pull on PullRequest {
  id number url state title body isDraft isCrossRepository mergeable headRefOid headRefName baseRefName
  createdAt updatedAt closedAt isInMergeQueue
}"""


_OPEN_PULL = """
fragment openPull on PullRequest { labels(first: 100) { nodes { id name } } autoMergeRequest { enabledAt } }"""


_PAST_PULL = f"""
fragment pastPull on PullRequest {{
  changedFiles baseRef {{ name }} mergedBy {{ __typename login }}
  closing: timelineItems(itemTypes: [CLOSED_EVENT, BASE_REF_DELETED_EVENT], last: 2) {{ nodes {{
    __typename
    ... on ClosedEvent {{ createdAt actor {{ __typename login }} }}
    ... on BaseRefDeletedEvent {{ createdAt }}
  }} }}
  comments(last: {COMMENTS}) {{ nodes {{ viewerDidAuthor createdAt }} }}
}}"""


_GIVEN = "LABELED_EVENT, ASSIGNED_EVENT, MILESTONED_EVENT, REVIEW_REQUESTED_EVENT"


_DECORATION = f"""
fragment decoration on PullRequest {{
  timelineItems(itemTypes: [{_GIVEN}, {_ARMED}], first: {EVENTS}) {{ nodes {{
    __typename
    ... on LabeledEvent {{ label {{ name }} }}
    ... on MilestonedEvent {{ milestoneTitle }}
    ... on AssignedEvent {{ assignee {{ ... on User {{ login }} }} }}
    ... on ReviewRequestedEvent {{ requestedReviewer {{ __typename ... on User {{ login }} }} }}
  }} }}
}}"""


_LINEAGE = f"""
fragment lineage on Commit {{
  history(first: {HISTORY}) {{ nodes {{
    oid message authoredDate committedDate author {{ name email user {{ login }} }}
    parents(first: 2) {{ nodes {{ oid }} }}
  }} }}
}}"""


def select_pulls(
    owner: str, name: str, branch: str, base: str, *, decorated: bool, scratch: tuple[str, str] | None = None
) -> Question:
    """The pull requests from our branch, open and closed, the latest commits on it, and how it stands to its base.

    With `decorated` also who was given which label, task or review on the open ones, and whether auto-merge was set;
    with `scratch`, the two names of scratch branches, also what is there and how they stand to the base.
    """
    spread = "...pull ...openPull ...decoration" if decorated else "...pull ...openPull"
    fragments = {"pull": _PULL, "openPull": _OPEN_PULL, "pastPull": _PAST_PULL, "lineage": _LINEAGE}
    head = f"headRefName: {quote(branch)}, orderBy: {{field: CREATED_AT, direction: DESC}}, first: {PULLS}"
    contained = f"compare(headRef: {quote(base)}) {{ behindBy }}"
    fields = (
        f"open: pullRequests({head}, states: [OPEN]) {{ nodes {{ {spread} }} }} "
        f"past: pullRequests({head}, states: [CLOSED, MERGED]) {{ nodes {{ ...pull ...pastPull }} }} "
        f"ours: ref(qualifiedName: {quote('refs/heads/' + branch)}) {{ target {{ oid ...lineage }} "
        f"{contained} }}"
    )
    for alias, one in zip(("scratch", "spare"), scratch or (), strict=False):
        head = f"target {{ oid ... on Commit {{ message }} }} {contained}"
        fields += f" {alias}: ref(qualifiedName: {quote('refs/heads/' + one)}) {{ {head} }}"
    return Question(owner, name, fields, fragments | ({"decoration": _DECORATION} if decorated else {}))


# Beside the names of what was given. A team's name needs the scope read:org, without which GitHub refuses the whole
# document; null comes for a team that an App without Members: read asked (docs: permissions for GitHub Apps).
TEAM, SOMEBODY, HIDDEN = "\0 any team", "\0 a hidden assignee", "\0 anything hidden"


APP = "[bot]"  # how an App's login ends


SAME_MOMENT = 5  # seconds between what happens at once, such as the two dates of a commit as it was made


class Ownership(NamedTuple):
    """Whose pull requests are ours."""

    sync_id: str
    source: str

    def has(self, pull: Pull) -> bool:
        """Whether its marker says so."""
        marker = pull.marker
        return marker is not None and marker.id == self.sync_id and marker.source.lower() == self.source.lower()


def read_pulls(state: State, data: dict[str, Any], target: Target, owner: Ownership) -> State:
    """`state` with the answer to `select_pulls`; a fork's pull request is never ours, whatever its marker says."""
    nodes = [*data["open"]["nodes"], *data["past"]["nodes"]]
    found = [read_pull(node, target) for node in nodes if node and not node["isCrossRepository"]]
    ref = data.get("ours") or {}
    history = ((ref.get("target") or {}).get("history") or {}).get("nodes") or []
    return replace(
        state,
        pulls=tuple(pull for pull in found if owner.has(pull)),
        others=tuple((pull.number, pull.base) for pull in found if pull.state == "OPEN" and not owner.has(pull)),
        lineage=tuple(_log_entry(node) for node in history),
        ahead=read_ahead(ref),
        scratch=read_scratch(data.get("scratch"), target.scratch) or state.scratch,
        spare=read_scratch(data.get("spare"), target.spare),
        has_pulls=True,
    )


def read_pull(node: dict[str, Any], target: Target) -> Pull:
    """One pull request of an answer."""
    body = node.get("body") or ""
    closing, deletion = _closing((node.get("closing") or {}).get("nodes") or [])
    labels = {folded(label["name"]): label["id"] for label in (node.get("labels") or {}).get("nodes") or [] if label}
    return Pull(
        id=node["id"],
        number=node["number"],
        url=node["url"],
        state=node["state"],
        title=node["title"],
        body=body,
        head_oid=node["headRefOid"],
        base=node["baseRefName"],
        conflicting=node.get("mergeable") == "CONFLICTING",
        queued=bool(node.get("isInMergeQueue")),
        created_at=node.get("createdAt") or "",
        updated_at=node.get("updatedAt") or "",
        marker=read_marker(body),
        closed_at=node.get("closedAt") or "",
        closed_by=_login(closing.get("actor")),
        merged_by=_login(node.get("mergedBy")),
        answered=_answered((node.get("comments") or {}).get("nodes") or [], node.get("closedAt") or ""),
        base_deleted=not is_apart(closing.get("createdAt"), deletion.get("createdAt"), unknown=True),
        empty=node.get("changedFiles") == 0,
        base_gone="baseRef" in node and node["baseRef"] is None,
        paused=ask_of(body, "pause") or PAUSE_LABEL in labels,
        rebuild=ask_of(body, "rebuild") or REBUILD_LABEL in labels,
        rebuild_label=labels.get(REBUILD_LABEL, ""),
        auto_merging=bool(node.get("autoMergeRequest")),
        lacks_auto_merge=not node.get("autoMergeRequest") and _never_armed(node.get("timelineItems")),
        decorated=_decorated(node.get("timelineItems"), target),
    )


def _closing(nodes: Iterable[dict[str, Any] | None]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The last closing of a pull request, and the last deletion of its base; empty where there is none."""
    by_type = {node.get("__typename"): node for node in nodes if node}
    return by_type.get("ClosedEvent", {}), by_type.get("BaseRefDeletedEvent", {})


def _answered(comments: Sequence[dict[str, Any] | None], closed_at: str) -> bool:
    """Whether we have commented since it was closed; so many comments of others since may hide ours."""
    since = [one for one in comments if one is None or one["createdAt"] >= closed_at]
    return len(since) >= COMMENTS or any(one is None or one["viewerDidAuthor"] for one in since)


def _login(actor: dict[str, Any] | None) -> str:
    """As people know it: GraphQL leaves out the end that an App's login has elsewhere; empty for who is gone."""
    login = str((actor or {}).get("login") or "")
    is_app = login and (actor or {}).get("__typename") == "Bot" and not login.endswith(APP)
    return f"{login}{APP}" if is_app else login


def _decorated(timeline: dict[str, Any] | None, target: Target) -> bool:
    """Whether it ever got what the config gives; what people took away since isn't given again."""
    if timeline is None:
        return True
    settings = target.settings
    wanted = {*settings.pr_labels, *settings.pr_assignees, *settings.pr_reviewers, settings.pr_milestone} - {""}
    marks = {folded(name) for name in wanted}
    marks |= {TEAM} if settings.pr_team_reviewers else set()
    marks |= {SOMEBODY} if settings.pr_assignees else set()
    return not marks or not (marks | {HIDDEN}).isdisjoint(_given(timeline.get("nodes") or []))


def _given(events: Iterable[dict[str, Any] | None]) -> Iterable[str]:
    """What was given, without case. What the token may not see is null, and counts, or it would be given every time."""
    for event in events:
        if event is None:
            yield HIDDEN
            continue
        reviewer = event.get("requestedReviewer") or {}
        found = [(event.get("label") or {}).get("name"), (event.get("assignee") or {}).get("login")]
        yield from (folded(name) for name in (*found, reviewer.get("login"), event.get("milestoneTitle")) if name)
        if reviewer.get("__typename") == "Team" or event.get("requestedReviewer", reviewer) is None:
            yield TEAM
        if event.get("assignee", event) is None:
            yield SOMEBODY
        if event.get("label", event) is None:
            yield HIDDEN


def _never_armed(timeline: dict[str, Any] | None) -> bool:
    """Whether auto-merge was never set and never taken away, as far as the whole of the timeline shows it."""
    nodes = (timeline or {}).get("nodes")
    if nodes is None or len(nodes) >= EVENTS:
        return False
    return not any(node is None or node.get("__typename") in ARMING for node in nodes)


def _log_entry(node: dict[str, Any]) -> LogEntry:
    parents = tuple(parent["oid"] for parent in node["parents"]["nodes"])
    author = node.get("author") or {}
    names = (author.get("name"), author.get("email"), (author.get("user") or {}).get("login"))
    # git commit --amend and git rebase keep the author's date; the API writes both at once.
    rewritten = is_apart(node.get("authoredDate"), node.get("committedDate"), unknown=False)
    return LogEntry(
        node["oid"], node["message"], parents, frozenset(one.lower() for one in names if one), rewritten,
        committed=node.get("committedDate") or "",
    )  # fmt: skip


def is_apart(one: str | None, other: str | None, *, unknown: bool) -> bool:
    """Whether two things happened at different moments, in ISO 8601; `unknown` where one of them is missing."""
    if not one or not other:
        return unknown
    apart = datetime.fromisoformat(one) - datetime.fromisoformat(other)
    return abs(apart.total_seconds()) > SAME_MOMENT
