"""The workflow that ran BetaHuhn's action, in every form: forks, composite actions, reusable workflows, matrices."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from broadcast.migrate import Migration, SourceList, layout, migrate

SOURCE = "acme/templates"
FILE = ".github/workflows/sync.yml"
CONFIG = "acme/api: [LICENSE]\n"


def migrated(workflow: str, config: str = ".github/sync.yml", number: int = 0, **files: str) -> Migration:
    known = {"LICENSE": "MIT\n", **{path.replace("__", "/") + ".yml": text for path, text in files.items()}}
    listing = SourceList(known, read=known.get)
    return migrate(CONFIG, config, SOURCE, listing, workflow=workflow, workflow_file=FILE, number=number)


def job(*steps: str, more: str = "") -> str:
    return f"on: push\njobs:\n  sync:\n    runs-on: ubuntu-latest\n{more}    steps:\n" + "".join(
        f"      - {one}\n" for one in steps
    )


def said(migration: Migration, key: str) -> list[str]:
    return [str(note) for note in migration.notes if note.key == key]


def use(inputs: str, action: str = "BetaHuhn/repo-file-sync-action@v1", more: str = "") -> str:
    return f"{{uses: {action}, {more}with: {{{inputs}}}}}"


ACTION = """\
inputs:
  people: {default: carol}
  token: {required: true}
runs:
  using: composite
  steps:
    - uses: BetaHuhn/repo-file-sync-action@v1
      with: {GH_PAT: "${{ inputs.token }}", REVIEWERS: "${{ inputs.people }}"}
"""
REUSED = """\
on: {workflow_call: {inputs: {people: {type: string, default: dave}}}}
jobs:
  inner:
    steps:
      - uses: BetaHuhn/repo-file-sync-action@v1
        with: {REVIEWERS: "${{ inputs.people }}"}
