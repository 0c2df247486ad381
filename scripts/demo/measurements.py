"""Measurements of the demonstration's lesions, whose true sizes and values are known."""

import uuid
from collections.abc import Iterator
from typing import Any

from demo import body, pet
from demo.series import NAMESPACE, DemoSeries

AXIAL_ROW, AXIAL_COLUMN = [1, 0, 0], [0, 1, 0]
MASS = {"Scheme": "SCT", "Code": "4147007", "Meaning": "Mass"}
LIVER = {"Scheme": "SCT", "Code": "10200004", "Meaning": "Liver"}
KIDNEY = {"Scheme": "SCT", "Code": "64033007", "Meaning": "Kidney"}
LUNG = {"Scheme": "SCT", "Code": "39607008", "Meaning": "Lung"}


def bodies() -> Iterator[tuple[DemoSeries, dict[str, Any]]]:
    """Each series with what to measure on it; the same Ids every time, so that a second load adds nothing."""
    for series, said in (*on_ct(), *on_pet()):
        name = f"{series.key}/{said['Label']}/{said['Type']}"
        yield series, {"Id": str(uuid.uuid5(NAMESPACE, name)), "Series": series.orthanc_id("series"), **said}


def on_ct() -> Iterator[tuple[DemoSeries, dict[str, Any]]]:
    """Across, around and within the lesions of the CT."""
    liver, _, _, nodule, cyst = body.LESIONS
    x, y, z = cyst.center
    across = [[x - cyst.diameter / 2, y, z], [x + cyst.diameter / 2, y, z]]
    yield body.SERIES, planar("distance", "line", across, "Cyst of the left kidney", Site=KIDNEY)
    said = planar("hu", "point", [[x, y, z]], "Cyst of the left kidney", Site=KIDNEY)
    said["Geometry"]["Radius"] = cyst.diameter / 3
    yield body.SERIES, said
    x, y, z = liver.center
    r = liver.diameter / 2
    ends = [[x - r, y, z], [x + r, y, z], [x, y - r, z], [x, y + r, z]]
    plane = {"Position": [x, y, z], "Row": AXIAL_ROW, "Column": AXIAL_COLUMN}
    yield body.SERIES, planar("area", "ellipse", ends, "Lesion of the liver", Plane=plane, Finding=MASS, Site=LIVER)
    yield body.SERIES, within(nodule, [-500, 1000], "Nodule of the right lung")


def on_pet() -> Iterator[tuple[DemoSeries, dict[str, Any]]]:
    """What the nodule takes up: its stored values, and SUV beside them."""
    x, y, z = body.NODULE.center
    said = planar("hu", "point", [[x, y, z]], "Uptake of the lung nodule", Finding=MASS, Site=LUNG)
    said["Geometry"]["Radius"] = body.NODULE.diameter
    yield pet.SERIES, said


def planar(kind: str, tool: str, points: list[list[float]], label: str, **more: Any) -> dict[str, Any]:
    """A measurement of points in the patient."""
    return {"Type": kind, "Tool": tool, "Geometry": {"Space": "LPS", "Points": points}, "Label": label, **more}


def within(lesion: body.Lesion, values: list[float], label: str) -> dict[str, Any]:
    """The voxels of a range in a ball around a lesion."""
    x, y, z = lesion.center
    reach = lesion.diameter * 0.8
    points = [[x, y, z], [x + reach, y, z], [x, y + reach, z], [x, y, z + reach]]
    geometry = {"Space": "LPS", "Shape": "ellipsoid", "Points": points, "Range": values}
    return {"Type": "volume", "Tool": "threshold", "Geometry": geometry, "Label": label, "Finding": MASS, "Site": LUNG}
