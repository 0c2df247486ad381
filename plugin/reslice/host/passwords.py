"""Who has shown Orthanc a password."""

import base64
import binascii
from collections.abc import Mapping
from typing import Any


def asks_for_passwords(configuration: Mapping[str, Any]) -> bool:
    """Whether Orthanc checks names and passwords; unless told, it does so where others than this machine may ask."""
    return bool(configuration.get("AuthenticationEnabled", configuration.get("RemoteAccessAllowed", False)))


def user_of(headers: Mapping[str, str]) -> str | None:
    """The name in a Basic `Authorization` (RFC 7617), which Orthanc has checked where it asks for passwords."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return None
    try:
        name, colon, _ = base64.b64decode(token.strip(), validate=True).decode("utf-8").partition(":")
    except (binascii.Error, ValueError):
        return None
    return name if colon and name else None
