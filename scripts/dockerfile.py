"""Prove the Dockerfile without a Docker engine, as root.

Its steps are executed one after the other in a chroot of Debian, as the user, in the folder and with the variables
that it says. Then Orthanc is started there by its CMD, in namespaces of its own: without users, which it must refuse;
with users; and once more on the same volume. The bare system lies in ~/.cache/reslice/dockerfile, or where
RESLICE_DOCKERFILE_DIR says, and is built once. Whatever goes wrong ends with a message and a status that isn't 0.
"""
# ruff: noqa: S603, S607 - the commands are written below, and the PATH is the administrator's own

import argparse
import contextlib
import fcntl
import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import chroots
import matrix_machine
from dockerfile_container import ADDRESS, Container, chroot_user
from dockerfile_steps import DockerfileError, Ignored, Image, Instruction, copies, parse

REPOSITORY = Path(__file__).resolve().parent.parent
CACHE = Path(os.environ.get("RESLICE_DOCKERFILE_DIR", Path.home() / ".cache/reslice/dockerfile"))
TOOLS = chroots.TOOLS | {"nsenter": "util-linux", "ip": "iproute2"}
SUITES = {"debian:trixie-slim": "trixie"}
USERS = '{"RegisteredUsers": {"alice": "a long password"}}'
REFUSAL = "No users: mount a file with RegisteredUsers"
CLIENT = REPOSITORY / "scripts/dockerfile_client.py"
NO_ARCHIVE = os.EX_TEMPFAIL  # the exit status where nothing could be tried, so that nothing is shown
START_SECONDS = 180  # compiling the kernels and a busy machine
STOP_SECONDS = 10  # what Docker waits before it kills

# Docker gives a step the network of the machine, /proc, and nothing else that is its own.
STEP = """
set -eu
root=$1 user=$2 folder=$3
shift 3
mount --bind "$root" "$root"
mount -t proc proc "$root/proc"
mount -t devpts -o newinstance,ptmxmode=0666 devpts "$root/dev/pts"
while [ "$1" != -- ]; do
    mkdir -p "$root$1"
    mount --bind -o ro "$1" "$root$1"
    shift
done
shift
exec chroot --userspec="$user" "$root" /usr/bin/env -C "$folder" "$@"
"""


def say(text: str) -> None:
    """Tell the person at the terminal."""
    print(f"dockerfile: {text}", flush=True)


def expect(fact: bool, text: str) -> None:
    """Tell what was seen; what was not seen is an error."""
    if not fact:
        raise RuntimeError(f"not so: {text}")
    say(f"seen: {text}")


# --- The image ----------------------------------------------------------------------------------------


def begin(instruction: Instruction) -> Path:
    """FROM: a copy of the bare system, instead of the one that an earlier run has left."""
    (name,) = instruction.words
    if name not in SUITES:
        raise DockerfileError(f"FROM: {name} is not known here")
    bare, root = CACHE / SUITES[name], CACHE / "image"
    chroots.bootstrap(bare, SUITES[name])
    shutil.rmtree(root, ignore_errors=True)
    subprocess.run(["cp", "-a", "--reflink=auto", str(bare), str(root)], check=True)
    chroots.adopt_machine(root)
    return root


def run(root: Path, image: Image, command: list[str]) -> None:
    """RUN: as the user, in the folder and with the variables so far, and the machine's way to the network."""
    user = chroot_user(root, image.user)
    environ = chroots.network_environment() | {"HOME": user.home} | image.environment
    binds = map(str, matrix_machine.pip_folders())
    shell = ["bash", "-c", STEP, "step", str(root), user.spec, image.folder, *binds, "--", *command]
    done = subprocess.run([*chroots.NAMESPACES, *shell], env=environ, timeout=chroots.LONGEST_STEP, check=False)
    if done.returncode:
        raise RuntimeError(f"the step ended with {done.returncode}; its message stands above")


def copy(root: Path, image: Image, instruction: Instruction, ignored: Ignored) -> None:
    """COPY: what .dockerignore leaves, as root's, its mode kept."""
    for file, place in copies(instruction, image.folder, REPOSITORY, ignored).items():
        target = root / str(place)[1:]
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(file, target)
        shutil.copymode(file, target)
        os.chown(target, 0, 0)


