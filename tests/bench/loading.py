"""P1 to P3 and P11: from nothing in memory to the first coronal plane, and the memory that it takes."""

import io

import numpy as np
import pydicom
import SimpleITK
from numpy.typing import NDArray

from bench.study import StoredSeries
from bench.timing import Line, Side, in_turns, spread_inside
from bench.wire import Wire

Values = NDArray[np.int16]
Index = int | tuple[slice | int, ...]
MEBIBYTE = 1 << 20


def lines(wire: Wire, series: StoredSeries, runs: int) -> list[Line]:
    """P1, P2, P3 and P11."""
    check(wire, series)
    memory = memory_line(wire, series, runs)
    taken = in_turns(
        {
            "ours": Side(lambda run: first_plane(wire, series, run), lambda _: forget(wire)),
            "http": Side(lambda run: downloaded(wire, series)[:, spread_inside(run, series.side)]),
            "sitk": Side(lambda run: taken_by_simpleitk(series, np.s_[:, spread_inside(run, series.side)])),
            "loop": Side(lambda _: wire.get(f"/bench/files/{series.id}")),
        },
        runs,
    )
    work = f"cold first coronal plane of {len(series.instances)} slices"
    return [
        Line("P1", work, "HTTP client, pydicom, numpy", 0.08, taken["ours"], taken["http"]),
        Line("P2", work, "SimpleITK on files", 0.25, taken["ours"], taken["sitk"]),
        Line("P3", work, "bare loop of GetDicomForInstance", 2, taken["ours"], taken["loop"]),
        memory,
    ]


def check(wire: Wire, series: StoredSeries) -> None:
    """Everyone has to end with the same voxels, or there is nothing to compare."""
    k = len(series.instances) // 3
    ours = np.load(io.BytesIO(wire.get(series.path(f"slices/{k}?format=npy"))))
    for name, theirs in (("HTTP", downloaded(wire, series)[k]), ("SimpleITK", taken_by_simpleitk(series, np.s_[k]))):
        if not np.array_equal(theirs, ours):
            raise RuntimeError(f"Slice {k} by {name} isn't the one that Reslice answers")


def first_plane(wire: Wire, series: StoredSeries, run: int) -> bytes:
    """What we measure: one coronal plane as PNG."""
    return wire.get(series.path(f"mpr/coronal?index={spread_inside(run, series.side)}"))


def forget(wire: Wire) -> None:
    """Drop volumes, layouts and identities: the plugin knows nothing of any series."""
    wire.request("DELETE", "/reslice/cache", {"Reslice-Confirm": "1"})


def downloaded(wire: Wire, series: StoredSeries) -> Values:
    """The series as a script without a plugin gets it: file by file over HTTP, stacked by position."""
    instances = wire.json(f"/series/{series.id}")["Instances"]
    datasets = [pydicom.dcmread(io.BytesIO(wire.get(f"/instances/{instance}/file"))) for instance in instances]
    datasets.sort(key=along_the_normal)
    return np.stack([modality_values(dataset) for dataset in datasets])


def modality_values(dataset: pydicom.Dataset) -> Values:
    """A slice in Hounsfield units, in the type that everybody keeps them in."""
    values = dataset.pixel_array * float(dataset.RescaleSlope) + float(dataset.RescaleIntercept)
    return values.astype(np.int16)


def along_the_normal(dataset: pydicom.Dataset) -> float:
    """Where a slice lies (PS3.3 C.7.6.2.1.1), in mm."""
    row, column = np.reshape(dataset.ImageOrientationPatient, (2, 3))
    return float(np.cross(row, column) @ np.array(dataset.ImagePositionPatient))


def taken_by_simpleitk(series: StoredSeries, part: Index) -> Values:
    """Read the series from disk as SimpleITK does, and take a part of it."""
    reader = SimpleITK.ImageSeriesReader()
    reader.SetFileNames(reader.GetGDCMSeriesFileNames(str(series.folder)))
    volume = reader.Execute()  # has to live as long as the view of it
    return SimpleITK.GetArrayViewFromImage(volume)[part].copy()


def memory_line(wire: Wire, series: StoredSeries, runs: int) -> Line:
    """P11. Orthanc's own cache of files is filled first: its growth isn't ours."""
    wire.get(f"/bench/files/{series.id}")
    above = [peak_above_idle(wire, series, run) / MEBIBYTE for run in range(runs)]
    work = f"peak memory above idle while loading {len(series.instances)} slices"
    return Line("P11", work, "size of the volume", 1.25, above, [series.size / MEBIBYTE], "MiB")


def peak_above_idle(wire: Wire, series: StoredSeries, run: int) -> int:
    """Bytes of resident memory that a cold first plane takes at its worst moment."""
    forget(wire)
    idle = wire.json("/bench/memory/reset")["Resident"]
    first_plane(wire, series, run)
    peak: int = wire.json("/bench/memory/now")["Peak"] - idle
    return peak
