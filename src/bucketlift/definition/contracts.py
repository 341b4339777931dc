"""How files of a task are framed, and what becomes of those that differ from the sample, as the file says it."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import asdict, replace
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from bucketlift.definition.compiling import Compiling
from bucketlift.definition.fields import Words
from bucketlift.definition.lines import contradictions
from bucketlift.definition.problems import Path
from bucketlift.definition.shape import DELIMITER, ESCAPE, QUOTE, Shape, said
from bucketlift.errors import RequestWrong
from bucketlift.model.contract import Contract, Dialect, Escapes, FileType, LineEnd, Policies, Policy
from bucketlift.tabular.bytes.charsets import charset
from bucketlift.tabular.bytes.marks import Marks


def _encoding(value: str) -> str:
    try:
        return charset(value).name
    except RequestWrong as error:
        raise said(f"`encoding: {value}`: {error.what}", error.hint) from None


class NullShape(Shape):
    """The words that mean null, and whether they also mean null in quotes."""

    words: Words = Field(default_factory=list)
    quoted: bool = True


NO_NULLS = NullShape()


def _null_words(value: Any) -> Any:
    return {"words": value} if isinstance(value, str | list) else value


Nulls = Annotated[NullShape, BeforeValidator(_null_words, json_schema_input_type=list[str] | str | NullShape)]


class DialectShape(Shape):
    """How a file separates cells and records, if it differs from the file type's rules."""

    preset: Literal["mysql", "postgresql", "excel", "excel-eu", "sap"] | None = None
    delimiter: Annotated[str, Field(pattern=DELIMITER)] | None = None
    quote: Annotated[str, Field(pattern=QUOTE)] = '"'
    escape: Annotated[str, Field(pattern=ESCAPE)] | None = None
    escapes: Literal["strict", "none", "mysql", "postgresql"] = "strict"
    encoding: Annotated[str, AfterValidator(_encoding)] = "utf-8"
    line_end: Literal["auto", "lf", "crlf", "cr", "crcrlf"] = "auto"
    skip_lines: Annotated[int, Field(ge=0, le=1000)] = 0
    header_line: Annotated[int, Field(ge=1, le=1000)] | None = None
    expect: Words = Field(default_factory=list)
    header: bool = True
    rows_below_header: Annotated[int, Field(ge=0, le=100)] | None = None
    footer: Words = Field(default_factory=list)
    blank_around_quotes: Literal["accept", "reject"] = "reject"
    formula_guard: Literal["strip", "keep"] = "keep"
    borders: bool = False
    trim: bool = False
    trailing_delimiter: Literal["accept", "reject"] = "reject"
    quoted_lines: bool = False
    trailing_nul: Literal["strip", "reject"] = "reject"
    trailing_controls: Literal["strip", "reject"] = "reject"
    null: Nulls = NO_NULLS


def _unless(words: Collection[str], key: str, hint: str) -> BeforeValidator:
    """Refuses words that other policies know and that this one could not keep to."""

    def check(value: Any) -> Any:
        if isinstance(value, str) and value in words:
            raise said(f"`{key}` cannot be `{value}`", hint)
        return value

    return BeforeValidator(check)


_MISSING = _unless(["ignore"], "missing", "There is nothing to leave out: `accept` takes its cells as empty.")
_RENAMED = _unless(
    ["accept", "ignore"],
    "renamed",
    "Nobody can know that it is the same column: say so with fields: {Mail: {aliases: [E-Mail]}}.",
)
_DUPLICATE = _unless(
    ["accept"],
    "duplicate",
    "Which of them is right cannot be known: `ignore` leaves them out, `number` names them name, name_2.",
)
_BLANK = _unless(["accept"], "blank", "It belongs to no field: `ignore` leaves it out while it is empty.")
_LEFT_OUT = "They are no rows: `ignore` leaves them out."
_TRAILING = _unless(["accept"], "trailing", _LEFT_OUT)

_ENCODING = _unless(
    ["ignore"], "encoding", "Letters cannot be left out: `accept` reads the file in the task's encoding."
)


class ContractShape(Shape):
    """What to do with a file that differs from the sample."""

    empty_rows: Literal["hold", "skip", "keep"] = "hold"
    repeated_header: Literal["hold", "skip"] = "hold"
    reordered: Literal["accept", "ignore", "hold"] = "accept"
    respelled: Literal["accept", "ignore", "hold"] = "accept"
    extra: Literal["accept", "ignore", "hold"] = "hold"
    missing: Annotated[Literal["accept", "hold"], _MISSING] = "hold"
    renamed: Annotated[Literal["hold"], _RENAMED] = "hold"
    duplicate: Annotated[Literal["ignore", "hold", "number"], _DUPLICATE] = "hold"
    blank: Annotated[Literal["ignore", "hold"], _BLANK] = "hold"
    preamble: Literal["accept", "ignore", "hold"] = "hold"
    trailing: Annotated[Literal["ignore", "hold"], _TRAILING] = "hold"
    encoding: Annotated[Literal["accept", "hold"], _ENCODING] = "hold"


