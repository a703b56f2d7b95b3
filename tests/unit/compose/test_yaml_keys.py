"""Keys are put into YAML documents; all other text stays as it is."""

import time

import pytest

from broadcast.compose import yaml_keys
from broadcast.compose.keys import Drop, Put, edits
from broadcast.compose.parts import Keys, Lists, Unmergeable
from tests.unit.compose.yaml_core import independent, shown
from tests.unit.compose.yaml_corpus import TEXTS


def merged(text, source, **options):
    """The text with the source's keys."""
    return yaml_keys.apply(text, edits(yaml_keys.load(text), yaml_keys.load(source), Keys(**options)))


def test_the_corpus_is_large():
    assert len(TEXTS) >= 200


def test_documents_load_as_an_independent_loader_reads_them():
    for name, text in TEXTS.items():
        assert shown(yaml_keys.load(text)) == shown(independent(text)), name


def test_no_edits_change_nothing():
    for text in [*TEXTS.values(), "a: [", "", "\ufeff", "a: 1\na: 2"]:
        assert yaml_keys.apply(text, []) == text


def test_a_document_put_over_itself_changes_nothing():
    for name, text in TEXTS.items():
        value = yaml_keys.load(text)
        assert edits(value, yaml_keys.load(text), Keys(lists=Lists("unite"))) == [], name


def test_a_document_written_into_an_empty_one_has_the_same_value():
    for name, text in TEXTS.items():
        assert shown(independent(merged("", text))) == shown(independent(text)), name


