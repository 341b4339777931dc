"""Two loads of one extract into one table load each row twice, unless no run executes both."""

from __future__ import annotations

import os
from dataclasses import replace

import pytest

from bucketlift.model.account import (
    DirectoryDestination,
    DuckdbDestination,
    EnvSecret,
    HttpDestination,
    LocalFolder,
    PostgresqlDestination,
    QualtricsDestination,
    S3Prefix,
    SecretRef,
    SftpServer,
    SqliteDestination,
    VaultSecret,
)
from bucketlift.model.directory.data_targets import records_target, responses_target
from bucketlift.model.directory.targets import Transactions, contacts_target, employees_target
from bucketlift.model.load import Column, WriteMode, rows_target
from bucketlift.model.objects.file_format import ObjectFormat
from bucketlift.model.objects.target import OBJECTS, ObjectsTarget
from bucketlift.model.source import StoreId
from bucketlift.model.transforms.transform import TransformTask
from bucketlift.model.workflow import AllOf, AnyOf, Comparison, ConditionTask, Measure, Operator
from bucketlift.rules.doubles.doubled_loads import doubled_loads
from bucketlift.rules.doubles.same_place import Lookup, database_at
from builders import a_load, a_target, a_workflow, an_extract

DUCK = DuckdbDestination(path="/data/a.duckdb")
COLUMNS = (Column(name="Email", field="id"),)
URLS: dict[SecretRef, str] = {
    EnvSecret(env="URL"): "postgresql://hr:one@db.example.com/hr",
    VaultSecret(secret="same"): "postgres://other:two@DB.example.com:5432/hr?sslmode=require",
    VaultSecret(secret="else"): "postgresql://hr:one@db.example.com/payroll",
}
LOOKUP = Lookup(store_of=StoreId, real_path=os.path.normpath, url_of=URLS.get)


def pairs(*tasks, **destinations) -> list[tuple[str, str]]:
    flow = a_workflow(an_extract(), *tasks)
    return [(each.first, each.second) for each in doubled_loads(flow, destinations, LOOKUP)]


def a_transform(task_id: str, source: str) -> TransformTask:
    return TransformTask(id=task_id, source=source, fields=())


def found(one, other, first=None, second=None) -> bool:
    """Whether loads with these targets, into one or two destinations, are doubles."""
    loads = (
        a_load(id="a", destination="first", target=one),
        a_load(id="b", destination="second", target=other),
    )
    if second is None:
        loads = loads[0], replace(loads[1], destination="first")
    return pairs(*loads, first=first or DUCK, second=second or DUCK) == [("a", "b")]


def test_two_loads_into_one_table_are_found_also_behind_transforms():
    tasks = (
        a_load(id="a"),
        a_transform("t", "files"),
        a_transform("u", "t"),
        a_load(id="b", source="u"),
        a_load(id="c", target=a_target(table="others")),
    )

    assert pairs(*tasks, warehouse=DUCK) == [("a", "b")]
    assert pairs(*tasks) == [("a", "b")], "the destination need not be known"


def test_loads_of_two_extracts_into_one_table_are_no_doubles():
    assert pairs(a_load(id="a"), an_extract(id="more"), a_load(id="b", source="more"), warehouse=DUCK) == []


@pytest.mark.parametrize(
    ("settings", "one", "other", "doubled"),
    [
        (DUCK, "People", "PEOPLE", True),
        (DUCK, "main.people", "people", True),
        (SqliteDestination(path="/data/a.sqlite"), "People", "PEOPLE", True),
        (PostgresqlDestination(url=EnvSecret(env="URL")), "People", "people", False),
        (PostgresqlDestination(url=EnvSecret(env="URL")), "public.people", "people", True),
        (PostgresqlDestination(url=EnvSecret(env="URL"), schema="hr"), "hr.people", "people", True),
        (PostgresqlDestination(url=EnvSecret(env="URL"), schema="hr"), "public.people", "people", False),
    ],
)
def test_names_of_tables_are_compared_as_the_destination_compares_them(settings, one, other, doubled):
    assert found(a_target(table=one), a_target(table=other), settings) is doubled


