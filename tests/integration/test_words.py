"""Words of the source's commits in titles, descriptions and messages; authors, sign-offs and co-authors of commits."""

from __future__ import annotations

import subprocess

import pytest

from tests.hub.git.objects import Commit, Person
from tests.integration.test_narrow_tokens import install
from tests.integration.test_people import OURS, later, outcome, proposed, writes
from tests.integration.test_tokens import as_app
from tests.world import SOURCE, git

QUOTING = (
    "pr_title: 'sync: {source_title}'\n"
    "pr_body: |\n  {source_message}\n\n  {change_list}\n\n  by {source_authors} at {source_commit}\n"
    "commit_message: |\n  sync: {source_title} ({source_commit})\n\n  {source_message}\n\n  {change_list}\n"
)
MESSAGE = """\
Teach a to sing

It could not before. Fixes #12, thanks @bob.

Signed-off-by: Sam <sam@example.com>
Broadcast-Id: acme/other (acme/other)
"""


def commit(swift, files: dict, message: str, author: str = "Sam <sam@example.com>") -> str:
    swift.write(files)
    git(swift.source, "commit", "-q", "--amend", "--allow-empty", "-m", message, "--author", author)
    return git(swift.source, "rev-parse", "HEAD").strip()


def written(swift, more: str, message: str = MESSAGE, **settings):
    """A target to which HEAD, with this message, was sent."""
    api = proposed_later(swift, more, message, **settings)
    assert outcome(later(swift)) == "created"
    return api


def proposed_later(swift, more: str, message: str = MESSAGE, **settings):
    commit(swift, {"kit/a.md": "a\n", ".github/broadcast.yml": config(more)}, message)
    swift.publish()
    return swift.hub.repository("acme/api", files={"README.md": b"theirs\n"}, **settings)


def config(more: str) -> str:
    return f"version: 1\ntargets: [acme/api]\ndirectories: [kit]\n{more}"


def tip(api, branch: str = OURS) -> Commit:
    return api.objects.commit(api.head(branch))


def trailers(message: str) -> list[str]:
    """What git itself takes for the trailers of a message."""
    found = subprocess.run(
        ["git", "interpret-trailers", "--parse"], input=message, capture_output=True, text=True, check=True
    )
    return found.stdout.splitlines()


def test_the_sources_commit_is_quoted_in_title_description_and_message(swift):
    api = written(swift, QUOTING)
    head, (pull,) = git(swift.source, "rev-parse", "HEAD")[:10], api.pulls
    assert pull.title == "sync: Teach a to sing"
    assert pull.body.partition("\n\nThis updates")[0].replace("\u2060", "").splitlines()[1:] == [
        "Teach a to sing", "", "It could not before. Fixes #12, thanks @bob.", "", "- add `kit/a.md`", "",
        f"by Sam at {head}",
    ]  # fmt: skip
    message = tip(api).message
    assert message.replace("\u2060", "").split("\n\n")[:4] == [
        f"sync: Teach a to sing ({head})", "Teach a to sing", "It could not before. Fixes #12, thanks @bob.",
        "- add kit/a.md",
    ]  # fmt: skip
    assert [one.partition(":")[0] for one in trailers(message)] == ["Broadcast-Id", "Broadcast-Plan"]
    assert "#12" not in message + pull.body
    assert "@bob" not in message + pull.body


def test_a_whole_message_can_be_the_commits(swift):
    api = written(swift, "commit_message: '{source_message}'\n", "One\nTwo\n\nThree\n")
    assert tip(api).message.startswith("One\n\nTwo\n\nThree\n\nSource: ")


def test_words_cost_no_call(swift):
    proposed(swift)
    plain = len(swift.hub.requests)
    swift.hub.find("acme/api").pulls.clear()
    swift.hub.find("acme/api").refs.delete(f"refs/heads/{OURS}")
    swift.write({}, config(QUOTING))
    assert outcome(later(swift)) == "created"
    assert len(swift.hub.requests) == plain


