"""Measurements of everything compiled, as JSON; in an interpreter of its own it can be one without a compiler.

python -m unit.measurement.measured FILE    writes them, and prints which kernels the warm-up left to compile
"""

import json
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from reslice.imaging.volume import Volume
from reslice.measurement import filling, growing, inside
from reslice.measurement.polygon import Polygon
from reslice.measurement.polygon_stack import PolygonStack
from reslice.measurement.regions import grow, nearest_voxel, planimetry, warm_up
from reslice.measurement.samples import inside_pixels
from reslice.measurement.where import Ellipsoid, Everywhere
from unit.measurement.spaces import Array, geometry_of, middle_of, noise

MANY = 10**9


def measurements() -> dict[str, Any]:
    """By name."""
    return dict(_all())


def _all() -> Iterator[tuple[str, Any]]:
    for dtype in (np.int16, np.float32):
        volume = noise(geometry_of((12, 20, 30), (2.5, 0.7, 0.3), tilt=0.2), dtype=dtype)
        center = middle_of(volume.geometry)
        padded = Volume(volume.geometry, volume.voxels, (0.0, 100.0))
        for connectivity in (6, 18, 26):
            region = grow(padded, Everywhere(), center, *around(volume), connectivity, MANY)
            yield f"grown {dtype.__name__} {connectivity}", asdict(region)
            region = grow(volume, Ellipsoid.of(center, center + 3 * np.eye(3)), center, -1000, 3000, connectivity, MANY)
            yield f"grown in a ball {dtype.__name__} {connectivity}", asdict(region)
        rings = [star(volume, k) for k in (3, 4, 5)]
        yield f"drawn {dtype.__name__}", asdict(planimetry(volume, PolygonStack.of(rings, volume.geometry), MANY))
    _, down, right = volume.geometry.steps
    pixels = inside_pixels(Polygon.of(star(volume, 4), 0.01), volume.geometry.origins[4], right, down, (20, 30))
    yield "pixels", pixels[2].tolist()


def around(volume: Volume) -> tuple[float, float]:
    """A range that many of the voxels lie in, the middle one among them."""
    _, value = nearest_voxel(volume, middle_of(volume.geometry))
    return value - 900, value + 900


def star(volume: Volume, k: int) -> Array:
    """Of 60 vertices, on slice k."""
    turns = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    reach = np.where(np.arange(60) % 2, 9, 5.5)
    indices = np.stack([np.full(60, k), 10 + reach * np.sin(turns), 15 + reach * np.cos(turns)], axis=1)
    return volume.geometry.map_indices_to_reference(indices)


def signatures() -> dict[str, int]:
    """How many variants of each kernel are compiled."""
    kernels = {**vars(filling), **vars(growing), **vars(inside)}.items()
    return {name: len(kernel.signatures) for name, kernel in kernels if hasattr(kernel, "signatures")}


if __name__ == "__main__":
    warm_up()
    warm = signatures()
    Path(sys.argv[1]).write_text(json.dumps(measurements()))
    for name, count in signatures().items():
        if count > warm[name]:
            print(f"{name}: {count - warm[name]} more than {warm[name]}")  # noqa: T201
