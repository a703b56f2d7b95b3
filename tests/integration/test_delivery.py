"""`delivery: push`: the same plan as one commit on the base branch."""

from __future__ import annotations

from functools import partial

import pytest

from tests.integration.test_kills import run_and_kill_at
from tests.integration.test_people import later, outcome, writes
from tests.world import git

BOT = "broadcast-bot"
KIT = {"kit/a.md": "one\n", "kit/b.md": "same\n"}


def config(delivery: str, *names: str, more: str = "") -> str:
    return f"version: 1\ntargets: [{', '.join(names)}]\ndirectories: [kit]\ndelivery: {delivery}\n{more}"


def ready(swift, delivery="push", more="", files=None):
    """A target, and a source that sends two files to it."""
    api = swift.hub.repository("acme/api", files={"README.md": b"theirs\n", **(files or {})})
    swift.write(KIT, config(delivery, "acme/api", more=more))
    return api


def messages(api) -> list[str]:
    return git(api.path, "log", "--format=%s", "main").split("\n")[:-1]


def test_a_change_is_one_commit_on_the_base(swift):
    api = ready(swift)
    head = api.head("main")
    ran = later(swift)
    assert (ran.code, outcome(ran)) == (0, "pushed"), ran.log
    assert api.files()["kit/a.md"][1] == b"one\n"
    assert not api.pulls
    assert sorted(api.branches()) == ["main"]
    commit = api.objects.commit(api.head("main"))
    assert commit.parents == (head,) or list(commit.parents) == [head]
    assert (ran.outputs["pushed"], ran.target("acme/api")["pushed_commit"]) == ("1", api.head("main"))
    assert f"/acme/api/commit/{api.head('main')}" in ran.summary
    assert len(writes(swift)) == 1


def test_a_run_with_nothing_to_change_writes_nothing(swift):
    ready(swift)
    later(swift)
    ran = later(swift)
    assert outcome(ran) == "in_sync"
    assert not writes(swift)


def test_what_the_source_changes_is_pushed_again_and_again(swift):
    api = ready(swift)
    for text in ("two\n", "three\n", "one\n", "two\n"):
        assert outcome(later(swift)) == "pushed"
        swift.write({"kit/a.md": text})
    assert outcome(later(swift)) == "pushed"
    assert len(messages(api)) == 6


def test_a_commit_that_people_reverted_is_not_pushed_again(swift):
    api = ready(swift)
    later(swift)
    swift.write({"kit/a.md": "two\n"})
    later(swift)
    api.commit({"kit/a.md": b"one\n"})
    ran = later(swift)
    assert outcome(ran) == "declined", ran.log
    assert not writes(swift)
    assert "changed back by" in ran.log
    swift.write({"kit/a.md": "three\n"})
    assert outcome(later(swift)) == "pushed"
    assert api.files()["kit/a.md"][1] == b"three\n"


def test_a_file_that_people_changed_since_it_was_sent_is_not_overwritten(swift):
    api = ready(swift)
    later(swift)
    commit = api.commit({"kit/a.md": b"by hand\n"})
    swift.write({"kit/a.md": "two\n"})
    ran = later(swift)
    assert (ran.code, outcome(ran)) == (0, "edited"), ran.log
    assert f"kit/a.md was changed since it was sent, by Alice ({commit[:10]})" in ran.log
    assert not writes(swift)
    assert outcome(later(swift, overwrite="true")) == "pushed"
    assert api.files()["kit/a.md"][1] == b"two\n"


def test_a_file_that_people_deleted_since_it_was_sent_stays_deleted(swift):
    api = ready(swift)
    later(swift)
    api.commit({"kit/a.md": None})
    assert outcome(later(swift)) == "declined"
    swift.write({"kit/a.md": "two\n"})
    assert outcome(later(swift)) == "edited"
    assert "kit/a.md" not in api.files()