def an_upsert(*columns: tuple[str, str], key=("id",)):
    named = tuple(Column(name=name, field=field) for name, field in columns)
    return a_target(mode=WriteMode.UPSERT, key=key, columns=named)


ID, NAME, CITY = ("id", "id"), ("name", "name"), ("city", "city")


@pytest.mark.parametrize(
    ("one", "other", "doubled"),
    [
        (an_upsert(ID, NAME), an_upsert(ID, CITY), False),
        (an_upsert(ID, NAME, ("at", "at")), an_upsert(("at", "at"), CITY, ID), False),
        (an_upsert(ID, NAME), an_upsert(("ID", "id"), CITY), False),
        (an_upsert(ID, NAME), an_upsert(ID, NAME), True),  # a copy
        (an_upsert(ID, NAME), an_upsert(ID), True),  # writes nothing of its own
        (an_upsert(ID, NAME, CITY), an_upsert(ID, ("name", "nick"), ("x", "x")), True),
        (an_upsert(ID, NAME), an_upsert(("id", "name"), CITY, key=("name",)), True),
        (an_upsert(ID, NAME), an_upsert(ID, NAME, CITY, key=("id", "name")), True),
        (an_upsert(ID, NAME), a_target(columns=(Column(name="id", field="id"),)), True),
        (a_target(), a_target(columns=(Column(name="x", field="x"),)), True),
    ],
)
def test_upserts_by_one_key_that_fill_different_columns_are_no_doubles(one, other, doubled):
    assert found(one, other) is doubled


def test_upserts_by_one_key_of_two_transforms_are_no_doubles():
    transforms = a_transform("t", "files"), a_transform("u", "files")
    loads = [
        a_load(id=source, source=source, target=an_upsert(ID, NAME), destination="warehouse")
        for source in ("t", "u")
    ]
    others = [replace(each, target=a_target()) for each in loads]

    assert pairs(*transforms, *loads, warehouse=DUCK) == []
    assert pairs(*transforms, *others, warehouse=DUCK) == [("t", "u")]


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (SqliteDestination(path="/data/a.db"), SqliteDestination(path="/data/x/../a.db"), True),
        (SqliteDestination(path="/data/a.db"), SqliteDestination(path="/data/b.db"), False),
        (SqliteDestination(path="/a.db", worker="w1"), SqliteDestination(path="/a.db", worker="w2"), False),
        (SqliteDestination(path="/a.db", worker="w1"), SqliteDestination(path="/a.db"), True),
        (
            PostgresqlDestination(url=EnvSecret(env="URL")),
            PostgresqlDestination(url=EnvSecret(env="URL")),
            True,
        ),
        (
            PostgresqlDestination(url=EnvSecret(env="URL")),
            PostgresqlDestination(url=VaultSecret(secret="same")),
            True,
        ),
        (
            PostgresqlDestination(url=EnvSecret(env="URL")),
            PostgresqlDestination(url=VaultSecret(secret="same"), schema="hr"),
            False,
        ),
        (
            PostgresqlDestination(url=EnvSecret(env="URL")),
            PostgresqlDestination(url=VaultSecret(secret="else")),
            False,
        ),
        (
            PostgresqlDestination(url=EnvSecret(env="URL")),
            PostgresqlDestination(url=VaultSecret(secret="unreadable")),
            False,
        ),
    ],
)
def test_two_destinations_that_are_one_database_count_as_one(one, other, same):
    assert found(a_target(), a_target(), one, other) is same


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://u@localhost/hr",
        "postgresql://u@127.0.0.1:5432/hr",
        "postgresql://u@[::1]/hr?application_name=x",
        "postgresql:///hr?host=/var/run/postgresql",
        "postgresql://hr@/?host=localhost",
        "postgresql://localhost/other?dbname=hr",
    ],
)
def test_all_urls_of_one_local_database_are_equal(url):
    assert database_at(url) == ("localhost", "5432", "hr")


