"""How much memory a process of Linux holds, and held at most."""

import gc
from pathlib import Path

MEBIBYTE = 1 << 20


class ResidentMemory:
    """Of one process: what it holds, and its peak since it was last forgotten."""

    def __init__(self, pid: int) -> None:
        self._folder = Path("/proc") / str(pid)

    @property
    def now(self) -> int:
        """Bytes in memory."""
        return self._field("VmRSS")

    @property
    def peak(self) -> int:
        """The most since `forget_peak`."""
        return self._field("VmHWM")

    def forget_peak(self) -> None:
        """The peak begins anew at what is held now (proc(5): clear_refs)."""
        gc.collect()
        (self._folder / "clear_refs").write_text("5")

    def _field(self, name: str) -> int:
        lines = (self._folder / "status").read_text().splitlines()
        (line,) = (line for line in lines if line.startswith(f"{name}:"))
        return int(line.split()[1]) * 1024
