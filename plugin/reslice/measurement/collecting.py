"""Counting the voxels of a region slice by slice: their statistics, their volume, and a digest of the mask."""

import hashlib
import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reslice.errors import TooLarge, Unmeasurable
from reslice.imaging.volume import Volume, Voxels
from reslice.measurement.places import Window
from reslice.measurement.statistics import Statistics, Tally

Flags = NDArray[np.bool_]


@dataclass(frozen=True)
class Region:
    """What was found in a volume.

    `excluded` are voxels left out because they are padding or hold no data: all that lie inside the shape; of a
    grown region those that it met. `mask_digest` is the sha256 of a mask (see MaskDigest), so that a later
    computation can be told to have found the same voxels.
    """

    count: int
    excluded: int
    volume_mm3: float
    statistics: Statistics
    mask_digest: str


class MaskDigest:
    """The sha256, slice by slice, of a mask over a volume.

    What is digested: the shape as three little-endian int64, then the bits of all voxels in the order slice, row,
    column, the first in the highest bit of a byte, the last byte filled with 0 (`numpy.packbits`).
    """

    def __init__(self, shape: tuple[int, int, int]) -> None:
        self._sha = hashlib.sha256(np.array(shape, dtype="<i8").tobytes())
        self._rest: Flags = np.zeros(0, dtype=np.bool_)

    def add(self, mask: Flags) -> None:
        """The next slice's mask."""
        bits = np.concatenate([self._rest, mask.reshape(-1)])
        whole = len(bits) // 8 * 8
        self._sha.update(np.packbits(bits[:whole]).tobytes())
        self._rest = bits[whole:]

    def hexdigest(self) -> str:
        """After the last slice."""
        self._sha.update(np.packbits(self._rest).tobytes())
        self._rest = self._rest[:0]
        return self._sha.hexdigest()


class Collector:
    """Takes the members of a region, one slice after the other; what isn't named has none."""

    def __init__(self, volume: Volume, cap: int) -> None:
        self.excluded = 0
        self._volume, self._cap = volume, cap
        self._counts = np.zeros(volume.geometry.shape[0], dtype=np.int64)
        self._tally = Tally(volume.voxels.dtype)
        self._digest = MaskDigest(volume.geometry.shape)
        self._next = 0

    def add(self, k: int, window: Window, members: Flags) -> None:
        """The members in a window of slice k; k increases from call to call. Beyond the cap they are only counted."""
        self._counts[k] = np.count_nonzero(members)
        if self._counts.sum() > self._cap:
            return
        self._skip_to(k)
        self._tally.add(self._volume.voxels[k][window][members])
        mask = np.zeros(self._volume.geometry.shape[1:], dtype=np.bool_)
        mask[window] = members
        self._digest.add(mask)
        self._next = k + 1

    def region(self, volume_mm3: float | None = None) -> Region:
        """After the last slice; the volume is the sum of the voxels' unless another is given.

        Raises TooLarge (`region-too-large`) and Unmeasurable (`empty-region`).
        """
        count = int(self._counts.sum())
        if count > self._cap:
            raise too_large(count, self._cap)
        if not count:
            raise Unmeasurable("The region holds no voxel with data", reason="empty-region")
        self._skip_to(len(self._counts))
        whole = volume_of(self._volume, self._counts) if volume_mm3 is None else volume_mm3
        return Region(count, self.excluded, whole, self._tally.statistics(), self._digest.hexdigest())

    def _skip_to(self, k: int) -> None:
        nothing = np.zeros(self._volume.geometry.shape[1:], dtype=np.bool_)
        for _ in range(self._next, k):
            self._digest.add(nothing)


def too_large(count: int, cap: int) -> TooLarge:
    """The refusal of so many voxels."""
    details = f"The region holds {count} voxels, more than {cap}"
    return TooLarge(details, reason="region-too-large", Voxels=count, LimitVoxels=cap)


def volume_of(volume: Volume, counts: NDArray[np.int64]) -> float:
    """The volume in mm3 of so many voxels on each slice: each has its pixel's area times its slice's thickness.

    Where slices are evenly spaced that is their number times |det(affine)|, sheared or not.
    """
    _, down, right = volume.geometry.steps
    pixel = float(np.linalg.norm(np.cross(down, right)))
    return float(counts @ volume.geometry.thicknesses) * pixel


def known(values: Voxels, padding: tuple[float, float] | None) -> Flags:
    """Which values are data: neither NaN nor within the inclusive padding range."""
    keep: Flags = ~np.isnan(values)
    if padding is not None:
        keep &= (values < padding[0]) | (values > padding[1])
    return keep


def in_range(values: Voxels, low: float, high: float) -> Flags:
    """Which values lie from `low` to `high`; bounds count as the nearest number of the values' own type.

    Else a float32 value that reads 0.1 would lie outside a range that begins at 0.1.
    """
    if values.dtype == np.int16:
        kind = np.iinfo(np.int16)
        least = math.ceil(min(max(low, kind.min), kind.max + 1))
        most = math.floor(max(min(high, kind.max), kind.min - 1))
        return np.zeros(values.shape, dtype=np.bool_) if least > most else (values >= least) & (values <= most)
    with np.errstate(over="ignore"):  # beyond the type's range is infinite
        bounds = np.array([low, high]).astype(values.dtype)
    inside: Flags = (values >= bounds[0]) & (values <= bounds[1])
    return inside
