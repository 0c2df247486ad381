"""What a demonstration series is, and how it becomes DICOM."""

import hashlib
import io
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydicom.dataset import Dataset, FileDataset, FileMetaDataset
from pydicom.uid import UID, ExplicitVRLittleEndian

# Version 5 UUIDs of these names: the same UIDs on every machine, so that a second load adds nothing.
NAMESPACE = uuid.uuid5(uuid.NAMESPACE_URL, "https://reslice.invalid/demo")


@dataclass(frozen=True)
class DemoSeries:
    """One series of one study of one patient, with all it takes to write it."""

    key: str  # names the study in its UIDs and in the links
    title: str
    modality: str
    sop_class: UID
    instance_count: int
    attributes: Mapping[str, Any]  # DICOM keyword -> value, for every instance
    make_images: Callable[["DemoSeries"], Iterator[Dataset]]  # each begun by `begin`
    views: Mapping[str, str]  # what to look at: label -> path below /series/{id}
    notes: Sequence[str] = ()  # told after the links
    transfer_syntax: UID = ExplicitVRLittleEndian

    def uid(self, *parts: object) -> str:
        """Derive a UID from the series and `parts` (PS3.5 B.2)."""
        return f"2.25.{uuid.uuid5(NAMESPACE, '/'.join(map(str, (self.key, *parts)))).int}"

    def orthanc_id(self, level: str) -> str:
        """Orthanc's identifier of the patient, study or series: a hash of the DICOM identifiers down to it."""
        identifiers = (self.attributes["PatientID"], self.uid("study"), self.uid("series"))
        depth = {"patients": 1, "studies": 2, "series": 3}[level]
        digest = hashlib.sha1("|".join(identifiers[:depth]).encode(), usedforsecurity=False).hexdigest()
        return "-".join(digest[start : start + 8] for start in range(0, 40, 8))

    def begin(self, index: int) -> Dataset:
        """Begin an instance: what all of the series have in common, and its own identity."""
        image = Dataset()
        image.SpecificCharacterSet = "ISO_IR 100"
        image.SOPClassUID = self.sop_class
        image.SOPInstanceUID = self.uid("instance", index)
        image.InstanceNumber = index + 1
        image.Modality = self.modality
        image.StudyInstanceUID = self.uid("study")
        image.SeriesInstanceUID = self.uid("series")
        for keyword, value in self.attributes.items():
            setattr(image, keyword, value)
        return image


def dicom_files(series: DemoSeries) -> Iterator[bytes]:
    """Make the series, one DICOM file an instance."""
    for image in series.make_images(series):
        yield encoded(image, series.transfer_syntax)


def encoded(image: Dataset, transfer_syntax: UID) -> bytes:
    """Encode `image` as a DICOM file; its pixels are in the transfer syntax already."""
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = image.SOPClassUID
    meta.MediaStorageSOPInstanceUID = image.SOPInstanceUID
    meta.TransferSyntaxUID = transfer_syntax
    file = io.BytesIO()
    FileDataset(file, image, preamble=b"\0" * 128, file_meta=meta).save_as(file, enforce_file_format=True)
    return file.getvalue()


def coded(value: str, meaning: str) -> Dataset:
    """Write a concept of SNOMED CT as the item of a code sequence (PS3.3 8.8)."""
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, "SCT", meaning
    return item
