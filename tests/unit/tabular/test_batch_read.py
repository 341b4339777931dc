"""Small files read together are what each of them is read alone, or are left to be read alone."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bucketlift.model.contract import Contract, Dialect, Policies, Policy
from bucketlift.tabular.read.batch_read import BatchReader
from budgets import examples
from pollution.generator import some_cases

from .files import a_contract, read
from .test_two_ways import TYPED, bodies, heads

GOOD = b'id,name\n1,b\n2,"c,\n""d"""\n'
plain = st.lists(
    st.sampled_from((b"1,b\n", b'2,"c\nd"\n', b"3,\n", b"4,e", b"5,f\r\n", b"x,y\n")), max_size=6
)
files = st.tuples(heads, bodies | plain.map(b"".join)).map(b"".join)


def taken(texts: list[bytes], contract: Contract | None = None) -> list[bool]:
    """Which of them are read together; that those are what they are alone is looked at."""
    contract = contract or a_contract()
    with TemporaryDirectory() as folder:
        found = BatchReader(contract).read(texts)
        for text, together in zip(texts, found, strict=True):
            if together is not None:
                alone = read(Path(folder), text, contract)
                rows = [tuple(row.values()) for row in together.rows.to_pylist()]
                assert (together.reading.rows, together.reading.notes, rows, []) == (
                    alone.reading.rows,
                    alone.reading.notes,
                    alone.rows,
                    alone.rejects,
                )
                assert (alone.reading.hold, alone.reading.blank_lines) == (None, 0)
    return [each is not None for each in found]


@pytest.mark.slow
@settings(max_examples=examples(300), deadline=None)
@given(texts=st.lists(files, min_size=1, max_size=6), contract=st.sampled_from((a_contract(), TYPED)))
def test_files_read_together_are_what_they_are_alone(texts, contract):
    taken(texts, contract)


@pytest.mark.slow
def test_polluted_files_between_good_ones_are_what_they_are_alone():
    for case in some_cases(40)[::3]:
        names = [f"c{number}" for number in range(case.base.table.width)]
        header = (",".join(names) + "\n").encode()
        good = header + header.replace(b"c", b"v") * 2
        both = taken([good, header + case.data, good], a_contract(*names))

        assert (both[0], both[2]) == (True, True)


def test_ordinary_files_are_all_taken():
    texts = [
        GOOD,
        b"id,name\r\n1,b\r\n",
        GOOD[:-1],
        b"name,id\nb,1\nc,2\n",
        b"\xef\xbb\xbfid,name\n1,b\n",
        GOOD,
    ]

    assert taken(texts) == [True] * 6


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"id,name\n",
        b"id,name\n\n1,b\n",
        b"id,name\n1,b,c\n",
        b'id,name\n1,"b\n',
        b'id,name\n1,b"\n',
        b"id,name\n1,\xff\n",
        b"id,name\n1,\0\n",
        b"id,name\n1,b\r\n2,c\n",
        b"id,name\n1,b\r2,c\n",
        b"id,name\nid,name\n1,b\n",
        b"id,name\n1,b\nid,name\n2,c\n",
        b"id,other\n1,b\n",
        b'"id","na\nme"\n1,b\n',
        b"\n" + GOOD,
        GOOD.decode().encode("utf-16"),
    ],
    ids=repr,
)
def test_anything_else_is_read_alone_and_keeps_no_other_back(text):
    assert taken([GOOD, text, GOOD, GOOD]) == [True, False, True, True]


@pytest.mark.parametrize(
    "text", [b"id,name\n'1','Ann'\n'2','Bo'\n", b"id,name\n1,Ann\n2,Bo\nTotal,2\n"], ids=repr
)
def test_a_file_that_may_be_held_for_its_quotes_or_its_last_record_is_read_alone(text):
    assert taken([GOOD, text, GOOD]) == [True, False, True]


def test_values_that_do_not_fit_their_type_are_looked_at_alone():
    assert taken([b"id,name\n1,a\n", b"id,name\nx,a\n", b"id,name\n2,b\n"], TYPED) == [True, False, True]


@pytest.mark.parametrize(
    "dialect",
    [
        Dialect(header=False),
        Dialect(skip_lines=1),
        Dialect(footer=("Total",)),
        Dialect(escape="\\"),
        Dialect(encoding="cp1252"),
    ],
    ids=repr,
)
def test_a_dialect_that_asks_for_more_does_not_suit(dialect):
    assert not BatchReader.suits(a_contract(dialect=dialect))


def test_a_contract_that_lets_a_footer_go_does_not_suit():
    assert not BatchReader.suits(a_contract(policies=Policies(trailing=Policy.IGNORE)))
    assert BatchReader.suits(a_contract())


def test_a_file_whose_records_end_with_another_character_is_read_alone():
    texts = [b"name\nAnn\n", "name\nAnn\u2028Bo\u2028".encode()]

    assert taken(texts, a_contract("name")) == [True, False]
