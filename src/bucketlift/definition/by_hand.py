"""One account, destination or dialect as a command describes it, checked by the same rules as in a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from bucketlift.definition.compile import Definition, compile_definition
from bucketlift.definition.contracts import DialectShape, plain_dialect
from bucketlift.definition.emit import emit
from bucketlift.definition.lines import contradictions
from bucketlift.definition.located import Located
from bucketlift.definition.parse import parse
from bucketlift.definition.problems import DefinitionWrong
from bucketlift.definition.wording import problems_of
from bucketlift.errors import NotAvailable, RequestWrong
from bucketlift.model.account import Account, Destination
from bucketlift.model.contract import Dialect, FileType
from bucketlift.tabular.marks import Marks


def account_from(name: str, said: Mapping[str, Any]) -> Account:
    """The account that these properties, spelt as in a workflow file, make.

    Raises:
        RequestWrong: a property is missing, unknown or wrong.
    """
    (account,) = _compiled("account", name, said).accounts
    return replace(account, project=None)


def destination_from(name: str, said: Mapping[str, Any]) -> Destination:
    """As ``account_from``; a path is relative to the working directory."""
    (destination,) = _compiled("destination", name, said).destinations
    return replace(destination, project=None)


def dialect_from(said: Mapping[str, Any], file_type: FileType) -> Dialect:
    """The dialect that these keys of ``dialect``, spelt as in a workflow file, make.

    Raises:
        RequestWrong: one is wrong, or they get into each other's way.
    """
    try:
        shape = DialectShape.model_validate(dict(said))
    except ValidationError as error:
        (problem, *_) = problems_of(error, Located(name="dialect", value=dict(said), lines={}))
        raise RequestWrong(problem.what, to="dialect", hint=problem.hint) from None
    dialect = plain_dialect(shape, file_type)
    Marks.of(dialect)
    for key, what, hint in contradictions(dialect):
        raise RequestWrong(what, to=key, hint=hint)
    return dialect


def _compiled(what: str, name: str, said: Mapping[str, Any]) -> Definition:
    document = {"version": 1, "project": "by-hand", f"{what}s": {name: dict(said)}}
    try:
        return compile_definition(parse(emit(document).encode(), name=name, folder=Path.cwd()))
    except DefinitionWrong as error:
        kind = NotAvailable if isinstance(error, NotAvailable) else RequestWrong
        raise kind(error.what, to=f"{what} {name}", hint=error.hint) from None
