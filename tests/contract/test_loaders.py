"""What every loader promises; the fake comes first."""

from __future__ import annotations

import time

import pytest

from bucketlift.errors import DestinationRefused, LeaseLost, OurFault, RowsNotKept
from bucketlift.model.load import Lineage, LoadId, WriteMode
from bucketlift.model.rows import RowStream
from contract.destinations import (
    a_file,
    a_long_file,
    a_target,
    a_unit,
    counts,
    people,
)

UPSERT = a_target(mode=WriteMode.UPSERT, key=("id",))
REPLACE = a_target(mode=WriteMode.REPLACE)
MODES = [a_target(), UPSERT, REPLACE]


@pytest.mark.parametrize("target", MODES, ids=lambda target: target.mode)
def test_a_commit_makes_rows_and_receipts_visible_together(destination, target):
    receipts = destination.load(a_unit("load-1", target=target), a_file(("1", "Ada"), ("2", "Grace")))

    assert destination.table("people") == people(("1", "Ada"), ("2", "Grace"))
    assert counts(receipts) == [("load-1", 2, 0, 0)]
    assert destination.loader.receipts([LoadId("load-1"), LoadId("other")]) == {"load-1": receipts[0]}


@pytest.mark.parametrize("target", MODES, ids=lambda target: target.mode)
def test_leaving_without_commit_leaves_nothing(destination, target):
    with destination.loader.begin(a_unit("load-1", target=target)) as load:
        load.write(LoadId("load-1"), a_file(("1", "Ada")))

    assert destination.table("people") is None
    assert destination.loader.receipts([LoadId("load-1")]) == {}


@pytest.mark.parametrize("target", MODES, ids=lambda target: target.mode)
def test_leaving_without_commit_leaves_what_was_there(destination, target):
    destination.load(a_unit("load-1"), a_file(("1", "Ada"), ("2", "Grace")))

    with destination.loader.begin(a_unit("load-2", target=target)) as load:
        load.write(LoadId("load-2"), a_file(("2", "Hopper"), ("3", "Edsger")))

    assert destination.table("people") == people(("1", "Ada"), ("2", "Grace"))


def test_a_load_whose_first_try_failed_has_no_receipt_and_can_be_tried_again(destination):
    with pytest.raises(ConnectionResetError), destination.loader.begin(a_unit("load-1")):
        raise ConnectionResetError
    assert destination.loader.receipts([LoadId("load-1")]) == {}

    destination.load(a_unit("load-1"), a_file(("1", "Ada")))

    assert destination.table("people") == people(("1", "Ada"))


def test_an_absent_destination_has_no_receipts(destination):
    assert destination.loader.receipts([LoadId("load-1")]) == {}


@pytest.mark.parametrize("target", MODES, ids=lambda target: target.mode)
def test_a_failing_stream_shows_its_own_error_and_undoes_everything(destination, target):
    rows = a_file(("1", "Ada"))
    broken = RowStream(schema=rows.schema, batches=_until_the_disk_fails(rows))

    with (
        pytest.raises(ConnectionResetError, match="half way"),
        destination.loader.begin(a_unit(target=target)) as load,
    ):
        load.write(LoadId("load-1"), broken)

    assert destination.table("people") is None


def _until_the_disk_fails(rows):
    yield from rows
    raise ConnectionResetError("half way")


def test_a_unit_whose_write_failed_cannot_be_committed(destination):
    rows = a_file(("2", "Grace"))
    with destination.loader.begin(a_unit(target=REPLACE)) as load:
        load.write(LoadId("load-1"), a_file(("1", "Ada")))
        with pytest.raises(ConnectionResetError):
            load.write(LoadId("load-1"), RowStream(schema=rows.schema, batches=_until_the_disk_fails(rows)))

        with pytest.raises(OurFault):
            load.commit()

    assert destination.table("people") is None