def test_what_people_keep_is_left_out_and_the_rest_is_pushed(swift):
    api = ready(swift, more="on_local_change: keep\n")
    later(swift)
    api.commit({"kit/a.md": b"by hand\n"})
    swift.write({"kit/a.md": "two\n", "kit/b.md": "other\n"})
    assert outcome(later(swift)) == "pushed"
    assert [api.files()[path][1] for path in ("kit/a.md", "kit/b.md")] == [b"by hand\n", b"other\n"]


def test_with_push_or_pull_request_people_are_asked_about_their_changes(swift):
    api = ready(swift, "push_or_pull_request")
    assert outcome(later(swift)) == "pushed"
    api.commit({"kit/a.md": b"by hand\n"})
    swift.write({"kit/a.md": "two\n"})
    assert outcome(later(swift)) == "created"
    assert api.files()["kit/a.md"][1] == b"by hand\n"
    assert outcome(later(swift)) == "open"
    assert not writes(swift)


STRATEGIES = ("auto", "rest")


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("kind", ["UNPROCESSABLE", "FORBIDDEN"])
@pytest.mark.parametrize("rule", ["protected", "by_pull_request"])
def test_a_base_that_takes_no_push_fails_the_target_and_says_what_to_do(swift, rule, kind, strategy):
    swift.hub.unknowns.ruleset_type = kind
    api = ready(swift)
    getattr(api, rule).append("main")
    ran = later(swift, write_strategy=strategy)
    assert (ran.code, outcome(ran)) == (1, "failed")
    assert "set delivery: push_or_pull_request to get a pull request there" in ran.log
    assert (api.pulls, sorted(api.branches())) == ([], ["main"])


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("kind", ["UNPROCESSABLE", "FORBIDDEN"])
@pytest.mark.parametrize("rule", ["protected", "by_pull_request"])
def test_a_base_that_takes_no_push_gets_a_pull_request_in_the_same_run(swift, rule, kind, strategy):
    swift.hub.unknowns.ruleset_type = kind
    api = ready(swift, "push_or_pull_request")
    getattr(api, rule).append("main")
    ran = later(swift, write_strategy=strategy)
    assert (ran.code, outcome(ran)) == (0, "created"), ran.log
    assert "look again" not in ran.log
    (pull,) = api.pulls
    assert pull.state == "OPEN"
    assert outcome(later(swift, write_strategy=strategy)) == "open"
    assert not writes(swift)
    swift.write({"kit/a.md": "two\n"})
    assert outcome(later(swift, write_strategy=strategy)) == "updated"
    assert len(api.pulls) == 1
    assert len(messages(api)) == 1


def is_push(request) -> bool:
    """Whether this request moves the base."""
    return "CommitOnBase" in str(request.body) or (request.method == "PATCH" and "/git/refs/" in request.path)


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_a_base_that_moves_before_the_push_is_looked_at_again(swift, strategy):
    api = ready(swift)
    swift.hub.before(is_push, lambda hub, _: api.commit({"src/main.py": b"theirs\n"}))
    ran = later(swift, write_strategy=strategy)
    assert (ran.code, outcome(ran)) == (0, "pushed"), ran.log
    assert api.files()["src/main.py"][1] == b"theirs\n"
    assert len(messages(api)) == 3


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_what_people_push_meanwhile_is_not_overwritten(swift, strategy):
    api = ready(swift)
    later(swift)
    swift.write({"kit/a.md": "two\n"})
    swift.hub.before(is_push, lambda hub, _: api.commit({"kit/a.md": b"by hand\n"}))
    assert outcome(later(swift, write_strategy=strategy)) == "edited"
    assert api.files()["kit/a.md"][1] == b"by hand\n"


