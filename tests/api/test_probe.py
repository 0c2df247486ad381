"""The value at a point of the patient: the nearest voxel, or between voxels; nothing where there is nothing."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients import Client, InProcessClient, orthanc_ids
from naive import fractional_indices, trilinear
from phantoms import ACQUISITIONS, AXIAL, Acquisition, noise, ramp, series
from refusals import assert_bad_parameter, assert_refused


def text(point: object) -> str:
    """A point as a query takes it."""
    return ",".join(repr(float(part)) for part in np.asarray(point))


@pytest.mark.parametrize("name", ACQUISITIONS)
def test_nearest_voxel_tells_its_value_and_where_it_is(client: Client, name: str) -> None:
    acquisition = ACQUISITIONS[name]
    files = noise(acquisition)
    path = f"/series/{client.store_series(files)}/probe"
    voxels = np.stack([file.pixel_array for file in files])
    random = np.random.default_rng(3)
    for loaded in (False, True):
        for _ in range(6):
            index = random.uniform(-0.45, np.array(acquisition.shape) - 0.55)
            point = acquisition.affine[:3, :3] @ index + acquisition.affine[:3, 3]
            nearest = np.rint(index).astype(int)
            found = client.get(path, point=text(point)).json()
            assert found["Index"] == nearest.tolist()
            assert found["Value"] == voxels[tuple(nearest)]
            centre = acquisition.affine[:3, :3] @ nearest + acquisition.affine[:3, 3]
            assert found["Centre"] == pytest.approx(centre.tolist(), abs=1e-6)
            assert found["Instance"] == orthanc_ids(files[nearest[0]])["instances"]
            assert (found["Frame"], found["Unit"], found["Interpolation"]) == (0, "HU", "nearest")
            assert found["Point"] == pytest.approx(point.tolist())
            assert "Reason" not in found
        if not loaded:
            assert client.get(path.replace("probe", "mpr/axial")).status == 200


@given(st.tuples(*[st.floats(-4, 4)] * 3))
def test_linear_value_is_that_of_the_eight_voxels_around(point: tuple) -> None:
    client, acquisition = InProcessClient(), ACQUISITIONS["tilted-oblique"]
    files = noise(acquisition)
    path = f"/series/{client.store_series(files)}/probe"
    voxels = np.stack([file.pixel_array for file in files]).astype(float)
    found = client.get(path, point=text(point), interpolation="linear").json()
    assert found["Value"] == pytest.approx(trilinear(voxels, acquisition.affine, point), abs=0.05)
    assert found["Interpolation"] == "linear"
    index = fractional_indices(acquisition.affine, np.array(point))
    assert np.abs(found["Index"] - index).max() <= 0.5 + 1e-6


def test_ramp_tells_the_point(client: Client) -> None:
    for axis in range(3):
        path = f"/series/{client.store_series(ramp(axis, ACQUISITIONS['gantry-tilt']))}/probe"
        found = client.get(path, point="1.25,-2.5,3.125", interpolation="linear").json()
        assert found["Value"] == pytest.approx((1.25, -2.5, 3.125)[axis], abs=1e-3)


def test_nearest_voxel_is_read_without_the_volume(client: Client) -> None:
    identifier = client.store_series(noise())
    assert client.get(f"/series/{identifier}/probe", point="0,0,0").status == 200
    assert client.get("/reslice/cache").json()["Volumes"] == []
    assert client.get(f"/series/{identifier}/probe", point="0,0,0", interpolation="linear").status == 200
    assert len(client.get("/reslice/cache").json()["Volumes"]) == 1


def test_outside_there_is_no_voxel_and_no_value(client: Client) -> None:
    path = f"/series/{client.store_series(noise())}/probe"
    for point in ("6.1,0,0", "0,-5.1,0", "0,0,10.1", "1e6,1e6,-1e6"):
        for interpolation in ("nearest", "linear"):
            answer = client.get(path, point=point, interpolation=interpolation)
            found = answer.json()
            assert answer.status == 200
            assert (found["Value"], found["Reason"]) == (None, "outside-volume")
            assert [found[key] for key in ("Index", "Centre", "Instance", "Frame")] == [None] * 4
    edge = client.get(path, point="5.99,4.99,9.99").json()
    assert edge["Index"] == [7, 9, 11]


def test_padding_is_no_data(client: Client) -> None:
    values = np.full(AXIAL.shape, 50.0)
    values[3, 4, 5] = -2000
    path = f"/series/{client.store_series(series(values, AXIAL, PixelPaddingValue=-2000))}/probe"
    point = text(AXIAL.coordinates[3, 4, 5])
    for load in ({}, {"interpolation": "linear"}, {}):
        found = client.get(path, point=point, **load).json()
        assert (found["Value"], found["Reason"], found["Index"]) == (None, "no-data", [3, 4, 5])
        assert found["Instance"]
        beside = client.get(path, point=text(AXIAL.coordinates[3, 4, 6]), **load).json()
        assert (beside["Value"], beside["Index"]) == (50, [3, 4, 6])


def test_gaps_hold_no_data_unless_they_are_interpolated(client: Client) -> None:
    grid = Acquisition(shape=(9, 6, 6), spacing=(2.0, 1.0, 1.0))  # z from -8 to 8
    files = [file for k, file in enumerate(ramp(2, grid)) if k not in (4, 5)]
    path = f"/series/{client.store_series(files)}/probe"
    for interpolation in ("nearest", "linear"):
        asked = {"point": "0,0,0.9", "interpolation": interpolation}
        shown = client.get(path, **asked).json()
        assert (shown["Value"], shown["Reason"], shown["Index"][0]) == (None, "no-data", 3)
        filled = client.get(path, gaps="interpolate", **asked).json()
        truth = {"nearest": -2, "linear": 0.9}[interpolation]
        assert filled["Value"] == pytest.approx(truth, abs=1e-3)
        assert client.get(path, point="0,0,-1.2", interpolation=interpolation).json()["Value"] == pytest.approx(
            -2, abs=1e-3
        )


def test_damaged_slice_holds_no_data(client: Client) -> None:
    files = noise()
    files[4].PixelData = files[4].PixelData[:100]
    path = f"/series/{client.store_series(files)}/probe"
    for _ in range(2):
        found = client.get(path, point=text(AXIAL.coordinates[4, 2, 2])).json()
        assert (found["Value"], found["Reason"]) == (None, "no-data")
        sound = client.get(path, point=text(AXIAL.coordinates[3, 2, 2])).json()
        assert sound["Value"] == noise()[3].pixel_array[2, 2]


def test_volumes_of_a_series_are_told_apart(client: Client) -> None:
    files = noise(seed=1)
    for k, file in enumerate(noise(seed=2)):
        file.SeriesInstanceUID, file.StudyInstanceUID = files[0].SeriesInstanceUID, files[0].StudyInstanceUID
        file.AcquisitionNumber, file.InstanceNumber = 2, 100 + k
        files.append(file)
    for file in files[:8]:
        file.AcquisitionNumber = 1
    path = f"/series/{client.store_series(files)}/probe"
    values = [client.get(path, point=text(AXIAL.coordinates[2, 3, 4]), volume=k).json()["Value"] for k in (0, 1)]
    assert values == [files[2].pixel_array[3, 4], files[10].pixel_array[3, 4]]
    assert_refused(client.get(path, point="0,0,0", volume=2), 404, "unknown-volume")


def test_series_without_a_volume_tells_why(client: Client) -> None:
    path = f"/series/{client.store_series(noise()[:1])}/probe"
    assert_refused(client.get(path, point="0,0,0"), 422, "single-frame")
    assert_refused(
        client.get("/series/00000000-00000000-00000000-00000000-00000000/probe?point=0,0,0"), 404, "unknown-resource"
    )


def test_uptake_stands_beside_the_value(client: Client) -> None:
    pet = {"Modality": "PT", "RescaleType": None, "ImageType": ["ORIGINAL", "PRIMARY"]}
    known = f"/series/{client.store_series(noise(Units='GML', **pet))}/probe"
    found = client.get(known, point="0,0,0").json()
    assert found["Suv"] == {"Value": found["Value"], "Unit": "g/ml"}
    asked = client.get(known, point="0,0,0", unit="suv").json()
    assert (asked["Value"], asked["Unit"]) == (found["Value"], "g/ml")
    outside = client.get(known, point="99,0,0", unit="suv").json()
    assert (outside["Value"], outside["Suv"]) == (None, {"Value": None, "Unit": "g/ml"})
    unknown = f"/series/{client.store_series(noise(Units='BQML', **pet))}/probe"
    assert client.get(unknown, point="0,0,0").json()["Suv"].keys() == {"Reason"}
    assert_refused(client.get(unknown, point="0,0,0", unit="suv"), 422, "suv-not-computable")
    assert client.get(f"/series/{client.store_series(noise())}/probe", point="0,0,0").json()["Suv"] is None


def test_unchanged_value_is_not_computed_again(client: Client) -> None:
    identifier = client.store_series(noise())
    path = f"/series/{identifier}/probe"
    queries = ("point=0,0,0", "point=0,0,1", "point=0,0,0&interpolation=linear", "point=0,0,0&gaps=interpolate")
    tags = [client.get(f"{path}?{query}").headers["ETag"] for query in queries]
    assert len(set(tags)) == len(queries)
    answer = client.get(f"{path}?{queries[0]}&token=abc", headers={"If-None-Match": tags[0]})
    assert (answer.status, answer.content) == (304, b"")
    assert answer.headers["Cache-Control"] == "private, no-cache"


@pytest.mark.parametrize(
    "point", ["", "1,2", "1,2,3,4", "a,b,c", "nan,0,0", "0,inf,0", "1e7,0,0", "1e999,0,0", "0;0;0", "9" * 500 + ",0,0"]
)
def test_what_is_no_point(client: Client, point: str) -> None:
    path = f"/series/{client.store_series(noise())}/probe"
    assert_bad_parameter(client.get(path, point=point), "point")


def test_other_parameters_are_checked(client: Client) -> None:
    path = f"/series/{client.store_series(noise())}/probe"
    assert_bad_parameter(client.get(path), "point")
    wrong = {"volume": "-1", "interpolation": "cubic", "gaps": "fill", "unit": "hu"}
    for name, value in wrong.items():
        assert_bad_parameter(client.get(path, point="0,0,0", **{name: value}), name)
    assert_bad_parameter(client.get(path, point="0,0,0", pont="1"), "pont", "unknown-parameter")
    assert_refused(client.get(path, point="0,0,0", unit="suv"), 422, "suv-not-computable")
    assert client.get(path, point=" 0,+1,0").status == 200


def test_a_value_between_voxels_may_equal_the_padding(client: Client) -> None:
    acquisition = Acquisition((3, 4, 4), (2.0, 2.0, 2.0))
    values = np.where(acquisition.coordinates[..., 0] < 0, -100.0, 100.0)
    path = f"/series/{client.store_series(series(values, acquisition, PixelPaddingValue=0))}"
    client.get(f"{path}/mpr/axial")
    assert client.get(f"{path}/probe", point="0,1,0", interpolation="linear").json()["Value"] == 0
