"""Pixels inside an outline: found in a window, and the same as if every pixel had been asked."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from skimage.draw import ellipse as draw_ellipse
from skimage.draw import polygon2mask

from reslice.measurement import samples
from reslice.measurement.outlines import Ellipse, Outline, Rectangle
from reslice.measurement.polygon import Polygon
from reslice.measurement.samples import inside_pixels
from unit.measurement.spaces import FLAT, Array, Placement, placements

RIGHT, DOWN = np.array([1.0, 0, 0]), np.array([0, 1.0, 0])


def whole(outline: Outline, origin: Array, right: Array, down: Array, shape: tuple[int, int]) -> Array:
    """The mask of the whole image, every pixel asked."""
    rows, columns = np.indices(shape)[..., None]
    return outline.contains(origin + rows * down + columns * right)


def pasted(found: tuple[slice, slice, Array], shape: tuple[int, int]) -> Array:
    mask = np.zeros(shape, dtype=bool)
    mask[found[:2]] = found[2]
    return mask


@st.composite
def outlines(draw: st.DrawFn) -> Outline:
    """On paper, about the middle of a 20 x 30 mm image or beside it, sometimes off the plane or tilted against it."""
    middle = np.array(draw(st.tuples(st.floats(-10, 40), st.floats(-10, 30))))
    a, b, turn = draw(st.floats(0.2, 12)), draw(st.floats(0.2, 12)), draw(st.floats(0, 6))
    u, v = a * np.array([np.cos(turn), np.sin(turn)]), b * np.array([-np.sin(turn), np.cos(turn)])
    lean = np.array([draw(st.floats(-0.3, 0.3)), 0, draw(st.floats(-1, 1))])

    def lifted(points: list[Array]) -> Array:
        flat = np.array(points)
        return np.column_stack([flat, (flat - middle) @ lean[:2] + lean[2]])

    kind = draw(st.sampled_from(["polygon", "rectangle", "ellipse"]))
    if kind == "polygon":
        return Polygon.of(lifted([middle + u, middle + v, middle - u, middle - 0.3 * v]), 9)
    lean[0] = 0  # else right angles would be none
    if kind == "rectangle":
        return Rectangle.of(lifted([middle - u - v, middle + u - v, middle + u + v, middle - u + v]))
    return Ellipse.of(lifted([middle - u, middle + u, middle - v, middle + v]))


@given(outlines(), st.floats(0.2, 2), st.floats(0.2, 2))
def test_the_window_holds_every_pixel_inside(outline: Outline, across: float, down: float) -> None:
    grid = np.zeros(3), RIGHT * across, DOWN * down, (round(20 / down), round(30 / across))
    found = inside_pixels(outline, *grid)
    np.testing.assert_array_equal(pasted(found, grid[3]), whole(outline, *grid))


@given(placements(), st.floats(0.3, 3))
def test_the_window_is_no_larger_than_the_outline(place: Placement, spacing: float) -> None:
    outline = Rectangle.of(place(np.array([(3, 4), (9, 4), (9, 7), (3, 7)]) * spacing))
    right, down = place.rotation[:, 0] * spacing, place.rotation[:, 1] * spacing
    rows, columns, mask = inside_pixels(outline, place.shift, right, down, (20, 30))
    assert (rows, columns) == (slice(4, 8), slice(3, 10))
    assert mask.all()


def test_pixels_on_the_border_count() -> None:
    rows, columns, mask = inside_pixels(
        Polygon.of(FLAT([(2, 2), (6, 2), (2, 6)]), 0), np.zeros(3), RIGHT, DOWN, (50, 50)
    )
    assert (rows, columns) == (slice(2, 7), slice(2, 7))
    np.testing.assert_array_equal(mask, np.add.outer(range(5), range(5)) <= 4)


def test_an_outline_beside_the_image_holds_no_pixel() -> None:
    for corner in ((-9, 3), (80, 3), (3, -9), (3, 80)):
        ring = FLAT([corner, np.add(corner, (5, 0)), np.add(corner, (0, 5))])
        rows, columns, mask = inside_pixels(Polygon.of(ring, 0), np.zeros(3), RIGHT, DOWN, (40, 50))
        assert mask.size == 0
        assert np.zeros((40, 50))[rows, columns].shape == mask.shape


def test_an_outline_between_pixels_holds_none() -> None:
    _, _, mask = inside_pixels(
        Polygon.of(FLAT([(2.1, 2.1), (2.9, 2.1), (2.5, 2.9)]), 0), np.zeros(3), RIGHT, DOWN, (9, 9)
    )
    assert not mask.any()


def test_an_outline_upright_on_the_image_is_still_answered() -> None:
    """No window can be looked for then: every pixel is asked."""
    outline = Rectangle.of(np.array([(2.0, 3, -1), (6, 3, -1), (6, 3, 1), (2, 3, 1)]))
    grid = np.zeros(3), RIGHT, DOWN, (9, 12)
    np.testing.assert_array_equal(pasted(inside_pixels(outline, *grid), (9, 12)), whole(outline, *grid))


def test_a_large_image_is_asked_in_strips(monkeypatch: pytest.MonkeyPatch) -> None:
    ring = FLAT([(3.3, 2.2), (95.1, 10.7), (60.2, 66.6), (20.9, 40.4)])
    grid = np.zeros(3), RIGHT, DOWN, (70, 100)
    at_once = inside_pixels(Polygon.of(ring, 0), *grid)
    monkeypatch.setattr(samples, "STRIP", 300)
    np.testing.assert_array_equal(inside_pixels(Polygon.of(ring, 0), *grid)[2], at_once[2])


def test_masks_are_scikit_images() -> None:
    """Outlines whose borders miss all pixel centres."""
    ring = np.array([(3.3, 2.2), (95.1, 10.7), (60.2, 66.6), (20.9, 40.4)])
    grid = np.zeros(3), RIGHT, DOWN, (70, 100)
    got = pasted(inside_pixels(Polygon.of(FLAT(ring), 0), *grid), (70, 100))
    np.testing.assert_array_equal(got, polygon2mask((70, 100), ring[:, ::-1]))
    expected = np.zeros((70, 100), dtype=bool)
    expected[draw_ellipse(30.2, 50.3, 20.123, 33.456)] = True
    ends = [(50.3 - 33.456, 30.2), (50.3 + 33.456, 30.2), (50.3, 30.2 - 20.123), (50.3, 30.2 + 20.123)]
    np.testing.assert_array_equal(pasted(inside_pixels(Ellipse.of(FLAT(ends)), *grid), (70, 100)), expected)
