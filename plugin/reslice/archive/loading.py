"""Reading a series out of the archive, each file once."""

import math
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack, closing

import numpy as np

from reslice.archive.port import Archive, StoredInstance
from reslice.dicom.instance import Instance, InstanceReader
from reslice.dicom.layout import Other, SeriesLayout, VolumeLayout
from reslice.dicom.pixels import FrameReader
from reslice.dicom.stack import arrange
from reslice.dicom.values import FARTHEST
from reslice.dicom.voxels import VolumeBuilder, needs_padding_mask, volume_of
from reslice.errors import Damaged, ResliceError, TooLarge, Undecodable, UnknownResource, Unreadable
from reslice.imaging.volume import Volume

Reserved = AbstractContextManager[None]

BYTES_OF_INT16 = 2


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


class Speculation:
    """Voxels kept while the headers are still being read, on the guess that the series is one plain volume.

    The guess comes from the index: one orientation, a distinct position each. Whether it was right
    is decided by the layout made from the headers alone; if it was not, the voxels are dropped.
    """

    def __init__(self, stored: Sequence[StoredInstance], reserve: Callable[[int], Reserved]) -> None:
        self._places = guess_order(stored)
        self._held = Holding(reserve)
        self._builder: VolumeBuilder | None = None
        self._alive = bool(self._places)

    def __enter__(self) -> "Speculation":
        return self

    def __exit__(self, *_: object) -> None:
        self._give_up()

    def offer(self, instance: Instance, frames: FrameReader) -> None:
        """Keep the pixels of an instance that has just been read."""
        if not self._alive:
            return
        try:
            self._place(instance, frames)
        except (ResliceError, ValueError):
            self._give_up()

    def _place(self, instance: Instance, frames: FrameReader) -> None:
        pixels = instance.description.pixels
        if pixels is None or pixels.is_colour or not instance.is_image or instance.is_truncated:
            self._give_up()
            return
        if self._builder is None:
            shape = (len(self._places), pixels.rows, pixels.columns)
            self._held.take(BYTES_OF_INT16 * math.prod(shape))
            self._builder = VolumeBuilder(shape, self._held.take)
        self._builder.put(self._places[instance.id], instance, frames, 0)

    def _give_up(self) -> None:
        self._alive, self._builder = False, None
        self._held.close()

    def volume(self, layout: SeriesLayout) -> Volume | None:
        """The volume, if the guess was right."""
        if not self._alive or self._builder is None or len(layout.volumes) != 1:
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


def read_layout(
    archive: Archive, stored: Sequence[StoredInstance], speculation: Speculation | None = None
) -> SeriesLayout:
    """Read every header of a series and arrange its frames."""
    reader, instances, others = InstanceReader(), [], []
    for record in stored:
        try:
            content = archive.read(record.id)
            instance = reader.read(record.id, content)
        except (Damaged, TooLarge) as error:
            others.append(Other(record.id, "", error.reason, error.details))
            continue
        instances.append(instance)
        if speculation is not None:
            speculation.offer(instance, FrameReader(instance, content, archive.decode))
    return arrange(instances, others)


def read_again(archive: Archive, reader: InstanceReader, known: Instance) -> bytes:
    """The file of an instance whose header is known. Raises UnknownResource where it is another file by now."""
    content = archive.read(known.id)
    if reader.read(known.id, content) != known:
        raise UnknownResource("The instance was replaced meanwhile", reason="unknown-instance")
    return content


class OpenFile:
    """Frames of instances whose headers are known; the file read last is kept for the frames that follow in it."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._reader = InstanceReader()
        self._open: tuple[Instance, FrameReader] | None = None

    def frames(self, known: Instance) -> FrameReader:
        """The frames of an instance. Raises Unreadable, and UnknownResource where it is another file by now."""
        if self._open is None or self._open[0] is not known:
            self._open = None  # one file at a time
            content = read_again(self._archive, self._reader, known)
            self._open = known, FrameReader(known, content, self._archive.decode)
        return self._open[1]


def load_volume(archive: Archive, layout: VolumeLayout, reserve: Callable[[int], Reserved]) -> tuple[Volume, bool]:
    """Read the pixels of a volume whose layout is known; the flag says that all files could be read.

    A slice that can't be decoded is left without data; where that is true of all, the error is raised.
    """
    with closing(Holding(reserve)) as held:
        held.take(layout.expected_bytes)
        return _load(archive, layout, VolumeBuilder(layout.geometry.shape, held.take))


def _load(archive: Archive, layout: VolumeLayout, builder: VolumeBuilder) -> tuple[Volume, bool]:
    file, mask = OpenFile(archive), needs_padding_mask(layout)
    absent, is_final = [], True
    for k, ref in enumerate(layout.frames):
        try:
            builder.put(k, ref.instance, file.frames(ref.instance), ref.frame, mask_padding=mask)
        except (Damaged, Undecodable) as error:
            is_final = is_final and not isinstance(error, Unreadable)
            builder.clear(k)
            absent.append(k)
            if len(absent) == len(layout.frames):
                raise
    return volume_of(layout, builder.voxels, tuple(absent)), is_final
