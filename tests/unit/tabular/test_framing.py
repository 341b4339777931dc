"""How bytes become records: legal quotes, line ends, blank lines, widths."""

from __future__ import annotations

import pytest

from bucketlift.errors import RequestWrong
from bucketlift.model.contract import Dialect, Escapes, FileType
from bucketlift.model.rows import RejectReason
from bucketlift.tabular.bytes.mapped import mapped
from bucketlift.tabular.bytes.marks import Marks
from bucketlift.tabular.csv.framing import Framer
from bucketlift.tabular.csv.records import Record

from .files import framed


def test_a_quoted_cell_holds_delimiters_line_ends_and_doubled_quotes():
    rows = framed(b'1,"a,b"\n2,"a\nb"\n3,"a\r\nb"\n4,"a\rb"\n5,"a ""b"" c"\n')

    assert rows == [
        ("row", "1", "a,b"),
        ("row", "2", "a\nb"),
        ("row", "3", "a\r\nb"),
        ("row", "4", "a\rb"),
        ("row", "5", 'a "b" c'),
    ]


def test_a_cell_of_nothing_but_quotes_is_read():
    assert framed(b'"","""",\n"""""",""\n', width=3) == [
        ("row", "", '"', ""),
        (RejectReason.WIDTH, '"""""",""\n'),
    ]


def test_an_empty_cell_is_the_empty_text_quoted_or_not():
    assert framed(b',""\n"",\n') == [("row", "", ""), ("row", "", "")]


def test_nothing_is_trimmed():
    assert framed(b" 1 ,\tx \n") == [("row", " 1 ", "\tx ")]


def test_lf_and_crlf_both_end_a_record_and_the_last_may_have_no_end():
    assert framed(b"1,a\r\n2,b\n3,c") == [("row", "1", "a"), ("row", "2", "b"), ("row", "3", "c")]


def test_the_last_cell_of_the_file_may_be_empty():
    assert framed(b"1,") == [("row", "1", "")]
    assert framed(b'1,""') == [("row", "1", "")]


def test_blank_lines_are_told_apart_from_records():
    assert framed(b"\n1,a\n\r\n\n2,b\n\n") == [
        ("blank",),
        ("row", "1", "a"),
        ("blank",),
        ("blank",),
        ("row", "2", "b"),
        ("blank",),
    ]


def test_a_line_of_blanks_is_a_record():
    assert framed(b"  \n") == [(RejectReason.WIDTH, "  \n")]


def test_a_blank_line_in_a_one_column_file_is_a_reject():
    assert framed(b'a\n\n""\n', width=1) == [
        ("row", "a"),
        (RejectReason.BLANK_LINE, "\n"),
        ("row", ""),
    ]


def test_a_record_of_another_width_is_one_reject_also_over_several_lines():
    assert framed(b'1\n1,a,x\n"1\n1","a\nb",x\n2,b\n') == [
        (RejectReason.WIDTH, "1\n"),
        (RejectReason.WIDTH, "1,a,x\n"),
        (RejectReason.WIDTH, '"1\n1","a\nb",x\n'),
        ("row", "2", "b"),
    ]


def test_nul_rejects_the_record_quoted_or_not():
    assert framed(b'1,a\0\n2,"\0\n"\n3,c\n') == [
        (RejectReason.NUL, "1,a\0\n"),
        (RejectReason.NUL, '2,"\0\n"\n'),
        ("row", "3", "c"),
    ]


def test_a_lone_cr_outside_quotes_rejects_the_record_up_to_its_lf():
    assert framed(b'1,a\r2,b\n3,c\n4,d\r,"x\ny"\n5,e\n6,f\r') == [
        (RejectReason.LONE_CR, "1,a\r2,b\n"),
        ("row", "3", "c"),
        (RejectReason.LONE_CR, '4,d\r,"x\ny"\n'),
        ("row", "5", "e"),
        (RejectReason.LONE_CR, "6,f\r"),
    ]


def test_a_cr_before_a_crlf_is_a_lone_cr():
    assert framed(b"1,a\r\r\n2,b\r\n") == [(RejectReason.LONE_CR, "1,a\r\r\n"), ("row", "2", "b")]


def test_a_lone_cr_after_a_closing_quote_is_named():
    assert framed(b'1,"a"\r2,b\n3,c\n') == [(RejectReason.LONE_CR, '1,"a"\r2,b\n'), ("row", "3", "c")]


