"""Hostile names and texts, through whole runs: none of them is a command, a tag, a trailer or another output."""

from __future__ import annotations

import json
import re

import pytest
import yaml

from broadcast.ownership import read_marker
from broadcast.runner.masks import forms_of, lines_of
from tests.hardening.hostile import ESCAPE, TEXTS, commands, is_inert
from tests.markdown import Page, html_of
from tests.world import ROOT, TOKEN

OURS = "broadcast/kit"
NAMES = [f"{at}{text.replace('/', '-')}" for at, text in enumerate(TEXTS)] + [
    "-rf", "--help", "trailing ", "trailing.", "n" * 250, 'x"closed":false', "'; rm -rf ~; '", "$(id)", "`id`",
]  # fmt: skip
FORGED = (
    '<!-- broadcast:marker {"v":1,"id":"kit","source":"acme/templates","config":".github/broadcast.yml","commit":"",'
    '"title":"","digest":"","pairs":[],"closed":true} -->'
)
TAGS = {"p", "a", "code", "table", "thead", "tbody", "tr", "th", "td", "ul", "li"}
CONFIG = "version: 1\nid: kit\ntargets: [acme/api]\ndirectories: [kit]\n"


@pytest.fixture
def api(swift):
    return swift.hub.repository("acme/api", files={"README.md": b"theirs\n"})


def outputs_are_ours(ran) -> bool:
    """Whether every output is there, and nothing else."""
    return set(ran.outputs) == set(yaml.safe_load((ROOT / "action.yml").read_text())["outputs"])


def obeyed(ran) -> set[str]:
    """The commands in the log, but for those that we mean."""
    found = {one for one in commands(ran.log) if one.name not in ("group", "endgroup", "error", "warning")}
    return {f"{one.name} {one.data}" for one in found} - {f"add-mask {form}" for form in forms_of(TOKEN)}


def page(markdown: str) -> Page:
    return Page(html_of(markdown))


def test_hostile_file_names_arrive_and_are_nothing_but_text_everywhere(swift, api):
    swift.write({f"kit/{name}": "x\n" for name in [*NAMES, FORGED]}, CONFIG)
    ran = swift.run(metrics_file="metrics.prom")
    refused = {f"kit/{name}" for name in NAMES if re.search(r"[\x00-\x1f\x7f-\x9f]", name)}
    assert {*api.files(OURS)} == {"README.md", f"kit/{FORGED}", *(f"kit/{name}" for name in NAMES)} - refused
    assert {error["path"] for error in ran.target("acme/api")["file_errors"]} == refused
    assert ran.code == 1
    assert obeyed(ran) == set()
    assert is_inert(ran.log)
    assert outputs_are_ours(ran)
    assert "acme/api" not in (swift.source / "metrics.prom").read_text()  # names are no labels
    body = api.pulls[0].body
    assert {tag.strip("/") for tag in page(body).tags} <= TAGS
    assert set(page(body).cells[0]) == {2}
    assert read_marker(body).digest


def test_a_file_name_that_is_a_marker_changes_nothing_about_whose_the_pull_request_is(swift, api):
    swift.write({f"kit/{FORGED}": "x\n", 'kit/"closed":false': "x\n", "kit/a": "1\n"}, CONFIG)
    assert swift.run().outcomes == {"acme/api": "created"}
    assert swift.run().outcomes == {"acme/api": "open"}
    swift.write({"kit/a": "2\n"})
    assert swift.run().outcomes == {"acme/api": "updated"}
    api.close_pull(1)
    assert swift.run().outcomes == {"acme/api": "declined"}


def test_hostile_answers_are_nothing_but_text(swift):
    answers = {f"acme/t{at}": text for at, text in enumerate(TEXTS)}
    for name, text in answers.items():
        swift.hub.repository(name, files={"README.md": b"theirs\n"})
        swift.hub.fail(
            lambda request, name=name: f'"{name}"' in json.dumps(request.variables), times=99, status=403,
            body={"message": f"no: {text}"},
        )  # fmt: skip
    swift.write({"kit/a": "x\n"}, CONFIG.replace("acme/api", ", ".join(answers)))
    ran = swift.run()
    assert set(ran.outcomes.values()) == {"failed"}
    assert all("no: " in one["reason"] for one in ran.results["targets"])
    assert obeyed(ran) == set()
    assert is_inert(ran.log)
    assert outputs_are_ours(ran)
    assert "img" not in page(ran.summary).tags


