"""What routes take beside path and query, and what they answer: the words of which the OpenAPI document is made."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from reslice.imaging.encode import ANIMATED, FORMATS
from reslice.imaging.grids import GRID_FORMATS

JSON = "application/json"
DICOM = "application/dicom"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
BYTES = ""
"""In place of a schema's name: bytes, of which JSON Schema says nothing."""

DISPLAY = tuple(f.media_type for f in FORMATS.values() if f.is_display)
PICTURES = tuple(f.media_type for f in FORMATS.values())
GRIDS = tuple(f.media_type for f in GRID_FORMATS.values())
MOVING = tuple(f.media_type for f in ANIMATED.values())

KEPT = ("ETag", "Cache-Control", "Vary")
SHOWN = ("Reslice-Plane", "Reslice-Window", "Reslice-Volume", "Reslice-Warnings")

PAGES = ("ETag", "Cache-Control", "Content-Security-Policy")

ALWAYS = (500, 503)
"""What any route may answer."""
PIXELS = (413, 415, 422)
"""What whatever reads pixels may answer."""


@dataclass(frozen=True)
class Content:
    """What comes with one status: media types with the names of their schemas, and our headers."""

    media: Mapping[str, str]
    headers: tuple[str, ...] = ()


@dataclass(frozen=True)
class Body:
    """What a request brings: media types with the names of their schemas, and an example in JSON."""

    media: Mapping[str, str]
    example: Any = None
    is_required: bool = True


@dataclass(frozen=True)
class Contract:
    """What a route takes beside path and query, and what it answers.

    `answers` are those without an error, by their status; `errors` the statuses of the others, all in one shape.
    """

    answers: Mapping[int, Content]
    errors: tuple[int, ...] = (400, 404)
    takes: tuple[str, ...] = ()
    body: Body | None = None

    def taking(self, *headers: str, body: Body | None = None) -> "Contract":
        """The same with headers of the request, and a body."""
        return replace(self, takes=(*self.takes, *headers), body=body or self.body)

    def also(self, status: int, content: Content) -> "Contract":
        """The same with another answer."""
        return replace(self, answers={**self.answers, status: content})

    @property
    def statuses(self) -> list[int]:
        """All that can be answered."""
        return sorted({*self.answers, *self.errors, *ALWAYS})


def told(schema: str, status: int = 200, errors: tuple[int, ...] = (400, 404)) -> Contract:
    """An answer in JSON, which may not be kept."""
    return Contract({status: Content({JSON: schema}, ("Cache-Control",))}, errors)


def kept(schema: str, errors: tuple[int, ...] = (400, 404)) -> Contract:
    """An answer in JSON, of which clients may ask whether it is current."""
    return _revalidated({JSON: schema}, KEPT, errors)


def made(media_types: Iterable[str], *headers: str) -> Contract:
    """An answer made of pixels, of which clients may ask whether it is current."""
    return _revalidated(dict.fromkeys(media_types, BYTES), (*KEPT, *headers), (400, 404, 406, *PIXELS))


def file_of(*media_types: str, errors: tuple[int, ...] = (400,)) -> Contract:
    """A file of our own pages."""
    return _revalidated(dict.fromkeys(media_types, BYTES), PAGES, errors)


def _revalidated(media: Mapping[str, str], headers: tuple[str, ...], errors: tuple[int, ...]) -> Contract:
    answers = {200: Content(media, headers), 304: Content({}, ("ETag", "Cache-Control"))}
    return Contract(answers, errors, takes=("If-None-Match",))


DRAFT_EXAMPLE = {
    "Type": "distance",
    "Tool": "line",
    "Label": "Lesion 1",
    "Image": {"Instance": "b9c08539-26f93bde-c81ab0d7-bffaf2cb-a4d0bdd0", "Frame": 0},
    "Geometry": {"Space": "pixel", "Points": [[4, 5], [24, 20]]},
}
EXPORT_EXAMPLE = {"Format": "reslice-measurements", "FormatVersion": 1, "Measurements": []}
DRAFT = Body({JSON: "Draft"}, DRAFT_EXAMPLE)
RECORD = Content({JSON: "Measurement"}, ("ETag", "Cache-Control"))
EXPORTED = {JSON: "Export", "text/csv": BYTES, XLSX: BYTES, DICOM: BYTES}

SERVER = told("Server", errors=(400,))
HEALTH = Contract({200: Content({JSON: "Health"}, ("Cache-Control",)), 503: Content({JSON: "Health"})}, (400,))
CACHE = told("Cache", errors=(400,))
DROPPED = told("Dropped", errors=(403,)).taking("Reslice-Confirm")
DOCUMENT = kept("OpenApi", errors=(400,))
PAGE = Contract({302: Content({}, ("Location",))}, (400,))
MOVED = Contract({302: Content({}, ("Location",))}, ())
VIEWER_MEDIA = {
    **dict.fromkeys(("text/html", "text/css", "text/javascript", "text/plain", "image/svg+xml"), BYTES),
    JSON: "PageData",
}
VIEWER_FILE = _revalidated(VIEWER_MEDIA, PAGES, (404,)).also(302, Content({}, ("Location",)))
PAGE_FILE = file_of("text/html", "text/css", "text/javascript", errors=(400, 404)).also(302, Content({}, ("Location",)))
STUDY_VOLUMES = told("StudyVolumes")
SERIES_VOLUMES = told("SeriesVolumes")
VOLUME = told("Volume")
LOADED = told("Loading", 202, (400, 403, 404, 413, 422)).taking(
    body=Body({JSON: "LoadRequest"}, {"Volumes": [0]}, is_required=False)
)
SERIES_DROPPED = told("Dropped", errors=(403, 404)).taking("Reslice-Confirm")
VOXELS = made(GRIDS, "Content-Disposition", "Reslice-Volume", "Reslice-Raw", "Reslice-Warnings", "Reslice-Window")
SLICES = kept("Slices")
PICTURE = made(PICTURES, *SHOWN, "Reslice-Raw")
RENDERING = made((*PICTURES, *MOVING), *SHOWN, "Reslice-Preset", "Reslice-Animation", "Reslice-Raw")
PROBE = kept("Probe", errors=(400, 404, *PIXELS))
THUMBNAIL = made(DISPLAY)
LISTED = told("MeasurementList")
CREATED = Contract({200: RECORD, 201: RECORD}, (400, 403, 404, 409, 410, *PIXELS, 507), body=DRAFT)
COMPUTED = told("Computed", errors=(400, 403, 404, *PIXELS)).taking(body=DRAFT)
MEASUREMENT = Contract({200: RECORD}, (400, 404, 410))
CHANGED = Contract({200: RECORD}, (400, 403, 404, 410, 412, *PIXELS, 507)).taking("If-Match", body=DRAFT)
DELETED = told("Nothing", errors=(400, 403, 404, 410, 412, 507)).taking("If-Match")
SUMMARY = told("Summary")
EXPORT = Contract({200: Content(EXPORTED, ("Cache-Control", "Content-Disposition"))}, (400, 404, 413, 422))
IMPORTED = told("ImportOutcome", errors=(400, 403, 404, 409, 413, 422, 507)).taking(
    body=Body({JSON: "Importable", DICOM: BYTES}, EXPORT_EXAMPLE)
)
REPORTED = told("Report", errors=(400, 403, 404, 413, 422, 507)).taking(
    body=Body({JSON: "Nothing"}, {}, is_required=False)
)
STUDIES = told("Studies", errors=(400,))
PATIENTS = told("Patients", errors=(400,))
