"""What one snapshot becomes at each target: whose values count, what is rendered how often, what is left alone."""

from __future__ import annotations

import pytest

from broadcast.config import targets
from broadcast.config.parse import parse
from broadcast.errors import FileUnavailable
from broadcast.git.objects import SYMLINK, blob_id, build_tree
from broadcast.observe.state import Branch, Located, State
from broadcast.snapshot import render as rendering
from broadcast.snapshot.build import Builder
from broadcast.snapshot.content import Recipe
from broadcast.snapshot.render import Renderer
from broadcast.snapshot.snapshot import Snapshot
from broadcast.source.checkout import Checkout

SOURCE = "acme/templates"


class Play:
    """A checkout, a config, and what every target should hold."""

    def __init__(self, root, files: dict[str, bytes], config: str) -> None:
        for path, content in files.items():
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(content)
        parsed = parse(f"version: 1\n{config}", "broadcast.yml", SOURCE)
        self.targets = {target.name: target for target in targets.resolve(parsed, SOURCE, {})[0]}
        self.checkout = Checkout.open(root)
        self.builder = Builder(parsed, self.checkout, frozenset())
        self.renderer = Renderer(self.checkout, SOURCE)

    def at(self, name: str, **facts) -> Snapshot:
        target = self.targets[name]
        known = {"full_name": target.full_name, "default_branch": "main"} | facts
        base = Branch(target.base or "main", Located("0" * 40, "0" * 40, {}))
        state = State(
            repository_id=name, archived=False, disabled=False, permission="WRITE", base=base, ours=None, labels={}, **known
        )  # fmt: skip
        return self.renderer.at(target, self.builder.snapshot(target.mappings, target.removals), state)

    def contents(self, name: str, **facts) -> dict[str, bytes]:
        snapshot = self.at(name, **facts)
        found = {path: self.renderer.contents(wanted) for path, wanted in snapshot.files.items()}
        assert {path: blob_id(content) for path, content in found.items()} == {
            path: wanted.oid for path, wanted in snapshot.files.items()
        }
        return found


@pytest.fixture
def renderings(monkeypatch):
    """What is rendered, as it is rendered."""
    seen = []
    render = rendering.render
    monkeypatch.setattr(rendering, "render", lambda content, recipe: seen.append(recipe) or render(content, recipe))
    return seen


# Whose values count

VALUES = """\
vars: {A: top, B: top, C: top}
transform: {repo_name: true, variables: {W: top, X: top, Y: top, Z: top}}
groups:
  - name: one
    vars: {B: group, C: group}
    transform: {repo_name: false, variables: {X: group, Y: group, Z: group}}
    targets:
      - {repo: acme/a, vars: {C: target}, transform: {variables: {Y: target, Z: target}}}
      - {repo: acme/b, transform: {repo_name: true}}
    files: [{src: t, template: true, transform: {variables: {Z: mapping}}}]
"""


def test_the_more_specific_level_wins_for_each_name_by_itself(tmp_path):
    play = Play(tmp_path, {"t": b"[[ A ]] [[ B ]] [[ C ]] {{W}} ${X} {{Y}} {{Z}} acme/templates\n"}, VALUES)
    assert play.contents("a") == {"t": b"top group target top group target mapping acme/templates\n"}
    assert play.contents("b") == {"t": b"top group group top group group mapping acme/b\n"}


def test_what_one_group_replaces_stays_in_what_another_sends_to_the_same_target(tmp_path):
    config = """\
groups:
  - {name: one, targets: [acme/a], files: [one], transform: {repo_name: true, variables: {X: "1"}}}
  - {name: two, targets: [acme/a], files: [two], transform: {variables: {Y: "2"}}}
"""
    play = Play(tmp_path, dict.fromkeys(("one", "two"), b"{{X}} {{Y}} acme/templates"), config)
    assert play.contents("a") == {"one": b"1 {{Y}} acme/a", "two": b"{{X}} 2 acme/templates"}


def test_addresses_of_the_source_become_those_of_the_target_in_every_text_file(tmp_path):
    config = """\
source: {security_email: sec@acme.com, support_email: help@acme.com}
targets: [{repo: acme/a, security_email: a@a.org}, acme/b]
files: [t]
"""
    play = Play(tmp_path, {"t": b"sec@acme.com, help@acme.com, it-sec@acme.com"}, config)
    assert play.contents("a") == {"t": b"a@a.org, help@acme.com, it-sec@acme.com"}
    assert play.contents("b") == {"t": b"sec@acme.com, help@acme.com, it-sec@acme.com"}


