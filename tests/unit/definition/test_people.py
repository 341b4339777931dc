"""Loads of people into a directory in a workflow file: compiled, refused, and written back."""

import json

import pytest

from bucketlift.definition.compile.definition import compile_definition
from bucketlift.definition.export import export
from bucketlift.definition.parse import parse
from bucketlift.definition.yaml.problems import DefinitionWrong
from bucketlift.ledger.db.json_codec import dump, load_workflow
from bucketlift.model.directory.targets import Transactions, contacts_target, employees_target
from bucketlift.model.load import Column
from bucketlift.model.workflow import Workflow

FILE = """\
version: 1
project: hr
accounts:
  acme: {{kind: aws-role, role_arn: "arn:aws:iam::111122223333:role/bucketlift", region: us-east-1}}
destinations:
  people: {{kind: directory, path: people.sqlite}}
  warehouse: {{kind: duckdb, path: warehouse.duckdb}}
workflows:
  nightly:
    tasks:
      - id: files
        extract: {{kind: s3, account: acme, bucket: b, columns: [UniqueID, Firstname, Mail, Hired], after_import: keep}}
      - id: load
        {load}
"""
CONTACTS = "load_contacts: {from: files, to: people, map: {UniqueID: [ExternalReference]}, merge: [[ExternalReference]]}"
EMPLOYEES = "load_employees: {from: files, to: people, key: UniqueID, map: {Firstname: [FirstName, LastName], Mail: [Email]}}"


@pytest.fixture
def file_of(folder):
    return lambda load: parse(FILE.format(load=load).encode(), name="hr.yaml", folder=folder)


@pytest.fixture
def target_of(file_of):
    return lambda load: compile_definition(file_of(load)).workflows[0].loads[0].target


def columns(**named):
    return [Column(name=name, field=field) for name, field in named.items()]


def test_a_load_of_contacts_has_its_rules_list_and_transactions(target_of):
    more = 'list: All, transactions: {date: {field: Hired, format: "%d.%m.%Y"}, fields: [Mail]}, flag_invalid: [Email]'
    named = "{UniqueID: [ExternalReference], Firstname: FirstName, Mail: [Email], Hired: []}"

    target = target_of(
        f"load_contacts: {{from: files, to: people, map: {named}, merge: [[ExternalReference], [Email, FirstName]], {more}}}"
    )

    assert target == contacts_target(
        columns(ExternalReference="UniqueID", FirstName="Firstname", Email="Mail"),
        [["ExternalReference"], ["Email", "FirstName"]],
        list="All",
        transactions=Transactions(date="Hired", format="%d.%m.%Y", fields=("Mail",)),
        flag_invalid=["Email"],
    )


def test_the_key_of_employees_fills_their_identifier_and_other_fields_are_metadata(target_of):
    assert target_of(EMPLOYEES) == employees_target(
        columns(
            UniqueIdentifier="UniqueID",
            FirstName="Firstname",
            LastName="Firstname",
            Email="Mail",
            Hired="Hired",
        ),
        "UniqueID",
    )


def test_names_that_are_almost_built_in_are_noted(file_of):
    notes = compile_definition(file_of(CONTACTS)).notes

    assert notes == (
        "`Firstname` becomes a field of its own in the directory; if it is the built-in field `FirstName`, map it to `FirstName`",
    )


