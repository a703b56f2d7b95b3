"""Which config is migrated, and what is said where it isn't there."""

from __future__ import annotations

from pathlib import Path

import pytest

from broadcast.errors import UsageError
from broadcast.migrate import find
from broadcast.migrate.model import SourceList

STEP = "on: push\njobs: {a: {steps: [{uses: BetaHuhn/repo-file-sync-action@v1}]}}\n"


@pytest.mark.parametrize(("there", "named"), [(".github/sync.yaml", ".github/sync.yaml"), ("other.yml", "FILE")])
def test_a_config_that_a_step_reads_and_that_is_not_there_is_answered_with_one_that_is(
    there: str, named: str, tmp_path: Path
) -> None:
    (tmp_path / ".github").mkdir()
    (tmp_path / there).write_text("acme/api: [LICENSE]\n", encoding="utf-8")
    (tmp_path / "w.yml").write_text(STEP, encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        find.chosen(tmp_path, SourceList(), "acme/templates", "", "w.yml")
    assert caught.value.message == "the step in w.yml reads the config .github/sync.yml, which isn't there"
    assert caught.value.remedy == f"give the right one: --config {named} --workflow w.yml"
