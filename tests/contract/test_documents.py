"""Every GraphQL document the product sends is one that GitHub's published schema allows."""

from __future__ import annotations

import pytest
from graphql import parse, validate
from graphql.utilities import coerce_input_value, type_from_ast

from broadcast.apply import commits, edits, metadata, mutations
from broadcast.config.parse import parse as parse_config
from broadcast.config.targets import resolve
from broadcast.github.questions import Question, document
from broadcast.observe import (
    contents,
    dashboard,
    history,
    merged,
    merging,
    orphans,
    pull_requests,
    repository,
    selection,
    trees,
    twins,
    updates,
)
from broadcast.observe.repository import Details
from tests.hub import Symlink
from tests.integration.test_main_job import FILES, behind, config
from tests.unit.plan.test_plan import Model

pytestmark = pytest.mark.network

WRITTEN = {name: getattr(mutations, name) for name in dir(mutations) if name.isupper() and name[0] != "_"} | {
    "decorate": mutations.decorate(["l0", "a1", "p2", "r3", "m4", "l5"])
}
CONFIG = parse_config("version: 1\ntargets: [acme/api]\nfiles: [a]\n", "c.yml", "acme/templates")
(CONFIG_TARGET,), _ = resolve(CONFIG, "acme/templates", {})
SEARCHES = orphans.searches(CONFIG, {"acme": True}, "author:@me", anywhere=True)
ASKED = {
    "search": SEARCHES[0],
    "search of a later page": orphans.next_page(SEARCHES[1], {"pageInfo": {"hasNextPage": True, "endCursor": "Y3Vy"}}),
    "look": repository.select_repository(
        "acme",
        "api",
        base=None,
        branches=("broadcast/x", "broadcast/x+scratch"),
        roots=("a", 'b"c\\d'),
        details=Details(("sync",), "1.0", True, True),
    ),
    "look at a base": repository.select_repository(
        "acme",
        "api",
        base="release/2",
        branches=("broadcast/x", "broadcast/x+scratch"),
        roots=(".",),
        details=Details((), "", False, False),
    ),
    "pulls": pull_requests.select_pulls("acme", "api", "broadcast/x", "main", decorated=False),
    "pulls and a scratch branch": pull_requests.select_pulls(
        "acme", "api", "broadcast/x", "main", decorated=False, scratch=("broadcast/x+scratch", "broadcast/x+scratch-1")
    ),
    "decorated pulls": pull_requests.select_pulls("acme", "api", "broadcast/x", "main", decorated=True),
    "paths": repository.select_paths("acme", "api", {"base": ("0" * 40, ["a/b"]), "ours": ("1" * 40, ["a/b", "c"])}),
    "look with probes and facts": repository.select_repository(
        "acme",
        "api",
        base=None,
        branches=("broadcast/x", "broadcast/x+scratch"),
        roots=("a",),
        details=Details((), "", False, False, ["b", "c/d"], True),
    ),
    "names": Question("acme", "api", "id", extra=twins.select_names("0" * 40, [".", "a", "b/c"])),
    "had": history.select_had("acme", "api", "release/2", ["a", "b/c"]),
    "versions": history.select_versions("acme", "templates", "0" * 40, ["a", "b/c"]),
    "versions of the default branch": history.select_versions("acme", "templates", "", ["a"]),
    "last": edits.select_losses(edits.Loss(None, CONFIG.targets[0], "0" * 40, ("a", "b/c"))),
    "added": updates.select_added("acme", "api", "main", "broadcast/x"),
    "log": commits.select_log("acme", "templates", "0" * 40),
    "touching": commits.select_touching("acme", "templates", "0" * 40, ["a", "b/c"]),
    "blobs": contents.select_blobs("acme", "api", ["0" * 40, "1" * 40]),
    "merged": merged.select_merged(CONFIG_TARGET, ""),
    "a later page of merged": merged.select_merged(CONFIG_TARGET, "Y3Vy"),
    "status": merging.select_status(Model({}).state()),
    "dashboard": Question("acme", "templates", dashboard.select()),
    "dashboard by who made it": Question("acme", "templates", dashboard.select_made("broadcast[bot]")),
    "edits of the dashboard": Question("acme", "templates", dashboard.select_edits(7)),
    "trees": trees.select_trees("acme", "api", {"0" * 40: 1, "1" * 40: 9}),
}


@pytest.mark.parametrize("name", WRITTEN)
def test_a_mutation_is_valid_for_github(github_schema, name):
    assert validate(github_schema, parse(WRITTEN[name])) == []


@pytest.mark.parametrize("name", ASKED)
def test_a_query_is_valid_for_github(github_schema, name):
    assert validate(github_schema, parse(document([ASKED[name]]))) == []


def test_the_question_for_repositories_is_valid_for_github(github_schema):
    assert validate(github_schema, parse(selection.REPOSITORIES)) == []


def test_the_question_for_the_viewer_is_valid_for_github(github_schema):
    assert validate(github_schema, parse(dashboard.VIEWER)) == []


def test_the_question_for_people_is_valid_for_github(github_schema):
    for me in (True, False):
        assert validate(github_schema, parse(metadata.select_people(["sam", "acme/platform"], me=me))) == []


def test_questions_of_all_kinds_fit_in_one_document(github_schema):
    assert validate(github_schema, parse(document(list(ASKED.values())))) == []


def test_what_a_whole_life_of_pull_requests_sends_is_valid_with_its_variables(world, github_schema):
    """Created by both ways, updated, described, closed: the documents as they went over the wire."""
    world.write(FILES, config("acme/api", "acme/link", more="pr_labels: [sync]\n"))
    api = world.hub.repository("acme/api", files=behind(), labels=["sync"])
    world.hub.repository("acme/link", files={".github/CODEOWNERS": Symlink("x")})
    sent = []
    for step in ("create", "update", "close"):
        if step == "update":
            world.write({"templates/.github/CODEOWNERS": "* @acme/other\n"})
        if step == "close":
            api.commit({path: api.files(api.pulls[0].head)[path][1] for path in api.files(api.pulls[0].head)})
        world.run()
        sent += [request for request in world.hub.requests if request.document]
    assert len(sent) >= 8
    for request in sent:
        parsed = parse(request.document)
        assert validate(github_schema, parsed) == []
        for variable in parsed.definitions[0].variable_definitions or ():
            kind = type_from_ast(github_schema, variable.type)
            coerce_input_value(request.variables[variable.variable.name.value], kind)
