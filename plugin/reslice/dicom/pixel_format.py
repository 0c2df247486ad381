"""How stored values are laid out (PS3.3 C.7.6.3)."""

from dataclasses import dataclass
from typing import Any

import numpy as np

FLOAT_PIXELS: dict[int, np.dtype[Any]] = {0x7FE00008: np.dtype("<f4"), 0x7FE00009: np.dtype("<f8")}

SHARED_CHROMA = frozenset({"YBR_FULL_422", "YBR_PARTIAL_422"})
"""Photometric interpretations in which two neighbours share their chrominance."""

MOST_BITS = 64


@dataclass(frozen=True)
class PixelFormat:
    """How stored values are laid out (PS3.3 C.7.6.3)."""

    rows: int
    columns: int
    samples: int
    photometric: str
    bits_allocated: int
    bits_stored: int
    high_bit: int
    is_signed: bool

    @property
    def is_colour(self) -> bool:
        """Whether a frame becomes RGB."""
        return self.samples > 1 or self.photometric == "PALETTE COLOR"

    @property
    def stored_range(self) -> tuple[int, int]:
        """The least and the greatest value that the stored bits allow; absurd numbers of bits are bounded."""
        bits = min(max(self.bits_stored, 1), MOST_BITS)
        return (-(1 << bits - 1), (1 << bits - 1) - 1) if self.is_signed else (0, (1 << bits) - 1)

    def frame_bytes(self, pixel_tag: int | None, frames: int = 1) -> int:
        """Bytes of uncompressed frames; float pixels have a size of their own, bits run on from frame to frame."""
        real = FLOAT_PIXELS.get(pixel_tag or 0)
        bits = self.bits_allocated if real is None else 8 * real.itemsize
        samples = 2 if self.photometric in SHARED_CHROMA else self.samples  # PS3.3 C.7.6.3.1.2: chroma is shared
        return (self.rows * self.columns * samples * bits * frames + 7) // 8
