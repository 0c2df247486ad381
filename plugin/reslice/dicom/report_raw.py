"""The raw values of a file that may be anything: by the quick look where that reads it, else by pydicom."""

import warnings
from collections.abc import Sequence

from pydicom import charset
from pydicom.valuerep import PN_DELIMS, TEXT_VR_DELIMS

from reslice.dicom import scan
from reslice.dicom.dataset import read_dataset
from reslice.dicom.head import raw_value
from reslice.dicom.values import Values
from reslice.errors import Damaged

CHARACTER_SET = 0x00080005
PARSED = ("parsed",)
"""Of texts that pydicom decoded: they are handed on in UTF-8."""
DIRECT = {"": "latin-1", "ISO_IR 6": "latin-1", "ISO_IR 100": "latin-1", "ISO_IR 192": "utf-8", "parsed": "utf-8"}
"""Character sets that Python decodes by itself; letters of no named one are taken for those of ISO_IR 100."""

Charset = tuple[str, ...]


def read_raw(content: bytes, tags: tuple[int, ...]) -> tuple[Values, Charset]:
    """The wanted elements of the top level, `tags` in ascending order, and their character set. Raises Damaged."""
    try:
        head = scan.scan(content, tags)
    except scan.CutOff as error:
        raise Damaged("The file ends in the middle of an element") from error
    except scan.NotReadable:
        return _parsed(content, tags)
    values = Values(head.values, head.implicit)
    return values, values.texts(CHARACTER_SET)


def _parsed(content: bytes, tags: tuple[int, ...]) -> tuple[Values, Charset]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            dataset = read_dataset(content)
            is_swapped = not dataset.original_encoding[1]
            return Values({tag: raw_value(dataset[tag], is_swapped) for tag in tags if tag in dataset}), PARSED
        except Exception as error:  # a hostile file can make the parser raise anything
            raise Damaged(f"The file can't be read: {type(error).__name__}") from error


def decoded(value: bytes, character_set: Charset, *, is_name: bool = False) -> str:
    """A text without its padding; bytes that its character set doesn't know are replaced (PS3.5 6.1.2)."""
    direct = DIRECT.get(character_set[0] if character_set else "")
    if direct and len(character_set) < 2:
        text = value.decode("utf-8" if not character_set and _is_utf_8(value) else direct, "replace")
    else:
        text = _decoded_by_pydicom(value, character_set, PN_DELIMS | {ord("=")} if is_name else TEXT_VR_DELIMS)
    return text.rstrip("\0 ")


def _is_utf_8(value: bytes) -> bool:
    """Whether a text of no named character set is that, as some writers leave it."""
    try:
        value.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _decoded_by_pydicom(value: bytes, character_set: Sequence[str], delimiters: set[int]) -> str:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            return str(charset.decode_bytes(value, charset.convert_encodings(list(character_set)), delimiters))
        except Exception:  # an unknown character set, or none that fits
            return value.decode("utf-8" if _is_utf_8(value) else "latin-1")
