"""The page of secrets. A secret can be set and replaced, and is never shown."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Form, Request, Response

from bucketlift.errors import BucketliftError, RequestWrong
from bucketlift.service.secrets import secrets
from bucketlift.vault.vault import KEYS
from bucketlift.web.render import go, render
from bucketlift.web.visit import Administering, Visit

router = APIRouter(prefix="/secrets")
Text = Annotated[str, Form()]


@router.get("")
def show(request: Request, visit: Administering) -> Response:
    return _list(request, visit)


@router.post("/set")
def set_secret(request: Request, visit: Administering, name: Text = "", value: Text = "") -> Response:
    """Store a new secret, or replace the value of one."""
    name = name.strip()
    try:
        if not name or not value:
            missing = "name" if not name else "value"
            raise RequestWrong(f"The {missing} of the secret is missing", hint=f"Enter a {missing}.")
        secrets.put(visit.app, name, value)
    except BucketliftError as error:
        return _list(request, visit, problem=error, name=name)
    return go(request, "/secrets", f"The secret {name} is set.")


@router.post("/delete")
def delete(request: Request, visit: Administering, name: Text = "") -> Response:
    try:
        secrets.delete(visit.app, name)
    except BucketliftError as error:
        return _list(request, visit, problem=error)
    return go(request, "/secrets", f"The secret {name} is deleted.")


def _list(
    request: Request, visit: Visit, *, problem: BucketliftError | None = None, name: str = ""
) -> Response:
    stored = visit.app.vault.names()
    found = [
        (each, each in stored, using)
        for each, using in sorted(secrets.users(visit.app).items())
        if not each.startswith(KEYS)
    ]
    status = 422 if problem else 200
    return render(request, "keys/secrets.html", status=status, found=found, problem=problem, name=name)
