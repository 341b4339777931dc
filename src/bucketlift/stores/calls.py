"""Makes one S3 call, and translates its errors. If the session has expired, the call is repeated once with a
new session.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError
from urllib3.exceptions import HTTPError

from bucketlift.stores.sessions import Connection
from bucketlift.stores.store_time import StoreTime
from bucketlift.stores.translation import EXPIRED, code_of, note_region, translate

FOREIGN = (ClientError, BotoCoreError, ResponseParserError, HTTPError, OSError)
"""Errors that boto3 may raise, also while a body is read."""


UNREADABLE = (LookupError, AttributeError, TypeError)
"""Errors that boto3 raises by mistake if an answer has an unexpected shape."""


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
        """Call the method of boto3 with this name. Raises boto3's errors."""
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
    """Whether the session may have expired. An answer to HEAD has no body, so every error 400 may mean this."""
    if error.operation_name == "AssumeRole":
        return False
    return code_of(error) in EXPIRED or (error.operation_name == "HeadObject" and code_of(error) == "400")


@contextmanager
def translated(to: str) -> Iterator[None]:
    """Translate all errors that are raised in the block into Bucketlift's errors."""
    try:
        yield
    except FOREIGN as error:
        raise translate(error, to) from error
