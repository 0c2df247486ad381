"""Transfer functions: presets for each modality, windows, and tables that integrate them."""

import numpy as np
import pytest

from reslice.imaging.transfer import ENTRIES, ControlPoint, TransferFunction, presets_for

ALL = [(m, name) for m in ("CT", "MR", "PT", "US") for name in presets_for(m, 0, 1)]


@pytest.mark.parametrize(
    ("modality", "names"),
    [
        ("CT", ["bone", "soft-tissue", "vessels", "lung"]),
        ("MR", ["mr"]),
        ("PT", ["pet"]),
        ("US", ["generic"]),
        ("", ["generic"]),
    ],
)
def test_each_modality_has_its_presets(modality: str, names: list[str]) -> None:
    assert list(presets_for(modality, 0, 1)) == names


@pytest.mark.parametrize(("modality", "name"), ALL)
def test_presets_hold_colours_and_opacities_and_begin_with_nothing(modality: str, name: str) -> None:
    points = np.array(presets_for(modality, 0, 1)[name].points)
    assert (np.diff(points[:, 0]) > 0).all()
    assert (points[:, 1:] >= 0).all()
    assert (points[:, 1:] <= 1).all()
    assert points[0, 4] == 0
    assert points[:, 4].max() > 0


@pytest.mark.parametrize("name", ["bone", "vessels"])
def test_what_is_denser_hides_more(name: str) -> None:
    opacities = [point.opacity for point in presets_for("CT", 0, 1)[name].points]
    assert opacities == sorted(opacities)


def test_a_windows_ends_are_the_presets_ends_but_for_ct() -> None:
    assert presets_for("MR", 100, 900)["mr"].range == (100, 900)
    assert presets_for("PT", 0, 7.5)["pet"].range == (0, 7.5)
    assert presets_for("CT", 100, 900) == presets_for("CT", 0, 1)


def test_points_move_with_the_window_and_keep_their_colours() -> None:
    function = TransferFunction(tuple(ControlPoint(v, v, 0, 0, v) for v in (0, 0.25, 1)))
    moved = function.with_window(-100, 300)
    assert [point.value for point in moved.points] == [-100, 0, 300]
    np.testing.assert_allclose(
        moved.at(np.array([-200, -50, 0, 150, 400])), function.at(np.array([-1, 0.125, 0.25, 0.625, 9]))
    )


@pytest.mark.parametrize("values", [(), (1,), (1, 1), (2, 1), (0, np.nan), (0, np.inf)])
def test_points_that_do_not_increase_are_refused(values: tuple) -> None:
    with pytest.raises(ValueError):
        TransferFunction(tuple(ControlPoint(v, 0, 0, 0, 0) for v in values))


def test_an_empty_window_is_refused() -> None:
    with pytest.raises(ValueError):
        presets_for("MR", 5, 5)


@pytest.mark.parametrize(("modality", "name"), ALL)
def test_tables_know_the_integral_and_where_something_is_seen(modality: str, name: str) -> None:
    function = presets_for(modality, 0, 100)[name]
    table = function.table()
    low, high = function.range
    values = np.linspace(low, high, ENTRIES)
    extinction = -np.log(1 - np.minimum(function.at(values)[:, 3], 0.999))
    np.testing.assert_allclose(table.entries[:, 0], extinction, atol=1e-12)
    for a, b in ((0, ENTRIES - 1), (700, 1500), (100, 101)):
        between = np.trapezoid(
            extinction[a : b + 1, None] * np.c_[np.ones(b - a + 1), function.at(values[a : b + 1])[:, :3]], axis=0
        )
        np.testing.assert_allclose(table.entries[b, 4:] - table.entries[a, 4:], between, atol=1e-9)
        assert (table.ahead[a] <= b) == bool((extinction[a : b + 1] > 0).any())
    assert table.scale * (high - low) == pytest.approx(ENTRIES - 1)
