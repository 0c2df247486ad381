"""What planes through the three ramps of one acquisition must hold."""

import numpy as np

from clients import Answer
from naive import fractional_indices, inside, pixel_positions
from phantoms import Acquisition

TOLERANCE = 1e-3  # mm


def assert_ramps_tell_their_places(answers: list[Answer], acquisition: Acquisition) -> None:
    """One answer for each ramp: x, y and z. Data inside the voxels' edges, none outside."""
    told = answers[0].told("Reslice-Plane")
    assert all(answer.told("Reslice-Plane") == told for answer in answers)
    values = np.stack([answer.array() for answer in answers], axis=-1)
    positions = pixel_positions(told)
    assert values.dtype == np.float32
    assert values.shape == positions.shape
    indices = fractional_indices(acquisition.affine, positions)
    np.testing.assert_array_equal(np.isfinite(values).all(axis=-1)[inside(indices, acquisition.shape, -0.499)], True)
    np.testing.assert_array_equal(np.isnan(values).all(axis=-1)[~inside(indices, acquisition.shape, -0.501)], True)
    centres = inside(indices, acquisition.shape, 1e-5)
    if centres.any():
        assert np.abs(values - positions)[centres].max() < TOLERANCE
