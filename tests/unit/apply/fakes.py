"""A GitHub that answers what a test says, and a task to send to it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from broadcast.apply.task import Task, Texts
from broadcast.github.client import GraphQLAnswer
from broadcast.observe.state import Branch, Located, Pull, State
from broadcast.plan.plan import Plan
from tests.unit.plan.test_guards import change

BASE, OURS, NEW = "b" * 40, "a" * 40, "c" * 40
PULL = {"id": "PR_1", "number": 1, "url": "https://x/1", "state": "OPEN"}
DONE = GraphQLAnswer({"pull": {"pullRequest": PULL}, "commit": {"commit": {"oid": NEW}}, "refs": {}}, [])
REST_PULL = {"node_id": "PR_1", "number": 1, "html_url": "https://x/1", "state": "open"}


class GitHub:
    """Takes the given answers one after the other; an answer that is an exception is raised."""

    def __init__(self, *answers: Any) -> None:
        self.answers, self.sent, self.waited = list(answers), [], []
        self.pace = SimpleNamespace(pause=self.waited.append)

    def mutate(self, document: str, variables: dict[str, Any], scope: object) -> GraphQLAnswer:
        return self._next((document.partition("(")[0].rsplit(maxsplit=1)[-1], variables))

    def write(self, verb: str, path: str, body: Any, scope: object, *, repeatable: bool = False) -> Any:
        return self._next((verb, path.removeprefix("/repos/acme/api/"), body))

    def get(self, path: str, scope: object, *, may_be_absent: bool = False) -> Any:
        return self._next(("GET", path.removeprefix("/repos/acme/api/"), None))

    def _next(self, call: tuple[Any, ...]) -> Any:
        self.sent.append(call)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer

    @property
    def names(self) -> list[str]:
        """What was called, without what was sent."""
        return [" ".join(call[:2]) if len(call) == 3 else call[0] for call in self.sent]


def refused(path: str = "", kind: str = "", message: str = "no", data: dict[str, Any] | None = None) -> GraphQLAnswer:
    """An answer with one error, at the root field `path`."""
    error = {"path": [path] if path else [], "type": kind, "message": message, "extensions": {}}
    return GraphQLAnswer({**(DONE.data if data is None else data)}, [error])


def opened(**more: Any) -> Pull:
    """An open pull request of ours."""
    values = {"id": "PR_1", "number": 1, "url": "https://x/1", "state": "OPEN", "title": "t", "body": "text"}
    found = Pull(
        **values, head_oid=OURS, base="main", conflicting=False, queued=False, created_at="", updated_at="", marker=None
    )
    return found._replace(**more)


def task(step: str = "create", *changes: Any, ours: str = OURS, pull: Pull | None = None, **more: Any) -> Task:
    """What is written to acme/api; `more` is of the state or of the task."""
    own = {name: more.pop(name) for name in [*more] if name in Task._fields}
    plan = Plan(step, "created", changes=changes or (change("a"),), pull=pull, leftovers=more.pop("leftovers", ()))
    heads = {"base": Branch("main", Located(BASE, "d" * 40, {})), "ours": Branch("ours", Located(ours, "d" * 40, {}))}
    if not ours:
        heads["ours"] = None
    state = State("R_1", "acme/api", archived=False, disabled=False, permission=None, labels={}, **{**heads, **more})
    values = {
        "label": "acme/api", "branch": "ours", "scratch": "scratch", "state": state, "plan": plan,
        "texts": Texts("t", "body", "headline\n\nrest", draft=False, closing="bye"), "read": lambda _: b"text",
        "payload": 4, "uploaded": set(), "notes": [],
    }  # fmt: skip
    return Task(**{**values, **own})
