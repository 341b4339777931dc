"""DeleteObjects: what it names, and what it says became of each."""

from __future__ import annotations

from collections.abc import Iterable
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

from bucketlift.testing.answer import Answer

_RESULT = '<DeleteResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">{}</DeleteResult>'


def named_objects(body: bytes) -> list[tuple[str, str | None]]:
    """Keys and the ETags they must have."""
    root = ET.fromstring(body)  # noqa: S314 - sent by our own programs on loopback
    space = root.tag.partition("}")[0] + "}" if root.tag.startswith("{") else ""
    found = root.iter(f"{space}Object")
    return [(each.findtext(f"{space}Key") or "", each.findtext(f"{space}ETag")) for each in found]


def told(answers: Iterable[tuple[str, Answer]]) -> Answer:
    body = _RESULT.format("".join(_line(key, answer) for key, answer in answers))
    return Answer(status=200, headers={"content-type": "application/xml"}, body=body.encode())


def _line(key: str, answer: Answer) -> str:
    name = escape(key, {"\n": "&#10;", "\r": "&#13;"})
    if answer.succeeded:
        return f"<Deleted><Key>{name}</Key></Deleted>"
    code = ET.fromstring(answer.body).findtext("Code")  # noqa: S314 - our own answer
    return f"<Error><Key>{name}</Key><Code>{code}</Code><Message>{code}</Message></Error>"
