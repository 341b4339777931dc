"""What a dialect may accept beyond RFC 4180, where the task says so; what it leaves out is counted."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bucketlift.model.contract import Dialect
from bucketlift.model.rows import RejectReason
from bucketlift.model.types import TypeName
from bucketlift.tabular.read import strategy
from unit.tabular.files import a_contract, read

HEADER = b"Id,Name,City\n"


@pytest.fixture(autouse=True)
def by_blocks(monkeypatch):
    monkeypatch.setattr(strategy, "SMALL", 0)


def reading(tmp_path, data: bytes, contract=None, names=("Id", "Name", "City"), **dialect):
    contract = contract or a_contract(*names, dialect=Dialect(**dialect))
    found = read(tmp_path, data, contract)
    assert read(tmp_path, data, contract, block_bytes=0) == found
    return found


def test_blanks_may_stand_around_quotes(tmp_path):
    data = HEADER + b'1, "Smith, ""J"", ",\t"x"\n2, Bo,"Rome" \n3, "a\n b" ,"c"\n4,x "y",z\n'

    found = reading(tmp_path, data, blank_around_quotes=True)

    assert found.rows == [
        ("1", 'Smith, "J", ', "x", 2),
        ("2", " Bo", "Rome", 3),
        ("3", "a\n b", "c", 4),
    ]
    assert [(reject.line, reject.reason) for reject in found.rejects] == [(6, RejectReason.BARE_QUOTE)]
    assert found.reading.notes == ("Quoted cells whose surrounding blanks were left out: 4",)


def test_formula_guards_are_stripped_and_counted(tmp_path):
    data = HEADER + b'="00123",="0""2,1",x\n="00124","=""09999""",=1+1\n"3","a=""b""",="c\n'

    found = reading(tmp_path, data, formula_guard=True)

    assert found.rows == [("00123", '0"2,1', "x", 2), ("00124", "09999", "=1+1", 3)]
    assert found.reading.notes == ('Formula guards (="...") were stripped from cells: 4',)
    assert [reject.line for reject in found.rejects] == [4]


def test_records_may_end_with_one_more_delimiter(tmp_path):
    data = HEADER + b'1,a,b,\n2,c,d\n3,e,f,x\n4,g,"h,",""\n5,i,"j",\n'

    found = reading(tmp_path, data, trailing_delimiter=True)

    assert found.rows == [("1", "a", "b", 2), ("2", "c", "d", 3), ("4", "g", "h,", 5), ("5", "i", "j", 6)]
    assert [(reject.line, reject.reason) for reject in found.rejects] == [(4, RejectReason.WIDTH)]
    assert found.reading.notes == ("Extra empty cells at the end of records were left out: 3",)


def test_the_header_may_end_with_one_more_delimiter_too(tmp_path):
    found = reading(tmp_path, b"Id,Name,City,\n1,a,b,\n", trailing_delimiter=True)

    assert found.rows == [("1", "a", "b", 2)]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_whole_lines_may_be_quoted(tmp_path, end):
    lines = ['"Id,Name,City"', '"1,Ann,""a, b"""', "2,Bo,x", '"3,""C"" d,y"', '"4,e"', ""]
    data = end.join(lines).encode()

    found = reading(tmp_path, data, quoted_lines=True)

    assert found.rows == [("1", "Ann", "a, b", 2), ("2", "Bo", "x", 3)]
    begin = data.index(b'"3')
    assert [(each.line, each.offset, each.raw) for each in found.rejects] == [
        (4, begin, data[begin : data.index(b'"4')]),
        (5, data.index(b'"4'), data[data.index(b'"4') :]),
    ]


SAP = """01.03.2026   Dynamic List Display   1
---------------------------------
|  Id |Name      |       Amount|
|-------------------------------|
|   1 |Ann       |     1.234,50|
|   2 |Bo        |        12,00-|
---------------------------------

|   3 |cut|
|   4 |Dé        |         1,00|
"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1252"])
def test_a_list_of_sap_is_read_between_its_bars(tmp_path, encoding):
    data = SAP.encode(encoding)
    dialect = {"delimiter": "|", "quote": None, "borders": True, "trim": True, "encoding": encoding}

    found = reading(tmp_path, data, names=("Id", "Name", "Amount"), **dialect)

    assert found.rows == [("1", "Ann", "1.234,50", 5), ("2", "Bo", "12,00-", 6), ("4", "Dé", "1,00", 10)]
    [reject] = found.rejects
    code = "utf-16-le" if encoding == "utf-16" else encoding
    assert (reject.line, reject.raw) == (9, "|   3 |cut|\n".encode(code))
    assert data[reject.offset :].startswith(reject.raw)
    assert found.reading.notes == ("Lines that are not records were left out: 4",)


def test_blanks_around_quotes_are_counted_behind_a_byte_order_mark_too(tmp_path):
    data = HEADER + '\ufeff "1",a,b\n'.encode()

    found = reading(tmp_path, data, blank_around_quotes=True)

    assert found.rows == [("1", "a", "b", 2)]
    assert "Quoted cells whose surrounding blanks were left out: 1" in found.reading.notes


def test_blanks_around_cells_are_trimmed_before_null_words_are_looked_for(tmp_path):
    contract = a_contract("Id", "Name", dialect=Dialect(trim=True))
    contract = replace(contract, fields=tuple(replace(each, null_words=("-",)) for each in contract.fields))

    found = reading(tmp_path, b'Id , Name\n 1 ," a"\n2,  - \n', contract)

    assert found.rows == [("1", "a", 2), ("2", None, 3)]


def nulling(*words: str, quoted: bool):
    contract = a_contract("Id", "Surname", "Note", dialect=Dialect(null_quoted=quoted))
    text = [replace(each, null_words=words) for each in contract.fields[1:]]
    return replace(contract, fields=(replace(contract.fields[0], type=TypeName.INTEGER), *text))


NULLS = b'Id,Surname,Note\n1,"Null",\n2,NULL,""\n3,"NULL",x\n"",y,"a ""NULL"""\n'


def test_a_quoted_null_word_is_text_where_the_task_says_so(tmp_path):
    found = reading(tmp_path, NULLS, nulling("NULL", quoted=False))

    assert found.rows == [
        (1, "Null", "", 2),
        (2, None, "", 3),
        (3, "NULL", "x", 4),
        (None, "y", 'a "NULL"', 5),
    ]
    assert found.reading.notes == ()


def test_quoted_empty_and_empty_can_be_told_apart(tmp_path):
    found = reading(tmp_path, NULLS, nulling("", quoted=False))

    assert [row[2] for row in found.rows or []] == [None, "", "x", 'a "NULL"']


def test_quoted_null_words_that_become_null_are_counted(tmp_path):
    found = reading(tmp_path, NULLS, nulling("NULL", "", quoted=True))

    assert [row[1:3] for row in found.rows or []] == [
        ("Null", None),
        (None, None),
        (None, "x"),
        ("y", 'a "NULL"'),
    ]
    assert found.reading.notes == ("Quoted null words that were read as null: 2",)


def test_fields_may_have_null_words_of_their_own(tmp_path):
    contract = nulling("NULL", quoted=False)
    contract = replace(
        contract, fields=(*contract.fields[:2], replace(contract.fields[2], null_words=("x",)))
    )

    found = reading(tmp_path, b'Id,Surname,Note\n1,x,NULL\n2,NULL,x\n3,"NULL","x"\n', contract)

    assert found.rows == [(1, "x", "NULL", 2), (2, None, None, 3), (3, "NULL", "x", 4)]
