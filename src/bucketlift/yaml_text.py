"""Writes plain values as YAML text, and decides by the core schema of YAML 1.2 which texts need quotes.

The rules are in chapter 10.3.2 of yaml.org/spec/1.2.2.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

_CONSTANTS: dict[str, bool | None] = {
    "": None,
    "~": None,
    "null": None,
    "Null": None,
    "NULL": None,
    "true": True,
    "True": True,
    "TRUE": True,
    "false": False,
    "False": False,
    "FALSE": False,
}
_DECIMAL = re.compile(r"[-+]?[0-9]+", re.ASCII)
_OCTAL = re.compile(r"0o[0-7]+")
_HEXADECIMAL = re.compile(r"0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", re.ASCII)
_NOT_FINITE = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_MAX_DIGITS = 100
"""Maximum number of digits of a number. A longer text of digits stays text, because it is not meant as a
number and its conversion is slow.
"""
_WIDTH = 100
"""Maximum number of characters of a mapping or list that is written on one line."""
_PLAIN = re.compile(r"[A-Za-z0-9_/][A-Za-z0-9_./+-]*", re.ASCII)
_UNSAFE = re.compile(
    r"[^\x20\x21\x23-\x5b\x5d-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
"""Matches characters that must be escaped in double quotes (YAML 1.2, chapter 5.1), and line ends of older
YAML.
"""


def scalar(text: str) -> bool | int | float | str | None:
    if text in _CONSTANTS:
        return _CONSTANTS[text]
    if len(text) > _MAX_DIGITS:
        return text
    if _DECIMAL.fullmatch(text):
        return int(text)
    if _OCTAL.fullmatch(text) or _HEXADECIMAL.fullmatch(text):
        return int(text, 0)
    if _FLOAT.fullmatch(text):
        return float(text)
    return float(text.lower().replace(".", "")) if _NOT_FINITE.fullmatch(text) else text


def emit(value: Mapping[str, Any]) -> str:
    """A YAML document with mappings, lists, texts, numbers, booleans and nulls."""
    return "".join(f"{line}\n" for line in _lines(value))


def _lines(value: Any) -> Iterator[str]:
    """Yield the lines of a mapping or list that is not empty, in block style."""
    if isinstance(value, Mapping):
        for key, each in value.items():
            yield from _entry(f"{_text(key)}:", each)
    else:
        for each in value:
            yield from _item(each)


def _entry(head: str, value: Any) -> Iterator[str]:
    one_line = f"{head} {flow(value)}"
    if not _is_collection(value) or (len(one_line) <= _WIDTH and _is_flat(value)):
        yield one_line
        return
    yield head
    yield from (f"  {line}" for line in _lines(value))


def _item(value: Any) -> Iterator[str]:
    one_line = f"- {flow(value)}"
    if not _is_collection(value) or (len(one_line) <= _WIDTH and _is_flat(value)):
        yield one_line
        return
    first, *rest = _lines(value)
    yield f"- {first}"
    yield from (f"  {line}" for line in rest)


def _is_collection(value: Any) -> bool:
    return isinstance(value, Mapping | list | tuple) and bool(value)


def _is_flat(value: Any) -> bool:
    inside = value.values() if isinstance(value, Mapping) else value
    return not any(_is_collection(each) for each in inside)


def hint(settings: Mapping[str, Any]) -> str:
    """The settings in the form in which a message shows them between backticks, such as ``dialect: {quote:
    none}``.
    """
    return flow(settings)[1:-1].replace("`", "\\x60")


def flow(value: Any) -> str:
    """The value as YAML on one line."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_text(key)}: {flow(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(flow(each) for each in value) + "]"
    return _scalar(value)


def _scalar(value: Any) -> str:
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float) and not math.isfinite(value):
        return ".nan" if math.isnan(value) else ".inf" if value > 0 else "-.inf"
    return _text(value) if isinstance(value, str) else repr(value)


def _text(text: str) -> str:
    """The text without quotes if all versions of YAML read it as this text; otherwise in double quotes."""
    if _PLAIN.fullmatch(text) and scalar(text) == text and not _older(text):
        return text
    return f'"{_UNSAFE.sub(_escaped, text)}"'


def _older(text: str) -> bool:
    """Whether YAML 1.1 reads the text as a value of another type. Editors and other tools still use YAML 1.1."""
    return text.lower() in {"y", "n", "yes", "no", "on", "off"} or text[0].isdigit()


def _escaped(found: re.Match[str]) -> str:
    code = ord(found[0])
    if found[0] in '"\\':
        return f"\\{found[0]}"
    if found[0] == "\t":
        return "\\t"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