@pytest.mark.parametrize("strategy", STRATEGIES)
@pytest.mark.parametrize("after_effect", [False, True])
def test_a_lost_answer_never_makes_a_second_commit(swift, after_effect, strategy):
    api = ready(swift)
    swift.hub.fail(is_push, status=0, after_effect=after_effect)
    ran = later(swift, write_strategy=strategy)
    assert (ran.code, outcome(ran)) == (0, "pushed"), ran.log
    assert len(messages(api)) == 2
    assert outcome(later(swift)) == "in_sync"


@pytest.mark.parametrize("strategy", STRATEGIES)
def test_two_runs_at_once_make_one_commit(swift, strategy):
    api = ready(swift)
    swift.hub.before(is_push, lambda hub, _: swift.run(write_strategy=strategy))
    swift.run(write_strategy=strategy)
    assert [one.outcomes["acme/api"] for one in swift.runs] == ["pushed", "pushed"]
    assert len(messages(api)) == 2


def test_a_base_that_keeps_moving_is_left_after_some_tries(swift):
    api = ready(swift)
    swift.hub.before(is_push, lambda hub, request: api.commit({f"src/{request.number}": b"theirs\n"}), times=20)
    ran = later(swift)
    assert outcome(ran) == "failed"
    assert len([request for request in swift.hub.requests if is_push(request)]) <= 8


def test_modes_and_symlinks_are_pushed_by_rest(swift):
    api = ready(swift)
    script = swift.source / "kit/run.sh"
    script.write_text("echo\n")
    script.chmod(0o755)
    (swift.source / "kit/link").symlink_to("run.sh")
    swift.write({})
    ran = later(swift)
    assert outcome(ran) == "pushed", ran.log
    assert [api.files()[path][0] for path in ("kit/run.sh", "kit/link")] == [0o100755, 0o120000]
    assert len(messages(api)) == 2
    assert outcome(later(swift)) == "in_sync"


def test_an_open_pull_request_goes_on_where_either_will_do(swift):
    api = ready(swift, "pull_request")
    later(swift)
    swift.write({"kit/a.md": "two\n"}, config("push_or_pull_request", "acme/api"))
    assert outcome(later(swift)) == "updated"
    api.merge_pull(1)
    swift.write({"kit/a.md": "three\n"})
    assert outcome(later(swift)) == "pushed"


def test_an_open_pull_request_is_closed_after_a_push(swift):
    api = ready(swift, "pull_request")
    later(swift)
    swift.write({}, config("push", "acme/api"))
    assert outcome(later(swift)) == "pushed"
    assert outcome(later(swift)) == "closed"
    assert outcome(later(swift)) == "in_sync"
    assert [pull.state for pull in api.pulls] == ["CLOSED"]


def test_what_people_declined_in_a_pull_request_is_not_pushed(swift):
    api = ready(swift, "pull_request")
    later(swift)
    api.close_pull(1, by="sam")
    swift.write({}, config("push", "acme/api"))
    assert outcome(later(swift)) == "declined"
    assert not writes(swift)


@pytest.mark.parametrize("command", ["plan", "check"])
def test_commands_that_only_look_say_what_a_push_would_do(swift, command):
    api = ready(swift)
    ran = later(swift, command=command)
    assert (ran.code, outcome(ran)) == (3 if command == "check" else 0, "pushed")
    assert not writes(swift)
    assert len(messages(api)) == 1


def test_opted_out_and_too_many_deletions_count_as_in_a_pull_request(swift):
    api = ready(swift, files={".broadcastignore": b"kit/a.md\n"}, more="limits: {max_deletions: 0}\n")
    assert outcome(later(swift)) == "pushed"
    assert "kit/a.md" not in api.files()
    swift.write({}, config("push", "acme/api", more="remove: [README.md]\nlimits: {max_deletions: 0}\n"))
    assert outcome(later(swift)) == "failed"
    assert "README.md" in api.files()


def test_a_frozen_run_pushes_nothing(swift):
    ready(swift)
    assert outcome(later(swift, freeze="true")) == "pushed"
    assert not writes(swift)


