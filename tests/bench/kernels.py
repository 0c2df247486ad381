"""P6 and P7: planes and slabs cut in this process, nothing served, against SimpleITK and scipy."""

from collections.abc import Callable

import numpy as np

from bench import oracles
from bench.timing import Line, Side, in_turns, spread_inside
from reslice.imaging.affine import frozen, unit
from reslice.imaging.crew import ALONE, Crew
from reslice.imaging.mpr import PLANES, PlaneAxes, orthogonal_plane
from reslice.imaging.plane import ImagePlane, RequestedSize
from reslice.imaging.resample import cut
from reslice.imaging.slab import Slab
from reslice.imaging.volume import Volume, VolumeGeometry

THREADS = 2
SLAB = Slab(20.0, "mip")
NORMAL = (0.48, 0.60, 0.64)
"""Of the oblique plane: far from every axis, so that neither rows nor columns follow memory."""
PLANES_A_RUN = 3
"""A plane is quick: so many times as many are cut as slabs."""
THIN = np.zeros(1)


class Kernels:
    """What is cut of one volume, each time at another place."""

    def __init__(self, volume: Volume, runs: int) -> None:
        self._volume, self._runs = volume, runs
        self._picture = oracles.itk_image(volume)
        self._crew = Crew(THREADS)

    def lines(self) -> list[Line]:
        """All lines, after a look whether everybody answers the same."""
        self._check()
        oblique = [*self._plane(), self._slab("oblique", self._oblique, 0.4)]
        return oblique + [self._slab(name, self._orthogonal(axes), None) for name, axes in PLANES.items()]

    def _check(self) -> None:
        plane, offsets = self._oblique(0), SLAB.offsets(self._volume.geometry)
        ours = cut(self._volume, plane)
        theirs = oracles.largest(oracles.resampler(plane, THIN), self._picture)
        oracles.agree(ours, theirs, "SimpleITK")
        oracles.agree(ours, oracles.by_scipy(self._volume, oracles.coordinates(self._volume, plane)), "scipy")
        slab = cut(self._volume, plane, slab=SLAB, crew=self._crew)
        oracles.agree(slab, oracles.largest(oracles.resampler(plane, offsets), self._picture), "SimpleITK, of a slab,")

    def _oblique(self, run: int) -> ImagePlane:
        return oblique_plane(self._volume.geometry, shift_of(run))

    def _orthogonal(self, axes: PlaneAxes) -> Callable[[int], ImagePlane]:
        """The planes that a request for this name and an index would get, between voxels."""
        geometry = self._volume.geometry
        low, high = geometry.centres_extent(axes.axis)

        def plane(run: int) -> ImagePlane:
            part = (spread_inside(run, 100) + 0.37) / 100
            return orthogonal_plane(geometry, axes, low + part * (high - low), RequestedSize())

        return plane

    def _plane(self) -> list[Line]:
        """P6: everyone on one thread; scipy is given the coordinates, which it would have to compute."""
        planes = [self._oblique(run) for run in range(self._runs + 1)]
        filters = [oracles.resampler(plane, THIN, threads=1) for plane in planes]
        places = [oracles.coordinates(self._volume, plane) for plane in planes]
        taken = in_turns(
            {
                "ours": Side(lambda run: cut(self._volume, planes[run % len(planes)], crew=ALONE)),
                "sitk": Side(lambda run: filters[run % len(planes)].Execute(self._picture)),
                "scipy": Side(lambda run: oracles.by_scipy(self._volume, places[run % len(planes)])),
            },
            self._runs * PLANES_A_RUN,
        )
        work = f"oblique plane, {size_of(planes[0])}, linear, kernel alone, one thread"
        return [
            Line("P6", work, "SimpleITK resample, one thread", 0.5, taken["ours"], taken["sitk"]),
            Line("P6", work, "scipy map_coordinates", 0.12, taken["ours"], taken["scipy"]),
        ]

    def _slab(self, name: str, plane_of: Callable[[int], ImagePlane], aim: float | None) -> Line:
        """P7: two threads on our side, as many as there are processors on SimpleITK's."""
        planes, offsets = [plane_of(run) for run in range(self._runs + 1)], SLAB.offsets(self._volume.geometry)
        filters = [oracles.resampler(plane, offsets) for plane in planes]
        taken = in_turns(
            {
                "ours": Side(lambda run: cut(self._volume, planes[run], slab=SLAB, crew=self._crew)),
                "theirs": Side(lambda run: oracles.largest(filters[run], self._picture)),
            },
            self._runs,
        )
        work = f"{name} slab, MIP of {SLAB.thickness:g} mm, {size_of(planes[0])}, {THREADS} threads"
        reference = f"SimpleITK resample of its {len(offsets)} planes, and max"
        return Line("P7", work, reference, aim, taken["ours"], taken["theirs"])


def oblique_plane(geometry: VolumeGeometry, shift: float) -> ImagePlane:
    """As many pixels as a slice has, around the volume's centre, which it misses by a shift in mm."""
    normal = unit(NORMAL)
    row = unit(np.cross((0.0, 0.0, 1.0), normal))
    column = np.cross(normal, row)
    spacing, (rows, columns) = geometry.finest_in_plane_spacing, geometry.shape[1:]
    centre = geometry.slice_centres.mean(axis=0) + shift * normal
    corner = centre - spacing * ((rows - 1) / 2 * column + (columns - 1) / 2 * row)
    return ImagePlane(frozen(corner), frozen(row), frozen(column), (spacing, spacing), (rows, columns))


def shift_of(run: int) -> float:
    """Another place at each run, within 15 mm of the centre."""
    return float(run * 7 % 31) - 15


def size_of(plane: ImagePlane) -> str:
    """Columns x rows."""
    return f"{plane.shape[1]} x {plane.shape[0]}"
