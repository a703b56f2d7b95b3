"""What people ask of a run: to pause, to make the branch again, to wait for a queue; and whose pull requests count."""

from __future__ import annotations

import pytest

from tests.integration.test_main_job import changed
from tests.integration.test_people import KIT, OURS, config, later, leaves_alone, outcome, proposed, writes

WAYS = [
    ("box", "graphql"),
    ("box", "rest"),
    ("label", "graphql"),
    ("label", "rest"),
]


def ask(api, what: str, way: str) -> None:
    """Tick our box, or put a label on."""
    if way == "label":
        api.label_pull(1, f"broadcast:{what}")
        return
    box = f"- [ ] <!-- broadcast:{what} -->"
    assert box in api.pulls[0].body
    api.pulls[0].body = api.pulls[0].body.replace(box, box.replace("[ ]", "[x]"))


def unask(api, what: str, way: str) -> None:
    if way == "label":
        api.unlabel_pull(1, f"broadcast:{what}")
    else:
        api.pulls[0].body = api.pulls[0].body.replace("- [x]", "- [ ]")


def parents(api, branch: str = OURS) -> tuple[str, ...]:
    return tuple(api.objects.commit(api.head(branch)).parents)


# Pausing


@pytest.mark.parametrize("way", ["box", "label"])
def test_a_paused_pull_request_is_left_as_it_is_until_people_take_the_pause_away(swift, way):
    api = proposed(swift)
    ask(api, "pause", way)
    swift.write({"kit/a.md": "new\n"})
    assert leaves_alone(swift, "paused").target("acme/api")["reason"] == "people paused #1"
    leaves_alone(swift, "paused", overwrite="true")
    unask(api, "pause", way)
    assert outcome(later(swift)) == "updated"
    assert api.files(OURS)["kit/a.md"][1] == b"new\n"


def test_a_paused_pull_request_is_not_closed_when_nothing_is_left_to_change(swift):
    api = proposed(swift)
    ask(api, "pause", "label")
    api.commit({path: text.encode() for path, text in KIT.items()}, branch="side")
    api.set_branch("main", api.head("side"))
    leaves_alone(swift, "paused")
    assert api.pulls[0].state == "OPEN"


def test_a_box_that_stands_elsewhere_in_the_text_pauses_nothing(swift):
    api = proposed(swift)
    api.pulls[0].body = f"- [x] Pause\n{api.pulls[0].body}\nTick `- [x] <!-- broadcast:pause -->` to pause.\n"
    leaves_alone(swift, "open")


# Rebuilding


@pytest.mark.parametrize(("way", "strategy"), WAYS)
def test_a_rebuild_makes_the_branch_again_once_even_over_a_strangers_commit(swift, way, strategy):
    api = proposed(swift, labels=["theirs"])
    api.label_pull(1, "theirs")
    api.commit({"fix.txt": b"by hand\n"}, branch=OURS)
    api.commit({"src/main.py": b"print()\n"})
    leaves_alone(swift, "edited")
    ask(api, "rebuild", way)
    assert outcome(later(swift, write_strategy=strategy)) == "updated"
    assert changed(api, OURS) == {"kit/a.md": "A", "kit/b.md": "A"}
    assert parents(api) == (api.head(),)
    assert "- [x]" not in api.pulls[0].body
    assert api.pulls[0].labels == ["theirs"]
    leaves_alone(swift, "open", write_strategy=strategy)


def test_the_label_that_asks_for_a_rebuild_goes_even_when_it_is_the_only_one(swift):
    api = proposed(swift)
    ask(api, "rebuild", "label")
    assert outcome(later(swift)) == "updated"
    assert api.pulls[0].labels == []
    leaves_alone(swift, "open")


def takes_label(request, path, *_) -> bool:
    return path == ["label"]


@pytest.mark.parametrize("strategy", ["graphql", "rest"])
def test_taking_the_label_away_leaves_labels_that_others_give_at_the_same_time(swift, strategy):
    api = proposed(swift, labels=["late"])
    ask(api, "rebuild", "label")
    swift.hub.before(lambda request: request.writes, lambda *_: api.label_pull(1, "late"))
    assert outcome(later(swift, write_strategy=strategy)) == "updated"
    assert api.pulls[0].labels == ["late"]
    assert not any("labelIds" in str(request.variables.get("pull")) for request in writes(swift) if request.variables)


def test_a_label_whose_taking_away_is_refused_in_the_document_is_taken_away_by_rest(swift):
    api = proposed(swift)
    ask(api, "rebuild", "label")
    swift.hub.fail_field(takes_label, "Resource not accessible by integration", type="FORBIDDEN")
    assert outcome(later(swift)) == "updated"
    assert api.pulls[0].labels == []
    leaves_alone(swift, "open")


@pytest.mark.parametrize("strategy", ["graphql", "rest"])
def test_a_label_that_somebody_took_away_meanwhile_is_no_trouble(swift, strategy):
    api = proposed(swift)
    ask(api, "rebuild", "label")
    swift.hub.fail_field(takes_label, "Could not resolve to a node with the global id of 'LA_1'.", type="NOT_FOUND")
    swift.hub.before(
        lambda one: one.method == "DELETE" and "/labels/" in one.path, lambda *_: unask(api, "rebuild", "label")
    )
    ran = later(swift, write_strategy=strategy)
    assert outcome(ran) == "updated"
    assert "the label" not in ran.summary


