"""Orthanc's log of changes, asked whether anything has happened that can concern pixels."""

import json
from collections.abc import Callable, Mapping
from typing import Any

NOTHING = (-1, -1)
MOST_LOOKED_AT = 100
"""Changes since the last look; of more nobody asks what they were."""


class Changes:
    """Tells the number of the last change that may concern pixels; any thread may ask.

    What is written beside a study's images (measurements above all) makes changes too. These are passed over, or
    each measurement that is kept would make every series be looked at anew. `ask` gets a path.
    """

    def __init__(self, ask: Callable[[str], bytes]) -> None:
        self._ask = ask
        self._known = NOTHING
        """The last number that was seen, and that of the last one before it that counts: one pair, always true."""

    def last(self) -> int | None:
        """A number that is never used again after another change that counts; None while the log is empty."""
        listed = self._listed("/changes?last")
        if not listed:
            self._known = NOTHING  # who knows what was in it
            return None
        newest = int(listed[0]["Seq"])
        seen, counting = self._known
        if newest != seen:
            counting = counting if self._only_beside_images(seen, newest) else newest
            self._known = newest, counting
        return counting

    def _listed(self, path: str) -> list[Mapping[str, Any]]:
        listed: list[Mapping[str, Any]] = json.loads(self._ask(path))["Changes"]
        return listed

    def _only_beside_images(self, seen: int, newest: int) -> bool:
        """Whether all changes between two numbers are there, and none of them touched an image."""
        if seen < 0 or not 0 < newest - seen <= MOST_LOOKED_AT:
            return False
        changes = self._listed(f"/changes?since={seen}&limit={newest - seen}")
        numbers = [int(change["Seq"]) for change in changes if _is_beside_images(change)]
        return numbers == list(range(seen + 1, newest + 1))


def _is_beside_images(change: Mapping[str, Any]) -> bool:
    kind: tuple[str, str] = change["ChangeType"], change["ResourceType"]
    return kind == ("UpdatedMetadata", "Study")