@pytest.mark.parametrize(
    ("load", "problem"),
    [
        (
            "load_contacts: {from: files, to: people}",
            (
                "`merge` is missing: hr.yaml line 14 (workflows.nightly.tasks[1].load_contacts). Name the fields that "
                "identify a contact, such as `merge: [[UniqueID]]`; `merge: []` makes every row a new contact."
            ),
        ),
        (
            "load_contacts: {from: files, to: people, map: {Mail: [Email]}}",
            (
                "`merge` is missing: hr.yaml line 14 (workflows.nightly.tasks[1].load_contacts). Name the fields that "
                "identify a contact, such as `merge: [[Email]]`; `merge: []` makes every row a new contact."
            ),
        ),
        (
            "load_contacts: {from: files, to: people, merge: [[Emial]], map: {Mail: [Email]}}",
            (
                "A merge rule names `Emial`, and the load does not fill this field: contacts of the directory: hr.yaml line 14 "
                "(workflows.nightly.tasks[1].load_contacts). Map a source field to `Emial`. Did you mean `Email`?"
            ),
        ),
        (
            "load_contacts: {from: files, to: people, merge: [], map: {Mail: [Email], UniqueID: [Email]}}",
            (
                "Several fields fill `Email`: `UniqueID`, `Mail`: contacts of the directory: hr.yaml line 14 "
                "(workflows.nightly.tasks[1].load_contacts.map). Leave one of them out, for example with `map: {Mail: []}`."
            ),
        ),
        (
            "load_contacts: {from: files, to: warehouse, merge: []}",
            (
                "`warehouse` is not a directory: hr.yaml line 14 (workflows.nightly.tasks[1].load_contacts.to). Name a "
                "destination of `kind: directory`, or load a table with `load`."
            ),
        ),
        (
            "load: {from: files, to: people, table: t}",
            (
                "`people` is a directory, which has no tables: hr.yaml line 14 (workflows.nightly.tasks[1].load.to). Load "
                "people with load_contacts or load_employees, or name a database."
            ),
        ),
        (
            "load_employees: {from: files, to: people, key: UniqueID}",
            (
                "Nothing fills `FirstName`, which every employee has: employees of the directory: hr.yaml line 14 "
                "(workflows.nightly.tasks[1].load_employees). Map a source field to it: `map: {SOURCE: [FirstName]}`."
            ),
        ),
        (
            f"load_contacts: {{from: files, to: people, merge: [], map: {{Mail: [{'x' * 201}]}}}}",
            (
                f"The name of a field has 201 characters, and a directory allows 200: `{'x' * 30}…`: hr.yaml line 14 "
                "(workflows.nightly.tasks[1].load_contacts.map). Map the field to a shorter name."
            ),
        ),
        (
            "load_contacts: {from: files, to: people, merge: [[Mail], [Hired], [UniqueID], [Firstname]]}",
            (
                "There are 4 merge rules, and a load has at most 3: contacts of the directory: hr.yaml line 14 "
                "(workflows.nightly.tasks[1].load_contacts). Remove the last rules: earlier rules decide first."
            ),
        ),
        (
            "load_contacts: {from: files, to: people, merge: [], transactions: {date: {field: Hierd}, fields: [Mail]}}",
            (
                "The sample has no field `Hierd`: contacts of the directory: hr.yaml line 14 "
                "(workflows.nightly.tasks[1].load_contacts). Did you mean `Hired`?"
            ),
        ),
    ],
)
def test_a_wrong_load_of_people_is_refused_with_its_line(file_of, problems_of, load, problem):
    assert problems_of(file_of, load) == [problem]


@pytest.fixture
def problems_of():
    def problems(file_of, load):
        with pytest.raises(DefinitionWrong) as error:
            compile_definition(file_of(load))
        return [str(each) for each in error.value.problems]

    return problems


@pytest.mark.parametrize("load", [CONTACTS, EMPLOYEES, "load_contacts: {from: files, to: people, merge: []}"])
def test_a_load_of_people_is_exported_and_stored_as_it_is(file_of, folder, load):
    made = compile_definition(file_of(load))

    exported = export(made, lambda *_: None)
    stored = json.loads(json.dumps(dump(Workflow, made.workflows[0])))

    again = compile_definition(parse(exported.encode(), name="hr.yaml", folder=folder))
    assert again.workflows == made.workflows
    assert again.destinations == made.destinations
    assert load_workflow(stored) == made.workflows[0]
