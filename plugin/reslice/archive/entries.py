"""Measurements as texts: one record is one entry of its study, and what is no record of ours is left alone."""

import json
import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from reslice.errors import TooLarge

MARK = '{"reslice":1'
"""What a text of ours begins with; whatever begins otherwise belongs to somebody else."""
HEAD = re.compile(r'\{"reslice":1,"Id":"([0-9a-f-]{36})",(?:"Revision":\d+,"(DeletedAt)":)?')
"""How each text of ours begins, and each tombstone: enough to tell most apart without reading them."""
LARGEST_TEXT = 64 << 10
"""Bytes of one entry. Large regions are stored as masks, not as points."""
ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")

Record = dict[str, Any]


@dataclass(frozen=True)
class Entry:
    """One entry of ours: its number, its text as stored, and what the text says."""

    number: int
    text: str
    content: Record

    @classmethod
    def of(cls, number: int, text: str) -> "Entry":
        """Read a text of ours. Raises ValueError when it can't be read."""
        return cls(number, text, content_of(text))

    @property
    def id(self) -> str:
        """The record's UUID."""
        return str(self.content["Id"])

    @property
    def revision(self) -> int:
        """1 when it was made, one more at each change."""
        return int(self.content["Revision"])

    @property
    def is_tombstone(self) -> bool:
        """Whether it only remembers that the record was deleted."""
        return "DeletedAt" in self.content

    def is_older_than(self, age: timedelta, now: datetime) -> bool:
        """Whether it is a tombstone of at least this age."""
        return self.is_tombstone and now - datetime.fromisoformat(self.content["DeletedAt"]) >= age

    @property
    def record(self) -> Record:
        """The record, without the mark of its storage."""
        return {name: value for name, value in self.content.items() if name != "reslice"}


