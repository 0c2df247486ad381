"""The page's geometry is the server's: steps, places and directions, for volumes of every kind.

The same volumes are given to `reslice.imaging` and, as the server would describe them, to the page's modules in Node.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from page_modules import Call, called
from reslice.imaging.affine import frozen
from reslice.imaging.mpr import PLANES, PlaneAxes, PlaneSteps, patient_planes
from reslice.imaging.plane import ImagePlane, RequestedSize
from reslice.imaging.volume import VolumeGeometry
from reslice.web.headers import numbers, plane_facts

Array = NDArray[np.float64]
NAMES = ("axial", "coronal", "sagittal")
PATIENT = np.eye(3)
MM = 1e-7
"""Both sides add and multiply in another order."""
HIDDEN = 0.3
"""Sine of the angle to its normal from which on a direction can lie in a pane."""


@dataclass(frozen=True)
class Case:
    """A volume, and axes turned at random."""

    geometry: VolumeGeometry
    turned: Array

    @property
    def facts(self) -> dict[str, Any]:
        """What the page is told of it."""
        geometry = self.geometry
        return {
            "Shape": list(geometry.shape),
            "Spacing": numbers(geometry.spacing),
            "Affine": [numbers(row) for row in geometry.affine],
            "Regular": geometry.is_regular,
            "Origins": [numbers(origin) for origin in geometry.origins],
        }


def rotation(generator: np.random.Generator) -> Array:
    q, _ = np.linalg.qr(generator.normal(size=(3, 3)))
    turned: Array = q * np.linalg.det(q)
    return turned


def geometry_of(k: int, generator: np.random.Generator) -> VolumeGeometry:
    """Along patient axes every other time, tilted, uneven and with gaps now and then."""
    affine = np.eye(4)
    if k % 2:
        affine[:3, :3] = rotation(generator)
    else:
        affine[:3, :3] = np.eye(3)[generator.permutation(3)] * generator.choice([-1, 1], 3)
    affine[:3, :3] *= generator.uniform(0.3, 4, 3)
    if k % 3 == 0:
        affine[:3, 0] += affine[:3, 1] * generator.uniform(-0.5, 0.5)
    affine[:3, 3] = generator.uniform(-200, 200, 3)
    shape = int(generator.integers(2, 40)), int(generator.integers(1, 60)), int(generator.integers(1, 60))
    if k % 4 < 2:
        return VolumeGeometry(shape, frozen(affine))
    places = np.r_[0, np.cumsum(generator.uniform(0.5, 2, shape[0] - 1))]
    places *= (shape[0] - 1) / places[-1]
    missing = (0,) if k % 4 == 3 else ()
    return VolumeGeometry(shape, frozen(affine), frozen(places), missing)


def all_cases() -> Iterator[Case]:
    generator = np.random.default_rng(20)
    for k in range(120):
        yield Case(geometry_of(k, generator), rotation(generator))


CASES = tuple(all_cases())


def axes_of(name: str, axes: Array) -> PlaneAxes:
    """What the house's rule says of a pane: it looks along the (turned) axes, its picture as upright as can be."""
    x, y, z = axes
    row, column, axis = {"axial": (x, y, z), "coronal": (x, -z, y), "sagittal": (y, -z, -x)}[name]
    upright = np.array([1.0, 0, 0] if name == "axial" else [0, 0, -1.0])
    if np.array_equal(axes, PATIENT) or np.linalg.norm(np.cross(upright, axis)) <= HIDDEN:
        return PlaneAxes(row, column, axis)
    if name != "axial":
        return PlaneAxes.facing(axis, -upright)
    return PlaneAxes.spanned(upright - axis * (upright @ axis), np.cross(axis, upright))


def listed(*vectors: Array) -> list[list[float]]:
    return [numbers(vector) for vector in vectors]


def test_panes_look_along_the_servers_directions(tmp_path: Path) -> None:
    directions = called([("geometry/plane.js", "directionsOf", (name, PATIENT.tolist())) for name in NAMES], tmp_path)
    for name, found in zip(NAMES, directions, strict=True):
        assert found["row"] == PLANES[name].row.tolist()
        assert found["column"] == PLANES[name].column.tolist()
        np.testing.assert_array_equal(found["normal"], np.cross(found["row"], found["column"]))


def test_turned_panes_look_along_the_directions_that_the_server_makes_of_normal_and_up(tmp_path: Path) -> None:
    axes = [case.turned for case in CASES]
    asked: list[Call] = [("geometry/plane.js", "directionsOf", (name, listed(*a))) for a in axes for name in NAMES]
    for (_, _, (name, _)), turned, found in zip(
        asked, np.repeat(axes, 3, axis=0), called(asked, tmp_path), strict=True
    ):
        expected = axes_of(name, turned)
        made = PlaneAxes.facing(frozen(found["normal"]), -np.array(found["column"]))
        np.testing.assert_allclose(found["normal"], expected.axis, atol=MM)
        np.testing.assert_allclose([made.row, made.column], [found["row"], found["column"]], atol=MM)


