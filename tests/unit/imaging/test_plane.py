"""Image planes, their sizes, and the field of view across a volume."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from naive import PLANES, field_of_view
from phantoms import ACQUISITIONS, Acquisition
from reslice.imaging.lattice import volume_planes
from reslice.imaging.plane import FieldOfView, ImagePlane, RequestedSize
from reslice.imaging.resample import cut
from reslice.imaging.volume import Volume, VolumeGeometry
from unit.imaging.expected import rotations, upright

EVERY_ACQUISITION = pytest.mark.parametrize("acquisition", ACQUISITIONS.values(), ids=ACQUISITIONS.keys())
LENGTHS = st.floats(1, 600)
PIXELS = st.integers(1, 700)
ACROSS = (np.array([1.0, 0.0, 0.0]), np.array([0.0, 1.0, 0.0]))


def rectangle(height: float, width: float) -> FieldOfView:
    return FieldOfView(np.array([-3.0, 5.0, 7.0]), *ACROSS, height, width)


@EVERY_ACQUISITION
def test_plane_of_a_slice_lies_on_its_voxels(acquisition: Acquisition) -> None:
    acquisition = replace(acquisition, spacing=(2.0, 0.7, 1.3))
    geometry = VolumeGeometry(acquisition.shape, acquisition.affine)
    for k in (0, 3, acquisition.shape[0] - 1):
        plane = ImagePlane.of_slice(geometry, k)
        pixels = np.stack(np.meshgrid(*map(np.arange, plane.shape), indexing="ij"), axis=-1)
        np.testing.assert_allclose(plane.map_pixels_to_reference(pixels), acquisition.coordinates[k], atol=1e-9)
        assert plane.shape == acquisition.shape[1:]
        assert plane.spacing == pytest.approx(acquisition.spacing[1:])


@given(rotations(), st.tuples(st.floats(0.1, 3), st.floats(0.1, 3)), st.tuples(st.floats(-5, 5), st.floats(-5, 5)))
def test_affine_says_what_the_pixels_say(
    rotation: np.ndarray, spacing: tuple[float, float], pixel: tuple[float, float]
) -> None:
    plane = ImagePlane(np.array([1.0, 2.0, 3.0]), rotation[0], rotation[1], spacing, (4, 5))
    by_affine = (plane.affine @ [0, *pixel, 1])[:3]
    np.testing.assert_allclose(plane.map_pixels_to_reference(pixel), by_affine, atol=1e-9)
    np.testing.assert_allclose(plane.affine[:3, 0], plane.normal, atol=1e-12)
    np.testing.assert_allclose(plane.normal, np.cross(rotation[0], rotation[1]), atol=1e-12)


def test_cropped_keeps_the_pixels_where_they_are() -> None:
    plane = ImagePlane(np.array([1.0, 2.0, 3.0]), *ACROSS, (0.5, 2.0), (20, 30))
    part = plane.cropped(column=4, row=7, columns=5, rows=3)
    assert part.shape == (3, 5)
    np.testing.assert_allclose(part.position, plane.map_pixels_to_reference((7, 4)))
    np.testing.assert_allclose(part.map_pixels_to_reference((2, 1)), plane.map_pixels_to_reference((9, 5)))
    assert part.spacing == plane.spacing


@given(LENGTHS, LENGTHS, st.floats(0.2, 3))
def test_default_size_covers_the_field_from_its_first_corner(height: float, width: float, spacing: float) -> None:
    plane = rectangle(height, width).plane(RequestedSize(), spacing)
    assert plane.spacing == (spacing, spacing)
    down, across = (min(extent, spacing) / 2 for extent in (height, width))  # one pixel lies in the middle
    np.testing.assert_allclose(plane.position, [-3 + across, 5 + down, 7], atol=1e-5)
    for pixels, extent in zip(plane.shape, (height, width), strict=True):
        assert pixels == max(1, math.ceil(extent / spacing - 1e-6))
        assert (pixels - 1) * spacing < extent <= (pixels + 1e-5) * spacing


@given(LENGTHS, LENGTHS, PIXELS)
def test_width_alone_keeps_the_aspect(height: float, width: float, pixels: int) -> None:
    plane = rectangle(height, width).plane(RequestedSize(width=pixels), 1.0)
    assert plane.shape[1] == pixels
    assert plane.spacing == pytest.approx((width / pixels,) * 2)
    assert abs(plane.shape[0] - height / plane.spacing[0]) <= 1


@given(LENGTHS, LENGTHS, PIXELS)
def test_height_alone_keeps_the_aspect(height: float, width: float, pixels: int) -> None:
    plane = rectangle(height, width).plane(RequestedSize(height=pixels), 1.0)
    assert plane.shape[0] == pixels
    assert abs(plane.shape[1] - width / plane.spacing[1]) <= 1


@given(LENGTHS, LENGTHS, PIXELS, PIXELS)
def test_width_and_height_both_fit_and_one_is_reached(height: float, width: float, rows: int, columns: int) -> None:
    assume(0.02 < (height / rows) / (width / columns) < 50)
    shape = rectangle(height, width).plane(RequestedSize(columns, rows), 1.0).shape
    assert shape[0] <= rows
    assert shape[1] <= columns
    assert shape[0] == rows or shape[1] == columns


@given(LENGTHS, LENGTHS, st.floats(0.2, 5))
def test_spacing_alone_is_obeyed(height: float, width: float, spacing: float) -> None:
    plane = rectangle(height, width).plane(RequestedSize(pixel_spacing=spacing), 1.0)
    assert plane.spacing == (spacing, spacing)
    assert plane.shape == (math.ceil(height / spacing - 1e-6), math.ceil(width / spacing - 1e-6))


@given(LENGTHS, LENGTHS, PIXELS, PIXELS, st.floats(0.2, 5))
def test_all_three_lie_around_the_centre(height: float, width: float, rows: int, columns: int, spacing: float) -> None:
    field = rectangle(height, width)
    plane = field.plane(RequestedSize(columns, rows, spacing), 1.0)
    assert plane.shape == (rows, columns)
    middle = plane.map_pixels_to_reference(((rows - 1) / 2, (columns - 1) / 2))
    np.testing.assert_allclose(middle, field.corner + np.array([width / 2, height / 2, 0]), atol=1e-6)


@pytest.mark.parametrize(("width", "height"), [(10, None), (None, 10)])
def test_spacing_and_one_side_are_centred_too(width: int | None, height: int | None) -> None:
    field = rectangle(40, 30)
    plane = field.plane(RequestedSize(width, height, 0.5), 1.0)
    assert plane.shape == (height or 80, width or 60)
    middle = plane.map_pixels_to_reference(((plane.shape[0] - 1) / 2, (plane.shape[1] - 1) / 2))
    np.testing.assert_allclose(middle, field.corner + np.array([15, 20, 0]))


@pytest.mark.parametrize("extent", [0.1 * 3, 0.7 * 10, 0.45117188 * 512])
def test_float_noise_makes_no_extra_pixel(extent: float) -> None:
    for pixels in (3, 10, 512):
        spacing = extent / pixels
        assert rectangle(extent, extent * (1 + 1e-12)).plane(RequestedSize(), spacing).shape == (pixels, pixels)


def test_field_smaller_than_a_pixel_is_one_pixel() -> None:
    assert rectangle(0.1, 0.2).plane(RequestedSize(), 3.0).shape == (1, 1)


@pytest.mark.parametrize(
    ("size", "is_default"),
    [
        (RequestedSize(), True),
        (RequestedSize(width=1), False),
        (RequestedSize(height=1), False),
        (RequestedSize(pixel_spacing=1.0), False),
    ],
)
def test_default_size_asks_for_nothing(size: RequestedSize, is_default: bool) -> None:
    assert size.is_default is is_default


@EVERY_ACQUISITION
@pytest.mark.parametrize("name", PLANES)
def test_field_across_a_volume_is_the_box_of_its_outer_edges(acquisition: Acquisition, name: str) -> None:
    row, column, axis = (np.array(v, dtype=float) for v in (*PLANES[name][:2], np.eye(3)[PLANES[name][2]]))
    geometry = VolumeGeometry(acquisition.shape, acquisition.affine)
    plane = FieldOfView.across(geometry, row, column, axis * 4.5).plane(RequestedSize(), 0.8)
    first, extent = field_of_view(acquisition.affine, acquisition.shape, name, 0.8)
    np.testing.assert_allclose([plane.position @ row, plane.position @ column], first, atol=1e-9)
    assert plane.position @ axis == pytest.approx(4.5)
    assert plane.shape == tuple(math.ceil(e / 0.8 - 1e-6) for e in extent[::-1])


def test_field_of_a_plane_is_what_its_pixels_cover() -> None:
    plane = ImagePlane(np.array([1.0, 2.0, 3.0]), *ACROSS, (0.5, 2.0), (20, 30))
    field = FieldOfView.of_plane(plane)
    assert (field.height, field.width) == (10, 60)
    np.testing.assert_allclose(field.corner, [0, 1.75, 3])
    squares = field.plane(RequestedSize(), 0.5)
    assert squares.shape == (20, 120)
    np.testing.assert_allclose(squares.position, [0.25, 2.0, 3])


@pytest.mark.parametrize("centre", [None, (0.1, 3.0)])
@pytest.mark.parametrize("size", [RequestedSize(), RequestedSize(pixel_spacing=2.74), RequestedSize(height=1, width=4)])
def test_a_side_that_one_pixel_covers_has_it_in_its_middle(
    size: RequestedSize, centre: tuple[float, float] | None
) -> None:
    flat = FieldOfView(np.array([-3.0, 5.0, 7.0]), *ACROSS, 1.04, 4 * 2.74, centre)
    plane = flat.plane(size, 2.74)
    assert plane.shape == (1, 4)
    np.testing.assert_allclose(plane.position, [-3 + 1.37, 5 + 0.52, 7])


@pytest.mark.parametrize("name", ["axial", "coronal", "sagittal"])
def test_the_default_picture_of_a_flat_volume_shows_it(name: str) -> None:
    """Two slices 0.52 mm apart whose pixels are 2.74 mm wide, standing upright or lying."""
    for steps in ((0.52, 2.74, 2.74), (2.74, 0.52, 2.74)):
        geometry = upright((2, 4, 9) if steps[0] < 1 else (4, 2, 9), steps)
        volume = Volume(geometry, np.ones(geometry.shape, np.int16))
        planes = volume_planes(geometry, name)
        plane = planes.plane(planes.steps.at_index(0), RequestedSize(pixel_spacing=2.74))
        assert (cut(volume, plane) == 1).all()


def test_upright_geometry_of_these_tests() -> None:
    """A wrong helper would make all others right by chance."""
    np.testing.assert_array_equal(upright((2, 3, 4), (5.0, 6.0, 7.0)).steps, [[0, 0, 5], [0, 6, 0], [7, 0, 0]])
