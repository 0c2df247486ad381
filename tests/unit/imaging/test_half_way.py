"""Half-way between two voxels, and at the border of a gap, the same one decides, whatever float noise does."""

from dataclasses import replace

import numpy as np
import pytest

from reslice.imaging.mpr import PlaneAxes, oblique_planes
from reslice.imaging.plane import ImagePlane, RequestedSize
from reslice.imaging.resample import cut
from reslice.imaging.slab import Slab
from reslice.imaging.volume import Volume, VolumeGeometry
from unit.imaging.expected import upright

PADDING = (-2000.0, -2000.0)
SHAPE = (9, 10, 10)
NOISE = (-3e-9, -2e-13, 2e-13, 3e-9)
"""mm; far below what a voxel is snapped within."""


def holey(geometry: VolumeGeometry) -> Volume:
    """Noise, almost a third of it padding."""
    generator = np.random.default_rng(5)
    voxels = generator.integers(0, 1000, SHAPE).astype(np.int16)
    voxels[generator.random(SHAPE) < 0.3] = -2000
    return Volume(geometry, voxels, PADDING)


def volumes() -> dict[str, Volume]:
    even = upright(SHAPE, (2.0, 1.0, 1.0))
    places = np.array([0, 1, 2, 3, 4.5, 5, 6.5, 7, 8.0])
    uneven = VolumeGeometry(SHAPE, even.affine, places)
    return {
        "even": holey(even),
        "gap": holey(VolumeGeometry(SHAPE, even.affine, None, (4,))),
        "uneven": holey(uneven),
        "uneven and sound": Volume(uneven, np.random.default_rng(1).integers(0, 900, SHAPE).astype(np.int16)),
    }


def planes() -> dict[str, ImagePlane]:
    """On and between voxels, along them and leaning."""
    x, y, z = np.eye(3)
    return {
        "between slices": ImagePlane(np.array([0.0, 0, 7.0]), x, y, (1.0, 1.0), (10, 10)),
        "between voxels": ImagePlane(np.array([0.5, 0.5, 8.0]), x, y, (1.0, 1.0), (9, 9)),
        "across": ImagePlane(np.array([0.0, 4.5, 16.0]), x, -z, (1.0, 1.0), (17, 10)),
        "leaning in the slice": ImagePlane(np.array([4.5, 0, 5.0]), np.array([0.6, 0.8, 0]), z, (0.5, 0.5), (24, 9)),
        "turned in the slice": ImagePlane(
            np.array([4.5, 1, 5.0]), np.array([0.6, 0.8, 0]), np.array([-0.8, 0.6, 0]), (1.0, 1.0), (9, 9)
        ),
    }


@pytest.mark.parametrize("interpolation", ["linear", "nearest", "cubic"])
@pytest.mark.parametrize("plane", planes())
@pytest.mark.parametrize("volume", volumes())
def test_float_noise_changes_no_slab(volume: str, plane: str, interpolation: str) -> None:
    source, where = volumes()[volume], planes()[plane]
    for slab in (None, Slab(8.0, "mean"), Slab(5.0, "mip"), Slab(5.0, "minip")):
        once = cut(source, where, interpolation, slab=slab)
        for noise in NOISE:
            moved = replace(where, position=where.position + noise * where.normal)
            again = cut(source, moved, interpolation, slab=slab)
            np.testing.assert_allclose(again, once, rtol=1e-5, atol=1e-2, equal_nan=True)


def test_the_same_slab_of_a_turned_volume_however_it_is_asked_for() -> None:
    """Its plane as that of a slice, and given by its directions and a point."""
    differing = []
    for seed in range(60):
        generator = np.random.default_rng(seed)
        turn, _ = np.linalg.qr(generator.normal(size=(3, 3)))
        affine = np.eye(4)
        affine[:3, :3] = np.stack([turn[:, 2] * 2.5, turn[:, 1] * 1.3, turn[:, 0] * 1.3], axis=1)
        affine[:3, 3] = generator.uniform(-300, 300, 3)
        geometry = VolumeGeometry(SHAPE, affine)
        volume, index = holey(geometry), int(generator.integers(2, 7))
        plane = ImagePlane.of_slice(geometry, index)
        axes = PlaneAxes.spanned(turn[:, 0], turn[:, 1])
        asked = oblique_planes(geometry, axes, geometry.map_indices_to_reference([index, 4.5, 4.5]))
        same = asked.plane(0.0, RequestedSize())
        np.testing.assert_allclose(same.position, plane.position, atol=1e-6)
        first, second = (cut(volume, one, slab=Slab(10.0)) for one in (plane, same))
        if not np.allclose(first, second, atol=1e-2, equal_nan=True):
            differing.append(seed)
    assert differing == []