@pytest.mark.parametrize("more", [QUOTING, QUOTING + "co_authors: true\nsign_off: true\ncommit_author: A <a@b.c>\n"])
def test_a_commit_that_sends_nothing_rewrites_no_text(swift, more):
    api = written(swift, more)
    before = (api.head(OURS), api.pulls[0].title, api.pulls[0].body)
    for number in range(3):
        commit(swift, {"README.md": f"{number}\n"}, f"Say hello {number}", "Eve <eve@example.com>")
        swift.publish()
        assert (outcome(later(swift)), writes(swift)) == ("open", [])
    assert (api.head(OURS), api.pulls[0].title, api.pulls[0].body) == before
    commit(swift, {"kit/a.md": "b\n"}, "Sing better")
    swift.publish()
    assert outcome(later(swift)) == "updated"
    assert api.pulls[0].title == "sync: Sing better"


@pytest.mark.parametrize("kind", ["classic", "app"])
def test_of_a_source_that_its_readers_may_not_read_nothing_is_quoted(swift, kind):
    api = proposed_later(swift, QUOTING + "co_authors: true\n", private=False)
    swift.hub.find(SOURCE).private = True
    ran = later(swift)
    (pull,) = api.pulls
    assert pull.title == "sync: files of acme/templates"
    assert "by the authors of acme/templates at HEAD" in pull.body
    everything = pull.title + pull.body.partition("<!-- broadcast:marker")[0] + tip(api).message
    head = git(swift.source, "rev-parse", "HEAD")[:10]
    assert not [word for word in ("Teach", "sing", "Sam", "sam@", "#12", head) if word in everything]
    assert "texts leave out what acme/templates's commits say" in ran.log + ran.summary
    swift.write({"kit/a.md": "b\n"}, config(QUOTING + "news: true\n"))
    assert outcome(later(swift)) == "updated"
    assert api.pulls[0].title == "sync: change"


def test_all_authors_of_what_it_brings_are_named(swift):
    api = written(swift, QUOTING + "co_authors: true\n")
    assert trailers(tip(api).message)[0] == "Co-authored-by: Sam <sam@example.com>"  # with no sync before, HEAD's
    api.merge_pull(1, delete_branch=True)
    commit(swift, {"kit/a.md": "2\n"}, "two", "Eve <eve@example.com>")
    commit(swift, {"kit/a.md": "3\n"}, "three", "renovate[bot] <29139614+renovate[bot]@users.noreply.github.com>")
    commit(swift, {"kit/a.md": "4\n"}, "four", "Eve M. <EVE@example.com>")
    commit(swift, {"README.md": "x\n"}, "not sent", "Mallory <mallory@example.com>")
    swift.publish()
    assert outcome(later(swift)) == "created"
    assert trailers(tip(api).message)[:-2] == ["Co-authored-by: Eve M <EVE@example.com>"]
    assert "by Eve M, renovate&#x5b;bot&#x5d;, Eve at" in api.pulls[1].body


def test_news_off_names_the_authors_all_the_same_and_lists_nothing(swift):
    api = written(swift, "co_authors: true\nnews: false\n")
    api.merge_pull(1, delete_branch=True)
    commit(swift, {"kit/a.md": "2\n"}, "Headline", "Eve <eve@example.com>")
    swift.publish()
    later(swift)
    assert trailers(tip(api).message)[0] == "Co-authored-by: Eve <eve@example.com>"
    assert "Headline" not in api.pulls[1].body


AUTHORED = "commit_author: Sync Bot <sync@example.com>\n"


def test_a_named_author_makes_an_unsigned_commit_which_the_log_says_once(swift):
    api = proposed(swift, AUTHORED)
    made = tip(api)
    assert made.author[:2] == made.committer[:2] == ("Sync Bot", "sync@example.com")
    assert made.signature is None
    assert swift.runs[-1].log.count("commit_author: GitHub signs no commit of an author that is named") == 1
    assert swift.run(command="validate").log.count("GitHub signs no commit") == 1


