"""Orthanc's own REST API, asked from inside the server."""

from collections.abc import Callable
from dataclasses import dataclass

from reslice.errors import ArchiveUnavailable, UnknownResource


class Refusal(Exception):
    """An error of Orthanc's: its number and its text."""

    UNKNOWN = frozenset({5, 17})
    """For an id that names nothing, and for one that names something of another level."""
    NO_DICOM = 15
    FULL = 19

    def __init__(self, number: int, text: str) -> None:
        super().__init__(number, text)
        self.number = number
        self.text = text


@dataclass(frozen=True)
class Rest:
    """The four methods, each given a path, the middle ones a body. Each raises Refusal."""

    get: Callable[[str], bytes]
    put: Callable[[str, bytes], object]
    post: Callable[[str, bytes], bytes]
    delete: Callable[[str], object]


def got(get: Callable[[str], bytes], path: str) -> bytes:
    """What is at a path. Raises UnknownResource, ArchiveUnavailable."""
    try:
        return get(path)
    except Refusal as refusal:
        if refusal.number in Refusal.UNKNOWN:
            raise UnknownResource("There is no such resource") from refusal
        raise ArchiveUnavailable(f"Orthanc's index doesn't answer: {refusal.number}") from refusal
