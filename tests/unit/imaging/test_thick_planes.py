"""Slabs are cut to what reaches the volume, and what they cost is known before."""

import time
from dataclasses import replace

import numpy as np
import pytest

from reslice.imaging.lattice import volume_planes
from reslice.imaging.mpr import (
    PLANES,
    SAMPLES_OF_A_LINE,
    PlaneAxes,
    misses,
    oblique_planes,
    patient_planes,
    reslice,
    samples,
)
from reslice.imaging.plane import ImagePlane, RequestedSize
from reslice.imaging.resample import cut
from reslice.imaging.slab import Slab
from reslice.imaging.uncompiled import combined
from reslice.imaging.volume import Volume, VolumeGeometry
from unit.imaging.expected import upright

GEOMETRY = upright((10, 20, 30), (2.0, 1.0, 0.5))


def plane_at(position: float, geometry: VolumeGeometry = GEOMETRY) -> object:
    planes = patient_planes(geometry, PLANES["axial"])
    low, _ = geometry.extent(PLANES["axial"].axis)
    return planes.plane(low + position, RequestedSize())


@pytest.mark.parametrize("projection", ["mip", "minip", "mean"])
@pytest.mark.parametrize("position", [0.0, 1.3, -9.0])
def test_a_slab_thicker_than_the_volume_keeps_its_samples(projection: str, position: float) -> None:
    """They lie where the thickness says, as those of a thinner one: only the empty ones are left out."""
    volume = Volume(GEOMETRY, np.random.default_rng(2).integers(0, 900, GEOMETRY.shape).astype(np.int16))
    planes = oblique_planes(GEOMETRY, PlaneAxes.facing(np.array([1.0, 2.0, 3.0])))
    plane, slab = planes.plane(position, RequestedSize(60)), Slab(77.7, projection)
    moved = (replace(plane, position=plane.position + plane.normal * offset) for offset in slab.offsets(GEOMETRY))
    by_the_rule = combined((cut(volume, one) for one in moved), plane.shape, projection)
    values = reslice(volume, planes, plane, slab=slab).values
    np.testing.assert_allclose(values, by_the_rule, atol=1e-3, equal_nan=True)


def test_plane_or_slab_beside_the_volume_misses_it() -> None:
    assert [misses(GEOMETRY, plane_at(at)) for at in (-0.1, 0.1, 19.9, 20.1)] == [True, False, False, True]
    slab = Slab(6.0)
    assert [misses(GEOMETRY, plane_at(at), slab) for at in (-3.1, -2.9, 22.9, 23.1)] == [True, False, False, True]


def test_samples_are_counted_before_they_are_taken() -> None:
    """A step of 0.25 mm; pixels of 0.5 mm square: 40 x 30 of them. Each line counts for some samples more."""
    assert samples(Slab(10.0), GEOMETRY, plane_at(10.0)) == 41 * 40 * (30 + SAMPLES_OF_A_LINE)
    of_volume = 10 * 20 * 30 * 1.0 / (0.5 * 0.5 * 0.25)
    lines = 81 * 40 * SAMPLES_OF_A_LINE
    assert samples(Slab(1e4), GEOMETRY, plane_at(10.0)) == pytest.approx(of_volume + lines, rel=0.02)
    assert samples(Slab(1e4), GEOMETRY, plane_at(-1000.0)) == pytest.approx(of_volume + lines, rel=0.02)
    assert samples(Slab(1900.0), GEOMETRY, plane_at(-1000.0)) == 0
    assert samples(Slab(1e-12), GEOMETRY, plane_at(10.0)) == 40 * (30 + SAMPLES_OF_A_LINE)


def test_wide_lines_count_once_for_each_block_of_them() -> None:
    fine = ImagePlane(np.array([0.0, 0.0, 9.0]), np.eye(3)[0], np.eye(3)[1], (1.0, 0.01), (1, 1400))
    assert samples(Slab(10.0), GEOMETRY, fine) == 41 * (1400 + 3 * SAMPLES_OF_A_LINE)


LEANING = ImagePlane(np.array([-9.0, -7.0, 4.0]), np.array([0.8, 0, 0.6]), np.eye(3)[1], (1.1, 0.7), (40, 60))


@pytest.mark.parametrize("slab", [None, Slab(6.0, "mip"), Slab(7.0, "mean")])
@pytest.mark.parametrize("interpolation", ["linear", "nearest", "cubic"])
def test_rows_and_columns_that_miss_the_volume_change_nothing(slab: Slab | None, interpolation: str) -> None:
    """What a picture shows is what its parts show."""
    volume = Volume(GEOMETRY, np.random.default_rng(2).integers(0, 900, GEOMETRY.shape).astype(np.int16))
    for plane in (LEANING, replace(LEANING, row=np.eye(3)[0])):
        whole = cut(volume, plane, interpolation, slab=slab)
        assert np.isnan(whole).any()
        assert not np.isnan(whole).all()
        for row in range(plane.shape[0]):
            line = cut(volume, plane.cropped(0, row, plane.shape[1], 1), interpolation, slab=slab)
            np.testing.assert_allclose(whole[row], line[0], atol=1e-3, equal_nan=True)


def test_a_picture_far_wider_than_the_volume_costs_what_its_middle_costs() -> None:
    """Each of its 4096 rows meets one of some hundred sample planes, but most miss the volume."""
    geometry = upright((300, 300, 300))
    volume = Volume(geometry, np.ones(geometry.shape, np.int16))
    planes = oblique_planes(geometry, PlaneAxes.facing(np.array([1.0, 2.0, 3.0])))
    plane = planes.plane(0.0, RequestedSize(4096, 4096, 50.0))
    assert samples(Slab(1e4), geometry, plane) < 1e6
    reslice(volume, planes, planes.plane(0.0, RequestedSize(9)), slab=Slab(1e4))  # compiled by now
    started = time.process_time()
    values = reslice(volume, planes, plane, slab=Slab(1e4)).values
    assert time.process_time() - started < 1
    assert (values[~np.isnan(values)] == 1).all()
    assert 0 < np.count_nonzero(~np.isnan(values)) < 120


def test_slab_beyond_the_volume_takes_nothing() -> None:
    volume = Volume(GEOMETRY, np.ones(GEOMETRY.shape, np.int16))
    planes = patient_planes(GEOMETRY, PLANES["axial"])
    shown = reslice(volume, planes, plane_at(-1000.0), slab=Slab(10.0))
    assert np.isnan(shown.values).all()
    assert shown.thickness == 10.0


def test_position_of_a_plane_is_the_one_that_it_was_made_at() -> None:
    axes = PlaneAxes.facing(np.array([1.0, -0.3, 0.7]))
    for planes in (
        patient_planes(GEOMETRY, PLANES["sagittal"]),
        oblique_planes(GEOMETRY, axes, np.array([50.0, 4.0, -9.0])),
        volume_planes(GEOMETRY, "coronal"),
    ):
        for size in (RequestedSize(), RequestedSize(width=7, pixel_spacing=0.4)):
            for position in (-3.0, 0.0, 8.25):
                assert planes.position_of(planes.plane(position, size)) == pytest.approx(position, abs=1e-9)
