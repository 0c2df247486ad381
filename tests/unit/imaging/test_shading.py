"""Shaded volumes: held against a slow renderer, in all places, with holes, gaps, boxes and backgrounds."""

import math
import tracemalloc

import numpy as np
import pytest

from phantoms import ACQUISITIONS
from reslice.imaging import blocks, ray_kernels, ray_spans, shading_kernels
from reslice.imaging.blocks import Blocks, blocks_of
from reslice.imaging.camera import ORIENTATIONS, Box, Camera, view
from reslice.imaging.crew import Crew
from reslice.imaging.rendering import Renderer, warm_up
from reslice.imaging.shading import depths_of, shaded, shaded_by_layers
from reslice.imaging.transfer import ControlPoint, TransferFunction
from reslice.imaging.volume import Volume, VolumeGeometry
from unit.imaging import naive_rendering
from unit.imaging.expected import upright
from unit.imaging.renderings import CAMERAS, GLASS, PLACES, smooth, volumes

SHARP = TransferFunction(
    (ControlPoint(599, 1, 0.5, 0, 0), ControlPoint(600, 1, 0.5, 0, 1), ControlPoint(1400, 0, 1, 0, 1))
)


def waves(place: str, dtype: type = np.int16) -> Volume:
    acquisition = ACQUISITIONS[place]
    geometry = VolumeGeometry(acquisition.shape, acquisition.affine)
    return Volume(geometry, smooth(acquisition.shape).astype(dtype))


def samples_within(camera: Camera, volume: Volume) -> int:
    """One and a half of the finest spacings apart or less, both ends included."""
    return math.ceil(camera.depth / (1.5 * min(volume.geometry.spacing)) - 1e-9) + 1


@pytest.mark.parametrize("camera", CAMERAS)
@pytest.mark.parametrize("place", PLACES)
def test_colours_are_those_of_a_slow_renderer(place: str, camera: str) -> None:
    volume = waves(place)
    eye = view(volume.geometry, *CAMERAS[camera], (9, 8))
    expected = naive_rendering.shaded(volume, eye, GLASS, samples_within(eye, volume))
    found = shaded(volume, blocks_of(volume, volume.intervals("show")), eye, GLASS) / 255
    assert expected.max() > 0.3
    assert np.abs(found - expected).max() < 0.06
    assert np.abs(found - expected).mean() < 0.01


@pytest.mark.parametrize("transfer", [GLASS, SHARP], ids=["glass", "sharp"])
@pytest.mark.parametrize("dtype", [np.int16, np.float32])
@pytest.mark.parametrize("place", PLACES)
def test_kernels_and_numpy_agree(place: str, dtype: type, transfer: TransferFunction) -> None:
    volume = waves(place, dtype)
    for towards, up in CAMERAS.values():
        eye = view(volume.geometry, towards, up, (19, 23))
        found = shaded(volume, blocks_of(volume, volume.intervals("show")), eye, transfer, crew=Crew(2))
        difference = np.abs(found.astype(float) - shaded_by_layers(volume, eye, transfer)) / 255
        assert difference.mean() < 0.01
        assert np.quantile(difference, 0.99) < 0.08


@pytest.mark.parametrize("transfer", [GLASS, SHARP], ids=["glass", "sharp"])
def test_leaping_over_what_is_not_seen_changes_nothing(transfer: TransferFunction) -> None:
    grid = np.indices((40, 44, 48)) - 20
    voxels = (1500 - 60 * np.sqrt((grid**2).sum(axis=0))).astype(np.int16)
    voxels += np.random.default_rng(0).integers(-30, 30, voxels.shape).astype(np.int16)
    volume = Volume(upright(voxels.shape, (1.2, 0.7, 0.9)), voxels)
    known = blocks_of(volume, volume.intervals("show"))
    everywhere = Blocks(np.full_like(known.least, -32768), np.full_like(known.most, 32767), known.edges)
    for array in everywhere[:2]:
        array.setflags(write=False)
    for towards, up in CAMERAS.values():
        eye = view(volume.geometry, towards, up, (50, 45))
        np.testing.assert_array_equal(shaded(volume, known, eye, transfer), shaded(volume, everywhere, eye, transfer))


@pytest.mark.parametrize("dtype", [np.int16, np.float32])
@pytest.mark.parametrize("place", PLACES)
def test_volumes_with_holes_and_gaps_are_shaded(place: str, dtype: type) -> None:
    """Roughly as layer after layer: an uneven volume is put on an even grid first."""
    for kind, volume in volumes(place, dtype).items():
        voxels = np.where(np.isnan(volume.voxels) | (volume.voxels < -300), volume.voxels, smooth(volume.voxels.shape))
        full = Volume(volume.geometry, voxels.astype(dtype), volume.padding, volume.absent)
        eye = view(full.geometry, *CAMERAS["slanted"], (24, 24))
        found = Renderer(full).shade(eye, GLASS) / 255
        expected = shaded_by_layers(Renderer(full).even_at(eye)[0], eye, GLASS) / 255
        assert np.abs(found - expected).mean() < 0.04, kind
        assert expected.max() > 0.2


