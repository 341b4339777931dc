"""Options that say how files are written: one for each key of a workflow file's ``dialect``, and those beside it."""

from __future__ import annotations

import csv
import inspect
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import wraps
from inspect import Parameter
from typing import Annotated, Any

import typer

Form = Mapping[str, Any]
"""What a workflow file would say of the extract task."""
NOTHING_SAID: Form = {}

_TEXTS = {
    "preset": "A family of settings: mysql, postgresql, excel, excel-eu or sap. Other options override its own.",
    "delimiter": "One or more characters; control characters as \\t or \\u0001. Else the file type's.",
    "quote": "One character, an opening and a closing one, or none.",
    "escape": "One character; else there is none.",
    "escapes": "What an escape means: strict, none, mysql or postgresql.",
    "encoding": "Such as cp1252 or utf-16; else utf-8.",
    "line_end": "auto, lf, crlf, cr or crcrlf.",
    "blank_around_quotes": 'accept reads 1, "Smith, John".',
    "formula_guard": 'strip reads ="00123" as 00123.',
    "trailing_delimiter": "accept reads records that end with one more delimiter.",
    "trailing_nul": "strip removes NUL padding at the end of files and records.",
    "trailing_controls": "strip removes Ctrl-Z and form feeds at the end of files.",
}
_NUMBERS = {
    "skip_lines": "Lines above the header.",
    "header_line": "The line of the header, from 1, whatever stands above it.",
    "rows_below_header": "Records below the header that are no data.",
}
_SWITCHES = {
    "header": "Whether files have a header row; with --no-header, --columns or --sample names their fields.",
    "borders": "Whether records stand between delimiters, as in lists that SAP prints.",
    "trim": "Whether blanks around every cell are removed.",
    "quoted_lines": "Whether each line as a whole stands in quotes.",
    "null_quoted": "Whether a null word in quotes is null, too.",
}
_LISTS = {
    "expect": "A text above --header-line; once for each line.",
    "footer": "What lines below the last record begin with; may be given again.",
    "null": "A word that means null in every field; may be given again.",
}
_BESIDE = {
    "columns": "The names of the fields, in place of a sample: A,B,C. A name with a comma stands in double quotes.",
    "field": "A field's type: Hired=date, or as in a workflow file, 'Pay={type: decimal, scale: 2}'; may be given again.",
    "contract": "KEY=VALUE: what to do with files that differ, such as extra=ignore; may be given again.",
    "archive": "KEY=VALUE: which files of a zip or tar are read, entries=data/*.csv or ignore=README*; may be given again.",
}
_CHARACTERS = ("delimiter", "quote", "escape")
_SPELT = re.compile(r"\\(?:([tnr\\])|x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4}))")
_NAMED = {"t": "\t", "n": "\n", "r": "\r", "\\": "\\"}


def with_file_format(command: Callable[..., int]) -> Callable[..., int]:
    """The command with these options; it gets what they say as ``form``."""

    @wraps(command)
    def run(**given: Any) -> int:
        said = {name: given.pop(name) for name in options}
        return command(**given, form=_form(said))

    options = {each.name: each for each in _options()}
    own = inspect.signature(command, eval_str=True).parameters.values()
    kept = [each.replace(kind=Parameter.KEYWORD_ONLY) for each in own if each.name != "form"]
    run.__signature__ = inspect.Signature([*kept, *options.values()], return_annotation=int)  # type: ignore[attr-defined]
    return run


def _options() -> Iterator[Parameter]:
    for words, kind in ((_TEXTS, str), (_NUMBERS, int), (_SWITCHES, bool), (_LISTS, list[str])):
        yield from (_option(name, kind, text) for name, text in words.items())
    yield _option("columns", str, _BESIDE["columns"])
    for name in ("field", "contract", "archive"):
        yield _option(name, list[str], _BESIDE[name])


def _option(name: str, kind: Any, text: str) -> Parameter:
    spelt = name.replace("_", "-")
    option = typer.Option(f"--{spelt}/--no-{spelt}" if kind is bool else f"--{spelt}", help=text)
    return Parameter(name, Parameter.KEYWORD_ONLY, default=None, annotation=Annotated[kind | None, option])


def _form(said: dict[str, Any]) -> dict[str, Any]:
    said = {name: value for name, value in said.items() if value not in (None, [])}
    form: dict[str, Any] = {}
    if "columns" in said:
        form["columns"] = _names(said.pop("columns"))
    if "field" in said:
        form["fields"] = dict(map(_field, said.pop("field")))
    if "contract" in said:
        form |= _policies(_pairs(said.pop("contract"), "--contract"))
    if "archive" in said:
        form["archive"] = _archive(_pairs(said.pop("archive"), "--archive"))
    dialect = _dialect(said)
    return form | ({"dialect": dialect} if dialect else {})


def _dialect(said: dict[str, Any]) -> dict[str, Any]:
    dialect = {name: _spelt(value) if name in _CHARACTERS else value for name, value in said.items()}
    nulls = {"words": dialect.pop("null", None), "quoted": dialect.pop("null_quoted", None)}
    nulls = {name: value for name, value in nulls.items() if value is not None}
    return dialect | ({"null": nulls} if nulls else {})


def _policies(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """What to do with an empty file stands beside the contract."""
    policies = dict(pairs)
    empty = {"empty": policies.pop("empty")} if "empty" in policies else {}
    return empty | ({"contract": policies} if policies else {})


def _archive(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    form: dict[str, Any] = {}
    for name, value in pairs:
        if name == "ignore":
            form.setdefault("ignore", []).append(value)
        else:
            form[name] = value
    return form


def _pairs(texts: Iterable[str], option: str) -> Iterator[tuple[str, str]]:
    for text in texts:
        name, is_pair, value = text.partition("=")
        if not is_pair:
            raise typer.BadParameter(f"{option} is KEY=VALUE, not {text}")
        yield name, value


def _field(text: str) -> tuple[str, Any]:
    from bucketlift.definition.yaml import read_yaml

    name, is_mapping, rest = text.partition("={")
    if is_mapping:
        return name, read_yaml(f"{{{rest}".encode(), f"--field {name}").value
    ((name, kind),) = _pairs([text], "--field")
    return name, {"type": kind}


def _names(text: str) -> list[str]:
    return next(csv.reader([text], skipinitialspace=True), [])


def _spelt(text: str) -> str:
    """A shell can hardly write a control character."""
    return _SPELT.sub(
        lambda found: _NAMED[found[1]] if found[1] else chr(int(found[2] or found[3], 16)), text
    )
