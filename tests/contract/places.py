"""Places for files that loads write, each on a real file system or server."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import sshd
from bucketlift.model.account import S3Compatible, VaultSecret
from bucketlift.objects.places.bucket import BucketPlace
from bucketlift.objects.places.folder import FolderPlace
from bucketlift.objects.places.place import ObjectPlace
from bucketlift.objects.places.sftp import SftpPlace
from bucketlift.stores.s3 import open_store
from bucketlift.testing.s3server import S3Server

BUCKET = "exports"
KINDS = ("folder", "sftp", "bucket")


@dataclass(frozen=True, kw_only=True)
class Bench:
    """A place, and what other programs see in it."""

    place: ObjectPlace
    files: Callable[[], Mapping[str, bytes]]
    """All files by name, also hidden ones."""
    write: Callable[[str, bytes], None]
    """Another program creates a file."""


def in_folder(folder: Path) -> Bench:
    folder.mkdir(exist_ok=True)
    return Bench(place=FolderPlace(folder), files=lambda: _files(folder), write=_writer(folder))


def on_sftp(server: sshd.Sshd, folder: Path) -> Bench:
    folder.mkdir(exist_ok=True)
    place = SftpPlace(server.login(), str(folder))
    return Bench(place=place, files=lambda: _files(folder), write=_writer(folder))


@contextmanager
def in_bucket(server: S3Server) -> Iterator[Bench]:
    if BUCKET in server.buckets():
        server.empty(BUCKET)
    else:
        server.make_bucket(BUCKET)
    unused = VaultSecret(secret="unused")
    store = open_store(
        S3Compatible(endpoint_url=server.url, access_key=unused, secret_key=unused),
        keys=(server.access_key, server.secret_key),
        session_policy=None,
        session_name="test",
    )
    try:
        yield Bench(
            place=BucketPlace(store, BUCKET, "hr/"),
            files=lambda: {key.removeprefix("hr/"): body for key, body in server.objects(BUCKET).items()},
            write=lambda name, body: _put(server, name, body),
        )
    finally:
        store.close()


def _put(server: S3Server, name: str, body: bytes) -> None:
    server.put(BUCKET, f"hr/{name}", body)


def _files(folder: Path) -> dict[str, bytes]:
    found = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


def _writer(folder: Path) -> Callable[[str, bytes], None]:
    def write(name: str, body: bytes) -> None:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(body)

    return write
