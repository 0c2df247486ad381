"""Several frames at one position (4-D): told apart by what the header names, else by their rank, else not at all."""

import itertools
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from reslice.dicom.layout import FrameRef
from reslice.dicom.moments import SOME_DAY, acquired, at_time, phase_values
from reslice.dicom.tags import GroupTag, Tag
from reslice.dicom.values import Values

Value = tuple[float | str, ...]
Rank = tuple[tuple[tuple[bool, float, str], ...], ...]
Numbered = Sequence[tuple[FrameRef, int]]
"""Frames, each with the number of its position."""

MOST_ATTRIBUTES = 3
"""So many attributes together may tell volumes apart."""


@dataclass(frozen=True)
class Phase:
    """The frames of one of several volumes at the same positions, in order of position."""

    label: str
    frames: tuple[FrameRef, ...]


@dataclass(frozen=True)
class Attribute:
    """An attribute that may name phases: how it is called, and how it is read; an empty value stands for none."""

    name: str
    read: Callable[[FrameRef, Values], Value]


def _numbers(*tags: int) -> Callable[[FrameRef, Values], Value]:
    def read(_: FrameRef, values: Values) -> Value:
        return next((numbers for tag in tags if (numbers := values.numbers(tag))), ())

    return read


def _texts(tag: int) -> Callable[[FrameRef, Values], Value]:
    return lambda _, values: values.texts(tag)


def _single(tag: int) -> Callable[[FrameRef, Values], Value]:
    return lambda _, values: values.singles(tag)


def _reals(tag: int) -> Callable[[FrameRef, Values], Value]:
    return lambda _, values: values.reals(tag)


def _whole(tag: int, size: int) -> Callable[[FrameRef, Values], Value]:
    def read(_: FrameRef, values: Values) -> Value:
        content = values.content(tag)[:size]
        return (int.from_bytes(content, "little"),) if len(content) == size else ()

    return read


def _diffusion(_: FrameRef, values: Values) -> Value:
    """The b-value with its gradient's direction: only together they name a measurement."""
    b_value = values.reals(Tag.DIFFUSION_B_VALUE)
    return (*b_value, *values.reals(Tag.DIFFUSION_ORIENTATION)) if b_value else ()


def _acquisition(ref: FrameRef, values: Values) -> Value:
    return _whole(GroupTag.FRAME_ACQUISITION_NUMBER, 2)(ref, values) or values.numbers(Tag.ACQUISITION_NUMBER)


NOMINAL = (
    Attribute("TemporalPositionIdentifier", _numbers(Tag.TEMPORAL_POSITION)),
    Attribute("TemporalPositionIndex", _whole(GroupTag.TEMPORAL_POSITION_INDEX, 4)),
    Attribute("TemporalPositionTimeOffset", _reals(GroupTag.TEMPORAL_OFFSET)),
    Attribute("NominalCardiacTriggerDelayTime", _reals(GroupTag.CARDIAC_DELAY)),
    Attribute("EchoTime", _numbers(Tag.ECHO_TIME)),
    Attribute("EffectiveEchoTime", _reals(GroupTag.EFFECTIVE_ECHO_TIME)),
    Attribute("EchoNumbers", _numbers(Tag.ECHO_NUMBERS)),
    Attribute("InversionTime", _numbers(Tag.INVERSION_TIME)),
    Attribute("FlipAngle", _numbers(Tag.FLIP_ANGLE)),
    Attribute("DiffusionBValue", _diffusion),
    Attribute("FrameReferenceTime", _numbers(Tag.FRAME_REFERENCE_TIME)),
    Attribute("NominalPercentageOfCardiacPhase", _single(Tag.CARDIAC_PERCENTAGE)),
    Attribute("ConvolutionKernel", _texts(Tag.CONVOLUTION_KERNEL)),
    Attribute("KVP", _numbers(Tag.KVP)),
    Attribute("ImageType", lambda ref, _: ref.description.image_type),
    Attribute("AcquisitionNumber", _acquisition),
)
"""In the order of preference."""


def _content_time(_: FrameRef, values: Values) -> Value:
    return _iso(at_time(values, Tag.CONTENT_DATE, Tag.CONTENT_TIME, SOME_DAY))


def _iso(found: datetime | None) -> Value:
    return () if found is None else (found.isoformat(),)


RANKING = (
    Attribute("TriggerTime", _numbers(Tag.TRIGGER_TIME)),
    Attribute("AcquisitionDateTime", lambda _, values: _iso(acquired(values, SOME_DAY))),
    Attribute("ContentTime", _content_time),
    Attribute("InstanceNumber", lambda ref, _: (ref.instance.number, ref.frame)),
)
"""By which frames at one position are put in order, the first that tells them apart first."""


def values_of(attribute: Attribute, frames: Sequence[FrameRef]) -> list[Value]:
    """The attribute of each frame."""
    return [attribute.read(ref, phase_values(ref.phase)) for ref in frames]


def names_of(parts: Sequence[Sequence[FrameRef]]) -> list[str] | None:
    """What each part is called, by the first nominal attribute that has one value in each, and another in every."""
    for attribute in NOMINAL:
        found = [set(values_of(attribute, part)) for part in parts]
        if all(len(values) == 1 and () not in values for values in found) and len(set().union(*found)) == len(parts):
            keys = [tuple(values) for values in found]
            return [_label((attribute.name,), key, _differing(keys)) for key in keys]
    return None


