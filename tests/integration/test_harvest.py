"""`harvest` shows what people improved in targets, grouped by equal edits."""

from __future__ import annotations

import pytest

from tests.integration.test_modes import publish
from tests.integration.test_people import later
from tests.markdown import html_of
from tests.world import Ran

CI = "".join(f"step {number}\n" for number in range(1, 13))
BETTER = CI.replace("step 6\n", "step 6, pinned\n")
ANN = ("Ann", "ann@example.com")


def config(entry: str, *names: str) -> str:
    return f"version: 1\ntargets: [{', '.join(names or ['acme/api'])}]\nfiles: [{entry}]\n"


def sent(swift, files: dict, entry: str, *names: str, held: dict | None = None, **settings):
    """Targets that have merged the source's files."""
    names = names or ("acme/api",)
    swift.write(files, config(entry, *names))
    publish(swift)
    targets = [swift.hub.repository(name, files={"README.md": b"t\n"} | (held or {}), **settings) for name in names]
    later(swift)
    for one in targets:
        one.merge_pull(1)
    return targets if len(names) > 1 else targets[0]


def harvested(swift, **inputs: str) -> Ran:
    """A run that only looks."""
    ran = later(swift, command="harvest", **inputs)
    assert not [request for request in swift.hub.requests if request.writes]
    assert ran.code == 0, ran.log
    return ran


def edits(swift, **inputs: str) -> list[dict]:
    return harvested(swift, **inputs).results["harvest"]["edits"]


def changes(edit: dict) -> list[str]:
    """The lines that a diff adds and removes."""
    return [line for line in edit["diff"].splitlines() if line[0] in "+-"]


def test_the_same_edit_of_several_repositories_is_shown_once(swift):
    names = ("acme/api", "acme/web", "acme/cli", "acme/old")
    api, web, cli, old = sent(swift, {"kit/ci.yml": CI}, "{src: kit/ci.yml, dest: ci.yml}", *names)
    for one in (api, web):
        one.commit({"ci.yml": BETTER.encode()}, author=ANN)
    cli.commit({"ci.yml": b"other\n" + CI.encode()})
    old.commit({"ci.yml": None})
    ran = harvested(swift)
    one, other = ran.results["harvest"]["edits"]
    assert one["path"] == "kit/ci.yml"
    assert one["places"] == [{"target": "acme/api", "path": "ci.yml"}, {"target": "acme/web", "path": "ci.yml"}]
    assert changes(one) == ["-step 6", "+step 6, pinned"]
    assert (one["who"], one["known"]) == (["Ann"], True)
    assert [place["target"] for place in other["places"]] == ["acme/cli"]
    assert "kit/ci.yml: the same edit in 2 repositories: acme/api, acme/web (+1 -1 lines)" in ran.log
    assert "    +step 6, pinned" in ran.log
    assert "2 edits of 1 file in 3 repositories" in ran.summary
    assert "+step 6, pinned" in ran.summary


def test_nothing_to_harvest_where_all_is_in_step(swift):
    sent(swift, {"ci.yml": CI}, "ci.yml")
    ran = harvested(swift)
    assert ran.results["harvest"] == {"edits": [], "total": 0, "unable": [], "written": [], "withheld": []}
    assert "Nothing to harvest" in ran.log


def test_an_older_version_is_no_edit(swift):
    sent(swift, {"ci.yml": CI}, "ci.yml")
    swift.write({"ci.yml": BETTER})
    publish(swift)
    assert edits(swift) == []


@pytest.mark.parametrize("more", ["", ", header: 'from {source}'", ", transform: {variables: {X: '1'}}"])
def test_an_edit_of_an_older_version_is_carried_to_todays(swift, more):
    text = CI.replace("step 9", "step ${X}")
    api = sent(swift, {"ci.py": text}, f"{{src: ci.py{more}}}")
    theirs = api.files()["ci.py"][1].replace(b"step 6\n", b"step 6, pinned\n")
    api.commit({"ci.py": theirs})
    swift.write({"ci.py": text.replace("step 2\n", "step 2, ours\n")})
    publish(swift)
    (edit,) = edits(swift)
    assert changes(edit) == ["-step 6", "+step 6, pinned"]
    assert edit["known"]


