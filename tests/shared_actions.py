"""Random actions of people on files that they share with the source, and what every run must keep of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator

from tests.hub import File, PullRequest, Symlink
from tests.hub.git import history
from tests.storms import BRANCH
from tests.user_actions import Simulation, held
from tests.world import Ran, World

CONFIG = """\
version: 1
targets: [acme/api]
directories: [kit]
files:
  - {src: python.ignore, dest: .gitignore, mode: block, id: python}
  - {src: tools.ignore, dest: .gitignore, mode: block, id: tools, at: start}
  - {src: keys.json, dest: package.json, mode: keys}
  - {src: conf.txt, mode: merge, on_conflict: %s}
"""
IGNORED, PACKAGE, CONF = ".gitignore", "package.json", "conf.txt"
SHARED = (IGNORED, PACKAGE, CONF)
LINES = [f"line {number}\n" for number in range(12)]
OWN = {IGNORED: b"node_modules/\ndist/\n", PACKAGE: b'{\n  "name": "api"\n}\n', CONF: "".join(LINES).encode()}


class SharedSimulation(Simulation):
    """As the other one, with blocks, keys and a merge in the target's own files."""

    def __init__(self, world: World, seed: int) -> None:
        super().__init__(world, seed)
        self.blocks = {"python": ("*.pyc", "python.ignore"), "tools": (".idea/", "tools.ignore")}
        self.keys, self.lines = {"lint": 1, "deep": {"a": 1}}, list(LINES)
        world.write(self._parts(), CONFIG % self.dice.choice(["leave", "ours"]))
        world.publish()
        self.api.commit({path: OWN[path] for path in SHARED if self.dice.random() < 0.6} | {"x": b"x"})

    def act(self) -> None:
        """Act on a shared file, or in another way."""
        if self.dice.random() < 0.4:
            super().act()
            return
        act: Callable[[], object] = self.dice.choice(SHARED_ACTS).__get__(self)
        act()
        self.log.append(act.__name__)

    # What people do to shared files

    def edit_outside(self) -> None:
        self.count += 1
        path, branch = self._place()
        content = self._content(path, branch)
        if content is None:
            return
        if path == PACKAGE:
            new = content.replace(b"{", b'{ "outside%d": %d,' % (self.count, self.count), 1)
            new = new if _loaded(new) else content
        else:
            lines = content.splitlines(keepends=True)
            at = self.dice.choice([0, len(lines)])
            lines[at:at] = [b"outside%d\n" % self.count]
            new = b"".join(lines)
        self._set(path, new, branch)

    def edit_conf(self) -> None:
        self.count += 1
        _, branch = self._place()
        content = self._content(CONF, branch)
        if content and (lines := content.splitlines(keepends=True)):
            lines[self.dice.randrange(len(lines))] = b"theirs %d\n" % self.count
            self._set(CONF, b"".join(lines), branch)

    def edit_inside(self) -> None:
        self.changed_back = True
        path, branch = self._place()
        content = self._content(path, branch)
        if content is not None:
            new = content.replace(b"*.pyc", b"*.mine").replace(b'"lint": ', b'"lint": 7').replace(b"line 3", b"my 3")
            self._set(path, new, branch)

    def move_block(self) -> None:
        block, rest, branch = self._split()
        if block:
            self._set(IGNORED, b"".join([*block, *rest]), branch)

    def delete_block(self) -> None:
        self.changed_back = True
        block, rest, branch = self._split()
        if block:
            self._set(IGNORED, b"".join(rest), branch)

    def double_block(self) -> None:
        self.changed_back = True
        block, rest, branch = self._split()
        self._set(IGNORED, b"".join([*block, *rest, *block]), branch)

    def break_block(self) -> None:
        self.changed_back = True
        content = self._content(IGNORED, None)
        if content is not None:
            self._set(IGNORED, content.replace(b"# broadcast:end python\n", b""), None)

    def delete_file(self) -> None:
        self.changed_back = True
        path, branch = self._place()
        self._set(path, None, branch)

    def move_file(self) -> None:
        self.changed_back = True
        self.count += 1
        path, branch = self._place()
        if (content := self._content(path, branch)) is not None:
            self.api.commit({path: None, f"moved/{self.count}": content}, branch=branch)

    def make_executable(self) -> None:
        path, branch = self._place()
        if (content := self._content(path, branch)) is not None:
            self.api.commit({path: File(content, 0o100755)}, branch=branch)

    def to_crlf(self) -> None:
        path, branch = self._place()
        if (content := self._content(path, branch)) is not None:
            self._set(path, content.replace(b"\r\n", b"\n").replace(b"\n", b"\r\n"), branch)

    def to_another_kind(self) -> None:
        self.changed_back = True
        path, branch = self._place()
        kinds = (Symlink("x"), "ä\n".encode("utf-16"), b"x" * (1 << 21), b"\0", b"", b"[1]\n")
        self.api.commit({path: self.dice.choice(kinds)}, branch=branch)

    def to_directory(self) -> None:
        self.changed_back = True
        path, branch = self._place()
        if path in held(self.api, branch or self.api.default_branch):
            self.api.commit({path: None}, branch=branch)
            self.api.commit({f"{path}/x": b"theirs x\n"}, branch=branch)

    def back_again(self) -> None:
        self.changed_back = True
        _, branch = self._place()
        files = held(self.api, branch or self.api.default_branch)
        gone = {path: None for path in files if path.startswith(tuple(f"{one}/" for one in SHARED))}
        if gone:
            self.api.commit(gone, branch=branch)
        self.api.commit(dict(OWN), branch=branch)

    def opt_out(self) -> None:
        self.changed_back = True  # what was merged before may be another version
        path, _ = self._place()
        self.api.commit({".broadcastignore": f"/{path}\n".encode()})

    def opt_in_again(self) -> None:
        if ".broadcastignore" in held(self.api, self.api.default_branch):
            self.api.commit({".broadcastignore": None})

    def revert_merge(self) -> None:
        self.changed_back = True
        merged = [pull for pull in self.api.pulls if pull.state == "MERGED"]
        if merged:
            before = self.api.objects.commit(merged[-1].head_oid).parents[:1]
            files = self.api.files(before[0]) if before else {}
            paths = (path for path in SHARED if not self._is_directory(path))
            now = held(self.api, self.api.default_branch)
            then = {path: File(*reversed(files[path])) if path in files else None for path in paths}
            self.api.commit({path: file for path, file in then.items() if file or path in now})

    def change_parts(self) -> None:
        self._change()
        self.world.write(self._parts())
        self.world.publish()

    def change_parts_unpushed(self) -> None:
        self._change()
        self.world.write(self._parts())

    def _change(self) -> None:
        dice = self.dice
        match dice.randrange(4):
            case 0:
                self.blocks["python"] = (f"*.{dice.randint(1, 3)}", "python.ignore")
            case 1:
                self.blocks["tools"] = (f".{dice.randint(1, 3)}", "tools.ignore")
            case 2:
                self.keys = {"lint": dice.randint(1, 3), "deep": {"a": dice.randint(1, 3)}}
            case _:
                self.lines[dice.randrange(len(self.lines))] = f"ours {dice.randint(1, 3)}\n"

    def _parts(self) -> dict[str, str | bytes | None]:
        texts: dict[str, str | bytes | None] = {source: f"{body}\n" for body, source in self.blocks.values()}
        return texts | {"keys.json": json.dumps(self.keys), CONF: "".join(self.lines)}

    def _place(self) -> tuple[str, str | None]:
        """A shared file on the base, or on our branch."""
        on_ours = self.dice.random() < 0.25 and self.api.head(BRANCH)
        return self.dice.choice(SHARED), BRANCH if on_ours else None

    def _content(self, path: str, branch: str | None) -> bytes | None:
        mode, content = self.api.files(branch or self.api.default_branch).get(path, (0, b""))
        return content if mode in (0o100644, 0o100755) else None

    def _is_directory(self, path: str) -> bool:
        return any(one.startswith(f"{path}/") for one in held(self.api, self.api.default_branch))

    def _set(self, path: str, content: bytes | None, branch: str | None) -> None:
        if content is None and path not in held(self.api, branch or self.api.default_branch):
            return
        if self._content(path, branch) is not None or content is None:
            self.api.commit({path: content}, branch=branch)

    def _split(self) -> tuple[list[bytes], list[bytes], str | None]:
        """The lines of the block of `python`, the others, and the branch."""
        _, branch = self._place()
        lines = (self._content(IGNORED, branch) or b"").splitlines(keepends=True)
        marks = [
            at
            for at, line in enumerate(lines)
            if line.startswith((b"# broadcast:begin python", b"# broadcast:end python"))
        ]
        if len(marks) != 2:
            return [], lines, branch
        start, end = marks[0], marks[1] + 1
        return lines[start:end], lines[:start] + lines[end:], branch

    # What runs must keep

    def problems(self, *, quiet: bool = False) -> list[str]:
        """As for whole files, and what our commits did to the lines of others."""
        before = self.api.head(BRANCH)
        found = super().problems(quiet=quiet)
        head = self.api.head(BRANCH)
        if head and head != before:
            found += self.harm(head)
        return found

    def harm(self, head: str) -> Iterator[str]:
        """Describe what a commit of ours does to what others own."""
        (parent, *_) = self.api.objects.commit(head).parents
        old, new = self.api.files(parent), self.api.files(head)
        for path in sorted(old.keys() | new.keys()):
            if old.get(path) != new.get(path) and path not in (*SHARED, *self.source):
                yield f"our commit changes {path}"
        for path in SHARED:
            (mode, before), (now, after) = old.get(path, (0, b"")), new.get(path, (0, b""))
            if mode and now != mode:
                yield f"{path} has another mode"
            if _tokens(before) != _tokens(after):
                yield f"{path} lost what people wrote: {_tokens(before)}, {_tokens(after)}"

    def _touched(self) -> bool:
        """Whether our branch has commits of people that the base lacks."""
        head, base = self.api.head(BRANCH), self.api.head()
        commits = history.missing(self.api.objects, base, head) if head and base else ()
        return any(one.author.name in ("Alice", "Al") for one in commits) or super()._touched()

    def _lacking(self, branch: str, log: str) -> list[str]:
        base = held(self.api, self.api.default_branch)
        return [path for path in super()._lacking(branch, log) if base.get(path) != self.source[path]]

    def _untrue(self, ran: Ran) -> Iterator[str]:
        errors = [one["path"] for one in ran.target("acme/api").get("file_errors", ())]
        for problem in super()._untrue(ran):
            if not (problem.startswith(("failed", "incomplete")) and errors):
                yield problem
        pulls = [pull for pull in self.api.pulls if pull.state == "OPEN"]
        yield from self._without(ran, pulls, errors)

    def _without(self, ran: Ran, pulls: list[PullRequest], errors: list[str]) -> Iterator[str]:
        """Parts that are missing without a reason."""
        outcome = ran.outcomes["acme/api"]
        branch = {"in_sync": self.api.default_branch}.get(outcome, BRANCH)
        if outcome not in ("created", "updated", "open", "in_sync") or (branch == BRANCH and not pulls):
            return
        ignored, package = (self.api.files(branch).get(path, (0, b""))[1] for path in (IGNORED, PACKAGE))
        for name, (body, _) in self.blocks.items():
            lines = [line.strip() for line in ignored.splitlines()]
            if (
                IGNORED not in errors
                and f"left out: {IGNORED} (block {name})" not in ran.log
                and body.encode() not in lines
            ):
                yield f"{outcome}, and the block {name} isn't on {branch}"
        values = _loaded(package)
        is_due = PACKAGE not in errors and f"left out: {PACKAGE} (keys)" not in ran.log
        if is_due and {key: values.get(key) for key in self.keys} != self.keys:
            yield f"{outcome}, and the keys aren't on {branch}: {package!r}"


def _tokens(content: bytes) -> list[bytes]:
    return [word for word in content.replace(b'"', b" ").split() if word.startswith(b"outside")]


def _loaded(content: bytes) -> dict[str, object]:
    try:
        found = json.loads(content)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


SHARED_ACTS = [
    act for name, act in vars(SharedSimulation).items()
    if callable(act) and name[0] != "_" and name not in ("act", "problems", "harm")
]  # fmt: skip
