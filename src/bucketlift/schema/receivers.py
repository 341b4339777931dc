"""The settings of HTTP receivers in the workflow file."""

from __future__ import annotations

from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from bucketlift.model.account import BasicAuth, BearerAuth, HeaderAuth, HttpAuth, HttpDestination
from bucketlift.schema.secret_refs import Secret
from bucketlift.schema.shape import Shape, exactly_one, invalid
from bucketlift.schema.values import Text, written_as

_LOOPBACK = {"localhost", "127.0.0.1", "::1"}


class BasicShape(Shape):
    """A user and a password, which authorize requests."""

    user: Text
    password: Secret


class HeaderShape(Shape):
    """A header whose value is a secret that authorizes requests."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9!#$%&'*+.^_`|~-]+$")]
    value: Secret


class AuthShape(Shape, model=HttpAuth):
    """The secret that authorizes requests: a bearer token, a user with a password, or a header with a secret
    value.
    """

    bearer: Secret | None = None
    basic: BasicShape | None = None
    header: HeaderShape | None = None

    _one = exactly_one(
        *("bearer", "basic", "header"),
        what="`auth` has exactly one of `bearer`, `basic` and `header`",
        hint="Write auth: {bearer: {secret: NAME}}.",
    )

    def to_model(self) -> HttpAuth:
        if self.basic is not None:
            return BasicAuth(user=self.basic.user, password=self.basic.password)
        if self.header is not None:
            return HeaderAuth(header=self.header.name, value=self.header.value)
        assert self.bearer is not None  # noqa: S101 - exactly one is given
        return BearerAuth(bearer=self.bearer)

    @classmethod
    def from_model(cls, value: HttpAuth) -> AuthShape:
        match value:
            case BearerAuth():
                return cls.without_defaults(bearer=value.bearer)
            case BasicAuth():
                basic = BasicShape.without_defaults(user=value.user, password=value.password)
                return cls.without_defaults(basic=basic)
            case HeaderAuth():
                header = HeaderShape.without_defaults(name=value.header, value=value.value)
                return cls.without_defaults(header=header)


def _receiver(value: str) -> str:
    try:
        parts = urlsplit(value)
        sound = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        sound = False
    if not sound or parts.fragment:
        raise invalid("not the address of a receiver", "It looks like https://example.com/rows.")
    if parts.username is not None or parts.password is not None:
        raise invalid(
            "an address must not contain a secret", "Write auth: {basic: {user: NAME, password: ...}}."
        )
    if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
        raise invalid("rows and secrets are sent only over https", "Write https://.")
    return value


class HttpShape(Shape, model=HttpDestination):
    """An HTTP receiver of rows. Each request is a POST with a JSON array of rows."""

    kind: Literal["http"]
    url: Annotated[str, AfterValidator(_receiver)]
    auth: Annotated[HttpAuth, written_as(AuthShape)] | None = None
    idempotent: bool = False
    timeout: Annotated[int, Field(ge=1, le=600)] = 60
    max_parallel: Annotated[int, Field(ge=1)] | None = None