def test_a_commit_of_a_named_author_is_ours_and_no_other_of_theirs_is(swift):
    api = proposed(swift, AUTHORED)
    swift.write({"kit/a.md": "new\n"})
    assert outcome(later(swift)) == "updated"
    assert tip(api).author[:2] == ("Sync Bot", "sync@example.com")
    api.commit({"x": b"by hand\n"}, branch=OURS, author=("Sync Bot", "sync@example.com"))
    swift.write({"kit/a.md": "newer\n"})
    assert (outcome(later(swift)), writes(swift)) == ("edited", [])


def test_a_named_author_that_is_ignored_still_makes_commits_of_ours(swift):
    api = proposed(swift, AUTHORED + "ignored_authors: [sync@example.com]\n")
    assert outcome(later(swift)) == "open"
    swift.write({"kit/a.md": "new\n"})
    assert outcome(later(swift)) == "updated"
    assert tip(api).author[:2] == ("Sync Bot", "sync@example.com")


def test_graphql_alone_can_not_set_an_author(swift):
    swift.write({"kit/a.md": "a\n"}, config(AUTHORED))
    swift.hub.repository("acme/api", files={"README.md": b"theirs\n"})
    ran = swift.run(write_strategy="graphql")
    assert ran.code == 2
    assert "write-strategy: graphql can't set a commit_author" in ran.log
    assert swift.hub.requests == []


def test_where_signatures_are_required_the_reason_says_what_to_do(swift):
    swift.write({"kit/a.md": "a\n"}, config(AUTHORED))
    api = swift.hub.repository("acme/api", files={"README.md": b"theirs\n"})
    api.required_signatures = ["broadcast/**"]
    ran = later(swift)
    assert (outcome(ran), api.pulls) == ("failed", [])
    assert "take commit_author out for this target" in ran.log


SIGNED = "sign_off: true\n"


def test_a_person_signs_off_by_name_and_address(swift):
    api = proposed(swift, SIGNED)
    made = tip(api)
    assert trailers(made.message)[0] == f"Signed-off-by: {made.author.name} <{made.author.email}>"
    assert len([one for one in swift.hub.requests if one.path == "/user"]) == 1
    assert outcome(later(swift)) == "open"
    assert not [one for one in swift.hub.requests if one.path == "/user"]


@pytest.mark.parametrize("strategy", ["auto", "rest"])
def test_an_author_who_is_recorded_with_another_address_is_reported(swift, strategy):
    swift.hub.person = lambda login: Person("Ann", "ann@example.com", int(swift.hub.clock()), "+0000")
    swift.write({"kit/a.md": "a\n"}, config(SIGNED))
    swift.hub.repository("acme/api", files={"README.md": b"theirs\n"})
    ran = later(swift, write_strategy=strategy)
    assert outcome(ran) == "created"
    assert "signed off, but GitHub recorded Ann <ann@example.com>: set commit_author to one of them" in ran.log


def test_a_named_author_signs_off_without_a_call(swift):
    api = proposed(swift, SIGNED + AUTHORED)
    assert trailers(tip(api).message)[0] == "Signed-off-by: Sync Bot <sync@example.com>"
    assert not [one for one in swift.hub.requests if one.path == "/user"]


def test_a_bots_token_signs_off_as_the_bot(swift):
    token = swift.hub.token("ghs_abc", "github-actions[bot]", kind="app")
    swift.write({"kit/a.md": "a\n"}, config(SIGNED))
    api = swift.hub.repository("acme/api", files={"README.md": b"theirs\n"})
    assert outcome(later(swift, token="ghs_abc")) == "created"
    made = tip(api)
    assert made.author[:2] == ("github-actions[bot]", token.user.email)
    assert trailers(made.message)[0] == f"Signed-off-by: github-actions[bot] <{token.user.email}>"
    assert len([one for one in swift.hub.requests if "viewer {" in (one.document or "")]) == 1


