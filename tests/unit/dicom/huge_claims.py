"""Reads small compressed files in which the header, the codestream or both promise gigabytes.

python -m unit.dicom.huge_claims    prints the class of each refusal
"""

from reslice.errors import ResliceError
from unit.dicom.codestreams import put, reader_of
from unit.dicom.test_codestream import ENCODERS, GREY, sized

if __name__ == "__main__":
    for syntax, encode in ENCODERS.items():
        huge = sized(encode(GREY), 60_000, 60_000)
        for side in (24, 60_000):
            try:
                reader_of(put([huge], syntax, GREY, Rows=side, Columns=side)).stored(0)
            except ResliceError as error:
                print(type(error).__name__)  # noqa: T201
