"""The Dockerfile, read: what it copies is there, its guard and its health check do what they say."""

import json
import os
import shutil
import subprocess
from pathlib import Path, PurePosixPath

import pytest

from dockerfile_steps import DockerfileError, Ignored, Image, Instruction, copies, final_image, parse
from server import REPOSITORY, Orthanc, without_comments

INSTRUCTIONS = parse((REPOSITORY / "Dockerfile").read_text("utf-8"))
IGNORED = Ignored((REPOSITORY / ".dockerignore").read_text("utf-8"))


@pytest.fixture
def image() -> Image:
    """What the container is started with."""
    return final_image(INSTRUCTIONS)


def run(*command: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)  # noqa: S603


def copied() -> set[str]:
    """The files of the source that get into the image."""
    steps = [step for step in INSTRUCTIONS if step.name == "COPY"]
    return {str(file.relative_to(REPOSITORY)) for step in steps for file in copies(step, "/", REPOSITORY, IGNORED)}


def test_everything_that_is_copied_exists_and_nothing_else_is() -> None:
    files = copied()
    assert {"LICENSE", "orthanc.json", "pyproject.toml", "scripts/requirements.py", "plugin/main.py"} <= files
    sources = {str(path.relative_to(REPOSITORY)) for path in (REPOSITORY / "plugin").rglob("*.py")}
    assert sources <= files
    assert not {file for file in files if "__pycache__" in file or file.startswith(("tests", ".git", "OrthancStorage"))}


def test_container_is_not_roots_and_keeps_its_images_in_a_volume(image: Image) -> None:
    assert image.user == "orthanc"
    assert image.environment["HOME"] == "/var/lib/orthanc"
    assert image.volumes == ["/var/lib/orthanc/db"]
    assert image.ports == [8042, 4242]
    assert image.folder == "/opt/reslice"


def guarded(image: Image, folder: Path) -> subprocess.CompletedProcess[str]:
    """Its command, with another folder of configuration, and telling what it would start."""
    shell, flag, text = image.command
    assert text.count("exec Orthanc") == 1
    return run(shell, flag, text.replace("/etc/orthanc", str(folder)).replace("exec Orthanc", "exec echo starting"))


def test_container_refuses_to_start_without_users(image: Image, tmp_path: Path) -> None:
    (tmp_path / "reslice.json").write_text('{"AuthenticationEnabled": true}')
    refused = guarded(image, tmp_path)
    assert refused.returncode == 1
    assert "No users: mount a file with RegisteredUsers" in refused.stderr
    assert not refused.stdout


def test_container_starts_with_users(image: Image, tmp_path: Path) -> None:
    (tmp_path / "users.json").write_text('{"RegisteredUsers": {"alice": "a long password"}}')
    started = guarded(image, tmp_path)
    assert (started.returncode, started.stdout) == (0, f"starting {tmp_path}\n")


def test_health_check_tells_a_living_server_from_none(image: Image, orthanc: Orthanc) -> None:
    *program, text = image.health_check
    assert text.count("8042") == 1
    assert run(*program, text.replace("8042", orthanc.url.rpartition(":")[2])).returncode == 0
    assert run(*program, text.replace("8042", "9")).returncode != 0


def test_keys_that_the_image_removes_are_in_the_configuration() -> None:
    settings = json.loads(without_comments((REPOSITORY / "orthanc.json").read_text("utf-8")))
    assert {"DicomServerEnabled", "DicomPort", "Name", "Reslice"} <= set(settings)


@pytest.mark.parametrize(
    "text",
    ["FROM a\nARG b", "FROM a\nCOPY $HERE b", "RUN a", "FROM a\nFROM b", "FROM a\nENTRYPOINT b", ""],
)
def test_what_is_not_understood_is_refused(text: str) -> None:
    with pytest.raises(DockerfileError):
        parse(text)


@pytest.mark.parametrize("text", ["ENV a", "HEALTHCHECK NONE", "HEALTHCHECK --odd=1 CMD a", 'CMD ["a"'])
def test_a_form_that_is_not_understood_is_refused(text: str) -> None:
    with pytest.raises(DockerfileError):
        final_image(parse(f"FROM a\n{text}"))


def test_last_pattern_that_fits_decides() -> None:
    ignored = Ignored("*\n!kept\nkept/**/*.tmp\n!one.py\n# comment\n")
    for path, expected in {
        "kept/a.py": False,
        "kept/a.tmp": True,
        "kept/deep/er/a.tmp": True,
        "one.py": False,
        "two.py": True,
        "other/one.py": True,
    }.items():
        assert (PurePosixPath(path) in ignored) is expected, path


def test_missing_source_of_a_copy_is_told(tmp_path: Path) -> None:
    (tmp_path / "here").touch()
    found = copies(Instruction("COPY", "here there/"), "/srv", tmp_path, Ignored(""))
    assert found == {tmp_path / "here": PurePosixPath("/srv/there/here")}
    for text in ("gone there", "--from=x here there"):
        with pytest.raises(DockerfileError):
            copies(Instruction("COPY", text), "/srv", tmp_path, Ignored(""))


@pytest.mark.slow
def test_steps_are_executed_and_the_container_serves_its_users_alone() -> None:
    if os.geteuid() != 0 or not shutil.which("debootstrap"):
        pytest.skip("scripts/dockerfile needs root and debootstrap")
    if run("unshare", "--mount", "--pid", "--net", "--fork", "true").returncode:
        pytest.skip("scripts/dockerfile needs namespaces, which this machine's root may not make")
    done = subprocess.run(  # noqa: S603
        [REPOSITORY / "scripts/dockerfile"], capture_output=True, text=True, timeout=1800, check=False
    )
    if done.returncode == os.EX_TEMPFAIL:
        pytest.skip("Debian's archive doesn't give the bare system of the next release")
    assert done.returncode == 0, (done.stdout + done.stderr)[-6000:]
    for fact in (
        "without users: status 1",
        "its user is orthanc",
        "a series found from",
        "SIGTERM ends it with status 0",
    ):
        assert fact in done.stdout, fact
