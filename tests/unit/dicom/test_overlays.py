"""Overlay planes and shutters as files have them; pydicom is the second opinion where it reads them."""

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import RLELossless

from phantoms import compressed, file_of, image, multiframe
from reslice.dicom.overlays import Graphics, read_graphics
from reslice.imaging.overlay import Circle, Polygon, Rectangle
from shared_data import case_files
from unit.dicom.files import encoded, read

SHAPE = (11, 13)
PIXELS = np.arange(143, dtype=np.uint16).reshape(SHAPE)


def a_plane(shape: tuple[int, ...] = SHAPE, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).random(shape) < 0.5


def add_overlay(
    dataset: Dataset, bits: np.ndarray, group: int = 0x6000, origin: tuple[int, int] = (1, 1), **facts: object
) -> Dataset:
    """Put a packed plane into a dataset; `frames` and `first` for several."""
    dataset.add_new((group, 0x0010), "US", bits.shape[-2])
    dataset.add_new((group, 0x0011), "US", bits.shape[-1])
    if "frames" in facts:
        dataset.add_new((group, 0x0015), "IS", facts["frames"])
    dataset.add_new((group, 0x0040), "CS", "G")
    dataset.add_new((group, 0x0050), "SS", list(origin))
    if "first" in facts:
        dataset.add_new((group, 0x0051), "US", facts["first"])
    dataset.add_new((group, 0x0100), "US", 1)
    dataset.add_new((group, 0x0102), "US", 0)
    packed = np.packbits(bits.reshape(-1), bitorder="little").tobytes()
    dataset.add_new((group, 0x3000), "OW", packed + b"\0" * (len(packed) % 2))
    return dataset


def graphics(file: Dataset | bytes, frame: int = 0) -> Graphics:
    instance, content = read(file)
    return read_graphics(instance, content, frame, overlays=True, shutter=True)


def mask(found: Graphics, shape: tuple[int, int] = SHAPE) -> np.ndarray:
    """All planes together."""
    masks = [overlay.mask(shape) for overlay in found.overlays]
    return np.logical_or.reduce(masks) if masks else np.zeros(shape, np.bool_)


def test_a_packed_plane() -> None:
    found = graphics(add_overlay(image(PIXELS), a_plane()))
    np.testing.assert_array_equal(mask(found), a_plane())
    assert (found.shutter, found.problems) == (None, ())


@pytest.mark.parametrize("encoding", ["implicit", "big-endian", "deflated"])
def test_every_encoding(encoding: str) -> None:
    dataset = add_overlay(image(PIXELS), a_plane())
    if encoding == "big-endian":
        element = dataset[0x6000, 0x3000]
        element.value = np.frombuffer(element.value, "<u2").astype(">u2").tobytes()
    np.testing.assert_array_equal(mask(graphics(encoded(dataset, encoding))), a_plane())


def test_only_what_is_asked_for() -> None:
    dataset = add_overlay(image(PIXELS, ShutterShape="RECTANGULAR"), a_plane())
    instance, content = read(dataset)
    found = read_graphics(instance, content, 0, overlays=False, shutter=False)
    assert (found.overlays, found.shutter, found.problems) == ((), None, ())


def test_all_groups() -> None:
    dataset, expected = image(PIXELS), np.zeros(SHAPE, np.bool_)
    for k, group in enumerate(range(0x6000, 0x6020, 2)):
        bit = np.zeros(SHAPE, np.bool_)
        bit[k % 11, k % 13] = expected[k % 11, k % 13] = True
        add_overlay(dataset, bit, group)
    found = graphics(dataset)
    assert len(found.overlays) == 16
    np.testing.assert_array_equal(mask(found), expected)


@pytest.mark.parametrize("origin", [(1, 1), (-4, 3), (6, -7), (11, 13), (12, 1), (-60, 5), (1, 400)])
@pytest.mark.parametrize("size", [(3, 5), (11, 13), (40, 31)])
def test_origins_inside_and_outside(origin: tuple[int, int], size: tuple[int, int]) -> None:
    bits = a_plane(size, 1)
    found = graphics(add_overlay(image(PIXELS), bits, origin=origin))
    canvas = np.zeros((600, 600), np.bool_)
    canvas[100 + origin[0] : 100 + origin[0] + size[0], 100 + origin[1] : 100 + origin[1] + size[1]] = bits
    np.testing.assert_array_equal(mask(found), canvas[101:112, 101:114])
    assert found.problems == ()


def test_a_plane_without_origin_begins_at_the_first_pixel() -> None:
    dataset = add_overlay(image(PIXELS), a_plane())
    del dataset[0x6000, 0x0050]
    np.testing.assert_array_equal(mask(graphics(dataset)), a_plane())


