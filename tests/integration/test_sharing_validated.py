"""`validate` finds, offline, parts that no target's file can take: at their place, and with what to do."""

from __future__ import annotations

import pytest

FILES = {
    "a.txt": "x\n",
    "kit/a.md": "a\n",
    "kit/b.txt": "b\n",
    "kit/c.txt": "c\n",
    "ok.json": '{"a": 1}\n',
    "broken.json": '{"a": 1,\n "b" }\n',
    "list.json": "[1]\n",
    "broken.yml": "a: [1\nb: 2\n",
    "double.yml": "a: 1\na: 2\n",
    "broken.toml": "a = \n",
    "deep.json": "[" * 5000,
    "twins.json": '{"l": [{"name": "a"}, {"name": "a"}]}\n',
    "marks": "x\n# broadcast:begin z\n",
    "binary": "\0",
    "t.json": '{"a": [[ N ]]}\n',
}
CONFIG = "version: 1\ntargets: [acme/api]\n%s\n"
HERE = ".github/broadcast.yml"
NO_COMMENTS = "files of this kind have no comments, as far as is known"
NO_KEYS = "by its name it is no JSON, YAML or TOML, which `mode: keys` is for"


def validated(world, entries: str, files: dict[str, str] = FILES):
    world.write(files, CONFIG % entries)
    return world.run(command="validate", token="", api_url="http://127.0.0.1:9")


def mistakes(ran) -> list[tuple[str, int, int, str]]:
    problems = (ran.results["failure"] or {"problems": []})["problems"]
    assert all(one["remedy"] for one in problems)
    return [(one["file"], one["line"], one["column"], one["message"]) for one in problems]


@pytest.mark.parametrize(
    ("entries", "expected"),
    [
        ("files: [{src: a.txt, mode: keys}]", (HERE, 3, 9, f"a.txt: {NO_KEYS}")),
        ("files: [{src: ok.json, dest: x, mode: keys}]", (HERE, 3, 9, f"x: {NO_KEYS}")),
        ("files: [{src: a.txt, dest: a.json, mode: block}]", (HERE, 3, 9, f"a.json: {NO_COMMENTS}")),
        ("files: [{src: a.txt, mode: block}]", (HERE, 3, 9, f"a.txt: {NO_COMMENTS}")),
        ("files: [a.txt]\nremove: [{path: a.json, block: x}]", (HERE, 4, 17, f"a.json: {NO_COMMENTS}")),
        ("directories: [{src: kit, mode: block}]", (HERE, 3, 15, f"kit/b.txt and 1 more: {NO_COMMENTS}")),
        ("files: [{src: a.txt, dest: a.md, mode: block, id: a--b}]", (HERE, 3, 9, "a.md: a comment here can't hold the id a--b")),
        ("files: [{src: broken.json, dest: x.json, mode: keys}]", ("broken.json", 2, 6, "the source can't be read: '}' stands where ':' is expected")),
        ("files: [{src: list.json, dest: x.json, mode: keys}]", ("list.json", 0, 1, "the source holds no keys at its top level")),
        ("files: [{src: broken.yml, dest: x.yml, mode: keys}]", ("broken.yml", 2, 2, "the source can't be read: this isn't valid YAML")),
        ("files: [{src: double.yml, dest: x.yml, mode: keys}]", ("double.yml", 2, 1, "the source can't be read: the key 'a' is used twice")),
        ("files: [{src: broken.toml, dest: x.toml, mode: keys}]", ("broken.toml", 1, 5, "the source can't be read: this isn't valid TOML")),
        ("files: [{src: ok.json, dest: x.toml, mode: keys}]", ("ok.json", 1, 1, "the source can't be read: this isn't valid TOML")),
        ("files: [{src: deep.json, mode: keys}]", ("deep.json", 1, 101, "the source can't be read: it nests deeper")),
        ("files: [{src: twins.json, mode: keys, lists: {by: name}}]", ("twins.json", 0, 1, "two items of `l` in the source have the same name")),
        ("files: [{src: binary, dest: x.json, mode: keys}]", ("binary", 0, 1, "the source's file is no text in UTF-8")),
        ("files: [{src: binary, dest: x.py, mode: block}]", ("binary", 0, 1, "the source is binary")),
        ("files: [{src: marks, dest: x.py, mode: block}]", ("marks", 2, 1, "this line of the source looks like a mark of a block")),
        ("vars: {N: '{'}\nfiles: [{src: t.json, mode: keys, template: true}]", ("t.json", 2, 1, "the source can't be read: the file ends where '}' is expected, as it is rendered for acme/api")),
        ("files:\n  - {src: a.txt, dest: x.py, mode: block, id: i}\n  - {src: marks, dest: x.py, mode: block, id: i}", (HERE, 5, 5, "a.txt and marks both go to the block i of x.py")),
        ("files:\n  - {src: a.txt, dest: x.py, mode: block}\n  - {src: marks, dest: x.py}", (HERE, 4, 5, "marks and a.txt both go to x.py")),
        ("files:\n  - {src: a.txt, dest: x.py, mode: block}\n  - {src: marks, dest: x.py, mode: merge}", (HERE, 4, 5, "marks and a.txt both go to x.py")),
        ("files: [{src: a.txt, dest: x.py, mode: block}]\nremove: [{path: x.py, block: a}]", (HERE, 4, 17, "remove: names the block a of x.py, and a mapping sends it")),
    ],
)  # fmt: skip
def test_a_part_that_fits_nowhere_is_found_at_its_place(world, entries, expected):
    ran = validated(world, entries)
    assert ran.code == 2
    (found,) = mistakes(ran)
    assert (*found[:3], found[3][: len(expected[3])]) == expected


