"""The form for the format of the files: delimiter, quotes, encoding, header and footer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from starlette.datastructures import FormData

Form = dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """An input for one key of the dialect."""

    key: str
    label: str
    help: str = ""
    choices: tuple[tuple[str, str], ...] = ()
    """The possible values with their labels, the default first. Empty: the user types a text."""
    kind: str = "text"
    """The kind of the input: ``text``, ``words`` or ``number``."""


def _switch(key: str, label: str, usual: str, other: str, value: str = "true") -> Setting:
    return Setting(key=key, label=label, choices=(("", usual), (value, other)))


GROUPS: tuple[tuple[str, tuple[Setting, ...]], ...] = (
    (
        "Lines and header",
        (
            Setting(key="skip_lines", label="Lines to skip above the header", kind="number"),
            Setting(
                key="header_line",
                label="Line number of the header",
                help="Counted from 1, including skipped lines. Empty: the first line that is not skipped.",
                kind="number",
            ),
            Setting(
                key="expect",
                label="Text above the header",
                help="Text that the lines above the header contain. Requires the line number of the header. Separate with commas.",
                kind="words",
            ),
            Setting(
                key="rows_below_header",
                label="Extra rows below the header",
                help="Rows without data, for example units. Empty: files that seem to have such rows are held.",
                kind="number",
            ),
            Setting(
                key="footer",
                label="Footer lines start with",
                help="Lines after the last row, for example Total. Separate with commas.",
                kind="words",
            ),
            Setting(
                key="line_end",
                label="Line ending",
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
                label="Escape sequences",
                choices=(
                    ("", "before a delimiter, quote or line ending"),
                    ("none", "none"),
                    ("mysql", "as in MySQL"),
                    ("postgresql", "as in PostgreSQL"),
                ),
            ),
            _switch("blank_around_quotes", "Spaces around quotes", "reject the row", "accept", "accept"),
            _switch("formula_guard", 'Cells like ="00123"', "keep as they are", "read as 00123", "strip"),
            _switch("quoted_lines", "Whole lines in quotes", "no", "yes"),
            _switch("borders", "Rows between delimiters, as printed by SAP", "no", "yes"),
            _switch("trim", "Spaces around cells", "keep", "remove"),
            _switch("null_quoted", "Quoted empty words", "treat as empty", "treat as values", "false"),
        ),
    ),
    (
        "Ends of rows and files",
        (
            _switch(
                "trailing_delimiter",
                "Extra delimiter at the end of rows",
                "reject the row",
                "accept",
                "accept",
            ),
            _switch("trailing_nul", "NUL bytes at the end", "reject the row", "remove", "strip"),
            _switch(
                "trailing_controls", "Ctrl-Z or form feeds at the end", "read as a row", "remove", "strip"
            ),
        ),
    ),
)
PRESETS = (
    ("", "none"),
    ("mysql", "MySQL"),
    ("postgresql", "PostgreSQL"),
    ("excel", "Excel"),
    ("excel-eu", "Excel (Europe)"),
    ("sap", "SAP list"),
)
FIRST = (
    Setting(key="preset", label="Program that writes the files", choices=PRESETS),
    Setting(
        key="delimiter",
        label="Delimiter",
        help="One or more characters, or the word tab. Empty: the default of the file type or program.",
    ),
    Setting(
        key="quote",
        label="Quote",
        help="One character, an opening and a closing one, or the word none. Empty: the default.",
    ),
    Setting(key="escape", label="Escape", help="Empty: quotes inside a field are doubled."),
)
SETTINGS = (*FIRST, *(each for _, settings in GROUPS for each in settings))
LABELS = {each.key: each.label for each in SETTINGS} | {
    "null": "Treat as empty",
    "encoding": "Encoding",
}


def dialect(form: FormData, known: Form) -> Form:
    """The dialect with the values of the form. Keys without an input do not change."""
    values = {key: value for key, value in known.items() if key != "null"}
    for each in SETTINGS:
        if each.key in form and each.key != "null_quoted":
            _set(values, each.key, _value(each, _raw(form, each.key), known))
    if "encoding" in form:
        encoding = _raw(form, "encoding").strip()
        _set(values, "encoding", None if encoding in ("", "utf-8") else encoding)
    if "header" in form:
        _set(values, "header", {"no": False, "given": True}.get(_raw(form, "header").strip()))
    return values | _nulls(form, known)


def shown(setting: Setting, known: Form) -> str:
    """The text in the input for a setting."""
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
    """The value of an input; None for the default."""
    text = raw.strip()
    if setting.key in known and raw == _unchanged(setting, known):
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


def _unchanged(setting: Setting, known: Form) -> str:
    """The text that a browser sends for an unchanged input. If the input does not offer the present value,
    the browser sends the first option.
    """
    text = shown(setting, known)
    values = [value for value, _ in setting.choices]
    return text if not values or text in values else values[0]


def _nulls(form: FormData, known: Form) -> Form:
    null = known.get("null")
    words, quoted = (null.get("words"), null.get("quoted")) if isinstance(null, dict) else (null, None)
    if "all_null" in form and _raw(form, "all_null") != ", ".join(null_words(known)):
        words = [word.strip() for word in _raw(form, "all_null").split(",") if word.strip()] or None
    if "null_quoted" in form and _raw(form, "null_quoted") != ("false" if quoted is False else ""):
        quoted = False if _raw(form, "null_quoted") == "false" else None
    words = [words] if isinstance(words, str) else words
    if quoted is not None:
        return {"null": {"quoted": quoted} if words is None else {"words": words, "quoted": quoted}}
    return {} if words is None else {"null": words}


def _quoted(known: Any) -> Any:
    return known.get("quoted", True) if isinstance(known, dict) else True


def _set(values: Form, key: str, value: Any) -> None:
    if value is None:
        values.pop(key, None)
    else:
        values[key] = value


def _raw(form: FormData, name: str) -> str:
    value = form.get(name, "")
    return value if isinstance(value, str) else ""
