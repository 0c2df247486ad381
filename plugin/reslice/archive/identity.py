"""Which pixels a series holds, known as cheaply as the archive allows, and never out of date."""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from reslice.archive.port import Archive, StoredInstance

INSTANCES_KEPT = 200_000
"""Instances whose place in the index is remembered, some hundred bytes each."""


@dataclass(frozen=True)
class Identity:
    """Which pixels a series holds: a digest of the sorted (instance id, file) pairs."""

    series: str
    digest: str
    instances: tuple[StoredInstance, ...]

    @classmethod
    def of(cls, series: str, instances: Sequence[StoredInstance]) -> "Identity":
        """The identity of a series with these instances."""
        pairs = sorted((i.id, i.file) for i in instances)
        return cls(series, hashlib.sha256(repr(pairs).encode()).hexdigest()[:32], tuple(instances))

    @property
    def key(self) -> tuple[str, str]:
        """What its layout is cached under."""
        return self.series, self.digest


class Identities:
    """The identities of the series asked for lately; any thread may ask."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._known: OrderedDict[str, tuple[Hashable, Identity]] = OrderedDict()
        self._instances = 0
        self._lock = threading.Lock()

    def of(self, series_id: str) -> tuple[Identity, bool]:
        """The identity of what is stored now, and whether it differs from the one before. Raises UnknownResource.

        Kept while the archive's cheap revision token stays the same; read anew where there is none.
        The token is taken before the instances are read: a change in between is seen next time.
        """
        revision = self._archive.revision(series_id)
        with self._lock:
            known = self._known.get(series_id)
        if known is not None and revision is not None and known[0] == revision:
            return known[1], False
        identity = Identity.of(series_id, self._archive.instances(series_id, revision))
        self._remember(revision, identity)
        return identity, known is not None and known[1].digest != identity.digest

    def _remember(self, revision: Hashable, identity: Identity) -> None:
        with self._lock:
            self._drop(identity.series)
            self._known[identity.series] = (revision, identity)
            self._known.move_to_end(identity.series)
            self._instances += len(identity.instances)
            while self._instances > INSTANCES_KEPT and len(self._known) > 1:
                _, (_, oldest) = self._known.popitem(last=False)
                self._instances -= len(oldest.instances)

    def forget(self, series_id: str) -> None:
        """Read it anew next time."""
        with self._lock:
            self._drop(series_id)

    def forget_all(self) -> None:
        """Read all of them anew next time."""
        with self._lock:
            self._known.clear()
            self._instances = 0

    def _drop(self, series_id: str) -> None:
        """With the lock held."""
        _, dropped = self._known.pop(series_id, (None, None))
        self._instances -= len(dropped.instances) if dropped else 0
