"""How often the hot paths do what costs, for N and for 2N: so they can't grow quietly. Times are never asserted."""

from __future__ import annotations

import os
import sys
from collections import Counter

import pytest

from broadcast.config.parse import parse
from broadcast.git import ignore, objects
from broadcast.git.nofollow import Folders
from broadcast.github import batch
from broadcast.snapshot import render
from broadcast.snapshot.build import Builder
from broadcast.source.checkout import Checkout
from tests.bench import checkouts
from tests.bench.checkouts import CONFIG, PER_DIRECTORY, pipeline
from tests.world import SOURCE, git

N = 2 * PER_DIRECTORY
opened: list[bytes] | None = None  # by this process, while it is a list
folders: list[bytes] = []  # likewise, always


@pytest.fixture
def count(monkeypatch):
    """`count(place, name)` counts the calls of a function from now on, under its name."""
    calls: Counter[str] = Counter()

    def watch(place, name: str) -> Counter[str]:
        real = getattr(place, name)

        def counted(*arguments, **options):
            calls[name] += 1
            return real(*arguments, **options)

        monkeypatch.setattr(place, name, counted)
        return calls

    return watch


@pytest.fixture
def looked_at(monkeypatch):
    """The files that are looked at in directories that are open."""
    seen: list[bytes] = []
    stat = os.stat

    def counted(path, *, dir_fd=None, follow_symlinks=True):
        if dir_fd is not None:
            seen.append(path)
        return stat(path, dir_fd=dir_fd, follow_symlinks=follow_symlinks)

    monkeypatch.setattr(os, "stat", counted)
    return seen


@pytest.fixture
def directories_opened(_audit):
    """The directories that are opened during the test."""
    folders.clear()
    return folders


@pytest.fixture(scope="module")
def _audit():
    """The interpreter tells of every path that is opened; such a hook stays for good (PEP 578)."""

    def hook(event, details):
        if event == "open" and isinstance(details[0], bytes):
            if details[2] & os.O_DIRECTORY:
                folders.append(details[0])
            elif opened is not None:
                opened.append(details[0])

    sys.addaudithook(hook)


@pytest.fixture
def files_opened(_audit):
    """The files that are opened during the test."""
    global opened
    opened = []
    yield opened
    opened = None


def parsed(targets: int = 1, more: str = ""):
    names = ", ".join(f"acme/t{n}" for n in range(targets))
    text = f"version: 1\ntargets: [{names}]\ndirectories: [{{src: kit, dest: kit{more}}}]"
    return parse(text, CONFIG, SOURCE)


@pytest.mark.parametrize("files", [N, 2 * N])
def test_a_file_that_the_index_vouches_for_is_looked_at_once_and_never_opened(
    tmp_path, looked_at, files_opened, directories_opened, files
):
    checkouts.checkout(tmp_path, files)
    for seen in (looked_at, files_opened, directories_opened):
        seen.clear()
    pipeline(tmp_path, parsed())
    assert len(looked_at) == files
    assert [name for name in directories_opened if name == b"kit"] == [b"kit"]
    assert len([name for name in directories_opened if name.isdigit()]) == 1 + files // PER_DIRECTORY  # kit/0, below it
    names = [os.path.basename(file) for file in files_opened]  # noqa: PTH119  bytes
    assert names[:4] == [b"config", b"index", b"HEAD", b"main"]
    assert [name for name in names[4:] if len(name) == 38] == names[-1:]  # HEAD's commit alone


@pytest.mark.parametrize("files", [N, 2 * N])
def test_a_file_that_the_index_cannot_vouch_for_is_opened_once_and_hashed_once(tmp_path, count, files_opened, files):
    checkouts.touch(checkouts.checkout(tmp_path, files))
    calls = count(Folders, "read_id")
    count(Folders, "read")
    files_opened.clear()
    pipeline(tmp_path, parsed())
    assert calls == {"read_id": files, "read": 5}  # of .git: config, index, HEAD, its ref, objects that are elsewhere
    assert len([file for file in files_opened if file.endswith(b".md")]) == files


