"""Nothing is mirrored: markers at the patient's six sides are seen where they lie, on every kind of plane."""

from dataclasses import replace

import numpy as np
import pytest

from clients import Client
from naive import PLANES
from phantoms import ACQUISITIONS, Acquisition, series

MARKERS = {
    "left": ((12, 2, 1), 1000),
    "right": ((-12, -3, 2), 2000),
    "back": ((3, 12, -2), 3000),
    "front": ((-2, -12, -3), 4000),
    "head": ((-1, 3, 12), 5000),
    "feet": ((2, -1, -12), 6000),
}
"""Off-centre LPS points (mm) of the patient's sides, each with a value of its own."""
RADIUS = 2.4
SEEN = {  # where on the screen each side lies: right or left, bottom or top
    "axial": {"right": "left", "left": "right", "front": "top", "back": "bottom"},
    "coronal": {"right": "left", "left": "right", "head": "top", "feet": "bottom"},
    "sagittal": {"front": "left", "back": "right", "head": "top", "feet": "bottom"},
}
FACING = {"axial": {"normal": "0,0,1"}, "coronal": {"normal": "0,1,0"}, "sagittal": {"normal": "-1,0,0"}}
SAME_BY_ROWS = {
    "axial": {"row": "1,0,0", "column": "0,1,0"},
    "coronal": {"row": "1,0,0", "column": "0,0,-1"},
    "sagittal": {"row": "0,1,0", "column": "0,0,-1"},
}
SAME_WITH_UP = {"axial": {"up": "0,-1,0"}, "coronal": {"up": "0,0.3,2"}, "sagittal": {"up": "0.2,0,1"}}
CUBE = {"shape": (31, 31, 31), "spacing": (1.0, 1.0, 1.0)}


def markers(acquisition: Acquisition) -> list:
    """Six balls in a volume of 0."""
    values = np.zeros(acquisition.shape)
    for point, value in MARKERS.values():
        values[np.linalg.norm(acquisition.coordinates - point, axis=-1) < RADIUS] = value
    return series(values, acquisition)


def sides_of(values: np.ndarray, value: float) -> list[str]:
    """On which sides of the screen the pixels of a marker lie, the one that it is nearest to first."""
    rows, columns = np.nonzero(np.abs(np.nan_to_num(values) - value) < 1)
    assert len(rows), f"the marker of value {value} is not on the picture"
    down, right = (at.mean() - (n - 1) / 2 for at, n in zip((rows, columns), values.shape, strict=True))
    vertical, horizontal = "bottom" if down > 0 else "top", "right" if right > 0 else "left"
    return [vertical, horizontal] if abs(down) > abs(right) else [horizontal, vertical]


def asked_ways(plane: str) -> list[tuple[str, dict]]:
    """The same plane by its name, in volume axes, and oblique by normal, by normal and up, by rows and columns."""
    oblique = [("oblique", way[plane]) for way in (FACING, SAME_BY_ROWS)]
    with_up = ("oblique", {**FACING[plane], **SAME_WITH_UP[plane]})
    return [(plane, {}), (plane, {"axes": "volume"}), *oblique, with_up]


@pytest.mark.parametrize("name", ACQUISITIONS)
def test_every_side_of_the_patient_is_where_it_belongs(client: Client, name: str) -> None:
    path = f"/series/{client.store_series(markers(replace(ACQUISITIONS[name], **CUBE)))}/mpr"
    is_turned = name == "double-oblique"
    for plane, seen in SEEN.items():
        for route, where in asked_ways(plane):
            shown = client.get(f"{path}/{route}", slab_thickness=60, projection="mip", format="npy", **where).array()
            for side, edge in seen.items():
                found = sides_of(shown, MARKERS[side][1])
                # In the axes of a volume that is turned far, a marker may lie nearer to the neighbouring side.
                assert edge in found[: 2 if is_turned and "axes" in where else 1], (plane, route, where, side)


@pytest.mark.parametrize("plane", PLANES)
def test_every_way_to_ask_gives_the_same_plane(client: Client, plane: str) -> None:
    path = f"/series/{client.store_series(markers(Acquisition(**CUBE)))}/mpr"
    axis = PLANES[plane][2]
    for position in (0, 12, -12, 7):
        first = client.get(f"{path}/{plane}", position=position, format="npy")
        offset = -position if plane == "sagittal" else position
        asked = {"center": "0,0,0", "position": offset, "format": "npy"}
        others = [client.get(f"{path}/oblique", **way, **asked) for _, way in asked_ways(plane)[2:]]
        others.append(client.get(f"{path}/{plane}", axes="volume", position=position + 15, format="npy"))
        for other in others:
            np.testing.assert_array_equal(other.array(), first.array())
            assert other.told("Reslice-Plane")["Position"][axis] == pytest.approx(position, abs=1e-9)


def test_each_marker_is_seen_on_its_own_side_only(client: Client) -> None:
    path = f"/series/{client.store_series(markers(Acquisition(**CUBE)))}/mpr"
    for (plane, (_, _, axis)), sides in zip(
        PLANES.items(), (("head", "feet"), ("back", "front"), ("left", "right")), strict=True
    ):
        for side in sides:
            point, value = MARKERS[side]
            assert np.nanmax(client.get(f"{path}/{plane}", position=point[axis], format="npy").array()) == value
            assert np.nanmax(client.get(f"{path}/{plane}", position=-point[axis], format="npy").array()) != value
