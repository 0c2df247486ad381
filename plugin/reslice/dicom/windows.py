"""The windows and tables that files bring with them, and the unit of their values."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import zip_longest
from statistics import median

from reslice.dicom.instance import Description
from reslice.imaging.modality import Rescale
from reslice.imaging.voi import LARGEST_VALUE, LEAST_WIDTH, VOI_FUNCTIONS, VoiFunction, VoiLut, VoiTransform, Window

OF_STORED = "dicom-stored"
"""The source of a window that the file gives in stored values."""
FLAT = 0.01
"""Values that fill less of a window than this look alike: two levels of 255."""
MOST_OF_IT = 0.5
"""Values that fill more of a window than this are those that it is for."""


@dataclass(frozen=True)
class OwnTransforms:
    """What the files bring: windows that can be used, in their order, and tables."""

    windows: tuple[Window, ...] = ()
    luts: tuple[VoiLut, ...] = ()

    @property
    def first(self) -> VoiTransform | None:
        """What the image is shown with unless asked otherwise: its first window, else its first table."""
        transforms: tuple[VoiTransform, ...] = (*self.windows, *self.luts)
        return next(iter(transforms), None)

    @property
    def is_of_stored_values(self) -> bool:
        """Whether the windows were given in stored values and had to be mapped to modality values."""
        return any(window.source == OF_STORED for window in self.windows)

    def scaled(self, factor: float) -> "OwnTransforms":
        """The same greys for values multiplied by a positive factor (SUV)."""
        return OwnTransforms(
            tuple(window.scaled(factor) for window in self.windows), tuple(lut.scaled(factor) for lut in self.luts)
        )


def own_transforms(description: Description) -> OwnTransforms:
    """The windows and tables of one image (PS3.3 C.11.2)."""
    windows = _windows(description, as_stored=_is_of_stored_values(description))
    return OwnTransforms(tuple(windows), _luts(description))


def common_transforms(descriptions: Sequence[Description]) -> OwnTransforms:
    """One window for all slices, so that scrolling doesn't flicker: the median centre and width of their first
    windows; the same of their further ones, and the tables where all slices have the same.
    """
    doubts = [_is_of_stored_values(d) for d in descriptions if d.windows]
    as_stored = 2 * sum(doubts) > len(doubts)
    each = [_windows(d, as_stored=as_stored) for d in descriptions]
    windows = (_median([w for w in kth if w is not None]) for kth in zip_longest(*each))
    tables = {d.voi_luts for d in descriptions}
    return OwnTransforms(tuple(windows), _luts(descriptions[0]) if len(tables) == 1 else ())


def _median(windows: Sequence[Window]) -> Window:
    first = windows[0]
    source = first.source if first.source == OF_STORED else "dicom-median"
    return replace(
        first, center=median(w.center for w in windows), width=median(w.width for w in windows), source=source
    )


def _windows(description: Description, *, as_stored: bool) -> list[Window]:
    """The windows that can be meant, in the file's order."""
    found = []
    for k, (center, width) in enumerate(description.windows):
        explanation = "".join(description.window_explanations[k : k + 1])
        window = Window(center, width, voi_function(description), description.is_inverted, "dicom", explanation)
        if window.is_valid and abs(center) <= LARGEST_VALUE and LEAST_WIDTH <= width <= LARGEST_VALUE:
            found.append(_of_stored(description, window) if as_stored else window)
    return found


def _of_stored(description: Description, window: Window) -> Window:
    """A window of stored values as one of modality values; LINEAR's half a stored unit is let go."""
    rescale = description.rescale
    if not isinstance(rescale, Rescale):
        return window
    function: VoiFunction = "LINEAR_EXACT" if window.function == "LINEAR" else window.function
    center = window.center * rescale.slope + rescale.intercept
    return replace(window, center=center, width=window.width * rescale.slope, function=function, source=OF_STORED)


def _is_of_stored_values(description: Description) -> bool:
    """Whether the first window of an MR or PET image is certainly one of stored values.

    It is where no value that the image could hold lies in it, or so narrow a part of it that all would
    be one flat grey, while stored values fill it. Only headers count: the answer must not change when
    voxels are read.
    """
    d = description
    windows = _windows(d, as_stored=False)
    if d.modality not in ("MR", "PT") or d.pixels is None or not windows:
        return False
    if not isinstance(d.rescale, Rescale) or d.rescale.slope <= 0:
        return False
    stored = d.pixels.stored_range
    rescaled = [value * d.rescale.slope + d.rescale.intercept for value in stored]
    of_stored, of_rescaled = _share(windows[0], *stored), _share(windows[0], *rescaled)
    return of_stored > 0 == of_rescaled or (of_stored > MOST_OF_IT and of_rescaled < FLAT)


def _share(window: Window, low: float, high: float) -> float:
    """How much of a window's width lies within a range."""
    begin, end = window.center - window.width / 2, window.center + window.width / 2
    return max(0.0, min(high, end) - max(low, begin)) / window.width


def _luts(description: Description) -> tuple[VoiLut, ...]:
    return tuple(replace(lut, invert=description.is_inverted) for lut in description.voi_luts)


def voi_function(description: Description) -> VoiFunction:
    """The image's VOI LUT function; LINEAR where it names none that the Standard knows."""
    name = description.voi_function
    return name if name in VOI_FUNCTIONS else "LINEAR"


UNITS = {"BQML": "Bq/ml", "GML": "g/ml", "GY": "Gy", "RELATIVE": "1"}
"""Units of PET (PS3.3 C.8.9.1.1.3) and of dose grids (C.8.8.3) as they are written; others stay as they are."""


def unit(description: Description) -> str:
    """The unit of the modality values: HU, that of PET or of a dose grid, or 1 (PS3.3 C.11.1.1.2)."""
    if description.modality in ("PT", "RTDOSE") and description.units:
        return UNITS.get(description.units, description.units)
    if description.rescale_type == "HU":
        return "HU"
    is_original_ct = (
        description.modality == "CT"
        and description.has_rescale
        and not description.rescale_type
        and not description.is_multienergy
        and description.image_type[:1] == ("ORIGINAL",)
        and description.image_type[2:3] != ("LOCALIZER",)
    )
    return "HU" if is_original_ct else "1"
