"""The pages of workflows: the list, the editor, what begins one, switching it on, and looking without touching."""

from __future__ import annotations

from fastapi import APIRouter

from bucketlift.web.workflows import calls, dry_run, editor, lists, switching, triggers, whole

router = APIRouter()
for part in (calls, lists, triggers, switching, dry_run, whole, editor):
    router.include_router(part.router)

__all__ = ["router"]
