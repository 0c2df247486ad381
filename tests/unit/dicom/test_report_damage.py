"""Damaged and hostile reports: only our own errors come of them, in bounded time."""

import contextlib
import io
import struct
import time
import zlib

import pydicom
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom.dataset import Dataset
from pydicom.uid import DeflatedExplicitVRLittleEndian, ImplicitVRLittleEndian

from phantoms import file_of
from reslice.dicom.structured_report import ReadReport, context_of, read_report, write_report
from reslice.errors import Damaged, InvalidMeasurement
from unit.dicom.reports import CREATED, context, every_item, in_space, item_of, reference

EXPLICIT = write_report(context(), every_item())
IN_SPACE = write_report(context(), [in_space(item_of("ellipse")), in_space(item_of("polygon"))])
SHORT = write_report(context(), [item_of("line", label="Größe")])
CONTENT = b"\x40\x00\x30\xa7"
ITEM = b"\xfe\xff\x00\xe0"


def re_encoded(content: bytes, syntax: str) -> bytes:
    dataset = pydicom.dcmread(io.BytesIO(content))
    dataset.file_meta.TransferSyntaxUID = syntax
    file = io.BytesIO()
    pydicom.dcmwrite(file, dataset, implicit_vr=syntax == ImplicitVRLittleEndian, little_endian=True)
    return file.getvalue()


FILES = [
    *(EXPLICIT, IN_SPACE, SHORT),
    *(re_encoded(SHORT, ImplicitVRLittleEndian), re_encoded(SHORT, DeflatedExplicitVRLittleEndian)),
]


def read(content: bytes) -> ReadReport | None:
    """What is read; nothing else than our own errors may come instead."""
    with contextlib.suppress(InvalidMeasurement, Damaged):
        return read_report(content)
    return None


@settings(max_examples=400)
@given(st.sampled_from(FILES), st.data())
def test_changed_bytes_harm_nothing(content: bytes, data: st.DataObject) -> None:
    changed = bytearray(content)
    for _ in range(data.draw(st.integers(1, 8))):
        changed[data.draw(st.integers(0, len(changed) - 1))] = data.draw(st.integers(0, 255))
    read(bytes(changed))


@settings(max_examples=200)
@given(st.sampled_from(FILES), st.data())
def test_lost_and_foreign_bytes_harm_nothing(content: bytes, data: st.DataObject) -> None:
    start = data.draw(st.integers(0, len(content)))
    end = data.draw(st.integers(start, min(len(content), start + 64)))
    read(content[:start] + data.draw(st.binary(max_size=40)) + content[end:])


@settings(max_examples=100)
@given(st.sampled_from(FILES), st.data())
def test_files_cut_off_harm_nothing(content: bytes, data: st.DataObject) -> None:
    read(content[: data.draw(st.integers(0, len(content)))])


@settings(max_examples=200)
@given(st.binary(max_size=600))
def test_any_bytes_behind_a_true_head_harm_nothing(rest: bytes) -> None:
    read(SHORT[: SHORT.index(CONTENT)] + rest)


@settings(max_examples=200)
@given(st.data())
def test_images_that_are_damaged_give_no_other_error(data: st.DataObject) -> None:
    changed = bytearray(file_of(reference(SpecificCharacterSet=["", "ISO 2022 IR 87"], PatientName="Yamada=山田")))
    head = len(changed) - 4000
    for _ in range(data.draw(st.integers(1, 8))):
        changed[data.draw(st.integers(0, head - 1))] = data.draw(st.integers(0, 255))
    with contextlib.suppress(Damaged):
        found = context_of(bytes(changed), series_uid="2.25.1", instance_uid="2.25.2", created=CREATED)
        write_report(found, [item_of("line")])


def nested(depth: int, *, undefined: bool) -> bytes:
    """Content sequences within content sequences."""
    if undefined:
        opened = CONTENT + b"SQ\0\0\xff\xff\xff\xff" + ITEM + b"\xff\xff\xff\xff"
        closed = b"\xfe\xff\x0d\xe0\0\0\0\0" + b"\xfe\xff\xdd\xe0\0\0\0\0"
        return opened * depth + closed * depth
    content = b""
    for _ in range(depth):
        content = ITEM + struct.pack("<I", len(content)) + content
        content = CONTENT + b"SQ\0\0" + struct.pack("<I", len(content)) + content
    return content


def with_content(content: bytes, item: bytes = b"") -> bytes:
    """A report whose measurements hold this, as an item of the container."""
    measurements = content_of(content, item)
    body = ITEM + struct.pack("<I", len(measurements)) + measurements
    head = SHORT[: SHORT.index(CONTENT + b"SQ")]
    return head + CONTENT + b"SQ\0\0" + struct.pack("<I", len(body)) + body


