"""Content that differs by target: templates and replacements, from the config to the merged pull request."""

from __future__ import annotations

import json

import pytest

from tests.hub import File, Symlink
from tests.integration.test_main_job import changed
from tests.world import git

OURS = "broadcast/acme/templates"
README = {"README.md": b"theirs\n"}


def later(swift, **inputs: str):
    """One more run, a minute after whatever came before."""
    swift.hub.clock.advance(60)
    return swift.run(**inputs)


def rests(swift, *names: str, outcome: str = "in_sync"):
    """A run that writes nothing."""
    ran = later(swift)
    assert ran.outcomes == dict.fromkeys(names or ["acme/api"], outcome), ran.log
    assert not [request for request in swift.hub.requests if request.writes]
    return ran


TEMPLATE = b"# [[ target.name ]]\r\n[% if CI %]\r\n  run: ${{ github.token }} {{ x }}\r\n[% endif %]\r\n[[ TEAM ]]"


@pytest.mark.parametrize("strategy", ["auto", "rest"])
def test_a_template_arrives_rendered_and_rests_when_it_is_merged(swift, strategy):
    config = """\
version: 1
vars: {TEAM: core, CI: "1"}
targets: [acme/api, {repo: acme/web, vars: {TEAM: front}}]
files: [{src: t, dest: .github/t.yml, template: true}]
"""
    swift.write({"t": TEMPLATE}, config)
    repos = [swift.hub.repository(f"acme/{name}", files=README) for name in ("api", "web")]
    assert set(later(swift, write_strategy=strategy).outcomes.values()) == {"created"}
    for repo, name, team in zip(repos, (b"api", b"web"), (b"core", b"front"), strict=True):
        expected = b"# " + name + b"\r\n  run: ${{ github.token }} {{ x }}\r\n" + team
        assert repo.files(OURS)[".github/t.yml"] == (0o100644, expected)
    rests(swift, "acme/api", "acme/web", outcome="open")
    for repo in repos:
        repo.merge_pull(1, delete_branch=True)
    rests(swift, "acme/api", "acme/web")


REFERENCES = {
    "kit/ci.yml": b"uses: acme/templates/.github/workflows/x.yml@v1 # ${{ '{{NAME}}' }}\n",
    "kit/go.mod": b"module github.com/acme/templates/v2 // {{NAME}} ${OTHER}\n",
    "kit/old": b"acme/templates-old [[ x ]]\r\nno end",
    "kit/bin": bytes(range(256)) + b"{{NAME}}",
    "kit/run.sh": b"#!/bin/sh\necho ${NAME}\n",
}


def test_replacements_touch_only_what_they_name_and_keep_modes_and_links(swift):
    config = "version: 1\ntargets: [acme/api]\ndirectories: [{src: kit, dest: ., transform: {repo_name: true, variables: {NAME: it}}}]\n"
    swift.write(REFERENCES)
    (swift.source / "kit/run.sh").chmod(0o755)
    (swift.source / "kit/{{NAME}}").symlink_to("run.sh")
    swift.write({}, config)
    api = swift.hub.repository("acme/api", files=README)
    assert later(swift).code == 0
    assert api.files(OURS) == {
        "README.md": (0o100644, b"theirs\n"),
        "ci.yml": (0o100644, b"uses: acme/api/.github/workflows/x.yml@v1 # ${{ '{{NAME}}' }}\n"),
        "go.mod": (0o100644, b"module github.com/acme/api/v2 // it ${OTHER}\n"),
        "old": (0o100644, REFERENCES["kit/old"]),
        "bin": (0o100644, REFERENCES["kit/bin"]),
        "run.sh": (0o100755, b"#!/bin/sh\necho it\n"),
        "{{NAME}}": (0o120000, b"run.sh"),
    }
    api.merge_pull(1, delete_branch=True)
    rests(swift)


