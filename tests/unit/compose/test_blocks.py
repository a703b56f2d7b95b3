"""Blocks between two marked lines."""

from __future__ import annotations

import time

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from broadcast.compose.blocks import ids, normalised, present, put, taken_out
from broadcast.compose.comments import comment_of
from broadcast.compose.parts import Block, BlockRemoval, Position, Unmergeable

LABEL = "managed by acme/templates"
END_OF_FILE, START = Position(), Position("start")
BEGIN, END = f"# broadcast:begin ci {LABEL}", "# broadcast:end ci"


def done(before, body, *, at=END_OF_FILE, path=".gitignore", label=LABEL, name="ci", comment=None):
    content = None if before is None else before.encode()
    return put(content, body.encode(), Block(name, at, comment), path, label).decode()


def gone(before, *, path=".gitignore", name="ci"):
    return taken_out(before.encode(), BlockRemoval(name), path, None).decode()


def inside(before, *, path=".gitignore", name="ci"):
    found = present(before.encode(), name, path, None)
    return None if found is None else found.decode()


@pytest.mark.parametrize(
    ("before", "at", "after"),
    [
        (None, Position(), f"{BEGIN}\nb\n{END}\n"),
        (None, Position("after", "x"), f"{BEGIN}\nb\n{END}\n"),
        ("", Position(), f"{BEGIN}\nb\n{END}\n"),
        ("a\n", Position(), f"a\n\n{BEGIN}\nb\n{END}\n"),
        ("a", Position(), f"a\n\n{BEGIN}\nb\n{END}"),
        ("a\r\n", Position(), f"a\r\n\r\n{BEGIN}\r\nb\r\n{END}\r\n"),
        ("a\n", START, f"{BEGIN}\nb\n{END}\na\n"),
        ("\ufeffa\n", START, f"\ufeff{BEGIN}\nb\n{END}\na\n"),
        ("#!/bin/sh\na\n", START, f"#!/bin/sh\n{BEGIN}\nb\n{END}\na\n"),
        ("#!/bin/sh", START, f"#!/bin/sh\n{BEGIN}\nb\n{END}"),
        ("a x\nb x\n", Position("after", "x"), f"a x\n{BEGIN}\nb\n{END}\nb x\n"),
        ("a\nb x\n", Position("before", "x"), f"a\n{BEGIN}\nb\n{END}\nb x\n"),
        ("a\nx", Position("after", "x"), f"a\nx\n{BEGIN}\nb\n{END}"),
    ],
)  # fmt: skip
def test_a_new_block_goes_where_the_mapping_says(before, at, after):
    assert done(before, "b\n", at=at) == after


def test_a_text_inside_another_block_is_no_place_for_a_new_one():
    other = done(None, "x\n", name="other")
    assert done(f"{other}x\n", "b\n", at=Position("after", "x")) == f"{other}x\n{BEGIN}\nb\n{END}\n"
    with pytest.raises(Unmergeable, match="no line contains 'x'"):
        done(other, "b\n", at=Position("after", "x"))


@pytest.mark.parametrize(
    ("path", "first"),
    [
        ("a.md", "---\ntitle: x\n---\n"),
        ("a.xml", '<?xml version="1.0"?>\n<!DOCTYPE x>\n'),
        ("a.py", "#!/usr/bin/env python\n# -*- coding: latin-1 -*-\n"),
        ("a.yml", "# what people say\n%YAML 1.2\n---\n"),
        ("Dockerfile", "# syntax=docker/dockerfile:1\n# escape=`\n"),
        ("a.php", "<?php\n"),
    ],
)
def test_what_has_to_stay_first_stays_above_a_block_at_the_start(path, first):
    assert done(f"{first}rest\n", "b\n", at=START, path=path).startswith(
        f"{first}{comment_of(path)[0]} broadcast:begin ci"
    )


