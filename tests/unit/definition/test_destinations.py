"""Destinations of every kind in a workflow file, there and back."""

import pytest

from bucketlift.definition.fragments import destination_from
from bucketlift.errors import RequestWrong
from bucketlift.model.account import (
    Destination,
    DuckdbDestination,
    EnvSecret,
    FileSecret,
    PostgresqlDestination,
    SqliteDestination,
)
from bucketlift.schema.shape import to_mapping

DUCKDB = "{kind: duckdb, path: warehouse.duckdb}"
BY_CASE = ("mode: upsert", "map: {FirstName: Name, LastName: NAME}\n          mode: upsert")
"""Two fields go to columns whose names differ by case alone."""


@pytest.mark.parametrize(
    ("text", "made"),
    [
        (
            "{kind: duckdb, path: data/a.duckdb, worker: one}",
            DuckdbDestination(path="FOLDER/data/a.duckdb", worker="one"),
        ),
        ("{kind: sqlite, path: /data/a.db}", SqliteDestination(path="/data/a.db")),
        ("{kind: sqlite, path: a.db, worker: one}", SqliteDestination(path="FOLDER/a.db", worker="one")),
        ("{kind: postgresql, url: {env: PG}}", PostgresqlDestination(url=EnvSecret(env="PG"))),
        (
            "{kind: postgresql, url: {file: pg}, schema: hr, receipts: audit.loads, max_parallel: 2}",
            PostgresqlDestination(
                url=FileSecret(file="FOLDER/pg"), schema="hr", receipts="audit.loads", max_parallel=2
            ),
        ),
    ],
)
def test_a_destination_is_made_as_the_file_says(compiled, folder, text, made):
    definition = compiled((DUCKDB, text.replace("FOLDER", str(folder))))

    assert [str(each.settings).replace(str(folder), "FOLDER") for each in definition.destinations] == [
        str(made)
    ]


SAID = [
    {"kind": "duckdb", "path": "/data/a.duckdb"},
    {"kind": "sqlite", "path": "/data/a.db", "worker": "one"},
    {"kind": "postgresql", "url": {"secret": "pg"}},
    {"kind": "postgresql", "url": {"env": "PG"}, "schema": "hr", "receipts": "a.b", "max_parallel": 2},
]


@pytest.mark.parametrize("said", SAID, ids=lambda said: said["kind"])
def test_the_words_for_a_destination_make_it_again(said):
    made = destination_from("warehouse", said)

    assert to_mapping(made.settings) == said
    assert made == Destination(name="warehouse", settings=made.settings)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            '{kind: postgresql, url: "postgresql://me:secret@host/db"}',
            (
                "a secret must not be written in the file itself: hr.yaml line 11 (destinations.warehouse.url). "
                "Name where the secret is stored: {env: NAME}, {file: PATH} or {secret: NAME}."
            ),
        ),
        (
            "{kind: postgresql}",
            "`url` is missing: hr.yaml line 11 (destinations.warehouse). This key is required.",
        ),
        (
            "{kind: postgresql, url: {env: PG}, receipts: loads}",
            (
                "not a valid name for the table of receipts: hr.yaml line 11 (destinations.warehouse.receipts). "
                "Name the schema and the table: audit.loads."
            ),
        ),
        (
            "{kind: postgresql, url: {env: PG}, max_parallel: 0}",
            "`max_parallel` must be at least 1: hr.yaml line 11 (destinations.warehouse.max_parallel)",
        ),
        (
            "{kind: postgresql, url: {env: PG}, path: a}",
            (
                "unknown key `path`: hr.yaml line 11 (destinations.warehouse). "
                "It can be one of: kind, max_parallel, receipts, schema, url."
            ),
        ),
        (
            f"{{kind: postgresql, url: {{env: PG}}, schema: {'ä' * 32}}}",
            (
                "not a name in PostgreSQL: hr.yaml line 11 (destinations.warehouse.schema). "
                "A name has at most 63 bytes."
            ),
        ),
        (
            "{kind: sqlite}",
            "`path` is missing: hr.yaml line 11 (destinations.warehouse). This key is required.",
        ),
        (
            "{kind: mysql, path: a}",
            (
                "`kind` cannot be `mysql`: hr.yaml line 11 (destinations.warehouse.kind). "
                "It can be one of: directory, duckdb, folder, http, postgresql, qualtrics, s3, sftp, sqlite."
            ),
        ),
    ],
)
def test_a_wrong_destination_is_told_without_its_secrets(problems, text, told):
    assert problems((DUCKDB, text)) == [told]


@pytest.mark.parametrize(
    ("destination", "change", "told"),
    [
        (
            "{kind: postgresql, url: {env: PG}}",
            ("table: employees", f"table: {'e' * 64}"),
            "longer than the destination allows",
        ),
        (
            "{kind: sqlite, path: a.db}",
            ("table: employees", "table: SQLite_employees"),
            "reserved for the database itself",
        ),
        (
            "{kind: sqlite, path: a.db}",
            ("table: employees", "table: _BUCKETLIFT_LOADS"),
            "reserved for Bucketlift's",
        ),
        ("{kind: sqlite, path: a.db}", BY_CASE, "Two fields are mapped to one column"),
        (
            "{kind: postgresql, url: {env: PG}}",
            ("mode: upsert", "map: {FirstName: ctid}\n          mode: upsert"),
            "system column `ctid`",
        ),
    ],
)
def test_names_are_judged_as_the_destination_reads_them(compiled, destination, change, told):
    with pytest.raises(RequestWrong, match=told):
        compiled((DUCKDB, destination), change)


def test_columns_that_differ_by_case_are_two_to_postgresql(compiled):
    definition = compiled((DUCKDB, "{kind: postgresql, url: {env: PG}}"), BY_CASE)

    assert [column.name for column in definition.workflows[0].loads[0].target.columns] == [
        "UniqueID",
        "Name",
        "NAME",
    ]
