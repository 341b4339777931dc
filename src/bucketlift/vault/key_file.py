"""The file with the vault's keys, one per line, the newest first. Only its owner may read it."""

from __future__ import annotations

import base64
import binascii
import fcntl
import os
import secrets
import stat
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

from bucketlift.errors import RequestWrong, SecretUnreadable

KEY_BYTES = 32
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


class KeyFile:
    """The key file. It is read at each use, because another process may rotate the keys at any time."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __str__(self) -> str:
        return str(self.path)

    def exists(self) -> bool:
        return self.path.exists()

    def keys(self) -> tuple[bytes, ...]:
        """The keys, the newest first.

        Raises:
            SecretUnreadable: the file does not exist, other users may read it, or a line is not a key.
        """
        try:
            with self.path.open("rb") as file:
                mode = os.fstat(file.fileno()).st_mode
                lines = file.read().split()
        except OSError as error:
            raise SecretUnreadable(
                f"The key of the vault cannot be read ({error.strerror})",
                to=str(self),
                hint="Put the key file back, or set its path in BUCKETLIFT_KEY_FILE. If it is lost "
                "permanently: `bucketlift secrets reset` deletes the secrets encrypted with it.",
            ) from None
        if mode & _OTHERS:
            raise SecretUnreadable(
                f"Other users may read the key of the vault (mode {stat.S_IMODE(mode):04o})",
                to=str(self),
                hint=f"chmod 600 {self}",
            )
        if not lines or not all(map(_is_key, lines)):
            raise SecretUnreadable(
                "The file contains no key of the vault",
                to=str(self),
                hint="Write one key per line: 32 bytes in URL-safe base64, the newest key first.",
            )
        return tuple(lines)

    def make(self) -> tuple[bytes, ...]:
        """Create the file with a first key. Returns the keys of the file."""
        keys = (new_key(),)
        self._make_folder()
        temporary = self._write_temporary(keys)
        try:
            os.link(temporary, self.path)
        except OSError as error:
            raise self._unwritable(error) from error
        finally:
            temporary.unlink()
        self._sync_folder()
        return keys

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Lock the file against other writers. The lock stays even if this process is suspended and its lock
        in the ledger expires.
        """
        with ExitStack() as held:
            with suppress(OSError):  # we cannot write to the folder, so the file cannot be replaced
                real = self._real()
                lock = held.enter_context(real.with_name(f".{real.name}.lock").open("a"))
                fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def replace(self, keys: Sequence[bytes]) -> None:
        """Replace all keys of the file in one step, so that no reader sees a part of them.

        Raises:
            RequestWrong: the file cannot be written; it is unchanged.
        """
        temporary = self._write_temporary(keys)
        try:
            temporary.replace(self._real())
        except OSError as error:
            temporary.unlink(missing_ok=True)
            raise self._unwritable(error) from error
        self._sync_folder()

    def _make_folder(self) -> None:
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        except OSError as error:
            raise self._unwritable(error) from error

    def _write_temporary(self, keys: Sequence[bytes]) -> Path:
        real = self._real()
        temporary = real.with_name(f".{real.name}.{secrets.token_hex(4)}")
        try:
            handle = os.open(temporary, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
            with os.fdopen(handle, "wb") as file:
                _keep_owner(real, handle)
                file.writelines(key + b"\n" for key in keys)
                file.flush()
                os.fsync(file.fileno())
        except OSError as error:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)
            raise self._unwritable(error) from error
        return temporary

    def _sync_folder(self) -> None:
        """Sync the folder, because a rename is durable only after this."""
        handle = os.open(self._real().parent, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

    def _real(self) -> Path:
        """The path after symbolic links are followed. If the path is a link, the link stays and the file to
        which it points is replaced.
        """
        return self.path.resolve()

    def _unwritable(self, error: OSError) -> RequestWrong:
        return RequestWrong(
            f"The key file cannot be written ({error.strerror})",
            to=str(self),
            hint="Let Bucketlift write to the folder of the key file. If the file must stay read-only, put a new key on a line "
            "before the others yourself, run `bucketlift secrets rotate`, and then remove the other lines.",
        )


def _keep_owner(former: Path, handle: int) -> None:
    """Give the new file the owner of the former one. Otherwise a rotation by an administrator would prevent
    the service from reading its key.
    """
    with suppress(FileNotFoundError):
        owner = former.stat()
        if owner.st_uid != os.geteuid():
            os.fchown(handle, owner.st_uid, owner.st_gid)


def new_key() -> bytes:
    return base64.urlsafe_b64encode(secrets.token_bytes(KEY_BYTES))


def _is_key(line: bytes) -> bool:
    try:
        return len(base64.urlsafe_b64decode(line)) == KEY_BYTES
    except (binascii.Error, ValueError):
        return False
