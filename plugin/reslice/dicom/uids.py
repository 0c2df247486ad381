"""Unique identifiers (PS3.5 9.1)."""

import re

UID = re.compile(r"(0|[1-9][0-9]*)(\.(0|[1-9][0-9]*))+", re.ASCII)
LONGEST_UID = 64


def is_uid(text: object) -> bool:
    """Whether it is a UID: numbers without leading zeros, joined by dots, of 64 characters at most."""
    return isinstance(text, str) and len(text) <= LONGEST_UID and UID.fullmatch(text) is not None
