"""Command-line options for the format of files: one for each key of ``dialect`` in a workflow file, and one
for each related key of the task.
"""

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
"""The extract task's settings, with the keys of a workflow file."""
NO_FORMAT: Form = {}

_TEXTS = {
    "preset": "A preset of settings: mysql, postgresql, excel, excel-eu or sap. Other options override it.",
    "delimiter": "One or more characters; write control characters as \\t or \\u0001. The default depends on the file type.",
    "quote": "One character, an opening and a closing character, or none.",
    "escape": "One character. By default there is none.",
    "escapes": "The meaning of escapes: strict, none, mysql or postgresql.",
    "encoding": "An encoding such as cp1252 or utf-16. The default is utf-8.",
    "line_end": "auto, lf, crlf, cr or crcrlf.",
    "blank_around_quotes": 'accept: read 1, "Smith, John" as two cells.',
    "formula_guard": 'strip: read ="00123" as 00123.',
    "trailing_delimiter": "accept: read records that end with one more delimiter.",
    "trailing_nul": "strip: remove NUL padding at the end of files and records.",
    "trailing_controls": "strip: remove Ctrl-Z and form feeds at the end of files.",
}
_NUMBERS = {
    "skip_lines": "The number of lines above the header.",
    "header_line": "The line number of the header, from 1; the lines above it are not read.",
    "rows_below_header": "The number of records below the header that are not data.",
}
_SWITCHES = {
    "header": "Files have a header row. With --no-header, name the fields with --columns or --sample.",
    "borders": "Records start and end with a delimiter, as in SAP lists.",
    "trim": "Remove blanks around every cell.",
    "quoted_lines": "Each whole line is quoted.",
    "null_quoted": "A null word in quotes is null, too.",
}
_LISTS = {
    "expect": "The text of a line above --header-line; repeat it for each line.",
    "footer": "The start of lines below the last record; write a tab as \\t. Can be repeated.",
    "null": "A word that means null in every field. Can be repeated.",
}
_OTHERS = {
    "columns": "The names of the fields instead of a sample: A,B,C. Put a name with a comma in double quotes.",
    "field": "A field's type: Hired=date or 'Pay={type: decimal, scale: 2}', as in a workflow file. Can be repeated.",
    "contract": "KEY=VALUE: what to do with files that differ, such as extra=ignore. Can be repeated.",
    "archive": "KEY=VALUE: the files of a zip or tar to read, entries=data/*.csv or ignore=README*. Can be repeated.",
}
_CHARACTERS = ("delimiter", "quote", "escape")
_STARTS = ("expect", "footer")
_ESCAPE_SEQUENCE = re.compile(r"\\(?:([tnr\\])|x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4}))")
_NAMED = {"t": "\t", "n": "\n", "r": "\r", "\\": "\\"}


def with_file_format(command: Callable[..., int]) -> Callable[..., int]:
    """Add the options for the file format to a command. The command gets their values as ``form``."""

    @wraps(command)
    def run(**given: Any) -> int:
        values = {name: given.pop(name) for name in options}
        return command(**given, form=_form(values))

    options = {each.name: each for each in _options()}
    own = inspect.signature(command, eval_str=True).parameters.values()
    kept = [each.replace(kind=Parameter.KEYWORD_ONLY) for each in own if each.name != "form"]
    run.__signature__ = inspect.Signature([*kept, *options.values()], return_annotation=int)  # type: ignore[attr-defined]
    return run


def _options() -> Iterator[Parameter]:
    for words, kind in ((_TEXTS, str), (_NUMBERS, int), (_SWITCHES, bool), (_LISTS, list[str])):
        yield from (_option(name, kind, text) for name, text in words.items())
    yield _option("columns", str, _OTHERS["columns"])
    for name in ("field", "contract", "archive"):
        yield _option(name, list[str], _OTHERS[name])


def _option(name: str, kind: Any, text: str) -> Parameter:
    spelt = name.replace("_", "-")
    option = typer.Option(f"--{spelt}/--no-{spelt}" if kind is bool else f"--{spelt}", help=text)
    return Parameter(name, Parameter.KEYWORD_ONLY, default=None, annotation=Annotated[kind | None, option])


def _form(values: dict[str, Any]) -> dict[str, Any]:
    values = {name: value for name, value in values.items() if value not in (None, [])}
    form: dict[str, Any] = {}
    if "columns" in values:
        form["columns"] = _names(values.pop("columns"))
    if "field" in values:
        form["fields"] = dict(map(_field, values.pop("field")))
    if "contract" in values:
        form |= _policies(_pairs(values.pop("contract"), "--contract"))
    if "archive" in values:
        form["archive"] = _archive(_pairs(values.pop("archive"), "--archive"))
    dialect = _dialect(values)
    return form | ({"dialect": dialect} if dialect else {})


def _dialect(values: dict[str, Any]) -> dict[str, Any]:
    dialect = {name: _unescaped(value) if name in _CHARACTERS else value for name, value in values.items()}
    dialect |= {name: list(map(_unescaped, values[name])) for name in _STARTS if name in values}
    nulls = {"words": dialect.pop("null", None), "quoted": dialect.pop("null_quoted", None)}
    nulls = {name: value for name, value in nulls.items() if value is not None}
    return dialect | ({"null": nulls} if nulls else {})


def _policies(pairs: Iterable[tuple[str, str]]) -> dict[str, Any]:
    """The policies as keys of the task. The key ``empty`` is not part of ``contract`` in a workflow file."""
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
            raise typer.BadParameter(f"{option} must be KEY=VALUE, not {text}")
        yield name, value


def _field(text: str) -> tuple[str, Any]:
    from bucketlift.definition.yaml.read import read_yaml

    name, is_mapping, rest = text.partition("={")
    if is_mapping:
        return name, read_yaml(f"{{{rest}".encode(), f"--field {name}").value
    ((name, kind),) = _pairs([text], "--field")
    return name, {"type": kind}


def _names(text: str) -> list[str]:
    return next(csv.reader([text], skipinitialspace=True), [])


def _unescaped(text: str) -> str:
    """The text with its escape sequences replaced. They are used because control characters are hard to type
    in a shell.
    """
    return _ESCAPE_SEQUENCE.sub(
        lambda found: _NAMED[found[1]] if found[1] else chr(int(found[2] or found[3], 16)), text
    )