def test_a_reviewed_plan_is_pushed_and_no_other(swift):
    ready(swift)
    digest = later(swift, command="plan").outputs["plan-digest"]
    swift.write({"kit/a.md": "two\n"})
    assert later(swift, expect_plan=digest).code == 1
    assert not writes(swift)
    digest = later(swift, command="plan").outputs["plan-digest"]
    assert outcome(later(swift, expect_plan=digest)) == "pushed"


def test_a_rollback_of_what_was_pushed_is_proposed(swift):
    api = ready(swift)
    good = git(swift.source, "rev-parse", "HEAD").strip()
    later(swift)
    swift.write({"kit/a.md": "bad\n"})
    later(swift)
    swift.publish()
    ran = later(swift, command="rollback", to=good)
    assert (ran.code, outcome(ran)) == (0, "created"), ran.log
    api.merge_pull(1)
    assert api.files()["kit/a.md"][1] == b"one\n"
    assert outcome(later(swift)) == "declined"


FLEET = 100


def test_a_fleet_is_pushed_to_with_one_write_for_each_target(swift):
    names = [f"acme/t{number}" for number in range(FLEET)]
    for name in names:
        swift.hub.repository(name, files={"kit/a.md": b"zero\n", "kit/own.md": b"theirs\n"})
    swift.write(KIT, config("push", *names))
    cost = []
    for text in ("one\n", "two\n"):
        swift.write({"kit/a.md": text})
        ran = later(swift, results_file="results.json")
        assert set(ran.outcomes.values()) == {"pushed"}, ran.log
        cost.append((len(swift.hub.requests) - len(writes(swift)), len(writes(swift))))
    assert cost == [(5, FLEET), (5, FLEET)]


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize(("strategy", "number"), [("graphql", 2), ("graphql", 3), *(("rest", n) for n in range(3, 6))])
def test_a_run_after_one_that_was_killed_at_a_request_makes_the_one_commit(swift, strategy, number, when):
    api = ready(swift)
    run_and_kill_at(swift, partial(swift.hub.on_request, number), when == "after", write_strategy=strategy)
    assert len(swift.hub.requests) == number
    assert outcome(later(swift, write_strategy=strategy)) in ("pushed", "in_sync")
    assert outcome(later(swift, write_strategy=strategy)) == "in_sync"
    assert (len(messages(api)), sorted(api.branches())) == (2, ["main"])


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("delivery", ["push", "push_or_pull_request"])
def test_no_storm_makes_a_second_commit_or_leaves_anything(swift, delivery, seed):
    apis = [swift.hub.repository(f"acme/t{number}", files={"README.md": b"theirs\n"}) for number in range(12)]
    for api in apis[::3]:
        api.protected.append("main")
    swift.write(KIT, config(delivery, *(f"acme/t{number}" for number in range(12))))
    storm = swift.hub.storm(seed, rate=0.3)
    later(swift, write_strategy=STRATEGIES[seed % 2])
    swift.hub.calm()
    assert storm.counts.total()
    for _ in range(2):
        swift.hub.clock.advance(3600)
        ran = later(swift)
    assert not writes(swift) or delivery == "push"  # which tries each time where the base is protected
    for number, api in enumerate(apis):
        kind = ("failed" if delivery == "push" else "open") if number % 3 == 0 else "in_sync"
        ours = [message for message in messages(api) if "sync files" in message]
        assert (ran.outcomes[f"acme/t{number}"], len(ours)) == (kind, number % 3 and 1), ran.log
        assert len(api.pulls) == (kind == "open")
        assert {name for name in api.branches() if "scratch" in name} == set()


@pytest.mark.parametrize(("delivery", "then"), [("push", "edited"), ("push_or_pull_request", "created")])
def test_what_the_source_requires_is_not_pushed_over_a_revert_either(swift, delivery, then):
    api = ready(swift)
    text = config(delivery, "acme/api").replace("directories: [kit]", "directories: [{src: kit, required: true}]")
    swift.write({}, text)
    later(swift)
    swift.write({"kit/a.md": "two\n"})
    later(swift)
    api.commit({"kit/a.md": b"one\n"})
    assert outcome(later(swift)) == then
    assert api.files()["kit/a.md"][1] == b"one\n"


