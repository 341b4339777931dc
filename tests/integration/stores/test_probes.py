"""A probe finds out which preconditions a store ignores, and touches nothing that is not its own."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bucketlift.errors import NotFound, StoreUnavailable
from bucketlift.model.source import Honoured, Place, Precondition
from bucketlift.stores.s3 import S3Store
from bucketlift.testing.faults import INTERNAL_ERROR, Refuses
from bucketlift.testing.s3server import S3Server

pytestmark = pytest.mark.slow

Opener = Callable[..., S3Store]

OPERATIONS = {
    Precondition.DELETE: "DeleteObject",
    Precondition.DELETE_EACH: "DeleteObjects",
    Precondition.COPY_SOURCE: "CopyObject",
    Precondition.COPY_CREATE: "CopyObject",
    Precondition.PART_COPY_SOURCE: "UploadPartCopy",
    Precondition.COMPLETE_CREATE: "CompleteMultipartUpload",
    Precondition.PUT_CREATE: "PutObject",
}


@pytest.mark.parametrize("ignored", Precondition)
def test_a_store_that_ignores_one_precondition_is_found_out(
    opened: Opener, monkeypatch: pytest.MonkeyPatch, ignored: Precondition
) -> None:
    with S3Server(weak={ignored}) as server:
        for name, value in server.environment.items():
            monkeypatch.setenv(name, value)
        server.make_bucket("drop")
        server.put("drop", "in/a.csv", b"rows")
        store = opened(server)

        found = {each: store.probe(each, Place(bucket="drop", key="in/")) for each in Precondition}

        assert found == {each: Honoured.NO if each is ignored else Honoured.YES for each in Precondition}
        assert server.objects("drop") == {"in/a.csv": b"rows"}
        assert server.log.operations().count("AssumeRole") == 1


def test_every_key_that_a_probe_names_is_below_its_own_folder(server: S3Server, opened: Opener) -> None:
    store = opened(server)

    for each in Precondition:
        store.probe(each, Place(bucket="drop", key="in/emp"))

    keys = {line.key for line in server.log if line.bucket == "drop"}
    assert keys
    assert all(key.startswith("in/emp.bucketlift/") for key in keys)


@pytest.mark.parametrize("precondition", Precondition)
def test_without_the_right_a_probe_says_denied(
    server: S3Server, opened: Opener, precondition: Precondition
) -> None:
    store = opened(server, [{"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "*"}])

    assert store.probe(precondition, Place(bucket="drop", key="in/")) is Honoured.DENIED


def test_a_probe_of_a_bucket_that_is_not_there_says_so(server: S3Server, opened: Opener) -> None:
    store = opened(server)

    with pytest.raises(NotFound):
        store.probe(Precondition.DELETE, Place(bucket="nowhere", key="in/"))


@pytest.mark.parametrize("precondition", Precondition)
def test_a_store_that_does_not_know_a_precondition_cannot_be_relied_on(
    server: S3Server, opened: Opener, precondition: Precondition
) -> None:
    server.faults.add(OPERATIONS[precondition], Refuses(status=501, code="NotImplemented"))
    store = opened(server)

    assert store.probe(precondition, Place(bucket="drop", key="in/")) is Honoured.NO


@pytest.mark.parametrize("precondition", Precondition)
def test_a_store_that_fails_answers_no_probe(
    server: S3Server, opened: Opener, precondition: Precondition
) -> None:
    server.faults.add(OPERATIONS[precondition], INTERNAL_ERROR, times=4)
    store = opened(server)

    with pytest.raises(StoreUnavailable):
        store.probe(precondition, Place(bucket="drop", key="in/"))
