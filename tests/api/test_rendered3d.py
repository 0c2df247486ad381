"""The route /series/{id}/rendered3d: the right side of the patient, the right way up, the right pixels."""

import io

import numpy as np
import pytest
from PIL import Image

from clients import Client
from phantoms import ACQUISITIONS, Acquisition, noise, series
from refusals import assert_bad_parameter

SOLID = Acquisition(shape=(24, 26, 28), spacing=(2.0, 2.0, 2.0))
"""Sides of 48, 52 and 56 mm."""
SIDES = {"r": (-1, 0, 0), "l": (1, 0, 0), "a": (0, -1, 0), "p": (0, 1, 0), "f": (0, 0, -1), "h": (0, 0, 1)}
MARKS = {side: 1000.0 + 300 * k for k, side in enumerate(SIDES)}
SEEN = {  # for each orientation: in front, and what lies at the picture's left, right, top, bottom
    "a": ("a", "r", "l", "h", "f"),
    "p": ("p", "l", "r", "h", "f"),
    "l": ("l", "a", "p", "h", "f"),
    "r": ("r", "p", "a", "h", "f"),
    "h": ("h", "l", "r", "a", "p"),
    "f": ("f", "r", "l", "a", "p"),
}
NPY = {"renderingmethod": "maximum_ip", "format": "npy"}


def six_markers(acquisition: Acquisition = SOLID) -> np.ndarray:
    """A body of 100 with a ball of another value at each of its six sides."""
    places = acquisition.coordinates - np.asarray(acquisition.center)
    values = np.full(acquisition.shape, -1000.0)
    values[np.abs(places).max(axis=-1) < 20] = 100
    for side, direction in SIDES.items():
        values[np.linalg.norm(places - 18 * np.array(direction), axis=-1) < 5] = MARKS[side]
    return values


def store_markers(client: Client, acquisition: Acquisition = SOLID) -> str:
    return client.store_series(series(six_markers(acquisition), acquisition))


def near(acquisition: Acquisition, orientation: str) -> str:
    """The box that holds the half of the body that is nearer to the viewer."""
    low, high = np.full(3, -30.0), np.full(3, 30.0)
    direction = np.array(SIDES[orientation])
    axis = int(np.abs(direction).argmax())
    (low if direction[axis] > 0 else high)[axis] = 0
    return ",".join(f"{v:g}" for v in (*low, *high))


GRIDS = {
    "axial": SOLID,
    "sagittal": Acquisition((28, 26, 24), (2.0, 2.0, 2.0), (0.0, 1.0, 0.0), (0.0, 0.0, -1.0)),
    "feet-first-prone": Acquisition((24, 26, 28), (2.0, 2.0, 2.0), (-1.0, 0.0, 0.0), (0.0, -1.0, 0.0)),
    "tilted": Acquisition((24, 30, 28), (2.0, 2.0, 2.0), tilt=12.0),
}


@pytest.mark.parametrize("grid", GRIDS)
@pytest.mark.parametrize("orientation", SEEN)
def test_each_side_is_seen_the_right_way_round(client: Client, grid: str, orientation: str) -> None:
    acquisition = GRIDS[grid]
    path = f"/series/{store_markers(client, acquisition)}/rendered3d"
    query = {**NPY, "orientation": orientation, "viewport": "60,60", "box": near(acquisition, orientation)}
    picture = client.get(path, **query).array()
    front, left, right, top, bottom = SEEN[orientation]
    middle = picture[25:35, 25:35]
    assert np.nanmax(middle) == pytest.approx(MARKS[front], abs=1)
    for side, (y, x) in {left: (0, -18), right: (0, 18), top: (-18, 0), bottom: (18, 0)}.items():
        found = picture[30 + y - 2 : 30 + y + 2, 30 + x - 2 : 30 + x + 2]
        assert np.nanmax(found) == pytest.approx(MARKS[side], abs=1), side


@pytest.mark.parametrize("orientation", SEEN)
def test_a_viewpoint_sees_what_the_orientation_sees(client: Client, orientation: str) -> None:
    path = f"/series/{store_markers(client)}/rendered3d"
    stand = ",".join(str(400 * v) for v in SIDES[orientation])
    up = "0,-1,0" if orientation in "hf" else "0,0,1"
    query = {"viewport": "40,40"}
    expected = client.get(path, orientation=orientation, **NPY, **query).array()
    seen = client.get(path, viewpointposition=stand, viewpointlookat="0,0,0", viewpointup=up, **NPY, **query).array()
    np.testing.assert_allclose(seen, expected, atol=1e-3)
    by_default = client.get(path, viewpointposition=stand, viewpointlookat="0,0,0", **NPY, **query).array()
    np.testing.assert_allclose(by_default, expected, atol=1e-3)