def test_planes_of_several_frames() -> None:
    frames = a_plane((3, 5, 7), 2)
    dataset = add_overlay(multiframe(np.zeros((6, 5, 7), np.uint8)), frames, frames=3, first=2)
    for frame in range(6):
        found = mask(graphics(dataset, frame), (5, 7))
        expected = frames[frame - 1] if 1 <= frame <= 3 else np.zeros((5, 7), np.bool_)
        np.testing.assert_array_equal(found, expected)


def test_a_plane_of_one_frame_without_their_number_lies_over_all() -> None:
    dataset = add_overlay(multiframe(np.zeros((3, 5, 7), np.uint8)), a_plane((5, 7)))
    for frame in range(3):
        np.testing.assert_array_equal(mask(graphics(dataset, frame), (5, 7)), a_plane((5, 7)))


def embedded(bit: int = 14, frames: int = 2) -> tuple[Dataset, np.ndarray]:
    """Twelve bits of values and a plane above them."""
    planes = a_plane((frames, *SHAPE), 3)
    words = np.broadcast_to(PIXELS, planes.shape) | planes.astype(np.uint16) << bit
    dataset = multiframe(words) if frames > 1 else image(words[0])
    dataset.BitsStored, dataset.HighBit = 12, 11
    add_overlay(dataset, planes[0])
    del dataset[0x6000, 0x3000]
    dataset[0x6000, 0x0100].value, dataset[0x6000, 0x0102].value = 16, bit
    return dataset, planes


@pytest.mark.parametrize("bit", [12, 14, 15])
def test_planes_in_the_bits_of_the_pixels(bit: int) -> None:
    dataset, planes = embedded(bit)
    for frame in range(2):
        np.testing.assert_array_equal(mask(graphics(dataset, frame)), planes[frame])


def test_embedded_planes_of_other_encodings() -> None:
    for encoding in ("big-endian", "implicit"):
        dataset, planes = embedded(frames=1)
        np.testing.assert_array_equal(mask(graphics(encoded(dataset, encoding))), planes[0])
    dataset, planes = embedded()
    np.testing.assert_array_equal(mask(graphics(compressed(dataset, RLELossless), 1)), planes[1])


@pytest.mark.parametrize("bit", [0, 11, 16, 200])
def test_planes_in_bits_that_hold_values_are_left_out(bit: int) -> None:
    dataset, _ = embedded(14)
    dataset[0x6000, 0x0102].value = bit
    found = graphics(dataset)
    assert found.overlays == ()
    assert "6000" in found.problems[0]


def damaged(**elements: object) -> Dataset:
    dataset = add_overlay(image(PIXELS), a_plane())
    for name, value in elements.items():
        element = int(name[1:], 16)
        if value is None:
            del dataset[0x6000, element]
        else:
            dataset[0x6000, element].value = value
    return add_overlay(dataset, a_plane(seed=5), group=0x6002)


@pytest.mark.parametrize(
    "elements",
    [
        {"x0010": 65535, "x0011": 65535},
        {"x0010": 12},
        {"x3000": b"\1\0"},
        {"x3000": b""},
        {"x0010": 0},
        {"x0011": None},
        {"x3000": None},
        {"x0050": [1]},
        {"x0050": [1, 2, 3]},
    ],
    ids=str,
)
def test_a_damaged_plane_is_left_out_and_the_others_are_not(elements: dict[str, object]) -> None:
    found = graphics(damaged(**elements))
    np.testing.assert_array_equal(mask(found), a_plane(seed=5))
    assert len(found.overlays) == 1
    assert len(found.problems) == 1
    assert found.problems[0].startswith("Overlay 6000")


def test_rows_far_outside_take_no_memory() -> None:
    bits = np.zeros((60000, 13), np.bool_)
    bits[50000] = True
    found = graphics(add_overlay(image(PIXELS), bits, origin=(-32000, 1)))
    assert found.overlays[0].bits.shape == (11, 13)
    assert not mask(found).any()


def shutter(**attributes: object) -> object:
    return graphics(image(PIXELS, **attributes)).shutter


RECTANGLE = {
    "ShutterUpperHorizontalEdge": 2,
    "ShutterLowerHorizontalEdge": 9,
    "ShutterLeftVerticalEdge": 3,
    "ShutterRightVerticalEdge": 12,
}
CIRCLE = {"CenterOfCircularShutter": [5, 7], "RadiusOfCircularShutter": 4}
POLYGON = {"VerticesOfThePolygonalShutter": [1, 1, 1, 13, 11, 6]}


def test_shapes_of_shutters() -> None:
    assert shutter(ShutterShape="RECTANGULAR", **RECTANGLE).shapes == (Rectangle(1, 8, 2, 11),)
    assert shutter(ShutterShape="CIRCULAR", **CIRCLE).shapes == (Circle(4, 6, 4),)
    flat = shutter(ShutterShape="CIRCULAR", PixelSpacing=[1, 2], **CIRCLE)
    assert flat.shapes == (Circle(4, 6, 4, 0.5),)
    assert shutter(ShutterShape="POLYGONAL", **POLYGON).shapes == (Polygon(((0, 0), (0, 12), (10, 5))),)
    kinds = ["RECTANGULAR", "CIRCULAR", "POLYGONAL"]
    assert len(shutter(ShutterShape=kinds, **RECTANGLE, **CIRCLE, **POLYGON).shapes) == 3
    assert shutter() is None


