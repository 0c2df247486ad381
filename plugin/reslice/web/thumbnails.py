"""Small pictures of patients, studies, series and instances."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from reslice.archive.identity import Identity
from reslice.archive.port import Level
from reslice.archive.thumbnails import NO_IMAGE, first_picture, middle_first, most_telling
from reslice.dicom.instance import Description
from reslice.dicom.windows import own_transforms
from reslice.errors import NotReconstructable, TooLarge, Undecodable
from reslice.imaging import encode
from reslice.imaging.encode import FORMATS
from reslice.imaging.modality import Stored
from reslice.imaging.voi import Window, automatic_of
from reslice.imaging.volume import valid_values
from reslice.web import caching, pictures
from reslice.web.message import Request, Response
from reslice.web.negotiation import choose
from reslice.web.parameters import ThumbnailParameters, WindowParameters, parse
from reslice.web.services import Services
from reslice.web.windows import choose_window

DISPLAY_FORMATS = [f for f in FORMATS.values() if f.is_display]


def of_patient(services: Services, request: Request, parameters: ThumbnailParameters, id: str) -> Response:
    """The middle image of the patient's most telling series."""
    return _of_several(services, request, parameters, "patients", id)


def of_study(services: Services, request: Request, parameters: ThumbnailParameters, id: str) -> Response:
    """The middle image of the study's most telling series."""
    return _of_several(services, request, parameters, "studies", id)


def of_series(services: Services, request: Request, parameters: ThumbnailParameters, id: str) -> Response:
    """The middle image of a series."""
    identity = services.library.identity(id)
    return _answer(services, request, parameters, [identity])


def of_instance(services: Services, request: Request, parameters: ThumbnailParameters, id: str) -> Response:
    """The image itself, or its middle frame."""
    stored = services.archive.instance(id)
    return _answer(services, request, parameters, [Identity.of(stored.id, [stored])])


def _of_several(
    services: Services, request: Request, parameters: ThumbnailParameters, level: Level, id: str
) -> Response:
    series = most_telling(services.archive.series_of(level, id))
    return _answer(services, request, parameters, (services.library.identity(s.id) for s in series), series)


def _answer(
    services: Services,
    request: Request,
    parameters: ThumbnailParameters,
    candidates: Iterable[Identity],
    ranking: object = None,
) -> Response:
    """The picture of the first candidate that has one; the tag names those that were tried."""
    chosen = choose(parameters.format, request.headers.get("accept"), DISPLAY_FORMATS)
    refusal: NotReconstructable | TooLarge | Undecodable = NotReconstructable("There is no image", reason=NO_IMAGE)
    tried: list[str] = []
    for identity in candidates:
        tried.append(identity.digest)
        tag = caching.etag(ranking, tried, request.path, parameters, chosen.name, services.fingerprint)
        if caching.is_current(request, tag):
            return caching.not_modified(caching.headers(tag), chosen.media_type)
        try:
            ref, values = first_picture(services.archive, list(middle_first(identity.instances)))
        except (NotReconstructable, TooLarge, Undecodable) as error:
            refusal = error
        else:
            image = _small(ref.description, values, parameters.size or services.settings.thumbnail_size)
            body = pictures.encoded(image, chosen, parameters.quality, services.settings)
            return Response(200, chosen.media_type, body, caching.headers(tag))
    raise refusal


def _small(description: Description, values: Stored, longer_side: int) -> NDArray[np.uint8]:
    return _square(_display(description, values), description, longer_side)


def _display(description: Description, values: Stored) -> NDArray[np.uint8]:
    """Through the image's own window or table, else an automatic window."""
    if values.ndim == 3:
        return values

    def by_percentiles() -> Window:
        return automatic_of(valid_values(values, description.modality_padding))

    own = own_transforms(description).first
    transform = choose_window(parse(WindowParameters, {}), own, description.is_inverted, (), by_percentiles)
    return pictures.displayed(values, transform, description.modality_padding)


def _square(image: NDArray[np.uint8], description: Description, longer_side: int) -> NDArray[np.uint8]:
    """Reduced, with square pixels whatever the spacing."""
    down, across = description.spacing or description.aspect or (1.0, 1.0)
    height, width = image.shape[0] * down, image.shape[1] * across
    side = min(longer_side, max(image.shape[:2]))
    scale = side / max(height, width)
    return encode.resized(image, max(1, round(height * scale)), max(1, round(width * scale)))
