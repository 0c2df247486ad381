"""How a rendering looks: projected through a window, or volume rendered through a transfer function."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reslice.archive.identity import Identity
from reslice.archive.loaded import LoadedVolume
from reslice.errors import BadParameter, ConflictingParameters
from reslice.imaging.camera import Box, Camera
from reslice.imaging.encode import ImageFormat
from reslice.imaging.rendering import Keep, Renderer, keep_nothing
from reslice.imaging.slab import Projection
from reslice.imaging.transfer import TransferFunction, presets_for
from reslice.imaging.voi import VoiTransform, automatic_of, to_display
from reslice.imaging.volume import VolumeGeometry, valid_values
from reslice.settings import Settings
from reslice.web import pictures
from reslice.web.headers import header, is_without_data, warning_facts, window_facts
from reslice.web.message import Response
from reslice.web.parameters import WindowParameters
from reslice.web.rendering_parameters import LEAST_LINEAR, RenderingParameters
from reslice.web.services import Services
from reslice.web.units import Scale, scale_of
from reslice.web.views import box_of
from reslice.web.volume_answers import window_of
from reslice.web.windows import AUTOMATIC, own_warnings

Display = NDArray[np.uint8]

PROJECTIONS: dict[str, Projection] = {"maximum_ip": "mip", "minimum_ip": "minip", "average_ip": "mean"}
BLACK = (0, 0, 0)
NARROWEST = 1e-6
"""Of windows that colours are spread over: width for each unit of their centre."""


def check_look(parameters: RenderingParameters) -> None:
    """Raise BadParameter where the parameters contradict each other, whatever the volume."""
    p = parameters
    if p.renderingmethod not in PROJECTIONS:
        if p.invert:
            raise ConflictingParameters("invert", "true", "with projections", "Colours aren't inverted")
        if p.window is not None and p.window[2] is not None:
            details = "Colours are spread evenly over a window"
            raise ConflictingParameters("window", p.window[2], "center,width with volume_rendered", details)
        return
    if p.background is not None:
        details, value = "Projections are grey, and black where there is no data", bytes(p.background).hex()
        raise ConflictingParameters("background", value, "with volume_rendered", details)
    if p.preset is not None and p.window is not None:
        raise ConflictingParameters("preset", p.preset, "a preset or a window", "Both were given")


@dataclass(frozen=True, eq=False)
class Look(ABC):
    """What every kind has: the renderer, the part of the volume that is shown, and warnings."""

    renderer: Renderer
    box: Box | None
    quality: int | None
    settings: Settings
    warnings: list[dict[str, Any]]

    @abstractmethod
    def display(self, camera: Camera) -> Display:
        """One frame, grey (rows, columns) or RGB (rows, columns, 3)."""

    @abstractmethod
    def still(self, camera: Camera, chosen: ImageFormat, headers: Mapping[str, str]) -> Response:
        """The answer of one frame."""

    def headers(self) -> dict[str, str]:
        """What headers tell beside the view."""
        return {"Reslice-Warnings": header(self.warnings)}


@dataclass(frozen=True, eq=False)
class Projected(Look):
    """The extreme or mean value along each ray, through a window.

    Without a window (`transform` is None) it is the one of the first picture's own values, and stays in an animation:
    what a file says of its slices suits no projection of them.
    """

    projection: Projection
    scale: Scale
    transform: VoiTransform | None
    is_inverted: bool
    found: list[VoiTransform] = field(default_factory=list)

    def _values(self, camera: Camera) -> NDArray[np.float32]:
        values, _ = self.scale.values(self.renderer.project(camera, self.projection, self.box), None)
        projected: NDArray[np.float32] = values
        return projected

    def _window(self, values: NDArray[np.float32]) -> VoiTransform:
        if not self.found:
            own = replace(automatic_of(valid_values(values, None)), invert=self.is_inverted)
            self.found.append(self.transform or own)
        return self.found[0]

    def display(self, camera: Camera) -> Display:
        """Grey."""
        values = self._values(camera)
        return to_display(values, self._window(values))

    def still(self, camera: Camera, chosen: ImageFormat, headers: Mapping[str, str]) -> Response:
        """A picture, or the values."""
        values = self._values(camera)
        window = self._window(values)
        told = {**headers, **self.headers()}
        if is_without_data(values) and OUTSIDE not in self.warnings:
            told["Reslice-Warnings"] = header([*self.warnings, NO_DATA])
        if chosen.is_display:
            return pictures.picture(values, window, chosen, self.quality, self.settings, told)
        return pictures.numbers(values, window, chosen, self.scale.unit, told)

    def headers(self) -> dict[str, str]:
        """With the window, once there is a picture."""
        return {**super().headers(), "Reslice-Window": header(window_facts(self.found[0]))}


NO_DATA = {"Reason": "no-data", "Details": "The volume holds no data where the picture looks"}
NOTHING = {"Reason": "nothing-visible", "Details": "All that the picture looks at is transparent by its preset"}
OUTSIDE = {"Reason": "outside-volume", "Details": "The box misses the volume"}


@dataclass(frozen=True, eq=False)
class Shaded(Look):
    """A volume rendering through a transfer function."""

    transfer: TransferFunction
    preset: str
    window: tuple[float, float] | None
    background: tuple[float, float, float]

    def display(self, camera: Camera) -> Display:
        """RGB."""
        return self.renderer.shade(camera, self.transfer, self.box, self.background)

    def still(self, camera: Camera, chosen: ImageFormat, headers: Mapping[str, str]) -> Response:
        """A picture in colour."""
        image = self.display(camera)
        told = {**headers, **self.headers()}
        if OUTSIDE not in self.warnings and (image == np.rint(np.array(self.background) * 255)).all():
            told["Reslice-Warnings"] = header([*self.warnings, NOTHING])
        return pictures.picture(image, None, chosen, self.quality, self.settings, told)

    def headers(self) -> dict[str, str]:
        """With the transfer function's name, and the values that it was stretched over."""
        facts = {"Name": self.preset, "Window": None if self.window is None else list(self.window)}
        return {**super().headers(), "Reslice-Preset": header(facts)}