def plain_dialect(shape: DialectShape, file_type: FileType) -> Dialect:
    """The dialect as it is written; whether it can frame anything is not asked."""
    given = shape.model_fields_set
    preset = PRESETS[shape.preset] if shape.preset else {}
    words = shape.model_dump(include=given - {"preset", "null"})
    words = {key: _MODEL_WORDS.get(key, _as_it_is)(value) for key, value in words.items()}
    if "null" in given and "quoted" in shape.null.model_fields_set:
        words["null_quoted"] = shape.null.quoted
    if words.get("header") is True:
        words["header_given"] = True
    if words.get("footer") == ():
        words["footer_given"] = True
    usual = replace(Dialect.of(file_type), **preset)
    return replace(usual, **words)


def null_words(shape: DialectShape) -> tuple[str, ...]:
    """The null words of every field that has none of its own: those of the preset, if the dialect names none."""
    preset = PRESET_NULLS.get(shape.preset or "", ())
    return tuple(shape.null.words) if "words" in shape.null.model_fields_set else preset


def _as_it_is(value: Any) -> Any:
    return value


_MODEL_WORDS: dict[str, Callable[[Any], Any]] = {
    "quote": lambda word: None if word == "none" else word,
    "escapes": Escapes,
    "line_end": LineEnd,
    "expect": tuple,
    "footer": tuple,
    "blank_around_quotes": lambda word: word == "accept",
    "formula_guard": lambda word: word == "strip",
    "trailing_delimiter": lambda word: word == "accept",
    "trailing_nul": lambda word: word == "strip",
    "trailing_controls": lambda word: word == "strip",
}
_FILE_WORDS: dict[str, dict[Any, str]] = {
    "blank_around_quotes": {True: "accept", False: "reject"},
    "formula_guard": {True: "strip", False: "keep"},
    "trailing_delimiter": {True: "accept", False: "reject"},
    "trailing_nul": {True: "strip", False: "reject"},
    "trailing_controls": {True: "strip", False: "reject"},
    "quote": {None: "none"},
}

PRESETS: dict[str, dict[str, Any]] = {
    # The defaults of SELECT ... INTO OUTFILE.
    "mysql": {
        "delimiter": "\t",
        "quote": None,
        "escape": "\\",
        "escapes": Escapes.MYSQL,
        "line_end": LineEnd.LF,
        "header": False,
        "null_quoted": False,
    },
    # The text format of COPY.
    "postgresql": {
        "delimiter": "\t",
        "quote": None,
        "escape": "\\",
        "escapes": Escapes.POSTGRESQL,
        "header": False,
        "footer": ("\\.",),
        "null_quoted": False,
    },
    "excel": {"delimiter": ",", "formula_guard": True},
    # Where the comma is the decimal point, Excel separates cells with semicolons.
    "excel-eu": {"delimiter": ";", "formula_guard": True},
    # A list that SAP saved as a local file, unconverted.
    "sap": {"delimiter": "|", "quote": None, "borders": True, "trim": True},
}
PRESET_NULLS = {"mysql": ("\\N",), "postgresql": ("\\N",)}


def dialect_of(shape: DialectShape, file_type: FileType, path: Path, compiling: Compiling) -> Dialect:
    """The dialect; where its marks get into each other's way, a problem says so."""
    dialect = plain_dialect(shape, file_type)
    try:
        Marks.of(dialect)
    except RequestWrong as error:
        compiling.wrong_as(error, path)
    for key, what, hint in contradictions(dialect):
        compiling.wrong(what, (*path, key), hint)
    return dialect


def policies_of(shape: ContractShape, *, empty: Policy) -> Policies:
    words = shape.model_dump(exclude={"renamed"})
    return Policies(empty=empty, **{name: Policy(word) for name, word in words.items()})


def check_headless(contract: Contract, path: Path, compiling: Compiling) -> None:
    dialect = contract.dialect
    if not dialect.header and dialect.skip_lines and len(contract.fields) == 1:
        compiling.wrong(
            "`skip_lines` does not go with `header: false` in files of one column",
            (*path, "skip_lines"),
            "Any line could be a record: ask the sender for a header row.",
        )


def exported_policies(policies: Policies) -> dict[str, str]:
    usual = asdict(Policies())
    return {
        word: policy.value
        for word, policy in asdict(policies).items()
        if policy is not usual[word] and word != "empty"
    }


def exported_dialect(dialect: Dialect, usual: Dialect) -> dict[str, Any]:
    """The null words are the fields' own."""
    differing = {word: value for word, value in asdict(dialect).items() if value != getattr(usual, word)}
    if differing.pop("header_given", False):
        differing["header"] = True
    if differing.pop("footer_given", False):
        differing["footer"] = ()
    form = {word: _FILE_WORDS.get(word, {}).get(value, value) for word, value in differing.items()}
    quoted = form.pop("null_quoted", True)
    return form if quoted else form | {"null": {"quoted": False}}


def is_plain(dialect: Dialect) -> bool:
    """Whether a header row alone is a sample of such files."""
    given = replace(dialect, header_given=False, footer_given=False)
    usual = replace(Dialect(), delimiter=dialect.delimiter, quote=dialect.quote, footer=dialect.footer)
    return given == usual and len(dialect.delimiter) == 1 and len(dialect.quote or "") < 2
