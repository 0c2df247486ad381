"""Measurements as DICOM structured reports, written and read (PS3.16 TID 1500)."""

from reslice.dicom.report_header import context_of
from reslice.dicom.report_items import (
    Code,
    ReadItem,
    ReadReport,
    ReportContext,
    ReportImage,
    ReportItem,
    ReportValue,
    Skipped,
)
from reslice.dicom.report_reading import read_report
from reslice.dicom.report_writing import PreparedItem, prepared, write_prepared, write_report

__all__ = [
    "Code",
    "PreparedItem",
    "ReadItem",
    "ReadReport",
    "ReportContext",
    "ReportImage",
    "ReportItem",
    "ReportValue",
    "Skipped",
    "context_of",
    "prepared",
    "read_report",
    "write_prepared",
    "write_report",
]