def content_of(content: bytes, item: bytes) -> bytes:
    """The container of imaging measurements."""
    name = Dataset()
    name.CodeValue, name.CodingSchemeDesignator, name.CodeMeaning = "126010", "DCM", "Imaging Measurements"
    container = Dataset()
    container.ValueType, container.ConceptNameCodeSequence = "CONTAINER", [name]
    file = io.BytesIO()
    pydicom.dcmwrite(file, container, implicit_vr=False, little_endian=True)
    inside = ITEM + struct.pack("<I", len(item)) + item if item else b""
    held = CONTENT + b"SQ\0\0" + struct.pack("<I", len(inside)) + inside if inside else b""
    return file.getvalue() + held + content


@pytest.mark.parametrize("undefined", [True, False], ids=["undefined", "defined"])
def test_depth_does_no_harm(undefined: bool) -> None:
    start = time.perf_counter()
    read(SHORT[: SHORT.index(CONTENT + b"SQ")] + nested(20_000 if undefined else 3_000, undefined=undefined))
    found = read(with_content(b"", nested(3_000, undefined=undefined)))
    assert found is None or found.items == ()
    assert time.perf_counter() - start < 10


def test_depth_in_an_encoding_for_the_full_parser_does_no_harm() -> None:
    content = SHORT[: SHORT.index(CONTENT + b"SQ")] + nested(5_000, undefined=True)
    start = data_set_start(content)
    deflater = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    body = deflater.compress(content[start:]) + deflater.flush()
    read(with_syntax(content[:start], DeflatedExplicitVRLittleEndian) + body)


def data_set_start(content: bytes) -> int:
    """Where the data set begins: so many bytes behind the group length of the file meta information."""
    return 144 + int(struct.unpack("<I", content[140:144])[0])


def with_syntax(head: bytes, syntax: str) -> bytes:
    """A head of a file that names another transfer syntax."""
    meta = pydicom.dcmread(io.BytesIO(head), force=True).file_meta
    meta.TransferSyntaxUID = syntax
    file = io.BytesIO()
    file.write(bytes(128) + b"DICM")
    pydicom.filewriter.write_file_meta_info(file, meta)
    return file.getvalue()


def test_bomb_is_refused() -> None:
    deflater = zlib.compressobj(9, wbits=-zlib.MAX_WBITS)
    zeros = deflater.compress(bytes(1 << 20)) + deflater.flush(zlib.Z_FULL_FLUSH)  # stands for itself, so it may recur
    body = zeros * 600 + deflater.flush()
    start = data_set_start(SHORT)
    with pytest.raises((Damaged, InvalidMeasurement)):
        read_report(with_syntax(SHORT[:start], DeflatedExplicitVRLittleEndian) + body)


@pytest.mark.slow
def test_many_groups_are_read_in_time_and_no_more_than_the_limit() -> None:
    items = [item_of("point", tracking_uid=f"2.25.{k}", values=item_of("point").values[:1]) for k in range(2_000)]
    content = write_report(context(), items)
    start = time.perf_counter()
    assert [read.item for read in read_report(content).items] == items
    assert time.perf_counter() - start < 30
    group = ITEM + b"\0\0\0\0"
    body = group * 10_050
    held = CONTENT + b"SQ\0\0" + struct.pack("<I", len(body)) + body
    found = read(with_content(held))
    assert found is not None
    assert len(found.skipped) == 10_001
    assert found.skipped[-1].reason == "too-many-groups"


def test_references_to_themselves_are_not_followed() -> None:
    """By-reference relationships are the only way to a cycle (PS3.3 C.17.3.2.5)."""

    def change(report: Dataset) -> None:
        cycle = Dataset()
        cycle.RelationshipType, cycle.ReferencedContentItemIdentifier = "INFERRED FROM", [1]
        group = report.ContentSequence[-1].ContentSequence[0]
        group.ContentSequence.append(cycle)
        group.ContentSequence[-2].ContentSequence.append(cycle)

    dataset = pydicom.dcmread(io.BytesIO(SHORT))
    change(dataset)
    assert read_report(file_of(dataset)).items[0].item == item_of("line", label="Größe")


def test_too_many_points_are_skipped() -> None:
    points = tuple((float(k % 1000), float(k // 1000)) for k in range(20_001))
    found = read_report(write_report(context(), [item_of("polyline", points=points)]))
    assert [skipped.reason for skipped in found.skipped] == ["wrong-point-count"]