@pytest.mark.parametrize("orientation", SEEN)
@pytest.mark.parametrize("method", ["volume_rendered", "maximum_ip"])
def test_pictures_show_the_marker_in_front(client: Client, orientation: str, method: str) -> None:
    path = f"/series/{store_markers(client)}/rendered3d"
    seen = client.get(path, orientation=orientation, viewport="64,64", renderingmethod=method, format="png").picture()
    assert seen.shape == ((64, 64, 3) if method == "volume_rendered" else (64, 64))
    assert seen[28:36, 28:36].max() > 100
    assert seen[:4].max() == 0


METHODS = {"maximum_ip": "mip", "minimum_ip": "minip", "average_ip": "mean"}


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize(("plane", "orientation"), [("coronal", "a"), ("axial", "f"), ("sagittal", "l")])
def test_a_box_seen_straight_is_the_slab(client: Client, method: str, plane: str, orientation: str) -> None:
    path = f"/series/{client.store_series(noise(SOLID))}"
    half = {"coronal": (16, 5, 16), "axial": (16, 16, 5), "sagittal": (5, 16, 16)}[plane]
    box = ",".join(str(v) for v in (*(-h for h in half), *half))
    rendered = client.get(
        f"{path}/rendered3d",
        renderingmethod=method, orientation=orientation, box=box, viewport="32,32", format="npy",
    )  # fmt: skip
    slab = client.get(
        f"{path}/mpr/{plane}",
        position=0, slab_thickness=10, projection=METHODS[method], pixel_spacing=1, width=32, height=32, format="npy",
    )  # fmt: skip
    np.testing.assert_allclose(rendered.array(), slab.array(), atol=1e-3)
    told, of_slab = rendered.told("Reslice-Plane"), slab.told("Reslice-Plane")
    for key in ("Position", "Row", "Column", "Spacing", "Size", "Thickness"):
        assert told[key] == pytest.approx(of_slab[key], abs=1e-9), key


def test_the_default_is_a_jpeg_seen_from_the_front(client: Client) -> None:
    path = f"/series/{store_markers(client)}/rendered3d"
    answer = client.get(path)
    assert (answer.status, answer.media_type) == (200, "image/jpeg")
    assert answer.picture().shape == (512, 512, 3)
    assert answer.content == client.get(path, orientation="a", renderingmethod="volume_rendered").content


@pytest.mark.parametrize(
    ("accept", "expected"),
    [("image/png", "image/png"), ("image/webp;q=0.9, image/png;q=0.1", "image/webp"), ("image/*", "image/jpeg")],
)
def test_the_media_type_is_negotiated(client: Client, accept: str, expected: str) -> None:
    path = f"/series/{store_markers(client)}/rendered3d"
    assert client.get(path, {"Accept": accept}, viewport="20,20").media_type == expected
    assert client.get(path, {"Accept": "video/mp4"}, viewport="20,20").status == 406


def test_an_answer_is_revalidated(client: Client) -> None:
    path = f"/series/{store_markers(client)}/rendered3d"
    tag = client.get(path, viewport="20,20").headers["ETag"]
    assert client.get(path, {"If-None-Match": tag}, viewport="20,20").status == 304
    others = [{"orientation": "p"}, {"preset": "lung"}, {"background": "ffffff"}, {"renderingmethod": "average_ip"}]
    for other in (*others, {"window": "100,500"}, {"box": "-9,-9,-9,9,9,9"}, {"swivelrange": 20}):
        assert client.get(path, {"If-None-Match": tag}, viewport="20,20", **other).status == 200, other


def test_background_and_presets_change_the_picture(client: Client) -> None:
    path = f"/series/{store_markers(client)}/rendered3d"
    query = {"viewport": "40,40", "format": "png"}
    white = client.get(path, background="#ffffff", **query).picture()
    assert (white[0, 0] == 255).all()
    shown = {
        name: client.get(path, preset=name, **query).content for name in ("bone", "vessels", "soft-tissue", "lung")
    }
    assert len(set(shown.values())) == len(shown)
    assert_bad_parameter(client.get(path, preset="wood", **query), "preset")
    assert client.get(path, window="800,400", **query).content != client.get(path, **query).content


