"""Real series in the page: the values under the cursor are those that two other readers found in the files."""

import numpy as np
import pytest
from playwright.sync_api import Page

from clients import OrthancClient
from naive import pixel_positions
from server import Orthanc
from shared_data import case_bytes, truth
from viewing import PaneOf, assert_same_pixels, centre_of, eventually, open_series, places_of

CASES = ["ct-gantry-tilt", pytest.param("ct-head-phantom-5mm", marks=pytest.mark.slow), "mr-sagittal-oblique"]


@pytest.mark.parametrize("case", CASES)
def test_values_under_the_cursor_are_the_files(page: Page, orthanc: Orthanc, real: OrthancClient, case: str) -> None:
    """Each known voxel, in the middle of the pane that cuts nearest to its slice."""
    known = truth(case)
    stored = real.store_series(case_bytes(case))
    (volume,) = real.get(f"/series/{stored}/volumes").json()["Volumes"]
    affine, origins = np.array(volume["Affine"]), np.array(volume["Origins"])
    window = "300,1500,LINEAR"
    for k, row, column, value in known["samples_slice_row_col_value"][:3]:
        point = origins[k] + affine[:3, 1] * row + affine[:3, 2] * column
        at = ",".join(f"{part:.4f}" for part in point)
        found = real.get(f"/series/{stored}/probe", point=at).json()
        assert (found["Index"], found["Value"]) == ([k, row, column], value)
        open_series(page, orthanc, stored, at=at, window=window)
        for name in ("axial", "coronal", "sagittal"):
            pane, axis = PaneOf(page, name), {"axial": 2, "coronal": 1, "sagittal": 0}[name]
            query = {"position": f"{point[axis]:.4f}"}
            told = real.get(f"/series/{stored}/mpr/{name}", format="npy", **query)
            facts, values = told.told("Reslice-Plane"), told.array()
            x, y = places_of(pane.seen(), facts, point, centre_of(real, stored))
            pane.hover((x, y))
            eventually(page, lambda p=pane, f=facts, v=values: assert_told(p, f, v))


def assert_told(pane: PaneOf, facts: dict, values: np.ndarray) -> None:
    """The told value is that of a pixel at the told place, or of one beside it: places are told to a tenth of a mm."""
    seen = pane.seen()
    assert len(seen.corners["bottom-left"]) == 2
    positions = pixel_positions(facts)
    away = np.linalg.norm(positions - np.array(seen.point), axis=-1)
    near = values[away <= max(facts["Spacing"]) * 0.75 + 0.15]
    assert seen.value is not None
    assert np.nanmin(np.abs(near - seen.value)) <= 0.51  # beside the edge some hold no data


@pytest.mark.parametrize("case", ["ct-gantry-tilt", pytest.param("mr-sagittal-oblique", marks=pytest.mark.slow)])
def test_pixels_are_the_servers(page: Page, orthanc: Orthanc, real: OrthancClient, case: str) -> None:
    stored = real.store_series(case_bytes(case))
    open_series(page, orthanc, stored, "coronal", window="300,1500,LINEAR", pane="coronal")
    pane = PaneOf(page, "coronal")
    answer = real.get(f"/series/{stored}/mpr/coronal", window_center=300, window_width=1500)
    facts, picture = answer.told("Reslice-Plane"), answer.picture()
    places = places_of(pane.seen(), facts, pixel_positions(facts), centre_of(real, stored))
    zoomed = pane.zoom(20)(places)
    eventually(page, lambda: assert_same_pixels(pane.seen(), picture, zoomed, tolerance=1))
