"""Kernels compiled by numba where it is installed; without it they run as they are, or numpy takes over."""

import os
import stat
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar, cast

import numpy as np
from numpy.typing import NDArray

Kernel = TypeVar("Kernel", bound=Callable[..., Any])
Array = TypeVar("Array", bound=NDArray[Any])

try:
    from llvmlite import binding
    from numba import __version__ as numba_version
    from numba import config, njit

    IS_COMPILED = True
except ImportError:  # numba is optional
    IS_COMPILED = False


def arithmetic() -> str:
    """What decides the last bit of computed values: compiler, processor and numpy."""
    if not IS_COMPILED:
        return f"numpy {np.__version__}"
    asked = vars(config)  # NUMBA_CPU_NAME and NUMBA_CPU_FEATURES
    processor = asked.get("CPU_NAME") or binding.get_host_cpu_name()
    features = asked.get("CPU_FEATURES") or binding.get_host_cpu_features().flatten()
    return f"numpy {np.__version__} numba {numba_version} {processor} {features}"


def compiled(function: Kernel) -> Kernel:
    """Compile a kernel at its first call, the GIL released, and keep it on disk.

    The place is numba's choice: NUMBA_CACHE_DIR, else beside the source, else in the user's cache. Where it may
    write to none of them (a plugin folder that belongs to root, a service user without a home), it is a folder
    of the user's own among the temporary files.
    """
    return _compiled(function, fused=False)


def fused(function: Kernel) -> Kernel:
    """A compiled kernel that may round a product and a sum once instead of twice, which is quicker and no less true."""
    return _compiled(function, fused=True)


def _compiled(function: Kernel, *, fused: bool) -> Kernel:
    if not IS_COMPILED:
        return function
    options: dict[str, Any] = {"nogil": True, "error_model": "numpy", "fastmath": {"contract"} if fused else False}
    try:
        return cast(Kernel, njit(cache=True, **options)(function))
    except RuntimeError:  # no folder that this user may write
        folder = private_folder(Path(tempfile.gettempdir()))
        if folder is None:
            return cast(Kernel, njit(**options)(function))
    settings = vars(config)  # numba reads its own when a kernel is defined
    before = settings["CACHE_DIR"]
    try:
        settings["CACHE_DIR"] = str(folder)
        return cast(Kernel, njit(cache=True, **options)(function))
    except RuntimeError:
        return cast(Kernel, njit(**options)(function))
    finally:
        settings["CACHE_DIR"] = before


def private_folder(parent: Path) -> Path | None:
    """A folder below `parent` that only this user may write, made if it isn't there; None if that can't be had.

    What is compiled there will be run again: a folder that somebody else has made or may write is never used.
    """
    if not hasattr(os, "getuid"):
        return None
    folder = parent / f"reslice-kernels-{os.getuid()}"
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
    except OSError:
        return None
    is_private = stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid() and not found.st_mode & 0o022
    return folder if is_private else None


def as_input(array: Array) -> Array:
    """C-contiguous and read-only, so that a kernel is compiled once for each type and not for each layout."""
    view = np.ascontiguousarray(array).view()
    view.setflags(write=False)
    return cast(Array, view)
