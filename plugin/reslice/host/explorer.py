"""What Reslice adds to Orthanc Explorer, and where its viewer page is."""

from reslice.web.served_files import STATIC

VIEWER = "/reslice/viewer/index.html"
"""Orthanc makes an address of it that holds behind any proxy's prefix."""


def explorer_script() -> str:
    """The script for the legacy Orthanc Explorer, for sites that add it to one of their own."""
    return (STATIC / "explorer.js").read_text("utf-8")
