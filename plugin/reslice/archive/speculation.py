"""Voxels kept while the headers of a series are still being read, on the guess that it is one plain volume."""

import math
from collections.abc import Callable, Sequence

import numpy as np

from reslice.archive.decoding import DecodingPool
from reslice.archive.loading import Holding, Reserved
from reslice.archive.port import Archive, StoredInstance
from reslice.dicom.frames import FrameReader
from reslice.dicom.instance import Instance
from reslice.dicom.layout import FrameRef, SeriesLayout
from reslice.dicom.values import FARTHEST
from reslice.dicom.voxels import VolumeBuilder, needs_padding_mask, volume_of
from reslice.errors import ResliceError
from reslice.imaging.modality import Stored
from reslice.imaging.volume import Volume

BYTES_OF_INT16 = 2


class Speculation:
    """The voxels of a series whose layout isn't known yet.

    The guess comes from the index: one orientation, a distinct position each. Whether it was right
    is decided by the layout made from the headers alone; if it was not, the voxels are dropped.
    """

    def __init__(
        self,
        archive: Archive,
        stored: Sequence[StoredInstance],
        reserve: Callable[[int], Reserved],
        pool: DecodingPool,
    ) -> None:
        self._archive = archive
        self._places = guess_order(stored)
        self._held = Holding(reserve)
        self._builder: VolumeBuilder | None = None
        self._alive = bool(self._places)
        self._refs: dict[int, FrameRef] = {}
        self._queue = pool.queue(self._put)

    def __enter__(self) -> "Speculation":
        return self

    def __exit__(self, *_: object) -> None:
        self._give_up()

    def offer(self, instance: Instance, content: bytes) -> None:
        """Keep the pixels of an instance that has just been read."""
        if self._alive:
            self._attempt(lambda: self._place(instance, content))

    def _attempt(self, work: Callable[[], None]) -> None:
        try:
            work()
        except (ResliceError, ValueError):
            self._give_up()

    def _place(self, instance: Instance, content: bytes) -> None:
        pixels = instance.description.pixels
        is_plain = instance.is_image and not instance.is_truncated and instance.frames == 1
        if pixels is None or pixels.is_colour or not is_plain:
            self._give_up()
            return
        if self._builder is None:
            shape = (len(self._places), pixels.rows, pixels.columns)
            self._held.take(BYTES_OF_INT16 * math.prod(shape))
            self._builder = VolumeBuilder(shape, self._held.take)
        k, ref = self._places[instance.id], FrameRef(instance, 0)
        self._refs[k] = ref
        self._queue.add(k, ref, FrameReader(instance, content, self._archive.decode))

    def _put(self, k: int, read: Callable[[], Stored]) -> None:
        if self._builder is not None:
            self._builder.put(k, self._refs[k].description, read())

    def _give_up(self) -> None:
        self._alive, self._builder = False, None
        self._queue.close()
        self._held.close()

    def volume(self, layout: SeriesLayout) -> Volume | None:
        """The volume, if the guess was right."""
        if not self._alive or len(layout.volumes) != 1:
            return None
        self._attempt(self._queue.finish)
        if self._builder is None:
            return None
        only = layout.volumes[0]
        guessed = sorted(self._places, key=self._places.__getitem__)
        if guessed != [ref.instance.id for ref in only.frames] or needs_padding_mask(only):
            return None
        return volume_of(only, self._builder.voxels)


def guess_order(stored: Sequence[StoredInstance]) -> dict[str, int]:
    """Each instance's place along the normal by the index; empty where the index doesn't tell."""
    if len(stored) < 2 or len({s.orientation for s in stored}) != 1 or any(s.frames != 1 for s in stored):
        return {}
    try:
        cosines = np.array(stored[0].orientation.split("\\"), dtype=np.float64).reshape(2, 3)
        positions = np.array([s.position.split("\\") for s in stored], dtype=np.float64).reshape(-1, 3)
    except ValueError:
        return {}
    if not (np.abs(positions) <= FARTHEST).all() or not (np.abs(cosines) <= FARTHEST).all():
        return {}
    along = positions @ np.cross(*cosines)
    order = np.argsort(along, kind="stable")
    if np.diff(along[order]).min() <= 0:
        return {}
    return {stored[int(place)].id: k for k, place in enumerate(order)}
