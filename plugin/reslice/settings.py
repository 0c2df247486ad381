"""The "Reslice" section of Orthanc's configuration: one sentence and a safe default for each setting."""

import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator
from pydantic.alias_generators import to_pascal

MEBIBYTE = 1 << 20
LEAST_METADATA, LARGEST_METADATA = 1024, 65535
"""Numbers that Orthanc leaves to its users."""


ORIGIN = re.compile(r"[a-z][a-z0-9+.-]*://[^/?#\s@A-Z]+")
"""Scheme, host and port (RFC 6454), in small letters."""

CONTAINER_LIMIT = Path("/sys/fs/cgroup/memory.max")
"""Where Linux tells a container how much memory it may use; "max" where there is no bound."""


def _memory_of_the_machine() -> int:
    """Bytes, or those of the container if it has fewer."""
    physical = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    limit = CONTAINER_LIMIT.read_text().strip() if CONTAINER_LIMIT.is_file() else ""
    return min(physical, int(limit)) if limit.isdigit() else physical


def _quarter_of_the_memory() -> int:
    return max(256, _memory_of_the_machine() // 4 // MEBIBYTE)


def _processors() -> int:
    """Those that this process may use."""
    return len(os.sched_getaffinity(0))


class SettingsModel(BaseModel):
    """A group of settings: frozen, CamelCase in JSON, unknown keys refused."""

    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=to_pascal, populate_by_name=True)


class Preset(SettingsModel):
    """A named display window in modality units; with a `unit` it is for values in that unit only."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    center: float = Field(allow_inf_nan=False)
    width: float = Field(gt=0, allow_inf_nan=False)
    function: Literal["LINEAR", "LINEAR_EXACT", "SIGMOID"] = "LINEAR"
    unit: str | None = None


def _ct_presets() -> tuple[Preset, ...]:
    """The windows that CT readers have in their hands, in HU."""
    table = (
        ("soft-tissue", 40, 400),
        ("lung", -600, 1500),
        ("bone", 350, 2000),
        ("brain", 40, 80),
        ("mediastinum", 40, 400),
        ("liver", 90, 150),
        ("angio", 300, 600),
    )
    return tuple(Preset(name=name, center=center, width=width) for name, center, width in table)


def _pet_presets() -> tuple[Preset, ...]:
    """From no uptake to so many SUV; such small numbers need a line without LINEAR's half a unit."""
    return tuple(
        Preset(name=f"suv-{most}", center=most / 2, width=most, function="LINEAR_EXACT", unit="g/ml")
        for most in (5, 7, 10, 20)
    )


def _presets_by_modality() -> dict[str, tuple[Preset, ...]]:
    return {"CT": _ct_presets(), "PT": _pet_presets()}


class Settings(SettingsModel):
    """All settings of Reslice; every one may be left out."""

    cache_megabytes: int = Field(
        default_factory=_quarter_of_the_memory, ge=1, description="Memory for volumes kept ready, in MiB."
    )
    largest_volume_megabytes: int = Field(
        default_factory=_quarter_of_the_memory,
        ge=1,
        description="A volume larger than this is refused, in MiB.",
    )
    loading_threads: int = Field(
        default_factory=_processors, ge=1, le=256, description="Threads that decode compressed images."
    )
    rendering_threads: int = Field(
        default_factory=_processors, ge=1, le=256, description="Threads that work on one large picture together."
    )
    largest_side: int = Field(
        default=4096, ge=64, le=16384, description="Largest width and height of an image that is asked for."
    )
    largest_answer_megabytes: int = Field(
        default=1024, ge=1, description="Largest file of voxels that is made for one request, in MiB."
    )
    window_presets: dict[str, tuple[Preset, ...]] = Field(
        default_factory=_presets_by_modality, description="Named windows for each modality."
    )
    jpeg_quality: int = Field(default=90, ge=1, le=100, description="Quality of JPEG images unless asked for.")
    thumbnail_size: int = Field(
        default=128, ge=16, le=1024, description="Longer side of a thumbnail unless asked for, in pixels."
    )
    pass_through_parameters: tuple[str, ...] = Field(
        default=("token",), description="Query parameters that are accepted and ignored everywhere."
    )
    allowed_origins: tuple[str, ...] = Field(
        default=(), description="Origins, other than the server's own, whose pages may write."
    )
    metadata_range: tuple[int, int] = Field(
        default=(50000, 59999),
        description="First and last number of the metadata entries that hold measurements.",
    )
    anonymous_author: str = Field(
        default="anonymous", min_length=1, max_length=256, description="Author of measurements where nobody is known."
    )
    trusted_user_header: str = Field(
        default="",
        pattern=r"^[A-Za-z0-9-]*$",
        description="Header in which a proxy in front of Orthanc tells who asks; only if clients can't send it.",
    )
    largest_region_voxels: int = Field(
        default=50_000_000, ge=1000, description="Voxels that one measurement may count at most."
    )
    change_callback: bool = Field(
        default=True,
        description="Whether deleted series leave the memory at once, by Orthanc's change callback.",
    )
    explorer_buttons: bool = Field(
        default=True, description="Whether Orthanc Explorer gets thumbnails, buttons and measurements."
    )
    viewer_link: bool = Field(default=True, description="Whether Orthanc's list of plugins links to the viewer page.")

    @field_validator("allowed_origins")
    @classmethod
    def _are_origins(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        wrong = [origin for origin in value if not ORIGIN.fullmatch(origin)]
        if wrong:
            raise ValueError(f"{wrong[0]!r} isn't an origin, as browsers send it: https://viewer.example.org, no path")
        return value

    @field_validator("metadata_range")
    @classmethod
    def _is_a_range_of_user_metadata(cls, value: tuple[int, int]) -> tuple[int, int]:
        first, last = value
        if not LEAST_METADATA <= first < last <= LARGEST_METADATA:
            raise ValueError(f"two numbers from {LEAST_METADATA} to {LARGEST_METADATA}, the smaller first")
        return value

    @classmethod
    def from_configuration(cls, section: Mapping[str, object]) -> "Settings":
        """Read the section; raise ValueError with one clear line when it can't be used."""
        try:
            return cls.model_validate(dict(section))
        except ValidationError as error:
            problems = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
            raise ValueError(f'Section "Reslice" of the configuration: {problems}') from None
