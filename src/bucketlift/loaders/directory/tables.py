"""The tables of a directory, the same on SQLite and PostgreSQL.

Values are stored as JSON, so that a new field needs no new column.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

PREFIX = "directory_"
FORMAT = "1"
"""The version of these tables, stored in ``directory_settings``."""
CONTACTS_AND_EMPLOYEES = ("contacts", "employees")

_Number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


class Json(sa.TypeDecorator[Any]):
    """A column with JSON as text. Every tool can read it, and it is the same in both databases."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: sa.Dialect) -> str | None:  # noqa: ARG002 - SQLAlchemy's signature
        return None if value is None else dumps(value)

    def process_result_value(self, value: str | None, dialect: sa.Dialect) -> Any:  # noqa: ARG002 - as above
        return None if value is None else json.loads(value)


_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))


def dumps(value: Any) -> str:
    return _ENCODER.encode(value)


metadata = sa.MetaData()

settings = sa.Table(
    f"{PREFIX}settings",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("value", sa.Text, nullable=False),
)

loads = sa.Table(
    f"{PREFIX}loads",
    metadata,
    sa.Column("number", _Number, primary_key=True, autoincrement=False),
    sa.Column("load_id", sa.Text, nullable=False, index=True),
    sa.Column(
        "kind", sa.Text, nullable=False, comment="contacts, employees, responses/SURVEY or records/PROJECT"
    ),
    sa.Column("list", _Number, comment="the mailing list that the load fills"),
    sa.Column("fields", Json, nullable=False, comment="the fields that each row of the load sets"),
    sa.Column("inserted", _Number, nullable=False),
    sa.Column("updated", _Number, nullable=False),
    sa.Column("unchanged", _Number, nullable=False),
    sa.Column("committed_at", sa.Text, nullable=False, comment="UTC; as texts they are in the order of time"),
    sa.Column("mode", sa.Text, nullable=False),
    sa.Column("installation", sa.Text),
    sa.Column("undone_at", sa.Text, comment="null unless the load was undone; then it counts as not loaded"),
)
"""One row per load, with its receipt. The row stays when the people of the load are deleted."""

people = sa.Table(
    f"{PREFIX}people",
    metadata,
    sa.Column("id", _Number, primary_key=True, autoincrement=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("data", Json, nullable=False, comment="value by field"),
    sa.Column("search", sa.Text, nullable=False, comment="values of built-in fields, with folded case"),
)
sa.Index(f"{PREFIX}people_kind", people.c.kind, people.c.id)

entries = sa.Table(
    f"{PREFIX}entries",
    metadata,
    sa.Column("id", _Number, primary_key=True, autoincrement=False),
    sa.Column("person", _Number, nullable=False),
    sa.Column("load", _Number, nullable=False),
    sa.Column("line", _Number, comment="line of the file; null for an undo"),
    sa.Column("changes", Json, comment="value before and after by field; null if the row changed nothing"),
    sa.Column("at", sa.Text, comment="of an undo; a row has the time of its load"),
)
"""The history: one entry per loaded row, and one per person whom an undo changed.

Entries are never updated.
"""
sa.Index(f"{PREFIX}entries_person", entries.c.person, entries.c.id)
sa.Index(f"{PREFIX}entries_load", entries.c.load)

rules = sa.Table(
    f"{PREFIX}rules",
    metadata,
    sa.Column("number", _Number, primary_key=True, autoincrement=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("fields", Json, nullable=False),
    sa.Column("exact", sa.Boolean, nullable=False),
)
"""The merge rules that loads have used. Each person has a match key for each rule."""

match_keys = sa.Table(
    f"{PREFIX}match_keys",
    metadata,
    sa.Column("rule", _Number, primary_key=True, autoincrement=False),
    sa.Column("key", sa.LargeBinary, primary_key=True),
    sa.Column("person", _Number, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)

lists = sa.Table(
    f"{PREFIX}lists",
    metadata,
    sa.Column("id", _Number, primary_key=True, autoincrement=False),
    sa.Column("name", sa.Text, nullable=False, unique=True),
)

members = sa.Table(
    f"{PREFIX}members",
    metadata,
    sa.Column("list", _Number, primary_key=True, autoincrement=False),
    sa.Column("person", _Number, primary_key=True, autoincrement=False),
    sqlite_with_rowid=False,
)
sa.Index(f"{PREFIX}members_person", members.c.person)

transactions = sa.Table(
    f"{PREFIX}transactions",
    metadata,
    sa.Column("id", _Number, primary_key=True, autoincrement=False),
    sa.Column("person", _Number, nullable=False),
    sa.Column("load", _Number, nullable=False),
    sa.Column("line", _Number, nullable=False),
    sa.Column("date", sa.Text, nullable=False, comment="ISO 8601"),
    sa.Column("data", Json, nullable=False),
)
sa.Index(f"{PREFIX}transactions_person", transactions.c.person)
sa.Index(f"{PREFIX}transactions_load", transactions.c.load)

SEARCHED = ("FirstName", "LastName", "Email", "Phone", "ExternalReference", "UniqueIdentifier")


def search_text(values: Mapping[str, str]) -> str:
    return "\n".join(values[name].casefold() for name in SEARCHED if name in values)
