"""Projections: the same values as a slab's, pixel for pixel, whether rays leap or not."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from phantoms import ACQUISITIONS
from reslice.imaging.affine import frozen
from reslice.imaging.blocks import blocks_of
from reslice.imaging.camera import ORIENTATIONS, Box, Camera, view
from reslice.imaging.crew import Crew
from reslice.imaging.plane import ImagePlane
from reslice.imaging.projection import depths_of, projected, projected_by_layers
from reslice.imaging.reduction import reduced
from reslice.imaging.rendering import Renderer, factors_for
from reslice.imaging.resample import cut
from reslice.imaging.slab import PROJECTIONS, Slab
from reslice.imaging.volume import Volume, VolumeGeometry
from unit.imaging.expected import SEEDS, affines, rotations, upright
from unit.imaging.naive_rendering import ray_points, value_at
from unit.imaging.renderings import CAMERAS, PLACES, volumes

EVERY = [(place, dtype, kind) for place in PLACES for dtype in (np.int16, np.float32) for kind in volumes(place, dtype)]


@pytest.mark.parametrize("projection", PROJECTIONS)
@pytest.mark.parametrize(("place", "dtype", "kind"), EVERY)
def test_a_projection_is_the_slab_of_its_cameras_plane(place: str, dtype: type, kind: str, projection: str) -> None:
    volume = volumes(place, dtype)[kind]
    for name, (towards, up) in CAMERAS.items():
        aside = volume.geometry.slice_centres.mean(axis=0) + 0.137  # no sample half way between two voxels
        camera = view(volume.geometry, towards, up, (13, 11), centre=aside)
        camera = Camera(camera.plane.cropped(1, 2, 9, 8), camera.depth)
        for gaps in ("show", "interpolate"):
            if factors_for(camera, volume.geometry) != (1, 1, 1):
                camera = view(volume.geometry, towards, up, (40, 40), centre=aside)
            assert factors_for(camera, volume.geometry) == (1, 1, 1)
            expected = cut(volume, camera.plane, "linear", gaps, Slab(camera.depth, projection))
            values = Renderer(volume, gaps=gaps).project(camera, projection)
            np.testing.assert_array_equal(np.isnan(values), np.isnan(expected), err_msg=name)
            np.testing.assert_allclose(values, expected, rtol=1e-5, atol=2e-2, err_msg=name)
    assert np.isfinite(values).any()


@pytest.mark.parametrize("kind", ["even", "gap", "uneven"])
def test_a_projection_is_the_slab_where_samples_lie_half_way_between_voxels(kind: str) -> None:
    """Beside holes the nearer voxel decides: half-way it mustn't be float noise that does."""
    for seed in range(12):
        volume = pitted(kind, seed)
        for part, depth in product((1, 1 / 2, 1 / 3), (4.0, 3.0, 2.3)):
            own = ImagePlane.of_slice(volume.geometry, 3 + seed % 3)
            spacing = own.spacing[0] * part, own.spacing[1] * part
            camera = Camera(replace(own, spacing=spacing, shape=(20, 20)), volume.geometry.spacing[0] * depth)
            if factors_for(camera, volume.geometry) != (1, 1, 1):
                continue
            for projection in PROJECTIONS:
                found = Renderer(volume).project(camera, projection)
                expected = cut(volume, camera.plane, slab=Slab(camera.depth, projection))
                np.testing.assert_array_equal(np.isnan(found), np.isnan(expected))
                np.testing.assert_allclose(found, expected, rtol=1e-5, atol=2e-2)


def pitted(kind: str, seed: int) -> Volume:
    """Noise with many holes, its steps no round numbers, some of it oblique."""
    generator = np.random.default_rng(seed)
    shape, step, gap = (9, 10, 10), generator.choice([0.7, 1.3, 0.9]), generator.choice([2.5, 1.3, 0.7, 3.3])
    turn = ACQUISITIONS["double-oblique" if seed % 2 else "axial"].affine[:3, :3]
    affine = np.eye(4)
    affine[:3, :3] = turn / np.linalg.norm(turn, axis=0) * (gap, step, step)
    affine[:3, 3] = generator.uniform(-300, 300, 3).round(1)
    places = np.r_[0, np.cumsum(generator.choice([1.0, 2.0], 8))]
    places *= 8 / places[-1]
    voxels = np.where(generator.random(shape) < 0.3, -2000, generator.integers(0, 1000, shape)).astype(np.int16)
    geometry = VolumeGeometry(
        shape, affine, frozen(places) if kind == "uneven" else None, (4,) if kind == "gap" else ()
    )
    return Volume(geometry, voxels, (-2000.0, -2000.0), (5,) if seed % 5 == 0 else ())


