"""Measuring on the viewer page: what is drawn is what the server keeps, and both are what the phantom says."""

import math

import pytest
from playwright.sync_api import Page, expect

from clients import OrthancClient
from measuring_page import MeasuringPage, measuring_page, value
from phantoms import Acquisition, noise
from server import Orthanc

SMALL = Acquisition(shape=(6, 32, 40), spacing=(2.0, 1.0, 1.0))
"""The axial pane begins on its slice 3, at z = 1."""


@pytest.fixture
def measuring(page: Page, orthanc: Orthanc, real: OrthancClient) -> MeasuringPage:
    return measuring_page(page, orthanc, real, noise(SMALL), SMALL)


def test_length_is_drawn_by_a_drag(measuring: MeasuringPage) -> None:
    measuring.choose("l")
    measuring.drag((-9.0, -4.0), (3.0, 5.0))
    (record,) = measuring.kept()
    assert (record["Type"], record["Tool"], record["Geometry"]["Space"]) == ("distance", "line", "LPS")
    assert value(record, "Length") == pytest.approx(math.hypot(12.0, 9.0), abs=2 * measuring.precision())
    (start, end) = record["Geometry"]["Points"]
    assert start == pytest.approx([-9.0, -4.0, 1.0], abs=measuring.precision())
    assert end == pytest.approx([3.0, 5.0, 1.0], abs=measuring.precision())
    expect(measuring.items().locator("button data")).to_have_attribute("value", str(value(record, "Length")))
    ((one, other),) = measuring.drawn(record)
    assert one == pytest.approx(start[:2], abs=0.02) and other == pytest.approx(end[:2], abs=0.02)
