"""Which kernels a first request would still have to compile after the warm-up.

python -m unit.imaging.first_cuts    prints their names, one a line
"""

from collections.abc import Iterator
from dataclasses import replace
from itertools import product

import numpy as np

from reslice.imaging import kernels as loops
from reslice.imaging import sampling, voi
from reslice.imaging.affine import unit
from reslice.imaging.crew import Crew
from reslice.imaging.mpr import PLANES, PlaneSteps, orthogonal_plane, patient_planes, reslice
from reslice.imaging.plane import RequestedSize
from reslice.imaging.resample import cut
from reslice.imaging.slab import Slab
from reslice.imaging.voi import Window, to_display
from reslice.imaging.volume import Volume, VolumeGeometry
from reslice.imaging.warm_up import WarmUp
from unit.imaging.expected import upright

WINDOWS = (Window(100, 700), Window(100, 700, "LINEAR_EXACT", invert=True), Window(100, 700, "SIGMOID"))
SIZES = (RequestedSize(), RequestedSize(width=7), RequestedSize(pixel_spacing=0.4))


def signatures() -> dict[str, int]:
    """How many variants of each kernel are compiled."""
    kernels = {**vars(loops), **vars(sampling), **vars(voi)}.items()
    return {name: len(kernel.signatures) for name, kernel in kernels if hasattr(kernel, "signatures")}


def cut_everything() -> None:
    """What first requests ask for: each plane of each kind of volume, whole and resized, as grey."""
    crew = Crew(2)
    for volume in volumes():
        for axes in PLANES.values():
            for size in SIZES:
                show(volume, axes, size, crew)


def show(volume: Volume, axes: object, size: RequestedSize, crew: Crew) -> None:
    steps = PlaneSteps.of(volume.geometry, axes)
    for position in (steps.at_index(1), steps.at_fraction(0.3)):
        plane = orthogonal_plane(volume.geometry, axes, position, size)
        for interpolation, gaps in product(("linear", "nearest", "cubic"), ("show", "interpolate")):
            values = reslice(volume, patient_planes(volume.geometry, axes), plane, interpolation, gaps).values
            for window in WINDOWS:
                to_display(values, window)
        for slab in (Slab(2.0, "mip"), Slab(3.1)):
            for row in (plane.row, plane.row + 0.1 * plane.normal):
                slanted = replace(plane, row=unit(row))
                cut(volume, slanted, slab=slab)
                cut(volume, slanted, "cubic", slab=slab, crew=crew)


def volumes() -> Iterator[Volume]:
    """Upright and tilted, even and not; int16 and float32; complete, padded and with an absent slice."""
    straight = upright((4, 5, 6), (2.0, 1.0, 1.0))
    sheared = straight.affine.copy()
    sheared[1, 0] = 0.7
    places = np.array([0, 0.5, 1, 3])
    uneven = VolumeGeometry(straight.shape, sheared, places, (2,))
    for geometry in (straight, VolumeGeometry(straight.shape, sheared), uneven):
        for dtype in (np.int16, np.float32):
            voxels = np.arange(120).reshape(geometry.shape).astype(dtype)
            yield Volume(geometry, voxels)
            yield Volume(geometry, voxels, (3.0, 4.0))
            yield Volume(geometry, voxels, absent=(2,))


if __name__ == "__main__":
    WarmUp().run()
    warm = signatures()
    cut_everything()
    for name, count in signatures().items():
        if count > warm[name]:
            print(f"{name}: {count - warm[name]} more than {warm[name]}")  # noqa: T201