@pytest.mark.parametrize("mode", ["block", "keys", "merge"])
def test_a_symlink_of_the_source_has_no_parts(world, mode):
    world.write(FILES)
    (world.source / "link").symlink_to("ok.json")
    ran = validated(world, f"files: [{{src: link, dest: x.yml, mode: {mode}}}]")
    assert f"left out x.yml: is a symlink, which has no lines for `mode: {mode}`" in ran.log


def test_a_problem_is_shown_with_its_line_and_a_caret(world):
    log = validated(world, "files: [{src: broken.json, dest: x.json, mode: keys}, {src: a.txt, mode: block}]").log
    assert '     "b" }\n         ^\n' in log
    assert "files: [{src: broken.json, dest: x.json, mode: keys}, {src: a.txt, mode: block}]\n" in log
    assert "2 problems in 2 files" in log


def test_one_mistake_of_many_targets_is_one_problem(world):
    entries = "groups: [{name: G, targets: [acme/a, {owner: acme, topic: x}], files: [{src: a.txt, mode: keys}]}]"
    assert len(mistakes(validated(world, f"files: [{{src: a.txt, mode: keys}}]\n{entries}"))) == 2


@pytest.mark.parametrize(
    "entries",
    [
        "files: [{src: a.txt, mode: block, comment: ';'}]\nremove: [{path: x.txt, block: b, comment: ';'}]",
        "files: [{src: a.txt, dest: x.py, mode: block, at: {after: words}}, {src: marks, dest: x.py, mode: block, comment: ';'}]",
        "files: [{src: a.txt, dest: x.py, mode: block, create: false}, {src: ok.json, dest: x.yaml, mode: keys}]",
        "files: [{src: t.json, mode: keys, template: true}]\nvars: {N: 1}",
        "files: [{src: a.txt, mode: merge}, {src: binary, mode: merge}]\nremove: [{path: .gitignore, block: b}]",
    ],
)
def test_what_sync_takes_is_valid(world, entries):
    ran = validated(world, entries)
    assert (ran.code, mistakes(ran)) == (0, [])


def test_a_block_with_comments_of_its_own_is_taken_out(swift):
    swift.write({"a.txt": "x\n"}, CONFIG % "files: [{src: a.txt, mode: block, comment: ';'}]")
    api = swift.hub.repository("acme/api", files={"a.txt": b"theirs\n"})
    swift.run()
    api.merge_pull(1)
    swift.write({}, CONFIG % "remove: [{path: a.txt, block: a, comment: ';'}]")
    swift.run()
    api.merge_pull(2)
    assert api.files()["a.txt"][1] == b"theirs\n"


def test_a_path_that_goes_takes_its_blocks_with_it(swift):
    swift.write({"a.txt": "x\n"}, CONFIG % "files: [a.txt]\nremove: [x.py, {path: x.py, block: a}]")
    api = swift.hub.repository("acme/api", files={"x.py": b"# broadcast:begin a\n# broadcast:end a\n"})
    assert swift.run().outcomes == {"acme/api": "created"}
    api.merge_pull(1)
    assert api.files().keys() == {"a.txt"}
