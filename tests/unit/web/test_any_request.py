"""Whatever is asked of whatever is stored: an answer or a refusal, never an internal error."""

from urllib.parse import urlencode

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pydicom.dataset import Dataset

from clients import InProcessClient, orthanc_ids
from phantoms import ACQUISITIONS, Acquisition, image, multiframe, noise, structured_report, without_geometry
from reslice.settings import Settings

SMALL = Acquisition(shape=(4, 3, 5), spacing=(2.5, 0.7, 1.3))


def sheet(*shape: int) -> np.ndarray:
    return np.random.default_rng(1).integers(0, 200, shape, np.uint8)


SERIES: dict[str, list[Dataset]] = {
    "ct": noise(SMALL),
    "oblique": noise(ACQUISITIONS["tilted-oblique"]),
    "padded": noise(SMALL, PixelPaddingValue=-500, PixelPaddingRangeLimit=100, PhotometricInterpretation="MONOCHROME1"),
    "float": noise(SMALL, RescaleSlope="0.001", RescaleIntercept="30000"),
    "constant": noise(SMALL, RescaleSlope="0", RescaleIntercept="12.5"),
    "huge pixels": noise(SMALL, PixelSpacing=[9999, 0.000001]),
    "one row": [image(sheet(1, 7))],
    "one column": [image(sheet(7, 1))],
    "one pixel": [image(sheet(1, 1))],
    "long": [image(sheet(1, 3000))],
    "one row volume": noise(Acquisition(shape=(3, 1, 6))),
    "colour": [image(sheet(4, 5, 3))],
    "frames": [multiframe(np.arange(60, dtype=np.int16).reshape(3, 4, 5))],
    "no place": [without_geometry(sheet(4, 5), PixelAspectRatio=[3, 1])],
    "report": [structured_report()],
    "narrow window": noise(SMALL, WindowCenter="30", WindowWidth="0.00001", VOILUTFunction="LINEAR_EXACT"),
}
NUMBER = st.one_of(
    st.floats(-1e7, 1e7).map(repr),
    st.integers(-3, 70).map(str),
    st.sampled_from(["0", "-0", "1e-6", "1e9", "-1e9", "0.001", "0.25", "1e308", "nan", "x", ""]),
)
VALUES = {
    "position": NUMBER,
    "index": NUMBER,
    "fraction": st.one_of(st.floats(0, 1).map(repr), NUMBER),
    "volume": st.sampled_from(["0", "1", "-1"]),
    "width": st.one_of(st.integers(1, 300).map(str), NUMBER),
    "height": st.one_of(st.integers(1, 300).map(str), NUMBER),
    "pixel-spacing": st.one_of(st.floats(0.05, 20).map(repr), NUMBER),
    "region": st.tuples(*[st.integers(-1, 6)] * 4).map(lambda r: ",".join(map(str, r))),
    "interpolation": st.sampled_from(["linear", "nearest", "cubic"]),
    "window-center": NUMBER,
    "window-width": NUMBER,
    "voi-function": st.sampled_from(["LINEAR", "LINEAR_EXACT", "SIGMOID", "x"]),
    "preset": st.sampled_from(["auto", "bone", "x"]),
    "invert": st.sampled_from(["true", "false", "x"]),
    "format": st.sampled_from(["png", "jpeg", "webp", "raw", "npy", "x"]),
    "quality": st.sampled_from(["1", "100", "0"]),
    "size": st.sampled_from(["16", "64", "1024", "5"]),
    "typo": st.just("1"),
}
ROUTES = ["slices/0", "slices/2", "mpr/axial", "mpr/coronal", "mpr/sagittal", "thumbnail", "slices", "volumes"]
SETTINGS = Settings(cache_megabytes=64, largest_volume_megabytes=64, largest_side=512)


@pytest.fixture(scope="module")
def client() -> InProcessClient:
    """All the series in one archive."""
    found = InProcessClient(SETTINGS)
    for datasets in SERIES.values():
        found.store(datasets)
    return found


@st.composite
def queries(draw: st.DrawFn) -> dict[str, str]:
    """A few parameters; most of what is drawn is sound."""
    names = draw(st.lists(st.sampled_from(sorted(VALUES)), max_size=4, unique=True))
    return {name: draw(VALUES[name]) for name in names}


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize("name", SERIES)
@hypothesis_settings(max_examples=12)
@given(query=queries(), accept=st.sampled_from([None, "*/*", "image/webp", "application/x-npy", "text/html", "x;q=2"]))
def test_answered_or_refused(
    client: InProcessClient, name: str, route: str, query: dict[str, str], accept: str | None
) -> None:
    series = orthanc_ids(SERIES[name][0])["series"]
    headers = {} if accept is None else {"Accept": accept}
    answer = client.request("GET", f"/series/{series}/{route}?{urlencode(query)}", headers)
    assert answer.status in (200, 400, 404, 406, 413, 415, 422), answer.content
    if answer.status == 200 and answer.media_type.startswith("image/"):
        assert answer.picture().size
    if answer.status != 200:
        assert answer.json()["Reason"]
