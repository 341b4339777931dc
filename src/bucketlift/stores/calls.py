"""One S3 call: signed, repeated once with a new session if the old one expired, with translated errors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError
from urllib3.exceptions import HTTPError

from bucketlift.stores.sessions import Connection
from bucketlift.stores.store_time import StoreTime
from bucketlift.stores.translation import EXPIRED, code_of, note_region, ours

FOREIGN = (ClientError, BotoCoreError, ResponseParserError, HTTPError, OSError)
"""Errors that boto3 may raise, also while a body is read."""


UNREADABLE = (LookupError, AttributeError, TypeError)
"""Unintended errors of boto3 for an answer with an unexpected shape."""


class Calls:
    def __init__(
        self, connection: Connection, bucket_owner: str | None, *, requester_pays: bool = False
    ) -> None:
        self._connection = connection
        self._owner = {} if bucket_owner is None else {"ExpectedBucketOwner": bucket_owner}
        if requester_pays:
            self._owner["RequestPayer"] = "requester"
        self.time = StoreTime()

    def raw(self, operation: str, **arguments: Any) -> dict[str, Any]:
        """Call boto3's method of that name. Raises boto3's errors."""
        client = self._connection.client
        try:
            return self._called(client, operation, arguments)
        except ClientError as error:
            if not _may_be_expired(error):
                raise
            return self._called(self._connection.renewed(client), operation, arguments)

    def __call__(self, operation: str, to: str, **arguments: Any) -> dict[str, Any]:
        with translated(to):
            return self.raw(operation, **arguments)

    def _called(self, client: Any, operation: str, arguments: dict[str, Any]) -> dict[str, Any]:
        try:
            answer: dict[str, Any] = getattr(client, operation)(**self._owner, **arguments)
        except ClientError as error:
            note_region(error, client.meta.region_name)
            raise
        except UNREADABLE as error:
            raise ResponseParserError(f"{operation}: {type(error).__name__}") from error
        self.time.read_date(answer)
        return answer


def _may_be_expired(error: ClientError) -> bool:
    """Whether the session may have expired. An answer to HEAD has no body: there, any error 400 may mean
    this.
    """
    if error.operation_name == "AssumeRole":
        return False
    return code_of(error) in EXPIRED or (error.operation_name == "HeadObject" and code_of(error) == "400")


@contextmanager
def translated(to: str) -> Iterator[None]:
    """Translate all errors raised in the block."""
    try:
        yield
    except FOREIGN as error:
        raise ours(error, to) from error
