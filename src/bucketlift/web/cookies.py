"""Requests before sign-in, and the cookies of the page."""

from __future__ import annotations

from secrets import compare_digest
from urllib.parse import urlsplit

from fastapi import Request, Response

from bucketlift.service.people.tokens import new_token
from bucketlift.web.visit import Forged, check_origin, cookie_name

LONGEST = 2_000


def address(request: Request) -> str:
    """The client's IP address; behind a trusted proxy, the address that the proxy reports."""
    return request.client.host if request.client else "unknown"


def browser(request: Request) -> str:
    return request.headers.get("user-agent", "")


def form_token(request: Request) -> str:
    """The token that a form before sign-in must send, equal to the cookie. Another site cannot set either."""
    return request.cookies.get(_form_cookie(request)) or new_token()


def keep_form_token(request: Request, answer: Response, token: str) -> None:
    answer.set_cookie(
        _form_cookie(request),
        token,
        httponly=True,
        samesite="strict",
        secure=request.url.scheme == "https",
        path="/",
    )


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
    """Set the session cookie, valid until the browser is closed or the session ends."""
    answer.set_cookie(
        cookie_name(request),
        token,
        httponly=True,
        samesite="lax",
        secure=request.url.scheme == "https",
        path="/",
    )


def forget_session(request: Request, answer: Response) -> None:
    answer.delete_cookie(
        cookie_name(request), path="/", httponly=True, samesite="lax", secure=request.url.scheme == "https"
    )


def safe_redirect(address: str) -> str:
    """The page to open after sign-in: the address if it is a path of this page, else the start page."""
    plain = len(address) <= LONGEST and address.isprintable() and "\\" not in address
    if not plain or not address.startswith("/") or address.startswith("//"):
        return "/"
    parts = urlsplit(address)
    return address if not parts.scheme and not parts.netloc else "/"


def _form_cookie(request: Request) -> str:
    return f"{cookie_name(request)}-form"
