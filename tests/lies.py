"""Files whose headers claim what isn't so: small, and hostile."""

import zlib
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO

import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.sequence import Sequence as Items
from pydicom.uid import DeflatedExplicitVRLittleEndian

from phantoms import Acquisition, file_of, image, multiframe, noise, store_pixels
from series_phantoms import enhanced, even

GRID = Acquisition(shape=(4, 8, 8))
MANY = 2**31 - 1
PIXELS_TAG = b"\xe0\x7f\x10\x00OW\x00\x00"
BOMB_MEBIBYTES = 300


@dataclass(frozen=True)
class Lie:
    """The files of one series, and what may be said of them."""

    files: Callable[[], list[bytes]]
    reasons: frozenset[str] = frozenset()  # of these, one must be told; empty: the pixels may be shown
    volume: bool = False  # whether a volume may come of it


def files_of(datasets: list[Dataset]) -> list[bytes]:
    return [file_of(dataset) for dataset in datasets]


def one(**attributes: object) -> Callable[[], list[bytes]]:
    """A single image with these attributes."""
    return lambda: files_of([image(np.zeros((8, 8), np.int16), **{**place(), **attributes})])


def all_of(**attributes: object) -> Callable[[], list[bytes]]:
    """A series of four slices with these attributes on each."""
    return lambda: files_of(noise(GRID, **attributes))


def place() -> dict[str, object]:
    return {"ImagePositionPatient": [0, 0, 0], "ImageOrientationPatient": [1, 0, 0, 0, 1, 0], "PixelSpacing": [1, 1]}


def with_text(keyword: str, text: bytes) -> Callable[[], list[bytes]]:
    """A series in whose files a value is overwritten by a text that pydicom wouldn't write."""

    def made() -> list[bytes]:
        filler = [float(f"{1234567 + k}.5") for k in range(6)][: _values(keyword)]
        files = files_of(noise(GRID, **{keyword: filler if len(filler) > 1 else filler[0]}))
        original = b"\\".join(str(value).encode() for value in filler)
        assert all(original in file for file in files)
        return [file.replace(original, text.ljust(len(original))[: len(original)]) for file in files]

    return made


def _values(keyword: str) -> int:
    return {"ImageOrientationPatient": 6, "PixelSpacing": 2, "ImagePositionPatient": 3}.get(keyword, 1)


def three_gigabytes() -> list[bytes]:
    """The element of the pixels claims 3 GB in a file of less than a kilobyte."""
    return [_claimed(file, 3 * 2**30) for file in one()()]


def _claimed(file: bytes, length: int) -> bytes:
    at = file.index(PIXELS_TAG) + len(PIXELS_TAG)
    return file[:at] + length.to_bytes(4, "little") + file[at + 4 :]


def three_gigabytes_private() -> list[bytes]:
    """A private element before the pixels claims 3 GB."""
    dataset = image(np.zeros((8, 8), np.int16), **place())
    dataset.private_block(0x0029, "A LIE", create=True).add_new(1, "OB", b"1234")
    file = file_of(dataset)
    at = file.index(b"\x29\x00\x01\x10OB\x00\x00") + 8
    return [file[:at] + (3 * 2**30).to_bytes(4, "little") + file[at + 4 :]]


def frames(count: int) -> Callable[[], list[bytes]]:
    """Eight frames of pixels, another count claimed."""
    return lambda: files_of([multiframe(np.ones((8, 8, 8), np.uint16), NumberOfFrames=count)])


def grouped_frames(claimed: int | None = None, groups: int = 8) -> Callable[[], list[bytes]]:
    """An enhanced image of eight frames: another count claimed, or fewer or more functional groups."""

    def made() -> list[bytes]:
        grid = even(Acquisition(shape=(8, 8, 8)))
        (file,) = enhanced(grid.coordinates[..., 0], grid)
        items = list(file.PerFrameFunctionalGroupsSequence)
        file.PerFrameFunctionalGroupsSequence = Items((items * 3)[:groups])
        file.NumberOfFrames = claimed or 8
        return files_of([file])

    return made


def table(keyword: str, descriptor: list[int], data: int = 10) -> Callable[[], list[bytes]]:
    """A lookup table that claims more entries than it has."""

    def made() -> list[bytes]:
        item = Dataset()
        item.add_new("LUTDescriptor", "US", descriptor)
        item.add_new("LUTData", "OW", bytes(2 * data))
        dataset = image(np.zeros((8, 8), np.uint16), **place())
        setattr(dataset, keyword, Items([item]))
        return files_of([dataset])

    return made


def palette(descriptor: list[int]) -> list[bytes]:
    """A palette that claims more entries than it has."""
    dataset = image(np.zeros((8, 8), np.uint16), PhotometricInterpretation="PALETTE COLOR")
    for colour in ("Red", "Green", "Blue"):
        dataset.add_new(f"{colour}PaletteColorLookupTableDescriptor", "US", descriptor)
        dataset.add_new(f"{colour}PaletteColorLookupTableData", "OW", bytes(20))
    return files_of([dataset])


def segmented_palette() -> list[bytes]:
    """Segments that repeat themselves into millions of entries (PS3.3 C.7.9.2)."""
    dataset = image(np.zeros((8, 8), np.uint16), PhotometricInterpretation="PALETTE COLOR")
    linear = np.array([1, 65535, 7] * 5000, "<u2").tobytes()
    for colour in ("Red", "Green", "Blue"):
        dataset.add_new(f"{colour}PaletteColorLookupTableDescriptor", "US", [0, 0, 16])
        dataset.add_new(f"Segmented{colour}PaletteColorLookupTableData", "OW", linear)
    return files_of([dataset])