def test_what_does_not_opt_in_is_never_changed_however_its_neighbours_are(swift):
    odd = {
        "kit/x": b"[[ x ]] {{ x }} ${{ y }} {{NAME}} acme/templates\r\n",
        "kit/y": b"\xef\xbb\xbf\0[% if %]",
        "kit/z": b"\xff",
    }
    config = "version: 1\nvars: {x: 1}\ntargets: [acme/api]\nfiles: [{src: t, template: true, transform: {variables: {NAME: 1}}}]\ndirectories: [kit]\n"
    swift.write({**odd, "t": "[[ x ]]{{NAME}}"}, config)
    api = swift.hub.repository("acme/api", files=README)
    later(swift)
    assert {path: content for path, (_, content) in api.files(OURS).items()} == {**README, **odd, "t": b"11"}


# What can't be rendered

BAD = ["\n[[ TEAMS ]]", "\n[% if TEAM %]"]
SAYS = {BAD[0]: "kit/bad:2:4: TEAMS has no value", BAD[1]: "kit/bad:2:12: Unexpected end of template"}


def broken(swift, text: str, mode: str, held):
    config = f"version: 1\nvars: {{TEAM: core}}\ntargets: [acme/api]\ndirectories: [{{src: kit, template: true, mode: {mode}}}]\n"
    swift.write({"kit/bad": text, "kit/sub/good": "[[ TEAM ]]"}, config)
    return swift.hub.repository("acme/api", files={**README, **held})


@pytest.mark.parametrize("text", BAD)
@pytest.mark.parametrize("mode", ["copy", "prune", "mirror", "seed"])
def test_what_fails_to_render_stays_as_the_target_has_it_and_the_rest_goes_on(swift, text, mode):
    api = broken(swift, text, mode, {"kit/bad": b"as it was"})
    ran = later(swift)
    assert (ran.code, ran.outcomes) == (1, {"acme/api": "created"})
    assert changed(api, OURS) == {"kit/sub/good": "A"}
    (error,) = ran.target("acme/api")["file_errors"]
    assert (error["path"], error["reason"][:19]) == ("kit/bad", "can't be rendered: ")
    assert SAYS[text] in error["reason"]
    assert "Left out: `kit/bad` — can't be rendered: kit/bad:2:" in api.pulls[0].body.replace("\u2060", "")
    assert "kit/bad" in ran.summary
    assert "can't be rendered: kit/bad:2:" in ran.summary.replace("\\", "")
    assert "did you mean TEAM?" in ran.summary or text != BAD[0]


@pytest.mark.parametrize("mode", ["copy", "mirror"])
@pytest.mark.parametrize("before", [{}, {"kit/bad": b"as it was"}])
def test_a_template_that_fails_inside_of_a_directory_in_step_fails_the_run_and_writes_nothing(swift, mode, before):
    broken(swift, BAD[0], mode, {"kit/sub/good": b"core", **before})
    for _ in range(2):
        assert rests(swift, outcome="incomplete").code == 1


def test_once_the_template_is_mended_the_file_is_sent(swift):
    api = broken(swift, BAD[0], "mirror", {"kit/bad": b"as it was"})
    later(swift)
    swift.write({"kit/bad": "[[ TEAM ]]!"})
    ran = later(swift)
    assert (ran.code, ran.outcomes) == (0, {"acme/api": "updated"})
    assert api.files(OURS)["kit/bad"][1] == b"core!"


def test_a_template_that_fails_for_one_target_fails_for_that_one_alone(swift):
    config = (
        "version: 1\ntargets: [acme/api, {repo: acme/web, vars: {TEAM: front}}]\nfiles: [{src: t, template: true}]\n"
    )
    swift.write({"t": "[[ TEAM ]]"}, config)
    api, web = (swift.hub.repository(f"acme/{name}", files=README) for name in ("api", "web"))
    ran = later(swift)
    assert (ran.code, ran.outcomes) == (1, {"acme/api": "incomplete", "acme/web": "created"})
    assert (len(api.pulls), web.files(OURS)["t"][1]) == (0, b"front")


def test_check_distinguishes_an_error_from_drift(swift):
    broken(swift, BAD[0], "copy", {"kit/sub/good": b"core"})
    assert later(swift, command="check").code == 1
    swift.write({"kit/bad": "[[ TEAM ]]"})
    assert later(swift, command="check").code == 3


# What facts and renderings cost


