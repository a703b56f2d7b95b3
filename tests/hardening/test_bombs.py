"""What is small and becomes large, or takes for ever: reported as a mistake, in a moment, or harmless."""

from __future__ import annotations

import json
import os
import random
import re
import time

import pytest

from broadcast.git.ignore import Excludes
from broadcast.github.rate_limits import clock_time, rates, wait_of
from broadcast.github.response import parse
from broadcast.ownership import read_marker
from broadcast.runner import context
from broadcast.snapshot.content import Recipe, RenderError, render, survey
from tests.unit.git.test_ignore import ignored
from tests.world import git

LOOP = "[%% set ns = namespace(s=%s) %%][%% for i in range(60) %%][%% set ns.s = %s %%][%% endfor %%]"
TEMPLATES = {
    "doubled by ~": LOOP % ("'a'", "ns.s ~ ns.s"),
    "doubled by +": LOOP % ("'a'", "ns.s + ns.s"),
    "a doubled list": LOOP % ("[1]", "ns.s + ns.s"),
    "a squared number": LOOP % ("10", "ns.s * ns.s"),
    "joined": "[[ range(100000) | join('x' * 1000000) ]]",
    "joined by a method": "[[ ('x' * 1000000).join(['a'] * 100000) ]]",
    "replaced": "[[ ('a' * 1000000) | replace('a', 'b' * 1000000) ]]",
    "replaced by a method": "[[ ('a' * 1000000).replace('a', 'b' * 1000000) ]]",
    "indented": "[[ ('a\\n' * 1000000) | indent(1000000) ]]",
    "tabs": "[[ ('\\t' * 1000000).expandtabs(1000000) ]]",
    "JSON": "[[ ([[1]] * 1000000) | tojson(indent=1000000) ]]",
    "wrapped": "[[ ('a ' * 1000000) | wordwrap(1, wrapstring='x' * 1000000) ]]",
    "lists summed up": "[[ ([[0] * 1000000] * 1000000) | sum(start=[]) | length ]]",
    "loops over texts": "[% for a in 'x' * 100000 %][% for b in 'x' * 100000 %][% endfor %][% endfor %]",
    "loops over lazy lists": "[% for a in ('x' * 100000) | map('upper') %][% for b in 'x' * 100000 %][% endfor %][% endfor %]",
    "a translation": "[[ ('a' * 1000000).translate({97: 'b' * 1000000}) ]]",
    "a format of many fields": "[[ '{:9999}' * 100000 ]][[ ('{:9999}' * 100000).format(*(['a'] * 100000)) ]]",
    "fields in fields": "[[ '{:{}}'.format('a', 999999999) ]]",
    "a format by its other name": "[[ ('{a:9999}' * 100000).format_map({'a': 1}) ]]",
    "a format by a filter": "[[ ('%999s' * 100000) | format(*(['a'] * 100000)) ]]",
    "a format of a long value": "[[ ('%(a)s' * 100000) % {'a': 'x' * 1000000} ]]",
    "bytes": "[[ 'a'.encode() * 1000000000 ]]",
    "bytes of a number": "[[ (1).to_bytes(1000000, 'big') * 1000 ]]",
    "a range backwards": "[[ range(1000000000000, 0, -1) | list ]]",
    "a range beyond counting": "[[ range(0, 10 ** 30) | list ]]",
    "a range that gives itself more": "[[ range.spend(-1000000) ]]",
    "a list in two places of a list": LOOP % ("[1]", "[ns.s, ns.s]") + "[[ ns.s ]]",
    "such a list as JSON": LOOP % ("[1]", "[ns.s, ns.s]") + "[[ ns.s | tojson ]]",
    "two such lists compared": LOOP % ("[1]", "[ns.s, ns.s]") + "[[ ns.s == ns.s[:] ]]",
    "such a tuple as a key": LOOP % ("(1,)", "(ns.s, ns.s)") + "[[ {ns.s: 1} | length ]]",
    "a namespace in two places of one": LOOP % ("1", "namespace(a=ns.s, b=ns.s)") + "[[ ns.s ]]",
    "a dictionary in two places of one": LOOP % ("{}", "dict(a=ns.s, b=ns.s)") + "[[ ns.s ]]",
    "long texts compared": "[% set a = 'x' * 4000000 %][% set b = 'x' * 3999999 ~ 'y' %][% for i in range(90000) %][% if a == b %][% endif %][% endfor %]",
    "long texts looked through": "[% set a = 'x' * 4000000 %][% for i in range(90000) %][% if 'y' in a %][% endif %][% endfor %]",
    "long texts cut": "[% set a = 'x' * 4000000 %][% for i in range(90000) %][% set b = a[1:] %][% endfor %]",
    "text in a block": "[% set a %][% for i in range(90000) %]"
    + "x" * 100_000
    + "[% endfor %][% endset %][[ a | length ]]",
    "text in a macro": "[% macro f() %]"
    + "x" * 100_000
    + "[% endmacro %][% set a %][% for i in range(90000) %][[ f() ]][% endfor %][% endset %]",
    "a list of the same long text": "[[ (['x' * 4000000] * 1000000) | join ]]",
    "letters with nothing between": "[[ ('x' * 4000000).replace('', 'y' * 100) ]]",
    "a number that grows by sums": "[% set ns = namespace(s=1) %][% for i in range(9000) %][% set ns.s = ns.s + ns.s %][% endfor %]",
    "an indentation": "[[ ('a\n' * 1000000) | indent(900) ]]",
    "words between lines": "[[ 'a' | center(1000001) ]]",
    "a macro that calls itself twice": "[% macro f(n) %][% if n %][[ f(n - 1) ]][[ f(n - 1) ]][% endif %][% endmacro %][[ f(40) ]]",
    "a long text of the template compared": "[% set a = '"
    + "x" * 100_000
    + "' %][% for i in range(90000) %][% if a == '"
    + "x" * 100_000
    + "' %][% endif %][% endfor %]",
    "letters stripped one by one": "[[ ('x' * 1000000).strip('y' * 100000 ~ 'x') ]]",
    "a long list looked through for each of its items": "[[ range(50000) | select('in', range(50000) | list) | list | length ]]",
    "a filter that multiplies for each item": "[[ (['a' * 1000] * 900) | map('replace', 'a', 'b' * 1000) | list | length ]]",
    "items of a loop compared": "[% for a in ['x' * 900000] * 50 %]"
    + "[% if loop.first or loop.previtem == a ~ '' %][% endif %]" * 900
    + "[% endfor %]",
    "doubled line by line": "[% set a = 'aa' %]" + "[% set a = a ~ a %]" * 60,
    "a list doubled line by line": "[% set a = [1] %]" + "[% set a = [a, a] %]" * 60 + "[[ a ]]",
    "a number squared line by line": "[% set a = 10 %]" + "[% set a = a * a %]" * 60,
    "a loop inside of itself": "[% for a in [1, 1] recursive %][[ loop([1, 1]) ]][% endfor %]",
}
STARS = (
    "*a" * 30 + "X",
    "*?" * 60 + "X",
    "[ab]*" * 30 + "c",
    "a/**/" * 12 + "x",
    "a/**/*a*a*a*/**/" * 8 + "x",
    "*" * 200 + "x",
)
PATHS = ("a" * 255, "ab" * 127, "/".join("a" * 100), "/".join(["aaaa"] * 50))
DEEP = "[" * 100_000


