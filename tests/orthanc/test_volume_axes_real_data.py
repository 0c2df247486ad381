"""Planes in a volume's own axes on real data: slices as they are stored, of tilted and double-oblique series too."""

import numpy as np
import pytest

from cases import VOLUMES
from clients import Client, OrthancClient
from naive import PLANES
from shared_data import case_files


def plane_of_the_slices(client: Client, series: str) -> str:
    """The name of the plane whose index counts the slices: its normal lies nearest to theirs."""
    affine = np.array(client.get(f"/series/{series}/volumes/0").json()["Affine"])
    normal = np.cross(affine[:3, 2], affine[:3, 1])
    return next(plane for plane in PLANES if PLANES[plane][2] == int(np.argmax(np.abs(normal))))


def in_every_flip(frame: np.ndarray) -> list[np.ndarray]:
    """A frame in all eight ways to flip and swap rows and columns."""
    return [
        flipped[:, ::across]
        for swapped in (frame, frame.T)
        for flipped in (swapped, swapped[::-1])
        for across in (1, -1)
    ]


@pytest.mark.parametrize("case", VOLUMES)
def test_every_slice_is_as_it_is_stored(real: OrthancClient, case: str) -> None:
    series = real.store_series(path.read_bytes() for path in case_files(case))
    plane = plane_of_the_slices(real, series)
    count = len(real.get(f"/series/{series}/slices").json()["Slices"])
    for k in {0, 1, count // 2, count - 1}:
        answer = real.get(f"/series/{series}/mpr/{plane}", axes="volume", index=k, format="npy")
        stored = real.get(f"/series/{series}/slices/{k}", format="npy").array()
        told = answer.told("Reslice-Plane")
        assert (told["Index"], told["Count"]) == (k, count)
        assert np.dot(told["Row"], PLANES[plane][0]) > 0
        assert np.dot(told["Column"], PLANES[plane][1]) > 0
        shown = answer.array()
        assert any(np.array_equal(shown, way) for way in in_every_flip(stored)), (case, k)
