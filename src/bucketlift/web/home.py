"""The page that an address without a path leads to."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import RedirectResponse

from bucketlift.web.visit import Seeing

router = APIRouter()


@router.get("/")
def home(visit: Seeing) -> RedirectResponse:  # noqa: ARG001 - who is not signed in is led to sign in
    return RedirectResponse("/workflows", status_code=303)
