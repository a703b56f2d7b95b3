"""A target withholds paths, or itself, with a .broadcastignore."""

from __future__ import annotations

import codecs

import pytest

from tests.hub import Symlink
from tests.integration.test_main_job import changed
from tests.integration.test_people import OURS, config, later, leaves_alone, outcome, proposed

KIT = {"kit/a.md": "a\n", "kit/b.md": "b\n", "kit/sub/c.md": "c\n", "LICENSE": "MIT\n"}
CONFIG = config("files: [LICENSE]\n")
EITHER = [".broadcastignore", ".github/.broadcastignore"]


def target(swift, ignored: str, text: str = CONFIG, path: str = EITHER[0], **held: bytes):
    """A target that holds nothing of ours but these, and opts out."""
    swift.write(KIT, text)
    return swift.hub.repository("acme/api", files={path: ignored.encode(), "README.md": b"theirs\n"} | held)


def sent(api) -> set[str]:
    return set(changed(api, OURS))


@pytest.mark.parametrize("path", EITHER)
@pytest.mark.parametrize(
    ("ignored", "left"),
    [
        ("kit/a.md\n", {"kit/b.md", "kit/sub/c.md", "LICENSE"}),
        ("# ours\n\n/kit/sub/\n", {"kit/a.md", "kit/b.md", "LICENSE"}),
        ("*.md\r\n", {"LICENSE"}),
        ("kit/*\n!kit/b.md\n", {"kit/b.md", "LICENSE"}),
        ("nothing/of/ours\n", set(KIT)),
    ],
)
def test_what_the_target_lists_is_not_proposed(swift, path, ignored, left):
    api = target(swift, ignored, path=path)
    ran = later(swift)
    assert (ran.code, outcome(ran)) == (0, "created")
    assert sent(api) == left
    for kept in KIT.keys() - left:
        assert f"Left out: `{kept}` — opted out by {path}" in api.pulls[0].body
        assert f"left out: {kept}, opted out by {path}" in ran.log
    leaves_alone(swift, "open")


def test_both_files_count(swift):
    api = target(swift, "kit/a.md\n", **{EITHER[1]: b"LICENSE\n"})
    later(swift)
    assert sent(api) == {"kit/b.md", "kit/sub/c.md"}


@pytest.mark.parametrize("path", EITHER)
def test_a_star_withholds_the_whole_repository(swift, path):
    target(swift, "*\n", path=path)
    ran = leaves_alone(swift, "skipped")
    assert (ran.code, ran.target("acme/api")["reason"]) == (0, f"opted out by {path}")


def test_what_is_withheld_alone_leaves_the_target_in_sync(swift):
    target(swift, "LICENSE\n", **{path: text.encode() for path, text in KIT.items() if path != "LICENSE"})
    leaves_alone(swift, "in_sync")


def test_a_required_mapping_can_not_be_withheld(swift):
    api = target(swift, "*\n", config("files: [{src: LICENSE, required: true}]\n"))
    assert outcome(later(swift)) == "created"
    assert sent(api) == {"LICENSE"}


@pytest.mark.parametrize("required", ["true", "false"])
def test_what_a_mirror_or_remove_would_delete_is_withheld_unless_it_is_required(swift, required):
    mirror = f"version: 1\ntargets: [acme/api]\ndirectories: [{{src: kit, mode: mirror, required: {required}}}]\n"
    held = {path: text.encode() for path, text in KIT.items()} | {"kit/own.md": b"own", ".travis.yml": b"old"}
    api = target(swift, "kit/own.md\n.travis.yml\n", f"{mirror}remove: [.travis.yml]\n", **held)
    if required == "false":
        leaves_alone(swift, "in_sync")
    else:
        assert outcome(later(swift)) == "created"
        assert changed(api, OURS) == {"kit/own.md": "D"}


# In whatever form


