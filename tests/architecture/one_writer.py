"""Finds statements that may write a column of a table, from the source code alone.

What a statement writes must be seen in it: keywords of ``values``, or dictionaries with literal keys. A statement whose
columns cannot be seen counts as a finding.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass

WRITERS = ("insert", "update")
BULK_WRITERS = ("insert_many", "update_many")


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    line: int
    why: str


def second_writers(source: str, table: str, column: str) -> list[Finding]:
    """The statements in a module that write the column, or may write it."""
    tree = ast.parse(source)
    names = _names_of(tree, table)
    found = [*_in_calls(tree, table, names, column), *_in_texts(tree, table)]
    return sorted(found, key=lambda each: each.line)


def _names_of(tree: ast.Module, table: str) -> set[str]:
    """The names that the module gives to the table."""
    names = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            names |= {each.asname or each.name for each in node.names if each.name == table}
        if isinstance(node, ast.Assign):
            for target, value in _pairs(node.targets[0], node.value):
                if isinstance(target, ast.Name) and _is_table(value, table, set()):
                    names.add(target.id)
    return names


def _pairs(target: ast.expr, value: ast.expr) -> Iterator[tuple[ast.expr, ast.expr]]:
    if isinstance(target, ast.Tuple) and isinstance(value, ast.Tuple):
        yield from zip(target.elts, value.elts, strict=True)
    else:
        yield target, value


def _is_table(node: ast.expr, table: str, names: set[str]) -> bool:
    if isinstance(node, ast.Attribute):
        return node.attr == table and isinstance(node.value, ast.Name) and node.value.id == "tables"
    return isinstance(node, ast.Name) and node.id in names


def _in_calls(tree: ast.Module, table: str, names: set[str], column: str) -> Iterator[Finding]:
    parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
    for call in ast.walk(tree):
        if not isinstance(call, ast.Call):
            continue
        kind = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
        own = isinstance(call.func, ast.Attribute) and _is_table(call.func.value, table, names)
        written = any(_is_table(each, table, names) for each in call.args)
        if kind in WRITERS and (own or written):
            yield from _of_columns(call, _values(call, parents), column)
        elif kind in BULK_WRITERS and written:
            yield from _of_columns(call, _rows(call, parents), column)


def _values(call: ast.Call, parents: dict[ast.AST, ast.AST]) -> Iterator[ast.AST]:
    """What the ``values`` get that follow the call in its chain, or later on its name."""
    values = list(_chained(call, parents))
    statement = _parent(call, parents, ast.Assign)
    if not values and isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
        name = statement.targets[0].id
        function = _parent(call, parents, ast.FunctionDef, ast.Module)
        for node in ast.walk(function):
            if isinstance(node, ast.Name) and node.id == name and isinstance(node.ctx, ast.Load):
                values += _chained(node, parents)
    yield from values or [ast.Constant(value=None)]


def _chained(node: ast.AST, parents: dict[ast.AST, ast.AST]) -> Iterator[ast.AST]:
    while isinstance(above := parents.get(node), ast.Attribute | ast.Call):
        if isinstance(above, ast.Call) and above.func is not node:
            return
        if isinstance(above, ast.Call) and isinstance(node, ast.Attribute) and node.attr == "values":
            yield from above.args
            yield from above.keywords
        node = above


def _rows(call: ast.Call, parents: dict[ast.AST, ast.AST]) -> Iterator[ast.AST]:
    """The rows of a bulk statement: a list in the call, or the list of that name in its function."""
    rows = call.args[-1]
    if not isinstance(rows, ast.Name):
        yield rows
        return
    function = _parent(call, parents, ast.FunctionDef, ast.Module)
    assigned = [
        node.value
        for node in ast.walk(function)
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
        if node.targets[0].id == rows.id
    ]
    yield from assigned or [rows]


def _parent(node: ast.AST, parents: dict[ast.AST, ast.AST], *kinds: type[ast.AST]) -> ast.AST:
    while not isinstance(node, kinds) and node in parents:
        node = parents[node]
    return node


def _of_columns(call: ast.Call, written: Iterator[ast.AST], column: str) -> Iterator[Finding]:
    for each in written:
        columns = _columns(each)
        if columns is None:
            yield Finding(line=call.lineno, why="which columns it writes cannot be seen")
        elif column in columns:
            yield Finding(line=call.lineno, why=f"it writes {column}")


def _columns(written: ast.AST) -> set[str] | None:
    """The columns that a keyword, a row or a list of rows names; None where they cannot be seen."""
    match written:
        case ast.keyword(arg=str(name)):
            return {name}
        case ast.keyword(value=value):
            return _columns(value)
        case ast.ListComp(elt=element) | ast.GeneratorExp(elt=element):
            return _columns(element)
        case ast.List(elts=elements):
            return _all(map(_columns, elements))
        case ast.Dict(keys=keys, values=values):
            return _all(
                _columns(value)
                if key is None
                else {str(key.value)}
                if isinstance(key, ast.Constant)
                else None
                for key, value in zip(keys, values, strict=True)
            )
        case ast.IfExp(body=one, orelse=other):
            return _all([_columns(one), _columns(other)])
    return None


def _all(found: Iterator[set[str] | None] | list[set[str] | None]) -> set[str] | None:
    columns = set[str]()
    for each in found:
        if each is None:
            return None
        columns |= each
    return columns


def _in_texts(tree: ast.Module, table: str) -> Iterator[Finding]:
    statement = re.compile(
        rf'\b(update\s+"?{table}"?\s+set|(insert|replace)\s+into\s+"?{table})\b', re.IGNORECASE
    )
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and statement.search(node.value):
            yield Finding(line=node.lineno, why="it writes the table in SQL text")
