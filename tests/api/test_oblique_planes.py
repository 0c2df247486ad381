"""Oblique planes: they face where they are told to, pass through what they are told to, and show what lies there."""

from itertools import product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients import Client, InProcessClient
from naive import PLANES, corners, fractional_indices, inside, pixel_positions, trilinear
from phantoms import ACQUISITIONS, Acquisition, noise, ramp, rotated
from ramp_checks import TOLERANCE, assert_ramps_tell_their_places

HEAD, FRONT = (0, 0, 1), (0, -1, 0)
LIKE_ORTHOGONAL = {"axial": (0, 0, 1), "coronal": (0, 1, 0), "sagittal": (-1, 0, 0)}
"""The normals, away from the viewer, of the display rule: from the feet, from the front, from the patient's left."""
TURNED = rotated(rotated(Acquisition(shape=(7, 9, 11), spacing=(3.0, 1.5, 0.8)), 33.0, axis=0), 20.0, axis=2)


def text(vector: object) -> str:
    """A vector as a query takes it."""
    return ",".join(repr(float(part)) for part in np.asarray(vector))


def random_normals(seed: int, count: int) -> np.ndarray:
    """Directions spread over the sphere, of any length."""
    return np.random.default_rng(seed).normal(size=(count, 3)) * 3


@pytest.mark.parametrize("name", ACQUISITIONS)
def test_every_pixel_is_where_the_header_says(client: Client, name: str) -> None:
    acquisition = ACQUISITIONS[name]
    identifiers = [client.store_series(ramp(axis, acquisition)) for axis in range(3)]
    normals = random_normals(sorted(ACQUISITIONS).index(name), 3)
    queries = ({}, {"position": 1.7}, {"index": 1, "center": "2,-1,3"}, {"fraction": 0.7, "width": 30})
    for normal, query in zip([*normals, normals[0]], queries, strict=True):
        asked = {"normal": text(normal), "format": "npy", **query}
        answers = [client.get(f"/series/{series}/mpr/oblique", **asked) for series in identifiers]
        assert_ramps_tell_their_places(answers, acquisition)
        assert np.isfinite(answers[0].array()).any()


@given(
    st.tuples(*[st.floats(-1, 1)] * 3).filter(lambda n: np.linalg.norm(n) > 0.1),
    st.tuples(*[st.floats(-1, 1)] * 3),
    st.tuples(*[st.floats(-20, 20)] * 3),
    st.floats(-6, 6),
)
def test_plane_faces_along_its_normal_and_passes_through_its_centre(
    normal: tuple, up: tuple, center: tuple, position: float
) -> None:
    client = InProcessClient()
    series = client.store_series(noise(TURNED))
    n, u = np.array(normal) / np.linalg.norm(normal), np.array(up)
    given_up = {"up": text(up)} if np.linalg.norm(np.cross(n, u)) > 0.1 * np.linalg.norm(u) + 1e-3 else {}
    asked = {"normal": text(normal), "center": text(center), "position": position, **given_up}
    told = client.get(f"/series/{series}/mpr/oblique", format="npy", width=7, **asked).told("Reslice-Plane")
    row, column = np.array(told["Row"]), np.array(told["Column"])
    np.testing.assert_allclose(np.cross(row, column), n, atol=1e-9)
    assert [row @ row, column @ column, row @ column] == pytest.approx([1, 1, 0], abs=1e-9)
    assert np.array(told["Position"]) @ n == pytest.approx(np.array(center) @ n + position, abs=1e-9)
    if given_up:
        assert column @ u < 0
        assert row @ u == pytest.approx(0, abs=1e-9)


@given(st.tuples(*[st.floats(-1, 1)] * 3).filter(lambda n: np.linalg.norm(n) > 0.1), st.floats(0, 1))
def test_values_equal_the_slow_interpolation(normal: tuple, fraction: float) -> None:
    client = InProcessClient()
    files = noise(TURNED)
    series = client.store_series(files)
    answer = client.get(f"/series/{series}/mpr/oblique", format="npy", width=9, normal=text(normal), fraction=fraction)
    values, positions = answer.array(), pixel_positions(answer.told("Reslice-Plane"))
    voxels = np.stack([file.pixel_array for file in files]).astype(float)
    within = inside(fractional_indices(TURNED.affine, positions), TURNED.shape, -0.49)
    for value, point in zip(values[within], positions[within], strict=True):
        assert value == pytest.approx(trilinear(voxels, TURNED.affine, point), abs=0.05)


@pytest.mark.parametrize("plane", PLANES)
@pytest.mark.parametrize("name", ["axial", "axial-prone", "coronal", "sagittal-from-right", "double-oblique"])
def test_oblique_plane_along_the_axes_is_the_orthogonal_one(client: Client, name: str, plane: str) -> None:
    series = client.store_series(noise(ACQUISITIONS[name]))
    normal, axis = LIKE_ORTHOGONAL[plane], PLANES[plane][2]
    for position in (0.0, 2.0, -3.7):
        straight = client.get(f"/series/{series}/mpr/{plane}", format="npy", position=position)
        offset = position * sum(normal)
        asked = {"center": "0,0,0", "normal": text(normal), "position": offset, "format": "npy"}
        oblique = client.get(f"/series/{series}/mpr/oblique", **asked)
        told, expected = oblique.told("Reslice-Plane"), straight.told("Reslice-Plane")
        assert (told["Row"], told["Column"]) == (expected["Row"], expected["Column"])
        assert told["Position"] == pytest.approx(expected["Position"], abs=1e-9)
        assert told["Position"][axis] == pytest.approx(position, abs=1e-9)
        np.testing.assert_array_equal(oblique.array(), straight.array())


