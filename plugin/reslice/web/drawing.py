"""Overlays and shutters on the picture of a stored frame, on demand."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from reslice.archive.identity import Identity
from reslice.dicom.layout import FrameRef, LayoutWarning
from reslice.dicom.overlays import Graphics, read_graphics
from reslice.imaging.overlay import with_overlays, with_shutter
from reslice.imaging.plane import ImagePlane
from reslice.web.parameters import SliceParameters
from reslice.web.services import Services


@dataclass(frozen=True, eq=False)
class Drawing:
    """What is drawn over a frame that lies on `plane`."""

    graphics: Graphics
    plane: ImagePlane

    def on(self, image: NDArray[np.uint8], where: ImagePlane) -> NDArray[np.uint8]:
        """The picture, already windowed and on `where`, with the shutter closed and overlays above it."""
        if self.graphics.shutter is not None:
            image = with_shutter(image, self.graphics.shutter, self.plane, where)
        return with_overlays(image, self.graphics.overlays, self.plane, where)

    @property
    def warnings(self) -> tuple[LayoutWarning, ...]:
        """What was asked for and can't be shown."""
        return tuple(LayoutWarning("damaged-overlay", problem) for problem in self.graphics.problems)


def drawing_of(
    services: Services, identity: Identity, ref: FrameRef, plane: ImagePlane, parameters: SliceParameters
) -> Drawing:
    """What is asked to be drawn over a frame; its file is read again for it."""
    if not (parameters.overlays or parameters.shutter):
        return Drawing(Graphics(), plane)
    content = services.library.file(identity, ref)
    graphics = read_graphics(ref.instance, content, ref.frame, overlays=parameters.overlays, shutter=parameters.shutter)
    return Drawing(graphics, plane)