def test_a_file_without_a_safe_start_is_refused():
    with pytest.raises(Unmergeable, match="no place for a block at its start"):
        done('<?xml version="1.0"?><svg\nwidth="1"/>\n', "b\n", at=START, path="a.svg")


@pytest.mark.parametrize(
    "begin",
    [
        "# broadcast:begin ci",
        "#broadcast:begin ci other words",
        "  #   broadcast:begin   ci   x  ",
        "\t# broadcast:begin ci\t",
    ],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_mark_is_found_however_it_is_formatted_and_its_words_are_no_change(begin, newline):
    indent = begin[: len(begin) - len(begin.lstrip())]
    before = newline.join(["a", begin, f"{indent}b", "", f"{indent}c", "   #broadcast:end  ci ", "z"])
    assert inside(before) == "b\n\nc\n"
    assert done(before, "b\n\nc") == before
    changed = done(before, "d\n")
    assert changed == newline.join(["a", f"{indent}{BEGIN}", f"{indent}d", "   #broadcast:end  ci ", "z"])


@pytest.mark.parametrize(
    ("path", "before"),
    [
        ("a.md", "x\n\n<!--broadcast:begin ci-->\nb\n<!--  broadcast:end ci  -->"),
        ("a.css", "/*broadcast:begin ci x*/\nb\n/* broadcast:end ci */\n"),
        ("a.bat", "@REM\n@rem broadcast:begin ci\nb\n@rem broadcast:end ci\n"),
    ],
)
def test_a_block_in_step_stays_byte_for_byte(path, before):
    assert done(before, "b\n", path=path) == before


@pytest.mark.parametrize(
    "line",
    ["# broadcast:begin", "# broadcast:begin c;i", "# see broadcast:begin ci", "# broadcast:beginning ci", "// broadcast:begin other", "x # broadcast:begin ci"],
)  # fmt: skip
def test_what_is_no_mark_is_people_s(line):
    assert inside(f"{line}\nb\n") is None
    assert done(f"{line}\n", "b\n") == f"{line}\n\n{BEGIN}\nb\n{END}\n"


@pytest.mark.parametrize("sign", ["", "//", "# #", "##", "<!--", "@rem ", "  ;; "])
def test_a_mark_with_another_comment_sign_is_refused_instead_of_a_second_block(sign):
    with pytest.raises(Unmergeable, match="the mark of the block ci has another comment sign") as refused:
        done(f"a\n{sign} broadcast:begin ci words\n{sign} b\n{sign} broadcast:end ci\n", "b\n")
    assert refused.value.line == 2


def test_a_moved_block_stays_where_it_is():
    assert done(f"a\n{BEGIN}\nb\n{END}\nz\n", "c\n", at=START) == f"a\n{BEGIN}\nc\n{END}\nz\n"


def test_the_body_takes_the_indentation_of_its_block():
    before = f"jobs:\n  {BEGIN}\n  {END}\n  own: 1\n"
    after = f"jobs:\n  {BEGIN}\n  a:\n\n    b: 1\n  {END}\n  own: 1\n"
    assert done(before, "a:\n\n  b: 1\n", path="ci.yml") == after
    assert inside(after, path="ci.yml") == "a:\n\n  b: 1\n"


def test_an_edit_inside_is_undone():
    assert done(f"{BEGIN}\nb\nmine\n{END}\n", "b\n") == f"{BEGIN}\nb\n{END}\n"


@pytest.mark.parametrize("body", ["", "\ufeff"])
def test_an_empty_body_leaves_the_two_marks(body):
    assert done("", body) == f"{BEGIN}\n{END}\n"
    assert inside(done("", body)) == ""


@pytest.mark.parametrize(
    ("lines", "line", "reason"),
    [
        (["x", "B ci", "b"], 2, "the block ci begins here, but has no marked line that ends it"),
        (["x", "E ci", "b"], 2, "the block ci ends here, but doesn't begin before"),
        (["E ci", "b", "B ci"], 1, "doesn't begin before"),
        (["B ci", "E ci", "B ci", "E ci"], 3, "is there twice; the first begins at line 1"),
        (["B ci", "B ci", "E ci"], 1, "before that of ci at line 2"),
        (["B ci", "E ci", "E ci"], 3, "doesn't begin before"),
        (
            ["B ci", "B other", "E other", "E ci"],
            1,
            "the block ci begins here, but has no .* before that of other at line 2",
        ),
        (
            ["B other", "B ci", "E ci", "E other"],
            1,
            "the block other begins here, but has no .* before that of ci at line 2",
        ),
        (["B ci", "B other", "E ci", "E other"], 1, "before that of other"),
        (["B ci", "E other", "E ci"], 1, "before that of other"),
    ],
)
def test_marks_out_of_order_are_refused_with_their_line(lines, line, reason):
    before = "".join(f"{one.replace('B ', '# broadcast:begin ').replace('E ', '# broadcast:end ')}\n" for one in lines)
    for attempt in (lambda: done(before, "b\n"), lambda: gone(before), lambda: inside(before)):
        with pytest.raises(Unmergeable, match=reason) as refused:
            attempt()
        assert refused.value.line == line
        assert refused.value.remedy
    assert "ci" not in ids(before.encode(), ".gitignore", None)


def test_a_broken_block_elsewhere_stops_a_new_one_but_none_that_is_there():
    broken = "# broadcast:begin other\n"
    assert done(f"{BEGIN}\nb\n{END}\n{broken}", "c\n") == f"{BEGIN}\nc\n{END}\n{broken}"
    with pytest.raises(Unmergeable, match="the block other begins here"):
        done(broken, "c\n")


@pytest.mark.parametrize(
    ("before", "body", "path", "reason"),
    [
        (b"{}", b"a", "package.json", "no comments"),
        (b"a\n", b"a\n#broadcast:end x\n", "a.py", "this line of the source looks like a mark"),
        (b"a\0", b"a\n", "a.py", "the file is binary"),
        ("a".encode("utf-16"), b"a\n", "a.py", "the file is binary, or in UTF-16"),
        (b"a\n", b"\0", "a.py", "the source is binary"),
        (b"\xe9\n", "\xe9\n".encode(), "a.py", "isn't UTF-8"),
        (b"a\n", b"a\n", "a.py", "no line contains 'zz'"),
    ],
)
def test_what_can_t_hold_a_block_is_refused(before, body, path, reason):
    with pytest.raises(Unmergeable, match=reason) as refused:
        put(before, body, Block("ci", Position("after", "zz")), path, LABEL)
    assert refused.value.remedy


def test_a_kind_without_comments_takes_those_of_the_mapping():
    assert (
        done("a\n", "b\n", path="notes.txt", comment=("(", ")"))
        == "a\n\n( broadcast:begin ci managed by acme/templates )\nb\n( broadcast:end ci )\n"
    )


def test_bytes_that_are_no_utf_8_stay():
    after = put(b"\xe9\xff\n", b"b\n", Block("ci"), "a.py", LABEL)
    assert after.startswith(b"\xe9\xff\n\n# broadcast:begin ci")
    assert taken_out(after, BlockRemoval("ci"), "a.py", None) == b"\xe9\xff\n"


def test_the_words_of_a_label_can_t_end_its_comment():
    after = done("", "b\n", path="a.md", label="by a--b --> <b>\nx")
    assert after.splitlines()[0] == "<!-- broadcast:begin ci by a- -b - -> <b> x -->"
    assert done(after, "b\n", path="a.md", label="other") == after


def test_an_id_that_a_comment_can_t_hold_is_refused():
    for name, path in (("a--b", "a.xml"), ("a b", "a.py"), ("", "a.py")):
        with pytest.raises(Unmergeable, match="can't hold the id"):
            done("", "b\n", path=path, name=name)


def test_a_block_that_isn_t_there_can_t_go():
    assert gone("a\n") == "a\n"
    assert inside("a\n") is None


def test_a_block_goes_and_people_s_lines_stay():
    assert gone(f"a\n\n{BEGIN}\nb\n{END}\nz\n") == "a\n\nz\n"
    assert gone(f"{BEGIN}\nb\n{END}\n") == ""


def test_the_blocks_of_a_file_are_listed_from_the_top():
    both = done(done("a\n", "b\n"), "c\n", name="x/y.z")
    assert ids(both.encode(), ".gitignore", None) == ("ci", "x/y.z")
    assert ids(b"{}", "a.json", None) == ids(b"\0", "a.py", None) == ()


def test_a_large_file_of_marks_takes_no_long_time():
    marks = "".join(f"# broadcast:begin b{at} {'x' * 40}\n# broadcast:end b{at}\n" for at in range(10_000))
    nested = "# broadcast:begin a\n" * 50_000
    spaces = "#" + " " * 1_000_000 + "broadcast:begin"
    started = time.perf_counter()
    assert done(marks, "b\n").startswith(marks)
    assert gone(marks, name="b9999").count("\n") == 19_998
    with pytest.raises(Unmergeable):
        done(nested, "b\n")
    done(spaces, "b\n")
    assert time.perf_counter() - started < 3


ENDS = st.sampled_from(["\n", "\n", "\r\n"])
LINES = st.lists(
    st.tuples(st.sampled_from(["", "a", "  b", "\t", "x\r", "# c", "#!/bin/sh", "---", "é"]), ENDS), max_size=6
)
TEXTS = st.builds(
    lambda lines, last: "".join(line + end for line, end in lines) + last,
    LINES,
    st.sampled_from(["", "", "q", "q\r", "\t"]),
)
BODIES = st.one_of(TEXTS, st.text(alphabet="ab \n\r\t", max_size=12))
PLACES = st.sampled_from([Position(), START])
PATHS = st.sampled_from(["a.sh", "a.yml", "a.md", "a.css"])


@given(before=TEXTS, body=BODIES, at=PLACES, path=PATHS)
def test_a_block_goes_without_a_trace(before, body, at, path):
    assert gone(done(before, body, at=at, path=path), path=path) == before


@given(before=TEXTS, body=BODIES, other=BODIES, at=PLACES, path=PATHS)
def test_a_block_can_be_put_again_and_another_body_in_its_place(before, body, other, at, path):
    after = done(before, body, at=at, path=path)
    assert done(after, body, at=at, path=path, label="new words") == after
    assert done(after, other, at=at, path=path) == done(before, other, at=at, path=path)
    assert inside(after, path=path) == normalised(body.encode()).decode()


@given(head=TEXTS, tail=TEXTS, indent=st.sampled_from(["", "  ", "\t"]), old=BODIES, body=BODIES, end=ENDS)
def test_everything_outside_of_the_marks_stays(head, tail, indent, old, body, end):
    head = head if not head or head.endswith("\n") else f"{head}\n"
    before = f"{head}{indent}{BEGIN}{end}{old}\n{indent}{END}{end}{tail}"
    after = done(before, body)
    assert after.startswith(f"{head}{indent}{BEGIN}{end}")
    assert after.endswith(f"{indent}{END}{end}{tail}")
    assert inside(after) == normalised(body.encode()).decode()
    assert done(after, body) == after
    middle = after[len(f"{head}{indent}{BEGIN}{end}") : len(after) - len(f"{indent}{END}{end}{tail}")]
    assert middle.count("\r\n") == (middle.count("\n") if end == "\r\n" else 0)


@given(before=TEXTS, one=BODIES, two=BODIES, new=BODIES, places=st.tuples(PLACES, PLACES))
def test_blocks_leave_each_other_alone(before, one, two, new, places):
    first = done(before, one, at=places[0], name="one")
    both = done(first, two, at=places[1], name="two")
    changed = done(both, new, name="one")
    assert inside(changed, name="two") == inside(both, name="two") == normalised(two.encode()).decode()
    assert gone(both, name="two") == first
    assume(before and places[0].where == places[1].where)
    assert gone(both, name="one") == done(before, two, at=places[1], name="two")


MARKED = "// broadcast:begin ci managed by acme/templates\nb();\n// broadcast:end ci\n"


@pytest.mark.parametrize(
    ("before", "at", "after"),
    [
        ("", Position(), f"<?php\n{MARKED}"),
        ("<?php\na();\n", Position(), f"<?php\na();\n\n{MARKED}"),
        ("<?php\na();\n", Position("start"), f"<?php\n{MARKED}a();\n"),
        ("<b/>\n<?PHP\na();\n", Position(), f"<b/>\n<?PHP\na();\n\n{MARKED}"),
        ("<b/>\n<?php a() ?>\n<?php\nb()\n?>\n", Position("before", "b()"), f"<b/>\n<?php a() ?>\n<?php\n{MARKED}b()\n?>\n"),
    ],
)  # fmt: skip
def test_a_block_of_php_stands_in_its_code(before, at, after):
    made = put(before.encode() if before else None, b"b();\n", Block("ci", at), "x/a.PHP", LABEL)
    assert made.decode() == after
    assert put(made, b"b();\n", Block("ci", at), "x/a.PHP", LABEL) == made


@pytest.mark.parametrize(
    ("before", "at"),
    [
        ("<?php\na();\n?>\n", Position()),
        ("<?php\na();\n?>\n<p>\n", Position("after", "<p>")),
        ("<b/>\n<?php\n", Position("before", "<b/>")),
        ("<b/>\n", Position()),
        ("<?= 1 ?>", Position()),
    ],
)
def test_a_block_of_php_that_a_page_would_print_is_refused(before, at):
    with pytest.raises(Unmergeable, match="outside of PHP code") as refused:
        put(before.encode(), b"b();\n", Block("ci", at), "a.php", LABEL)
    assert refused.value.remedy


def test_comments_of_html_go_between_the_code_of_php():
    made = put(b"<?php a() ?>\n", b"b\n", Block("ci", comment=("<!--", "-->")), "a.php", LABEL)
    assert made.startswith(b"<?php a() ?>\n\n<!-- broadcast:begin ci")


def test_a_blade_template_takes_blocks_anywhere():
    assert put(b"<b/>\n", b"b\n", Block("ci"), "a.blade.php", LABEL).startswith(b"<b/>\n\n{{-- broadcast:begin ci")


XML = "<!-- broadcast:begin ci managed by acme/templates -->\n<b/>\n<!-- broadcast:end ci -->\n"


@pytest.mark.parametrize("end", ["</Project>\n", "</Project>", "</Project>\n\n"])
def test_a_block_at_the_end_of_xml_stands_in_its_only_element(end):
    before = f"<Project>\n  <a/>\n{end}"
    made = put(before.encode(), b"<b/>\n", Block("ci"), "x/A.csproj", LABEL).decode()
    assert made == f"<Project>\n  <a/>\n{XML}{end}"
    assert taken_out(made.encode(), BlockRemoval("ci"), "x/A.csproj", None).decode() == before


@pytest.mark.parametrize("before", ["<a/>\n", "<a>\n</a><!-- x -->\n", "<a>x</a>\n", "\n"])
def test_xml_without_a_line_for_its_end_takes_no_block_there(before):
    with pytest.raises(Unmergeable, match="has no place for a block") as refused:
        put(before.encode(), b"<b/>\n", Block("ci"), "pom.xml", LABEL)
    assert refused.value.remedy


def test_a_new_xml_file_is_the_block():
    assert put(None, b"<b/>\n", Block("ci"), "pom.xml", LABEL).decode() == XML
