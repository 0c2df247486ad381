"""The copies of a volume that pictures are made from: how large they are, what they are called, how often made."""

import tracemalloc
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from reslice.imaging.affine import frozen
from reslice.imaging.camera import ORIENTATIONS, view
from reslice.imaging.evening import evened
from reslice.imaging.rendering import Renderer
from reslice.imaging.slab import PROJECTIONS
from reslice.imaging.volume import Volume, VolumeGeometry
from unit.imaging.expected import upright
from unit.imaging.renderings import GLASS, smooth

SLICES = 30


class Kept:
    """Keeps everything that fits, or nothing; counts what is made."""

    def __init__(self, budget: float) -> None:
        self.values: dict[str, Any] = {}
        self.made: list[str] = []
        self._budget = budget

    def keep(self, name: str, make: Callable[[], tuple[Any, int]]) -> Any:
        if name in self.values:
            return self.values[name]
        value, size = make()
        self.made.append(name)
        if size <= self._budget:
            self.values[name] = value
        return value


def nearly_twice(side: int = 8, dtype: type = np.float32) -> Volume:
    """Slices 5 mm apart but for two that are nearly one; each voxel's value is its place along them in mm."""
    places = np.r_[0, np.arange(1, SLICES) - 0.98]
    places *= (SLICES - 1) / places[-1]
    places[-1] = SLICES - 1
    shape = SLICES, side, side
    voxels = np.broadcast_to(places[:, None, None] * 5, shape).astype(dtype)
    affine = upright(shape, (5.0, 1.0, 1.0)).affine
    return Volume(VolumeGeometry(shape, affine, frozen(places)), voxels)


@pytest.mark.parametrize("size", [40, 200])
def test_a_tiny_gap_makes_no_more_than_four_times_the_slices(size: int) -> None:
    volume = nearly_twice()
    assert len(evened(volume).voxels) > 1000
    even, _ = Renderer(volume).even_at(view(volume.geometry, *ORIENTATIONS["a"], (size, size)))
    assert SLICES < len(even.voxels) <= 4 * SLICES
    told = even.geometry.map_indices_to_reference(np.moveaxis(np.indices(even.voxels.shape), 0, -1))[..., 2]
    told -= volume.geometry.affine[2, 3]
    inside = told <= 5 * (SLICES - 1)
    assert inside.mean() > 0.9
    np.testing.assert_allclose(even.voxels[inside], told[inside], atol=0.2)


def test_a_coarse_picture_of_uneven_slices_takes_little_memory() -> None:
    volume = nearly_twice(128)
    camera = view(volume.geometry, *ORIENTATIONS["a"], (16, 16))
    for render in (lambda r: r.project(camera, "mip"), lambda r: r.shade(camera, GLASS)):
        render(Renderer(volume))
        tracemalloc.start()
        render(Renderer(volume))
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < volume.voxels.nbytes / 2


@pytest.mark.parametrize("dtype", [np.int16, np.float32])
@pytest.mark.parametrize("size", [20, 10])
def test_no_picture_depends_on_what_was_made_before(dtype: type, size: int) -> None:
    voxels = np.zeros((20, 40, 40), dtype)
    voxels[:, 10:30, 10:30] = 800
    voxels[6:8] = 0
    volume = Volume(upright(voxels.shape, (2.0, 1.0, 1.0)), voxels, None, (6, 7))
    camera = view(volume.geometry, *ORIENTATIONS["a"], (size, size))
    shaded = Renderer(volume).shade(camera, GLASS)
    for projection in PROJECTIONS:
        plain = Renderer(volume).project(camera, projection)
        kept = Kept(np.inf)
        np.testing.assert_array_equal(Renderer(volume, kept.keep).project(camera, projection), plain)
        np.testing.assert_array_equal(Renderer(volume, kept.keep).shade(camera, GLASS), shaded)
        kept = Kept(np.inf)
        np.testing.assert_array_equal(Renderer(volume, kept.keep).shade(camera, GLASS), shaded)
        np.testing.assert_array_equal(Renderer(volume, kept.keep).project(camera, projection), plain)


@pytest.mark.parametrize("budget", [0, np.inf])
def test_all_frames_of_a_renderer_share_what_one_has_made(budget: float) -> None:
    even = Volume(upright((20, 20, 20)), smooth((20, 20, 20)).astype(np.int16))
    for volume in (even, nearly_twice()):
        kept = Kept(budget)
        renderer = Renderer(volume, kept.keep)
        for towards in ORIENTATIONS.values():
            camera = view(volume.geometry, *towards, (5, 5), extent=100)
            renderer.shade(camera, GLASS)
            renderer.project(camera, "mip")
        assert len(kept.made) == len(set(kept.made)) == 4