def test_tabs_delimit_tsv_which_quotes_as_csv_does():
    tsv = Dialect.of(FileType.TSV)

    assert framed(b'1\t"a\tb"\n2\ta,b\n', dialect=tsv) == [("row", "1", "a\tb"), ("row", "2", "a,b")]


def test_a_quote_is_content_where_the_dialect_has_none():
    assert framed(b'1,"a\n2,b"c\n', dialect=Dialect(quote=None)) == [("row", "1", '"a'), ("row", "2", 'b"c')]


def test_another_delimiter_and_quote_can_be_set():
    dialect = Dialect(delimiter="|", quote="'")

    assert framed(b"1|'a|''b'''\n2|\"c\n", dialect=dialect) == [("row", "1", "a|'b'"), ("row", "2", '"c')]


def test_characters_that_mean_something_to_patterns_can_delimit_and_quote():
    for delimiter, quote in (("^", "]"), ("]", "^"), (".", "*"), ("-", "\\"), ("$", "?")):
        dialect = Dialect(delimiter=delimiter, quote=quote)
        text = f"1{delimiter}{quote}a{delimiter}{quote}{quote}\nb{quote}\n2{delimiter}b\n".encode()

        rows = framed(text, dialect=dialect)

        assert rows == [("row", "1", f"a{delimiter}{quote}\nb"), ("row", "2", "b")]


def test_a_dialect_that_cannot_frame_is_refused():
    for dialect in (
        Dialect(delimiter=""),
        Dialect(delimiter=',"'),
        Dialect(delimiter="§\r"),
        Dialect(delimiter="||", quote="|"),
        Dialect(delimiter="\\,", escape="\\"),
        Dialect(quote="“”„"),
        Dialect(escape="\\", escapes=Escapes.NONE),
        Dialect(quote=None, blank_around_quotes=True),
        Dialect(quote=None, quoted_lines=True),
        Dialect(delimiter=" ", trim=True),
        Dialect(delimiter="|", borders=True, escape="\\"),
        Dialect(delimiter="\n"),
        Dialect(quote="\0"),
        Dialect(delimiter='"'),
        Dialect(escape="\\\\"),
        Dialect(escape=","),
        Dialect(escape='"'),
    ):
        with pytest.raises(RequestWrong):
            Marks.of(dialect)


def test_records_know_their_line_and_their_bytes():
    data = b'1,"a\nb"\n\n2,c\r\n3,"d"'

    records = [
        each for each in Framer(data, Marks.of(Dialect()), width=2, at=0, line=1) if isinstance(each, Record)
    ]

    assert records == [
        Record(1, 0, 8, [b"1", b"a\nb"]),
        Record(4, 9, 14, [b"2", b"c"]),
        Record(5, 14, 19, [b"3", b"d"]),
    ]


def test_mixed_line_ends_are_noticed():
    def mixes(data: bytes) -> bool:
        framer = Framer(data, Marks.of(Dialect()), width=2, at=data.index(b"\n") + 1, line=2)
        return bool(list(framer)) and framer.mixes_line_ends

    assert not mixes(b"id,name\n1,a\n2,b")
    assert not mixes(b'id,name\r\n1,a\r\n2,"\n"\r\n')
    assert mixes(b"id,name\r\n1,a\n")
    assert mixes(b"id,name\n1,a\n2,b\r\n")
    assert mixes(b'id,name\n1,"""\n""a"\r\n')
    assert mixes(b"id,name\n1\r\n")


def test_a_record_that_is_too_long_is_cut_into_rejects():
    assert framed(b"1,abcdefgh\n2,b\n", longest=5) == [
        (RejectReason.TOO_LONG, "1,abc"),
        (RejectReason.TOO_LONG, "defgh"),
        (RejectReason.TOO_LONG, "\n"),
        ("row", "2", "b"),
    ]


def test_a_cell_that_is_too_long_does_not_let_its_lines_slip_in():
    assert framed(b'1,"abc\n2,b\n3,c\n"\n4,d\n', longest=9) == [
        (RejectReason.TOO_LONG, '1,"abc\n2,'),
        (RejectReason.TOO_LONG, 'b\n3,c\n"\n'),
        ("row", "4", "d"),
    ]


@pytest.mark.slow
def test_a_mapped_file_is_framed_like_its_bytes(tmp_path):
    data = b'1,"a\nb"\n2,x"y\n\n3,c\r\n' * 5_000
    path = tmp_path / "mapped.csv"
    path.write_bytes(data)

    with mapped(path) as file:
        rows = framed(file)

    assert rows == framed(data)
