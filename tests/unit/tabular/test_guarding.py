"""No cell of an export is a formula to a spreadsheet, and each comes back to the letter."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from bucketlift.tabular.rejects.guarding import FORMULA_STARTS, MISSING, guard, unguard

NASTY = st.text(st.one_of(st.sampled_from("'=+-@\t\r\n\0＝ab<>missing"), st.characters()), max_size=12)  # noqa: RUF001 - so is meant


@given(NASTY)
@example(MISSING)
@example(f"''{MISSING}")
@example("'=1")
@example("'")
def test_a_cell_comes_back_to_the_letter_and_begins_no_formula(cell):
    guarded = guard(cell)

    assert unguard(guarded) == cell
    assert guarded != MISSING
    assert not guarded.startswith(FORMULA_STARTS)


@given(NASTY, NASTY)
def test_no_two_cells_look_alike(one, other):
    assert (guard(one) == guard(other)) == (one == other)


@pytest.mark.parametrize(
    ("cell", "guarded"),
    [
        ("=1+1", "'=1+1"),
        ("-5", "'-5"),
        ("'=1+1", "''=1+1"),
        ("'tis", "'tis"),
        ("''", "''"),
        ("<missing>", "'<missing>"),
        ("a=b", "a=b"),
        ("", ""),
    ],
)
def test_only_what_would_be_misread_gets_an_apostrophe(cell, guarded):
    assert guard(cell) == guarded


def test_a_formula_that_somebody_wrote_plainly_is_taken_as_it_stands():
    assert unguard("-5") == "-5"
