"""Locks by name, in bounded number."""

import threading
import zlib

STRIPES = 64


class StripedLocks:
    """One lock for each name; names may share one, which only makes them wait for each other."""

    def __init__(self) -> None:
        self._locks = tuple(threading.Lock() for _ in range(STRIPES))

    def of(self, name: str) -> threading.Lock:
        """The lock of a name."""
        return self._locks[zlib.crc32(name.encode()) % STRIPES]
