"""`gaps` of planes: a damaged slice is a hole, or filled from its neighbours, and told either way."""

import numpy as np
import pytest

from clients import Client
from naive import PLANES, fractional_indices, inside, pixel_positions
from phantoms import AXIAL, noise, ramp
from refusals import assert_refused

HOLE = 3


def with_a_damaged_slice(client: Client) -> tuple[str, np.ndarray]:
    files = noise(AXIAL)
    voxels = np.stack([file.pixel_array for file in files])
    files[HOLE].PixelData = files[HOLE].PixelData[: len(files[HOLE].PixelData) // 4 * 2]
    return client.store_series(files), voxels


def test_a_hole_is_shown_unless_it_is_to_be_filled(client: Client) -> None:
    series, voxels = with_a_damaged_slice(client)
    for query in ({}, {"gaps": "show"}):
        assert np.isnan(client.get(f"/series/{series}/mpr/axial", format="npy", index=HOLE, **query).array()).all()
    filled = client.get(f"/series/{series}/mpr/axial", format="npy", index=HOLE, gaps="interpolate")
    np.testing.assert_allclose(filled.array(), (voxels[HOLE - 1] + voxels[HOLE + 1]) / 2, atol=1e-3)
    assert "damaged" in filled.headers["Reslice-Warnings"]
    assert "no-data" not in filled.headers["Reslice-Warnings"]


def test_a_hole_seen_from_the_side(client: Client) -> None:
    """Rows of the coronal plane are 1 mm apart, slices 2.5 mm: data ends half a gap above and below the hole."""
    series, _ = with_a_damaged_slice(client)
    answer = client.get(f"/series/{series}/mpr/coronal", format="npy")
    plane = answer.told("Reslice-Plane")
    heights = plane["Position"][2] - np.arange(plane["Size"][0]) * plane["Spacing"][0]
    hole = AXIAL.slice_origin(HOLE)[2]
    expected = np.abs(heights - hole) < AXIAL.spacing[0] / 2
    assert expected.sum() in (2, 3)
    np.testing.assert_array_equal(np.isnan(answer.array()).all(axis=1), expected)
    np.testing.assert_array_equal(np.isnan(answer.array()).any(axis=1), expected)
    filled = client.get(f"/series/{series}/mpr/coronal", format="npy", gaps="interpolate")
    assert np.isfinite(filled.array()).all()


@pytest.mark.parametrize("plane", PLANES)
def test_each_way_has_its_own_entity_tag(client: Client, plane: str) -> None:
    series = client.store_series(noise(AXIAL))
    url = f"/series/{series}/mpr/{plane}"
    tags = [client.get(url, gaps=gaps).headers["ETag"] for gaps in ("show", "interpolate")]
    assert tags[0] == client.get(url).headers["ETag"] != tags[1]


def test_another_way_is_refused(client: Client) -> None:
    series = client.store_series(noise(AXIAL))
    answer = client.get(f"/series/{series}/mpr/axial", gaps="fill")
    assert_refused(answer, 400, "bad-parameter", Parameter="gaps", Value="fill", Allowed=["show", "interpolate"])


def test_stored_slices_know_no_gaps(client: Client) -> None:
    series = client.store_series(noise(AXIAL))
    assert_refused(client.get(f"/series/{series}/slices/0", gaps="show"), 400, "unknown-parameter")


@pytest.mark.parametrize("plane", PLANES)
@pytest.mark.parametrize("gaps", ["show", "interpolate"])
@pytest.mark.parametrize("axis", [0, 1, 2])
def test_each_pixel_tells_its_place_around_missing_slices(client: Client, axis: int, gaps: str, plane: str) -> None:
    """Slices 3 and 4 of a ramp are missing: what is shown lies where it says, and nothing beyond half a gap."""
    kept = [0, 1, 2, 5, 6, 7]
    files = ramp(axis)
    series = client.store_series([files[k] for k in kept])
    for fraction in (0.0, 0.3, 0.46, 0.8, 1.0):
        answer = client.get(f"/series/{series}/mpr/{plane}", format="npy", fraction=fraction, gaps=gaps)
        assert "missing-slices" in answer.headers["Reslice-Warnings"]
        values, points = answer.array(), pixel_positions(answer.told("Reslice-Plane"))
        slices = fractional_indices(AXIAL.affine, points)[..., 0]
        is_known = np.abs(slices[..., None] - kept).min(axis=-1) < 0.5 + 1e-6
        np.testing.assert_array_equal(np.isfinite(values), is_known | ((slices > 0) & (gaps == "interpolate")))
        certain = inside(fractional_indices(AXIAL.affine, points), AXIAL.shape, 1e-5) & np.isfinite(values)
        if axis == 2 and gaps == "show":  # around the gap each side keeps its own value
            certain &= ~((slices > 2) & (slices < 5))
        np.testing.assert_allclose(values[certain], points[certain][:, axis], atol=2e-3)
