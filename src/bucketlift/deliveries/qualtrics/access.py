"""What authorizes calls: an API token, or an access token for client credentials."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol
from urllib.parse import urlencode

from bucketlift.deliveries.requests import Caller, Lost
from bucketlift.errors import AccessRefused
from bucketlift.ports import NotSent

_EARLY = 60.0
"""Seconds before its end at which an access token is replaced."""
_DEFAULT_LIFE = 300.0


class Access(Protocol):
    @property
    def secrets(self) -> tuple[str, ...]:
        """All secrets that an answer could repeat."""
        ...

    def headers(self, caller: Caller) -> Mapping[str, str]:
        """The headers that authorize a call."""
        ...

    def renew(self) -> bool:
        """Forget an access token that was refused. False: there is none, so a repeat is useless."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """An API token of a user."""

    token: str

    @property
    def secrets(self) -> tuple[str, ...]:
        return (self.token,)

    def headers(self, caller: Caller) -> Mapping[str, str]:  # noqa: ARG002 - it needs no call
        return {"X-API-TOKEN": self.token}

    def renew(self) -> bool:
        return False


@dataclass(slots=True, kw_only=True)
class Client:
    """An OAuth client, whose access tokens are valid for a short time."""

    id: str
    secret: str
    scopes: tuple[str, ...]
    _token: str = field(default="", repr=False)
    _until: float = 0.0

    @property
    def secrets(self) -> tuple[str, ...]:
        return (self.secret, self._basic(), self._token)

    def headers(self, caller: Caller) -> Mapping[str, str]:
        if not self._token or time.monotonic() > self._until:
            self._request(caller)
        return {"Authorization": f"Bearer {self._token}"}

    def renew(self) -> bool:
        known, self._token = self._token, ""
        return bool(known)

    def _basic(self) -> str:
        return base64.b64encode(f"{self.id}:{self.secret}".encode()).decode()

    def _request(self, caller: Caller) -> None:
        """Request an access token.

        Raises:
            NotSent: the platform cannot be reached now. A request for a token takes no effect.
            AccessRefused: it does not accept the client, its secret or the scopes.
        """
        asked = {"grant_type": "client_credentials", "scope": " ".join(self.scopes)}
        headers = {
            "Authorization": f"Basic {self._basic()}",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        try:
            received = caller.call(
                "POST", "/oauth2/token", headers, urlencode(asked).encode()
            ).require_whole()
        except Lost as error:
            raise NotSent(f"The platform gave no access token: {error}", to=caller.base) from None
        if received.status == 429 or received.status >= 500:
            raise NotSent(f"The platform gave no access token ({received.status})", to=caller.base)
        try:
            answer = json.loads(received.body)
            self._token = str(answer["access_token"])
            life = float(answer.get("expires_in", _DEFAULT_LIFE))
        except (ValueError, KeyError, TypeError, AttributeError):
            raise AccessRefused(
                f"The platform gave no access token ({received.status})",
                to=caller.base,
                hint="Check `client`, `client_secret` and `scopes` of the destination.",
            ) from None
        self._until = time.monotonic() + max(life - _EARLY, life / 2)
