"""Everything that can go wrong, as the field names it. Nothing here knows HTTP."""

from collections.abc import Sequence


class ResliceError(Exception):
    """A refusal with a stable, machine-readable reason and a sentence for people."""

    reason = "internal-error"

    def __init__(self, details: str, *, reason: str | None = None, **facts: object) -> None:
        super().__init__(details)
        self.details = details
        self.reason = reason or type(self).reason
        self.facts = facts


class BadParameter(ResliceError):
    """A parameter whose value can't be used."""

    reason = "bad-parameter"

    def __init__(
        self,
        parameter: str,
        value: str,
        allowed: str | Sequence[str],
        details: str,
        *,
        reason: str | None = None,
    ) -> None:
        super().__init__(details, reason=reason, Parameter=parameter, Value=value[:256], Allowed=allowed)


class ConflictingParameters(BadParameter):
    """A parameter that another one, or its lack, forbids."""

    reason = "conflicting-parameters"


class UnknownResource(ResliceError):
    """A path names a patient, study, series, instance, volume, slice or plane that isn't there."""

    reason = "unknown-resource"


class Forbidden(ResliceError):
    """A write that comes from another site, or without its confirmation."""

    reason = "cross-site-write"


class MethodNotAllowed(ResliceError):
    """The path exists, but not for this method."""

    reason = "method-not-allowed"

    def __init__(self, allowed: Sequence[str]) -> None:
        super().__init__(f"This path answers {', '.join(allowed)} only", Allowed=list(allowed))
        self.allowed = tuple(allowed)


class InvalidMeasurement(ResliceError):
    """A measurement's description that is wrong whatever the images hold; the reason says how."""

    reason = "bad-measurement"


class Conflict(ResliceError):
    """What the request wants to make contradicts what is there."""

    reason = "conflict"


class Gone(ResliceError):
    """It was here, and was deleted on purpose."""

    reason = "deleted"


class PreconditionFailed(ResliceError):
    """The client's knowledge of what it changes is missing, unusable or out of date."""

    reason = "stale-revision"


class StorageFull(ResliceError):
    """The store takes nothing more; what it holds is as it was."""

    reason = "storage-full"


class NotAcceptable(ResliceError):
    """None of the media types that the client accepts can be made here."""

    reason = "not-acceptable"


class TooLarge(ResliceError):
    """What was asked for exceeds a limit of the settings."""

    reason = "too-large"


class Undecodable(ResliceError):
    """Pixels in a transfer syntax that no decoder at hand can read."""

    reason = "undecodable"


class NotReconstructable(ResliceError):
    """Images that form no volume, or values that can't be computed rightly; the reason says why."""

    reason = "no-volume"


class Unmeasurable(NotReconstructable):
    """These images can't be measured so; the reason says why."""

    reason = "not-measurable"


class Damaged(NotReconstructable):
    """A file whose bytes contradict its own header."""

    reason = "damaged"


class Unreadable(Damaged):
    """The storage doesn't give a file that the index knows: perhaps only for now, so nothing made of it is kept."""

    reason = "unreadable"


class Busy(ResliceError):
    """Too much work at the moment: ask again later."""

    reason = "busy"


class ArchiveUnavailable(ResliceError):
    """The store of images doesn't answer."""

    reason = "archive-unavailable"
