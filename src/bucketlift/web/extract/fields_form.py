"""The form that says what the fields are, and what becomes of rows and files that differ."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from starlette.datastructures import FormData

Form = dict[str, Any]
TYPES = ("text", "integer", "decimal", "date", "timestamp", "boolean")
GOES_WITH = {
    "date": ("format",),
    "timestamp": ("format", "timezone"),
    "decimal": ("precision", "scale"),
    "boolean": ("true", "false"),
}
"""What else is asked of a type."""
_NUMBERS = ("precision", "scale")
_WORDS = ("true", "false", "aliases", "null")
CASES: dict[str, tuple[str, tuple[str, ...]]] = {
    "reordered": ("Columns in another order", ("accept", "hold")),
    "respelled": ("Another case, or blanks around a name", ("accept", "hold")),
    "extra": ("A column more", ("hold", "ignore", "accept")),
    "missing": ("A column less", ("hold", "accept")),
    "duplicate": ("A column twice", ("hold", "ignore")),
    "blank": ("A column without a name", ("hold", "ignore")),
    "preamble": ("Lines above the header", ("hold", "ignore")),
    "trailing": ("Lines below a blank line at the end", ("hold", "ignore")),
    "encoding": ("It looks like another encoding", ("hold", "accept")),
}
"""How files may differ, and what can be done; the first is what is done unless somebody says otherwise."""
ENCODINGS = (
    "utf-8",
    "utf-16",
    "windows-1252",
    "iso-8859-1",
    "iso-8859-15",
    "windows-1250",
    "windows-1251",
    "shift_jis",
)
MEGABYTE = 1_000_000


def told(form: FormData, extract: Form, names: Sequence[str]) -> Form:
    """The task with what the form says of it; all else stays."""
    said: Form = {
        "columns": list(names),
        "fields": fields(form, names),
        "max_rejected": _limit(form),
        "contract": _policies(form),
        "dialect": _dialect(form),
        "repeats": _text(form, "repeats") or None,
        "order": "modified" if _text(form, "order") == "modified" else None,
        "empty": "skip" if _text(form, "empty") == "skip" else None,
        "max_bytes": _largest(form),
    }
    rest = {name: value for name, value in extract.items() if name not in said}
    return rest | {name: value for name, value in said.items() if value not in (None, {}, 0)}


def fields(form: FormData, names: Sequence[str]) -> Form:
    found = ((name, field(form, position)) for position, name in enumerate(names))
    return {name: said for name, said in found if said}


def field(form: FormData, position: int) -> Form:
    """What is said of one field; nothing of a plain text."""
    kind = _text(form, f"type-{position}") or "text"
    said: Form = {} if kind == "text" else {"type": kind}
    for name in (*GOES_WITH.get(kind, ()), "aliases", "null"):
        value = _text(form, f"{name}-{position}")
        if value:
            said[name] = _value(name, value)
    return said


def _value(name: str, value: str) -> Any:
    if name in _NUMBERS:
        return _number(value)
    if name in _WORDS:
        return [word.strip() for word in value.split(",") if word.strip()]
    return value


def _limit(form: FormData) -> Any:
    """A number of rows, or a text with a percent sign, as the workflow file says it."""
    if _text(form, "wrong") != "limit":
        return None
    number = _text(form, "limit").removesuffix("%").strip()
    return f"{number}%" if _text(form, "unit") == "%" else _number(number)


def _policies(form: FormData) -> Form:
    chosen = {case: _text(form, f"case-{case}") for case in CASES}
    return {case: word for case, word in chosen.items() if word and word != CASES[case][1][0]}


def _dialect(form: FormData) -> Form:
    said: Form = {}
    delimiter = _raw(form, "delimiter")
    if delimiter:
        said["delimiter"] = "\t" if delimiter.strip().lower() in ("tab", "\\t") else delimiter
    for name, usual in (("quote", '"'), ("escape", ""), ("encoding", "utf-8")):
        value = _text(form, name)
        if value and value != usual:
            said[name] = value
    if _text(form, "skip_lines") not in ("", "0"):
        said["skip_lines"] = _number(_text(form, "skip_lines"))
    if _text(form, "header") in ("no", "given"):
        said["header"] = _text(form, "header") == "given"
    for name in ("footer", "null"):
        words = _value("null", _text(form, name if name == "footer" else "all_null"))
        if words:
            said[name] = words
    return said


def _largest(form: FormData) -> Any:
    value = _text(form, "max_mb")
    number = _number(value) if value else 0
    return number * MEGABYTE if isinstance(number, int) else number


def _number(value: str) -> Any:
    """What is no number stays as it was typed: the rules of the workflow file say what is wrong with it."""
    return int(value) if value.isascii() and value.isdigit() and len(value) < 19 else value


def _raw(form: FormData, name: str) -> str:
    value = form.get(name, "")
    return value if isinstance(value, str) else ""


def _text(form: FormData, name: str) -> str:
    return _raw(form, name).strip()
