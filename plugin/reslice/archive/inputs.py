"""Which pixels a measurement was made of, so that it can be told when they have changed."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from reslice.archive.identity import Identity
from reslice.archive.volumes import SeriesLibrary
from reslice.dicom.layout import FrameRef
from reslice.errors import ResliceError


def digest_of(identity: Identity, frames: Iterable[FrameRef]) -> str:
    """A digest of the frames and of the files that they are in, in order."""
    return digest_of_frames(identity, ((ref.instance.id, ref.frame) for ref in frames))


def digest_of_frames(identity: Identity, frames: Iterable[tuple[str, int]]) -> str:
    """The same of (instance, frame) pairs; an instance that is gone counts as no file."""
    files = {stored.id: stored.file for stored in identity.instances}
    named = [(instance, files.get(instance, ""), frame) for instance, frame in frames]
    return hashlib.sha256(repr(named).encode()).hexdigest()[:32]


@dataclass
class Freshness:
    """Tells of records whether their pixels are still those that were measured; each series is looked at once."""

    library: SeriesLibrary
    _known: dict[str, Identity | None] = field(default_factory=dict)

    def told(self, record: Mapping[str, Any]) -> dict[str, Any]:
        """The record with `Stale`, and with the present index of its volume."""
        return {**record, **self.facts(record)}

    def facts(self, record: Mapping[str, Any]) -> dict[str, Any]:
        """What isn't kept with a record: `Stale`, and `Volume` where its index may have changed."""
        if not record.get("InputsDigest"):  # values that came without their geometry: nothing to compare
            return {"Stale": False}
        identity = self._identity(str(record.get("Series")))
        if identity is None:
            return {"Stale": True}
        if identity.digest == record.get("SeriesDigest"):
            return {"Stale": False}
        if record.get("Image"):
            image = record["Image"]
            now = digest_of_frames(identity, [(str(image.get("Instance")), image.get("Frame"))])
            return {"Stale": now != record.get("InputsDigest")}
        found = self._volume(identity, str(record.get("InputsDigest")))
        return {"Stale": True} if found is None else {"Stale": False, "Volume": found}

    def _identity(self, series: str) -> Identity | None:
        if series not in self._known:
            try:
                self._known[series] = self.library.identity(series)
            except ResliceError:  # gone, or not readable now
                self._known[series] = None
        return self._known[series]

    def _volume(self, identity: Identity, digest: str) -> int | None:
        """The index of the volume that is made of these very frames."""
        try:
            volumes = self.library.layout(identity).volumes
        except ResliceError:
            return None
        return next((k for k, volume in enumerate(volumes) if digest_of(identity, volume.frames) == digest), None)
