"""The demonstration studies, judged by their DICOM."""
