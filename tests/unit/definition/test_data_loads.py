"""Loads of responses and records in a workflow file: compiled, refused, and written back."""

import json

import pytest

from bucketlift.definition.compile.definition import compile_definition
from bucketlift.definition.export import export
from bucketlift.definition.parse import parse
from bucketlift.definition.yaml.problems import DefinitionWrong
from bucketlift.ledger.db.json_codec import dump, load_workflow
from bucketlift.model.directory.data_targets import RecordType, records_target, responses_target
from bucketlift.model.load import Column
from bucketlift.model.types import TypeName, ValueType
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
        extract: {{kind: s3, account: acme, bucket: b, columns: [ID, Start, Score], fields: {{Score: {{type: integer}}}}, after_import: keep}}
      - id: load
        {load}
"""
RESPONSES = (
    "load_responses: {from: files, to: people, survey: SV_1, time_zone: America/Denver, "
    'date_format: "%d.%m.%Y %H:%M", map: {Start: [StartDate, Begun], ID: []}}'
)
RECORDS = "load_records: {from: files, to: people, project: staff-2027, key: ID, map: {ID: [StaffID]}, types: {Start: open-text}}"


@pytest.fixture
def file_of(folder):
    return lambda load: parse(FILE.format(load=load).encode(), name="hr.yaml", folder=folder)


@pytest.fixture
def target_of(file_of):
    return lambda load: compile_definition(file_of(load)).workflows[0].loads[0].target


SCORE = Column(name="Score", field="Score", type=ValueType(name=TypeName.INTEGER))


def test_a_load_of_responses_has_its_survey_and_its_time_zone(target_of):
    assert target_of(RESPONSES) == responses_target(
        [Column(name="StartDate", field="Start"), Column(name="Begun", field="Start"), SCORE],
        "SV_1",
        time_zone="America/Denver",
        date_format="%d.%m.%Y %H:%M",
    )


def test_a_load_of_records_has_its_key_and_its_types(target_of):
    target = target_of(RECORDS)

    assert target == records_target(
        [Column(name="StaffID", field="ID"), Column(name="Start", field="Start"), SCORE],
        "staff-2027",
        "ID",
        [("Start", RecordType.OPEN_TEXT)],
    )
    assert target.unique_field == "StaffID"
    assert [target.type_of(each) for each in target.columns] == [
        RecordType.STRING,
        RecordType.OPEN_TEXT,
        RecordType.NUMBER,
    ]


@pytest.mark.parametrize(
    ("load", "problem"),
    [
        (
            "load_responses: {from: files, to: people, survey: S, merge: [[ID]]}",
            (
                "unknown key `merge`: hr.yaml line 14 (workflows.nightly.tasks[1].load_responses). It can be one of: "
                "date_format, from, map, survey, time_zone, to."
            ),
        ),
        (
            "load_responses: {from: files, to: people, survey: S, map: {ID: [QID1], Start: [QID1]}}",
            (
                "Several fields fill `QID1`: `ID`, `Start`: responses/S: hr.yaml line 14 "
                "(workflows.nightly.tasks[1].load_responses.map). Leave one of them out, for example with `map: {Start: []}`."
            ),
        ),
        (
            'load_responses: {from: files, to: people, survey: S, date_format: "%d.%m.%Y %H:%M"}',
            (
                "the times have no time zone: hr.yaml line 14 (workflows.nightly.tasks[1].load_responses.date_format). "
                "Set `time_zone` as well, or use a format with %z."
            ),
        ),
        (
            "load_responses: {from: files, to: warehouse, survey: S}",
            (
                "`warehouse` is not a directory: hr.yaml line 14 (workflows.nightly.tasks[1].load_responses.to). Name a "
                "destination of `kind: directory`, or load a table with `load`."
            ),
        ),
        (
            "load_records: {from: files, to: people, project: p, key: Id}",
            (
                "The sample has no field `Id`: records/p: hr.yaml line 14 (workflows.nightly.tasks[1].load_records.key). "
                "Did you mean `ID`?"
            ),
        ),
        (
            "load_records: {from: files, to: people, project: p, key: ID, map: {ID: []}}",
            (
                "The key field `ID` is left out of the load: records/p: hr.yaml line 14 "
                "(workflows.nightly.tasks[1].load_records.key). Map it to a field: `map: {ID: [ID]}`."
            ),
        ),
        (
            "load_records: {from: files, to: people, project: p, types: {Start: number}}",
            (
                "`Start` has the type number, and its source field `Start` is text: records/p: hr.yaml line 14 "
                "(workflows.nightly.tasks[1].load_records.types). Give `Start` another type in the extract or in a transform, "
                "or remove `Start` from `types`."
            ),
        ),
        (
            "load_records: {from: files, to: people, project: p, types: {Begin: string}}",
            (
                "`types` names `Begin`, and the load does not fill this field: records/p: hr.yaml line 14 "
                "(workflows.nightly.tasks[1].load_records.types). It can be one of: ID, Score, Start."
            ),
        ),
    ],
)
def test_a_wrong_load_of_responses_or_records_is_refused_with_its_line(file_of, load, problem):
    with pytest.raises(DefinitionWrong) as error:
        compile_definition(file_of(load))

    assert [str(each) for each in error.value.problems] == [problem]


@pytest.mark.parametrize("load", [RESPONSES, RECORDS, "load_records: {from: files, to: people, project: p}"])
def test_a_load_of_responses_or_records_is_exported_and_stored_as_it_is(file_of, folder, load):
    made = compile_definition(file_of(load))

    exported = export(made, lambda *_: None)
    stored = json.loads(json.dumps(dump(Workflow, made.workflows[0])))

    again = compile_definition(parse(exported.encode(), name="hr.yaml", folder=folder))
    assert again.workflows == made.workflows
    assert load_workflow(stored) == made.workflows[0]
