"""Beside Debian's other plugins: all of them load, no route is replaced, and everybody answers as if alone."""

import json
import re
import time
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from itertools import permutations
from pathlib import Path

import numpy as np
import pytest
from pydicom.uid import ExplicitVRLittleEndian

from clients import Answer, OrthancClient, orthanc_ids
from drafts import body_of, on_image
from phantoms import Acquisition, file_of, noise
from postgres import Postgres
from reslice.web.routes import ROUTES
from server import Orthanc, Servers, plugins_folder, shared_database
from unit.dicom.codestreams import J2K, j2k, put

pytestmark = pytest.mark.slow

VERBOSE = ("sh", "-c", 'exec "$0" --verbose "$@"')
REGISTERED = re.compile(r"Registering plugin '([^']+)'|has registered a REST callback .*on: (\S+)$", re.MULTILINE)
BOUNDARY = re.compile(rb"boundary=\"?([\w-]+)")
SLICES = noise(Acquisition(shape=(6, 32, 48), spacing=(2.0, 1.0, 1.0)))
STUDY, SERIES, INSTANCE = (SLICES[2][f"{level}InstanceUID"].value for level in ("Study", "Series", "SOP"))
IDS = orthanc_ids(SLICES[2])
WEB = f"/dicom-web/studies/{STUDY}"
WEB_INSTANCE = f"{WEB}/series/{SERIES}/instances/{INSTANCE}"
PIXELS = np.random.default_rng(3).integers(0, 4000, (48, 64)).astype(np.uint16)
COMPRESSED = put([j2k(PIXELS)], J2K, PIXELS, StudyInstanceUID="2.25.77", SeriesInstanceUID="2.25.78")
WEB_COMPRESSED = f"/dicom-web/studies/2.25.77/series/2.25.78/instances/{COMPRESSED.SOPInstanceUID}/frames/1"
has_web_viewer = Path(plugins_folder(), "libOrthancWebViewer.so").exists()
with_web_viewer = pytest.mark.skipif(not has_web_viewer, reason="this release of Debian has no orthanc-webviewer")


def without_identifiers(path: str) -> str:
    """A test's name: the same in every process, which identifiers are not."""
    return re.sub(r"[0-9a-f]{8}(-[0-9a-f]{8}){4}|\d+(\.\d+){5,}", "id", path)


@dataclass(frozen=True)
class Neighbourhood:
    """Three servers with the same images: with all plugins, with all but ours, and with ours alone."""

    together: Orthanc
    theirs: Orthanc
    ours: Orthanc

    def clients(self, *names: str) -> list[OrthancClient]:
        return [getattr(self, name).client() for name in names]


@pytest.fixture(scope="module")
def neighbourhood(tmp_path_factory: pytest.TempPathFactory, postgres: Postgres) -> Iterator[Neighbourhood]:
    """All of them started; two of them keep index and files in PostgreSQL."""
    files = sorted(Path(plugins_folder()).glob("*.so"))
    alone = [str(file) for file in files if file.name == "libOrthancPython.so"]
    others = [str(file) for file in files if str(file) not in alone]
    with Servers(lambda: tmp_path_factory.mktemp("orthanc")) as servers, ExitStack() as stack:

        def start(**changes: object) -> Orthanc:
            return stack.enter_context(servers.running(launcher=VERBOSE, **changes))

        stored = [shared_database(postgres.new_database(), name) for name in ("first", "second")]
        found = Neighbourhood(
            together=start(**stored[0], Plugins=[plugins_folder()]),
            theirs=start(**stored[1], Plugins=others, probe="/system"),
            ours=start(Plugins=alone),
        )
        for client in found.clients("together", "theirs"):
            assert sent_by_dicomweb(client, [*map(file_of, SLICES), file_of(COMPRESSED)]).status == 200
        found.ours.client().store([*SLICES, COMPRESSED])
        yield found


def sent_by_dicomweb(client: OrthancClient, files: list[bytes]) -> Answer:
    """STOW-RS."""
    parts = [b"--limit\r\nContent-Type: application/dicom\r\n\r\n" + file + b"\r\n" for file in files]
    kind = 'multipart/related; type="application/dicom"; boundary=limit'
    headers = {"Content-Type": kind, "Accept": "application/dicom+json"}
    return client.post("/dicom-web/studies", b"".join([*parts, b"--limit--\r\n"]), headers)


def routes_by_plugin(log: str) -> dict[str, set[str]]:
    """The patterns that each plugin has registered, as Orthanc logs them."""
    found: dict[str, set[str]] = {}
    name = ""
    for started, pattern in REGISTERED.findall(log):
        name = started or name
        found.setdefault(name, set()).update({pattern} - {""})
    return found


