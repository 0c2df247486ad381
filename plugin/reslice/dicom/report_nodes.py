"""The content tree of a structured report, read leniently out of raw values (PS3.3 C.17.3).

Nothing is followed by reference and nothing calls itself, so neither depth nor a cycle can do harm.
"""

import math
import re
from datetime import datetime
from functools import cached_property

from reslice.dicom.report_items import Code, ReportImage
from reslice.dicom.report_raw import CHARACTER_SET, PARSED, Charset, decoded
from reslice.dicom.uids import is_uid
from reslice.dicom.values import Values

LONGEST_SCHEME, LONGEST_CODE, LONGEST_MEANING = 16, 256, 256
"""Characters; a longer code value is none, the others are cut."""

SCHEME, MEANING = 0x00080102, 0x00080104
CODE_VALUES = (0x00080100, 0x00080119, 0x00080120)
"""Code value, long code value, URN code value."""
REFERENCED_SOP_SEQUENCE, REFERENCED_SOP_CLASS, REFERENCED_SOP_INSTANCE = 0x00081199, 0x00081150, 0x00081155
REFERENCED_FRAME_NUMBER = 0x00081160
VALUE_TYPE, CONCEPT_NAME, CONCEPT_CODE, CONTENT = 0x0040A040, 0x0040A043, 0x0040A168, 0x0040A730
OBSERVED, UID_VALUE, PERSON_NAME, TEXT = 0x0040A032, 0x0040A124, 0x0040A123, 0x0040A160
MEASURED_VALUE, UNITS, NUMERIC_VALUE, FLOATING_VALUE = 0x0040A300, 0x004008EA, 0x0040A30A, 0x0040A161
GRAPHIC_DATA, GRAPHIC_TYPE, PIXEL_ORIGIN, FRAME_OF_REFERENCE = 0x00700022, 0x00700023, 0x00480301, 0x30060024

DATE_TIME = re.compile(r"(\d{8})((?:\d\d){0,3})(?:\.(\d{1,6}))?([+-]\d{4})?", re.ASCII)
"""Those DT values that tell a day at least."""


class Node:
    """One content item."""

    def __init__(self, values: Values, charset: Charset) -> None:
        self._values = values
        is_own = charset != PARSED and values.has(CHARACTER_SET)
        self._charset = values.texts(CHARACTER_SET) if is_own else charset
        self.value_type = values.text(VALUE_TYPE)

    @cached_property
    def children(self) -> list["Node"]:
        """The items below. Raises Damaged."""
        return [Node(item, self._charset) for item in self._values.sequence(CONTENT)]

    @cached_property
    def name(self) -> Code | None:
        """The concept name. Raises Damaged."""
        return self._code(self._values, CONCEPT_NAME)

    def is_named(self, *concepts: Code) -> bool:
        """Whether the concept name is one of these, whatever its meaning says. Raises Damaged."""
        name = self.name
        return name is not None and any((name.scheme, name.code) == (c.scheme, c.code) for c in concepts)

    def code(self) -> Code | None:
        """The value of a CODE item. Raises Damaged."""
        return self._code(self._values, CONCEPT_CODE)

    def _code(self, values: Values, tag: int) -> Code | None:
        for found in values.sequence(tag)[:1]:
            texts = [decoded(found.content(t), self._charset).strip() for t in (SCHEME, MEANING, *CODE_VALUES)]
            scheme, meaning, value = *texts[:2], next(filter(None, texts[2:]), "")
            is_sound = value and len(value) <= LONGEST_CODE
            return Code(scheme[:LONGEST_SCHEME], value, meaning[:LONGEST_MEANING]) if is_sound else None
        return None

    def text(self) -> str:
        """The value of a TEXT or PNAME item."""
        is_name = self.value_type == "PNAME"
        return decoded(self._values.content(PERSON_NAME if is_name else TEXT), self._charset, is_name=is_name)

    def uid(self) -> str:
        """The value of a UIDREF item; empty where it is no UID."""
        return sound_uid(self._values.text(UID_VALUE))

    def observed(self) -> datetime | None:
        """When it was observed; None where that isn't told."""
        return moment(self._values.text(OBSERVED))

    def number(self) -> tuple[float, Code] | None:
        """The value and unit of a NUM item; None where it holds no finite number. Raises Damaged."""
        for measured in self._values.sequence(MEASURED_VALUE)[:1]:
            exact = measured.reals(FLOATING_VALUE)
            number = exact[0] if exact else measured.number(NUMERIC_VALUE, math.nan)
            unit = self._code(measured, UNITS) or Code("UCUM", "1", "")
            return (number, unit) if math.isfinite(number) else None
        return None

    def graphic(self) -> tuple[str, tuple[float, ...]]:
        """The graphic type and the coordinates of an SCOORD or SCOORD3D item; none where one isn't finite."""
        return self._values.text(GRAPHIC_TYPE).upper(), self._values.singles(GRAPHIC_DATA)

    def is_of_slide(self) -> bool:
        """Whether coordinates count over the whole matrix of a tiled image (PS3.3 C.18.6.1)."""
        return self._values.text(PIXEL_ORIGIN) == "VOLUME"

    def frame_of_reference(self) -> str:
        """What the coordinates of an SCOORD3D item are in; empty where that isn't told."""
        return sound_uid(self._values.text(FRAME_OF_REFERENCE))

    def references(self) -> tuple[ReportImage, int] | None:
        """The first image, without its series, and how many frames of it are meant. Raises Damaged."""
        for found in self._values.sequence(REFERENCED_SOP_SEQUENCE)[:1]:
            frames = [int(n) for n in found.numbers(REFERENCED_FRAME_NUMBER) if 1 <= n < 1 << 31]
            instance = sound_uid(found.text(REFERENCED_SOP_INSTANCE))
            image = ReportImage(found.text(REFERENCED_SOP_CLASS), instance, "", frames[0] if frames else None)
            return (image, len(frames)) if instance else None
        return None


def sound_uid(text: str) -> str:
    """The text, if it is a UID (PS3.5 9.1)."""
    return text if is_uid(text) else ""


def moment(text: str) -> datetime | None:
    """A DT value, with a zone where it has one; None where it can't be read."""
    found = DATE_TIME.fullmatch(text)
    if not found:
        return None
    date, time, fraction, zone = found.groups()
    try:
        return datetime.strptime(
            f"{date}{time:0<6}{(fraction or '0'):0<6}{zone or ''}",
            "%Y%m%d%H%M%S%f%z" if zone else "%Y%m%d%H%M%S%f",
        )
    except ValueError:
        return None
