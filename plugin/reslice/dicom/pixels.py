"""One frame of a file at a time; whoever reads several frames of one file takes a FrameReader."""

from reslice.dicom.colour import Rgb
from reslice.dicom.decoding import decoders
from reslice.dicom.frames import Fallback, FrameReader
from reslice.dicom.instance import Instance
from reslice.imaging.modality import Stored

__all__ = ["Fallback", "FrameReader", "colour_frame", "decoders", "stored_frame"]


def stored_frame(instance: Instance, content: bytes, frame: int, fallback: Fallback | None = None) -> Stored:
    """Stored values of one frame (0-based), shape (rows, columns). Raises Damaged, Undecodable.

    The result may be a view of `content`.
    """
    return FrameReader(instance, content, fallback).stored(frame)


def colour_frame(instance: Instance, content: bytes, frame: int, fallback: Fallback | None = None) -> Rgb:
    """One frame as RGB, shape (rows, columns, 3). Raises Damaged, Undecodable."""
    return FrameReader(instance, content, fallback).colour(frame)
