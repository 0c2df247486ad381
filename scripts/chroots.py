"""Chroots of Debian releases, made with debootstrap, for scripts/matrix and scripts/dockerfile."""
# ruff: noqa: S603 - the commands are written below, and the PATH is the administrator's own

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import matrix_machine

TOOLS = {"debootstrap": "debootstrap", "unshare": "util-linux", "setpriv": "util-linux"}
CERTIFICATES = "/srv/certificates.crt"
LONGEST_STEP = 3600  # seconds

# Mounts and processes live in namespaces of their own, so they end with the command, however it ends, also
# when the script is killed.
NAMESPACES = ("setpriv", "--pdeathsig", "KILL", "unshare", "--mount", "--pid", "--fork", "--kill-child")


class NoArchive(RuntimeError):
    """Debian's archive doesn't give the bare system."""


def refusal(tools: Mapping[str, str]) -> str:
    """Tell why no chroot can be built here; empty where it can."""
    if os.geteuid() != 0:
        return "chroots need root; run it with sudo"
    missing = sorted({package for tool, package in tools.items() if not shutil.which(tool)})
    return f"missing; apt-get install {' '.join(missing)}" if missing else ""


def bootstrap(root: Path, suite: str, include: str = "") -> None:
    """Build the bare chroot, unless it is there; an interrupted one is begun again."""
    if root.exists():
        return
    unfinished = root.with_suffix(".unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    scripts = Path("/usr/share/debootstrap/scripts")
    script = next(path for name in (suite, "sid") if (path := scripts / name).exists())
    command = ["debootstrap", "--variant=minbase", *([f"--include={include}"] if include else []), suite]
    place = [str(unfinished), matrix_machine.mirror(), str(script)]
    environ = dict(os.environ) | matrix_machine.proxies()
    if subprocess.run([*NAMESPACES, *command, *place], env=environ, timeout=LONGEST_STEP, check=False).returncode:
        raise NoArchive("debootstrap failed; its message stands above")
    unfinished.rename(root)


def adopt_machine(root: Path) -> None:
    """Hand the machine's way to the network to the chroot, and forbid it to start services."""
    shutil.copyfile(matrix_machine.certificates(), root / CERTIFICATES[1:])
    shutil.copyfile("/etc/resolv.conf", root / "etc/resolv.conf")
    trust = f'Acquire::https::CAInfo "{CERTIFICATES}";\n'
    (root / "etc/apt/apt.conf.d/90machine").write_text(matrix_machine.apt_settings() + trust)
    policy = root / "usr/sbin/policy-rc.d"
    policy.write_text("#!/bin/sh\nexit 101\n")
    policy.chmod(0o755)


def network_environment() -> dict[str, str]:
    """Return the variables by which apt, pip and others in a chroot find the network as this machine does."""
    trust = dict.fromkeys(("PIP_CERT", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE"), CERTIFICATES)
    return matrix_machine.proxies() | matrix_machine.pip_settings() | trust
