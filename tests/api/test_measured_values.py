"""Values at points and their statistics are those of the very pixels, as numpy has them."""

from dataclasses import replace

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence as Items

from clients import Client
from drafts import Bench, in_series, named, on_image
from enhanced_phantoms import enhanced
from grids import even
from phantoms import AXIAL, Acquisition, image, multiframe, noise, without_geometry
from pixel_masks import OUTLINES, mask_of, statistics_of
from refusals import assert_refused
from series_phantoms import dose_grid, monochrome1, own_slopes, single_frames

GRID = Acquisition(shape=(3, 10, 12), spacing=(2.5, 0.5, 0.8))
STATISTICS = ("Mean", "StandardDeviation", "Minimum", "Maximum", "Median", "Percentile5", "Percentile95", "Count")


def stored(files: list[Dataset]) -> np.ndarray:
    """Stored values of all frames, (frames, rows, columns)."""
    return np.concatenate([file.pixel_array.reshape(-1, *GRID.shape[1:]) for file in files]).astype(float)


def single_precision(values: np.ndarray) -> np.ndarray:
    """As values are kept: whole ones as they are, others rounded once."""
    return values.astype(np.float32).astype(float)


def with_linear(files: list[Dataset]) -> np.ndarray:
    """Modality values by each file's own slope and intercept."""
    pairs = [(file, float(file.RescaleSlope), float(file.RescaleIntercept)) for file in files]
    return single_precision(np.stack([file.pixel_array * slope + intercept for file, slope, intercept in pairs]))


def noisy_values() -> np.ndarray:
    return np.random.default_rng(3).normal(40, 300, GRID.shape)


def rescaled() -> tuple[list[Dataset], np.ndarray, str]:
    files = noise(GRID)
    for file in files:
        file.RescaleSlope, file.RescaleIntercept = "0.37", "-1024.5"
    return files, with_linear(files), "HU"


def classic() -> tuple[list[Dataset], np.ndarray, str]:
    files = noise(GRID)
    return files, stored(files), "HU"


def inverted() -> tuple[list[Dataset], np.ndarray, str]:
    files = monochrome1(noisy_values(), even(GRID))
    return files, with_linear(files), "HU"


def pet() -> tuple[list[Dataset], np.ndarray, str]:
    files = own_slopes(np.abs(noisy_values()), even(GRID))
    return files, with_linear(files), "Bq/ml"


def magnetic() -> tuple[list[Dataset], np.ndarray, str]:
    files = noise(GRID, Modality="MR", RescaleType=None, RescaleSlope=None, RescaleIntercept=None)
    return files, stored(files), "1"


def one_file(shared: bool) -> tuple[list[Dataset], np.ndarray, str]:
    files = enhanced(np.round(noisy_values()), even(GRID), shared=shared)
    return files, stored(files), "1"


def captures() -> tuple[list[Dataset], np.ndarray, str]:
    pixels = np.random.default_rng(6).integers(0, 60000, GRID.shape).astype(np.uint16)
    return [multiframe(pixels)], pixels.astype(float), "1"


def eight_bits() -> tuple[list[Dataset], np.ndarray, str]:
    pixels = np.random.default_rng(6).integers(0, 256, GRID.shape[1:]).astype(np.uint8)
    return [without_geometry(pixels)], pixels[None].astype(float), "1"


def dose() -> tuple[list[Dataset], np.ndarray, str]:
    files = dose_grid(np.abs(noisy_values()), even(GRID))
    return files, single_precision(stored(files) * float(files[0].DoseGridScaling)), "Gy"


KINDS = {
    "classic": classic,
    "rescaled": rescaled,
    "monochrome1": inverted,
    "pet": pet,
    "mr": magnetic,
    "enhanced-shared": lambda: one_file(shared=True),
    "enhanced-per-frame": lambda: one_file(shared=False),
    "multi-frame": captures,
    "eight-bits": eight_bits,
    "dose": dose,
}
EVERY_KIND = pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)


def on_frame(bench: Bench, k: int, points: object, type: str, **more: object) -> dict:
    """On the k-th frame of the series: an instance each, or all in one."""
    many = len(bench.ids) > 1
    return on_image(bench.instance(k if many else 0), points, type, frame=0 if many else k, **more)


def found(bench: Bench, body: dict) -> tuple[dict[str, float], dict]:
    answer = bench.compute(body)
    assert answer.status == 200, answer.content
    return named(answer.json()), answer.json()


