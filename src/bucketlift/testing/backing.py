"""The part of S3 and IAM that moto implements. Each server has a separate account in moto."""

from __future__ import annotations

import io
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlencode

from bucketlift.errors import RequestWrong
from bucketlift.testing.answer import Answer
from bucketlift.testing.spelling import read, spelled

try:
    from moto.core.base_backend import BaseBackend
    from moto.core.request import Request as MotoRequest  # noqa: F401 - proves that moto is there
    from moto.iam.models import iam_backends
    from moto.moto_server.werkzeug_app import create_backend_app
    from moto.s3.models import FakeKey, FakeMultipart, s3_backends
    from werkzeug.wrappers import Response
except ImportError as absent:
    raise RequestWrong(
        "The embedded S3 server needs moto, which is not installed",
        hint="Install bucketlift[demo].",
    ) from absent

_app_maker: Any = create_backend_app  # moto declares its services as a Literal

FIRST_ACCOUNT = 123456789012

# moto's state is per process and not thread-safe: one call at a time, for all servers.
moto_lock = threading.RLock()
_accounts_in_use: set[str] = set()
_apps: dict[str, Any] = {}


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """An object with its properties, as the server stores it."""

    etag: str
    """The ETag without quotes."""
    body: bytes
    modified: datetime
    storage_class: str
    headers: dict[str, str]
    tags: dict[str, str]


