"""From the instances of a series to its volumes, or the reason why there is none."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace

import numpy as np

from reslice.dicom import phases, placing
from reslice.dicom.grouping import Groups
from reslice.dicom.instance import Instance
from reslice.dicom.layout import FrameRef, LayoutWarning, Other, SeriesLayout, Stack, VolumeLayout
from reslice.dicom.mosaic import is_mosaic
from reslice.dicom.placing import Placed
from reslice.dicom.tags import PHASE_TAGS, Tag
from reslice.dicom.uptake import with_suv

Made = list[VolumeLayout | Stack]
Look = Callable[[FrameRef], bytes]

SEGMENTATION = "SEG"
GATHERED = {
    "single-frame": "Images that stand alone; a volume needs two or more slices of one kind",
    "no-geometry": "Position, orientation or pixel spacing is missing, or can't be right",
    "mixed-size": "The images differ in size",
}
"""Reasons of single images that are gathered into one stack each."""


def arrange(instances: Iterable[Instance], others: Sequence[Other] = (), look: Look | None = None) -> SeriesLayout:
    """Volumes, stacks and others of a series; the order of the instances doesn't matter.

    `look` gives something that is the same only for frames with the same pixels; without it copies aren't noticed.
    """
    rest, groups = list(others), Groups()
    for instance in sorted(instances, key=lambda i: (i.number, i.id)):
        refusal = _no_image(instance)
        if refusal is not None:
            rest.append(Other(instance.id, instance.description.sop_class, *refusal))
        else:
            groups.add(instance)
    made = [one for frames in groups.frames for one in _of_kind(frames, look)]
    volumes = _labelled([one for one in made if isinstance(one, VolumeLayout)])
    volumes.sort(key=lambda v: -len(v.frames))  # else in the order of their kinds' first frames, and of their phases
    stacks = _gathered([one for one in made if isinstance(one, Stack)])
    return with_suv(SeriesLayout(tuple(volumes), stacks, tuple(rest)))


def _labelled(volumes: list[VolumeLayout]) -> list[VolumeLayout]:
    """With the image type in the label of volumes of one shape and direction that differ in it."""
    alike: dict[object, set[tuple[str, ...]]] = defaultdict(set)
    for volume in volumes:
        alike[_look_alike(volume)].add(volume.description.image_type)
    return [_with_image_type(volume, alike[_look_alike(volume)]) for volume in volumes]


def _look_alike(volume: VolumeLayout) -> object:
    return volume.geometry.shape[1:], np.round(volume.geometry.normal, 2).tobytes()


def _with_image_type(volume: VolumeLayout, types: set[tuple[str, ...]]) -> VolumeLayout:
    """What of the image type not all of the types share comes first."""
    own = volume.description.image_type
    differing = [value for k, value in enumerate(own) if len({t[k : k + 1] for t in types}) > 1]
    if not differing or "ImageType" in volume.label:
        return volume
    return replace(volume, label=_joined(f"ImageType {' '.join(differing)}", volume.label))


def _no_image(instance: Instance) -> tuple[str, str] | None:
    if instance.description.modality == SEGMENTATION:
        return "segmentation", "A segmentation: it marks parts of other images"
    return None if instance.is_image else ("not-an-image", "It holds no pixels")


def _of_kind(frames: tuple[FrameRef, ...], look: Look | None) -> Made:
    """What frames of one kind make; those without a place don't keep the others from being a volume."""
    refusal = _refusal(frames)
    if refusal is not None:
        return _stacks(frames, *refusal)
    if len(frames) == 1:
        return [Stack(frames, "single-frame", GATHERED["single-frame"])]
    placed = tuple(ref for ref in frames if ref.position is not None)
    lost = tuple(ref for ref in frames if ref.position is None)
    made: Made = _stacks(lost, "no-geometry", GATHERED["no-geometry"]) if lost else []
    parts = _by_stack_id(placed)
    named = [(f"StackID {name}" if len(parts) > 1 else "", part) for name, part in parts.items()]
    return made + [one for label, part in named for one in _parted(Placed(part), label, look)]


def _refusal(frames: tuple[FrameRef, ...]) -> tuple[str, str] | None:
    """Why none of the frames can be a slice of a volume."""
    d = frames[0].description
    if frames[0].instance.mosaic is None and is_mosaic(d):
        return "mosaic", "The tiles of a mosaic, and nothing in the header that tells where they lie"
    if d.pixels is not None and d.pixels.is_colour:
        return "colour-not-reconstructable", "Colour images can be scrolled, not cut"
    if d.orientation is None or d.spacing is None or all(ref.position is None for ref in frames):
        return "no-geometry", GATHERED["no-geometry"]
    return None


def _stacks(frames: tuple[FrameRef, ...], reason: str, details: str) -> list[VolumeLayout | Stack]:
    """A multi-frame image is a stack of its own, the single frames are one together."""
    clips: dict[str, list[FrameRef]] = defaultdict(list)
    for ref in frames:
        clips[ref.instance.id if ref.instance.frames > 1 else ""].append(ref)
    return [Stack(tuple(clip), reason, details) for clip in clips.values()]


def _by_stack_id(frames: tuple[FrameRef, ...]) -> dict[str, list[FrameRef]]:
    """Frames of different stacks of an enhanced image don't belong together, wherever they lie."""
    place = PHASE_TAGS.index(Tag.STACK_ID)
    found: dict[bytes, list[FrameRef]] = defaultdict(list)
    for ref in frames:
        found[(ref.phase[place] or b"").strip(b"\0 ")].append(ref)
    names = sorted(found, key=lambda name: (len(name), name))
    return {name.decode("latin-1"): found[name] for name in names}


