"""How this machine reaches Debian's archive and Python's index, for the chroots of scripts/matrix."""
# ruff: noqa: S603 - the commands are written below, and the PATH is the administrator's own

import ast
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

APT = Path("/etc/apt")
DEBIAN_SUITES = {"oldstable", "stable", "testing", "unstable", "sid", "bookworm", "trixie", "forky"}
APT_SETTINGS = re.compile(r"Acquire::(https?::|Check-|Retries)")
DEB822_FIELD = re.compile(r"(?m)^([\w-]+):((?:.*\n[ \t])*.*)")
# What of pip's configuration says where packages come from; the rest is about this machine's own folders.
PIP_SETTINGS = {"index-url", "extra-index-url", "find-links", "no-index", "trusted-host", "proxy", "retries"}
PIP_SETTINGS |= {"timeout", "default-timeout"}


def mirror() -> str:
    """Return the machine's mirror of Debian; empty where it names none: debootstrap knows one."""
    for uri, suites, components in _apt_sources():
        if uri.startswith(("http:", "https:", "file:")) and "main" in components and DEBIAN_SUITES & set(suites):
            return uri
    return ""


def _apt_sources() -> Iterator[tuple[str, list[str], list[str]]]:
    """Yield (URI, suites, components) of every enabled source of packages, in both file formats."""
    for file in [APT / "sources.list", *sorted(APT.glob("sources.list.d/*.list"))]:
        for line in file.read_text().splitlines() if file.exists() else []:
            if entry := re.match(r"\s*deb\s+(?:\[.*?\]\s*)?(\S+)\s+(\S+)\s*([^#]*)", line):
                yield entry[1], [entry[2]], entry[3].split()
    for file in sorted(APT.glob("sources.list.d/*.sources")):
        for stanza in re.split(r"\n\s*\n", re.sub(r"(?m)^#.*\n", "", file.read_text())):
            fields = {key.lower(): text.split() for key, text in DEB822_FIELD.findall(stanza)}
            if "deb" in fields.get("types", []) and fields.get("enabled") != ["no"]:
                for uri in fields.get("uris", []):
                    yield uri, fields.get("suites", []), fields.get("components", [])


def apt_settings() -> str:
    """Return the lines of apt's configuration that tell how to reach a mirror."""
    dumped = _output("apt-config", "dump").splitlines(keepends=True)
    return "".join(line for line in dumped if APT_SETTINGS.match(line))


def proxies() -> dict[str, str]:
    """Return the environment variables that name a proxy, those of apt's configuration included."""
    of_apt = re.findall(r'(?m)^Acquire::(https?)::Proxy "([^"]+)";$', apt_settings())
    named = {f"{scheme}_proxy": address for scheme, address in of_apt if address != "DIRECT"}
    return named | {key: value for key, value in os.environ.items() if key.lower().endswith("_proxy")}


def pip_settings() -> dict[str, str]:
    """Return pip's settings that say where packages come from, as environment variables."""
    listed = _output("pip", "config", "list") if shutil.which("pip") else ""
    named = {_variable(key): str(ast.literal_eval(value)) for key, value in _configured(listed)}
    wanted = {_variable(key) for key in PIP_SETTINGS}
    return {key: value for key, value in (named | dict(os.environ)).items() if key in wanted}


def _configured(listed: str) -> list[tuple[str, str]]:
    return re.findall(r"(?m)^(?:global|install)\.([\w-]+)=(.*)$", listed)


def _variable(setting: str) -> str:
    return f"PIP_{setting.upper().replace('-', '_')}"


def pip_folders() -> list[Path]:
    """Return this machine's own folders that pip's settings name."""
    folders = set()
    for key, value in pip_settings().items():
        for word in value.split():
            if word.startswith(("/", "file:")):
                path = Path(unquote(urlsplit(word).path))
                # The pages of an index point to files that lie beside it.
                folders.add(path.parent if key.endswith("INDEX_URL") else path)
    return sorted(folder for folder in folders if folder.is_dir())


def certificates() -> Path:
    """Return the bundle of certificates that this machine trusts."""
    named = [os.environ[key] for key in ("PIP_CERT", "SSL_CERT_FILE") if os.environ.get(key)]
    candidates = [Path(name) for name in [*named, "/etc/ssl/certs/ca-certificates.crt"]]
    if not (found := [path for path in candidates if path.is_file()]):
        raise RuntimeError("this machine has no bundle of certificates: apt-get install ca-certificates")
    return found[0]


def _output(*command: str) -> str:
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
