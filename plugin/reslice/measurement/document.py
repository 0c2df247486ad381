"""What a client says of a measurement: a strict, frozen model of the body, with a reason of its own for each fault."""

import hashlib
import json
import math
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, ValidationError, model_validator
from pydantic.alias_generators import to_pascal
from pydantic_core import ErrorDetails

from reslice.errors import InvalidMeasurement
from reslice.measurement.fields import (
    LARGEST_COORDINATE,
    Body,
    Bound,
    CodeText,
    Description,
    Label,
    Meaning,
    Number,
    OrthancId,
    Point,
    Uuid,
    Vector,
    Whole,
    fault,
)
from reslice.measurement.tools import TOOLS, Shape, Tool, Type, point_counts

MOST_POINTS = 2000
"""Of one line or outline: a record must fit into its entry."""
MOST_POLYGONS = 1000
UNIT_TOLERANCE = 1e-4
"""How far direction cosines may be from unit length and from a right angle."""

OPTIONAL_KEYS = ("shape", "polygons", "range", "seed", "connectivity", "radius")
"""Of the geometry; each tool takes some."""

SERVER_OWNED = frozenset(
    {
        *("TrackingUID", "Revision", "Study", "Source", "Values", "Calibration", "Method", "Warnings", "Stale"),
        *("InputsDigest", "SeriesDigest", "RequestDigest", "Claimed", "Origin"),
        *("Author", "CreatedAt", "UpdatedAt", "UpdatedBy"),
    }
)
"""Keys of a record that only the server may set."""


class Code(Body):
    """A coded concept (PS3.16 8.1)."""

    scheme: CodeText
    code: CodeText
    meaning: Meaning


class ImageReference(Body):
    """A stored frame, counted from 0."""

    instance: OrthancId
    frame: Whole = 0


class PlaneReference(Body):
    """A plane through a volume: the centre of its first pixel and the directions of its rows and columns, LPS."""

    position: Vector
    row: Vector
    column: Vector

    @model_validator(mode="after")
    def _is_orthonormal(self) -> "PlaneReference":
        lengths = [math.hypot(*self.row), math.hypot(*self.column)]
        cosine = sum(a * b for a, b in zip(self.row, self.column, strict=True))
        if max(abs(lengths[0] - 1), abs(lengths[1] - 1), abs(cosine)) > UNIT_TOLERANCE:
            raise fault("bad-value", "Row and Column must be perpendicular directions of length 1")
        return self


class Geometry(Body):
    """Where it is measured. Points are [x, y, z] in LPS mm, or [column, row] of the image's pixels."""

    space: Literal["LPS", "pixel"]
    points: tuple[Point, ...] = Field((), max_length=MOST_POINTS)
    shape: Shape | None = None
    polygons: tuple[Annotated[tuple[Vector, ...], Field(max_length=MOST_POINTS)], ...] = Field(
        (), max_length=MOST_POLYGONS
    )
    range: tuple[Bound, Bound] | None = None
    seed: Vector | None = None
    connectivity: Literal[6, 18, 26] | None = None
    radius: Annotated[Number, Field(gt=0, le=LARGEST_COORDINATE)] | None = None

    @model_validator(mode="after")
    def _has_one_kind_of_points(self) -> "Geometry":
        size = 2 if self.space == "pixel" else 3
        if any(len(point) != size for point in self.points):
            raise fault("bad-value", f"A point has {size} numbers in the space {self.space}")
        if self.range is not None and self.range[0] > self.range[1]:
            raise fault("reversed-range", "The lower bound is above the upper")
        return self


class Draft(Body):
    """The body of a create or an update: what a client may say."""

    id: Uuid | None = None
    type: Type
    tool: Tool
    series: OrthancId | None = None
    volume: Whole | None = None
    image: ImageReference | None = None
    plane: PlaneReference | None = None
    geometry: Geometry
    label: Label = ""
    description: Description = ""
    finding: Code | None = None
    site: Code | None = None

    @model_validator(mode="after")
    def _makes_sense(self) -> "Draft":
        require_tool(self.type, self.tool)
        if self.image is not None and self.plane is not None:
            raise fault("mixed-references", "Either an Image or a Plane is measured on")
        if self.image is None and self.series is None:
            raise fault("missing-key", "An Image or a Series is needed")
        if self.image is None and self.geometry.space == "pixel":
            raise fault("mixed-references", "Pixels are those of an Image")
        _check_points(self)
        _check_keys(self)
        return self

    def to_json(self) -> dict[str, Any]:
        """What the client said, without what it left out."""
        said = self.model_dump(mode="json", by_alias=True, exclude_none=True)
        if not self.geometry.polygons:
            del said["Geometry"]["Polygons"]
        return said

    @property
    def digest(self) -> str:
        """The same for all bodies that say the same, whatever the order of their keys; the Id doesn't count."""
        said = {key: value for key, value in self.to_json().items() if key != "Id"}
        return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


