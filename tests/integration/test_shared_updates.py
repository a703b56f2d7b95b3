"""Our branch is brought up to date, and the source changes before the next run: it is still ours, in every mode."""

from __future__ import annotations

import json

import pytest

from tests.integration.test_merges import OLD, edited
from tests.integration.test_people import OURS, later, leaves_alone, outcome

SOURCES = {
    "block": ("part", ".list", ["*.1\n", "*.2\n", "*.3\n"], OLD),
    "keys": (
        "part.json",
        "p.json",
        [json.dumps({"k": number}) for number in range(3)],
        '{\n  "own": 1,\n  "more": 2\n}\n',
    ),
    "merge": ("part", "conf.txt", [OLD, edited(OLD, l9="second"), edited(OLD, l9="third")], OLD),
}


def content(api, path: str, ref: str | None = None) -> str:
    return api.files(ref)[path][1].decode()


@pytest.mark.parametrize("method", ["merge", "rebase"])
@pytest.mark.parametrize("mode", SOURCES)
@pytest.mark.parametrize("has_edits", [True, False])
@pytest.mark.parametrize("is_changed", [True, False])
def test_a_branch_that_was_brought_up_to_date_before_the_source_changed_is_still_ours(
    swift, mode, method, has_edits, is_changed
):
    source, path, (first, second, third), own = SOURCES[mode]
    comment = ', comment: "#"' if mode == "block" else ""
    swift.write(
        {source: first},
        f"version: 1\ntargets: [acme/api]\nfiles: [{{src: {source}, dest: {path}, mode: {mode}{comment}}}]\n",
    )
    swift.publish()
    api = swift.hub.repository("acme/api", files={"x": b"x"} if mode == "merge" else {path: own.encode()})
    later(swift)
    api.merge_pull(1)
    swift.write({source: second})
    swift.publish()
    assert outcome(later(swift)) == "created"
    theirs = content(api, path).replace("line 2\n", "theirs\n").replace('"own": 1', '"own": 7')
    api.commit({path: theirs.encode(), "y": b"y"} if has_edits else {"y": b"y"})
    api.update_branch(2, method=method)
    if not is_changed:
        leaves_alone(swift, "open")
        return
    swift.write({source: third})
    swift.publish()
    assert outcome(later(swift)) == "updated"
    assert any(words in content(api, path, OURS) for words in ("*.3", '"k": 2', "third"))
    assert any(words in content(api, path, OURS) for words in ("theirs", '"own": 7')) == has_edits
    leaves_alone(swift, "open")
