"""The volumes in memory: which they are, and how to drop them."""

import time
from typing import Any

from reslice.settings import MEBIBYTE
from reslice.web.guard import require_confirmation, require_own_site
from reslice.web.message import NO_STORE, Request, Response, as_json
from reslice.web.services import Services


def status(services: Services, request: Request) -> Response:
    """The volumes held, and how the cache has served."""
    volumes = services.library.volumes
    counters, now = volumes.counters(), time.monotonic()
    body: dict[str, Any] = {
        "BudgetMB": round(volumes.budget / MEBIBYTE, 3),
        "UsedMB": round(counters.used / MEBIBYTE, 3),
        "Volumes": [
            {
                "Series": key[0],
                "Index": key[2],
                "Shape": list(entry.value.layout.geometry.shape),
                "Type": str(entry.value.volume.voxels.dtype),
                "MB": round(entry.size / MEBIBYTE, 3),
                "AgeSeconds": round(now - entry.made_at, 3),
                "Hits": entry.hits,
            }
            for key, entry in volumes.entries()
        ],
        "Hits": counters.hits,
        "Misses": counters.misses,
        "Evictions": counters.evictions,
    }
    return as_json(body, headers=NO_STORE)


def clear(services: Services, request: Request) -> Response:
    """Drop every volume; they are read again when somebody asks."""
    require_own_site(request, services.settings.allowed_origins)
    require_confirmation(request)
    return as_json({"Dropped": services.library.forget_all()}, headers=NO_STORE)
