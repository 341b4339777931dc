"""Files that a spreadsheet program writes are read with the presets named after Excel."""

from __future__ import annotations

import shutil
import subprocess

import pytest

import bucketlift

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("soffice") is None, reason="LibreOffice is not installed"),
]
ROWS = [
    {"id": "00123", "name": 'Smith; "J", Jr', "amount": "1,5"},
    {"id": "2", "name": "two\nlines", "amount": "-3,25"},
]


@pytest.mark.parametrize(("preset", "delimiter"), [("excel", ","), ("excel-eu", ";")])
def test_a_file_that_libreoffice_writes_is_read_with_the_preset(tmp_path, preset, delimiter):
    book = tmp_path / "book.csv"
    book.write_text('id\tname\tamount\n00123\t"Smith; ""J"", Jr"\t1,5\n2\t"two\nlines"\t-3,25\n')

    convert(book, "xlsx", tmp_path, "--infilter=CSV:9,34,76,1,1/2/2/2/3/2")
    filter_words = f"csv:Text - txt - csv (StarCalc):{ord(delimiter)},34,76,1,,0,false,true,false"
    convert(tmp_path / "book.xlsx", filter_words, tmp_path / "written")

    found = bucketlift.read_file(tmp_path / "written" / "book.csv", dialect={"preset": preset})
    assert found.rows.to_pylist() == ROWS
    assert found.rejects == ()


def convert(source, into, folder, *more):
    profile = f"-env:UserInstallation=file://{folder.parent if folder.name == 'written' else folder}/profile"
    command = ["soffice", "--headless", profile, "--convert-to", into, *more, "--outdir", folder, source]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
