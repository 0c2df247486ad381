"""What the quick look makes of many files, sound and damaged, as text.

python -m unit.dicom.heads    prints it, numba hidden
"""

import json
from collections.abc import Iterator

import numpy as np

from phantoms import compressed, file_of
from reslice.dicom.scan import NotReadable, scan
from reslice.dicom.tags import WANTED_TAGS
from unit.dicom.files import encoded, one_slice, undefined, with_elements


def files() -> Iterator[bytes]:
    """Every encoding, whole; then with flipped bytes and cut off, the same ones each time."""
    inner = undefined((0x0009, 0x1002), "SQ", b"")
    whole = [
        encoded(one_slice(), "explicit"),
        encoded(one_slice(), "implicit"),
        file_of(compressed(one_slice(), "1.2.840.10008.1.2.5")),
        with_elements(file_of(one_slice()), undefined((0x0009, 0x1001), "SQ", inner, inner)),
    ]
    yield from whole
    chance = np.random.default_rng(3)
    for k in range(400):
        content = bytearray(whole[k % len(whole)])
        for place in chance.integers(132, len(content), chance.integers(0, 4)):
            content[place] = chance.integers(0, 256)
        yield bytes(content[: chance.integers(100, len(content) + 1)])


def all_heads() -> list[str]:
    """The head of each file, or the class of the refusal."""
    found = []
    for content in files():
        try:
            found.append(repr(scan(content, WANTED_TAGS)))
        except NotReadable as error:
            found.append(type(error).__name__)
    return found


if __name__ == "__main__":
    print(json.dumps(all_heads()))  # noqa: T201