@pytest.mark.parametrize("name", TEMPLATES)
def test_a_template_that_grows_without_end_is_refused(name):
    began = time.perf_counter()
    with pytest.raises(
        RenderError, match=r"too large|too long|too deeply|only numbers|unsafe|No filter|no text|can't be"
    ):
        render(TEMPLATES[name].encode(), Recipe(template=()))
    assert time.perf_counter() - began < 5


@pytest.mark.parametrize("text", ["${{" * 1_000_000, "${{'}}'" * 500_000])
def test_a_text_of_nothing_but_expressions_without_end_is_refused(text):
    assert "too many" in survey(text.encode(), ("{{NAME}}",), template=False).trouble.reason


def test_a_template_that_counts_keeps_what_loops_and_sums_mean():
    text = "[% for x in 'ab' | map('upper') %][[ loop.index ~ '/' ~ loop.length ~ x ]][% if not loop.last %] [% endif %][% endfor %] [[ [1, 2] | sum ]] [[ 1 + 2 ]]"
    assert render(text.encode(), Recipe(template=())) == b"1/2A 2/2B 3 3"


@pytest.mark.parametrize("pattern", STARS)
def test_a_pattern_of_many_stars_is_matched_in_a_moment(pattern):
    excludes = Excludes([pattern])
    assert not any(excludes.match(path) for path in PATHS)


@pytest.mark.parametrize("seed", range(3))
def test_a_pattern_of_some_stars_still_means_what_git_says(tmp_path, seed):
    git(tmp_path, "init", "-q")
    dice = random.Random(seed)
    for _ in range(20):
        pattern = "/" + dice.choice(["/", "/**/"]).join(glob(dice) for _ in range(dice.randint(1, 4)))
        paths = {"/".join(name(dice) for _ in range(dice.randint(1, 5))) for _ in range(60)}
        assert {path for path in paths if Excludes([pattern]).match(path)} == ignored(tmp_path, [pattern], paths), (
            pattern
        )


