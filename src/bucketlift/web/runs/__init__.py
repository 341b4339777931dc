"""Runs: those of the past, and one while it is under way."""

from fastapi import APIRouter

from bucketlift.web.runs import events, history, one

router = APIRouter()
for part in (history, events, one):
    router.include_router(part.router)
