"""Run Orthanc with Reslice in the foreground; scripts/serve installs what is missing and calls this.

The log of Orthanc goes to the standard error stream, the links to the standard output.
"""

import argparse
import http.client
import json
import os
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from urllib.parse import urlsplit

import orthanc_configuration
from orthanc_configuration import Configuration, ConfigurationError

ROOT = Path(__file__).resolve().parent.parent
SECONDS_TO_ANSWER = 120
SECONDS_TO_END = 30
SIGNALS_TO_END = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class CannotServe(Exception):
    """Why the server is not running, in words for whoever started it."""


class Stopped(BaseException):
    """A signal asked for the end; not an Exception, so that nothing on the way swallows it."""


def main() -> int:
    """Serve until a signal, or until Orthanc ends by itself."""
    arguments = parse_arguments()
    try:
        for number in SIGNALS_TO_END:
            signal.signal(number, stop)
        configuration = effective_configuration(arguments)
        require_free_ports(configuration)
        Path(configuration["StorageDirectory"]).mkdir(parents=True, exist_ok=True)
        with running_orthanc(configuration) as orthanc:
            await_answer(orthanc, configuration)
            if arguments.demo:
                load_demo(configuration)
            raise CannotServe(f"Orthanc ended by itself, {ending(orthanc.wait())}")
    except Stopped:
        return 0
    except (CannotServe, ConfigurationError, OSError) as error:
        sys.stderr.write(f"serve: {error}\n")
        return 1


def parse_arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        prog="scripts/serve", description="Run Orthanc with Reslice in the foreground.", allow_abbrev=False
    )
    parser.add_argument("--demo", action="store_true", help="load the demonstration studies")
    parser.add_argument("--http-port", type=port, metavar="N", help="port of the REST API (default: 8042)")
    parser.add_argument(
        "--dicom-port", type=port, metavar="N", help="switch the DICOM server on, at this port (default: off)"
    )
    parser.add_argument(
        "--storage", type=Path, metavar="DIR", help="where images are kept (default: OrthancStorage here)"
    )
    parser.add_argument(
        "--config", type=Path, metavar="FILE", help="JSON to merge over orthanc.json, key by key, deeply"
    )
    parser.add_argument("--no-install", action="store_true", help="install nothing, take what is there")
    return parser.parse_args()


def port(text: str) -> int:
    """Read a TCP port."""
    number = int(text)
    if not 1 <= number <= 65535:
        raise argparse.ArgumentTypeError(f"{text} is not a port from 1 to 65535")
    return number


def stop(_number: int, _frame: FrameType | None) -> None:
    """Answer the first signal; later ones must not disturb the clean end."""
    for number in SIGNALS_TO_END:
        signal.signal(number, signal.SIG_IGN)
    raise Stopped


def effective_configuration(arguments: argparse.Namespace) -> Configuration:
    """Merge the project's file, the site's file and the command line."""
    configuration = orthanc_configuration.read(ROOT / "orthanc.json")
    if arguments.config:
        site = orthanc_configuration.read(arguments.config)
        if "DicomPort" in site:
            site.setdefault("DicomServerEnabled", True)  # whoever names a port wants it served
        configuration = orthanc_configuration.merge(configuration, site)
    return orthanc_configuration.with_arguments(
        configuration, arguments.http_port, arguments.dicom_port, arguments.storage
    )


def require_free_ports(configuration: Configuration) -> None:
    """Refuse a port that is taken, before Orthanc would fail on it less clearly."""
    wanted = [("HTTP", configuration.get("HttpPort", 8042), "--http-port")]
    if configuration.get("DicomServerEnabled", True):
        wanted.append(("DICOM", configuration.get("DicomPort", 4242), "--dicom-port"))
    if len({number for _, number, _ in wanted}) < len(wanted):
        raise CannotServe("HTTP and DICOM can't share a port: choose others with --http-port N or --dicom-port N")
    for protocol, number, option in wanted:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("", number))
            except OSError as error:
                raise CannotServe(
                    f"{protocol} port {number}: {error.strerror}; choose another port with {option} N"
                ) from error


