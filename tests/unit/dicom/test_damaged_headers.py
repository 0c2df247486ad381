"""Headers that lie, end too early or are rubbish: Damaged, and nothing else."""

import resource
import tracemalloc
import warnings

import numpy as np
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pydicom.encaps import encapsulate
from pydicom.uid import RLELossless

from phantoms import compressed, file_of, multiframe
from reslice.dicom import dataset
from reslice.dicom.instance import InstanceReader
from reslice.errors import Damaged, TooLarge
from unit.dicom.files import (
    ENCODINGS,
    PREAMBLE,
    element,
    encoded,
    one_slice,
    read,
    with_elements,
    with_value,
)

NUMBER_OF_FRAMES = (0x0028, 0x0008)
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


def test_absurd_rescaling_is_damage() -> None:
    for value in ("1e300", "-1e31"):
        with pytest.raises(Damaged):
            read(one_slice(RescaleIntercept=value))


@pytest.mark.parametrize("frames", [2**16 + 1, 2**31 - 1, 10**11])
def test_more_frames_than_anybody_lists(frames: int) -> None:
    """Refused before memory is taken for them."""
    content = with_value(file_of(multiframe(np.zeros((3, 4, 5), np.int16))), NUMBER_OF_FRAMES, "IS", ds(frames))
    with pytest.raises(TooLarge):
        read(content)


def ds(value: object) -> bytes:
    return str(value).encode().ljust(12)


@pytest.mark.parametrize(
    ("tag", "vr", "text"),
    [
        ((0x0028, 0x1053), "DS", "1,5"),
        ((0x0028, 0x1053), "DS", "abc"),
        ((0x0028, 0x1052), "DS", "nan"),
        ((0x0028, 0x1052), "DS", "1e400"),
        (NUMBER_OF_FRAMES, "IS", "three"),
    ],
)
def test_values_that_must_be_numbers(tag: tuple[int, int], vr: str, text: str) -> None:
    """A default in their place would be a wrong value that nobody notices."""
    content = file_of(multiframe(np.zeros((3, 4, 5), np.int16), RescaleSlope="1", RescaleIntercept="0"))
    with pytest.raises(Damaged):
        read(with_value(content, tag, vr, ds(text)))


@pytest.mark.parametrize("frames", [0, -3, 4, 1000])
def test_more_frames_than_pixels_are_damage(frames: int) -> None:
    content = file_of(multiframe(np.zeros((3, 4, 5), np.int16)))
    with pytest.raises(Damaged):
        read(with_value(content, NUMBER_OF_FRAMES, "IS", ds(frames)))


@pytest.mark.parametrize("frames", [2, 5, 40])
def test_more_frames_than_fragments_are_damage(frames: int) -> None:
    """Each compressed frame has one fragment at least (PS3.5 A.4): 16 MB of one can't hold millions."""
    dataset = compressed(one_slice(), RLELossless)
    dataset.PixelData = encapsulate([bytes(100_000)])
    dataset.NumberOfFrames = frames
    with pytest.raises(Damaged):
        read(dataset)


def test_five_thousand_nested_sequences_are_survived() -> None:
    opening = element((0x0009, 0x1001), "SQ", element((0xFFFE, 0xE000), "", b"", 0xFFFFFFFF), 0xFFFFFFFF)
    closing = element((0xFFFE, 0xE00D), "", b"") + element((0xFFFE, 0xE0DD), "", b"")
    content = with_elements(file_of(one_slice()), opening * 5000 + closing * 5000)
    assert read(content)[0].description.pixels.rows == 10
    read_or_damaged(content[PREAMBLE:])


@pytest.mark.parametrize("content", [b"", b"DICM", bytes(5000), b"GIF89a" * 100, bytes(128) + b"DICM"], ids=range(5))
def test_no_dicom_file_at_all(content: bytes) -> None:
    read_or_damaged(content)


def read_or_damaged(content: bytes) -> None:
    """The warnings of pydicom about rubbish are not ours."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            found = InstanceReader().read("x", content)
        except (Damaged, TooLarge):
            return
    assert found.frames >= 1


FILES = {encoding: encoded(one_slice(**RICH), encoding) for encoding in ENCODINGS}

FILES["rle"] = file_of(compressed(one_slice(), RLELossless))

FILES["no preamble"] = FILES["explicit"][PREAMBLE:]


@pytest.mark.parametrize("name", FILES)
@hypothesis_settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_rubbish_raises_nothing_but_damaged(name: str, data: st.DataObject) -> None:
    content = bytearray(FILES[name])
    for _ in range(data.draw(st.integers(0, 5))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    end = len(content) if data.draw(st.booleans()) else data.draw(st.integers(0, len(content)))
    read_or_damaged(bytes(content[:end]))


@pytest.mark.parametrize("name", ["explicit", "implicit"])
def test_lengths_that_lie_allocate_nothing(name: str) -> None:
    """Each byte of the header set to 255, one after the other."""
    content = FILES[name]
    tracemalloc.start()
    for place in range(PREAMBLE, len(content) - 240):
        read_or_damaged(content[:place] + b"\xff" + content[place + 1 :])
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 20 << 20


def test_rows_that_lie_allocate_nothing() -> None:
    """Nor is there anything that tracemalloc doesn't see."""
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for tag in ((0x0028, 0x0010), (0x0028, 0x0011)):
        assert read(with_value(FILES["rle"], tag, "US", b"\xff\xff"))[0].is_image
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000


def test_deflated_files_may_not_grow_without_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    """A thousandth of its size is all that a bomb needs."""
    small, large = (multiframe(np.zeros((frames, 100, 100), np.int16)) for frames in (20, 100))
    monkeypatch.setattr(dataset, "LARGEST_INFLATED", 1 << 20)
    assert read(encoded(small, "deflated"))[0].frames == 20
    content = encoded(large, "deflated")
    assert len(content) < 20_000
    with pytest.raises(Damaged):
        read(content)
