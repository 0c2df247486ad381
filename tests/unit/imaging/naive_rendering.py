"""Rendering told pixel by pixel and sample by sample: slow, obvious, and nothing of it the product's."""

import math

import numpy as np
from numpy.typing import NDArray

from naive import trilinear
from reslice.imaging.camera import Camera
from reslice.imaging.transfer import TransferFunction
from reslice.imaging.volume import Volume

Array = NDArray[np.float64]


def ray_points(camera: Camera, samples: int) -> Array:
    """LPS mm of the samples of every ray, both ends of the depth included, shape (rows, columns, samples, 3)."""
    plane = camera.plane
    rows, columns = np.indices(plane.shape)[..., None]
    pixels = plane.position + rows * plane.spacing[0] * plane.column + columns * plane.spacing[1] * plane.row
    offsets = np.linspace(-camera.depth / 2, camera.depth / 2, samples)
    return pixels[:, :, None] + offsets[:, None] * np.cross(plane.row, plane.column)


def value_at(volume: Volume, point: Array) -> float:
    """The value at a point of an even volume without holes; NaN beyond its outer edges."""
    affine = np.asarray(volume.geometry.affine)
    index = np.linalg.solve(affine[:3, :3], point - affine[:3, 3])
    if (index < -0.5 - 1e-6).any() or (index > np.array(volume.voxels.shape) - 0.5 + 1e-6).any():
        return math.nan
    return trilinear(volume.voxels, affine, point)


def shaded(volume: Volume, camera: Camera, transfer: TransferFunction, samples: int) -> Array:
    """Red, green and blue before black, 0 to 1, every segment cut into ten for the transfer function alone."""
    points = ray_points(camera, samples)
    normal = np.cross(camera.plane.row, camera.plane.column)
    picture = np.zeros((*camera.plane.shape, 3))
    for y, x in np.ndindex(camera.plane.shape):
        picture[y, x] = _ray(volume, points[y, x], normal, transfer)
    return picture


def _ray(volume: Volume, points: Array, normal: Array, transfer: TransferFunction) -> Array:
    light, passes = np.zeros(3), 1.0
    values = [value_at(volume, point) for point in points]
    for near, far, a, b in zip(points, points[1:], values, values[1:], strict=False):
        if math.isnan(a) or math.isnan(b):
            continue
        bright, highlight = _light(volume, (near + far) / 2, normal, transfer)
        length = float(np.linalg.norm(far - near)) / 10
        for part in range(10):
            colour = transfer.at(np.array(a + (b - a) * (part + 0.5) / 10))
            opacity = 1 - (1 - min(float(colour[3]), 0.999)) ** length
            light += passes * opacity * np.minimum(colour[:3] * bright + highlight, 1)
            passes *= 1 - opacity
    return light


def _light(volume: Volume, point: Array, normal: Array, transfer: TransferFunction) -> tuple[float, float]:
    affine = np.asarray(volume.geometry.affine)
    rises = [
        (trilinear(volume.voxels, affine, point + step) - trilinear(volume.voxels, affine, point - step)) / 2
        for step in affine[:3, :3].T
    ]
    gradient = np.linalg.solve(affine[:3, :3].T, rises)
    length = float(np.linalg.norm(gradient))
    light, low, high = transfer.light, transfer.points[0].value, transfer.points[-1].value
    if not length:
        return light.ambient + light.diffuse, 0.0
    facing = abs(float(gradient @ normal)) / length
    certain = length**2 / (length**2 + (0.012 * (high - low)) ** 2)
    facing = certain * facing + 1 - certain
    return light.ambient + light.diffuse * facing, light.specular * facing**light.power
