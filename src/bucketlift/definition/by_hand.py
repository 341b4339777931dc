"""One account as a command describes it, checked by the same rules as in a file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from bucketlift.definition.compile import compile_definition
from bucketlift.definition.emit import emit
from bucketlift.definition.parse import parse
from bucketlift.definition.problems import DefinitionWrong
from bucketlift.errors import NotAvailable, RequestWrong
from bucketlift.model.account import Account


def account_from(name: str, said: Mapping[str, Any]) -> Account:
    """The account that these properties, spelt as in a workflow file, make.

    Raises:
        RequestWrong: a property is missing, unknown or wrong.
    """
    document = {"version": 1, "project": "by-hand", "accounts": {name: dict(said)}}
    try:
        parsed = parse(emit(document).encode(), name=name, folder=Path.cwd())
        (account,) = compile_definition(parsed).accounts
    except DefinitionWrong as error:
        kind = NotAvailable if isinstance(error, NotAvailable) else RequestWrong
        raise kind(error.what, to=f"account {name}", hint=error.hint) from None
    return replace(account, project=None)
