"""Branches of a bare repository, as loose refs that git reads and writes too."""

from __future__ import annotations

from typing import TYPE_CHECKING

from dulwich.refs import check_ref_format

from tests.hub.errors import Refused

if TYPE_CHECKING:
    from pathlib import Path

ZERO = "0" * 40
HEADS = "refs/heads/"
# googleapis/release-please #1024 by REST; microsoft/vscode-remote-repositories-github #122 by GraphQL
FAILED, UNCREATED = "Reference update failed", "Ref cannot be created."


class Refs:
    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def get(self, name: str) -> str | None:
        try:
            return (self.directory / name).read_text().strip()
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError, ValueError):
            return self._packed().get(name)

    def _packed(self) -> dict[str, str]:
        try:
            lines = (self.directory / "packed-refs").read_text().splitlines()
        except FileNotFoundError:
            return {}
        rows = (line.split(" ", 1) for line in lines if line[:1] not in {"#", "^"})
        return {name: oid for oid, name in rows}

    def all(self, prefix: str = "refs/heads/") -> dict[str, str]:
        loose = [path for path in (self.directory / prefix).rglob("*") if path.is_file() and path.suffix != ".lock"]
        names = {path.relative_to(self.directory).as_posix() for path in loose}
        names |= {name for name in self._packed() if name.startswith(prefix)}
        found = ((name, self.get(name)) for name in sorted(names))
        return {name: oid for name, oid in found if oid}

    def check_new(self, name: str) -> None:
        if not name.startswith("refs/") or not check_ref_format(name.encode()):
            raise Refused(f"{name} is not a valid ref name.")
        folders = name.split("/")[2:-1]
        above = ["/".join(["refs/heads", *folders[: n + 1]]) for n in range(len(folders))]
        if any(self.get(ref) for ref in above) or self.all(name + "/"):
            raise Refused(FAILED, graphql=UNCREATED)  # git can't keep refs/heads/a beside refs/heads/a/b

    def set(self, name: str, oid: str) -> None:
        path = self.directory / name
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(path.name + ".lock")
        fresh.write_text(oid + "\n")
        fresh.replace(path)

    def delete(self, name: str) -> None:
        path = self.directory / name
        path.unlink(missing_ok=True)
        self._unpack(name)
        for folder in list(path.parents)[: len(name.split("/")) - 3]:
            if any(folder.iterdir()):
                break
            folder.rmdir()

    def _unpack(self, name: str) -> None:
        packed = self._packed()
        if packed.pop(name, None):
            rows = "".join(f"{oid} {ref}\n" for ref, oid in sorted(packed.items()))
            (self.directory / "packed-refs").write_text(rows)