@pytest.mark.parametrize(
    ("one", "other", "doubled"),
    [
        (contacts_target(COLUMNS, [["Email"]]), contacts_target(COLUMNS, [["Email"]]), True),
        (
            contacts_target(COLUMNS, [["Email"]], list="A"),
            contacts_target(COLUMNS, [["Email"]], list="A"),
            True,
        ),
        (
            contacts_target(COLUMNS, [["Email"]], list="A"),
            contacts_target(COLUMNS, [["Email"]], list="B"),
            False,
        ),
        (contacts_target(COLUMNS, [["Email"]], list="A"), contacts_target(COLUMNS, [], list="B"), True),
        (
            contacts_target(
                COLUMNS, [["Email"]], list="A", transactions=Transactions(date="d", fields=("x",))
            ),
            contacts_target(
                COLUMNS, [["Email"]], list="B", transactions=Transactions(date="d", fields=("y",))
            ),
            True,
        ),
        (
            contacts_target(
                COLUMNS, [["Email"]], list="A", transactions=Transactions(date="d", fields=("x",))
            ),
            contacts_target(
                COLUMNS, [["Email"]], list="B", transactions=Transactions(date="e", fields=("x",))
            ),
            False,
        ),
        (employees_target(COLUMNS, "id"), employees_target(COLUMNS, "id"), True),
        (employees_target(COLUMNS, "id"), contacts_target(COLUMNS, [["Email"]]), False),
        (responses_target(COLUMNS, "SV_1"), responses_target(COLUMNS, "SV_1"), True),
        (responses_target(COLUMNS, "SV_1"), responses_target(COLUMNS, "SV_2"), False),
        (records_target(COLUMNS, "p"), records_target(COLUMNS, "p", "id"), True),
        (records_target(COLUMNS, "p"), records_target(COLUMNS, "q"), False),
    ],
)
def test_loads_of_people_and_data_are_doubles_if_they_repeat_a_row(one, other, doubled):
    assert found(one, other, DirectoryDestination(path="/data/people.sqlite")) is doubled


def test_contacts_of_the_platform_are_found_again_only_if_it_merges_them():
    loads = (contacts_target(COLUMNS, None, list="A"), contacts_target(COLUMNS, None, list="B"))
    platform = QualtricsDestination(datacenter="fra1", merges_contacts=True)

    assert not found(*loads, platform)
    assert found(*loads, replace(platform, merges_contacts=False))


@pytest.mark.parametrize("merging", [(True, False), (False, True)])
def test_contacts_are_found_again_only_if_both_destinations_merge_them(merging):
    loads = (contacts_target(COLUMNS, None, list="A"), contacts_target(COLUMNS, None, list="B"))
    first, second = (QualtricsDestination(datacenter="fra1", merges_contacts=each) for each in merging)

    assert found(*loads, first, second)


def test_directories_of_two_schemas_or_on_the_platform_are_two_places():
    contacts = contacts_target(COLUMNS, [], list="A")
    here, there = (DirectoryDestination(url=EnvSecret(env="URL"), schema=each) for each in ("a", "b"))
    first, second = (QualtricsDestination(datacenter="fra1", directory=each) for each in ("POOL_1", "POOL_2"))

    assert found(contacts, contacts, here, replace(here, url=VaultSecret(secret="same")))
    assert not found(contacts, contacts, here, there)
    assert not found(contacts_target(COLUMNS, None), contacts_target(COLUMNS, None), first, second)
    assert found(responses_target(COLUMNS, "SV_1"), responses_target(COLUMNS, "SV_1"), first, second)


def test_rows_for_one_address_are_doubles():
    one, same = (
        HttpDestination(url="https://example.com/rows"),
        HttpDestination(url="https://Example.com:443/rows"),
    )

    assert found(rows_target(COLUMNS), rows_target(COLUMNS), one, same)
    assert not found(
        rows_target(COLUMNS), rows_target(COLUMNS), one, HttpDestination(url="https://example.com/b")
    )


FILES = ObjectsTarget(table=OBJECTS, columns=COLUMNS, format=ObjectFormat.CSV, name="{file}")


