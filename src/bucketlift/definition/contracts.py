"""How files of a task are framed, and what becomes of those that differ from the sample, as the file says it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field

from bucketlift.definition.compiling import Compiling
from bucketlift.definition.fields import Words
from bucketlift.definition.problems import Path
from bucketlift.definition.shape import DELIMITER, ESCAPE, QUOTE, Shape, said
from bucketlift.errors import RequestWrong
from bucketlift.model.contract import Contract, Dialect, FileType, Policies, Policy
from bucketlift.tabular.charsets import charset
from bucketlift.tabular.marks import Marks


def _encoding(value: str) -> str:
    try:
        return charset(value).name
    except RequestWrong as error:
        raise said(f"`encoding: {value}`: {error.what}", error.hint) from None


class DialectShape(Shape):
    """How records are framed, where it is not as the file type says."""

    delimiter: Annotated[str, Field(pattern=DELIMITER)] | None = None
    quote: Annotated[str, Field(pattern=QUOTE)] = '"'
    escape: Annotated[str, Field(pattern=ESCAPE)] | None = None
    encoding: Annotated[str, AfterValidator(_encoding)] = "utf-8"
    skip_lines: Annotated[int, Field(ge=0, le=1000)] = 0
    header: bool = True
    footer: Words = Field(default_factory=list)
    null_words: Words = Field(default_factory=list, alias="null")


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
    ["accept"], "duplicate", "Which of both is right cannot be known: `ignore` leaves both out."
)
_BLANK = _unless(["accept"], "blank", "It belongs to no field: `ignore` leaves it out while it is empty.")
_LEFT_OUT = "They are no rows: `ignore` leaves them out."
_PREAMBLE = _unless(["accept"], "preamble", _LEFT_OUT)
_TRAILING = _unless(["accept"], "trailing", _LEFT_OUT)

_ENCODING = _unless(
    ["ignore"], "encoding", "Letters cannot be left out: `accept` reads the file in the task's encoding."
)


class ContractShape(Shape):
    """What to do with a file that differs from the sample."""

    reordered: Literal["accept", "ignore", "hold"] = "accept"
    respelled: Literal["accept", "ignore", "hold"] = "accept"
    extra: Literal["accept", "ignore", "hold"] = "hold"
    missing: Annotated[Literal["accept", "hold"], _MISSING] = "hold"
    renamed: Annotated[Literal["hold"], _RENAMED] = "hold"
    duplicate: Annotated[Literal["ignore", "hold"], _DUPLICATE] = "hold"
    blank: Annotated[Literal["ignore", "hold"], _BLANK] = "hold"
    preamble: Annotated[Literal["ignore", "hold"], _PREAMBLE] = "hold"
    trailing: Annotated[Literal["ignore", "hold"], _TRAILING] = "hold"
    encoding: Annotated[Literal["accept", "hold"], _ENCODING] = "hold"


def plain_dialect(shape: DialectShape, file_type: FileType) -> Dialect:
    """The dialect as it is written; whether it can frame anything is not asked."""
    return Dialect(
        delimiter=shape.delimiter or Dialect.of(file_type).delimiter,
        quote=None if shape.quote == "none" else shape.quote,
        escape=shape.escape,
        encoding=shape.encoding,
        skip_lines=shape.skip_lines,
        header=shape.header,
        footer=tuple(shape.footer),
    )


def dialect_of(shape: DialectShape, file_type: FileType, path: Path, compiling: Compiling) -> Dialect:
    """The dialect; where its marks get into each other's way, a problem says so."""
    dialect = plain_dialect(shape, file_type)
    try:
        Marks.of(dialect)
    except RequestWrong as error:
        compiling.wrong_as(error, path)
    if "" in dialect.footer:
        compiling.wrong(
            "`footer` names the empty text", (*path, "footer"), 'Write a word: footer: ["Total"].'
        )
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
    if "quote" in differing and dialect.quote is None:
        differing["quote"] = "none"
    return differing


def is_plain(dialect: Dialect) -> bool:
    """Whether a header row alone is a sample of such files."""
    return (
        dialect.header and not dialect.skip_lines and dialect.escape is None and dialect.encoding == "utf-8"
    )
