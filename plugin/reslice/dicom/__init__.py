"""The only room with pydicom: bytes in, value objects out."""
