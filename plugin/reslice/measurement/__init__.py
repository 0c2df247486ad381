"""Measurements: shapes in the patient and values in volumes, as numbers with units. Pure."""
