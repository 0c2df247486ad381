"""Statistics equal numpy's, for every type of voxel and however the values arrive."""

import numpy as np
import pytest
import SimpleITK
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from reslice.errors import Unmeasurable
from reslice.measurement import statistics
from reslice.measurement.statistics import Statistics, Tally
from unit.measurement.allocated import peak_of
from unit.measurement.refused import refused

TYPES = (np.int8, np.uint8, np.int16, np.uint16, np.int32, np.int64, np.float32, np.float64)


def expected(values: np.ndarray) -> Statistics:
    """What numpy says, in float64."""
    wide = values.astype(np.float64).ravel()
    low, high = np.percentile(wide, [5, 95])
    return Statistics(wide.size, wide.mean(), wide.min(), wide.max(), np.median(wide), wide.std(), low, high)


def check(got: Statistics, values: np.ndarray) -> None:
    want = expected(values)
    ranked = ("count", "minimum", "maximum", "median", "percentile5", "percentile95")
    assert [getattr(got, name) for name in ranked] == [getattr(want, name) for name in ranked]
    scale = np.abs(values.astype(np.float64)).max()
    assert got.mean == pytest.approx(want.mean, rel=1e-12, abs=1e-14 * scale)
    assert got.standard_deviation == pytest.approx(want.standard_deviation, rel=1e-9, abs=1e-12 * scale)


def whole(dtype: type) -> st.SearchStrategy[np.ndarray]:
    return arrays.arrays(dtype, st.integers(1, 60))


def broken(dtype: type) -> st.SearchStrategy[np.ndarray]:
    reals = st.floats(-(2.0**60), 2.0**60, width=32 if dtype is np.float32 else 64)
    return arrays.arrays(dtype, st.integers(1, 60), elements=reals)


@given(st.one_of([whole(t) for t in TYPES[:5]] + [broken(t) for t in TYPES[6:]]))
def test_statistics_are_numpys(values: np.ndarray) -> None:
    check(Statistics.of(values), values)


@pytest.mark.parametrize("dtype", TYPES)
@pytest.mark.parametrize("count", [1, 2, 3, 20, 21, 100_003])
def test_every_type_and_count(dtype: type, count: int) -> None:
    values = np.random.default_rng(count).normal(60, 20, count).astype(dtype)
    check(Statistics.of(values), values)


@pytest.mark.parametrize("dtype", [np.int16, np.uint16, np.int8])
def test_the_ends_of_a_type_are_values_too(dtype: type) -> None:
    kind = np.iinfo(dtype)
    values = np.array([kind.min, kind.max, kind.max], dtype=dtype)
    check(Statistics.of(values), values)


@pytest.mark.parametrize("dtype", [np.int16, np.float32])
def test_values_that_arrive_in_parts_are_one(dtype: type, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(statistics, "CHUNK", 100)
    values = np.random.default_rng(0).integers(-1000, 3000, 1234).astype(dtype)
    tally = Tally(values.dtype)
    for part in np.split(values, [1, 1, 350, 900]):
        tally.add(part.reshape(1, -1))
    check(tally.statistics(), values)


def test_arrays_of_any_shape_and_layout_are_taken() -> None:
    values = np.arange(24, dtype=np.int16).reshape(2, 3, 4)[:, ::2, ::-1]
    check(Statistics.of(values), values)


def test_equal_values_have_no_deviation() -> None:
    got = Statistics.of(np.full(1000, 0.1, dtype=np.float32))
    assert got.standard_deviation == pytest.approx(0, abs=1e-15)
    assert got.mean == got.median == got.percentile5 == float(np.float32(0.1))


def test_simpleitk_says_the_same_but_for_its_divisor() -> None:
    values = np.random.default_rng(1).integers(-1000, 3000, (9, 8, 7)).astype(np.int16)
    labels = (np.random.default_rng(2).random(values.shape) < 0.3).astype(np.uint8)
    oracle = SimpleITK.LabelStatisticsImageFilter()
    oracle.Execute(SimpleITK.GetImageFromArray(values), SimpleITK.GetImageFromArray(labels))
    got = Statistics.of(values[labels == 1])
    assert got.count == oracle.GetCount(1)
    assert (got.minimum, got.maximum) == (oracle.GetMinimum(1), oracle.GetMaximum(1))
    assert got.mean == pytest.approx(oracle.GetMean(1))
    n = got.count
    assert got.standard_deviation == pytest.approx(oracle.GetSigma(1) * np.sqrt((n - 1) / n))


def test_no_value_is_an_empty_region() -> None:
    for dtype in TYPES:
        with refused(Unmeasurable, "empty-region"):
            Statistics.of(np.zeros(0, dtype=dtype))


def test_tens_of_millions_of_small_integers_take_little_memory() -> None:
    values = np.zeros(30_000_000, dtype=np.int16)
    values[::2] = 7
    assert peak_of(lambda: Statistics.of(values)) < 60_000_000
