"""What a browser sends before anybody is signed in, and the cookies it is given."""

from __future__ import annotations

from secrets import compare_digest
from urllib.parse import urlsplit

from fastapi import Request, Response

from bucketlift.service.people.tokens import new_token
from bucketlift.web.visit import Forged, check_origin, cookie_name

LONGEST = 2_000


def address(request: Request) -> str:
    """Where the request comes from; behind a trusted proxy, what that says."""
    return request.client.host if request.client else "unknown"


def browser(request: Request) -> str:
    return request.headers.get("user-agent", "")


def form_token(request: Request) -> str:
    """What a form of somebody unknown must bring, as must the cookie: another site can set neither."""
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


def check_form(request: Request, told: str) -> None:
    """Whether a form of somebody unknown comes from a page of ours.

    Raises:
        Forged: it does not, or the cookie is gone.
    """
    check_origin(request)
    known = request.cookies.get(_form_cookie(request), "")
    if not known or not compare_digest(told.encode(), known.encode()):
        raise Forged("The form is from another browser, or too old", to=request.url.path)


def keep_session(request: Request, answer: Response, token: str) -> None:
    """Until the browser is closed, or the session ends here."""
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


def wanted(address: str) -> str:
    """Where to go after signing in: a page of ours, whatever the address says."""
    plain = len(address) <= LONGEST and address.isprintable() and "\\" not in address
    if not plain or not address.startswith("/") or address.startswith("//"):
        return "/"
    parts = urlsplit(address)
    return address if not parts.scheme and not parts.netloc else "/"


def _form_cookie(request: Request) -> str:
    return f"{cookie_name(request)}-form"
