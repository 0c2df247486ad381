"""Mosaics: one stored image, compressed or not, out of which slices are cut."""

import io

import numpy as np
import pytest
from pydicom import dcmread
from pydicom.uid import ExplicitVRLittleEndian, JPEG2000Lossless, RLELossless

from phantoms import compressed, file_of
from reslice.dicom.frames import FrameReader
from reslice.dicom.layout import FrameRef
from reslice.dicom.voxels import stored_values
from shared_data import case_bytes
from unit.dicom.files import read


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, RLELossless, JPEG2000Lossless], ids=lambda uid: uid.name)
def test_a_sheet_is_one_frame_however_many_tiles_it_has(syntax: str) -> None:
    for content in case_bytes("mr-mosaic"):
        dataset = dcmread(io.BytesIO(content))
        expected = dataset.pixel_array
        if syntax != ExplicitVRLittleEndian:
            content = file_of(compressed(dataset, syntax))  # noqa: PLW2901
        found, _ = read(content)
        reader = FrameReader(found, content)
        assert found.frames > 30
        np.testing.assert_array_equal(reader.sheet(), expected)
        assert reader.sheet() is reader.sheet(), "decoded once for all tiles"
        for k in (0, 7, found.frames - 1):
            tile = stored_values(FrameRef(found, k), reader)
            row, column = divmod(k, expected.shape[1] // tile.shape[1])
            top, left = row * tile.shape[0], column * tile.shape[1]
            np.testing.assert_array_equal(tile, expected[top : top + tile.shape[0], left : left + tile.shape[1]])
