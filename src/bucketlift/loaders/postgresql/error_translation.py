"""Translates PostgreSQL's errors into Bucketlift's."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import psycopg

from bucketlift.errors import BucketliftError, DestinationBusy, DestinationRefused, OurFault
from bucketlift.loaders import constraints
from bucketlift.loaders.constraints import Meaning
from bucketlift.loaders.foreign_words import in_brackets
from bucketlift.loaders.identifiers import quoted
from bucketlift.loaders.postgresql.blockers import waited
from bucketlift.loaders.postgresql.connecting import Connection
from bucketlift.loaders.postgresql.special import STATEMENT_POOLING, is_statement_pooling, special
from bucketlift.loaders.postgresql.words import function_of, in_function, raised, words

_AGAIN = "The next run tries again."
_ALTERED = "Nothing was loaded; the next try reads the table's definition again."
_RESTORE = "Restore the database from a backup; the server's log names the table."
_MEND = "Correct the file, map the field to another column, or widen the column."

# SQLSTATE, or its class (the first two characters): message, hint
_BUSY = {
    "08": ("The connection was lost", _AGAIN),
    "57P": ("The server stopped or ended the session", _AGAIN),
    "57014": (
        "The server cancelled a statement",
        "An administrator cancelled the statement, or statement_timeout is shorter than the load takes; the next run tries again.",
    ),
    "25P": (
        "The server ended a transaction that was idle or took too long",
        "The worker was stopped for a while, or the server's timeouts are short; the next run tries again.",
    ),
    "40": ("The server rolled back the transaction in favour of another one", _AGAIN),
    "55": ("A required database object is in use", _AGAIN),
    "53100": ("The server's disk is full", "Free some space on the server's disk; the next run tries again."),
    "53200": ("The server is out of memory", _AGAIN),
    "53300": ("The server has no connection left", _AGAIN),
    "53": ("The server is short of resources", _AGAIN),
    "58": (
        "The server could not read or write its files",
        "Check the server's disk; the next run tries again.",
    ),
    "42P07": ("Another session created the table in the meantime", _ALTERED),
    "42P01": ("The table was dropped in the meantime", _ALTERED),
    "42703": ("The table was altered in the meantime", _ALTERED),
    "42804": ("The table was altered in the meantime", _ALTERED),
}
_REFUSED = {
    "25006": (
        "The server is read-only: it is a standby, or the database is set to read-only",
        "Set the URL to the primary server, or unset default_transaction_read_only.",
    ),
    "28": ("The server refused the login of this user", "Correct the destination's URL."),
    "42501": (
        "The database user lacks a right",
        "Ask the database's administrator for the rights: GRANT on the schema, the table and the table of receipts.",
    ),
    "3F000": ("There is no such schema", "Create the schema, or name another schema in the destination."),
    "42710": (
        "The name belongs to a database object that is not a table",
        "Load into another table, or rename the database object.",
    ),
    "42P17": (
        "A definition in the database, such as a policy of row security, is invalid",
        "Correct the database object that PostgreSQL names.",
    ),
    "42883": (
        "The database has no operator or function that the table needs",
        "A column of the key must have a type that can be compared, such as text or integer.",
    ),
    "42": (
        "The database does not allow a statement on this table",
        "Correct the database object that PostgreSQL names, or load into an ordinary table.",
    ),
    "3D000": ("There is no such database", "Correct the destination's URL."),
    "38": ("A function of the table failed", "Correct the function, or the file."),
    "39": ("A function of the table failed", "Correct the function, or the file."),
    "HV": (
        "A foreign server refused a row",
        "Read that server's log, or load into a table of this database.",
    ),
    "XX001": ("The database is damaged", _RESTORE),
    "XX002": ("An index of the database is damaged", "Repair the index with REINDEX."),
    "XX": (
        "The server reports an internal error",
        "Read the server's log, and inform the server's administrator.",
    ),
    "22001": ("A value is longer than its column allows", _MEND),
    "22003": ("A number is outside the range of its column", _MEND),
    "22021": (
        "A value contains a character that the database's encoding does not have",
        "Load into a database with the encoding UTF8, or correct the file.",
    ),
    "22P05": (
        "A value contains a character that the database's encoding does not have",
        "Load into a database with the encoding UTF8, or correct the file.",
    ),
    "22": ("A value does not fit the type of its column", _MEND),
    "44": ("A row breaks a rule of the table", "Correct the file, or the rule."),
    "P0": ("A trigger of the table refused a row", "Correct the file, or the trigger."),
    "54": ("A row or the table is larger than PostgreSQL allows", "Load fewer or smaller columns."),
    "0A": ("This kind of table cannot be loaded", "Load into an ordinary table."),
}
_MEANING: dict[str, Meaning] = {
    **{code: (DestinationBusy, *texts) for code, texts in _BUSY.items()},
    **{code: (DestinationRefused, *texts) for code, texts in _REFUSED.items()},
    "23505": constraints.UNIQUE,
    "23502": constraints.NOT_NULL,
    "23503": constraints.FOREIGN_KEY,
    "23514": constraints.CHECK,
    "23": constraints.ANY,
}
# Class 25 alone is for read-only and similar errors, 25P for timeouts, and 57 alone for an administrator's
# action.


_OURS = frozenset({"42601", "42702", "42712", "42P02", "42P08", "42P18"})
"""Error codes that mean a mistake in Bucketlift's own statement, unless a function of the table ran the
statement.
"""
_FUNCTIONS = ("21", "22", "23", "2F", "42")
"""The starts of error codes that mean an error of a function of the table, if the error occurs inside the
function.
"""
_OTHER = "Correct the database object that PostgreSQL names; its manual lists the codes in Appendix A, PostgreSQL Error Codes."


def translated(
    error: psycopg.Error, to: str, *, user: str = "the URL's user", table: str = "the table"
) -> BucketliftError:
    """Translate the error, and add the server's code and words.

    ``user`` and ``table`` are quoted as in SQL.
    """
    state = error.sqlstate
    if state is None:
        return _without_state(error, to)
    if state == "23505" and error.diag.schema_name == "pg_catalog":
        state = "42P07"  # two sessions that create the same table at the same time collide in the catalog
    kind, what, hint = special(error, user, table) or _by_code(error, state)
    return kind(f"{what}{_named(error)}{words(error)}", to=to, hint=hint)


def _by_code(error: psycopg.Error, state: str) -> Meaning:
    if in_function(error) and not raised(error) and state.startswith(_FUNCTIONS):
        function = function_of(error) or "function"
        return (
            DestinationRefused,
            f"A trigger, constraint or default of the table failed in its {function}",
            "Correct the function, or what the function uses. The function runs with the search_path of the URL's user.",
        )
    if state in _OURS:
        return OurFault, "PostgreSQL refused a statement", OurFault.default_hint
    for part in (state, state[:3], state[:2]):
        if part in _MEANING:
            return _MEANING[part]
    if state.startswith(("24", "25", "26", "34")):
        return OurFault, "PostgreSQL refused a statement", OurFault.default_hint
    return DestinationRefused, "PostgreSQL refused a statement", _OTHER


@contextmanager
def explained(
    to: str, connection: Connection | None = None, tables: Sequence[tuple[str, str]] = ()
) -> Iterator[None]:
    """Translate PostgreSQL's errors in the block, and keep their text out of the traceback.

    With a connection and tables, the error of a lock timeout names the sessions that hold the lock.
    """
    try:
        yield
    except psycopg.errors.LockNotAvailable as error:
        if connection is None:
            raise translated(error, to) from None
        raise waited(connection, tables, to) from None
    except psycopg.Error as error:
        named = (
            {"user": quoted(connection.info.user), "table": quoted(*tables[0])}
            if connection and tables
            else {}
        )
        raise translated(error, to, **named) from None


def _named(error: psycopg.Error) -> str:
    """The names of the column and the constraint that the error contains. These are never values."""
    diagnostics = error.diag
    parts = {"column": diagnostics.column_name, "constraint": diagnostics.constraint_name}
    named = [f"{word} {name}" for word, name in parts.items() if name]
    return f" ({', '.join(named)})" if named else ""


def _without_state(error: psycopg.Error, to: str) -> BucketliftError:
    if isinstance(error, psycopg.OperationalError):
        if is_statement_pooling(str(error)):
            kind, what, hint = STATEMENT_POOLING
            return kind(what, to=to, hint=hint)
        appended = in_brackets("PostgreSQL", "", str(error).strip().partition("\n")[0])
        return DestinationBusy(f"The connection to the server was lost{appended}", to=to, hint=_AGAIN)
    return OurFault(f"PostgreSQL's driver refused a call ({type(error).__name__})", to=to)