UNITE = {"lists": Lists("unite")}
TABLE = {  # target, source, options, what comes out
    "a value keeps the comment behind it": ("a: 1 # c\nb: 2\n", "a: 1.10\n", {}, "a: 1.10 # c\nb: 2\n"),
    "quotes are the source's": ("a: 1\nb: 'x'\n", "a: \"y\"\nb: 'it''s'\n", {}, "a: \"y\"\nb: 'it''s'\n"),
    "`on` is a text": ("on: push\n", "on: [push]\n'off': yes\n", {}, "on: [push]\n'off': yes\n"),
    "a new key stands before the comments of what follows": (
        "a:\n  b: 1\n\n# d\nd: 1\n",
        "a: {c: 2}\n",
        {},
        "a:\n  b: 1\n  c: 2\n\n# d\nd: 1\n",
    ),
    "a new key stands behind the comments of its mapping": (
        "a:\n  b: 1\n  # c: 3\nd: 1\n",
        "a: {c: 2}\n",
        {},
        "a:\n  b: 1\n  # c: 3\n  c: 2\nd: 1\n",
    ),
    "indentation is the file's": (
        "a:\n    b: 1\n",
        "c:\n  d:\n    e: 1\n",
        {},
        "a:\n    b: 1\nc:\n    d:\n        e: 1\n",
    ),
    "dashes below their key": (
        "a:\n- 1\n# b\nb: 1\n",
        "a: [2]\nc:\n  - 3\n",
        UNITE,
        "a:\n- 1\n- 2\n# b\nb: 1\nc:\n- 3\n",
    ),
    "indented dashes": ("a:\n  - 1\nb: 1\n", "a: [{x: 2}, [3]]\n", UNITE, "a:\n  - 1\n  - {x: 2}\n  - [3]\nb: 1\n"),
    "items that are mappings and lists": (
        "a:\n- 1\n",
        "a:\n- x: 1\n  y: |\n    z\n- - 2\n  - 3\n",
        UNITE,
        "a:\n- 1\n- x: 1\n  y: |\n    z\n- - 2\n  - 3\n",
    ),
    "a list with brackets": ("a: [1, 2] # c\n", "a:\n- 3\n", UNITE, "a: [1, 2, 3] # c\n"),
    "a list with brackets and a last comma": ("a: [1, 2,]\n", "a: [3]\n", UNITE, "a: [1, 2, 3,]\n"),
    "a list with brackets in lines": (
        "a: [\n  1, # one\n  2 # two\n]\n",
        "a: [3]\n",
        UNITE,
        "a: [\n  1, # one\n  2, # two\n  3\n]\n",
    ),
    "a mapping with brackets": ("a: {b: 1, c: }\n", "a: {c: '2', d: 3}\n", {}, "a: {b: 1, c: '2' , d: 3 }\n"),
    "keys with quotes": ("\"a\": 1\n'b': 2\n", "a: 3\nb: 4\n", {}, "\"a\": 3\n'b': 4\n"),
    "a scalar becomes a mapping": ("a: 1 # c\nb: 2\n", "a:\n  b: 1\n", {}, "a: # c\n  b: 1\nb: 2\n"),
    "a mapping becomes a scalar": ("a: # c\n  b: 1 # d\n  # e\n# f\nb: 2\n", "a: 5\n", {}, "a: 5 # c\n# f\nb: 2\n"),
    "a scalar becomes a block scalar": ("a: 1 # c\nb: 2\n", "a: |\n    x\n     y\n", {}, "a: | # c\n  x\n   y\nb: 2\n"),
    "a block scalar becomes a scalar": ("a: >- # c\n  x\n\n\nb: 2\n", "a: 1\n", {}, "a: 1 # c\n\n\nb: 2\n"),
    "a folded scalar stays folded": (
        "a:\n    b: 1\n",
        "a:\n  c: >-\n    x\n\n      y\n    z\n",
        {},
        "a:\n    b: 1\n    c: >-\n        x\n\n          y\n        z\n",
    ),
    "an indentation indicator is the place's": (
        "a:\n    b: 1\n",
        "a:\n  c: |2\n      x\n    y\n",
        {},
        "a:\n    b: 1\n    c: |4\n          x\n        y\n",
    ),
    "a scalar over several lines": ('a: "x\n  y" # c\nb: z\n', "a: 1\nb: 'p\n    q'\n", {}, "a: 1 # c\nb: 'p\n  q'\n"),
    "nothing becomes something": ("a: # c\nb:\n", "a: 1\nb: {c: 1}\n", {}, "a: 1 # c\nb: {c: 1}\n"),
    "something becomes nothing": ("a: 1 # c\nb:\n- 1\n", "a: ~\nb: [null]\n", {}, "a: # c\nb:\n- null\n"),
    "empty brackets become a block": ("a: {}\nb: []\n", "a:\n  c: 1\nb:\n- 2\n", {}, "a:\n  c: 1\nb:\n  - 2\n"),
    "an alias is replaced in its place": ("a: &x 1\nb: *x # c\n", "b: 2\n", {}, "a: &x 1\nb: 2 # c\n"),
    "what an alias brings is written out": (
        "a: &x\n  k: 1.10\nb: *x\n",
        "b: {l: 2}\n",
        {},
        "a: &x\n  k: 1.10\nb:\n  k: 1.10\n  l: 2\n",
    ),
    "a merged key is overridden": (
        "a: &x\n  k: 1\n  l: 1\nb:\n  <<: *x\n",
        "b: {k: 2, l: 1}\n",
        {},
        "a: &x\n  k: 1\n  l: 1\nb:\n  <<: *x\n  k: 2\n",
    ),
    "an anchor stays where all that name it change": ("a: &x 1\nb: *x\n", "a: 2\nb: 2\n", {}, "a: &x 2\nb: 2\n"),
    "CRLF": (
        "a: 1\r\nb:\r\n  - x\r\n",
        "b: [y]\nc: |\n  1\n  2\n",
        UNITE,
        "a: 1\r\nb:\r\n  - x\r\n  - y\r\nc: |\r\n  1\r\n  2\r\n",
    ),
    "a byte order mark": ("\ufeffa: 1\n", "a: 2\n", {}, "\ufeffa: 2\n"),
    "no final line break": ("a: 1", "b: 2\n", {}, "a: 1\nb: 2"),
    "no final line break, below a block scalar": ("a: |\n  x", "b: 2\n", {}, "a: |-\n  x\nb: 2"),
    "no final line break, and a block scalar": ("a: 1", "b: |\n  x\n", {}, "a: 1\nb: |\n  x\n"),
    "a document end": ("%YAML 1.2\n---\na: 1\n...\n# x\n", "b: 2\n", {}, "%YAML 1.2\n---\na: 1\nb: 2\n...\n# x\n"),
    "no document": ("", "b: 2\n", {}, "b: 2\n"),
    "comments only": ("# a\n\n", "b: 2\n", {}, "# a\n\nb: 2\n"),
    "an empty document with an end": ("--- # a\n# b\n...\n# c\n", "b: 2\n", {}, "--- # a\n# b\nb: 2\n...\n# c\n"),
    "an empty mapping": ("# a\n{} # b\n", "b: 2\n", {}, "# a\n# b\nb: 2\n"),
    "blank lines at the end": ("a: 1\n\n\n", "b: 2\n", {}, "a: 1\nb: 2\n\n\n"),
    "blank lines that a block scalar keeps": ("a: |+\n  x\n\n", "b: 2\n", {}, "a: |+\n  x\n\nb: 2\n"),
    "other tags": (
        "a: !x 1 # c\nb: !x 1\n",
        "a: !y 1\nb: !x 1\nc: !If [a, !Ref b]\nd: !Sub |\n  x\n",
        {},
        "a: !y 1 # c\nb: !x 1\nc: !If [a, !Ref b]\nd: !Sub |\n  x\n",
    ),
    "a key with `?` elsewhere": ("? a\n: 1\nb: 2\n", "b: 3\n", {}, "? a\n: 1\nb: 3\n"),
    "a dash on its own line": (
        "a:\n  -\n    k: 1\n  - k: 2\n",
        "a: [{k: 1, l: 2}]\n",
        {"lists": Lists("by", ("k",))},
        "a:\n  -\n    k: 1\n    l: 2\n  - k: 2\n",
    ),
    "a tab before a comment": ("a: 1\t# c\n", "a: 2\n", {}, "a: 2\t# c\n"),
    "an indented document": ("  a: 1\n  b: 2\n", "c: 1\n", {"remove": (("*",),)}, "c: 1\n"),
    "other line breaks": ("a: 1 # \u2028b: 1\n", "c: 1\n", {}, "a: 1 # \u2028b: 1\nc: 1\n"),
    "blanks below a new block scalar": (
        "a:\n  b: 1\n      \nc: 1\n",
        "a:\n  b: |\n    x\n",
        {},
        "a:\n  b: |\n    x\nc: 1\n",
    ),
    "comments below a new block scalar": (
        "a:\n  b: 1\n\n    # x\nc: 1\n",
        "a:\n  d: |\n    x\n",
        {},
        "a:\n  b: 1\n\n    # x\n  d: |\n    x\nc: 1\n",
    ),
    "a comment right behind a quote": (
        "a: 'x'# c\nb: 'x'# c\nc: ['x'# c\n  ]\n",
        "a: 1\nb:\n  d: 1\n",
        {},
        "a: 1 # c\nb: # c\n  d: 1\nc: ['x'# c\n  ]\n",
    ),
    "an addition behind a key without a value": (
        "a: {b: }\nc: [d: ]\n",
        "a: {e: 1}\nc: [1]\n",
        UNITE,
        "a: {b: , e: 1 }\nc: [d: , 1 ]\n",
    ),
    "a removal behind a key without a value": ("a: {b: , c: 1}\n", "{}", {"remove": (("a", "c"),)}, "a: {b: }\n"),
    "removal takes the comment of its line and that of the key alone": (
        "a: 1\n\n# b\nb: 2 # b\n\n# c\nc: 3\n",
        "{}",
        {"remove": (("b",),)},
        "a: 1\n\n\n# c\nc: 3\n",
    ),
    "removal leaves the comment of several keys": (
        "a: 1\n# b and c\nb: 2\nc: 3\n",
        "{}",
        {"remove": (("b",),)},
        "a: 1\n# b and c\nc: 3\n",
    ),
    "removal leaves the comment that begins the file": (
        "# Licence\na: 1\n\nb: 2\n",
        "{}",
        {"remove": (("a",),)},
        "# Licence\n\nb: 2\n",
    ),
    "removal of the first key of an item": (
        "a:\n- b: 1 # b\n  # c\n  c: 2\n",
        "{}",
        {"remove": (("a", "*", "b"),)},
        "a:\n- # c\n  c: 2\n",
    ),
    "removal of all keys": (
        "a:\n  # b\n  b: 1\nc:\n- d: 1\n",
        "{}",
        {"remove": (("a", "*"), ("c", "*", "d"))},
        "a: {}\nc:\n- {}\n",
    ),
    "removal of all items": (
        "a: # x\n- 1\n- 2\nb: [1,\n  2]\n",
        "{}",
        {"remove": (("a", "*"), ("b", "*"))},
        "a: [] # x\nb: []\n",
    ),
    "removal of everything": ("# x\na: 1\nb: 2\n", "{}", {"remove": (("*",),)}, "# x\n{}\n"),
    "removal between brackets": ("a: {b: 1, c: 2, d: 3}\n", "{}", {"remove": (("a", "b"), ("a", "d"))}, "a: {c: 2}\n"),
    "removal between brackets in lines": (
        "a: {\n  b: 1, # b\n  c: 2, # c\n  d: 3 # d\n}\n",
        "{}",
        {"remove": (("a", "c"),)},
        "a: {\n  b: 1, # b\n  d: 3 # d\n}\n",
    ),
}


