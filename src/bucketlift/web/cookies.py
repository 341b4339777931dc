"""Checks requests before sign-in, and sets the cookies of the page."""

from __future__ import annotations

from secrets import compare_digest
from typing import Literal
from urllib.parse import urlsplit

from fastapi import Request, Response

from bucketlift.service.people.tokens import new_token
from bucketlift.web.visit import Forged, check_origin, cookie_name

LONGEST = 2_000


def address(request: Request) -> str:
    """The client's IP address. Behind a trusted proxy, it is the address that the proxy reports."""
    return request.client.host if request.client else "unknown"


def browser(request: Request) -> str:
    return request.headers.get("user-agent", "")


def form_token(request: Request) -> str:
    """The token that a form before sign-in must send. It must be equal to the cookie; another site can set
    neither of them.
    """
    return request.cookies.get(_form_cookie(request)) or new_token()


def keep_form_token(request: Request, answer: Response, token: str) -> None:
    _set(request, answer, _form_cookie(request), token, samesite="strict")


def check_form(request: Request, token: str) -> None:
    """Check that a form before sign-in comes from our own page.

    Raises:
        Forged: the token does not match the cookie, or the cookie is missing.
    """
    check_origin(request)
    known = request.cookies.get(_form_cookie(request), "")
    if not known or not compare_digest(token.encode(), known.encode()):
        raise Forged("The form has expired or is from another browser", to=request.url.path)


def keep_session(request: Request, answer: Response, token: str) -> None:
    """Set the session cookie. It is valid until the browser is closed or the session ends."""
    _set(request, answer, cookie_name(request), token, samesite="lax")


def forget_session(request: Request, answer: Response) -> None:
    answer.delete_cookie(
        cookie_name(request), path="/", httponly=True, samesite="lax", secure=request.url.scheme == "https"
    )


def safe_redirect(address: str) -> str:
    """The page to open after sign-in: this address if it is a path of our own page, otherwise the start page."""
    plain = len(address) <= LONGEST and address.isprintable() and "\\" not in address
    if not plain or not address.startswith("/") or address.startswith("//"):
        return "/"
    parts = urlsplit(address)
    return address if not parts.scheme and not parts.netloc else "/"


def _set(
    request: Request, answer: Response, name: str, token: str, *, samesite: Literal["lax", "strict"]
) -> None:
    secure = request.url.scheme == "https"
    answer.set_cookie(name, token, httponly=True, samesite=samesite, secure=secure, path="/")


def _form_cookie(request: Request) -> str:
    return f"{cookie_name(request)}-form"
