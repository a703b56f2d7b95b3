"""Ref updates; pull requests follow each of them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.hub.errors import Aborted, Refused
from tests.hub.git import history
from tests.hub.git.refs import HEADS, ZERO

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tests.hub.git.repository import Repository

Update = tuple[str, str | None, str, bool]  # name, before, after, force; the zero id stands for "no such ref"


class Branches:
    """The part of a Repository that changes its refs."""

    def create_ref(self: Repository, name: str, oid: str, by: str) -> None:
        with self.hub.lock:
            self.refs.check_new(name)
            if self.refs.get(name):
                text = f'A ref named "{name}" already exists in the repository.'
                raise Refused("Reference already exists", graphql=text)
            self.update_ref(name, oid, by=by)

    def update_ref(self: Repository, name: str, oid: str, *, force: bool = False, by: str, ruled: bool = True) -> None:
        with self.hub.lock:
            self.check_update(name, oid, force=force)
            if ruled:
                self.check_rules(name, oid)
            if self.refs.get(name) != oid:
                self.refs.set(name, oid)
                self.pushed_at = self.hub.clock()
                self.settle(name.removeprefix(HEADS), by)

    def check_update(self: Repository, name: str, oid: str, *, force: bool) -> None:
        kind = self.objects.kind(oid)
        if kind != "commit":
            raise Refused("Object does not exist", graphql=kind and f"Invalid object type {kind}, expected commit")
        old = self.refs.get(name)
        if old is None:
            self.refs.check_new(name)
        elif not force and not history.is_ancestor(self.objects, old, oid):
            raise Refused("Update is not a fast forward")

    def delete_ref(self: Repository, name: str, by: str, *, ruled: bool = True) -> None:
        with self.hub.lock:
            self._check_deletion(name)
            if ruled:
                self.check_rules(name, ZERO)
            self.deletions.append((name, self.refs.get(name) or ZERO, by, self.hub.clock()))
            self.refs.delete(name)
            self.settle(name.removeprefix(HEADS), by)

    def rename_branch(self: Repository, old: str, new: str) -> None:
        """Rename a branch; open pull requests follow: "Renaming a branch" in GitHub's documentation."""
        with self.hub.lock:
            oid = self.refs.get(HEADS + old)
            assert oid, f"{self.full_name} has no branch {old}"
            self.refs.set(HEADS + new, oid)
            for pull in self.pulls:
                if pull.state == "OPEN" and pull.base == old:
                    pull.base = new
            if self.default_branch == old:
                self.set_default(new)
            self.refs.delete(HEADS + old)
            self.settle(old, "alice")

    def set_default(self: Repository, branch: str) -> None:
        """Change the default branch; pull requests keep their base."""
        with self.hub.lock:
            self.default_branch = branch
            (self.path / "HEAD").write_text(f"ref: {HEADS}{branch}\n")

    def _check_deletion(self: Repository, name: str) -> None:
        if not self.refs.get(name):
            raise Refused("Reference does not exist")
        if name == HEADS + self.default_branch:
            raise Refused("Cannot delete the default branch")

    def update_refs(self: Repository, updates: Sequence[Update], by: str) -> None:
        """All of them or none.

        Where one is not at its `before`, GitHub breaks the whole document off: skurella/phraise has the raw answer.
        """
        with self.hub.lock:
            if any(before not in {None, self.refs.get(name) or ZERO} for name, before, _, _ in updates):
                raise Aborted
            for each in updates:
                self._check_one(*each)
            for name, _, after, _ in updates:
                if after == ZERO:
                    self.delete_ref(name, by, ruled=False)
                else:
                    self.update_ref(name, after, force=True, by=by, ruled=False)

    def _check_one(self: Repository, name: str, _before: str | None, after: str, force: bool) -> None:
        unknowns = self.hub.unknowns
        try:
            if after == ZERO:
                self._check_deletion(name)
            else:
                self.check_update(name, after, force=force)
        except Refused:
            if unknowns.update_refs_impossible == "opaque" and self.objects.kind(after) in {"commit", None}:
                raise Aborted from None
            raise
        try:
            self.check_rules(name, after)
        except Refused:
            if unknowns.update_refs_ruled == "opaque":
                raise Aborted from None
            raise
