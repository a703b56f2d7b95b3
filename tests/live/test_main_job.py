"""The main job, as a user has it: pull requests are opened, left alone, updated, merged, and closed."""

from __future__ import annotations

from tests.live.forwarder import Forwarder
from tests.live.job import Job
from tests.live.marks import statement

CONFIG = """\
version: 1
id: live
targets: [{targets}]
files: [LICENSE]
directories:
  - {{src: templates, dest: .templates}}
"""
FILES = {"LICENSE": "MIT\n", "templates/one.txt": "one\n", "templates/two.txt": "two\n"}
PATIENCE = 90.0  # seconds until a search knows of a pull request


def config(*targets):
    return {".github/broadcast.yml": CONFIG.format(targets=", ".join(target.full_name for target in targets))}


def outcomes(ran, *targets):
    assert ran.code == 0, ran.log
    return [ran.outcomes.get(target.full_name) for target in targets]


def merge(api, target):
    """GitHub may not know at once whether it can."""

    def merged():
        return api.rest("PUT", f"{target.path}/pulls/1/merge", {"merge_method": "squash"}).status == 200

    assert api.until(merged)


@statement("main-job")
def test_the_life_of_two_pull_requests(api, repositories, tmp_path):
    one, two = repositories.make(), repositories.make()
    api.budget.take(2)
    with Forwarder(api) as forwarder:
        job = Job(tmp_path / "job", forwarder, f"{one.owner}/broadcast-live-0")
        job.write(FILES | config(one, two))
        assert outcomes(job.run(), one, two) == ["created", "created"]
        assert job.writes() > 0
        assert outcomes(job.run(), one, two) == ["open", "open"]
        assert job.writes() == 0
        job.write({"templates/one.txt": "another one\n"})
        assert outcomes(job.run(), one, two) == ["updated", "updated"]
        merge(api, one)
        assert outcomes(job.run(), one, two) == ["in_sync", "open"]
        job.write(config(one))
        assert api.until(lambda: outcomes(job.run(), one, two) == ["in_sync", "closed"], seconds=PATIENCE)
    assert api.rest("GET", f"{two.path}/pulls/1", keep=("state",)).body["state"] == "closed"