class Backing:
    def __init__(self, account: str | None = None) -> None:
        """Start moto. With ``account``, it uses the account of an earlier server, if no other server uses
        this account now.
        """
        with moto_lock:
            self.account = account if account and account not in _accounts_in_use else _free_account()
            _accounts_in_use.add(self.account)

    def close(self) -> None:
        with moto_lock:
            self._dispose()
            # Not S3's own reset: that closes the objects of all accounts, including those of running servers.
            BaseBackend.reset(self._s3)
            self._iam.reset()
            _accounts_in_use.discard(self.account)

    def _dispose(self) -> None:
        for name in self._s3.buckets:
            s3_backends.bucket_accounts.pop(name, None)
        for kind in (FakeMultipart, FakeKey):
            tracked: list[Any] = kind.instances_tracked  # type: ignore[union-attr] # moto's metaclass brings it
            for each in tracked:
                if each.account_id == self.account:
                    each.dispose()
            tracked[:] = [each for each in tracked if each.account_id != self.account]

    def call(
        self,
        service: str,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
    ) -> Answer:
        """Execute a request with moto. Keys in paths and queries must be encoded (see ``spelling``)."""
        environ = self._environ(method, path, urlencode(query or {}), headers or {}, body)
        with moto_lock:
            response = Response.from_app(_app(service), environ, buffered=True)
            s3_backends.bucket_accounts.clear()  # without this, the servers of one process would share bucket names
        answered = {name.lower(): value for name, value in response.headers.items()}
        return Answer(status=response.status_code, headers=answered, body=response.get_data())

    def _environ(
        self, method: str, path: str, query: str, headers: Mapping[str, str], body: bytes
    ) -> dict[str, Any]:
        named = {f"HTTP_{name.upper().replace('-', '_')}": value for name, value in headers.items()}
        return {
            **named,
            "HTTP_HOST": "localhost",
            "HTTP_X_MOTO_ACCOUNT_ID": self.account,
            "CONTENT_TYPE": headers.get("content-type", ""),
            "CONTENT_LENGTH": str(len(body)),
            "REQUEST_METHOD": method,
            "SCRIPT_NAME": "",
            "PATH_INFO": path,
            "RAW_URI": f"{path}?{query}" if query else path,
            "QUERY_STRING": query,
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "80",
            "SERVER_PROTOCOL": "HTTP/1.1",
            "wsgi.version": (1, 0),
            "wsgi.url_scheme": "http",
            "wsgi.input": io.BytesIO(body),
            "wsgi.errors": io.StringIO(),
            "wsgi.multithread": True,
            "wsgi.multiprocess": False,
            "wsgi.run_once": False,
        }

    @property
    def _s3(self) -> Any:
        return s3_backends[self.account]["aws"]

    @property
    def _iam(self) -> Any:
        return iam_backends[self.account]["aws"]

    def buckets(self) -> dict[str, str]:
        """The buckets: name and region."""
        with moto_lock:
            return {name: str(bucket.region_name) for name, bucket in self._s3.buckets.items()}

    def keys(self, bucket: str) -> list[str]:
        with moto_lock:
            return [read(name) for name, _ in self._living(bucket)]

    def bodies(self, bucket: str) -> dict[str, bytes]:
        with moto_lock:
            return {read(name): bytes(key.value) for name, key in self._living(bucket)}

    def etag(self, bucket: str, key: str) -> str | None:
        """The ETag without quotes; None if there is no object."""
        with moto_lock:
            found = self._key(bucket, key)
            return None if found is None else str(found.etag).strip('"')

    def is_tagged(self, bucket: str, key: str) -> bool:
        with moto_lock:
            found = self._key(bucket, key)
            return found is not None and bool(self._s3.tagger.get_tag_dict_for_resource(found.arn))

    def restored_until(self, bucket: str, key: str) -> datetime | None:
        """The time at which the restored copy of an archived object expires; None if there is no copy."""
        with moto_lock:
            found = self._key(bucket, key)
            ready = found is not None and 'ongoing-request="false"' in found.response_dict.get(
                "x-amz-restore", ""
            )
            return parsedate_to_datetime(found.expiry_date) if ready else None

    def stored(self, bucket: str, key: str) -> Stored | None:
        with moto_lock:
            found = self._key(bucket, key)
            if found is None:
                return None
            return Stored(
                etag=str(found.etag).strip('"'),
                body=bytes(found.value),
                modified=found.last_modified,
                storage_class=str(found.storage_class),
                headers={str(name): str(value) for name, value in found.metadata.items()},
                tags=dict(self._s3.tagger.get_tag_dict_for_resource(found.arn)),
            )

    def restore_bucket(self, name: str, region: str) -> None:
        with moto_lock:
            self._s3.create_bucket(name, region)
            s3_backends.bucket_accounts.clear()

    def put(self, bucket: str, key: str, body: bytes) -> str:
        """Store a plain object without an HTTP request. Returns its ETag."""
        with moto_lock:
            return str(self._s3.put_object(bucket, spelled(key), body).etag).strip('"')

    def restore(self, bucket: str, key: str, stored: Stored) -> None:
        """Store an object again exactly as it was, with its ETag and time."""
        with moto_lock:
            made = self._s3.put_object(
                bucket, spelled(key), stored.body, storage=stored.storage_class, etag=stored.etag
            )
            made.last_modified = stored.modified
            made.set_metadata(dict(stored.headers))
            self._s3.put_object_tagging(made, dict(stored.tags))

    def has_upload(self, bucket: str, upload: str) -> bool:
        with moto_lock:
            return upload in self._s3.buckets[bucket].multiparts

    def roles(self) -> list[Any]:
        with moto_lock:
            return list(self._iam.roles.values())

    def _living(self, bucket: str) -> list[tuple[str, FakeKey]]:
        found = self._s3.buckets[bucket].keys.items()
        return sorted((name, key) for name, key in found if isinstance(key, FakeKey))

    def _key(self, bucket: str, key: str) -> Any:
        found = self._s3.buckets.get(bucket)
        last = None if found is None else found.keys.get(spelled(key))
        return last if isinstance(last, FakeKey) else None


def _app(service: str) -> Any:
    if service not in _apps:
        _apps[service] = _app_maker(service)
    return _apps[service]


def _free_account() -> str:
    number = FIRST_ACCOUNT
    while str(number) in _accounts_in_use:
        number += 1
    return str(number)