def assert_statistics(values: dict[str, float], expected: np.ndarray) -> None:
    told = {name: values[name] for name in STATISTICS}
    assert told == pytest.approx(statistics_of(expected), rel=1e-9, abs=1e-9)


@EVERY_KIND
def test_regions_of_stored_frames(client: Client, kind: object) -> None:
    files, values, unit = kind()
    bench = Bench(client, files)
    for k in range(len(values)):
        for tool, points in OUTLINES.items():
            mask = mask_of(tool, points, GRID.shape[1:])
            told, record = found(bench, on_frame(bench, k, points, "area", Tool=tool))
            assert_statistics(told, values[k][mask])
            assert record["Method"]["Excluded"] == 0
            units = {v["Name"]: v["Unit"] for v in record["Values"]}
            assert (units["Mean"], units["Count"]) == (unit, "1")


@EVERY_KIND
def test_points_tell_the_nearest_pixel(client: Client, kind: object) -> None:
    files, values, unit = kind()
    bench = Bench(client, files)
    rng = np.random.default_rng(1)
    corners = [(-0.5, -0.5), (11.5, 9.5), (0, 9.5), (11.5, 0)]
    for k in range(len(values)):
        for column, row in [*corners, *(rng.uniform(-0.49, [11.49, 9.49]) for _ in range(5))]:
            told, record = found(bench, on_frame(bench, k, [(column, row)], "hu"))
            nearest = int(np.clip(np.floor(row + 0.5), 0, 9)), int(np.clip(np.floor(column + 0.5), 0, 11))
            assert told == {"Value": values[k][nearest]}
            assert record["Values"][0]["Unit"] == unit


@pytest.mark.parametrize("radius", [0.3, 0.51, 1.0, 2.35, 40.0])
def test_radius_in_a_frame_is_a_disc_in_millimetres(client: Client, radius: float) -> None:
    files = noise(GRID)
    bench, values = Bench(client, files), stored(files)
    column, row = 4.2, 5.9
    rows, columns = np.indices(GRID.shape[1:])
    inside = np.hypot((rows - row) * 0.5, (columns - column) * 0.8) <= radius
    told, _ = found(bench, on_image(bench.instance(1), [(column, row)], "hu", Geometry={"Radius": radius}))
    assert told["Value"] == values[1][6, 4]
    assert_statistics(told, values[1][inside])


@pytest.mark.parametrize("acquisition", [AXIAL, replace(AXIAL, tilt=-18.5), replace(AXIAL, row=(-1.0, 0.0, 0.0))])
@pytest.mark.parametrize("radius", [0.8, 2.6, 5.0])
def test_radius_in_a_volume_is_a_ball(client: Client, acquisition: Acquisition, radius: float) -> None:
    files = noise(acquisition)
    bench, values = Bench(client, files), np.stack([file.pixel_array for file in files]).astype(float)
    point = np.array([0.3, -0.2, 1.4])
    apart = np.linalg.norm(acquisition.coordinates - point, axis=-1)
    told, _ = found(bench, in_series(bench.series, [point], "hu", Geometry={"Radius": radius}))
    assert told["Value"] == values[np.unravel_index(apart.argmin(), apart.shape)]
    assert_statistics(told, values[apart <= radius])


