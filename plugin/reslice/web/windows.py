"""Which window or table an image is shown with: the request's, a preset, the image's own, or an automatic one."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

from reslice.dicom.instance import Description
from reslice.dicom.layout import LayoutWarning
from reslice.dicom.windows import OwnTransforms, unit
from reslice.errors import BadParameter, ConflictingParameters
from reslice.imaging.voi import VoiTransform, Window
from reslice.settings import Preset, Settings
from reslice.web.headers import explanation_of
from reslice.web.parameters import WindowParameters

AUTOMATIC = "auto"


@dataclass(frozen=True)
class NamedTransform:
    """What a name in `preset=` stands for; with a unit it is for values in that unit only."""

    name: str
    transform: VoiTransform
    unit: str | None = None


def presets_of(
    settings: Settings, description: Description, own: OwnTransforms, units: Collection[str] | None = None
) -> tuple[NamedTransform, ...]:
    """The presets of an image or a volume: those of its modality's settings, then what its files bring.

    `units` are those that its values can be had in; by default the unit of its modality values.
    """
    known = {unit(description)} if units is None else units
    of_settings = settings.window_presets.get(description.modality, ())
    named = (_of_settings(preset) for preset in of_settings if preset.unit is None or preset.unit in known)
    return (*named, *_of_files(own))


def _of_settings(preset: Preset) -> NamedTransform:
    window = Window(preset.center, preset.width, preset.function, source=f"preset-{preset.name}")
    return NamedTransform(preset.name, window, preset.unit)


def _of_files(own: OwnTransforms) -> list[NamedTransform]:
    """`dicom-1`, `dicom-2`... where there are different windows; `voi-lut`, `voi-lut-2`..."""
    distinct = {(w.center, w.width): k for k, w in reversed(list(enumerate(own.windows, start=1)))}
    numbers = sorted(distinct.values()) if len(distinct) > 1 else []
    windows = [(f"dicom-{k}", own.windows[k - 1]) for k in numbers]
    named = [NamedTransform(name, replace(window, source=f"preset-{name}")) for name, window in windows]
    tables = [(f"voi-lut-{k}" if k > 1 else "voi-lut", lut) for k, lut in enumerate(own.luts, start=1)]
    return named + [NamedTransform(name, lut) for name, lut in tables]


def preset_facts(preset: NamedTransform) -> dict[str, Any]:
    """One of `Presets`; a table tells the range that it spreads over the greys."""
    window = preset.transform.equivalent
    facts = {"Name": preset.name, "Center": window.center, "Width": window.width, "Function": window.function}
    unit_of_values = {} if preset.unit is None else {"Unit": preset.unit}
    return {**facts, **explanation_of(preset.transform), **unit_of_values}


def own_warnings(own: OwnTransforms) -> tuple[LayoutWarning, ...]:
    """What the reader should know of the windows that the files bring."""
    if not own.is_of_stored_values:
        return ()
    details = "The files give their window in stored values; it is mapped to the rescaled ones"
    return (LayoutWarning("dicom-stored-window", details),)


def check_window(parameters: WindowParameters) -> None:
    """Raise BadParameter where the parameters contradict each other, whatever the image."""
    p = parameters
    if (p.window_center is None) != (p.window_width is None):
        missing = "window-width" if p.window_width is None else "window-center"
        raise ConflictingParameters(missing, "", "center and width together", "A window needs both")
    if p.preset is not None and p.window_center is not None:
        raise ConflictingParameters("preset", p.preset, "a preset or a window", "Both were given")


def choose_window(
    parameters: WindowParameters,
    own: VoiTransform | None,
    inverted: bool,
    presets: Sequence[NamedTransform],
    automatic: Callable[[], Window],
) -> VoiTransform:
    """The window or table to use (PS3.3 C.11.2). `automatic` is asked only when nothing else applies."""
    p = parameters
    transform: VoiTransform
    if p.window_center is not None and p.window_width is not None:
        function = own.function if isinstance(own, Window) else "LINEAR"
        transform = Window(p.window_center, p.window_width, function)
    elif p.preset is not None:
        transform = _preset(p.preset, presets, automatic)
    else:
        transform = own or automatic()
    transform = _with_function(transform, parameters)
    return replace(transform, invert=inverted != p.invert)


def _with_function(transform: VoiTransform, parameters: WindowParameters) -> VoiTransform:
    """The window with the function that was asked for. Raises BadParameter."""
    function = parameters.voi_function
    if not isinstance(transform, Window):
        if function is not None:
            details = "The image is shown through its table, which has no function"
            raise ConflictingParameters("voi-function", function, "none, or a window with it", details)
        return transform
    window = transform if function is None else replace(transform, function=function)
    if not window.is_valid:
        details = "The window is too narrow for LINEAR"
        raise BadParameter("window-width", f"{window.width:g}", "1 or more for LINEAR", details)
    return window


def _preset(name: str, presets: Sequence[NamedTransform], automatic: Callable[[], Window]) -> VoiTransform:
    if name == AUTOMATIC:
        return automatic()
    found = next((preset for preset in presets if preset.name == name), None)
    if found is None:
        names = [*(preset.name for preset in presets), AUTOMATIC]
        raise BadParameter("preset", name, names, "There is no such preset for this image and unit")
    return found.transform
