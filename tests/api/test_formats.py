"""What the five formats carry, and how a client asks for one."""

import numpy as np
import pytest

from clients import Client
from phantoms import Acquisition, noise, ramp
from refusals import assert_bad_parameter, assert_refused

MEDIA_TYPES = {
    "png": "image/png",
    "jpeg": "image/jpeg",
    "webp": "image/webp",
    "raw": "application/octet-stream",
    "npy": "application/x-npy",
}
SIGNATURES = {"png": b"\x89PNG\r\n\x1a\n", "jpeg": b"\xff\xd8\xff", "webp": b"RIFF", "npy": b"\x93NUMPY"}
ACCEPTED = [
    (None, "image/png"),
    ("", "image/png"),
    ("*/*", "image/png"),
    ("image/*", "image/png"),
    ("image/jpeg", "image/jpeg"),
    ("IMAGE/JPEG", "image/jpeg"),
    ("image/webp, image/jpeg;q=0.9", "image/webp"),
    ("image/webp;q=0.5, image/jpeg;q=0.9", "image/jpeg"),
    ("image/webp;q=0.8, image/jpeg;q=0.8", "image/jpeg"),
    ("image/jpeg, image/png", "image/png"),
    ("image/*;q=0.5, image/webp", "image/webp"),
    ("image/png;q=0, image/*", "image/jpeg"),
    ("image/png;q=0, image/jpeg;q=0, */*", "image/webp"),
    ("text/html, application/xhtml+xml, image/avif, image/webp, */*;q=0.8", "image/webp"),
    ("application/octet-stream", "application/octet-stream"),
    ("application/x-npy, image/png;q=0.2", "application/x-npy"),
    ("image/gif, image/jpeg;q=0.001", "image/jpeg"),
]
WINDOW = {"window_center": 1000, "window_width": 4000}


@pytest.fixture
def series(client: Client) -> str:
    """A stored series of noise in whole numbers."""
    return client.store_series(noise(Acquisition(shape=(4, 10, 12), spacing=(2.0, 1.0, 1.0))))


@pytest.fixture(params=["slices/1", "mpr/coronal"])
def path(request: pytest.FixtureRequest, series: str) -> str:
    """An image route of it."""
    return f"/series/{series}/{request.param}"


@pytest.mark.parametrize("name", MEDIA_TYPES)
def test_format_decides_the_media_type(client: Client, path: str, name: str) -> None:
    answer = client.get(path, format=name, headers={"Accept": "image/gif"})
    assert answer.status == 200
    assert answer.media_type == MEDIA_TYPES[name]
    assert answer.content.startswith(SIGNATURES.get(name, b""))


@pytest.mark.parametrize("name", ["gif", "PNG", "", "png,jpeg", "image/png"])
def test_unknown_format(client: Client, path: str, name: str) -> None:
    body = assert_bad_parameter(client.get(path, format=name), "format")
    assert set(MEDIA_TYPES) <= set(body["Allowed"])


def test_accept_header_is_honoured(client: Client, path: str) -> None:
    for accept, media_type in ACCEPTED:
        answer = client.get(path, headers={} if accept is None else {"Accept": accept})
        assert (answer.status, answer.media_type) == (200, media_type), accept
        assert "accept" in answer.headers["Vary"].lower()


def test_nothing_acceptable(client: Client, path: str) -> None:
    for accept in ("image/gif", "text/*", "image/png;q=0", "*/*;q=0", "application/json"):
        assert_refused(client.get(path, headers={"Accept": accept}), 406, "not-acceptable")


def test_rubbish_in_accept_never_breaks(client: Client, path: str) -> None:
    for accept in ("rubbish", ";;;,,,q", "image/png;q=lots", "image/png;q=nan", "a/b/c", "," * 2000):
        assert client.get(path, headers={"Accept": accept}).status in (200, 406), accept


def test_lossless_formats_agree_and_jpeg_is_near(client: Client, path: str) -> None:
    png, webp, jpeg = (
        client.get(path, format=name, **WINDOW).picture().astype(int) for name in ("png", "webp", "jpeg")
    )
    assert png.ndim == 2
    np.testing.assert_array_equal(webp[..., 0] if webp.ndim == 3 else webp, png)
    assert jpeg.shape == png.shape
    assert np.abs(jpeg - png).mean() < 8


def test_quality_makes_files_smaller(client: Client, path: str) -> None:
    for name in ("jpeg", "webp"):
        sizes = [len(client.get(path, format=name, quality=q, **WINDOW).content) for q in (10, 95)]
        assert sizes[0] < sizes[1]


def test_raw_holds_what_its_header_says(client: Client, series: str) -> None:
    for route, query in (
        ("slices/1", {}),
        ("mpr/coronal", {}),
        ("mpr/coronal", {"width": 31, "position": 0.3}),
    ):
        raw, npy = (client.get(f"/series/{series}/{route}", format=f, **query) for f in ("raw", "npy"))
        told, expected = raw.told("Reslice-Raw"), npy.array()
        assert (told["Type"], told["NoData"], told["Unit"]) == ("int16", -32768, "HU")
        assert told["Shape"] == list(expected.shape)
        values = np.frombuffer(raw.content, "<i2").reshape(told["Shape"]) * told["Slope"] + told["Intercept"]
        np.testing.assert_array_equal(values, np.rint(expected))


def test_raw_of_no_data(client: Client, series: str) -> None:
    answer = client.get(f"/series/{series}/mpr/axial", format="raw", position=500)
    assert set(np.frombuffer(answer.content, "<i2")) == {answer.told("Reslice-Raw")["NoData"]}


def test_values_that_are_no_whole_numbers_are_float32(client: Client) -> None:
    files = ramp(0, Acquisition(spacing=(2.0, 0.7, 0.7)))
    series = client.store_series(files)
    expected = np.float32(
        files[2].pixel_array * np.float64(files[2].RescaleSlope) + np.float64(files[2].RescaleIntercept)
    )
    for route in ("slices/2", "mpr/axial?index=2"):
        joint = "&" if "?" in route else "?"
        npy = client.get(f"/series/{series}/{route}{joint}format=npy").array()
        raw = client.get(f"/series/{series}/{route}{joint}format=raw")
        assert raw.told("Reslice-Raw")["Type"] == "float32"
        assert npy.dtype == np.float32
        np.testing.assert_array_equal(npy, expected)
        np.testing.assert_array_equal(np.frombuffer(raw.content, "<f4").reshape(npy.shape), expected)