def build() -> tuple[Path, Image]:
    """Execute the whole file."""
    ignored = Ignored((REPOSITORY / ".dockerignore").read_text("utf-8"))
    root, image = Path(), Image()
    for instruction in parse((REPOSITORY / "Dockerfile").read_text("utf-8")):
        begun = time.monotonic()
        match instruction.name:
            case "FROM":
                root = begin(instruction)
            case "RUN":
                run(root, image, instruction.command)
            case "COPY":
                copy(root, image, instruction, ignored)
            case _:
                image.apply(instruction)
                (root / image.folder[1:]).mkdir(parents=True, exist_ok=True)
        say(f"{instruction.name} {instruction.text[:70]} ({time.monotonic() - begun:.0f} s)")
    return root, image


# --- The container ------------------------------------------------------------------------------------


@contextlib.contextmanager
def running(container: Container) -> Iterator[int]:
    """Start it by its CMD, wait until it is healthy, yield its process, and see it end by SIGTERM."""
    with container.started() as process:
        try:
            deadline = time.monotonic() + START_SECONDS
            while container.execute(container.image.health_check, quietly=True):
                if process.poll() is not None or time.monotonic() > deadline:
                    raise RuntimeError(f"the container did not become healthy (status {process.poll()})")
                time.sleep(1)
            say("seen: the health check ends with 0")
            yield container.pid
            begun = time.monotonic()
            os.kill(container.pid, signal.SIGTERM)
            status = process.wait(STOP_SECONDS)
            expect(status == 0, f"SIGTERM ends it with status {status}, in {time.monotonic() - begun:.1f} s")
        finally:
            process.kill()


def check_refusal(container: Container) -> None:
    """Without users it says what is missing and ends."""
    with container.started(stderr=subprocess.PIPE) as process:
        try:
            _, told = process.communicate(timeout=START_SECONDS)
        finally:
            process.kill()
    expect(process.returncode == 1 and REFUSAL in told, f"without users: status {process.returncode}, {told.strip()!r}")


def check_process(container: Container, pid: int) -> None:
    """Whose process it is, and what it has been given."""
    process = Path("/proc") / str(pid)
    user = chroot_user(container.root, "orthanc")
    expect((process / "comm").read_text().strip() == "Orthanc", "the container's first process is Orthanc")
    fields = dict(line.split(":\t", 1) for line in (process / "status").read_text().splitlines())
    expect(
        set(fields["Uid"].split()) == {str(user.uid)} and user.uid > 0, f"its user is orthanc ({user.uid}), not root"
    )
    environ = (process / "environ").read_bytes().split(b"\0")
    expect(b"HOME=/var/lib/orthanc" in environ, "HOME is /var/lib/orthanc")


def check_answers(container: Container, pid: int) -> None:
    """From within as from another machine: a stranger is refused, a user is served."""
    for address in ("127.0.0.1", ADDRESS):
        command = [
            "/opt/reslice/.venv/bin/python",
            "-c",
            CLIENT.read_text("utf-8"),
            address,
            "alice",
            "a long password",
        ]
        expect(container.execute(command) == 0, f"{address} is served")
    expect((container.volume / "index").is_file(), "the index lies in the volume")
    check_process(container, pid)


def prove() -> None:
    """Build the image and try it."""
    root, image = build()
    check_refusal(Container(root, image))
    users = CACHE / "users.json"
    users.write_text(USERS)
    users.chmod(0o644)
    container = Container(root, image, {users: "/etc/orthanc/users.json"})
    for time_of_start in ("a new volume", "the same volume"):
        say(f"start on {time_of_start}")
        with running(container) as pid:
            check_answers(container, pid)


def main() -> None:
    """Prove it, one run at a time."""
    parser = argparse.ArgumentParser(prog="dockerfile", description=__doc__)
    parser.parse_args()
    if refusal := chroots.refusal(TOOLS):
        sys.exit(f"dockerfile: {refusal}")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("dockerfile: ended by a signal"))
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            prove()
        except BlockingIOError:
            sys.exit(f"dockerfile: another run uses {CACHE}")
        except chroots.NoArchive as error:
            say(str(error))
            sys.exit(NO_ARCHIVE)
        except (DockerfileError, RuntimeError, OSError, subprocess.SubprocessError) as error:
            sys.exit(f"dockerfile: FAILED: {error}")
    say("all of it was seen")


main()
