"""The summaries of real runs, rendered: well-formed, and with the answers that a person looks for."""

from __future__ import annotations

import re

import pytest

from tests.markdown import page_of
from tests.scenes import play

ODD = "odd </details> `a|b` <b>@acme</b> [x](y) \u202e.md"


def rows(summary: str, title: str) -> list[str]:
    """The lines of the table under a title."""
    part = summary.partition(f"### {title}\n")[2].partition("\n### ")[0]
    return [line for line in part.splitlines() if line.startswith("|")][2:]


def test_the_run_in_the_readme_answers_what_a_person_asks(swift):
    play(swift)
    ran = swift.runs[-1]
    page = page_of(ran.summary)
    assert ran.summary.startswith("## ❌ 5 of 12 repositories got a pull request; 1 pull request updated;")
    urgent = rows(ran.summary, "Needs a person")
    assert [row.split("\xa0")[1].split(" ")[0] for row in urgent] == ["failed", "edited", "old"]
    assert "check the name" in urgent[0]
    assert "open for 21 days" in urgent[2]
    changed = rows(ran.summary, "What changed")
    assert len(changed) == 7
    (declined,) = (row for row in changed if "declined" in row)
    assert re.search(r"people closed #.?1 \(octocat, \d{4}-\d\d-\d\d\) \| `acme/search` \[#1\]", declined)
    assert rows(ran.summary, "Deletions")[0].startswith("| `.github/workflows/travis.yml` | `acme/billing` [#1]")
    calls = sum(swift.hub.calls().values())
    assert re.search(rf"{calls} API calls in [\d.]+ m?s; one call per file would have been 152", page.text)
    assert set(ran.outcomes) <= set(re.findall(r"acme/[\w@-]+", page.text))


def test_file_names_that_look_like_markup_are_text_in_every_table(swift):
    swift.write({f"kit/{ODD}": "x\n", "kit/bad.md": "[[ NOBODY ]]\n"})
    swift.write(
        {}, "version: 1\ntargets: [acme/api, acme/web]\ndirectories: [{src: kit, mode: mirror, template: true}]\n"
    )
    held = {f"kit/{ODD}.old": b"o\n", "README.md": b"theirs\n"}
    for name in ("api", "web"):
        swift.hub.repository(f"acme/{name}", files=held)
    page = page_of(swift.run().summary)
    shown = ODD.replace("\u202e", "\\u202e")
    assert page.text.count(shown) == 3  # added, deleted, and in the table of deletions
    assert "Files left out" in page.text
    assert page.counts["b"] == 0


@pytest.mark.parametrize(
    "inputs", [{}, {"command": "plan"}, {"command": "check"}, {"command": "validate"}, {"token": ""}]
)
def test_every_command_has_a_summary_that_is_well_formed(swift, inputs):
    swift.write({"LICENSE": "MIT\n"}, "version: 1\ntargets: [acme/api, acme/gone]\nfiles: [LICENSE]\n")
    swift.hub.repository("acme/api", files={"README.md": b"theirs\n"})
    assert page_of(swift.run(**inputs).summary).counts["h2"] == 1


def test_who_joined_is_reported_but_not_of_a_fleet_that_is_all_new(swift):
    swift.hub.repository("acme/api", files={"README.md": b"theirs\n"})
    swift.write({"LICENSE": "MIT\n"}, "version: 1\ntargets: [acme/api]\nfiles: [LICENSE]\n")
    assert "Repositories that joined" not in swift.run().summary
    swift.hub.repository("acme/web", files={"README.md": b"theirs\n"})
    swift.write({}, "version: 1\ntargets: [acme/api, acme/web]\nfiles: [LICENSE]\n")
    ran = swift.run()
    assert "This is their first pull request from here: `acme/web` [#1]" in ran.summary
    assert {one["target"]: one["joined"] for one in ran.results["targets"]} == {"acme/api": False, "acme/web": True}
    swift.hub.find("acme/web").merge_pull(1, delete_branch=True)
    swift.write({"LICENSE": "new\n"})
    assert swift.run().target("acme/web")["joined"] is False