def test_samples_are_those_of_a_slab_that_may_meet_the_volume() -> None:
    volume = volumes("double-oblique", np.int16)["complete"]
    for towards, up in CAMERAS.values():
        for reach in (5.0, 3.3e3, 2e6):
            box = Box(np.full(3, -reach), np.full(3, reach * 0.9))
            camera = view(volume.geometry, towards, up, (4, 4), box)
            found = depths_of(camera, volume)
            assert found.samples < 500
            if reach < 1e4:
                every = Slab(camera.depth).offsets(volume.geometry)
                first = np.abs(every - found.first).argmin()
                np.testing.assert_allclose(found.offsets, every[first : first + found.samples], atol=1e-9)
            middle = camera.plane.position @ camera.plane.normal
            low, high = (end - middle for end in volume.geometry.extent(camera.plane.normal))
            low, high = max(low, -camera.depth / 2), min(high, camera.depth / 2)
            assert found.offsets[0] - found.step < low < high < found.offsets[-1] + found.step


@settings(deadline=None, max_examples=25)
@given(data=st.data())
def test_projections_are_what_a_naive_ray_finds(data: st.DataObject) -> None:
    shape = data.draw(st.tuples(st.integers(1, 9), st.integers(1, 9), st.integers(1, 9)))
    dtype = data.draw(st.sampled_from([np.int16, np.float32]))
    voxels = np.random.default_rng(data.draw(SEEDS)).integers(-1000, 1000, shape).astype(dtype)
    volume = Volume(VolumeGeometry(shape, data.draw(affines())), voxels)
    towards, up, _ = data.draw(rotations()).T
    camera = view(volume.geometry, towards, up, (4, 5))
    blocks = blocks_of(volume, volume.intervals("show"))
    samples = len(Slab(camera.depth).offsets(volume.geometry))
    points = ray_points(camera, samples)
    values = np.array([value_at(volume, p) for p in points.reshape(-1, 3)]).reshape(points.shape[:-1])
    for projection, combine in (("mip", np.fmax), ("minip", np.fmin)):
        found = projected(volume, blocks, camera, projection)
        np.testing.assert_allclose(found, combine.reduce(values, axis=-1), atol=0.05)


@pytest.mark.parametrize("projection", PROJECTIONS)
@pytest.mark.parametrize(("place", "dtype", "kind"), EVERY)
def test_leaping_changes_nothing(place: str, dtype: type, kind: str, projection: str) -> None:
    volume = volumes(place, dtype)[kind]
    blocks = blocks_of(volume, volume.intervals("show"))
    for towards, up in CAMERAS.values():
        camera = view(volume.geometry, towards, up, (21, 19))
        looked = projected(volume, blocks, camera, projection, leap=False)
        np.testing.assert_array_equal(projected(volume, blocks, camera, projection), looked)


def test_leaping_changes_nothing_in_a_larger_volume_shared_by_a_crew() -> None:
    grid = np.indices((40, 50, 60))
    voxels = (300 * np.sin(grid[0] / 5) * np.cos(grid[1] / 7) + 2 * grid[2]).astype(np.int16)
    voxels += np.random.default_rng(3).integers(-20, 20, voxels.shape).astype(np.int16)
    volume = Volume(upright(voxels.shape, (1.5, 0.8, 0.9)), voxels)
    blocks = blocks_of(volume, volume.intervals("show"), Crew(2))
    for towards, up in CAMERAS.values():
        camera = view(volume.geometry, towards, up, (60, 70))
        for projection in ("mip", "minip"):
            leapt = projected(volume, blocks, camera, projection, crew=Crew(2))
            np.testing.assert_array_equal(leapt, projected(volume, blocks, camera, projection, leap=False))


