"""Without numba numpy takes over: the same planes and the same grey, only later."""

import numpy as np
import pytest

from reslice.imaging.compiled import IS_COMPILED, compiled
from unit.imaging.cuts import all_cuts
from unit.interpreter import run_module

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def by_numpy(tmp_path_factory: pytest.TempPathFactory) -> dict[str, np.ndarray]:
    """The cuts made by an interpreter that finds no numba."""
    file = tmp_path_factory.mktemp("cuts") / "cuts.npz"
    run_module("unit.imaging.cuts", str(file), numba=False)
    with np.load(file) as cuts:
        return dict(cuts)


def test_kernels_are_compiled_here() -> None:
    """Else the comparison below would compare numpy with itself."""
    assert IS_COMPILED
    assert hasattr(compiled(lambda x: x), "signatures")


def test_numpy_answers_what_the_kernels_answer(by_numpy: dict[str, np.ndarray]) -> None:
    here = all_cuts()
    assert here.keys() == by_numpy.keys()
    assert len(here) > 500
    values = [name for name, array in here.items() if array.dtype != np.uint8]
    for name in values:
        np.testing.assert_allclose(by_numpy[name], here[name], rtol=1e-5, atol=2e-3, equal_nan=True, err_msg=name)


def test_numpy_shows_the_same_grey(by_numpy: dict[str, np.ndarray]) -> None:
    """But for values that lie within float noise of the next grey level."""
    here = all_cuts()
    grey = [name for name, array in here.items() if array.dtype == np.uint8]
    assert grey
    for name in grey:
        difference = np.abs(by_numpy[name].astype(int) - here[name].astype(int))
        threshold = name.endswith(" 1")  # width 1: black or white
        assert np.count_nonzero(difference) <= 0.02 * difference.size, name
        assert threshold or difference.max() <= 1, name
