"""Orthanc's effective configuration: orthanc.json, a site's own file over it, the command line over both."""

import json
import re
from pathlib import Path
from typing import Any

Configuration = dict[str, Any]

# Orthanc and its plugins resolve these by different rules; here they belong to the folder of their file.
PATHS = (
    "DicomTlsCertificate",
    "DicomTlsPrivateKey",
    "DicomTlsTrustedCertificates",
    "HttpsCACertificates",
    "IndexDirectory",
    "LuaScripts",
    "Plugins",
    "PythonScript",
    "SslCertificate",
    "SslTrustedClientCertificates",
    "StorageDirectory",
)

STRING_OR_COMMENT = re.compile(r'("(?:\\.|[^"\\])*")|//[^\n]*|/\*.*?\*/', re.DOTALL)


class ConfigurationError(Exception):
    """What is wrong with a configuration file, in words for whoever wrote it."""


def read(path: Path) -> Configuration:
    """Read a configuration file, with C comments as Orthanc permits, its paths made absolute."""
    try:
        text = path.read_text("utf-8")
        configuration = json.loads(STRING_OR_COMMENT.sub(lambda match: match[1] or " ", text))
    except OSError as error:
        raise ConfigurationError(f"cannot read {path}: {error.strerror}") from error
    except ValueError as error:
        raise ConfigurationError(f"{path} is not JSON: {error}") from error
    if not isinstance(configuration, dict):
        raise ConfigurationError(f"{path} does not hold a JSON object")
    folder = path.resolve().parent
    return {key: absolute(folder, value) if key in PATHS else value for key, value in configuration.items()}


def absolute(folder: Path, value: Any) -> Any:
    """Resolve a path, or a list of them, from `folder`; `${...}` at its start is left to Orthanc."""
    if isinstance(value, list):
        return [absolute(folder, item) for item in value]
    if not isinstance(value, str) or not value or value.startswith("${"):
        return value
    return str(folder / value)


def merge(base: Configuration, over: Configuration) -> Configuration:
    """Merge `over` into `base` key by key, objects deeply; lists and single values are replaced."""
    merged = dict(base)
    for key, value in over.items():
        below = merged.get(key)
        merged[key] = merge(below, value) if isinstance(below, dict) and isinstance(value, dict) else value
    return merged


def with_arguments(
    configuration: Configuration, http_port: int | None, dicom_port: int | None, storage: Path | None
) -> Configuration:
    """Put the options of the command line over `configuration`."""
    changed = dict(configuration)
    if http_port is not None:
        changed["HttpPort"] = http_port
    if dicom_port is not None:
        changed |= {"DicomServerEnabled": True, "DicomPort": dicom_port}
    if storage is not None:
        changed.pop("IndexDirectory", None)
        changed["StorageDirectory"] = str(storage.resolve())
    if not changed.get("RemoteAccessAllowed", False):
        # Known to newer Orthanc only; an older one listens everywhere and refuses who is not local.
        changed.setdefault("HttpBindAddresses", ["127.0.0.1"])
    return changed


def base_url(configuration: Configuration) -> str:
    """Where this machine reaches the server."""
    scheme = "https" if configuration.get("SslEnabled", False) else "http"
    return f"{scheme}://127.0.0.1:{configuration.get('HttpPort', 8042)}"


def credentials(configuration: Configuration) -> tuple[str, str] | None:
    """Name and password of the first registered user, when the server asks for one."""
    asks = configuration.get("AuthenticationEnabled", configuration.get("RemoteAccessAllowed", False))
    users = configuration.get("RegisteredUsers") or {}
    return next(iter(users.items()), None) if asks else None
