"""Try again after a wait: one loop for every place that repeats a call (pure but for the pause it is given).

What is worth another try, and how long to wait, is the caller's to say. `token_retry` is another thing: its waits are
shared by all threads of one token.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

BACKOFF = (1.0, 2.0, 4.0)  # seconds between tries while a server is in trouble


def tries(pause: Callable[[float], None], waits: Iterable[float] = BACKOFF) -> Iterator[bool]:
    """Yield for each try whether it is the last one; between two tries `pause` for the next of `waits`, in seconds.

    The caller leaves the loop when it has what it wants. Raises what `pause` raises.
    """
    for wait in waits:
        yield False
        pause(wait)
    yield True
