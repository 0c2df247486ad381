"""Measurements of real series against truth.json, the files' own headers, and SimpleITK's filters."""

import math
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from numpy.typing import NDArray

from cases import path_of, slice_order
from clients import OrthancClient
from drafts import Bench, in_series, named, on_image, values_of
from drawn_shapes import directions, in_patient, plane
from pixel_masks import mask_of, statistics_of
from refusals import assert_refused
from shared_data import case_bytes, case_files, truth, unavailable
from true_frames import dataset, modality_frames

if TYPE_CHECKING:
    import SimpleITK

pytestmark = pytest.mark.slow

Array = NDArray[np.float64]
HEAD, OBLIQUE, LABELS = "ct-head-phantom-5mm", "mr-sagittal-oblique", "mr-axial-128"
TILTED, UNEVEN = "ct-gantry-tilt", "ct-uneven-gap"
SAMPLED = (HEAD, OBLIQUE, LABELS, TILTED, UNEVEN, "mr-double-oblique")
RANGES = {HEAD: (-100.0, 300.0), OBLIQUE: (150.0, 400.0), LABELS: (2.0, 2.0)}
EVENLY_SPACED = pytest.mark.parametrize("case", RANGES)


def itk() -> Any:
    if find_spec("SimpleITK") is None:
        unavailable("SimpleITK is not installed")
    import SimpleITK  # noqa: PLC0415 - only some of these tests need it

    return SimpleITK


def loaded(real: OrthancClient, case: str) -> Bench:
    """A bench whose k-th instance is slice k."""
    return Bench(real, [path_of(case, name).read_bytes() for name in slice_order(case)])


def voxels_of(case: str) -> Array:
    return np.stack([modality_frames(path_of(case, name))[0] for name in slice_order(case)]).astype(float)


def place(case: str, k: float, row: float, column: float) -> Array:
    """LPS mm by the header of the slice itself (PS3.3 C.7.6.2.1.1)."""
    header = dataset(path_of(case, slice_order(case)[int(k)]))
    right, down = np.split(np.array(header.ImageOrientationPatient, float), 2)
    between_rows, between_columns = map(float, header.PixelSpacing)
    origin = np.array(header.ImagePositionPatient, float)
    return origin + column * between_columns * right + row * between_rows * down


def itk_image(case: str) -> "SimpleITK.Image":
    """As ITK's series reader has it, right for even and untilted series."""
    files = [str(path_of(case, name)) for name in slice_order(case)]
    return itk().ReadImage(files, itk().sitkFloat64)


def assert_statistics_of_itk(values: dict[str, float], image: "SimpleITK.Image", mask: "SimpleITK.Image") -> None:
    """ITK divides the variance by n - 1."""
    oracle = itk().LabelStatisticsImageFilter()
    oracle.UseHistogramsOff()
    oracle.Execute(image, mask)
    count = oracle.GetCount(1)
    assert count > 100
    assert values["Count"] == count
    assert values["Mean"] == pytest.approx(oracle.GetMean(1), rel=1e-9, abs=1e-9)
    deviation = math.sqrt(oracle.GetVariance(1) * (count - 1) / count)
    assert values["StandardDeviation"] == pytest.approx(deviation, rel=1e-6, abs=1e-6)
    assert (values["Minimum"], values["Maximum"]) == (oracle.GetMinimum(1), oracle.GetMaximum(1))


@pytest.mark.parametrize("name", ["1.dcm", "2.dcm"])
def test_uptake_stands_beside_activity(real: OrthancClient, name: str) -> None:
    factor = truth("pet-single")["files"][name]["suv"]["suvbw_factor_using_series_time"]
    (values,) = modality_frames(path_of("pet-single", name))
    values = values.astype(float)
    bench = Bench(real, [path_of("pet-single", name).read_bytes()])
    row, column = (int(index) for index in np.unravel_index(values.argmax(), values.shape))
    told = bench.values(on_image(bench.instance(), [(column, row)], "hu"))
    assert told["Value", "Bq/ml"] == pytest.approx(values.max(), rel=1e-6)
    assert told["SUVbwValue", "g/ml"] == pytest.approx(values.max() * factor, rel=1e-6)
    left, right, top, bottom = column - 6.5, column + 7.5, row - 4.5, row + 3.5
    corners = [(left, top), (right, top), (right, bottom), (left, bottom)]
    inside = values[row - 4 : row + 4, column - 6 : column + 8]
    told = bench.values(on_image(bench.instance(), corners, "area", Tool="rectangle"))
    assert told["Mean", "Bq/ml"] == pytest.approx(inside.mean(), rel=1e-6)
    assert told["SUVbwMean", "g/ml"] == pytest.approx(inside.mean() * factor, rel=1e-6)
    assert told["SUVbwMaximum", "g/ml"] == pytest.approx(values.max() * factor, rel=1e-6)
    assert told["Area", "mm2"] == pytest.approx(14 * 8 * 4.07283**2, rel=1e-6)
    assert told["Count", "1"] == inside.size


