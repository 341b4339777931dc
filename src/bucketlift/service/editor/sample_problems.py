"""Describes what cannot be read in a sample, in the words of the page, with the settings that help."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from bucketlift.definition.yaml.read import read_yaml
from bucketlift.errors import RequestWrong
from bucketlift.model.contract import Contract
from bucketlift.model.hold import HeldReason
from bucketlift.model.rows import Reject, RejectReason
from bucketlift.service.editor.page_words import hint_on_page
from bucketlift.tabular.header.doubts import Doubt
from bucketlift.tabular.hints.dialect_fix import DialectFix, dialect_fix
from bucketlift.tabular.sample import NameRefused, SampleHeld

Form = dict[str, Any]
SHOWN = 5
"""Maximum number of lines that are listed."""
_ENCODING = (HeldReason.NOT_UTF8, HeldReason.WRONG_ENCODING, HeldReason.DOUBTFUL_ENCODING)
_CORRECT = "Correct the file and choose it again, or change the format here."
_GO_ON = (
    "Correct these lines and choose the file again, or change the format here. You can also go on: a file with such "
    "lines is held until someone reviews it, unless you allow a number of rejected rows in the next step."
)
_WORDS = {
    RejectReason.BARE_QUOTE: "a quote in the middle of a cell",
    RejectReason.UNTERMINATED_QUOTE: "a quote is opened and not closed",
    RejectReason.INSIDE_BROKEN_RECORD: "part of a row whose quotes are wrong",
    RejectReason.LONE_CR: "a carriage return without a line feed",
    RejectReason.OTHER_LINE_END: "another line ending than the one that is set",
    RejectReason.NUL: "a NUL byte",
    RejectReason.BLANK_LINE: "an empty line",
    RejectReason.BAD_ESCAPE: "an escape before a character that needs none",
    RejectReason.UNNAMED_CELL: "a value in a column without a name",
    RejectReason.TRAILING_CONTROLS: "control characters",
    RejectReason.PAGE_BREAK: "a page break",
    RejectReason.TOO_LONG: "a row that is too long",
}
_POLICIES = {
    "blank": "Name the column in the file and choose it again, or leave out columns without a name. A row with a value in such a column is then rejected.",
    "duplicate": "Rename one of them in the file and choose it again, or number them: name, name_2. Names that differ only in case or surrounding spaces are the same name.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleProblem:
    """A problem of a sample. ``choices`` are the settings of the task that solve it."""

    what: str
    hint: str
    choices: tuple[Form, ...] = ()
    is_encoding: bool = False
    """Whether another encoding may solve the problem."""


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadLines:
    """The lines of a sample that cannot be read. ``lines`` has the first ones, each with the reason."""

    count: int
    lines: tuple[tuple[int, str], ...]
    problem: SampleProblem


class SampleUnreadable(RequestWrong):
    """The sample cannot be read with the format that is set."""

    def __init__(self, problem: SampleProblem, *, to: str) -> None:
        super().__init__(problem.what, to=to, hint=problem.hint)
        self.problem = problem


def problem_of(error: RequestWrong) -> SampleProblem:
    """The problem for which a sample cannot be read."""
    if isinstance(error, NameRefused) and error.policy is not None:
        key, policy = error.policy
        return SampleProblem(
            what=error.what, hint=_POLICIES[key], choices=({"contract": {key: policy.value}},)
        )
    if isinstance(error, SampleHeld):
        return _problem_of_held(error)
    return SampleProblem(what=error.what, hint=hint_on_page(error.what, error.hint) or _CORRECT)


def _problem_of_held(error: SampleHeld) -> SampleProblem:
    hold = error.hold
    if error.fix is not None:
        return SampleProblem(
            what=hold.what, hint="With another setting, this file can be read.", choices=_fix(error.fix)
        )
    is_encoding = hold.reason in _ENCODING
    hint = hint_on_page(hold.what, hold.hint)
    if is_encoding and (not hint or "bucketlift check" in hint or "encoding" in hint):
        hint = "Choose the encoding in which the words below are right. If there is none, ask the sender for UTF-8."
    return SampleProblem(what=hold.what, hint=hint or _CORRECT, is_encoding=is_encoding)


def problem_of_doubt(doubt: Doubt) -> SampleProblem:
    choices = tuple(_dialect(each) for each in doubt.settings)
    return SampleProblem(what=doubt.what, hint=doubt.on_page, choices=choices)


def unread_lines(rejects: Sequence[Reject], contract: Contract, width: int) -> UnreadLines | None:
    """The lines that cannot be read; None if there are none."""
    if not rejects:
        return None
    lines = tuple((each.line, _words(each.reason, width)) for each in rejects[:SHOWN])
    count = len(rejects)
    what = (
        "1 line of the sample cannot be read" if count == 1 else f"{count} lines of the sample cannot be read"
    )
    return UnreadLines(
        count=count,
        lines=lines,
        problem=SampleProblem(what=what, hint=_GO_ON, choices=_fixes(rejects, contract, width)),
    )


def _words(reason: RejectReason, width: int) -> str:
    if reason is RejectReason.WIDTH:
        return f"more or fewer than {width} cells" if width > 1 else "more than one cell"
    return _WORDS.get(reason, reason.value.replace("-", " "))


def _fixes(rejects: Sequence[Reject], contract: Contract, width: int) -> tuple[Form, ...]:
    if all(each.reason is RejectReason.BLANK_LINE for each in rejects):
        return ({"contract": {"empty_rows": "skip"}},)
    found = dialect_fix(rejects, contract, width)
    return () if found is None else _fix(found)


def _fix(fix: DialectFix) -> tuple[Form, ...]:
    settings = read_yaml(f"{{{fix.setting}}}".encode(), "the setting").value
    return (_dialect(settings),)


def _dialect(settings: Mapping[str, Any]) -> Form:
    return {"dialect": dict(settings)}
