"""From a series id to its layout and volumes, cached by content: the pixels that are stored now, never older ones."""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any, TypeVar

from numpy.typing import NDArray

from reslice.archive.cache import ByteCache, Reservation
from reslice.archive.loading import OpenFile, Speculation, load_volume, read_layout
from reslice.archive.port import Archive, StoredInstance
from reslice.dicom.layout import FrameRef, LayoutWarning, SeriesLayout, VolumeLayout, damage
from reslice.dicom.voxels import has_common_values, require_readable_values
from reslice.errors import NotReconstructable, TooLarge, UnknownResource
from reslice.imaging.modality import modality_values
from reslice.imaging.voi import Window, automatic
from reslice.imaging.volume import Volume

Result = TypeVar("Result")
Values = NDArray[Any]

INSTANCES_KEPT = 200_000
"""Instances whose place in the index is remembered, some hundred bytes each."""
LAYOUT_BUDGET = 64 << 20
NEVER_KEPT = 1 << 62
"""A size that no cache holds."""
BYTES_A_FRAME = 2048
"""A cautious estimate of what one frame costs in a layout."""
ATTEMPTS = 3
"""A series that changes while it is read is read again; after so many times the error is told."""


@dataclass(frozen=True)
class Identity:
    """Which pixels a series holds: a digest of the sorted (instance id, file) pairs."""

    series: str
    digest: str
    instances: tuple[StoredInstance, ...]

    @classmethod
    def of(cls, series: str, instances: Sequence[StoredInstance]) -> "Identity":
        """The identity of a series with these instances."""
        pairs = sorted((i.id, i.file) for i in instances)
        return cls(series, hashlib.sha256(repr(pairs).encode()).hexdigest()[:32], tuple(instances))

    @property
    def key(self) -> tuple[str, str]:
        """What its layout is cached under."""
        return self.series, self.digest


@dataclass(frozen=True, eq=False)
class LoadedVolume:
    """A volume with the layout that it was made by."""

    layout: VolumeLayout
    volume: Volume
    series_warnings: tuple[LayoutWarning, ...] = ()
    is_final: bool = True

    @cached_property
    def holds_stored_values(self) -> bool:
        """Whether each slice equals its stored frame to the last bit, type and padding included."""
        return self.volume.voxels.dtype.kind == "i" and has_common_values(self.layout)

    @property
    def warnings(self) -> tuple[LayoutWarning, ...]:
        """What the reader should know of the volume."""
        return (*self.layout.warnings, *damage(self.volume.absent), *self.series_warnings)

    @cached_property
    def automatic_window(self) -> Window:
        """The window by the percentiles of all its voxels."""
        return automatic(self.volume)


