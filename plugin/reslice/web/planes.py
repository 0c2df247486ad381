"""From a request's parameters to the planes that it means, and where among them; contradictions are refused."""

import numpy as np

from reslice.errors import BadParameter, ConflictingParameters, TooLarge, UnknownResource
from reslice.imaging import affine as affines
from reslice.imaging.affine import Vector
from reslice.imaging.lattice import volume_planes
from reslice.imaging.mpr import PLANES, ParallelPlanes, PlaneAxes, oblique_planes, patient_planes, samples
from reslice.imaging.plane import ImagePlane
from reslice.imaging.slab import Slab
from reslice.imaging.volume import VolumeGeometry
from reslice.web.parameters import DirectionParameters, PlaneParameters

OBLIQUE = "oblique"
NAMES = (*sorted(PLANES), OBLIQUE)
ORTHONORMAL = 1e-4
"""How far lengths of row and column may be off 1, and the cosine between them off 0."""
SHORTEST = 1e-6
"""Length of a direction: a shorter vector has none."""
NEARLY_PARALLEL = 1e-3
"""Sine of the angle (radians) under which `up` doesn't tell what is up on a plane."""
MOST_SAMPLES = 1 << 30
"""So many values of a volume may go into one slab: some seconds of work."""
SAMPLES_OF_A_CUBIC_ONE = 4
"""A cubic sample takes about so many times as long as a linear one."""


def check(name: str, parameters: PlaneParameters) -> None:
    """Raise UnknownResource where no plane has this name, BadParameter where parameters contradict each other."""
    if name not in NAMES:
        raise UnknownResource("There is no such plane", reason="unknown-plane", Allowed=list(NAMES))
    _check_place(parameters)
    if parameters.projection is not None and parameters.slab_thickness is None:
        raise _conflict("projection", parameters, "with slab-thickness", "A projection is made of a slab")
    if name == OBLIQUE:
        _check_oblique(parameters)
        return
    for given in DirectionParameters.model_fields:
        if getattr(parameters, given) is not None:
            raise _conflict(given, parameters, "on oblique planes only", "Directions are those of an oblique plane")


def _check_place(parameters: PlaneParameters) -> None:
    places = [name for name in ("position", "index", "fraction") if getattr(parameters, name) is not None]
    if len(places) > 1:
        raise _conflict(places[1], parameters, "one of position, index, fraction", "More than one was given")


def _check_oblique(parameters: PlaneParameters) -> None:
    p = parameters
    if p.axes == "volume":
        raise _conflict("axes", p, "patient", "An oblique plane is given in patient axes")
    for name, partner in (("row", "column"), ("column", "row")):
        if getattr(p, name) is not None and p.normal is not None:
            raise _conflict(name, p, "normal and up, or row and column", "Both were given")
        if getattr(p, name) is not None and getattr(p, partner) is None:
            raise _conflict(name, p, "row and column together", "A plane needs both")
    if p.up is not None and p.normal is None:
        raise _conflict("up", p, "with normal", "What is up is told of a plane given by its normal")
    if p.normal is None and p.row is None:
        raise BadParameter("normal", "", "normal, or row and column", "An oblique plane needs its direction")
    _directions(p)


def _conflict(name: str, parameters: PlaneParameters, allowed: str, details: str) -> BadParameter:
    return ConflictingParameters(name, _text(getattr(parameters, name)), allowed, details)


def _text(value: object) -> str:
    return ",".join(f"{part:.9g}" for part in value) if isinstance(value, tuple) else str(value)


def _directions(parameters: PlaneParameters) -> PlaneAxes:
    """Rows, columns and normal of an oblique plane. Raises BadParameter where vectors are degenerate."""
    p = parameters
    if p.row is not None and p.column is not None:
        row, column = np.array(p.row), np.array(p.column)
        _require_orthonormal(row, column)
        return PlaneAxes.spanned(row, column)
    normal = _direction("normal", p.normal)
    if p.up is None:
        return PlaneAxes.facing(normal)
    up = _direction("up", p.up)
    if np.linalg.norm(np.cross(affines.unit(normal), affines.unit(up))) < NEARLY_PARALLEL:
        raise BadParameter("up", _text(p.up), "x,y,z, not along the normal", "What is up lies along the normal")
    return PlaneAxes.facing(normal, up)


def _direction(name: str, value: tuple[float, float, float] | None) -> Vector:
    vector = np.array(value or (0, 0, 0), dtype=np.float64)
    if np.linalg.norm(vector) < SHORTEST:
        raise BadParameter(name, _text(value), "x,y,z, not all 0", "A vector without length has no direction")
    return vector


def _require_orthonormal(row: Vector, column: Vector) -> None:
    for name, vector in (("row", row), ("column", column)):
        if abs(np.linalg.norm(vector) - 1) > ORTHONORMAL:
            raise BadParameter(name, _text(tuple(vector)), "x,y,z of length 1, within 1e-4", "Its length isn't 1")
    if abs(row @ column) > ORTHONORMAL:
        allowed = "x,y,z at a right angle to row, within 1e-4"
        raise BadParameter("column", _text(tuple(column)), allowed, "Row and column aren't orthogonal")


def planes_of(name: str, parameters: PlaneParameters, geometry: VolumeGeometry) -> ParallelPlanes:
    """The planes through a volume that a name and directions mean."""
    if name == OBLIQUE:
        centre = affines.frozen(parameters.center) if parameters.center is not None else None
        return oblique_planes(geometry, _directions(parameters), centre)
    if parameters.axes == "volume":
        return volume_planes(geometry, name)
    return patient_planes(geometry, PLANES[name])


def position_of(parameters: PlaneParameters, planes: ParallelPlanes) -> float:
    """Which of the planes it is, in mm. Raises BadParameter for an index that none of them has."""
    steps = planes.steps
    if parameters.position is not None:
        return parameters.position
    if parameters.fraction is not None:
        return steps.at_fraction(parameters.fraction)
    if parameters.index is None:
        return planes.position
    if parameters.index >= steps.count:
        allowed = f"0 to {steps.count - 1}"
        raise BadParameter("index", str(parameters.index), allowed, "The volume ends before this index")
    return steps.at_index(parameters.index)


def slab_of(parameters: PlaneParameters, geometry: VolumeGeometry, plane: ImagePlane) -> Slab | None:
    """The slab around a plane, if one is asked for. Raises TooLarge where it would take too many samples."""
    if parameters.slab_thickness is None:
        return None
    slab = Slab(parameters.slab_thickness, parameters.projection or "mean")
    count = samples(slab, geometry, plane) * (SAMPLES_OF_A_CUBIC_ONE if parameters.interpolation == "cubic" else 1)
    if count > MOST_SAMPLES:
        details = f"The slab would take {count} samples: ask for fewer pixels, or for less thickness"
        raise TooLarge(details, Samples=count, LimitSamples=MOST_SAMPLES)
    return slab