def test_radius_tells_how_many_hold_no_data_in_a_frame_as_in_a_volume(client: Client) -> None:
    files = noise(AXIAL, PixelPaddingValue=-2000)
    for file in files:
        pixels = file.pixel_array.copy()
        pixels[:, : AXIAL.shape[2] // 2] = -2000
        file.PixelData = pixels.astype("<i2").tobytes()
        file["PixelPaddingValue"].VR = "SS"
    bench, k = Bench(client, files), AXIAL.shape[0] // 2
    row, column = AXIAL.shape[1] // 2, AXIAL.shape[2] // 2
    point = AXIAL.coordinates[k, row, column]
    apart = np.linalg.norm(AXIAL.coordinates - point, axis=-1)
    lost = (apart <= 2.6) & (np.arange(AXIAL.shape[2]) < column)
    for body, expected in (
        (in_series(bench.series, [point], "hu", Geometry={"Radius": 2.6}), lost.sum()),
        (on_image(bench.instance(k), [(column, row)], "hu", Geometry={"Radius": 2.6}), lost[k].sum()),
    ):
        _, record = found(bench, body)
        assert record["Method"]["Excluded"] == expected > 0


def test_radius_without_any_centre_inside(client: Client) -> None:
    bench = Bench(client, noise(GRID))
    body = on_image(bench.instance(), [(4.5, 5.5)], "hu", Geometry={"Radius": 0.1})
    assert_refused(bench.compute(body), 422, "empty-region")


def test_outline_between_pixel_centres_holds_none(client: Client) -> None:
    bench = Bench(client, noise(GRID))
    corners = [(3.1, 3.1), (3.9, 3.1), (3.9, 3.9), (3.1, 3.9)]
    told, _ = found(bench, on_image(bench.instance(), corners, "area", Tool="rectangle"))
    assert told == {"Area": pytest.approx(0.8 * 0.8 * 0.5 * 0.8), "Perimeter": pytest.approx(2.08), "Count": 0}


def test_pixels_on_the_border_belong_to_the_region(client: Client) -> None:
    files = noise(GRID)
    bench, values = Bench(client, files), stored(files)
    for tool in ("rectangle", "polygon"):
        told, _ = found(bench, on_image(bench.instance(), [(2, 3), (7, 3), (7, 8), (2, 8)], "area", Tool=tool))
        assert_statistics(told, values[0][3:9, 2:8])


def padded(hidden: bool) -> tuple[list[Dataset], np.ndarray]:
    """Stored 0 is padding; behind a table another stored value means the same as padding does."""
    pixels = np.random.default_rng(2).integers(0, 4, GRID.shape).astype(np.uint16)
    files = noise(GRID, RescaleSlope=None, RescaleIntercept=None, RescaleType=None)
    table = Dataset()
    table.LUTDescriptor, table.ModalityLUTType = [4, 0, 16], "US"
    table.add_new("LUTData", "US", [0, 500, 1000, 0])
    for file, frame in zip(files, pixels, strict=True):
        file.PixelData, file.PixelRepresentation, file.PixelPaddingValue = frame.tobytes(), 0, 0
        if hidden:
            file.ModalityLUTSequence = Items([table])
        else:
            file.RescaleSlope, file.RescaleIntercept = 500, -200
    meant = np.array([0.0, 500, 1000, 0]) if hidden else np.array([-200.0, 300, 800, 1300])
    return files, np.where(pixels == 0, np.nan, meant[pixels])


@pytest.mark.parametrize("hidden", [False, True], ids=["by-slope", "behind-a-table"])
def test_padding_is_no_value(client: Client, hidden: bool) -> None:
    files, values = padded(hidden)
    bench = Bench(client, files)
    for tool, points in OUTLINES.items():
        inside = values[1][mask_of(tool, points, GRID.shape[1:])]
        told, record = found(bench, on_image(bench.instance(1), points, "area", Tool=tool))
        assert_statistics(told, inside[~np.isnan(inside)])
        assert record["Method"]["Excluded"] == np.isnan(inside).sum() > 0
    row, column = np.argwhere(np.isnan(values[1]))[0].tolist()
    assert_refused(bench.compute(on_image(bench.instance(1), [(column, row)], "hu")), 422, "no-data")
    place = [GRID.affine[:3] @ [1, row, column, 1]]
    assert_refused(bench.compute(in_series(bench.series, place, "hu")), 422, "no-data")


def test_colour_has_an_area_and_no_values(client: Client) -> None:
    rng = np.random.default_rng(0)
    bench = Bench(client, [image(rng.integers(0, 256, (10, 12, 3)).astype(np.uint8), PixelSpacing=["0.5", "0.8"])])
    for tool, points in OUTLINES.items():
        told, _ = found(bench, on_image(bench.instance(), points, "area", Tool=tool))
        assert told.keys() == {"Area", "Perimeter"}
    assert_refused(bench.compute(on_image(bench.instance(), [(3, 3)], "hu")), 422, "colour")
    assert_refused(bench.compute(on_image(bench.instance(), [(3, 3)], "hu", Geometry={"Radius": 2})), 422, "colour")


def test_damaged_frame_has_a_length_and_no_values(client: Client) -> None:
    files = single_frames(np.round(noisy_values()), even(GRID))
    files[1].PixelData = files[1].PixelData[:100]
    bench = Bench(client, files)
    assert bench.values(on_image(bench.instance(1), [(0, 0), (4, 0)])) == {("Length", "mm"): pytest.approx(3.2)}
    assert_refused(bench.compute(on_image(bench.instance(1), [(3, 3)], "hu")), 422, "damaged")
