"""Evaluates IAM policies: statements, wildcards and the conditions that Bucketlift's policies use.

It follows the evaluation logic in the IAM user guide: an explicit deny wins, and what is not allowed is
denied.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

Statement = Mapping[str, Any]

_ESCAPES = {"${*}": "*", "${?}": "?", "${$}": "$"}
_PIECE = re.compile(r"\$\{[*?$]\}|.", re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class PermissionCheck:
    """One permission that is checked. ``context`` has condition keys in lower case.

    A condition on a key that ``context`` lacks is met only if its operator ends in IfExists or starts with
    StringNot.
    """

    action: str
    resource: str
    context: Mapping[str, str] = field(default_factory=dict)


def statements(document: Mapping[str, Any]) -> tuple[Statement, ...]:
    return tuple(_listed(document.get("Statement", [])))


def allows(policy: Iterable[Statement], ask: PermissionCheck) -> bool:
    effects = {statement["Effect"] for statement in policy if _applies(statement, ask)}
    return effects == {"Allow"}


def conditions_hold(statement: Statement, context: Mapping[str, str]) -> bool:
    return all(
        _condition_holds(operator, name, _listed(expected), context)
        for operator, tests in statement.get("Condition", {}).items()
        for name, expected in tests.items()
    )


def _applies(statement: Statement, ask: PermissionCheck) -> bool:
    return (
        _names(statement, "Action", ask.action.lower(), lower=True)
        and _names(statement, "Resource", ask.resource, lower=False)
        and conditions_hold(statement, ask.context)
    )


def _names(statement: Statement, element: str, value: str, *, lower: bool) -> bool:
    negated = f"Not{element}" in statement
    patterns = _listed(statement.get(f"Not{element}" if negated else element, []))
    found = any(_like(pattern.lower() if lower else pattern, value) for pattern in patterns)
    return found is not negated


def _condition_holds(operator: str, name: str, expected: list[str], context: Mapping[str, str]) -> bool:
    plain = operator.removesuffix("IfExists")
    value = context.get(name.lower())
    if value is None:
        return plain != operator or plain.startswith("StringNot")
    match plain:
        case "StringEquals":
            return value in [_unescaped(each) for each in expected]
        case "StringNotEquals":
            return value not in [_unescaped(each) for each in expected]
        case "StringLike" | "ArnLike" | "ArnEquals":
            return any(_like(each, value) for each in expected)
        case "StringNotLike":
            return not any(_like(each, value) for each in expected)
        case "Bool":
            return value.lower() in [str(each).lower() for each in expected]
        case _:
            raise ValueError(f"this server does not know the condition operator {operator}")


def _like(pattern: str, value: str) -> bool:
    wild = {"*": ".*", "?": "."}
    expression = "".join(
        wild.get(piece) or re.escape(_ESCAPES.get(piece, piece)) for piece in _PIECE.findall(pattern)
    )
    return re.fullmatch(expression, value, re.DOTALL) is not None


def _unescaped(text: str) -> str:
    return "".join(_ESCAPES.get(piece, piece) for piece in _PIECE.findall(text))


def _listed(value: Any) -> list[Any]:
    return list(value) if isinstance(value, (list, tuple)) else [value]
