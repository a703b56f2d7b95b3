"""GitHub's answers about one target, as values (pure)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from msgspec.structs import replace

from broadcast import optouts
from broadcast.api import queries
from broadcast.description import News
from broadcast.names import folded, is_same
from broadcast.pullrequest import PAUSE_LABEL, REBUILD_LABEL, ask_of, read_marker
from broadcast.state import Branch, Edit, LogEntry, Milestone, Pull, Scratch, State, Superseded
from broadcast.targets import Target

# Beside the names of what was given. A team's name needs the scope read:org, without which GitHub refuses the whole
# document; null comes for a team that an App without Members: read asked (docs: permissions for GitHub Apps).
TEAM, SOMEBODY, HIDDEN = "\0 any team", "\0 a hidden assignee", "\0 anything hidden"
APP = "[bot]"  # how an App's login ends
SAME_MOMENT = 5  # seconds between what happens at once, such as the two dates of a commit as it was made


class Logged(NamedTuple):
    """A commit of the source in its log."""

    news: News
    parents: tuple[str, ...]


class Ownership(NamedTuple):
    """Whose pull requests are ours."""

    sync_id: str
    source: str

    def has(self, pull: Pull) -> bool:
        """Whether its marker says so."""
        marker = pull.marker
        return marker is not None and marker.id == self.sync_id and marker.source.lower() == self.source.lower()


def state(
    data: dict[str, Any], target: Target, root_paths: Sequence[str], probes: Sequence[str], supersedes: Sequence[str]
) -> State:
    """The answer to `queries.look`; `supersedes` are branch prefixes of an older tool."""
    commit = (data["base"] or {}).get("target") or {}
    topics = (data.get("repositoryTopics") or {}).get("nodes") or []
    labels = {label: data[f"label{at}"] for at, label in enumerate(target.settings.pr_labels)}
    milestones = data.get("milestones")
    return State(
        repository_id=data["id"],
        full_name=data["nameWithOwner"],
        archived=data["isArchived"],
        disabled=bool(data.get("isDisabled")),
        permission=data.get("viewerPermission"),
        visibility=data.get("visibility") or "",
        base=_branch(data["base"], root_paths, target.base),
        ours=_branch(data["ours"], root_paths, target.branch),
        labels={name: label["id"] for name, label in labels.items() if label},
        milestone=_milestone((milestones or {}).get("nodes") or [], target.settings.pr_milestone),
        hides_milestones=milestones is None,
        allows_auto_merge=data.get("autoMergeAllowed") is not False,
        merge_method=data.get("viewerDefaultMergeMethod") or "MERGE",
        scratch=_scratch(data.get("scratch"), target.scratch),
        superseded=tuple(_superseded(data, target, supersedes)),
        present=frozenset(path for at, path in enumerate(probes) if commit.get(f"probe{at}")),
        default_branch=(data.get("defaultBranchRef") or {}).get("name") or ("" if target.base else _name(data["base"])),
        topics=tuple(node["topic"]["name"] for node in topics if node),
        opt_outs=_opt_outs(commit),
        opaque=_opaque(commit),
    )


def with_pulls(state: State, data: dict[str, Any], target: Target, owner: Ownership) -> State:
    """`state` with the answer to `queries.pulls`; a fork's pull request is never ours, whatever its marker says."""
    nodes = [*data["open"]["nodes"], *data["past"]["nodes"]]
    found = [_pull(node, target) for node in nodes if node and not node["isCrossRepository"]]
    ref = data.get("ours") or {}
    history = ((ref.get("target") or {}).get("history") or {}).get("nodes") or []
    return replace(
        state,
        pulls=tuple(pull for pull in found if owner.has(pull)),
        others=tuple((pull.number, pull.base) for pull in found if pull.state == "OPEN" and not owner.has(pull)),
        lineage=tuple(_log_entry(node) for node in history),
        ahead=_ahead(ref),
        scratch=_scratch(data.get("scratch"), target.scratch) or state.scratch,
        spare=_scratch(data.get("spare"), target.spare),
        has_pulls=True,
    )


def had(data: dict[str, Any], paths: Sequence[str]) -> dict[str, bool]:
    """The answer to `gitdata.had`; what isn't known counts as had, for then nothing is sent."""
    commit = (data.get("base") or {}).get("target") or {}
    found = {path: (commit.get(f"had{at}") or {}).get("nodes") for at, path in enumerate(paths)}
    return {path: nodes is None or bool(nodes) for path, nodes in found.items()}


def edits(data: dict[str, Any], paths: Sequence[str]) -> dict[str, Edit]:
    """The answer to `gitdata.last`, as far as GitHub tells."""
    commit = data.get("commit") or {}
    found = {path: (commit.get(f"last{at}") or {}).get("nodes") for at, path in enumerate(paths)}
    return {path: Edit(_who(nodes[0]), nodes[0]["oid"]) for path, nodes in found.items() if nodes and nodes[0]}


