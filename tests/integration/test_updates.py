"""How our branch gets its base: by a clean merge or rebase it stays ours, no matter who did it; by anything else it is theirs."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.hub import Repository
from tests.hub.git.objects import Person
from tests.integration.test_main_job import changed
from tests.integration.test_people import KIT, OURS, config, later, leaves_alone, outcome, proposed

HELD = {path: text.encode() for path, text in KIT.items()}
AUTO = f"Merge branch 'main' into {OURS}\n"


def moved(api, files: dict[str, bytes] | None = None) -> None:
    """The base goes on."""
    api.commit(files or {"src/main.py": b"print()\n", "docs/deep/er/x.md": b"x\n"})


def by_hand(api, edits: dict[str, bytes | None], message: str = AUTO, other: str = "main") -> str:
    """A merge of another branch on somebody's machine, pushed with edits of their own."""
    ours, theirs = api.head(OURS), api.head(other)
    clean = api._merge_tree(ours, theirs)
    merged = api.write_commit(clean, [ours, theirs], "x\n", person(api))
    edited = api.objects.commit(api.commit(edits, branch="elsewhere", parents=[merged], force=True)).tree
    oid = api.write_commit(edited, [ours, theirs], message, person(api))
    api.set_branch(OURS, oid)
    api.delete_branch("elsewhere")
    return oid


def rebased(api, edits: dict[str, bytes | None]) -> str:
    """Our commit, made again on the base with edits, its message and its author's date kept."""
    api.update_branch(1, method="rebase")
    old = api.objects.commit(api.head(OURS))
    tree = api.objects.commit(api.commit(edits, branch="elsewhere", parents=[old.oid], force=True)).tree
    oid = api.write_commit(tree, old.parents, old.message, old.author, person(api))
    api.set_branch(OURS, oid)
    api.delete_branch("elsewhere")
    return oid


def on_top_of(api, below: str) -> None:
    """Our commit, picked onto somebody's."""
    old = next(one for one in api.pull_commits(api.pulls[0]) if "Broadcast-Plan" in one.message)
    tree = api.objects.commit(api.commit(HELD, branch="picked", parents=[below], force=True)).tree
    api.set_branch(OURS, api.write_commit(tree, [below], old.message, old.author, person(api)))
    for branch in {"picked", "elsewhere"} & api.branches().keys():
        api.delete_branch(branch)


def person(api) -> Person:
    return Person("Al", "al@example.com", int(api.hub.clock()) + 60, "+0000")


CLEAN: dict[str, Callable[[Repository], object]] = {
    "the button": lambda api: api.update_branch(1),
    "the button twice": lambda api: (api.update_branch(1), moved(api, {"z": b"z\n"}), api.update_branch(1)),
    "rebase": lambda api: api.update_branch(1, method="rebase"),
    "rebase twice": lambda api: [(api.update_branch(1, method="rebase"), moved(api, {"z": b"z\n"})) for _ in "12"],
    "rebase and the button": lambda api: (
        api.update_branch(1, method="rebase"), moved(api, {"z": b"z\n"}), api.update_branch(1)
    ),
    "a merge by hand": lambda api: by_hand(api, {}, "Merge remote-tracking branch 'origin/main' into it\n"),
    "a merge of a base that has a part": lambda api: (
        api.commit({"kit/b.md": HELD["kit/b.md"]}), api.update_branch(1)
    ),
    "a rebase onto a base that has a part": lambda api: (
        api.commit({"kit/b.md": HELD["kit/b.md"]}), api.update_branch(1, method="rebase")
    ),
}  # fmt: skip


@pytest.mark.parametrize("fresh", ["kit/a.md", "kit/b.md"])
@pytest.mark.parametrize("how", CLEAN)
def test_a_branch_that_was_brought_up_to_date_is_still_ours(swift, how, fresh):
    api = proposed(swift)
    moved(api)
    swift.hub.clock.advance(60)
    CLEAN[how](api)
    assert outcome(later(swift, command="plan")) == "open"
    swift.write({fresh: "new\n"})  # of a file that the base has got, that makes an older version
    assert outcome(later(swift)) == "updated"
    assert api.files(OURS)[fresh][1] == b"new\n"
    leaves_alone(swift, "open")


@pytest.mark.parametrize("how", CLEAN)
def test_it_is_still_ours_where_the_source_has_removed_a_file_since(swift, how):
    api = proposed(swift)
    moved(api)
    swift.hub.clock.advance(60)
    CLEAN[how](api)
    (swift.source / "kit/b.md").unlink()
    swift.write({"kit/a.md": "new\n"})
    assert outcome(later(swift)) == "updated"
    assert api.files(OURS)["kit/a.md"][1] == b"new\n"
    leaves_alone(swift, "open")