def test_the_first_line_below_a_header_can_be_edited(swift):
    api = sent(swift, {"ci.py": CI}, "{src: ci.py, header: 'from {source}'}")
    api.commit({"ci.py": api.files()["ci.py"][1].replace(b"step 1\n", b"step one\n")})
    (edit,) = edits(swift)
    assert changes(edit) == ["-step 1", "+step one"]


def test_what_a_merged_pull_request_of_ours_brought_is_no_edit(swift):
    api = sent(swift, {"ci.yml": "[[ target.name ]]\n" + CI}, "{src: ci.yml, template: true}")
    swift.write({"ci.yml": "[[ target.owner ]]\n" + CI})
    publish(swift)
    assert edits(swift) == []
    assert api.files()["ci.yml"][1].startswith(b"api\n")


def test_an_edit_of_a_template_lands_in_the_template(swift):
    text = "name: [[ target.name ]]\n" + CI
    api, web = sent(swift, {"ci.yml": text}, "{src: ci.yml, template: true}", "acme/api", "acme/web")
    api.commit({"ci.yml": f"name: api\n{BETTER}".encode()})
    web.commit({"ci.yml": f"name: web\n{BETTER}".encode()})
    (edit,) = edits(swift)
    assert changes(edit) == ["-step 6", "+step 6, pinned"]
    assert len(edit["places"]) == 2


@pytest.mark.parametrize("theirs", ["name: other\n" + CI, "name: api\n" + CI + "[[ target.owner ]]\n"])
def test_an_edit_of_what_a_template_fills_in_cant_be_carried_back(swift, theirs):
    api = sent(swift, {"ci.yml": "name: [[ target.name ]]\n" + CI}, "{src: ci.yml, template: true}")
    api.commit({"ci.yml": theirs.encode()})
    ran = harvested(swift)
    assert ran.results["harvest"]["edits"] == []
    (one,) = ran.results["harvest"]["unable"]
    assert (one["path"], one["target"]) == ("ci.yml", "acme/api")
    assert "it touches what the source fills in for each target" in one["reason"]
    assert "can't be carried back" in ran.log
    assert "touches what the source fills in" in ran.summary


def test_lines_that_both_changed_cant_be_carried_back(swift):
    api = sent(swift, {"ci.yml": CI}, "ci.yml")
    api.commit({"ci.yml": BETTER.encode()})
    swift.write({"ci.yml": CI.replace("step 6\n", "step six\n")})
    publish(swift)
    (one,) = harvested(swift).results["harvest"]["unable"]
    assert one["reason"].startswith("line 6: the source has changed the same lines since")


def test_a_file_that_never_came_from_here_is_shown_last_and_said_to_be_so(swift):
    names = ("acme/api", "acme/web", "acme/cli")
    swift.write({"ci.yml": CI}, config("ci.yml", *names))
    publish(swift)
    for name in names[:2]:
        swift.hub.repository(name, files={"ci.yml": b"their own\n"})
    cli = swift.hub.repository(names[2], files={"README.md": b"t\n"})
    later(swift)
    cli.merge_pull(1)
    cli.commit({"ci.yml": BETTER.encode()})
    ran = harvested(swift)
    assert [(edit["known"], len(edit["places"])) for edit in ran.results["harvest"]["edits"]] == [(True, 1), (False, 2)]
    assert "no version of the source is known that it comes from" in ran.log


def test_what_people_changed_in_a_block(swift):
    api = sent(swift, {"own.txt": CI}, "{src: own.txt, dest: Makefile, mode: block}", held={"Makefile": b"all:\n"})
    text = api.files()["Makefile"][1]
    api.commit({"Makefile": b"first:\n" + text.replace(b"step 6\n", b"step 6, pinned\n")}, author=ANN)
    (edit,) = edits(swift)
    assert (edit["path"], changes(edit), edit["who"]) == ("own.txt", ["-step 6", "+step 6, pinned"], ["Ann"])
    swift.write({"own.txt": CI.replace("step 2\n", "step 2, ours\n")})
    publish(swift)
    (edit,) = edits(swift)
    assert changes(edit) == ["-step 6", "+step 6, pinned"]


def test_an_older_block_is_no_edit(swift):
    api = sent(swift, {"own.txt": CI}, "{src: own.txt, dest: Makefile, mode: block}", held={"Makefile": b"all:\n"})
    swift.write({"own.txt": BETTER})
    publish(swift)
    api.commit({"Makefile": b"first:\n" + api.files()["Makefile"][1]})
    assert edits(swift) == []