def glob(dice: random.Random) -> str:
    return re.sub(r"\*+", "*", "".join(dice.choices(["*", "?", "a", "b", "[ab]", "[!a]"], k=dice.randint(2, 7))))


def name(dice: random.Random) -> str:
    return "".join(dice.choices("abc", k=dice.randint(1, 6)))


def test_an_opt_out_of_very_many_lines_counts_as_far_as_it_is_read(swift):
    lines = b"".join(b"no%d*x\n" % n for n in range(40_000))
    swift.hub.repository("acme/api", files={".broadcastignore": b"kit/a\n" + lines + b"kit/b\n"})
    swift.write({"kit/a": "x", "kit/b": "x"}, "version: 1\ntargets: [acme/api]\ndirectories: [kit]\n")
    ran = swift.run()
    assert ran.outcomes == {"acme/api": "created"}
    assert "only the first 1000 of its" in ran.log


@pytest.mark.parametrize(
    "event",
    [
        DEEP,
        '{"repository": ' * 50_000,
        "9" * 5_000,
        "null",
        "[]",
        '{"repository": []}',
        '{"repository": {"default_branch": {}}}',
    ],
)
def test_an_event_of_any_shape_is_read(event):
    assert isinstance(context.from_environment({}, event).default_branch, str)


@pytest.mark.parametrize(
    "body", [DEEP, "9" * 5_000, "{" * 100, '{"errors": 5}', '{"errors": {"a": 1}}', '{"message": [1]}', "1e999"]
)
@pytest.mark.parametrize("status", [200, 302, 403, 500])
def test_an_answer_of_any_shape_is_a_reply(status, body):
    reply = parse(status, {"Retry-After": "x"}, body)
    assert [type(one) for one in (reply.throttled, reply.errors, reply.points, reply.partial)] == [str, list, int, bool]
    assert reply.reason.startswith(f"HTTP {status}")


@pytest.mark.parametrize(
    "value", ["", "-1", "nan", "inf", "²", "9" * 400, "1e300", "Thu, 31 Dec 9999 23:59:59 GMT", "yesterday"]
)
def test_a_header_of_any_shape_is_a_time_to_wait(value):
    headers = {
        "retry-after": value,
        "x-ratelimit-reset": value,
        "x-ratelimit-remaining": "0",
        "x-ratelimit-limit": value,
    }
    assert wait_of(headers, 0.0, 1) >= 0
    assert clock_time(wait_of(headers, 0.0, 1)).endswith("UTC")
    assert all(clock_time(rate.reset) for rate in rates(headers).values())


@pytest.mark.parametrize(
    "record", [DEEP, '{"id":' * 60_000, "{}", "9" * 5_000, json.dumps({"commit": "x) ![](http://evil"})]
)
def test_a_marker_of_any_shape_is_none(record):
    assert read_marker(f"<!-- broadcast:marker {{{record}}} -->") is None


@pytest.mark.parametrize("text", ["x: " + "a" * 5_000_000 + "\n", "# " + "x" * 5_000_000])
def test_a_config_larger_than_any_that_people_write_is_refused_unread(swift, text):
    swift.write({".github/broadcast.yml": text})
    ran = swift.run()
    assert (ran.code, "is over 4 MiB" in ran.log) == (2, True)


def test_a_huge_value_is_not_shown_in_full(swift):
    swift.write({".github/broadcast.yml": f"version: 1\ntargets: [{'a' * 3_000_000}]\nfiles: [x]\n"})
    ran = swift.run()
    assert ran.code == 2
    assert max(len(ran.log), len(ran.summary)) < 100_000


@pytest.mark.skipif("FUZZ_EXAMPLES" not in os.environ, reason="make fuzz")
def test_a_hundred_thousand_files_are_planned(swift):
    for directory in range(1_000):
        (swift.source / f"kit/{directory}").mkdir(parents=True)
        for file in range(100):
            (swift.source / f"kit/{directory}/{file}").write_text(str(directory))
    swift.write({}, "version: 1\ntargets: [acme/api]\ndirectories: [kit]\n")
    swift.hub.repository("acme/api", files={"README.md": b"theirs\n"})
    ran = swift.run(command="plan", results_file="results.json")
    assert ran.target("acme/api")["files"]["added"] == 100_000
    assert int(ran.outputs["api-calls"]) <= 4
