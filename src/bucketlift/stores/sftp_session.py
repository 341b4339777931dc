"""Opens SFTP sessions to servers whose host key must be known before."""

from __future__ import annotations

import base64
import errno
import hashlib
import io
import socket
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bucketlift.errors import AccessRefused, BucketliftError, NeedsPerson, NotFound, StoreUnavailable
from bucketlift.rules.legible import legible

if TYPE_CHECKING:
    import paramiko

DEFAULT_PORT = 22
KEEP_ALIVE = 30
"""Seconds between two keep-alive messages. A message that fails shows that the connection is lost."""
_RSA = ("rsa-sha2-512", "rsa-sha2-256")
"""The signature algorithms for an RSA key. The type of the key itself is ssh-rsa."""
_LONGEST_WORDS = 200
_FULL = frozenset({14, 15})
"""The error codes for a full disk: SSH_FX_NO_SPACE_ON_FILESYSTEM and SSH_FX_QUOTA_EXCEEDED."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SftpLogin:
    """The server's address, and how to sign in: with a private key or a password."""

    host: str
    port: int = DEFAULT_PORT
    user: str
    host_keys: tuple[str, ...]
    """The accepted host keys of the server, each as ``ssh-ed25519 AAAA...``."""
    private_key: str | None = field(default=None, repr=False)
    """The private key, in OpenSSH's format or as PEM, without a passphrase."""
    password: str | None = field(default=None, repr=False)

    def __str__(self) -> str:
        return f"sftp://{self.user}@{self.host}:{self.port}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SftpTimeouts:
    """Time limits in seconds. ``answer`` is the maximum wait for one answer of the server."""

    connect: float = 15
    answer: float = 60


USUAL = SftpTimeouts()


class SftpRefused(OSError):
    """The server refused a request. ``code`` is its SSH_FX code; ``errno`` is set if a path or a permission
    is missing.
    """

    def __init__(self, code: int, words: str) -> None:
        super().__init__(_ERRNO.get(code), f"SSH_FX code {code}: {legible(words)[:_LONGEST_WORDS]}")
        self.code = code


_ERRNO = {2: errno.ENOENT, 3: errno.EACCES, 8: errno.EOPNOTSUPP, 11: errno.EEXIST}


@contextmanager
def open_session(login: SftpLogin, timeouts: SftpTimeouts = USUAL) -> Iterator[paramiko.SFTPClient]:
    """Open a session in the folder in which the server starts it. The session is closed when the block ends.

    The server's key is compared before anything secret is sent. The session's calls raise ``SftpRefused``,
    and other errors that ``translated`` handles.

    Raises:
        StoreUnavailable: the server cannot be reached, or it ended the connection.
        AccessRefused: the server has another key, or refuses to sign in.
        NeedsPerson: a key of the settings cannot be read.
    """
    with translated(str(login)), _connected(login, timeouts) as transport:
        _require_known_key(login, transport)
        _sign_in(login, transport)
        yield _client(transport, timeouts)


@contextmanager
def translated(to: str) -> Iterator[None]:
    """Translate the errors of a session in the block. Bucketlift's own errors are raised unchanged.

    Raises:
        NotFound: a path does not exist.
        AccessRefused: the server refuses a path, or the account.
        StoreUnavailable: any other error, such as a full disk; the next attempt may succeed.
    """
    import paramiko  # noqa: PLC0415 - only for SFTP

    try:
        yield
    except BucketliftError:
        raise
    except (paramiko.SSHException, paramiko.SFTPError, EOFError, OSError) as error:
        raise translate(error, to) from error


def translate(error: Exception, to: str) -> BucketliftError:
    """Translate an error of a session. The server's code and words are added to our hint."""
    if not isinstance(error, SftpRefused):
        words = legible(str(error))[:_LONGEST_WORDS] or "no words"
        what = f"The SFTP server does not answer ({type(error).__name__}: {words})"
        return StoreUnavailable(what, to=to, hint="Check its host and port, and whether it is running.")
    words = str(error.strerror)
    if error.errno == errno.ENOENT:
        hint = f"Create the folder, or correct the path. The server's answer: {words}"
        return NotFound("No such path on the SFTP server", to=to, hint=hint)
    if error.errno == errno.EACCES:
        hint = f"Grant the user the right to this folder. The server's answer: {words}"
        return AccessRefused("The SFTP server refuses access to a path", to=to, hint=hint)
    if error.code in _FULL:
        hint = f"Make room on the server. The server's answer: {words}"
        return StoreUnavailable("The SFTP server has no space left", to=to, hint=hint)
    hint = f"Check the free space and the limits of the server. The server's answer: {words}"
    return StoreUnavailable("The SFTP server refused a request", to=to, hint=hint)


def fingerprint(key: bytes) -> str:
    """The fingerprint of a public key, as ``ssh-keygen -l`` shows it."""
    return "SHA256:" + base64.b64encode(hashlib.sha256(key).digest()).decode().rstrip("=")