KEYS = '{\n    "a": 1,\n    "b": {"c": 2, "d": 3}\n}\n'


def test_what_people_changed_in_keys_keeps_the_form_of_the_source(swift):
    api = sent(swift, {"own.json": KEYS}, "{src: own.json, mode: keys}", held={"own.json": b'{"x": 1}\n'})
    api.commit({"own.json": b'{"x": 2, "a": 1, "b": {"c": 7, "d": 3}, "y": 5}\n'}, author=ANN)
    (edit,) = edits(swift)
    assert changes(edit) == ['-    "b": {"c": 2, "d": 3}', '+    "b": {"c": 7, "d": 3}']
    assert edit["who"] == ["Ann"]


def test_an_older_value_of_a_key_is_no_edit(swift):
    api = sent(swift, {"own.json": KEYS}, "{src: own.json, mode: keys}", held={"own.json": b'{"x": 1}\n'})
    swift.write({"own.json": KEYS.replace('"a": 1', '"a": 9')})
    publish(swift)
    assert edits(swift) == []
    api.commit({"own.json": b'{"x": 2, "a": 1, "b": {"c": 7, "d": 3}}\n'})
    (edit,) = edits(swift)
    assert changes(edit) == ['-    "b": {"c": 2, "d": 3}', '+    "b": {"c": 7, "d": 3}']


def test_a_merged_file_is_offered_only_if_it_is_named(swift):
    api = sent(swift, {"conf.txt": CI}, "{src: conf.txt, mode: merge}")
    api.commit({"conf.txt": BETTER.encode()}, author=ANN)
    assert edits(swift) == []
    (edit,) = edits(swift, path="conf.txt")
    assert changes(edit) == ["-step 6", "+step 6, pinned"]


def test_a_path_is_named_as_the_source_or_as_the_targets_have_it(swift):
    api = sent(swift, {"a.txt": CI, "kit/b.txt": CI}, "a.txt, {src: kit/b.txt, dest: b.txt}")
    api.commit({"a.txt": BETTER.encode(), "b.txt": BETTER.encode()})
    assert [edit["path"] for edit in edits(swift)] == ["a.txt", "kit/b.txt"]
    assert [edit["path"] for edit in edits(swift, path="a.txt")] == ["a.txt"]
    for path in ("b.txt", "kit/b.txt"):
        assert [edit["path"] for edit in edits(swift, path=path)] == ["kit/b.txt"]


def test_only_named_targets_are_looked_at(swift):
    for one in sent(swift, {"ci.yml": CI}, "ci.yml", "acme/api", "acme/web"):
        one.commit({"ci.yml": BETTER.encode()})
    (edit,) = edits(swift, only_targets="acme/web")
    assert [place["target"] for place in edit["places"]] == ["acme/web"]


def test_bots_are_left_out_of_those_who_made_an_edit(swift):
    api = sent(swift, {"ci.yml": CI}, "ci.yml")
    bot = ("renovate[bot]", swift.hub.user("renovate[bot]").email)
    api.commit({"ci.yml": (BETTER + "x\n").encode()}, author=bot)
    api.commit({"ci.yml": BETTER.encode()}, author=("carol", swift.hub.user("carol").email))
    (edit,) = edits(swift)
    assert edit["who"] == ["carol"]


@pytest.mark.parametrize(
    ("source", "target", "is_shown"),
    [
        ("public", "private", False),
        ("internal", "private", False),
        ("public", "public", True),
        ("private", "private", True),
    ],
)
def test_what_fewer_people_can_read_than_the_source_is_left_out(swift, source, target, is_shown):
    api = sent(swift, {"ci.yml": CI}, "ci.yml", visibility=target)
    swift.hub.find("acme/templates").private = source != "public"
    swift.hub.find("acme/templates").internal = source == "internal"
    api.commit({"ci.yml": BETTER.encode()})
    ran = harvested(swift)
    assert len(ran.results["harvest"]["edits"]) == is_shown
    assert ran.results["harvest"]["withheld"] == ([] if is_shown else ["acme/api"])
    assert ("pinned" in ran.log + ran.summary) is is_shown
    assert ("harvest-private: true" in ran.log) is not is_shown
    assert len(edits(swift, harvest_private="true")) == 1


