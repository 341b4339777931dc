"""Access to buckets through boto3. Every read, copy and delete names the exact version."""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, BinaryIO, cast

from bucketlift.errors import BucketliftError, ObjectChanged, ObjectGone, StoreUnavailable
from bucketlift.model.account import AwsRole, S3Account, S3Compatible
from bucketlift.model.finding import Examination
from bucketlift.model.source import (
    Digest,
    Honoured,
    ListedObject,
    Place,
    Precondition,
    Restore,
    Selection,
    SourceObject,
    StoreId,
)
from bucketlift.model.workflow import AfterImport
from bucketlift.stores import deleting, existence, thawing
from bucketlift.stores.answers import GetHeaders, get_headers
from bucketlift.stores.body import PinnedBody
from bucketlift.stores.calls import FOREIGN, Calls, translated
from bucketlift.stores.copying import COPY_LIMIT, PART_BYTES, Copying, again_on_conflict
from bucketlift.stores.doctor.examine import examine
from bucketlift.stores.listing import listed
from bucketlift.stores.probes import Probes
from bucketlift.stores.putting import Putting, metadata_of
from bucketlift.stores.quick import QuickGets
from bucketlift.stores.sessions import USUAL, Connection, Signer, Timeouts

CHUNK = 1024 * 1024
_MD5 = re.compile(r"[0-9a-f]{32}\Z")


class S3Store:
    """Implements ``ports.ObjectStore``. Close the store after use."""

    def __init__(
        self,
        signer: Signer,
        *,
        multipart_threshold: int = COPY_LIMIT,
        part_bytes: int = PART_BYTES,
        requester_pays: bool = False,
    ) -> None:
        account, self._signer = signer.account, signer
        owner = None if isinstance(account, S3Compatible) else account.bucket_owner
        self._aws = not isinstance(account, S3Compatible)
        self._store = account.store
        self._threshold = multipart_threshold
        with translated(_name(account)):
            self._connection = Connection(signer)
        self._calls = Calls(self._connection, owner, requester_pays=requester_pays)
        self._quick = QuickGets(self._connection, owner, requester_pays=requester_pays)
        self._copying = Copying(self._calls, owner, multipart_threshold, part_bytes)
        self._putting = Putting(self._calls)
        self._probes = Probes(self._calls, is_aws=self._aws)

    @property
    def store(self) -> StoreId:
        return self._store

    @property
    def is_aws(self) -> bool:
        return self._aws

    @property
    def multipart_threshold(self) -> int:
        return self._threshold

    def close(self) -> None:
        self._connection.close()

    def now(self) -> datetime | None:
        return self._calls.time.now()

    def find(self, selection: Selection) -> Iterator[ListedObject]:
        return listed(self._calls, selection.bucket, selection.prefix, is_aws=self._aws)

    @contextmanager
    def open(self, source: SourceObject) -> Iterator[BinaryIO]:
        quick = self._quickly(source)
        if quick is not None:
            yield io.BytesIO(quick)
            return
        first = self._get(source, 0)
        pending = [first["Body"]]
        body = PinnedBody(
            size=source.size,
            md5=self._expected_md5(source, first),
            to=str(source),
            reopen=lambda at: pending.pop() if pending else self._get(source, at)["Body"],
        )
        with io.BufferedReader(body, CHUNK) as reader:
            yield cast("BinaryIO", reader)

    def beginning(self, source: SourceObject, most: int) -> bytes:
        if source.size <= most:
            with self.open(source) as whole:
                return whole.read()
        answer = self._get(source, 0, most)
        with closing(answer["Body"]) as body, translated(str(source)):
            found: bytes = body.read(most)
        if len(found) != most:
            raise StoreUnavailable("The body ended too early", to=str(source))
        return found

    def copy(self, source: SourceObject, to: Place, *, storage_class: str | None = None) -> None:
        self._copying.copy(source, to, storage_class)

    def put(self, content: Path, to: Place, metadata: Mapping[str, str]) -> None:
        """Upload a local file to a key that does not exist yet (create only). Raises: see ``Putting.put``."""
        self._putting.put(content, to, metadata)

    def metadata(self, place: Place) -> Mapping[str, str] | None:
        """The metadata of the object at a place; None if there is none."""
        return metadata_of(self._calls, place)

    def readable(self, source: SourceObject) -> bool:
        return thawing.readable(self._calls, source)

    def restore(self, source: SourceObject, restore: Restore) -> None:
        thawing.restore(self._calls, source, restore)

    def digest(self, place: Place) -> Digest | None:
        try:
            answer = self._calls.raw("get_object", Bucket=place.bucket, Key=place.key)
        except FOREIGN as error:
            error_translated = existence.about(self._calls, error, place)
            if isinstance(error_translated, ObjectGone):
                return None
            raise error_translated from error
        return _digest(answer, place)

    def delete(self, source: SourceObject) -> None:
        condition = f'"{source.etag}"'
        try:
            again_on_conflict(
                lambda: self._calls.raw(
                    "delete_object", Bucket=source.bucket, Key=source.key, IfMatch=condition
                )
            )
        except FOREIGN as error:
            raise existence.about(self._calls, error, _place_of(source)) from error

    def delete_each(self, sources: Sequence[SourceObject]) -> list[BucketliftError | None]:
        return deleting.delete_each(self._calls, sources)

    def probe(self, precondition: Precondition, at: Place) -> Honoured:
        return self._probes.probe(precondition, at)

    def examine(self, selection: Selection | None, after_import: AfterImport) -> Examination:
        """The doctor's findings, from the same calls that the task's runs make. Probe objects are deleted
        again.
        """
        return examine(self._calls, self._probes, self._signer, selection, after_import)

    def _quickly(self, source: SourceObject) -> bytes | None:
        """The body, fetched in the fast way; None if boto3 must be used. On AWS, boto3 is also used if the
        ETag is not the MD5, because boto3 compares other checksums.
        """
        answer = self._quick.get(source) if self._quick.suits(source) else None
        if answer is None:
            return None
        body: bytes = answer["Body"]
        md5 = self._expected_md5(source, answer)
        if self._aws and md5 is None:
            self._quick.leave(source.bucket)
            return None
        if md5 is not None and hashlib.md5(body, usedforsecurity=False).hexdigest() != md5:
            raise StoreUnavailable("The body does not match its ETag", to=str(source))
        return body

    def _get(self, source: SourceObject, start: int, most: int | None = None) -> dict[str, Any]:
        end = "" if most is None else start + most - 1
        spans = {"Range": f"bytes={start}-{end}"} if start or most else {}
        try:
            answer = self._calls.raw(
                "get_object", Bucket=source.bucket, Key=source.key, IfMatch=f'"{source.etag}"', **spans
            )
        except FOREIGN as error:
            raise existence.about(self._calls, error, _place_of(source)) from error
        _check_head(get_headers(answer, str(source)), source, start, most)
        return answer

    def _expected_md5(self, source: SourceObject, answer: dict[str, Any]) -> str | None:
        """The object's MD5, if it is known. On AWS, the ETag is the MD5 if the object was uploaded in one
        part and is not encrypted with KMS.
        """
        plain = (
            answer.get("ServerSideEncryption", "AES256") == "AES256" and "SSECustomerAlgorithm" not in answer
        )
        return source.etag if self._aws and plain and _MD5.match(source.etag) else None