@pytest.mark.parametrize("files", [N, 2 * N])
def test_what_lies_in_an_excluded_directory_is_not_looked_at_and_no_pattern_is_asked(tmp_path, count, looked_at, files):
    checkouts.checkout(tmp_path, files + PER_DIRECTORY)
    looked_at.clear()
    calls = count(ignore.Excludes, "_last")
    pipeline(tmp_path, parsed(more=", exclude: ['/0/[1-9]*/']"))  # all but kit/0/0
    assert len(looked_at) == PER_DIRECTORY
    assert calls["_last"] == PER_DIRECTORY + 2 + files // PER_DIRECTORY  # its files, 0, 0/0; each excluded directory


@pytest.mark.parametrize("targets", [10, 20])
def test_patterns_are_compiled_and_trees_hashed_once_for_the_fleet(tmp_path, count, targets):
    checkouts.checkout(tmp_path, N)
    config = parsed(targets)
    calls = count(ignore, "_glob")
    count(objects, "build_tree")
    pipeline(tmp_path, config)
    assert calls == {"_glob": len(ignore.DEFAULT_EXCLUDES), "build_tree": 1}


@pytest.mark.parametrize("targets", [30, 60])
def test_trees_are_hashed_once_for_every_distinct_content_of_a_template(tmp_path, count, targets):
    from tests.unit.snapshot.test_render import Play

    named = ", ".join(f"{{repo: acme/t{n}, vars: {{V: v{n % 3}}}}}" for n in range(targets))
    play = Play(
        tmp_path, {"t": b"[[ V ]]", "u": b"plain"}, f"targets: [{named}]\nfiles: [{{src: t, template: true}}, u]\n"
    )
    calls = count(render, "build_tree")
    count(play.checkout, "read")
    for n in range(targets):
        play.at(f"t{n}")
    assert calls == {"build_tree": 3, "read": 1 + 3}  # one to see what it names, one for each rendering


def test_a_file_is_looked_at_once_however_often_it_is_listed(tmp_path, looked_at):
    checkouts.checkout(tmp_path, N)
    builder = Builder(parsed(), Checkout.open(tmp_path), frozenset())
    (mapping,) = builder.config.sources
    builder.snapshot((mapping,), ())
    seen = len(looked_at)
    builder.checkout.list("kit")
    builder.checkout.list("kit/0")
    assert len(looked_at) == seen


@pytest.mark.parametrize(("targets", "documents"), [(100, 2), (200, 3), (400, 5)])
def test_documents_are_built_for_many_targets_at_once(swift, count, targets, documents):
    """25 questions in the first, 100 in each that follows where answers are quick."""
    names = [f"acme/t{n}" for n in range(targets)]
    for name in names:
        swift.hub.repository(name, files={"LICENSE": b"MIT\n"})
    swift.write({"LICENSE": "MIT\n"}, f"version: 1\ntargets: [{', '.join(names)}]\nfiles: [LICENSE]\n")
    calls = count(batch, "document")
    ran = swift.run(cleanup="false")
    assert set(ran.outcomes.values()) == {"in_sync"}
    assert calls["document"] == documents


@pytest.mark.parametrize("targets", [3, 6])
def test_a_changed_file_is_read_twice_for_each_target_and_the_others_never(swift, count, targets):
    """Once to see that it can be sent, and how much it is; once to send it."""
    names = [f"acme/t{n}" for n in range(targets)]
    for name in names:
        swift.hub.repository(name, files={f"kit/{n}": b"same\n" for n in range(N)})
    files = {f"kit/{n}": "same\n" for n in range(N)} | {"kit/0": "new\n"}
    swift.write(files, f"version: 1\ntargets: [{', '.join(names)}]\ndirectories: [{{src: kit, dest: kit}}]\n")
    git(swift.source, "update-index", "--refresh")
    calls = count(Checkout, "read")
    ran = swift.run()
    assert set(ran.outcomes.values()) == {"created"}
    assert calls["read"] == 2 * targets + 2  # the config, and once to see whether it is a pointer of Git LFS
