"""What the demo says of an object: the ledger's word and the bucket's content together."""

import hashlib
from dataclasses import replace

import pytest

from bucketlift.demo.object_outcome import Outcome, outcome_of
from bucketlift.model.claim import Claim, ClaimId
from bucketlift.model.lifecycle import FileState
from bucketlift.model.source import SourceObject, StoreId
from bucketlift.model.workflow import Delete, Keep, Move, Rename

BODY = b"A\n1\n"
SOURCE = SourceObject(
    store=StoreId("aws"), bucket="drop", key="in/a.csv", etag="1", size=len(BODY), occurrence=1
)
LOADED = Claim(
    id=ClaimId("1"),
    source=SOURCE,
    workflow="w",
    task="t",
    state=FileState.DONE,
    sha256=hashlib.sha256(BODY).hexdigest(),
)
HELD = replace(LOADED, state=FileState.HELD)
THERE, ELSEWHERE = {"drop": {"in/a.csv": BODY}}, {"drop": {}, "archive": {"in/a.csv": BODY}}
MOVED = replace(LOADED, moved_to="s3://archive/in/a.csv")
RENAMED = replace(LOADED, moved_to="s3://drop/in/done-a.csv")


@pytest.mark.parametrize(
    ("claim", "action", "buckets", "expected"),
    [
        (LOADED, Delete(), {"drop": {}}, Outcome.DELETED),
        (LOADED, Keep(), THERE, Outcome.KEPT),
        (LOADED, Delete(), THERE, Outcome.LEFT),
        (LOADED, Keep(), {"drop": {}}, Outcome.GONE),
        (LOADED, Delete(), {"drop": {"in/a.csv": b"A\n2\n"}}, Outcome.REPLACED),
        (MOVED, Move(bucket="archive"), ELSEWHERE, Outcome.MOVED),
        (RENAMED, Rename(prefix="done-"), {"drop": {"in/done-a.csv": BODY}}, Outcome.RENAMED),
        (MOVED, Move(bucket="archive"), {"drop": {}}, Outcome.COPY_MISSING),
        (MOVED, Move(bucket="archive"), {"archive": {"in/a.csv": b"B\n1\n"}}, Outcome.COPY_MISSING),
        (HELD, Delete(), THERE, Outcome.HELD),
        (HELD, Delete(), {"drop": {}}, Outcome.GONE),
    ],
)
def test_it_is_what_the_bucket_shows(claim, action, buckets, expected):
    assert outcome_of(claim, action, buckets) is expected
