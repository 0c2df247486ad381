"""Without numba numpy renders the same pictures, only later."""

import numpy as np
import pytest

from reslice.imaging.compiled import IS_COMPILED
from unit.imaging.renderings import renderings
from unit.interpreter import run_module


@pytest.fixture(scope="module")
def by_numpy(tmp_path_factory: pytest.TempPathFactory) -> dict[str, np.ndarray]:
    """The pictures made by an interpreter that finds no numba."""
    file = tmp_path_factory.mktemp("renderings") / "renderings.npz"
    run_module("unit.imaging.renderings", str(file), numba=False)
    with np.load(file) as pictures:
        return dict(pictures)


def test_numpy_renders_what_the_kernels_render(by_numpy: dict[str, np.ndarray]) -> None:
    """But for a sample that lies half way between two voxels, one of them without data."""
    assert IS_COMPILED
    here = renderings()
    assert here.keys() == by_numpy.keys()
    assert len(here) > 50
    for name, picture in here.items():
        if picture.dtype == np.uint8:
            difference = np.abs(picture.astype(int) - by_numpy[name].astype(int))
            assert difference.mean() < 2.5, name
        else:
            same = np.isclose(picture, by_numpy[name], rtol=1e-5, atol=2e-2, equal_nan=True)
            assert same.mean() > 0.97, name
