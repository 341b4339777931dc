"""Which loads, keys and fields are behind a transform, and how it follows a renamed header."""

from __future__ import annotations

import pytest

from bucketlift.errors import RequestWrong
from bucketlift.model.contract import Contract, Field
from bucketlift.model.load import WriteMode
from bucketlift.model.transforms.row_checks import RowChecks, UpsertKey
from bucketlift.model.transforms.steps import Parse
from bucketlift.model.transforms.transform import (
    Constant,
    FromField,
    Join,
    OutputField,
    RowField,
    TransformTask,
)
from bucketlift.model.types import TypeName, ValueType
from bucketlift.model.workflow import AllOf, ConditionTask
from bucketlift.rules.condition import governed
from bucketlift.rules.take import contracts_of
from bucketlift.rules.targets import NAMINGS
from bucketlift.rules.transforms.fields import checks_of, fields_at
from bucketlift.service.files.renewal import Renamed, renewed
from builders import a_load, a_target, a_workflow, an_extract

CLEAN = TransformTask(
    id="clean",
    source="files",
    fields=(
        OutputField(name="name", origin=FromField(name="name")),
        OutputField(name="both", origin=Join(names=("id", "name"))),
    ),
)
DATED = TransformTask(
    id="dated",
    source="clean",
    fields=(
        OutputField(
            name="since",
            origin=FromField(name="both"),
            steps=(Parse(field=Field(name="since", type=TypeName.DATE)),),
        ),
        OutputField(name="id", origin=Constant(text="1")),
    ),
)
UPSERT = a_load(id="up", source="dated", target=a_target(mode=WriteMode.UPSERT, key=("id", "since")))
FLOW = a_workflow(an_extract(), CLEAN, DATED, a_load(), UPSERT)


def test_the_loads_of_an_extract_include_those_behind_its_transforms():
    assert FLOW.loads_from("files") == (a_load(), UPSERT)
    assert FLOW.transforms_from("files") == FLOW.transforms_to("dated") == (CLEAN, DATED)
    assert (FLOW.extract_of("dated"), FLOW.extract_of("files")) == ("files", "files")


def test_the_checks_of_an_extract_name_each_key_with_its_source_and_the_fields_it_is_made_of():
    checks = checks_of(FLOW, "files")

    assert checks == RowChecks(
        extract="files",
        transforms=(CLEAN, DATED),
        keys=(UpsertKey(fields=("id", "since"), source="dated"),),
    )
    assert checks.key_fields == {"id", "name"}


def test_a_transform_changes_fields_in_their_place_and_adds_new_ones_at_the_end():
    assert fields_at(FLOW, "dated") == (
        RowField(name="id"),
        RowField(name="name"),
        RowField(name="both"),
        RowField(name="since", type=ValueType(name=TypeName.DATE)),
    )


def test_a_condition_that_blocks_a_transform_blocks_the_loads_behind_it():
    closed = ConditionTask(id="closed", test=AllOf(tests=()), otherwise=("clean",))

    assert governed(a_workflow(*FLOW.tasks, closed), {"closed": True}) == (a_load(),)


def test_a_changed_transform_changes_the_fingerprint_of_its_extract_only_if_there_is_one():
    plain = a_workflow(an_extract(), a_load())
    shorter = a_workflow(an_extract(), CLEAN, a_load(source="clean"))

    assert contracts_of(plain) == {"files": "f4adabdd83687665"}
    assert len({contracts_of(each)["files"] for each in (plain, shorter, FLOW)}) == 3


def test_a_transform_follows_a_renamed_field_and_a_new_one_passes_on():
    fields = (Field(name="ID"), Field(name="full name"), Field(name="more"))
    names = {"id": "ID", "name": "full name"}
    change = Renamed(fields=("ID", "full name", "more"), names=names, added=("more",), removed=())
    flow = a_workflow(an_extract(), CLEAN, a_load(source="clean"))

    made = renewed(lambda _: NAMINGS["duckdb"], flow, an_extract(), fields, change)

    assert made.extracts[0].contract == Contract(fields=fields)
    assert made.transforms[0].fields == (
        OutputField(name="full name", origin=FromField(name="full name")),
        OutputField(name="both", origin=Join(names=("ID", "full name"))),
    )
    assert [(column.name, column.field) for column in made.loads[0].target.columns] == [
        ("id", "ID"),
        ("name", "full name"),
        ("more", "more"),
    ]


@pytest.mark.parametrize(
    ("change", "what"),
    [
        (
            Renamed(fields=("id",), names={"id": "id"}, added=(), removed=("name",)),
            "The file has no column name, which the transform clean needs for name",
        ),
        (
            Renamed(
                fields=("id", "name", "Both"), names={"id": "id", "name": "name"}, added=("Both",), removed=()
            ),
            "clean makes a field both, and the file has a column of that name",
        ),
    ],
)
def test_a_header_that_a_transform_does_not_fit_is_refused(change, what):
    with pytest.raises(RequestWrong) as refused:
        renewed(lambda _: NAMINGS["duckdb"], FLOW, an_extract(), (), change)

    assert refused.value.what == what