def test_a_hostile_opt_out_is_nothing_but_text(swift):
    text = "\n".join(f"[{one}" for one in TEXTS).encode()
    swift.hub.repository("acme/api", files={".broadcastignore": text})
    swift.write({"kit/a": "x\n"}, CONFIG)
    ran = swift.run()
    assert ran.outcomes == {"acme/api": "created"}
    assert "can't be parsed" in ran.log
    assert obeyed(ran) == set()
    assert is_inert(ran.log)


def test_hostile_titles_labels_and_groups_are_nothing_but_text(swift):
    groups = [
        {
            "name": text, "id": text, "targets": [f"acme/t{at}"], "directories": [{"src": "kit"}], "pr_labels": [text],
            "pr_reviewers": [text.lstrip("@")], "pr_title": text.replace("{", "{{").replace("}", "}}"),
        }
        for at, text in enumerate(text for text in TEXTS if is_inert(text) and "\n" not in text)
    ]  # fmt: skip
    for group in groups:
        swift.hub.repository(group["targets"][0], files={"README.md": b"theirs\n"})
    swift.write({"kit/a": "x\n"}, json.dumps({"version": 1, "id": "kit", "groups": groups}))
    ran = swift.run()
    assert set(ran.outcomes.values()) == {"created"}, ran.log
    assert obeyed(ran) == set()
    assert is_inert(ran.log)
    assert "img" not in page(ran.summary).tags


@pytest.mark.parametrize("name", ["fixes-#1", "GH-1", "acme/api#1", "a@octocat", "<img/src=x>", "`a`|b"])
def test_a_hostile_default_branch_is_nothing_but_text(swift, name):
    api = swift.hub.repository("acme/api", files={"README.md": b"theirs\n"}, default_branch=name)
    said = "".join(f"{key}: 'closes {{base}}'\n" for key in ("pr_title", "pr_body", "commit_message"))
    swift.write({"kit/a": "x\n"}, CONFIG + said)
    assert swift.run().outcomes == {"acme/api": "created"}
    (pull,) = api.pulls
    message = api.git("log", "-1", "--format=%B", OURS)
    for text in (pull.title, pull.body, message.partition("\n")[0]):
        assert not re.search(r"#\d|GH-\d|@\w", text)
    assert {tag.strip("/") for tag in page(pull.body).tags} <= TAGS
    assert page(pull.body).text.replace("\u2060", "").lstrip().startswith(f"closes {name}")
    assert swift.run().outcomes == {"acme/api": "open"}


@pytest.mark.parametrize("key", ["id", "owner", "repo", "branch", "src", "dest", "exclude", "remove", "x\n::error::y"])
def test_a_hostile_value_that_is_refused_is_reported_as_text(swift, key):
    text = f"..{ESCAPE}\n::add-mask::a ##[add-path]b <img src=x>"
    shapes = {
        "id": {"id": text}, "owner": {"targets": [{"owner": text}]}, "repo": {"targets": [text]},
        "branch": {"targets": [{"repo": "acme/api", "branch": text}]}, "src": {"files": [text]},
        "dest": {"files": [{"src": "a", "dest": text}]}, "exclude": {"directories": [{"src": "kit", "exclude": [f"[{text}"]}]},
        "remove": {"remove": [text]},
    }  # fmt: skip
    said = {"version": 1, "targets": ["acme/api"], "directories": ["kit"]} | shapes.get(key, {key: 1})
    swift.write({"kit/a": "x\n"}, json.dumps(said))
    ran = swift.run()
    assert ran.code == 2
    assert obeyed(ran) == set()
    assert is_inert(ran.log)
    assert "img" not in page(ran.summary).tags


def test_a_token_that_an_answer_or_a_file_name_repeats_is_masked_everywhere(swift, api):
    swift.write({"kit/a": "x\n", f"kit/{TOKEN}\x07": "x\n"}, CONFIG)
    swift.hub.fail(
        lambda request: request.kind == "graphql mutation", times=99, status=403,
        body={"message": f"the token {TOKEN} may not"},
    )  # fmt: skip
    ran = swift.run(metrics_file="metrics.prom", results_file="results.json")
    assert "the token *** may not" in ran.target("acme/api")["reason"]
    told = [
        ran.summary,
        json.dumps(ran.outputs),
        *((swift.source / name).read_text() for name in ("metrics.prom", "results.json")),
    ]
    assert not any(line in text for text in told for line in lines_of(TOKEN))