EDITED: dict[str, Callable[[Repository], object]] = {
    "a merge with another file": lambda api: by_hand(api, {"fix.txt": b"by hand\n"}),
    "a merge with another content": lambda api: by_hand(api, {"kit/a.md": b"by hand\n"}),
    "a merge that drops a file of ours": lambda api: by_hand(api, {"kit/a.md": None}),
    "a merge that takes back what the base did": lambda api: by_hand(api, {"src/main.py": None}),
    "a merge that no one would know by its title": lambda api: by_hand(api, {"fix.txt": b"x\n"}, "Tidy up\n"),
    "a merge of another branch": lambda api: (
        api.commit({"fix.txt": b"by hand\n"}, branch="feature"), by_hand(api, {}, other="feature")
    ),
    "a merge of another branch that holds the base": lambda api: (
        api.commit({"fix.txt": b"by hand\n"}, branch="feature"), by_hand(api, {}, AUTO, "feature")
    ),
    "a rebase with another file": lambda api: rebased(api, {"fix.txt": b"by hand\n"}),
    "a rebase with another content": lambda api: rebased(api, {"kit/a.md": b"by hand\n"}),
    "a rebase that drops a file of ours": lambda api: rebased(api, {"kit/a.md": None}),
    "a merge that drops a file of ours, of a base that has the other": lambda api: (
        api.commit({"kit/b.md": HELD["kit/b.md"]}), by_hand(api, {"kit/a.md": None})
    ),
    "a merge that takes back the file of ours that the base has got": lambda api: (
        api.commit({"kit/b.md": HELD["kit/b.md"]}), by_hand(api, {"kit/b.md": None})
    ),
    "a rebase that takes back the file of ours that the base has got": lambda api: (
        api.commit({"kit/b.md": HELD["kit/b.md"]}), rebased(api, {"kit/b.md": b"by hand\n"})
    ),
    "a clean merge over somebody's commit": lambda api: (
        api.commit({"fix.txt": b"by hand\n"}, branch=OURS), api.update_branch(1)
    ),
    "our commit on top of somebody's": lambda api: on_top_of(
        api, api.commit({"fix.txt": b"by hand\n"}, branch="elsewhere", parents=[api.head()])
    ),
    "our commit on top of a merge with another file": lambda api: on_top_of(api, by_hand(api, {"fix.txt": b"x\n"})),
    "a clean merge of a merge with another file": lambda api: (
        by_hand(api, {"fix.txt": b"x\n"}), moved(api, {"z": b"z\n"}), api.update_branch(1)
    ),
    "a rebase of somebody's commit with ours": lambda api: (
        api.commit({"fix.txt": b"by hand\n"}, branch=OURS), api.update_branch(1, method="rebase")
    ),
}  # fmt: skip


@pytest.mark.parametrize("how", EDITED)
def test_what_somebody_did_besides_is_never_overwritten(swift, how):
    api = proposed(swift)
    moved(api)
    EDITED[how](api)
    head = api.head(OURS)
    leaves_alone(swift, "edited")
    for fresh in ("kit/a.md", "kit/b.md"):
        swift.write({fresh: "new\n"})
        leaves_alone(swift, "edited")
    api.commit(dict.fromkeys(KIT, b"new\n"))
    leaves_alone(swift, "edited")
    assert api.head(OURS) == head


def test_a_bot_below_a_clean_merge_does_not_count_if_the_config_ignores_it(swift):
    bot = ("renovate[bot]", "29139614+renovate[bot]@users.noreply.github.com")
    api = proposed(swift, f"ignored_authors: ['{bot[0]}']\n")
    api.commit({"lock.json": b"{}"}, branch=OURS, author=bot)
    moved(api)
    api.update_branch(1)
    leaves_alone(swift, "open")
    by_hand(api, {"fix.txt": b"by hand\n"})
    leaves_alone(swift, "edited")


@pytest.mark.parametrize("method", ["", "merge", "rebase"])
def test_our_own_account_may_be_one_that_is_ignored(swift, method):
    api = proposed(swift, "ignored_authors: [broadcast-bot]\n")
    if method:
        moved(api)
        api.update_branch(1, method=method)
    leaves_alone(swift, "open")
    swift.write({"kit/a.md": "new\n"})
    assert outcome(later(swift)) == "updated"
    by_hand(api, {"fix.txt": b"by hand\n"})
    leaves_alone(swift, "edited")


def test_an_updated_branch_goes_when_nothing_is_left_to_change(swift):
    api = proposed(swift)
    moved(api)
    api.update_branch(1, method="rebase")
    api.commit(HELD)
    assert outcome(later(swift)) == "closed"
    assert set(api.branches()) == {"main"}
    assert changed(api, "main") == {}


def test_where_the_proof_can_not_be_had_the_target_fails_and_nothing_is_written(swift):
    swift.write(KIT, config().replace("[acme/api]", "[acme/api, acme/web]"))
    for name in ("acme/api", "acme/web"):
        swift.hub.repository(name, files={"README.md": b"theirs\n"})
    later(swift)
    api = swift.hub.find("acme/api")
    moved(api)
    api.update_branch(1)
    swift.hub.fail_field(lambda request, path, kind, field, _: (kind, field) == ("Tree", "entries"), "no", times=99)
    assert later(swift).outcomes == {"acme/api": "failed", "acme/web": "open"}
