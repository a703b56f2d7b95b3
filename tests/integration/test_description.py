"""What a pull request tells of the source's history and of people's work at the target, as GitHub knows it."""

from __future__ import annotations

import re

import pytest

from tests.integration.test_modes import publish
from tests.integration.test_people import later
from tests.world import TOKEN, git

CONFIG = "version: 1\ntargets: [{}]\ndirectories: [{{src: kit}}]\n"


def commit(swift, files, message: str) -> str:
    swift.write(files)
    git(swift.source, "commit", "-q", "--amend", "--allow-empty", "-m", message)
    return git(swift.source, "rev-parse", "HEAD").strip()


@pytest.fixture
def synced(swift):
    """Two targets that have merged the source's first state; the source, on the hub, has gone on since."""
    swift.write({"kit/a.md": "1\n", "kit/b.md": "1\n", ".github/broadcast.yml": CONFIG.format("acme/api, acme/web")})
    for name in ("api", "web"):
        swift.hub.repository(f"acme/{name}", files={"README.md": b"theirs\n"})
    publish(swift)
    later(swift)
    for name in ("api", "web"):
        swift.hub.find(f"acme/{name}").merge_pull(1, delete_branch=True)
    return swift


def go_on(swift) -> None:
    commit(swift, {"kit/a.md": "2\n"}, "Teach a to sing")
    commit(swift, {"README.md": "not sent\n"}, "Say hello")
    git(swift.source, "checkout", "-q", "-b", "topic", "HEAD~1")
    commit(swift, {"kit/c.md": "new\n"}, "Add c | <b>")
    git(swift.source, "checkout", "-q", "main")
    git(swift.source, "merge", "-q", "--no-ff", "-m", "Merge topic", "topic")
    publish(swift)


def news(body: str) -> list[str]:
    part = body.partition("since the last sync:\n")[2].partition("To decline")[0]
    return re.findall(r"^- \[`[0-9a-f]{10}`\]\(\S+\) (.*)$", part, re.MULTILINE)


def test_the_commits_that_touch_what_is_sent_are_listed(synced):
    go_on(synced)
    later(synced)
    for name in ("api", "web"):
        assert news(synced.hub.find(f"acme/{name}").pulls[1].body) == [
            "Add c &#x7c; &#x3c;b&#x3e; (Sam)",
            "Teach a to sing (Sam)",
        ]


def test_one_question_serves_the_fleet_and_none_is_asked_where_nothing_is_written(synced):
    go_on(synced)

    def asked() -> int:
        return sum((request.document or "").count("messageHeadline") for request in synced.hub.requests)

    later(synced, command="plan")
    assert asked() == 0
    later(synced)
    assert asked() == 1
    later(synced)
    assert asked() == 0


@pytest.mark.parametrize("way", ["out of reach", "not pushed", "trouble"])
def test_without_an_answer_the_link_alone_reports_it(synced, way):
    commit(synced, {"kit/a.md": "2\n"}, "Teach a to sing")
    if way != "not pushed":
        publish(synced)
    if way == "out of reach":
        synced.hub.token(TOKEN, repositories=["acme/api", "acme/web"])
    if way == "trouble":
        synced.hub.fail(lambda request: "messageHeadline" in (request.document or ""), status=500, times=99)
    ran = later(synced)
    assert ran.code == 0
    body = synced.hub.find("acme/api").pulls[1].body
    assert news(body) == []
    assert ") since the last sync." in body


def test_a_description_in_older_words_stays_as_it_is_until_the_next_update(swift):
    api = swift.hub.repository("acme/api", {"README.md": b"theirs\n"})
    swift.write({"CODE": "1\n"}, "version: 1\ntargets: [acme/a*]\nfiles: [CODE]\n")
    swift.run()
    assert "selects this repository by `acme/a*`." in api.pulls[0].body
    older = api.pulls[0].body = api.pulls[0].body.replace("Opened by", "Written by")
    assert swift.run().outcomes == {"acme/api": "open"}
    assert api.pulls[0].body == older
    swift.write({"CODE": "2\n"})
    assert swift.run().outcomes == {"acme/api": "updated"}
    assert "Opened by [Broadcast]" in api.pulls[0].body


@pytest.mark.parametrize(("more", "declines"), [("", True), ("on_decline: repropose\n", False)])
def test_it_says_whether_closing_declines_by_the_config(swift, more, declines):
    api = swift.hub.repository("acme/api", {"README.md": b"theirs\n"})
    files = "files: [NEWS, {src: CODE, required: true}]\n"
    swift.write({"CODE": "1\n", "NEWS": "1\n"}, f"version: 1\ntargets: [acme/api]\n{files}{more}")
    swift.run()
    assert "selects this repository by its name." in api.pulls[0].body
    assert "acme/templates requires 1 file of these: neither closing this pull request nor" in api.pulls[0].body
    assert ("the same changes won't be proposed again" in api.pulls[0].body) == declines


def test_a_change_of_people_that_is_overwritten_is_theirs_by_name(synced):
    api = synced.hub.find("acme/api")
    api.commit({"kit/a.md": b"mine\n"}, author=("Bob", "bob@example.com"))
    theirs = api.head()
    go_on(synced)
    ran = later(synced)
    assert f"| `kit/a.md` | changed; overwrites what Bob changed here ([`{theirs[:10]}`]" in api.pulls[1].body
    assert "overwrites" not in synced.hub.find("acme/web").pulls[1].body
    assert "undoes what people changed in<br>`kit/a.md`" in ran.summary


@pytest.mark.parametrize("command", ["check", "status", "plan"])
def test_a_command_that_writes_nothing_does_not_ask_who_changed_what(synced, command):
    synced.hub.find("acme/api").commit({"kit/a.md": b"mine\n"}, author=("Bob", "bob@example.com"))
    go_on(synced)
    later(synced, command=command)
    assert not [request for request in synced.hub.requests if "last0" in (request.document or "")]


def test_who_changed_what_is_asked_together_with_the_sources_commits(synced):
    synced.hub.find("acme/api").commit({"kit/a.md": b"mine\n"}, author=("Bob", "bob@example.com"))
    go_on(synced)
    later(synced)
    (asked,) = [request.document for request in synced.hub.requests if "last0" in (request.document or "")]
    assert "messageHeadline" in asked


def test_without_an_answer_the_change_is_somebodys(synced):
    synced.hub.find("acme/api").commit({"kit/a.md": b"mine\n"}, author=("Bob", "bob@example.com"))
    go_on(synced)
    synced.hub.fail(lambda request: "last0" in (request.document or ""), status=400, times=99)
    assert later(synced).code == 0
    assert "| `kit/a.md` | changed; overwrites what was changed here |" in synced.hub.find("acme/api").pulls[1].body


def test_an_older_version_of_the_source_is_no_ones_work(synced):
    api = synced.hub.find("acme/api")
    commit(synced, {"kit/a.md": "2\n"}, "two")
    api.commit({"kit/a.md": b"2\n"})  # by hand, as the source has it
    go_on(synced)
    commit(synced, {"kit/a.md": "3\n"}, "three")
    publish(synced)
    later(synced)
    assert "overwrites" not in api.pulls[1].body


def test_it_names_the_mapping_by_its_line(synced):
    go_on(synced)
    later(synced)
    body = synced.hub.find("acme/api").pulls[1].body
    assert re.search(r"^- `kit` is sent \(\[line 3\]\(\S+/\.github/broadcast\.yml#L3\)\)$", body, re.MULTILINE)
