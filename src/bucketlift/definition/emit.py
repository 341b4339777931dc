"""Plain values to YAML text that reads back as the same values."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

from bucketlift.definition.scalars import scalar

_WIDTH = 100
"""Columns up to which a mapping or list is written on one line."""
_PLAIN = re.compile(r"[A-Za-z0-9_/][A-Za-z0-9_./+-]*", re.ASCII)
_UNSAFE = re.compile(
    r"[^\x20\x21\x23-\x5b\x5d-\x7e\xa0-\u2027\u202a-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
"""What cannot stand as itself in double quotes (YAML 1.2, chapter 5.1), and line ends of older YAML."""


def emit(value: Mapping[str, Any]) -> str:
    """A document of mappings, lists, texts, numbers, booleans and nulls."""
    return "".join(f"{line}\n" for line in _lines(value))


def _lines(value: Any) -> Iterator[str]:
    """A collection that is not empty, in block style."""
    if isinstance(value, Mapping):
        for key, each in value.items():
            yield from _entry(f"{_text(key)}:", each)
    else:
        for each in value:
            yield from _item(each)


def _entry(head: str, value: Any) -> Iterator[str]:
    one_line = f"{head} {_flow(value)}"
    if not _is_collection(value) or (len(one_line) <= _WIDTH and _is_flat(value)):
        yield one_line
        return
    yield head
    yield from (f"  {line}" for line in _lines(value))


def _item(value: Any) -> Iterator[str]:
    one_line = f"- {_flow(value)}"
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


def _flow(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_text(key)}: {_flow(each)}" for key, each in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_flow(each) for each in value) + "]"
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
    """Plain where nobody can take it for anything else, older YAML included; else in double quotes."""
    if _PLAIN.fullmatch(text) and scalar(text) == text and not _older(text):
        return text
    return f'"{_UNSAFE.sub(_escaped, text)}"'


def _older(text: str) -> bool:
    """Whether YAML 1.1, which editors and other tools still read, sees more than text in it."""
    return text.lower() in {"y", "n", "yes", "no", "on", "off"} or text[0].isdigit()


def _escaped(found: re.Match[str]) -> str:
    code = ord(found[0])
    if found[0] in '"\\':
        return f"\\{found[0]}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
