"""The bundled part of three.js is what the pinned package makes, and carries its licence."""

import hashlib
import json
import subprocess
from pathlib import Path

from shared_data import unavailable

ROOT = Path(__file__).resolve().parent.parent
VENDOR = ROOT / "plugin" / "reslice" / "static" / "viewer" / "vendor"
NODE = ROOT / "tests" / "node"


def test_the_bundle_is_what_the_pinned_package_makes() -> None:
    if not (NODE / "node_modules" / "three").is_dir():
        unavailable("three.js is not installed: npm ci in tests/node")
    command = [str(ROOT / "scripts" / "vendor-three"), "--check"]
    check = subprocess.run(command, capture_output=True, encoding="utf-8", check=False, timeout=60)  # noqa: S603 - our own script
    assert (check.returncode, check.stderr) == (0, "")


def test_the_bundle_tells_its_version_and_sum() -> None:
    told = json.loads((VENDOR / "vendor.json").read_text("utf-8"))
    assert hashlib.sha256((VENDOR / told["file"]).read_bytes()).hexdigest() == told["sha256"]
    assert told["version"] == json.loads((NODE / "package.json").read_text("utf-8"))["devDependencies"][told["name"]]


def test_the_bundle_carries_its_licence() -> None:
    licence = (VENDOR / "LICENSE-three.txt").read_text("utf-8")
    assert licence.startswith("The MIT License")
    assert "three.js authors" in licence
    assert "SPDX-License-Identifier: MIT" in (VENDOR / "three.min.js").read_text("utf-8")[:200]


def test_the_lock_of_the_node_packages_names_no_registry() -> None:
    packages = json.loads((NODE / "package-lock.json").read_text("utf-8"))["packages"]
    assert [name for name, package in packages.items() if "resolved" in package] == []
