"""Blobs in the object store of a checkout; dulwich is loaded when the first is asked for."""

from __future__ import annotations

import os
from threading import Lock
from typing import TYPE_CHECKING
from weakref import finalize

if TYPE_CHECKING:
    from dulwich.object_store import DiskObjectStore


class Objects:
    """The store below `common`, the directory of gitrepository-layout(5); None where there is none.

    Threads may share an instance.
    """

    def __init__(self, common: bytes | None) -> None:
        self._common = common
        self._store: DiskObjectStore | None = None
        self._lock = Lock()

    def blob(self, oid: str) -> bytes:
        """The content of one blob. Raises KeyError."""
        with self._lock:
            return self._opened().get_raw(oid.encode())[1]  # type: ignore[arg-type]  # dulwich takes bytes of 40 digits too

    def _opened(self) -> DiskObjectStore:
        if self._store is None:
            from dulwich.object_store import DiskObjectStore

            if self._common is None:
                raise KeyError
            self._store = DiskObjectStore(os.fsdecode(self._common + b"/objects"))
            finalize(self, self._store.close)
        return self._store
