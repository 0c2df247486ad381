"""Directions that can't be used, and parameters that contradict each other: 400 that names the parameter."""

import pytest

from clients import Client
from naive import PLANES
from phantoms import Acquisition, noise
from refusals import assert_bad_parameter, assert_refused

CONFLICT = "conflicting-parameters"
NO_TRIPLE = [
    "",
    " ",
    ",,",
    "1",
    "1,2",
    "1,2,3,4",
    "1,2,",
    "a,b,c",
    "1;2;3",
    "1,2,x",
    "1 2 3",
    "[1,2,3]",
    "1,2,3\n4",
    "☃",
]
NO_TRIPLE += ["nan,0,1", "0,inf,1", "0,0,-inf", "1e999,0,0", "1e7,0,0", "0,0,-1000001", "0x1,0,0", "1_0,0,0", "None"]
NO_TRIPLE += [",".join(["0" * 60 + "1"] * 3), "9" * 400 + ",0,0", "1," * 1000]
NOTHING = ["0,0,0", "1e-9,0,0", "0,-1e-7,1e-8", "1e-300,1e-300,1e-300", "-0,0,-0"]


@pytest.fixture
def path(client: Client) -> str:
    """The MPR routes of a stored series of three slices."""
    return f"/series/{client.store_series(noise(Acquisition(shape=(3, 8, 8))))}/mpr"


@pytest.mark.parametrize("name", ["normal", "up", "center", "row", "column"])
def test_what_are_no_three_numbers(client: Client, path: str, name: str) -> None:
    partners = {"up": {"normal": "0,0,1"}, "center": {"normal": "0,0,1"}}
    partners |= {"row": {"column": "0,1,0"}, "column": {"row": "1,0,0"}, "normal": {}}
    for value in NO_TRIPLE:
        body = assert_bad_parameter(client.get(f"{path}/oblique", **partners[name], **{name: value}), name)
        assert len(str(body)) < 1500


@pytest.mark.parametrize("value", NOTHING)
def test_vectors_without_length(client: Client, path: str, value: str) -> None:
    assert_bad_parameter(client.get(f"{path}/oblique", normal=value), "normal")
    assert_bad_parameter(client.get(f"{path}/oblique", normal="0,1,0", up=value), "up")
    assert_bad_parameter(client.get(f"{path}/oblique", row=value, column="0,1,0"), "row")
    assert_bad_parameter(client.get(f"{path}/oblique", row="0,1,0", column=value), "column")


@pytest.mark.parametrize(
    ("normal", "up"), [("0,0,1", "0,0,5"), ("0,0,1", "0,0,-1"), ("1,1,1", "-2,-2,-2"), ("1,0,0", "1,0.0005,0")]
)
def test_up_along_the_normal(client: Client, path: str, normal: str, up: str) -> None:
    assert_bad_parameter(client.get(f"{path}/oblique", normal=normal, up=up), "up")


@pytest.mark.parametrize(
    ("row", "column", "wrong"),
    [
        ("2,0,0", "0,1,0", "row"),
        ("1.0002,0,0", "0,1,0", "row"),
        ("1,0,0", "0,0.9998,0", "column"),
        ("1,0,0", "1,0,0", "column"),
        ("1,0,0", "0.0002,1,0", "column"),
        ("1,0,0", "-1,0,0", "column"),
        ("0.6,0.8,0", "0.8,0.6,0", "column"),
    ],
)
def test_rows_and_columns_that_are_not_orthonormal(
    client: Client, path: str, row: str, column: str, wrong: str
) -> None:
    assert_bad_parameter(client.get(f"{path}/oblique", row=row, column=column), wrong)


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("normal=0,0,1&row=1,0,0&column=0,1,0", "row"),
        ("normal=0,0,1&row=1,0,0", "row"),
        ("normal=0,0,1&column=0,1,0", "column"),
        ("row=1,0,0", "row"),
        ("column=0,1,0", "column"),
        ("up=0,0,1", "up"),
        ("up=0,0,1&row=1,0,0&column=0,1,0", "up"),
        ("normal=0,0,1&axes=volume", "axes"),
        ("normal=0,0,1&position=1&index=1", "index"),
        ("normal=0,0,1&index=1&fraction=0.5", "fraction"),
        ("normal=0,0,1&projection=mip", "projection"),
    ],
)
def test_parameters_that_contradict_each_other(client: Client, path: str, query: str, named: str) -> None:
    assert_bad_parameter(client.get(f"{path}/oblique?{query}"), named, CONFLICT)


def test_an_oblique_plane_needs_a_direction(client: Client, path: str) -> None:
    for query in ("", "?center=0,0,0", "?position=3"):
        assert_bad_parameter(client.get(f"{path}/oblique{query}"), "normal")


@pytest.mark.parametrize("plane", PLANES)
def test_directions_are_of_oblique_planes_only(client: Client, path: str, plane: str) -> None:
    for name in ("center", "normal", "up", "row", "column"):
        for axes in ("patient", "volume"):
            answer = client.get(f"{path}/{plane}", axes=axes, **{name: "0,0,1"})
            assert_bad_parameter(answer, name, CONFLICT)


def test_words_that_are_no_axes(client: Client, path: str) -> None:
    for value in ("", "Patient", "voxel", "volume,patient", "☃"):
        body = assert_bad_parameter(client.get(f"{path}/axial", axes=value), "axes")
        assert body["Allowed"] == ["patient", "volume"]


def test_other_names_of_planes_are_unknown(client: Client, path: str) -> None:
    for name in ("Oblique", "transverse", "oblique.png", "3d"):
        body = assert_refused(client.get(f"{path}/{name}?normal=0,0,1"), 404, "unknown-plane")
        assert body["Allowed"] == ["axial", "coronal", "sagittal", "oblique"]


def test_sizes_of_oblique_planes_are_bounded(client: Client, path: str) -> None:
    for extra in ("", "&slab-thickness=4"):
        oblique = f"{path}/oblique?normal=1,1,1{extra}"
        for name in ("width", "height"):
            assert_bad_parameter(client.get(f"{oblique}&{name}=100000"), name)
        assert_refused(client.get(f"{oblique}&pixel-spacing=0.001"), 413, "too-large")
        assert_bad_parameter(client.get(f"{oblique}&region=0,0,100000,1"), "region")
        assert_bad_parameter(client.get(f"{oblique}&index=1000"), "index")
