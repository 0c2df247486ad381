"""Pure image geometry and arithmetic: arrays in, arrays out; no DICOM objects, no files, no clock."""
