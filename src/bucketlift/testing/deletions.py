"""Reads the keys in a DeleteObjects request, and changes the result for each key."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import replace
from xml.etree import ElementTree as ET
from xml.sax.saxutils import escape

from bucketlift.testing.answer import Answer

_RESULT = '<DeleteResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">{}</DeleteResult>'


def named_objects(body: bytes) -> list[tuple[str, str | None]]:
    """The keys in the request, each with the ETag that its object must have; None if the request names no ETag."""
    root = ET.fromstring(body)  # noqa: S314 - sent by our own programs on loopback
    space = root.tag.partition("}")[0] + "}" if root.tag.startswith("{") else ""
    found = root.iter(f"{space}Object")
    return [(each.findtext(f"{space}Key") or "", each.findtext(f"{space}ETag")) for each in found]


def sparing(body: bytes, keys: Collection[str]) -> bytes:
    """The request without these keys."""
    kept = [(key, etag) for key, etag in named_objects(body) if key not in keys]
    tags = "".join(f"<Object><Key>{_text(key)}</Key>{_etag(etag)}</Object>" for key, etag in kept)
    return f"<Delete>{tags}</Delete>".encode()


def combined(answers: Iterable[tuple[str, Answer]]) -> Answer:
    body = _RESULT.format("".join(_line(key, answer) for key, answer in answers))
    return Answer(status=200, headers={"content-type": "application/xml"}, body=body.encode())


def _text(key: str) -> str:
    return escape(key, {"\n": "&#10;", "\r": "&#13;"})


def _etag(etag: str | None) -> str:
    return "" if etag is None else f"<ETag>{escape(etag)}</ETag>"


def spared(answer: Answer, keys: Collection[str], code: str) -> Answer:
    """The answer with an error for each of these keys. If ``code`` is empty, the answer is unchanged."""
    lines = "".join(f"<Error><Key>{_text(key)}</Key><Code>{code}</Code></Error>" for key in keys if code)
    return replace(answer, body=answer.body.replace(b"</DeleteResult>", f"{lines}</DeleteResult>".encode()))


def _line(key: str, answer: Answer) -> str:
    name = _text(key)
    if answer.succeeded:
        return f"<Deleted><Key>{name}</Key></Deleted>"
    code = ET.fromstring(answer.body).findtext("Code")  # noqa: S314 - our own answer
    return f"<Error><Key>{name}</Key><Code>{code}</Code><Message>{code}</Message></Error>"
