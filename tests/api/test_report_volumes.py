"""Several volumes in one place: a report tells by an image which of them was measured."""

import io

import numpy as np
import pydicom
import pytest

from clients import InProcessClient
from drafts import values_of
from exchanges import GRID, Exchange, by_tracking_uid
from grids import even
from phantoms import file_of
from series_phantoms import in_one_series, single_frames


@pytest.fixture
def echoes() -> Exchange:
    """One series of two volumes that differ in their values alone."""
    noises = np.random.default_rng(5).integers(0, 900, (2, *GRID.shape)).astype(float)
    made = [single_frames(noise, even(GRID), EchoTime=time) for noise, time in zip(noises, ("4.6", "9.2"), strict=True)]
    return Exchange(InProcessClient(), in_one_series(*made))


def without_their_instances(report: bytes) -> bytes:
    """The report with images of the same series that nobody has."""
    dataset = pydicom.dcmread(io.BytesIO(report))
    for element in dataset.iterall():
        if element.keyword == "ReferencedSOPInstanceUID":
            element.value = "2.25.404"
    return file_of(dataset)


def test_each_comes_back_in_the_volume_that_was_measured(echoes: Exchange) -> None:
    bodies = [echoes.on_plane(tool, Volume=volume) for tool in ("point", "polygon") for volume in (0, 1)]
    olds = by_tracking_uid(echoes.fill(bodies))
    report = echoes.exported("sr").content
    echoes.empty()
    answer = echoes.imported(report)
    assert (len(answer["Created"]), answer["Skipped"], answer["Warnings"]) == (4, [], [])
    for new in echoes.listed():
        old = olds[new["TrackingUID"]]
        assert new["Volume"] == old["Volume"]
        key = ("Value", "HU") if new["Tool"] == "point" else ("Area", "mm2")
        assert values_of(new)[key] == pytest.approx(values_of(old)[key])
    assert {old["Volume"] for old in olds.values()} == {0, 1}


def test_where_the_image_is_there_no_longer_none_is_guessed(echoes: Exchange) -> None:
    echoes.created(echoes.on_plane("line", Volume=1))
    report = without_their_instances(echoes.exported("sr").content)
    echoes.empty()
    answer = echoes.imported(report)
    assert (answer["Created"], [skipped["Reason"] for skipped in answer["Skipped"]]) == ([], ["ambiguous-volume"])


def test_a_report_of_a_series_elsewhere_is_skipped(echoes: Exchange) -> None:
    echoes.created(echoes.on_plane("line", Volume=1))
    report = echoes.exported("sr").content
    elsewhere = without_their_instances(report).replace(
        echoes.files[0].SeriesInstanceUID.encode(), b"2.25.404".ljust(len(echoes.files[0].SeriesInstanceUID), b"0")
    )
    echoes.empty()
    answer = echoes.imported(elsewhere)
    assert (answer["Created"], [skipped["Reason"] for skipped in answer["Skipped"]]) == ([], ["series-not-in-study"])