def test_no_data_and_what_hides_nothing_show_the_background() -> None:
    nothing = Volume(upright((5, 5, 5)), np.full((5, 5, 5), 1000, np.int16), (1000.0, 1000.0))
    clear = Volume(upright((5, 5, 5)), np.full((5, 5, 5), -5, np.float32))
    for volume in (nothing, clear):
        eye = view(volume.geometry, *ORIENTATIONS["l"], (7, 9))
        picture = Renderer(volume).shade(eye, GLASS, background=(1, 0.5, 0))
        assert picture.shape == (7, 9, 3)
        assert picture.dtype == np.uint8
        np.testing.assert_array_equal(picture, np.broadcast_to(np.uint8([255, 128, 0]), (7, 9, 3)))


def test_a_box_cuts_the_volume_open() -> None:
    volume = Volume(upright((9, 9, 9)), np.full((9, 9, 9), 1000, np.int16))
    eye = view(volume.geometry, *ORIENTATIONS["f"], (18, 18))
    picture = Renderer(volume).shade(eye, SHARP, Box(np.array([2.0, 4, 0]), np.array([6.0, 8, 9])))
    places = np.arange(18) / 2 - 0.25
    inside = ((places >= 4) & (places <= 8))[:, None] & ((places >= 2) & (places <= 6))
    np.testing.assert_array_equal(picture.any(axis=-1), inside)


def test_coarse_pictures_come_from_a_copy_and_look_alike() -> None:
    volume = Volume(upright((40, 40, 40)), smooth((40, 40, 40)).astype(np.int16))
    kept: dict[str, object] = {}

    def keep(name: str, make: object) -> object:
        return kept.setdefault(name, kept.get(name) or make())[0]

    renderer = Renderer(volume, keep)
    fine = renderer.shade(view(volume.geometry, *CAMERAS["slanted"], (80, 80)), GLASS)
    coarse = renderer.shade(view(volume.geometry, *CAMERAS["slanted"], (20, 20)), GLASS)
    blurred = fine.reshape(20, 4, 20, 4, 3).mean(axis=(1, 3))
    assert any("mean" in name for name in kept)
    assert np.abs(coarse - blurred).mean() < 12


def test_every_kernel_is_compiled_once_a_voxel_type() -> None:
    warm_up()
    entrances = (ray_kernels.project_rows, blocks.find_extremes, blocks.find_visible, shading_kernels.shade_rows)
    entrances += (ray_spans.find_spans,)  # knows no voxels
    before = [len(kernel.signatures) for kernel in entrances]
    for place in PLACES:
        for dtype in (np.int16, np.float32):
            for volume in volumes(place, dtype).values():
                for size in (8, 50):
                    eye = view(volume.geometry, *CAMERAS["slanted"], (size, size))
                    Renderer(volume).project(eye, "mean")
                    for transfer in (GLASS, GLASS.with_window(-50.5, 900.25)):
                        Renderer(volume).shade(eye, transfer)
    assert before == [2, 2, 2, 2, 1]
    assert [len(kernel.signatures) for kernel in entrances] == before


def test_only_samples_that_may_meet_the_volume_are_told() -> None:
    """In a box far deeper than the volume they lie as if all were walked along."""
    volume = waves("double-oblique")
    box = Box(np.array([-5.0, -1e6, -5.0]), np.array([5.0, 1e6, 5.0]))
    eye = view(volume.geometry, *ORIENTATIONS["a"], (9, 9), box)
    depths = depths_of(eye, volume)
    low, high = (end - eye.plane.position[1] for end in volume.geometry.extent(np.array([0.0, 1, 0])))
    assert depths.samples < 60
    whole = samples_within(eye, volume) - 1
    step = eye.depth / whole
    every = (np.arange(depths.samples) + np.ceil((low - 1e-3 + eye.depth / 2) / step)) * step - eye.depth / 2
    np.testing.assert_allclose(depths.offsets, every, atol=1e-6)
    assert depths.offsets[0] - step < low < high < depths.offsets[-1] + step
    assert Renderer(volume).shade(eye, GLASS, box).max() > 80


def test_a_large_picture_takes_few_bytes_a_pixel() -> None:
    volume = Volume(upright((8, 8, 8)), smooth((8, 8, 8)).astype(np.int16))
    eye = view(volume.geometry, *ORIENTATIONS["f"], (700, 900))
    renderer = Renderer(volume)
    small = renderer.shade(view(volume.geometry, *ORIENTATIONS["f"], (7, 9)), GLASS)
    tracemalloc.start()
    picture = renderer.shade(eye, GLASS)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert small.any()
    assert picture.nbytes <= peak < 2 * picture.nbytes
