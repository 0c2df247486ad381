"""GET /{level}/{id}/thumbnail: the middle image of the most telling series."""

import numpy as np
import pytest

from clients import Client, orthanc_ids
from phantoms import Acquisition, image, noise, series, structured_report
from refusals import assert_refused

WIDE = Acquisition(shape=(5, 100, 200), spacing=(2.0, 1.0, 1.0))
STUDY = {"StudyInstanceUID": "2.25.31"}


def staircase() -> list:
    """Slices of one value each: 0, 100, 200, 300, 400."""
    values = np.broadcast_to(np.arange(5.0)[:, None, None] * 100, WIDE.shape)
    return series(values, WIDE, WindowCenter=200, WindowWidth=401, **STUDY)


@pytest.mark.parametrize("level", ["patients", "studies", "series"])
def test_middle_image_at_every_level(client: Client, level: str) -> None:
    files = staircase()
    client.store(files)
    picture = client.get(f"/{level}/{orthanc_ids(files[0])[level]}/thumbnail").picture()
    assert picture.shape == (64, 128)
    assert np.abs(picture.astype(int) - 128).max() <= 1


def test_instance_shows_itself(client: Client) -> None:
    files = staircase()
    client.store(files)
    shown = [client.get(f"/instances/{orthanc_ids(f)['instances']}/thumbnail").picture().mean() for f in files]
    assert shown == sorted(shown)
    assert shown[0] < 2
    assert shown[-1] > 253


@pytest.mark.parametrize(("size", "shape"), [(50, (25, 50)), (128, (64, 128)), (20, (10, 20))])
def test_size_is_the_longer_side(client: Client, size: int, shape: tuple[int, int]) -> None:
    identifier = client.store_series(staircase())
    assert client.get(f"/series/{identifier}/thumbnail", size=size).picture().shape == shape


@pytest.mark.parametrize("name", ["png", "jpeg", "webp"])
def test_formats(client: Client, name: str) -> None:
    identifier = client.store_series(staircase())
    assert client.get(f"/series/{identifier}/thumbnail", format=name).media_type == f"image/{name}"
    assert client.get(f"/series/{identifier}/thumbnail", headers={"Accept": f"image/{name}"}).status == 200


def test_proportions_are_the_patients(client: Client) -> None:
    identifier = client.store_series(noise(Acquisition(shape=(3, 40, 40), spacing=(1.0, 2.0, 1.0))))
    rows, columns = client.get(f"/series/{identifier}/thumbnail").picture().shape
    assert rows / columns == pytest.approx(2.0, abs=0.05)


def test_series_with_images_is_more_telling_than_a_report(client: Client) -> None:
    report = structured_report(SeriesNumber=1, **STUDY)
    files = staircase()
    client.store([report, *files])
    picture = client.get(f"/studies/{orthanc_ids(report)['studies']}/thumbnail").picture()
    assert picture.shape == (64, 128)


@pytest.mark.parametrize("level", ["patients", "studies", "series", "instances"])
def test_nothing_to_show(client: Client, level: str) -> None:
    report = structured_report()
    client.store([report])
    assert_refused(client.get(f"/{level}/{orthanc_ids(report)[level]}/thumbnail"), 422, "no-image")


def test_colour(client: Client) -> None:
    pixels = np.zeros((40, 60, 3), np.uint8)
    pixels[...] = (200, 30, 90)
    identifier = client.store_series([image(pixels)])
    picture = client.get(f"/series/{identifier}/thumbnail").picture()
    assert picture.shape[2] == 3
    assert np.abs(picture.astype(int) - (200, 30, 90)).max() <= 1
