"""The pages of workflows: list, editor, triggers, switching on, and dry run."""

from __future__ import annotations

from fastapi import APIRouter

from bucketlift.web.workflows import (
    calls,
    checking,
    dry_run,
    editor,
    importing,
    lists,
    notices,
    switching,
    triggers,
    verifying,
    whole,
)

router = APIRouter()
for part in (
    calls,
    checking,
    verifying,
    importing,
    lists,
    triggers,
    switching,
    dry_run,
    whole,
    notices,
    editor,
):
    router.include_router(part.router)

__all__ = ["router"]
