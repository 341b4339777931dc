"""The form for the fields of an extract task, for invalid rows, and for files that differ from the contract."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from starlette.datastructures import FormData

from bucketlift.model.types import TypeName
from bucketlift.tabular.types import field_settings
from bucketlift.web.extract import format_form

Form = dict[str, Any]
TYPES = tuple(each.value for each in TypeName)
GOES_WITH = {
    each.value: tuple(key for key, types in field_settings.GOES_WITH.items() if each in types)
    for each in TypeName
}
"""For each type, the settings that only fields of this type have."""
ALWAYS = ("aliases", "null", "strip")
"""The settings that fields of every type have."""
BLANK = "blank"
"""The word that stands for a single space in an input, because a space is invisible."""
ONE_OF: dict[str, tuple[tuple[str, str], ...]] = {
    "decimal_point": (("", "point"), (",", "comma")),
    "thousands": (("", "none"), (",", "comma"), (".", "point"), (BLANK, "space"), ("'", "apostrophe")),
}
SOME_OF = {
    "negative": (
        ("parentheses", "(30.00)"),
        ("trailing", "30.00-"),
        ("unicode-minus", "Unicode minus \u2212"),
    )
}
_NUMBERS = ("precision", "scale")
_WORDS = ("true", "false", "aliases", "null", "strip", "negative")
CASES: dict[str, tuple[str, tuple[str, ...]]] = {
    "reordered": ("Different column order", ("accept", "hold")),
    "respelled": ("Different case or spaces in a name", ("accept", "hold")),
    "extra": ("Additional column", ("hold", "ignore", "accept")),
    "missing": ("Missing column", ("hold", "accept")),
    "duplicate": ("Duplicate column", ("hold", "ignore", "number")),
    "blank": ("A column without a name", ("hold", "ignore")),
    "preamble": ("Lines above the header", ("hold", "ignore")),
    "trailing": ("Lines after a blank line at the end", ("hold", "ignore")),
    "encoding": ("Unexpected encoding", ("hold", "accept")),
    "empty_rows": ("Empty rows", ("hold", "skip", "keep")),
    "repeated_header": ("Repeated header rows", ("hold", "skip")),
}
"""The ways in which a file can differ, each with its possible policies; the first policy is the default."""
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


def with_form(form: FormData, extract: Form, names: Sequence[str]) -> Form:
    """The task with the values of the form. Keys without an input do not change."""
    values: Form = {
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
    rest = {name: value for name, value in extract.items() if name not in values}
    return rest | {name: value for name, value in values.items() if value not in (None, {}, 0)}


def fields(form: FormData, names: Sequence[str], known: Form) -> Form:
    found = ((name, field(form, position, known.get(name, {}))) for position, name in enumerate(names))
    return {name: settings for name, settings in found if settings}


def field(form: FormData, position: int, known: Form) -> Form:
    """The settings of one field; empty for plain text. If an input is unchanged, its value stays as it is
    written.
    """
    kind = _text(form, f"type-{position}") or "text"
    settings: Form = {} if kind == "text" else {"type": kind}
    for name in (*GOES_WITH.get(kind, ()), *ALWAYS):
        value = ", ".join(map(str, form.getlist(f"{name}-{position}"))).strip()
        if name in known and value == shown(known[name]):
            settings[name] = known[name]
        elif value:
            settings[name] = _value(name, value)
    return settings


def shown(value: Any) -> str:
    """The text in the input for a field's setting."""
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
    """The reject limit as in a workflow file: a number of rows, or a text with a percent sign."""
    if _text(form, "wrong") != "limit":
        return None
    number = _text(form, "limit").removesuffix("%").strip()
    return f"{number}%" if _text(form, "unit") == "%" else _number(number)


def _policies(form: FormData, known: Form) -> Form:
    kept = {case: word for case, word in known.items() if f"case-{case}" not in form}
    chosen = {case: _text(form, f"case-{case}") for case in CASES if f"case-{case}" in form}
    return kept | {case: word for case, word in chosen.items() if word and word != CASES[case][1][0]}


def _archive(form: FormData, known: Form | None) -> Form | None:
    if "archive_entries" not in form:
        return known
    entries, ignore = _text(form, "archive_entries"), _text(form, "archive_ignore")
    archive: Form = {"entries": entries} if entries else {}
    if ignore:
        archive["ignore"] = [word.strip() for word in ignore.split(",") if word.strip()]
    return archive or None


def _largest(form: FormData) -> Any:
    value = _text(form, "max_mb")
    number = _number(value) if value else 0
    return number * MEGABYTE if isinstance(number, int) else number


def _number(value: str) -> Any:
    """The number that the user typed. If it is no number, the text is returned, so that the checks of the
    workflow report it.
    """
    return int(value) if value.isascii() and value.isdigit() and len(value) < 19 else value


def _raw(form: FormData, name: str) -> str:
    value = form.get(name, "")
    return value if isinstance(value, str) else ""


def _text(form: FormData, name: str) -> str:
    return _raw(form, name).strip()
