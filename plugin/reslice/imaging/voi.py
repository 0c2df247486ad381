"""Modality values to display values: windows and tables (PS3.3 C.11.2)."""

import math
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray

from reslice.imaging.compiled import IS_COMPILED, as_input, compiled
from reslice.imaging.volume import NO_DATA_INT16, Volume, Voxels, valid_values

VoiFunction = Literal["LINEAR", "LINEAR_EXACT", "SIGMOID"]
VOI_FUNCTIONS: tuple[VoiFunction, ...] = get_args(VoiFunction)

LARGEST_VALUE, LEAST_WIDTH = 1e9, 1e-6
"""Windows beyond these can't be meant."""
AUTOMATIC_PERCENTILES = (0.1, 99.9)
SAMPLES_FOR_PERCENTILES = 1 << 20
"""Larger volumes are sampled evenly, at fixed places, so that the same volume always gets the same window."""


@dataclass(frozen=True)
class Window:
    """How modality values become grey: centre and width in modality units."""

    center: float
    width: float
    function: VoiFunction = "LINEAR"
    invert: bool = False
    source: str = "request"
    explanation: str = ""

    @property
    def is_valid(self) -> bool:
        """Whether the width suits the function (PS3.3 C.11.2.1.2.1: LINEAR needs at least 1)."""
        return self.width >= 1 if self.function == "LINEAR" else self.width > 0

    @property
    def equivalent(self) -> "Window":
        """Itself (see VoiLut.equivalent)."""
        return self

    def scaled(self, factor: float) -> "Window":
        """The same greys for values multiplied by a positive factor; LINEAR becomes the LINEAR_EXACT that it is."""
        center, width = _line(self)
        function: VoiFunction = "LINEAR_EXACT" if self.function == "LINEAR" else self.function
        if self.function == "SIGMOID":
            center, width = self.center, self.width
        return replace(self, center=center * factor, width=max(width, LEAST_WIDTH) * factor, function=function)


@dataclass(frozen=True, eq=False)
class VoiLut:
    """A table from modality values to grey (PS3.3 C.11.2.1.1).

    Entry k of `values` (read-only uint16) belongs to the modality value `first + k * step`; lower ones take
    the first entry, higher ones the last. An entry of 2^bits - 1 is white.
    """

    first: float
    values: NDArray[np.uint16]
    bits: int
    explanation: str = ""
    step: float = 1.0
    invert: bool = False
    source: str = "dicom-voi-lut"

    def __post_init__(self) -> None:
        self.values.setflags(write=False)

    @cached_property
    def _key(self) -> tuple[object, ...]:
        shape = (self.first, self.step, self.bits, self.explanation, self.invert, self.source)
        return (*shape, self.values.tobytes())

    def __eq__(self, other: object) -> bool:
        return self is other or (isinstance(other, VoiLut) and self._key == other._key)

    def __hash__(self) -> int:
        return hash(self._key)

    @cached_property
    def levels(self) -> NDArray[np.uint8]:
        """The grey level 0..255 of each entry."""
        shares = self.values / float((1 << self.bits) - 1)
        levels: NDArray[np.uint8] = ((1 - shares if self.invert else shares) * 255 + 0.5).astype(np.uint8)
        return levels

    @cached_property
    def equivalent(self) -> Window:
        """The straight line over the values in which the table changes: for clients that window numbers."""
        changes = np.flatnonzero(np.diff(self.values))
        low, high = (int(changes[0]), int(changes[-1]) + 1) if changes.size else (0, max(1, len(self.values) - 1))
        falls = bool(self.values[-1] < self.values[0])
        center, width = self.first + self.step * (low + high) / 2, self.step * (high - low)
        return Window(center, width, "LINEAR_EXACT", self.invert != falls, self.source, self.explanation)

    def scaled(self, factor: float) -> "VoiLut":
        """The same greys for values multiplied by a positive factor."""
        return replace(self, first=self.first * factor, step=self.step * factor)


VoiTransform = Window | VoiLut
"""How modality values become grey."""


def to_display(
    values: Voxels, transform: VoiTransform, padding: tuple[float, float] | None = None
) -> NDArray[np.uint8]:
    """Grey levels 0..255 of modality values; NaN, -32768 and padding become 0, after inversion too."""
    if values.dtype == np.int16:
        return _looked_up(_table(transform, padding), values.view(np.uint16))
    if padding is not None:
        values = np.where((values >= padding[0]) & (values <= padding[1]), np.float32(np.nan), values)
    return _grey(values.astype(np.float32, copy=False), transform)


def _looked_up(table: NDArray[np.uint8], values: NDArray[np.uint16]) -> NDArray[np.uint8]:
    if not IS_COMPILED or values.ndim != 2:
        return table[values]
    grey = np.empty(values.shape, dtype=np.uint8)
    _look_up(as_input(table), as_input(values), grey)
    return grey


@compiled
def _look_up(table: NDArray[np.uint8], values: NDArray[np.uint16], grey: NDArray[np.uint8]) -> None:
    """`table[values]`, several times as fast as numpy's indexing."""
    for i in range(values.shape[0]):
        for j in range(values.shape[1]):
            grey[i, j] = table[values[i, j]]


