"""Reading a series out of the archive, each file once."""

import hashlib
from collections import defaultdict
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack, closing

from reslice.archive.decoding import DecodingPool
from reslice.archive.port import Archive, StoredInstance
from reslice.dicom.frames import FrameReader
from reslice.dicom.head import sop_class_of
from reslice.dicom.instance import Instance, InstanceReader
from reslice.dicom.layout import FrameRef, Other, SeriesLayout, VolumeLayout
from reslice.dicom.stack import arrange
from reslice.dicom.voxels import VolumeBuilder, needs_padding_mask, stored_values, volume_of
from reslice.errors import Damaged, TooLarge, Undecodable, UnknownResource, Unreadable
from reslice.imaging.modality import LookupTable, Stored
from reslice.imaging.volume import Volume

Reserved = AbstractContextManager[None]
Tick = Callable[[float], None]
"""Told how far a load has come, from 0 to 1."""


class Holding:
    """One reservation of memory at a time."""

    def __init__(self, reserve: Callable[[int], Reserved]) -> None:
        self._reserve = reserve
        self._held = ExitStack()

    def take(self, size: int) -> None:
        """Hold so many bytes instead of any before. Raises TooLarge, Busy."""
        self._held.close()
        self._held.enter_context(self._reserve(size))

    def close(self) -> None:
        """Give them back."""
        self._held.close()


def read_layout(
    archive: Archive,
    stored: Sequence[StoredInstance],
    offer: Callable[[Instance, bytes], None] | None = None,
    tick: Tick = lambda _: None,
) -> SeriesLayout:
    """Read every header of a series and arrange its frames; each instance read is offered with its file's bytes."""
    reader, instances, others = InstanceReader(), [], []
    for k, record in enumerate(stored):
        content = b""
        try:
            content = archive.read(record.id)
            instance = reader.read(record.id, content)
        except (Damaged, TooLarge) as error:
            others.append(Other(record.id, sop_class_of(content), error.reason, error.details))
            continue
        instances.append(instance)
        if offer is not None:
            offer(instance, content)
        tick((k + 1) / len(stored))
    return arrange(instances, others, PixelLook(archive).digest)


def read_again(archive: Archive, known: Instance) -> bytes:
    """The file of an instance whose header is known. Raises UnknownResource where it is another file by now."""
    content = archive.read(known.id)
    if not known.is_of(content):
        raise UnknownResource("The instance was replaced meanwhile", reason="unknown-instance")
    return content


class PixelLook:
    """Tells frames with the same values by a digest of them; the file looked at last is kept."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._last: tuple[Instance, FrameReader] | None = None

    def digest(self, ref: FrameRef) -> bytes:
        """The same for frames of equal stored values under one rule; of one that can't be read, its own."""
        try:
            values = stored_values(ref, self._reader(ref.instance))
        except (Damaged, Undecodable):
            return f"{ref.instance.id}/{ref.frame}".encode()
        return hashlib.blake2b(values.tobytes(), digest_size=16, person=_rule(ref)).digest()

    def _reader(self, instance: Instance) -> FrameReader:
        if self._last is None or self._last[0] is not instance:
            content = read_again(self._archive, instance)
            self._last = instance, FrameReader(instance, content, self._archive.decode)
        return self._last[1]


def _rule(ref: FrameRef) -> bytes:
    """How the frame's stored values are to be understood, in 16 bytes."""
    rescale, padding = ref.description.rescale, ref.description.padding
    table = rescale.entries.tobytes() if isinstance(rescale, LookupTable) else b""
    numbers = rescale.first if isinstance(rescale, LookupTable) else (rescale.slope, rescale.intercept)
    return hashlib.blake2b(repr((numbers, padding)).encode() + table, digest_size=16).digest()


def load_volume(
    archive: Archive,
    layout: VolumeLayout,
    reserve: Callable[[int], Reserved],
    pool: DecodingPool,
    tick: Tick = lambda _: None,
) -> tuple[Volume, bool]:
    """Read the pixels of a volume whose layout is known; the flag says that all files could be read.

    A slice that can't be decoded is left without data; where that is true of all, the error is raised.
    """
    with closing(Holding(reserve)) as held, closing(Holding(reserve)) as file_held:
        file_held.take(layout.largest_multiframe)
        held.take(layout.expected_bytes)
        builder = VolumeBuilder(layout.geometry.shape, held.take)
        return _Load(archive, layout, builder, pool, tick).run()


class _Load:
    """One volume being read: each file once, its frames decoded side by side where they are compressed."""

    def __init__(
        self, archive: Archive, layout: VolumeLayout, builder: VolumeBuilder, pool: DecodingPool, tick: Tick
    ) -> None:
        self._archive, self._layout, self._builder, self._tick = archive, layout, builder, tick
        self._mask = needs_padding_mask(layout)
        self._queue = pool.queue(self._put)
        self._absent: list[int] = []
        self._refusal: Damaged | Undecodable | None = None
        self._is_final = True
        self._done = 0

    def run(self) -> tuple[Volume, bool]:
        """The volume, and whether all of its files could be read."""
        with closing(self._queue):
            for instance, places in self._files():
                self._read(instance, places)
            self._queue.finish()
        if self._refusal is not None and len(self._absent) == len(self._layout.frames):
            raise self._refusal
        return volume_of(self._layout, self._builder.voxels, tuple(sorted(self._absent))), self._is_final

    def _files(self) -> list[tuple[Instance, list[int]]]:
        """Each instance with the places of its frames in the volume."""
        places: dict[str, list[int]] = defaultdict(list)
        instances: dict[str, Instance] = {}
        for k, ref in enumerate(self._layout.frames):
            places[ref.instance.id].append(k)
            instances[ref.instance.id] = ref.instance
        return [(instances[name], where) for name, where in places.items()]

    def _read(self, instance: Instance, places: list[int]) -> None:
        try:
            content = read_again(self._archive, instance)
        except (Damaged, Undecodable) as error:
            for k in places:
                self._lose(k, error)
            return
        frames = FrameReader(instance, content, self._archive.decode)
        for k in places:
            self._queue.add(k, self._layout.frames[k], frames)

    def _put(self, k: int, read: Callable[[], Stored]) -> None:
        """Write slice k, or leave it without data where reading it raises."""
        try:
            stored = read()
        except (Damaged, Undecodable) as error:
            self._lose(k, error)
            return
        self._builder.put(k, self._layout.frames[k].description, stored, mask_padding=self._mask)
        self._count()

    def _lose(self, k: int, error: Damaged | Undecodable) -> None:
        self._is_final = self._is_final and not isinstance(error, Unreadable)
        self._refusal = error
        self._builder.clear(k)
        self._absent.append(k)
        self._count()

    def _count(self) -> None:
        self._done += 1
        self._tick(self._done / len(self._layout.frames))