def test_a_load_that_was_never_written_gets_no_receipt(destination):
    with destination.loader.begin(a_unit("load-1", "load-2")) as load:
        load.write(LoadId("load-1"), a_file(("1", "Ada")))

        with pytest.raises(OurFault, match="load-2"):
            load.commit()

    assert destination.loader.receipts([LoadId("load-1"), LoadId("load-2")]) == {}


def test_a_load_cannot_be_written_twice_nor_into_another_unit(destination):
    with destination.loader.begin(a_unit("load-1")) as load:
        load.write(LoadId("load-1"), a_file(("1", "Ada")))

        with pytest.raises(OurFault, match="twice"):
            load.write(LoadId("load-1"), a_file(("1", "Ada")))
        with pytest.raises(OurFault, match="is not in its load unit"):
            load.write(LoadId("stray"), a_file(("1", "Ada")))


@pytest.mark.parametrize("target", MODES, ids=lambda target: target.mode)
def test_a_load_that_was_committed_is_refused_with_all_of_its_unit(destination, target):
    destination.load(a_unit("load-1", target=target), a_file(("1", "Ada")))
    again = a_unit("load-1", target=target)

    with pytest.raises(LeaseLost):
        destination.load(again, a_file(("1", "Ada, again"), ("2", "Grace")))

    assert destination.table("people") == people(("1", "Ada"))


def test_one_committed_load_refuses_the_new_ones_beside_it(destination):
    destination.load(a_unit("load-1"), a_file(("1", "Ada")))

    with pytest.raises(LeaseLost):
        destination.load(a_unit("load-2", "load-1"), a_file(("2", "Grace")), a_file(("1", "Ada")))

    assert destination.table("people") == people(("1", "Ada"))
    assert destination.loader.receipts([LoadId("load-2")]) == {}


def test_append_keeps_what_was_there_and_counts_per_file(destination):
    destination.load(a_unit("load-1"), a_file(("1", "Ada")))

    receipts = destination.load(
        a_unit("load-2", "load-3", "load-4"),
        a_file(("1", "Ada"), ("2", "Grace")),
        a_file(),
        a_file(("3", "Edsger")),
    )

    assert destination.table("people") == people(("1", "Ada"), ("1", "Ada"), ("2", "Grace"), ("3", "Edsger"))
    assert counts(receipts) == [("load-2", 2, 0, 0), ("load-3", 0, 0, 0), ("load-4", 1, 0, 0)]


def test_a_file_of_no_rows_makes_the_table_and_its_receipt(destination):
    receipts = destination.load(a_unit("load-1"), a_file())

    assert destination.table("people") == []
    assert destination.loader.receipts([LoadId("load-1")]) == {"load-1": receipts[0]}


def test_upsert_inserts_updates_and_leaves_alone(destination):
    destination.load(a_unit("load-1", target=UPSERT), a_file(("1", "Ada"), ("2", "Grace"), ("3", "Edsger")))

    receipts = destination.load(
        a_unit("load-2", target=UPSERT), a_file(("2", "Grace"), ("3", "E. W."), ("4", "Tony"))
    )

    assert destination.table("people") == people(("1", "Ada"), ("2", "Grace"), ("3", "E. W."), ("4", "Tony"))
    assert counts(receipts) == [("load-2", 1, 1, 1)]


def test_across_the_files_of_an_upsert_the_later_wins_and_each_counts_as_if_alone(destination):
    destination.load(a_unit("load-1", target=UPSERT), a_file(("1", "Ada"), ("2", "Grace")))

    receipts = destination.load(
        a_unit("load-2", "load-3", "load-4", target=UPSERT),
        a_file(("1", "A. L."), ("3", "Edsger")),
        a_file(("1", "Ada"), ("3", "Edsger"), ("2", "Grace")),
        a_file(("3", "E. W.")),
    )

    assert destination.table("people") == people(("1", "Ada"), ("2", "Grace"), ("3", "E. W."))
    assert counts(receipts) == [("load-2", 1, 1, 0), ("load-3", 0, 1, 2), ("load-4", 0, 1, 0)]


