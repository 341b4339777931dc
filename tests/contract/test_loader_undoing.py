"""What every loader promises about loads that were committed: told, counted, taken out again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from bucketlift.errors import DestinationRefused
from bucketlift.model.finding import Health
from bucketlift.model.load import Lineage, LoadId, WriteMode
from contract.destinations import a_file, a_target, a_unit, counts, people

APPEND = a_target(lineage=Lineage.AUTO)
LONG_AGO = datetime(2001, 1, 1, tzinfo=UTC)


def with_lineage(load, *pairs):
    return [
        {"id": number, "name": name, "_load_id": load, "_source_line": 2 + place}
        for place, (number, name) in enumerate(pairs)
    ]


def test_receipts_since_a_moment_are_told_oldest_first(destination):
    receipts = [*destination.load(a_unit("load-b"), a_file()), *destination.load(a_unit("load-a"), a_file())]

    assert destination.loader.receipts_since(LONG_AGO) == tuple(receipts)
    assert destination.loader.receipts_since(receipts[1].committed_at) == (receipts[1],)
    assert destination.loader.receipts_since(receipts[1].committed_at + timedelta(microseconds=1)) == ()


def test_receipts_of_other_installations_are_not_told_but_found_by_their_loads(destination):
    ours = destination.load(a_unit("load-1"), a_file())
    with destination.of("theirs").begin(a_unit("load-2")) as load:
        load.write(LoadId("load-2"), a_file())
        theirs = load.commit()

    assert destination.loader.receipts_since(LONG_AGO) == ours
    assert destination.of("theirs").receipts_since(LONG_AGO) == theirs
    assert set(destination.loader.receipts([LoadId("load-1"), LoadId("load-2")])) == {"load-1", "load-2"}


def test_receipts_that_do_not_tell_whose_they_are_count_as_everybodys(destination):
    with destination.of("").begin(a_unit("load-1")) as load:
        load.write(LoadId("load-1"), a_file())
        receipts = load.commit()

    assert destination.loader.receipts_since(LONG_AGO) == receipts
    assert destination.of("theirs").receipts_since(LONG_AGO) == receipts


def test_an_absent_destination_has_no_receipts_since_ever_and_no_rows(destination):
    assert destination.loader.receipts_since(LONG_AGO) == ()
    assert destination.loader.rows(APPEND, [LoadId("load-1")]) is None
    assert destination.loader.unload(APPEND, LoadId("load-1")) == 0


def test_rows_are_counted_by_the_load_that_brought_them(destination):
    destination.load(
        a_unit("load-1", "load-2", target=APPEND), a_file(("1", "Ada"), ("2", "Grace")), a_file(("3", "Tony"))
    )

    counted = destination.loader.rows(APPEND, [LoadId("load-1"), LoadId("load-2"), LoadId("other")])

    assert counted == {"load-1": 2, "load-2": 1, "other": 0}


def test_rows_of_a_table_that_is_absent_or_without_lineage_cannot_be_counted(destination):
    destination.load(a_unit("load-1"), a_file(("1", "Ada")))

    assert destination.loader.rows(a_target(), [LoadId("load-1")]) is None
    assert destination.loader.rows(a_target(table="others"), [LoadId("load-1")]) is None


def test_unloading_takes_out_exactly_the_rows_of_a_load_with_its_receipt(destination):
    destination.load(
        a_unit("load-1", "load-2", target=APPEND), a_file(("1", "Ada"), ("2", "Grace")), a_file(("1", "Ada"))
    )

    taken = destination.loader.unload(APPEND, LoadId("load-1"))

    assert taken == 2
    assert destination.table("people") == with_lineage("load-2", ("1", "Ada"))
    assert set(destination.loader.receipts([LoadId("load-1"), LoadId("load-2")])) == {"load-2"}


def test_unloading_a_second_time_does_nothing(destination):
    destination.load(a_unit("load-1", target=APPEND), a_file(("1", "Ada")))
    destination.loader.unload(APPEND, LoadId("load-1"))

    assert destination.loader.unload(APPEND, LoadId("load-1")) == 0
    assert destination.table("people") == []


def test_what_was_unloaded_can_be_loaded_anew(destination):
    destination.load(a_unit("load-1", target=APPEND), a_file(("1", "Ada")))
    destination.loader.unload(APPEND, LoadId("load-1"))

    receipts = destination.load(a_unit("load-1", target=APPEND), a_file(("1", "A. L.")))

    assert counts(receipts) == [("load-1", 1, 0, 0)]
    assert destination.table("people") == with_lineage("load-1", ("1", "A. L."))
    assert destination.loader.receipts([LoadId("load-1")]) == {"load-1": receipts[0]}


def test_a_load_of_no_rows_is_unloaded_by_its_receipt_alone(destination):
    destination.load(a_unit("load-1", target=APPEND), a_file())

    assert destination.loader.unload(APPEND, LoadId("load-1")) == 0
    assert destination.loader.receipts([LoadId("load-1")]) == {}


@pytest.mark.parametrize("mode", [WriteMode.UPSERT, WriteMode.REPLACE])
def test_only_an_append_can_be_unloaded(destination, mode):
    target = a_target(mode=mode, key=("id",), lineage=Lineage.AUTO)
    destination.load(a_unit("load-1", target=target), a_file(("1", "Ada")))

    with pytest.raises(DestinationRefused, match=f"mode was {mode}"):
        destination.loader.unload(APPEND, LoadId("load-1"))

    assert destination.table("people") == with_lineage("load-1", ("1", "Ada"))
    assert set(destination.loader.receipts([LoadId("load-1")])) == {"load-1"}


def test_a_load_into_a_table_without_lineage_cannot_be_unloaded(destination):
    destination.load(a_unit("load-1"), a_file(("1", "Ada")))

    with pytest.raises(DestinationRefused, match="does not record which load"):
        destination.loader.unload(a_target(), LoadId("load-1"))

    assert destination.table("people") == people(("1", "Ada"))
    assert set(destination.loader.receipts([LoadId("load-1")])) == {"load-1"}


def test_of_a_table_that_was_dropped_only_the_receipt_is_left_to_unload(destination):
    destination.load(a_unit("load-1", target=APPEND), a_file(("1", "Ada")))
    destination.drop("people")

    assert destination.loader.unload(APPEND, LoadId("load-1")) == 0
    assert destination.loader.receipts([LoadId("load-1")]) == {}


def test_a_doctor_finds_nothing_missing_and_leaves_nothing(destination):
    before = destination.loader.examine()
    assert destination.table("people") is None
    destination.load(a_unit("load-1"), a_file(("1", "Ada")))

    after = destination.loader.examine()

    wrong = {Health.MISSING, Health.IGNORED, Health.UNKNOWN}
    assert [each for each in (*before, *after) if each.health in wrong] == []
    assert destination.table("people") == people(("1", "Ada"))


def test_the_size_of_a_table_is_that_of_all_loads(destination):
    absent = destination.loader.size(a_target())
    destination.load(a_unit("load-1"), a_file(("1", "Ada"), ("2", "Grace")))
    destination.load(a_unit("load-2"), a_file(("3", "Edsger")))

    assert absent is None
    assert destination.loader.size(a_target()) == 3