def test_merge_pushes_nothing(swift):
    api = ready(swift)
    ran = later(swift, command="merge", only_targets="acme/api")
    assert (ran.code, outcome(ran)) == (0, "skipped")
    assert (writes(swift), len(messages(api))) == ([], 1)


SHARED = """\
version: 1
targets: [acme/api]
delivery: push
files:
  - {src: ignored, dest: .gitignore, mode: block, id: kit}
  - {src: keys.json, dest: package.json, mode: keys}
"""
BLOCK = b"# broadcast:begin kit managed by acme/templates\n*.pyc\n# broadcast:end kit\n"


@pytest.fixture
def shared(swift):
    """A target with pushed parts of two files that it has lines of its own in."""
    held = {".gitignore": b"own/\n", "package.json": b'{\n  "name": "api"\n}\n'}
    api = swift.hub.repository("acme/api", files=held)
    swift.write({"ignored": "*.pyc\n", "keys.json": '{"lint": "eslint"}\n'}, SHARED)
    assert outcome(later(swift)) == "pushed"
    assert BLOCK in api.files()[".gitignore"][1]
    return api


def test_people_s_own_lines_of_a_shared_file_stop_no_push(swift, shared):
    shared.commit({".gitignore": b"own/\nmore/\n\n" + BLOCK})
    swift.write({"ignored": "*.pyo\n"})
    assert outcome(later(swift)) == "pushed"
    assert shared.files()[".gitignore"][1] == b"own/\nmore/\n\n" + BLOCK.replace(b"pyc", b"pyo")


def test_a_part_that_people_changed_is_not_overwritten(swift, shared):
    shared.commit({".gitignore": b"own/\n\n" + BLOCK.replace(b"*.pyc", b"*.mine")})
    swift.write({"ignored": "*.pyo\n"})
    assert outcome(later(swift)) == "edited"


def test_a_part_that_people_took_out_stays_out(swift, shared):
    shared.commit({".gitignore": b"own/\n"})
    assert outcome(later(swift)) == "declined"
    swift.write({"keys.json": '{"lint": "biome"}\n'})
    assert outcome(later(swift)) == "pushed"
    assert shared.files()[".gitignore"][1] == b"own/\n"


WORDS = {  # in which GitHub might refuse, and the type
    "words in no record": ("The branch rests today", "UNPROCESSABLE"),
    "a type in no record": ("No.", "RULESET"),
    "the right is missing": ("Resource not accessible by integration", "FORBIDDEN"),
    "a merge queue": ("Changes must be made through the merge queue", "UNPROCESSABLE"),
    "a check is expected": ('Required status check "ci" is expected.', "UNPROCESSABLE"),
}


@pytest.mark.parametrize("kind", WORDS)
@pytest.mark.parametrize(("delivery", "then"), [("push", "failed"), ("push_or_pull_request", "created")])
def test_whatever_words_refuse_a_push_the_outcome_is_the_same(swift, delivery, then, kind):
    words, type_ = WORDS[kind]
    api = ready(swift, delivery)
    refused = []

    def to_main(request, path, type_name, field, arguments) -> bool:
        given = (arguments.get("input") or {}).get("branch") or {}
        if field == "createCommitOnBranch" and given.get("branchName") == "main":
            refused.append(path)
            return True
        return False

    swift.hub.fail_field(to_main, words, type=type_, times=99)
    ran = later(swift, write_strategy="graphql")
    assert outcome(ran) == then, ran.log
    assert 1 <= len(refused) <= (3 if delivery == "push" else 1)
    assert words.split('"')[0] in ran.log or then == "created"
    assert len(messages(api)) == 1