FORMS = {
    "UTF-8 with a mark": lambda text: text.encode("utf-8-sig"),
    "UTF-16 with a mark": lambda text: text.encode("utf-16"),
    "UTF-16 of the other order": lambda text: codecs.BOM_UTF16_BE + text.encode("utf-16-be"),
    "UTF-16 without a mark": lambda text: text.encode("utf-16-le"),
    "UTF-32": lambda text: text.encode("utf-32"),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("path", EITHER)
def test_a_file_in_any_unicode_form_is_read(swift, form, path):
    api = target(swift, "")
    api.commit({path: FORMS[form]("# ä\r\nkit/*\r\n!kit/b.md\r\n")})
    assert outcome(later(swift)) == "created"
    assert sent(api) == {"kit/b.md", "LICENSE"}
    leaves_alone(swift, "open")
    api.commit({path: FORMS[form]("*")})
    assert outcome(later(swift)) == "closed"
    assert leaves_alone(swift, "skipped").target("acme/api")["reason"] == f"opted out by {path}"


NO_TEXT = {
    "Latin-1": b"kit/\xe4.md\n",
    "bytes": bytes(range(256)),
    "a link": Symlink("docs/ignored"),
    "huge": b"\0" * 2**21,
}


@pytest.mark.parametrize("content", NO_TEXT.values(), ids=NO_TEXT)
@pytest.mark.parametrize("path", EITHER)
def test_a_file_that_can_not_be_read_opts_out_of_everything_and_says_so(swift, content, path):
    target(swift, "").commit({path: content})
    ran = leaves_alone(swift, "skipped")
    assert ran.target("acme/api")["reason"] == f"opted out by {path}"
    assert f"{path} can't be read as text, so it opts out of everything" in ran.log


def test_one_that_is_a_link_to_the_other_is_that_other(swift):
    api = target(swift, "kit/*\n", path=EITHER[1])
    api.commit({EITHER[0]: Symlink(EITHER[1])})
    assert outcome(later(swift)) == "created"
    assert sent(api) == {"LICENSE"}


def test_where_its_bytes_can_not_be_had_the_target_fails_and_gets_nothing(swift):
    target(swift, "").commit({EITHER[0]: "*".encode("utf-16")})
    swift.hub.fail(lambda request: "git/blobs" in request.path, status=403, times=99, body={"message": "no"})
    leaves_alone(swift, "failed")


# After the pull request is there


def test_an_opt_out_that_comes_later_takes_the_path_off_the_pull_request(swift):
    api = proposed(swift)
    api.commit({".broadcastignore": b"kit/a.md\n"})
    assert outcome(later(swift)) == "updated"
    assert sent(api) == {"kit/b.md"}
    assert "Left out: `kit/a.md` — opted out by .broadcastignore" in api.pulls[0].body
    leaves_alone(swift, "open")


def test_an_opt_out_of_all_closes_the_pull_request_and_declines_nothing(swift):
    api = proposed(swift)
    api.commit({".broadcastignore": b"*\n"})
    assert outcome(later(swift)) == "closed"
    assert (api.pulls[0].state, set(api.branches())) == ("CLOSED", {"main"})
    leaves_alone(swift, "skipped")
    api.commit({".broadcastignore": None})
    assert outcome(later(swift)) == "created"


def test_an_opt_out_on_our_branch_alone_withholds_nothing_yet_and_is_a_commit_of_others(swift):
    api = proposed(swift)
    api.commit({".broadcastignore": b"*\n"}, branch=OURS)
    leaves_alone(swift, "edited")


def test_a_pattern_that_means_nothing_is_a_warning_and_the_others_count(swift):
    api = target(swift, "kit/[[:alpha:]].md\nLICENSE\n")
    ran = later(swift)
    assert (ran.code, outcome(ran)) == (0, "created")
    assert sent(api) == {"kit/a.md", "kit/b.md", "kit/sub/c.md"}
    assert ".broadcastignore: the pattern 'kit/[[:alpha:]].md' can't be parsed" in ran.log