def test_projections_take_windows_and_their_presets(client: Client) -> None:
    path = f"/series/{store_markers(client)}/rendered3d"
    query = {"renderingmethod": "maximum_ip", "viewport": "40,40", "format": "png"}
    told = client.get(path, window="300,900,sigmoid", **query).told("Reslice-Window")
    assert (told["Center"], told["Width"], told["Function"]) == (300, 900, "SIGMOID")
    assert client.get(path, preset="bone", **query).told("Reslice-Window")["Center"] == 350
    assert client.get(path, preset="bone", window="1,2", **query).status == 400
    assert client.get(path, window="1,0.5", **query).told("Reslice-Window")["Function"] == "LINEAR_EXACT"
    plain, inverted = (client.get(path, window="300,900", invert=v, **query).picture() for v in ("false", "true"))
    has_data = np.isfinite(client.get(path, **{**query, "format": "npy"}).array())
    np.testing.assert_array_equal(inverted, np.where(has_data, 255 - plain.astype(int), 0))


def frames(content: bytes) -> list[np.ndarray]:
    with Image.open(io.BytesIO(content)) as image:
        pictures = []
        for k in range(image.n_frames):
            image.seek(k)
            pictures.append(np.asarray(image.convert("RGB")).astype(int))
        assert image.info["loop"] == 0
        return pictures


@pytest.mark.parametrize("form", ["gif", "webp"])
@pytest.mark.parametrize("method", ["volume_rendered", "maximum_ip"])
def test_a_full_turn_passes_all_sides(client: Client, form: str, method: str) -> None:
    path = f"/series/{store_markers(client)}/rendered3d"
    query = {"viewport": "48,48", "renderingmethod": method, "box": "-25,-25,-25,25,25,25"}
    answer = client.get(path, swivelrange=360, animationstepsize=90, animationrate=5, format=form, quality=95, **query)
    assert (answer.status, answer.media_type) == (200, f"image/{form}")
    assert answer.told("Reslice-Animation") == {"Frames": 4, "Rate": 5, "Step": 90, "Range": 360}
    seen = frames(answer.content)
    assert len(seen) == 4
    stills = {side: client.get(path, orientation=side, format="png", **query).picture() for side in "aprl"}
    nearest = []
    for frame in seen:
        grey = frame.mean(axis=-1)
        misses = {side: np.abs(grey - _grey(still)).mean() for side, still in stills.items()}
        nearest.append(min(misses, key=misses.__getitem__))
    assert nearest[0] == "a" and nearest[2] == "p" and set(nearest) == set("aprl")


def _grey(picture: np.ndarray) -> np.ndarray:
    return picture.mean(axis=-1) if picture.ndim == 3 else picture


def test_a_swivel_goes_back_and_forth_around_the_first_view(client: Client) -> None:
    path = f"/series/{store_markers(client)}/rendered3d"
    query = {"viewport": "48,48", "renderingmethod": "maximum_ip", "format": "gif"}
    seen = frames(client.get(path, swivelrange=50, animationstepsize=10, **query).content)
    assert len(seen) == 8  # five views there, three back
    np.testing.assert_array_equal(seen[1], seen[3])
    np.testing.assert_array_equal(seen[0], seen[4])
    np.testing.assert_array_equal(seen[5], seen[7])
    assert (seen[2] != seen[6]).any()


BAD = [
    ("renderingmethod", "mip"), ("orientation", "x"), ("orientation", ""), ("viewpointposition", "1,2"),
    ("viewpointposition", "nan,0,0"), ("viewpointposition", "1e7,0,0"), ("viewpointposition", "inf,0,0"),
    ("viewpointup", "a,b,c"), ("viewport", "0,10"), ("viewport", "10"), ("viewport", "1.5,3"),
    ("viewport", "100000,100000"), ("viewport", "-5,5"), ("window", "1"), ("window", "1,0"), ("window", "nan,5"),
    ("window", "1,2,cubic"), ("window", "1,2,linear,3"), ("background", "red"), ("background", "12345"),
    ("box", "1,2,3"), ("box", "0,0,0,0,0,0"), ("box", "5,5,5,1,1,1"), ("box", "nan,0,0,1,1,1"), ("swivelrange", "0"),
    ("swivelrange", "361"), ("swivelrange", "-90"), ("swivelrange", "10"), ("animationstepsize", "0"),
    ("animationstepsize", "2.5"),
    ("animationrate", "0"), ("animationrate", "1000"), ("quality", "0"), ("quality", "101"), ("format", "gif"),
    ("format", "raw"), ("format", "tiff"), ("volume", "-1"), ("preset", "wood"), ("unit", "kg"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "value"), BAD)
