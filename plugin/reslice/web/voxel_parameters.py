"""The query parameters of whole grids of voxels."""

from typing import Annotated, Literal

from pydantic import Field

from reslice.web.parameters import Flag, UnitParameters, Whole, WindowParameters

LEAST_SIDE = 16


class VoxelParameters(UnitParameters, WindowParameters):
    """Of the voxels of a volume."""

    format: Literal["raw", "npy", "nifti", "nrrd"] | None = None
    type: Literal["native", "int16", "uint8"] = "native"
    max_size: Annotated[Whole, Field(ge=LEAST_SIDE)] | None = Field(
        None, description=f"a whole number of voxels, {LEAST_SIDE} or more"
    )
    gaps: Literal["show", "interpolate"] = "show"
    resample: Flag = Field(False, description="true or false")
