"""The server's answer to one request."""

from __future__ import annotations

from dataclasses import dataclass, field
from xml.sax.saxutils import escape


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    status: int
    headers: dict[str, str] = field(default_factory=dict)
    """The headers of the answer; their names are in lower case."""
    body: bytes = b""

    @property
    def succeeded(self) -> bool:
        return self.status < 300


_S3_ERROR = """<?xml version="1.0" encoding="UTF-8"?>
<Error><Code>{code}</Code><Message>{message}</Message>{details}<RequestId>0</RequestId></Error>"""

_QUERY_ERROR = """<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type>\
<Code>{code}</Code><Message>{message}</Message></Error><RequestId>0</RequestId></ErrorResponse>"""


def refusal(status: int, code: str, message: str, **details: str) -> Answer:
    """An error answer in the form of S3. Each of the details is a separate element (``Condition``,
    ``Region``).
    """
    inner = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in details.items())
    body = _S3_ERROR.format(code=code, message=escape(message), details=inner)
    return Answer(status=status, headers={"content-type": "application/xml"}, body=body.encode())


def query_refusal(status: int, code: str, message: str) -> Answer:
    """An error answer in the form of STS and IAM."""
    body = _QUERY_ERROR.format(code=code, message=escape(message))
    return Answer(status=status, headers={"content-type": "text/xml"}, body=body.encode())


def denied(message: str = "Access Denied") -> Answer:
    return refusal(403, "AccessDenied", message)
