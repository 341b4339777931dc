"""The shapes of a dialect, and of the policies for files that differ from the sample."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import fields, replace
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from bucketlift.errors import RequestWrong
from bucketlift.model.contract import Dialect, Escapes, FileType, LineEnd, Policies, Policy
from bucketlift.schema.shape import Shape, invalid
from bucketlift.schema.values import Choice, Choices, Converted, OneOrMore, switch
from bucketlift.tabular.bytes.charsets import charset
from bucketlift.tabular.bytes.presets import PRESET_NULLS, PRESETS

DELIMITER = r"^[^\r\n\x00]{1,16}$"
QUOTE = r"^([^\s\x00]{1,2}|none)$"
ESCAPE = "^[!-~]$"


def _encoding(value: str) -> str:
    try:
        return charset(value).name
    except RequestWrong as error:
        raise invalid(f"`encoding: {value}`: {error.what}", error.hint) from None


class NullShape(Shape):
    """The words that mean null, and whether they mean null even in quotes."""

    words: OneOrMore[str] = ()
    quoted: bool = True


def _null_words(value: Any) -> Any:
    return {"words": value} if isinstance(value, str | list) else value


_QUOTE = Converted(
    Annotated[str, Field(pattern=QUOTE)],
    lambda word: None if word == "none" else word,
    lambda quote: quote or "none",
)
_ACCEPT = Annotated[bool, switch("accept", "reject")]
_STRIP = Annotated[bool, switch("strip", "reject")]
_GUARD = Annotated[bool, switch("strip", "keep")]


class DialectShape(Shape):
    """How a file separates cells and records, if this differs from the rules of the file type."""

    preset: Literal["mysql", "postgresql", "excel", "excel-eu", "sap"] | None = None
    delimiter: Annotated[str, Field(pattern=DELIMITER)] | None = None
    quote: Annotated[str | None, _QUOTE] = '"'
    escape: Annotated[str, Field(pattern=ESCAPE)] | None = None
    escapes: Choice[Escapes] = Escapes.STRICT
    encoding: Annotated[str, AfterValidator(_encoding)] = "utf-8"
    line_end: Choice[LineEnd] = LineEnd.AUTO
    skip_lines: Annotated[int, Field(ge=0, le=1000)] = 0
    header_line: Annotated[int, Field(ge=1, le=1000)] | None = None
    expect: OneOrMore[str] = ()
    header: bool = True
    rows_below_header: Annotated[int, Field(ge=0, le=100)] | None = None
    footer: OneOrMore[str] = ()
    blank_around_quotes: _ACCEPT = False
    formula_guard: _GUARD = False
    borders: bool = False
    trim: bool = False
    trailing_delimiter: _ACCEPT = False
    quoted_lines: bool = False
    trailing_nul: _STRIP = False
    trailing_controls: _STRIP = False
    null: Annotated[
        NullShape, BeforeValidator(_null_words, json_schema_input_type=list[str] | str | NullShape)
    ] = NullShape()


def _unless(words: Collection[str], key: str, hint: str) -> BeforeValidator:
    """A validator that refuses some words, because they are valid only for other policies."""

    def check(value: Any) -> Any:
        if isinstance(value, str) and value in words:
            raise invalid(f"`{key}` cannot be `{value}`", hint)
        return value

    return BeforeValidator(check)


_MISSING = _unless(
    ["ignore"], "missing", "A missing column cannot be ignored. Use `accept`, which reads its cells as empty."
)
_RENAMED = _unless(
    ["accept", "ignore"],
    "renamed",
    "Bucketlift cannot know that the two names mean the same column. Set an alias: fields: {Mail: {aliases: [E-Mail]}}.",
)
_DUPLICATE = _unless(
    ["accept"],
    "duplicate",
    "Bucketlift cannot know which column is right. `ignore` leaves them out; `number` renames them to NAME, NAME_2.",
)
_BLANK = _unless(
    ["accept"], "blank", "The column belongs to no field. `ignore` leaves it out if it is empty."
)
_TRAILING = _unless(["accept"], "trailing", "These lines are not rows: `ignore` leaves them out.")
_ENCODING = _unless(
    ["ignore"],
    "encoding",
    "An encoding cannot be ignored. Use `accept`, which reads the file in the task's encoding.",
)
_DIFFERING = Annotated[Policy, Choices("accept", "ignore", "hold")]


class ContractShape(Shape, model=Policies):
    """What to do if a file differs from the sample: one policy for each kind of difference."""

    reordered: _DIFFERING = Policy.ACCEPT
    respelled: _DIFFERING = Policy.ACCEPT
    extra: _DIFFERING = Policy.HOLD
    missing: Annotated[Policy, Choices("accept", "hold"), _MISSING] = Policy.HOLD
    renamed: Annotated[Policy, Choices("hold"), _RENAMED] = Policy.HOLD
    duplicate: Annotated[Policy, Choices("ignore", "hold", "number"), _DUPLICATE] = Policy.HOLD
    blank: Annotated[Policy, Choices("ignore", "hold"), _BLANK] = Policy.HOLD
    preamble: _DIFFERING = Policy.HOLD
    trailing: Annotated[Policy, Choices("ignore", "hold"), _TRAILING] = Policy.HOLD
    encoding: Annotated[Policy, Choices("accept", "hold"), _ENCODING] = Policy.HOLD
    empty_rows: Annotated[Policy, Choices("hold", "skip", "keep")] = Policy.HOLD
    repeated_header: Annotated[Policy, Choices("hold", "skip")] = Policy.HOLD


def plain_dialect(shape: DialectShape, file_type: FileType) -> Dialect:
    """The dialect as the file gives it. Conflicts between its settings are not checked."""
    words = {name: getattr(shape, name) for name in shape.model_fields_set - {"preset", "null"}}
    if "quoted" in shape.null.model_fields_set:
        words["null_quoted"] = shape.null.quoted
    if words.get("header"):
        words["header_given"] = True
    if words.get("footer") == ():
        words["footer_given"] = True
    preset = PRESETS[shape.preset] if shape.preset else {}
    return replace(Dialect.of(file_type), **preset | words)


def null_words(shape: DialectShape) -> tuple[str, ...]:
    """The null words of fields that have none: those of the dialect, otherwise those of its preset."""
    preset = PRESET_NULLS.get(shape.preset or "", ())
    return shape.null.words if "words" in shape.null.model_fields_set else preset


def dialect_shape(dialect: Dialect, usual: Dialect) -> DialectShape:
    """The settings of a dialect that differ from the usual dialect. Null words are left out, because they
    belong to the fields.
    """
    differing = {
        each.name: value
        for each in fields(dialect)
        if (value := getattr(dialect, each.name)) != getattr(usual, each.name)
    }
    if differing.pop("header_given", False):
        differing["header"] = True
    if differing.pop("footer_given", False):
        differing["footer"] = ()
    if not differing.pop("null_quoted", True):
        differing["null"] = NullShape(quoted=False)
    return DialectShape.model_construct(**differing)


def is_plain(dialect: Dialect) -> bool:
    """Whether a header row without further lines is a sample of files with this dialect."""
    given = replace(dialect, header_given=False, footer_given=False)
    usual = replace(Dialect(), delimiter=dialect.delimiter, quote=dialect.quote, footer=dialect.footer)
    return given == usual and len(dialect.delimiter) == 1 and len(dialect.quote or "") < 2
