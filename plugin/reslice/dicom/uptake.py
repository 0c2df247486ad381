"""SUV of the volumes and stacks of a series: decay counts from one moment for all of them."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from reslice.dicom.layout import FrameRef, SeriesLayout
from reslice.dicom.moments import acquired_by_the_clock, phase_values
from reslice.dicom.suv import Suv, suv_of


def with_suv(layout: SeriesLayout) -> SeriesLayout:
    """A series whose PET volumes and stacks have the factor to SUVbw, or the reason why there is none."""
    frames = [ref for ref, _, _ in layout.slices if ref.description.suv is not None]
    if not frames:
        return layout
    acquisitions = [acquired_by_the_clock(phase_values(ref.phase)) for ref in frames]
    volumes = tuple(replace(v, suv=_suv(v.frames, acquisitions)) for v in layout.volumes)
    stacks = tuple(replace(s, suv=_suv(s.frames, acquisitions)) for s in layout.stacks)
    return replace(layout, volumes=volumes, stacks=stacks)


def _suv(frames: Iterable[FrameRef], acquisitions: list[datetime | None]) -> Suv | None:
    headers = {ref.description.suv for ref in frames} - {None}
    if not headers:
        return None
    return suv_of(headers.pop(), acquisitions) if len(headers) == 1 else Suv(None, "inconsistent-headers")
