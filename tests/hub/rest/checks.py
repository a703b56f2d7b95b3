"""REST: check runs, which only an App may make."""

from __future__ import annotations

from typing import Any

from tests.hub.errors import forbidden, invalid
from tests.hub.git.ids import node_id
from tests.hub.models import CheckRun
from tests.hub.rest.present import when
from tests.hub.rest.routing import Call, Reply, route

MOST = 50  # annotations of one request
ONLY_APPS = "You must authenticate via a GitHub App."
STATES = {"success": "SUCCESS", "neutral": "SUCCESS", "skipped": "SUCCESS"}


@route("POST", "/{repo}/check-runs")
def create_check_run(call: Call) -> Reply:
    name, commit = call.given("name", "head_sha")
    if call.token.kind != "app":
        raise forbidden(ONLY_APPS)
    output = call.body.get("output") or {}
    if commit not in call.repository.objects:
        raise invalid("CheckRun", "head_sha", message=f"No commit found for SHA: {commit}")
    if len(output.get("annotations") or []) > MOST:
        raise invalid("CheckRun", "annotations", message=f"No more than {MOST} items are allowed")
    conclusion, hub = call.body.get("conclusion"), call.hub
    run = CheckRun(hub.next_id(), name, commit, conclusion, output, hub.clock())
    call.repository.check_runs.append(run)
    call.repository.report(commit, name, STATES.get(conclusion, "FAILURE") if conclusion else "PENDING")
    return 201, _check_run(call, run)


def _check_run(call: Call, run: CheckRun) -> dict[str, Any]:
    repo = call.repository
    url = f"{call.hub.url}/repos/{repo.full_name}/check-runs/{run.id}"
    page = f"{call.hub.url}/{repo.full_name}/runs/{run.id}"
    return {
        "id": run.id,
        "node_id": node_id("CR", repo.id, run.id),
        "head_sha": run.head_sha,
        "external_id": "",
        "url": url,
        "html_url": page,
        "details_url": call.body.get("details_url") or page,
        "status": "completed" if run.conclusion else "queued",
        "conclusion": run.conclusion,
        "started_at": when(run.at),
        "completed_at": when(run.at) if run.conclusion else None,
        "output": {
            "title": run.output.get("title"),
            "summary": run.output.get("summary"),
            "text": run.output.get("text"),
            "annotations_count": len(run.output.get("annotations") or []),
            "annotations_url": f"{url}/annotations",
        },
        "name": run.name,
        "check_suite": {"id": run.id},
        "app": None,
        "pull_requests": [],
    }