def test_whose_token_it_is_is_asked_once_for_many_targets(swift):
    swift.write(
        {"kit/a.md": "a\n"}, "version: 1\ntargets: [acme/a, acme/b, acme/c]\ndirectories: [kit]\nsign_off: true\n"
    )
    for name in "abc":
        swift.hub.repository(f"acme/{name}", files={"README.md": b"theirs\n"})
    later(swift)
    assert len([one for one in swift.hub.requests if one.path == "/user"]) == 1


def test_without_an_answer_nothing_is_committed_unsigned(swift):
    swift.write({"kit/a.md": "a\n"}, config(SIGNED))
    swift.hub.repository("acme/api", files={"README.md": b"theirs\n"})
    swift.hub.fail(lambda request: request.path == "/user", status=404, times=99)
    ran = later(swift)
    assert (outcome(ran), writes(swift)) == ("failed", [])
    assert "name the author in commit_author" in ran.log


def test_trailers_come_together_in_one_order(swift):
    api = written(swift, SIGNED + "co_authors: true\n")
    names = [one.partition(":")[0] for one in trailers(tip(api).message)]
    assert names == ["Co-authored-by", "Signed-off-by", "Broadcast-Id", "Broadcast-Plan"]


def test_an_app_is_asked_once_for_all_its_owners(apps):
    apps.write({"kit/a.md": "a\n"}, config(SIGNED).replace("[acme/api]", "[acme/api, labs/lib]"))
    targets = [apps.hub.repository(name, files={"README.md": b"theirs\n"}) for name in ("acme/api", "labs/lib")]
    for owner in ("acme", "labs"):
        install(apps, owner)
    assert set(as_app(apps).outcomes.values()) == {"created"}
    for one in targets:
        made = tip(one)
        assert trailers(made.message)[0] == f"Signed-off-by: {made.author.name} <{made.author.email}>"
    assert len([one for one in apps.hub.requests if "viewer {" in (one.document or "")]) == 1


@pytest.mark.parametrize("strategy", ["auto", "rest"])
def test_a_push_has_the_same_words_and_the_same_author(swift, strategy):
    api = proposed_later(swift, QUOTING + AUTHORED + SIGNED + "delivery: push\n")
    assert outcome(later(swift, write_strategy=strategy)) == "pushed"
    made = tip(api, "main")
    assert made.author[:2] == ("Sync Bot", "sync@example.com")
    assert made.message.startswith("sync: Teach a to sing (")
    assert [one.partition(":")[0] for one in trailers(made.message)] == [
        "Signed-off-by",
        "Broadcast-Id",
        "Broadcast-Plan",
    ]


def test_a_rollback_quotes_the_commit_that_it_goes_back_to(swift):
    api = written(swift, "pr_title: 'sync: {source_title}'\n", "One\n")
    good = git(swift.source, "rev-parse", "HEAD").strip()
    api.merge_pull(1, delete_branch=True)
    commit(swift, {"kit/a.md": "b\n"}, "Two")
    swift.publish()
    later(swift)
    api.merge_pull(2, delete_branch=True)
    assert outcome(later(swift, command="rollback", to=good)) == "created"
    assert api.pulls[-1].title == f"sync: One (roll back to {good[:10]})"


def test_plan_asks_no_one_who_signs(swift):
    swift.write({"kit/a.md": "a\n"}, config(SIGNED))
    swift.hub.repository("acme/api", files={"README.md": b"theirs\n"})
    assert outcome(later(swift, command="plan")) == "created"
    assert not [one for one in swift.hub.requests if one.path == "/user"]


def test_a_shallow_checkout_has_the_words(swift, tmp_path):
    api = proposed_later(swift, QUOTING)
    commit(swift, {"README.md": "x\n"}, "Say hello")
    git(tmp_path, "clone", "-q", "--depth", "1", f"file://{swift.source}", "shallow")
    swift.source = tmp_path / "shallow"
    assert outcome(later(swift)) == "created"
    assert api.pulls[0].title == "sync: Say hello"
