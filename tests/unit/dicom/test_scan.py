"""The quick look at a header: the same raw values as pydicom finds, or NotReadable."""

import io
import json
import struct
import time

import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pydicom import dcmread
from pydicom.dataelem import RawDataElement
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from phantoms import compressed, file_of, structured_report
from reslice.dicom.scan import NotReadable, scan
from reslice.dicom.tags import WANTED_TAGS, Tag
from unit.dicom.files import (
    ITEM,
    PREAMBLE,
    SEQUENCE_END,
    UNDEFINED,
    element,
    encoded,
    implicit,
    one_slice,
    undefined,
    with_elements,
)
from unit.dicom.heads import all_heads
from unit.interpreter import run_module

RLE = "1.2.840.10008.1.2.5"
WANTED = tuple(WANTED_TAGS)
MANY = hypothesis_settings(max_examples=150)
LITTLE = pytest.mark.parametrize("encoding", ["explicit", "implicit"])


def by_pydicom(content: bytes) -> dict[int, bytes]:
    """Raw values of the wanted elements; sequences don't count."""
    dataset = dcmread(io.BytesIO(content), stop_before_pixels=True)
    found = {tag: dataset.get_item(tag) for tag in WANTED if tag in dataset}
    return {tag: e.value or b"" for tag, e in found.items() if isinstance(e, RawDataElement)}


def assert_scanned(content: bytes) -> None:
    head = scan(content, WANTED)
    sequences = {Tag.MODALITY_LUT_SEQUENCE, Tag.PER_FRAME_FUNCTIONAL_GROUPS, Tag.SHARED_FUNCTIONAL_GROUPS}
    values = {tag: value for tag, value in head.values.items() if tag in WANTED and tag not in sequences}
    assert values == by_pydicom(content)
    dataset = dcmread(io.BytesIO(content))
    assert head.transfer_syntax == dataset.file_meta.TransferSyntaxUID
    assert head.pixel_tag == 0x7FE00010
    assert content[head.pixel_offset :].startswith(dataset.PixelData[:64])


@LITTLE
def test_values_are_pydicoms(encoding: str) -> None:
    dataset = one_slice(WindowCenter=[40, 50], WindowWidth=[80, 90], PixelPaddingValue=-2000, Units="HU")
    assert_scanned(encoded(dataset, encoding))


def test_compressed_files_are_explicit() -> None:
    content = file_of(compressed(one_slice(), RLE))
    head = scan(content, WANTED)
    assert head.transfer_syntax == RLE
    assert head.pixel_bytes is None
    assert struct.unpack_from("<HH", content, head.pixel_offset) == ITEM


@LITTLE
def test_pixels_are_found_and_counted(encoding: str) -> None:
    dataset = one_slice()
    pixels = dataset.PixelData
    content = encoded(dataset, encoding)
    head = scan(content, WANTED)
    assert content[head.pixel_offset : head.pixel_offset + head.pixel_bytes] == pixels
    for missing in (1, 50, len(pixels)):
        assert scan(content[:-missing], WANTED).pixel_bytes == len(pixels) - missing


def test_what_follows_the_pixels_is_not_counted() -> None:
    content = file_of(one_slice()) + element((0xFFFC, 0xFFFC), "OB", bytes(100))
    assert scan(content, WANTED).pixel_bytes == 240


def test_without_pixels() -> None:
    head = scan(file_of(structured_report()), WANTED)
    assert (head.pixel_tag, head.pixel_bytes) == (None, None)
    assert head.values[Tag.MODALITY].strip() == b"SR"


@st.composite
def nested(draw: st.DrawFn, depth: int = 3) -> Dataset:
    """Items within items, of defined and undefined length, with the names that the header has too."""
    item = Dataset()
    item.Rows = draw(st.integers(0, 65535))
    item.RescaleSlope = "9"
    if draw(st.booleans()):
        item.add_new(0x00091001, "OB", draw(st.binary(max_size=9)).ljust(10, b"\0"))
    if depth and draw(st.booleans()):
        item.ReferencedImageSequence = draw(sequences(depth - 1))
    item.is_undefined_length_sequence_item = draw(st.booleans())
    return item


@st.composite
def sequences(draw: st.DrawFn, depth: int = 3) -> Sequence:
    found = Sequence(draw(st.lists(nested(depth), max_size=3)))
    found.is_undefined_length = draw(st.booleans())
    return found


def set_sequence(dataset: Dataset, keyword: str, value: Sequence) -> None:
    setattr(dataset, keyword, value)
    dataset[keyword].is_undefined_length = value.is_undefined_length


@LITTLE
@given(first=sequences(), last=sequences(), private=st.binary(max_size=30))
def test_sequences_and_private_groups_are_stepped_over(
    encoding: str, first: Sequence, last: Sequence, private: bytes
) -> None:
    dataset = one_slice()
    set_sequence(dataset, "ReferencedStudySequence", first)
    set_sequence(dataset, "RequestAttributesSequence", last)
    dataset.add_new(0x00090010, "LO", "Somebody")
    dataset.add_new(0x00091001, "UN", private + b"\0" * (len(private) % 2))
    dataset.add_new(0x00291001, "OB", b"\xfe\xff\x00\xe0" * 3)
    assert_scanned(encoded(dataset, encoding))


def test_group_lengths_are_nothing_special() -> None:
    content = with_elements(file_of(one_slice()), element((0x0009, 0x0000), "UL", b"\4\0\0\0"))
    assert_scanned(with_elements(content, element((0x0010, 0x0000), "UL", bytes(4))))


