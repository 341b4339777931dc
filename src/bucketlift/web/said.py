"""What the last action did, which the next page shows once. A cookie keeps it until then."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any
from urllib.parse import quote, unquote

from fastapi import Request, Response

from bucketlift.web.visit import cookie_name

LONGEST = 500
SECONDS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    what: str
    undo: str = ""
    """The path to which a form is sent that undoes the action; empty if it cannot be undone."""


def of(request: Request) -> Done | None:
    """What the last action of this browser did."""
    text = unquote(request.cookies.get(_name(request), ""))
    try:
        found: Any = json.loads(text) if 0 < len(text) <= LONGEST else None
        done = Done(what=str(found["what"]), undo=str(found["undo"]))
    except (ValueError, TypeError, KeyError):
        return None
    is_ours = done.undo.startswith("/") and not done.undo.startswith("//")
    return done if is_ours or not done.undo else Done(what=done.what)


def keep(request: Request, answer: Response, done: Done) -> None:
    secure = request.url.scheme == "https"
    value = quote(json.dumps(asdict(done)), safe="")
    answer.set_cookie(
        _name(request), value, max_age=SECONDS, httponly=True, samesite="lax", secure=secure, path="/"
    )


def forget(request: Request, answer: Response) -> None:
    secure = request.url.scheme == "https"
    answer.delete_cookie(_name(request), path="/", httponly=True, samesite="lax", secure=secure)


def _name(request: Request) -> str:
    return f"{cookie_name(request)}-done"