@pytest.mark.parametrize("case", SAMPLED)
def test_values_at_points_are_the_samples_of_the_truth(real: OrthancClient, case: str) -> None:
    bench, unit = loaded(real, case), "HU" if case.startswith("ct") else "1"
    for k, row, column, value in truth(case)["samples_slice_row_col_value"]:
        at = place(case, k, row, column)
        for body in (
            on_image(bench.instance(k), [(column, row)], "hu"),
            on_image(bench.instance(k), [at], "hu", Space="LPS"),
            in_series(bench.series, [at], "hu"),
        ):
            assert bench.values(body) == {("Value", unit): value}


@EVENLY_SPACED
def test_threshold_equals_simpleitk(real: OrthancClient, case: str) -> None:
    bench, image = loaded(real, case), itk_image(case)
    low, high = RANGES[case]
    body = in_series(bench.series, (), "volume", Geometry={"Shape": "everywhere", "Range": [low, high]})
    record = bench.compute(body).json()
    assert_statistics_of_itk(named(record), image, itk().BinaryThreshold(image, low, high))
    expected = named(record)["Count"] * math.prod(image.GetSpacing())
    assert values_of(record)["Volume", "mm3"] == pytest.approx(expected, rel=1e-5)


def seeds(case: str) -> list[tuple[int, int, int]]:
    """Voxels (slice, row, column) within the range of the case, spread over it."""
    low, high = RANGES[case]
    found = np.argwhere((voxels_of(case) >= low) & (voxels_of(case) <= high))
    return [tuple(int(index) for index in found[len(found) * part // 8]) for part in (1, 4, 7)]


@EVENLY_SPACED
@pytest.mark.parametrize("connectivity", [6, 26])
def test_regions_equal_simpleitks_connected_threshold(real: OrthancClient, case: str, connectivity: int) -> None:
    bench, image = loaded(real, case), itk_image(case)
    low, high = RANGES[case]
    full = itk().ConnectedThresholdImageFilter.FullConnectivity
    path = full if connectivity == 26 else itk().ConnectedThresholdImageFilter.FaceConnectivity
    compared = 0
    for k, row, column in seeds(case):
        mask = itk().ConnectedThreshold(image, [(column, row, k)], low, high, 1, path)
        geometry = {"Shape": "everywhere", "Range": [low, high], "Connectivity": connectivity}
        seed = image.TransformIndexToPhysicalPoint((column, row, k))
        body = in_series(bench.series, (), "volume", Tool="region", Geometry=geometry | {"Seed": list(seed)})
        values = named(bench.compute(body).json())
        assert values["Count"] == int(itk().GetArrayViewFromImage(mask).sum())
        if values["Count"] > 100:
            assert_statistics_of_itk(values, image, mask)
            compared += 1
    assert compared


@pytest.mark.parametrize("case", [HEAD, OBLIQUE, TILTED])
def test_outlines_on_slices_equal_simpleitk(real: OrthancClient, case: str) -> None:
    bench, k = loaded(real, case), 5
    (values,) = modality_frames(path_of(case, slice_order(case)[k]))
    rows, columns = values.shape
    middle = np.array([columns / 2 + 0.3, rows / 2 + 0.2])
    outlines = {
        "ellipse": middle + np.array([(-70, 0), (70, 0), (0, -45), (0, 45)]),
        "polygon": middle + np.array([(-80, -60), (75, -41), (60.3, 70.1), (4.2, 20), (-50.3, 66)]),
    }
    for tool, points in outlines.items():
        mask = itk().GetImageFromArray(mask_of(tool, points, values.shape).astype(np.uint8))
        told = bench.compute(on_image(bench.instance(k), points, "area", Tool=tool)).json()
        assert_statistics_of_itk(named(told), itk().GetImageFromArray(values.astype(float)), mask)


@pytest.mark.parametrize("case", [HEAD, OBLIQUE])
@pytest.mark.parametrize("turn", [(90.0, 0.0, 0.0), (0.0, 90.0, 90.0), (25.0, -15.0, 40.0)])
def test_outlines_on_planes_equal_simpleitk(real: OrthancClient, case: str, turn: tuple[float, float, float]) -> None:
    bench, image = loaded(real, case), itk_image(case)
    row, column = directions(*turn)
    size = np.array(image.GetSize())
    middle = np.array(image.TransformContinuousIndexToPhysicalPoint(((size - 1) / 2).tolist()))
    reach = 0.35 * float((size * image.GetSpacing()).min())
    points = [(-reach, 0.0), (reach, 0.0), (0.0, -0.7 * reach), (0.0, 0.7 * reach)]
    body = in_series(bench.series, in_patient(points, middle, row, column), "area", Tool="ellipse")
    told = named(bench.compute(body | {"Plane": plane(middle, row, column)}).json())
    step, count = float(min(image.GetSpacing()[:2])), math.ceil(reach / min(image.GetSpacing()[:2]))
    x, y = np.meshgrid(np.arange(-count, count + 1) * step, np.arange(-count, count + 1) * step)
    inside = (x / reach) ** 2 + (y / (0.7 * reach)) ** 2 <= 1
    at = middle + x[inside][:, None] * row + y[inside][:, None] * column
    expected = statistics_of(np.array([image.EvaluateAtPhysicalPoint(p, itk().sitkLinear) for p in at.tolist()]))
    scale = truth(case)["max"] - truth(case)["min"]
    assert told["Count"] == expected["Count"]
    assert {name: told[name] for name in expected} == pytest.approx(expected, abs=1e-4 * scale)


def test_tilted_gantry_keeps_its_true_size(real: OrthancClient) -> None:
    """By ITK's reader slices would be 2.5 mm apart; along the normal they are 2.371 mm."""
    bench, voxels, facts = loaded(real, TILTED), voxels_of(TILTED), truth(TILTED)
    pixel = math.prod(facts["pixel_spacing_row_col"])
    body = in_series(bench.series, (), "volume", Geometry={"Shape": "everywhere", "Range": [-200, 300]})
    values = bench.values(body)
    count = int(((voxels >= -200) & (voxels <= 300)).sum())
    assert values["Count", "1"] == count > 1000
    assert values["Volume", "mm3"] == pytest.approx(count * pixel * 2.370809, rel=1e-5)
    ends = [place(TILTED, 0, 100, 300), place(TILTED, 8, 100, 300)]
    assert bench.values(in_series(bench.series, ends)) == {("Length", "mm"): pytest.approx(20.0, abs=1e-5)}
    lying, standing = [place(TILTED, 0, 100, 200), ends[0], ends[1]], [place(TILTED, 0, 200, 300), ends[0], ends[1]]
    assert bench.values(in_series(bench.series, lying, "angle"))["Angle", "deg"] == pytest.approx(90, abs=1e-4)
    leaning = bench.values(in_series(bench.series, standing, "angle"))["Angle", "deg"]
    assert leaning == pytest.approx(90 + facts["shear_deg"], abs=1e-2)


def test_uneven_series_is_measured_up_to_its_gap(real: OrthancClient) -> None:
    """5, 5 and 10 mm, and the slices don't tell how thick they are: one is missing."""
    bench, voxels = loaded(real, UNEVEN), voxels_of(UNEVEN)
    pixel = math.prod(truth(UNEVEN)["pixel_spacing_row_col"])
    everything = {"Shape": "everywhere", "Range": [-1024, -800]}
    assert_refused(bench.compute(in_series(bench.series, (), "volume", Geometry=everything)), 422, "missing-slices")
    corners = [place(UNEVEN, 0, 0, 0), place(UNEVEN, 2, 511, 511)]
    values = bench.values(in_series(bench.series, corners, "volume", Geometry=everything | {"Shape": "box"}))
    count = int(((voxels[:3] >= -1024) & (voxels[:3] <= -800)).sum())
    assert values["Count", "1"] == count
    assert values["Volume", "mm3"] == pytest.approx(count * pixel * 5.0, rel=1e-5)
    across = [place(UNEVEN, 0, 7, 9), place(UNEVEN, 3, 7, 9)]
    assert bench.values(in_series(bench.series, across)) == {("Length", "mm"): pytest.approx(20.0, abs=1e-5)}
    between = (place(UNEVEN, 2, 7, 9) + place(UNEVEN, 3, 7, 9)) / 2
    assert_refused(bench.compute(in_series(bench.series, [between], "hu")), 422, "no-data")


def test_every_phase_of_a_series_is_measured_by_itself(real: OrthancClient) -> None:
    bench = Bench(real, case_bytes("mr-4d-bold"))
    body = in_series(bench.series, (), "volume", Geometry={"Shape": "everywhere", "Range": [0, 40000]})
    assert_refused(bench.compute(body), 400, "ambiguous-volume")
    listed = real.get(f"/series/{bench.series}/volumes").json()["Volumes"]
    assert len(listed) == 3
    by_instance = {ids["instances"]: path for ids, path in zip(bench.ids, case_files("mr-4d-bold"), strict=True)}
    slices = real.get(f"/series/{bench.series}/slices").json()["Slices"]
    for k in range(3):
        instances = [entry["Instance"] for entry in slices if entry["Volume"] == k]
        expected = np.stack([modality_frames(by_instance[instance])[0] for instance in instances])
        values = bench.values(body | {"Volume": k})
        assert values["Count", "1"] == expected.size == math.prod(listed[k]["Shape"])
        assert values["Mean", "1"] == pytest.approx(expected.mean())
        assert values["Volume", "mm3"] == pytest.approx(expected.size * math.prod(listed[k]["Spacing"]), rel=1e-6)
