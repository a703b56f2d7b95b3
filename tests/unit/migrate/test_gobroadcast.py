"""Configs of go-broadcast: what comes out, what is noted, and that both send the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from broadcast.config.parse import parse
from broadcast.errors import ConfigError, UsageError
from broadcast.migrate import Migration, ProofComparison, SourceList, migrate, of_files, report
from tests.unit.migrate.test_others import GO_BROADCAST, SOURCE
from tests.world import git


def notes(found: Migration) -> list[str]:
    return [str(note) for note in found.notes]


def config(said: str, lists: str = "", more: str = "") -> str:
    """A config with one target that says this."""
    return f"""version: 1
{lists}groups:
  - name: All
    id: all
    source: {{repo: acme/templates, branch: main}}
    defaults: {{pr_labels: [sync]}}
    targets:
      - repo: acme/api
        branch: main
{said}{more}"""


def of_checkout(tmp_path: Path, text: str, *files: str) -> tuple[Migration, ProofComparison]:
    """The migration in a repository with these files, each with its name as content."""
    for path in files:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(f"{path}\n")
    (tmp_path / "sync.yaml").write_text(text)
    git(tmp_path, "init", "-q")
    git(tmp_path, "add", "--all", "--force")
    git(tmp_path, "-c", "user.name=a", "-c", "user.email=a@b.c", "commit", "-qm", "x")
    migration, comparison = of_files(tmp_path, SOURCE, "sync.yaml")
    assert comparison is not None
    return migration, comparison


def groups(found: Migration) -> str:
    """What follows the head of the new config."""
    return found.text[found.text.index("supersedes") :].partition("\n")[2]


def test_it_comes_out_in_our_terms_with_what_closes_its_pull_requests() -> None:
    found = migrate(GO_BROADCAST, "sync.yaml", SOURCE)
    assert found.text.startswith(
        "# Migrated from sync.yaml of mrz1836/go-broadcast.\nversion: 1\nid: acme/templates.sync\n"
        "supersedes: [chore/files-, chore/sync-files-]\ngroups:\n"
    )
    new = parse(found.text, "new", SOURCE)
    assert (new.read_as, new.supersedes) == ("", ("chore/files-", "chore/sync-files-"))


def test_what_means_something_else_is_noted() -> None:
    found = migrate(GO_BROADCAST, "sync.yaml", SOURCE)
    for start in (
        "sync.yaml:4: pr_labels: gave pull requests the label `automated-sync`",
        "sync.yaml:9: branch: left the base to go-broadcast",
        "sync.yaml:9: groups: made a pull request for each group (and 1 more) →",
        "sync.yaml:9: transform: replaced names wherever they stood",
        "sync.yaml:6: blob_size_limit: has no effect: nothing is cloned → remove it",
    ):
        assert any(one.startswith(start) for one in notes(found)), (start, notes(found))
    assert report(found, None)[0] == "sync.yaml: a config of mrz1836/go-broadcast"


def test_an_id_of_its_own_stays() -> None:
    found = migrate(GO_BROADCAST.replace("groups:", "id: mine\ngroups:", 1), "sync.yaml", SOURCE)
    assert parse(found.text, "new", SOURCE).id == "mine"


def test_keys_without_a_value_and_an_id_of_any_text_come_out() -> None:
    found = migrate(
        'id: "Our sync"\n' + config("        files: [{src: a, dest: a}]\n        directories:\n"), "sync.yaml", SOURCE
    )
    assert parse(found.text, "new", SOURCE).id == "Our-sync"


LISTS = """file_lists:
  - {id: one, name: One, files: [{src: a, dest: a}, {src: b, dest: x}]}
  - {id: two, name: Two, files: [{src: c, dest: x}]}
directory_lists:
  - {id: kits, name: Kits, directories: [{src: kit, dest: d}, {src: more, dest: e}]}
"""


def test_lists_that_a_target_takes_as_they_are_stay_lists(tmp_path: Path) -> None:
    said = "        file_list_refs: [one]\n        directory_list_refs: [kits]\n"
    found, both = of_checkout(tmp_path, config(said, LISTS), "a", "b", "c", "kit/k", "more/m")
    assert both.is_same
    assert "file_list_refs: [one], directory_list_refs: [kits]" in found.text
    assert "id: two" not in found.text


def test_the_later_list_and_the_inline_entry_win(tmp_path: Path) -> None:
    said = """        file_list_refs: [one, two]
        directory_list_refs: [kits]
        directories: [{src: own, dest: d}]