def _parted(placed: Placed, label: str, look: Look | None) -> Made:
    """Side by side, or at the same positions, or one after the other."""
    if not placed.is_line:
        parts = placing.side_by_side(placed)
        if parts is not None:
            return [one for name, part in _named(parts) for one in _parted(part, _joined(label, name), look)]
    positions = placed.positions
    if len(positions) == positions[-1] + 1:
        return _in_a_row(placed, label)
    return _phases(list(zip(placed.frames, positions.tolist(), strict=True)), label, look)


def _phases(frames: phases.Numbered, label: str, look: Look | None) -> Made:
    """Several frames at one position: phases, copies of each other, or nobody knows."""
    found, warnings = _told_apart(frames, look)
    if not found:
        details = "Several frames lie at one position, and nothing tells which of them belong together"
        return [Stack(tuple(ref for ref, _ in frames), "duplicate-positions", details)]
    named = [(phase.label if len(found) > 1 else "", Placed(phase.frames)) for phase in found]
    return [one for name, placed in named for one in _in_a_row(placed, _joined(label, name), warnings)]


def _told_apart(frames: phases.Numbered, look: Look | None) -> tuple[list[phases.Phase], tuple[LayoutWarning, ...]]:
    """The phases, by their names, else by rank after copies have been left out; none where nobody knows."""
    named = phases.by_name(frames)
    if named:
        kept = named if look is None else phases.without_copied_phases(named, look)
        return kept, _copies(sum(len(p.frames) for p in named) - sum(len(p.frames) for p in kept))
    single = frames if look is None else phases.without_copies(frames, look)
    copies = _copies(len(frames) - len(single))
    found = (phases.by_name(single) if copies else None) or []
    if found or not _has_room(single):
        return found, copies
    ranked = phases.by_rank(single) or []
    return ranked, (*copies, _RANKED) if len(ranked) > 1 else copies


_RANKED = LayoutWarning(
    "split-by-rank", "Nothing in the headers names the phases; they are told apart by the order of the frames"
)


def _has_room(frames: phases.Numbered) -> bool:
    """Whether there is more than one position: frames that all lie at one make no volume."""
    return len({place for _, place in frames}) > 1


def _named(parts: Sequence[Placed]) -> list[tuple[str, Placed]]:
    """Parts of one kind with what tells them apart, or their numbers; none for a part that is alone."""
    numbers = [f"part {k + 1} of {len(parts)}" for k in range(len(parts))] if len(parts) > 1 else [""]
    names = phases.names_of([part.frames for part in parts]) if len(parts) > 1 else None
    return list(zip(names or numbers, parts, strict=True))


def _joined(*texts: str) -> str:
    return ", ".join(text for text in texts if text)


def _copies(count: int) -> tuple[LayoutWarning, ...]:
    if not count:
        return ()
    details = f"Left out: {count} frames whose pixels are those of another at the same position"
    return (LayoutWarning("duplicate-frames", details),)


def _in_a_row(placed: Placed, label: str, warnings: tuple[LayoutWarning, ...] = ()) -> Made:
    """Frames at different positions: one volume, several, or a stack."""
    if len(placed.frames) == 1:
        return [Stack(placed.frames, "single-frame", GATHERED["single-frame"])]
    halves = None if placed.is_line and placed.is_even else placing.interleaved(placed)
    if halves is not None:
        return [placing.volume(half, _joined(label, name), warnings) for name, half in _named(halves)]
    if placed.is_line:
        return [placing.volume(placed, label, warnings)]
    return _off_the_line(placed, label, warnings)


def _off_the_line(placed: Placed, label: str, warnings: tuple[LayoutWarning, ...]) -> Made:
    """Split at a break, or without the few frames that lie elsewhere, or no volume at all."""
    parts = placing.broken(placed)
    if parts is not None:
        told = (*warnings, _BROKEN)
        return [placing.volume(part, _joined(label, name), told) for name, part in _named(parts)]
    on, off = placing.apart_from_the_line(placed)
    details = "The slices' origins don't lie on one line"
    if on is None:
        return [Stack(placed.frames, "irregular-positions", details)]
    told = (*warnings, LayoutWarning("off-the-line", f"Left out, since they lie elsewhere: {len(off)} of the slices"))
    return [*_in_a_row(on, label, told), Stack(off, "irregular-positions", details)]


_BROKEN = LayoutWarning(
    "split-at-break", "The slices' origins jump aside; what lies on either side is a volume of its own"
)


def _gathered(stacks: list[Stack]) -> tuple[Stack, ...]:
    """Single images that stand alone for one reason, together; other stacks as they are."""
    singles: dict[str, list[FrameRef]] = defaultdict(list)
    kept = []
    for stack in stacks:
        if stack.reason in GATHERED and all(ref.instance.frames == 1 for ref in stack.frames):
            singles[stack.reason].extend(stack.frames)
        else:
            kept.append(stack)
    for reason, frames in singles.items():
        frames.sort(key=lambda ref: (ref.instance.number, ref.instance.id))
        kept.append(_single(frames, reason))
    kept.sort(key=lambda s: (s.frames[0].instance.number, s.frames[0].instance.id))
    return tuple(kept)


def _single(frames: list[FrameRef], reason: str) -> Stack:
    """One stack of single images; where they differ in nothing but their size, that is the reason."""
    sizes = {(p.rows, p.columns) for ref in frames if (p := ref.description.pixels) is not None}
    orientations = {ref.description.orientation for ref in frames}
    if reason == "single-frame" and len(sizes) == len(frames) > 1 and len(orientations) == 1:
        reason = "mixed-size"
    return Stack(tuple(frames), reason, GATHERED[reason])
