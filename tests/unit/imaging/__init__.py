"""Geometry and arithmetic."""
