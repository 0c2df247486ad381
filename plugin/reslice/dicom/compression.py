"""Whether an image has ever been compressed with loss, how far and how (PS3.3 C.7.6.1.1.5)."""

from collections.abc import Sequence
from dataclasses import dataclass

from reslice.dicom.tags import Tag
from reslice.dicom.values import Values

FAMILY = "1.2.840.10008.1.2.4."
"""How the transfer syntaxes of JPEG and its relatives begin (PS3.5 A.4); their numbers follow."""
ALWAYS = {
    **dict.fromkeys((*range(50, 57), *range(59, 65)), "ISO_10918_1"),
    111: "ISO_10918_1",  # JPEG recompressed as JPEG XL
    **dict.fromkeys((100, 101), "ISO_13818_2"),
    **dict.fromkeys(range(102, 107), "ISO_14496_10"),
    **dict.fromkeys((107, 108), "ISO_23008_2"),
}
"""Those that can't do without loss, and their methods."""
AT_WILL = {81: "ISO_14495_1", 91: "ISO_15444_1", 93: "ISO_15444_2", 112: "ISO_18181_1", 203: "ISO_15444_15"}
"""Those that may lose or keep everything."""

METHODS = {
    "ISO_10918_1": "JPEG",
    "ISO_13818_2": "MPEG-2",
    "ISO_14495_1": "JPEG-LS",
    "ISO_14496_10": "H.264",
    "ISO_15444_1": "JPEG 2000",
    "ISO_15444_15": "high-throughput JPEG 2000",
    "ISO_15444_2": "JPEG 2000, part 2",
    "ISO_18181_1": "JPEG XL",
    "ISO_23008_2": "H.265",
}
"""The defined terms (PS3.3 C.7.6.1.1.5.1): others are free text, which is passed over."""
LOST, KEPT = frozenset({"01", "1"}), frozenset({"00", "0"})
MOST_RATIO = 1e5
"""Beyond this a ratio is an error of the header."""


@dataclass(frozen=True)
class LossyCompression:
    """The steps by which an image lost detail: the ratio of each (20.0 for 20:1), and the methods' defined terms.

    Either may be empty, where the file doesn't tell. `is_certain`: not only the transfer syntax lets it be expected.
    """

    ratios: tuple[float, ...]
    methods: tuple[str, ...]
    is_certain: bool

    @property
    def ratio(self) -> float | None:
        """The greatest of the steps': each is measured against uncompressed pixels, so they don't multiply."""
        return max(self.ratios, default=None)


def lossy_compression(values: Values, transfer_syntax: str) -> LossyCompression | None:
    """What the header tells, and else the transfer syntax; None where nothing was lost, as far as is known."""
    flag, number = values.text(Tag.LOSSY_IMAGE_COMPRESSION), _number(transfer_syntax)
    ratios = tuple(r for r in values.numbers(Tag.LOSSY_IMAGE_COMPRESSION_RATIO) if 0 < r <= MOST_RATIO)
    methods = tuple(m for m in values.texts(Tag.LOSSY_IMAGE_COMPRESSION_METHOD) if m in METHODS)
    by_syntax = tuple(syntaxes[number] for syntaxes in (ALWAYS, AT_WILL) if number in syntaxes)
    is_certain = number in ALWAYS or flag in LOST or (flag not in KEPT and bool(ratios or methods))
    if is_certain or (number in AT_WILL and flag not in KEPT):
        return LossyCompression(ratios, methods or by_syntax, is_certain)
    return None


def _number(transfer_syntax: str) -> int:
    """The number within the family; those of fragmentable video have one more behind it."""
    first = transfer_syntax.removeprefix(FAMILY).split(".")[0] if transfer_syntax.startswith(FAMILY) else ""
    return int(first) if first.isdecimal() and first.isascii() else 0


def greatest(found: Sequence[LossyCompression]) -> LossyCompression:
    """The one of several images that lost most, as far as is told; a certain one before one that isn't."""
    return max(found, key=lambda c: (c.is_certain, c.ratio or 0.0))


def in_words(found: LossyCompression, count: int, of: int) -> str:
    """What is true of so many of some images: at most of those that lost it, where there are several."""
    images = f"{count} of {of} images" if of > 1 else "The image"
    verb = ("were" if of > 1 else "was") if found.is_certain else "may have been"
    ratios = ", then ".join(f"{ratio:.3g}:1" for ratio in found.ratios)
    how_far = f" by {'up to ' if count > 1 else ''}{ratios}" if ratios else ""
    methods = ", then ".join(METHODS[method] for method in found.methods)
    how = f" ({methods})" if methods else ""
    doubt = "" if found.is_certain else ": its transfer syntax allows it, and the file doesn't tell"
    return f"{images} {verb} compressed with loss of detail{how_far}{how}{doubt}"
