"""A workflow file to model values, whole."""

from datetime import UTC, datetime, timedelta

import pytest

from bucketlift.definition.compile.definition import Definition, Installed, read_definition
from bucketlift.errors import RequestWrong
from bucketlift.model.account import (
    Account,
    AwsRole,
    Destination,
    DuckdbDestination,
    EnvSecret,
    FileSecret,
    S3Compatible,
    VaultSecret,
)
from bucketlift.model.contract import Contract, Dialect, Field, FileType, Policies, Policy
from bucketlift.model.load import Column, Lineage, Target, WriteMode
from bucketlift.model.notice import Notify, Occasion
from bucketlift.model.source import OnCollision, Selection
from bucketlift.model.trigger import CronSchedule, OnSchedule
from bucketlift.model.workflow import (
    AllOf,
    AnyOf,
    Comparison,
    ConditionTask,
    Delete,
    ExtractTask,
    Keep,
    LoadTask,
    Measure,
    Move,
    Order,
    RejectLimit,
    Rename,
    Repeats,
    StartAll,
    StartAt,
    StartNow,
    Workflow,
)

# The example of the public contract, without what this version does not have: typed fields and pgp.
CONTRACT_EXAMPLE = """\
version: 1
project: hr
defaults: {extract: {max_rejected: 0}}                        # optional
accounts:
  acme: {kind: aws-role, role_arn: "arn:aws:iam::111122223333:role/bucketlift", region: us-east-1}
  lab:  {kind: s3-compatible, endpoint_url: "http://127.0.0.1:9000", access_key: {env: LAB_KEY}, secret_key: {file: /run/secrets/lab}, accept_weak_store: false}
destinations:
  warehouse: {kind: duckdb, path: warehouse.duckdb}
workflows:
  nightly-employees:
    title: Nightly employees
    enabled: true
    triggers: [{schedule: {cron: "0 2 * * *", timezone: America/Denver}}]
    notify: [{when: [failed, held], email: hr@example.com}, {when: [failed], webhook: {env: HOOK}}]
    tasks:
      - id: files
        extract: {kind: s3, account: acme, bucket: hr-drop, prefix: employees/, pattern: "*.csv", start: all, order: key,
                  file_type: csv, sample: employees.csv,
                  contract: {extra: hold}, dialect: {encoding: utf-8}, max_rejected: "1%", repeats: load,
                  after_import: {action: delete, delay: 0d}}
      - id: enough
        condition: {all: ["files.rows > 0", "files.rejected <= 100"], then: [people], else: []}
      - id: people
        load: {from: files, to: warehouse, table: employees, mode: upsert, key: [UniqueID], map: {UniqueID: [employee_id]}, lineage: auto}
"""

FIELDS = tuple(Field(name=name) for name in ("UniqueID", "FirstName", "LastName"))


def test_the_example_of_the_public_contract_compiles_to_the_whole_project(compiled, folder):
    acme = AwsRole(role_arn="arn:aws:iam::111122223333:role/bucketlift", region="us-east-1")
    lab = S3Compatible(
        endpoint_url="http://127.0.0.1:9000",
        access_key=EnvSecret(env="LAB_KEY"),
        secret_key=FileSecret(file="/run/secrets/lab"),
    )
    warehouse = DuckdbDestination(path=str(folder / "warehouse.duckdb"))
    files = ExtractTask(
        id="files",
        account="acme",
        selection=Selection(bucket="hr-drop", prefix="employees/", pattern="*.csv"),
        contract=Contract(fields=FIELDS),
        after_import=Delete(),
        max_rejected=RejectLimit(percent=1.0),
        repeats=Repeats.LOAD,
    )
    some_rows = Comparison(task="files", measure=Measure.ROWS, operator=">", number=0)
    few_rejects = Comparison(task="files", measure=Measure.REJECTED, operator="<=", number=100)
    target = Target(
        table="employees",
        columns=(
            Column(name="employee_id", field="UniqueID"),
            Column(name="FirstName", field="FirstName"),
            Column(name="LastName", field="LastName"),
        ),
        mode=WriteMode.UPSERT,
        key=("UniqueID",),
    )

    definition = compiled(text=CONTRACT_EXAMPLE)

    assert definition == Definition(
        project="hr",
        accounts=(
            Account(name="acme", settings=acme, project="hr"),
            Account(name="lab", settings=lab, project="hr"),
        ),
        destinations=(Destination(name="warehouse", settings=warehouse, project="hr"),),
        workflows=(
            Workflow(
                key="nightly-employees",
                title="Nightly employees",
                project="hr",
                tasks=(
                    files,
                    ConditionTask(id="enough", test=AllOf(tests=(some_rows, few_rejects)), then=("people",)),
                    LoadTask(id="people", source="files", destination="warehouse", target=target),
                ),
                triggers=(OnSchedule(schedule=CronSchedule(cron="0 2 * * *", timezone="America/Denver")),),
                notify=(
                    Notify(when=(Occasion.FAILED, Occasion.HELD), email=("hr@example.com",)),
                    Notify(when=(Occasion.FAILED,), webhook=EnvSecret(env="HOOK")),
                ),
            ),
        ),
    )


