"""What a Dockerfile says, and what its .dockerignore leaves of the source: text in, values out."""

import json
import re
import shlex
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

BUILDING = ("RUN", "COPY")
OF_THE_IMAGE = ("FROM", "WORKDIR", "ENV", "USER", "VOLUME", "EXPOSE", "HEALTHCHECK", "CMD")
DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class DockerfileError(Exception):
    """An instruction that isn't known here, or not in this form."""


@dataclass(frozen=True)
class Instruction:
    """One instruction: its name, and what follows it."""

    name: str
    text: str

    @property
    def words(self) -> list[str]:
        """The words of its text; a JSON list is taken as one."""
        if not self.text.startswith("["):
            return shlex.split(self.text)
        try:
            words = json.loads(self.text)
        except ValueError as error:
            raise DockerfileError(f"{self.name}: {self.text!r} is no JSON list") from error
        return [str(word) for word in words]

    @property
    def command(self) -> list[str]:
        """What is executed: a JSON list as it stands, other text by the shell."""
        return self.words if self.text.startswith("[") else ["/bin/sh", "-c", self.text]


@dataclass
class Image:
    """What the instructions so far have set for those that follow, and for the container."""

    user: str = "root"
    folder: str = "/"
    environment: dict[str, str] = field(default_factory=lambda: {"PATH": DEFAULT_PATH})
    volumes: list[str] = field(default_factory=list)
    ports: list[int] = field(default_factory=list)
    health_check: list[str] = field(default_factory=list)
    command: list[str] = field(default_factory=list)

    def apply(self, instruction: Instruction) -> None:
        """Take one of the instructions that change no file."""
        words = instruction.words if instruction.name not in {"CMD", "HEALTHCHECK"} else []
        match instruction.name:
            case "WORKDIR":
                self.folder = str(PurePosixPath(self.folder, *words))
            case "ENV":
                self.environment |= dict(_assignments(words))
            case "USER":
                (self.user,) = words
            case "VOLUME":
                self.volumes += words
            case "EXPOSE":
                self.ports += map(int, words)
            case "HEALTHCHECK":
                self.health_check = _health_check(instruction.text)
            case "CMD":
                self.command = instruction.command


def _assignments(words: Iterable[str]) -> Iterable[tuple[str, str]]:
    for word in words:
        name, equals, value = word.partition("=")
        if not equals:
            raise DockerfileError(f"ENV: {word!r} is no NAME=VALUE")
        yield name, value


def _health_check(text: str) -> list[str]:
    """The command, without the options before it."""
    found = re.fullmatch(r"(?:--(?:interval|timeout|start-period|start-interval|retries)=\S+\s+)*CMD\s+(.*)", text)
    if not found:
        raise DockerfileError(f"HEALTHCHECK: {text!r} is not understood")
    return Instruction("CMD", found[1]).command


def parse(text: str) -> list[Instruction]:
    """The instructions of a Dockerfile, comments left out and continued lines joined; raises DockerfileError."""
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    whole = "\n".join(lines).replace("\\\n", "")
    found = [Instruction(*_named(line)) for line in whole.splitlines()]
    for instruction in found:
        if instruction.name not in (*BUILDING, *OF_THE_IMAGE):
            raise DockerfileError(f"unknown instruction {instruction.name}")
        if "$" in instruction.text and instruction.name not in {"RUN", "CMD", "HEALTHCHECK"}:
            raise DockerfileError(f"{instruction.name}: Docker would replace a variable in {instruction.text!r}")
    if [number for number, one in enumerate(found) if one.name == "FROM"] != [0]:
        raise DockerfileError("needs one FROM, as its first instruction")
    return found


def _named(line: str) -> tuple[str, str]:
    name, _, text = line.strip().partition(" ")
    return name.upper(), text.strip()


def final_image(instructions: Iterable[Instruction]) -> Image:
    """What all of them together set."""
    image = Image()
    for instruction in instructions:
        image.apply(instruction)
    return image


class Ignored:
    """The patterns of a .dockerignore: the last one that fits a path, or a folder above it, decides."""

    def __init__(self, text: str) -> None:
        lines = [line.strip() for line in text.splitlines()]
        self._patterns = [_pattern(line) for line in lines if line and not line.startswith("#")]

    def __contains__(self, path: PurePosixPath) -> bool:
        places = [str(place) for place in (path, *path.parents) if place != PurePosixPath()]
        ignored = False
        for pattern, excludes in self._patterns:
            if any(pattern.fullmatch(place) for place in places):
                ignored = excludes
        return ignored


def _pattern(line: str) -> tuple[re.Pattern[str], bool]:
    meanings = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    parts = re.split(r"(\*\*/|\*\*|\*|\?)", line.removeprefix("!").strip("/"))
    return re.compile("".join(meanings.get(part) or re.escape(part) for part in parts)), not line.startswith("!")


def copies(instruction: Instruction, folder: str, context: Path, ignored: Ignored) -> dict[Path, PurePosixPath]:
    """The files that a COPY takes, and where each of them goes; raises DockerfileError where a source is missing."""
    *sources, target = instruction.words
    if not sources or any(source.startswith("--") for source in sources):
        raise DockerfileError(f"COPY: {instruction.text!r} is not understood")
    into_folder = len(sources) > 1 or target.endswith("/")
    found: dict[Path, PurePosixPath] = {}
    for source in sources:
        place = PurePosixPath(folder, target)
        below = _files(context, source, ignored)
        if not below:
            raise DockerfileError(f"COPY: there is no {source}, or .dockerignore leaves it out")
        if (context / source).is_file() and into_folder:
            place /= PurePosixPath(source).name
        found |= {file: place / file.relative_to(context / source) for file in below}
    return found


def _files(context: Path, source: str, ignored: Ignored) -> list[Path]:
    start = context / source
    candidates = [start] if start.is_file() else sorted(path for path in start.rglob("*") if path.is_file())
    return [path for path in candidates if PurePosixPath(path.relative_to(context)) not in ignored]
