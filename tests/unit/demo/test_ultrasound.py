"""The demonstration clip: a heart that beats evenly, flow in its colours, a well-formed JPEG multi-frame."""

import io
import struct

import numpy as np
import pydicom
import pytest
from PIL import Image
from pydicom.dataset import FileDataset
from pydicom.encaps import parse_basic_offsets, parse_fragments

from demo import doppler, heart, ultrasound
from demo.series import dicom_files
from demo.ultrasound import SECTOR

TIMES = np.arange(0, heart.BEAT, 0.01)


@pytest.fixture(scope="module")
def clip() -> FileDataset:
    """The file, read."""
    (file,) = dicom_files(ultrasound.SERIES)
    return pydicom.dcmread(io.BytesIO(file))


@pytest.fixture(scope="module")
def frames(clip: FileDataset) -> np.ndarray:
    """Its frames (frame, row, column, RGB), by a decoder of its own."""
    return np.stack([np.asarray(Image.open(io.BytesIO(each)).convert("RGB")) for each in pictures(clip)])


def pictures(clip: FileDataset) -> list[bytes]:
    """The JPEG files of the frames, by the offset table (PS3.5 A.4)."""
    data = clip.PixelData
    offsets = parse_basic_offsets(data)
    start = 8 + 4 * len(offsets)
    found = []
    for offset in offsets:
        tag, element, length = struct.unpack_from("<HHL", data, start + offset)
        assert (tag, element, length % 2) == (0xFFFE, 0xE000, 0)
        found.append(data[start + offset + 8 : start + offset + 8 + length])
    return found


def coloured(frame: np.ndarray) -> np.ndarray:
    """The pixels of the sector that are red (1) or blue (-1), where both mean flow."""
    red, _, blue = (frame[..., channel].astype(int) for channel in range(3))
    signs = np.where(red - blue > 60, 1, np.where(blue - red > 60, -1, 0))
    inside, *_ = SECTOR.picture
    return np.where(inside, signs, 0)


@pytest.mark.slow
def test_it_is_well_formed(clip: FileDataset) -> None:
    assert clip.file_meta.TransferSyntaxUID == "1.2.840.10008.1.2.4.50"
    assert (clip.SamplesPerPixel, clip.PhotometricInterpretation, clip.BitsStored) == (3, "YBR_FULL_422", 8)
    assert clip.NumberOfFrames == 40
    assert clip[clip.FrameIncrementPointer].keyword == "FrameTime"
    assert clip.FrameTime * clip.NumberOfFrames == pytest.approx(2 * heart.BEAT * 1000)
    assert len(pictures(clip)) == 40
    assert parse_fragments(clip.PixelData)[0] == 1 + 40, "the table, and one fragment a frame"
    assert len(clip.PixelData) < 4e6
    assert (clip.LossyImageCompression, clip.LossyImageCompressionMethod) == ("01", "ISO_10918_1")


@pytest.mark.slow
def test_every_frame_is_a_baseline_jpeg_with_halved_colours(clip: FileDataset) -> None:
    for picture in pictures(clip):
        frame = picture.index(b"\xff\xc0")  # SOF0: baseline
        rows, columns, components = struct.unpack_from(">HHB", picture, frame + 5)
        assert (rows, columns, components) == (clip.Rows, clip.Columns, 3)
        assert [picture[frame + 11 + 3 * each] for each in range(3)] == [0x21, 0x11, 0x11]
        assert picture.rstrip(b"\0").endswith(b"\xff\xd9")


@pytest.mark.slow
def test_inflow_is_red_and_outflow_blue(frames: np.ndarray) -> None:
    above_the_ring = slice(0, round(SECTOR.apex[0] + 85 / SECTOR.spacing))
    systole, diastole = (coloured(frames[number])[above_the_ring] for number in (4, 11))
    assert (systole < 0).sum() > 2000
    assert (systole > 0).sum() < 50
    assert (diastole > 0).sum() > 4000


@pytest.mark.slow
def test_the_clip_goes_round(frames: np.ndarray) -> None:
    """The second beat is the first again, but for noise; within a beat, much moves."""
    inside, *_ = SECTOR.picture
    grey = frames.astype(float).mean(-1)[:, inside]
    again, moved = np.abs(grey[20] - grey[0]).mean(), np.abs(grey[7] - grey[0]).mean()
    assert again < 0.5 * moved


@pytest.mark.slow
def test_the_scale_of_depth_is_that_of_the_calibration(clip: FileDataset, frames: np.ndarray) -> None:
    tissue, flow = clip.SequenceOfUltrasoundRegions
    assert (tissue.RegionDataType, flow.RegionDataType) == (1, 2)
    for region in (tissue, flow):
        assert region.PhysicalUnitsXDirection == region.PhysicalUnitsYDirection == 3  # cm
        top = region.RegionLocationMinY0 + region.ReferencePixelY0
        assert (region.RegionLocationMinX0 + region.ReferencePixelX0, top) == (SECTOR.apex[1], SECTOR.apex[0])
        assert 0 <= region.RegionLocationMinX0 < region.RegionLocationMaxX1 < clip.Columns
        assert 0 <= region.RegionLocationMinY0 < region.RegionLocationMaxY1 < clip.Rows
    ticks = np.flatnonzero(frames[0][:, 588].mean(-1) > 120)
    expected = [top + centimetres / tissue.PhysicalDeltaY for centimetres in (0, 5, 10, 15)]
    assert all(np.abs(ticks - row).min() <= 1 for row in expected)


def test_the_heart_beats_evenly() -> None:
    for motion in (heart.contraction, heart.opening):
        values = np.array([motion(time) for time in TIMES])
        assert values.min() > -0.01
        assert 0.9 < values.max() < 1.01
        assert motion(heart.BEAT - 1e-9) == pytest.approx(motion(0), abs=1e-6)
        assert np.abs(np.diff(values)).max() < 0.3


def test_valves_are_shut_while_the_heart_ejects() -> None:
    assert max(heart.opening(time) for time in np.arange(0.02, 0.36, 0.01)) == pytest.approx(0, abs=1e-9)


def test_points_find_back_to_their_place() -> None:
    x, y = np.meshgrid(np.linspace(-40, 50, 30), np.linspace(20, 140, 40))
    for time in (0.1, 0.3, 0.45):
        moved = heart.moved(*heart.still(x, y, time), time)
        assert np.hypot(moved[0] - x, moved[1] - y).max() < 0.5


def test_the_left_ventricle_shrinks_in_systole() -> None:
    x, y = np.meshgrid(np.arange(-10.0, 50, 0.5), np.arange(20.0, 104, 0.5))
    areas = [np.count_nonzero(heart.left_ventricle(*heart.still(x, y, time)) < 0) for time in (0.0, 0.31)]
    assert 0.45 < areas[1] / areas[0] < 0.75


@pytest.mark.parametrize(
    ("place", "time", "sign"), [((19, 95), 0.46, 1), ((19, 95), 0.72, 1), ((4, 96), 0.18, -1), ((25, 135), 0.24, 1)]
)
def test_flow_has_its_direction(place: tuple[float, float], time: float, sign: int) -> None:
    speed = doppler.velocity(np.array(place[0]), np.array(place[1]), time)
    assert speed * sign > 20
    red, _, blue = (int(channel) for channel in doppler.coloured(np.array(0.3 * sign)))
    assert (red > blue) == (sign > 0)
