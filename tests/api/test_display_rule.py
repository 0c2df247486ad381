"""Where things are on the screen: a marker in the patient is looked for in the picture."""

import numpy as np
import pytest
from numpy.typing import NDArray

from clients import Client
from phantoms import ACQUISITIONS, Acquisition, box, noise

# A body of 96 mm, voxels of 3 x 3 x 3 mm whose centres lie at multiples of 3 mm.
BODY = {"shape": (33, 33, 33), "spacing": (3.0, 3.0, 3.0)}
UPRIGHT = ["axial", "axial-feet-first", "axial-prone", "decubitus-left", "coronal", "sagittal-from-right"]


def body(name: str) -> Acquisition:
    """The body, acquired in one of the named ways."""
    return Acquisition(**{**vars(ACQUISITIONS[name]), **BODY})


def marker(acquisition: Acquisition, *center: float) -> list:
    """One bright voxel at an LPS point."""
    return box([c - 0.5 for c in center], [c + 0.5 for c in center], acquisition)


def bright_spot(picture: NDArray[np.uint8]) -> tuple[float, float]:
    """Where the brightest pixels are, as fractions of the height and the width."""
    rows, columns = np.nonzero(picture > 200)
    return rows.mean() / (picture.shape[0] - 1), columns.mean() / (picture.shape[1] - 1)


@pytest.mark.parametrize("name", UPRIGHT)
def test_marker_is_seen_at_its_sagittal_position_and_nowhere_else(client: Client, name: str) -> None:
    series = client.store_series(marker(body(name), 30, 6, -12))
    path = f"/series/{series}/mpr/sagittal"
    count = client.get(path, format="npy").told("Reslice-Plane")["Count"]
    seen = {}
    for index in range(count):
        answer = client.get(path, format="npy", index=index)
        seen[round(answer.told("Reslice-Plane")["Position"][0], 6)] = float(np.nanmax(answer.array()))
    assert len(seen) == 33
    assert [position for position, brightest in seen.items() if brightest > 0] == [30.0]
    assert np.nanmax(client.get(path, format="npy", position=30).array()) == 1000
    assert np.nanmax(client.get(path, format="npy", position=-30).array()) == 0


@pytest.mark.parametrize("name", UPRIGHT)
def test_marker_is_on_the_right_place_of_the_screen(client: Client, name: str) -> None:
    x, y, z = 30, 6, -12
    series = client.store_series(marker(body(name), x, y, z))
    for plane, position, down, right in (("axial", z, y, x), ("coronal", y, -z, x), ("sagittal", x, -z, y)):
        window = {"window_center": 500, "window_width": 1000}
        picture = client.get(f"/series/{series}/mpr/{plane}", position=position, **window).picture()
        assert bright_spot(picture) == pytest.approx((0.5 + down / 96, 0.5 + right / 96), abs=0.01)


def test_patients_right_is_on_the_left_and_the_head_is_up(client: Client) -> None:
    window = {"window_center": 500, "window_width": 1000}
    right = client.store_series(box((-48, -48, -48), (-40, 48, 48), body("axial")))
    head = client.store_series(box((-48, -48, 40), (48, 48, 48), body("axial")))
    front = client.store_series(box((-48, -48, -48), (48, -40, 48), body("axial")))
    for plane in ("axial", "coronal"):
        picture = client.get(f"/series/{right}/mpr/{plane}", **window).picture()
        assert (picture[:, :3] == 255).all()
        assert (picture[:, 3:] == 0).all()
    for plane in ("coronal", "sagittal"):
        picture = client.get(f"/series/{head}/mpr/{plane}", **window).picture()
        assert (picture[:3] == 255).all()
        assert (picture[3:] == 0).all()
    assert (client.get(f"/series/{front}/mpr/axial", **window).picture()[:3] == 255).all()
    assert (client.get(f"/series/{front}/mpr/sagittal", **window).picture()[:, :3] == 255).all()


@pytest.mark.parametrize("name", ["axial", "axial-feet-first", "axial-prone", "coronal", "sagittal"])
def test_plane_of_the_acquisition_shows_the_stored_frame(client: Client, name: str) -> None:
    acquisition = ACQUISITIONS[name]
    series = client.store_series(noise(acquisition))
    axis = int(np.argmax(np.abs(np.cross(acquisition.row, acquisition.column))))
    plane = ("sagittal", "coronal", "axial")[axis]
    for k in (0, 3, acquisition.shape[0] - 1):
        position = float(acquisition.slice_origin(k)[axis])
        for form in ({"format": "npy"}, {"format": "png", "window_center": 1000, "window_width": 3000}):
            stored = client.get(f"/series/{series}/slices/{k}", **form)
            cut = client.get(f"/series/{series}/mpr/{plane}", position=position, **form)
            pictures = [a.array() if form["format"] == "npy" else a.picture() for a in (stored, cut)]
            np.testing.assert_array_equal(as_displayed(pictures[0], acquisition, plane), pictures[1])


def as_displayed(frame: NDArray[np.generic], acquisition: Acquisition, plane: str) -> NDArray[np.generic]:
    """A stored frame with the display rule's flips."""
    right, down = {"axial": (0, 1), "coronal": (0, 2), "sagittal": (1, 2)}[plane]
    if acquisition.row[down]:
        frame, row, column = frame.T, acquisition.column, acquisition.row
    else:
        row, column = acquisition.row, acquisition.column
    if row[right] < 0:
        frame = frame[:, ::-1]
    if (column[down] > 0) == (plane != "axial"):
        frame = frame[::-1]
    return frame
