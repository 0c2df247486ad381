"""Reads a small run-length coded file whose header promises 40000 x 40000 pixels.

python -m unit.dicom.huge_rle    prints the class of the refusal
"""

from phantoms import compressed
from reslice.errors import Damaged
from unit.dicom.files import one_slice, read, stored_frame

if __name__ == "__main__":
    dataset = compressed(one_slice(), "1.2.840.10008.1.2.5")
    dataset.Rows = dataset.Columns = 40_000
    try:
        found, content = read(dataset)
        stored_frame(found, content, 0)
    except Damaged as error:
        print(type(error).__name__)  # noqa: T201
