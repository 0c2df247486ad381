"""Compressed images made by encoders, put into files that may say something else about them."""

import io

import imagecodecs
import numpy as np
from PIL import Image
from pydicom.dataset import Dataset
from pydicom.encaps import encapsulate

from phantoms import file_of, image
from reslice.dicom.frames import FrameReader
from unit.dicom.files import read

JPEG, EXTENDED, LOSSLESS, JPEG_LS, J2K, HTJ2K, RLE = (
    f"1.2.840.10008.1.2.{end}" for end in ("4.50", "4.51", "4.70", "4.80", "4.90", "4.201", "5")
)
DEFLATED_FRAMES = b"1.2.840.10008.1.2.8.1\0"


def j2k(pixels: np.ndarray, **options: object) -> bytes:
    """A lossless JPEG 2000 codestream."""
    return bytes(imagecodecs.jpeg2k_encode(pixels, **{"level": 0, "reversible": True, "codecformat": "J2K", **options}))


def htj2k(pixels: np.ndarray) -> bytes:
    """A lossless high-throughput one."""
    return bytes(imagecodecs.htj2k_encode(pixels))


def lossless_jpeg(pixels: np.ndarray, **options: object) -> bytes:
    """A JPEG of process 14."""
    options = {"bitspersample": 8 * pixels.dtype.itemsize, **options}
    return bytes(imagecodecs.jpeg8_encode(pixels, lossless=True, **options))


def jpeg_ls(pixels: np.ndarray) -> bytes:
    """A lossless JPEG-LS image."""
    return bytes(imagecodecs.jpegls_encode(pixels))


def jpeg(pixels: np.ndarray, **options: object) -> bytes:
    """A baseline JPEG with a JFIF marker, colour as Y, Cb and Cr."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG", quality=95, **options)
    return file.getvalue()


def put(frames: list[bytes], syntax: str, like: np.ndarray, **attributes: object) -> Dataset:
    """An instance of these compressed frames, described as the pixels given."""
    dataset = image(like)
    dataset.file_meta.TransferSyntaxUID = syntax
    dataset.PixelData = encapsulate([frame or b"\0\0" for frame in frames])
    dataset["PixelData"].VR = "OB"
    if len(frames) > 1:
        dataset.NumberOfFrames = len(frames)
    for keyword, value in attributes.items():
        setattr(dataset, keyword, value)
    return dataset


def deflated_file(frames: list[bytes], like: np.ndarray, **attributes: object) -> bytes:
    """A file of deflated frames, a transfer syntax that pydicom doesn't write."""
    return file_of(put(frames, J2K, like, **attributes)).replace(J2K.encode(), DEFLATED_FRAMES)


def tiled_j2k(pixels: np.ndarray, side: int) -> bytes:
    """A lossless JPEG 2000 image in tiles, inside the boxes of a JP2 file."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "JPEG2000", tile_size=(side, side), irreversible=False)
    return file.getvalue()


def reader_of(dataset: Dataset | bytes, fallback: object = None) -> FrameReader:
    """The frames of a file."""
    found, content = read(dataset if isinstance(dataset, bytes) else file_of(dataset))
    return FrameReader(found, content, fallback)
