"""Siemens mosaics: all slices of a volume as tiles of one image, with their geometry in a private header."""

import math
import re
import struct
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from reslice.dicom.description import Description
from reslice.dicom.tags import Tag
from reslice.dicom.values import Point, Values, points_along
from reslice.imaging import affine as affines
from reslice.imaging.modality import Stored

KIND = "MOSAIC"
CREATOR = "SIEMENS CSA HEADER"
SIGNATURE = b"SV10"
MOST_TAGS, MOST_ITEMS = 256, 64
NAME_BYTES, TAG_BYTES, ITEM_BYTES = 64, 84, 16
NUMBER = re.compile(r"[+-]?\d+(\.\d*)?([eE][+-]?\d+)?", re.ASCII)


@dataclass(frozen=True, eq=False)
class Mosaic:
    """How the tiles of a sheet stand: so many on a side, of so many rows and columns, and where each lies (LPS mm)."""

    side: int
    rows: int
    columns: int
    positions: tuple[Point, ...]
    description: Description

    @property
    def tiles(self) -> int:
        """How many tiles hold slices."""
        return len(self.positions)

    def tile(self, sheet: Stored, k: int) -> Stored:
        """Slice k out of the sheet, a view."""
        top, left = k // self.side * self.rows, k % self.side * self.columns
        return sheet[top : top + self.rows, left : left + self.columns]


def is_mosaic(description: Description) -> bool:
    """Whether the image is a sheet of tiles."""
    return KIND in description.image_type


def mosaic_of(values: Values, d: Description) -> Mosaic | None:
    """The tiles of a sheet whose header tells where they lie; None for other images, and where it doesn't."""
    if not is_mosaic(d) or values.text(Tag.CSA_CREATOR) != CREATOR:
        return None
    private = csa_numbers(values.content(Tag.CSA_IMAGE_HEADER), ("NumberOfImagesInMosaic", "SliceNormalVector"))
    count, normal = private.get("NumberOfImagesInMosaic", ()), private.get("SliceNormalVector", ())
    corner, step = values.point(Tag.IMAGE_POSITION), values.number(Tag.SPACING_BETWEEN_SLICES, 0.0)
    if len(count) != 1 or len(normal) != 3 or corner is None or step <= 0 or not 1 <= count[0] <= 1 << 12:
        return None
    return _tiles(d, int(count[0]), np.array(normal), corner, step)


def _tiles(d: Description, count: int, normal: NDArray[np.float64], corner: Point, step: float) -> Mosaic | None:
    side = math.isqrt(count - 1) + 1
    pixels = d.pixels
    if d.orientation is None or d.spacing is None or pixels is None or pixels.rows % side or pixels.columns % side:
        return None
    row, column = affines.unit(d.orientation[:3]), affines.unit(d.orientation[3:])
    if not abs(abs(float(np.cross(row, column) @ normal)) - 1) <= 1e-3:  # NaN isn't either
        return None
    rows, columns = pixels.rows // side, pixels.columns // side
    # The header's position is that of a single image as large as the whole sheet around the same centre.
    first = np.array(corner) + row * d.spacing[1] * (pixels.columns - columns) / 2
    first = first + column * d.spacing[0] * (pixels.rows - rows) / 2
    positions = points_along((first[0], first[1], first[2]), range(count), normal, step)
    if positions is None:
        return None
    return Mosaic(side, rows, columns, tuple(positions), replace(d, pixels=replace(pixels, rows=rows, columns=columns)))


def csa_numbers(content: bytes, wanted: tuple[str, ...]) -> dict[str, tuple[float, ...]]:
    """The numbers of some elements of a CSA header (the layout that begins with SV10); empty where it isn't one."""
    if content[:4] != SIGNATURE or len(content) < 16:
        return {}
    count = struct.unpack_from("<I", content, 8)[0]
    found: dict[str, tuple[float, ...]] = {}
    p = 16
    try:
        for _ in range(min(count, MOST_TAGS)):
            name, texts, p = _csa_element(content, p)
            if name in wanted and all(map(NUMBER.fullmatch, texts)):
                found[name] = tuple(map(float, texts))
    except (struct.error, ValueError):
        return {}
    return found


def _csa_element(content: bytes, p: int) -> tuple[str, list[str], int]:
    """Name and values of the element at p, and where the next one begins."""
    name = content[p : p + NAME_BYTES].partition(b"\0")[0].decode("latin-1")
    items = struct.unpack_from("<i", content, p + NAME_BYTES + 12)[0]
    if not 0 <= items <= MOST_ITEMS:
        raise ValueError("no sound number of items")
    p += TAG_BYTES
    texts = []
    for _ in range(items):
        length = struct.unpack_from("<i", content, p + 4)[0]
        if not 0 <= length <= len(content):
            raise ValueError("no sound length")
        text = content[p + ITEM_BYTES : p + ITEM_BYTES + length].partition(b"\0")[0].decode("latin-1").strip()
        texts.extend([text] if text else [])
        p += ITEM_BYTES + (length + 3) // 4 * 4
    return name, texts, p
