"""Runs the system's gpg as a child process: with its own home, without a shell, a terminal or prompts."""

from __future__ import annotations

import errno
import os
import selectors
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from bucketlift.codecs.allowance import Allowance
from bucketlift.codecs.gpg_status import Statuses, parse
from bucketlift.errors import NeedsPerson, Transient

TIMEOUT = 120
"""Timeout in seconds for each call that does not process a file."""
LOOK = 0.05
"""Seconds between two checks of the size of gpg's output."""
MOST_STATUS = 1 << 20
"""Maximum bytes of gpg's status lines. A valid message produces a few hundred bytes."""
MOST_WORDS = 1 << 16
_LONGEST_PASSPHRASE = 4096
"""Maximum bytes of a passphrase. A pipe accepts this many bytes before they are read."""
_SLACK = 64 << 20
"""gpg's own output limit is higher than our limit by this many bytes, so that our check, not gpg, stops a
file that is too large.
"""
_LONGEST_SOCKET = 80
"""Maximum bytes of the home's path. A Unix socket's path is limited to about 100 bytes, and the agent adds up
to 20 to the home's path.
"""
_AGENT = "disable-scdaemon\n"
_SOCKETS = Path(f"/run/user/{os.getuid()}")
"""If this folder exists, gpg creates the socket of its agent in a folder below it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """The result of a call. ``words`` are gpg's output, which may contain names from the file, so it is never
    shown.
    """

    code: int
    statuses: Statuses
    words: bytes = b""
    out: bytes = b""


@contextmanager
def gpg_home(folder: Path) -> Iterator[Gpg]:
    """Yield a gpg with an empty keyring. Its home is below ``folder``; the home and gpg's agent are removed
    when the block ends.

    Raises:
        NeedsPerson: gpg is not installed.
    """
    program = shutil.which("gpg") or shutil.which("gpg2")
    if program is None:
        raise NeedsPerson(
            "GnuPG is not installed, but encrypted files need it",
            to="gpg",
            hint="Install GnuPG on Bucketlift's machine (apt-get install gnupg), then run the workflow again.",
        )
    home = Path(tempfile.mkdtemp(prefix="gpg-", dir=folder))
    (home / "gpg-agent.conf").write_text(_AGENT)
    with _short_name(home) as name:
        gpg = Gpg(program, name)
        try:
            yield gpg
        finally:
            gpg.stop_agent()
            shutil.rmtree(home, ignore_errors=True)


@contextmanager
def _short_name(home: Path) -> Iterator[Path]:
    """Yield the home. If its path is too long for the agent's socket, yield a link to it with a short path."""
    if len(os.fsencode(home)) <= _LONGEST_SOCKET:
        yield home
        return
    with tempfile.TemporaryDirectory(prefix="bl-") as short:
        link = Path(short) / "h"
        link.symlink_to(home, target_is_directory=True)
        yield link


