"""Tilted, uneven and incomplete series: a marked point is found at its true place, and nothing is invented."""

import numpy as np
import pytest

from clients import Client
from naive import PLANES, pixel_positions
from phantoms import ACQUISITIONS, Acquisition
from series_phantoms import Grid, even, marked, single_frames, with_gaps

BIG = Acquisition(shape=(9, 16, 18), spacing=(2.5, 1.0, 1.0), center=(3.0, -4.0, 50.0))
TILTED = {"tilted": -18.5, "tilted-the-other-way": 24.0}
GRIDS = {
    **{name: even(Acquisition(**{**vars(BIG), "tilt": tilt})) for name, tilt in TILTED.items()},
    "tilted-oblique": even(Acquisition(**{**vars(ACQUISITIONS["oblique"]), "shape": (9, 16, 18), "tilt": 12.0})),
    "uneven": with_gaps(BIG, [1, 1.25, 1, 0.75, 1, 1.25, 1], 2.5),
    "uneven-and-tilted": with_gaps(Acquisition(**{**vars(BIG), "tilt": -18.5}), [1, 1.25, 1, 0.75, 1, 1, 1], 2.5),
    "uneven-sagittal": with_gaps(ACQUISITIONS["sagittal"], [1, 1.25, 1, 0.75, 1, 1], 2.5),
}
EVERY_GRID = pytest.mark.parametrize("grid", GRIDS.values(), ids=GRIDS)
FINE = 0.25  # mm
MISSING = with_gaps(BIG, [1, 1, 1, 2, 1, 1], 2.5)  # a slice is missing between slices 3 and 4


def middle_voxel(grid: Grid) -> tuple[int, int, int]:
    """An off-centre voxel that isn't at the border."""
    return 2, grid.shape[1] // 2 + 1, grid.shape[2] // 3


@EVERY_GRID
@pytest.mark.parametrize("plane", PLANES)
def test_marked_point_is_found_where_it_is(client: Client, grid: Grid, plane: str) -> None:
    """The brightest pixel of the plane through the point lies within a fine pixel of the point."""
    files, point = marked(grid, middle_voxel(grid))
    series = client.store_series(files)
    position = float(point[PLANES[plane][2]])
    answer = client.get(f"/series/{series}/mpr/{plane}", format="npy", position=position, pixel_spacing=FINE)
    told, values = answer.told("Reslice-Plane"), np.nan_to_num(answer.array(), nan=-1.0)
    brightest = np.unravel_index(np.argmax(values), values.shape)
    assert values[brightest] > 600
    assert np.abs(pixel_positions(told)[brightest] - point).max() <= FINE
    assert np.dot(told["Position"], np.cross(told["Row"], told["Column"])) == pytest.approx(
        np.dot(point, np.cross(told["Row"], told["Column"])), abs=1e-6
    )


@EVERY_GRID
def test_marked_point_is_seen_nowhere_else(client: Client, grid: Grid) -> None:
    files, point = marked(grid, middle_voxel(grid))
    series = client.store_series(files)
    reach = 2 * grid.acquisition.spacing[0] * 1.25
    for plane, (*_, axis) in PLANES.items():
        for side in (-reach - 1, reach + 1):
            answer = client.get(f"/series/{series}/mpr/{plane}", format="npy", position=float(point[axis] + side))
            if answer.status == 200:  # 400: outside the volume
                assert np.nan_to_num(answer.array()).max(initial=0) < 1


def test_uneven_gaps_are_told(client: Client) -> None:
    grid = GRIDS["uneven"]
    series = client.store_series(single_frames(grid.coordinates[..., 2], grid))
    (volume,) = client.get(f"/series/{series}/volumes").json()["Volumes"]
    (warning,) = volume["Warnings"]
    assert (warning["Reason"], volume["Regular"]) == ("uneven-gaps", False)
    assert volume["Positions"] == pytest.approx((grid.positions + grid.origins[0][2]).tolist(), abs=1e-5)
    np.testing.assert_allclose(volume["Origins"], grid.origins, atol=1e-5)
    assert volume["Spacing"][0] == pytest.approx(grid.positions[-1] / (len(grid.places) - 1))