def test_lineage_of_an_upsert_is_the_file_and_line_that_last_changed_the_row(destination):
    target = a_target(mode=WriteMode.UPSERT, key=("id",), lineage=Lineage.AUTO)
    destination.load(a_unit("load-1", target=target), a_file(("1", "Ada"), ("2", "Grace")))

    destination.load(
        a_unit("load-2", "load-3", target=target),
        a_file(("2", "Hopper"), ("3", "Edsger")),
        a_file(("1", "Ada"), ("3", "E. W."), ("2", "Hopper"), first_line=10),
    )

    assert destination.table("people") == [
        {"id": "1", "name": "Ada", "_load_id": "load-1", "_source_line": 2},
        {"id": "2", "name": "Hopper", "_load_id": "load-2", "_source_line": 2},
        {"id": "3", "name": "E. W.", "_load_id": "load-3", "_source_line": 11},
    ]


def test_keys_meet_only_as_exactly_the_same_text(destination):
    destination.load(a_unit("load-1", target=UPSERT), a_file(("a", "1"), ("7", "2"), ("é", "3")))

    destination.load(
        a_unit("load-2", target=UPSERT), a_file(("A", "4"), ("07", "5"), ("a ", "6"), ("e\u0301", "7"))
    )

    assert destination.table("people") == people(
        ("a", "1"), ("7", "2"), ("é", "3"), ("A", "4"), ("07", "5"), ("a ", "6"), ("e\u0301", "7")
    )


def test_a_key_can_have_several_fields(destination):
    target = a_target("year", "id", "name", mode=WriteMode.UPSERT, key=("id", "year"))
    fields = ("year", "id", "name")
    destination.load(
        a_unit("load-1", target=target), a_file(("25", "1", "Ada"), ("26", "1", "Ada"), fields=fields)
    )

    receipts = destination.load(
        a_unit("load-2", target=target), a_file(("26", "1", "A. L."), ("27", "1", "Ada"), fields=fields)
    )

    assert destination.table("people") == [
        {"year": "25", "id": "1", "name": "Ada"},
        {"year": "26", "id": "1", "name": "A. L."},
        {"year": "27", "id": "1", "name": "Ada"},
    ]
    assert counts(receipts) == [("load-2", 1, 1, 0)]


def test_an_upsert_of_nothing_but_keys_inserts_the_new_ones(destination):
    target = a_target("id", mode=WriteMode.UPSERT, key=("id",))
    destination.load(a_unit("load-1", target=target), a_file(("1", "Ada")))

    receipts = destination.load(
        a_unit("load-2", "load-3", target=target), a_file(("1", ""), ("2", "")), a_file(("2", ""))
    )

    assert destination.table("people") == [{"id": "1"}, {"id": "2"}]
    assert counts(receipts) == [("load-2", 1, 0, 1), ("load-3", 0, 0, 1)]


def test_an_upsert_leaves_columns_that_no_field_fills_as_they_are(destination):
    destination.load(a_unit("load-1"), a_file(("1", "Ada")))
    target = a_target("id", mode=WriteMode.UPSERT, key=("id",))

    destination.load(a_unit("load-2", target=target), a_file(("1",), ("2",), fields=("id",)))

    assert destination.table("people") == [{"id": "1", "name": "Ada"}, {"id": "2", "name": None}]


def test_an_upsert_into_a_table_that_holds_its_key_twice_is_refused(destination):
    destination.load(a_unit("load-1"), a_file(("1", "Ada"), ("1", "Ada"), ("2", "Grace")))

    with pytest.raises(DestinationRefused, match="more than once"):
        destination.load(a_unit("load-2", target=UPSERT), a_file(("1", "A. L.")))

    assert destination.table("people") == people(("1", "Ada"), ("1", "Ada"), ("2", "Grace"))


def test_replace_twice_leaves_the_second_files_only(destination):
    destination.load(a_unit("load-1", target=REPLACE), a_file(("1", "Ada")), a_file(("2", "Grace")))

    receipts = destination.load(
        a_unit("load-2", target=REPLACE), a_file(("2", "Hopper")), a_file(("3", "Tony"))
    )

    assert destination.table("people") == people(("2", "Hopper"), ("3", "Tony"))
    assert counts(receipts) == [("load-2", 2, 0, 0)]


