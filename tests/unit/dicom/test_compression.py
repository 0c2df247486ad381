"""Lossy compression, as the header and the transfer syntax tell it."""

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.uid import JPEG2000, ExplicitVRLittleEndian, JPEG2000Lossless, JPEGBaseline8Bit, JPEGLSNearLossless

from phantoms import file_of, without_geometry
from reslice.dicom.compression import ALWAYS, AT_WILL, FAMILY, METHODS, LossyCompression, greatest, in_words
from reslice.dicom.instance import InstanceReader
from reslice.dicom.uids import is_uid
from shared_data import case_files

PIXELS = np.zeros((4, 4), np.uint8)


def loss(syntax: str = ExplicitVRLittleEndian, **attributes: object) -> LossyCompression | None:
    """What is read of a file with these attributes; its pixels are never decoded."""
    dataset = without_geometry(PIXELS, **attributes)
    if syntax != ExplicitVRLittleEndian:
        as_if_compressed(dataset, syntax)
    return InstanceReader().read("x", file_of(dataset)).compression


def as_if_compressed(dataset: Dataset, syntax: str) -> None:
    fragment = b"\xfe\xff\x00\xe0\x04\x00\x00\x00abcd"
    dataset.PixelData = b"\xfe\xff\x00\xe0\x00\x00\x00\x00" + fragment + b"\xfe\xff\xdd\xe0\x00\x00\x00\x00"
    dataset["PixelData"].VR, dataset["PixelData"].is_undefined_length = "OB", True
    dataset.file_meta.TransferSyntaxUID = syntax


LOST = {"LossyImageCompression": "01"}
TOLD = [
    ({}, None),
    ({"LossyImageCompression": "00"}, None),
    ({"LossyImageCompression": "00", "LossyImageCompressionRatio": "9"}, None),
    (LOST, LossyCompression((), (), True)),
    ({**LOST, "LossyImageCompressionRatio": "20.5"}, LossyCompression((20.5,), (), True)),
    ({"LossyImageCompressionRatio": "20.5"}, LossyCompression((20.5,), (), True)),
    ({"LossyImageCompressionMethod": "ISO_15444_1"}, LossyCompression((), ("ISO_15444_1",), True)),
    (
        {
            **LOST,
            "LossyImageCompressionRatio": ["20", "5"],
            "LossyImageCompressionMethod": ["ISO_10918_1", "ISO_15444_1"],
        },
        LossyCompression((20.0, 5.0), ("ISO_10918_1", "ISO_15444_1"), True),
    ),
    ({**LOST, "LossyImageCompressionRatio": ["0", "-3", "1e9"]}, LossyCompression((), (), True)),
    ({**LOST, "LossyImageCompressionMethod": "DOE_JANE"}, LossyCompression((), (), True)),
]


@pytest.mark.parametrize(("attributes", "expected"), TOLD, ids=str)
def test_what_the_header_tells_of_uncompressed_pixels(attributes: dict, expected: LossyCompression | None) -> None:
    assert loss(**attributes) == expected


@pytest.mark.parametrize(
    ("syntax", "attributes", "expected"),
    [
        (JPEGBaseline8Bit, {}, LossyCompression((), ("ISO_10918_1",), True)),
        (JPEGBaseline8Bit, {"LossyImageCompression": "00"}, LossyCompression((), ("ISO_10918_1",), True)),
        (JPEG2000, {}, LossyCompression((), ("ISO_15444_1",), False)),
        (JPEG2000, {"LossyImageCompression": "00"}, None),
        (JPEG2000, LOST, LossyCompression((), ("ISO_15444_1",), True)),
        (JPEGLSNearLossless, {"LossyImageCompressionRatio": "4"}, LossyCompression((4.0,), ("ISO_14495_1",), True)),
        (JPEG2000Lossless, {}, None),
        (JPEG2000Lossless, LOST, LossyCompression((), (), True)),
        ("1.2.840.10008.1.2.4.100.1", {}, LossyCompression((), ("ISO_13818_2",), True)),
        ("1.2.840.10008.1.2.4.57", {}, None),
        ("1.2.840.10008.1.2.4.70", {}, None),
        ("1.2.840.10008.1.2.4.201", {}, None),
        ("1.2.840.10008.1.2.4.203", {}, LossyCompression((), ("ISO_15444_15",), False)),
        ("1.2.840.10008.1.2.5", {}, None),
    ],
    ids=str,
)
def test_what_the_transfer_syntax_tells(syntax: str, attributes: dict, expected: LossyCompression | None) -> None:
    assert loss(syntax, **attributes) == expected


def test_numbers_are_those_of_transfer_syntaxes() -> None:
    assert not ALWAYS.keys() & AT_WILL.keys()
    assert all(is_uid(f"{FAMILY}{number}") for number in (*ALWAYS, *AT_WILL))
    assert {*ALWAYS.values(), *AT_WILL.values()} <= METHODS.keys()


@pytest.mark.parametrize(
    ("case", "name", "ratio", "method"),
    [
        ("ct-all-syntaxes", "ct-JPEGProcess1TransferSyntax_1.2.840.10008.1.2.4.50.dcm", 8.87, "ISO_10918_1"),
        ("ct-all-syntaxes", "ct-JPEGLSLossyTransferSyntax_1.2.840.10008.1.2.4.81.dcm", 4.39684003958337, "ISO_14495_1"),
        ("ct-all-syntaxes", "ct-RLELosslessTransferSyntax_1.2.840.10008.1.2.5.dcm", None, None),
        ("color", "SC_ybr_full_422_uncompressed.dcm", 21.521, "ISO_10918_1"),
        ("gray-special", "JPGExtended.dcm", 76, "ISO_10918_1"),
        ("gray-special", "CR-MONO1-10-chest.dcm", None, None),
    ],
)
def test_real_files(case: str, name: str, ratio: float | None, method: str | None) -> None:
    (path,) = (file for file in case_files(case) if file.name == name)
    found = InstanceReader().read("x", path.read_bytes()).compression
    assert found == (None if method is None else LossyCompression((ratio,), (method,), True))


def test_steps_are_not_multiplied() -> None:
    assert LossyCompression((10.0, 20.0), (), True).ratio == 20
    assert LossyCompression((), (), True).ratio is None


def test_a_certain_loss_comes_before_a_greater_possible_one() -> None:
    possible, known, greater = (
        LossyCompression((ratio,), (), is_certain) for ratio, is_certain in ((9.0, False), (2.0, True), (3.0, True))
    )
    assert greatest([possible, known, greater]) is greater
    assert greatest([known, possible]) is known


def test_words() -> None:
    steps = LossyCompression((10.0, 20.456), ("ISO_10918_1", "ISO_15444_1"), True)
    assert in_words(steps, 1, 1) == (
        "The image was compressed with loss of detail by 10:1, then 20.5:1 (JPEG, then JPEG 2000)"
    )
    assert in_words(LossyCompression((8.0,), (), True), 3, 9) == (
        "3 of 9 images were compressed with loss of detail by up to 8:1"
    )
    assert in_words(LossyCompression((), (), False), 1, 1) == (
        "The image may have been compressed with loss of detail: "
        "its transfer syntax allows it, and the file doesn't tell"
    )
