"""A study with measurements of every tool, that leave it and come back."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from pydicom.dataset import Dataset

from clients import Answer, Client
from drafts import Bench, in_series, on_image
from phantoms import Acquisition, noise

GRID = Acquisition(shape=(5, 24, 24), spacing=(2.0, 0.75, 0.75), center=(3.0, -7.0, 11.0))
"""Voxel centres from (-5.625, -15.625, 7) to (11.625, 1.625, 15)."""
MASS = {"Scheme": "SCT", "Code": "4147007", "Meaning": "Mass"}
LUNG = {"Scheme": "SCT", "Code": "39607008", "Meaning": "Lung"}

PIXELS: dict[str, tuple[str, list[tuple[float, float]]]] = {
    "line": ("distance", [(3, 4), (13.5, 14.25)]),
    "polyline": ("distance", [(3, 4), (13.5, 14.25), (20, 5), (2, 21)]),
    "angle": ("angle", [(2, 2), (10, 10), (2, 18.5)]),
    "cobb": ("angle", [(2, 2), (20, 4), (3, 20), (22, 15)]),
    "polygon": ("area", [(5, 5), (15, 6), (18, 14), (12, 20), (4, 15.5)]),
    "rectangle": ("area", [(5, 5), (15, 5), (15, 12.5), (5, 12.5)]),
    "ellipse": ("area", [(5, 12), (19, 12), (12, 8), (12, 16)]),
    "point": ("hu", [(7, 9)]),
}
"""The type of each planar tool, and points of it as [column, row]."""
WIDE = [-1000, 3000]
OUTLINE = [(-4.0, -14.0), (8.0, -13.0), (6.0, -2.0), (-3.0, -4.0)]
VOLUMES: dict[str, dict[str, Any]] = {
    "box": {"Tool": "threshold", "Shape": "box", "Points": [[-4, -14, 8], [6, -2, 14]], "Range": [0, 2000]},
    "ellipsoid": {
        **{"Tool": "threshold", "Shape": "ellipsoid", "Range": WIDE},
        "Points": [[3, -7, 11], [8, -7, 11], [3, -2, 11], [3, -7, 14]],
    },
    "everywhere": {"Tool": "threshold", "Shape": "everywhere", "Range": [500, 900]},
    "grown": {"Tool": "region", "Shape": "everywhere", "Range": WIDE, "Seed": [3, -7, 11], "Connectivity": 18},
    "planimetry": {"Tool": "polygons", "Polygons": [[[x, y, z] for x, y in OUTLINE] for z in (9.0, 11.0, 13.0)]},
}


class Exchange(Bench):
    """A study to measure in, whose files are at hand."""

    def __init__(self, client: Client, files: Sequence[Dataset] | None = None) -> None:
        self.files = list(files or noise(GRID))
        super().__init__(client, self.files)

    def planar(self, tool: str, k: int = 1, **more: Any) -> dict[str, Any]:
        """A body for a tool, in the pixels of slice k."""
        type_, points = PIXELS[tool]
        return on_image(self.instance(k), points, type_, Tool=tool, **more)

    def in_patient(self, tool: str, k: int = 1, **more: Any) -> dict[str, Any]:
        """The same points in the patient, on the image of slice k."""
        type_, points = PIXELS[tool]
        return on_image(self.instance(k), world(points, k).tolist(), type_, Tool=tool, Space="LPS", **more)

    def on_plane(self, tool: str, **more: Any) -> dict[str, Any]:
        """On an oblique plane through the volume."""
        type_, points = PIXELS[tool]
        plane = {"Position": [-2.0, -12.0, 9.0], "Row": [0.8, 0.0, 0.6], "Column": [0.0, 1.0, 0.0]}
        row, column = (np.array(plane[side]) for side in ("Row", "Column"))
        placed = [np.array(plane["Position"]) + x * 0.35 * row + y * 0.35 * column for x, y in points]
        return in_series(self.series, placed, type_, Tool=tool, Plane=plane, **more)

    def voxels(self, shape: str, **more: Any) -> dict[str, Any]:
        """A volume."""
        geometry = dict(VOLUMES[shape])
        tool, points = geometry.pop("Tool"), geometry.pop("Points", [])
        return in_series(self.series, points, "volume", Tool=tool, Geometry=geometry, **more)

    def everything(self) -> list[dict[str, Any]]:
        """One body of each tool in pixels, in the patient and on a plane, and of each kind of volume."""
        words = {"Label": "Läsion 日本 1", "Description": "drawn by hand", "Finding": MASS, "Site": LUNG}
        planar = [make(tool, **words) for tool in PIXELS for make in (self.planar, self.in_patient, self.on_plane)]
        sphere = in_series(self.series, [[3, -7, 11]], "hu", Geometry={"Radius": 3.0})
        return [*planar, *(self.voxels(shape, **words) for shape in VOLUMES), sphere]

    def fill(self, bodies: Iterable[object]) -> list[dict[str, Any]]:
        """Create these measurements, and tell the records."""
        for body in bodies:
            self.created(body)
        return self.listed()

    def empty(self) -> None:
        """Delete all measurements."""
        for record in self.listed():
            assert self.delete(record["Id"], f'"{record["Revision"]}"').status == 200
        assert self.listed() == []

    def exported(self, format_: str) -> Answer:
        """An export that must succeed."""
        answer = self.client.get(f"{self.url}/export", format=format_)
        assert answer.status == 200, answer.content
        return answer

    def sent(self, content: bytes) -> Answer:
        """An import, whatever becomes of it."""
        return self.client.post(f"{self.url}/import", content)


def world(points: Iterable[tuple[float, float]], k: int, grid: Acquisition = GRID) -> np.ndarray:
    """Pixels [column, row] of slice k in LPS mm, shape (N, 3)."""
    return np.array([(grid.affine @ (k, row, column, 1.0))[:3] for column, row in points])


def by_tracking_uid(records: Iterable[Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """Records, found by what they keep wherever they go."""
    return {record["TrackingUID"]: record for record in records}


def said(record: Mapping[str, Any]) -> dict[str, Any]:
    """What a client said of a record."""
    keys = ("Type", "Tool", "Image", "Plane", "Geometry", "Label", "Description", "Finding", "Site")
    return {key: record.get(key) for key in keys}