def test_a_box_leaves_out_what_lies_around_it() -> None:
    volume = Volume(upright((6, 7, 8)), np.arange(6 * 7 * 8, dtype=np.int16).reshape(6, 7, 8))
    box = Box(np.array([1.0, 2, 1]), np.array([4.0, 5, 3]))
    camera = view(volume.geometry, *ORIENTATIONS["f"], (14, 16))
    found = Renderer(volume).project(camera, "mip", box)
    x, y = np.arange(16) / 2 - 0.25, np.arange(14) / 2 - 0.25
    inside = ((y >= 2) & (y <= 5))[:, None] & ((x >= 1) & (x <= 4))
    np.testing.assert_array_equal(~np.isnan(found), inside)
    expected = (3 * 56 + 8 * y[:, None] + x)[inside]
    np.testing.assert_allclose(found[inside], expected, atol=1e-3)
    np.testing.assert_allclose(projected_by_layers(volume, camera, "mip", box)[inside], expected, atol=1e-3)


def test_a_volume_without_data_is_no_data() -> None:
    for volume in (
        Volume(upright((5, 5, 5)), np.full((5, 5, 5), -2000, np.int16), (-2000.0, -2000.0)),
        Volume(upright((5, 5, 5)), np.full((5, 5, 5), np.nan, np.float32)),
        Volume(upright((5, 5, 5)), np.ones((5, 5, 5), np.int16), absent=(0, 1, 2, 3, 4)),
    ):
        camera = view(volume.geometry, *ORIENTATIONS["a"], (6, 6))
        for projection in PROJECTIONS:
            assert np.isnan(Renderer(volume).project(camera, projection)).all()


@pytest.mark.parametrize(
    ("extreme", "padding"),
    [
        (32767, (64511.0, 64511.0)),
        (32767, (32767.5, 1e9)),
        (-32768, (-70000.0, -40000.0)),
        (-32768, (-np.inf, -32768.5)),
        (32767, (-70000.0, -1000.0)),
        (-32768, (1000.0, 70000.0)),
        (np.float32(0.1), (0.0, 0.1)),
        (np.float32(0.7), (0.7, 1.0)),
    ],
)
def test_padding_beyond_the_voxels_type_hides_no_data(extreme: float, padding: tuple[float, float]) -> None:
    voxels = np.full((48, 16, 16), -5, np.int16 if isinstance(extreme, int) else np.float32)
    voxels[0], voxels[-1], voxels[20, 8, 8] = -4, -6, extreme
    volume = Volume(upright(voxels.shape), voxels, padding)
    camera = view(volume.geometry, *ORIENTATIONS["f"], (16, 16))
    blocks = blocks_of(volume, volume.intervals("show"))
    for leap in (True, False):
        found = projected(volume, blocks, camera, "mip" if extreme > 0 else "minip", leap=leap)
        assert found[8, 8] == extreme


@pytest.mark.parametrize("projection", PROJECTIONS)
def test_coarse_pixels_are_projected_from_a_reduced_copy_that_is_kept(projection: str) -> None:
    voxels = np.random.default_rng(1).integers(0, 1000, (12, 16, 20)).astype(np.int16)
    volume = Volume(upright(voxels.shape, (2.0, 1.0, 1.0)), voxels)
    camera = view(volume.geometry, *ORIENTATIONS["a"], (6, 5))
    kept: dict[str, tuple] = {}

    def keep(name: str, make: object) -> object:
        return kept.setdefault(name, kept.get(name) or make())[0]

    found = Renderer(volume, keep).project(camera, projection)
    copy = reduced(volume, (2, 4, 4), {"mip": "max", "minip": "min", "mean": "mean"}[projection])
    np.testing.assert_allclose(found, cut(copy, camera.plane, slab=Slab(camera.depth, projection)), atol=1e-2)
    assert all(value.nbytes == told for value, told in kept.values() if hasattr(value, "nbytes"))
    assert sorted(told for _, told in kept.values())[-1] == copy.voxels.nbytes
