"""Checks the settings of a transform before any row is read."""

from __future__ import annotations

import re
from typing import NoReturn

import pyarrow as pa

from bucketlift.errors import RequestWrong
from bucketlift.model.transforms.steps import Replace
from bucketlift.model.transforms.transform import OutputField
from bucketlift.tabular.transform.formats import LETTERS
from bucketlift.tabular.transform.outputs import Output
from bucketlift.tabular.transform.texts import replaced

_TOKEN = re.compile("%(.?)", re.DOTALL)


def check_format(form: str) -> None:
    """Check a format for dates or times.

    Raises:
        RequestWrong: the format has an unknown letter, or no letter.
    """
    letters = [found[1] for found in _TOKEN.finditer(form)]
    wrong = [letter for letter in letters if letter not in LETTERS | {"%"}]
    if not wrong and set(letters) - {"%"}:
        return
    why = f"`%{wrong[0]}` is not a format letter" if wrong else "it has no format letter"
    known = " ".join(
        f"%{letter}" for letter in sorted(LETTERS, key=lambda letter: (letter.casefold(), letter))
    )
    raise RequestWrong(
        f"The format `{form}` cannot be used: {why}",
        hint=f'Write a format such as "%d.%m.%Y"; the letters are {known}.',
    )


def check_regex(step: Replace) -> None:
    """Check a regular expression and its replacement.

    Raises:
        ArrowInvalid: one of them cannot be used.
    """
    if step.regex:
        replaced(pa.array([""], pa.string()), step)


def constant_fault(output: OutputField) -> str | None:
    """At which step, and why, the steps of a constant fail; None if they do not fail."""
    _, failed = Output.of(output, "").read(_no_column, 1)
    return None if not failed else f"{failed[0].reasons[0].as_py()} in {output.name}"


def _no_column(name: str) -> NoReturn:
    raise KeyError(name)
