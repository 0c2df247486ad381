"""Which image stands for a patient, a study or a series; no volume is loaded for it."""

from collections.abc import Iterator, Sequence

from reslice.archive.port import Archive, StoredInstance, StoredSeries
from reslice.archive.speculation import guess_order
from reslice.dicom.frames import FrameReader
from reslice.dicom.instance import InstanceReader
from reslice.dicom.layout import FrameRef
from reslice.dicom.voxels import frame_values
from reslice.errors import NotReconstructable, TooLarge, Undecodable
from reslice.imaging.modality import Stored

TELLING = ("CT", "MR", "PT", "XA", "US", "MG", "DX", "CR", "NM", "RF")
"""Modalities whose pictures tell most, best first; others come after them."""
WITHOUT_PICTURES = frozenset({"SR", "PR", "KO", "RTSTRUCT", "RTPLAN", "RTRECORD", "ECG", "REG", "SEG", "FID", "DOC"})
NO_IMAGE = "no-image"
ATTEMPTS = 5
"""So many images are tried, from the middle outwards, before a series counts as having no picture."""


def most_telling(series: Sequence[StoredSeries]) -> list[StoredSeries]:
    """The series that may have a picture, best first: by modality, then by how many images they have."""
    shown = [s for s in series if s.modality not in WITHOUT_PICTURES]
    return sorted(shown, key=lambda s: (_rank(s.modality), -len(s.instances), s.number, s.id))


def _rank(modality: str) -> int:
    return TELLING.index(modality) if modality in TELLING else len(TELLING)


def middle_first(stored: Sequence[StoredInstance]) -> Iterator[StoredInstance]:
    """Instances from the middle of the series outwards."""
    places = guess_order(stored)
    ordered = sorted(stored, key=lambda s: (places.get(s.id, 0), s.number, s.id))
    middle = len(ordered) // 2
    outwards = sorted(range(len(ordered)), key=lambda k: abs(k - middle))
    yield from (ordered[k] for k in outwards[:ATTEMPTS])


def first_picture(archive: Archive, stored: Sequence[StoredInstance]) -> tuple[FrameRef, Stored]:
    """The middle frame of the first instance with a readable picture: modality values or RGB.

    Raises the last refusal where there is none.
    """
    refusal: NotReconstructable | TooLarge | Undecodable = NotReconstructable("It holds no image", reason=NO_IMAGE)
    for record in stored:
        try:
            return _picture(archive, record)
        except (NotReconstructable, TooLarge, Undecodable) as error:
            refusal = error if error.reason != NO_IMAGE else refusal
    raise refusal


def _picture(archive: Archive, record: StoredInstance) -> tuple[FrameRef, Stored]:
    content = archive.read(record.id)
    instance = InstanceReader().read(record.id, content)
    if not instance.is_image:
        raise NotReconstructable("It holds no image", reason=NO_IMAGE)
    ref = FrameRef(instance, instance.frames // 2)
    return ref, frame_values(ref, FrameReader(instance, content, archive.decode), masked=True)