class SeriesLibrary:
    """Layouts and volumes of series; any thread may ask."""

    def __init__(self, archive: Archive, *, budget: int, largest_volume: int) -> None:
        self.archive = archive
        self.largest_volume = largest_volume
        self.volumes: ByteCache[LoadedVolume] = ByteCache(budget)
        self.layouts: ByteCache[SeriesLayout] = ByteCache(LAYOUT_BUDGET)
        self._identities: OrderedDict[str, tuple[Hashable, Identity]] = OrderedDict()
        self._instances = 0
        self._lock = threading.Lock()

    def identity(self, series_id: str) -> Identity:
        """The identity of what is stored now. Raises UnknownResource.

        Kept while the archive's cheap revision token stays the same; read anew where there is none.
        The token is taken before the instances are read: a change in between is seen next time.
        """
        revision = self.archive.revision(series_id)
        with self._lock:
            known = self._identities.get(series_id)
        if known is not None and revision is not None and known[0] == revision:
            return known[1]
        identity = Identity.of(series_id, self.archive.instances(series_id))
        if known is not None and known[1].digest != identity.digest:
            self._forget_older(identity)
        self._remember(revision, identity)
        return identity

    def _remember(self, revision: Hashable, identity: Identity) -> None:
        with self._lock:
            self._drop_identity(identity.series)
            self._identities[identity.series] = (revision, identity)
            self._identities.move_to_end(identity.series)
            self._instances += len(identity.instances)
            while self._instances > INSTANCES_KEPT and len(self._identities) > 1:
                _, (_, oldest) = self._identities.popitem(last=False)
                self._instances -= len(oldest.instances)

    def forget(self, series_id: str) -> int:
        """Drop everything held of a series; return how many volumes that were."""
        with self._lock:
            self._drop_identity(series_id)
        self.layouts.drop(lambda key: key[0] == series_id)
        return self.volumes.drop(lambda key: key[0] == series_id)

    def _drop_identity(self, series_id: str) -> None:
        """With the lock held."""
        _, dropped = self._identities.pop(series_id, (None, None))
        self._instances -= len(dropped.instances) if dropped else 0

    def _forget_older(self, identity: Identity) -> None:
        """Drop what is held of earlier contents of the series, but nothing that is being made of this one."""
        self.layouts.drop(lambda key: key[0] == identity.series and key[1] != identity.digest)
        self.volumes.drop(lambda key: key[0] == identity.series and key[1] != identity.digest)

    def forget_all(self) -> int:
        """Drop everything held; return how many volumes that were."""
        with self._lock:
            self._identities.clear()
            self._instances = 0
        self.layouts.drop(lambda _: True)
        return self.volumes.drop(lambda _: True)

    def layout(self, identity: Identity, guess: Speculation | None = None) -> SeriesLayout:
        """The volumes, stacks and others of a series; if this call is the one that reads it, the guess keeps voxels."""

        def make() -> tuple[SeriesLayout, int]:
            with self._watching(identity):
                return _sized(read_layout(self.archive, identity.instances, guess))

        return self.layouts.get(identity.key, make)

    def volume(self, identity: Identity, index: int) -> LoadedVolume:
        """One volume with its voxels. Raises UnknownResource, NotReconstructable, TooLarge, Undecodable."""
        return self.volumes.get((*identity.key, index), lambda: self._load(identity, index))

    def peek(self, identity: Identity, index: int) -> LoadedVolume | None:
        """The volume if it is in memory."""
        return self.volumes.peek((*identity.key, index))

    def look(self, identity: Identity, index: int) -> LoadedVolume | None:
        """The same, without counting as a use."""
        return self.volumes.look((*identity.key, index))

    def _load(self, identity: Identity, index: int) -> tuple[LoadedVolume, int]:
        is_final = True
        with Speculation(identity.instances if index == 0 else (), self._reserve) as guess:
            layout = self.layout(identity, guess)
            chosen = _volume_layout(layout, index)
            volume = guess.volume(layout) if index == 0 else None
        if volume is None:
            with self._watching(identity):
                volume, is_final = load_volume(self.archive, chosen, self._reserve)
        loaded = LoadedVolume(chosen, volume, layout.warnings, is_final and not layout.is_provisional)
        return loaded, volume.voxels.nbytes if loaded.is_final else NEVER_KEPT

    @contextmanager
    def _watching(self, identity: Identity) -> Iterator[None]:
        """Whatever is read meanwhile must be of this identity. Raises UnknownResource where it isn't."""
        try:
            yield
        except UnknownResource:  # a file turned out to be another one by now
            self.forget(identity.series)
            raise
        if self.identity(identity.series).digest != identity.digest:
            raise UnknownResource("The series changed while it was read", reason="unknown-instance")

    def _reserve(self, size: int) -> Reservation[LoadedVolume]:
        """Bytes for a volume under way. Raises TooLarge, Busy."""
        if size > self.largest_volume:
            raise TooLarge(
                f"The volume needs {size} bytes; the limit is {self.largest_volume}",
                SizeBytes=size,
                LimitBytes=self.largest_volume,
            )
        return self.volumes.reserve(size)

    def frame(self, identity: Identity, ref: FrameRef) -> Values:
        """One frame: modality values (rows, columns), or RGB (rows, columns, 3).

        Raises Damaged, Undecodable, NotReconstructable.
        """
        require_readable_values(ref.instance.description)
        with self._watching(identity):
            frames = OpenFile(self.archive).frames(ref.instance)
        if ref.instance.description.pixels and ref.instance.description.pixels.is_colour:
            return frames.colour(ref.frame)
        return modality_values(frames.stored(ref.frame), ref.instance.description.rescale)

    def frame_in_memory(self, identity: Identity, index: int, place: int) -> Values | None:
        """The same from a volume in memory, where that holds the frame to the last bit."""
        loaded = self.peek(identity, index)
        if loaded is None or not loaded.holds_stored_values:
            return None
        if place in loaded.volume.absent:
            return None
        slice_: Values = loaded.volume.voxels[place]
        return slice_


def while_unchanged(attempt: Callable[[], Result]) -> Result:
    """Try again when an instance vanishes between the look at the index and the reading."""
    for _ in range(ATTEMPTS - 1):
        try:
            return attempt()
        except UnknownResource as error:
            if error.reason != "unknown-instance":
                raise
    return attempt()


def _sized(layout: SeriesLayout) -> tuple[SeriesLayout, int]:
    return layout, NEVER_KEPT if layout.is_provisional else BYTES_A_FRAME * (1 + len(layout.slices))


def _volume_layout(layout: SeriesLayout, index: int) -> VolumeLayout:
    if index < len(layout.volumes):
        return layout.volumes[index]
    if layout.volumes or index > 0:
        raise UnknownResource(f"The series has {len(layout.volumes)} volumes", reason="unknown-volume")
    if layout.stacks:
        raise NotReconstructable(layout.stacks[0].details, reason=layout.stacks[0].reason)
    raise NotReconstructable("The series holds no images", reason="no-volume")
