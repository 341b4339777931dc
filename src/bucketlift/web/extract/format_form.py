"""The part of the form that says how files are framed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from starlette.datastructures import FormData

Form = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One input, for one key of the dialect."""

    key: str
    label: str
    help: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    """Values with what they are called; the first one is what is usual. None: the input takes a text."""
    kind: str = "text"
    """``text``, ``words`` or ``number``."""


def _switch(key: str, label: str, usual: str, other: str, value: str = "true") -> Setting:
    return Setting(key=key, label=label, choices=(("", usual), (value, other)))


GROUPS: tuple[tuple[str, tuple[Setting, ...]], ...] = (
    (
        "Lines and header",
        (
            Setting(key="skip_lines", label="Lines to skip above the header", kind="number"),
            Setting(
                key="header_line",
                label="Line of the header",
                help="From 1, whatever stands above it. Empty: the first line that is not skipped.",
                kind="number",
            ),
            Setting(
                key="expect",
                label="Texts above the header",
                help="With a line of the header: what the lines above it contain. Several with commas.",
                kind="words",
            ),
            Setting(
                key="rows_below_header",
                label="Rows below the header that are no data",
                help="Such as a row of units. Empty: files that seem to have some are held.",
                kind="number",
            ),
            Setting(
                key="footer",
                label="Lines that are no rows begin with",
                help="Below the last row: Total. Several with commas.",
                kind="words",
            ),
            Setting(
                key="line_end",
                label="Line end",
                choices=(
                    ("", "LF or CRLF"),
                    ("lf", "LF"),
                    ("crlf", "CRLF"),
                    ("cr", "CR"),
                    ("crcrlf", "CR CR LF"),
                ),
            ),
        ),
    ),
    (
        "Quotes and cells",
        (
            Setting(
                key="escapes",
                label="Meaning of an escape",
                choices=(
                    ("", "a delimiter, quote or line end follows"),
                    ("none", "none"),
                    ("mysql", "as MySQL writes it"),
                    ("postgresql", "as PostgreSQL writes it"),
                ),
            ),
            _switch(
                "blank_around_quotes", "Blanks around quotes", "make the row wrong", "are accepted", "accept"
            ),
            _switch("formula_guard", 'Cells like ="00123"', "stay as they are", "are read as 00123", "strip"),
            _switch("quoted_lines", "Every line stands in quotes", "no", "yes"),
            _switch("borders", "Rows stand between delimiters, as SAP prints them", "no", "yes"),
            _switch("trim", "Blanks around cells", "stay", "are removed"),
            _switch("null_quoted", "A word for empty in quotes", "is empty, too", "is a value", "false"),
        ),
    ),
    (
        "Ends of rows and files",
        (
            _switch(
                "trailing_delimiter",
                "One more delimiter at the end of rows",
                "makes the row wrong",
                "is accepted",
                "accept",
            ),
            _switch("trailing_nul", "NUL bytes at the end", "make the row wrong", "are removed", "strip"),
            _switch(
                "trailing_controls", "Ctrl-Z or form feeds at the end", "make a row", "are removed", "strip"
            ),
        ),
    ),
)
PRESETS = (
    ("", "none"),
    ("mysql", "MySQL"),
    ("postgresql", "PostgreSQL"),
    ("excel", "Excel"),
    ("excel-eu", "Excel in Europe"),
    ("sap", "SAP list"),
)
FIRST = (
    Setting(key="preset", label="Program that writes the files", choices=PRESETS),
    Setting(
        key="delimiter",
        label="Delimiter",
        help="Empty: as the file type or the program says. One or more signs, or the word tab.",
    ),
    Setting(
        key="quote",
        label="Quote",
        help="Empty: as usual. One sign, two for opening and closing, or the word none.",
    ),
    Setting(key="escape", label="Escape", help="Empty: a quote inside a field is doubled."),
)
SETTINGS = (*FIRST, *(each for _, settings in GROUPS for each in settings))
LABELS = {each.key: each.label for each in SETTINGS} | {
    "null": "Words that mean nothing",
    "encoding": "Encoding",
}


def dialect(form: FormData, known: Form) -> Form:
    """The dialect with what the form says of it; a key without an input in the form stays."""
    said = {key: value for key, value in known.items() if key != "null"}
    for each in SETTINGS:
        if each.key in form and each.key != "null_quoted":
            _say(said, each.key, _value(each, _raw(form, each.key), known))
    if "encoding" in form:
        encoding = _raw(form, "encoding").strip()
        _say(said, "encoding", None if encoding in ("", "utf-8") else encoding)
    if "header" in form:
        _say(said, "header", {"no": False, "given": True}.get(_raw(form, "header").strip()))
    return said | _nulls(form, known.get("null", []))


def shown(setting: Setting, known: Form) -> str:
    """What the input of a setting shows."""
    value = known.get(setting.key)
    if setting.key == "null_quoted":
        return "false" if _quoted(known.get("null", [])) is False else ""
    if setting.key == "delimiter" and value == "\t":
        return "tab"
    if setting.key == "quote" and value is None and "preset" not in known:
        return '"'
    if isinstance(value, bool):
        return str(value).lower() if setting.choices else ""
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return "" if value is None else str(value)


def null_words(known: Form) -> list[str]:
    value = known.get("null", [])
    words = value.get("words", []) if isinstance(value, dict) else value
    return [words] if isinstance(words, str) else list(words)


def _value(setting: Setting, raw: str, known: Form) -> Any:
    """None if the input says what is usual."""
    text = raw.strip()
    if raw and raw == shown(setting, known) and setting.key in known:
        return known[setting.key]
    if setting.key == "delimiter":
        return "\t" if text.lower() in ("tab", "\\t") else raw or None
    if setting.key == "quote":
        return None if text == '"' else text or None
    if setting.kind == "words":
        return [word.strip() for word in text.split(",") if word.strip()] or None
    if setting.kind == "number":
        number = int(text) if text.isascii() and text.isdigit() and len(text) < 19 else text
        return None if text == "" or (setting.key == "skip_lines" and number == 0) else number
    return True if text == "true" else text or None


def _nulls(form: FormData, known: Any) -> Form:
    words = null_words({"null": known})
    if "all_null" in form and _raw(form, "all_null") != ", ".join(words):
        words = [word.strip() for word in _raw(form, "all_null").split(",") if word.strip()]
    quoted = _raw(form, "null_quoted") != "false" if "null_quoted" in form else _quoted(known)
    if quoted is False:
        return {"null": {"words": words, "quoted": False}} if words else {"null": {"quoted": False}}
    return {"null": words} if words else {}


def _quoted(known: Any) -> Any:
    return known.get("quoted", True) if isinstance(known, dict) else True


def _say(said: Form, key: str, value: Any) -> None:
    if value is None:
        said.pop(key, None)
    else:
        said[key] = value


def _raw(form: FormData, name: str) -> str:
    value = form.get(name, "")
    return value if isinstance(value, str) else ""
