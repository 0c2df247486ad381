"""The display windows that files bring with them."""

from collections.abc import Sequence
from statistics import median

from reslice.dicom.instance import Description
from reslice.imaging.voi import LARGEST_VALUE, LEAST_WIDTH, VOI_FUNCTIONS, VoiFunction, Window


def own_window(description: Description) -> Window | None:
    """The image's first usable window (PS3.3 C.11.2.1.2)."""
    for center, width in description.windows:
        window = Window(center, width, voi_function(description), description.is_inverted, "dicom")
        if window.is_valid and abs(center) <= LARGEST_VALUE and LEAST_WIDTH <= width <= LARGEST_VALUE:
            return window
    return None


def voi_function(description: Description) -> VoiFunction:
    """The image's VOI LUT function; LINEAR where it names none that the Standard knows."""
    name = description.voi_function
    return name if name in VOI_FUNCTIONS else "LINEAR"


def common_window(descriptions: Sequence[Description]) -> Window | None:
    """One window for all slices: the median centre and width of their own, so that scrolling doesn't flicker."""
    windows = [window for window in map(own_window, descriptions) if window is not None]
    if not windows:
        return None
    first = windows[0]
    center, width = median(w.center for w in windows), median(w.width for w in windows)
    return Window(center, width, first.function, first.invert, "dicom-median")


def unit(description: Description) -> str:
    """The unit of the modality values: HU, PET's own, or 1 (PS3.3 C.11.1.1.2)."""
    if description.modality == "PT" and description.units:
        return {"BQML": "Bq/ml"}.get(description.units, description.units)
    if description.rescale_type == "HU":
        return "HU"
    is_original_ct = (
        description.modality == "CT"
        and description.has_rescale
        and not description.rescale_type
        and description.image_type[:1] == ("ORIGINAL",)
        and description.image_type[2:3] != ("LOCALIZER",)
    )
    return "HU" if is_original_ct else "1"
