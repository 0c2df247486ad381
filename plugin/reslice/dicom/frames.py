"""The frames of one file."""

from collections.abc import Callable
from typing import Any

from numpy.typing import NDArray

from reslice.dicom.instance import Instance
from reslice.dicom.pixels import colour_frame, stored_frame

Fallback = Callable[[bytes, int], NDArray[Any] | None]


class FrameReader:
    """Reads frames of one file."""

    def __init__(self, instance: Instance, content: bytes, fallback: Fallback | None = None) -> None:
        self._instance, self._content = instance, content

    def stored(self, frame: int) -> NDArray[Any]:
        """Stored values."""
        return stored_frame(self._instance, self._content, frame)

    def colour(self, frame: int) -> NDArray[Any]:
        """RGB."""
        return colour_frame(self._instance, self._content, frame)
