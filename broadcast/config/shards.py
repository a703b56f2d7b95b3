"""Split a fleet over the jobs of a matrix: stable, by owner first (pure).

With more owners than shards, every owner is in one shard; with fewer, every shard has one owner. A new target moves no
other target; only a new owner does.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256
from typing import NamedTuple

TARGETS_A_SHARD = 500  # about what GitHub lets one token write in an hour


class Shard(NamedTuple):
    """Shard `number` of `all`, from 1."""

    number: int
    all: int

    def __str__(self) -> str:
        return f"{self.number}/{self.all}"


def shard_of(owner: str, name: str, owners: Iterable[str], count: int) -> int:
    """The shard of a repository, from 1; all bases of a repository share it."""
    known = sorted({one.lower() for one in owners})
    if len(known) >= count:
        return _spread(owner.lower(), count) + 1
    own = range(known.index(owner.lower()), count, len(known))  # shards of this owner
    return own[_spread(f"{owner}/{name}".lower(), len(own))] + 1


def share(owner: str, owners: Sequence[str], count: int, identity: Callable[[str], str]) -> float:
    """The fraction of a token's budget for one shard: 1 / the number of shards with that token."""
    mates = {one.lower() for one in owners if identity(one) == identity(owner)}
    return 1 / len(_shards_of(mates, owners, count))


def matrix(targets: int) -> list[str]:
    """The shards for a fleet of this size."""
    count = max(1, -(-targets // TARGETS_A_SHARD))
    return [str(Shard(number, count)) for number in range(1, count + 1)]


def _shards_of(mates: set[str], owners: Iterable[str], count: int) -> set[int]:
    known = sorted({one.lower() for one in owners})
    if len(known) >= count:
        return {_spread(owner, count) for owner in mates}
    return {number for owner in mates for number in range(known.index(owner), count, len(known))}


def _spread(text: str, count: int) -> int:
    return int.from_bytes(sha256(text.encode()).digest()[:8], "big") % count
