"""A volume in memory, with what is known of it."""

from dataclasses import dataclass
from functools import cached_property

from reslice.dicom.layout import LayoutWarning, VolumeLayout, damage
from reslice.dicom.voxels import has_common_values
from reslice.imaging.voi import Window, automatic
from reslice.imaging.volume import Volume


@dataclass(frozen=True, eq=False)
class LoadedVolume:
    """A volume with the layout that it was made by."""

    layout: VolumeLayout
    volume: Volume
    series_warnings: tuple[LayoutWarning, ...] = ()
    is_final: bool = True

    @cached_property
    def holds_stored_values(self) -> bool:
        """Whether each slice equals its stored frame to the last bit, type and padding included."""
        return self.volume.voxels.dtype.kind == "i" and has_common_values(self.layout)

    @property
    def warnings(self) -> tuple[LayoutWarning, ...]:
        """What the reader should know of the volume."""
        return (*self.layout.warnings, *self.layout.losses, *damage(self.volume.absent), *self.series_warnings)

    @cached_property
    def automatic_window(self) -> Window:
        """The window by the percentiles of all its voxels."""
        return automatic(self.volume)