SHORTEST = """\
version: 1
project: hr
workflows:
  nightly:
    tasks:
      - {id: files, extract: {kind: s3, account: acme, bucket: drop, sample: employees.csv, after_import: keep}}
      - {id: people, load: {from: files, to: warehouse, table: employees}}
"""


def test_what_is_not_said_is_as_the_contract_says(compiled):
    definition = compiled(text=SHORTEST)

    assert definition == Definition(
        project="hr",
        workflows=(
            Workflow(
                key="nightly",
                title="nightly",
                project="hr",
                tasks=(
                    ExtractTask(
                        id="files",
                        account="acme",
                        selection=Selection(bucket="drop", prefix="", pattern=None),
                        contract=Contract(fields=FIELDS, dialect=Dialect(), policies=Policies()),
                        after_import=Keep(),
                        file_type=FileType.CSV,
                        start=StartAll(),
                        order=Order.KEY,
                        max_rejected=RejectLimit(rows=0),
                        max_bytes=None,
                        repeats=None,
                    ),
                    LoadTask(
                        id="people",
                        source="files",
                        destination="warehouse",
                        target=Target(
                            table="employees",
                            columns=tuple(Column(name=each.name, field=each.name) for each in FIELDS),
                            mode=WriteMode.APPEND,
                            lineage=Lineage.AUTO,
                        ),
                    ),
                ),
                enabled=True,
                triggers=(),
                notify=(),
            ),
        ),
        notes=(
            "account `acme` is not in hr.yaml; `apply` looks it up in the installation",
            "destination `warehouse` is not in hr.yaml; `apply` looks it up in the installation",
        ),
    )


def test_names_of_the_installation_leave_no_note(compiled):
    role = AwsRole(role_arn="arn:aws:iam::111122223333:role/x", region="us-east-1")
    installed = Installed(
        accounts={"acme": role}, destinations={"warehouse": DuckdbDestination(path="/data/w.duckdb")}
    )

    assert compiled(text=SHORTEST, installed=installed).notes == ()


def extract_of(definition):
    return definition.workflows[0].extracts[0]


@pytest.mark.parametrize(
    ("text", "action"),
    [
        ("keep", Keep()),
        ("{action: keep}", Keep()),
        ("delete", Delete()),
        ("{action: delete, delay: 0d}", Delete()),
        ("{action: delete, delay: 7d}", Delete(delay=timedelta(days=7))),
        (
            "{action: rename, prefix: done-, delay: 90m}",
            Rename(prefix="done-", delay=timedelta(minutes=90)),
        ),
        ("{action: move, bucket: b}", Move(bucket="b")),
        (
            "{action: move, bucket: b, prefix: done/, on_collision: hold, delay: 0h}",
            Move(bucket="b", prefix="done/", on_collision=OnCollision.HOLD),
        ),
        ("{action: rename, prefix: done-}", Rename(prefix="done-")),
    ],
)
def test_each_way_to_say_what_becomes_of_a_file(compiled, text, action):
    definition = compiled(("after_import: delete", f"after_import: {text}"))

    assert extract_of(definition).after_import == action


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("0", RejectLimit(rows=0)),
        ("25", RejectLimit(rows=25)),
        ("1%", RejectLimit(percent=1.0)),
        ('"0.5%"', RejectLimit(percent=0.5)),
        ("{rows: 10, percent: 2}", RejectLimit(rows=10, percent=2.0)),
    ],
)
def test_each_way_to_say_how_many_rejects_a_file_may_have(compiled, text, limit):
    definition = compiled(('max_rejected: "1%"', f"max_rejected: {text}"))

    assert extract_of(definition).max_rejected == limit


@pytest.mark.parametrize(
    ("text", "start"),
    [
        ("all", StartAll()),
        ("now", StartNow()),
        ("2026-11-01T00:00:00Z", StartAt(time=datetime(2026, 11, 1, tzinfo=UTC))),
        ('"2026-11-01T02:00:00+02:00"', StartAt(time=datetime(2026, 11, 1, tzinfo=UTC))),
    ],
)
def test_each_way_to_say_where_to_start(compiled, text, start):
    definition = compiled(("kind: s3\n", f"kind: s3\n          start: {text}\n"))

    assert extract_of(definition).start == start


