"""Scales of ultrasound pictures, held against a slow second reading of the rule."""

import struct
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pydicom.dataset import Dataset

from calibration_cases import ACROSS, COLUMNS, LINE, PIXEL, PLACE, ROWS, SPLIT_SCREEN, picture, region, ultrasound
from phantoms import file_of
from reslice.dicom.calibration import Calibration, calibrate, spacing_facts
from reslice.errors import Unmeasurable

Point = tuple[float, float]


def calibration(dataset: Dataset, *points: Point) -> Calibration:
    return calibrate(spacing_facts(file_of(dataset), 0), np.array(points, dtype=float).reshape(-1, 2))


@dataclass(frozen=True)
class Drawn:
    """A region as hypothesis draws it."""

    bounds: tuple[int, int, int, int]
    delta: tuple[float, float]
    kind: int
    units: tuple[int, int]

    @property
    def item(self) -> Dataset:
        x, y = self.units
        return region(
            self.bounds, self.delta, RegionSpatialFormat=self.kind, PhysicalUnitsXDirection=x, PhysicalUnitsYDirection=y
        )

    @property
    def is_scaled(self) -> bool:
        return self.kind == 1 and self.units == (3, 3) and 0 not in self.delta

    def has(self, point: Point) -> bool:
        x0, y0, x1, y1 = self.bounds
        return self.is_scaled and x0 <= point[0] <= x1 and y0 <= point[1] <= y1

    @property
    def spacing(self) -> tuple[float, float]:
        return abs(self.delta[1]) * 10, abs(self.delta[0]) * 10


def naive(drawn: list[Drawn], points: list[Point]) -> tuple[float, float] | str:
    """The spacing, or `px`, or `refused`: point by point."""
    held = [point for point in points if any(r.has(point) for r in drawn)]
    if not held:
        return "px"
    for r in drawn:
        if all(r.has(point) for point in held):
            break
    else:
        return "refused"
    if len(held) < len(points):
        return "px"
    others = [other for other in drawn if any(other.has(point) for point in points)]
    return r.spacing if all(other.spacing == r.spacing for other in others) else "px"


COORDINATE = st.integers(0, 6)
DELTAS = st.sampled_from([(0.1, 0.2), (-0.1, 0.2), (0.3, 0.3), (0.0, 0.2)])
REGIONS = st.builds(
    Drawn,
    st.tuples(COORDINATE, COORDINATE, COORDINATE, COORDINATE),
    DELTAS,
    st.sampled_from([1, 1, 1, 1, 3]),
    st.sampled_from([(3, 3), (3, 3), (3, 3), (4, 3)]),
)
POINTS = st.lists(st.tuples(COORDINATE, COORDINATE).map(lambda p: (float(p[0]), p[1] / 2)), min_size=1, max_size=4)


@hypothesis_settings(max_examples=400)
@given(drawn=st.lists(REGIONS, min_size=1, max_size=5), points=POINTS)
def test_any_regions_and_points(drawn: list[Drawn], points: list[Point]) -> None:
    expected = naive(drawn, points)
    dataset = ultrasound(*(r.item for r in drawn))
    if expected == "refused":
        with pytest.raises(Unmeasurable) as refusal:
            calibration(dataset, *points)
        assert refusal.value.reason == "two-ultrasound-regions"
        return
    found = calibration(dataset, *points)
    if expected == "px":
        assert (found.source, found.spacing, found.unit) == ("none", None, "px")
        assert found.warning
    else:
        assert (found.source, found.unit) == ("ultrasound-region", "mm")
        assert found.spacing == pytest.approx(expected)
        assert drawn[dict(found.facts)["Region"]].spacing == expected


def test_points_in_two_regions_of_one_scale() -> None:
    with pytest.raises(Unmeasurable) as refusal:
        calibration(SPLIT_SCREEN, *ACROSS)
    assert refusal.value.reason == "two-ultrasound-regions"
    assert calibration(SPLIT_SCREEN, (0, 0), (39, 15)).source == "ultrasound-region"
    assert dict(calibration(SPLIT_SCREEN, (0, 16), (39, 31)).facts) == {"Region": 1}


def test_the_standards_own_example() -> None:
    """PS3.3 figure C.8-6: colour flow over tissue, of one scale; the tissue's holds for all points in it."""
    dataset = ultrasound(region(), region((10, 10, 20, 20)))
    assert calibration(dataset, (12, 12), (30, 30)).source == "ultrasound-region"
    assert calibration(dataset, (12, 12), (18, 18)).source == "ultrasound-region"


@pytest.mark.parametrize(
    ("point", "is_inside"),
    [
        ((10, 8), True),
        ((20, 16), True),
        ((10 - 1e-7, 8), True),
        ((20 + 1e-7, 16 + 1e-7), True),
        ((9.999, 8), False),
        ((10, 7.999), False),
        ((20.001, 16), False),
        ((20, 16.001), False),
        ((21, 16), False),
        ((float("nan"), 10), False),
    ],
)
def test_the_border_belongs_to_the_region(point: Point, is_inside: bool) -> None:
    found = calibration(ultrasound(region((10, 8, 20, 16))), (15, 12), point)
    assert found.source == ("ultrasound-region" if is_inside else "none")


