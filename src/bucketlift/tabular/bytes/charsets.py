"""The encodings that a task may name."""

from __future__ import annotations

import codecs
from dataclasses import dataclass

from bucketlift.errors import RequestWrong

UTF8 = "utf-8"
_KNOWN = "Common ones are utf-8, utf-16, cp1252, iso-8859-15, cp1250, shift_jis and gb18030."
_REFUSED = {
    "utf-7": "its bytes can be read in two ways",
    "idna": "it is for names of hosts",
    "punycode": "it is for names of hosts",
    "unicode-escape": "it is a programmer's notation, not a way to keep text",
    "raw-unicode-escape": "it is a programmer's notation, not a way to keep text",
    "undefined": "it reads nothing",
    "charmap": "it is a table that nobody has filled in",
    "mbcs": "it means another encoding on every machine",
    "oem": "it means another encoding on every machine",
}
_SHIFTING = ("iso2022", "hz")
"""A byte means what an earlier one says: a damaged line would be another text, and nobody would be told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Charset:
    """An encoding whose characters can be read one after another, each by its own bytes."""

    name: str
    """As Python spells it."""

    @property
    def is_utf8(self) -> bool:
        return self.name == UTF8

    @property
    def unit(self) -> int:
        """Bytes of which each character has a multiple."""
        return 2 if self.name.startswith("utf-16") else 4 if self.name.startswith("utf-32") else 1

    @property
    def marked(self) -> bool:
        """Whether a byte order mark must say the order of the bytes."""
        return self.name in ("utf-16", "utf-32")


def charset(name: str) -> Charset:
    """The encoding of this name.

    Raises:
        RequestWrong: there is none, or it is not fit for files.
    """
    try:
        found = codecs.lookup(name)
        # Of codecs that turn bytes into bytes, such as rot13 and base64, only this says that they do.
        is_text = bool("".encode(name) or True)
    except (LookupError, UnicodeError, ValueError, TypeError):
        is_text, found = False, None
    known = found.name if found else name
    if known in _REFUSED:
        raise RequestWrong(f"Files cannot be read as {known}: {_REFUSED[known]}", to=name, hint=_KNOWN)
    if found is None or not is_text:
        raise RequestWrong("There is no such encoding of text", to=name, hint=_KNOWN)
    if known.startswith(_SHIFTING):
        what = f"Files cannot be read as {known}: what a byte means depends on those before it"
        raise RequestWrong(what, to=name, hint="Ask the sender for UTF-8.")
    return Charset(name=UTF8 if known == "utf-8-sig" else known)
