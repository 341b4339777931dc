"""The encodings that a task may use, by name."""

from __future__ import annotations

import codecs
from dataclasses import dataclass

from bucketlift.errors import RequestWrong

UTF8 = "utf-8"
_KNOWN = "Common ones are utf-8, utf-16, cp1252, iso-8859-15, cp1250, shift_jis and gb18030."
_REFUSED = {
    "utf-7": "its bytes can be read in two ways",
    "idna": "it is for host names",
    "punycode": "it is for host names",
    "unicode-escape": "it is a notation for source code, not for files",
    "raw-unicode-escape": "it is a notation for source code, not for files",
    "undefined": "it refuses all input",
    "charmap": "it is a mapping table without entries",
    "mbcs": "its meaning differs between machines",
    "oem": "its meaning differs between machines",
}
_SHIFTING = ("iso2022", "hz")
"""Encodings in which the meaning of a byte depends on earlier bytes. They are refused, because a damaged line
would silently change the text after it.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Charset:
    """An encoding in which each character is decoded from its own bytes only."""

    name: str
    """Python's name for the encoding."""

    @property
    def is_utf8(self) -> bool:
        return self.name == UTF8

    @property
    def unit(self) -> int:
        """The smallest number of bytes of a character. The size of every character is a multiple of it."""
        return 2 if self.name.startswith("utf-16") else 4 if self.name.startswith("utf-32") else 1

    @property
    def marked(self) -> bool:
        """Whether files need a byte order mark, because the encoding's name does not give the byte order."""
        return self.name in ("utf-16", "utf-32")


def charset(name: str) -> Charset:
    """Look up an encoding by name.

    Raises:
        RequestWrong: the encoding does not exist, or is not suitable for files.
    """
    try:
        found = codecs.lookup(name)
        # Encoding fails for codecs from bytes to bytes, such as rot13 and base64; lookup does not.
        is_text = bool("".encode(name) or True)
    except (LookupError, UnicodeError, ValueError, TypeError):
        is_text, found = False, None
    known = found.name if found else name
    if known in _REFUSED:
        raise RequestWrong(f"Files cannot be read as {known}: {_REFUSED[known]}", to=name, hint=_KNOWN)
    if found is None or not is_text:
        raise RequestWrong("This text encoding does not exist", to=name, hint=_KNOWN)
    if known.startswith(_SHIFTING):
        what = f"Files cannot be read as {known}: the meaning of a byte depends on the bytes before it"
        raise RequestWrong(what, to=name, hint="Ask the sender for UTF-8.")
    return Charset(name=UTF8 if known == "utf-8-sig" else known)