def test_a_trace_under_the_picture_has_no_millimetres() -> None:
    """Spectral Doppler: from the picture into the trace is no distance, and the trace's axes are time and speed."""
    trace = region((0, 20, 39, 31), (0.01, 1.0), RegionSpatialFormat=3, PhysicalUnitsXDirection=4)
    dataset = ultrasound(region((0, 0, 39, 19)), trace)
    assert calibration(dataset, (5, 5), (30, 19)).unit == "mm"
    assert calibration(dataset, (5, 5), (30, 25)).unit == "px"
    assert calibration(dataset, (5, 25), (30, 25)).unit == "px"


@pytest.mark.parametrize("delta", [0.0, float("nan"), float("inf"), -float("inf"), 1e9, 1e-300, None, [0.1, 0.1]])
def test_a_scale_that_cannot_be_is_none(delta: object) -> None:
    """Not even PixelSpacing stands in for it: whether that is meant for this part of the picture nobody says."""
    for keyword in ("PhysicalDeltaX", "PhysicalDeltaY"):
        dataset = ultrasound(region(**{keyword: delta}), PixelSpacing=PIXEL)
        assert calibration(dataset, *LINE).source == "none"


@pytest.mark.parametrize(
    "keyword",
    [
        *("RegionSpatialFormat", "PhysicalUnitsXDirection", "PhysicalUnitsYDirection", "PhysicalDeltaX"),
        *("RegionLocationMinX0", "RegionLocationMinY0", "RegionLocationMaxX1", "RegionLocationMaxY1"),
    ],
)
def test_a_region_without_one_of_its_elements_is_none(keyword: str) -> None:
    broken = region()
    del broken[keyword]
    assert calibration(ultrasound(broken), *LINE).source == "none"
    whole = ultrasound(broken, region())
    assert dict(calibration(whole, *LINE).facts) == {"Region": 1}


def test_a_region_inside_out_holds_nothing() -> None:
    assert calibration(ultrasound(region((39, 31, 0, 0))), *LINE).source == "none"


def test_places_of_two_bytes() -> None:
    """Some writers give the region's corners as US."""
    content = file_of(ultrasound(region()))
    for element, value in ((0x6018, 0), (0x601A, 0), (0x601C, COLUMNS - 1), (0x601E, ROWS - 1)):
        long = struct.pack("<HH2sHI", 0x0018, element, b"UL", 4, value)
        short = struct.pack("<HH2sHH", 0x0018, element, b"US", 2, value)
        assert content.count(long) == 1
        content = content.replace(long, short)
    # The item is eight bytes shorter now, and with it the sequence.
    start = content.index(struct.pack("<HH2sH", 0x0018, 0x6011, b"SQ", 0))
    sequence, item = struct.unpack_from("<I", content, start + 8)[0], struct.unpack_from("<I", content, start + 16)[0]
    content = content[: start + 8] + struct.pack("<I", sequence - 8) + content[start + 12 :]
    content = content[: start + 16] + struct.pack("<I", item - 8) + content[start + 20 :]
    assert calibrate(spacing_facts(content, 0), np.array(LINE)).source == "ultrasound-region"


def test_a_region_that_reaches_beyond_the_image_is_not_believed() -> None:
    assert calibration(ultrasound(region((0, 0, COLUMNS - 1, ROWS - 1))), *LINE).warning is None
    assert calibration(ultrasound(region((0, 0, COLUMNS, ROWS))), *LINE).warning is None  # one past the end: a habit
    for bounds in ((0, 0, 2 * COLUMNS, ROWS), (0, 0, COLUMNS, ROWS + 1)):
        found = calibration(ultrasound(region(bounds)), *LINE)
        assert (found.source, found.spacing) == ("none", None)
        assert "reaches beyond the image" in (found.warning or "")


def test_regions_count_in_any_picture_but_a_projection() -> None:
    """Carts store their pictures as secondary captures too."""
    regions = ultrasound(region()).SequenceOfUltrasoundRegions
    capture = picture("1.2.840.10008.5.1.4.1.1.7", "US", SequenceOfUltrasoundRegions=regions, PixelSpacing=PIXEL)
    assert calibration(capture, *LINE).source == "ultrasound-region"
    radiograph = picture("1.2.840.10008.5.1.4.1.1.1.1", "DX", SequenceOfUltrasoundRegions=regions, PixelSpacing=PIXEL)
    assert calibration(radiograph, *LINE).source == "unknown"


def test_ultrasound_with_a_place_in_the_patient() -> None:
    assert calibration(ultrasound(PixelSpacing=PIXEL, **PLACE), *LINE).source == "patient-geometry"


def test_no_points_lie_nowhere() -> None:
    assert calibration(ultrasound(region())).source == "none"
