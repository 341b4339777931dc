"""The store's own message for a refusal, on one line and without secrets."""

from __future__ import annotations

import re

from botocore.exceptions import ClientError

LONGEST = 400

_ENDS = re.compile(
    r"(?i)\s*(?:The Canonical String|The String-to-Sign|Encoded authorization failure message).*", re.DOTALL
)
"""Matches the part at the end of a message that is cut off, because this part contains the session's token or
does not help a person.
"""

_SECRETS = (
    (re.compile(r"\b(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{8,}\b"), "<access key>"),
    (
        re.compile(
            r"(?i)\b(signature|security[- ]?token|session[- ]?token|credential|token|secret|password|authorization|access ?key ?id)"
            r"(\"?\s*[=:]\s*)[^\s&,;]+"
        ),
        r"\1\2<removed>",
    ),
    (re.compile(r"//[^/\s@]+@"), "//<removed>@"),
    (re.compile(r"(?<![\w:/.-])[A-Za-z0-9+/=_%-]{40,}(?![\w.-])"), "<removed>"),
)


def answer_text(error: Exception) -> str:
    """The message of the store, a proxy or a library; empty if the message adds nothing to the error code."""
    if not isinstance(error, ClientError):
        return clean(str(error))
    details = error.response.get("Error", {})
    message = details.get("Message", "")
    return "" if not isinstance(message, str) or message == details.get("Code") else clean(message)


def clean(text: str) -> str:
    text = _ENDS.sub("", text)
    for pattern, by in _SECRETS:
        text = pattern.sub(by, text)
    text = " ".join(text.split()).strip()
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}..."


def with_answer(hint: str, error: Exception) -> str:
    """Our hint, with the store's words added to it."""
    words = answer_text(error)
    return with_answer_text(hint, words) if words else hint


def with_answer_text(hint: str, words: str) -> str:
    """Our hint and these words. A full stop is added, so that more text can follow."""
    stop = "" if words.endswith((".", "!", "?")) else "."
    return f'{hint} The answer was: "{words}"{stop}'.strip()
