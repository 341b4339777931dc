"""Opens the places for files that loads write."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from bucketlift.errors import RequestWrong
from bucketlift.ledger.secrets.keys import Keys
from bucketlift.model.account import LocalFolder, S3Prefix, SftpServer
from bucketlift.vault import Vault

if TYPE_CHECKING:
    from bucketlift.codecs.pgp_encrypt import Recipient
    from bucketlift.objects.places.place import ObjectPlace
    from bucketlift.stores.s3 import S3Store
    from bucketlift.stores.sftp_session import SftpLogin


def open_place(
    settings: S3Prefix | SftpServer | LocalFolder,
    vault: Vault,
    open_bucket: Callable[[S3Prefix], tuple[S3Store, bool]],
) -> ObjectPlace:
    """The place that a destination names. ``open_bucket`` opens a store, and tells whether a weak one is accepted."""
    match settings:
        case S3Prefix():
            from bucketlift.objects.places.bucket import BucketPlace

            store, accept_weak = open_bucket(settings)
            return BucketPlace(store, settings.bucket, settings.prefix, accept_weak=accept_weak)
        case SftpServer():
            from bucketlift.objects.places.sftp import SftpPlace

            return SftpPlace(sftp_login(settings, vault), settings.path)
        case LocalFolder():
            from bucketlift.objects.places.folder import FolderPlace

            return FolderPlace(Path(settings.path))


def sftp_login(settings: SftpServer, vault: Vault) -> SftpLogin:
    from bucketlift.stores.sftp_session import SftpLogin

    key, password = settings.private_key, settings.password
    return SftpLogin(
        host=settings.host,
        port=settings.port,
        user=settings.user,
        host_keys=settings.host_key,
        private_key=None if key is None else vault.reveal(key),
        password=None if password is None else vault.reveal(password),
    )


def recipients(names: tuple[str, ...], keys: Keys) -> tuple[Recipient, ...]:
    """The public keys with these names.

    Raises:
        NotFound: there is no such key.
    """
    from bucketlift.codecs.pgp_encrypt import Recipient

    found = map(keys.get, names)
    return tuple(
        Recipient(name=each.name, fingerprint=each.fingerprint, public=each.public) for each in found
    )


def no_buckets(account: str) -> RequestWrong:
    hint = "Name an account of S3, or use a destination of kind sftp or folder."
    return RequestWrong("The account has no buckets", to=account, hint=hint)


def not_a_table(destination: str) -> RequestWrong:
    hint = "Write files to it with load_objects."
    return RequestWrong("The destination has no tables", to=destination, hint=hint)
