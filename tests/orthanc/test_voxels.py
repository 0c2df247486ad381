"""Whole grids of real series against the truth, and what a large one costs."""

import hashlib

import numpy as np
import pytest

from cases import VOLUMES
from clients import OrthancClient
from phantoms import Acquisition, noise
from resident_memory import ResidentMemory
from server import Orthanc
from shared_data import case_bytes, truth
from true_frames import little_endian_hash
from voxel_files import seen_by_nibabel

LARGE = Acquisition(shape=(80, 512, 512), spacing=(1.0, 0.5, 0.5))  # int16: 40 MiB
EVEN = [case for case in VOLUMES if case != "ct-uneven-gap"]


def stored(client: OrthancClient, case: str) -> str:
    return f"/series/{client.store_series(case_bytes(case))}/volumes/0/voxels"


@pytest.mark.slow
@pytest.mark.parametrize("case", VOLUMES)
def test_native_voxels_have_the_true_hash(real: OrthancClient, case: str) -> None:
    facts, url = truth(case), stored(real, case)
    npy = real.get(url, format="npy").array()
    assert (list(npy.shape), npy.dtype.name) == (facts["shape"], facts["dtype"])
    assert little_endian_hash(npy) == facts["sha256"]
    assert hashlib.sha256(real.get(url).content).hexdigest() == facts["sha256"]
    for k, row, column, value in facts["samples_slice_row_col_value"]:
        assert npy[k, row, column] == value


@pytest.mark.slow
@pytest.mark.parametrize("case", EVEN)
def test_nifti_of_real_series_lies_where_the_truth_says(real: OrthancClient, case: str) -> None:
    facts, url = truth(case), stored(real, case)
    values, places = seen_by_nibabel(real.get(url, format="nifti").content)
    assert little_endian_hash(values) == facts["sha256"]
    np.testing.assert_allclose(places[0, 0, 0], facts["first_origin_lps"], atol=1e-2)
    np.testing.assert_allclose(places[-1, 0, 0], facts["last_origin_lps"], atol=1e-2)
    down, along = places[0, -1, 0] - places[0, 0, 0], places[0, 0, -1] - places[0, 0, 0]
    between_rows, between_columns = facts["pixel_spacing_row_col"]
    rows, columns = np.array(facts["shape"][1:]) - 1
    np.testing.assert_allclose(down, np.array(facts["column_direction"]) * rows * between_rows, atol=1e-2)
    np.testing.assert_allclose(along, np.array(facts["row_direction"]) * columns * between_columns, atol=1e-2)


def test_uneven_real_series(real: OrthancClient) -> None:
    facts, url = truth("ct-uneven-gap"), stored(real, "ct-uneven-gap")
    assert real.get(url, format="nifti").status == 422
    values, places = seen_by_nibabel(real.get(url, format="nifti", resample="true").content)
    gaps = np.diff(facts["positions_along_normal"])
    assert np.linalg.norm(places[1, 0, 0] - places[0, 0, 0]) == pytest.approx(gaps.min(), rel=1e-4)
    np.testing.assert_allclose(places[0, 0, 0], facts["first_origin_lps"], atol=1e-2)
    assert values.shape[1:] == tuple(facts["shape"][1:])
    assert values.shape[0] >= facts["shape"][0]


def test_a_large_file_costs_one_copy_of_the_volume(orthanc: Orthanc, real: OrthancClient) -> None:
    """And nothing of it stays, but for what the allocator keeps for the next."""
    url = f"/series/{real.store_series(noise(LARGE))}/volumes/0/voxels"
    volume = 2 * int(np.prod(LARGE.shape))
    memory, held = ResidentMemory(orthanc._process.pid), []
    queries: tuple[dict, ...] = ({}, {"format": "nifti"}, {"format": "npy", "type": "uint8"})
    for round_ in range(4):
        for query in queries:
            before = memory.now
            memory.forget_peak()
            answer = real.get(url, **query)
            assert answer.status == 200
            assert not round_ or memory.peak - before <= 1.1 * len(answer.content) + 0.1 * volume, query
        held.append(memory.now)
    assert held[-1] - held[0] < volume  # three of the smallest files would take half as much again
