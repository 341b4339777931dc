"""The form that says what the fields are, and what becomes of rows and files that differ."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from starlette.datastructures import FormData

from bucketlift.web.extract import format_form

Form = dict[str, Any]
TYPES = ("text", "integer", "decimal", "date", "timestamp", "boolean")
GOES_WITH = {
    "date": ("format",),
    "timestamp": ("format", "timezone", "zone_names"),
    "integer": ("thousands", "negative"),
    "decimal": ("precision", "scale", "decimal_point", "thousands", "negative"),
    "boolean": ("true", "false"),
}
"""What else is asked of a type."""
ALWAYS = ("aliases", "null", "strip")
"""What is asked of every field."""
BLANK = "blank"
"""Stands for one blank, which nobody could see in an input."""
ONE_OF: dict[str, tuple[tuple[str, str], ...]] = {
    "decimal_point": (("", "full stop"), (",", "comma")),
    "thousands": (("", "none"), (",", "comma"), (".", "full stop"), (BLANK, "blank"), ("'", "apostrophe")),
}
SOME_OF = {
    "negative": (
        ("parentheses", "(30.00)"),
        ("trailing", "30.00-"),
        ("unicode-minus", "the sign \u2212"),
    )
}
_NUMBERS = ("precision", "scale")
_WORDS = ("true", "false", "aliases", "null", "strip", "negative")
CASES: dict[str, tuple[str, tuple[str, ...]]] = {
    "reordered": ("Columns in another order", ("accept", "hold")),
    "respelled": ("Another case, or blanks around a name", ("accept", "hold")),
    "extra": ("A column more", ("hold", "ignore", "accept")),
    "missing": ("A column less", ("hold", "accept")),
    "duplicate": ("A column twice", ("hold", "ignore", "number")),
    "blank": ("A column without a name", ("hold", "ignore")),
    "preamble": ("Lines above the header", ("hold", "ignore")),
    "trailing": ("Lines below a blank line at the end", ("hold", "ignore")),
    "encoding": ("It looks like another encoding", ("hold", "accept")),
    "empty_rows": ("Rows without any value", ("hold", "skip", "keep")),
    "repeated_header": ("The header again further down", ("hold", "skip")),
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
        "fields": fields(form, names, extract.get("fields", {})),
        "max_rejected": _limit(form),
        "contract": _policies(form, extract.get("contract", {})),
        "dialect": format_form.dialect(form, extract.get("dialect", {})),
        "archive": _archive(form, extract.get("archive")),
        "repeats": _text(form, "repeats") or None,
        "order": "modified" if _text(form, "order") == "modified" else None,
        "empty": "skip" if _text(form, "empty") == "skip" else None,
        "max_bytes": _largest(form),
    }
    rest = {name: value for name, value in extract.items() if name not in said}
    return rest | {name: value for name, value in said.items() if value not in (None, {}, 0)}


def fields(form: FormData, names: Sequence[str], known: Form) -> Form:
    found = ((name, field(form, position, known.get(name, {}))) for position, name in enumerate(names))
    return {name: said for name, said in found if said}


def field(form: FormData, position: int, known: Form) -> Form:
    """What is said of one field; nothing of a plain text. What an input shows and nobody changed stays as it is."""
    kind = _text(form, f"type-{position}") or "text"
    said: Form = {} if kind == "text" else {"type": kind}
    for name in (*GOES_WITH.get(kind, ()), *ALWAYS):
        value = ", ".join(map(str, form.getlist(f"{name}-{position}"))).strip()
        if name in known and value == shown(known[name]):
            said[name] = known[name]
        elif value:
            said[name] = _value(name, value)
    return said


def shown(value: Any) -> str:
    """What the input of a field's key shows."""
    if isinstance(value, dict):
        return ", ".join(f"{key}={each}" for key, each in value.items())
    if isinstance(value, list | tuple):
        return ", ".join(BLANK if each == " " else str(each) for each in value)
    return BLANK if value == " " else str(value)


def _value(name: str, value: str) -> Any:
    if name in _NUMBERS:
        return _number(value)
    if name in _WORDS:
        words = [word.strip() for word in value.split(",") if word.strip()]
        return [" " if word == BLANK and name == "strip" else word for word in words]
    if name == "zone_names":
        pairs = [part.partition("=") for part in value.split(",")]
        is_whole = all(key.strip() and zone.strip() for key, _, zone in pairs)
        return {key.strip(): zone.strip() for key, _, zone in pairs} if is_whole else value
    return " " if name == "thousands" and value == BLANK else value


def _limit(form: FormData) -> Any:
    """A number of rows, or a text with a percent sign, as the workflow file says it."""
    if _text(form, "wrong") != "limit":
        return None
    number = _text(form, "limit").removesuffix("%").strip()
    return f"{number}%" if _text(form, "unit") == "%" else _number(number)


def _policies(form: FormData, known: Form) -> Form:
    kept = {case: word for case, word in known.items() if f"case-{case}" not in form and case not in CASES}
    chosen = {case: _text(form, f"case-{case}") for case in CASES}
    return kept | {case: word for case, word in chosen.items() if word and word != CASES[case][1][0]}


def _archive(form: FormData, known: Form | None) -> Form | None:
    if "archive_entries" not in form:
        return known
    entries, ignore = _text(form, "archive_entries"), _text(form, "archive_ignore")
    said: Form = {"entries": entries} if entries else {}
    if ignore:
        said["ignore"] = [word.strip() for word in ignore.split(",") if word.strip()]
    return said or None


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