@pytest.mark.parametrize("template", ["false", "true"])
def test_a_hundred_targets_in_step_cost_the_same_with_and_without_templates(swift, template):
    names = [f"acme/t{n}" for n in range(100)]
    config = f"version: 1\ntargets: [{', '.join(names)}]\ndirectories: [{{src: kit, template: {template}}}]\n"
    files = {"kit/name": "[[ target.name ]] of [[ target.topics | join(' ') ]]\n", "kit/plain": "plain\n"}
    swift.write(files, config)
    for n, name in enumerate(names):
        made = f"t{n} of x y\n" if template == "true" else files["kit/name"]
        swift.hub.repository(name, files={"kit/name": made.encode(), "kit/plain": b"plain\n"}, topics=["x", "y"])
    for _ in range(2):
        rests(swift, *names)
        assert swift.hub.calls().keys() == {"graphql query"}
        assert swift.hub.calls().total() <= 4  # as without templates; batches grow as fast as the machine lets them


def test_a_renamed_repository_is_rendered_with_its_new_name(swift):
    swift.write(
        {"t": "[[ target.full_name ]] acme/templates"},
        "version: 1\ntargets: [acme/old]\nfiles: [{src: t, template: true, transform: {repo_name: true}}]\n",
    )
    api = swift.hub.repository("acme/old", files=README)
    swift.hub.rename("acme/old", "acme/new")
    later(swift)
    assert api.files(OURS)["t"][1] == b"acme/new acme/new"


def test_topics_and_the_default_branch_are_those_of_the_target(swift):
    text = "[[ target.topics | join(',') ]] [[ target.default_branch ]] [[ target.base ]]"
    swift.write({"t": text}, "version: 1\ntargets: [acme/api, acme/api@v2]\nfiles: [{src: t, template: true}]\n")
    api = swift.hub.repository("acme/api", files=README, default_branch="trunk", topics=["go", "oss"])
    api.commit({"v2": b""}, branch="v2")
    later(swift)
    assert api.files(OURS)["t"][1] == b"go,oss trunk trunk"
    assert api.files(f"{OURS}@v2")["t"][1] == b"go,oss trunk v2"


def test_a_rendered_blob_is_uploaded_once_to_each_repository(swift):
    big = "[[ target.name ]]" + "x" * (2 * 1024 * 1024)  # more than a tree takes inline
    swift.write({"a": big, "b": big}, "version: 1\ntargets: [acme/api, acme/api@v2]\nfiles: [{src: a, template: true}, {src: b, template: true}]\n")  # fmt: skip
    api = swift.hub.repository("acme/api", files=README)
    api.commit({"v2": b""}, branch="v2")
    assert set(later(swift, write_strategy="rest").outcomes.values()) == {"created"}
    assert [request.path for request in swift.hub.requests].count("/repos/acme/api/git/blobs") == 1


def test_a_plan_says_the_same_of_rendered_files_as_the_run_that_follows(swift):
    swift.write({"t": "[[ target.name ]]"}, "version: 1\ntargets: [acme/api]\nfiles: [{src: t, template: true}]\n")
    swift.hub.repository("acme/api", files={"t": b"old"})
    planned = later(swift, command="plan").results
    assert planned["targets"][0]["files"] == {"added": 0, "changed": 1, "deleted": 0}
    assert later(swift, expect_plan=planned["plan_digest"]).outcomes == {"acme/api": "created"}
    assert "[[" not in json.dumps(planned["targets"])


def test_a_template_runs_in_the_real_entrypoint_too(world):
    world.write({"t": "[[ target.name ]]"}, "version: 1\ntargets: [acme/api]\nfiles: [{src: t, template: true}]\n")
    (world.source / "t").chmod(0o755)
    world.write({})
    api = world.hub.repository("acme/api", files={"t": File(b"api", 0o100644), "l": Symlink("t")})
    ran = world.run()
    assert (ran.code, ran.outcomes) == (0, {"acme/api": "created"})
    assert api.files(OURS)["t"] == (0o100755, b"api")
    assert git(api.path, "diff-tree", "-r", "--name-only", "main", OURS).split() == ["t"]