NEAR = ((0.3, -0.3, -1), (0.2, 0.1, 1), (0.5, -0.5, -1))
"""Normals to both sides of the angle at which the front is up."""


def test_head_is_up_or_the_front_where_the_head_is_ahead(client: Client) -> None:
    path = f"/series/{client.store_series(noise())}/mpr/oblique"
    for normal in ((0, 1, 0), (0.6, -1, 0.4), (-1, 0.1, 0.9), (1, 0, 0), (0, 0, 1), (0.3, -0.8, -1), (0, 0, -1), *NEAR):
        told = client.get(path, normal=text(normal), format="npy").told("Reslice-Plane")
        up = FRONT if abs(normal[2]) / np.linalg.norm(normal) > 0.9 else HEAD
        assert np.dot(told["Column"], up) < -0.5
        assert np.dot(told["Row"], up) == pytest.approx(0, abs=1e-9)


def test_rows_and_columns_say_the_same_as_normal_and_up(client: Client) -> None:
    path = f"/series/{client.store_series(noise(TURNED))}/mpr/oblique"
    by_normal = client.get(path, normal="1,2,-0.5", up="0,-1,1", position=1.5, format="npy")
    told = by_normal.told("Reslice-Plane")
    asked = {"row": text(told["Row"]), "column": text(told["Column"]), "position": 1.5, "format": "npy"}
    by_rows = client.get(path, **asked)
    np.testing.assert_allclose(by_rows.array(), by_normal.array(), atol=1e-3)
    assert by_rows.told("Reslice-Plane")["Position"] == pytest.approx(told["Position"], abs=1e-9)
    nearly = client.get(path, row="1.00009,0,0", column="0.00009,1,0", format="npy").told("Reslice-Plane")
    assert (nearly["Row"], nearly["Column"]) == ([1, 0, 0], [0, 1, 0])


def test_default_passes_through_the_centre_of_the_volume(client: Client) -> None:
    for acquisition in (Acquisition(center=(10.0, -20.0, 30.0)), ACQUISITIONS["tilted-oblique"]):
        series = client.store_series(noise(acquisition))
        middle = corners(acquisition.affine, acquisition.shape).mean(axis=0)
        for normal in random_normals(7, 4):
            told = client.get(f"/series/{series}/mpr/oblique", normal=text(normal)).told("Reslice-Plane")
            assert (told["Position"] - middle) @ (normal / np.linalg.norm(normal)) == pytest.approx(0, abs=1e-6)


def test_index_steps_from_the_lowest_voxel_centre_along_the_normal(client: Client) -> None:
    path = f"/series/{client.store_series(noise(TURNED))}/mpr/oblique"
    normal = np.cross(TURNED.row, TURNED.column) + 0.1  # nearest to the slices' own
    normal /= np.linalg.norm(normal)
    heights = TURNED.coordinates @ normal
    count = int(np.floor(np.ptp(heights) / 3.0 + 1e-6)) + 1
    for index in (0, 1, count - 1):
        told = client.get(path, normal=text(normal), center="5,6,7", index=index).told("Reslice-Plane")
        assert (told["Index"], told["Count"], told["Thickness"]) == (index, count, pytest.approx(3.0))
        assert np.array(told["Position"]) @ normal == pytest.approx(heights.min() + 3.0 * index, abs=1e-4)
    assert client.get(path, normal=text(normal), index=count).status == 400
    for fraction, height in ((0, 0.0), (1, 3.0 * (count - 1))):
        told = client.get(path, normal=text(normal), fraction=fraction).told("Reslice-Plane")
        assert np.array(told["Position"]) @ normal == pytest.approx(heights.min() + height, abs=1e-4)


def test_index_counts_uneven_slices_where_they_lie(client: Client) -> None:
    heights = [-6.0, -4.0, -2.0, 1.0, 3.0]
    files = noise(Acquisition(shape=(5, 6, 7), spacing=(2.0, 1.0, 1.0)))
    for file, height in zip(files, heights, strict=True):
        file.ImagePositionPatient = [*file.ImagePositionPatient[:2], str(height)]
        file.SliceThickness = "3"
    path = f"/series/{client.store_series(files)}/mpr/oblique"
    for normal, order in (("0,0,1", [0, 1, 2, 3, 4]), ("0,0,-2", [4, 3, 2, 1, 0])):
        for index, k in enumerate(order):
            answer = client.get(path, normal=normal, up="0,-1,0", center="0,0,1.5", index=index, format="npy")
            mirrored = files[k].pixel_array[:, ::-1] if normal == "0,0,-2" else files[k].pixel_array
            np.testing.assert_array_equal(answer.array(), mirrored)
            assert answer.told("Reslice-Plane")["Position"][2] == pytest.approx(heights[k])
            assert answer.told("Reslice-Plane")["Index"] == index