def test_replace_by_a_file_of_no_rows_empties_the_table(destination):
    destination.load(a_unit("load-1", target=REPLACE), a_file(("1", "Ada")))

    receipts = destination.load(a_unit("load-2", target=REPLACE), a_file())

    assert destination.table("people") == []
    assert counts(receipts) == [("load-2", 0, 0, 0)]


def test_replace_that_was_given_no_file_empties_nothing(destination):
    destination.load(a_unit("load-1", target=REPLACE), a_file(("1", "Ada")))

    with destination.loader.begin(a_unit("load-2", target=REPLACE)) as load, pytest.raises(OurFault):
        load.commit()

    assert destination.table("people") == people(("1", "Ada"))


def test_a_replacement_takes_the_receipt_of_the_one_before_it_so_that_it_can_come_back(destination):
    destination.load(a_unit("load-1", target=REPLACE), a_file(("1", "Ada")))
    second = destination.load(a_unit("load-2", target=REPLACE), a_file(("2", "Grace")))
    assert destination.loader.receipts([LoadId("load-1"), LoadId("load-2")]) == {"load-2": second[0]}

    first = destination.load(a_unit("load-1", target=REPLACE), a_file(("1", "Ada")))

    assert destination.table("people") == people(("1", "Ada"))
    assert destination.loader.receipts([LoadId("load-1"), LoadId("load-2")]) == {"load-1": first[0]}


def test_a_replacement_that_is_not_committed_leaves_the_receipt_of_the_one_before_it(destination):
    first = destination.load(a_unit("load-1", target=REPLACE), a_file(("1", "Ada")))

    with destination.loader.begin(a_unit("load-2", target=REPLACE)) as load:
        load.write(LoadId("load-2"), a_file(("2", "Grace")))

    assert destination.loader.receipts([LoadId("load-1"), LoadId("load-2")]) == {"load-1": first[0]}


def test_a_replacement_leaves_receipts_of_other_modes_and_of_other_tables(destination):
    elsewhere = a_target(table="others", mode=WriteMode.REPLACE)
    kept = [
        *destination.load(a_unit("load-1"), a_file(("1", "Ada"))),
        *destination.load(a_unit("load-2", target=UPSERT), a_file(("2", "Grace"))),
        *destination.load(a_unit("load-3", target=elsewhere), a_file(("3", "Edsger"))),
    ]

    kept += destination.load(a_unit("load-4", target=REPLACE), a_file(("4", "Tony")))

    assert destination.loader.receipts([receipt.load for receipt in kept]) == {
        receipt.load: receipt for receipt in kept
    }


def test_rows_added_to_a_replacement_leave_its_receipt_until_the_next_one(destination):
    destination.load(a_unit("load-1", target=REPLACE), a_file(("1", "Ada")))
    destination.load(a_unit("load-2"), a_file(("2", "Grace")))
    assert set(destination.loader.receipts([LoadId("load-1")])) == {"load-1"}

    destination.load(a_unit("load-3", target=REPLACE), a_file(("3", "Edsger")))

    assert set(destination.loader.receipts([LoadId(f"load-{n}") for n in (1, 2, 3)])) == {"load-2", "load-3"}


def test_one_field_can_fill_two_columns(destination):
    target = a_target("id", ("first", "name"), ("second", "name"))

    destination.load(a_unit(target=target), a_file(("1", "Ada")))

    assert destination.table("people") == [{"id": "1", "first": "Ada", "second": "Ada"}]


def test_lineage_tells_file_and_line_where_the_table_was_made_for_it(destination):
    target = a_target(lineage=Lineage.AUTO)

    destination.load(
        a_unit("load-1", "load-2", target=target), a_file(("1", "Ada")), a_file(("2", "Grace"), first_line=7)
    )

    assert destination.table("people") == [
        {"id": "1", "name": "Ada", "_load_id": "load-1", "_source_line": 2},
        {"id": "2", "name": "Grace", "_load_id": "load-2", "_source_line": 7},
    ]


