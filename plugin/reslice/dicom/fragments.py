"""Which bytes of encapsulated pixels belong to which frame (PS3.5 A.4)."""

import struct
from bisect import bisect_left
from collections.abc import Sequence

from reslice.errors import Damaged

ITEM = b"\xfe\xff\x00\xe0"
STARTS = (b"\xff\xd8\xff", b"\xff\x4f\xff\x51")
"""How a JPEG, JPEG-LS or JPEG 2000 image begins."""


class FrameIndex:
    """Places of all frames' fragments, found in one walk; a frame is gathered when it is asked for."""

    def __init__(self, content: bytes, position: int, frames: int) -> None:
        """Walk over the items from `position`, where the basic offset table lies. Raises Damaged."""
        table, *self._fragments = _items(content, position) or [(0, 0)]
        self._content = content
        offsets = content[table[0] : table[0] + table[1]]
        self._firsts = self._first_fragments(frames, offsets)

    def codestream(self, frame: int) -> bytes:
        """The compressed bytes of one frame. Raises Damaged where they aren't all there."""
        parts = self._fragments[self._firsts[frame] : self._firsts[frame + 1]]
        if any(start + length > len(self._content) for start, length in parts):
            raise Damaged(f"Frame {frame} is cut off")
        return b"".join(self._content[start : start + length] for start, length in parts)

    def _first_fragments(self, frames: int, offsets: bytes) -> Sequence[int]:
        """The first fragment of each frame, then the end.

        As many fragments as frames are one each, whatever a table says: every frame has one at least.
        """
        count = len(self._fragments)
        if frames == count:
            return range(count + 1)
        if frames == 1:
            return (0, count)
        firsts = self._by_table(offsets, frames) or self._by_starts()
        if len(firsts) != frames or firsts[0] != 0:
            raise Damaged(f"{count} fragments can't be told apart into {frames} frames")
        return (*firsts, count)

    def _by_table(self, offsets: bytes, frames: int) -> list[int]:
        """The fragments that the basic offset table names; offsets count from the first one's item tag."""
        if len(offsets) != 4 * frames:
            return []
        starts = [start - 8 for start, _ in self._fragments]
        wanted = [starts[0] + offset for (offset,) in struct.iter_unpack("<I", offsets)]
        firsts = [bisect_left(starts, place) for place in wanted]
        is_true = all(k < len(starts) and starts[k] == place for k, place in zip(firsts, wanted, strict=True))
        return firsts if is_true and firsts == sorted(set(firsts)) else []

    def _by_starts(self) -> list[int]:
        """The fragments in which an image begins."""
        return [k for k, (start, _) in enumerate(self._fragments) if self._content.startswith(STARTS, start)]


def _items(content: bytes, position: int) -> list[tuple[int, int]]:
    """(place, length) of all items in a row; the last may lie partly beyond the end."""
    found = []
    while content[position : position + 4] == ITEM and position + 8 <= len(content):
        (length,) = struct.unpack_from("<I", content, position + 4)
        found.append((position + 8, length))
        position += 8 + length
    return found