def require_tool(type_: Type, tool: Tool) -> None:
    """Refuse, as validators do, a tool that makes measurements of another type."""
    if tool not in TOOLS[type_]:
        raise fault("unknown-tool", f"A measurement of type {type_} has {' or '.join(TOOLS[type_])}")


def _check_points(draft: Draft) -> None:
    geometry = draft.geometry
    least, most = point_counts(draft.tool, geometry.shape)
    if not least <= len(geometry.points) <= (MOST_POINTS if most is None else most):
        expected = str(least) if least == most else f"{least} or more"
        raise fault("wrong-point-count", f"{draft.tool} takes {expected} points, not {len(geometry.points)}")


def _check_keys(draft: Draft) -> None:
    """Keys of the geometry that the tool needs, and no others: an ignored one would change what is measured."""
    allowed, needed = _keys_of(draft)
    given = {name for name in OPTIONAL_KEYS if getattr(draft.geometry, name) not in (None, ())}
    if missing := sorted(needed - given):
        raise fault("missing-key", f"{draft.tool} needs Geometry.{to_pascal(missing[0])}")
    if draft.tool == "polygons" and draft.geometry.shape not in (None, "polygons"):
        raise fault("bad-value", "The Shape of the tool polygons is polygons")
    if unused := sorted(given - allowed):
        raise fault("unknown-key", f"{draft.tool} takes no Geometry.{to_pascal(unused[0])}")
    if draft.type == "volume" and (draft.image is not None or draft.plane is not None):
        raise fault("mixed-references", "A volume is measured in the voxels of a Series, not on an Image or a Plane")


def _keys_of(draft: Draft) -> tuple[set[str], set[str]]:
    """The keys of the geometry, beside its points, that a tool takes, and those that it needs."""
    outlines = {"polygons"} if draft.geometry.shape == "polygons" else set()
    if draft.tool == "threshold":
        needed = {"shape", "range"} | outlines
        return needed, needed
    if draft.tool == "region":
        needed = {"shape", "range", "seed"} | outlines
        return needed | {"connectivity"}, needed
    if draft.tool == "polygons":
        return {"shape", "polygons"}, {"polygons"}
    return ({"radius"}, set()) if draft.tool == "point" else (set(), set())


def draft_of(value: object) -> Draft:
    """The draft in decoded JSON. Raises InvalidMeasurement with a reason and the key (`Parameter`)."""
    if not isinstance(value, dict):
        raise InvalidMeasurement("A measurement is a JSON object", reason="bad-value")
    for key in value:
        if key in SERVER_OWNED:
            details = f"{key} is the server's own: it is computed, never taken from a client"
            raise InvalidMeasurement(details, reason="server-owned-key", Parameter=key)
    try:
        return Draft.model_validate(value)
    except ValidationError as error:
        raise refusal(error) from None


def draft_of_record(record: Mapping[str, Any]) -> Draft:
    """What a client once said, of a whole record. Raises InvalidMeasurement."""
    said = {key: value for key, value in record.items() if key not in SERVER_OWNED and value is not None}
    if "Image" in said:  # its volume was found by the server, and may have another index by now
        said.pop("Volume", None)
    return draft_of(said)


PRIORITY = ("type", "tool")
"""Faults of these are told first: every other key is read by them."""


def refusal(error: ValidationError) -> InvalidMeasurement:
    """The fault that is told of several, with our reason for it."""
    found = error.errors(include_url=False, include_context=False)
    problem = min(found, key=_urgency)
    place = ".".join(str(part) for part in problem["loc"] if not str(part).startswith(("tuple[", "function-")))
    details = f"{place}: {problem['msg']}" if place else problem["msg"]
    return InvalidMeasurement(details[:500], reason=_reason(problem), Parameter=place[:64])


def _urgency(problem: ErrorDetails) -> int:
    first = str(problem["loc"][0]).lower() if problem["loc"] else ""
    return PRIORITY.index(first) if first in PRIORITY else len(PRIORITY)


def _reason(problem: ErrorDetails) -> str:
    kind, place = problem["type"], problem["loc"]
    if "-" in kind:
        return kind
    if kind == "extra_forbidden":
        return "unknown-key"
    if kind == "missing":
        return "missing-key"
    if kind == "literal_error" and place in (("Type",), ("Tool",)):
        return "unknown-type" if place == ("Type",) else "unknown-tool"
    if kind == "too_long" and place and place[-1] in ("Points", "Polygons"):
        return "wrong-point-count"
    return "bad-id" if place == ("Id",) else "bad-value"