"""
    found, both = of_checkout(tmp_path, config(said, LISTS), "a", "b", "c", "kit/k", "more/m", "own/o")
    assert both.is_same
    assert both.counts == {"acme/api@main": (4, 4)}
    assert "{src: c, dest: x}" in found.text
    assert "{src: own, dest: d" in found.text
    assert "src: kit" not in found.text


def test_what_it_always_leaves_out_is_left_out(tmp_path: Path) -> None:
    said = '        directories: [{src: kit, dest: kit, exclude: ["*.log", "!keep.log", docs/x]}]\n'
    files = [
        f"kit/{one}"
        for one in (".env", ".env.example", "a.tmp", "a.log", "keep.log", "docs/x", "b/docs/x", "a.out", "c")
    ]
    found, both = of_checkout(tmp_path, config(said), *files)
    assert (both.is_same, both.counts) == (True, {"acme/api@main": (3, 3)})
    assert found.text.endswith("default_excludes: false\n")


def test_defaults_of_ours_that_do_the_same_are_left_to_them(tmp_path: Path) -> None:
    found, both = of_checkout(
        tmp_path, config("        directories: [{src: kit, dest: kit}]\n"), "kit/a", "kit/b/tmp/c"
    )
    assert both.is_same
    assert groups(found).endswith(
        "      - repo: acme/api\n        branch: main\n        directories:\n"
        '          - {src: kit, exclude: ["*.tmp", "*.temp", .env.*]}\n'
    )


def test_of_two_directories_the_first_leaves_out_what_the_second_sends(tmp_path: Path) -> None:
    said = "        directories: [{src: kit, dest: d}, {src: own, dest: d}]\n"
    found, both = of_checkout(tmp_path, config(said), "kit/a", "kit/b", "own/a")
    assert both.is_same
    assert 'exclude: ["*.tmp", "*.temp", .env.*, /a]' in found.text
    assert any("did this to acme/api@main first, and something else to d/a afterwards" in one for one in notes(found))


def test_a_directory_has_the_last_word_over_a_file(tmp_path: Path) -> None:
    said = "        files: [{src: a, dest: d/a}]\n        directories: [{src: kit, dest: d}]\n"
    found, both = of_checkout(tmp_path, config(said), "a", "kit/a")
    assert both.is_same
    assert "dest: d/a" not in found.text


@pytest.mark.parametrize("src", ["", "src: dummy, ", "src: kit, "])
def test_deletions_are_removals_whatever_their_source(tmp_path: Path, src: str) -> None:
    said = f"""        files: [{{{src}dest: old.yml, delete: true}}]
        directories: [{{{src}dest: legacy/, delete: true}}, {{src: kit, dest: kit}}]
"""
    found, both = of_checkout(tmp_path, config(said), "kit/a")
    assert both.is_same
    assert "remove: [old.yml, legacy]" in found.text


def test_what_is_deleted_and_sent_again_is_sent(tmp_path: Path) -> None:
    said = "        directories: [{dest: d, delete: true}, {src: kit, dest: d/kit}]\n"
    found, both = of_checkout(tmp_path, config(said), "kit/a")
    assert both.is_same
    assert "remove" not in found.text
    assert any("something else to d/kit/a afterwards" in one for one in notes(found))


def test_what_it_skips_is_left_out_and_noted(tmp_path: Path) -> None:
    said = """        files: [{src: gone, dest: gone}, {src: kit, dest: k}, {src: a, dest: a}]
        directories: [{src: never, dest: n}, {src: a, dest: f}, {src: kit, dest: k, include_only: ["*.md"]}]
"""
    found, both = of_checkout(tmp_path, config(said), "a", "kit/b")
    assert (both.is_same, both.counts) == (True, {"acme/api@main": (1, 1)})
    for did in (
        "gone: skipped this file, which is not there", "kit: failed at this directory",
        "never: skipped this directory, which is not there", "a: skipped this directory, which is a file",
        "kit: sent nothing of it: every file is excluded",
    ):  # fmt: skip
        assert any(did in one for one in notes(found)), did


def test_a_config_of_which_nothing_is_left_is_refused_with_the_reasons(tmp_path: Path) -> None:
    said = "        files: [{src: gone, dest: gone}]\n        directories: [{src: never, dest: x}]\n"
    with pytest.raises(ConfigError) as caught:
        of_checkout(tmp_path, config(said), "a")
    assert caught.value.message == "nothing of sync.yaml can be migrated"
    assert [one.message for one in caught.value.problems] == [
        "gone: skipped this file, which is not there",
        "never: skipped this directory, which is not there",
    ]
    assert all(one.line and "commit it first" in one.remedy for one in caught.value.problems)


OTHER = """  - name: Others
    id: others
    depends_on: [all]
    source: {repo: acme/other}
    targets: [{repo: acme/api, files: [{src: b, dest: b}]}]
  - name: More
    id: more
    depends_on: [others, all]
    source: {repo: Acme/Templates}
    targets: [{repo: acme/web, files: [{src: b, dest: b}]}]
