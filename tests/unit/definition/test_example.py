"""What newcomers get: the example file and the schema for their editors."""

import pytest

from bucketlift.definition.compile.definition import compile_definition
from bucketlift.definition.example import EXAMPLE, EXAMPLE_NAME, SAMPLE, SAMPLE_NAME
from bucketlift.definition.parse import parse
from bucketlift.definition.yaml.read import read_yaml
from bucketlift.model.workflow import ConditionTask, ExtractTask, LoadTask
from bucketlift.schema.document import json_schema

jsonschema = pytest.importorskip("jsonschema", reason="comes with the demo extra")


def test_the_example_is_a_whole_workflow_file_beside_its_sample(tmp_path):
    (tmp_path / SAMPLE_NAME).parent.mkdir()
    (tmp_path / SAMPLE_NAME).write_text(SAMPLE)

    definition = compile_definition(parse(EXAMPLE.encode(), name=EXAMPLE_NAME, folder=tmp_path))

    [workflow] = definition.workflows
    assert definition.notes == ()
    assert [type(task) for task in workflow.tasks] == [ExtractTask, ConditionTask, LoadTask]
    assert workflow.conditions[0].then == ("people",)


def test_the_schema_is_sound_and_accepts_the_example():
    schema = json_schema()

    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(read_yaml(EXAMPLE.encode(), EXAMPLE_NAME).value, schema)


def test_the_schema_refuses_what_the_file_may_not_hold():
    value = read_yaml(EXAMPLE.encode(), EXAMPLE_NAME).value
    value["workflows"]["nightly-employees"]["tasks"][0]["extract"]["acount"] = "x"

    errors = list(jsonschema.Draft202012Validator(json_schema()).iter_errors(value))

    assert len(errors) == 1


def test_the_schema_names_every_part_of_the_file():
    schema = json_schema()

    assert schema["title"] == "Bucketlift workflow file"
    assert list(schema["properties"]) == [
        "version",
        "project",
        "defaults",
        "accounts",
        "destinations",
        "workflows",
    ]
    assert schema["required"] == ["version", "project"]
