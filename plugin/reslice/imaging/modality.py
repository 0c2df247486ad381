"""Stored values to modality values: slope and intercept, or a table (PS3.3 C.11.1)."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Stored = NDArray[Any]

INT16_LOWEST, INT16_HIGHEST = -32767, 32767
"""-32768 is left free: it means "no data" wherever int16 values leave the server."""

UINT16_COUNT, LARGEST_FLOAT32 = 1 << 16, float(np.finfo(np.float32).max)


@dataclass(frozen=True)
class Rescale:
    """modality = stored x slope + intercept (PS3.3 C.11.1.1.2)."""

    slope: float = 1.0
    intercept: float = 0.0

    @property
    def is_whole(self) -> bool:
        """Whether whole numbers stay whole."""
        return self.slope.is_integer() and self.intercept.is_integer()

    @property
    def keeps_whole_numbers_apart(self) -> bool:
        """Whether different stored numbers become different values, to the last bit."""
        return self.is_whole and self.slope != 0

    def value_of(self, stored: float) -> float:
        """The modality value of one stored value, rounded as voxels are; infinite beyond what float32 holds."""
        with np.errstate(over="ignore"):
            return float(np.float32(stored * self.slope + self.intercept))

    def fits_int16(self, stored: Stored) -> bool:
        """Whether every result is a whole number that int16 holds."""
        if not self.is_whole or stored.dtype.kind not in "iu":
            return False
        ends = [int(v) * int(self.slope) + int(self.intercept) for v in (stored.min(), stored.max())]
        return min(ends) >= INT16_LOWEST and max(ends) <= INT16_HIGHEST

    def to_int16(self, stored: Stored, out: NDArray[np.int16]) -> None:
        """Write the modality values; arithmetic modulo 2^16 is exact because the results fit."""
        source = stored.view(np.int16) if stored.dtype.itemsize == 2 else stored.astype(np.int16)
        if self.slope == 1:
            np.add(source, _modulo16(self.intercept), out=out)
            return
        np.multiply(source, _modulo16(self.slope), out=out)
        np.add(out, _modulo16(self.intercept), out=out)

    def to_float32(self, stored: Stored, out: NDArray[np.float32]) -> None:
        """Write the modality values: computed in float64, rounded once; what float32 can't hold is no data."""
        with np.errstate(over="ignore", invalid="ignore"):
            out[...] = stored.astype(np.float64) * self.slope + self.intercept
        largest = abs(self.slope) * UINT16_COUNT + abs(self.intercept)
        if stored.dtype.kind == "f" or stored.dtype.itemsize > 2 or largest > LARGEST_FLOAT32:
            out[~np.isfinite(out)] = np.nan


@dataclass(frozen=True, eq=False)
class LookupTable:
    """modality = entries[stored - first], the outermost entries beyond (PS3.3 C.11.1.1.1).

    `entries` are read-only uint16; `kind` is the Modality LUT Type, e.g. HU or OD (C.11.1.1.2).
    """

    first: int
    entries: NDArray[np.uint16]
    kind: str = ""

    is_whole = True
    keeps_whole_numbers_apart = False

    def value_of(self, stored: float) -> float:
        """The modality value of one stored value."""
        return float(self.entries[min(max(int(stored) - self.first, 0), len(self.entries) - 1)])

    def fits_int16(self, stored: Stored) -> bool:
        """Whether every entry is a number that int16 holds."""
        return stored.dtype.kind in "iu" and int(self.entries.max()) <= INT16_HIGHEST

    def to_int16(self, stored: Stored, out: NDArray[np.int16]) -> None:
        """Write the modality values."""
        out[...] = self._entries_of(stored)

    def to_float32(self, stored: Stored, out: NDArray[np.float32]) -> None:
        """Write the modality values."""
        out[...] = self._entries_of(stored)

    def _entries_of(self, stored: Stored) -> NDArray[np.uint16]:
        places = np.clip(stored.astype(np.int64) - self.first, 0, len(self.entries) - 1)
        return self.entries[places]


ModalityTransform = Rescale | LookupTable


def _modulo16(number: float) -> np.int16:
    return np.int16(((int(number) + 0x8000) & 0xFFFF) - 0x8000)


def modality_values(stored: Stored, rescale: ModalityTransform) -> NDArray[np.int16] | NDArray[np.float32]:
    """The modality values of one frame in the narrowest exact type: int16, else float32."""
    if rescale.fits_int16(stored):
        whole = np.empty(stored.shape, dtype=np.int16)
        rescale.to_int16(stored, whole)
        return whole
    real = np.empty(stored.shape, dtype=np.float32)
    rescale.to_float32(stored, real)
    return real