@contextmanager
def running_orthanc(configuration: Configuration) -> Iterator[subprocess.Popen[bytes]]:
    """Start Orthanc, its configuration (it may hold passwords) in a private folder; end it afterwards."""
    executable = shutil.which("Orthanc", path=os.pathsep.join((os.environ.get("PATH", ""), "/usr/sbin")))
    if executable is None:
        raise CannotServe("Orthanc is not installed: run scripts/setup")
    with tempfile.TemporaryDirectory(prefix="reslice-") as folder:
        path = Path(folder) / "orthanc.json"
        path.write_text(json.dumps(configuration, indent=2), "utf-8")
        # In a process group of its own: Ctrl+C reaches it once, through us. setpriv: it ends with us, always.
        command = ["setpriv", "--pdeathsig", "TERM", executable, str(path)]
        orthanc = subprocess.Popen(command, cwd=ROOT, process_group=0)  # noqa: S603 - no shell, our own words
        try:
            yield orthanc
        finally:
            end(orthanc)


def end(orthanc: subprocess.Popen[bytes]) -> None:
    """Ask Orthanc to end, and wait for it; a crash on the way is told."""
    if orthanc.poll() is not None:
        return
    orthanc.terminate()
    try:
        orthanc.wait(SECONDS_TO_END)
    except subprocess.TimeoutExpired:
        orthanc.kill()
    if orthanc.wait() != 0:
        sys.stderr.write(f"serve: Orthanc was asked to end and did, {ending(orthanc.returncode)}\n")


def ending(code: int) -> str:
    """Say how a process ended."""
    return f"by {signal.Signals(-code).name}" if code < 0 else f"with exit code {code}"


def await_answer(orthanc: subprocess.Popen[bytes], configuration: Configuration) -> None:
    """Wait for the plugin, then print the links."""
    url = orthanc_configuration.base_url(configuration)
    started = time.monotonic()
    while (status := health_status(url)) is None:
        if orthanc.poll() is not None:
            raise CannotServe(f"Orthanc did not start, {ending(orthanc.returncode)}; its log stands above")
        if time.monotonic() - started > SECONDS_TO_ANSWER:
            raise CannotServe(f"no answer from {url} within {SECONDS_TO_ANSWER} s")
        time.sleep(0.05)
    if status == http.client.NOT_FOUND:
        raise CannotServe(f"Orthanc answers, but the plugin does not ({url}/reslice/health is unknown)")
    say(f"Reslice answers after {time.monotonic() - started:.1f} s. Ctrl+C ends it.")
    say(f"  Orthanc Explorer  {url}/app/explorer.html")
    say(f"  Reslice           {url}/reslice")
    say(f"  viewer page       {url}/reslice/viewer/index.html")


def health_status(url: str) -> int | None:
    """Ask for the plugin's health; any status is an answer (401 where a password is wanted), None is none."""
    address = urlsplit(url)
    connection = http.client.HTTPConnection(address.netloc, timeout=10)
    if address.scheme == "https":
        context = ssl.create_default_context()
        context.check_hostname = False  # our own server, on loopback, by whatever name its certificate has
        context.verify_mode = ssl.CERT_NONE
        connection = http.client.HTTPSConnection(address.netloc, timeout=10, context=context)
    try:
        connection.request("GET", "/reslice/health")
        return connection.getresponse().status
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()


def load_demo(configuration: Configuration) -> None:
    """Load the demonstration studies; a failure is told, the server stays."""
    from demo import load  # noqa: PLC0415 - its dependencies are only there with --demo

    url = orthanc_configuration.base_url(configuration)
    try:
        load.load(url, orthanc_configuration.credentials(configuration), say)
    except load.NotLoaded as error:
        sys.stderr.write(f"serve: the demonstration studies are not complete: {error}\n")


def say(line: str) -> None:
    """Write a line that whoever reads a pipe gets at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