def test_uneven_and_tilted_tells_both(client: Client) -> None:
    grid = GRIDS["uneven-and-tilted"]
    series = client.store_series(single_frames(grid.coordinates[..., 2], grid))
    (volume,) = client.get(f"/series/{series}/volumes").json()["Volumes"]
    assert {warning["Reason"] for warning in volume["Warnings"]} == {"uneven-gaps", "gantry-tilt"}
    degrees = next(w["Degrees"] for w in volume["Warnings"] if w["Reason"] == "gantry-tilt")
    assert degrees == pytest.approx(-18.5, abs=1e-2)


def warnings_of(client: Client, series: str) -> set[str]:
    (volume,) = client.get(f"/series/{series}/volumes").json()["Volumes"]
    return {warning["Reason"] for warning in volume["Warnings"]}


def test_thick_slices_bridge_a_gap(client: Client) -> None:
    """A gap that is not 1.5 times both thicknesses is no missing slice."""
    grid = with_gaps(BIG, [1, 1, 1, 2, 1, 1], 4.0)
    series = client.store_series(single_frames(grid.coordinates[..., 2], grid))
    assert warnings_of(client, series) == {"uneven-gaps"}
    values = client.get(f"/series/{series}/mpr/coronal", format="npy")
    inner = grid.within(pixel_positions(values.told("Reslice-Plane")))
    assert np.isfinite(values.array()[inner]).all()


def columns_of_data(client: Client, series: str, **query: object) -> tuple[np.ndarray, np.ndarray]:
    """Of a coronal plane: z mm of each row of pixels, and its values."""
    answer = client.get(f"/series/{series}/mpr/coronal", format="npy", pixel_spacing=FINE, **query)
    return pixel_positions(answer.told("Reslice-Plane"))[:, 0, 2], answer.array()


def assert_nothing_between(client: Client, series: str, below: float, above: float, reach: float) -> None:
    """No data from `reach` above one slice to `reach` below the next; and data up to there."""
    z, values = columns_of_data(client, series)
    gap = (z > below + reach + 1e-3) & (z < above - reach - 1e-3)
    data = ((z > below) & (z < below + reach - 1e-3)) | ((z > above - reach + 1e-3) & (z < above))
    assert gap.sum() > 4
    assert data.sum() > 4
    inner = slice(8, -8)  # away from the outer edges of the rows
    assert np.isnan(values[gap]).all()
    assert np.isfinite(values[data][:, inner]).all()


def test_missing_slice_shows_no_data(client: Client) -> None:
    """Half the smaller neighbouring gap, 1.25 mm, is shown on either side."""
    series = client.store_series(single_frames(MISSING.coordinates[..., 2], MISSING))
    assert warnings_of(client, series) == {"uneven-gaps", "missing-slices"}
    z = MISSING.origins[:, 2]
    assert_nothing_between(client, series, z[3], z[4], 1.25)
    axial = client.get(f"/series/{series}/mpr/axial", format="npy", position=(z[3] + z[4]) / 2)
    assert np.isnan(axial.array()).all()
    assert "missing-slices" in axial.headers["Reslice-Warnings"]


def test_what_is_beside_a_gap_is_not_drawn_from_beyond_it(client: Client) -> None:
    """Slice 4 is bright: no trace of it on the other side of the gap."""
    values = np.zeros(MISSING.shape)
    values[4] = 1000.0
    series = client.store_series(single_frames(values, MISSING))
    z, shown = columns_of_data(client, series)
    before, after = shown[z < MISSING.origins[3, 2] + 1.2], shown[z > MISSING.origins[4, 2] - 1.2]
    assert np.nanmax(before) < 500
    assert np.nanmax(after) == pytest.approx(1000.0, abs=0.1)


