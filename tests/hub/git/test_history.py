"""What a path's history is: the commits that real `git log -- path` finds, in its order."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest

from tests.hub import Hub
from tests.hub.git import history, trees
from tests.hub.git.objects import EXECUTABLE, REGULAR, Entry, Person

ASK = """query($oid: GitObjectID!, $path: String!, $first: Int!, $after: String) { repository(owner: "acme", name: "api") {
  object(oid: $oid) { ... on Commit { history(first: $first, after: $after, path: $path) {
    totalCount pageInfo { hasNextPage endCursor } nodes { oid file(path: $path) { oid mode path } } } } } } }"""
FILES = ("a", "b", "dir/a", "dir/b", "dir/sub/c", "swap", "swap/in")
PATHS = (*FILES, "dir", "dir/sub", "nowhere")
NODES = ["repository", "object", "history", "nodes"]
STEPS = 40


def asked(client, head, path, first=3):
    """All pages of the history."""
    found, after = [], None
    while True:
        answer = client.ask(ASK, oid=head, path=path, first=first, after=after)
        part = answer["data"]["repository"]["object"]["history"]
        absent = [[*NODES, place, "file"] for place, each in enumerate(part["nodes"]) if not each["file"]]
        assert [error["path"] for error in answer.get("errors", ())] == absent
        found += part["nodes"]
        if not part["pageInfo"]["hasNextPage"]:
            assert part["totalCount"] == len(found)
            return found
        after = part["pageInfo"]["endCursor"]


def logged(repository, head, path, *options):
    return repository.git("log", "--format=%H", *options, head, "--", path).split()


class Story:
    """Commits with none, one or more parents, whose clocks agree, differ or run backwards."""

    def __init__(self, repository, seed):
        self.repository, self.chance, self.made = repository, random.Random(seed), []

    def tell(self):
        for number in range(STEPS):
            self.made.append(self._commit(number))
        self.repository.set_branch("main", self.made[-1])
        return self.made[-1]

    def _commit(self, number):
        recent = self.made[-6:]
        parents = self.chance.sample(recent, min(len(recent), self.chance.choice((1, 1, 1, 2, 2, 3))))
        if self.chance.random() < 0.05:
            parents = []
        second = 1_700_000_000 + 60 * (number // 3) + self.chance.choice((0, 0, 0, 0, -200, 200))
        return self.repository.write_commit(
            self._tree(parents), parents, f"{number}\n", Person("Alice", "a@example.com", second, "+0000")
        )

    def _tree(self, parents):
        objects = self.repository.objects
        sides = [trees.files(objects, objects.commit(oid).tree) for oid in parents]
        merged = {path: entry for path in FILES if sides and (entry := self.chance.choice(sides).get(path))}
        if len(sides) < 2 or self.chance.random() < 0.3:
            self._change(merged, objects)
        if "swap" in merged and "swap/in" in merged:
            del merged[self.chance.choice(("swap", "swap/in"))]
        return trees.edit(objects, None, merged)

    def _change(self, files, objects):
        for path in self.chance.sample(FILES, self.chance.choice((0, 1, 2))):
            if path in files and self.chance.random() < 0.4:
                del files[path]
            else:
                blob = objects.add("blob", b"%d\n" % self.chance.randrange(3))
                files[path] = Entry(self.chance.choice((REGULAR, REGULAR, EXECUTABLE)), blob)


@pytest.mark.parametrize("seed", range(12))
def test_every_path_has_the_history_that_git_shows(tmp_path, seed):
    with Hub(tmp_path / "hub") as hub:
        repository = hub.repository("acme/api")
        head = Story(repository, seed).tell()
        for path in PATHS:
            found = [each.oid for each in history.touching(repository.objects, head, path)]
            assert found == logged(repository, head, path), path
        assert [each.oid for each in history.log(repository.objects, head)] == repository.git("rev-list", head).split()


def test_the_stories_have_all_that_matters(tmp_path):
    """Merges that git simplifies away, deletions, and clocks that run backwards."""
    simplified = deleted = backwards = 0
    with Hub(tmp_path / "hub") as hub:
        for seed in range(4):
            repository = hub.repository(f"acme/r{seed}")
            head = Story(repository, seed).tell()
            simplified += sum(
                logged(repository, head, p) != logged(repository, head, p, "--full-history") for p in PATHS
            )
            deleted += sum(bool(logged(repository, head, path, "--diff-filter=D")) for path in PATHS)
            times = [each.committer.seconds for each in history.log(repository.objects, head)]
            backwards += any(later > earlier for earlier, later in pairwise(times))
    assert min(simplified, deleted, backwards) > 0


@pytest.mark.parametrize("path", ["a", "dir", "dir/sub", "swap"])
def test_the_pages_of_a_history_say_what_each_commit_left_there(hub, client, path):
    repository = hub.repository("acme/api")
    head = Story(repository, 2).tell()
    found = asked(client, head, path)
    assert [each["oid"] for each in found] == logged(repository, head, path)
    for each in found:
        mode, _, oid = (repository.git("ls-tree", each["oid"], path).split("\t")[0].split() or [None] * 3)[:3]
        expected = {"oid": oid, "mode": int(mode, 8), "path": path} if mode else None
        assert each["file"] == expected


def test_the_commit_that_deleted_a_path_is_the_newest_of_its_history(hub, client, api):
    first = api.head()
    changed = api.commit({"dir0/file0.txt": b"other\n"})
    api.commit({"dir1/file1.txt": b"aside\n"})
    deleted = api.commit({"dir0/file0.txt": None})
    found = asked(client, api.head(), "dir0/file0.txt")
    assert [each["oid"] for each in found] == [deleted, changed, first]
    assert [each["file"] and each["file"]["mode"] for each in found] == [None, 0o100644, 0o100644]
    assert [each["oid"] for each in asked(client, api.head(), "dir0/")] == [deleted, changed, first]
    assert asked(client, api.head(), "nowhere") == []


def test_of_a_merge_only_the_side_that_the_path_came_from_is_reported(hub, client, api):
    first = api.head()
    ours = api.commit({"dir0/file0.txt": b"ours\n"})
    api.commit({"dir0/file0.txt": b"theirs\n"}, branch="side", parents=[first])
    merge = api.commit({}, parents=[ours, api.head("side")], message="Merge, and keep ours")
    assert [each["oid"] for each in asked(client, merge, "dir0/file0.txt")] == [ours, first]
    both = api.commit({"dir0/file0.txt": b"both\n"}, parents=[merge, api.head("side")])
    found = [each["oid"] for each in asked(client, both, "dir0/file0.txt")]
    assert found == logged(api, both, "dir0/file0.txt")
    assert {both, api.head("side"), ours, first} == set(found)


def test_a_filter_that_the_hub_lacks_is_reported_loudly(hub, client, api):
    document = ASK.replace("path: $path)", 'path: $path, since: "2020-01-01T00:00:00Z")', 1)
    assert "does not implement history by since" in client.refused(document, oid=api.head(), path="a", first=1)[1]
    assert hub.unimplemented == ["history by since"]
