"""Directories for their suite: a SQLite file, and a schema of a PostgreSQL database."""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from bucketlift.loaders.directory import DirectoryLoader, DirectoryPeople, Place
from bucketlift.model.directory.targets import (
    CONTACTS,
    ContactsTarget,
    EmployeesTarget,
    contacts_target,
    employees_target,
)
from bucketlift.model.load import Column, LoadId, LoadUnit, Receipt, Target
from bucketlift.model.rows import RowStream
from bucketlift.ports import Fence, unfenced
from contract.destinations import a_file

FIELDS = ("id", "name", "mail")
BY_ID = ("ExternalReference",)
BY_MAIL = ("Email",)


@dataclass(frozen=True, kw_only=True)
class TestedDirectory:
    __test__ = False

    place: Place
    of: Callable[[str], DirectoryLoader]
    """A loader of another installation."""

    @property
    def loader(self) -> DirectoryLoader:
        return self.of("ours")

    @property
    def look(self) -> DirectoryPeople:
        return DirectoryPeople(place=self.place)

    def load(
        self, target: Target, files: Mapping[str, RowStream], fence: Fence = unfenced
    ) -> tuple[Receipt, ...]:
        """One load per file, all in one unit."""
        unit = LoadUnit(target=target, loads=tuple(map(LoadId, files)))
        with self.loader.begin(unit) as opened:
            for name, rows in files.items():
                opened.write(LoadId(name), rows)
            return opened.commit(fence)

    def people(self, kind: str = CONTACTS) -> list[dict[str, str]]:
        return [dict(each.values) for each in self.look.each(kind)]

    @contextmanager
    def held_by_another(self) -> Iterator[None]:
        """Another program has locked the directory."""
        if self.place.url is None:
            with closing(sqlite3.connect(str(self.place.path), isolation_level=None)) as connection:
                connection.execute("BEGIN IMMEDIATE")
                yield
            return
        with psycopg.connect(self.place.url) as connection:
            connection.execute(f"LOCK TABLE {self.place.schema}.directory_loads IN EXCLUSIVE MODE")
            yield

    def members(self, name: str) -> list[str]:
        return [each.values["ExternalReference"] for each in self.look.each(CONTACTS, in_list=name)]


def in_sqlite(folder: Path) -> TestedDirectory:
    place = Place(path=folder / "people.sqlite", wait=0.0)
    return TestedDirectory(place=place, of=lambda name: DirectoryLoader(place=place, installation=name))


def in_postgresql(url: str) -> TestedDirectory:
    schema = f"s{secrets.token_hex(6)}"
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {schema}")
    place = Place(url=url, schema=schema)
    return TestedDirectory(place=place, of=lambda name: DirectoryLoader(place=place, installation=name))


def some_contacts(
    *merge: Sequence[str],
    fields: Mapping[str, str] | None = None,
    **more: object,
) -> ContactsTarget:
    """``fields``: directory field by source field."""
    named = fields or {"id": "ExternalReference", "name": "FirstName", "mail": "Email"}
    columns = [Column(name=name, field=field) for field, name in named.items()]
    return contacts_target(columns, merge, **more)  # type: ignore[arg-type] # settings of the target


def some_employees() -> EmployeesTarget:
    named = {
        "id": "UniqueIdentifier",
        "first": "FirstName",
        "last": "LastName",
        "mail": "Email",
        "office": "office",
    }
    return employees_target([Column(name=name, field=field) for field, name in named.items()], "id")


def rows(*found: tuple[str, ...], fields: tuple[str, ...] = FIELDS) -> RowStream:
    return a_file(*found, fields=fields)


def staff(*found: tuple[str, ...]) -> RowStream:
    return a_file(*found, fields=("id", "first", "last", "mail", "office"))


def person(reference: str, name: str = "", mail: str = "") -> dict[str, str]:
    values = {"ExternalReference": reference, "FirstName": name, "Email": mail}
    return {field: value for field, value in values.items() if value}
