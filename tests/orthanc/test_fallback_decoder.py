"""Orthanc's own decoders, where the interpreter has no codecs: stored values, to the last bit."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from clients import OrthancClient
from phantoms import compressed, file_of, image
from refusals import assert_refused
from server import REPOSITORY, Orthanc, Servers
from shared_data import case_files, truth
from unit.dicom.codestreams import HTJ2K, J2K, JPEG, JPEG_LS, LOSSLESS, htj2k, j2k, jpeg, jpeg_ls, lossless_jpeg, put

WITHOUT_CODECS = f"""
import runpy, sys
sys.modules["imagecodecs"] = None
sys.path.insert(0, {str(REPOSITORY / "plugin")!r})
runpy.run_path({str(REPOSITORY / "plugin" / "main.py")!r})
"""
LOSSLESS_FILES = [".4.57.", ".4.70.", ".4.80.", ".4.90.", ".2.5."]
LOSSY_FILES = [".4.50.", ".4.51.", ".4.53.", ".4.55.", ".4.81.", ".4.91."]
GREY = ["J2K_pixelrep_mismatch.dcm", "OutOfBoundsOverlay.dcm", "RG3_J2KR.dcm"]
RUN_LENGTH = "1.2.840.10008.1.2.5"


@pytest.fixture(scope="module")
def server(servers: Servers, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Orthanc]:
    """A server whose interpreter can't import imagecodecs."""
    script = tmp_path_factory.mktemp("script") / "start.py"
    script.write_text(WITHOUT_CODECS)
    with servers.running(PythonScript=str(script)) as server:
        yield server
        assert server.alive


@pytest.fixture
def client(server: Orthanc) -> OrthancClient:
    """Its client, the server emptied."""
    return server.emptied()


def stored(client: OrthancClient, content: bytes) -> str:
    """The series of a file."""
    answer = client.post("/instances", content)
    assert answer.status == 200, answer.content
    return str(answer.json()["ParentSeries"])


def named(case: str, part: str) -> Path:
    return next(path for path in case_files(case) if part in path.name)


def stored_values(client: OrthancClient, path: Path, facts: dict) -> np.ndarray:
    """Modality values of the only slice, back through slope and intercept."""
    values = client.get(f"/series/{stored(client, path.read_bytes())}/slices/0", format="npy").array()
    slope, intercept = float(facts.get("RescaleSlope") or 1), float(facts.get("RescaleIntercept") or 0)
    return np.rint((values.astype(float) - intercept) / slope)


def test_no_codec_is_there(client: OrthancClient) -> None:
    """Else this module would prove nothing."""
    decoders = client.get("/reslice").json()["Capabilities"]["Decoders"]
    assert [name for name, is_there in decoders.items() if is_there] == ["Deflated Image Frame Compression"]


@pytest.mark.parametrize(
    ("case", "part"),
    [*(("ct-all-syntaxes", part) for part in LOSSLESS_FILES), *(("gray-special", n) for n in GREY[:4])],
)
def test_lossless_values_are_exact(client: OrthancClient, case: str, part: str) -> None:
    path = named(case, part)
    facts = truth(case)["files"][path.name]
    values = stored_values(client, path, facts).astype(facts["pydicom_stored"]["dtype"])
    little = np.ascontiguousarray(values, values.dtype.newbyteorder("<"))
    assert hashlib.sha256(little.tobytes()).hexdigest() == facts["pydicom_stored"]["sha256"]


@pytest.mark.parametrize(
    ("case", "part"), [*(("ct-all-syntaxes", part) for part in LOSSY_FILES), ("gray-special", "JPGExtended.dcm")]
)
def test_lossy_values_are_those_of_our_codecs(
    client: OrthancClient, session_client: OrthancClient, case: str, part: str
) -> None:
    path = named(case, part)
    session_client.clear()
    here, there = (stored_values(c, path, truth(case)["files"][path.name]) for c in (client, session_client))
    np.testing.assert_allclose(here, there, atol=1)