def parse_host_key(text: str) -> tuple[str, bytes]:
    """The type and the bytes of a host key such as ``ssh-ed25519 AAAA...``; a comment after the key is
    ignored.

    Raises:
        ValueError: the text is not a public key.
    """
    kind, encoded = text.split()[:2]
    key = base64.b64decode(encoded, validate=True)
    length = int.from_bytes(key[:4])
    if key[4 : 4 + length] != kind.encode() or len(key) <= 4 + length:
        raise ValueError(kind)
    return kind, key


@contextmanager
def _connected(login: SftpLogin, timeouts: SftpTimeouts) -> Iterator[paramiko.Transport]:
    import paramiko  # noqa: PLC0415 - only for SFTP

    with socket.create_connection((login.host, login.port), timeout=timeouts.connect) as connection:
        transport = paramiko.Transport(connection)
        transport.banner_timeout = transport.handshake_timeout = transport.auth_timeout = timeouts.connect
        transport.channel_timeout = timeouts.connect
        transport.get_security_options().key_types = _algorithms(login)
        try:
            _shake_hands(login, transport, timeouts)
            transport.set_keepalive(KEEP_ALIVE)
            yield transport
        finally:
            transport.close()


def _shake_hands(login: SftpLogin, transport: paramiko.Transport, timeouts: SftpTimeouts) -> None:
    import paramiko  # noqa: PLC0415 - only for SFTP

    try:
        transport.start_client(timeout=timeouts.connect)
    except paramiko.ssh_exception.IncompatiblePeer as error:
        if "host key" not in str(error):
            raise
        raise _other_key(login, "it has no key of this type") from error


def _algorithms(login: SftpLogin) -> tuple[str, ...]:
    """The signature algorithms of the accepted host keys. With one of these, the server proves that it has
    the key.
    """
    found: dict[str, None] = {}
    for text in login.host_keys:
        try:
            kind, _ = parse_host_key(text)
        except ValueError:
            hint = (
                "Copy it from `ssh-keyscan HOST`, and compare it with what the server's operator tells you."
            )
            raise NeedsPerson("The host key cannot be read", to=str(login), hint=hint) from None
        found |= dict.fromkeys(_RSA if kind == "ssh-rsa" else (kind,))
    return tuple(found)


def _require_known_key(login: SftpLogin, transport: paramiko.Transport) -> None:
    key = transport.get_remote_server_key().asbytes()
    if key not in [parse_host_key(text)[1] for text in login.host_keys]:
        raise _other_key(login, f"its key has the fingerprint {fingerprint(key)}")


def _other_key(login: SftpLogin, found: str) -> AccessRefused:
    known = ", ".join(fingerprint(parse_host_key(text)[1]) for text in login.host_keys)
    return AccessRefused(
        f"The SFTP server does not have the key of the settings: {found}, not {known}",
        to=str(login),
        hint="Another server may pretend to be it. Ask the server's operator whether its key was changed. If it was, set "
        "`host_key` to the new key.",
    )


def _sign_in(login: SftpLogin, transport: paramiko.Transport) -> None:
    import paramiko  # noqa: PLC0415 - only for SFTP

    try:
        if login.private_key is not None:
            left = transport.auth_publickey(login.user, _private_key(login.private_key, str(login)))
        else:
            left = transport.auth_password(login.user, login.password or "")
    except paramiko.BadAuthenticationType as error:
        raise _not_signed_in(login, f"it accepts only {', '.join(error.allowed_types)}") from error
    except paramiko.AuthenticationException as error:
        raise _not_signed_in(login, type(error).__name__) from error
    if left:
        raise _not_signed_in(login, f"it also requires {', '.join(left)}")


def _not_signed_in(login: SftpLogin, why: str) -> AccessRefused:
    way = "private_key" if login.private_key is not None else "password"
    hint = f"Check `user` and `{way}`, and that the server knows this user's {way.removeprefix('private_')}."
    return AccessRefused(f"The SFTP server does not accept the user ({why})", to=str(login), hint=hint)


def _private_key(text: str, to: str) -> paramiko.PKey:
    import paramiko  # noqa: PLC0415 - only for SFTP

    for kind in (paramiko.Ed25519Key, paramiko.ECDSAKey, paramiko.RSAKey):
        with suppress(paramiko.SSHException, ValueError, IndexError, TypeError):
            key: paramiko.PKey = kind.from_private_key(io.StringIO(text.strip() + "\n"))
            return key
    raise NeedsPerson(
        "The private key cannot be read",
        to=to,
        hint="It is the whole file that `ssh-keygen -t ed25519 -N ''` writes, without a passphrase.",
    )


def _client(transport: paramiko.Transport, timeouts: SftpTimeouts) -> paramiko.SFTPClient:
    import paramiko  # noqa: PLC0415 - only for SFTP

    class Client(paramiko.SFTPClient):  # type: ignore[misc] # the library has no types
        """A client that keeps the server's error codes, which paramiko drops."""

        def _convert_status(self, message: Any) -> None:
            code, words = message.get_int(), message.get_text()
            if code == paramiko.sftp.SFTP_EOF:
                raise EOFError(words)
            if code != paramiko.sftp.SFTP_OK:
                raise SftpRefused(code, words)

    client = Client.from_transport(transport)
    if client is None:
        raise paramiko.SSHException("the server offers no SFTP")
    client.get_channel().settimeout(timeouts.answer)
    return client