class Gpg:
    """Calls gpg with one home."""

    def __init__(self, program: str, home: Path) -> None:
        self._home = home
        quiet = ("--no-tty", "--batch", "--quiet", "--no-options", "--display-charset", "utf-8")
        nowhere = ("--disable-dirmngr", "--no-auto-key-locate", "--no-auto-check-trustdb")
        self._gpg = (program, *quiet, *nowhere, "--trust-model", "always", "--pinentry-mode", "cancel")
        self._environment = {
            "PATH": os.environ.get("PATH", os.defpath),
            "GNUPGHOME": str(home),
            "HOME": str(home),
            "LC_ALL": "C",
        }

    def call(self, *options: str, given: bytes = b"") -> Ran:
        """Make a short call with ``given`` as the standard input. The result has the standard output in
        ``out``.
        """
        reading, writing = os.pipe()
        try:
            ended = subprocess.run(  # noqa: S603 - no shell; every option is ours
                (*self._gpg, "--status-fd", str(writing), *options),
                input=given,
                capture_output=True,
                env=self._environment,
                pass_fds=(writing,),
                check=False,
                timeout=TIMEOUT,
                umask=0o077,
            )
            os.close(writing)
            writing = -1
            with os.fdopen(reading, "rb", closefd=False) as lines:
                statuses = parse(lines.read(MOST_STATUS))
        except subprocess.TimeoutExpired:
            raise Transient("gpg did not answer") from None
        finally:
            os.close(reading)
            if writing >= 0:
                os.close(writing)
        return Ran(code=ended.returncode, statuses=statuses, words=ended.stderr, out=ended.stdout)

    def decrypt(
        self, encrypted: Path, to: Path, allowance: Allowance, *, verify: bool, passphrase: str | None = None
    ) -> Ran:
        """Decrypt a file to a new file. Do not trust the output before you have checked the status lines.

        ``passphrase`` decrypts messages that are encrypted with a passphrase; gpg reads it from a pipe.

        Raises:
            Refused: the output is too large, or takes too long.
            OSError: gpg's output could not be stored.
        """
        most = str(allowance.bytes + _SLACK)
        options = ("--status-fd", "1", "--max-output", most, "--yes", "--output", str(to))
        skip = () if verify else ("--skip-verify",)
        with (
            _passphrase_pipe(passphrase) as (secret, pipes),
            subprocess.Popen(  # noqa: S603 - no shell; every option is ours
                (*self._gpg, *options, *secret, *skip, "--decrypt", "--", str(encrypted)),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=self._environment,
                pass_fds=pipes,
                umask=0o077,
            ) as child,
        ):
            try:
                said, words = _watch(child, to, allowance)
            except BaseException:
                child.kill()
                raise
        allowance.check(_size(to))
        if b"No space left" in words or b"Input/output error" in words or b"quota exceeded" in words:
            raise OSError("no room")
        return Ran(code=child.returncode, statuses=parse(said), words=words)

    def encrypt(self, plain: Path, to: Path, recipients: Sequence[str], *, compress: bool) -> Ran:
        """Encrypt a file to a new file, for the keys with these fingerprints.

        Raises:
            OSError: gpg's output could not be stored.
        """
        options = ("--status-fd", "1", "--yes", "--output", str(to), "--set-filename", "")
        squeezed = () if compress else ("--compress-algo", "none")
        named = tuple(part for each in recipients for part in ("--recipient", each))
        ended = subprocess.run(  # noqa: S603 - no shell; every option is ours
            (*self._gpg, *options, *squeezed, *named, "--encrypt", "--", str(plain)),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            env=self._environment,
            check=False,
            umask=0o077,
        )
        if b"No space left" in ended.stderr or b"quota exceeded" in ended.stderr:
            raise OSError(errno.ENOSPC, "no space left for the encrypted file")
        return Ran(code=ended.returncode, statuses=parse(ended.stdout), words=ended.stderr)

    def stop_agent(self) -> None:
        """Stop gpg's agent now. It would otherwise exit within a minute after its home is removed."""
        asked = self._tool("gpg-connect-agent", "--no-autostart", "GETINFO pid", "KILLAGENT", "/bye")
        for line in asked.splitlines():
            if line.startswith(b"D ") and line[2:].isdigit():
                _reap(int(line[2:]))
        if _SOCKETS.is_dir():
            self._tool("gpgconf", "--remove-socketdir")

    def _tool(self, name: str, *arguments: str) -> bytes:
        program = shutil.which(name)
        if program is None:
            return b""
        with suppress(subprocess.TimeoutExpired):
            return subprocess.run(  # noqa: S603 - no shell; every option is ours
                (program, "--homedir", str(self._home), *arguments),
                env=self._environment,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                check=False,
                timeout=TIMEOUT,
            ).stdout
        return b""


@contextmanager
def _passphrase_pipe(passphrase: str | None) -> Iterator[tuple[tuple[str, ...], tuple[int, ...]]]:
    """Yield the options with which gpg reads the passphrase from a pipe, and the descriptor of the pipe."""
    if passphrase is None:
        yield (), ()
        return
    line = passphrase.encode() + b"\n"
    if b"\n" in line[:-1] or len(line) > _LONGEST_PASSPHRASE:
        raise NeedsPerson(
            "The secret cannot be used as a passphrase",
            to="pgp: symmetric",
            hint=f"Store a passphrase of one line and at most {_LONGEST_PASSPHRASE} bytes.",
        )
    reading, writing = os.pipe()
    try:
        os.write(writing, line)
        os.close(writing)
        yield ("--pinentry-mode", "loopback", "--passphrase-fd", str(reading)), (reading,)
    finally:
        os.close(reading)


def _reap(agent: int) -> None:
    """Wait for the end of an agent that has become our child process: as PID 1 we must do this."""
    until = time.monotonic() + 1
    with suppress(ChildProcessError):
        while os.waitpid(agent, os.WNOHANG) == (0, 0) and time.monotonic() < until:
            time.sleep(0.01)


def _watch(child: subprocess.Popen[bytes], to: Path, allowance: Allowance) -> tuple[bytes, bytes]:
    """Read gpg's two output channels until both are closed. Each is read up to its limit."""
    assert child.stdout is not None  # noqa: S101 - they are pipes
    assert child.stderr is not None  # noqa: S101
    said, words = bytearray(), bytearray()
    with selectors.DefaultSelector() as ways:
        ways.register(child.stdout, selectors.EVENT_READ, (said, MOST_STATUS))
        ways.register(child.stderr, selectors.EVENT_READ, (words, MOST_WORDS))
        while ways.get_map():
            for ready, _ in ways.select(LOOK):
                heard, most = ready.data
                piece = os.read(ready.fd, 1 << 16)
                if not piece:
                    ways.unregister(ready.fileobj)
                heard += piece[: most - len(heard)]
            allowance.check(_size(to))
    return bytes(said), bytes(words)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except FileNotFoundError:
        return 0
