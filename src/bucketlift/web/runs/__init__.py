"""The pages of runs: the history, and one run with live updates."""

from fastapi import APIRouter

from bucketlift.web.runs import events, history, one

router = APIRouter()
for part in (history, events, one):
    router.include_router(part.router)