def time_text(moment: datetime) -> str:
    """UTC to the millisecond, as `2026-11-24T13:37:00.123Z`."""
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{moment.microsecond // 1000:03d}Z"


def text_of(record: Mapping[str, Any]) -> str:
    """The text of a record or of a tombstone: compact JSON in ASCII, the mark first, `Stale` left out.

    Raises TooLarge (`record-too-large`), and ValueError for what isn't JSON.
    """
    own = {name: value for name, value in record.items() if name not in ("reslice", "Stale")}
    text = json.dumps({"reslice": 1, **own}, allow_nan=False, separators=(",", ":"))
    if len(text) > LARGEST_TEXT:
        raise TooLarge(
            f"The record has {len(text)} bytes, at most {LARGEST_TEXT} are kept",
            reason="record-too-large",
            Limit=LARGEST_TEXT,
        )
    return text


def content_of(text: str) -> Record:
    """What a text of ours says. Raises ValueError when it is no record and no tombstone of a readable form."""
    try:
        content = json.loads(text, parse_constant=_refused, parse_float=_finite)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    if type(content) is not dict or content.get("reslice") != 1:
        raise ValueError("not of a version that is known here")
    wrong = _tombstone_problems(content) if "DeletedAt" in content else _record_problems(content)
    if wrong:
        raise ValueError(f"missing or wrong: {', '.join(wrong)}")
    return content


def _refused(constant: str) -> float:
    raise ValueError(f"{constant} is no number")


def _finite(text: str) -> float:
    number = float(text)
    if not math.isfinite(number):
        raise ValueError(f"{text[:20]} is too large a number")
    return number


Check = Callable[[Any], bool]


def _is_id(value: Any) -> bool:
    return isinstance(value, str) and ID.fullmatch(value) is not None


def _is_revision(value: Any) -> bool:
    return type(value) is int and value >= 1


def _is_time(value: Any) -> bool:
    if not isinstance(value, str) or not TIME.fullmatch(value):
        return False
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_text_or_null(value: Any) -> bool:
    return value is None or isinstance(value, str)


def _is_object(value: Any) -> bool:
    return value is None or isinstance(value, dict)


def _is_index(value: Any) -> bool:
    return value is None or (type(value) is int and value >= 0)


def _are_values(values: Any) -> bool:
    """A list of {"Name", "Value", "Unit", ...}."""
    return isinstance(values, list) and all(
        isinstance(value, dict)
        and isinstance(value.get("Name"), str)
        and isinstance(value.get("Unit"), str)
        and type(value.get("Value")) in (int, float)
        for value in values
    )


REQUIRED: tuple[tuple[str, Check], ...] = (
    ("Id", _is_id),
    ("Revision", _is_revision),
    ("Type", _is_text),
    ("Tool", _is_text),
    ("Values", _are_values),
    ("RequestDigest", _is_text),
    ("CreatedAt", _is_time),
    ("UpdatedAt", _is_time),
)
OPTIONAL: tuple[tuple[str, Check], ...] = (
    *((name, _is_text_or_null) for name in ("TrackingUID", "Study", "Series", "Label", "Description")),
    *((name, _is_text_or_null) for name in ("InputsDigest", "SeriesDigest", "Author", "UpdatedBy")),
    *((name, _is_object) for name in ("Image", "Plane", "Geometry", "Finding", "Site", "Calibration")),
    *((name, _is_object) for name in ("Method", "Source")),
    ("Volume", _is_index),
)
OF_A_TOMBSTONE: tuple[tuple[str, Check], ...] = (("Id", _is_id), ("Revision", _is_revision), ("DeletedAt", _is_time))


def _record_problems(content: Record) -> list[str]:
    """The keys that readers rely on and whose values are missing or of a wrong type."""
    wrong = [name for name, is_right in REQUIRED if not is_right(content.get(name))]
    return wrong + [name for name, is_right in OPTIONAL if name in content and not is_right(content[name])]


def _tombstone_problems(content: Record) -> list[str]:
    return [name for name, is_right in OF_A_TOMBSTONE if not is_right(content.get(name))]


@dataclass(frozen=True)
class Contents:
    """A study's entries sorted out: what counts for each id, what doesn't, and what can't be read."""

    current: Mapping[str, Entry]
    outdone: tuple[Entry, ...]
    corrupt: Mapping[int, str]
    taken: frozenset[int]
    unread_live: int = 0

    @classmethod
    def concerning(cls, uuid: str, texts: Mapping[int, str], numbers: range) -> "Contents":
        """The same for a new record: of the others only tombstones are read, and what one of these may hide.

        The rest is only counted, by how its texts begin; reading 2,000 of them takes ten times as long.
        """
        own = {number: text for number, text in texts.items() if number in numbers and text.startswith(MARK)}
        heads = {number: match for number, text in own.items() if (match := HEAD.match(text)) is not None}
        deleted = {match[1] for match in heads.values() if match[2] is not None}
        hidden = {number for number, match in heads.items() if match[1] in deleted}
        read = {number: text for number, text in own.items() if number in hidden or uuid in text}
        contents = cls.of(read, numbers)
        return replace(contents, taken=frozenset(texts), unread_live=len(heads.keys() - read.keys()))

    @classmethod
    def of(cls, texts: Mapping[int, str], numbers: range) -> "Contents":
        """Of a study's texts under these numbers. Of entries with one id the highest revision counts."""
        ours, corrupt = _readable(texts, numbers)
        current: dict[str, Entry] = {}
        outdone: list[Entry] = []
        for entry in sorted(ours, key=_precedence):
            if entry.id in current:
                outdone.append(current[entry.id])
            current[entry.id] = entry
        return cls(current, tuple(outdone), corrupt, frozenset(texts))

    @property
    def live(self) -> list[Record]:
        """The records that aren't deleted, in the order of their making."""
        records = [entry.record for entry in self.current.values() if not entry.is_tombstone]
        return sorted(records, key=lambda record: (record["CreatedAt"], record["Id"]))

    @property
    def live_count(self) -> int:
        """How many these are, with those that weren't read."""
        return self.unread_live + sum(not entry.is_tombstone for entry in self.current.values())

    def without(self, entries: Iterable[Entry]) -> "Contents":
        """The same after these entries, which hide no other, have been cleared away."""
        gone = {entry.number for entry in entries}
        current = {name: entry for name, entry in self.current.items() if entry.number not in gone}
        return replace(self, current=current, taken=self.taken - gone)

    def having(self, entry: Entry) -> "Contents":
        """The same with a new entry of an id that it didn't hold."""
        return replace(self, current={**self.current, entry.id: entry}, taken=self.taken | {entry.number})

    @property
    def errors(self) -> tuple[Record, ...]:
        """What lies there and is no record, each with its entry's number, a reason and a sentence."""
        unread = [_error(number, "corrupt-entry", why) for number, why in self.corrupt.items()]
        doubled = [
            _error(entry.number, "duplicate-id", f"Another entry of {entry.id} has a higher revision or number")
            for entry in self.outdone
            if not entry.is_tombstone
        ]
        return tuple(sorted([*unread, *doubled], key=lambda error: error["Entry"]))

    @property
    def superseded_ids(self) -> frozenset[str]:
        """Ids of which there is more than one entry: the one that counts hides another."""
        return frozenset(entry.id for entry in self.outdone)


def _error(number: int, reason: str, details: str) -> Record:
    return {"Entry": number, "Reason": reason, "Details": details}


def _precedence(entry: Entry) -> tuple[int, bool, int]:
    """Later in this order counts; a deletion counts more than a change of the same revision."""
    return entry.revision, entry.is_tombstone, entry.number


def _readable(texts: Mapping[int, str], numbers: range) -> tuple[list[Entry], dict[int, str]]:
    """Entries of ours, and why the others of ours can't be read."""
    ours: list[Entry] = []
    corrupt: dict[int, str] = {}
    for number in sorted(n for n, text in texts.items() if n in numbers and text.startswith(MARK)):
        try:
            ours.append(Entry.of(number, texts[number]))
        except ValueError as error:
            corrupt[number] = f"The entry can't be read: {error}"
    return ours, corrupt