def test_strangers_texts_are_inert(swift):
    api = sent(swift, {"a.md": CI}, "a.md")
    evil = "::error::x\n<script>alert(1)</script>\n@acme/all closes #1 `|`\n\x1b[31m\n```\n</details>\n" + CI
    api.commit({"a.md": evil.encode()}, author=("<b>@evil</b>\u202e", "evil@example.com"))
    ran = harvested(swift)
    assert "\n::error::x" not in ran.log
    assert "\x1b" not in ran.log + ran.summary
    page = html_of(ran.summary)
    assert "<script>" not in page
    assert "<b>@evil" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


def test_a_large_edit_is_cut(swift):
    api = sent(swift, {"a.md": CI}, "a.md")
    api.commit({"a.md": "".join(f"line {number}\n" for number in range(5_000)).encode()})
    (edit,) = edits(swift)
    assert (edit["added"], len(edit["diff"].splitlines())) == (5_000, 200)


def test_what_cant_be_read_is_said(swift):
    api = sent(swift, {"a.md": CI}, "a.md")
    api.commit({"a.md": b"\0binary"})
    (one,) = harvested(swift).results["harvest"]["unable"]
    assert "is binary" in one["reason"]


def test_a_symlink_in_its_place_is_no_edit(swift):
    from tests.hub import Symlink

    api = sent(swift, {"a.md": CI}, "a.md")
    api.commit({"a.md": Symlink("/etc/passwd")})
    assert edits(swift) == []


def test_a_hundred_targets_take_few_calls(swift):
    names = [f"acme/t{number}" for number in range(100)]
    swift.write({"ci.yml": CI}, config("ci.yml", *names))
    publish(swift)
    swift.write({"ci.yml": CI + "more\n"})
    publish(swift)
    for number, name in enumerate(names):
        swift.hub.repository(name, files={"ci.yml": CI.encode()}).commit({"ci.yml": f"{number % 3}\n{CI}".encode()})
    ran = harvested(swift)
    assert [len(edit["places"]) for edit in ran.results["harvest"]["edits"]] == [34, 33, 33]
    assert len(swift.hub.requests) == 8


def test_where_the_sources_history_cant_be_read_nothing_counts_as_an_edit(swift):
    api = sent(swift, {"ci.yml": CI}, "ci.yml")
    api.commit({"ci.yml": BETTER.encode()})
    swift.hub.remove(swift.hub.find("acme/templates"))
    ran = harvested(swift, harvest_private="true")
    assert ran.results["harvest"]["edits"] == []
    (one,) = ran.results["harvest"]["unable"]
    assert "the source's history can't be read" in one["reason"]
    assert "the history of acme/templates can't be read" in ran.log


def test_a_target_that_cant_be_read_fails_and_the_others_are_shown(swift):
    api = sent(swift, {"ci.yml": CI}, "ci.yml", "acme/api", "acme/web")[0]
    api.commit({"ci.yml": BETTER.encode()})
    swift.hub.remove(swift.hub.find("acme/web"))
    ran = later(swift, command="harvest")
    assert (ran.code, ran.outcomes) == (1, {"acme/web": "failed"})
    assert len(ran.results["harvest"]["edits"]) == 1


def test_a_bug_of_ours_with_one_file_hides_no_other_edit(swift, monkeypatch):
    from broadcast.compose import carried

    one, other = sent(swift, {"ci.yml": CI}, "ci.yml", "acme/api", "acme/web")
    one.commit({"ci.yml": b"bad\n"})
    other.commit({"ci.yml": BETTER.encode()})
    real = carried.text

    def fragile(versions, render):
        if versions.theirs == b"bad\n":
            raise ZeroDivisionError
        return real(versions, render)

    monkeypatch.setattr(carried, "text", fragile)
    found = harvested(swift).results["harvest"]
    assert len(found["edits"]) == 1
    assert "unexpected ZeroDivisionError" in found["unable"][0]["reason"]


def test_targets_that_take_too_long_are_said_to_do_so(swift, monkeypatch):
    from broadcast.observe.harvest import Harvester
    from broadcast.snapshot.time_limit import TimeLimitExceeded

    api = sent(swift, {"ci.yml": CI}, "ci.yml")
    api.commit({"ci.yml": BETTER.encode()})
    monkeypatch.setattr(Harvester, "_made", lambda *_: (_ for _ in ()).throw(TimeLimitExceeded("slow")))
    (one,) = harvested(swift).results["harvest"]["unable"]
    assert one["reason"] == "the target's files take too long to compare"
