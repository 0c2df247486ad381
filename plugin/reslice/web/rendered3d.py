"""Renderings of a volume in three dimensions, still or turning (PS3.18 8.3.5.3)."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from reslice.errors import BadParameter, Busy
from reslice.imaging import encode
from reslice.imaging.camera import Camera
from reslice.imaging.encode import ANIMATED, FORMATS, ImageFormat
from reslice.web import caching
from reslice.web.headers import header, plane_facts
from reslice.web.looks import Look, check_look, look_of
from reslice.web.message import Request, Response
from reslice.web.negotiation import choose
from reslice.web.rendering_parameters import RenderingParameters
from reslice.web.services import Services
from reslice.web.views import angles_of, cameras_of, check_animation, check_size, check_view, check_work, turn_facts
from reslice.web.volume_answers import volume_facts

STILL = tuple(FORMATS[name] for name in ("jpeg", "png", "webp"))
"""In the order of preference when a client likes several equally: JPEG is the Standard's default."""
NUMBERS = tuple(FORMATS[name] for name in ("raw", "npy"))
"""Of projections only: a volume rendering has colours, no values."""
USUAL_RATE = 10
PATIENCE = 10
"""Seconds that a rendering waits for others."""


def image(services: Services, request: Request, parameters: RenderingParameters, id: str) -> Response:
    """One view of a volume, or several as an animation."""
    _check(parameters)
    angles = angles_of(parameters)
    check_size(parameters, len(angles), services.settings)
    chosen = _format(parameters, request.headers.get("accept"))
    identity = services.library.identity(id)
    tag = caching.etag(identity.digest, request.path, parameters, chosen.name, services.fingerprint)
    if caching.is_current(request, tag):
        return caching.not_modified(caching.headers(tag), chosen.media_type)
    loaded = services.library.volume(identity, parameters.volume)
    look = look_of(services, identity, loaded, parameters)
    cameras = cameras_of(loaded.volume.geometry, parameters, angles)
    check_work(loaded.volume.geometry, cameras)
    headers = {
        **caching.headers(tag, is_final=loaded.is_final),
        "Reslice-Plane": header(_facts(cameras[0])),
        "Reslice-Volume": header(volume_facts(loaded, parameters.volume)),
    }
    with _turn_of(services):
        if len(cameras) == 1:
            return look.still(cameras[0], chosen, headers)
        return _moving(look, cameras, parameters, chosen, headers)


@contextmanager
def _turn_of(services: Services) -> Iterator[None]:
    """One of the few places for renderings, which take all processors. Raises Busy where none becomes free in time."""
    if not services.renderings.acquire(timeout=PATIENCE):
        raise Busy("Other renderings are being made")
    try:
        yield
    finally:
        services.renderings.release()


def _check(parameters: RenderingParameters) -> None:
    check_view(parameters)
    check_animation(parameters)
    check_look(parameters)


def _format(parameters: RenderingParameters, accept: str | None) -> ImageFormat:
    """The format that is answered. Raises BadParameter, NotAcceptable."""
    is_moving = parameters.swivelrange is not None
    is_coloured = parameters.renderingmethod == "volume_rendered"
    offered = tuple(ANIMATED.values()) if is_moving else STILL if is_coloured else (*STILL, *NUMBERS)
    if parameters.format is None:
        return choose(None, accept, offered)
    found = next((f for f in offered if f.name == parameters.format), None)
    if found is None:
        kind = "An animation" if is_moving else "A volume rendering" if is_coloured else "A still picture"
        details = f"{kind} isn't made in this format"
        raise BadParameter("format", parameters.format, [f.name for f in offered], details)
    return found


def _moving(
    look: Look,
    cameras: Sequence[Camera],
    parameters: RenderingParameters,
    chosen: ImageFormat,
    headers: dict[str, str],
) -> Response:
    """All frames in one file."""
    duration = encode.shown_for(parameters.animationrate or USUAL_RATE, chosen.name)
    frames = (look.display(camera) for camera in cameras)
    is_gif = chosen.name == "gif"
    body = encode.gif(frames, duration) if is_gif else encode.animated_webp(frames, duration, parameters.quality)
    facts = {"Frames": len(cameras), "Rate": 1000 / duration, **turn_facts(parameters)}
    told = {**headers, **look.headers(), "Reslice-Animation": header(facts)}
    return Response(200, chosen.media_type, body, told)


def _facts(camera: Camera) -> dict[str, object]:
    """`Reslice-Plane`: the image plane through the middle of the depth."""
    return {
        **plane_facts(camera.plane, camera.depth, None, None),
        "Normal": [float(v) + 0.0 for v in camera.plane.normal],
    }
