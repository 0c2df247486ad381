"""Kernels compiled by numba where it is installed; without it they run as they are, or numpy takes over."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

Kernel = TypeVar("Kernel", bound=Callable[..., Any])
Array = TypeVar("Array", bound=NDArray[Any])

try:
    from numba import njit

    IS_COMPILED = True
except ImportError:  # numba is optional
    IS_COMPILED = False


def compiled(function: Kernel) -> Kernel:
    """Compile a kernel at its first call, the GIL released, kept on disk where numba finds a place to write."""
    return _compiled(function, fused=False)


def fused(function: Kernel) -> Kernel:
    """A compiled kernel that may round a product and a sum once instead of twice, which is quicker and no less true."""
    return _compiled(function, fused=True)


def _compiled(function: Kernel, *, fused: bool) -> Kernel:
    if not IS_COMPILED:
        return function
    options: dict[str, Any] = {"nogil": True, "error_model": "numpy", "fastmath": {"contract"} if fused else False}
    kernel: Any
    try:
        kernel = njit(cache=True, **options)(function)
    except RuntimeError:  # no folder that this user may write
        kernel = njit(**options)(function)
    return cast(Kernel, kernel)


def as_input(array: Array) -> Array:
    """C-contiguous and read-only, so that a kernel is compiled once for each type and not for each layout."""
    view = np.ascontiguousarray(array).view()
    view.setflags(write=False)
    return cast(Array, view)