@pytest.mark.parametrize("number", [0, 4, 9])
@pytest.mark.parametrize("name", ["emri_small_RLE.dcm", "emri_small_jpeg_ls_lossless.dcm"])
def test_the_asked_frame(client: OrthancClient, session_client: OrthancClient, name: str, number: int) -> None:
    session_client.clear()
    frames = []
    for one, file in ((client, name), (session_client, "emri_small.dcm")):
        series = stored(one, named("enhanced", file).read_bytes())
        frames.append(one.get(f"/series/{series}/slices/{number}", format="npy").array())
    np.testing.assert_array_equal(*frames)


def patches(*colours: list[int]) -> np.ndarray:
    """Four squares of 16 x 16 pixels."""
    return np.repeat(np.repeat(np.array(colours, np.uint8).reshape(2, 2, 3), 16, 0), 16, 1)


PATCHES = patches([200, 30, 30], [30, 200, 30], [30, 30, 200], [90, 90, 90])
LUMINANCE = patches([81, 99, 213], [130, 72, 57], [49, 213, 114], [90, 128, 128])
COLOURS = {
    "jpeg": put([jpeg(PATCHES)], JPEG, PATCHES, PhotometricInterpretation="YBR_FULL_422"),
    "jpeg-called-rgb": put([jpeg(PATCHES, subsampling=0)], JPEG, PATCHES),
    "lossless": put([lossless_jpeg(PATCHES)], LOSSLESS, PATCHES),
    "jpeg-ls": put([jpeg_ls(PATCHES)], JPEG_LS, PATCHES),
    "j2k": put([j2k(PATCHES)], J2K, PATCHES, PhotometricInterpretation="YBR_RCT"),
    "rle": compressed(image(PATCHES), RUN_LENGTH),
    "rle-luminance": compressed(image(LUMINANCE, PhotometricInterpretation="YBR_FULL"), RUN_LENGTH),
    "jpeg-ls-luminance": put([jpeg_ls(LUMINANCE)], JPEG_LS, PATCHES, PhotometricInterpretation="YBR_FULL"),
    "j2k-luminance": put([j2k(LUMINANCE, mct=False)], J2K, PATCHES, PhotometricInterpretation="YBR_FULL"),
}


@pytest.mark.parametrize("name", COLOURS)
def test_colours_are_right_or_refused(client: OrthancClient, name: str) -> None:
    series = stored(client, file_of(COLOURS[name]))
    answer = client.get(f"/series/{series}/slices/0", format="npy")
    if answer.status == 200:
        shown = answer.array()
        assert shown.shape == PATCHES.shape
        middles = np.abs(shown[8::16, 8::16].astype(int) - PATCHES[8::16, 8::16])
        assert middles.max() <= 6, shown[8::16, 8::16]
    else:
        assert_refused(answer, 415, "undecodable")


def test_what_nobody_decodes_names_the_package(client: OrthancClient) -> None:
    pixels = np.random.default_rng(1).integers(0, 4000, (16, 20)).astype(np.uint16)
    series = stored(client, file_of(put([htj2k(pixels)], HTJ2K, pixels)))
    answer = client.get(f"/series/{series}/slices/0", format="npy")
    if answer.status == 200:  # an Orthanc that reads high-throughput JPEG 2000 must read it rightly
        np.testing.assert_array_equal(answer.array(), pixels)
        return
    assert_refused(answer, 415, "undecodable")
    body = answer.json()
    assert (body["TransferSyntaxUID"], body["Decoder"]) == (HTJ2K, "imagecodecs")
    assert len(body["Instance"]) == 44


def test_hostile_codestreams_do_not_end_the_server(server: Orthanc, client: OrthancClient) -> None:
    pixels = np.random.default_rng(1).integers(0, 4000, (64, 48)).astype(np.uint16)
    rng = np.random.default_rng(2)
    for syntax, encode in ((J2K, j2k), (JPEG_LS, jpeg_ls), (LOSSLESS, lossless_jpeg)):
        whole = encode(pixels)
        for _ in range(12):
            broken = bytearray(whole)
            for place in rng.integers(100, len(whole) - 20, 6):
                broken[place] = rng.integers(0, 256)
            series = stored(client, file_of(put([bytes(broken)], syntax, pixels)))
            assert client.get(f"/series/{series}/slices/0").status in (200, 415, 422)
    assert server.alive
