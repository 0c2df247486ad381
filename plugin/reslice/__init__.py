"""Reslice for Orthanc: slices, MPR planes and thumbnails cut by the DICOM server itself."""

__version__ = "0.1.0"