def test_a_contract_takes_its_dialect_and_policies_from_the_file(compiled, folder):
    (folder / "employees.tsv").write_text("UniqueID\tName\n")

    definition = compiled(
        ("sample: employees.csv", "sample: employees.tsv"),
        (
            "kind: s3\n",
            "kind: s3\n          file_type: tsv\n          dialect: {quote: none, encoding: UTF8}\n",
        ),
        (
            "kind: s3\n",
            "kind: s3\n          contract: {extra: ignore, reordered: hold}\n          empty: skip\n",
        ),
    )

    assert extract_of(definition).contract == Contract(
        fields=(Field(name="UniqueID"), Field(name="Name")),
        dialect=Dialect(delimiter="\t", quote=None, encoding="utf-8"),
        policies=Policies(reordered=Policy.HOLD, extra=Policy.IGNORE, empty=Policy.IGNORE),
    )


def test_a_task_s_own_words_come_before_the_defaults(compiled):
    definition = compiled(
        (
            "accounts:",
            "defaults: {extract: {max_rejected: 5, order: modified}, load: {lineage: on}}\naccounts:",
        )
    )

    extract, load = extract_of(definition), definition.workflows[0].loads[0]
    assert (extract.max_rejected, extract.order) == (RejectLimit(percent=1.0), Order.MODIFIED)
    assert load.target.lineage is Lineage.ON


def test_what_must_be_given_may_stand_in_the_defaults(compiled):
    definition = compiled(
        ("          account: acme\n", ""),
        ("          after_import: delete\n", ""),
        ("accounts:", "defaults: {extract: {account: lab, after_import: keep}}\naccounts:"),
    )

    assert (extract_of(definition).account, extract_of(definition).after_import) == ("lab", Keep())


def test_a_field_goes_to_its_columns_to_none_or_to_its_own_name(compiled):
    definition = compiled(
        (
            "key: [UniqueID]",
            "key: [UniqueID]\n          map: {UniqueID: [id, legacy_id], FirstName: first, LastName: []}",
        )
    )

    assert definition.workflows[0].loads[0].target.columns == (
        Column(name="id", field="UniqueID"),
        Column(name="legacy_id", field="UniqueID"),
        Column(name="first", field="FirstName"),
    )


def test_a_condition_without_branches_governs_every_later_task(compiled):
    more = "      - {id: rest, load: {from: files, to: warehouse, table: rest}}\n"

    definition = compiled((", then: [people]", ""), ("key: [UniqueID]\n", f"key: [UniqueID]\n{more}"))

    enough = definition.workflows[0].conditions[0]
    assert (enough.then, enough.otherwise) == (("people", "rest"), ())


def test_groups_of_a_condition_nest(compiled):
    definition = compiled(
        (
            '{all: ["files.rows > 0"]',
            '{any: ["files.rows >= 10", {all: ["files.held = 0", "files.bytes != 3"]}]',
        )
    )

    assert definition.workflows[0].conditions[0].test == AnyOf(
        tests=(
            Comparison(task="files", measure=Measure.ROWS, operator=">=", number=10),
            AllOf(
                tests=(
                    Comparison(task="files", measure=Measure.HELD, operator="=", number=0),
                    Comparison(task="files", measure=Measure.BYTES, operator="!=", number=3),
                )
            ),
        )
    )


def test_a_key_outside_upsert_is_not_kept(compiled):
    definition = compiled(("mode: upsert", "mode: append"))

    assert definition.workflows[0].loads[0].target.key == ()


def test_a_secret_in_a_file_is_found_from_the_workflow_file(compiled, folder):
    definition = compiled(
        ("{file: /run/secrets/lab}", "{file: secrets/lab}"), ("{env: LAB_KEY}", "{secret: lab}")
    )

    settings = definition.accounts[1].settings
    assert (settings.access_key, settings.secret_key) == (
        VaultSecret(secret="lab"),
        FileSecret(file=str(folder / "secrets/lab")),
    )


def test_a_file_is_read_from_its_path_and_its_paths_are_relative_to_it(folder, monkeypatch):
    (folder / "hr.yaml").write_text(CONTRACT_EXAMPLE)
    monkeypatch.chdir(folder.parent)

    definition = read_definition(folder.relative_to(folder.parent) / "hr.yaml")

    assert definition.destinations[0].settings == DuckdbDestination(path=str(folder / "warehouse.duckdb"))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("none.yaml", "no such file: none.yaml. Check the path."),
        (".", "cannot be read (is a directory): .. Check the path."),
    ],
)
def test_a_file_that_cannot_be_read_is_told_as_it_was_named(folder, monkeypatch, name, text):
    monkeypatch.chdir(folder)

    with pytest.raises(RequestWrong) as refused:
        read_definition(folder.relative_to(folder) / name)

    assert str(refused.value) == text
