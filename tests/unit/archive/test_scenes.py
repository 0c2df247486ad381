"""What a measurement costs: a file is read once for it, and a small radius takes a small part of a large frame."""

from typing import Any

import numpy as np
import pytest

from clients import orthanc_ids
from drafts import on_image
from phantoms import image, multiframe
from reslice.archive.measuring import Measurer
from reslice.archive.scenes import FrameScene
from reslice.measurement.document import draft_of
from unit.archive.stores import WatchedArchive, filled, library_over
from unit.measurement.allocated import peak_of

SQUARE = [(1, 1), (5, 1), (5, 5), (1, 5)]


@pytest.mark.parametrize(
    ("points", "type", "more"),
    [(SQUARE[:2], "distance", {}), (SQUARE, "area", {}), (SQUARE[:1], "hu", {"Geometry": {"Radius": 2}})],
)
def test_a_file_is_read_once_for_a_measurement(points: Any, type: str, more: Any) -> None:
    archive, file = WatchedArchive(), multiframe(np.ones((3, 8, 8), np.uint16), PixelSpacing=[0.5, 0.5])
    library = library_over(archive)
    library.layout(library.identity(filled(archive, [file])))
    ids = orthanc_ids(file)
    archive.reads.clear()
    draft = draft_of(on_image(ids["instances"], points, type, 1, **more))
    Measurer(library, largest_region=1000).measure(ids["studies"], draft)
    assert archive.reads == [ids["instances"]]


def test_a_small_radius_takes_a_small_part_of_a_large_frame() -> None:
    archive, file = WatchedArchive(), image(np.ones((1000, 1000), np.uint16), PixelSpacing=[0.5, 0.5])
    library, ids = library_over(archive), orthanc_ids(file)
    filled(archive, [file])
    draft = draft_of(on_image(ids["instances"], [(10, 20)], "hu"))
    scene = Measurer(library, largest_region=1000).scene(ids["studies"], draft)
    assert isinstance(scene, FrameScene)
    assert scene.values.shape == (1000, 1000)
    centre = np.array([10.0, 20.0])
    assert peak_of(lambda: scene.within(centre, 1.0, (0.5, 0.5))) < 50_000
    assert scene.within(centre, 1.0, (0.5, 0.5))[0].size == 13
    assert scene.within(np.zeros(2), 0.5, (0.5, 0.5))[0].size == 3
    assert scene.within(centre, 1e6, (0.5, 0.5))[0].size == 1000 * 1000
