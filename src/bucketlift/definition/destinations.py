"""Destinations: their shape in the file, the values it makes, and the words for these."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, Literal, assert_never

from pydantic import AfterValidator, Field

from bucketlift.definition.accounts import absolute, secret_reference
from bucketlift.definition.places import Secret
from bucketlift.definition.shape import Shape, Text, said
from bucketlift.model.account import (
    DestinationSettings,
    DuckdbDestination,
    PostgresqlDestination,
    SqliteDestination,
)
from bucketlift.rules.targets import NAMINGS

_NAME_BYTES = NAMINGS["postgresql"].max_bytes or 0


def _name(value: str) -> str:
    if "\0" in value or len(value.encode()) > _NAME_BYTES:
        raise said("not a name in PostgreSQL", f"A name has at most {_NAME_BYTES} bytes.")
    return value


def _place(value: str) -> str:
    schema, dot, table = value.partition(".")
    if not (schema and dot and table) or "." in table:
        raise said("not a place of receipts", "Name the schema and the table: audit.loads.")
    return f"{_name(schema)}.{_name(table)}"


class DuckdbShape(Shape):
    """An embedded DuckDB database file; the path is relative to this file."""

    kind: Literal["duckdb"]
    path: Text
    worker: Text | None = None


class SqliteShape(Shape):
    """A SQLite database file; the path is relative to this file."""

    kind: Literal["sqlite"]
    path: Text
    worker: Text | None = None


class PostgresqlShape(Shape):
    """A schema of a PostgreSQL database. The URL is a secret, because it contains a password."""

    kind: Literal["postgresql"]
    url: Secret
    schema_: Annotated[Text, AfterValidator(_name), Field(alias="schema")] = "public"
    receipts: Annotated[Text, AfterValidator(_place)] | None = None
    max_parallel: Annotated[int, Field(ge=1)] | None = None


DestinationShape = Annotated[DuckdbShape | SqliteShape | PostgresqlShape, Field(discriminator="kind")]


def destination_settings(shape: DestinationShape, folder: Path) -> DestinationSettings:
    match shape:
        case DuckdbShape():
            return DuckdbDestination(path=absolute(shape.path, folder), worker=shape.worker)
        case SqliteShape():
            return SqliteDestination(path=absolute(shape.path, folder), worker=shape.worker)
        case PostgresqlShape():
            return PostgresqlDestination(
                url=secret_reference(shape.url, folder),
                schema=shape.schema_,
                receipts=shape.receipts,
                max_parallel=shape.max_parallel,
            )
        case _:
            assert_never(shape)


def destination_words(settings: DestinationSettings) -> dict[str, Any]:
    """As a file says it; what goes without saying is left out. A secret is named, never told."""
    words: dict[str, Any]
    match settings:
        case DuckdbDestination() | SqliteDestination():
            words = {"kind": settings.kind, "path": settings.path, "worker": settings.worker}
        case PostgresqlDestination():
            words = {
                "kind": settings.kind,
                "url": asdict(settings.url),
                "schema": None if settings.schema == "public" else settings.schema,
                "receipts": settings.receipts,
                "max_parallel": settings.max_parallel,
            }
        case _:
            assert_never(settings)
    return {word: value for word, value in words.items() if value is not None}
