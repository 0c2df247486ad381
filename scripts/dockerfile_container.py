"""A container without an engine: an image's CMD in namespaces of its own, in a chroot, as the image's user."""
# ruff: noqa: S603, S607 - the commands are written below, and the PATH is the administrator's own

import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chroots import NAMESPACES
from dockerfile_steps import Image

ADDRESS = "172.17.0.2"
"""The container's own: who asks it there comes from another address than the loopback's."""

# The CMD becomes the first process of its namespace, as in Docker.
START = """
set -eu
root=$1 user=$2 folder=$3 volume=$4
shift 4
ip link set lo up
ip address add 172.17.0.2/32 dev lo
mount --bind "$root" "$root"
mount -t proc proc "$root/proc"
mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts"
mount -t tmpfs tmpfs "$root/dev/shm"
mount --bind "${volume%%=*}" "$root${volume#*=}"
while [ "$1" != -- ]; do
    touch "$root$2"
    mount --bind "$1" "$root$2"
    mount -o remount,bind,ro "$root$2"
    shift 2
done
shift
exec chroot --userspec="$user" "$root" /usr/bin/env -C "$folder" "$@"
"""


@dataclass(frozen=True)
class User:
    """An entry of the image's /etc/passwd."""

    uid: int
    gid: int
    home: str

    @property
    def spec(self) -> str:
        """As chroot takes it."""
        return f"{self.uid}:{self.gid}"


def chroot_user(root: Path, name: str) -> User:
    """Who that is in the image; raises RuntimeError where nobody is called so."""
    for line in (root / "etc/passwd").read_text().splitlines():
        entry = line.split(":")
        if entry[0] == name:
            return User(int(entry[2]), int(entry[3]), entry[5])
    raise RuntimeError(f"the image has no user {name}")


@dataclass
class Container:
    """One that can be started; `files` of this machine are mounted, to be read only."""

    root: Path
    image: Image
    files: Mapping[Path, str] = field(default_factory=dict)
    pid: int = 0

    def __post_init__(self) -> None:
        """Make its volume, which begins with what the image holds in that place."""
        subprocess.run(["rm", "-rf", str(self.volume)], check=True)
        subprocess.run(["cp", "-a", f"{self.root}{self.image.volumes[0]}", str(self.volume)], check=True)

    @property
    def volume(self) -> Path:
        """Where its volume lies on this machine."""
        return self.root.parent / "volume"

    @property
    def environment(self) -> dict[str, str]:
        """The variables of all its processes."""
        return {"HOME": chroot_user(self.root, self.image.user).home} | self.image.environment

    def started(self, **options: Any) -> subprocess.Popen[str]:
        """Start its CMD."""
        binds = [word for file, place in self.files.items() for word in (str(file), place)]
        user = chroot_user(self.root, self.image.user)
        volume = f"{self.volume}={self.image.volumes[0]}"
        place = [str(self.root), user.spec, self.image.folder, volume]
        shell = ["bash", "-c", START, "container", *place, *binds, "--", *self.image.command]
        spaces = [*NAMESPACES, "--net", "--ipc", "--uts"]
        process = subprocess.Popen([*spaces, *shell], env=self.environment, text=True, **options)
        self.pid = _child_of(process)
        return process

    def execute(self, command: list[str], *, quietly: bool = False) -> int:
        """Run a command in it, as Docker runs a health check, and return its exit status."""
        user = chroot_user(self.root, self.image.user)
        enter = ["nsenter", f"--target={self.pid}", "--mount", "--net", "--pid", "--ipc", "--uts", "--root"]
        enter += [f"--setuid={user.uid}", f"--setgid={user.gid}"]
        output = subprocess.DEVNULL if quietly else None
        whole = [*enter, "/usr/bin/env", "-C", self.image.folder, *command]
        return subprocess.run(
            whole, env=self.environment, stdout=output, stderr=output, timeout=300, check=False
        ).returncode


def _child_of(process: subprocess.Popen[str]) -> int:
    """The first process of the namespace; it ends the other with it."""
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    while process.poll() is None:
        if numbers := children.read_text().split():
            return int(numbers[0])
        time.sleep(0.01)
    return 0