@pytest.mark.parametrize(
    ("one", "other", "first", "second", "doubled"),
    [
        (FILES, FILES, S3Prefix(account="a", bucket="b"), None, True),
        (FILES, replace(FILES, format=ObjectFormat.PARQUET), S3Prefix(account="a", bucket="b"), None, False),
        (FILES, replace(FILES, name="x/{file}"), S3Prefix(account="a", bucket="b"), None, False),
        (
            replace(FILES, name="{task}/{file}"),
            replace(FILES, name="{task}/{file}"),
            LocalFolder(path="/x"),
            None,
            True,
        ),
        (
            replace(FILES, name="{task}/{file}"),
            replace(FILES, name="{task}/{file}", columns=()),
            LocalFolder(path="/x"),
            None,
            False,
        ),
        (
            replace(FILES, name="x/{file}"),
            FILES,
            S3Prefix(account="a", bucket="b"),
            S3Prefix(account="a", bucket="b", prefix="x/"),
            True,
        ),
        (FILES, FILES, LocalFolder(path="/out"), LocalFolder(path="/out/../out/"), True),
        (FILES, FILES, LocalFolder(path="/out"), LocalFolder(path="/in"), False),
        (
            FILES,
            FILES,
            SftpServer(host="h", user="u", host_key=("k",), path="/out"),
            SftpServer(host="H", user="u", host_key=("k",), path="/out/"),
            True,
        ),
    ],
)
def test_files_of_the_same_name_are_doubles(one, other, first, second, doubled):
    assert found(one, other, first, second) is doubled


def comparing(operator: Operator, number: int, measure=Measure.ROWS) -> Comparison:
    return Comparison(task="files", measure=measure, operator=operator, number=number)


def test_the_two_answers_of_one_condition_exclude_each_other():
    condition = ConditionTask(id="c", test=comparing(">", 0), then=("a",), otherwise=("b",))
    through = ConditionTask(id="c", test=comparing(">", 0), then=("t",), otherwise=("b",))
    inner = ConditionTask(id="d", test=comparing(">", 0), then=("b",))
    outer = ConditionTask(id="c", test=comparing(">", 9), then=("a",), otherwise=("d",))
    loads = (a_load(id="a"), a_load(id="b"))

    assert pairs(condition, *loads, warehouse=DUCK) == []
    assert (
        pairs(through, a_transform("t", "files"), a_load(id="a", source="t"), loads[1], warehouse=DUCK) == []
    )
    assert pairs(outer, inner, *loads, warehouse=DUCK) == []
    assert pairs(replace(condition, then=("a", "b")), *loads, warehouse=DUCK) == [("a", "b")]
    assert pairs(replace(condition, otherwise=()), *loads, warehouse=DUCK) == [("a", "b")]


@pytest.mark.parametrize(
    ("one", "other", "excluded"),
    [
        (comparing("=", 1), comparing("=", 2), True),
        (comparing("=", 1), comparing("=", 1), False),
        (comparing("=", 1), comparing("!=", 1), True),
        (comparing("!=", 1), comparing("!=", 2), False),
        (comparing("<", 5), comparing(">", 3), False),
        (comparing("<", 5), comparing(">", 4), True),
        (comparing("<=", 5), comparing(">=", 5), False),
        (comparing("=", 1), comparing("=", 2, Measure.FILES), False),
        (AllOf(tests=(comparing("=", 1), comparing(">", 0, Measure.FILES))), comparing("=", 2), True),
        (AnyOf(tests=(comparing("=", 1), comparing("=", 3))), comparing("=", 2), False),
    ],
)
def test_conditions_exclude_each_other_if_no_number_meets_both(one, other, excluded):
    conditions = (
        ConditionTask(id="c", test=one, then=("a",)),
        ConditionTask(id="d", test=other, then=("b",)),
    )

    assert pairs(*conditions, a_load(id="a"), a_load(id="b"), warehouse=DUCK) == [("a", "b")] * (not excluded)


def test_the_negated_answers_exclude_each_other_too():
    no = ConditionTask(id="c", test=AnyOf(tests=(comparing(">", 0), comparing("<", 0))), otherwise=("a",))
    yes = ConditionTask(id="d", test=comparing(">", 0), then=("b",))

    assert pairs(no, yes, a_load(id="a"), a_load(id="b"), warehouse=DUCK) == []
