"""Overlays and shutters on pictures, pixel by pixel."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reslice.imaging.overlay import Circle, Overlay, Polygon, Rectangle, Shutter, with_overlays, with_shutter
from reslice.imaging.plane import FieldOfView, ImagePlane, RequestedSize

SHAPE = (9, 12)
GREY = np.full(SHAPE, 90, np.uint8)


def plane(shape: tuple[int, int] = SHAPE, spacing: tuple[float, float] = (1.0, 1.0)) -> ImagePlane:
    return ImagePlane(np.zeros(3), *np.eye(3)[:2], spacing, shape)


PLANE = plane()


def drawn(*overlays: Overlay, image: np.ndarray = GREY) -> np.ndarray:
    return with_overlays(image, overlays, PLANE, PLANE)


def bits(*lines: str) -> np.ndarray:
    return np.array([[mark == "#" for mark in line] for line in lines])


@given(st.integers(-15, 15), st.integers(-15, 15), st.integers(1, 14), st.integers(1, 14))
def test_overlays_lie_where_their_origin_says(row: int, column: int, rows: int, columns: int) -> None:
    """Wholly, partly or not at all inside the image."""
    plane_bits = np.random.default_rng(rows * columns).random((rows, columns)) < 0.5
    mask = Overlay(row, column, plane_bits).mask(SHAPE)
    for i, j in np.ndindex(SHAPE):
        inside = 0 <= i - row < rows and 0 <= j - column < columns
        assert mask[i, j] == (inside and plane_bits[i - row, j - column])


def test_overlays_are_white_and_change_nothing_else() -> None:
    overlay = Overlay(2, 3, bits("#.", ".#"))
    shown = drawn(overlay, Overlay(8, 11, bits("##", "##")))
    expected = GREY.copy()
    expected[2, 3] = expected[3, 4] = expected[8, 11] = 255
    np.testing.assert_array_equal(shown, expected)
    assert (GREY == 90).all(), "the picture itself is left alone"


def test_black_on_what_is_bright() -> None:
    shown = drawn(Overlay(0, 0, bits("#")), image=np.full(SHAPE, 240, np.uint8))
    assert (shown[0, 0], shown[0, 1]) == (0, 240)


def test_colour() -> None:
    image = np.full((*SHAPE, 3), (10, 90, 50), np.uint8)
    shown = drawn(Overlay(1, 1, bits("#")), image=image)
    assert (shown[1, 1].tolist(), shown[0, 0].tolist()) == ([255, 255, 255], [10, 90, 50])
    closed = with_shutter(image, Shutter((Rectangle(0, 3, 0, 3),), level=7), PLANE, PLANE)
    assert (closed[8, 8].tolist(), closed[1, 1].tolist()) == ([7, 7, 7], [10, 90, 50])


def test_nothing_to_draw() -> None:
    assert drawn(Overlay(50, 50, bits("#"))) is GREY
    assert drawn() is GREY


def resized(width: int) -> ImagePlane:
    return FieldOfView.of_plane(PLANE).plane(RequestedSize(width=width), 1.0)


@pytest.mark.parametrize("width", [1, 2, 3, 5, 8, 11])
def test_no_line_gets_lost_in_a_small_picture(width: int) -> None:
    where = resized(width)
    image = np.full(where.shape, 90, np.uint8)
    rows = int(np.count_nonzero((np.arange(where.shape[0]) + 0.5) * where.spacing[0] <= SHAPE[0]))
    for place in range(SHAPE[1]):
        line = np.zeros(SHAPE, np.bool_)
        line[:, place] = True
        shown = with_overlays(image, [Overlay(0, 0, line)], PLANE, where)
        assert (shown[:rows].max(axis=1) > 90).all(), place


def test_large_pictures_have_large_overlays() -> None:
    where = resized(36)
    image = np.full(where.shape, 90, np.uint8)
    shown = with_overlays(image, [Overlay(4, 5, bits("#"))], PLANE, where)
    assert shown[13, 16] == 255
    rows, columns = np.nonzero(shown != 90)
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (11, 15, 14, 18)


def test_overlays_are_cut_with_the_region() -> None:
    part = PLANE.cropped(5, 4, 3, 2)
    shown = with_overlays(GREY[4:6, 5:8], [Overlay(4, 6, bits("#"))], PLANE, part)
    assert shown.tolist() == [[90, 255, 90], [90, 90, 90]]


def seen(*shapes: object, **facts: object) -> np.ndarray:
    return ~Shutter(shapes, **facts).hidden(SHAPE)


def test_rectangle_shows_its_edges() -> None:
    inside = seen(Rectangle(2, 5, 3, 7))
    assert inside[2:6, 3:8].all()
    assert inside.sum() == 4 * 5
    assert seen(Rectangle(-1, 9, -1, 12)).all(), "edges beyond the image hide nothing"


@given(st.floats(-3, 12), st.floats(-3, 12), st.floats(0, 12), st.sampled_from([0.5, 1.0, 2.0]))
def test_circle_is_round_on_the_screen(row: float, column: float, radius: float, height: float) -> None:
    inside = seen(Circle(row, column, radius, height))
    for i, j in np.ndindex(SHAPE):
        distance = np.hypot((i - row) * height, j - column)
        assert inside[i, j] == (distance <= radius) or distance == pytest.approx(radius)


def test_polygon_is_what_is_drawn() -> None:
    expected = bits(
        "............",
        "..#######...",
        "..#######...",
        "..####......",
        "..####......",
        "..####......",
        "............",
        "............",
        "............",
    )
    corners = ((1, 2), (1, 8), (2, 8), (3, 5), (5, 5), (5, 2))
    inside = seen(Polygon(corners))
    np.testing.assert_array_equal(inside, expected)
    np.testing.assert_array_equal(seen(Polygon(corners[::-1])), expected)


@given(st.lists(st.tuples(st.integers(-4, 12), st.integers(-4, 15)), min_size=3, max_size=3, unique=True))
def test_triangles(corners: list[tuple[int, int]]) -> None:
    """Inside or on the edge: on no other side of any edge than the others (degenerate ones have no inside)."""
    (ay, ax), (by, bx), (cy, cx) = corners
    area = (bx - ax) * (cy - ay) - (cx - ax) * (by - ay)
    inside = seen(Polygon(tuple(corners)))
    for y, x in np.ndindex(SHAPE):
        sides = [
            ((qx - px) * (y - py) - (x - px) * (qy - py)) * np.sign(area)
            for (py, px), (qy, qx) in zip(corners, [*corners[1:], corners[0]], strict=True)
        ]
        if area and min(sides) > 0:
            assert inside[y, x]
        elif area and min(sides) < 0:
            assert not inside[y, x]


def test_polygons_out_of_this_world() -> None:
    assert seen(Polygon(((-1000000, -1000000), (-1000000, 1000000), (1000000, 0)))).any()
    assert not seen(Polygon(((50, 50), (50, 60), (60, 60)))).any()


def test_shapes_hide_together() -> None:
    rectangle, circle, bitmap = Rectangle(0, 4, 0, 11), Circle(4, 5, 4), Overlay(3, 5, bits("#"))
    inside = seen(rectangle, circle, bitmap=bitmap)
    expected = seen(rectangle) & seen(circle)
    expected[3, 5] = False
    np.testing.assert_array_equal(inside, expected)
    assert 0 < inside.sum() < seen(circle).sum()


@pytest.mark.parametrize("level", [0, 128, 255])
def test_hidden_pixels_get_the_level(level: int) -> None:
    shown = with_shutter(GREY, Shutter((Rectangle(2, 5, 3, 7),), level=level), PLANE, PLANE)
    assert (shown[2:6, 3:8] == 90).all()
    assert shown[0, 0] == shown[8, 11] == level


def test_shutter_of_a_resized_picture() -> None:
    where = resized(24)
    image = np.full(where.shape, 90, np.uint8)
    shown = with_shutter(image, Shutter((Rectangle(2, 5, 3, 7),), level=0), PLANE, where)
    np.testing.assert_array_equal(shown[4:12, 6:16], 90)
    assert (shown == 90).sum() == 8 * 10
