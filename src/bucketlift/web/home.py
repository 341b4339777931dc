"""Redirects the address / to the list of workflows."""

from __future__ import annotations

from fastapi import APIRouter
from fastapi.responses import RedirectResponse

from bucketlift.web.visit import Seeing

router = APIRouter()


@router.get("/")
def home(visit: Seeing) -> RedirectResponse:  # noqa: ARG001 - requires sign-in
    return RedirectResponse("/workflows", status_code=303)
