"""How a header meets the contract, name by name."""

from __future__ import annotations

import pytest

from bucketlift.model.contract import Policies, Policy
from bucketlift.model.hold import HeldReason, Hold, Verdict
from bucketlift.tabular.header.verdict import judge

from .files import a_contract

CONTRACT = a_contract("id", "First Name", "mail")


def held(*header: str, contract=CONTRACT) -> tuple[HeldReason, str]:
    found = judge(contract, header)
    assert isinstance(found, Hold)
    assert found.hint
    return found.reason, found.what


def test_the_same_names_in_the_same_order_are_exact():
    assert judge(CONTRACT, ["id", "First Name", "mail"]) == Verdict(positions=(0, 1, 2), width=3)


def test_another_order_is_accepted_and_told():
    assert judge(CONTRACT, ["mail", "id", "First Name"]) == Verdict(
        positions=(1, 2, 0), width=3, notes=("Columns are in another order than in the sample",)
    )


def test_case_and_surrounding_blanks_are_accepted_and_told():
    assert judge(CONTRACT, ["ID", " first name ", "mail"]) == Verdict(
        positions=(0, 1, 2),
        width=3,
        notes=('Names differ in case or surrounding blanks: "ID", " first name "',),
    )


def test_each_of_these_can_be_held():
    contract = a_contract("id", "name", policies=Policies(reordered=Policy.HOLD, respelled=Policy.HOLD))

    assert held("name", "id", contract=contract)[0] is HeldReason.REORDERED_COLUMNS
    assert held("Id", "name", contract=contract) == (
        HeldReason.RESPELLED_COLUMNS,
        'Names differ in case or surrounding blanks: "Id"',
    )


def test_an_extra_column_is_held_by_name():
    assert held("id", "First Name", "mail", "pay", "age") == (
        HeldReason.EXTRA_COLUMN,
        'Columns that the sample does not have: "pay", "age"',
    )


def test_an_extra_column_can_be_left_out():
    contract = a_contract("id", "name", policies=Policies(extra=Policy.IGNORE))

    assert judge(contract, ["pay", "id", "name"]) == Verdict(
        positions=(1, 2), width=3, notes=('Columns that the sample does not have were left out: "pay"',)
    )


def test_a_missing_column_is_held_by_name_whatever_the_policy():
    contract = a_contract("id", "First Name", "mail", policies=Policies(missing=Policy.IGNORE))

    assert held("id", "mail") == (HeldReason.MISSING_COLUMN, 'Missing columns: "First Name"')
    assert held("id", "mail", contract=contract)[0] is HeldReason.MISSING_COLUMN


def test_missing_and_extra_columns_are_told_together():
    assert held("id", "pay", "mail") == (
        HeldReason.MISSING_COLUMN,
        'Missing columns: "First Name"; columns that the sample does not have: "pay"',
    )


def test_a_missing_and_a_similar_extra_column_look_renamed():
    assert held("id", "FirstName", "mail") == (
        HeldReason.RENAMED_COLUMN,
        'Column "First Name" looks renamed to "FirstName"',
    )


@pytest.mark.parametrize(
    ("expected", "found", "instead"),
    [
        ("caf\u00e9s", "cafe\u0301s", "U+0065 U+0301 in place of U+00E9"),
        ("e\u0301", "\u00e9", "U+00E9 in place of U+0065 U+0301"),
        ("First Name", "First\u00a0Name", "U+00A0 in place of U+0020"),
        ("mail", "ma\u200bil", "U+200B in place of nothing"),
        ("ma\ufeffil", "mail", "nothing in place of U+FEFF"),
    ],
)
def test_names_that_only_look_the_same_are_told_by_their_code_points(expected, found, instead):
    contract = a_contract("id", expected, "pay")
    told = f'; "{found}" only looks like "{expected}": it has {instead}'

    assert held("id", found, "pay", contract=contract) == (
        HeldReason.RENAMED_COLUMN,
        f'Column "{expected}" looks renamed to "{found}"{told}',
    )
    assert held("id", "fee", found, contract=contract) == (
        HeldReason.MISSING_COLUMN,
        f'Missing columns: "{expected}", "pay"; columns that the sample does not have: "fee", "{found}"{told}',
    )


def test_a_duplicate_column_is_held_also_by_case_alone():
    assert held("id", "First Name", "mail", "Mail ") == (
        HeldReason.DUPLICATE_COLUMN,
        'Repeated columns: "mail", "Mail "',
    )


def test_a_blank_name_is_held_by_its_number():
    assert held("id", "First Name", "mail", "") == (
        HeldReason.BLANK_COLUMN,
        "The header has 4 columns, and these have no name: 4",
    )


def test_a_first_row_of_data_is_held_without_naming_its_cells():
    assert held("17", "Anna", "a@example.com") == (
        HeldReason.NO_HEADER,
        'The first row names none of the sample\'s columns: "id", "First Name", "mail"',
    )


def test_long_lists_and_long_names_are_cut():
    contract = a_contract("id", "x" * 200, *(f"f{number}" for number in range(12)))

    _, what = held("id", contract=contract)

    assert what == (
        f'Missing columns: "{"x" * 100}...", '
        + ", ".join(f'"f{number}"' for number in range(9))
        + " and 3 more"
    )
