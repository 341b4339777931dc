"""How files of a task are framed, and what becomes of those that differ from the sample, as the file says it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, Field

from bucketlift.definition.compiling import Compiling
from bucketlift.definition.fields import Words
from bucketlift.definition.problems import Path
from bucketlift.definition.shape import DELIMITER, ESCAPE, QUOTE, Shape, said
from bucketlift.errors import RequestWrong
from bucketlift.model.contract import Contract, Dialect, FileType, Policies, Policy
from bucketlift.tabular.charsets import charset
from bucketlift.tabular.marks import Marks

PolicyWord = Literal["accept", "ignore", "hold"]


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


def _without(word: str, key: str, hint: str) -> Callable[[str], str]:
    def check(value: str) -> str:
        if value == word:
            raise said(f"`{key}` cannot be `{word}`", hint)
        return value

    return check


def _only_hold(value: str) -> str:
    if value != "hold":
        raise said(
            f"`renamed` cannot be `{value}`",
            "Nobody can know that it is the same column: say so with fields: {Mail: {aliases: [E-Mail]}}.",
        )
    return value


_LEFT_OUT = "They are no rows: `ignore` leaves them out."


class ContractShape(Shape):
    """What to do with a file that differs from the sample."""

    reordered: PolicyWord = "accept"
    respelled: PolicyWord = "accept"
    extra: PolicyWord = "hold"
    missing: Annotated[
        PolicyWord,
        AfterValidator(
            _without("ignore", "missing", "There is nothing to leave out: `accept` takes its cells as empty.")
        ),
    ] = "hold"
    renamed: Annotated[PolicyWord, AfterValidator(_only_hold)] = "hold"
    duplicate: Annotated[
        PolicyWord,
        AfterValidator(
            _without(
                "accept", "duplicate", "Which of both is right cannot be known: `ignore` leaves both out."
            )
        ),
    ] = "hold"
    blank: Annotated[
        PolicyWord,
        AfterValidator(
            _without("accept", "blank", "It belongs to no field: `ignore` leaves it out while it is empty.")
        ),
    ] = "hold"
    preamble: Annotated[PolicyWord, AfterValidator(_without("accept", "preamble", _LEFT_OUT))] = "hold"
    trailing: Annotated[PolicyWord, AfterValidator(_without("accept", "trailing", _LEFT_OUT))] = "hold"


def dialect_of(shape: DialectShape, file_type: FileType, path: Path, compiling: Compiling) -> Dialect:
    """The dialect; where its marks get into each other's way, a problem says so."""
    dialect = Dialect(
        delimiter=shape.delimiter or Dialect.of(file_type).delimiter,
        quote=None if shape.quote == "none" else shape.quote,
        escape=shape.escape,
        encoding=shape.encoding,
        skip_lines=shape.skip_lines,
        header=shape.header,
        footer=tuple(shape.footer),
    )
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
