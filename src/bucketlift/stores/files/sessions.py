"""A few SFTP sessions, which several threads share."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bucketlift.errors import BucketliftError, StoreUnavailable
from bucketlift.stores.sftp_session import SftpLogin, SftpRefused, open_session

if TYPE_CHECKING:
    import paramiko

MOST = 4
"""Maximum number of sessions that are open at the same time, because servers limit how many connections may
sign in at once.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Session:
    client: paramiko.SFTPClient
    stack: ExitStack

    @property
    def is_alive(self) -> bool:
        channel = self.client.get_channel()
        return not channel.closed and channel.get_transport().is_active()


class Sessions:
    """Lends each thread its own session, because a session is not thread-safe. If a thread asks again before
    it returns the session, it gets the same one.
    """

    def __init__(self, login: SftpLogin) -> None:
        self._login = login
        self._free: list[_Session] = []
        self._lock = threading.Lock()
        self._room = threading.BoundedSemaphore(MOST)
        self._mine = threading.local()

    @contextmanager
    def one(self) -> Iterator[paramiko.SFTPClient]:
        mine: _Session | None = getattr(self._mine, "session", None)
        if mine is not None:
            yield mine.client
            return
        with self._room:
            session = self._taken()
            self._mine.session = session
            is_sound = False
            try:
                yield session.client
                is_sound = True
            except (SftpRefused, FileNotFoundError, FileExistsError, BucketliftError) as error:
                is_sound = not isinstance(error, StoreUnavailable)
                raise
            finally:
                self._mine.session = None
                self._put_back(session, is_sound=is_sound)

    def close(self) -> None:
        with self._lock:
            free, self._free = self._free, []
        for session in free:
            session.stack.close()

    def _taken(self) -> _Session:
        while True:
            with self._lock:
                session = self._free.pop() if self._free else None
            if session is None:
                break
            if session.is_alive:
                return session
            session.stack.close()
        stack = ExitStack()
        return _Session(client=stack.enter_context(open_session(self._login)), stack=stack)

    def _put_back(self, session: _Session, *, is_sound: bool) -> None:
        if not is_sound:
            session.stack.close()
            return
        with self._lock:
            self._free.append(session)