def test_missing_slice_is_no_data_in_raw_and_black_in_pictures(client: Client) -> None:
    values = np.full(MISSING.shape, 500.0)
    series = client.store_series(single_frames(values, MISSING))
    position = float(MISSING.origins[3:5, 2].mean())
    raw = client.get(f"/series/{series}/mpr/axial", format="raw", position=position)
    told = raw.told("Reslice-Raw")
    pixels = np.frombuffer(raw.content, np.dtype(told["Type"]).newbyteorder("<"))
    assert (pixels == told["NoData"]).all()
    for invert in ("false", "true"):
        window = {"window_center": 100, "window_width": 10, "invert": invert}
        picture = client.get(f"/series/{series}/mpr/axial", position=position, **window).picture()
        assert picture.max() == 0


def test_gap_is_filled_when_asked_for_and_still_told(client: Client) -> None:
    series = client.store_series(single_frames(MISSING.coordinates[..., 2], MISSING))
    position = float(MISSING.origins[3:5, 2].mean())
    axial = client.get(f"/series/{series}/mpr/axial", format="npy", position=position, gaps="interpolate")
    assert np.abs(axial.array() - position).max() < 2e-3
    assert "missing-slices" in axial.headers["Reslice-Warnings"]
    shown = client.get(f"/series/{series}/mpr/axial", format="npy", position=position, gaps="show")
    assert np.isnan(shown.array()).all()
    assert axial.headers["ETag"] != shown.headers["ETag"]


def test_slab_over_a_gap_knows_only_what_is_there(client: Client) -> None:
    values = np.full(MISSING.shape, 500.0)
    series = client.store_series(single_frames(values, MISSING))
    position = float(MISSING.origins[3:5, 2].mean())
    slab = {"slab_thickness": 8, "projection": "mean", "position": position, "format": "npy"}
    np.testing.assert_allclose(client.get(f"/series/{series}/mpr/axial", **slab).array(), 500.0, atol=1e-2)


def test_unknown_ways_over_gaps_are_refused(client: Client) -> None:
    series = client.store_series(single_frames(MISSING.coordinates[..., 2], MISSING))
    answer = client.get(f"/series/{series}/mpr/axial", gaps="guess")
    assert (answer.status, answer.json()["Parameter"]) == (400, "gaps")


def damaged(grid: Grid, k: int) -> list:
    """The z ramp, slice k cut to half of its pixels."""
    files = single_frames(grid.coordinates[..., 2], grid)
    files[k].PixelData = files[k].PixelData[: len(files[k].PixelData) // 4 * 2]
    return files


def test_damaged_slice_is_a_gap(client: Client) -> None:
    grid = even(BIG)
    series = client.store_series(damaged(grid, 4))
    (volume,) = client.get(f"/series/{series}/volumes").json()["Volumes"]
    assert {warning["Reason"] for warning in volume["Warnings"]} == {"damaged"}
    assert volume["Shape"] == list(grid.shape)
    z = grid.origins[:, 2]
    assert_nothing_between(client, series, z[3], z[5], 1.25)


def test_damaged_slice_is_filled_when_asked_for_and_still_told(client: Client) -> None:
    grid = even(BIG)
    series = client.store_series(damaged(grid, 4))
    position = float(grid.origins[4, 2])
    axial = client.get(f"/series/{series}/mpr/axial", format="npy", position=position, gaps="interpolate")
    assert np.abs(axial.array() - position).max() < 2e-3
    assert "damaged" in axial.headers["Reslice-Warnings"]


@pytest.mark.parametrize("k", [0, 8])
def test_damaged_slice_at_an_end_is_never_invented(client: Client, k: int) -> None:
    """There is nothing on its other side to interpolate with."""
    grid = even(BIG)
    series = client.store_series(damaged(grid, k))
    position = float(grid.origins[k, 2])
    for gaps in ("show", "interpolate"):
        axial = client.get(f"/series/{series}/mpr/axial", format="npy", position=position, gaps=gaps)
        assert np.isnan(axial.array()).all()


def test_two_missing_slices_at_two_places(client: Client) -> None:
    grid = with_gaps(BIG, [1, 2, 1, 1, 3, 1], 2.5)
    series = client.store_series(single_frames(grid.coordinates[..., 2], grid))
    z = grid.origins[:, 2]
    assert_nothing_between(client, series, z[1], z[2], 1.25)
    assert_nothing_between(client, series, z[4], z[5], 1.25)