def test_a_template_knows_the_facts_of_target_and_source(tmp_path):
    text = "[[ target.owner ]] [[ target.name ]] [[ target.full_name ]] [[ target.default_branch ]] [[ target.base ]] "
    text += "[[ target.topics | join('+') ]] [[ source.owner ]] [[ source.name ]] [[ source.full_name ]]"
    play = Play(tmp_path, {"t": text.encode()}, "targets: [acme/a@v2]\nfiles: [{src: t, template: true}]\n")
    made = play.contents("a", full_name="Acme/Renamed", default_branch="trunk", topics=("x", "y"))
    assert made == {"t": b"Acme Renamed Acme/Renamed trunk v2 x+y acme templates acme/templates"}


# What is never touched

ODD = {
    "kit/crlf": b"a\r\nb", "kit/bom": b"\xef\xbb\xbfa\n", "kit/nul": b"\0[[ nope ]]{{X}}", "kit/latin": b"\xe9[[ nope ]]{{X}}",
    "kit/github": b"${{ github.token }} {{ x }} ${y}", "kit/empty": b"",
}  # fmt: skip


@pytest.mark.parametrize("opt_in", ["", ", template: true", ', transform: {variables: {X: "1"}, repo_name: true}'])
def test_what_has_nothing_to_render_arrives_byte_for_byte_with_its_mode(tmp_path, opt_in):
    files = ODD if opt_in else ODD | {"kit/mine": b"[[ x ]] {{X}} acme/templates"}
    play = Play(tmp_path, files, f"targets: [acme/a]\ndirectories: [{{src: kit{opt_in}}}]\n")
    assert play.contents("a") == files


def test_symlinks_and_modes_are_kept(tmp_path):
    (tmp_path / "kit").mkdir()
    (tmp_path / "kit/run").write_text("[[ target.name ]]")
    (tmp_path / "kit/run").chmod(0o755)
    (tmp_path / "kit/[[ nope ]]").write_text("")
    (tmp_path / "kit/link").symlink_to("[[ nope ]]")
    config = "targets: [acme/a]\ndirectories: [{src: kit, template: true, transform: {repo_name: true}}]\n"
    files = Play(tmp_path, {}, config).at("a").files
    assert (files["kit/link"].mode, files["kit/link"].oid) == (SYMLINK, blob_id(b"[[ nope ]]"))
    assert (files["kit/run"].mode, files["kit/run"].oid) == (0o100755, blob_id(b"a"))


def test_a_file_in_which_nothing_is_replaced_is_not_rendered_at_all(tmp_path, renderings):
    files = {"kit/a": b"nothing", "kit/b": b"acme/templates-old ${{ X }}"}
    config = "targets: [acme/a]\ndirectories: [{src: kit, transform: {repo_name: true, variables: {X: '1'}}}]\n"
    play = Play(tmp_path, files, config)
    assert {wanted.recipe for wanted in play.at("a").files.values()} == {Recipe()}
    assert renderings == []


# How often


@pytest.mark.parametrize("text", [b"[[ SIZE ]] [[ target.owner ]]", b"{{SIZE}}"])
def test_a_hundred_targets_with_three_values_take_three_renderings(tmp_path, renderings, text):
    one = "{{repo: acme/t{n}, vars: {{SIZE: s{v}}}, transform: {{variables: {{SIZE: s{v}, OTHER: o{n}}}}}}}"
    named = ", ".join(one.format(n=n, v=n % 3) for n in range(100))
    play = Play(tmp_path, {"t": text, "u": b"plain"}, f"targets: [{named}]\nfiles: [{{src: t, template: true}}, u]\n")
    snapshots = [play.at(f"t{n}") for n in range(100)]
    assert len({snapshot.files["t"].oid for snapshot in snapshots}) == len(set(map(id, snapshots))) == 3
    assert len(renderings) == 3


def test_what_does_not_render_is_tried_once_for_the_fleet(tmp_path, renderings):
    named = ", ".join(f"acme/t{n}" for n in range(100))
    play = Play(tmp_path, {"t": b"[[ nope ]]"}, f"targets: [{named}]\nfiles: [{{src: t, template: true}}]\n")
    assert all(play.at(f"t{n}").errors for n in range(100))
    assert len(renderings) == 1


