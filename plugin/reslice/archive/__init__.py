"""What the application needs from a store of DICOM instances, and what it builds on it."""
