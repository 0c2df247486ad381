"""Whose name stands on a measurement."""

from reslice.settings import Settings
from reslice.web.message import Request

LONGEST_NAME = 256


def author_of(request: Request, settings: Settings) -> str:
    """Who has shown a password, else whom the trusted proxy names, else the name for nobody known."""
    header = settings.trusted_user_header.lower()
    named = request.user or (request.headers.get(header, "") if header else "")
    printable = "".join(character for character in named if character.isprintable()).strip()
    return printable[:LONGEST_NAME] or settings.anonymous_author