def deflated(hidden: bytes) -> list[bytes]:
    """A deflated file; `hidden` is the value of a private element, zeros compress a thousandfold."""
    dataset = image(np.zeros((8, 8), np.int16), **place())
    file = BytesIO()
    dataset.save_as(file, enforce_file_format=True)
    whole = file.getvalue()
    body = whole[whole.index(b"\x08\x00\x08\x00CS") :]  # from Image Type on
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    private = b"\x29\x00\x10\x00LO\x06\x00A LIE \x29\x00\x01\x10OB\x00\x00" + len(hidden).to_bytes(4, "little")
    at = body.index(PIXELS_TAG)
    packed = packer.compress(body[:at] + private) + packer.compress(hidden) + packer.compress(body[at:])
    return [_deflated_preamble(dataset) + packed + packer.flush()]


def _deflated_preamble(dataset: Dataset) -> bytes:
    """The file meta information, never compressed (PS3.10 7.1)."""
    bare, file = Dataset(), BytesIO()
    bare.file_meta = FileMetaDataset()
    bare.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    bare.SOPClassUID, bare.SOPInstanceUID = dataset.SOPClassUID, dataset.SOPInstanceUID
    bare.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    bare.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    bare.save_as(file, enforce_file_format=True)
    length = int.from_bytes(file.getvalue()[140:144], "little")
    return file.getvalue()[: 144 + length]


def bomb() -> list[bytes]:
    return deflated(bytes(BOMB_MEBIBYTES << 20))


def short_pixels() -> list[bytes]:
    """65535 x 65535 pixels of which there are 64."""
    dataset = image(np.zeros((8, 8), np.int16), **place())
    dataset.Rows = dataset.Columns = 65535
    return files_of([dataset])


def huge_bits() -> list[bytes]:
    """Eight bytes a sample and three samples: 100 GB claimed."""
    dataset = image(np.zeros((8, 8, 3), np.uint8))
    store_pixels(dataset, np.zeros((8, 8, 3), np.uint8))
    dataset.Rows = dataset.Columns = 65535
    dataset.BitsAllocated = dataset.BitsStored = 64
    return files_of([dataset])


NOT_THERE = frozenset({"damaged", "too-large", "undecodable", "unreadable"})
UNPLACED = frozenset({"no-geometry", "damaged"})

LIES: dict[str, Lie] = {
    "65535-squared": Lie(short_pixels, NOT_THERE),
    "65535-squared-of-64-bits": Lie(huge_bits, NOT_THERE),
    "three-gigabytes": Lie(three_gigabytes),  # the pixels that the frame needs are there
    "three-gigabytes-private": Lie(three_gigabytes_private, NOT_THERE | {"not-an-image"}),
    "frames-many": Lie(frames(MANY), NOT_THERE),
    "frames-more": Lie(frames(1000), NOT_THERE),
    "frames-fewer": Lie(frames(3)),
    "frames-none": Lie(frames(0)),
    "frames-negative": Lie(frames(-5)),
    "groups-many": Lie(grouped_frames(claimed=MANY), NOT_THERE),
    "groups-more-than-frames": Lie(grouped_frames(groups=12), NOT_THERE | UNPLACED, volume=True),
    "groups-fewer-than-frames": Lie(grouped_frames(groups=5), NOT_THERE | UNPLACED),
    "groups-none": Lie(grouped_frames(groups=0), NOT_THERE | UNPLACED),
    "frames-more-than-groups-and-pixels": Lie(grouped_frames(claimed=9), NOT_THERE | UNPLACED),
    "spacing-zero": Lie(all_of(PixelSpacing=[0, 0]), UNPLACED),
    "spacing-negative": Lie(all_of(PixelSpacing=[-1, 1]), UNPLACED),
    "spacing-nan": Lie(with_text("PixelSpacing", b"nan\\nan"), UNPLACED),
    "spacing-infinite": Lie(with_text("PixelSpacing", b"1e999\\1"), UNPLACED),
    "directions-nan": Lie(with_text("ImageOrientationPatient", b"nan\\0\\0\\0\\nan\\0"), UNPLACED),
    "directions-oblique": Lie(all_of(ImageOrientationPatient=[1, 0, 0, 0.5, 0.866, 0]), UNPLACED),
    "directions-parallel": Lie(all_of(ImageOrientationPatient=[1, 0, 0, 1, 0, 0]), UNPLACED),
    "directions-long": Lie(all_of(ImageOrientationPatient=[3, 0, 0, 0, 3, 0]), UNPLACED),
    "directions-zero": Lie(all_of(ImageOrientationPatient=[0, 0, 0, 0, 0, 0]), UNPLACED),
    "position-nan": Lie(with_text("ImagePositionPatient", b"nan\\nan\\nan"), UNPLACED),
    "modality-lut-huge": Lie(table("ModalityLUTSequence", [0, 0, 16]), NOT_THERE),
    "modality-lut-odd-bits": Lie(table("ModalityLUTSequence", [10, 0, 64]), NOT_THERE),
    "voi-lut-huge": Lie(table("VOILUTSequence", [0, 0, 16])),
    "palette-huge": Lie(lambda: palette([0, 0, 16])),
    "palette-segmented": Lie(segmented_palette),
    "window-nan": Lie(with_text("WindowWidth", b"nan"), volume=True),
    "window-center-infinite": Lie(with_text("WindowCenter", b"1e999"), volume=True),
    "rescale-nan": Lie(with_text("RescaleSlope", b"nan"), NOT_THERE | UNPLACED, volume=True),
    "deflate-bomb": Lie(bomb, NOT_THERE),
}