"""


def test_of_several_sources_this_ones_groups_come_out_and_the_others_are_named(tmp_path: Path) -> None:
    found, both = of_checkout(tmp_path, config("        files: [{src: a, dest: a}]\n", more=OTHER), "a", "b")
    assert both.is_same
    assert [spec.group.id for spec in parse(found.text, "new", SOURCE).targets] == ["all", "more"]
    assert "depends_on: [all]" in found.text
    assert any(
        "source: sent from acme/other, too" in one and "in a checkout of acme/other" in one for one in notes(found)
    )
    assert any("depends_on: waited for others, of another source" in one for one in notes(found))


def test_a_config_without_a_group_of_this_source_names_those_that_it_has(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"no group of sync\.yaml sends from acme/templates: it has acme/other"):
        of_checkout(
            tmp_path, config("        files: [{src: a, dest: a}]\n").replace("acme/templates", "acme/other"), "a"
        )


def test_a_target_with_a_transform_keeps_it_from_its_directories(tmp_path: Path) -> None:
    said = """        files: [{src: a, dest: a}]
        directory_list_refs: [kits]
        transform: {repo_name: true, variables: {SERVICE: api}}
"""
    found, both = of_checkout(tmp_path, config(said, LISTS), "a", "kit/k", "more/m")
    assert both.is_same
    assert "transform: {repo_name: true, variables: {SERVICE: api}}" in found.text
    assert found.text.count("transform: {inherit: false}") == 2


def test_what_validate_would_refuse_is_refused(tmp_path: Path) -> None:
    said = "        directories: [{src: kit, dest: d, preserve_structure: false}]\n"
    with pytest.raises(ConfigError) as caught:
        of_checkout(tmp_path, config(said), "kit/x/a", "kit/y/a")
    assert "both go to d/a" in caught.value.problems[0].message


def test_without_the_source_every_pattern_is_written_out() -> None:
    found = migrate(config("        directories: [{src: kit, dest: kit}]\n"), "sync.yaml", SOURCE, SourceList())
    assert found.old is None
    assert "default_excludes: false" in found.text
    assert '"**/*/tmp/"' in found.text


def test_what_it_says_of_reports_is_carried_over(tmp_path: Path) -> None:
    block = "performance: {enable_metrics: true, report_threshold: 1000, workers: 3}\n"
    found, _ = of_checkout(tmp_path, config("        files: [{src: a, dest: a}]\n", more=block), "a")
    assert "performance: {enable_metrics: true, report_threshold: 1000}\n" in found.text
    assert any("performance.workers: has no effect: " in one for one in notes(found))


def test_executables_and_symlinks_are_noted(tmp_path: Path) -> None:
    (tmp_path / "kit").mkdir()
    (tmp_path / "kit/run.sh").write_text("#!/bin/sh\n")
    (tmp_path / "kit/run.sh").chmod(0o755)
    (tmp_path / "kit/link").symlink_to("run.sh")
    found, both = of_checkout(tmp_path, config("        directories: [{src: kit, dest: kit}]\n"), "kit/a")
    assert both.is_same
    assert any("modes: wrote new files such as kit/run.sh without their executable bit" in one for one in notes(found))
    assert any("symlinks: sent what kit/link points to" in one for one in notes(found))


COMMENTED = """# Head

version: 1
# the lists
file_lists:
  - id: common
    name: Common
    files:
      # a licence
      - {src: LICENSE, dest: LICENSE}
groups:
  # our group
  - name: All
    id: all
    source: {repo: acme/templates}
    targets:
      # the api
      - repo: acme/api
        file_list_refs: [common]
        files:
          # the makefile
          - src: Makefile
            dest: Makefile
          - {src: dummy, dest: old, delete: true} # gone
"""


def test_comments_stay_with_their_items() -> None:
    found = migrate(COMMENTED, "sync.yaml", SOURCE)
    assert (
        found.text
        == """# Migrated from sync.yaml of mrz1836/go-broadcast.
# Head
version: 1
id: acme/templates.sync
supersedes: [chore/sync-files-]
file_lists:
  # the lists
  - id: common
    name: Common
    files:
      # a licence
      - LICENSE
groups:
  # our group
  - name: All
    id: all
    targets:
      # the api
      - repo: acme/api
        file_list_refs: [common]
        files:
          # the makefile
          - Makefile
        remove:
          - old # gone
"""
    )


def test_a_group_does_not_wait_for_one_of_which_nothing_is_left(tmp_path: Path) -> None:
    said = "        files: [{src: gone, dest: gone}]\n"
    more = OTHER[OTHER.index("  - name: More") :].replace("[others, all]", "[all]")
    found, both = of_checkout(tmp_path, config(said, more=more), "b")
    assert both.counts == {"acme/api@main": (0, 0), "acme/web": (1, 1)}
    assert "depends_on" not in found.text
