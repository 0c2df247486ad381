"""A client in the container: stores a series, has a plane cut, and compares. Arguments: address, user, password."""

import http.client
import io
import json
import sys
from base64 import b64encode

import numpy as np
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import CTImageStorage, ExplicitVRLittleEndian

SHAPE = (8, 16, 16)
VOXELS = np.arange(np.prod(SHAPE), dtype=np.int16).reshape(SHAPE)


def slice_of_series(number: int) -> bytes:
    """One of its files."""
    file = Dataset()
    file.PatientID, file.PatientName, file.Modality = "container", "Container", "CT"
    file.StudyInstanceUID, file.SeriesInstanceUID, file.FrameOfReferenceUID = "2.25.1", "2.25.2", "2.25.3"
    file.SOPClassUID, file.SOPInstanceUID, file.InstanceNumber = CTImageStorage, f"2.25.1{number}", number + 1
    file.ImageOrientationPatient, file.ImagePositionPatient = [1, 0, 0, 0, 1, 0], [0, 0, number]
    file.PixelSpacing, file.SliceThickness = [1, 1], 1
    file.Rows, file.Columns = SHAPE[1:]
    file.SamplesPerPixel, file.PhotometricInterpretation = 1, "MONOCHROME2"
    file.BitsAllocated, file.BitsStored, file.HighBit, file.PixelRepresentation = 16, 16, 15, 1
    file.RescaleSlope, file.RescaleIntercept = 1, 0
    file.PixelData = VOXELS[number].tobytes()
    file.file_meta = FileMetaDataset()
    file.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    content = io.BytesIO()
    file.save_as(content, enforce_file_format=True)
    return content.getvalue()


def ask(method: str, path: str, body: bytes = b"", user: str = "") -> tuple[int, bytes]:
    """Send one request to the server."""
    connection = http.client.HTTPConnection(ADDRESS, 8042, timeout=120)
    headers = {"Authorization": f"Basic {b64encode(user.encode()).decode()}"} if user else {}
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    return answer.status, answer.read()


def answered(method: str, path: str, body: bytes = b"") -> bytes:
    """Send one as the user; anything but 200 ends the check."""
    status, content = ask(method, path, body, USER)
    if status != 200:
        sys.exit(f"{method} {path}: {status} {content[:500]!r}")
    return content


def refuses_strangers() -> None:
    """Check that no password, and a wrong one, are answered with 401."""
    name = USER.partition(":")[0]
    for path in ("/reslice", "/reslice/health", "/series", "/app/explorer.html"):
        for user in ("", f"{name}:wrong"):
            if (status := ask("GET", path, user=user)[0]) != 401:
                sys.exit(f"GET {path} with {user or 'no user'}: {status}")


def check() -> None:
    """Store the series, if it isn't there; compare what was cut out of it."""
    refuses_strangers()
    was_there = json.loads(answered("GET", "/series"))
    for number in range(0 if was_there else SHAPE[0]):
        answered("POST", "/instances", slice_of_series(number))
    (series,) = json.loads(answered("GET", "/series"))
    plane = np.load(io.BytesIO(answered("GET", f"/series/{series}/mpr/axial?index=3&format=npy")))
    if not np.array_equal(plane, VOXELS[3]):
        sys.exit("the plane is not what was stored")
    if not answered("GET", f"/series/{series}/mpr/coronal").startswith(b"\x89PNG"):
        sys.exit("the picture is no PNG")
    kept = "found" if was_there else "stored"
    print(f"401 without a password; a series {kept} from {ADDRESS}, its plane is right")


ADDRESS, USER = sys.argv[1], ":".join(sys.argv[2:])
check()
