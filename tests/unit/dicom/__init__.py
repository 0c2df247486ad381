"""Bytes in, value objects out."""
