"""Which window an image is shown with: the request's, a preset, the image's own, or an automatic one."""

from collections.abc import Callable, Sequence
from dataclasses import replace

from reslice.errors import BadParameter
from reslice.imaging.voi import Window
from reslice.settings import Preset
from reslice.web.parameters import WindowParameters

AUTOMATIC = "auto"


def check_window(parameters: WindowParameters) -> None:
    """Raise BadParameter where the parameters contradict each other, whatever the image."""
    p = parameters
    if (p.window_center is None) != (p.window_width is None):
        missing = "window-width" if p.window_width is None else "window-center"
        raise BadParameter(
            missing, "", "center and width together", "A window needs both", reason="conflicting-parameters"
        )
    if p.preset is not None and p.window_center is not None:
        raise BadParameter(
            "preset", p.preset, "a preset or a window", "Both were given", reason="conflicting-parameters"
        )


def choose_window(
    parameters: WindowParameters,
    own: Window | None,
    inverted: bool,
    presets: Sequence[Preset],
    automatic: Callable[[], Window],
) -> Window:
    """The window to use (PS3.3 C.11.2). `automatic` is asked only when nothing else applies."""
    p = parameters
    if p.window_center is not None and p.window_width is not None:
        window = Window(p.window_center, p.window_width, own.function if own else "LINEAR")
    elif p.preset is not None:
        window = _preset(p.preset, presets, automatic)
    else:
        window = own or automatic()
    if p.voi_function is not None:
        window = replace(window, function=p.voi_function)
    if not window.is_valid:
        raise BadParameter(
            "window-width", f"{window.width:g}", "1 or more for LINEAR", "The window is too narrow for LINEAR"
        )
    return replace(window, invert=inverted != p.invert)


def _preset(name: str, presets: Sequence[Preset], automatic: Callable[[], Window]) -> Window:
    if name == AUTOMATIC:
        return automatic()
    found = next((preset for preset in presets if preset.name == name), None)
    if found is None:
        names = [*(preset.name for preset in presets), AUTOMATIC]
        raise BadParameter("preset", name, names, "This modality has no such preset")
    return Window(found.center, found.width, source=f"preset-{name}")