@pytest.mark.parametrize("vr", ["OB", "UN", "UT", "OV", "SV", "UV", "UC", "UR"])
def test_values_longer_than_a_short_length_can_say(vr: str) -> None:
    assert_scanned(with_elements(file_of(one_slice()), element((0x0009, 0x1001), vr, b"a" * 70_000)))


def test_icon_within_a_sequence_is_not_the_image() -> None:
    """Compressed pixels of undefined length in an item (an icon) end before the sequence does."""
    pixels = element((0x7FE0, 0x0010), "OB", element(ITEM, "", b"") + element(ITEM, "", b"abcd"), UNDEFINED)
    icon = element((0x0028, 0x0010), "US", b"\7\0") + pixels + element(SEQUENCE_END, "", b"")
    assert_scanned(with_elements(file_of(one_slice()), undefined((0x0009, 0x1002), "SQ", icon)))


def test_unknown_sequences_are_left_to_pydicom_or_read_rightly() -> None:
    """Within UN of undefined length everything is implicit (PS3.5 6.2.2), whatever the file is."""
    inner = implicit((0x0009, 0x0002), b"ab") + implicit((0x0028, 0x0010), b"\7\0")
    plain = undefined((0x0009, 0x1001), "UN", inner)
    assert_scanned_or_left(with_elements(file_of(one_slice()), plain))
    within = undefined((0x0009, 0x1001), "SQ", undefined((0x0009, 0x1002), "UN", inner))
    assert_scanned_or_left(with_elements(file_of(one_slice()), within))


def test_unknown_sequence_whose_lengths_look_like_a_vr() -> None:
    """An implicit length of 0x4C55 reads as the VR "UL": taken for explicit, its value would be walked into."""
    forged = element(SEQUENCE_END, "", b"") * 2 + element((0x0028, 0x1053), "DS", b"77")
    forged += element((0x7FE0, 0x0010), "OW", b"forged")
    unknown = undefined((0x0029, 0x1001), "UN", implicit((0x0009, 0x0002), forged.ljust(0x4C55, b"\0")))
    with pytest.raises(NotReadable):
        scan(with_elements(file_of(one_slice()), unknown, before=(0x7FE0, 0x0010)), WANTED)


def assert_scanned_or_left(content: bytes) -> None:
    try:
        scan(content, WANTED)
    except NotReadable:
        return
    assert_scanned(content)


@pytest.mark.parametrize("encoding", ["big-endian", "deflated"])
def test_other_encodings_are_left_to_pydicom(encoding: str) -> None:
    with pytest.raises(NotReadable):
        scan(encoded(one_slice(), encoding), WANTED)


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"DICM",
        bytes(PREAMBLE),
        bytes(128) + b"DICM",
        bytes(128) + b"DICM" + element((0x0002, 0x0010), "UI", b""),
        file_of(one_slice())[PREAMBLE:],
        b"not a DICOM file at all" * 50,
    ],
    ids=range(7),
)
def test_no_dicom_file(content: bytes) -> None:
    with pytest.raises(NotReadable):
        scan(content, WANTED)


@LITTLE
def test_every_truncation_of_the_header_is_noticed(encoding: str) -> None:
    """A cut between two elements can't be: what remains is a file. But none within one is taken for a whole."""
    content = encoded(one_slice(), encoding)
    whole = scan(content, WANTED)
    for end in range(whole.pixel_offset):
        try:
            head = scan(content[:end], WANTED)
        except NotReadable:
            continue
        assert head.pixel_tag is None
        assert all(whole.values[tag] == value for tag, value in head.values.items())


def test_length_beyond_the_end_is_noticed() -> None:
    content = with_elements(file_of(one_slice()), element((0x0009, 0x1001), "OB", b"", length=0x7FFFFFFF))
    with pytest.raises(NotReadable):
        scan(content, WANTED)


def test_sequence_without_end_is_noticed() -> None:
    content = with_elements(file_of(one_slice()), element((0x0009, 0x1001), "SQ", b"", UNDEFINED))
    with pytest.raises(NotReadable):
        scan(content, WANTED)


def test_a_hundred_thousand_nested_sequences_take_no_stack() -> None:
    depth = 100_000
    opening = element((0x0009, 0x1001), "SQ", element(ITEM, "", b"", UNDEFINED), UNDEFINED)
    closing = element((0xFFFE, 0xE00D), "", b"") + element(SEQUENCE_END, "", b"")
    content = with_elements(file_of(one_slice()), opening * depth + closing * depth)
    start = time.perf_counter()
    assert scan(content, WANTED).values[Tag.ROWS] == b"\x0a\0"
    assert time.perf_counter() - start < 5


@LITTLE
@MANY
@given(data=st.data())
def test_rubbish_raises_nothing_but_not_readable(encoding: str, data: st.DataObject) -> None:
    content = bytearray(encoded(one_slice(), encoding))
    for _ in range(data.draw(st.integers(0, 6))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    cut = bytes(content[: data.draw(st.integers(0, len(content)))])
    try:
        head = scan(cut, WANTED)
    except NotReadable:
        return
    assert sum(map(len, head.values.values())) <= len(cut)
    assert head.pixel_bytes is None or 0 <= head.pixel_bytes <= len(cut)
    assert head.pixel_offset is None or head.pixel_offset <= len(cut)


def test_without_numba_the_same_is_found() -> None:
    """The walk is compiled where numba is installed, and runs as it is elsewhere."""
    here = all_heads()
    assert len(set(here)) > 50
    assert {"NotReadable", "CutOff"} < set(here)
    assert json.loads(run_module("unit.dicom.heads", numba=False)) == here