@pytest.mark.parametrize("strategy", ["graphql", "rest"])
def test_a_label_that_the_token_may_not_take_away_is_a_warning(swift, strategy):
    api = proposed(swift)
    ask(api, "rebuild", "label")
    swift.hub.fail_field(takes_label, "Resource not accessible by integration", type="FORBIDDEN")
    swift.hub.fail(lambda one: one.method == "DELETE" and "/labels/" in one.path, status=403, body={"message": "no"})
    ran = later(swift, write_strategy=strategy)
    assert outcome(ran) == "updated"
    assert "the label broadcast:rebuild stays: GitHub answered HTTP 403" in ran.summary
    assert api.pulls[0].labels == ["broadcast:rebuild"]


def test_a_rebuild_keeps_what_people_wrote_around_our_text(swift):
    api = proposed(swift)
    api.pulls[0].title = "Theirs"
    api.pulls[0].body = f"Please read.\n{api.pulls[0].body}"
    ask(api, "rebuild", "box")
    assert outcome(later(swift)) == "updated"
    assert api.pulls[0].title == "Theirs"
    assert api.pulls[0].body.startswith("Please read.\n")
    assert [(pull.number, pull.state) for pull in api.pulls] == [(1, "OPEN")]


# Waiting for others


def test_a_pull_request_in_the_merge_queue_is_deferred(swift):
    api = proposed(swift)
    api.pulls[0].in_merge_queue = True
    swift.write({"kit/a.md": "new\n"})
    assert leaves_alone(swift, "deferred").target("acme/api")["reason"] == "#1 is in the merge queue"
    api.pulls[0].in_merge_queue = False
    assert outcome(later(swift)) == "updated"


# A base that moves


def test_rebase_always_rebuilds_whenever_the_base_moved_and_only_then(swift):
    api = proposed(swift)
    leaves_alone(swift, "open", rebase="always")
    api.commit({"src/main.py": b"print()\n"})
    leaves_alone(swift, "open", rebase="conflict")
    assert outcome(later(swift, rebase="always")) == "updated"
    assert parents(api) == (api.head(),)
    leaves_alone(swift, "open", rebase="always")


def test_rebase_always_does_not_rebuild_over_strangers(swift):
    api = proposed(swift)
    api.commit({"src/main.py": b"print()\n"})
    api.commit({"fix.txt": b"by hand\n"}, branch=OURS)
    leaves_alone(swift, "edited", rebase="always")


def test_a_pull_request_that_conflicts_with_its_base_is_rebuilt(swift):
    api = proposed(swift)
    api.commit({"kit/a.md": b"theirs, in the same place\n"})
    assert not api.mergeable(api.pulls[0])
    assert outcome(later(swift)) == "updated"
    assert api.mergeable(api.pulls[0])
    assert changed(api, OURS) == {"kit/a.md": "M", "kit/b.md": "A"}
    leaves_alone(swift, "open")


# Whose pull requests count


def forgery(swift) -> str:
    """The text of a pull request of ours, as anybody can copy it; from now on acme/web is a target too."""
    body = proposed(swift).pulls[0].body
    swift.write({}, config().replace("acme/api", "acme/api, acme/web"))
    return body


@pytest.mark.parametrize("state", ["OPEN", "CLOSED", "MERGED"])
@pytest.mark.parametrize("kind", ["a fork's branch of our name", "another branch"])
def test_a_copied_marker_makes_no_one_elses_pull_request_ours(swift, kind, state):
    body = forgery(swift)
    web = swift.hub.repository("acme/web", files={"README.md": b"theirs\n"})
    is_fork = kind.startswith("a fork")
    if not is_fork:
        web.commit({"topic.txt": b"x"}, branch="topic")
    theirs = web.open_pull(OURS if is_fork else "topic", body=body, author="mallory", cross_repository=is_fork)
    theirs.state = state
    ran = later(swift)
    assert ran.outcomes == {"acme/api": "open", "acme/web": "created"}
    assert (theirs.state, theirs.body, theirs.comments) == (state, body, [])
    assert (web.pulls[1].head, web.pulls[1].state) == (OURS, "OPEN")
    assert "undoes" not in web.pulls[1].body
    assert later(swift).outcomes == {"acme/api": "open", "acme/web": "open"}


def test_a_pull_request_of_another_broadcast_on_its_own_branch_is_ignored(swift):
    api = proposed(swift, "id: one\n")
    swift.write({}, config("id: two\n"))
    assert outcome(later(swift)) == "created"
    assert [(pull.head, pull.state) for pull in api.pulls] == [("broadcast/one", "OPEN"), ("broadcast/two", "OPEN")]
    api.close_pull(1)
    leaves_alone(swift, "open")


def test_the_branch_of_another_source_with_the_same_id_is_not_taken_over(swift):
    api = proposed(swift, "id: platform\n")
    api.commit({"kit/c.md": b"theirs\n"}, "broadcast/platform", "sync\n\nBroadcast-Id: platform (acme/others)\n")
    head = api.head("broadcast/platform")
    swift.write({"kit/a.md": "new\n"})
    ran = later(swift)
    assert outcome(ran) in ("edited", "failed")
    assert api.head("broadcast/platform") == head
    assert not writes(swift)
