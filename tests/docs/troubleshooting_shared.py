"""Causes of the entries of docs/troubleshooting.md about files that source and target both own."""

from __future__ import annotations

from typing import NamedTuple

from tests.hub import Symlink
from tests.integration.test_modes import publish
from tests.world import World

BEGIN, END = "# broadcast:begin src\n", "# broadcast:end src\n"
TWICE = f"{BEGIN}{END}" * 2
MIB = 1024 * 1024


class Cause(NamedTuple):
    """What a mapping of the file `src` meets in a target."""

    mapping: str  # its other keys
    held: str | bytes | Symlink = "x\n"
    source: str | bytes = "y\n"
    path: str = "a.py"


SHARED = {
    "the block … begins here, but has no marked line that ends it": Cause("mode: block", BEGIN),
    "the block … ends here, but doesn't begin before": Cause("mode: block", END),
    "the block … is there twice; the first begins at line …": Cause("mode: block", TWICE),
    "the mark of the block … has another comment sign than files of this kind": Cause("mode: block", f"//{BEGIN[1:]}"),
    "no line contains …": Cause("mode: block, at: {after: words}"),
    "the file has no place for a block at its start": Cause("mode: block, at: start", "<b/>\n", path="a.php"),
    "the block would stand outside of PHP code, after ?> or before <?php": Cause("mode: block", "<b/>\n", path="a.php"),
    "files of this kind have no comments, as far as is known": Cause("mode: block", path="a.txt"),
    "by its name it is no JSON, YAML or TOML, which `mode: keys` is for": Cause("mode: keys"),
    "this line of the source looks like a mark of a block": Cause("mode: block", source=f"x\n{BEGIN}"),
    "the source can't be read: …": Cause("mode: keys", "{}", '{"a" 1}', "a.json"),
    "… stands where … is expected": Cause("mode: keys", '{"a" 1}', "{}", "a.json"),
    "this isn't valid TOML: …": Cause("mode: keys", "a = \n", "b = 1\n", "a.toml"),
    "the target holds no keys at its top level": Cause("mode: keys", "[]", '{"a": 1}', "a.json"),
    "the target's file is binary, or no text in UTF-8": Cause("mode: block", b"\xff\0"),
    "the target's file is larger than … KiB": Cause("mode: block", b"x" * (MIB + 1)),
    "the target has a symlink at …": Cause("mode: block", Symlink("b.py")),
    "no version of the source is known that it comes from": Cause("mode: merge"),
}


def met(world: World, cause: Cause) -> None:
    """A target that has the file, before the run."""
    mapping = f"{{src: src, dest: {cause.path}, {cause.mapping}}}"
    world.write({"src": cause.source}, f"version: 1\ntargets: [acme/api]\nfiles: [{mapping}]\n")
    held = cause.held.encode() if isinstance(cause.held, str) else cause.held
    world.hub.repository("acme/api", files={"README.md": b"theirs\n", cause.path: held})
    publish(world)


def conflicting(world: World, more: str = "") -> None:
    """A target that has changed the line that the source has changed since."""
    met(world, Cause(f"mode: merge{more}", "old\n", "old\n"))
    world.hub.find("acme/api").commit({"a.py": b"theirs\n"})
    world.write({"src": "ours\n"})
    publish(world)
