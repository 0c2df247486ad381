"""The encodings of uncompressed files: byte order, VR, deflated, pixels of one bit short of a word."""

import io

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence
from pydicom.uid import (
    UID,
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from clients import Client, orthanc_ids
from phantoms import Acquisition, noise

GRID = Acquisition(shape=(4, 9, 11))
ENCODINGS = [ImplicitVRLittleEndian, ExplicitVRLittleEndian, ExplicitVRBigEndian, DeflatedExplicitVRLittleEndian]


def encoded(file: Dataset, syntax: UID) -> bytes:
    """The file in another encoding."""
    if syntax == ExplicitVRBigEndian:
        file.PixelData = file.pixel_array.astype(">i2").tobytes()
    file.file_meta.TransferSyntaxUID = syntax
    stream = io.BytesIO()
    file.save_as(stream, enforce_file_format=True)
    return stream.getvalue()


def assert_shown(client: Client, series: str) -> None:
    """All slices, and a plane, hold the stored values."""
    expected = np.stack([file.pixel_array for file in noise(GRID)])
    for k in range(len(expected)):
        values = client.get(f"/series/{series}/slices/{k}", format="npy").array()
        np.testing.assert_array_equal(values, expected[k])
    cut = client.get(f"/series/{series}/mpr/axial", format="npy", index=2).array()
    np.testing.assert_array_equal(cut, expected[2])


@pytest.mark.parametrize("syntax", ENCODINGS, ids=lambda uid: uid.name)
def test_encoding_changes_nothing(client: Client, syntax: UID) -> None:
    assert_shown(client, client.store_series([encoded(file, syntax) for file in noise(GRID)]))


def test_every_slice_in_another_encoding(client: Client) -> None:
    files = [encoded(file, syntax) for file, syntax in zip(noise(GRID), ENCODINGS, strict=True)]
    assert_shown(client, client.store_series(files))


@pytest.mark.parametrize("undefined_length", [True, False])
@pytest.mark.parametrize("syntax", [ImplicitVRLittleEndian, ExplicitVRLittleEndian], ids=lambda uid: uid.name)
def test_sequences_and_private_elements_before_the_pixels(client: Client, syntax: UID, undefined_length: bool) -> None:
    files = noise(GRID)
    for file in files:
        inner = Dataset()
        inner.ImagePositionPatient, inner.Rows, inner.RescaleSlope = [9, 9, 9], 7, 5
        outer = Dataset()
        outer.ReferencedImageSequence = Sequence([inner, Dataset()])
        outer["ReferencedImageSequence"].is_undefined_length = undefined_length
        file.SourceImageSequence = Sequence([outer, inner])
        file["SourceImageSequence"].is_undefined_length = undefined_length
        block = file.private_block(0x0029, "RESLICE TEST", create=True)
        block.add_new(0x01, "OB", b"\xe0\x7f\x10\x00" * 20)  # looks like the tag of the pixels
        block.add_new(0x02, "UN", b"\xff\xff\xff\xff" * 8)
        block.add_new(0x03, "SQ", Sequence([inner]))
    assert_shown(client, client.store_series([encoded(file, syntax) for file in files]))


def test_data_after_the_pixels(client: Client) -> None:
    files = noise(GRID)
    for file in files:
        file.DataSetTrailingPadding = b"\0" * 64
    assert_shown(client, client.store_series([encoded(file, ExplicitVRLittleEndian) for file in files]))


def test_file_without_preamble_and_meta(client: Client) -> None:
    """As old archives hold it: the bare data set, implicit VR little endian."""
    files = noise(GRID)
    series = orthanc_ids(files[0])["series"]
    client.store([bare(encoded(file, ImplicitVRLittleEndian)) for file in files])
    assert_shown(client, series)


def bare(content: bytes) -> bytes:
    """A file without its first 128 bytes, prefix and group 0002."""
    length = int.from_bytes(content[140:144], "little")  # the value of (0002,0000) counts what follows it
    return content[144 + length :]
