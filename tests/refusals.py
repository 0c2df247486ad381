"""What every error answer of ours must look like."""

from clients import Answer

ORTHANC_KEYS = {
    "HttpStatus",
    "HttpError",
    "Message",
    "Details",
    "OrthancStatus",
    "OrthancError",
    "Method",
    "Uri",
}


def assert_refused(answer: Answer, status: int, reason: str, **facts: object) -> dict:
    """Orthanc's error JSON with our `Reason`; `facts` are further keys with their values."""
    assert answer.status == status, (answer.status, answer.content[:500])
    assert answer.media_type == "application/json"
    body = answer.json()
    assert body.keys() >= ORTHANC_KEYS
    assert body["HttpStatus"] == status
    assert body["Reason"] == reason, body
    assert {key: body.get(key) for key in facts} == facts
    assert_harmless(answer)
    return body


def assert_bad_parameter(answer: Answer, parameter: str, reason: str = "bad-parameter") -> dict:
    """A 400 that names the parameter, its value and what is allowed."""
    body = assert_refused(answer, 400, reason, Parameter=parameter)
    assert "Value" in body
    assert body["Allowed"]
    return body


def assert_harmless(answer: Answer) -> None:
    """No path of the server, no traceback and no patient in an error."""
    text = answer.content.decode()
    for secret in ("/usr/", "/tmp/", "/home/", "Traceback", '.py"', "Phantom^", "site-packages"):  # noqa: S108
        assert secret not in text, text
