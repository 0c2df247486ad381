"""Reads compressed files where no codec is installed.

python -m unit.dicom.no_codecs    prints as JSON what comes of them
"""

import json

import numpy as np

from phantoms import compressed, image
from reslice.dicom.decoding import decoders
from reslice.dicom.frames import FrameReader
from reslice.errors import Damaged, Undecodable
from reslice.web.problems import status_of
from unit.dicom.files import read

PIXELS = np.arange(48, dtype=np.uint16).reshape(6, 8)


def main() -> dict[str, object]:
    """Everything at once."""
    result: dict[str, object] = {"available": [name for name, is_there in decoders().items() if is_there]}
    coded = compressed(image(PIXELS), "1.2.840.10008.1.2.5")
    found, content = read(coded)
    try:
        FrameReader(found, content).stored(0)
    except Undecodable as error:
        result |= {"rle": error.facts, "status": status_of(error)}
    result["asked"] = bool((FrameReader(found, content, lambda _, __: PIXELS).stored(0) == PIXELS).all())
    result["native"] = bool((FrameReader(*read(image(PIXELS))).stored(0) == PIXELS).all())
    coded.Rows = 60_000
    try:
        FrameReader(*read(coded)).stored(0)
    except Damaged as error:
        result["lies"] = type(error).__name__
    return result


if __name__ == "__main__":
    print(json.dumps(main()))  # noqa: T201