@pytest.mark.parametrize("case", TABLE)
def test_edits_of_the_text(case):
    text, source, options, wanted = TABLE[case]
    made = merged(text, source, **options)
    assert made == wanted
    assert merged(made, source, **options) == made


REFUSED = {  # target, source, options, line, column, a part of the reason
    "an anchor that is used elsewhere": ("a: &x 1\nb: *x\n", "a: 2\n", {}, 1, 4, "anchor &x"),
    "a key below such an anchor": ("a: &x\n  k: 1\nb: *x\n", "a: {k: 2}\n", {}, 1, 4, "anchor &x"),
    "a key that a merge key brings to others": ("a: &x\n  k: 1\nb:\n  <<: *x\n", "a: {l: 2}\n", {}, 1, 4, "anchor &x"),
    "an anchor that would go": ("a: 1\nb: &x 1\nc: *x\n", "{}", {"remove": (("b",),)}, 2, 4, "anchor &x"),
    "an anchor inside of what would go": ("a:\n  b: [&x 1]\nc: *x\n", "a: 1\n", {}, 2, 7, "anchor &x"),
    "a removed key that `<<` brings": ("a: &x {k: 1}\nb:\n  <<: *x\n", "{}", {"remove": (("b", "k"),)}, 3, 3, "`<<`"),
    "a key with `?`": ("a: 1\n? b\n: 2\n", "b: 3\n", {}, 2, 1, "`?`"),
    "a block scalar that would grow": (
        "a: |+\n  x\n\nb: 1\n\nc: 2\n",
        "{}",
        {"remove": (("b",),)},
        1,
        4,
        "blank lines",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_edits_that_would_change_other_values_are_refused(case):
    text, source, options, line, column, reason = REFUSED[case]
    with pytest.raises(Unmergeable) as caught:
        merged(text, source, **options)
    assert (caught.value.line, caught.value.column) == (line, column)
    assert reason in caught.value.reason
    assert caught.value.remedy


LAUGHS = "a0: &a0 [x, x]\n" + "".join(f"a{at}: &a{at} [{', '.join([f'*a{at - 1}'] * 9)}]\n" for at in range(1, 12))
BROKEN = {
    "a: [": None,
    "a: 1\nb: 2\na: 3\n": (3, 1),
    "a:\n  1: x\n  '1': y\n": (3, 3),
    "a: 1\n---\nb: 1\n": (2, 1),
    "a: *x\n": (1, 4),
    "a: &x [*x]\n": (1, 8),
    "a:\n\tb: 1\n": (2, 1),
    "a: \x00\n": (1, 4),
    "a: \ud800\n": (1, 4),
    "a: 1\nb:\n  <<: 1\n": (3, 7),
    "[" * 10_000: (1, 101),
    "- " * 10_000: (1, 201),
    "a: " + "{b: " * 10_000: None,
    "? " * 10_000: None,
    LAUGHS: None,
    "".join(f"a{at}: &a{at} [*a{at - 1}]\n" if at else "a0: &a0 [x]\n" for at in range(300)): None,
}


@pytest.mark.parametrize("text", BROKEN, ids=lambda text: text[:20])
def test_broken_documents_are_refused_with_their_place(text):
    with pytest.raises(Unmergeable) as caught:
        yaml_keys.load(text)
    assert (caught.value.line, caught.value.column) == BROKEN[text] or (BROKEN[text] is None and caught.value.line)
    assert caught.value.remedy


def test_a_key_that_is_no_text_cant_be_written():
    with pytest.raises(Unmergeable, match="is no text"):
        merged("a: 1\n", "? [b]\n: 1\n")


def test_edits_follow_each_other():
    changes = [Drop(("a", 0)), Put(("a", 1), "z"), Put(("a", 2), {"k": 1}), Put(("b",), {}), Put(("b", "c"), True)]
    assert yaml_keys.apply("a: [x, y]\n", changes) == "a: [y, z, {k: 1}]\nb:\n  c: true\n"


def test_values_without_a_spelling_are_written_so_that_they_stay():
    values = [
        "",
        "yes",
        "true",
        "1.0",
        "a: b",
        "# x",
        "it's",
        "x\ny",
        "\u2028",
        "- a",
        "é",
        "*a",
        "a ",
        "!",
        True,
        None,
        1,
        1.5,
        1e300,
        float("-inf"),
        float("nan"),
        [],
        {},
        ["true"],
        {"1": "<<", "<<": 2},
    ]
    for text in ("a: 1\n", "{a: 1}\n"):
        made = yaml_keys.apply(text, [Put((f"k{at}",), value) for at, value in enumerate(values)])
        assert shown(list(independent(made).values())[1:]) == shown(values)


def test_a_large_document_is_edited_in_time():
    text = "jobs:\n" + "".join(
        f"  job{at}:\n    runs-on: x # y\n    steps:\n    - run: |\n        echo {at}\n" for at in range(12_000)
    )
    start = time.perf_counter()
    made = yaml_keys.apply(text, [Put(("jobs", f"job{at}", "runs-on"), "z") for at in range(0, 12_000, 2)])
    assert time.perf_counter() - start < 12  # about 2 s on a quiet machine
    assert made.count("runs-on: z # y") == 6_000