def samples(pattern: str) -> set[str]:
    """Paths that fit a pattern: a word and an identifier for each group."""
    return {re.sub(r"\([^)]*\)", text, pattern) for text in ("sample-1", IDS["series"])}


def replaced(routes: Mapping[str, set[str]]) -> set[tuple[str, str]]:
    """Patterns of two plugins that fit the same path."""
    return {
        (one, other)
        for mine, theirs in permutations(routes, 2)
        for one in routes[mine]
        for other in routes[theirs]
        if any(re.fullmatch(one, path) for path in samples(other))
    }


def assert_alike(answers: list[Answer], servers: list[OrthancClient]) -> None:
    """The same status, type and bytes, but for the address and the parts' separator."""
    told: list[tuple[object, ...]] = []
    for answer, server in zip(answers, servers, strict=True):
        content, kind = answer.content.replace(server.url.encode(), b"http://server"), answer.headers["Content-Type"]
        if separator := BOUNDARY.search(kind.encode()):
            content, kind = content.replace(separator[1], b"separator"), kind.partition(";")[0]
        if kind == "application/dicom+json":  # in any order
            content = sorted(json.dumps(one, sort_keys=True) for one in json.loads(content))
        told.append((answer.status, kind, content))
    assert told[0] == told[1]


def test_every_plugin_of_the_folder_loads(neighbourhood: Neighbourhood) -> None:
    (client,) = neighbourhood.clients("together")
    loaded = set(client.get("/plugins").json())
    assert {"dicom-web", "gdcm", "postgresql-index", "postgresql-storage", "python"} <= loaded
    assert ("web-viewer" in loaded) == has_web_viewer
    assert len(loaded - {"explorer.js"}) == len(list(Path(plugins_folder()).glob("*.so")))
    assert client.get("/system").json()["DatabaseBackendPlugin"]


def test_the_log_tells_our_routes(neighbourhood: Neighbourhood) -> None:
    routes = routes_by_plugin(neighbourhood.together.log)
    assert routes["python"] == {route.pattern for route in ROUTES}
    assert routes["python"] == routes_by_plugin(neighbourhood.ours.log)["python"]
    assert len(routes["dicom-web"]) > 20


def test_no_plugin_takes_a_route_of_another(neighbourhood: Neighbourhood) -> None:
    routes = routes_by_plugin(neighbourhood.together.log)
    assert not replaced(routes)
    for greedy in ("/series/(.*)", "/dicom-web/([^/]+)", "/reslice/health"):
        assert replaced({**routes, "greedy": {greedy}}), greedy


@pytest.mark.parametrize(
    "path",
    [
        "/dicom-web/studies",
        "/dicom-web/series?Modality=CT",
        f"{WEB}/metadata",
        f"{WEB}/series",
        f"{WEB}/instances",
        f"{WEB}/series/{SERIES}",
        f"{WEB}/series/{SERIES}/metadata",
        f"{WEB_INSTANCE}/frames/1",
        f"{WEB_INSTANCE}/frames/1/rendered",
        f"{WEB_INSTANCE}/rendered",
        f"{WEB_INSTANCE}/rendered?viewport=20,20",
        f"/wado?requestType=WADO&studyUID={STUDY}&seriesUID={SERIES}&objectUID={INSTANCE}",
        f"/wado?requestType=WADO&studyUID={STUDY}&seriesUID={SERIES}&objectUID={INSTANCE}&contentType=image/png",
        "/dicom-web/app/client/index.html",
        "/app/plugin-serve-folders.html",
        f"/instances/{orthanc_ids(COMPRESSED)['instances']}/preview",
        f"/instances/{IDS['instances']}/rendered",
    ],
    ids=without_identifiers,
)
def test_their_routes_answer_as_without_us(neighbourhood: Neighbourhood, path: str) -> None:
    clients = neighbourhood.clients("together", "theirs")
    answers = [client.get(path) for client in clients]
    assert answers[0].status == 200, answers[0].content
    assert_alike(answers, clients)


@with_web_viewer
@pytest.mark.parametrize(
    "path",
    [
        "/web-viewer/app/viewer.html",
        f"/web-viewer/series/{IDS['series']}",
        f"/web-viewer/is-stable-series/{IDS['series']}",
        f"/web-viewer/instances/jpeg95-{IDS['instances']}_0",
        f"/web-viewer/instances/deflate-{orthanc_ids(COMPRESSED)['instances']}_0",
    ],
    ids=without_identifiers,
)
def test_the_web_viewer_answers_as_without_us(neighbourhood: Neighbourhood, path: str) -> None:
    test_their_routes_answer_as_without_us(neighbourhood, path)


