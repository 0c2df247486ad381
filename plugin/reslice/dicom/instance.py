"""One DICOM instance as value objects: what its header says about each of its frames."""

from dataclasses import dataclass

from reslice.dicom import scan
from reslice.dicom.compression import LossyCompression, lossy_compression
from reslice.dicom.contents import Frame, frames_of
from reslice.dicom.description import Description, describe
from reslice.dicom.head import head_by_pydicom, head_of
from reslice.dicom.mosaic import Mosaic, mosaic_of
from reslice.dicom.pixel_format import FLOAT_PIXELS, PixelFormat
from reslice.dicom.tags import DESCRIBING_TAGS, Tag
from reslice.dicom.values import Values
from reslice.errors import Damaged, TooLarge

__all__ = ["FLOAT_PIXELS", "Description", "Frame", "Instance", "InstanceReader", "PixelFormat"]

MOST_FRAMES = 1 << 16
"""Frames of one instance that are listed; a claim of more is refused before memory is taken for them."""

VIDEO = "1.2.840.10008.1.2.4.10"
"""How the MPEG-2, H.264 and H.265 transfer syntaxes begin."""

NATIVE_SYNTAXES = frozenset({"1.2.840.10008.1.2", "1.2.840.10008.1.2.1"})
"""Little endian, uncompressed, not deflated: pixels can be read by their offset."""

BITS_PER_BYTE = 8


@dataclass(frozen=True, eq=False)
class Instance:
    """One instance: what is true of the whole file, of each of its frames, and where its pixels lie in the file.

    `described` holds one Frame for all `frames` where the header tells them nothing apart, else one for each.
    `fingerprint` is of all the header's elements that are read, and of the place of the pixels; `is_parsed` says
    that it took a full parser to read them.
    """

    id: str
    description: Description
    described: tuple[Frame, ...]
    mosaic: Mosaic | None
    number: int
    frames: int
    transfer_syntax: str
    pixel_tag: int | None
    pixel_offset: int | None
    pixel_bytes: int | None
    encapsulated_bytes: int
    is_truncated: bool
    fingerprint: int
    is_parsed: bool
    compression: LossyCompression | None = None

    def frame(self, number: int) -> Frame:
        """What the header says of one frame (0-based)."""
        return self.described[number if len(self.described) > 1 else 0]

    def is_of(self, content: bytes) -> bool:
        """Whether a file has this header, and its pixels in the same place; its frames aren't read anew."""
        head = head_by_pydicom(content) if self.is_parsed else head_of(content)
        size = len(content) if head.fragments else 0
        return (_fingerprint(head), size) == (self.fingerprint, self.encapsulated_bytes)

    @property
    def is_native(self) -> bool:
        """Whether the pixels lie uncompressed in the file, little endian."""
        is_known = self.pixel_offset is not None and self.pixel_bytes is not None
        return is_known and self.transfer_syntax in NATIVE_SYNTAXES

    @property
    def is_image(self) -> bool:
        """Whether there are pixels to show."""
        return self.pixel_tag is not None and self.description.pixels is not None


class InstanceReader:
    """Reads headers; slices of a series share one Description as long as their headers agree."""

    def __init__(self) -> None:
        self._descriptions: dict[tuple[bytes | bool | None, ...], Description] = {}

    def read(self, instance_id: str, content: bytes) -> Instance:
        """The instance in a file's bytes. Raises Damaged, TooLarge."""
        head = head_of(content)
        try:
            return self._read(instance_id, content, head, is_parsed=False)
        except scan.NotReadable:  # a sequence that the quick look stumbles over
            try:
                return self._read(instance_id, content, head_by_pydicom(content), is_parsed=True)
            except scan.NotReadable as error:
                raise Damaged(str(error)) from error

    def _read(self, instance_id: str, content: bytes, head: scan.Head, *, is_parsed: bool) -> Instance:
        values = Values(head.values, head.implicit)
        description = self._describe(values)
        stored = _stored_frames(head, description, values)
        mosaic = mosaic_of(values, description)
        described = frames_of(values, description, stored, mosaic, self._describe)
        return Instance(
            id=instance_id,
            description=description,
            described=described,
            mosaic=mosaic,
            number=values.integer(Tag.INSTANCE_NUMBER, 0),
            frames=stored if mosaic is None else mosaic.tiles,
            transfer_syntax=head.transfer_syntax,
            pixel_tag=head.pixel_tag,
            pixel_offset=head.pixel_offset,
            pixel_bytes=head.pixel_bytes,
            encapsulated_bytes=len(content) if head.fragments else 0,
            is_truncated=_is_truncated(head, description, stored),
            fingerprint=_fingerprint(head),
            is_parsed=is_parsed,
            compression=lossy_compression(values, head.transfer_syntax),
        )

    def _describe(self, values: Values) -> Description:
        """The description of these values, made once for all headers that agree."""
        key = (values.implicit, *values.raw(DESCRIBING_TAGS))
        found = self._descriptions.get(key)
        if found is None:
            found = self._descriptions[key] = describe(values)
        return found


def _fingerprint(head: scan.Head) -> int:
    place = head.transfer_syntax, head.pixel_tag, head.pixel_offset, head.pixel_bytes
    return hash((tuple(head.values), tuple(head.values.values()), place))


def _stored_frames(head: scan.Head, description: Description, values: Values) -> int:
    """How many frames the file holds. Raises Damaged, TooLarge where it can't be that many."""
    frames = int(values.certain_number(Tag.NUMBER_OF_FRAMES, 1))
    if frames > MOST_FRAMES:
        raise TooLarge(f"{frames} frames in one instance; at most {MOST_FRAMES} are read")
    if not 1 <= frames <= _most_frames(head) or (frames > 1 and _is_truncated(head, description, frames)):
        raise Damaged(f"The file doesn't hold the {frames} frames that its header promises")
    return frames


def _is_truncated(head: scan.Head, description: Description, frames: int) -> bool:
    """Whether there are fewer uncompressed pixels than the header promises."""
    if head.pixel_tag is None or description.pixels is None or head.pixel_bytes is None:
        return False
    return head.pixel_bytes < description.pixels.frame_bytes(head.pixel_tag, frames)


def _most_frames(head: scan.Head) -> int:
    """How many frames a file can hold at most: each compressed one has a fragment of its own (PS3.5 A.4)."""
    if head.transfer_syntax.startswith(VIDEO):
        return MOST_FRAMES  # one stream for all frames
    return max(1, head.fragments if head.pixel_bytes is None else head.pixel_bytes * BITS_PER_BYTE)
