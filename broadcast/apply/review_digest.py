"""The digest of everything that a run would write, which `expect-plan` binds to a review (pure).

It covers what people can look at in a plan, path by path and word by word. What may differ from run to run is left out:
the run's address, the source's commit (its files are covered by their ids) and what GitHub answers about its history.
"""

from __future__ import annotations

import json
from hashlib import sha256
from typing import Any

from msgspec.structs import replace

from broadcast.apply import requests
from broadcast.apply.description import Background
from broadcast.apply.texts import Writer, last_sync
from broadcast.config.settings import Settings
from broadcast.config.targets import Target
from broadcast.errors import Failure
from broadcast.observe.change import Change
from broadcast.observe.state import Observation, Observations, State
from broadcast.plan.guards import Plans
from broadcast.plan.outcome import SETTLED
from broadcast.plan.plan import MERGING, WITH_COMMIT, Plan

AGAIN = "look at `command: plan` again, then expect what it prints"

_Part = dict[str, Any]  # JSON


def whole(plans: Plans, observations: Observations, writer: Writer) -> str:
    """The digest of all plans, in 64 hexadecimal digits; the order of targets and of changes is none of it."""
    lasting = writer._replace(context=replace(writer.context, commit="", run_url=""))
    found = [
        _encoded({"target": target.label, "repository": observation.state.full_name, **part})
        for target, plan in plans.items()
        if isinstance(plan, Plan) and isinstance(observation := observations.get(target), Observation)
        if (part := _part_or_mistake(target, observation.state, plan, lasting))
    ]
    return sha256(_encoded(sorted(found)).encode()).hexdigest()


def expect(wanted: str, planned: str) -> None:
    """Raises Failure where another plan was reviewed."""
    if wanted not in ("", planned):
        raise Failure(f"the plan is {planned} now, not {wanted} as expected; nothing was written", AGAIN)


def stays_within(reviewed: Plan, now: Plan) -> bool:
    """Whether what is planned after another look is a part of what was reviewed."""
    if now.step in ("nothing", "sweep"):
        return True
    may = now.step not in ("close", "push") or reviewed.step == now.step
    return may and _contents(now) <= _contents(reviewed)


def _encoded(value: object) -> str:
    """JSON, for it can be read in one way alone."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"))


def _contents(plan: Plan) -> set[tuple[str, int, str]]:
    return {_content(one) for one in plan.changes}


def _content(one: Change) -> tuple[str, int, str]:
    """Path, mode and id; a deletion has neither. Of a shared file only our parts count, for the rest isn't ours."""
    if one.parts:
        return one.path, 0, " ".join(sorted(one.pairs))
    return (one.path, one.after.mode, one.after.oid) if one.after else (one.path, 0, "")


def _part_or_mistake(target: Target, state: State, plan: Plan, writer: Writer) -> _Part:
    """A bug of ours in one target must not stop the others; it is reported when that target's turn comes."""
    try:
        return _part(target, state, plan, writer)
    except Exception as error:
        return {"mistake": type(error).__name__}


def _part(target: Target, state: State, plan: Plan, writer: Writer) -> _Part:
    """All that is written to one target; empty where that is nothing."""
    parts = (_merging(state, plan),) if writer.rules.merge else (
        _text(target, state, plan, writer), _close(target, state, plan, writer), _given(target, plan),
        _merge(target, state, plan), _aside(state, plan),
    )  # fmt: skip
    part = {key: value for one in parts for key, value in one.items()}
    if not part:
        return {}
    base, pull = state.base.name if state.base else "", plan.pull
    return {**part, "base": base, "branch": target.branch, "pull": [pull.number, pull.base] if pull else []}


def _text(target: Target, state: State, plan: Plan, writer: Writer) -> _Part:
    """The commit and what the pull request says; of its description our own part, for people may write around it."""
    if plan.step not in WITH_COMMIT:
        return {}
    changes, left_out = sorted(plan.changes, key=lambda one: one.path), sorted(plan.left_out, key=lambda one: one[0])
    pull = plan.pull and plan.pull._replace(body="")
    bare = replace(plan, pull=pull, changes=tuple(changes), left_out=tuple(left_out))
    texts = writer.texts(target, state, bare, Background(place=True))
    return {
        "step": plan.step, "outcome": plan.outcome,
        "changes": [(*_content(one), one.kind) for one in changes],
        "title": texts.title, "body": texts.body, "message": texts.message, "draft": texts.draft,
        "unlabel": plan.pull.rebuild_label if plan.pull else "",
        "news": [last_sync(state), target.settings.news, state.visibility],
        **_wording(target.settings),
    }  # fmt: skip


def _wording(settings: Settings) -> _Part:
    """What the config says of authors, and of the source's commit; what that says itself is part of no review."""
    quoting = [settings.pr_title, settings.pr_body, settings.commit_message] if settings.quotes_source else []
    wording = {
        "quoting": quoting, "author": settings.commit_author, "signs": settings.sign_off,
        "co_authors": settings.co_authors,
    }  # fmt: skip
    return {name: value for name, value in wording.items() if value}


def _close(target: Target, state: State, plan: Plan, writer: Writer) -> _Part:
    if plan.step != "close":
        return {}
    return {
        "step": plan.step,
        "reason": plan.reason.kind if plan.reason else "",
        "closing": writer.texts(target, state, plan, Background(place=True)).closing,
    }


def _given(target: Target, plan: Plan) -> _Part:
    """What a pull request gets that is new, or never got it."""
    lacks = plan.pull is not None and not plan.pull.decorated and plan.outcome in ("open", "updated")
    if plan.outcome != "created" and not lacks:
        return {}
    wanted = target.settings
    given = {
        "labels": sorted(wanted.pr_labels), "assignees": sorted(wanted.pr_assignees),
        "reviewers": sorted(wanted.pr_reviewers), "teams": sorted(wanted.pr_team_reviewers),
        "milestone": wanted.pr_milestone,
    }  # fmt: skip
    return {name: value for name, value in given.items() if value}


def _merge(target: Target, state: State, plan: Plan) -> _Part:
    """Auto-merge with the method that it will have; or that it is taken away."""
    if plan.pull and plan.pull.auto_merging and plan.undoes:
        return {"merges": False}
    if requests.merges_itself(target, plan.outcome, plan):
        return {"merges": True, "method": requests.merge_method(target, state)}
    return {}


def _merging(state: State, plan: Plan) -> _Part:
    """The pull request that is merged or enqueued, with the head and the method of the merge."""
    if plan.step not in MERGING or plan.pull is None:
        return {}
    return {"step": plan.step, "head": plan.pull.head_oid, "method": state.merging.method if state.merging else ""}


def _aside(state: State, plan: Plan) -> _Part:
    """Branches that an interrupted run left, and pull requests of an older tool."""
    sweeps = sorted(plan.leftovers) if plan.step in ("sweep", "rebuild", "close") else []
    closes = sorted(old.number for old in state.superseded) if plan.outcome in SETTLED else []
    return {name: value for name, value in (("sweeps", sweeps), ("supersedes", closes)) if value}
