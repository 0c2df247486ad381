"""A structured report of measurements as a file (PS3.16 TID 1500; PS3.3 A.35.3 and A.35.13)."""

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pydicom import Dataset
from pydicom.dataset import FileMetaDataset
from pydicom.uid import (
    UID,
    Comprehensive3DSRStorage,
    ComprehensiveSRStorage,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

from reslice.dicom import report_codes as codes
from reslice.dicom import report_content as content
from reslice.dicom.report_encoding import Encoder
from reslice.dicom.report_groups import group_of, persons
from reslice.dicom.report_header import STUDY_UID
from reslice.dicom.report_items import ReportContext, ReportImage, ReportItem, Skipped
from reslice.errors import TooLarge

TEMPLATE = "1500"
UTF_8 = "ISO_IR 192"
TEXTS = frozenset({"LO", "PN", "SH", "ST", "UC", "UT"})
"""The VRs here whose letters depend on the character set (PS3.5 6.1.2.2)."""
IMPLEMENTATION_UID = "2.25.4262609355316846618246588669706983890"
DEVICE_UID = "2.25.7832916091220532951263851762336812574"
"""Of this software as an observer; made once by chance."""
LARGEST_REPORT = 64 << 20
"""Bytes; an import takes no more either."""
MOST_IN_EXPLICIT = 0xFFFF // 4
"""Coordinates that an FL element of explicit VR can hold (PS3.5 7.1.2)."""


@dataclass(frozen=True)
class PreparedItem:
    """A measurement and its group."""

    item: ReportItem
    dataset: Dataset

    @property
    def size(self) -> int:
        """The bytes of its region, which stands in the group once at least."""
        return 4 * _coordinates(self.item)


def write_report(context: ReportContext, items: Sequence[ReportItem], skipped: Sequence[Skipped] = ()) -> bytes:
    """The file of a report; what it doesn't carry is told in it. The same input gives the same bytes.

    Comprehensive SR, or Comprehensive 3D SR where a measurement lies in a frame of reference. Raises
    InvalidMeasurement where a measurement has no value or names neither image nor frame of reference.
    """
    return write_prepared(context, [prepared(context, item) for item in items], skipped)


def prepared(context: ReportContext, item: ReportItem) -> PreparedItem:
    """A measurement of a report, so that one that no report can hold is known by itself. Raises InvalidMeasurement."""
    return PreparedItem(item, group_of(item, context.author))


def write_prepared(
    context: ReportContext,
    groups: Sequence[PreparedItem],
    skipped: Sequence[Skipped] = (),
    *,
    largest: int = LARGEST_REPORT,
) -> bytes:
    """The file of a report of such measurements. Raises TooLarge beyond `largest` bytes."""
    _require_size(sum(group.size for group in groups), largest)
    items = [group.item for group in groups]
    is_3d = any(item.points3d for item in items)
    dataset = Dataset()
    content.put(dataset, "SOPClassUID", Comprehensive3DSRStorage if is_3d else ComprehensiveSRStorage)
    content.put(dataset, "SOPInstanceUID", context.instance_uid)
    for tag, value in context.header:
        content.put(dataset, tag, value)
    dataset.update(_series(context))
    dataset.update(_equipment(context))
    dataset.update(_document(context, groups, skipped))
    _tell_character_set(dataset)
    dataset.file_meta = _meta(dataset, max((_coordinates(item) for item in items), default=0))
    tree = list(dataset.ContentSequence)
    del dataset.ContentSequence  # the last element of all, which is added to the file below
    file = io.BytesIO()
    dataset.save_as(file, enforce_file_format=True)
    is_explicit = dataset.file_meta.TransferSyntaxUID == ExplicitVRLittleEndian
    file.write(Encoder(is_explicit=is_explicit).content(tree))
    _require_size(file.tell(), largest)
    return file.getvalue()


def _require_size(size: int, largest: int) -> None:
    if size > largest:
        details = "The report of so many points is too large: delete measurements, or export them as JSON"
        raise TooLarge(details, reason="report-too-large", LimitBytes=largest)


def _tell_character_set(dataset: Dataset) -> bool:
    """Name the character set where a text needs it, and say whether one did: other readers are spared it.

    An item whose own text needs it names it too: OHIF's parser forgets within a sequence what the file says.
    """
    nested = [_tell_character_set(item) for element in dataset if element.VR == "SQ" for item in element.value]
    is_own = any(not str(element.value).isascii() for element in dataset if element.VR in TEXTS)
    is_root = "SOPClassUID" in dataset
    if is_own or (is_root and any(nested)):
        content.put(dataset, "SpecificCharacterSet", UTF_8)
    return is_own or any(nested)


def _coordinates(item: ReportItem) -> int:
    return 2 * len(item.points) + 3 * len(item.points3d) + 3


def _meta(dataset: Dataset, most_coordinates: int) -> FileMetaDataset:
    meta = FileMetaDataset()
    meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    fits = most_coordinates <= MOST_IN_EXPLICIT
    meta.TransferSyntaxUID = ExplicitVRLittleEndian if fits else ImplicitVRLittleEndian
    meta.ImplementationClassUID = UID(IMPLEMENTATION_UID)
    meta.ImplementationVersionName = "RESLICE"
    return meta


def _series(context: ReportContext) -> Dataset:
    """The SR Document Series module (PS3.3 C.17.1): without times, as later reports join the series."""
    return content.dataset_of(
        Modality="SR",
        SeriesInstanceUID=context.series_uid,
        SeriesNumber=context.series_number,
        SeriesDescription=content.one_line(context.series_description, 64),
        ReferencedPerformedProcedureStepSequence=[],
    )


def _moment(context: ReportContext) -> tuple[str, str]:
    return context.created.strftime("%Y%m%d"), context.created.strftime("%H%M%S.%f")


def _equipment(context: ReportContext) -> Dataset:
    """The Enhanced General Equipment module (PS3.3 C.7.5.2), which Comprehensive 3D SR requires."""
    return content.dataset_of(
        Manufacturer=codes.PRODUCT,
        ManufacturerModelName=codes.PRODUCT,
        DeviceSerialNumber="1",
        SoftwareVersions=content.one_line(context.software_version, 64) or "unknown",
    )


def _document(context: ReportContext, groups: Sequence[PreparedItem], skipped: Sequence[Skipped]) -> Dataset:
    """The SR Document General and Content modules (PS3.3 C.17.2, C.17.3)."""
    date, time = _moment(context)
    images = list(dict.fromkeys([*(g.item.image for g in groups if g.item.image), *context.evidence]))
    images = images or [context.reference]
    document = content.dataset_of(
        InstanceNumber=context.instance_number,
        InstanceCreationDate=date,
        InstanceCreationTime=time,
        ContentDate=date,
        ContentTime=time,
        CompletionFlag="COMPLETE",
        VerificationFlag="UNVERIFIED",
        PerformedProcedureCodeSequence=[],
        CurrentRequestedProcedureEvidenceSequence=[_evidence(dict(context.header)[STUDY_UID], images)],
        CodingSchemeIdentificationSequence=[
            content.dataset_of(CodingSchemeDesignator=codes.OWN_SCHEME, CodingSchemeName=codes.PRODUCT)
        ],
    )
    document.update(_root(context, groups, skipped, images))
    return document


def _evidence(study_uid: str, images: Iterable[ReportImage]) -> Dataset:
    """What the report refers to, by series (PS3.3 C.17.2.1, table C.17-3)."""
    by_series: dict[str, dict[str, str]] = {}
    for image in images:
        by_series.setdefault(image.series, {})[image.sop_instance] = image.sop_class
    series = [
        content.dataset_of(
            SeriesInstanceUID=uid,
            ReferencedSOPSequence=[
                content.dataset_of(ReferencedSOPClassUID=sop_class, ReferencedSOPInstanceUID=instance)
                for instance, sop_class in instances.items()
            ],
        )
        for uid, instances in by_series.items()
    ]
    return content.dataset_of(StudyInstanceUID=study_uid, ReferencedSeriesSequence=series)


def _root(
    context: ReportContext, groups: Sequence[PreparedItem], skipped: Sequence[Skipped], images: Sequence[ReportImage]
) -> Dataset:
    children = [
        content.code(content.HAS_CONCEPT_MOD, codes.LANGUAGE, codes.ENGLISH),
        *_observers(context),
        content.code(content.HAS_CONCEPT_MOD, codes.PROCEDURE_REPORTED, codes.IMAGING_PROCEDURE),
        _library(images),
        content.container(codes.MEASUREMENTS, [group.dataset for group in groups]),
    ]
    if skipped:
        children.append(content.container(codes.EVALUATIONS, [_absence(left_out) for left_out in skipped]))
    return content.container(codes.REPORT, children, TEMPLATE, relationship=None)


def _observers(context: ReportContext) -> list[Dataset]:
    """Who measured and what computed (TID 1001 to 1004)."""
    context_of = content.HAS_OBS_CONTEXT
    return [
        *([content.code(context_of, codes.OBSERVER_TYPE, codes.PERSON)] if context.author else []),
        *persons(context.author),
        content.code(context_of, codes.OBSERVER_TYPE, codes.DEVICE),
        content.uid_reference(context_of, codes.DEVICE_UID, DEVICE_UID),
        content.text(context_of, codes.DEVICE_NAME, codes.PRODUCT),
        content.text(context_of, codes.DEVICE_MANUFACTURER, codes.PRODUCT),
        content.text(context_of, codes.DEVICE_MODEL, codes.PRODUCT),
    ]


def _library(images: Sequence[ReportImage]) -> Dataset:
    """The image library (TID 1600), which OHIF requires; each file once, whatever its frames."""
    files = {image.sop_instance: ReportImage(image.sop_class, image.sop_instance, image.series) for image in images}
    entries = [content.image(content.CONTAINS, codes.LIBRARY_IMAGE, file) for file in files.values()]
    return content.container(codes.LIBRARY, [content.container(codes.LIBRARY_GROUP, entries)])


def _absence(skipped: Skipped) -> Dataset:
    sentence = f"Measurement {skipped.tracking_uid} is not in this report ({skipped.reason}): {skipped.details}"
    return content.text(content.CONTAINS, codes.COMMENT, sentence)