def test_the_position_of_unturned_panes_is_the_lps_coordinate(tmp_path: Path) -> None:
    asked: list[Call] = [("geometry/steps.js", "axisOf", (name, PATIENT.tolist())) for name in NAMES]
    assert called(asked, tmp_path) == [PLANES[name].axis.tolist() for name in NAMES]


def test_panes_that_turning_leaves_in_the_patients_planes_stay_named_ones(tmp_path: Path) -> None:
    """Turned about an axis by any angle, the pane across that axis is the patient's; so are all of them unturned."""
    angle = 0.7
    asked: list[Call] = []
    for axis in range(3):
        state = {"axes": PATIENT.tolist(), "crosshair": [0, 0, 0]}
        (patch,) = called([("state/view.js", "rotated", (state, NAMES[2 - axis], angle))], tmp_path)
        asked += [("geometry/plane.js", "isPatientPlane", (name, patch["axes"])) for name in NAMES]
    asked += [("geometry/plane.js", "isPatientPlane", (name, PATIENT.tolist())) for name in NAMES]
    asked += [("geometry/steps.js", "axisOf", call[2]) for call in (asked[2], asked[4], asked[6])]
    found = called(asked, tmp_path)
    assert np.reshape(found[:12], (4, 3)).tolist() == [
        [False, False, True],
        [False, True, False],
        [True, False, False],
        [True, True, True],
    ]
    assert found[12:] == [[1, 0, 0], [0, 1, 0], [0, 0, 1]]


def test_slices_are_found_on_the_planes_that_hold_them_and_on_no_other(tmp_path: Path) -> None:
    asked: list[Call] = []
    expected: list[int | None] = []
    for k, case in enumerate(CASES):
        geometry = case.geometry
        index = k % geometry.shape[0]
        plane = ImagePlane.of_slice(geometry, index)
        beside = replace(plane, position=plane.position + plane.normal * 0.05)
        moved = plane.cropped(3, 2, 5, 5)  # another part of the same plane
        turned = replace(plane, row=plane.column, column=-plane.row)
        leaning = replace(plane, row=plane.row * np.cos(0.01) + plane.normal * np.sin(0.01))
        asked += [
            ("panes/own_slice.js", "ownSlice", (case.facts, plane_facts(one, 1, 0, 1)))
            for one in (plane, beside, moved, turned, leaning)
        ]
        expected += [index, None, index, index, None]
    assert called(asked, tmp_path) == expected


def steps_calls() -> tuple[list[Call], list[tuple[VolumeGeometry, PlaneAxes]]]:
    """Patient's and turned axes of all volumes."""
    asked: list[Call] = []
    known = []
    for case in CASES:
        turned = [axes_of(name, case.turned) for name in NAMES]
        for axes in (*PLANES.values(), *turned):
            asked.append(("geometry/steps.js", "stepsAlong", (case.facts, numbers(axes.axis))))
            known.append((case.geometry, axes))
    return asked, known


def test_scrolling_visits_the_servers_planes(tmp_path: Path) -> None:
    asked, known = steps_calls()
    uneven = 0
    for found, (geometry, axes) in zip(called(asked, tmp_path), known, strict=True):
        expected = PlaneSteps.of(geometry, axes)
        assert found["count"] == expected.count
        np.testing.assert_allclose([found["first"], found["step"]], [expected.first, expected.step], atol=MM)
        np.testing.assert_allclose(found["places"], expected.places, atol=MM)
        uneven += bool(expected.places)
    assert 20 < uneven < len(known) / 2


def test_positions_are_the_servers_steps(tmp_path: Path) -> None:
    asked: list[Call] = []
    expected: list[int | float] = []
    for k, case in enumerate(CASES):
        steps = PlaneSteps.of(case.geometry, PLANES[NAMES[k % 3]])
        told = {"first": steps.first, "step": steps.step, "count": steps.count, "places": list(steps.places)}
        index = k % steps.count
        position = steps.at_index(index) + 0.2 * (steps.step if not steps.places else 0) - 20 * (k % 7 == 0)
        asked += [
            ("geometry/steps.js", "positionAt", (told, index)),
            ("geometry/steps.js", "nearestStep", (told, position)),
        ]
        expected += [steps.at_index(index), steps.nearest(position)]
    np.testing.assert_allclose(called(asked, tmp_path), expected, atol=MM)


