"""PostgreSQL's own words for an error, without the content of cells."""

from __future__ import annotations

import re

import psycopg

from bucketlift.loaders.foreign_words import in_brackets, without_values

# Messages in which the quoted parts are names of tables, columns and constraints. Other messages may quote a
# value.
_NAMES_ONLY = ("08", "23", "25", "28", "3D", "3F", "40", "42", "53", "55", "57")
_OF_SQL_TEXT = "42601"
"""The code of a syntax error. Its message quotes the statement, which a function may have built from a cell."""
_RAISED = ("P0", "38", "39", "F0", "HV")
"""The starts of error codes that a function or a foreign server raises. Their messages may contain anything."""
_LANGUAGES = {"pl_exec.c", "plperl.c", "plpy_elog.c", "pltcl.c"}
_FUNCTION = re.compile(r"^(PL/|SQL\b)", re.MULTILINE)
_NAMED_FUNCTION = re.compile(r"^PL/[^\n]*?(?P<name>[\w$.]+\([\w$., \[\]]*\))", re.MULTILINE)


def words(error: psycopg.Error) -> str:
    """The error's code and message in brackets.

    DETAIL, HINT and CONTEXT are never included, because they quote whole rows.
    """
    state = error.sqlstate or ""
    if raised(error):
        function = function_of(error)
        return in_brackets(
            "PostgreSQL",
            state,
            f"message left out, it may contain a cell{f'; raised by {function}' * bool(function)}",
        )
    message = error.diag.message_primary or ""
    keeps = state.startswith(_NAMES_ONLY) and state != _OF_SQL_TEXT
    return in_brackets("PostgreSQL", state, message if keeps else without_values(message))


def raised(error: psycopg.Error) -> bool:
    """Whether the code of a function raised the error. The message is then written by the function's author."""
    file = (error.diag.source_file or "").rpartition("/")[2]
    return file in _LANGUAGES or (error.sqlstate or "").startswith(_RAISED)


def in_function(error: psycopg.Error) -> bool:
    """Whether the error occurred inside a function of a trigger, a CHECK constraint or a default."""
    return _FUNCTION.search(error.diag.context or "") is not None


def function_of(error: psycopg.Error) -> str:
    """The text ``function NAME`` for the function in which the error occurred; empty if the server does not
    report it.
    """
    found = _NAMED_FUNCTION.search(error.diag.context or "")
    return f"function {found['name']}" if found else ""
