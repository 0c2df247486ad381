"""From a series id to its layout and volumes, cached by content: the pixels that are stored now, never older ones."""

import itertools
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, TypeVar

from numpy.typing import NDArray

from reslice.archive.background import BackgroundLoads, Progress, share
from reslice.archive.cache import ByteCache, Key, Reservation
from reslice.archive.decoding import DecodingPool
from reslice.archive.identity import Identities, Identity
from reslice.archive.loaded import LoadedVolume
from reslice.archive.loading import load_volume, read_again, read_layout
from reslice.archive.port import Archive
from reslice.archive.speculation import Speculation
from reslice.dicom.frames import FrameReader
from reslice.dicom.layout import FrameRef, SeriesLayout, VolumeLayout
from reslice.dicom.scan import Head
from reslice.dicom.spacing import SpacingFacts, facts_of, spacing_facts, spacing_head
from reslice.dicom.voxels import frame_values
from reslice.errors import Damaged, NotReconstructable, ResliceError, TooLarge, UnknownResource

Result = TypeVar("Result")
Values = NDArray[Any]

LAYOUT_BUDGET = 64 << 20
DERIVED_SHARE = 8
"""What is derived from volumes (reduced copies, block extremes) may take so small a part of their budget, beside it."""
NEVER_KEPT = 1 << 62
"""A size that no cache holds."""
BYTES_A_FRAME = 2048
"""A cautious estimate of what one frame costs in a layout."""
BYTES_OF_HEAD = 2048
"""A cautious estimate of what keeping the elements of a header takes beside their values."""
SHARE_OF_HEADERS = 0.5
"""The part of a load that reading headers counts for; often it reads the pixels too."""
ATTEMPTS = 3
"""A series that changes while it is read is read again; after so many times the error is told."""


