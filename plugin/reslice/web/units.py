"""In which unit values are answered: as the files give them, or as SUV."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reslice.dicom.instance import Description
from reslice.dicom.suv import Suv
from reslice.dicom.windows import OwnTransforms, unit
from reslice.errors import NotReconstructable
from reslice.imaging.voi import VoiTransform, Window
from reslice.settings import Settings
from reslice.web.parameters import WindowParameters
from reslice.web.windows import choose_window, presets_of

SUV_UNIT = "g/ml"
Values = NDArray[Any]
Padding = tuple[float, float] | None


@dataclass(frozen=True)
class Scale:
    """The unit of the answer, and what modality values are multiplied by for it."""

    unit: str
    factor: float = 1.0

    @property
    def is_plain(self) -> bool:
        """Whether modality values stay as they are."""
        return self.factor == 1

    def values(self, values: Values, padding: Padding) -> tuple[Values, Padding]:
        """Values in this unit; where they are multiplied, padding becomes NaN and no range of it remains."""
        if self.is_plain:
            return values, padding
        scaled = (values.astype(np.float64) * self.factor).astype(np.float32)
        if padding is not None:
            scaled[(values >= padding[0]) & (values <= padding[1])] = np.nan
        return scaled, None

    def span(self, span: Padding) -> Padding:
        """A range of modality values in this unit, its ends rounded as values are."""
        if self.is_plain or span is None:
            return span
        low, high = (float(np.float32(end * self.factor)) for end in span)
        return low, high

    def transform(
        self,
        settings: Settings,
        description: Description,
        parameters: WindowParameters,
        own: OwnTransforms,
        automatic: Callable[[], Window],
    ) -> VoiTransform:
        """The window or table for values in this unit; what files and percentiles say is scaled with them.

        LINEAR's half a unit (PS3.3 C.11.2.1.2.1) is made for whole numbers: a window in SUV is LINEAR_EXACT
        unless another function is asked for.
        """
        inverted = description.is_inverted
        if self.is_plain:
            presets = presets_of(settings, description, own) if parameters.preset else ()
            return choose_window(parameters, own.first, inverted, presets, automatic)
        scaled = own.scaled(self.factor)
        presets = presets_of(settings, description, scaled, {self.unit}) if parameters.preset else ()
        if parameters.window_center is not None and parameters.voi_function is None:
            parameters = parameters.model_copy(update={"voi_function": "LINEAR_EXACT"})
        return choose_window(parameters, scaled.first, inverted, presets, lambda: automatic().scaled(self.factor))


def scale_of(name: str, description: Description, suv: Suv | None) -> Scale:
    """The scale that `unit=` asks for. Raises NotReconstructable where SUV can't be computed."""
    if name == "stored":
        return Scale(unit(description))
    if suv is None:
        raise NotReconstructable("SUV is of PET images only", reason="suv-not-computable")
    if suv.factor is None:
        details = f"The header doesn't give what SUV needs: {suv.reason}"
        raise NotReconstructable(details, reason="suv-not-computable", Missing=suv.reason)
    return Scale(SUV_UNIT, suv.factor)


def suv_facts(suv: Suv | None) -> dict[str, Any] | None:
    """`Suv` in JSON."""
    if suv is None:
        return None
    return {"Reason": suv.reason} if suv.factor is None else {"Factor": suv.factor, "Unit": SUV_UNIT}
