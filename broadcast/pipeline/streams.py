"""Several streams of results, each made on a thread of its own, as one."""

from __future__ import annotations

import queue
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple, TypeVar

_Item = TypeVar("_Item")


class _End(NamedTuple):
    error: BaseException | None


def merged(streams: Sequence[Callable[[], Iterable[_Item]]]) -> Iterator[_Item]:
    """The items of all streams, each as soon as it is made. Raises what a stream raises."""
    if len(streams) == 1:
        yield from streams[0]()
        return
    items: queue.SimpleQueue[_Item | _End] = queue.SimpleQueue()

    def drain(stream: Callable[[], Iterable[_Item]]) -> None:
        try:
            for item in stream():
                items.put(item)
            items.put(_End(None))
        except BaseException as error:
            items.put(_End(error))

    with ThreadPoolExecutor(max(1, len(streams))) as threads:
        for stream in streams:
            threads.submit(drain, stream)
        running = len(streams)
        while running:
            item = items.get()
            if not isinstance(item, _End):
                yield item
                continue
            running -= 1
            if item.error:
                raise item.error
