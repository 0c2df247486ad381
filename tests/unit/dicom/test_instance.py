"""What a header says, as typed values; whatever it says, nothing but Damaged is raised."""

from dataclasses import fields

import numpy as np
import pytest

from phantoms import file_of, image, multiframe, structured_report
from reslice.dicom.instance import Description, InstanceReader
from unit.dicom.files import (
    ENCODINGS,
    PREAMBLE,
    element,
    encoded,
    one_slice,
    read,
    undefined,
    with_elements,
    with_value,
)

EVERY_ENCODING = pytest.mark.parametrize("encoding", ENCODINGS)
RICH = {
    "Modality": "PT",
    "Units": "BQML",
    "ImageType": ["ORIGINAL", "PRIMARY", "AXIAL", "EXTRA"],
    "FrameOfReferenceUID": "1.2.3",
    "WindowCenter": [40, -50.5],
    "WindowWidth": [80, 90],
    "VOILUTFunction": "SIGMOID",
    "PixelPaddingValue": -2000,
    "PixelPaddingRangeLimit": -1990,
    "RescaleSlope": "2.5",
    "RescaleIntercept": "-1024",
    "RescaleType": "US",
    "PresentationLUTShape": "INVERSE",
    "BitsStored": 12,
    "HighBit": 11,
}


@EVERY_ENCODING
def test_every_encoding_tells_the_same(encoding: str) -> None:
    found, _ = read(encoded(one_slice(**RICH), encoding))
    d = found.description
    assert (d.modality, d.units, d.image_type) == ("PT", "BQML", ("ORIGINAL", "PRIMARY", "AXIAL", "EXTRA"))
    assert d.frame_of_reference == "1.2.3"
    assert d.windows == ((40, 80), (-50.5, 90))
    assert d.voi_function == "SIGMOID"
    assert d.padding == (-2000, -1990)
    assert (d.rescale.slope, d.rescale.intercept, d.rescale_type) == (2.5, -1024, "US")
    assert d.is_inverted
    assert d.orientation == (1, 0, 0, 0, 1, 0)
    assert (d.spacing, d.thickness) == ((1, 1), 2.5)
    assert (d.pixels.rows, d.pixels.columns, d.pixels.samples) == (10, 12, 1)
    assert (d.pixels.bits_allocated, d.pixels.bits_stored, d.pixels.high_bit) == (16, 12, 11)
    assert d.pixels.is_signed
    assert (found.number, found.frames) == (1, 1)
    assert found.frame(0).position == pytest.approx((-5.5, -4.5, -8.75))
    assert found.is_image
    assert not found.is_truncated


@EVERY_ENCODING
def test_a_bare_header_has_defaults(encoding: str) -> None:
    gone = ["ImagePositionPatient", "ImageOrientationPatient", "PixelSpacing", "SliceThickness", "InstanceNumber"]
    gone += ["RescaleSlope", "RescaleIntercept", "RescaleType", "ImageType", "HighBit", "BitsStored"]
    found, _ = read(encoded(one_slice(**dict.fromkeys(gone)), encoding))
    d = found.description
    assert (found.frame(0).position, d.orientation, d.spacing, d.aspect, d.thickness) == (None,) * 5
    assert (d.rescale.slope, d.rescale.intercept) == (1, 0)
    assert (d.windows, d.voi_function, d.padding, d.units) == ((), "LINEAR", None, "")
    assert (d.pixels.bits_stored, d.pixels.high_bit) == (16, 15)
    assert (found.number, found.frames) == (0, 1)


def test_slices_of_a_series_share_one_description() -> None:
    reader = InstanceReader()
    first, second, other = (
        reader.read(name, file_of(one_slice(InstanceNumber=number, **more)))
        for name, number, more in (("a", 1, {}), ("b", 2, {}), ("c", 3, {"RescaleSlope": "2"}))
    )
    assert first.description is second.description
    assert other.description is not first.description


def test_descriptions_can_not_be_changed() -> None:
    """They are shared between slices and threads."""
    description = read(one_slice())[0].description
    for field in fields(Description):
        with pytest.raises(AttributeError):
            setattr(description, field.name, None)
        hash(getattr(description, field.name))