def by_name(placed: Numbered) -> list[Phase] | None:
    """Phases by the smallest set of nominal attributes whose values each hold every position exactly once."""
    frames = [ref for ref, _ in placed]
    telling = []
    for attribute in NOMINAL:
        values = values_of(attribute, frames)
        if all(values) and len(set(values)) > 1:
            telling.append((attribute.name, values))
    for size in range(1, MOST_ATTRIBUTES + 1):
        for chosen in itertools.combinations(telling, size):
            keys = list(zip(*(values for _, values in chosen), strict=True))
            if _is_complete(keys, placed):
                return _phases(tuple(name for name, _ in chosen), keys, placed)
    return None


def _is_complete(keys: Sequence[tuple[Value, ...]], placed: Numbered) -> bool:
    """Whether each key holds every position exactly once."""
    positions = len({place for _, place in placed})
    held = {(key, place) for key, (_, place) in zip(keys, placed, strict=True)}
    return len(held) == len(placed) == positions * len(set(keys))


def _phases(names: tuple[str, ...], keys: Sequence[tuple[Value, ...]], placed: Numbered) -> list[Phase]:
    found: dict[tuple[Value, ...], list[tuple[int, FrameRef]]] = defaultdict(list)
    for key, (ref, place) in zip(keys, placed, strict=True):
        found[key].append((place, ref))
    differing = _differing(list(found))
    return [Phase(_label(names, key, differing), _in_place(found[key])) for key in sorted(found, key=_sortable)]


def _in_place(frames: list[tuple[int, FrameRef]]) -> tuple[FrameRef, ...]:
    return tuple(ref for _, ref in sorted(frames, key=lambda pair: pair[0]))


def _sortable(key: tuple[Value, ...]) -> Rank:
    """Numbers by their size, before texts."""
    return tuple(
        tuple((isinstance(v, str), 0.0 if isinstance(v, str) else v, v if isinstance(v, str) else "") for v in value)
        for value in key
    )


def _label(names: Sequence[str], key: tuple[Value, ...], differing: Sequence[Sequence[int]]) -> str:
    """Attributes with their values; of a list only what differs between the phases."""
    parts = []
    for name, value, places in zip(names, key, differing, strict=True):
        shown = [_shown(value[place]) for place in places if place < len(value)]
        parts.append(" ".join([name, *(shown or [str(value[0])])]))
    return ", ".join(parts)


def _shown(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:.6g}"


def _differing(keys: Sequence[tuple[Value, ...]]) -> list[list[int]]:
    """For each attribute, at which places of its value the phases differ."""
    found = []
    for values in zip(*keys, strict=True):
        longest = max(map(len, values))
        found.append([k for k in range(longest) if len({value[k : k + 1] for value in values}) > 1])
    return found


def by_rank(placed: Numbered) -> list[Phase] | None:
    """Phases by the order of the frames at each position.

    The order is that of the first attribute of RANKING which every frame has and which tells any two frames at one
    position apart, at every position: two attributes taken together could mix phases. None without such an
    attribute, or where the positions hold different numbers of frames.
    """
    at: dict[int, list[FrameRef]] = defaultdict(list)
    for ref, place in placed:
        at[place].append(ref)
    (count, *different) = {len(refs) for refs in at.values()}
    if different:
        return None
    for attribute in RANKING:
        ordered = [_ranked(attribute, refs) for _, refs in sorted(at.items())]
        if all(len(refs) == count for refs in ordered):
            name = attribute.name
            return [Phase(f"rank by {name}: {k + 1}", tuple(refs[k] for refs in ordered)) for k in range(count)]
    return None


def _ranked(attribute: Attribute, refs: Sequence[FrameRef]) -> list[FrameRef]:
    """The frames in the attribute's order; fewer of them where it is missing, or the same in two."""
    by_value = {_sortable((value,)): ref for value, ref in zip(values_of(attribute, refs), refs, strict=True) if value}
    return [by_value[rank] for rank in sorted(by_value)]


def without_copies(placed: Numbered, look: Callable[[FrameRef], bytes]) -> Numbered:
    """The frames without those whose pixels are the same as those of an earlier one at the same position.

    Pixels are looked at only where a position holds more frames than the emptiest; if all hold as many, then
    first at the middle one alone: a series that was stored twice is twice everywhere.
    """
    counts = Counter(place for _, place in placed)
    least = min(counts.values())
    crowded = {place for place, count in counts.items() if count > least}
    if not crowded:
        middle = sorted(counts)[len(counts) // 2]
        if not _has_copies([ref for ref, place in placed if place == middle], look):
            return placed
        crowded = set(counts)
    seen: set[tuple[int, bytes]] = set()
    return [pair for pair in placed if pair[1] not in crowded or _is_new(pair, seen, look)]


def _has_copies(frames: Sequence[FrameRef], look: Callable[[FrameRef], bytes]) -> bool:
    return len(set(map(look, frames))) < len(frames)


def _is_new(pair: tuple[FrameRef, int], seen: set[tuple[int, bytes]], look: Callable[[FrameRef], bytes]) -> bool:
    key = pair[1], look(pair[0])
    is_new = key not in seen
    seen.add(key)
    return is_new


def without_copied_phases(found: Sequence[Phase], look: Callable[[FrameRef], bytes]) -> list[Phase]:
    """The phases without those all of whose frames have the same pixels as those of an earlier phase.

    Frames that are equal here and there, as blank ones are, don't make a copy.
    """
    middle = len(found[0].frames) // 2
    at_the_middle = Counter(look(phase.frames[middle]) for phase in found)
    if len(at_the_middle) == len(found):
        return list(found)
    kept: dict[tuple[bytes, ...], Phase] = {}
    for phase in found:
        kept.setdefault(tuple(map(look, phase.frames)), phase)
    return list(kept.values())
