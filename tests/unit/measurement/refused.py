"""A refusal that names its reason."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from reslice.errors import ResliceError


@contextmanager
def refused(error: type[ResliceError], reason: str) -> Iterator[None]:
    """The block raises this error, no subclass of it, for this reason."""
    with pytest.raises(error) as caught:
        yield
    assert type(caught.value) is error
    assert caught.value.reason == reason
