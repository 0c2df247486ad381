"""Any orthogonal plane through any acquisition shows what lies at the position that it claims."""

from itertools import product

import numpy as np
import pytest

from clients import Client
from naive import PLANES, field_of_view
from phantoms import ACQUISITIONS, Acquisition, ramp
from ramp_checks import TOLERANCE, assert_ramps_tell_their_places


@pytest.mark.parametrize("name", ACQUISITIONS)
def test_every_pixel_is_where_the_header_says(client: Client, name: str) -> None:
    acquisition = ACQUISITIONS[name]
    identifiers = [client.store_series(ramp(axis, acquisition)) for axis in range(3)]
    queries = ({}, {"position": 1.3}, {"index": 0}, {"fraction": 0.8, "width": 40})
    for plane, query in product(PLANES, queries):
        answers = [client.get(f"/series/{series}/mpr/{plane}", format="npy", **query) for series in identifiers]
        assert_ramps_tell_their_places(answers, acquisition)
        if "position" in query:
            told = answers[0].told("Reslice-Plane")
            assert told["Position"][PLANES[plane][2]] == pytest.approx(1.3, abs=1e-9)


@pytest.mark.parametrize("plane", PLANES)
@pytest.mark.parametrize("name", ACQUISITIONS)
def test_plane_runs_as_the_display_rule_says(in_process: Client, name: str, plane: str) -> None:
    series = in_process.store_series(ramp(0, ACQUISITIONS[name]))
    told = in_process.get(f"/series/{series}/mpr/{plane}", format="npy").told("Reslice-Plane")
    row, column, _ = PLANES[plane]
    assert told["Row"] == list(row)
    assert told["Column"] == list(column)
    assert told["Spacing"][0] == told["Spacing"][1]


@pytest.mark.parametrize("plane", PLANES)
@pytest.mark.parametrize("name", ACQUISITIONS)
def test_field_of_view_is_the_bounding_box_of_the_edges(in_process: Client, name: str, plane: str) -> None:
    acquisition = ACQUISITIONS[name]
    series = in_process.store_series(ramp(0, acquisition))
    told = in_process.get(f"/series/{series}/mpr/{plane}", format="npy").told("Reslice-Plane")
    spacing = min(acquisition.spacing[1:])
    first, extent = field_of_view(acquisition.affine, acquisition.shape, plane, spacing)
    row, column, _ = PLANES[plane]
    assert told["Spacing"] == pytest.approx([spacing, spacing])
    assert [np.dot(told["Position"], row), np.dot(told["Position"], column)] == pytest.approx(list(first), abs=1e-6)
    columns, rows = np.ceil(extent / spacing - 1e-4)
    assert told["Size"] == [rows, columns]


def test_five_millimetre_slices_are_not_squashed(client: Client) -> None:
    acquisition = Acquisition(shape=(12, 20, 24), spacing=(5.0, 0.5, 0.5))
    series = client.store_series(ramp(2, acquisition))
    for plane, size in {"axial": (20, 24), "coronal": (120, 24), "sagittal": (120, 20)}.items():
        assert client.get(f"/series/{series}/mpr/{plane}").picture().shape == size
    told = client.get(f"/series/{series}/mpr/coronal").told("Reslice-Plane")
    assert told["Size"][0] * told["Spacing"][0] == pytest.approx(60.0)


def test_anisotropic_pixels_become_square(client: Client) -> None:
    acquisition = Acquisition(shape=(4, 10, 12), spacing=(3.0, 2.0, 1.0))
    series = client.store_series(ramp(1, acquisition))
    assert client.get(f"/series/{series}/mpr/axial").picture().shape == (20, 12)
    assert client.get(f"/series/{series}/slices/0").picture().shape == (20, 12)
    assert client.get(f"/series/{series}/slices/0", format="npy").array().shape == (10, 12)


def test_order_of_files_and_instance_numbers_do_not_matter(client: Client) -> None:
    files = ramp(2, instance_numbers=[5, 1, 8, 2, 7, 3, 6, 4])
    shuffled = [files[k] for k in (3, 0, 7, 4, 1, 6, 2, 5)]
    series = client.store_series(shuffled)
    listed = client.get(f"/series/{series}/slices").json()["Slices"]
    heights = [entry["Position"][2] for entry in listed]
    assert heights == pytest.approx(list(Acquisition().coordinates[:, 0, 0, 2]))
    for k, height in enumerate(heights):
        values = client.get(f"/series/{series}/slices/{k}", format="npy").array()
        np.testing.assert_allclose(values, height, atol=TOLERANCE)