def test_bad_values_are_refused_by_name(client: Client, name: str, value: str) -> None:
    path = f"/series/{client.store_series(noise(Acquisition((3, 4, 5), (2.0, 2.0, 2.0))))}/rendered3d"
    assert_bad_parameter(client.get(path, **{name: value}), name)


CONFLICT, DEGENERATE = "conflicting-parameters", "degenerate-vectors"


@pytest.mark.parametrize(
    ("query", "name", "reason"),
    [
        ({"orientation": "a", "viewpointup": "0,0,1"}, "orientation", CONFLICT),
        ({"viewpointposition": "0,-100,0", "viewpointup": "0,1,0"}, "viewpointup", DEGENERATE),
        ({"viewpointposition": "1,2,3", "viewpointlookat": "1,2,3"}, "viewpointposition", DEGENERATE),
        ({"viewpointup": "0,5,0"}, "viewpointup", DEGENERATE),
        ({"viewpointup": "0,0,0"}, "viewpointup", DEGENERATE),
        ({"viewpointup": "0,0,1e-200"}, "viewpointup", DEGENERATE),
        ({"viewpointposition": "0,1e-9,0", "viewpointlookat": "0,0,0"}, "viewpointposition", DEGENERATE),
        ({"window": "1e9,1e-6"}, "window", "bad-parameter"),
        ({"animationstepsize": 5}, "animationstepsize", CONFLICT),
        ({"animationrate": 5}, "animationrate", CONFLICT),
        ({"swivelrange": 90, "format": "jpeg"}, "format", "bad-parameter"),
        ({"renderingmethod": "average_ip", "background": "ffffff"}, "background", CONFLICT),
        ({"renderingmethod": "average_ip", "preset": "bone", "window": "1,2"}, "preset", CONFLICT),
        ({"invert": "true"}, "invert", CONFLICT),
        ({"window": "40,400,linear"}, "window", CONFLICT),
        ({"window": "40,0.5,linear", "renderingmethod": "maximum_ip"}, "window", "bad-parameter"),
        ({"window": "40,400,", "renderingmethod": "average_ip"}, "window", "bad-parameter"),
        ({"mprslab": 5}, "mprslab", "unknown-parameter"),
        ({"renderedvolumetricmetadata": "yes"}, "renderedvolumetricmetadata", "unknown-parameter"),
    ],
)
def test_contradictions_are_refused(client: Client, query: dict[str, object], name: str, reason: str) -> None:
    path = f"/series/{client.store_series(noise(Acquisition((3, 4, 5), (2.0, 2.0, 2.0))))}/rendered3d"
    assert_bad_parameter(client.get(path, **query), name, reason)


def test_too_many_frames_are_too_large(client: Client) -> None:
    path = f"/series/{client.store_series(noise(SOLID))}/rendered3d"
    answer = client.get(path, swivelrange=360, animationstepsize=1, viewport="2000,2000")
    assert (answer.status, answer.json()["Reason"]) == (413, "too-large")


def test_too_many_samples_are_too_large(client: Client) -> None:
    flat = Acquisition((4, 4, 60), (0.02, 0.02, 5.0))
    path = f"/series/{client.store_series(noise(flat))}/rendered3d"
    answer = client.get(path, orientation="l")
    assert answer.status == 413 and answer.json()["Samples"] > answer.json()["LimitSamples"]
    assert client.get(path, orientation="l", viewport="16,16").status == 200


