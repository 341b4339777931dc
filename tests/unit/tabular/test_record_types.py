"""A header record and a trailer record of files without a header row: held, and left out by the hint's setting."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from bucketlift.model.contract import Dialect, Policies, Policy
from bucketlift.model.hold import HeldReason

from .files import a_contract, read

CONTRACT = a_contract("kind", "id", "name", dialect=Dialect(delimiter=";", header=False))
D = b"D;1;Ann\nD;2;Bob\n"


@pytest.mark.parametrize(
    ("data", "above", "footer", "rows"),
    [
        (b"H;20261130;SAP\n" + D + b"T;2;\n", 1, "T", [("D", "1", "Ann", 2), ("D", "2", "Bob", 3)]),
        (b"HDR;20261130;SAP\nDTL;1;Ann\nTRL;1;\n", 1, "TRL", [("DTL", "1", "Ann", 2)]),
        (
            b"00;20261130;SAP\n10;1;Ann\n10;2;Bob\n99;2;\n",
            1,
            "99",
            [("10", "1", "Ann", 2), ("10", "2", "Bob", 3)],
        ),
    ],
)
def test_a_header_record_and_a_trailer_record_hold_the_file_and_the_hint_leaves_them_out(
    tmp_path, data, above, footer, rows
):
    held = read(tmp_path, data, CONTRACT)

    assert held.reading.hold is not None
    assert held.reading.hold.reason is HeldReason.DOUBTFUL_FOOTER
    word = footer if footer.isalpha() else f'"{footer}"'
    [settings] = re.findall(r"`dialect: \{(skip_lines[^`]*)\}`", held.reading.hold.hint)
    assert settings == f"skip_lines: {above}, footer: [{word}]"
    assert "`contract: {preamble: accept}`" in held.reading.hold.hint
    obeying = replace(
        CONTRACT,
        dialect=replace(CONTRACT.dialect, skip_lines=above, footer=(footer,)),
        policies=Policies(preamble=Policy.ACCEPT),
    )
    assert read(tmp_path, data, obeying).rows == rows


def test_a_trailer_record_below_a_skipped_header_record_holds_the_file(tmp_path):
    above = replace(
        CONTRACT,
        dialect=replace(CONTRACT.dialect, skip_lines=1),
        policies=Policies(preamble=Policy.ACCEPT),
    )

    held = read(tmp_path, b"H;20261130;SAP\n" + D + b"T;2;\n", above)

    assert held.reading.hold is not None
    assert "`dialect: {footer: [T]}`" in held.reading.hold.hint


@pytest.mark.parametrize(
    "data",
    [
        b"H;1;Ann\nH;2;Bob\nT;3;Eve\n",
        b"D;1;Ann\nD;2;Bob\nT;3;Eve\n",
        b"H;1;Ann\nD;2;Bob\nD;3;Eve\n",
        b"H;1;Ann\nA;2;Bob\nB;3;Eve\nC;4;Joe\nD;5;Kim\nT;6;Lea\n",
        b"97;1;Ann\n98;2;Bob\n99;3;Eve\n",
        b"00;1;Ann\n01;2;Bob\n99;3;Eve\n",
        b"T;1;Ann\nD;2;Bob\nH;3;Eve\n",
    ],
)
def test_codes_in_the_first_column_alone_hold_no_file(tmp_path, data):
    assert read(tmp_path, data, CONTRACT).reading.hold is None


def test_footer_given_reads_both_as_rows(tmp_path):
    rows = replace(CONTRACT, dialect=replace(CONTRACT.dialect, footer_given=True))

    assert read(tmp_path, b"H;20261130;SAP\n" + D + b"T;2;\n", rows).reading.rows == 4
