"""Frames decoded side by side, on as many threads as the settings give."""

from collections import deque
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor

from reslice.dicom.frames import FrameReader
from reslice.dicom.layout import FrameRef
from reslice.dicom.voxels import stored_values
from reslice.imaging.modality import Stored

Take = Callable[[int, Callable[[], Stored]], None]
"""Given the place of a frame, and how to get its stored values (or what reading them raised)."""


class DecodingPool:
    """Threads that decode compressed frames, shared by all loads."""

    def __init__(self, threads: int) -> None:
        self.threads = threads
        self._executor = ThreadPoolExecutor(threads, "reslice-decoding")

    def submit(self, work: Callable[[], Stored]) -> Future[Stored]:
        """Do it on one of the threads."""
        return self._executor.submit(work)

    def queue(self, take: Take) -> "DecodingQueue":
        """A queue of the frames of one load."""
        return DecodingQueue(self, take)


class DecodingQueue:
    """Frames of one load on their way: a few ahead are decoded, and handed over on the thread of the load.

    Frames that lie uncompressed in their file are handed over at once: they aren't decoded but looked at.
    """

    def __init__(self, pool: DecodingPool, take: Take) -> None:
        self._pool = pool
        self._take: Take | None = take
        self._under_way: deque[tuple[int, Future[Stored]]] = deque()

    def add(self, k: int, ref: FrameRef, frames: FrameReader) -> None:
        """Read a frame for place k; one that was added before may be handed over meanwhile."""
        if ref.instance.is_native or self._pool.threads == 1:
            self._give(k, lambda: stored_values(ref, frames))
            return
        self._under_way.append((k, self._pool.submit(lambda: stored_values(ref, frames))))
        if len(self._under_way) > 2 * self._pool.threads:
            self._hand_over()

    def _hand_over(self) -> None:
        k, future = self._under_way.popleft()
        self._give(k, future.result)

    def _give(self, k: int, read: Callable[[], Stored]) -> None:
        if self._take is not None:
            self._take(k, read)

    def finish(self) -> None:
        """Hand over all that are still under way."""
        while self._under_way:
            self._hand_over()

    def close(self) -> None:
        """Forget what is still under way, and who waits for it: they may hold each other, and a volume with them."""
        self._take = None
        for _, future in self._under_way:
            future.cancel()
        self._under_way.clear()