def test_a_projection_is_shown_by_its_own_values(client: Client) -> None:
    path = (
        f"/series/{client.store_series(series(six_markers(), SOLID, WindowCenter='40', WindowWidth='80'))}/rendered3d"
    )
    for method in METHODS:
        query = {"renderingmethod": method, "viewport": "40,40"}
        answer = client.get(path, format="png", **query)
        values = client.get(path, format="npy", **query).array()
        window = answer.told("Reslice-Window")
        assert window["Source"] == "automatic"
        assert window["Center"] + window["Width"] / 2 == pytest.approx(np.nanpercentile(values, 99.9), abs=1)
        assert (
            client.get(path, renderingmethod=method, viewport="40,40", preset="auto", format="png").content
            == answer.content
        )
        told = client.get(path, renderingmethod=method, preset="bone", viewport="9,9").told("Reslice-Window")
        assert told["Source"] == "preset-bone"


def test_a_rendering_tells_its_preset(client: Client) -> None:
    path = f"/series/{store_markers(client)}/rendered3d"
    assert client.get(path, viewport="9,9").told("Reslice-Preset") == {"Name": "bone", "Window": None}
    told = client.get(path, viewport="9,9", preset="lung", window="100,400").told("Reslice-Preset")
    assert told == {"Name": "lung", "Window": [-100, 300]}


@pytest.mark.parametrize(("form", "rate", "true"), [("gif", 30, 1000 / 30), ("gif", 24, 25), ("webp", 24, 1000 / 42)])
def test_the_rate_told_is_that_of_the_file(client: Client, form: str, rate: int, true: float) -> None:
    path = f"/series/{store_markers(client)}/rendered3d"
    query = {"viewport": "16,16", "swivelrange": 360, "animationstepsize": 70, "renderingmethod": "maximum_ip"}
    answer = client.get(path, format=form, animationrate=rate, **query)
    told = answer.told("Reslice-Animation")
    assert told == {"Frames": 5, "Rate": pytest.approx(true), "Step": 72, "Range": 360}
    with Image.open(io.BytesIO(answer.content)) as image:
        image.seek(1)
        image.load()
        assert image.info["duration"] == pytest.approx(1000 / told["Rate"])


def test_a_box_beside_the_volume_is_black_and_says_so(client: Client) -> None:
    path = f"/series/{store_markers(client)}/rendered3d"
    for method in ("volume_rendered", "maximum_ip"):
        answer = client.get(path, box="500,500,500,510,510,510", renderingmethod=method, format="png", viewport="9,9")
        assert answer.picture().max() == 0
        assert [warning["Reason"] for warning in answer.told("Reslice-Warnings")] == ["outside-volume"]


def test_a_picture_of_nothing_says_so(client: Client) -> None:
    values = np.full((6, 8, 8), -1000.0)
    files = series(values, Acquisition((6, 8, 8), (2.0, 2.0, 2.0)))
    missing = f"/series/{client.store_series([*files[:2], *files[5:]])}/rendered3d"
    full = f"/series/{client.store_series(series(values, Acquisition((6, 8, 8), (2.0, 2.0, 2.0))))}/rendered3d"
    reasons = [w["Reason"] for w in client.get(full, preset="bone", viewport="8,8").told("Reslice-Warnings")]
    assert reasons == ["nothing-visible"]
    in_the_gap = client.get(missing, box="-4,-4,0.5,4,4,1.5", viewport="8,8", renderingmethod="maximum_ip")
    reasons = [w["Reason"] for w in in_the_gap.told("Reslice-Warnings")]
    assert reasons[-1] == "no-data" and "missing-slices" in reasons


def test_a_viewpoint_looks_at_the_middle_of_the_picture(client: Client) -> None:
    path = f"/series/{store_markers(client)}/rendered3d"
    query = {**NPY, "viewport": "61,61", "viewpointposition": "18,-300,0", "viewpointlookat": "18,0,0"}
    answer = client.get(path, **query)
    assert np.nanmax(answer.array()[28:33, 28:33]) == pytest.approx(MARKS["l"], abs=1)


@pytest.mark.parametrize("name", list(ACQUISITIONS))
def test_every_acquisition_is_rendered(client: Client, name: str) -> None:
    path = f"/series/{client.store_series(noise(ACQUISITIONS[name]))}/rendered3d"
    query = {"viewpointposition": "100,-150,80", "viewpointlookat": "0,0,0", "viewport": "48,40"}
    values = client.get(path, **NPY, **query).array()
    assert values.shape == (40, 48) and np.isfinite(values).any() and np.isnan(values).any()
    assert client.get(path, format="png", **query).picture().shape == (40, 48, 3)
