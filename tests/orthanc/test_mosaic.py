"""Siemens' mosaic: 35 slices of 64 x 64 on a sheet of 384 x 384, two sheets at one position."""

import numpy as np
import pytest

from cases import path_of
from clients import OrthancClient, orthanc_ids
from drafts import Bench, on_image
from refusals import assert_refused
from shared_data import case_bytes, case_files, truth
from true_frames import little_endian_hash, stored_frames

CASE = "mr-mosaic"
TILES, SIDE, ACROSS = 35, 64, 6
STEP, PIXEL = 3.6000000448788, 3.25  # SpacingBetweenSlices; PixelSpacing
SHEET_ORIGIN = np.array([-61.200000762939, -660.3196144104, 598.57627105713])
ROW, COLUMN = np.array([0.0, 1, 0]), np.array([0.0, 0, -1])
SLICE_NORMAL = np.array([1.0, 0, 0])  # CSA: SliceNormalVector, where row x column is (-1, 0, 0)


def tile_origin(tile: int) -> np.ndarray:
    """The sheet's position is that of a slice as large as the sheet with the same centre."""
    margin = (ACROSS - 1) * SIDE / 2 * PIXEL
    return SHEET_ORIGIN + margin * (ROW + COLUMN) + tile * STEP * SLICE_NORMAL


@pytest.fixture
def series(real: OrthancClient) -> str:
    """Both sheets."""
    return real.store_series(case_bytes(CASE))


def entries_of(client: OrthancClient, series: str, volume: int) -> list[dict]:
    found = client.get(f"/series/{series}/slices").json()["Slices"]
    return [entry for entry in found if entry["Volume"] == volume]


def unfolded(client: OrthancClient, series: str) -> list[dict]:
    """The volumes; nothing else may be there."""
    answer = client.get(f"/series/{series}/volumes").json()
    assert (answer["Stacks"], answer["Others"]) == ([], [])
    assert answer["Volumes"]
    return answer["Volumes"]


def test_sheets_are_never_two_slices(real: OrthancClient, series: str) -> None:
    answer = real.get(f"/series/{series}/volumes").json()
    assert all(volume["Shape"] == [TILES, SIDE, SIDE] for volume in answer["Volumes"])
    assert len(answer["Volumes"]) + sum(stack["FrameCount"] for stack in answer["Stacks"]) == 2
    status = real.get(f"/series/{series}/mpr/axial", width=32)
    assert status.status == 200 if answer["Volumes"] else status.json()["Reason"] == "mosaic"


def test_each_sheet_is_a_volume_of_its_own(real: OrthancClient, series: str) -> None:
    volumes = unfolded(real, series)
    sheets = {orthanc_ids(path.read_bytes())["instances"] for path in case_files(CASE)}
    for volume in volumes:
        assert volume["Shape"] == [TILES, SIDE, SIDE]
        assert volume["Spacing"] == pytest.approx([STEP, PIXEL, PIXEL], rel=1e-6)
        assert "mosaic" in {warning["Reason"] for warning in volume["Warnings"]}
        of_one = {entry["Instance"] for entry in entries_of(real, series, volume["Index"])}
        assert len(of_one) == 1
        sheets -= of_one
    assert sheets == set()


def test_tiles_lie_where_the_header_puts_them(real: OrthancClient, series: str) -> None:
    """In the order of the normal row x column the last tile comes first: the normal of the CSA header is opposite."""
    for volume in unfolded(real, series):
        origins = [tile_origin(tile) for tile in reversed(range(TILES))]
        np.testing.assert_allclose(volume["Origins"], origins, atol=1e-3)
        np.testing.assert_allclose(np.array(volume["Affine"])[:3, 0], -STEP * SLICE_NORMAL, atol=1e-6)
        np.testing.assert_allclose(np.array(volume["Affine"])[:3, 1], PIXEL * COLUMN, atol=1e-9)
        np.testing.assert_allclose(np.array(volume["Affine"])[:3, 2], PIXEL * ROW, atol=1e-9)
        assert volume["Orientation"] == "sagittal"
        assert volume["Regular"] is True


def test_tiles_put_back_are_the_sheet(real: OrthancClient, series: str) -> None:
    names = {orthanc_ids(path.read_bytes())["instances"]: path.name for path in case_files(CASE)}
    for volume in unfolded(real, series):
        entries = entries_of(real, series, volume["Index"])
        sheet = np.zeros((ACROSS * SIDE, ACROSS * SIDE), np.uint16)
        for tile, entry in enumerate(reversed(entries)):
            row, column = divmod(tile, ACROSS)
            part = np.s_[row * SIDE : (row + 1) * SIDE, column * SIDE : (column + 1) * SIDE]
            sheet[part] = real.get(entry["Url"], format="npy").array()
        name = names[entries[0]["Instance"]]
        np.testing.assert_array_equal(sheet, stored_frames(path_of(CASE, name))[0])
        assert little_endian_hash(sheet) == truth(CASE)["files"][name]["pydicom_stored"]["sha256"]


def test_a_plane_of_the_acquisition_is_its_tile(real: OrthancClient, series: str) -> None:
    for volume in unfolded(real, series):
        entries = entries_of(real, series, volume["Index"])
        for tile in (0, 7, 34):
            stored = real.get(entries[TILES - 1 - tile]["Url"], format="npy").array()
            asked = {"format": "npy", "volume": volume["Index"], "position": tile_origin(tile)[0]}
            plane = real.get(f"/series/{series}/mpr/sagittal", **asked)
            np.testing.assert_array_equal(plane.array(), stored)


def test_tiles_are_measured_as_slices(real: OrthancClient) -> None:
    """A point of a tile, in its own pixels and in the patient; lengths by the tile's pixels."""
    bench, paths = Bench(real, case_bytes(CASE)), case_files(CASE)
    for n, tile in ((0, 0), (0, 29), (1, 17)):
        (sheet,) = stored_frames(paths[n])
        top, left = (index * SIDE for index in divmod(tile, ACROSS))
        at = tile_origin(tile) + PIXEL * (10 * ROW + 20 * COLUMN)
        for points, space in (([(10, 20)], "pixel"), ([at], "LPS")):
            body = on_image(bench.instance(n), points, "hu", frame=tile, Space=space)
            assert bench.values(body) == {("Value", "1"): sheet[top + 20, left + 10]}
        line = bench.values(on_image(bench.instance(n), [(10, 20), (20, 30)], frame=tile))
        assert line == {("Length", "mm"): pytest.approx(PIXEL * 200**0.5)}
    assert_refused(bench.compute(on_image(bench.instance(), [(1, 1), (2, 2)], frame=TILES)), 400, "unknown-frame")
    assert_refused(bench.compute(on_image(bench.instance(), [(1, 1), (SIDE, 2)])), 422, "outside-image")