def test_field_of_view_is_the_bounding_box_of_the_edges(client: Client) -> None:
    path = f"/series/{client.store_series(noise(TURNED))}/mpr/oblique"
    edges = corners(TURNED.affine, TURNED.shape)
    for normal in random_normals(3, 4):
        told = client.get(path, normal=text(normal)).told("Reslice-Plane")
        row, column = np.array(told["Row"]), np.array(told["Column"])
        assert told["Spacing"] == pytest.approx([0.8, 0.8])
        assert told["Position"] @ row == pytest.approx((edges @ row).min() + 0.4, abs=1e-4)
        assert told["Position"] @ column == pytest.approx((edges @ column).min() + 0.4, abs=1e-4)
        extents = np.ptp(edges @ np.stack([column, row], axis=1), axis=0)
        assert told["Size"] == np.ceil(extents / 0.8 - 1e-4).tolist()


def test_so_many_pixels_of_a_spacing_are_cut_around_the_centre(client: Client) -> None:
    identifiers = [client.store_series(ramp(axis, TURNED)) for axis in range(3)]
    asked = {"normal": "1,1,0.5", "center": "1,2,3", "width": 5, "height": 3, "pixel_spacing": 0.7, "format": "npy"}
    answers = [client.get(f"/series/{series}/mpr/oblique", **asked) for series in identifiers]
    assert answers[0].told("Reslice-Plane")["Size"] == [3, 5]
    assert [float(answer.array()[1, 2]) for answer in answers] == pytest.approx([1, 2, 3], abs=TOLERANCE)


def test_region_is_a_part_of_the_image(client: Client) -> None:
    path = f"/series/{client.store_series(noise(TURNED))}/mpr/oblique"
    for query in ({}, {"slab_thickness": 4}, {"slab_thickness": 4, "projection": "mip"}):
        asked = {"normal": "1,1,0.5", "format": "npy", "width": 20, **query}
        whole, part = client.get(path, **asked), client.get(path, region="3,5,8,6", **asked)
        np.testing.assert_array_equal(part.array(), whole.array()[5:11, 3:11])
        np.testing.assert_allclose(
            pixel_positions(part.told("Reslice-Plane")), pixel_positions(whole.told("Reslice-Plane"))[5:11, 3:11]
        )


@pytest.mark.parametrize("query", [{"position": 40}, {"position": -1e6}, {"center": "500,0,0"}, {"center": "0,0,1e6"}])
def test_plane_outside_is_black_and_says_so(client: Client, query: dict) -> None:
    path = f"/series/{client.store_series(noise(TURNED))}/mpr/oblique"
    answer = client.get(path, normal="1,0.2,0.7", format="npy", **query)
    assert np.isnan(answer.array()).all()
    assert [warning["Reason"] for warning in answer.told("Reslice-Warnings")] == ["outside-volume"]
    assert (client.get(path, normal="1,0.2,0.7", **query).picture() == 0).all()
    thick = client.get(path, normal="1,0.2,0.7", slab_thickness=6, projection="mip", format="npy", **query)
    assert np.isnan(thick.array()).all()
    assert [warning["Reason"] for warning in thick.told("Reslice-Warnings")] == ["outside-volume"]


def test_entity_tags_tell_directions_and_slabs_apart(client: Client) -> None:
    path = f"/series/{client.store_series(noise())}/mpr"
    queries = [
        "oblique?normal=0,0,1",
        "oblique?normal=0,1,1",
        "oblique?normal=0,0,1&up=1,0,0",
        "oblique?normal=0,0,1&center=0,0,1",
        "oblique?normal=0,0,1&slab-thickness=3",
        "oblique?normal=0,0,1&slab-thickness=4",
        "oblique?normal=0,0,1&slab-thickness=4&projection=mip",
        "oblique?row=1,0,0&column=0,1,0",
        "axial",
        "axial?axes=volume",
        "axial?interpolation=nearest",
        "axial?slab-thickness=3&projection=minip",
    ]
    tags = {query: client.get(f"{path}/{query}").headers["ETag"] for query in queries}
    assert len(set(tags.values())) == len(queries)
    for query, tag in tags.items():
        assert client.get(f"{path}/{query}", headers={"If-None-Match": tag}).status == 304


def test_formats_of_every_kind(client: Client) -> None:
    path = f"/series/{client.store_series(noise(TURNED))}/mpr/oblique"
    for form, extra in product(("png", "jpeg", "webp", "raw", "npy"), ({}, {"slab_thickness": 5})):
        answer = client.get(path, normal="1,1,1", format=form, **extra)
        assert answer.status == 200
        assert answer.told("Reslice-Plane").get("Slab") == extra.get("slab_thickness")
    assert client.get(path, normal="1,1,1", format="raw").told("Reslice-Raw")["Type"] == "int16"
