"""Transfer functions: what colour a value has in a rendered volume, and how much it hides."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

ENTRIES = 2048
"""Steps into which a table divides the range of values."""

OPAQUE = 0.999
"""The largest opacity of a mm; more would make no difference to the eye."""


class ControlPoint(NamedTuple):
    """A modality value, its colour (0 to 1), and the part of the light that 1 mm of it takes away (0 to 1)."""

    value: float
    red: float
    green: float
    blue: float
    opacity: float


class Light(NamedTuple):
    """Phong's coefficients; `power` is the exponent of the highlight."""

    ambient: float = 0.25
    diffuse: float = 0.75
    specular: float = 0.2
    power: float = 16.0


PLAIN = Light()


class Table(NamedTuple):
    """A transfer function as kernels read it.

    `entries` has shape (ENTRIES, 8): extinction per mm, red, green, blue; then the sums of the extinction and of
    the colours it weighs over all entries before. `ahead[i]` is the first entry from i on that hides
    anything (ENTRIES where none does). A value has the entry (value - low) * scale, within the ends.
    """

    entries: NDArray[np.float64]
    ahead: NDArray[np.int64]
    low: float
    scale: float


@dataclass(frozen=True)
class TransferFunction:
    """Straight from control point to control point (at least two, values increasing), constant beyond them.

    Raises ValueError for fewer points, or such that don't increase.
    """

    points: tuple[ControlPoint, ...]
    light: Light = PLAIN

    def __post_init__(self) -> None:
        values = [point.value for point in self.points]
        if len(values) < 2 or not np.isfinite(values).all() or (np.diff(values) <= 0).any():
            raise ValueError("A transfer function has two points or more, of increasing values")

    @property
    def range(self) -> tuple[float, float]:
        """The first and the last control point's value."""
        return float(self.points[0].value), float(self.points[-1].value)

    def with_window(self, low: float, high: float) -> "TransferFunction":
        """The same colours from `low` to `high` instead. Raises ValueError if high isn't above low."""
        first, last = self.range
        factor = (high - low) / (last - first)
        return replace(self, points=tuple(p._replace(value=low + (p.value - first) * factor) for p in self.points))

    def at(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """Red, green, blue and opacity per mm of values, shape (..., 4)."""
        points: NDArray[np.float64] = np.array(self.points)
        colours: NDArray[np.float64] = np.empty((*values.shape, 4))
        for k in range(4):
            colours[..., k] = np.interp(values, points[:, 0], points[:, k + 1])
        return colours

    def table(self) -> Table:
        """The function divided into ENTRIES steps."""
        low, high = self.range
        colours = self.at(np.linspace(low, high, ENTRIES))
        extinction = -np.log1p(-np.minimum(colours[:, 3], OPAQUE))
        entries = np.empty((ENTRIES, 8))
        entries[:, 0], entries[:, 1:4] = extinction, colours[:, :3]
        entries[:, 4] = _sums_before(extinction)
        for k in range(3):
            entries[:, 5 + k] = _sums_before(extinction * colours[:, k])
        visible = np.append(np.flatnonzero(extinction > 0), ENTRIES)
        ahead = visible[np.searchsorted(visible, np.arange(ENTRIES))]
        entries.setflags(write=False)
        ahead.setflags(write=False)
        return Table(entries, ahead, low, (ENTRIES - 1) / (high - low))


def _sums_before(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Trapezoids, so that a difference of two sums is the integral between two entries."""
    sums: NDArray[np.float64] = np.zeros(len(values))
    sums[1:] = np.cumsum((values[1:] + values[:-1]) / 2)
    return sums


def _function(points: Sequence[tuple[float, float, float, float, float]], light: Light) -> TransferFunction:
    return TransferFunction(tuple(ControlPoint(*point) for point in points), light)


def bone() -> TransferFunction:
    """Ivory bone alone, in HU."""
    points = (
        (180, 0.72, 0.50, 0.36, 0.0),
        (240, 0.86, 0.70, 0.52, 0.15),
        (340, 0.96, 0.88, 0.74, 0.75),
        (700, 1.0, 0.96, 0.87, 0.97),
        (1600, 1.0, 1.0, 0.98, 0.99),
    )
    return _function(points, Light(0.3, 0.72, 0.2, 20))


def vessels() -> TransferFunction:
    """Vessels filled with contrast medium in red, bone behind them in ivory, in HU."""
    points = (
        (110, 0.45, 0.05, 0.03, 0.0),
        (160, 0.72, 0.12, 0.08, 0.16),
        (240, 0.86, 0.26, 0.16, 0.5),
        (320, 0.93, 0.62, 0.45, 0.7),
        (400, 0.97, 0.90, 0.78, 0.9),
        (1500, 1.0, 1.0, 0.98, 0.98),
    )
    return _function(points, Light(0.2, 0.75, 0.3, 24))


def soft_tissue() -> TransferFunction:
    """Skin, half transparent over muscle and bone, in HU."""
    points = (
        (-500, 0.85, 0.58, 0.44, 0.0),
        (-250, 0.95, 0.70, 0.55, 0.22),
        (-60, 0.95, 0.66, 0.50, 0.10),
        (20, 0.86, 0.40, 0.30, 0.16),
        (160, 0.92, 0.58, 0.42, 0.45),
        (300, 0.98, 0.92, 0.79, 0.9),
        (1500, 1.0, 1.0, 0.97, 0.99),
    )
    return _function(points, Light(0.25, 0.7, 0.15, 16))


def lung() -> TransferFunction:
    """Lungs and airways seen through the chest wall, in HU."""
    points = (
        (-1000, 0.2, 0.3, 0.4, 0.0),
        (-940, 0.35, 0.55, 0.70, 0.0),
        (-880, 0.55, 0.75, 0.85, 0.012),
        (-760, 0.85, 0.70, 0.70, 0.04),
        (-600, 0.98, 0.60, 0.50, 0.06),
        (-450, 0.95, 0.50, 0.40, 0.0),
        (200, 0.95, 0.88, 0.75, 0.0),
        (900, 1.0, 1.0, 0.95, 0.03),
    )
    return _function(points, Light(0.45, 0.6, 0.2, 16))


def mr() -> TransferFunction:
    """Tissue over dark background, grey to warm white, from 0 to 1 of the window."""
    points = (
        (0.0, 0.2, 0.2, 0.22, 0.0),
        (0.18, 0.45, 0.40, 0.38, 0.0),
        (0.35, 0.70, 0.60, 0.54, 0.25),
        (0.7, 0.90, 0.82, 0.75, 0.5),
        (1.0, 1.0, 0.98, 0.95, 0.75),
    )
    return _function(points, Light(0.25, 0.72, 0.2, 16))


def pet() -> TransferFunction:
    """Uptake from dark red over orange to white heat, from 0 to 1 of the window."""
    points = (
        (0.0, 0.1, 0.05, 0.15, 0.0),
        (0.1, 0.25, 0.08, 0.25, 0.004),
        (0.35, 0.75, 0.15, 0.12, 0.05),
        (0.65, 1.0, 0.55, 0.1, 0.2),
        (1.0, 1.0, 0.98, 0.8, 0.5),
    )
    return _function(points, Light(0.5, 0.5, 0.1, 16))


def generic() -> TransferFunction:
    """Grey that hides more the brighter it is, from 0 to 1 of the window."""
    points = (
        (0.0, 0.1, 0.1, 0.1, 0.0),
        (0.25, 0.4, 0.4, 0.4, 0.0),
        (0.5, 0.7, 0.7, 0.7, 0.2),
        (1.0, 1.0, 1.0, 1.0, 0.7),
    )
    return _function(points, PLAIN)


def presets_for(modality: str, window_low: float, window_high: float) -> dict[str, TransferFunction]:
    """The presets of a modality (DICOM's term, such as CT) by name, the first the one to begin with.

    Those of a CT are in HU whatever the window; those of others go from the window's lower to its upper end.
    Raises ValueError if the window is empty.
    """
    if modality == "CT":
        return {"bone": bone(), "soft-tissue": soft_tissue(), "vessels": vessels(), "lung": lung()}
    name, function = {"MR": ("mr", mr), "PT": ("pet", pet)}.get(modality, ("generic", generic))
    return {name: function().with_window(window_low, window_high)}