def open_store(
    account: S3Account,
    *,
    keys: tuple[str, str] | None,
    session_policy: str | Sequence[str] | None,
    session_name: str,
    requester_pays: bool = False,
    multipart_threshold: int = COPY_LIMIT,
    part_bytes: int = PART_BYTES,
    timeouts: Timeouts = USUAL,
) -> S3Store:
    """Open the store of an account. ``keys`` are static keys, if the account has them. A role is assumed at
    the first call.

    If there are several session policies, each is used if STS reports that the previous one is too large.

    Raises:
        AccessRefused: Bucketlift has no AWS identity.
    """
    signer = Signer(
        account=account,
        keys=keys,
        session_policies=_policies(session_policy),
        session_name=session_name,
        timeouts=timeouts,
    )
    return S3Store(
        signer,
        multipart_threshold=multipart_threshold,
        part_bytes=part_bytes,
        requester_pays=requester_pays,
    )


def _policies(given: str | Sequence[str] | None) -> tuple[str, ...]:
    return () if given is None else (given,) if isinstance(given, str) else tuple(given)


def _check_head(head: GetHeaders, source: SourceObject, start: int, most: int | None) -> None:
    """Check that the answer has the requested version and bytes. A body without a length is counted while it
    is read. A store that ignores the end of a range sends the rest of the object.
    """
    if head.etag != source.etag:
        raise ObjectChanged("The object under the key has changed", to=str(source))
    if head.begins_at != start:
        raise StoreUnavailable("The body does not start at the requested byte", to=str(source))
    if head.length is not None and head.length not in (source.size - start, most):
        raise StoreUnavailable("The body does not have the listed size", to=str(source))


def _digest(answer: dict[str, Any], place: Place) -> Digest:
    sha256, size, head = hashlib.sha256(), 0, get_headers(answer, str(place))
    with translated(str(place)):
        for chunk in answer["Body"].iter_chunks(CHUNK):
            sha256.update(chunk)
            size += len(chunk)
    if head.length is not None and size != head.length:
        raise StoreUnavailable("The body ended too early", to=str(place))
    return Digest(size=size, sha256=sha256.hexdigest())


def _place_of(source: SourceObject) -> Place:
    return Place(bucket=source.bucket, key=source.key)


def _name(account: S3Account) -> str:
    match account:
        case AwsRole():
            return account.role_arn
        case S3Compatible():
            return account.endpoint_url
        case _:
            return f"AWS, {account.region}"