@pytest.mark.parametrize(("off", "expected"), [(0, 3), (0.9e-4, 3), (-0.9e-4, 3), (1.1e-4, None), (0.5, None)])
def test_only_what_lies_on_a_step_is_that_step(off: float, expected: int | None, tmp_path: Path) -> None:
    steps = {"first": -10, "step": 2.5, "count": 5, "places": []}
    assert called([("geometry/steps.js", "stepOf", (steps, -2.5 + off))], tmp_path) == [expected]


def test_a_volume_opens_where_the_server_cuts_unless_told(tmp_path: Path) -> None:
    found = called([("state/view.js", "middleOf", (case.facts,)) for case in CASES], tmp_path)
    expected = [[patient_planes(c.geometry, PLANES[n]).position for n in reversed(NAMES)] for c in CASES]
    np.testing.assert_allclose(found, expected, atol=MM)


def test_voxels_lie_where_the_server_says(tmp_path: Path) -> None:
    indices = [np.array(case.geometry.shape) * [0.3, 0.6, 0.9] // [1, 2, 1] for case in CASES]
    asked: list[Call] = [
        ("geometry/plane.js", "voxelCentre", (case.facts, *(int(k) for k in at)))
        for case, at in zip(CASES, indices, strict=True)
    ]
    expected = [c.geometry.map_indices_to_reference(np.floor(at)) for c, at in zip(CASES, indices, strict=True)]
    np.testing.assert_allclose(called(asked, tmp_path), expected, atol=MM)


def image_planes() -> list[ImagePlane]:
    """A turned plane of every volume."""
    return [
        patient_planes(case.geometry, axes_of(NAMES[k % 3], case.turned)).plane(7.5, RequestedSize())
        for k, case in enumerate(CASES)
    ]


def test_pixels_lie_where_the_server_says(tmp_path: Path) -> None:
    planes = image_planes()
    pixels = np.random.default_rng(5).uniform(-20, 300, (len(planes), 2))
    asked: list[Call] = [
        ("geometry/plane.js", "pointOf", (plane_facts(plane, 1, 0, 1), *at))
        for plane, at in zip(planes, pixels.tolist(), strict=True)
    ]
    expected = [plane.map_pixels_to_reference(at) for plane, at in zip(planes, pixels, strict=True)]
    np.testing.assert_allclose(called(asked, tmp_path), expected, atol=MM)


def test_points_are_found_on_planes_and_behind_them(tmp_path: Path) -> None:
    planes = image_planes()
    generator = np.random.default_rng(6)
    pixels, depths = generator.uniform(-20, 300, (len(planes), 2)), generator.uniform(-50, 50, len(planes))
    asked: list[Call] = []
    for plane, at, behind in zip(planes, pixels, depths, strict=True):
        point = plane.map_pixels_to_reference(at) + plane.normal * behind
        asked.append(("geometry/plane.js", "placeOf", (plane_facts(plane, 1, 0, 1), numbers(point))))
    found = [(place["row"], place["column"], place["behind"]) for place in called(asked, tmp_path)]
    np.testing.assert_allclose(found, np.c_[pixels, depths], atol=1e-6)


def test_turning_in_a_pane_turns_what_runs_right_towards_what_runs_down(tmp_path: Path) -> None:
    """On the screen that is clockwise; the pane's own picture stays as it is."""
    angles = np.random.default_rng(7).uniform(-3, 3, len(CASES))
    asked: list[Call] = []
    for k, (case, angle) in enumerate(zip(CASES, angles.tolist(), strict=True)):
        state = {"axes": listed(*case.turned), "crosshair": [0, 0, 0]}
        asked.append(("state/view.js", "rotated", (state, NAMES[k % 3], angle)))
    patches = called(asked, tmp_path)
    shown = called(
        [("geometry/plane.js", "directionsOf", (NAMES[k % 3], p["axes"])) for k, p in enumerate(patches)], tmp_path
    )
    for k, (case, angle, patch) in enumerate(zip(CASES, angles, patches, strict=True)):
        pane = axes_of(NAMES[k % 3], case.turned)
        right, down, away = case.turned @ pane.row, case.turned @ pane.column, case.turned @ pane.axis
        turned = np.outer(right * np.cos(angle) - down * np.sin(angle), pane.row)
        turned += np.outer(right * np.sin(angle) + down * np.cos(angle), pane.column) + np.outer(away, pane.axis)
        np.testing.assert_allclose(patch["axes"], turned, atol=MM)
        np.testing.assert_allclose(shown[k]["normal"], pane.axis, atol=MM)
        if np.linalg.norm(np.cross((1, 0, 0) if k % 3 == 0 else (0, 0, 1), pane.axis)) > HIDDEN:
            np.testing.assert_allclose([shown[k]["row"], shown[k]["column"]], [pane.row, pane.column], atol=MM)