class SeriesLibrary:
    """Layouts and volumes of series; any thread may ask."""

    def __init__(self, archive: Archive, *, budget: int, largest_volume: int, threads: int = 1) -> None:
        self.archive = archive
        self.largest_volume = largest_volume
        self.volumes: ByteCache[LoadedVolume] = ByteCache(budget)
        self.layouts: ByteCache[SeriesLayout] = ByteCache(LAYOUT_BUDGET)
        self._derived: ByteCache[Any] = ByteCache(budget // DERIVED_SHARE)
        self._identities = Identities(archive)
        self._pool = DecodingPool(threads)
        self._progress = Progress()
        self._background = BackgroundLoads(self._load_ahead)

    def identity(self, series_id: str) -> Identity:
        """The identity of what is stored now. Raises UnknownResource."""
        identity, is_other = self._identities.of(series_id)
        if is_other:  # nothing that is being made of this one is dropped
            self._drop(lambda key: key[0] == series_id and key[1] != identity.digest)
        return identity

    def forget(self, series_id: str) -> int:
        """Drop everything held of a series; return how many volumes that were."""
        self._identities.forget(series_id)
        return self._drop(lambda key: key[0] == series_id)

    def forget_all(self) -> int:
        """Drop everything held; return how many volumes that were."""
        self._identities.forget_all()
        return self._drop(lambda _: True)

    def _drop(self, condition: Callable[[Key], bool]) -> int:
        self._background.forget(condition)
        self.layouts.drop(condition)
        self._derived.drop(condition)
        return self.volumes.drop(condition)

    def layout(self, identity: Identity, guess: Speculation | None = None, index: int = 0) -> SeriesLayout:
        """The volumes, stacks and others of a series; if this call is the one that reads it, the guess keeps voxels."""

        def make() -> tuple[SeriesLayout, int]:
            with self._watching(identity):
                if guess is None:
                    return _sized(read_layout(self.archive, identity.instances))
                headers = share(self._progress.tick((*identity.key, index)), 0, SHARE_OF_HEADERS)
                return _sized(read_layout(self.archive, identity.instances, guess.offer, headers))

        return self.layouts.get(identity.key, make)

    def volume(self, identity: Identity, index: int) -> LoadedVolume:
        """One volume with its voxels. Raises UnknownResource, NotReconstructable, TooLarge, Undecodable."""
        return self.volumes.get((*identity.key, index), lambda: self._load(identity, index))

    def derived(self, identity: Identity, index: int, name: str, make: Callable[[], tuple[Result, int]]) -> Result:
        """What `make` computes from a volume, kept by name for as long as there is room; it tells its bytes too."""
        result: Result = self._derived.get((*identity.key, index, name), make)
        return result

    def loadable(self, identity: Identity, asked: Sequence[int] | None) -> list[int]:
        """The volumes to load: those asked for, else the first ones that fit into the memory together.

        Raises UnknownResource, NotReconstructable, TooLarge.
        """
        layout = self.layout(identity)
        for k in asked or (0,):
            self._require_allowed(_volume_layout(layout, k).expected_bytes)
        if asked:
            return list(dict.fromkeys(asked))
        together = itertools.accumulate(volume.expected_bytes for volume in layout.volumes)
        return [k for k, size in enumerate(together) if k == 0 or size <= self.volumes.budget]

    def start(self, identity: Identity, indices: Sequence[int]) -> None:
        """Load volumes in the background, those that aren't in memory."""
        keys = [(*identity.key, index) for index in indices]
        self._background.start(key for key in keys if self.volumes.state(key) == "absent")

    def _load_ahead(self, key: Key) -> None:
        """Load what the series holds now; it may have changed since somebody asked."""
        while_unchanged(lambda: self.volume(self.identity(str(key[0])), int(key[2])))

    def state(self, identity: Identity, index: int) -> tuple[str, float, ResliceError | None]:
        """`absent`, `loading` or `ready`, the part from 0 to 1 that is loaded, and why the last try failed."""
        key = (*identity.key, index)
        state = self.volumes.state(key)
        if state == "absent" and self._background.holds(key):
            state = "loading"
        part = 1.0 if state == "ready" else self._progress.of(key) if state == "loading" else 0.0
        return state, part, self._background.failure(key) if state == "absent" else None

    def peek(self, identity: Identity, index: int) -> LoadedVolume | None:
        """The volume if it is in memory."""
        return self.volumes.peek((*identity.key, index))

    def look(self, identity: Identity, index: int) -> LoadedVolume | None:
        """The same, without counting as a use."""
        return self.volumes.look((*identity.key, index))

    def _load(self, identity: Identity, index: int) -> tuple[LoadedVolume, int]:
        key = (*identity.key, index)
        try:
            return self._loaded(identity, index, self._progress.tick(key))
        finally:
            self._progress.end(key)

    def _loaded(self, identity: Identity, index: int, tick: Callable[[float], None]) -> tuple[LoadedVolume, int]:
        is_final = True
        stored = identity.instances if index == 0 else ()
        with Speculation(self.archive, stored, self._reserve, self._pool) as guess:
            layout = self.layout(identity, guess, index)
            chosen = _volume_layout(layout, index)
            volume = guess.volume(layout) if index == 0 else None
        if volume is None:
            with self._watching(identity):
                pixels = share(tick, SHARE_OF_HEADERS, 1)
                volume, is_final = load_volume(self.archive, chosen, self._reserve, self._pool, pixels)
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

    def _require_allowed(self, size: int) -> None:
        """Raise TooLarge where the settings allow no volume of so many bytes."""
        limit = min(self.largest_volume, self.volumes.budget)
        if size > limit:
            raise TooLarge(
                f"The volume needs {size} bytes; the limit is {limit}. Ask for single slices, which need no volume, or"
                " let the administrator raise LargestVolumeMegabytes and CacheMegabytes",
                SizeBytes=size,
                LimitBytes=limit,
            )

    def _reserve(self, size: int) -> Reservation[LoadedVolume]:
        """Bytes for a volume under way. Raises TooLarge, Busy."""
        self._require_allowed(size)
        return self.volumes.reserve(size)

    def file(self, identity: Identity, ref: FrameRef) -> bytes:
        """The file that a frame is in. Raises UnknownResource where it is another one by now, Damaged."""
        with self._watching(identity):
            return read_again(self.archive, ref.instance)

    def spacing_facts(self, identity: Identity, ref: FrameRef, file: Callable[[], bytes]) -> SpacingFacts:
        """What a frame's header says of the size of its pixels; `file` tells the file that it is in, if needed.

        The header is kept, for all frames of the file. Raises Damaged.
        """

        def make() -> tuple[Head, int]:
            head = spacing_head(file())
            return head, BYTES_OF_HEAD + sum(map(len, head.values.values()))

        head: Head = self._derived.get((*identity.key, "spacing", ref.instance.id), make)
        try:
            return facts_of(head, ref.frame)
        except Damaged:
            return spacing_facts(file(), ref.frame)

    def frame(self, identity: Identity, ref: FrameRef, *, masked: bool = False, file: bytes | None = None) -> Values:
        """One frame: modality values (rows, columns), or RGB (rows, columns, 3). Raises Damaged, Undecodable.

        See `frame_values` for `masked`. `file` is what `file` told, if it is at hand.
        """
        content = self.file(identity, ref) if file is None else file
        reader = FrameReader(ref.instance, content, self.archive.decode)
        return frame_values(ref, reader, masked=masked)

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
    """A layout, and what it takes: something for each frame, and the tables of their descriptions."""
    if layout.is_provisional:
        return layout, NEVER_KEPT
    described = {id(d): d for ref, _, _ in layout.slices if (d := ref.description).has_tables}
    return layout, BYTES_A_FRAME * (1 + len(layout.slices)) + sum(d.table_bytes for d in described.values())


def _volume_layout(layout: SeriesLayout, index: int) -> VolumeLayout:
    if 0 <= index < len(layout.volumes):
        return layout.volumes[index]
    if layout.volumes or index != 0:
        raise UnknownResource(f"The series has {len(layout.volumes)} volumes", reason="unknown-volume")
    if layout.stacks:
        raise NotReconstructable(layout.stacks[0].details, reason=layout.stacks[0].reason)
    raise NotReconstructable("The series holds no images", reason="no-volume")
