"""Whether the disks under Orthanc still take something."""

import errno
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from reslice.errors import ArchiveUnavailable, ResliceError, StorageFull

PROBE_BYTES = 256 << 10
"""More than any entry and its part of a journal take."""
FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
TELLING = re.compile(r"no space left|(disk|storage|database) (is )?full|quota exceeded|could not extend", re.IGNORECASE)
"""What databases say of a full disk that isn't ours to look at."""


@dataclass(frozen=True)
class Room:
    """The folders of files and index.

    Orthanc tells of a full disk only that a statement of its database failed, as it tells of many troubles.
    """

    folders: tuple[Path, ...]

    @classmethod
    def of(cls, configuration: Mapping[str, Any], file: str) -> "Room":
        """Of an Orthanc whose configuration was read from a file or a folder; relative paths start there."""
        place = Path(file) if Path(file).is_dir() else Path(file).parent
        storage = str(configuration.get("StorageDirectory", "OrthancStorage"))
        index = str(configuration.get("IndexDirectory") or storage)
        return cls((place / storage, place / index))

    @property
    def index_folder(self) -> Path:
        """Where the index lies, unless a plugin keeps it elsewhere."""
        return self.folders[-1]

    def why(self, text: str) -> ResliceError:
        """What a failed write means, after which everything is as it was; `text` is what Orthanc said."""
        if TELLING.search(text) or not self.is_left():
            return StorageFull("The storage is full; what it holds is as it was")
        return ArchiveUnavailable(f"Orthanc can't write at the moment: {text[:200]}")

    def is_left(self) -> bool:
        """Whether each folder takes another file; found by trying, since quotas can't be asked for."""
        return all(_takes_more(folder) for folder in self.folders)


def _takes_more(folder: Path) -> bool:
    try:
        with tempfile.TemporaryFile(dir=folder, buffering=0) as file:
            return file.write(bytes(PROBE_BYTES)) == PROBE_BYTES
    except OSError as error:  # of another kind where there is no such folder, or it isn't ours
        return error.errno not in FULL
