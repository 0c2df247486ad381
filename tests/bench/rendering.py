"""R1 to R4: projections and shaded volumes rendered in this process, against VTK's ray caster on the processor."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from bench import raycaster
from bench.raycaster import RayCaster
from bench.timing import LeftOut, Line, Side, Work, in_turns
from reslice.imaging.camera import Camera, view
from reslice.imaging.crew import Crew
from reslice.imaging.rendering import Renderer
from reslice.imaging.transfer import TransferFunction, presets_for
from reslice.imaging.volume import Volume

THREADS = 2
HEAD = (0.0, 0.0, 1.0)
DEGREES_A_RUN = 23
PREVIEW = 2
"""A preview has half as many rows and columns, and should take a third of the reference's time."""
PRESETS = ("bone", "soft-tissue")
FIRST_PICTURE_MS = 1000.0
LIKENESS = 0.93
"""The least correlation of two pictures that show the same."""
NO_WINDOW = "VTK finds no graphics library for a window without a screen (libegl1 with libegl-mesa0, or libosmesa6)"
Picture = NDArray[Any]


@dataclass(frozen=True)
class Rendered:
    """What was measured, and what couldn't be."""

    lines: tuple[Line, ...] = ()
    left_out: tuple[LeftOut, ...] = ()


def lines(volume: Volume, side: int, runs: int) -> Rendered:
    """R1 to R4 of pictures of side x side pixels."""
    window = raycaster.window_class()
    if window is None:
        return Rendered(left_out=(LeftOut("R1", "projections and shaded rendering", NO_WINDOW),))
    measuring = Rendering(volume, side, runs, window)
    transfers = presets_for("CT", *raycaster.GREY)
    measured = measuring.against_vtk("MIP", "R1", None)
    for name in PRESETS:
        measured += measuring.against_vtk(f"shaded, {name}", "R2", transfers[name])
    first = [measuring.first("MIP", None), measuring.first(f"shaded, {PRESETS[0]}", transfers[PRESETS[0]])]
    return Rendered((*measured, *first))


class Rendering:
    """Cameras that go around a volume, and the two that look through them."""

    def __init__(self, volume: Volume, side: int, runs: int, window: Any) -> None:
        self._volume, self._side, self._runs, self._window = volume, side, runs, window
        self._picture = raycaster.vtk_image(volume)
        self._crew = Crew(THREADS)

    def against_vtk(self, what: str, number: str, transfer: TransferFunction | None) -> list[Line]:
        """A whole picture, and a preview, against VTK's whole picture."""
        ours, theirs = rendered_by(self._renderer(), transfer), RayCaster(self._window, self._picture, transfer)
        small = self._side // PREVIEW
        check(ours(self._camera(1, self._side)), theirs, self._camera(1, self._side), what)
        taken = in_turns(
            {
                "whole": Side(lambda run: ours(self._camera(run, self._side))),
                "preview": Side(lambda run: ours(self._camera(run, small))),
                "theirs": Side(lambda run: theirs.render(self._camera(run, self._side))),
            },
            self._runs,
        )
        reference = f"VTK's ray caster, {size_of(self._side)}"
        return [
            Line(number, f"{what}, {size_of(self._side)}", reference, 1, taken["whole"], taken["theirs"]),
            Line("R3", f"preview, {what}, {size_of(small)}", reference, 1 / 3, taken["preview"], taken["theirs"]),
        ]

    def first(self, what: str, transfer: TransferFunction | None) -> Line:
        """The first picture of a volume that is in memory; the kernels are compiled."""
        taken = in_turns({"ours": Side(self._first_of(transfer))}, self._runs)
        return Line(
            "R4", f"first picture, {what}, {size_of(self._side)}", "a second", 1, taken["ours"], [FIRST_PICTURE_MS]
        )

    def _first_of(self, transfer: TransferFunction | None) -> Work:
        return lambda run: rendered_by(self._renderer(), transfer)(self._camera(run, self._side))

    def _renderer(self) -> Renderer:
        """One that knows nothing yet of a volume that knows nothing yet of itself."""
        return Renderer(replace(self._volume), Kept().keep, self._crew)

    def _camera(self, run: int, side: int) -> Camera:
        """Another one at each run, around the patient."""
        angle = np.radians(run * DEGREES_A_RUN)
        return view(self._volume.geometry, (np.sin(angle), np.cos(angle), 0.0), HEAD, (side, side))


class Kept:
    """What a renderer keeps between its pictures."""

    def __init__(self) -> None:
        self._values: dict[str, Any] = {}

    def keep(self, name: str, make: Callable[[], tuple[Any, int]]) -> Any:
        """What was made under this name, made now if it wasn't."""
        if name not in self._values:
            self._values[name] = make()[0]
        return self._values[name]


def rendered_by(renderer: Renderer, transfer: TransferFunction | None) -> Callable[[Camera], Picture]:
    """A maximum intensity projection without a transfer function, else the shaded volume."""
    if transfer is None:
        return lambda camera: renderer.project(camera, "mip")
    return lambda camera: renderer.shade(camera, transfer)


def check(ours: Picture, theirs: RayCaster, camera: Camera, what: str) -> None:
    """Raise RuntimeError unless both show the same from the same side."""
    theirs.render(camera)
    grey = np.nan_to_num(ours, nan=raycaster.GREY[0]).clip(*raycaster.GREY) if ours.ndim == 2 else ours.mean(axis=2)
    likeness = np.corrcoef(grey.ravel(), theirs.picture().mean(axis=2).ravel())[0, 1]
    if not likeness > LIKENESS:
        raise RuntimeError(f"{what}: VTK's picture is another one (correlation {likeness:.2f})")


def size_of(side: int) -> str:
    """Columns x rows."""
    return f"{side} x {side}"