def test_lineage_is_written_on_its_own_only_where_the_columns_exist(destination):
    destination.load(a_unit("load-1"), a_file(("1", "Ada")))

    destination.load(a_unit("load-2", target=a_target(lineage=Lineage.AUTO)), a_file(("2", "Grace")))

    assert destination.table("people") == people(("1", "Ada"), ("2", "Grace"))


def test_lineage_that_is_asked_for_is_refused_where_the_columns_are_missing(destination):
    destination.load(a_unit("load-1"), a_file(("1", "Ada")))

    with pytest.raises(DestinationRefused, match="ALTER TABLE"):
        destination.load(a_unit("load-2", target=a_target(lineage=Lineage.ON)), a_file(("2", "Grace")))

    assert destination.table("people") == people(("1", "Ada"))


def test_a_column_that_the_table_lacks_is_refused_by_name(destination):
    destination.load(a_unit("load-1"), a_file(("1", "Ada")))

    with pytest.raises(DestinationRefused, match=r"no column mail.*ALTER TABLE"):
        destination.load(a_unit("load-2", target=a_target("id", ("mail", "name"))), a_file(("2", "Grace")))

    assert destination.table("people") == people(("1", "Ada"))


def test_a_column_that_no_field_fills_stays_empty(destination):
    destination.load(a_unit("load-1"), a_file(("1", "Ada")))

    destination.load(a_unit("load-2", target=a_target("id")), a_file(("2", "Grace")))

    assert destination.table("people") == [{"id": "1", "name": "Ada"}, {"id": "2", "name": None}]


@pytest.fixture
def spoiled(destination):
    """A table that drops rows of the name ``lost`` without an error; it holds what an earlier load brought."""
    if destination.spoil is None:
        pytest.skip("a table of this destination has no triggers, rules or conflict clauses")
    destination.load(a_unit("load-1"), a_file(("1", "Ada"), ("2", "Grace")))
    destination.spoil("people")
    return destination


DROPPED = {
    "append": (a_target(), (("3", "Edsger"), ("4", "lost"))),
    "upsert-insert": (UPSERT, (("2", "Hopper"), ("3", "lost"))),
    "upsert-update": (UPSERT, (("2", "lost"), ("3", "Edsger"))),
    "replace": (REPLACE, (("3", "Edsger"), ("4", "lost"))),
}


@pytest.mark.parametrize("case", DROPPED)
def test_a_table_that_drops_a_row_without_an_error_undoes_the_load_and_keeps_earlier_rows(spoiled, case):
    target, rows = DROPPED[case]

    with pytest.raises(RowsNotKept) as refused:
        spoiled.load(a_unit("load-2", target=target), a_file(*rows))

    assert refused.value.hint
    assert spoiled.table("people") == people(("1", "Ada"), ("2", "Grace"))
    assert spoiled.loader.receipts([LoadId("load-2")]) == {}


@pytest.mark.parametrize("case", DROPPED)
def test_a_load_that_a_table_dropped_rows_of_succeeds_once_the_table_keeps_them(spoiled, case):
    target, rows = DROPPED[case]
    with pytest.raises(RowsNotKept):
        spoiled.load(a_unit("load-2", target=target), a_file(*rows))
    spoiled.mend("people")

    spoiled.load(a_unit("load-2", target=target), a_file(*rows))

    kept = {} if target is REPLACE else {"1": "Ada", "2": "Grace"}
    assert spoiled.table("people") == people(*(kept | dict(rows)).items())


@pytest.mark.parametrize("target", MODES, ids=lambda target: target.mode)
def test_a_table_that_could_drop_rows_takes_a_load_of_which_it_keeps_every_row(spoiled, target):
    spoiled.load(a_unit("load-2", target=target), a_file(("3", "Edsger"), ("4", "Tony")))

    earlier = [] if target is REPLACE else [("1", "Ada"), ("2", "Grace")]
    assert spoiled.table("people") == people(*earlier, ("3", "Edsger"), ("4", "Tony"))


