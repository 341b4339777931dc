"""Roles are assumed with the external ID, sessions are renewed, and refusals say what to do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from unittest.mock import ANY

import pytest

from bucketlift.errors import AccessRefused, RequestWrong, StoreUnavailable
from bucketlift.model.account import AwsAmbient, AwsKeys, EnvSecret, S3Compatible
from bucketlift.model.source import ListedObject, Place, Selection, SourceObject
from bucketlift.stores.identity import own_account
from bucketlift.stores.s3 import S3Store, open_store
from bucketlift.stores.sessions import USUAL, Timeouts
from bucketlift.testing.faults import Calls, CutsBody, Refuses
from bucketlift.testing.s3server import S3Server

IN = Selection(bucket="drop", prefix="in/")
LISTED = [ListedObject(key="in/a.csv", etag=ANY, size=4, modified=ANY)]

Drop = Callable[..., SourceObject]
Opener = Callable[..., S3Store]


def assumed(server: S3Server) -> int:
    return server.log.operations().count("AssumeRole")


@pytest.mark.parametrize(
    "how",
    [{"external_id": "another-id"}, {"external_id": ""}, {"role_arn": "arn:aws:iam::123456789012:role/none"}],
    ids=["wrong external ID", "no external ID", "unknown role"],
)
def test_a_role_that_cannot_be_assumed_says_what_to_check(
    server: S3Server, opened: Opener, how: dict[str, str]
) -> None:
    store = opened(server, **how)

    with pytest.raises(AccessRefused) as refused:
        list(store.find(IN))

    assert refused.value.what == "The role could not be assumed (AccessDenied)"
    assert "trust policy" in refused.value.hint
    assert server.log.operations() == ["AssumeRole"]


def test_one_session_serves_many_calls(server: S3Server, opened: Opener, dropped: Drop) -> None:
    dropped("in/a.csv", b"rows")
    store = opened(server)

    found = [list(store.find(IN)) for _ in range(3)]

    assert found == [LISTED] * 3
    assert assumed(server) == 1


def test_a_session_that_ends_soon_is_refreshed_before(
    server: S3Server, opened: Opener, dropped: Drop
) -> None:
    server.sessions_last(timedelta(minutes=5))
    dropped("in/a.csv", b"rows")
    store = opened(server)

    found = [list(store.find(IN)) for _ in range(3)]

    assert found == [LISTED] * 3
    assert assumed(server) == 3
    assert [line.status for line in server.log] == [200] * 6


def test_a_session_that_ended_early_is_dropped_and_the_call_tried_once_more(
    server: S3Server, opened: Opener, dropped: Drop
) -> None:
    source = dropped("in/a.csv", b"rows")
    store = opened(server)
    list(store.find(IN))

    server.expire_sessions()
    store.copy(source, Place(bucket="archive", key="a.csv"))
    server.expire_sessions()
    store.delete(source)

    assert assumed(server) == 3
    assert server.objects("archive") == {"a.csv": b"rows"}
    assert server.objects("drop") == {}


def test_trust_removed_mid_run_refuses_and_deletes_nothing(
    server: S3Server, opened: Opener, dropped: Drop
) -> None:
    source = dropped("in/a.csv", b"rows")
    store = opened(server)
    list(store.find(IN))

    server.make_role("reader", "another-id", [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}])
    server.expire_sessions()

    with pytest.raises(AccessRefused, match="could not be assumed"):
        store.delete(source)
    assert server.objects("drop") == {"in/a.csv": b"rows"}


def test_without_an_identity_of_its_own_bucketlift_says_how_to_give_it_one(
    server: S3Server, opened: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")

    with pytest.raises(AccessRefused) as refused:
        opened(server)

    assert "its own AWS identity" in refused.value.hint


def test_an_identity_that_sts_does_not_know_is_told_from_a_role_that_does_not_trust(
    server: S3Server, opened: Opener, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIAUNKNOWN")
    store = opened(server)

    with pytest.raises(AccessRefused) as refused:
        list(store.find(IN))

    assert refused.value.what == "Bucketlift's own identity was refused (InvalidClientTokenId)"


def test_names_that_cannot_be_are_the_request_s_fault(server: S3Server, opened: Opener) -> None:
    store = opened(server)

    with pytest.raises(RequestWrong) as refused:
        list(store.find(Selection(bucket="no/such bucket")))

    assert "bucket's name" in refused.value.hint


def test_the_account_that_roles_must_trust_is_our_own(server: S3Server) -> None:
    assert own_account("us-east-1") == server.account


def test_without_an_identity_there_is_no_account_to_trust(
    server: S3Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")

    with pytest.raises(AccessRefused):
        own_account("us-east-1")


@pytest.mark.slow
def test_sts_that_throttles_is_asked_again(server: S3Server, opened: Opener, dropped: Drop) -> None:
    dropped("in/a.csv", b"rows")
    server.faults.add("AssumeRole", Refuses(status=400, code="Throttling"))
    store = opened(server)

    assert list(store.find(IN)) == LISTED


def test_a_bucket_in_another_region_is_found(server: S3Server, opened: Opener) -> None:
    server.make_bucket("far", region="eu-west-1")
    server.put("far", "a.csv", b"rows")
    store = opened(server)

    found = [each.key for each in store.find(Selection(bucket="far"))]

    assert found == ["a.csv"]


def test_a_store_that_names_another_region_is_told(server: S3Server, opened: Opener) -> None:
    server.faults.add(
        "ListObjectsV2", Refuses(status=400, code="IllegalLocationConstraintException"), times=9
    )
    store = opened(server)

    with pytest.raises(RequestWrong) as refused:
        list(store.find(IN))

    assert "region" in refused.value.hint


def test_a_clock_that_is_off_is_named(server: S3Server, opened: Opener) -> None:
    server.faults.add("ListObjectsV2", Refuses(status=403, code="RequestTimeTooSkewed"), times=9)
    store = opened(server)

    with pytest.raises(AccessRefused) as refused:
        list(store.find(IN))

    assert "clock" in refused.value.hint


def compatible(url: str, keys: tuple[str, str], timeouts: Timeouts = USUAL) -> S3Store:
    account = S3Compatible(endpoint_url=url, access_key=EnvSecret(env="A"), secret_key=EnvSecret(env="B"))
    return open_store(
        account,
        keys=keys,
        session_policy=None,
        session_name="t",
        timeouts=timeouts,
    )


@pytest.mark.parametrize("wrong", ["access key", "secret key"])
def test_wrong_keys_of_a_compatible_store_are_refused_without_telling_them(
    server: S3Server, wrong: str
) -> None:
    access_key = "AKIAWRONG" if wrong == "access key" else server.access_key
    secret_key = "wrong-secret" if wrong == "secret key" else server.secret_key
    store = compatible(server.url, (access_key, secret_key))

    with pytest.raises(AccessRefused) as refused:
        list(store.find(IN))
    store.close()

    assert refused.value.hint == "Check the account's keys."
    assert "wrong-secret" not in str(refused.value)
    assert "AKIAWRONG" not in str(refused.value)


def test_a_user_with_its_own_policy_reads_what_it_may(server: S3Server, dropped: Drop) -> None:
    dropped("in/a.csv", b"rows")
    granted = [{"Effect": "Allow", "Action": "s3:ListBucket", "Resource": "arn:aws:s3:::drop"}]
    store = compatible(server.url, server.make_user("lab", granted))

    found = list(store.find(IN))
    store.close()

    assert found == LISTED


@pytest.mark.slow
def test_a_store_that_is_not_there_is_unavailable() -> None:
    with S3Server() as server:
        url = server.url
    store = compatible(url, ("A", "B"), Timeouts(connect=0.2, read=0.2))

    with pytest.raises(StoreUnavailable):
        list(store.find(IN))
    store.close()


def test_threads_that_meet_an_ended_session_share_the_new_one(
    server: S3Server, opened: Opener, dropped: Drop
) -> None:
    dropped("in/a.csv", b"rows")
    store = opened(server)
    list(store.find(IN))
    server.expire_sessions()

    # While the first thread's refused call is answered, another call of the same store renews the session.
    server.faults.add(
        "ListObjectsV2", Calls(after=lambda: store.digest(Place(bucket="drop", key="in/a.csv")))
    )
    found = list(store.find(IN))

    assert found == LISTED
    assert assumed(server) == 2


@pytest.mark.slow
def test_a_session_that_ends_in_the_middle_of_a_listing_is_renewed(
    server: S3Server, opened: Opener, dropped: Drop
) -> None:
    for number in range(1002):
        dropped(f"in/{number:04}.csv", b"rows")
    store = opened(server)
    server.faults.add("ListObjectsV2", Calls(after=server.expire_sessions))

    found = [each.key for each in store.find(IN)]

    assert found == [f"in/{number:04}.csv" for number in range(1002)]
    assert assumed(server) == 2


def test_a_session_that_ends_in_the_middle_of_a_body_is_renewed_and_the_rest_is_the_same_version(
    server: S3Server, opened: Opener, dropped: Drop
) -> None:
    body = bytes(range(256)) * 4096
    source = dropped("in/a.csv", body)
    store = opened(server)
    server.faults.add("GetObject", CutsBody(keep=1000))
    server.faults.add("GetObject", Calls(before=server.expire_sessions))

    with store.open(source) as stream:
        read = stream.read()

    assert read == body
    assert assumed(server) == 2


def test_trust_removed_between_copy_and_delete_leaves_both_and_says_so(
    server: S3Server, opened: Opener, dropped: Drop
) -> None:
    source = dropped("in/a.csv", b"rows")
    store = opened(server)
    store.copy(source, Place(bucket="archive", key="a.csv"))

    server.distrust("reader")
    server.expire_sessions()

    with pytest.raises(AccessRefused, match="could not be assumed"):
        store.delete(source)
    assert (server.objects("drop"), server.objects("archive")) == ({"in/a.csv": b"rows"}, {"a.csv": b"rows"})


@pytest.mark.parametrize("minutes", [-20, 20])
@pytest.mark.parametrize("call", ["AssumeRole", "ListObjectsV2"])
def test_a_clock_20_minutes_off_is_named_by_whoever_is_asked_first(
    server: S3Server, opened: Opener, minutes: int, call: str
) -> None:
    off = timedelta(minutes=minutes)
    store = opened(server)
    if call == "ListObjectsV2":
        list(store.find(IN))
    server.clock_is_ahead(off)

    with pytest.raises(AccessRefused) as refused:
        list(store.find(IN))

    assert refused.value.hint == "Set this machine's clock: it is off by more than 15 minutes."
    assert server.log.operations()[-1] == call


@pytest.mark.parametrize("kind", [AwsAmbient, AwsKeys])
def test_accounts_of_aws_without_a_role_assume_none(server: S3Server, dropped: Drop, kind: type) -> None:
    dropped("in/a.csv", b"rows")
    secrets = {"access_key": EnvSecret(env="A"), "secret_key": EnvSecret(env="B")} if kind is AwsKeys else {}
    keys = (server.access_key, server.secret_key) if kind is AwsKeys else None
    account = kind(region="us-east-1", bucket_owner=server.account, **secrets)
    store = open_store(account, keys=keys, session_policy=None, session_name="t")

    found = list(store.find(IN))
    store.close()

    assert (found, store.store, assumed(server)) == (LISTED, "aws", 0)


@pytest.mark.parametrize(
    ("region", "partition"),
    [("eu-west-1", "aws"), ("cn-north-1", "aws-cn"), ("us-gov-west-1", "aws-us-gov")],
)
def test_the_store_of_an_account_without_a_role_is_its_region_s_partition(
    region: str, partition: str
) -> None:
    assert AwsAmbient(region=region).store == partition


def test_a_restored_object_can_be_read_again(server: S3Server, opened: Opener, dropped: Drop) -> None:
    source = dropped("in/a.csv", b"rows", {"x-amz-storage-class": "GLACIER"})
    store = opened(server)
    before = [each.archived for each in store.find(IN)]

    server.restore("drop", "in/a.csv")

    with store.open(source) as body:
        read = body.read()
    assert (before, [each.archived for each in store.find(IN)], read) == ([True], [False], b"rows")
