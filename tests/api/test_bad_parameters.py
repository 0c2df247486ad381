"""Every parameter with every kind of rubbish: 400 that names it, never a 500, never silence."""

from urllib.parse import quote

import pytest

from clients import Client
from phantoms import Acquisition, noise
from refusals import assert_bad_parameter, assert_refused

NO_NUMBER = [
    "abc",
    "",
    " ",
    "nan",
    "NaN",
    "inf",
    "-inf",
    "Infinity",
    "1e999",
    "0x10",
    "1,5",
    "1;2",
    "1_000",
    "true",
]
NO_NUMBER += ["None", "٣", "½", "1 2", "--1", "<script>", "'; DROP TABLE", "%", "9" * 400, "☃"]
NO_WHOLE_NUMBER = [*NO_NUMBER, "1.5", "1e2", "-1"]
NO_SIZE = [*NO_WHOLE_NUMBER, "0", "4097", "99999999999999999999"]
NO_WORD = ["", " ", "nope", "1", "nan", "☃", "x" * 5000]

EVERYWHERE = {
    "width": NO_SIZE,
    "height": NO_SIZE,
    "window-center": NO_NUMBER,
    "window-width": [*NO_NUMBER, "0", "-5"],
    "voi-function": [*NO_WORD, "linear exact"],
    "preset": NO_WORD,
    "invert": ["", "maybe", "2", "nan"],
    "quality": [*NO_WHOLE_NUMBER, "0", "101"],
    "format": NO_WORD,
}
ON_PLANES = {
    "position": [*NO_NUMBER, "1e300", "-1e300"],
    "index": [*NO_WHOLE_NUMBER, "16", "99999999999999999999"],
    "fraction": [*NO_NUMBER, "-0.01", "1.01", "1e300"],
    "interpolation": NO_WORD,
    "pixel-spacing": [*NO_NUMBER, "0", "-1"],
    "volume": NO_WHOLE_NUMBER,
}
PARTNERS = {"window-center": "&window-width=400", "window-width": "&window-center=40"}
CASES = [("mpr/coronal", n, vs) for n, vs in {**EVERYWHERE, **ON_PLANES}.items()]
CASES += [("slices/1", n, vs) for n, vs in EVERYWHERE.items()]
CASES += [("thumbnail", "size", NO_SIZE)]


@pytest.fixture
def series(client: Client) -> str:
    """A stored CT of three slices and 16 x 16 pixels."""
    return client.store_series(noise(Acquisition(shape=(3, 16, 16))))


@pytest.mark.parametrize(("route", "name", "values"), CASES, ids=[f"{r}-{n}" for r, n, _ in CASES])
def test_rubbish_is_refused(client: Client, series: str, route: str, name: str, values: list[str]) -> None:
    for value in values:
        query = f"{name}={quote(value)}{PARTNERS.get(name, '')}"
        body = assert_bad_parameter(client.get(f"/series/{series}/{route}?{query}"), name)
        assert body["Value"][:50] == value[:50]
        assert len(str(body)) < 5000


def test_nul_bytes_are_refused(in_process: Client) -> None:
    """Newer Orthanc cuts values there, before they reach us."""
    series = in_process.store_series(noise(Acquisition(shape=(3, 8, 8))))
    for name in ("width", "position", "preset", "invert", "format", "volume", "region"):
        assert_bad_parameter(in_process.get(f"/series/{series}/mpr/axial?{name}=1%00"), name)


@pytest.mark.parametrize("route", ["slices/1", "mpr/axial", "thumbnail", "volumes", "slices"])
def test_unknown_names_are_refused(client: Client, series: str, route: str) -> None:
    for name in ("windw-center", "Width", "WIDTH", "window_center", "x", "☃", "__class__", "size[]"):
        answer = client.get(f"/series/{series}/{route}?{quote(name)}=3")
        body = assert_bad_parameter(answer, name, reason="unknown-parameter")
        assert "3" in str(body["Value"])


@pytest.mark.parametrize("path", ["/reslice", "/reslice/health", "/reslice/cache"])
def test_unknown_names_are_refused_by_the_servers_routes(client: Client, path: str) -> None:
    assert_bad_parameter(client.get(path, verbose=1), "verbose", reason="unknown-parameter")


@pytest.mark.parametrize("route", ["slices/1", "mpr/axial", "thumbnail", "volumes", "slices"])
def test_pass_through_names_are_tolerated(client: Client, series: str, route: str) -> None:
    assert client.get(f"/series/{series}/{route}?token=abc").status == 200


def test_orthancs_method_in_the_query_is_tolerated(in_process: Client) -> None:
    series = in_process.store_series(noise(Acquisition(shape=(2, 8, 8))))
    assert in_process.get(f"/series/{series}/mpr/axial?_method=get").status == 200


def test_parameters_of_planes_are_unknown_to_slices(client: Client, series: str) -> None:
    for name in ("position", "index", "fraction"):
        answer = client.get(f"/series/{series}/slices/1", **{name: 0})
        assert_bad_parameter(answer, name, reason="unknown-parameter")


def test_last_of_repeated_values_holds(client: Client, series: str) -> None:
    path = f"/series/{series}/mpr/axial"
    assert client.get(f"{path}?width=nan&width=32").picture().shape == (32, 32)
    assert_bad_parameter(client.get(f"{path}?width=32&width=nan"), "width")


def test_encoded_values_are_decoded_once(client: Client, series: str) -> None:
    path = f"/series/{series}/mpr/axial"
    assert client.get(f"{path}?position=%2D1%2E5").told("Reslice-Plane")["Position"][2] == -1.5
    assert_bad_parameter(client.get(f"{path}?position=%252D1"), "position")


def test_image_too_large_by_default(client: Client) -> None:
    series = client.store_series(noise(Acquisition(shape=(2, 4, 4), spacing=(9000.0, 1.0, 1.0))))
    assert_refused(client.get(f"/series/{series}/mpr/coronal"), 413, "too-large")
    assert client.get(f"/series/{series}/mpr/coronal", height=64).status == 200


def test_tiny_pixel_spacing_is_too_large(client: Client, series: str) -> None:
    assert_refused(client.get(f"/series/{series}/mpr/axial", pixel_spacing="0.003"), 413, "too-large")
    for spacing in ("1e-9", "1e-300"):
        assert_bad_parameter(client.get(f"/series/{series}/mpr/axial", pixel_spacing=spacing), "pixel-spacing")
