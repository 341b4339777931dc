"""One account or destination as a command describes it, checked by the same rules as in a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from bucketlift.definition.compile import Definition, compile_definition
from bucketlift.definition.emit import emit
from bucketlift.definition.parse import parse
from bucketlift.definition.problems import DefinitionWrong
from bucketlift.errors import NotAvailable, RequestWrong
from bucketlift.model.account import Account, Destination


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


def _compiled(what: str, name: str, said: Mapping[str, Any]) -> Definition:
    document = {"version": 1, "project": "by-hand", f"{what}s": {name: dict(said)}}
    try:
        return compile_definition(parse(emit(document).encode(), name=name, folder=Path.cwd()))
    except DefinitionWrong as error:
        kind = NotAvailable if isinstance(error, NotAvailable) else RequestWrong
        raise kind(error.what, to=f"{what} {name}", hint=error.hint) from None