ODD_NAMES = [
    'say "id"',
    "it's",
    "with space",
    " leading and trailing ",
    "Ünïcödé 名前 🪣",
    "select",
    "a.b",
    "a;b -- c",
    '"); DROP TABLE people; --',
    "{name} %s $1 ?",
    "new\nline",
    "rowid",
    "incoming",
    "staged",
    "place",
]


@pytest.mark.parametrize("mode", WriteMode)
@pytest.mark.parametrize("name", ODD_NAMES)
def test_any_text_can_be_the_name_of_a_table_column_and_key(destination, name, mode):
    target = a_target(name, "name", table=name, mode=mode, key=(name,), lineage=Lineage.AUTO)

    for load in ("load-1", "load-2"):
        destination.load(a_unit(load, target=target), a_file(("1", load), fields=(name, "name")))

    row = {name: "1", "name": "load-2", "_load_id": "load-2", "_source_line": 2}
    earlier = row | {"name": "load-1", "_load_id": "load-1"}
    assert destination.table(name) == ([earlier, row] if mode is WriteMode.APPEND else [row])
    assert list(destination.table(name)[0]) == list(row)


@pytest.mark.parametrize("mode", WriteMode)
def test_any_text_can_be_a_value(destination, mode):
    texts = [
        "",
        " ",
        "NULL",
        "\\N",
        "'",
        '"',
        "\n",
        "\r\n",
        "\t",
        "0",
        "=1+1",
        "🪣",
        "x" * 100_000,
        "\ufeff",
        "\x01",
    ]
    target = a_target(mode=mode, key=("id",))

    destination.load(a_unit(target=target), a_file(*((str(n), text) for n, text in enumerate(texts))))

    assert destination.table("people") == people(*((str(n), text) for n, text in enumerate(texts)))


def test_tables_do_not_share_rows_but_share_receipts(destination):
    one = destination.load(a_unit("load-1"), a_file(("1", "Ada")))
    two = destination.load(a_unit("load-2", target=a_target(table="others")), a_file(("2", "Grace")))

    assert destination.table("people") == people(("1", "Ada"))
    assert destination.table("others") == people(("2", "Grace"))
    assert destination.loader.receipts([LoadId("load-1"), LoadId("load-2")]) == {
        "load-1": one[0],
        "load-2": two[0],
    }


def test_tables_are_listed_with_the_columns_that_a_person_could_load(destination):
    nothing = destination.loader.columns()

    destination.load(a_unit("load-1", target=a_target(lineage=Lineage.AUTO)), a_file(("1", "Ada")))
    destination.load(a_unit("load-2", target=a_target(("Größe", "name"), table="b")), a_file(("1", "Ada")))

    assert nothing == {}
    assert destination.loader.columns() == {"b": ("Größe",), "people": ("id", "name")}


@pytest.mark.slow
def test_receipts_are_found_at_once_among_100_000_loads_that_are_asked_for(destination):
    names = [f"load-{number}" for number in range(2_000)]
    destination.load(a_unit(*names), *(a_file() for _ in names))

    began = time.process_time()
    found = destination.loader.receipts([LoadId(f"load-{number}") for number in range(1_000, 101_000)])

    assert set(found) == set(names[1_000:])
    assert time.process_time() - began < 5


@pytest.mark.slow
@pytest.mark.parametrize("mode", WriteMode)
def test_a_file_of_many_batches_arrives_whole(destination, mode):
    size = 20_000
    target = a_target(mode=mode, key=("id",), lineage=Lineage.AUTO)

    receipts = destination.load(a_unit(target=target), a_long_file(size))

    assert counts(receipts) == [("load-1", size, 0, 0)]
    assert [row["_source_line"] for row in destination.table("people")] == sorted(range(size), key=str)