@pytest.mark.parametrize(("value", "level"), [(None, 0), (0, 0), (65535, 255), (32768, 128)])
def test_level_of_a_shutter(value: int | None, level: int) -> None:
    assert shutter(ShutterShape="CIRCULAR", ShutterPresentationValue=value, **CIRCLE).level == level


def test_a_bitmap_is_a_shutter_and_no_overlay() -> None:
    dataset = image(PIXELS, ShutterShape="BITMAP", ShutterOverlayGroup=0x6002)
    add_overlay(add_overlay(dataset, a_plane()), a_plane(seed=5), group=0x6002)
    found = graphics(dataset)
    np.testing.assert_array_equal(mask(found), a_plane())
    np.testing.assert_array_equal(found.shutter.hidden(SHAPE), a_plane(seed=5))


def test_a_frame_has_its_own_shutter() -> None:
    dataset = multiframe(np.zeros((2, 5, 7), np.uint8), ShutterShape="RECTANGULAR", **RECTANGLE)
    groups = []
    for radius in (2, 3):
        item = Dataset()
        item.ShutterShape, item.CenterOfCircularShutter, item.RadiusOfCircularShutter = "CIRCULAR", [1, 1], radius
        group = Dataset()
        group.FrameDisplayShutterSequence = Sequence([item])
        groups.append(group)
    dataset.PerFrameFunctionalGroupsSequence = Sequence(groups)
    assert [graphics(dataset, k).shutter.shapes[0].radius for k in (0, 1)] == [2, 3]
    del dataset.PerFrameFunctionalGroupsSequence
    dataset.SharedFunctionalGroupsSequence = Sequence(groups[:1])
    assert [graphics(dataset, k).shutter.shapes[0].radius for k in (0, 1)] == [2, 2]


@pytest.mark.parametrize(
    "attributes",
    [
        {"ShutterShape": "RECTANGULAR"},
        {"ShutterShape": "CIRCULAR", "CenterOfCircularShutter": [5, 7]},
        {"ShutterShape": "POLYGONAL", "VerticesOfThePolygonalShutter": [1, 1, 5, 5]},
        {"ShutterShape": "POLYGONAL", "VerticesOfThePolygonalShutter": [1, 1, 5, 5, 9]},
        {"ShutterShape": "HEART"},
        {"ShutterShape": "BITMAP", "ShutterOverlayGroup": 0x6004},
    ],
    ids=str,
)
def test_damaged_shutters_are_left_open_and_told(attributes: dict[str, object]) -> None:
    found = graphics(image(PIXELS, **attributes))
    assert found.shutter is None
    assert len(found.problems) == 1
    assert found.problems[0].startswith("The shutter")


@pytest.mark.parametrize("name", ["MR-SIEMENS-DICOM-WithOverlays.dcm", "OutOfBoundsOverlay.dcm"])
def test_real_files(name: str) -> None:
    (path,) = (p for p in case_files("gray-special") if p.name == name)
    dataset = dcmread(path)
    found = graphics(path.read_bytes())
    assert found.problems == ()
    groups = [g for g in range(0x6000, 0x6020, 2) if (g, 0x3000) in dataset]
    assert len(found.overlays) == len(groups) > 0
    for group, overlay in zip(groups, found.overlays, strict=True):
        expected = np.zeros((3000, 3000), np.bool_)
        bits = dataset.overlay_array(group).astype(bool)
        row, column = (1000 + place - 1 for place in dataset[group, 0x0050].value)
        expected[row : row + bits.shape[0], column : column + bits.shape[1]] = bits
        shape = dataset.Rows, dataset.Columns
        np.testing.assert_array_equal(overlay.mask(shape), expected[1000 : 1000 + shape[0], 1000 : 1000 + shape[1]])
        assert overlay.mask(shape).any()


def test_any_bytes_of_an_overlay_are_harmless() -> None:
    whole = bytearray(file_of(add_overlay(image(PIXELS, ShutterShape="CIRCULAR", **CIRCLE), a_plane())))
    instance, _ = read(bytes(whole))
    chance, first = np.random.default_rng(4), whole.index(b"\x00\x60\x10\x00")
    for _ in range(300):
        content = bytearray(whole)
        for place in chance.integers(first, first + 120, 3):
            content[place] = chance.integers(0, 256)
        found = read_graphics(instance, bytes(content), 0, overlays=True, shutter=True)
        assert mask(found).shape == SHAPE
