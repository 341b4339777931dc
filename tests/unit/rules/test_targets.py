"""What is said at apply about a target that could not be loaded."""

from __future__ import annotations

import pytest

from bucketlift.errors import RequestWrong
from bucketlift.model.load import Column, Target, WriteMode
from bucketlift.rules.targets import NAMINGS, Naming, check_target

FIELDS = ("UniqueID", "FirstName", "E-mail")


def a_target(columns=None, **settings):
    pairs = columns or {name: name for name in FIELDS}
    named = tuple(Column(name=name, field=field) for name, field in pairs.items())
    return Target(**{"table": "people", "columns": named} | settings)


@pytest.mark.parametrize("naming", NAMINGS.values(), ids=NAMINGS)
def test_a_target_that_fits_is_passed(naming):
    check_target(a_target(mode=WriteMode.UPSERT, key=("UniqueID",)), FIELDS, naming)


WRONG = {
    "no columns": (
        Target(table="people", columns=()),
        "No field is loaded",
        "Map at least one field to a column.",
    ),
    "unknown field": (
        a_target({"id": "UniqeID"}),
        "The map names a field that the sample does not have, `UniqeID`",
        "Did you mean `UniqueID`?",
    ),
    "field of another case": (
        a_target({"id": "UNIQUEID"}),
        "The map names a field that the sample does not have, `UNIQUEID`",
        "Did you mean `UniqueID`?",
    ),
    "nothing near": (
        a_target({"id": "zzz"}),
        "The map names a field that the sample does not have, `zzz`",
        "It can be one of: E-mail, FirstName, UniqueID.",
    ),
    "upsert without key": (
        a_target(mode=WriteMode.UPSERT),
        "Upsert needs a key",
        "Name the fields that identify a row, as in `key: [UniqueID]`.",
    ),
    "unknown key": (
        a_target(mode=WriteMode.UPSERT, key=("Unique_ID",)),
        "The key names a field that the sample does not have, `Unique_ID`",
        "Did you mean `UniqueID`?",
    ),
    "key that goes nowhere": (
        a_target({"name": "FirstName"}, mode=WriteMode.UPSERT, key=("UniqueID",)),
        "The key field `UniqueID` is not mapped to a column",
        "Map `UniqueID` to a column, or remove it from the key.",
    ),
    "lineage's own name": (
        a_target({"_LOAD_ID": "UniqueID"}),
        "The name `_LOAD_ID` is reserved for lineage",
        "Map `UniqueID` to another column, or leave it out with `UniqueID: []`.",
    ),
    "names that differ by case": (
        a_target({"name": "FirstName", "NAME": "E-mail"}),
        "Two fields are mapped to one column: `NAME` and `name`, which the destination treats as the same",
        "Map one of the two fields to another column.",
    ),
    "empty name": (
        a_target({"": "FirstName"}),
        "A name is empty or contains a NUL",
        "Map the field to another.",
    ),
    "NUL in a table's name": (
        a_target(table="a\0b"),
        "A name is empty or contains a NUL",
        "Map the field to another.",
    ),
}


@pytest.mark.parametrize(("target", "what", "hint"), WRONG.values(), ids=WRONG)
def test_what_is_wrong_is_named_with_what_would_be_right(target, what, hint):
    with pytest.raises(RequestWrong) as wrong:
        check_target(target, FIELDS, NAMINGS["duckdb"])

    assert (wrong.value.what, wrong.value.hint) == (what, hint)


def test_one_column_for_two_fields_is_refused_everywhere():
    columns = (Column(name="name", field="FirstName"), Column(name="name", field="E-mail"))

    with pytest.raises(RequestWrong, match="`name` twice"):
        check_target(Target(table="people", columns=columns), FIELDS, NAMINGS["postgresql"])


def test_case_tells_names_apart_where_the_destination_says_so():
    check_target(a_target({"name": "FirstName", "NAME": "E-mail"}), FIELDS, NAMINGS["postgresql"])


def test_only_ascii_letters_lose_their_case():
    check_target(a_target({"é": "FirstName", "É": "E-mail"}), FIELDS, NAMINGS["duckdb"])


def test_the_length_of_a_name_is_counted_in_bytes():
    naming = Naming(case_sensitive=True, max_bytes=6)
    check_target(a_target({"ééé": "FirstName"}), FIELDS, naming)

    with pytest.raises(
        RequestWrong, match=r"longer than the destination allows \(6 bytes\): `éééx` \(7 bytes\)"
    ):
        check_target(a_target({"éééx": "FirstName"}), FIELDS, naming)


def test_each_name_that_is_too_long_is_listed():
    names = {f"{'x' * 63}{number}": field for number, field in enumerate(FIELDS)}
    target = Target(
        table="t" * 64, columns=tuple(Column(name=name, field=field) for name, field in names.items())
    )

    with pytest.raises(RequestWrong) as wrong:
        check_target(target, FIELDS, NAMINGS["postgresql"])

    assert wrong.value.what == f"{len(names) + 1} names are longer than the destination allows (63 bytes)"
    assert all(f"`{name}` (64 bytes)" in wrong.value.to for name in ("t" * 64, *names))
    assert wrong.value.hint.startswith("Give the table a shorter name. Map each field to a column")


@pytest.mark.parametrize("name", ["ctid", "xmin", "xmax", "cmin", "cmax", "tableoid"])
def test_a_system_column_of_postgresql_cannot_be_loaded_and_the_map_of_the_hint_mends_it(name):
    with pytest.raises(RequestWrong, match=f"system column `{name}`") as wrong:
        check_target(a_target({name: "FirstName"}), FIELDS, NAMINGS["postgresql"])
    assert wrong.value.hint == f"Map the field to another column: `map: {{FirstName: [{name}_]}}`."

    check_target(a_target({f"{name}_": "FirstName"}), FIELDS, NAMINGS["postgresql"])
    check_target(a_target({name.upper(): "FirstName"}), FIELDS, NAMINGS["postgresql"])
    check_target(a_target({name: "FirstName"}), FIELDS, NAMINGS["duckdb"])
