"""The judge finds what is planted."""

from __future__ import annotations

from pollution.bases import CSV, clean, with_row
from pollution.case import Base, Case
from pollution.judge import Judgement, Outcome, Read, judge
from pollution.tables import Table

ANN, BOB, CID = ("1", "Ann"), ("2", "Bob"), ("3", "Cid")
BASE = Base(table=Table(name="t", names=("id", "name"), rows=(ANN, BOB, CID)), style=CSV)


def case(pieces, *, refused: bool = False) -> Case:
    return Case(kind="", where="", base=BASE, pieces=tuple(pieces), refused=refused)


CLEAN = case(clean(BASE))
DAMAGED = case(with_row(BASE, 1, b"2\n"))
"""``id,name``, ``1,Ann``, ``2``, ``3,Cid``: the damage is in the bytes 14 and 15."""


def test_all_rows_and_nothing_else_are_exact():
    assert judge(CLEAN, Read(rows=(ANN, BOB, CID), lines=(2, 3, 4))) == Judgement(outcome=Outcome.EXACT)


def test_a_row_missing_with_a_reject_is_rejected():
    assert judge(DAMAGED, Read(rows=(ANN, CID), lines=(2, 4), rejects=((14, 16),))) == Judgement(
        outcome=Outcome.REJECTED
    )


def test_a_row_missing_without_a_word_is_wrong():
    assert judge(CLEAN, Read(rows=(ANN, CID))) == Judgement(
        outcome=Outcome.WRONG,
        wrong=("row ('2', 'Bob') is missing without a word",),
        broken=("line 3 is the good row ('2', 'Bob'), and was not accepted",),
    )


def test_a_reject_of_other_bytes_is_no_word():
    assert judge(DAMAGED, Read(rows=(ANN, CID), rejects=((8, 14),))).outcome is Outcome.WRONG


def test_a_row_that_is_none_is_wrong():
    read = Read(rows=(ANN, ("2", ""), CID), rejects=((14, 16),))

    assert judge(DAMAGED, read).wrong == ("row ('2', '') is none of the table's",)


def test_a_row_out_of_order_is_wrong():
    assert judge(CLEAN, Read(rows=(BOB, ANN, CID))).outcome is Outcome.WRONG


def test_a_row_twice_is_wrong():
    assert judge(CLEAN, Read(rows=(ANN, ANN, BOB, CID))).outcome is Outcome.WRONG


def test_a_damaged_row_that_is_mended_is_not_wrong_and_not_by_our_rules():
    assert judge(DAMAGED, Read(rows=(ANN, BOB, CID))) == Judgement(
        outcome=Outcome.EXACT, broken=("line 3 must be a reject to its last byte",)
    )


def test_a_row_of_another_line_is_told():
    assert judge(CLEAN, Read(rows=(ANN, BOB, CID), lines=(2, 2, 4))).broken == (
        "row ('2', 'Bob') of line 3 was told to be of line 2",
    )


def test_a_refusal_is_right_where_it_is_asked_for_only():
    refused = Read(refused=True)

    assert judge(case(clean(BASE)[1:], refused=True), refused) == Judgement(outcome=Outcome.REFUSED)
    assert judge(CLEAN, refused) == Judgement(outcome=Outcome.REFUSED, broken=("the file was refused",))
