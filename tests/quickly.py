"""Sets of parameters of which daily work runs a few, and the whole run all."""

from collections.abc import Iterable, Mapping
from typing import Any

import pytest


def mostly_slow(sets: Mapping[str, Any] | Iterable[str], *quick: str) -> dict[str, Any]:
    """Arguments of `parametrize`: all sets, named; those that aren't `quick` are marked as slow.

    A mapping gives the names and the sets; names alone are sets themselves.
    """
    named = dict(sets) if isinstance(sets, Mapping) else {name: name for name in sets}
    assert quick
    assert named.keys() >= set(quick), "a quick set that there isn't"
    marks = {name: () if name in quick else pytest.mark.slow for name in named}
    return {"argvalues": [pytest.param(value, id=name, marks=marks[name]) for name, value in named.items()]}
