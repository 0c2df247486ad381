"""What is handed to Orthanc, which checks nothing of it."""

import pytest

from reslice.host.exchange import send
from reslice.web.message import Response


class Sent:
    """Takes what `orthanc.RestOutput` takes."""

    def __init__(self) -> None:
        self.headers: dict[str, str] = {}

    def SetHttpHeader(self, name: str, value: str) -> None:  # noqa: N802 - Orthanc's name
        self.headers[name] = value

    def AnswerBuffer(self, body: bytes, content_type: str) -> None:  # noqa: N802 - Orthanc's name
        self.headers["Content-Type"] = content_type


@pytest.mark.parametrize(
    ("value", "sent"),
    [
        ('"a, b": 100% {c}', '"a, b": 100% {c}'),
        ("a\r\nX-Evil: b", "a%0D%0AX-Evil: b"),
        ("caf\u00e9\x7f", "caf%C3%A9%7F"),
    ],
)
def test_no_value_makes_another_header(value: str, sent: str) -> None:
    output = Sent()
    send(output, Response(200, "text/plain", b"", {"X-Told": value}))
    assert output.headers == {"X-Told": sent, "Content-Type": "text/plain"}
