"""VOI LUT Sequences as files have them: in every encoding, of 8 and 16 bits, signed, and damaged."""

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from phantoms import file_of
from unit.dicom.files import ENCODINGS, encoded, instances, one_slice, read

ENTRIES = list(range(0, 4000, 4))


def with_lut(
    descriptor: list[int],
    data: object,
    vr: str = "US",
    *,
    signed: bool = False,
    **attributes: object,
) -> Dataset:
    """A slice with one VOI table."""
    item = Dataset()
    item.add_new("LUTDescriptor", "SS" if signed else "US", descriptor)
    item.add_new("LUTData", vr, data)
    item.LUTExplanation = "GENTLE"
    dataset = one_slice(**attributes)
    dataset.VOILUTSequence = Sequence([item])
    return dataset


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_sixteen_bits_in_every_encoding(encoding: str) -> None:
    dataset = with_lut([1000, 50, 12], ENTRIES, PixelRepresentation=0)
    (lut,) = read(encoded(dataset, encoding))[0].description.voi_luts
    assert (lut.first, lut.bits, lut.explanation, lut.values.dtype) == (50, 12, "GENTLE", np.uint16)
    assert lut.values.tolist() == ENTRIES


def test_words_as_bytes() -> None:
    data = np.array(ENTRIES, "<u2").tobytes()
    (lut,) = read(file_of(with_lut([1000, 0, 12], data, "OW")))[0].description.voi_luts
    assert lut.values.tolist() == ENTRIES


@pytest.mark.parametrize("bits", [8, 16])
def test_entries_of_eight_bits_share_words(bits: int) -> None:
    """Whatever depth is claimed, so few bytes hold one entry each."""
    data = bytes(range(255)) + b"\0"
    (lut,) = read(file_of(with_lut([255, 0, bits], data, "OW")))[0].description.voi_luts
    assert (lut.values.tolist(), lut.bits) == (list(range(255)), 8)


def test_entries_of_eight_bits_in_words_of_their_own() -> None:
    (lut,) = read(file_of(with_lut([256, 0, 8], list(range(256)))))[0].description.voi_luts
    assert (lut.values.tolist(), lut.bits) == (list(range(256)), 8)


def test_no_entries_are_all() -> None:
    """A descriptor of 0 means 65536 (PS3.3 C.11.2.1.1)."""
    data = np.arange(1 << 16).astype("<u2").tobytes()
    (lut,) = read(file_of(with_lut([0, 0, 16], data, "OW", PixelRepresentation=0)))[0].description.voi_luts
    assert (len(lut.values), lut.values[-1]) == (65536, 65535)


@pytest.mark.parametrize(
    ("told", "signed", "attributes", "first"),
    [
        (-1024, True, {"PixelRepresentation": 1}, -1024),
        (64512, False, {"PixelRepresentation": 1}, -1024),
        (64512, False, {"PixelRepresentation": 0, "BitsStored": 12, "RescaleIntercept": "-1024"}, -1024),
        (40000, False, {"PixelRepresentation": 0}, 40000),
        (-25536, True, {"PixelRepresentation": 0}, 40000),
        (100, False, {"PixelRepresentation": 0}, 100),
    ],
)
def test_the_first_value_is_one_that_the_image_can_hold(
    told: int, signed: bool, attributes: dict[str, object], first: float
) -> None:
    (lut,) = read(file_of(with_lut([1000, told, 12], ENTRIES, signed=signed, **attributes)))[0].description.voi_luts
    assert lut.first == first


@pytest.mark.parametrize(("told", "bits"), [(10, 12), (0, 12), (99, 12), (14, 14), (16, 16)])
def test_the_depth_holds_the_largest_entry(told: int, bits: int) -> None:
    (lut,) = read(file_of(with_lut([1000, 0, told], ENTRIES)))[0].description.voi_luts
    assert lut.bits == bits


@pytest.mark.parametrize(
    ("descriptor", "data"),
    [([1000, 0, 12], ENTRIES[:499]), ([0, 0, 16], ENTRIES), ([1000, 0], ENTRIES), ([1000, 0, 12], [])],
)
def test_damaged_tables_are_left_out(descriptor: list[int], data: list[int]) -> None:
    assert read(file_of(with_lut(descriptor, data)))[0].description.voi_luts == ()


def test_a_damaged_table_does_not_hide_the_others() -> None:
    dataset = with_lut([1000, 0, 12], ENTRIES)
    dataset.VOILUTSequence.insert(0, Dataset())
    assert len(read(file_of(dataset))[0].description.voi_luts) == 1


def test_slices_with_the_same_table_share_a_description() -> None:
    first, second, other = instances([with_lut([1000, k, 12], ENTRIES) for k in (5, 5, 6)])
    assert first.description is second.description
    assert first.description is not other.description
