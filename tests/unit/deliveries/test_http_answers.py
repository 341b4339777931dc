"""What the answers of a receiver mean for a chunk, and what is sent."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal

import httpx
import pyarrow as pa
import pytest

from bucketlift.deliveries.http.answers import Meaning
from bucketlift.deliveries.http.delivery import HttpDelivery
from bucketlift.deliveries.requests import Received
from bucketlift.deliveries.retry_after import retry_after
from bucketlift.deliveries.words import Words
from bucketlift.errors import AccessRefused, BucketliftError, DestinationRefused, NotFound
from bucketlift.model.account import HttpDestination
from bucketlift.model.claim import ClaimId
from bucketlift.model.delivery import (
    AnswerState,
    Content,
    Counts,
    DeliveredFile,
    RefusedByDestination,
    idempotency_key,
)
from bucketlift.model.load import Column, LoadId, rows_target
from bucketlift.model.rows import SOURCE_LINE, RowStream
from bucketlift.ports import NotSent

CONTENT = Content(lines=(2, 3, 5), sha256="0" * 64, body=b"[]")
MEANING = Meaning(shown="https://example.com/rows", words=Words(secrets=("s3cret",)))


def received(status, body=b"", *, reason="", whole=True, **headers):
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Received(status=status, reason=reason, headers=httpx.Headers(named), body=body, whole=whole)


def answered(document, **more):
    return MEANING.of(
        received(200, json.dumps(document).encode(), content_type="application/json", **more), CONTENT
    )


@pytest.mark.parametrize(
    ("answer", "error", "wait"),
    [
        (received(429), NotSent, None),
        (received(429, retry_after="7"), NotSent, 7.0),
        (received(503, retry_after="120"), NotSent, 120.0),
        (received(409, retry_after="1"), NotSent, 1.0),
        (received(409), DestinationRefused, None),
        (received(401), AccessRefused, None),
        (received(403), AccessRefused, None),
        (received(404), NotFound, None),
        (received(307, location="https://elsewhere.example"), NotFound, None),
        (received(413), DestinationRefused, None),
        (received(422), DestinationRefused, None),
    ],
)
def test_an_answer_that_certainly_had_no_effect_is_an_error(answer, error, wait):
    with pytest.raises(BucketliftError) as raised:
        MEANING.of(answer, CONTENT)

    assert type(raised.value) is error
    assert getattr(raised.value, "retry_after", None) == wait


@pytest.mark.parametrize("status", [408, 500, 502, 503, 504])
def test_an_answer_that_may_have_had_an_effect_is_unknown(status):
    found = MEANING.of(received(status, reason="Broken"), CONTENT)

    assert (found.state, found.detail) == (AnswerState.UNKNOWN, f"the receiver answered {status} Broken")


@pytest.mark.parametrize(
    "answer",
    [
        received(200),
        received(204),
        received(202, b"queued", content_type="text/plain"),
        received(200, b'{"id": 7}', content_type="application/json"),
        received(200, b'["refused"]', content_type="application/json"),
    ],
)
def test_every_other_success_confirms_all_rows(answer):
    found = MEANING.of(answer, CONTENT)

    assert (found.state, found.counts, found.refused) == (AnswerState.CONFIRMED, Counts(inserted=3), ())


def test_refused_rows_are_named_by_their_lines_without_values_and_secrets():
    refused = [
        {"row": 2, "message": "no office 'Denver' for s3cret", "field": "office"},
        {"row": 0},
        {"row": 0, "message": "again"},
    ]

    found = answered({"refused": refused, "inserted": 0, "updated": 1})

    assert found.state is AnswerState.CONFIRMED
    assert found.counts == Counts(updated=1)
    assert found.refused == (
        RefusedByDestination(line=2, message=""),
        RefusedByDestination(line=5, message="no office … for …", field="office"),
    )


@pytest.mark.parametrize(
    "refused", ["all", [3], [{"row": 3}], [{"row": -1}], [{"row": True}], [{"line": 2}], {"row": 1}]
)
def test_a_list_of_refused_rows_that_is_not_valid_makes_the_result_unknown(refused):
    assert answered({"refused": refused}).state is AnswerState.UNKNOWN


@pytest.mark.parametrize(("body", "whole"), [(b'{"refused": [', True), (b"{}", False)])
def test_an_answer_that_may_hide_refused_rows_is_unknown(body, whole):
    answer = received(200, body, whole=whole, content_type="application/json")

    assert MEANING.of(answer, CONTENT).state is AnswerState.UNKNOWN


def test_counts_that_do_not_add_up_are_not_believed():
    assert answered({"inserted": 7, "updated": 1}).counts == Counts(inserted=3)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        (None, None),
        ("0", 0.0),
        ("90", 90.0),
        ("999999999", 86_400.0),
        ("Mon, 30 Nov 2026 12:01:00 GMT", 60.0),
        ("Mon, 30 Nov 2026 11:00:00 GMT", 0.0),
        ("-5", None),
        ("soon", None),
        ("٣", None),
    ],
)
def test_retry_after_is_seconds_or_a_date(value, seconds):
    assert retry_after(value, datetime(2026, 11, 30, 12, tzinfo=UTC)) == seconds


ROWS = pa.record_batch(
    {
        "id": pa.array([1, 2, 3], pa.int64()),
        "name": pa.array(["Zoë", 'q"', None]),
        "pay": pa.array([Decimal("1.10"), Decimal("0.0000001"), None], pa.decimal128(20, 7)),
        "day": pa.array([date(2026, 3, 1), None, None]),
        "at": pa.array([datetime(2026, 3, 1, 8, 30, tzinfo=UTC), None, None], pa.timestamp("us", "UTC")),
        "on": pa.array([True, False, None]),
        SOURCE_LINE: pa.array([2, 3, 5], pa.int64()),
    }
)
FILE = DeliveredFile(
    load=LoadId("l"), claim=ClaimId("c"), load_task="post", key="in/a.csv", found_on=date(2026, 1, 1)
)


def contents(tmp_path, batches, batch=2):
    delivery = HttpDelivery(HttpDestination(url="https://example.com/rows?key=s3cret"))
    columns = tuple(Column(name=name, field=name) for name in ROWS.schema.names[:-1])
    rows = RowStream(schema=ROWS.schema, batches=iter(batches))
    return list(delivery.contents(rows_target(columns, batch=batch), FILE, rows, tmp_path))


def test_rows_are_sent_as_objects_with_exact_values(tmp_path):
    (first, second) = contents(tmp_path, [ROWS])

    assert json.loads(first.body or b"") == [
        {
            "id": 1,
            "name": "Zoë",
            "pay": "1.1000000",
            "day": "2026-03-01",
            "at": "2026-03-01T08:30:00Z",
            "on": True,
        },
        {"id": 2, "name": 'q"', "pay": "0.0000001", "day": None, "at": None, "on": False},
    ]
    assert (first.lines, second.lines) == ((2, 3), (5,))


def test_the_same_rows_give_the_same_contents_however_they_arrive(tmp_path):
    whole = contents(tmp_path, [ROWS])

    assert contents(tmp_path, [ROWS.slice(0, 1), ROWS.slice(1)]) == whole
    assert contents(tmp_path, [ROWS], batch=3) != whole


def test_a_key_is_that_of_load_number_and_content():
    keys = {
        idempotency_key(LoadId(load), number, sha256)
        for load in ("a", "b")
        for number in (1, 2)
        for sha256 in ("c", "d")
    }

    assert len(keys) == 8
    assert idempotency_key(LoadId("a"), 1, "c") in keys


def test_a_secret_in_the_query_of_an_address_is_not_shown():
    delivery = HttpDelivery(HttpDestination(url="https://example.com/rows?key=s3cret"))

    assert "s3cret" not in str(delivery.examine())


@pytest.mark.parametrize("kind", ["application/JSON", "text/plain", None])
def test_refused_rows_are_found_whatever_the_media_type_of_the_answer(kind):
    headers = {} if kind is None else {"content_type": kind}
    body = json.dumps({"refused": [{"row": 1, "message": "no such place"}]}).encode()

    answer = MEANING.of(received(200, body, **headers), CONTENT)

    assert (answer.state, [each.line for each in answer.refused]) == (AnswerState.CONFIRMED, [3])


def test_a_torn_document_without_a_media_type_is_unknown():
    assert MEANING.of(received(200, b'{"refused": ['), CONTENT).state is AnswerState.UNKNOWN


def test_the_receivers_reason_and_field_contain_no_secret_and_no_value():
    unknown = MEANING.of(received(500, reason="token s3cret of 'Ann'"), CONTENT)
    refused = answered({"refused": [{"row": 0, "field": "s3cret"}]})

    assert unknown.detail == "the receiver answered 500 token … of …"
    assert [each.field for each in refused.refused] == ["…"]