@pytest.mark.parametrize(
    ("keyword", "values", "attribute", "expected"),
    [
        ("ImageOrientationPatient", "1\\0\\0\\0\\1\\0", "orientation", (1, 0, 0, 0, 1, 0)),
        ("ImageOrientationPatient", "1.0001\\0\\0\\0\\1\\0", "orientation", (1.0001, 0, 0, 0, 1, 0)),
        ("ImageOrientationPatient", "1.1\\0\\0\\0\\1\\0", "orientation", None),
        ("ImageOrientationPatient", "0\\0\\0\\0\\0\\0", "orientation", None),
        ("ImageOrientationPatient", "1\\0\\0\\1\\0\\0", "orientation", None),
        ("ImageOrientationPatient", "1\\0\\0\\0\\1", "orientation", None),
        ("ImageOrientationPatient", "nan\\0\\0\\0\\1\\0", "orientation", None),
        ("ImageOrientationPatient", "a\\0\\0\\0\\1\\0", "orientation", None),
        ("PixelSpacing", "0.5\\0.25", "spacing", (0.5, 0.25)),
        ("PixelSpacing", " 0.5 \\0.25 ", "spacing", (0.5, 0.25)),
        ("PixelSpacing", "0\\1", "spacing", None),
        ("PixelSpacing", "-1\\1", "spacing", None),
        ("PixelSpacing", "1e-30\\1e-30", "spacing", None),
        ("PixelSpacing", "1e400\\1", "spacing", None),
        ("PixelSpacing", "1", "spacing", None),
        ("PixelSpacing", "", "spacing", None),
        ("PixelSpacing", "1_0\\1_0", "spacing", None),
        ("SliceThickness", "0", "thickness", None),
        ("SliceThickness", "3.5", "thickness", 3.5),
        ("WindowCenter", "abc", "windows", ()),
        ("RescaleSlope", "", "rescale.slope", 1),
        ("RescaleSlope", "-2e0", "rescale.slope", -2),
    ],
)
def test_numbers_in_decimal_strings(keyword: str, values: str, attribute: str, expected: object) -> None:
    tag = {
        "ImageOrientationPatient": (0x0020, 0x0037),
        "PixelSpacing": (0x0028, 0x0030),
        "SliceThickness": (0x0018, 0x0050),
        "WindowCenter": (0x0028, 0x1050),
        "RescaleSlope": (0x0028, 0x1053),
    }[keyword]
    content = file_of(one_slice(WindowCenter=40, WindowWidth=80))
    value: object = read(with_value(content, tag, "DS", values.encode()))[0].description
    for name in attribute.split("."):
        value = getattr(value, name)
    assert value == expected


def test_inverted_counts_once() -> None:
    for photometric, shape, expected in (
        ("MONOCHROME2", None, False),
        ("MONOCHROME2", "IDENTITY", False),
        ("MONOCHROME1", None, True),
        ("MONOCHROME2", "INVERSE", True),
        ("MONOCHROME1", "INVERSE", True),
    ):
        found, _ = read(one_slice(PhotometricInterpretation=photometric, PresentationLUTShape=shape))
        assert found.description.is_inverted is expected


@pytest.mark.parametrize(
    ("dtype", "value", "limit", "expected"),
    [
        (np.int16, -2000, None, (-2000, -2000)),
        (np.int16, -2000, -1000, (-2000, -1000)),
        (np.int16, -1000, -2000, (-2000, -1000)),
        (np.uint16, 65535, None, (65535, 65535)),
        (np.uint16, 0, 100, (0, 100)),
        (np.uint16, 65000, 65535, (65000, 65535)),
    ],
)
def test_padding_is_signed_as_the_pixels_are(
    dtype: type, value: int, limit: int | None, expected: tuple[int, int]
) -> None:
    dataset = image(np.zeros((4, 4), dtype), PixelPaddingValue=value, PixelPaddingRangeLimit=limit)
    assert read(dataset)[0].description.padding == expected


def test_padding_in_modality_values() -> None:
    files = {
        "whole": (one_slice(PixelPaddingValue=-2000, RescaleSlope="2", RescaleIntercept="-24"), (-4024, -4024)),
        "turned": (
            one_slice(PixelPaddingValue=10, PixelPaddingRangeLimit=20, RescaleSlope="-1", RescaleIntercept="0"),
            (-20, -10),
        ),
    }
    for dataset, expected in files.values():
        assert read(dataset)[0].description.modality_padding == expected
    assert read(one_slice())[0].description.modality_padding is None


def test_frames_and_their_size() -> None:
    found, content = read(multiframe(np.arange(60, dtype=np.int16).reshape(3, 4, 5)))
    assert found.frames == 3
    assert found.pixel_bytes == 120
    assert content[found.pixel_offset :][:4] == b"\0\0\1\0"


def test_report_is_no_image() -> None:
    found, _ = read(structured_report())
    assert not found.is_image
    assert found.description.pixels is None


def test_image_without_pixels_is_no_image() -> None:
    dataset = one_slice()
    del dataset.PixelData
    assert not read(dataset)[0].is_image


@pytest.mark.parametrize("missing", [2, 100, 240])
def test_cut_off_pixels_are_noticed(missing: int) -> None:
    assert read(file_of(one_slice())[:-missing])[0].is_truncated


@EVERY_ENCODING
@pytest.mark.parametrize("tag", [(0x0028, 0x0102), (0x0028, 0x0101), (0x0028, 0x0103), (0x0028, 0x0120)])
def test_empty_whole_numbers_have_defaults(encoding: str, tag: tuple[int, int]) -> None:
    dataset = one_slice(PixelPaddingValue=-2000)
    dataset[tag].value = None
    found, _ = read(encoded(dataset, encoding))
    assert found.description.pixels.rows == 10


def test_vendors_unknown_sequences_hide_nothing() -> None:
    inner = element((0x0009, 0x0002), "LO", b"ab")
    for extra in (
        undefined((0x0009, 0x1001), "UN", b""),
        undefined((0x0009, 0x1001), "SQ", undefined((0x0009, 0x1002), "UN", b"")),
        undefined((0x0009, 0x1001), "SQ", inner, inner),
    ):
        found, _ = read(with_elements(file_of(one_slice()), extra))
        assert found.description == read(one_slice())[0].description
        assert found.frame(0).position == read(one_slice())[0].frame(0).position


def test_file_without_preamble() -> None:
    found, _ = read(file_of(one_slice())[PREAMBLE:])
    assert found.description == read(one_slice())[0].description
