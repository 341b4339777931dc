"""What is taken from a sample file, and which samples are refused."""

from __future__ import annotations

import pytest

from bucketlift.errors import RequestWrong
from bucketlift.model.contract import Contract, Dialect, Field, FileType, Policy
from bucketlift.model.rows import RejectReason
from bucketlift.model.types import TypeName
from bucketlift.tabular.sample import sample_fields, sample_misfits, sample_rows

CSV = Dialect()


def test_the_first_value_of_each_field_that_is_none_of_its_type_is_told(tmp_path):
    path = tmp_path / "sample.csv"
    path.write_bytes(b"id,born,note\nx,2026-01-05,\n1,,\ny,5.1.2026,a\n2,6.1.2026\n3,z,\n")
    contract = Contract(
        fields=(
            Field(name="id", type=TypeName.INTEGER),
            Field(name="born", type=TypeName.DATE),
            Field(name="note"),
        )
    )

    assert sample_misfits(path, contract) == (
        (2, "id", RejectReason.NOT_AN_INTEGER),
        (4, "born", RejectReason.NOT_A_DATE),
    )


def a_sample(tmp_path, data: bytes):
    path = tmp_path / "sample.csv"
    path.write_bytes(data)
    return path


def refusal(tmp_path, data: bytes) -> str:
    with pytest.raises(RequestWrong) as caught:
        sample_fields(a_sample(tmp_path, data), CSV)
    assert caught.value.to.endswith("sample.csv")
    assert caught.value.hint
    return caught.value.what


def test_the_fields_are_the_headers_names_to_the_letter(tmp_path):
    path = a_sample(tmp_path, b'\xef\xbb\xbfID, Full name ,"a,b"\n1,Ann,x\n')

    assert sample_fields(path, CSV) == (Field(name="ID"), Field(name=" Full name "), Field(name="a,b"))


def test_the_first_two_rows_are_shown(tmp_path):
    path = a_sample(tmp_path, b'id\tname\n\n1\t"Ann\nB"\nbad\n2\tBea\n3\tCleo\n')

    assert sample_rows(path, Dialect.of(FileType.TSV)) == (("1", "Ann\nB"), ("2", "Bea"))


def test_a_sample_may_have_fewer_rows_than_are_shown(tmp_path):
    assert sample_rows(a_sample(tmp_path, b"id,name\n"), CSV) == ()


def test_a_first_row_that_looks_like_data_is_taken_at_its_word(tmp_path):
    assert sample_fields(a_sample(tmp_path, b"1,2\n"), CSV) == (Field(name="1"), Field(name="2"))


def test_a_sample_that_is_not_there_is_refused(tmp_path):
    for missing in (tmp_path / "none.csv", tmp_path):
        with pytest.raises(RequestWrong, match="The sample file cannot be read"):
            sample_fields(missing, CSV)


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"", "The sample file is empty"),
        (b"\n\n", "The sample file cannot be used. The file has no header row"),
        (b"a,b,A \n", 'Column "a" occurs more than once'),
        (b"a,,b\n", "Column 2 has no name"),
        (b"a, \n", "Column 2 has no name"),
        (
            b'a,b"\n',
            "The sample file cannot be used. The header row in line 1 has a quote in the middle of a name",
        ),
        (b"a,b\n1,\x80\n", "The sample file cannot be used. The file is not UTF-8: byte 6 cannot be read"),
        (
            "a,b\n1,2\n".encode("utf-16"),
            "The sample file cannot be used. The file is UTF-16, not UTF-8 (byte 0)",
        ),
        (b"a,_Load_ID\n", '"_Load_ID" is the name of a lineage column of Bucketlift'),
    ],
)
def test_a_sample_without_a_clean_header_is_refused(tmp_path, data, what):
    assert refusal(tmp_path, data) == what


@pytest.mark.parametrize(
    ("data", "what", "hint"),
    [
        (b"\n<html><body>Sign in, please</body></html>\n", "The file is an HTML page", "header: true"),
        (b"%PDF-1.4\nx\n", "The file is a PDF document", "header: true"),
        (
            b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n",
            "The file is a pointer of Git LFS, in place of the file",
            "git lfs pull",
        ),
        (
            b"sep=;\nid;name\n1;Ann\n",
            "The file is a table below a line `sep=;` for Excel",
            '`dialect: {header_line: 2, delimiter: ";"}`',
        ),
        (
            b'[{"id":1}]\n',
            (
                "The sample file cannot be used. The header row in line 1 has a quote in the middle of a name. "
                "The file is JSON"
            ),
            "Ask the sender for CSV or TSV text.",
        ),
        (
            b"id,name\r1,Ann\r2,Bo\r",
            "The sample file cannot be used. The header row in line 1 contains a carriage return without a line feed",
            "Set `dialect: {line_end: cr}`. Then this file can be read.",
        ),
        (
            b"id,name\r\r\n1,Ann\r\r\n",
            "The sample file cannot be used. The header row in line 1 contains a carriage return without a line feed",
            "Set `dialect: {line_end: crcrlf}`. Then this file can be read.",
        ),
    ],
)
def test_a_sample_of_another_kind_is_refused_with_the_setting_that_reads_it(tmp_path, data, what, hint):
    with pytest.raises(RequestWrong) as caught:
        sample_fields(a_sample(tmp_path, data), CSV)

    assert caught.value.what == what
    assert hint in caught.value.hint


def test_the_header_below_a_line_for_excel_is_taken_where_the_task_says_its_line(tmp_path):
    path = a_sample(tmp_path, b"sep=;\nid;name\n1;Ann\n")

    assert sample_fields(path, Dialect(header_line=2, delimiter=";")) == (
        Field(name="id"),
        Field(name="name"),
    )


def test_a_page_is_a_table_where_the_task_says_that_it_has_a_header(tmp_path):
    path = a_sample(tmp_path, b"<table>,n\n<tr>,1\n")

    assert sample_fields(path, Dialect(header_given=True)) == (Field(name="<table>"), Field(name="n"))


def test_rows_are_refused_with_the_same_words(tmp_path):
    with pytest.raises(RequestWrong, match="The sample file is empty"):
        sample_rows(a_sample(tmp_path, b""), CSV)


def test_columns_without_a_name_are_left_out_of_a_sample_if_the_contract_leaves_them_out(tmp_path):
    path = a_sample(tmp_path, b"id,,day,\n1,x,2,\n")
    fields = sample_fields(path, CSV, blank=Policy.IGNORE)
    typed = (fields[0], Field(name="day", type=TypeName.DATE, format="%Y-%m-%d"))

    assert fields == (Field(name="id"), Field(name="day"))
    assert sample_misfits(path, Contract(fields=typed)) == ((2, "day", RejectReason.NOT_A_DATE),)


def test_columns_without_a_name_stay_wrong_if_files_have_no_header(tmp_path):
    with pytest.raises(RequestWrong, match="Column 2 has no name"):
        sample_fields(a_sample(tmp_path, b"id,,day\n"), Dialect(header=False), blank=Policy.IGNORE)
