"""What a record that breaks a quote rule costs: itself, and the lines that could be parts of its cell."""

from __future__ import annotations

import pytest

from bucketlift.model.rows import RejectReason

from .files import framed

BARE, OPEN, INSIDE = (
    RejectReason.BARE_QUOTE,
    RejectReason.UNTERMINATED_QUOTE,
    RejectReason.INSIDE_BROKEN_RECORD,
)


def test_a_bare_quote_costs_its_line():
    assert framed(b'1,a"b\n2,b\n') == [(BARE, '1,a"b\n'), ("row", "2", "b")]


def test_text_after_a_closing_quote_costs_its_line():
    assert framed(b'1,"a"b\n2,"b" \n3,c\n') == [(BARE, '1,"a"b\n'), (BARE, '2,"b" \n'), ("row", "3", "c")]


def test_a_blank_before_an_opening_quote_makes_it_a_bare_one():
    assert framed(b'1, "a"\n2,b\n') == [(BARE, '1, "a"\n'), ("row", "2", "b")]


def test_a_close_on_the_same_line_ends_the_search():
    assert framed(b'1,"a "b" c"\n2,"x"\n') == [(BARE, '1,"a "b" c"\n'), ("row", "2", "x")]


def test_lines_up_to_a_close_that_gives_the_right_width_are_rejects_too():
    assert framed(b'1,"a"b\nx,y\nc"\n2,b\n') == [
        (BARE, '1,"a"b\n'),
        (INSIDE, "x,y\n"),
        (INSIDE, 'c"\n'),
        ("row", "2", "b"),
    ]


def test_a_bare_quote_may_have_opened_a_cell_of_several_lines():
    assert framed(b'1,x"a\nb,c\nd",e\n2,b,c\n', width=3) == [
        (BARE, '1,x"a\n'),
        (INSIDE, "b,c\n"),
        (INSIDE, 'd",e\n'),
        ("row", "2", "b", "c"),
    ]


def test_the_record_found_may_go_on_with_a_cell_of_several_lines():
    assert framed(b'1,"a"b\nc","x\ny"\n2,b,c\n', width=3) == [
        (BARE, '1,"a"b\n'),
        (INSIDE, 'c","x\n'),
        (INSIDE, 'y"\n'),
        ("row", "2", "b", "c"),
    ]


def test_where_no_close_gives_the_right_width_the_nearest_one_counts():
    assert framed(b'1,"a"b\nx,y\nx,y",z\n2,c",d\n3,e\n') == [
        (BARE, '1,"a"b\n'),
        (INSIDE, "x,y\n"),
        (INSIDE, 'x,y",z\n'),
        (BARE, '2,c",d\n'),
        ("row", "3", "e"),
    ]


def test_a_line_in_a_cell_is_no_row_though_another_cell_of_its_record_is_broken():
    assert framed(b'1"a\n7,x\nb",c\n2,d\n') == [
        (BARE, '1"a\n'),
        (INSIDE, "7,x\n"),
        (INSIDE, 'b",c\n'),
        ("row", "2", "d"),
    ]
    assert framed(b'"a\n7,x\nb","c"d\n2,"e\n"\n3,f\n') == [
        (BARE, '"a\n'),
        (INSIDE, "7,x\n"),
        (INSIDE, 'b","c"d\n'),
        (INSIDE, '2,"e\n'),
        (INSIDE, '"\n'),
        ("row", "3", "f"),
    ]


def test_every_close_is_tried_until_the_width_is_right():
    assert framed(b'1,"a"b\nx,y",z\n2,"c"\n3,d\n') == [
        (BARE, '1,"a"b\n'),
        (INSIDE, 'x,y",z\n'),
        (INSIDE, '2,"c"\n'),
        ("row", "3", "d"),
    ]


def test_doubled_quotes_do_not_close_the_search():
    assert framed(b'1,"a"b\nx,y""\n2,b\n') == [(BARE, '1,"a"b\n'), (BARE, 'x,y""\n'), ("row", "2", "b")]


def test_an_unterminated_quote_at_the_end_of_the_file_costs_its_line_alone():
    assert framed(b'1,"a\n2,b\n3,c\n') == [(OPEN, '1,"a\n'), ("row", "2", "b"), ("row", "3", "c")]


def test_a_quote_as_the_last_byte_is_unterminated():
    assert framed(b'1,a\n2,"') == [("row", "1", "a"), (OPEN, '2,"')]


def test_a_forgotten_close_swallows_no_later_row_unseen():
    assert framed(b'1,"a\n2,"b"\n3,"c"\n') == [
        (BARE, '1,"a\n'),
        (INSIDE, '2,"b"\n'),
        ("row", "3", "c"),
    ]


def test_blank_lines_within_a_broken_record_are_rejects():
    assert framed(b'1,"a"b\n\nc"\n') == [(BARE, '1,"a"b\n'), (INSIDE, "\n"), (INSIDE, 'c"\n')]


def test_without_any_close_the_lines_down_to_the_break_are_rejects():
    assert framed(b'"a\n7,x\nb","c"d\n2,e\n') == [
        (BARE, '"a\n'),
        (INSIDE, "7,x\n"),
        (INSIDE, 'b","c"d\n'),
        ("row", "2", "e"),
    ]
    assert framed(b'"a\n7,x\nb","c\n2,d\n') == [
        (OPEN, '"a\n'),
        (INSIDE, "7,x\n"),
        (INSIDE, 'b","c\n'),
        ("row", "2", "d"),
    ]


def test_a_record_with_too_many_cells_before_the_break_goes_on_to_the_nearest_close():
    assert framed(b'1,2,"a"b\nx,y\nc"\n2,b\n') == [
        (BARE, '1,2,"a"b\n'),
        (INSIDE, "x,y\n"),
        (INSIDE, 'c"\n'),
        ("row", "2", "b"),
    ]


def test_the_search_ends_at_its_reach():
    data = b'1,"a"b\n' + b"x,y\n" * 5 + b'c"\n'

    assert framed(data, reach=100) == [(BARE, '1,"a"b\n'), *[(INSIDE, "x,y\n")] * 5, (INSIDE, 'c"\n')]
    assert framed(data, reach=10) == [(BARE, '1,"a"b\n'), *[("row", "x", "y")] * 5, (BARE, 'c"\n')]


@pytest.mark.slow
def test_a_file_full_of_broken_lines_is_read_in_reasonable_time():
    for line in (b'1,x"y\n', b'"ok",x"y\n', b'x"","\n', b'"a"b,"c\n'):
        data = line * 8_000

        rows = framed(data, width=3)

        assert len(rows) == 8_000
        assert {row[0] for row in rows} <= {BARE, INSIDE, OPEN, RejectReason.WIDTH}