def test_the_explorer_keeps_their_extensions(neighbourhood: Neighbourhood) -> None:
    together, theirs = (c.get("/plugins/explorer.js").content for c in neighbourhood.clients("together", "theirs"))
    extensions = theirs.split(b"* From plugin:")[1:]
    assert len(extensions) == 1 + has_web_viewer
    for extension in extensions:
        assert extension.strip() in together


OURS = [
    *(f"/series/{IDS['series']}/mpr/{plane}" for plane in ("axial", "coronal?format=npy", "sagittal?format=jpeg")),
    f"/series/{IDS['series']}/mpr/oblique?center=0,0,0&normal=1,1,1&format=npy",
    f"/series/{IDS['series']}/rendered3d?renderingmethod=maximum_ip&viewport=64,64",
    f"/series/{IDS['series']}/volumes",
    f"/series/{IDS['series']}/volumes/0",
    f"/series/{IDS['series']}/volumes/0/voxels?format=nifti",
    f"/series/{IDS['series']}/slices",
    f"/series/{IDS['series']}/slices/3",
    f"/series/{IDS['series']}/probe?point=0,0,0",
    f"/studies/{IDS['studies']}/volumes",
    f"/studies/{IDS['studies']}/measurements",
    *(f"/{level}/{identifier}/thumbnail" for level, identifier in IDS.items()),
    f"/series/{orthanc_ids(COMPRESSED)['series']}/slices/0?format=npy",
    f"/instances/{orthanc_ids(COMPRESSED)['instances']}/thumbnail",
]


@pytest.mark.parametrize("path", OURS, ids=without_identifiers)
def test_our_routes_answer_as_without_them(neighbourhood: Neighbourhood, path: str) -> None:
    clients = neighbourhood.clients("together", "ours")
    answers = [client.get(path) for client in clients]
    assert answers[0].status == 200, answers[0].content
    assert_alike(answers, clients)


def test_what_came_by_dicomweb_is_cut_into_planes(neighbourhood: Neighbourhood) -> None:
    (client,) = neighbourhood.clients("together")
    values = client.get(f"/series/{IDS['series']}/mpr/axial", index=2, format="npy").array()
    np.testing.assert_array_equal(values, SLICES[2].pixel_array)


def test_jpeg_2000_is_read_by_everybody(neighbourhood: Neighbourhood) -> None:
    (client,) = neighbourhood.clients("together")
    ids = orthanc_ids(COMPRESSED)
    np.testing.assert_array_equal(client.get(f"/series/{ids['series']}/slices/0", format="npy").array(), PIXELS)
    for path in (f"{WEB_COMPRESSED}/rendered", f"/instances/{ids['instances']}/preview"):
        assert client.get(path, headers={"Accept": "image/png"}).picture().shape[:2] == PIXELS.shape


def test_jpeg_2000_is_transcoded_by_gdcm(neighbourhood: Neighbourhood) -> None:
    (client,) = neighbourhood.clients("together")
    if client.get("/system").json()["Version"] == "1.12.7":
        pytest.skip("the GDCM plugin of Debian 13 ends Orthanc when it transcodes JPEG 2000, without us too")
    raw = {"Accept": f'multipart/related; type="application/octet-stream"; transfer-syntax={ExplicitVRLittleEndian}'}
    assert PIXELS.tobytes() in client.get(WEB_COMPRESSED, headers=raw).content


def test_measurements_are_kept_beside_them(neighbourhood: Neighbourhood) -> None:
    (client,) = neighbourhood.clients("together")
    path = f"/studies/{IDS['studies']}/measurements"
    made = client.post(path, body_of(on_image(IDS["instances"], [(0, 0), (30, 0)])))
    assert made.status == 201, made.content
    assert client.get(path).json()["Count"] == 1
    one = f"{path}/{made.json()['Id']}"
    headers = {"If-Match": made.headers["ETag"], "Reslice-Confirm": "1"}
    assert client.delete(one, headers=headers).status == 200


def test_changes_reach_us_beside_them(neighbourhood: Neighbourhood) -> None:
    (client,) = neighbourhood.clients("together")
    series = client.store_series(noise(Acquisition(shape=(3, 16, 16)), seed=9, PatientID="passing"))
    assert client.get(f"/series/{series}/mpr/axial").status == 200
    assert series in client.get("/reslice/cache").content.decode()
    assert client.delete(f"/series/{series}").status == 200
    deadline = time.monotonic() + 10
    while series in client.get("/reslice/cache").content.decode():
        assert time.monotonic() < deadline
        time.sleep(0.05)
