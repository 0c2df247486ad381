"""Records as a structured report."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from reslice import __version__
from reslice.archive.measuring import Measurer
from reslice.archive.port import Archive
from reslice.archive.reportable import Reportable
from reslice.dicom.report_items import ReportContext, Skipped
from reslice.dicom.structured_report import PreparedItem, context_of, prepared, write_prepared
from reslice.errors import ResliceError, Unmeasurable

WITHOUT_PATIENT_MODULES = frozenset({"SR", "PR", "KO"})
"""Series that are looked at last for what a report says of patient and study."""
ODD = (ArithmeticError, AttributeError, LookupError, TypeError, ValueError)
"""What comes of a record that isn't as we write them."""
Record = Mapping[str, Any]


@dataclass(frozen=True)
class Report:
    """The DICOM file, how many measurements it holds, and those that it doesn't."""

    content: bytes
    count: int
    skipped: tuple[Skipped, ...]


def report_of(measurer: Measurer, study: str, records: Sequence[Record], author: str, now: datetime) -> Report:
    """The report of those records that it can hold; the others are told in it.

    Raises Unmeasurable where there is nothing to report, or no image to take patient and study from; TooLarge.
    """
    archive, series_uid = measurer.library.archive, f"2.25.{uuid.uuid5(uuid.NAMESPACE_OID, study).int}"
    context = context_of(
        _reference(archive, study, records),
        series_uid=series_uid,  # the reports of a study in one series
        instance_uid=f"2.25.{uuid.uuid4().int}",
        created=now.astimezone(),
        author=author,
        software_version=__version__,
        instance_number=_next_number(archive, study, series_uid),
    )
    items, skipped = _sorted(Reportable(measurer, study, context.created.tzinfo), context, records)
    if not items:
        details = "The study has no measurements that a report can hold"
        raise Unmeasurable(details, reason="no-measurements", Skipped=[_told(left) for left in skipped])
    return Report(write_prepared(context, items, skipped), len(items), tuple(skipped))


def _sorted(
    reportable: Reportable, context: ReportContext, records: Iterable[Record]
) -> tuple[list[PreparedItem], list[Skipped]]:
    items, skipped = [], []
    for record in records:
        uid = str(record.get("TrackingUID") or record.get("Id"))
        try:
            items.append(prepared(context, reportable.item(record)))
        except ResliceError as error:
            skipped.append(Skipped(uid, error.reason, error.details))
        except ODD:
            skipped.append(Skipped(uid, "odd-record", "The record doesn't hold what a report needs"))
    return items, skipped


def _told(left: Skipped) -> dict[str, str]:
    return {"TrackingUID": left.tracking_uid, "Reason": left.reason, "Details": left.details}


def _next_number(archive: Archive, study: str, series_uid: str) -> int:
    """An InstanceNumber behind those of the reports that the study holds."""
    series = next((s for s in archive.series_of("studies", study) if s.uid == series_uid), None)
    return 1 + max((stored.number for stored in archive.instances(series.id)), default=0) if series else 1


def _reference(archive: Archive, study: str, records: Iterable[Record]) -> bytes:
    """An image file of the study, one that was measured where there is one."""
    series = archive.series_of("studies", study)
    measured = [str(image.get("Instance")) for r in records if (image := r.get("Image"))]
    images = [i for s in series if s.modality not in WITHOUT_PATIENT_MODULES for i in s.instances]
    stored = set(images)
    for instance in [*(i for i in measured if i in stored), *images]:
        try:
            return archive.read(instance)
        except ResliceError:
            continue
    raise Unmeasurable("The study holds no image that a report could be made of", reason="no-volume")
