"""Everything that can't be measured is refused, each with a reason of its own, and nothing is kept."""

import json
from typing import Any

import numpy as np
import pytest
from pydicom.encaps import encapsulate

from clients import Client, InProcessClient, orthanc_ids
from drafts import Bench, body_of, in_series, on_image
from phantoms import Acquisition, geometry, image, noise, structured_report, without_geometry
from refusals import assert_refused
from reslice.settings import Settings

SHAPE = Acquisition(shape=(4, 20, 24), spacing=(2.0, 1.0, 1.0))
"""Voxel centres from (-11.5, -9.5, -3) to (11.5, 9.5, 3)."""
NOWHERE = "deadbeef-deadbeef-deadbeef-deadbeef-deadbeef"
SQUARE = [(2, 2), (8, 2), (8, 8), (2, 8)]
AXIAL = {"Position": [0, 0, 1], "Row": [1, 0, 0], "Column": [0, 1, 0]}


@pytest.fixture
def bench(client: Client) -> Bench:
    return Bench(client, noise(SHAPE))


def line(bench: Bench, **changes: Any) -> dict[str, Any]:
    return {**bench.line(), **changes}


def without(body: dict[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name != key}


def assert_kept_nothing(bench: Bench, body: object, status: int, reason: str) -> dict[str, Any]:
    """Refused by the creation as by the computation, and the list stays empty."""
    assert_refused(bench.compute(body), status, reason)
    problem = assert_refused(bench.create(body), status, reason)
    assert bench.listed() == []
    return problem


# --- Bodies that are wrong whatever the images hold ----------------------------------------------------------

TEXTS = {
    "": "malformed-json",
    "{": "malformed-json",
    "not json": "malformed-json",
    '{"Type": "distance"} trailing': "malformed-json",
    '{"Type": "distance", "Type": "area"}': "malformed-json",
    "[" * 100_000: "malformed-json",
    "1" * 5000: "malformed-json",
    '{"Geometry": {"Points": [[NaN, 1]]}}': "bad-number",
    '{"Geometry": {"Points": [[Infinity, 1]]}}': "bad-number",
    '{"Geometry": {"Points": [[-Infinity, 1]]}}': "bad-number",
    "[]": "bad-value",
    "null": "bad-value",
    '"text"': "bad-value",
    "{}": "missing-key",
}


@pytest.mark.parametrize("number", range(len(TEXTS)))
def test_text_that_is_no_measurement(bench: Bench, number: int) -> None:
    text, reason = list(TEXTS.items())[number]
    for path in (bench.url, f"{bench.url}/compute"):
        assert_refused(bench.client.post(path, text.encode()), 400, reason)
    assert_refused(bench.client.post(bench.url, b"\xff\xfe\x00{"), 400, "malformed-json")


def test_body_over_the_limit(bench: Bench) -> None:
    body = body_of(line(bench, Label="x" * (1 << 20)))
    assert_refused(bench.client.post(bench.url, body), 413, "body-too-large", LimitBytes=1 << 20)
    assert bench.listed() == []


BODIES: dict[str, tuple[dict[str, Any], str]] = {
    "unknown type": ({"Type": "circle"}, "unknown-type"),
    "type of another kind": ({"Type": 5}, "unknown-type"),
    "unknown tool": ({"Tool": "ruler"}, "unknown-tool"),
    "tool of another type": ({"Tool": "cobb"}, "unknown-tool"),
    "unknown key": ({"Colour": "red"}, "unknown-key"),
    "key in small letters": ({"label": "x"}, "unknown-key"),
    "its own values": ({"Values": [{"Name": "Length", "Value": 3, "Unit": "mm"}]}, "server-owned-key"),
    "its own revision": ({"Revision": 7}, "server-owned-key"),
    "its own author": ({"Author": "Dr. Who"}, "server-owned-key"),
    "its own times": ({"CreatedAt": "2020-01-01T00:00:00Z"}, "server-owned-key"),
    "its own tracking UID": ({"TrackingUID": "1.2.3"}, "server-owned-key"),
    "its own study": ({"Study": NOWHERE}, "server-owned-key"),
    "bad id": ({"Id": "7"}, "bad-id"),
    "id with a path": ({"Id": "../../../../../../../../../../etc/pas"}, "bad-id"),
    "long label": ({"Label": "x" * 257}, "text-too-long"),
    "long description": ({"Description": "x" * 4097}, "text-too-long"),
    "line break in the label": ({"Label": "a\nb"}, "control-character"),
    "NUL in the label": ({"Label": "a\0b"}, "control-character"),
    "escape in the description": ({"Description": "\x1b[31m"}, "control-character"),
    "half a character": ({"Label": "\ud83d"}, "control-character"),
    "label that is a number": ({"Label": 7}, "bad-value"),
    "finding without a code": ({"Finding": {"Scheme": "SCT", "Meaning": "Mass"}}, "missing-key"),
    "finding with an empty code": ({"Finding": {"Scheme": "SCT", "Code": " ", "Meaning": "Mass"}}, "bad-value"),
    "instance with a path": ({"Image": {"Instance": "../../system", "Frame": 0}}, "bad-value"),
    "negative frame": ({"Image": {"Instance": NOWHERE, "Frame": -1}}, "bad-value"),
    "half a frame": ({"Image": {"Instance": NOWHERE, "Frame": 0.5}}, "bad-number"),
    "image of another study": ({"Image": {"Instance": NOWHERE, "Frame": 0}}, "image-not-in-study"),
    "frame out of range": ({"Frame": 1}, "unknown-frame"),
    "huge frame": ({"Frame": 10**9}, "bad-value"),
    "series of another study": ({"Series": NOWHERE}, "series-not-in-study"),
    "plane and image": ({"Plane": AXIAL}, "mixed-references"),
    "volume that the image isn't in": ({"Volume": 3}, "mixed-references"),
}


@pytest.mark.parametrize("name", BODIES)
def test_body_that_is_wrong(bench: Bench, name: str) -> None:
    changes, reason = BODIES[name]
    body = line(bench, **without(changes, "Frame"))
    if "Frame" in changes:
        body["Image"] = {"Instance": bench.instance(), "Frame": changes["Frame"]}
    assert_kept_nothing(bench, body, 400, reason)


@pytest.mark.parametrize("key", ["Type", "Tool", "Geometry", "Image"])
def test_missing_key(bench: Bench, key: str) -> None:
    assert_kept_nothing(bench, without(bench.line(), key), 400, "missing-key")


NUMBERS = ["3", True, None, [1], 1e308, -1e308, 10**400, 1e7]


@pytest.mark.parametrize("number", range(len(NUMBERS)))
def test_point_that_is_no_number(bench: Bench, number: int) -> None:
    assert_kept_nothing(bench, on_image(bench.instance(), [(1, 2), (NUMBERS[number], 3)]), 400, "bad-number")


def test_points_of_the_wrong_kind(bench: Bench) -> None:
    image_points = [[1, 2, 3], [4, 5, 6]]
    assert_kept_nothing(bench, on_image(bench.instance(), image_points), 400, "bad-value")
    assert_kept_nothing(bench, in_series(bench.series, [(1, 2), (3, 4)]), 400, "bad-value")
    assert_kept_nothing(bench, on_image(bench.instance(), [[], []]), 400, "bad-value")
    flat = {**bench.line(), "Geometry": {"Space": "pixel", "Points": [1, 2]}}
    assert_kept_nothing(bench, flat, 400, "bad-value")
    assert_kept_nothing(bench, {**bench.line(), "Geometry": {"Space": "RAS", "Points": [[1, 2]] * 2}}, 400, "bad-value")


WRONG_COUNTS = {
    ("distance", "line"): (1, 3),
    ("distance", "polyline"): (1, 2001),
    ("angle", "angle"): (2, 4),
    ("angle", "cobb"): (3, 5),
    ("area", "polygon"): (2, 2001),
    ("area", "rectangle"): (3, 5),
    ("area", "ellipse"): (3, 5),
    ("hu", "point"): (0, 2),
}


@pytest.mark.parametrize("kind", WRONG_COUNTS, ids="-".join)
def test_wrong_number_of_points(bench: Bench, kind: tuple[str, str]) -> None:
    for count in WRONG_COUNTS[kind]:
        points = [(k % 20, k // 20 % 20) for k in range(count)]
        body = on_image(bench.instance(), points, kind[0], Tool=kind[1])
        assert_kept_nothing(bench, body, 400, "wrong-point-count")


SHAPES = {
    "coincident ends": ("distance", "line", [(3, 3), (3, 3)], 400, "coincident-points"),
    "coincident vertex": ("angle", "angle", [(3, 3), (3, 3), (5, 5)], 400, "coincident-points"),
    "cobb line without length": ("angle", "cobb", [(1, 1), (1, 1), (2, 5), (8, 5)], 400, "coincident-points"),
    "polygon on a line": ("area", "polygon", [(1, 1), (5, 5), (9, 9)], 400, "zero-area"),
    "polygon that crosses itself": ("area", "polygon", [(1, 1), (9, 9), (9, 1), (1, 8)], 400, "self-intersecting"),
    "rectangle that is none": ("area", "rectangle", [(1, 1), (9, 1), (9, 8), (2, 5)], 400, "not-a-rectangle"),
    "ellipse with slanted axes": ("area", "ellipse", [(1, 5), (9, 5), (4, 3), (6, 7)], 400, "axes-not-perpendicular"),
    "point off the image": ("distance", "line", [(3, 3), (24, 3)], 422, "outside-image"),
    "point above the image": ("distance", "line", [(3, 3), (3, -0.6)], 422, "outside-image"),
    "hu off the image": ("hu", "point", [(3, 19.6)], 422, "outside-image"),
}


@pytest.mark.parametrize("name", SHAPES)
def test_shape_that_cannot_be_measured(bench: Bench, name: str) -> None:
    kind, tool, points, status, reason = SHAPES[name]
    assert_kept_nothing(bench, on_image(bench.instance(), points, kind, Tool=tool), status, reason)


# --- In the patient -------------------------------------------------------------------------------------------


def test_points_off_the_image_the_plane_and_the_volume(bench: Bench) -> None:
    on_slice = [(-5, 0, -3), (5, 0, -3)]
    assert bench.compute(on_image(bench.instance(0), on_slice, Space="LPS")).status == 200
    assert_kept_nothing(bench, on_image(bench.instance(2), on_slice, Space="LPS"), 422, "off-plane")
    outside = [(-5, 0, -3), (15, 0, -3)]
    assert_kept_nothing(bench, on_image(bench.instance(0), outside, Space="LPS"), 422, "outside-image")
    assert_kept_nothing(bench, in_series(bench.series, outside), 422, "outside-volume")
    lifted = [(-5, 0, 1), (5, 0, 1), (5, 5, 2)]
    assert_kept_nothing(bench, in_series(bench.series, lifted, "area", Plane=AXIAL), 422, "off-plane")


@pytest.mark.parametrize(
    "plane",
    [
        {"Position": [0, 0, 0], "Row": [1, 0, 0], "Column": [0, 2, 0]},
        {"Position": [0, 0, 0], "Row": [1, 0, 0], "Column": [1, 0, 0]},
        {"Position": [0, 0, 0], "Row": [0, 0, 0], "Column": [0, 1, 0]},
        {"Position": [0, 0], "Row": [1, 0, 0], "Column": [0, 1, 0]},
    ],
)
def test_plane_that_is_none(bench: Bench, plane: dict[str, Any]) -> None:
    body = in_series(bench.series, [(-5, 0, 0), (5, 0, 0), (5, 5, 0)], "area", Plane=plane)
    assert_refused(bench.compute(body), 400, "bad-value" if len(plane["Position"]) == 3 else "missing-key")


def test_area_needs_an_image_or_a_plane(bench: Bench) -> None:
    body = in_series(bench.series, [(-5, 0, 0), (5, 0, 0), (5, 5, 0)], "area")
    assert_kept_nothing(bench, body, 400, "missing-key")


def test_pixels_belong_to_an_image(bench: Bench) -> None:
    body = {**in_series(bench.series), "Geometry": {"Space": "pixel", "Points": [[1, 2], [3, 4]]}}
    assert_kept_nothing(bench, body, 400, "mixed-references")


# --- Volumes ----------------------------------------------------------------------------------------------------


def volume(bench: Bench, tool: str = "threshold", **said: Any) -> dict[str, Any]:
    points = said.pop("Points", [])
    return in_series(bench.series, points, "volume", Tool=tool, Geometry=said)


VOLUMES: dict[str, tuple[str, dict[str, Any], int, str]] = {
    "reversed range": ("threshold", {"Shape": "everywhere", "Range": [5, 1]}, 400, "reversed-range"),
    "no range": ("threshold", {"Shape": "everywhere"}, 400, "missing-key"),
    "no shape": ("threshold", {"Range": [0, 1]}, 400, "missing-key"),
    "unknown shape": ("threshold", {"Shape": "torus", "Range": [0, 1]}, 400, "bad-value"),
    "seed where none belongs": (
        "threshold",
        {"Shape": "everywhere", "Range": [0, 1], "Seed": [0, 0, 0]},
        400,
        "unknown-key",
    ),
    "no seed": ("region", {"Shape": "everywhere", "Range": [0, 1]}, 400, "missing-key"),
    "odd connectivity": (
        "region",
        {"Shape": "everywhere", "Range": [0, 1], "Seed": [0, 0, 0], "Connectivity": 8},
        400,
        "bad-value",
    ),
    "box of one corner": (
        "threshold",
        {"Shape": "box", "Range": [0, 1], "Points": [[0, 0, 0]]},
        400,
        "wrong-point-count",
    ),
    "points everywhere": (
        "threshold",
        {"Shape": "everywhere", "Range": [0, 1], "Points": [[0, 0, 0]]},
        400,
        "wrong-point-count",
    ),
    "box without extent": (
        "threshold",
        {"Shape": "box", "Range": [0, 1], "Points": [[0, 0, 0], [0, 0, 0]]},
        400,
        "coincident-points",
    ),
    "box beyond the volume": (
        "threshold",
        {"Shape": "box", "Range": [0, 1], "Points": [[0, 0, 0], [99, 0, 0]]},
        422,
        "outside-volume",
    ),
    "slanted ellipsoid": (
        "threshold",
        {"Shape": "ellipsoid", "Range": [0, 1], "Points": [[0, 0, 0], [3, 0, 0], [3, 3, 0], [0, 0, 2]]},
        400,
        "axes-not-perpendicular",
    ),
    "empty region": ("threshold", {"Shape": "everywhere", "Range": [1e6, 2e6]}, 422, "empty-region"),
    "seed outside the volume": (
        "region",
        {"Shape": "everywhere", "Range": [-2000, 4000], "Seed": [50, 0, 0]},
        422,
        "outside-volume",
    ),
    "seed outside the range": (
        "region",
        {"Shape": "everywhere", "Range": [1e6, 2e6], "Seed": [0, 0, 0]},
        422,
        "seed-outside",
    ),
    "no polygons": ("polygons", {}, 400, "missing-key"),
    "two polygons on a slice": (
        "polygons",
        {"Polygons": [[[0, 0, 1], [5, 0, 1], [5, 5, 1]], [[-5, 0, 1], [-1, 0, 1], [-1, 5, 1]]]},
        422,
        "two-polygons-on-a-slice",
    ),
    "a slice without its polygon": (
        "polygons",
        {"Polygons": [[[0, 0, -3], [5, 0, -3], [5, 5, -3]], [[0, 0, 1], [5, 0, 1], [5, 5, 1]]]},
        422,
        "skipped-slices",
    ),
    "polygon across slices": ("polygons", {"Polygons": [[[0, 0, -3], [5, 0, 3], [5, 5, 3]]]}, 422, "off-plane"),
    "polygon that is not flat": (
        "polygons",
        {"Polygons": [[[-5, -5, -3], [5, -5, 3], [5, 5, -3], [-5, 5, 3]]]},
        422,
        "off-plane",
    ),
}


@pytest.mark.parametrize("name", VOLUMES)
def test_volume_that_cannot_be_measured(bench: Bench, name: str) -> None:
    tool, said, status, reason = VOLUMES[name]
    assert_refused(bench.compute(volume(bench, tool, **said)), status, reason)


def test_volume_is_not_measured_on_an_image(bench: Bench) -> None:
    body = {**volume(bench, Shape="everywhere", Range=[0, 1]), "Image": {"Instance": bench.instance(), "Frame": 0}}
    assert_refused(bench.compute(body), 400, "mixed-references")


def test_unknown_volume(bench: Bench) -> None:
    assert_refused(
        bench.compute({**volume(bench, Shape="everywhere", Range=[0, 1]), "Volume": 1}), 400, "unknown-volume"
    )


def test_ambiguous_volume(client: Client) -> None:
    files = noise(SHAPE)
    others = noise(Acquisition(shape=(4, 10, 10)), StudyInstanceUID=files[0].StudyInstanceUID)
    for other in others:
        other.SeriesInstanceUID = files[0].SeriesInstanceUID
    bench = Bench(client, [*files, *others])
    body = volume(bench, Shape="everywhere", Range=[-2000, 4000])
    assert_refused(bench.compute(body), 400, "ambiguous-volume")
    counts = {named["Count"] for k in (0, 1) for named in [_names(bench.compute({**body, "Volume": k}).json())]}
    assert counts == {4 * 20 * 24, 400}


def _names(record: dict[str, Any]) -> dict[str, float]:
    return {value["Name"]: value["Value"] for value in record["Values"]}


def test_volume_across_missing_slices(client: Client) -> None:
    files = noise(Acquisition(shape=(8, 10, 12)))
    bench = Bench(client, [*files[:3], *files[5:]])
    assert_refused(bench.compute(volume(bench, Shape="everywhere", Range=[-2000, 4000])), 422, "missing-slices")
    first, third = ([float(x) for x in files[k].ImagePositionPatient] for k in (0, 2))
    corners = [first, [third[0] + 5, third[1] + 5, third[2]]]
    assert bench.compute(volume(bench, Shape="box", Range=[-2000, 4000], Points=corners)).status == 200


# --- Images that can't be measured -----------------------------------------------------------------------------


def test_single_slice_and_stack_have_no_volume(client: Client) -> None:
    single = Bench(client, noise(Acquisition(shape=(1, 10, 12))))
    assert_refused(single.compute(volume(single, Shape="everywhere", Range=[0, 1])), 422, "single-frame")
    flat = Bench(client, [without_geometry(np.zeros((8, 8), np.uint8))])
    assert flat.compute(volume(flat, Shape="everywhere", Range=[0, 1])).status == 422


def test_duplicate_positions_have_no_volume(client: Client) -> None:
    first, other = noise(SHAPE), noise(SHAPE, seed=1)
    extra = other[:2]
    for k, dataset in enumerate(extra):
        dataset.StudyInstanceUID, dataset.SeriesInstanceUID = first[0].StudyInstanceUID, first[0].SeriesInstanceUID
        dataset.InstanceNumber = 50 + k
    bench = Bench(client, [*first, *extra])
    assert_refused(bench.compute(volume(bench, Shape="everywhere", Range=[0, 1])), 422, "duplicate-positions")


def test_what_is_not_an_image(client: Client) -> None:
    files = noise(SHAPE)
    report = structured_report(StudyInstanceUID=files[0].StudyInstanceUID)
    bench = Bench(client, files)
    client.store([report])
    body = on_image(orthanc_ids(report)["instances"], [(1, 2), (3, 4)])
    assert_kept_nothing(bench, body, 422, "not-an-image")


def test_colour_has_no_values(client: Client) -> None:
    pixels = np.random.default_rng(0).integers(0, 255, (8, 8, 3)).astype(np.uint8)
    bench = Bench(client, [image(pixels)])
    assert_kept_nothing(bench, on_image(bench.instance(), [(3, 3)], "hu"), 422, "colour")
    answer = bench.compute(on_image(bench.instance(), [*SQUARE[:1], (6, 2), (6, 6), (2, 6)], "area"))
    assert {value["Name"] for value in answer.json()["Values"]} == {"Area", "Perimeter"}


def test_lps_needs_a_place_in_the_patient(client: Client) -> None:
    bench = Bench(client, [without_geometry(np.zeros((8, 8), np.uint8))])
    body = on_image(bench.instance(), [(1, 2, 0), (3, 4, 0)], Space="LPS")
    assert_kept_nothing(bench, body, 422, "no-geometry")


def test_radius_needs_millimetres(client: Client) -> None:
    bench = Bench(client, [without_geometry(np.zeros((8, 8), np.uint8))])
    body = on_image(bench.instance(), [(3, 3)], "hu", Geometry={"Radius": 2})
    assert_kept_nothing(bench, body, 422, "no-spacing")


def test_image_and_series_of_two_frames_of_reference(client: Client) -> None:
    files = noise(SHAPE)
    elsewhere = noise(SHAPE, StudyInstanceUID=files[0].StudyInstanceUID, FrameOfReferenceUID="2.25.77")
    beside = noise(SHAPE, StudyInstanceUID=files[0].StudyInstanceUID)
    bench = Bench(client, files)
    client.store([*elsewhere, *beside])
    body = bench.line()
    assert_kept_nothing(bench, {**body, "Series": orthanc_ids(elsewhere[0])["series"]}, 422, "two-frames-of-reference")
    assert_kept_nothing(bench, {**body, "Series": orthanc_ids(beside[0])["series"]}, 400, "mixed-references")


def test_undecodable_pixels(client: Client) -> None:
    (file,) = noise(Acquisition(shape=(1, 16, 16)))
    file.file_meta.TransferSyntaxUID = "1.2.840.10008.1.2.4.100"
    file.PixelData = encapsulate([b"\x00\x01\x02\x03"])
    file["PixelData"].VR = "OB"
    file["PixelData"].is_undefined_length = True
    bench = Bench(client, [file])
    assert_kept_nothing(bench, on_image(bench.instance(), [(3, 3)], "hu"), 415, "undecodable")


def test_no_data_at_a_point(client: Client) -> None:
    pixels = np.full((8, 8), 100, np.int16)
    pixels[3, 3] = -2000
    flat = Acquisition(shape=(1, 8, 8))
    bench = Bench(client, [image(pixels, PixelPaddingValue=-2000, **geometry(flat, 0))])
    assert_kept_nothing(bench, on_image(bench.instance(), [(3, 3)], "hu"), 422, "no-data")
    assert bench.compute(on_image(bench.instance(), [(4, 3)], "hu")).status == 200


def test_every_refusal_is_in_orthancs_shape_and_names_its_key(bench: Bench) -> None:
    problem = assert_refused(bench.create(line(bench, Label="x" * 300)), 400, "text-too-long", Parameter="Label")
    assert json.dumps(problem).isascii()


def test_label_that_begins_like_a_formula_is_text(bench: Bench) -> None:
    label = '=HYPERLINK("http://x","y")'
    assert bench.created(line(bench, Label=label))["Label"] == label


def test_region_over_the_cap() -> None:
    bench = Bench(InProcessClient(Settings(largest_region_voxels=1000)), noise(SHAPE))
    body = volume(bench, Shape="everywhere", Range=[-2000, 4000])
    assert_refused(bench.compute(body), 413, "region-too-large", LimitVoxels=1000)
    wide = [(-11, -9, 1), (11, -9, 1), (11, 9, 1), (-11, 9, 1)]
    plane = {**AXIAL, "Row": [1, 0, 0]}
    assert bench.compute(in_series(bench.series, wide, "area", Plane=plane)).status == 200
    tiny = Bench(InProcessClient(Settings(largest_region_voxels=1000)), noise(Acquisition(shape=(2, 64, 64))))
    wide = [(-31, -31, 1), (31, -31, 1), (31, 31, 1), (-31, 31, 1)]
    assert_refused(tiny.compute(in_series(tiny.series, wide, "area", Plane=plane)), 413, "region-too-large")
    over_image = [(0, 0), (63, 0), (63, 63), (0, 63)]
    assert_refused(tiny.compute(on_image(tiny.instance(), over_image, "area")), 413, "region-too-large")
    ball = in_series(tiny.series, [(0, 0, 0)], "hu", Geometry={"Radius": 25})
    assert_refused(tiny.compute(ball), 413, "region-too-large")


def test_numbers_that_are_all_taken() -> None:
    bench = Bench(InProcessClient(Settings(metadata_range=(50000, 50001))), noise(SHAPE))
    kept = [bench.created(bench.line())["Id"] for _ in range(2)]
    assert_refused(bench.create(bench.line()), 507, "range-full")
    assert {record["Id"] for record in bench.listed()} == set(kept)


def test_record_that_is_too_large(bench: Bench) -> None:
    points = [(k % 20 + k / 4001, k // 20 % 19 + k / 4001) for k in range(2000)]
    body = on_image(bench.instance(), points, Tool="polyline", Description="\u3042" * 4096)
    assert_kept_nothing_but_computed(bench, body)


def assert_kept_nothing_but_computed(bench: Bench, body: dict[str, Any]) -> None:
    assert bench.compute(body).status == 200
    assert_refused(bench.create(body), 413, "record-too-large")
    assert bench.listed() == []
