"""VTK's ray caster on the processor, seen through the same camera: what rendering is measured against."""

import subprocess
import sys
from typing import Any

import vtkmodules.vtkRenderingVolumeOpenGL2  # noqa: F401 - draws what the mapper has cast
from numpy.typing import NDArray
from vtkmodules import vtkRenderingOpenGL2
from vtkmodules.util.numpy_support import numpy_to_vtk, vtk_to_numpy
from vtkmodules.vtkCommonDataModel import vtkImageData, vtkPiecewiseFunction
from vtkmodules.vtkRenderingCore import (
    vtkColorTransferFunction,
    vtkRenderer,
    vtkVolume,
    vtkVolumeProperty,
    vtkWindowToImageFilter,
)
from vtkmodules.vtkRenderingVolume import vtkFixedPointVolumeRayCastMapper

from reslice.imaging.camera import Camera
from reslice.imaging.transfer import TransferFunction
from reslice.imaging.volume import Volume

THREADS = 2
SAMPLE_DISTANCE = 1.0
"""mm between two samples of a ray."""
WINDOWS = ("vtkEGLRenderWindow", "vtkOSOpenGLRenderWindow")
"""Windows that need no screen; rays are cast on the processor, the window only takes the finished picture."""
DRAW = (
    "from vtkmodules import vtkRenderingOpenGL2 as windows\n"
    "window = windows.{}()\nwindow.SetOffScreenRendering(1)\nwindow.SetSize(8, 8)\nwindow.Render()\n"
    "raise SystemExit(0 if window.ReportCapabilities().find('ersion') >= 0 else 1)\n"
)
GREY = (-1000.0, 1000.0)
"""HU from black to white in projections."""


def window_class() -> Any:
    """The first kind of window that can be drawn into; None without any.

    Each is tried in a process of its own, which may crash where the graphics libraries aren't there.
    """
    for name in WINDOWS:
        tried = subprocess.run([sys.executable, "-c", DRAW.format(name)], capture_output=True, check=False)  # noqa: S603 - ours
        if tried.returncode == 0:
            return getattr(vtkRenderingOpenGL2, name)
    return None


def vtk_image(volume: Volume) -> vtkImageData:
    """The volume for VTK; its slices lie along x, y and z of the patient. The voxels are shared."""
    picture = vtkImageData()
    picture.SetDimensions(volume.geometry.shape[::-1])
    picture.SetSpacing(volume.geometry.spacing[::-1])
    picture.SetOrigin(volume.geometry.affine[:3, 3].tolist())
    picture.GetPointData().SetScalars(numpy_to_vtk(volume.voxels.ravel()))
    return picture


class RayCaster:
    """A window with one volume, in one way to look at it."""

    def __init__(self, kind: Any, picture: vtkImageData, transfer: TransferFunction | None) -> None:
        """A maximum intensity projection without a transfer function."""
        self._mapper, self._volume = mapper(picture), vtkVolume()
        if transfer is None:
            self._mapper.SetBlendModeToMaximumIntensity()
        self._volume.SetMapper(self._mapper)
        self._volume.SetProperty(grey() if transfer is None else shaded(transfer))
        self._renderer, self._window = vtkRenderer(), kind()
        self._renderer.AddVolume(self._volume)
        self._window.SetOffScreenRendering(1)
        self._window.SetMultiSamples(0)
        self._window.AddRenderer(self._renderer)

    def render(self, camera: Camera) -> None:
        """Cast all rays."""
        plane, eye = camera.plane, self._renderer.GetActiveCamera()
        rows, columns = plane.shape
        middle = plane.map_pixels_to_reference(((rows - 1) / 2, (columns - 1) / 2))
        self._window.SetSize(columns, rows)
        eye.ParallelProjectionOn()
        eye.SetParallelScale(rows * plane.spacing[0] / 2)
        eye.SetFocalPoint(*middle)
        eye.SetPosition(*(middle - plane.normal * camera.depth))
        eye.SetViewUp(*-plane.column)
        self._renderer.ResetCameraClippingRange()
        self._window.Render()

    def picture(self) -> NDArray[Any]:
        """What is in the window, shape (rows, columns, 3)."""
        reading = vtkWindowToImageFilter()
        reading.SetInput(self._window)
        reading.ReadFrontBufferOff()
        reading.Update()
        read = reading.GetOutput()
        columns, rows, _ = read.GetDimensions()
        colours: NDArray[Any] = vtk_to_numpy(read.GetPointData().GetScalars()).reshape(rows, columns, -1)
        return colours[::-1, :, :3].copy()


def mapper(picture: vtkImageData) -> vtkFixedPointVolumeRayCastMapper:
    """Every pixel has a ray, every ray a sample each millimetre."""
    made = vtkFixedPointVolumeRayCastMapper()
    made.SetInputData(picture)
    made.SetNumberOfThreads(THREADS)
    made.AutoAdjustSampleDistancesOff()
    made.SetImageSampleDistance(1)
    made.SetSampleDistance(SAMPLE_DISTANCE)
    return made


def grey() -> vtkVolumeProperty:
    """From black to white, nothing transparent."""
    colour, opacity = vtkColorTransferFunction(), vtkPiecewiseFunction()
    for value, level in zip(GREY, (0, 1), strict=True):
        colour.AddRGBPoint(value, level, level, level)
        opacity.AddPoint(value, 1)
    return property_of(colour, opacity)


def shaded(transfer: TransferFunction) -> vtkVolumeProperty:
    """The same control points and the same light."""
    colour, opacity = vtkColorTransferFunction(), vtkPiecewiseFunction()
    for point in transfer.points:
        colour.AddRGBPoint(point.value, point.red, point.green, point.blue)
        opacity.AddPoint(point.value, point.opacity)
    made = property_of(colour, opacity)
    made.ShadeOn()
    made.SetAmbient(transfer.light.ambient)
    made.SetDiffuse(transfer.light.diffuse)
    made.SetSpecular(transfer.light.specular)
    made.SetSpecularPower(transfer.light.power)
    return made


def property_of(colour: vtkColorTransferFunction, opacity: vtkPiecewiseFunction) -> vtkVolumeProperty:
    """Linear between voxels; the opacity is that of a millimetre."""
    made = vtkVolumeProperty()
    made.SetColor(colour)
    made.SetScalarOpacity(opacity)
    made.SetScalarOpacityUnitDistance(1)
    made.SetInterpolationTypeToLinear()
    return made