"""


@pytest.mark.parametrize(
    ("workflow", "files", "reviewers"),
    [
        (job(use("REVIEWERS: alice")), {}, ["alice"]),
        (job(use("REVIEWERS: alice", "someone/repo-file-sync-action@main")), {}, ["alice"]),
        (job(use("GH_PAT: x, CONFIG_PATH: .github/sync.yml, REVIEWERS: alice", "someone/sync@v2")), {}, ["alice"]),
        (job("{uses: ./.github/actions/sync, with: {people: bob}}"), {".github__actions__sync__action": ACTION}, ["bob"]),
        (job("{uses: ./.github/actions/sync}"), {".github__actions__sync__action": ACTION}, ["carol"]),
        ("jobs: {a: {uses: ./.github/workflows/r.yml, with: {people: bob}}}", {".github__workflows__r": REUSED}, ["bob"]),
        ("jobs: {a: {uses: ./.github/workflows/r.yml}}", {".github__workflows__r": REUSED}, ["dave"]),
        (job(use("REVIEWERS: '${{ env.WHO }}'"), more="    env: {WHO: erin}\n"), {}, ["erin"]),
        (job(use("REVIEWERS: '${{ github.repository_owner }}'")), {}, ["acme"]),
        (job("{uses: BetaHuhn/repo-file-sync-action@v1, env: {REVIEWERS: frank}}"), {}, ["frank"]),
        (job(use("CONFIG_PATH: other.yml, REVIEWERS: x"), use("REVIEWERS: alice")), {}, ["alice"]),
        (job(use("CONFIG_PATH: './.github//sync.yml', REVIEWERS: alice")), {}, ["alice"]),
        (job(use("CONFIG_PATH: '.github/${{ matrix.c }}.yml', REVIEWERS: '${{ matrix.c }}'"),
             more="    strategy: {matrix: {c: [other, sync]}}\n"), {}, ["sync"]),
        (job(use("CONFIG_PATH: '${{ matrix.c.path }}', REVIEWERS: '${{ matrix.c.who }}'"),
             more="    strategy: {matrix: {c: [{path: o.yml, who: o}, {path: .github/sync.yml, who: gina}]}}\n"), {}, ["gina"]),
        (job(use("CONFIG_PATH: '${{ matrix.path }}', REVIEWERS: '${{ matrix.who }}'"),
             more="    strategy: {matrix: {include: [{path: o.yml, who: o}, {path: .github/sync.yml, who: hal}]}}\n"), {}, ["hal"]),
    ],
)  # fmt: skip
def test_the_inputs_are_found(workflow: str, files: dict[str, str], reviewers: list[str]) -> None:
    assert yaml.safe_load(migrated(workflow, **files).text)["pr_reviewers"] == reviewers


def test_an_action_that_uses_itself_ends() -> None:
    action = "runs: {steps: [{uses: ./a}, {uses: BetaHuhn/repo-file-sync-action@v1, with: {REVIEWERS: alice}}]}\n"
    assert "pr_reviewers: [alice]" in migrated(job("{uses: ./a}"), a__action=action).text


def test_notes_on_a_composite_action_name_its_file() -> None:
    found = migrated(
        job("{uses: ./.github/actions/sync, with: {token: x}}"), **{".github__actions__sync__action": ACTION}
    )
    place = ".github/actions/sync/action.yml:8"
    assert said(found, "GH_PAT")[0].startswith(f"{place}: GH_PAT: is the token")


def test_a_fork_is_reported() -> None:
    (note,) = said(migrated(job(use("GH_PAT: x", "someone/repo-file-sync-action@main"))), "uses")
    assert note.startswith(f"{FILE}:6: uses: runs someone/repo-file-sync-action@main, a fork")


def test_of_two_steps_each_gets_an_id_of_its_own_and_the_way_to_the_other_one() -> None:
    workflow = job(use("REVIEWERS: a"), use("REVIEWERS: b"), use("REVIEWERS: c, CONFIG_PATH: conf/sync.yml"))
    found = [migrated(workflow), migrated(workflow, number=2), migrated(workflow, "conf/sync.yml")]
    values = [yaml.safe_load(one.text) for one in found]
    assert [one["pr_reviewers"] for one in values] == [["a"], ["b"], ["c"]]
    assert [one["id"] for one in values] == [f"{SOURCE}.github-sync", f"{SOURCE}.github-sync.2", f"{SOURCE}.conf-sync"]
    same, other = said(found[0], "uses")
    assert f"`broadcast migrate --config .github/sync.yml --workflow '{FILE}#2' > .github/broadcast-2.yml`" in same
    assert f"`broadcast migrate --config conf/sync.yml --workflow {FILE} > .github/broadcast-3.yml`" in other


@pytest.mark.parametrize(
    "expression",
    ["${{ steps.sync.outputs.pull_request_urls }}", "${{ fromJson(steps['sync'].outputs['pull_request_urls'])[0] }}"],
)
def test_an_output_that_is_read_later_is_reported_with_its_new_name(expression: str) -> None:
    later = f'{{run: "echo $URLS", env: {{URLS: "{expression}"}}}}'
    (note,) = said(migrated(job(use("GH_PAT: x", more="id: sync, "), later)), "pull_request_urls")
    assert note == f"{FILE}:7: pull_request_urls: is read here → ours is `pull-request-urls`, a JSON list, too"


def test_outputs_of_other_steps_are_not() -> None:
    later = '{run: "x", env: {URLS: "${{ steps.synced.outputs.pull_request_urls }}"}}'
    assert not said(migrated(job(use("GH_PAT: x", more="id: sync, "), later)), "pull_request_urls")


paths = st.lists(st.sampled_from(["a", "b", "a-b", ".github", "sync", "a.b"]), min_size=1, max_size=3).map("/".join)


@example(files=["a/b.yml", "b.yml", "a-b.yml"])
@given(files=st.lists(paths.map(lambda path: f"{path}.yml"), min_size=2, max_size=4, unique=True))
def test_the_ids_of_several_configs_differ(files: list[str]) -> None:
    ids = [
        layout.id_of(SOURCE, file, [one for one in files if one != file], number) for file in files for number in (0, 2)
    ]
    assert len({one.lower() for one in ids}) == len(ids)


@pytest.mark.parametrize(
    ("config", "did"),
    [
        ("acme/api: [.github/sync.yml]\n", "sends this config itself, .github/sync.yml"),
        ("acme/api: [.github/]\n", "sends this config itself, .github/sync.yml"),
        ("acme/api: [LICENSE]\n", ""),
    ],
)
def test_a_config_that_sends_itself_still_does_and_says_so(config: str, did: str) -> None:
    listing = SourceList(["LICENSE", ".github/sync.yml"])
    found = migrate(config, ".github/sync.yml", SOURCE, listing)
    assert [note.did for note in found.notes if note.key == "source"] == ([did] if did else [])