# What can't be rendered


@pytest.mark.parametrize(
    ("text", "reason", "remedy"),
    [
        ("\n[[ SERVIC ]]", "can't be rendered: kit/bad:2:4: SERVIC has no value", "add SERVIC to `vars`; did you mean SERVICE?"),
        ("[[ target_name ]]", "kit/bad:1:4: target_name has no value", "add target_name to `vars`; did you mean target.name?"),
        ("[[ zzz ]]", "kit/bad:1:4: zzz has no value", "add zzz to `vars`; if this is the file's own code, set other `delimiters`"),
        ("[[ -f x ]]", "kit/bad:1:7: expected token", "mend it; write [[ '[[' ]] for a literal [[; if this is the file's own code"),
        ("[[ x | nope ]]", "kit/bad:1:8: No filter named 'nope'", "mend it"),
        ("x[[1]]", "kit/bad:1:4: this is a constant", "if this is the file's own code, set other `delimiters`"),
    ],
)  # fmt: skip
def test_an_error_names_the_place_and_what_to_do_and_the_other_files_go_on(tmp_path, text, reason, remedy):
    config = "targets: [{repo: acme/a, vars: {SERVICE: api}}]\ndirectories: [{src: kit, template: true}]\n"
    play = Play(tmp_path, {"kit/bad": text.encode(), "kit/good": b"[[ SERVICE ]]"}, config)
    (error,) = play.at("a").errors
    assert (error.path, reason in error.reason, error.remedy.startswith(remedy)) == ("kit/bad", True, True), error
    assert play.contents("a") == {"kit/good": b"api"}


def test_without_any_vars_the_remedy_has_no_list_that_is_empty(tmp_path):
    play = Play(tmp_path, {"t": b"[[ zzz ]]"}, "targets: [acme/a]\nfiles: [{src: t, template: true}]\n")
    assert play.at("a").errors[0].remedy.startswith("add zzz to `vars`; if this is the file's own code")


# What the target has keeps it out


def test_a_mapping_that_is_kept_out_deletes_nothing_either(tmp_path):
    config = """\
targets: [acme/a]
directories:
  - {src: kit, mode: mirror, unless_exists: [own.json]}
  - {src: all, dest: ., mode: mirror}
"""
    play = Play(tmp_path, {"kit/a": b"a", "all/b": b"b"}, config)
    assert set(play.at("a").files) == {"kit/a", "b"}
    found = play.at("a", present=frozenset({"own.json"}))
    assert set(found.files) == {"b"}
    assert [one.dest for one in found.territories] == ["."]
    assert not found.territories[0].covers("kit/a")
    assert found.territories[0].covers("other")


def test_a_file_that_can_not_be_read_is_an_error_of_that_file(tmp_path, monkeypatch):
    play = Play(
        tmp_path,
        {"t": b"[[ target.name ]]", "u": b"[[ target.name ]]"},
        "targets: [acme/a]\nfiles: [{src: t, template: true}, {src: u, template: true}]\n",
    )
    read = play.checkout.read

    def fails(path: str, **how) -> bytes:
        if path == "t":
            raise FileUnavailable("is gone", "check it out again")
        return read(path, **how)

    monkeypatch.setattr(play.checkout, "read", fails)
    found = play.at("a")
    assert [(one.path, one.reason, one.remedy) for one in found.errors] == [("t", "is gone", "check it out again")]
    assert set(found.files) == {"u"}


def test_the_tree_of_what_is_rendered_is_that_of_its_files(tmp_path):
    play = Play(
        tmp_path,
        {"d/t": b"[[ target.name ]]", "u": b"u"},
        "targets: [acme/a]\nfiles: [{src: d/t, template: true}, u]\n",
    )
    found = play.at("a")
    assert found.tree == build_tree({path: one.entry for path, one in found.files.items()})
    assert found.files["d/t"].oid == blob_id(b"a")


def test_a_line_with_nothing_but_a_block_leaves_no_line(tmp_path):
    play = Play(
        tmp_path,
        {"t": b"a\n  [% if true %]\nb\n  [% endif %]\nc\n"},
        "targets: [acme/a]\nfiles: [{src: t, template: true}]\n",
    )
    assert play.contents("a") == {"t": b"a\nb\nc\n"}
