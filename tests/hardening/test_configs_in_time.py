"""No config takes longer to refuse than to write, whatever is in it."""

from __future__ import annotations

import time

import pytest

from broadcast.config.parse import parse
from broadcast.config.yaml_reader import MAX_PROBLEMS
from broadcast.errors import ConfigError

MOST = 10.0  # seconds, of which a busy machine takes its share; without bounds it was a minute and more
KEYS = ", ".join(f"k{number}: 1" for number in range(300))
FILES = "version: 1\ntargets: [acme/api]\nfiles:\n"
CHAIN = "".join(
    f"x-{at}: &a{at} {{<<: [{', '.join(f'*a{before}' for before in range(max(0, at - 30), at))}]}}\n"
    for at in range(1, 200)
)
CONFIGS = {
    "merges of merges": f"version: 1\nx-0: &a0 {{{KEYS}}}\n{CHAIN}targets: [acme/api]\nfiles: [{{<<: *a199}}]\n",
    "one merged often": f"version: 1\nx-0: &a {{{KEYS}}}\ntargets: [acme/api]\nfiles: [{{<<: [{'*a, ' * 9_000}]}}]\n",
    "typos in keys": "version: 1\n" + "".join(f"targetz{number}: 1\n" for number in range(20_000)),
    "typos in entries": FILES + "".join(f"  - {{srx{number}: a}}\n" for number in range(20_000)),
    "long typos": "version: 1\n" + "".join(f"{'target' * 150}{number}: 1\n" for number in range(1_000)),
    "typos in words": FILES + "".join(f"  - {{src: a, mode: {'miror' * 99}{number}}}\n" for number in range(5_000)),
    "typos among many lists": "version: 1\nfile_lists:\n"
    + "".join(f"  - {{id: some-list-{number}, files: [a]}}\n" for number in range(5_000))
    + "groups:\n  - targets: [acme/api]\n    file_list_refs: ["
    + ", ".join(f"same-list-{number}" for number in range(5_000))
    + "]\n",
    "a number to the base of sixty": f"version: 1\nlimits: {{max_targets: 1{':1' * 400_000}}}\n",
    "a number of a million digits": f"version: 1\nlimits: {{max_targets: 1{'0' * 1_000_000}}}\n",
    "the same key": "version: 1\n" + "a: 1\n" * 100_000,
    "one long line": "version: 1\ntargets: [" + "1, " * 300_000 + "]\n",
}


@pytest.mark.parametrize("name", CONFIGS)
def test_a_config_is_refused_in_a_moment(name):
    began = time.perf_counter()
    with pytest.raises(ConfigError) as caught:
        parse(CONFIGS[name], "broadcast.yml", "acme/templates")
    assert time.perf_counter() - began < MOST
    assert len(caught.value.problems) <= MAX_PROBLEMS + 1
    assert sum(len(problem.message + problem.remedy) for problem in caught.value.problems) < 300_000


def test_merges_mean_what_they_always_did():
    text = (
        "version: 1\ntargets: [acme/api]\nx-a: &a {src: a, mode: mirror}\nx-b: &b {src: b, dest: c}\n"
        "files: [{<<: [*a, *b], dest: d}, {<<: *b, mode: prune}]\n"
    )
    found = parse(text, "broadcast.yml", "acme/templates").sources
    assert [(one.src, one.dest, one.mode) for one in found] == [("a", "d", "mirror"), ("b", "c", "prune")]