def look_of(services: Services, identity: Identity, loaded: LoadedVolume, parameters: RenderingParameters) -> Look:
    """The look that the parameters ask for. Raises BadParameter, NotReconstructable (SUV)."""
    scale = scale_of(parameters.unit, loaded.layout.description, loaded.layout.suv)
    renderer = Renderer(loaded.volume, _keep(services, identity, loaded, parameters), services.crew, parameters.gaps)
    box = box_of(parameters)
    warnings = [warning_facts(w) for w in (*loaded.warnings, *own_warnings(loaded.layout.own_transforms))]
    if box is not None and _misses(box, loaded.volume.geometry):
        warnings.append(OUTSIDE)
    common = (renderer, box, parameters.quality, services.settings, warnings)
    if parameters.renderingmethod in PROJECTIONS:
        has_own = parameters.window is None and parameters.preset in (None, AUTOMATIC)
        transform = None if has_own else _window(services, loaded, parameters, scale)
        inverted = loaded.layout.description.is_inverted != parameters.invert
        return Projected(*common, PROJECTIONS[parameters.renderingmethod], scale, transform, inverted)
    return Shaded(*common, *_transfer(services, loaded, parameters, scale), _colour(parameters))


def _colour(parameters: RenderingParameters) -> tuple[float, float, float]:
    """The background, each part from 0 to 1."""
    red, green, blue = parameters.background or BLACK
    return red / 255, green / 255, blue / 255


def _keep(services: Services, identity: Identity, loaded: LoadedVolume, parameters: RenderingParameters) -> Keep:
    """Where what is derived from the volume stays; nowhere, if the volume isn't final."""

    def keep(name: str, make: Callable[[], tuple[Any, int]]) -> Any:
        return services.library.derived(identity, parameters.volume, f"rendering {name}", make)

    return keep if loaded.is_final else keep_nothing


def _misses(box: Box, geometry: VolumeGeometry) -> bool:
    """Whether a box lies beside the volume's bounding box."""
    extents = [geometry.extent(axis) for axis in np.eye(3)]
    return any(high <= a or low >= b for low, high, (a, b) in zip(box.low, box.high, extents, strict=True))


def _window(services: Services, loaded: LoadedVolume, parameters: RenderingParameters, scale: Scale) -> VoiTransform:
    """The window of a projection, chosen as everywhere."""
    center, width, function = parameters.window or (None, None, None)
    preset = parameters.preset if parameters.renderingmethod in PROJECTIONS else None
    if width is not None and width < LEAST_LINEAR:
        function = function or "LINEAR_EXACT"
    inverted = "true" if parameters.invert else "false"
    window = {"window-center": center, "window-width": width, "voi-function": function}
    asked = WindowParameters.model_validate({**window, "preset": preset, "invert": inverted})
    return window_of(services, loaded, asked, scale)


def _transfer(
    services: Services, loaded: LoadedVolume, parameters: RenderingParameters, scale: Scale
) -> tuple[TransferFunction, str, tuple[float, float] | None]:
    """The transfer function, its name, and the range of modality values that was asked for, if one was."""
    window = _window(services, loaded, parameters, scale).equivalent
    narrowest = max(abs(window.center), 1.0) * NARROWEST
    if parameters.window is not None and window.width < narrowest:
        details = "The window is too narrow for colours"
        raise BadParameter(
            "window", f"{window.center:g},{window.width:g}", f"a width of {narrowest:g} or more", details
        )
    half = max(window.width, narrowest) / 2
    low, high = (window.center - half) / scale.factor, (window.center + half) / scale.factor
    presets = presets_for(loaded.layout.description.modality, low, high)
    name = parameters.preset or next(iter(presets))
    if name not in presets:
        raise BadParameter("preset", name, list(presets), "There is no such preset for a rendering of this volume")
    if parameters.window is None:
        return presets[name], name, None
    return presets[name].with_window(low, high), name, (low, high)