def log(data: dict[str, Any]) -> list[Logged]:
    """The answer to `gitdata.log`, the latest commit first; empty where GitHub hasn't got the commit."""
    nodes = ((data.get("commit") or {}).get("history") or {}).get("nodes") or []
    return [
        Logged(
            News(node["oid"], node["messageHeadline"], _who(node)),
            tuple(parent["oid"] for parent in node["parents"]["nodes"] if parent),
        )
        for node in filter(None, nodes)
    ]


def touching(data: dict[str, Any], paths: Sequence[str]) -> dict[str, frozenset[str]]:
    """The answer to `gitdata.touching`: path → commits."""
    commit = data.get("commit") or {}
    found = {path: (commit.get(f"touch{at}") or {}).get("nodes") or [] for at, path in enumerate(paths)}
    return {path: frozenset(node["oid"] for node in nodes if node) for path, nodes in found.items()}


def _who(node: dict[str, Any]) -> str:
    author = node.get("author") or {}
    return str((author.get("user") or {}).get("login") or author.get("name") or "somebody")


def versions(data: dict[str, Any], paths: Sequence[str]) -> dict[str, frozenset[str]]:
    """The answer to `gitdata.versions`: path → blob ids."""
    commit = data.get("commit") or {}
    found = {path: (commit.get(f"past{at}") or {}).get("nodes") or [] for at, path in enumerate(paths)}
    return {
        path: frozenset(node["file"]["oid"] for node in nodes if node and node.get("file"))
        for path, nodes in found.items()
    }


def _name(ref: dict[str, Any] | None) -> str:
    return str((ref or {}).get("name") or "")


def _branch(ref: dict[str, Any] | None, root_paths: Sequence[str], name: str | None) -> Branch | None:
    if not ref or not ref.get("target"):
        return None
    return Branch(name or ref["name"], queries.located(ref["target"], root_paths))


def _scratch(ref: dict[str, Any] | None, name: str) -> Scratch | None:
    ref = ref or {}
    found = ref.get("target")
    return Scratch(name, found["oid"], found.get("message") or "", contained=_ahead(ref) == 0) if found else None


def _ahead(ref: dict[str, Any]) -> int | None:
    """How many commits of a branch the base lacks, which is compared with it."""
    behind = (ref.get("compare") or {}).get("behindBy")
    return None if behind is None else int(behind)


def _superseded(data: dict[str, Any], target: Target, prefixes: Sequence[str]) -> Iterable[Superseded]:
    base = target.base or (data["base"] or {}).get("name")
    for node in filter(None, (data.get("others") or {}).get("nodes") or []):
        ours = node["headRefName"] == target.branch or node["isCrossRepository"] or node["baseRefName"] != base
        if not ours and any(node["headRefName"].startswith(prefix) for prefix in prefixes):
            yield Superseded(node["id"], node["number"])


def _milestone(nodes: Iterable[dict[str, Any] | None], title: str) -> Milestone | None:
    """The one of that title; written exactly so, if two differ by case alone."""
    same = [node for node in filter(None, nodes) if is_same(node["title"], title)]
    best = next((node for node in same if node["title"] == title), same[0] if same else None)
    return Milestone(best["id"], best["number"]) if best else None


def _opt_outs(commit: dict[str, Any]) -> dict[str, str | None]:
    texts = {path: optouts.told(entry) for path, entry in _opting(commit).items()}
    return {path: text for path, text in texts.items() if text != ""}


def _opaque(commit: dict[str, Any]) -> dict[str, str]:
    return {
        path: entry["object"]["oid"]
        for path, entry in _opting(commit).items()
        if optouts.told(entry) is None and not optouts.is_link(entry)
        if entry["object"]["byteSize"] <= optouts.MAX_BYTES
    }


def _opting(commit: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """The files that opt out; a directory of that name is none."""
    found = {path: commit.get(f"optOut{at}") or {} for at, path in enumerate(queries.OPT_OUTS)}
    return {path: entry for path, entry in found.items() if entry.get("object")}


def _pull(node: dict[str, Any], target: Target) -> Pull:
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
    if nodes is None or len(nodes) >= queries.EVENTS:
        return False
    return not any(node is None or node.get("__typename") in queries.ARMING for node in nodes)


def _log_entry(node: dict[str, Any]) -> LogEntry:
    parents = tuple(parent["oid"] for parent in node["parents"]["nodes"])
    author = node.get("author") or {}
    names = (author.get("name"), author.get("email"), (author.get("user") or {}).get("login"))
    # git commit --amend and git rebase keep the author's date; the API writes both at once.
    rewritten = is_apart(node.get("authoredDate"), node.get("committedDate"), unknown=False)
    return LogEntry(node["oid"], node["message"], parents, frozenset(one.lower() for one in names if one), rewritten)


def is_apart(one: str | None, other: str | None, *, unknown: bool) -> bool:
    """Whether two things happened at different moments, in ISO 8601; `unknown` where one of them isn't told."""
    if not one or not other:
        return unknown
    apart = datetime.fromisoformat(one) - datetime.fromisoformat(other)
    return abs(apart.total_seconds()) > SAME_MOMENT