@lru_cache(maxsize=64)
def _table(transform: VoiTransform, padding: tuple[float, float] | None) -> NDArray[np.uint8]:
    """The grey level of every int16 value, indexed by its unsigned twin."""
    every = np.arange(1 << 16, dtype=np.uint16).view(np.int16).astype(np.float32)
    every[every == NO_DATA_INT16] = np.nan
    if padding is not None:
        every[(every >= padding[0]) & (every <= padding[1])] = np.nan
    grey = _grey(every.reshape(1, -1), transform).reshape(-1)
    grey.setflags(write=False)
    return grey


def _grey(values: NDArray[np.float32], transform: VoiTransform) -> NDArray[np.uint8]:
    return _through(values, transform) if isinstance(transform, VoiLut) else _windowed(values, transform)


def _through(values: NDArray[np.float32], lut: VoiLut) -> NDArray[np.uint8]:
    """The level of the nearest entry."""
    if IS_COMPILED and values.ndim == 2:
        grey = np.empty(values.shape, dtype=np.uint8)
        _levels_of(as_input(values), as_input(lut.levels), float(lut.first), float(lut.step), grey)
        return grey
    places = np.rint((values.astype(np.float64) - lut.first) / lut.step)
    absent = np.isnan(places)
    entries = np.clip(np.where(absent, 0, places), 0, len(lut.values) - 1).astype(np.intp)
    return np.where(absent, np.uint8(0), lut.levels[entries])


@compiled
def _levels_of(
    values: NDArray[np.float32], levels: NDArray[np.uint8], first: float, step: float, grey: NDArray[np.uint8]
) -> None:
    """The level of the nearest entry, in one pass; NaN becomes 0."""
    last = float(len(levels) - 1)
    for i in range(values.shape[0]):
        for j in range(values.shape[1]):
            place = np.rint((np.float64(values[i, j]) - first) / step)
            grey[i, j] = 0 if np.isnan(place) else levels[int(min(max(place, 0.0), last))]


def _windowed(values: NDArray[np.float32], window: Window) -> NDArray[np.uint8]:
    scale, offset = (-255.0, 255.0) if window.invert else (255.0, 0.0)
    if IS_COMPILED and values.ndim == 2 and window.function != "SIGMOID" and _line(window)[1] > 0:
        center, width = _line(window)
        grey = np.empty(values.shape, dtype=np.uint8)
        _grey_line(as_input(values), float(center), scale / width, offset + scale / 2, grey)
        return grey
    return _grey_in_numpy(values, window, scale, offset)


def _line(window: Window) -> tuple[float, float]:
    """Where a LINEAR or LINEAR_EXACT window has its middle, and how wide it is from black to white."""
    if window.function == "LINEAR_EXACT":
        return window.center, window.width
    return window.center - 0.5, window.width - 1


@compiled
def _grey_line(values: NDArray[np.float32], center: float, gain: float, middle: float, grey: NDArray[np.uint8]) -> None:
    """Grey levels along a straight line, in one pass; NaN becomes 0."""
    for i in range(values.shape[0]):
        for j in range(values.shape[1]):
            level = (values[i, j] - center) * gain + middle
            if np.isnan(level):
                grey[i, j] = 0
            else:
                grey[i, j] = np.uint8(min(max(level, 0.0), 255.0) + 0.5)


def _grey_in_numpy(values: NDArray[np.float32], window: Window, scale: float, offset: float) -> NDArray[np.uint8]:
    shares = _sigmoid(values, window) if window.function == "SIGMOID" else _ramp(values, window)
    grey = np.clip(shares * scale + offset, 0, 255) + 0.5
    return np.nan_to_num(grey, nan=0.0).astype(np.uint8)


def _ramp(values: NDArray[np.float32], window: Window) -> NDArray[np.float64]:
    """LINEAR and LINEAR_EXACT: a straight line from 0 to 1, before clipping."""
    center, width = _line(window)
    if width == 0:
        return _threshold(values, center)
    return (values.astype(np.float64) - center) / width + 0.5


def _threshold(values: NDArray[np.float32], center: float) -> NDArray[np.float64]:
    """LINEAR with width 1: black up to and including c - 0.5, white above."""
    return np.where(np.isnan(values), np.nan, (values > center).astype(np.float64))


def _sigmoid(values: NDArray[np.float32], window: Window) -> NDArray[np.float64]:
    """1 / (1 + exp(-4 (x - c) / w)), PS3.3 C.11.2.1.3.1."""
    exponent = np.clip((values.astype(np.float64) - window.center) * (-4.0 / window.width), -80, 80)
    result: NDArray[np.float64] = 1 / (1 + np.exp(exponent))
    return result


def automatic(volume: Volume) -> Window:
    """The window from the 0.1 to the 99.9 percentile of the data; 0..1 where there is none."""
    step = max(1, math.ceil(volume.voxels.size / SAMPLES_FOR_PERCENTILES))
    present = volume.voxels if not volume.absent else volume.voxels[volume.present]
    return automatic_of(valid_values(present.reshape(-1)[::step], volume.padding))


def automatic_of(values: Voxels) -> Window:
    """The automatic window of values that are all data."""
    if not values.size:
        return Window(0.5, 1.0, "LINEAR_EXACT", source="automatic")
    low, high = (float(v) for v in np.percentile(values, AUTOMATIC_PERCENTILES))
    return Window((low + high) / 2, max(high - low, 1e-6), "LINEAR_EXACT", source="automatic")
